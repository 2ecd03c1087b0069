// SPDX-License-Identifier: BSD-3-Clause
// Frames as text.
#include "link/trace.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace ncx::link {
namespace {

constexpr std::array<std::string_view, 10> kRequestNames = {
    "", "HELLO", "READ", "WRITE", "CHECK", "RUN", "EVENTS", "STOP", "RESET", "STREAM"};

std::string region_text(std::uint8_t region) {
  return region < map::kRegionNames.size() ? std::string(map::kRegionNames[region])
                                           : fmt::format("region {}", region);
}

std::string request_text(const Frame& frame) {
  const std::span<const std::uint8_t> p(frame.payload);
  const auto is = [&](map::Request code, std::size_t size) {
    return frame.code == static_cast<std::uint8_t>(code) && p.size() >= size;
  };
  if (is(map::Request::kHello, 4)) return fmt::format(" nonce {:#010x}", get_u32(p, 0));
  if (is(map::Request::kRead, 8) || is(map::Request::kWrite, 8)) {
    return fmt::format(" {} {} x {} words of unit {:#04x}", region_text(p[0]), get_u32(p, 4),
                       get_u16(p, 2), p[1]);
  }
  if (is(map::Request::kCheck, 16)) {
    return fmt::format(" {} {} x {} words, crc {:#010x}", region_text(p[0]), get_u32(p, 4),
                       get_u32(p, 8), get_u32(p, 12));
  }
  if (is(map::Request::kRun, 4)) return fmt::format(" until {}", get_u32(p, 0));
  if (is(map::Request::kEvents, 8)) {
    return fmt::format(" until {} base {}, {} words", get_u32(p, 0), get_u32(p, 4),
                       (p.size() - 8) / 2);
  }
  if (is(map::Request::kReset, 4)) return fmt::format(" mask {:#x}", get_u32(p, 0));
  if (is(map::Request::kStream, 5)) {
    return fmt::format(" position {}{}", get_u32(p, 0), p[4] != 0 ? ", resend" : "");
  }
  return {};
}

std::string reply_text(const Frame& frame) {
  const std::span<const std::uint8_t> p(frame.payload);
  if (p.size() < kReplyHeader) return fmt::format(" with only {} bytes", p.size());
  return fmt::format(" {} state {} free {} tick {}, {} data bytes", status_name(p[0]), p[1],
                     get_u16(p, 2), get_u32(p, 4), p.size() - kReplyHeader);
}

}  // namespace

std::string request_name(std::uint8_t code) {
  if (code > 0 && code < kRequestNames.size()) return std::string(kRequestNames[code]);
  return fmt::format("request {}", code);
}

std::string status_name(std::uint8_t status) {
  if (status < map::kStatusNames.size()) return std::string(map::kStatusNames[status]);
  return fmt::format("status {}", status);
}

std::string describe(const Frame& frame, bool to_device) {
  constexpr auto kReply = static_cast<std::uint8_t>(map::Reply::kReply);
  if (to_device) {
    return fmt::format("> {} #{}{}", request_name(frame.code), frame.sequence, request_text(frame));
  }
  if (frame.code == static_cast<std::uint8_t>(map::Reply::kStreamData)) {
    if (frame.payload.size() < 4) return "< STREAM_DATA without a position";
    return fmt::format("< STREAM_DATA position {}, {} words", get_u32(frame.payload, 0),
                       (frame.payload.size() - 4) / 2);
  }
  if (frame.code < kReply) return fmt::format("< code {} that no device sends", frame.code);
  return fmt::format("< {} #{}{}", request_name(static_cast<std::uint8_t>(frame.code - kReply)),
                     frame.sequence, reply_text(frame));
}

}  // namespace ncx::link
