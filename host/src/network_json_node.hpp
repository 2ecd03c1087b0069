// SPDX-License-Identifier: BSD-3-Clause
// Reading a network's JSON document: every error names file and field.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ncx/error.hpp"
#include "ncx/network.hpp"

namespace ncx::network_json {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

inline constexpr std::size_t kShownCharacters = 40;
inline constexpr const char* kInfinity = "inf";
inline constexpr const char* kMinusInfinity = "-inf";

inline std::string shown(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return fmt::format("a list of {}", value.size());
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > kShownCharacters) text = text.substr(0, kShownCharacters) + "...";
  return text;
}

/// A value in the document and the way to it. Points into the document, which must outlive it.
class Node {
 public:
  Node(const Json& value, std::string origin, std::string path)
      : value_(&value), origin_(std::move(origin)), path_(std::move(path)) {}

  [[nodiscard]] const std::string& origin() const { return origin_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool is_list() const { return value_->is_array(); }

  [[noreturn]] void refuse(const std::string& problem, const std::string& hint = {}) const {
    throw InputError(path_.empty() ? fmt::format("{}: {}", origin_, problem)
                                   : fmt::format("{}: {}: {}", origin_, path_, problem),
                     hint);
  }
  [[noreturn]] void expected(const std::string& what) const {
    refuse(fmt::format("expected {}, found {}", what, shown(*value_)),
           "docs/compiler.md lists the fields of a network file");
  }

  /// Refuses fields that are not in `names`: a misspelt one must not be ignored in silence.
  void has_only(std::initializer_list<const char*> names) const {
    if (!value_->is_object()) expected("an object");
    for (const auto& item : value_->items()) {
      if (std::find(names.begin(), names.end(), item.key()) == names.end()) {
        refuse(fmt::format("unknown field \"{}\"", item.key()),
               fmt::format("one of: {}", fmt::join(names, ", ")));
      }
    }
  }
  [[nodiscard]] std::optional<Node> find(const char* name) const {
    const auto found = value_->find(name);
    if (found == value_->end()) return std::nullopt;
    return Node(*found, origin_, path_.empty() ? name : fmt::format("{}.{}", path_, name));
  }
  [[nodiscard]] Node get(const char* name) const {
    std::optional<Node> node = find(name);
    if (!node) refuse(fmt::format("the field \"{}\" is missing", name));
    return *std::move(node);
  }
  [[nodiscard]] std::vector<Node> elements() const {
    if (!value_->is_array()) expected("a list");
    std::vector<Node> nodes;
    for (std::size_t i = 0; i < value_->size(); ++i) nodes.push_back(at(i));
    return nodes;
  }

  [[nodiscard]] std::string text() const {
    if (!value_->is_string()) expected("a string");
    return value_->get<std::string>();
  }
  [[nodiscard]] bool flag() const {
    if (!value_->is_boolean()) expected("true or false");
    return value_->get<bool>();
  }
  [[nodiscard]] double number() const {
    if (is_number(*value_)) return to_number(*value_);
    expected("a number");
  }
  [[nodiscard]] std::uint64_t integer(std::uint64_t limit) const {
    if (is_integer(*value_, limit)) return value_->get<std::uint64_t>();
    expected(fmt::format("an integer from 0 to {}", limit));
  }
  [[nodiscard]] std::vector<double> numbers() const {
    if (!value_->is_array()) expected("a list of numbers");
    std::vector<double> result;
    result.reserve(value_->size());
    for (std::size_t i = 0; i < value_->size(); ++i) {
      if (!is_number((*value_)[i])) at(i).expected("a number");
      result.push_back(to_number((*value_)[i]));
    }
    return result;
  }
  template <typename Integer>
  [[nodiscard]] std::vector<Integer> integers() const {
    constexpr std::uint64_t kLimit = std::numeric_limits<Integer>::max();
    if (!value_->is_array()) expected("a list of integers");
    std::vector<Integer> result;
    result.reserve(value_->size());
    for (std::size_t i = 0; i < value_->size(); ++i) {
      if (!is_integer((*value_)[i], kLimit)) {
        at(i).expected(fmt::format("an integer from 0 to {}", kLimit));
      }
      result.push_back((*value_)[i].get<Integer>());
    }
    return result;
  }

 private:
  [[nodiscard]] Node at(std::size_t index) const {
    return {(*value_)[index], origin_, fmt::format("{}[{}]", path_, index)};
  }
  // JSON has no infinity; the strings "inf" and "-inf" stand for it.
  static bool is_number(const Json& value) {
    if (!value.is_string()) return value.is_number();
    const auto& text = value.get_ref<const std::string&>();
    return text == kInfinity || text == kMinusInfinity;
  }
  static double to_number(const Json& value) {
    constexpr double kInf = std::numeric_limits<double>::infinity();
    if (!value.is_string()) return value.get<double>();
    return value.get_ref<const std::string&>() == kInfinity ? kInf : -kInf;
  }
  static bool is_integer(const Json& value, std::uint64_t limit) {
    return value.is_number_unsigned() && value.get<std::uint64_t>() <= limit;
  }

  const Json* value_;
  std::string origin_, path_;
};

/// Runs `add` and puts file and field in front of what it refuses.
template <typename Add>
void add_at(const Node& node, const Add& add) {
  try {
    add();
  } catch (const InputError& error) {
    const std::string full = error.what();
    const std::string problem = full.substr(0, full.find("\n  try: "));
    node.refuse(problem, error.hint());
  }
}

inline OrderedJson number_json(double value) {
  if (std::isinf(value)) return value > 0 ? kInfinity : kMinusInfinity;
  return value;
}

/// A field of "profiles".
void read_profile(const Node& node, Network& network);
[[nodiscard]] OrderedJson profile_json(const LearningProfile& profile);
/// "past".
void read_past(const Node& node, Network& network);
/// Null for a network that begins at its beginning.
[[nodiscard]] OrderedJson past_json(const Network::Past& past);

}  // namespace ncx::network_json
