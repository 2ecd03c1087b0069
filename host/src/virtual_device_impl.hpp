// SPDX-License-Identifier: BSD-3-Clause
// The parts of a virtual device: session, registers and memories, event queue, stream ring.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "link/events.hpp"
#include "link/frame.hpp"
#include "link/stream.hpp"
#include "ncx/virtual_device.hpp"

namespace ncx {

/// The output ring: `head` is the position of the next word, `tail` of the oldest that the host has
/// not acknowledged, `sent` of the next to send.
class StreamRing {
 public:
  explicit StreamRing(std::uint32_t words) : capacity_(words) {}

  /// Words that the core has written and the ring may not have room for.
  [[nodiscard]] std::vector<std::uint16_t>& incoming() { return incoming_; }
  /// Moves what fits into the ring; true when nothing is left outside.
  bool settle();
  [[nodiscard]] bool settled() const { return incoming_.empty(); }
  /// A new session: nobody wants the words, nor the rest of a record that was under way.
  void drop();
  /// True when a resend begins.
  bool acknowledge(std::uint32_t position, bool resend);
  /// Payloads of the STREAM_DATA frames that are due; `all`: however few words they carry.
  [[nodiscard]] std::vector<link::Bytes> due(bool all);
  [[nodiscard]] std::uint32_t tail() const { return tail_; }
  [[nodiscard]] bool pending() const { return !words_.empty(); }
  [[nodiscard]] bool full() const { return words_.size() == capacity_; }

 private:
  std::size_t capacity_;
  std::deque<std::uint16_t> words_;  // from tail_ on
  std::vector<std::uint16_t> incoming_;
  std::uint32_t tail_ = 0, sent_ = 0;
};

/// Events on their way to their ticks, with the advances between them, one entry each.
class EventQueue {
 public:
  explicit EventQueue(std::uint32_t entries) : capacity_(entries) {}

  [[nodiscard]] std::uint32_t free() const;
  /// The tick below which no event may be added.
  [[nodiscard]] std::uint32_t newest() const { return queued_.empty() ? 0 : queued_.back().tick; }
  void add(const link::DecodedEvents& events);
  /// Takes out what is due in `tick`, at which the device waits.
  void wait_at(std::uint32_t tick);
  /// Moves the events of `count` ticks from `first` into a request.
  void take(std::uint32_t first, std::uint32_t count, RunRequest& request);
  void clear();

 private:
  std::uint32_t capacity_;
  std::deque<link::Event> queued_;
  std::vector<link::Event> due_;  // out of the queue, for the tick at which the device waits
};

struct VirtualDevice::Impl {
  Impl(Backend& backend, std::uint32_t build);

  struct Answer {
    map::Status status = map::Status::kOk;
    link::Bytes data;
  };

  void take(const link::Frame& frame);
  void hello(const link::Frame& frame);
  void reply(const link::Frame& frame, const Answer& answer);
  [[nodiscard]] Answer carry_out(const link::Frame& frame);
  [[nodiscard]] Answer read_again(const link::Frame& frame, map::Status remembered);
  [[nodiscard]] Answer read(std::span<const std::uint8_t> payload);
  [[nodiscard]] Answer write(std::span<const std::uint8_t> payload);
  [[nodiscard]] Answer check(std::span<const std::uint8_t> payload, bool validate);
  [[nodiscard]] Answer run(std::span<const std::uint8_t> payload);
  [[nodiscard]] Answer events(std::span<const std::uint8_t> payload);
  [[nodiscard]] Answer stop(std::span<const std::uint8_t> payload);
  [[nodiscard]] Answer reset(std::span<const std::uint8_t> payload);

  /// Region and range of READ, WRITE and CHECK.
  [[nodiscard]] map::Status check_range(std::uint8_t region, std::uint64_t address,
                                        std::uint64_t count) const;
  [[nodiscard]] std::vector<std::uint64_t> load(Region region, std::uint64_t address,
                                                std::size_t count);
  [[nodiscard]] std::uint64_t load_register(std::uint64_t address);
  void store_register(std::uint64_t address, std::uint32_t value);
  [[nodiscard]] bool running() const { return tick < until || !ring.settled(); }
  [[nodiscard]] std::uint8_t state() const;
  bool work(std::uint32_t ticks);
  void run_ticks(std::uint32_t count);
  /// What happens as soon as `tick` has reached `until`.
  void stand_still();
  void settle();

  Backend& backend;
  std::uint32_t build;
  link::FrameReader reader;
  VirtualDeviceCounts counts;
  link::Bytes outgoing;

  std::optional<std::uint32_t> nonce;
  std::uint8_t expected = 0;
  std::deque<map::Status> remembered;  // of the requests before `expected`, newest last

  std::uint32_t tick = 0, until = 0, control = 0, probes = 0, scratch = 0, dirty = 0,
                cycles_high = 0;
  bool ran = false;     // since the last SYNC at a standstill
  bool active = false;  // words have come since the last transmit()
  StreamRing ring;
  EventQueue queue;
  link::StreamWriter writer;
};

}  // namespace ncx
