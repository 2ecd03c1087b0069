// SPDX-License-Identifier: BSD-3-Clause
// Little-endian numbers in byte sequences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ncx::link {

using Bytes = std::vector<std::uint8_t>;

inline void put_u8(Bytes& out, std::uint32_t value) {
  out.push_back(static_cast<std::uint8_t>(value & 0xFF));
}
inline void put_u16(Bytes& out, std::uint32_t value) {
  put_u8(out, value);
  put_u8(out, value >> 8);
}
inline void put_u32(Bytes& out, std::uint32_t value) {
  put_u16(out, value);
  put_u16(out, value >> 16);
}
/// The low `count` bytes of `value`.
inline void put_bytes(Bytes& out, std::uint64_t value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(static_cast<std::uint8_t>((value >> (8 * i)) & 0xFF));
  }
}

/// `count` bytes from `at`; the caller has checked the length.
[[nodiscard]] inline std::uint64_t get_bytes(std::span<const std::uint8_t> in, std::size_t at,
                                             std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value |= static_cast<std::uint64_t>(in[at + i]) << (8 * i);
  }
  return value;
}
[[nodiscard]] inline std::uint16_t get_u16(std::span<const std::uint8_t> in, std::size_t at) {
  return static_cast<std::uint16_t>(get_bytes(in, at, 2));
}
[[nodiscard]] inline std::uint32_t get_u32(std::span<const std::uint8_t> in, std::size_t at) {
  return static_cast<std::uint32_t>(get_bytes(in, at, 4));
}

}  // namespace ncx::link
