// SPDX-License-Identifier: BSD-3-Clause
// CRC-32 by Boost.CRC.
#include "link/crc.hpp"

#include <array>
#include <boost/crc.hpp>

namespace ncx::link {

std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

std::uint32_t crc32_words(std::span<const std::uint64_t> words) {
  boost::crc_32_type crc;
  for (const std::uint64_t word : words) {
    std::array<std::uint8_t, 5> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<std::uint8_t>((word >> (8 * i)) & 0xFF);
    }
    crc.process_bytes(bytes.data(), bytes.size());
  }
  return crc.checksum();
}

}  // namespace ncx::link
