// SPDX-License-Identifier: BSD-3-Clause
// Networks as JSON and weights as CSV: round trips, and errors that name file, field and place.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "ncx/compiler.hpp"
#include "ncx/error.hpp"
#include "ncx/network.hpp"
#include "ncx/random_network.hpp"

namespace ncx {
namespace {

using Catch::Matchers::Contains;

constexpr const char* kSmall = R"({
  "name": "small",
  "populations": [
    {"name": "hidden", "size": 2, "parameters": {"threshold": [1, 2.5], "leak": "inf"}},
    {"name": "out", "size": 3, "winner_take_all": true, "v_init": 0.25,
     "parameters": {"leak_mode": "exponential", "leak": 0.9, "current_decay": 0.5, "refractory": 3,
                    "refractory_hold": true, "soft_reset": [true, false, true], "theta_plus": 0.125,
                    "theta_decay": 0.75, "v_reset": -1, "v_rest": -0.5}}
  ],
  "axons": [{"name": "in", "size": 2, "rates": [0, 256]}, {"name": "host", "size": 1}],
  "projections": [
    {"name": "a", "pre": "in", "post": "hidden", "pre_index": [0, 1], "post_index": [1, 0],
     "weight": [0.5, -2], "delay": [1, 4], "plastic": true, "format": "sparse"},
    {"pre": "hidden", "post": "out", "pre_index": [1, 1], "post_index": [0, 2], "weight": 1.5,
     "delay": 2}
  ]
})";

constexpr const char* kLearning = R"({
  "name": "learning",
  "populations": [{"name": "p", "size": 2, "refractory_init": [0, 3]}],
  "profiles": [
    {"name": "stdp", "pre_taps": [1, 0.5], "post_taps": [0.25], "drift": [-0.125], "w_min": -2,
     "newest": true, "rounding": "stochastic", "enabled": false},
    {"name": "instar", "rule": "instar", "traces": "exponential", "pre_amplitude": 1.5,
     "pre_decay": 0.75, "w_max": 1, "instar_shift": 6, "modulated": true, "rounding": "down"},
    {}
  ],
  "projections": [
    {"name": "masked", "pre": "p", "post": "p", "pre_index": [0, 1], "post_index": [1, 0],
     "weight": 0.5, "plastic": [1, 0], "profile": "instar"},
    {"name": "all", "pre": "p", "post": "p", "pre_index": [0], "post_index": [1], "weight": 1,
     "plastic": true, "profile": "stdp"},
    {"name": "none", "pre": "p", "post": "p", "pre_index": [0], "post_index": [1], "weight": 1}
  ],
  "past": {"spiked": [1], "history": [2, 5], "age": 3}
})";

bool same_profile(const LearningProfile& a, const LearningProfile& b) {
  return a.name == b.name && a.rule == b.rule && a.traces == b.traces && a.newest == b.newest &&
         a.pre_taps == b.pre_taps && a.post_taps == b.post_taps &&
         a.pre_amplitude == b.pre_amplitude && a.post_amplitude == b.post_amplitude &&
         a.pre_decay == b.pre_decay && a.post_decay == b.post_decay && a.drift == b.drift &&
         a.w_min == b.w_min && a.w_max == b.w_max && a.instar_shift == b.instar_shift &&
         a.rounding == b.rounding && a.modulated == b.modulated && a.enabled == b.enabled;
}

bool same_past(const Network::Past& a, const Network::Past& b) {
  return a.spiked == b.spiked && a.history == b.history && a.age == b.age;
}

bool same(const Network& a, const Network& b) {
  if (a.name() != b.name() || a.populations().size() != b.populations().size() ||
      a.axon_groups().size() != b.axon_groups().size() ||
      a.projections().size() != b.projections().size() || !same_past(a.past(), b.past()) ||
      !std::equal(a.profiles().begin(), a.profiles().end(), b.profiles().begin(),
                  b.profiles().end(), same_profile)) {
    return false;
  }
  for (std::size_t i = 0; i < a.populations().size(); ++i) {
    const Population& p = a.populations()[i];
    const Population& q = b.populations()[i];
    if (p.name != q.name || p.first != q.first || p.size != q.size ||
        p.parameters != q.parameters || p.v_init != q.v_init ||
        p.refractory_init != q.refractory_init || p.winner_take_all != q.winner_take_all) {
      return false;
    }
  }
  for (std::size_t i = 0; i < a.axon_groups().size(); ++i) {
    const AxonGroup& p = a.axon_groups()[i];
    const AxonGroup& q = b.axon_groups()[i];
    if (p.name != q.name || p.first != q.first || p.size != q.size || p.rates != q.rates) {
      return false;
    }
  }
  for (std::size_t i = 0; i < a.projections().size(); ++i) {
    const Projection& p = a.projections()[i];
    const Projection& q = b.projections()[i];
    if (p.name != q.name || p.pre_is_axon != q.pre_is_axon || p.pre != q.pre || p.post != q.post ||
        p.pre_index != q.pre_index || p.post_index != q.post_index || p.weight != q.weight ||
        p.delay != q.delay || p.plastic != q.plastic || p.plastic_mask != q.plastic_mask ||
        p.profile != q.profile || p.format != q.format) {
      return false;
    }
  }
  return true;
}

/// kSmall with `from` replaced by `to`.
std::string edited(const std::string& from, const std::string& to) {
  std::string text = kSmall;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// A folder of its own that goes away with the test.
class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() / ("ncx_csv_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

Network from_csv(const Folder& folder, const std::string& csv, const std::string& more = "") {
  folder.write("w.csv", csv);
  const std::string json = R"({"populations": [{"name": "p", "size": 3}],
    "axons": [{"name": "in", "size": 2}],
    "projections": [{"name": "x", "pre": "in", "post": "p", "weights_csv": "w.csv")" +
                           more + "}]}";
  return Network::from_json(json, folder.file("net.json"));
}

}  // namespace

TEST_CASE("every JSON field arrives") {
  const Network network = Network::from_json(kSmall, "net.json");
  REQUIRE(network.name() == "small");
  REQUIRE(network.neurons() == 5);
  REQUIRE(network.axons() == 3);
  const Population& hidden = network.populations()[0];
  REQUIRE(hidden.parameters.size() == 2);
  REQUIRE(hidden.parameters[0].threshold == 1.0);
  REQUIRE(hidden.parameters[1].threshold == 2.5);
  REQUIRE(hidden.parameters[1].leak == std::numeric_limits<double>::infinity());
  REQUIRE_FALSE(hidden.winner_take_all);
  const Population& out = network.populations()[1];
  NeuronParameters expected;
  expected.v_reset = -1.0;
  expected.v_rest = -0.5;
  expected.leak_mode = Leak::kExponential;
  expected.leak = 0.9;
  expected.current_decay = 0.5;
  expected.refractory = 3;
  expected.refractory_hold = true;
  expected.soft_reset = true;
  expected.theta_plus = 0.125;
  expected.theta_decay = 0.75;
  REQUIRE(out.parameters.size() == 3);
  REQUIRE(out.parameters[0] == expected);
  REQUIRE_FALSE(out.parameters[1].soft_reset);
  REQUIRE(out.v_init == std::vector<double>(3, 0.25));
  REQUIRE(out.winner_take_all);
  REQUIRE(network.axon_groups()[0].rates == std::vector<std::uint16_t>{0, 256});
  REQUIRE(network.axon_groups()[1].rates.empty());
  const Projection& a = network.projections()[0];
  REQUIRE(a.pre_is_axon);
  REQUIRE(a.weight == std::vector<double>{0.5, -2.0});
  REQUIRE(a.delay == std::vector<std::uint32_t>{1, 4});
  REQUIRE(a.plastic);
  REQUIRE(a.format == Format::kSparse);
  const Projection& b = network.projections()[1];
  REQUIRE_FALSE(b.pre_is_axon);
  REQUIRE(b.name == "hidden->out");
  REQUIRE(b.weight == std::vector<double>{1.5, 1.5});
  REQUIRE(b.delay == std::vector<std::uint32_t>{2, 2});
}

TEST_CASE("a network survives the way to JSON and back") {
  const Network small = Network::from_json(kSmall, "net.json");
  REQUIRE(same(small, Network::from_json(small.to_json(), "again.json")));
  REQUIRE(same(Network("empty"), Network::from_json(Network("empty").to_json(), "empty.json")));
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const Network network = random_network(Geometry::named("tiny"), seed);
    const std::string text = network.to_json();
    const Network again = Network::from_json(text, "random.json");
    REQUIRE(same(network, again));
    REQUIRE(again.to_json() == text);
  }
}

TEST_CASE("the grid of a network goes into its JSON and decides what is compiled") {
  Network network = Network::from_json(kSmall, "net.json");
  REQUIRE_FALSE(network.fraction_bits());
  REQUIRE(network.to_json().find("fraction_bits") == std::string::npos);
  network.set_fraction_bits(7);
  const Network again = Network::from_json(network.to_json(), "again.json");
  REQUIRE(again.fraction_bits() == 7U);
  const auto geometry = Geometry::named("tiny");
  REQUIRE(ncx::compile(again, geometry).image.fraction_bits == 7);
  ncx::CompileOptions options;
  options.fraction_bits = 5;
  REQUIRE(ncx::compile(again, geometry, options).image.fraction_bits == 5);
}

TEST_CASE("learning and the past arrive and survive the way to JSON and back") {
  const Network network = Network::from_json(kLearning, "net.json");
  REQUIRE(network.profiles().size() == 3);
  LearningProfile stdp;
  stdp.name = "stdp";
  stdp.pre_taps = {1.0, 0.5};
  stdp.post_taps = {0.25};
  stdp.drift = {-0.125};
  stdp.w_min = -2.0;
  stdp.newest = true;
  stdp.rounding = Rounding::kStochastic;
  stdp.enabled = false;
  REQUIRE(same_profile(network.profiles()[0], stdp));
  LearningProfile instar;
  instar.name = "instar";
  instar.rule = Rule::kInstar;
  instar.traces = Traces::kExponential;
  instar.pre_amplitude = 1.5;
  instar.pre_decay = 0.75;
  instar.w_max = 1.0;
  instar.instar_shift = 6;
  instar.modulated = true;
  instar.rounding = Rounding::kDown;
  REQUIRE(same_profile(network.profiles()[1], instar));
  LearningProfile plain;
  plain.name = "profile2";
  REQUIRE(same_profile(network.profiles()[2], plain));
  const Projection& masked = network.projections()[0];
  REQUIRE(masked.plastic);
  REQUIRE(masked.plastic_mask == std::vector<std::uint8_t>{1, 0});
  REQUIRE(masked.profile == 1);
  REQUIRE(network.projections()[1].plastic_mask.empty());
  REQUIRE(network.projections()[1].profile == 0);
  REQUIRE(network.projections()[2].profile == -1);
  REQUIRE(network.populations()[0].refractory_init == std::vector<std::uint32_t>{0, 3});
  REQUIRE(network.past().spiked == std::vector<std::uint32_t>{1});
  REQUIRE(network.past().history == std::vector<std::uint16_t>{2, 5});
  REQUIRE(network.past().age == 3);
  const std::string text = network.to_json();
  REQUIRE(same(network, Network::from_json(text, "again.json")));
  REQUIRE(Network::from_json(text, "again.json").to_json() == text);
  // Networks that do not learn look as they always have.
  const std::string small = Network::from_json(kSmall, "net.json").to_json();
  REQUIRE_THAT(small, !Contains("profile") && !Contains("past"));
}

TEST_CASE("JSON errors of learning name file and field") {
  struct Case {
    std::string from, to, message;
  };
  const std::vector<Case> cases = {
      {"\"stdp\", \"pre", "\"stdp\", \"xpre", "net.json: profiles[0]: unknown field \"xpre_taps\""},
      {"\"instar\", \"tr", "\"outstar\", \"tr",
       "profiles[1].rule: expected one of \"additive\", \"instar\", found \"outstar\""},
      {"\"exponential\"", "\"alpha\"",
       "profiles[1].traces: expected one of \"kernel\", \"exponential\", found \"alpha\""},
      {"\"stochastic\"", "\"up\"", "profiles[0].rounding: expected one of \"down\", \"nearest\","},
      {"[1, 0.5]", "[1, null]", "profiles[0].pre_taps[1]: expected a number, found null"},
      {"[1, 0.5]", "1", "profiles[0].pre_taps: expected a list of numbers, found 1"},
      {"[1, 0.5]", "[1, \"inf\"]",
       "net.json: profiles[0]: profile 'stdp': pre_taps[1] is inf, expected a finite number"},
      {"\"instar_shift\": 6", "\"instar_shift\": 17",
       "profiles[1]: profile 'instar': instar_shift is 17, expected 0 to 16"},
      {"\"instar_shift\": 6", "\"instar_shift\": -1", "instar_shift: expected an integer"},
      {"\"newest\": true", "\"newest\": 1", "profiles[0].newest: expected true or false"},
      {"\"w_min\": -2", "\"w_min\": \"-infinity\"", "profiles[0].w_min: expected a number"},
      {"\"w_min\": -2", "\"w_min\": \"inf\"", "profiles[0]: profile 'stdp': w_min is inf"},
      {"\"profile\": \"instar\"", "\"profile\": \"hebb\"",
       "projections[0].profile: expected the name of a learning profile, found \"hebb\""},
      {"\"profile\": \"instar\"", "\"profile\": 1", "projections[0].profile: expected a string"},
      {"[1, 0], \"pro", "[1, 2], \"pro",
       "projections[0]: projection 'masked': plastic_mask[1] is 2, expected 0 or 1"},
      {"[1, 0], \"pro", "[1], \"pro",
       "projections[0].plastic: expected true, false or a list of 2, found a list of 1"},
      {"[1, 0], \"pro", "[], \"pro", "projections[0].plastic: expected true, false or a list of 2"},
      {"[1, 0], \"pro", "[1, 256], \"pro", "projections[0].plastic[1]: expected an integer"},
      {"[1, 0], \"pro", "false, \"pro",
       "projections[0]: projection 'masked': profile is 1, expected -1: the projection is not"},
      {"[0, 3]", "[0, 3, 3]", "populations[0]: population 'p': refractory_init is a list of 3"},
      {"[0, 3]", "[0, 4096]", "populations[0]: population 'p': refractory_init[1] is 4096"},
      {"\"spiked\": [1]", "\"spiked\": [2]", "net.json: past: past: spiked[0] is 2, expected a"},
      {"\"spiked\": [1]", "\"spikes\": [1]", "net.json: past: unknown field \"spikes\""},
      {"[2, 5]", "[2, 65536]", "past.history[1]: expected an integer from 0 to 65535"},
      {"\"age\": 3", "\"age\": 2", "past: past: history[1] is 5, expected no spikes before"},
      {"\"age\": 3", "\"age\": -3", "past.age: expected an integer"},
  };
  for (const Case& c : cases) {
    std::string text = kLearning;
    const std::size_t at = text.find(c.from);
    CAPTURE(c.from, c.to);
    REQUIRE(at != std::string::npos);
    text.replace(at, c.from.size(), c.to);
    CHECK_THROWS_WITH(Network::from_json(text, "net.json"), Contains(c.message));
    CHECK_THROWS_AS(Network::from_json(text, "net.json"), InputError);
  }
}

TEST_CASE("infinite bounds can be written") {
  const Network network = Network::from_json(
      R"({"populations": [], "profiles": [{"w_min": "-inf", "w_max": "inf"}]})", "net.json");
  REQUIRE(same_profile(network.profiles()[0], [] {
    LearningProfile p;
    p.name = "profile0";
    return p;
  }()));
}

TEST_CASE("equal parameters of many neurons stay one set each") {
  Network network;
  Population p;
  p.size = 4;
  p.parameters.resize(4);
  network.add_population(p);
  REQUIRE(same(network, Network::from_json(network.to_json(), "n.json")));
  // One list is enough to keep the count.
  REQUIRE_THAT(network.to_json(), Contains("\"v_reset\":0.0,"));
}

TEST_CASE("JSON errors name file and field") {
  struct Case {
    std::string from, to, message;
  };
  const std::vector<Case> cases = {
      {"[0.5, -2]", "[0.5, \"x\"]",
       "net.json: projections[0].weight[1]: expected a number, found \"x\""},
      {"[0.5, -2]", "[0.5, null]", "projections[0].weight[1]: expected a number, found null"},
      {"[0.5, -2]", "{}", "projections[0].weight: expected a number, found an object"},
      {"[0.5, -2]", "[0.5]", "projections[0]: projection 'a': weight is a list of 1, expected 2"},
      {"[0.5, -2]", "[0.5, \"inf\"]", "projections[0]: projection 'a': weight[1] is inf"},
      {"\"pre_index\": [0, 1]", "\"pre_index\": [0, -1]",
       "projections[0].pre_index[1]: expected an integer from 0 to 4294967295, found -1"},
      {"\"pre_index\": [0, 1]", "\"pre_index\": [0, 1.5]", "pre_index[1]: expected an integer"},
      {"\"pre_index\": [0, 1]", "\"pre_index\": [0, 7]",
       "net.json: projections[0]: projection 'a': pre_index[1] is 7, expected 0 to 1"},
      {"\"pre_index\": [0, 1]", "\"pre_index\": 3", "pre_index: expected a list of integers"},
      {"\"pre_index\": [0, 1],", "", "projections[0]: the field \"pre_index\" is missing"},
      {"\"pre\": \"in\"", "\"pre\": \"on\"",
       "projections[0].pre: expected the name of a population or axon group, found \"on\""},
      {"\"post\": \"hidden\"", "\"post\": \"in\"", "projections[0].post: expected the name of a"},
      {"\"format\": \"sparse\"", "\"format\": \"thin\"",
       "projections[0].format: expected \"auto\""},
      {"\"plastic\": true", "\"plastic\": 1", "plastic: expected true or false, found 1"},
      {"\"delay\": [1, 4]", "\"delay\": [1, 0]", "projections[0]: projection 'a': delay[1] is 0"},
      {"\"size\": 2, \"par", "\"size\": -2, \"par", "populations[0].size: expected an integer"},
      {"\"host\", \"size\": 1", "\"host\", \"size\": 0", "axons[1]: axon group 'host': size is 0"},
      {"\"size\": 2, \"par", "\"par", "populations[0]: the field \"size\" is missing"},
      {"[1, 2.5]", "[1]", "populations[0].parameters.threshold: expected one value or a list of 2"},
      {"[1, 2.5]", "[1, true]", "populations[0].parameters.threshold[1]: expected a number"},
      {"\"leak\": \"inf\"", "\"leak\": \"Infinity\"", "parameters.leak: expected a number"},
      {"\"leak\": 0.9", "\"leak\": 1.9",
       "populations[1]: population 'out': leak[0] is 1.9, expected a factor from 0 to 1"},
      {"\"exponential\"", "\"linear\"", "parameters.leak_mode: expected \"subtractive\" or"},
      {"\"refractory\": 3", "\"refractory\": 3.5", "parameters.refractory: expected an integer"},
      {"[true, false, true]", "[true, false, 2]", "soft_reset[2]: expected true or false, found 2"},
      {"\"theta_plus\"", "\"theta_pluss\"", "parameters: unknown field \"theta_pluss\""},
      {"\"v_init\": 0.25", "\"v_init\": [1]", "populations[1]: population 'out': v_init is a list"},
      {"[0, 256]", "[0, 257]", "axons[0]: axon group 'in': rates[1] is 257"},
      {"[0, 256]", "[0, 65536]", "axons[0].rates[1]: expected an integer from 0 to 65535"},
      {"\"name\": \"small\"", "\"name\": 5", "net.json: name: expected a string, found 5"},
      {"\"name\": \"small\"", "\"version\": 2", "net.json: version: expected 1, found 2"},
      {"\"populations\"", "\"population\"", "net.json: unknown field \"population\""},
      {"\"name\": \"small\",", "\"name\": \"small\"",
       "net.json: not valid JSON: parse error at line 3"},
      {"0.9", "1e999", "net.json: not valid JSON"},
  };
  for (const Case& c : cases) {
    const std::string text = edited(c.from, c.to);
    CAPTURE(c.from, c.to);
    CHECK_THROWS_WITH(Network::from_json(text, "net.json"), Contains(c.message));
    CHECK_THROWS_AS(Network::from_json(text, "net.json"), InputError);
  }
  for (const char* text : {"", "[]", "3", "{}", "{\"populations\": 3}", "{\"populations\": [4]}",
                           "{\"populations\": [], \"axons\": {}}"}) {
    CHECK_THROWS_AS(Network::from_json(text, "net.json"), InputError);
    CHECK_THROWS_WITH(Network::from_json(text, "net.json"), Contains("net.json: "));
  }
}

TEST_CASE("a JSON field that stands twice is refused") {
  const auto read = [](const char* text) { return Network::from_json(text, "net.json"); };
  CHECK_THROWS_WITH(read(R"({"populations": [{"size": 1}], "populations": [{"size": 2}]})"),
                    Contains("net.json: field 'populations' stands twice"));
  CHECK_THROWS_WITH(
      read(
          R"({"populations": [{"size": 1, "parameters": {"threshold": 1, "v_rest": 0, "threshold": 2}}]})"),
      Contains("field 'threshold' stands twice"));
  CHECK(
      read(R"({"populations": [{"name": "a", "size": 1}, {"name": "b", "size": 2}]})").neurons() ==
      3);
}

TEST_CASE("damaged JSON is either a valid network or an InputError") {
  const std::string bytes = "0123456789-.eE\"[]{},:x \\nulltrue\x80";
  Random random(7);
  std::size_t refused = 0;
  for (int trial = 0; trial < 4000; ++trial) {
    std::string text = kSmall;
    const std::uint32_t edits = random.between(1, 3);
    for (std::uint32_t e = 0; e < edits; ++e) {
      const std::uint32_t at = random.below(static_cast<std::uint32_t>(text.size()));
      const char byte = bytes[random.below(static_cast<std::uint32_t>(bytes.size()))];
      switch (random.below(3)) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.insert(at, 1, byte);
          break;
        default:
          text.erase(at, 1 + random.below(4));
      }
    }
    try {
      const Network network = Network::from_json(text, "damaged.json");
      REQUIRE(same(network, Network::from_json(network.to_json(), "again.json")));
    } catch (const InputError& error) {
      REQUIRE_THAT(error.what(), Contains("damaged.json: "));
      ++refused;
    }
  }
  REQUIRE(refused > 2000);
  REQUIRE(refused < 4000);
}

TEST_CASE("the hint of a refused argument is kept") {
  try {
    static_cast<void>(Network::from_json(edited("[1, 4]", "[1, 0]"), "net.json"));
    FAIL("accepted");
  } catch (const InputError& error) {
    const std::string text = error.what();
    REQUIRE(text.find("try: ") == text.rfind("try: "));
    REQUIRE_THAT(error.hint(), Contains("arrives in tick t + 1"));
  }
}

TEST_CASE("weights come from a CSV file beside the JSON file") {
  const Folder folder;
  const Network network =
      from_csv(folder, "# two axons to three neurons\r\n1, -2.5 ,+3e-1\r\n\n0,0.125,-0\n");
  const Projection& p = network.projections().front();
  REQUIRE(p.weight == std::vector<double>{1.0, -2.5, 0.3, 0.0, 0.125, 0.0});
  REQUIRE(p.pre_index == std::vector<std::uint32_t>{0, 0, 0, 1, 1, 1});
  REQUIRE(p.post_index == std::vector<std::uint32_t>{0, 1, 2, 0, 1, 2});
  const Network marked = from_csv(folder,
                                  "\xEF\xBB\xBF"
                                  "1,2,3\n4,5,6");
  REQUIRE(marked.projections().front().weight == std::vector<double>{1, 2, 3, 4, 5, 6});
  const Network delayed = from_csv(folder, "1,2,3\n4,5,6", R"(, "delay": 3)");
  REQUIRE(delayed.projections().front().delay == std::vector<std::uint32_t>(6, 3));
}

TEST_CASE("CSV errors name file, line and column") {
  const Folder folder;
  struct Case {
    std::string csv, message;
  };
  const std::vector<Case> cases = {
      {"1,2,3\n4,x,6\n", "w.csv: line 2, column 2: expected a finite number, found 'x'"},
      {"1,2,3\n4,5\n", "w.csv: line 2, column 3: expected 3 columns, found 2"},
      {"1,2,3,4\n4,5,6\n", "w.csv: line 1, column 4: expected 3 columns, found more"},
      {"1,,3\n4,5,6\n", "w.csv: line 1, column 2: expected a finite number, found ''"},
      {"1,2,3,\n4,5,6\n", "line 1, column 4"},
      {"1,2,nan\n4,5,6\n", "line 1, column 3: expected a finite number, found 'nan'"},
      {"1,2,3\n4,inf,6\n", "line 2, column 2"},
      {"1,2,1e999\n4,5,6\n", "line 1, column 3"},
      {"1,2,3 4\n4,5,6\n", "line 1, column 3"},
      {"1,+-2,3\n4,5,6\n", "line 1, column 2"},
      {"1,2,3\n", "w.csv: expected 2 rows, found 1"},
      {"", "w.csv: expected 2 rows, found 0"},
      {"1,2,3\n\n4,5,6\n7,8,9\n", "w.csv: line 4: row 3 of a matrix of 2"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.csv);
    CHECK_THROWS_WITH(from_csv(folder, c.csv), Contains(c.message));
    CHECK_THROWS_WITH(from_csv(folder, c.csv), Contains("net.json: projections[0].weights_csv: "));
    CHECK_THROWS_AS(from_csv(folder, c.csv), InputError);
  }
  CHECK_THROWS_WITH(from_csv(folder, "1,2,3\n4,5,6", R"(, "weight": 1)"),
                    Contains("\"weights_csv\" and \"weight\" exclude each other"));
  std::filesystem::remove(folder.file("w.csv"));
  CHECK_THROWS_WITH(Network::from_json(R"({"populations": [{"name": "p", "size": 1}], "projections":
        [{"pre": "p", "post": "p", "weights_csv": "none.csv"}]})",
                                       folder.file("net.json")),
                    Contains("none.csv: cannot be opened"));
}

}  // namespace ncx
