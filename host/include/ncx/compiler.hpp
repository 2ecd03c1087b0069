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
      fraction_bits;       ///< state units are 2^-fraction_bits; empty: the network's, or chosen
  std::uint32_t seed = 1;  ///< of the encoders' generators
  double activity = 0.02;  ///< share of the sources that spike in a tick, for the report
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
      1.0;  ///< synapse words stored for each that a perfect packing needs
  std::vector<std::uint64_t> lane_words;  ///< synapse words in use, by lane
  double activity = 0;
  double cycles_idle = 0;    ///< cycles of a tick in which no source spikes
  double cycles_active = 0;  ///< on average, if each source spikes with probability `activity`
  double cycles_all = 0;     ///< cycles of a tick in which every source spikes
  double load_seconds = 0;   ///< wire time of a full load at the target's baud
  std::vector<std::uint32_t> neuron_slot;  ///< user neuron -> slot
  /// Words in the fullest lane for each in a mean one; 1 without any.
  [[nodiscard]] double lane_balance() const;
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

/// Throws the CapacityError with which compile() refuses what `report` says does not fit.
[[noreturn]] void refuse(const Network& network, const CompileReport& report,
                         const CompileOptions& options = {});
/// The smallest board that holds the network: the first in the order of constraints/boards.toml,
/// which goes from small parts to large ones. Throws CapacityError if none does.
[[nodiscard]] std::string recommend(const Network& network, const CompileOptions& options = {});

}  // namespace ncx
