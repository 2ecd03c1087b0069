// SPDX-License-Identifier: BSD-3-Clause
// Consistent overhead byte stuffing: bytes without zeros, so that a zero can end a frame.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "link/bytes.hpp"

namespace ncx::link {

inline constexpr std::size_t kCobsBlock = 254;  ///< non-zero bytes in a full block

/// Most bytes that `size` bytes can become, without the delimiter.
[[nodiscard]] constexpr std::size_t cobs_limit(std::size_t size) {
  return size == 0 ? 1 : size + (size + kCobsBlock - 1) / kCobsBlock;
}
/// Without the delimiter.
[[nodiscard]] Bytes cobs_encode(std::span<const std::uint8_t> data);
/// Nothing when a block runs past the end, or when there is a zero inside.
[[nodiscard]] std::optional<Bytes> cobs_decode(std::span<const std::uint8_t> coded);

}  // namespace ncx::link
