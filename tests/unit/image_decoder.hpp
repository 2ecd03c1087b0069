// SPDX-License-Identifier: BSD-3-Clause
// Reads a compiled image back into lists, from docs/registers.md and docs/model.md alone: shares no
// code with the compiler.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "ncx/image.hpp"

namespace ncx::test {

/// A synapse as the hardware sees it.
struct DecodedSynapse {
  bool from_axon = false;
  std::uint32_t source = 0;  ///< slot or hardware axon
  std::uint32_t target = 0;  ///< slot
  std::int64_t effect = 0;   ///< weight * 2^exponent, in state units
  std::uint32_t delay = 1;
  bool plastic = false;
  friend auto operator<=>(const DecodedSynapse&, const DecodedSynapse&) = default;
};

struct DecodedRow {
  bool from_axon = false;
  std::uint32_t source = 0;
  std::uint32_t base = 0, length = 0, exponent = 0, target = 0, profile = 0;
  bool sparse = false;
};

struct DecodedEntry {
  std::uint32_t row = 0, set = 0, op = 0, mask = 0;
};

/// Rows that share words differ in their tags: so many are there.
[[nodiscard]] std::uint32_t tag_count(const Geometry& geometry);
/// Rows in the order in which the hardware walks them, slots first, then axons.
[[nodiscard]] std::vector<DecodedRow> decode_rows(const Image& image);
/// Every synapse but those that cannot be told from padding: all-zero sparse words, and dense
/// fields of weight 0 that are not plastic.
[[nodiscard]] std::vector<DecodedSynapse> decode_synapses(const Image& image);
[[nodiscard]] std::vector<DecodedEntry> decode_program(const Image& image);

}  // namespace ncx::test
