// SPDX-License-Identifier: BSD-3-Clause
// Checks of arguments that several of the emulator's sources share.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

#include "ncx/error.hpp"

namespace ncx {

inline void check_number(std::string_view item, std::size_t number, std::size_t count) {
  if (number < count) return;
  throw InputError(fmt::format("{} {}: the network has {}", item, number, count),
                   fmt::format("{}s 0 to {}", item, count == 0 ? 0 : count - 1));
}

inline void check_size(std::string_view item, std::size_t found, std::size_t expected) {
  if (found == expected) return;
  throw InputError(fmt::format("{} {}; expected {}", found, item, expected), "one value for each");
}

}  // namespace ncx
