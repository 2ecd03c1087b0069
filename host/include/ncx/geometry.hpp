// SPDX-License-Identifier: BSD-3-Clause
// What one build of the hardware can hold. Comes from the table of named builds or from a device's
// INFO words.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ncx/map.hpp"

namespace ncx {

using map::Region;
using map::Register;

struct Geometry {
  std::string name;
  std::uint32_t lanes = 0, neurons = 0, axons = 0, weight_bits = 0, synapse_words = 0, rows = 0,
                max_delay = 0, parameter_sets = 0, program_entries = 0, profiles = 0,
                event_entries = 0, stream_words = 0, probe_entries = 0, rx_bytes = 0, clock_hz = 0,
                baud = 0, features = 0;

  /// Weights in a dense synapse word.
  [[nodiscard]] std::uint32_t weights_per_word() const { return 32 / weight_bits; }
  [[nodiscard]] std::uint32_t local_rows() const { return neurons / lanes; }
  /// Encoder generators, one for eight lanes; each has kGeneratorWords words of state.
  [[nodiscard]] std::uint32_t generators() const { return (lanes + 7) / 8; }
  static constexpr std::uint32_t kGeneratorWords = 4;
  [[nodiscard]] std::int32_t weight_min() const { return -(1 << (weight_bits - 1)); }
  [[nodiscard]] std::int32_t weight_max() const { return (1 << (weight_bits - 1)) - 1; }
  /// Bits in which sparse rows differ that share words, behind the delay in a sparse word's delay
  /// field.
  [[nodiscard]] std::uint32_t tag_bits() const;
  /// Number of addresses in a region (see docs/registers.md for what an address means).
  [[nodiscard]] std::uint64_t region_size(Region region) const;
  /// Empty, or what makes this a build that cannot exist: "lanes is 3; expected a power of two".
  [[nodiscard]] std::string problem() const;

  /// The named build; throws ncx::Error listing the names it knows.
  [[nodiscard]] static Geometry named(std::string_view name);
  [[nodiscard]] static std::vector<std::string> names();
  /// What a network can be compiled for: a named build, or a board, which is its build at the
  /// board's line rate. Throws ncx::InputError listing both.
  [[nodiscard]] static Geometry of_target(std::string_view name);
  /// Name of the build that a board has; any other name is taken for a build's.
  [[nodiscard]] static std::string build_of(std::string_view target);
  /// Named builds, then the boards that are not called like one.
  [[nodiscard]] static std::vector<std::string> target_names();
  /// From the INFO words of a device; throws LinkError on a wrong magic, protocol version or map
  /// hash.
  [[nodiscard]] static Geometry from_info(std::span<const std::uint32_t> words);
  [[nodiscard]] std::vector<std::uint32_t> to_info(std::uint32_t build = 0) const;

  friend bool operator==(const Geometry&, const Geometry&) = default;
};

/// Bits in a word of a region.
[[nodiscard]] std::uint32_t region_bits(Region region);
[[nodiscard]] std::string_view region_name(Region region);

}  // namespace ncx
