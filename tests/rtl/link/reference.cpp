// SPDX-License-Identifier: BSD-3-Clause
// CRC-32 bit by bit, COBS by the book.
#include "reference.hpp"

#include <algorithm>

namespace ncx::test {

std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t byte : bytes) {
    for (int bit = 0; bit < 8; ++bit) {
      const bool feedback = ((crc ^ (byte >> bit)) & 1) != 0;
      crc = (crc >> 1) ^ (feedback ? 0xEDB88320 : 0);
    }
  }
  return ~crc;
}

Bytes cobs_encode(std::span<const std::uint8_t> body) {
  Bytes out;
  std::size_t at = 0;
  bool again = true;
  while (again) {
    std::size_t run = 0;
    while (run < 254 && at + run < body.size() && body[at + run] != 0) ++run;
    out.push_back(static_cast<std::uint8_t>(run + 1));
    const auto first = body.begin() + static_cast<std::ptrdiff_t>(at);
    out.insert(out.end(), first, first + static_cast<std::ptrdiff_t>(run));
    at += run;
    if (run == 254) {
      again = at < body.size();
    } else {
      again = at < body.size();  // stopped at a zero: there is a block after it, maybe empty
      ++at;
    }
  }
  return out;
}

std::optional<Bytes> cobs_decode(std::span<const std::uint8_t> wire) {
  Bytes out;
  std::size_t at = 0;
  while (at < wire.size()) {
    const std::uint8_t code = wire[at++];
    if (code == 0 || at + code - 1 > wire.size()) return std::nullopt;
    for (int i = 1; i < code; ++i) {
      if (wire[at] == 0) return std::nullopt;
      out.push_back(wire[at++]);
    }
    if (code != 255 && at < wire.size()) out.push_back(0);
  }
  return out;
}

Bytes body(const Frame& frame) {
  Bytes out;
  out.reserve(frame.payload.size() + 8);
  out.push_back(frame.kind);
  out.push_back(frame.sequence);
  put16(out, static_cast<std::uint32_t>(frame.payload.size()));
  out.insert(out.end(), frame.payload.begin(), frame.payload.end());
  put32(out, crc32(out));
  return out;
}

Bytes encode(const Frame& frame) {
  Bytes out = cobs_encode(body(frame));
  out.push_back(0);
  return out;
}

std::optional<Frame> decode(std::span<const std::uint8_t> wire) {
  const auto plain = cobs_decode(wire);
  if (!plain || plain->size() < 8) return std::nullopt;
  const std::size_t length = get16(*plain, 2);
  if (plain->size() != length + 8 || length > 1024) return std::nullopt;
  const std::span<const std::uint8_t> all(*plain);
  if (crc32(all.first(length + 4)) != get32(all, length + 4)) return std::nullopt;
  const auto payload = all.subspan(4, length);
  return Frame{(*plain)[0], (*plain)[1], Bytes(payload.begin(), payload.end())};
}

}  // namespace ncx::test
