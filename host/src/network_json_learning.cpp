// SPDX-License-Identifier: BSD-3-Clause
// Learning profiles and a network's past as JSON.
#include <array>
#include <string_view>

#include "network_json_node.hpp"

namespace ncx::network_json {
namespace {

template <typename Value>
struct Named {
  const char* name;
  Value value;
};

constexpr std::array kRules = {Named<Rule>{"additive", Rule::kAdditive},
                               Named<Rule>{"instar", Rule::kInstar}};
constexpr std::array kTraces = {Named<Traces>{"kernel", Traces::kKernel},
                                Named<Traces>{"exponential", Traces::kExponential}};
constexpr std::array kRoundings = {Named<Rounding>{"down", Rounding::kDown},
                                   Named<Rounding>{"nearest", Rounding::kNearest},
                                   Named<Rounding>{"stochastic", Rounding::kStochastic}};

template <typename Names, typename Value>
void read_name(const Node& node, const char* field, const Names& names, Value& value) {
  const auto found = node.find(field);
  if (!found) return;
  const std::string text = found->text();
  std::string choices;
  for (const auto& named : names) {
    if (text == named.name) {
      value = named.value;
      return;
    }
    choices += fmt::format("{}\"{}\"", choices.empty() ? "" : ", ", named.name);
  }
  found->expected("one of " + choices);
}

template <typename Names, typename Value>
void put_name(OrderedJson& json, const char* field, const Names& names, Value value,
              Value otherwise) {
  if (value == otherwise) return;
  for (const auto& named : names) {
    if (named.value == value) json[field] = named.name;
  }
}

/// Calls `visit(json name, member)` for every real-valued field.
template <typename Visit>
void for_each_number(const Visit& visit) {
  visit("pre_amplitude", &LearningProfile::pre_amplitude);
  visit("post_amplitude", &LearningProfile::post_amplitude);
  visit("pre_decay", &LearningProfile::pre_decay);
  visit("post_decay", &LearningProfile::post_decay);
  visit("w_min", &LearningProfile::w_min);
  visit("w_max", &LearningProfile::w_max);
}

template <typename Visit>
void for_each_list(const Visit& visit) {
  visit("pre_taps", &LearningProfile::pre_taps);
  visit("post_taps", &LearningProfile::post_taps);
  visit("drift", &LearningProfile::drift);
}

template <typename Visit>
void for_each_flag(const Visit& visit) {
  visit("newest", &LearningProfile::newest);
  visit("modulated", &LearningProfile::modulated);
  visit("enabled", &LearningProfile::enabled);
}

}  // namespace

void read_profile(const Node& node, Network& network) {
  node.has_only({"name", "rule", "traces", "newest", "pre_taps", "post_taps", "pre_amplitude",
                 "post_amplitude", "pre_decay", "post_decay", "drift", "w_min", "w_max",
                 "instar_shift", "rounding", "modulated", "enabled"});
  LearningProfile profile;
  if (const auto name = node.find("name")) profile.name = name->text();
  read_name(node, "rule", kRules, profile.rule);
  read_name(node, "traces", kTraces, profile.traces);
  read_name(node, "rounding", kRoundings, profile.rounding);
  for_each_number([&](const char* name, double LearningProfile::*member) {
    if (const auto field = node.find(name)) profile.*member = field->number();
  });
  for_each_list([&](const char* name, std::vector<double> LearningProfile::*member) {
    if (const auto field = node.find(name)) profile.*member = field->numbers();
  });
  for_each_flag([&](const char* name, bool LearningProfile::*member) {
    if (const auto field = node.find(name)) profile.*member = field->flag();
  });
  if (const auto field = node.find("instar_shift")) {
    profile.instar_shift =
        static_cast<std::uint32_t>(field->integer(std::numeric_limits<std::uint32_t>::max()));
  }
  add_at(node, [&] { network.add_profile(std::move(profile)); });
}

OrderedJson profile_json(const LearningProfile& profile) {
  const LearningProfile defaults;
  OrderedJson json = {{"name", profile.name}};
  put_name(json, "rule", kRules, profile.rule, defaults.rule);
  put_name(json, "traces", kTraces, profile.traces, defaults.traces);
  put_name(json, "rounding", kRoundings, profile.rounding, defaults.rounding);
  for_each_number([&](const char* name, double LearningProfile::*member) {
    if (profile.*member != defaults.*member) json[name] = number_json(profile.*member);
  });
  for_each_list([&](const char* name, std::vector<double> LearningProfile::*member) {
    if (!(profile.*member).empty()) json[name] = profile.*member;
  });
  for_each_flag([&](const char* name, bool LearningProfile::*member) {
    if (profile.*member != defaults.*member) json[name] = profile.*member;
  });
  if (profile.instar_shift != defaults.instar_shift) json["instar_shift"] = profile.instar_shift;
  return json;
}

void read_past(const Node& node, Network& network) {
  node.has_only({"spiked", "history", "age"});
  Network::Past past;
  if (const auto field = node.find("spiked")) past.spiked = field->integers<std::uint32_t>();
  if (const auto field = node.find("history")) past.history = field->integers<std::uint16_t>();
  if (const auto field = node.find("age")) {
    past.age =
        static_cast<std::uint32_t>(field->integer(std::numeric_limits<std::uint32_t>::max()));
  }
  add_at(node, [&] { network.set_past(std::move(past)); });
}

OrderedJson past_json(const Network::Past& past) {
  OrderedJson json;
  if (past.spiked.empty() && past.history.empty() && past.age == 0) return json;
  json = OrderedJson::object();
  if (!past.spiked.empty()) json["spiked"] = past.spiked;
  if (!past.history.empty()) json["history"] = past.history;
  if (past.age != 0) json["age"] = past.age;
  return json;
}

}  // namespace ncx::network_json
