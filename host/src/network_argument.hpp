// SPDX-License-Identifier: BSD-3-Clause
// How a Network says which argument it does not take.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <utility>

#include "ncx/error.hpp"

namespace ncx {

/// Names one argument in messages: "population 'out': threshold[3]".
class Argument {
 public:
  Argument(std::string owner, std::string field)
      : owner_(std::move(owner)), field_(std::move(field)) {}

  [[nodiscard]] Argument at(std::size_t index) const {
    return {owner_, fmt::format("{}[{}]", field_, index)};
  }
  template <typename Value>
  [[noreturn]] void refuse(const Value& value, const std::string& expected,
                           const std::string& hint = {}) const {
    throw InputError(fmt::format("{}: {} is {}, expected {}", owner_, field_, value, expected),
                     hint);
  }

 private:
  std::string owner_, field_;
};

[[noreturn]] inline void refuse_count(const Argument& argument, std::size_t count,
                                      const std::string& expected) {
  argument.refuse(fmt::format("a list of {}", count), expected);
}

}  // namespace ncx
