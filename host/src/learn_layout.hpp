// SPDX-License-Identifier: BSD-3-Clause
// Where the regions of learning keep what, and how their words are read.
#pragma once

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
