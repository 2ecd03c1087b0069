// SPDX-License-Identifier: BSD-3-Clause
// Rounding to a grid with a record of what it cost, and packing of fields.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "ncx/compiler.hpp"
#include "ncx/map.hpp"

namespace ncx::compiler {

/// Puts the values of one item on a grid and keeps count. Halves are rounded away from zero.
class Grid {
 public:
  Grid(std::string item, double step, std::int64_t low, std::int64_t high)
      : low_(static_cast<double>(low)), high_(static_cast<double>(high)) {
    entry_.item = std::move(item);
    entry_.step = step;
  }

  std::int64_t operator()(double value) {
    const double scaled = value / entry_.step;  // exact: the step is a power of two
    const double nearest = std::round(scaled);
    const double stored = std::clamp(nearest, low_, high_);
    ++entry_.values;
    if (stored != nearest) {
      ++entry_.saturated;
    } else if (nearest * entry_.step != value) {  // the division loses subnormal values
      ++entry_.rounded;
    }
    entry_.largest_error = std::max(entry_.largest_error, std::abs(stored * entry_.step - value));
    return static_cast<std::int64_t>(stored);
  }
  [[nodiscard]] const QuantisationEntry& entry() const { return entry_; }

 private:
  QuantisationEntry entry_;
  double low_, high_;
};

/// Writes a field of a parameter set or a learning profile, which must be 0 before.
template <typename Words>
void put(Words& words, const map::Field& field, std::int64_t value) {
  const std::uint64_t mask = (std::uint64_t{1} << field.bits) - 1;
  words[field.word] |= (static_cast<std::uint64_t>(value) & mask) << field.lsb;
}

}  // namespace ncx::compiler
