// SPDX-License-Identifier: BSD-3-Clause
// Frames: header, payload, CRC-32, COBS, zero.
#include "link/frame.hpp"

#include <fmt/format.h>

#include "link/crc.hpp"
#include "ncx/error.hpp"

namespace ncx::link {
namespace {

constexpr std::uint8_t kCodeMask = 0x3F;
constexpr std::uint32_t kVersionShift = 6;

}  // namespace

Bytes build_frame(std::uint8_t code, std::uint8_t sequence, std::span<const std::uint8_t> payload) {
  if (payload.size() > map::kMaxPayload || code > kCodeMask) {
    throw InputError(fmt::format("a frame of code {} with {} payload bytes; expected a code of at "
                                 "most {} and at most {} bytes",
                                 code, payload.size(), kCodeMask, map::kMaxPayload),
                     "split the request");
  }
  Bytes body;
  body.reserve(payload.size() + kFrameOverhead);
  put_u8(body, (map::kProtocolVersion << kVersionShift) | code);
  put_u8(body, sequence);
  put_u16(body, static_cast<std::uint32_t>(payload.size()));
  body.insert(body.end(), payload.begin(), payload.end());
  put_u32(body, crc32(body));
  Bytes wire = cobs_encode(body);
  wire.push_back(0);
  return wire;
}

std::vector<Frame> FrameReader::feed(std::span<const std::uint8_t> bytes) {
  std::vector<Frame> frames;
  for (const std::uint8_t byte : bytes) {
    if (byte == 0) {
      finish(frames);
    } else if (coded_.size() == kMaxEncoded) {
      too_long_ = true;  // whatever it is, it ends at the next zero
    } else {
      coded_.push_back(byte);
    }
  }
  return frames;
}

void FrameReader::finish(std::vector<Frame>& frames) {
  if (coded_.empty()) return;
  const auto body = too_long_ ? std::nullopt : cobs_decode(coded_);
  coded_.clear();
  too_long_ = false;
  if (!body || body->size() < kFrameOverhead) {
    ++damaged_;
    return;
  }
  const std::span<const std::uint8_t> whole(*body);
  const std::size_t content = whole.size() - map::kFrameCrc;
  if (get_u32(whole, content) != crc32(whole.first(content))) {
    ++damaged_;
    return;
  }
  if (whole[0] >> kVersionShift != map::kProtocolVersion) {
    ++damaged_;
    ++other_version_;
    return;
  }
  const std::size_t length = content - map::kFrameHeader;
  if (get_u16(whole, 2) != length || length > map::kMaxPayload) {
    ++damaged_;
    return;
  }
  const auto payload = whole.subspan(map::kFrameHeader, length);
  frames.push_back({static_cast<std::uint8_t>(whole[0] & kCodeMask), whole[1],
                    Bytes(payload.begin(), payload.end())});
}

}  // namespace ncx::link
