// SPDX-License-Identifier: BSD-3-Clause
// Requests and replies over a transport: sequence numbers, several frames in flight, go-back-N.
// Time is the transport's: a read that returns nothing has let its timeout pass, also when an
// in-process device did that without waiting. For a transport that no line limits (baud 0) nothing
// else is time: a simulator may need a second of ours for what it calls a millisecond.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "link/frame.hpp"
#include "ncx/device.hpp"
#include "ncx/error.hpp"

namespace ncx::link {

struct Reply {
  map::Status status = map::Status::kOk;
  std::uint8_t state = 0;
  std::uint16_t free_entries = 0;
  std::uint32_t tick = 0;
  std::span<const std::uint8_t> data;
  [[nodiscard]] bool running() const { return (state >> map::kStateBitRunning & 1) != 0; }
  [[nodiscard]] bool pending() const { return (state >> map::kStateBitStreamPending & 1) != 0; }
};

struct Order {
  map::Request code = map::Request::kStop;
  Bytes payload;
  std::size_t reply_data = 0;         ///< expected bytes of data, for the timeout
  std::chrono::microseconds work{0};  ///< time the device needs beyond the wire's
  std::string what;                   ///< for messages: "READ of SYNAPSE 0..253"
  bool takes_refusals = false;        ///< `done` wants to see every status
  std::function<void(const Reply&)> done;
};

class Link {
 public:
  using Clock = std::chrono::steady_clock;
  using StreamHandler = std::function<void(std::uint32_t, std::span<const std::uint16_t>)>;

  Link(std::unique_ptr<Transport> transport, LinkOptions options);

  struct Hello {
    std::uint32_t position = 0;
    std::vector<std::uint32_t> info;
  };
  /// Starts a new session; whatever was outstanding is forgotten.
  Hello hello();
  /// Encoded bytes the device can hold; from INFO.
  void set_receive_buffer(std::uint32_t bytes) { receive_buffer_ = bytes; }
  void on_stream(StreamHandler handler) { stream_handler_ = std::move(handler); }

  [[nodiscard]] bool idle() const { return outstanding_.empty(); }
  /// Whether submit() would send at once.
  [[nodiscard]] bool room(std::size_t payload) const;
  /// Sends as soon as the window allows.
  void submit(Order order);
  /// Waits for all answers; throws RefusedError for the first refusal among them.
  void drain();
  /// Throws what drain() would throw for answers that are here already.
  void raise_refusal();
  /// Handles what comes until something came or `until` has passed; sends again what is overdue.
  /// False when `until` has passed.
  bool pump(Clock::time_point until);
  /// While one lives, the caller's wish to stop waits: the device is being left in order.
  class Undisturbed {
   public:
    explicit Undisturbed(Link& link) : link_(link) { ++link_.undisturbed_; }
    ~Undisturbed() { --link_.undisturbed_; }
    Undisturbed(const Undisturbed&) = delete;
    Undisturbed& operator=(const Undisturbed&) = delete;

   private:
    Link& link_;
  };
  /// Acknowledges the stream up to `position`; not answered.
  void send_stream(std::uint32_t position, bool resend);

  /// No real line: time is what the transport's reads say has passed.
  [[nodiscard]] bool simulated() const { return transport_->baud() == 0; }
  [[nodiscard]] Clock::time_point now() const {
    return (simulated() ? opened_at_ : Clock::now()) + ahead_;
  }
  [[nodiscard]] Clock::duration wire_time(std::size_t bytes) const;
  /// How long to wait for an answer while `bytes` are on their way. A real device's pace is 1; a
  /// simulated one, whose line is slower than it says, gets as much more time as it has shown to
  /// need.
  [[nodiscard]] Clock::duration patience(std::size_t bytes) const;
  [[nodiscard]] const Reply& last() const { return last_; }  ///< newest reply, without data
  [[nodiscard]] const LinkOptions& options() const { return options_; }
  [[nodiscard]] const LinkStatistics& statistics() const;
  [[nodiscard]] std::uint32_t baud() const { return transport_->baud(); }
  [[nodiscard]] std::string description() const { return transport_->description(); }
  [[nodiscard]] RefusedError refusal(const std::string& what, map::Status status) const;
  /// "no answer..." with what may be the matter.
  [[nodiscard]] NoAnswerError silent(const std::string& what, int attempts) const;

 private:
  struct Outstanding {
    std::uint8_t sequence = 0;
    Bytes wire;
    Order order;
    bool answered = false;
  };

  void send(std::span<const std::uint8_t> wire);
  void send_again(std::size_t count);
  std::vector<Frame> receive(Clock::time_point until);
  void raise_stop() const;
  void dispatch(const Frame& frame);
  void take_reply(const Frame& frame);
  void take_stream(const Frame& frame);
  void out_of_order(const Reply& reply);
  void answered(std::size_t index, const Reply& reply);
  void overdue();
  void start_timer();
  std::optional<Hello> try_hello(std::uint8_t sequence, std::uint32_t nonce, Clock::duration wait);
  void measure_pace(std::uint8_t sequence, std::uint32_t nonce, Clock::duration took);
  [[nodiscard]] std::size_t in_flight() const;

  std::unique_ptr<Transport> transport_;
  LinkOptions options_;
  FrameReader reader_;
  StreamHandler stream_handler_;
  mutable LinkStatistics statistics_;
  std::random_device random_;

  std::deque<Outstanding> outstanding_;
  std::uint8_t next_ = 0;
  std::size_t receive_buffer_ = 0;
  int tries_ = 0;           ///< times the oldest request was sent
  bool gone_back_ = false;  ///< refusals still on their way are about frames sent before that
  std::optional<Clock::time_point> full_since_;
  bool wait_for_room_ = false;
  int undisturbed_ = 0;
  Clock::time_point opened_at_ = Clock::now(), deadline_{};
  Clock::duration ahead_{0};
  std::int64_t pace_ = 1;
  std::optional<RefusedError> refusal_;
  Reply last_;
};

}  // namespace ncx::link
