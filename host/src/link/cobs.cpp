// SPDX-License-Identifier: BSD-3-Clause
// Consistent overhead byte stuffing. A full block (code 0xFF) stands for no zero, and none is
// appended after one that ends the data.
#include "link/cobs.hpp"

#include <algorithm>

namespace ncx::link {

Bytes cobs_encode(std::span<const std::uint8_t> data) {
  Bytes out;
  out.reserve(cobs_limit(data.size()));
  std::size_t at = 0;
  while (true) {
    const std::size_t end = std::min(data.size(), at + kCobsBlock);
    const auto first = data.begin() + static_cast<std::ptrdiff_t>(at);
    const auto last = data.begin() + static_cast<std::ptrdiff_t>(end);
    const auto zero = std::find(first, last, std::uint8_t{0});
    const auto length = static_cast<std::size_t>(zero - first);
    out.push_back(static_cast<std::uint8_t>(length + 1));
    out.insert(out.end(), first, zero);
    at += length;
    if (at == data.size()) return out;
    if (length < kCobsBlock) ++at;  // this block's code stands for the zero
  }
}

std::optional<Bytes> cobs_decode(std::span<const std::uint8_t> coded) {
  Bytes out;
  out.reserve(coded.size());
  std::size_t at = 0;
  while (at < coded.size()) {
    const std::size_t code = coded[at++];
    if (code == 0 || code - 1 > coded.size() - at) return std::nullopt;
    for (const std::size_t end = at + code - 1; at < end; ++at) {
      if (coded[at] == 0) return std::nullopt;
      out.push_back(coded[at]);
    }
    if (code <= kCobsBlock && at < coded.size()) out.push_back(0);
  }
  return out;
}

}  // namespace ncx::link
