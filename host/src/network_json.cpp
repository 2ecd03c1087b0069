// SPDX-License-Identifier: BSD-3-Clause
// The JSON form of a network (docs/compiler.md): every error names file and field.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "files.hpp"
#include "ncx/error.hpp"
#include "ncx/network.hpp"
#include "network_csv.hpp"
#include "network_json_node.hpp"

namespace ncx {
namespace {

using namespace network_json;

constexpr std::uint64_t kFormatVersion = 1;
constexpr std::uint32_t kMaxSize = 1U << 24;  // of a group: far above every build
Leak leak_mode_of(const Node& node) {
  const std::string text = node.text();
  if (text == "subtractive") return Leak::kSubtractive;
  if (text == "exponential") return Leak::kExponential;
  node.expected("\"subtractive\" or \"exponential\"");
}

Format format_of(const Node& node) {
  const std::string text = node.text();
  if (text == "auto") return Format::kAuto;
  if (text == "dense") return Format::kDense;
  if (text == "sparse") return Format::kSparse;
  node.expected("\"auto\", \"dense\" or \"sparse\"");
}

/// Calls `visit(json name, member)` for every real-valued parameter.
template <typename Visit>
void for_each_number(const Visit& visit) {
  visit("threshold", &NeuronParameters::threshold);
  visit("v_reset", &NeuronParameters::v_reset);
  visit("v_rest", &NeuronParameters::v_rest);
  visit("leak", &NeuronParameters::leak);
  visit("current_decay", &NeuronParameters::current_decay);
  visit("theta_plus", &NeuronParameters::theta_plus);
  visit("theta_decay", &NeuronParameters::theta_decay);
}

/// Each field is one value for all neurons, or a list with one a neuron.
std::vector<NeuronParameters> parameters_of(const Node& node, std::uint32_t size) {
  node.has_only({"threshold", "v_reset", "v_rest", "leak_mode", "leak", "current_decay",
                 "refractory", "refractory_hold", "soft_reset", "theta_plus", "theta_decay"});
  std::vector<NeuronParameters> result(1);
  const auto set_all = [&](const Node& field, const auto& read_one, const auto& read_list,
                           const auto& assign) {
    if (!field.is_list()) {
      const auto value = read_one(field);
      for (NeuronParameters& p : result) assign(p, value);
      return;
    }
    const auto values = read_list(field);
    if (values.size() != size) field.expected(fmt::format("one value or a list of {}", size));
    if (result.size() != size) result.resize(size, result.front());
    for (std::size_t i = 0; i < result.size(); ++i) assign(result[i], values[i]);
  };
  const auto each = [](const auto& read_one) {
    return [read_one](const Node& field) {
      std::vector<decltype(read_one(field))> values;
      for (const Node& element : field.elements()) values.push_back(read_one(element));
      return values;
    };
  };
  for_each_number([&](const char* name, double NeuronParameters::*member) {
    if (const auto field = node.find(name)) {
      set_all(
          *field, [](const Node& n) { return n.number(); },
          [](const Node& n) { return n.numbers(); },
          [member](NeuronParameters& p, double value) { p.*member = value; });
    }
  });
  if (const auto field = node.find("refractory")) {
    set_all(
        *field,
        [](const Node& n) {
          return static_cast<std::uint32_t>(n.integer(std::numeric_limits<std::uint32_t>::max()));
        },
        [](const Node& n) { return n.integers<std::uint32_t>(); },
        [](NeuronParameters& p, std::uint32_t value) { p.refractory = value; });
  }
  if (const auto field = node.find("leak_mode")) {
    set_all(*field, leak_mode_of, each(leak_mode_of),
            [](NeuronParameters& p, Leak value) { p.leak_mode = value; });
  }
  const auto read_flag = [](const Node& n) { return n.flag(); };
  const auto set_flag = [&](const char* name, bool NeuronParameters::*member) {
    if (const auto field = node.find(name)) {
      set_all(*field, read_flag, each(read_flag),
              [member](NeuronParameters& p, bool value) { p.*member = value; });
    }
  };
  set_flag("refractory_hold", &NeuronParameters::refractory_hold);
  set_flag("soft_reset", &NeuronParameters::soft_reset);
  return result;
}

std::uint32_t size_of(const Node& node) {
  return static_cast<std::uint32_t>(node.get("size").integer(kMaxSize));
}

void read_population(const Node& node, Network& network) {
  node.has_only({"name", "size", "parameters", "v_init", "refractory_init", "winner_take_all"});
  Population population;
  if (const auto name = node.find("name")) population.name = name->text();
  population.size = size_of(node);
  if (const auto field = node.find("parameters")) {
    population.parameters = parameters_of(*field, population.size);
  }
  if (const auto field = node.find("v_init")) {
    population.v_init =
        field->is_list() ? field->numbers() : std::vector<double>(population.size, field->number());
  }
  if (const auto field = node.find("refractory_init")) {
    constexpr std::uint64_t kLimit = std::numeric_limits<std::uint32_t>::max();
    population.refractory_init =
        field->is_list() ? field->integers<std::uint32_t>()
                         : std::vector<std::uint32_t>(
                               population.size, static_cast<std::uint32_t>(field->integer(kLimit)));
  }
  if (const auto field = node.find("winner_take_all")) population.winner_take_all = field->flag();
  add_at(node, [&] { network.add_population(std::move(population)); });
}

void read_axons(const Node& node, Network& network) {
  node.has_only({"name", "size", "rates"});
  AxonGroup group;
  if (const auto name = node.find("name")) group.name = name->text();
  group.size = size_of(node);
  if (const auto field = node.find("rates")) {
    constexpr std::uint64_t kLimit = std::numeric_limits<std::uint16_t>::max();
    group.rates = field->is_list()
                      ? field->integers<std::uint16_t>()
                      : std::vector<std::uint16_t>(
                            group.size, static_cast<std::uint16_t>(field->integer(kLimit)));
  }
  add_at(node, [&] { network.add_axons(std::move(group)); });
}

template <typename Groups>
std::optional<std::uint32_t> index_of(const Groups& groups, const std::string& name) {
  const auto found = std::find_if(groups.begin(), groups.end(),
                                  [&](const auto& group) { return group.name == name; });
  if (found == groups.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - groups.begin());
}

/// Fills the synapses of an all-to-all projection from a matrix file.
void read_weights_csv(const Node& field, std::uint32_t pre_size, std::uint32_t post_size,
                      Projection& projection) {
  const std::filesystem::path file =
      std::filesystem::path(field.origin()).parent_path() / field.text();
  add_at(field, [&] { projection.weight = read_matrix_csv(file, pre_size, post_size); });
  for (std::uint32_t pre = 0; pre < pre_size; ++pre) {
    for (std::uint32_t post = 0; post < post_size; ++post) {
      projection.pre_index.push_back(pre);
      projection.post_index.push_back(post);
    }
  }
}

void read_projection(const Node& node, Network& network) {
  node.has_only({"name", "pre", "post", "pre_index", "post_index", "weight", "weights_csv", "delay",
                 "plastic", "profile", "format"});
  Projection projection;
  if (const auto name = node.find("name")) projection.name = name->text();

  const Node pre = node.get("pre");
  const Node post = node.get("post");
  const auto population = index_of(network.populations(), pre.text());
  const auto axons = index_of(network.axon_groups(), pre.text());
  if (!population && !axons) pre.expected("the name of a population or axon group");
  projection.pre_is_axon = axons.has_value();
  projection.pre = axons ? *axons : *population;
  const auto target = index_of(network.populations(), post.text());
  if (!target) post.expected("the name of a population");
  projection.post = *target;

  if (const auto csv = node.find("weights_csv")) {
    for (const char* other : {"pre_index", "post_index", "weight"}) {
      if (node.find(other)) {
        node.refuse(fmt::format("\"weights_csv\" and \"{}\" exclude each other", other),
                    "weights_csv alone: it gives all synapses from all to all");
      }
    }
    const std::uint32_t pre_size = projection.pre_is_axon
                                       ? network.axon_groups()[projection.pre].size
                                       : network.populations()[projection.pre].size;
    read_weights_csv(*csv, pre_size, network.populations()[projection.post].size, projection);
  } else {
    projection.pre_index = node.get("pre_index").integers<std::uint32_t>();
    projection.post_index = node.get("post_index").integers<std::uint32_t>();
    const Node weight = node.get("weight");
    projection.weight = weight.is_list()
                            ? weight.numbers()
                            : std::vector<double>(projection.pre_index.size(), weight.number());
  }
  if (const auto field = node.find("delay")) {
    constexpr std::uint64_t kLimit = std::numeric_limits<std::uint32_t>::max();
    projection.delay = field->is_list() ? field->integers<std::uint32_t>()
                                        : std::vector<std::uint32_t>(
                                              projection.pre_index.size(),
                                              static_cast<std::uint32_t>(field->integer(kLimit)));
  }
  if (const auto field = node.find("plastic")) {
    if (field->is_list()) {
      projection.plastic_mask = field->integers<std::uint8_t>();
      const std::size_t synapses = projection.pre_index.size();
      if (projection.plastic_mask.size() != synapses) {
        field->expected(fmt::format("true, false or a list of {}", synapses));
      }
    }
    projection.plastic = field->is_list() || field->flag();
  }
  if (const auto field = node.find("profile")) {
    const auto profile = index_of(network.profiles(), field->text());
    if (!profile) field->expected("the name of a learning profile");
    projection.profile = static_cast<std::int32_t>(*profile);
  }
  if (const auto field = node.find("format")) projection.format = format_of(*field);
  add_at(node, [&] { network.add_projection(std::move(projection)); });
}

const char* leak_mode_name(Leak mode) {
  return mode == Leak::kExponential ? "exponential" : "subtractive";
}

OrderedJson parameters_json(const std::vector<NeuronParameters>& parameters) {
  OrderedJson json = OrderedJson::object();
  // One value where all neurons agree; threshold stays a list, so that the count survives.
  const auto put = [&](const char* name, const auto& value_of, bool keep_list) {
    const bool equal = std::all_of(
        parameters.begin(), parameters.end(),
        [&](const NeuronParameters& p) { return value_of(p) == value_of(parameters.front()); });
    if (equal && (!keep_list || parameters.size() == 1)) {
      json[name] = value_of(parameters.front());
      return;
    }
    OrderedJson list = OrderedJson::array();
    for (const NeuronParameters& p : parameters) list.push_back(value_of(p));
    json[name] = std::move(list);
  };
  for_each_number([&](const char* name, double NeuronParameters::*member) {
    put(
        name, [member](const NeuronParameters& p) { return number_json(p.*member); },
        std::string_view(name) == "threshold");
  });
  put(
      "leak_mode",
      [](const NeuronParameters& p) { return OrderedJson(leak_mode_name(p.leak_mode)); }, false);
  put(
      "refractory", [](const NeuronParameters& p) { return OrderedJson(p.refractory); }, false);
  put(
      "refractory_hold", [](const NeuronParameters& p) { return OrderedJson(p.refractory_hold); },
      false);
  put(
      "soft_reset", [](const NeuronParameters& p) { return OrderedJson(p.soft_reset); }, false);
  return json;
}

/// A list with one compact element a line: short enough to read, small enough to load.
void append_list(std::string& text, const char* name, const std::vector<OrderedJson>& elements,
                 bool last) {
  text += fmt::format(" \"{}\": [", name);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    text += i == 0 ? "\n  " : ",\n  ";
    text += elements[i].dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
  }
  text += elements.empty() ? "]" : "\n ]";
  text += last ? "\n" : ",\n";
}

/// Parses text; errors carry the place in it.
Json parse(std::string_view text, const std::string& origin) {
  // The library keeps the last of two fields of one name.
  std::vector<std::set<std::string>> fields;  // of the objects around
  const auto once = [&](int, Json::parse_event_t event, const Json& parsed) {
    if (event == Json::parse_event_t::object_start) fields.emplace_back();
    if (event == Json::parse_event_t::object_end) fields.pop_back();
    if (event == Json::parse_event_t::key) {
      const auto& name = parsed.get_ref<const std::string&>();
      if (!fields.back().insert(name).second) {
        throw InputError(fmt::format("{}: field '{}' stands twice in one object", origin, name),
                         "it once, with the value that is meant");
      }
    }
    return true;
  };
  try {
    return Json::parse(text.begin(), text.end(), once);
  } catch (const Json::exception& error) {
    // The library's text begins with an identifier in brackets that means nothing to a user.
    std::string problem = error.what();
    const std::size_t bracket = problem.find("] ");
    if (bracket != std::string::npos) problem = problem.substr(bracket + 2);
    throw InputError(fmt::format("{}: not valid JSON: {}", origin, problem),
                     "a JSON file as in docs/compiler.md; infinity is written \"inf\"");
  }
}

}  // namespace

Network Network::from_json(std::string_view text, const std::string& origin) {
  const Json document = parse(text, origin);
  const Node root(document, origin, "");
  root.has_only({"version", "name", "fraction_bits", "populations", "axons", "profiles",
                 "projections", "past"});
  if (const auto version = root.find("version")) {
    if (version->integer(std::numeric_limits<std::uint32_t>::max()) != kFormatVersion) {
      version->expected(fmt::format("{}", kFormatVersion));
    }
  }
  Network network;
  if (const auto name = root.find("name")) network.name_ = name->text();
  if (const auto bits = root.find("fraction_bits")) {
    network.fraction_bits_ =
        static_cast<std::uint32_t>(bits->integer(std::numeric_limits<std::uint32_t>::max()));
  }
  for (const Node& node : root.get("populations").elements()) read_population(node, network);
  if (const auto axons = root.find("axons")) {
    for (const Node& node : axons->elements()) read_axons(node, network);
  }
  if (const auto profiles = root.find("profiles")) {
    for (const Node& node : profiles->elements()) read_profile(node, network);
  }
  if (const auto projections = root.find("projections")) {
    for (const Node& node : projections->elements()) read_projection(node, network);
  }
  if (const auto past = root.find("past")) read_past(*past, network);
  return network;
}

void Network::save(const std::filesystem::path& path) const { write_whole(path, to_json()); }

std::string Network::to_json() const {
  std::vector<OrderedJson> populations, axons, profiles, projections;
  for (const Population& p : populations_) {
    OrderedJson json = {{"name", p.name}, {"size", p.size}};
    json["parameters"] = parameters_json(p.parameters);
    if (!p.v_init.empty()) json["v_init"] = p.v_init;
    if (!p.refractory_init.empty()) json["refractory_init"] = p.refractory_init;
    if (p.winner_take_all) json["winner_take_all"] = true;
    populations.push_back(std::move(json));
  }
  for (const AxonGroup& group : axon_groups_) {
    OrderedJson json = {{"name", group.name}, {"size", group.size}};
    if (!group.rates.empty()) json["rates"] = group.rates;
    axons.push_back(std::move(json));
  }
  for (const LearningProfile& p : profiles_) profiles.push_back(profile_json(p));
  for (const Projection& p : projections_) {
    OrderedJson json;
    json["name"] = p.name;
    json["pre"] = p.pre_is_axon ? axon_groups_[p.pre].name : populations_[p.pre].name;
    json["post"] = populations_[p.post].name;
    json["pre_index"] = p.pre_index;
    json["post_index"] = p.post_index;
    json["weight"] = p.weight;
    if (!p.delay.empty()) json["delay"] = p.delay;
    if (!p.plastic_mask.empty()) {
      json["plastic"] = p.plastic_mask;
    } else if (p.plastic) {
      json["plastic"] = true;
    }
    if (p.profile >= 0) json["profile"] = profiles_[static_cast<std::size_t>(p.profile)].name;
    if (p.format != Format::kAuto) json["format"] = p.format == Format::kDense ? "dense" : "sparse";
    projections.push_back(std::move(json));
  }
  std::string text =
      fmt::format("{{\n \"version\": {},\n \"name\": {},\n", kFormatVersion,
                  OrderedJson(name_).dump(-1, ' ', false, OrderedJson::error_handler_t::replace));
  if (fraction_bits_) text += fmt::format(" \"fraction_bits\": {},\n", *fraction_bits_);
  append_list(text, "populations", populations, false);
  append_list(text, "axons", axons, false);
  if (!profiles.empty()) append_list(text, "profiles", profiles, false);
  const OrderedJson past = past_json(past_);
  append_list(text, "projections", projections, past.is_null());
  if (!past.is_null()) text += fmt::format(" \"past\": {}\n", past.dump());
  return text + "}\n";
}

}  // namespace ncx
