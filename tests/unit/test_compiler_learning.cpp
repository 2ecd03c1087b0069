// SPDX-License-Identifier: BSD-3-Clause
// The words that the compiler writes for the learning unit, read back from docs/registers.md.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "image_decoder.hpp"
#include "learning_rig.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

using Catch::Matchers::Contains;
using test::at_fraction_bits;
using test::plastic;
using test::profile_field;

const Geometry& tiny() {  // 4 lanes, 64 neurons and axons, 2 weights a dense word, 4 profiles
  static const Geometry geometry = Geometry::named("tiny");
  return geometry;
}

LearningProfile named(const std::string& name) {
  LearningProfile p;
  p.name = name;
  p.w_min = -1000.0;
  p.w_max = 1000.0;
  return p;
}

/// `count` profiles, each used by one projection of one synapse.
Network with_profiles(std::uint32_t count) {
  Network network;
  network.add_population(test::neurons(8));
  for (std::uint32_t p = 0; p < count; ++p) {
    network.add_profile(named("p" + std::to_string(p)));
    network.add_projection(plastic({1.0}, static_cast<std::int32_t>(p)));
  }
  return network;
}

std::uint64_t member_word(const Image& image, std::size_t profile, std::size_t row) {
  return image.memories.at(Region::kLearnMember).at(profile * (64 + 64) / 4 + row);
}

}  // namespace

TEST_CASE("every field of a learning profile is where the register map has it") {
  Network network;
  network.add_population(test::neurons(8));
  LearningProfile kernel = named("kernel");
  kernel.pre_taps = {5.0, -3.0};
  kernel.post_taps = {0.0, 0.0, 7.0};
  kernel.drift = {-2.0};
  kernel.w_min = -100.0;
  kernel.rounding = Rounding::kStochastic;
  kernel.newest = true;
  LearningProfile instar = named("instar");
  instar.rule = Rule::kInstar;
  instar.traces = Traces::kExponential;
  instar.pre_amplitude = -9.0;
  instar.pre_decay = 0.75;
  instar.instar_shift = 11;
  instar.modulated = true;
  instar.enabled = false;
  instar.rounding = Rounding::kDown;
  LearningProfile pair = named("pair");
  pair.traces = Traces::kExponential;
  pair.pre_amplitude = 9.0;
  pair.post_amplitude = -8.0;
  pair.post_decay = 1.0;
  for (const LearningProfile& p : {kernel, instar, pair}) {
    network.add_projection(plastic({1.0}, static_cast<std::int32_t>(network.add_profile(p))));
  }
  const Image image = compile(network, tiny(), at_fraction_bits(0)).image;
  struct Wanted {
    map::Field field;
    std::array<std::int64_t, 3> values;  // kernel, instar, pair
  };
  const std::vector<Wanted> wanted = {
      {map::kProfileWMin, {-100, -1000, -1000}},
      {map::kProfileWMax, {1000, 1000, 1000}},
      {map::kProfilePreAmplitude, {0, -9, 9 << 12}},
      {map::kProfilePostAmplitude, {0, 0, -(8 << 12)}},
      {map::kProfilePreDecay, {0, 49152, 0}},
      {map::kProfilePostDecay, {0, 0, 65536}},
      {map::kProfileWindow, {7, 0, 0}},
      {map::kProfileShift, {12, 11, 12}},
      {map::kProfileRounding, {2, 0, 1}},
      {map::kProfileInstar, {0, 1, 0}},
      {map::kProfileExponential, {0, 1, 1}},
      {map::kProfileNewest, {1, 0, 0}},
      {map::kProfilePost, {1, 0, 1}},
      {map::kProfileModulated, {0, 1, 0}},
      {map::kProfileDrift, {1, 0, 0}},
  };
  REQUIRE(image.memories.at(Region::kProfile).size() == 3 * 4);
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    for (std::size_t p = 0; p < 3; ++p) {
      CAPTURE(k, p);
      CHECK(profile_field(image, p, wanted[k].field) == wanted[k].values[p]);
    }
  }
  CHECK(image.profiles[0].name == "kernel");
  CHECK(image.profiles[1].user == 1);
  CHECK_FALSE(image.profiles[1].enabled);
  CHECK(image.profiles[2].enabled);
  CHECK(image.projections[1].profile == 1);
}

TEST_CASE("the postsynaptic side is on only if something of it is not 0") {
  const auto post = [](std::vector<double> taps) {
    LearningProfile p = named("p");
    p.pre_taps = {1.0};
    p.post_taps = std::move(taps);
    const Image image =
        compile(test::learning_network(p, {1.0}), tiny(), at_fraction_bits(0)).image;
    CHECK(profile_field(image, 0, map::kProfileWindow) == (p.post_taps.size() > 1 ? 3 : 1));
    return profile_field(image, 0, map::kProfilePost);
  };
  CHECK(post({}) == 0);
  CHECK(post({0.0, 0.0}) == 0);
  CHECK(post({0.0, 1.0}) == 1);
}

TEST_CASE("taps are the sums of every value of every nibble, element k is bit k") {
  LearningProfile p = named("p");
  for (int k = 0; k < 16; ++k) p.pre_taps.push_back(k % 3 == 0 ? -k : k);
  p.post_taps = {3.0, 0.0, 0.0, 0.0, 8.0};
  LearningProfile q = named("q");
  q.pre_taps = {100.0};
  Network network;
  network.add_population(test::neurons(8));
  network.add_profile(p);
  network.add_profile(q);
  network.add_projection(plastic({1.0}, 0));
  network.add_projection(plastic({1.0}, 1));
  const Image image = compile(network, tiny(), at_fraction_bits(0)).image;
  REQUIRE(image.memories.at(Region::kTaps).size() == 2 * 128);
  const std::int64_t unit = std::int64_t{1} << profile_field(image, 0, map::kProfileShift);
  CHECK(profile_field(image, 0, map::kProfileWindow) == 0xFFFF);
  for (std::uint32_t nibble = 0; nibble < 4; ++nibble) {
    for (std::uint32_t value = 0; value < 16; ++value) {
      std::int64_t sum = 0;
      for (std::uint32_t k = 0; k < 4; ++k) {
        const std::uint32_t tap = 4 * nibble + k;
        if ((value >> k & 1) != 0) sum += tap % 3 == 0 ? -std::int64_t{tap} : std::int64_t{tap};
      }
      CAPTURE(nibble, value);
      CHECK(test::taps_entry(image, 0, 0, nibble, value) == sum * unit);
    }
  }
  CHECK(test::trace_of(image, 0, 1, 0b10001) == 11 * unit);
  CHECK(test::trace_of(image, 0, 1, 0b01110) == 0);
  CHECK(test::trace_of(image, 1, 0, 0b11) == 100 << profile_field(image, 1, map::kProfileShift));
  CHECK(test::trace_of(image, 1, 1, 0b11) == 0);
}

TEST_CASE("the drift of a tick is the sum of the elements that the age has reached") {
  LearningProfile p = named("p");
  p.drift = {-1.0, 2.0, 5.0};
  const Image image = compile(test::learning_network(p, {1.0}), tiny(), at_fraction_bits(0)).image;
  REQUIRE(image.memories.at(Region::kDriftStep).size() == 32);
  const std::int64_t unit = std::int64_t{1} << profile_field(image, 0, map::kProfileShift);
  const std::vector<std::int64_t> wanted = {0, -1, 1, 6};
  for (std::size_t age = 0; age <= 16; ++age) {
    CAPTURE(age);
    CHECK(test::drift_step(image, 0, age) == wanted[std::min<std::size_t>(age, 3)] * unit);
  }
  for (std::size_t beyond = 17; beyond < 32; ++beyond) {
    CHECK(test::drift_step(image, 0, beyond) == 0);
  }
}

TEST_CASE(
    "sources with rows of a profile are its members, and the rows to look at reach the last") {
  Network network;
  Population first = test::neurons(10);
  Population second = test::neurons(9);
  network.add_population(first);
  network.add_population(second);
  AxonGroup axons;
  axons.size = 12;
  network.add_axons(axons);
  network.add_profile(named("a"));
  network.add_profile(named("b"));
  Projection p;
  p.plastic = true;
  p.profile = 0;
  p.pre_index = {0, 9};
  p.post_index = {1, 2};
  p.weight = {1.0, 1.0};
  network.add_projection(p);
  p.profile = 1;  // the same source again, and axons
  p.pre_index = {9};
  p.post_index = {9};
  p.weight = {1.0};
  network.add_projection(p);
  p.pre_is_axon = true;
  p.pre_index = {5};
  network.add_projection(p);
  p.profile = -1;  // never learns: no member
  p.post = 1;
  p.pre_index = {11};
  p.post_index = {8};
  network.add_projection(p);
  const Image image = compile(network, tiny()).image;
  REQUIRE(image.memories.at(Region::kLearnMember).size() == 2 * 128 / 4);
  for (std::size_t row = 0; row < 32; ++row) {
    CAPTURE(row);
    CHECK(member_word(image, 0, row) == (row == 0 ? 1U : row == 2 ? 2U : 0U));
    CHECK(member_word(image, 1, row) == (row == 2 ? 2U : row == 16 + 1 ? 2U : 0U));
  }
  // Neuron 9 is in row 2, axon 5 in row 1.
  CHECK(image.learn_rows == (3 | 2 << 16));
  // A target beyond all sources counts as well.
  p.profile = 0;
  network.add_projection(p);
  const std::uint32_t rows = compile(network, tiny()).image.learn_rows;
  CHECK((rows & 0xFFFF) == image.neuron_slot[18] / 4 + 1);
  CHECK(rows >> 16 == 3);
}

TEST_CASE("rows carry their profile, and those that never learn one that nobody has") {
  Network network = with_profiles(3);
  network.add_projection(plastic({1.0}, -1));
  const Image image = compile(network, tiny()).image;
  const std::vector<test::DecodedRow> rows = test::decode_rows(image);
  REQUIRE(rows.size() == 4);
  std::vector<std::uint32_t> profiles;
  for (const test::DecodedRow& row : rows) profiles.push_back(row.profile);
  CHECK(profiles == std::vector<std::uint32_t>{0, 1, 2, 7});
  CHECK(test::decode_synapses(image).back().plastic);
}

TEST_CASE("with all profiles of the largest build in use, rows that never learn have no flags") {
  Geometry geometry = tiny();
  geometry.profiles = 8;
  Network network = with_profiles(8);
  network.add_projection(plastic({5.0}, -1));
  const Image image = compile(network, geometry).image;
  std::size_t flagged = 0;
  for (const test::DecodedSynapse& s : test::decode_synapses(image)) flagged += s.plastic ? 1 : 0;
  CHECK(flagged == 8);
  CHECK(Image::from_cbor(image.to_cbor(), "image").memories == image.memories);
}

TEST_CASE("plastic flags follow the mask, in dense and sparse rows") {
  const Format format = GENERATE(Format::kDense, Format::kSparse);
  Network network;
  network.add_population(test::neurons(64));
  network.add_profile(named("p"));
  Projection p = plastic(std::vector<double>(64, 3.0), 0);
  p.format = format;
  for (std::uint32_t n = 0; n < 64; ++n) {
    p.weight[n] = n;  // neuron 0 has weight 0
    p.plastic_mask.push_back(n % 3 == 0 || n == 62 ? 1 : 0);
  }
  network.add_projection(p);
  const Image image = compile(network, tiny(), at_fraction_bits(0)).image;
  std::size_t seen = 0;
  for (const test::DecodedSynapse& s : test::decode_synapses(image)) {
    CAPTURE(s.target);
    CHECK(s.effect == s.target);
    CHECK(s.plastic == (s.target % 3 == 0 || s.target == 62));
    ++seen;
  }
  CHECK(seen == 64);
  CHECK(image.projections[0].plastic_mask == p.plastic_mask);
}

TEST_CASE("learning profiles: as many as the build has, those that nobody uses do not count") {
  const Compiled full = compile(with_profiles(4), tiny());
  CHECK(full.image.profiles.size() == 4);
  CHECK_THAT(full.report.text(), Contains("learning profiles"));
  CHECK_THROWS_AS(compile(with_profiles(5), tiny()), CapacityError);
  CHECK_THROWS_WITH(compile(with_profiles(5), tiny()),
                    Contains("learning profiles: 5 needed, 4 available") &&
                        Contains("projections that share a learning profile"));
  CHECK_FALSE(check(with_profiles(9), tiny()).fits());
  Network unused = with_profiles(4);
  unused.add_profile(named("unused"));
  CHECK(check(unused, tiny()).fits());
}

TEST_CASE("the generator of stochastic rounding depends on the seed and is never 0") {
  std::set<std::uint64_t> states;
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    CompileOptions options;
    options.seed = seed;
    const Image image = compile(with_profiles(1), tiny(), options).image;
    const std::vector<std::uint64_t>& words = image.memories.at(Region::kLearnState);
    REQUIRE(words.size() == 2 * 4 + 1);
    REQUIRE(std::all_of(words.begin(), words.end() - 1, [](std::uint64_t w) { return w == 0; }));
    REQUIRE(words.back() != 0);
    REQUIRE(words.back() >> 32 == 0);
    states.insert(words.back());
    for (const std::uint64_t lane : image.memories.at(Region::kGenerator)) states.insert(lane);
  }
  CHECK(states.size() == 200 * 5);
}

TEST_CASE("a network that learns nothing has none of learning's memories") {
  Network network;
  network.add_population(test::neurons(8));
  network.add_profile(named("unused"));
  network.add_projection(plastic({1.0}, -1));
  const Image image = compile(network, tiny()).image;
  CHECK(image.profiles.empty());
  CHECK(image.learn_rows == 0);
  for (const Region region : {Region::kProfile, Region::kTaps, Region::kDriftStep,
                              Region::kLearnMember, Region::kLearnState}) {
    CHECK(image.memories.count(region) == 0);
  }
}

TEST_CASE("a past and refractory counters become the image's initial state, by slot") {
  Network network;
  network.add_population(test::neurons(3));
  Population p = test::neurons(8);  // begins at slot 8
  p.refractory_init = {0, 0, 9, 0, 0, 0, 0, 0};
  p.v_init.assign(8, 0.0);
  p.v_init[5] = 0.5;
  network.add_population(p);
  network.set_past({{10, 0}, {1, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0x8001}, 16});
  const Image image = compile(network, tiny(), at_fraction_bits(1)).image;
  REQUIRE(image.neuron_slot[3] == 8);
  CHECK(image.initial_spikes == std::vector<std::uint32_t>{0, 15});
  using Pair = std::pair<std::uint32_t, std::uint32_t>;
  CHECK(image.initial_history == std::vector<Pair>{{0, 1}, {1, 6}, {15, 0x8001}});
  CHECK(image.initial_age == 16);
  REQUIRE(image.initial.size() == 2);
  CHECK(image.initial[0].slot == 10);
  CHECK(image.initial[0].refractory == 9);
  CHECK(image.initial[0].v == 0);
  CHECK(image.initial[1].slot == 13);
  CHECK(image.initial[1].v == 1);
  CHECK(image.initial[1].refractory == 0);
}

TEST_CASE("loading what learning needs takes wire time") {
  Network without = with_profiles(0);
  without.add_projection(plastic({1.0}, -1));
  CHECK(check(with_profiles(1), tiny()).load_seconds > check(without, tiny()).load_seconds);
}

}  // namespace ncx
