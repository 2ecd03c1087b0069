// SPDX-License-Identifier: BSD-3-Clause
// The words of the stream (docs/protocol.md, "The stream"): written by a virtual device, read by
// the host.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ncx::link {

/// Distance from `from` to `to` in positions that wrap at 2^32; negative when `to` lies behind.
[[nodiscard]] constexpr std::int32_t distance(std::uint32_t from, std::uint32_t to) {
  return static_cast<std::int32_t>(to - from);
}

/// Writes records; remembers which tick the reader is at.
class StreamWriter {
 public:
  /// The next record starts with SYNC.
  void forget() { tick_.reset(); }
  /// One tick's record. `slots` in any order; `bitmap_slots`: slots that a bitmap covers;
  /// `potentials` are written when `probes` is set, even if there are none.
  void record(std::uint32_t tick, std::span<const std::uint32_t> slots, std::uint32_t bitmap_slots,
              bool probes, std::span<const std::int32_t> potentials,
              std::vector<std::uint16_t>& out);
  void sync(std::uint32_t tick, std::vector<std::uint16_t>& out);

 private:
  std::optional<std::uint32_t> tick_;
};

/// Takes what StreamReader finds. Ticks are device ticks.
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  virtual void spike(std::uint32_t tick, std::uint32_t slot) = 0;
  virtual void potentials(std::uint32_t tick, std::span<const std::int32_t> values) = 0;
  virtual void sync(std::uint32_t tick) = 0;
};

/// Reads words in any portions. Throws LinkError for words that no device writes.
class StreamReader {
 public:
  /// Expects SYNC first.
  void restart();
  void feed(std::span<const std::uint16_t> words, StreamSink* sink);
  /// The tick that the last word spoke of.
  [[nodiscard]] std::optional<std::uint32_t> tick() const { return tick_; }

 private:
  void finish(StreamSink* sink);
  [[nodiscard]] std::uint32_t current_tick(std::uint16_t word) const;

  std::optional<std::uint32_t> tick_;
  std::vector<std::uint16_t> item_;  ///< a word with operands, as far as it has come
  std::size_t missing_ = 0;          ///< operands that have not come
  std::vector<std::int32_t> values_;
};

}  // namespace ncx::link
