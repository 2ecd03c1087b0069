// SPDX-License-Identifier: BSD-3-Clause
// Network -> Image: quantise, place, pack, check capacity, report.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ncx/image.hpp"
#include "ncx/network.hpp"

namespace ncx {

struct CompileOptions {
  std::optional<std::uint32_t>
      fraction_bits;       ///< state units are 2^-fraction_bits; chosen when empty
  std::uint32_t seed = 1;  ///< of the encoders' generators
};

/// How one quantity fared on the fixed-point grid.
struct QuantisationEntry {
  std::string item;  ///< "projection in->hidden: weight", "population out: threshold"
  std::size_t values = 0, rounded = 0, saturated = 0;
  double step = 0, largest_error = 0;
};

/// Use of one memory.
struct CapacityEntry {
  std::string item;  ///< "synapse words a lane", "row table entries", ...
  std::uint64_t used = 0, available = 0;
};

struct CompileReport {
  std::string target;
  std::uint32_t fraction_bits = 0;
  std::vector<CapacityEntry> capacity;
  std::vector<QuantisationEntry> quantisation;
  double stored_per_needed_word =
      1.0;                  ///< synapse words stored for each that a perfect packing needs
  double cycles_idle = 0;   ///< cycles of a tick in which no source spikes
  double cycles_all = 0;    ///< cycles of a tick in which every source spikes
  double load_seconds = 0;  ///< wire time of a full load at the target's baud
  [[nodiscard]] bool fits() const;
  /// A table for people.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string json() const;
};

struct Compiled {
  Image image;
  CompileReport report;
};

/// Throws CapacityError naming every memory that is too small, InputError for values that no grid
/// can hold.
[[nodiscard]] Compiled compile(const Network& network, const Geometry& geometry,
                               const CompileOptions& options = {});
/// The report alone, also for a network that does not fit.
[[nodiscard]] CompileReport check(const Network& network, const Geometry& geometry,
                                  const CompileOptions& options = {});

}  // namespace ncx
