// SPDX-License-Identifier: BSD-3-Clause
// Frames as docs/protocol.md describes them, written apart from both the RTL and the host library.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <vector>

namespace ncx::test {

using Bytes = std::vector<std::uint8_t>;

/// Repeatable numbers.
class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  std::uint32_t operator()() { return static_cast<std::uint32_t>(engine_()); }

 private:
  std::mt19937 engine_;
};

struct Frame {
  std::uint8_t kind = 0, sequence = 0;
  Bytes payload;
  [[nodiscard]] std::uint8_t code() const { return kind & 0x3F; }
  friend bool operator==(const Frame&, const Frame&) = default;
};

[[nodiscard]] std::uint32_t crc32(std::span<const std::uint8_t> bytes);
[[nodiscard]] Bytes cobs_encode(std::span<const std::uint8_t> body);
[[nodiscard]] std::optional<Bytes> cobs_decode(std::span<const std::uint8_t> wire);

/// Body without COBS and delimiter.
[[nodiscard]] Bytes body(const Frame& frame);
/// With COBS and the zero at the end.
[[nodiscard]] Bytes encode(const Frame& frame);
/// One frame without its zero; empty when anything about it is wrong.
[[nodiscard]] std::optional<Frame> decode(std::span<const std::uint8_t> wire);

inline void put16(Bytes& out, std::uint32_t value) {
  out.push_back(static_cast<std::uint8_t>(value & 0xFF));
  out.push_back(static_cast<std::uint8_t>((value >> 8) & 0xFF));
}
inline void put32(Bytes& out, std::uint32_t value) {
  put16(out, value);
  put16(out, value >> 16);
}
[[nodiscard]] inline std::uint32_t get16(std::span<const std::uint8_t> in, std::size_t at) {
  return static_cast<std::uint32_t>(in[at] | (in[at + 1] << 8));
}
[[nodiscard]] inline std::uint32_t get32(std::span<const std::uint8_t> in, std::size_t at) {
  return get16(in, at) | (get16(in, at + 2) << 16);
}

}  // namespace ncx::test
