// SPDX-License-Identifier: BSD-3-Clause
// What an image says about itself; image_cbor.cpp has its file.
#include "ncx/image.hpp"

#include <boost/crc.hpp>
#include <limits>

namespace ncx {

std::vector<std::uint32_t> Image::slot_neuron() const {
  std::vector<std::uint32_t> result(geometry.neurons, std::numeric_limits<std::uint32_t>::max());
  for (std::size_t n = 0; n < neuron_slot.size(); ++n) {
    result.at(neuron_slot[n]) = static_cast<std::uint32_t>(n);
  }
  return result;
}

std::uint32_t Image::id() const {
  const std::vector<std::uint8_t> bytes = to_cbor();
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

}  // namespace ncx
