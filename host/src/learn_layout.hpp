// SPDX-License-Identifier: BSD-3-Clause
// Where the regions of learning keep what, and how their words are read.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ncx/geometry.hpp"
#include "ncx/image.hpp"

namespace ncx::learn {

constexpr std::uint32_t kModulationOne = 1U << 16;
constexpr std::int32_t kModulationMax = (1 << (map::kModulationW - 1)) - 1;
constexpr std::int32_t kModulationMin = -kModulationMax - 1;
constexpr std::uint32_t kDriftFraction = 16;
constexpr std::uint32_t kEnabledLsb = 8;  ///< of register LEARNING; profiles in use are below

[[nodiscard]] constexpr std::uint64_t drift_address(std::uint32_t profile) { return profile * 2; }
[[nodiscard]] constexpr std::uint64_t age_address(std::uint32_t profile) { return profile * 2 + 1; }
[[nodiscard]] inline std::uint64_t generator_address(const Geometry& g) { return g.profiles * 2; }

/// TAPS: for each side and four ticks of a history, what their sixteen values add up to.
constexpr std::uint32_t kSides = 2, kNibbleBits = 4, kNibbleValues = 1U << kNibbleBits;
constexpr std::uint32_t kNibbles = map::kHistoryW / kNibbleBits;
constexpr std::uint32_t kTapsOfProfile = kSides * kNibbles * kNibbleValues;
[[nodiscard]] constexpr std::size_t tap_address(std::size_t profile, std::uint32_t side,
                                                std::uint32_t nibble, std::uint32_t value) {
  return ((profile * kSides + side) * kNibbles + nibble) * kNibbleValues + value;
}
constexpr std::uint32_t kDriftStepsOfProfile = 32;  ///< places, one for each age

/// Words of TRACE, and rows of LEARN_MEMBER, that one profile has.
[[nodiscard]] inline std::uint64_t trace_words(const Geometry& g) {
  return 2 * std::uint64_t{g.neurons} + g.axons;
}
[[nodiscard]] inline std::uint64_t member_rows(const Geometry& g) {
  return (std::uint64_t{g.neurons} + g.axons) / g.lanes;
}

/// The low `bits` of a word, sign-extended.
[[nodiscard]] constexpr std::int64_t sign_extended(std::uint64_t word, std::uint32_t bits) {
  const std::uint32_t shift = 64 - bits;
  return static_cast<std::int64_t>(word << shift) >> shift;
}

/// What a drift adds to every plastic weight: floor(G / 65536).
[[nodiscard]] constexpr std::int32_t whole_drift(std::uint64_t word) {
  return static_cast<std::int32_t>(sign_extended(word, map::kDriftW) >> kDriftFraction);
}

}  // namespace ncx::learn
