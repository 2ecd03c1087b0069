// SPDX-License-Identifier: BSD-3-Clause
// CRC-32 (IEEE) of frames and of memory contents.
#pragma once

#include <cstdint>
#include <span>

namespace ncx::link {

[[nodiscard]] std::uint32_t crc32(std::span<const std::uint8_t> bytes);
/// As CHECK computes it: five little-endian bytes a word.
[[nodiscard]] std::uint32_t crc32_words(std::span<const std::uint64_t> words);

}  // namespace ncx::link
