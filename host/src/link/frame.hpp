// SPDX-License-Identifier: BSD-3-Clause
// The frames of docs/protocol.md: build them, and find them again in whatever the line delivers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "link/bytes.hpp"
#include "link/cobs.hpp"
#include "ncx/map.hpp"

namespace ncx::link {

struct Frame {
  std::uint8_t code = 0;  ///< request, reply or stream code, without the version
  std::uint8_t sequence = 0;
  Bytes payload;
  friend bool operator==(const Frame&, const Frame&) = default;
};

inline constexpr std::size_t kFrameOverhead = map::kFrameHeader + map::kFrameCrc;
/// Longest COBS-encoded body, without the delimiter.
inline constexpr std::size_t kMaxEncoded = cobs_limit(map::kMaxPayload + kFrameOverhead);
/// Bytes of a reply's payload before its data.
inline constexpr std::size_t kReplyHeader = 8;

/// What goes onto the wire, delimiter included. The payload must be at most map::kMaxPayload bytes.
[[nodiscard]] Bytes build_frame(std::uint8_t code, std::uint8_t sequence,
                                std::span<const std::uint8_t> payload);

/// Most bytes that a frame with such a payload takes on the wire.
[[nodiscard]] constexpr std::size_t wire_size(std::size_t payload) {
  return cobs_limit(payload + kFrameOverhead) + 1;
}

/// Incremental: takes bytes in any portions, returns the good frames among them, counts the rest.
class FrameReader {
 public:
  [[nodiscard]] std::vector<Frame> feed(std::span<const std::uint8_t> bytes);
  /// Frames dropped for any reason.
  [[nodiscard]] std::uint64_t damaged() const { return damaged_; }
  /// Those among them that were whole but had another protocol version.
  [[nodiscard]] std::uint64_t other_version() const { return other_version_; }

 private:
  void finish(std::vector<Frame>& frames);

  Bytes coded_;
  bool too_long_ = false;
  std::uint64_t damaged_ = 0, other_version_ = 0;
};

}  // namespace ncx::link
