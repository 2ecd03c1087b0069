// SPDX-License-Identifier: BSD-3-Clause
// The host's side of the sequence rules in docs/protocol.md.
#include "link/link.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "link/trace.hpp"

namespace ncx::link {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::size_t kReadChunk = 4096;
constexpr std::size_t kSlack = 64;          // of the device's receive buffer, for STREAM frames
constexpr std::uint64_t kBitsPerByte = 10;  // 8N1
constexpr milliseconds kRoomPause{5};       // before a request is sent again to a full event queue
constexpr std::size_t kStreamAhead = 2 * wire_size(map::kMaxPayload);  // may precede a reply
constexpr std::size_t kHelloBytes =                                    // there and back
    1 + wire_size(4) + wire_size(kReplyHeader + 4 + 4 * map::kInfoWords);
constexpr milliseconds kStopInterval{100};
constexpr Link::Clock::duration kLongestHello = std::chrono::seconds(1);

constexpr std::uint8_t code_of(map::Request request) { return static_cast<std::uint8_t>(request); }
constexpr auto kReplyCode = static_cast<std::uint8_t>(map::Reply::kReply);

std::optional<Reply> parse_reply(const Frame& frame) {
  const std::span<const std::uint8_t> payload(frame.payload);
  if (payload.size() < kReplyHeader) return std::nullopt;
  Reply reply;
  reply.status = static_cast<map::Status>(payload[0]);
  reply.state = payload[1];
  reply.free_entries = get_u16(payload, 2);
  reply.tick = get_u32(payload, 4);
  reply.data = payload.subspan(kReplyHeader);
  return reply;
}

}  // namespace

Link::Link(std::unique_ptr<Transport> transport, LinkOptions options)
    : transport_(std::move(transport)), options_(std::move(options)) {
  if (options_.tap && transport_) transport_ = options_.tap(std::move(transport_));
  if (!transport_) throw InputError("a link without a transport", "pass an open transport");
  options_.attempts = std::max(options_.attempts, 1);
  options_.window = std::clamp<std::uint32_t>(options_.window, 1, map::kStatusWindow);
}

Link::Clock::duration Link::wire_time(std::size_t bytes) const {
  const std::uint64_t baud = transport_->baud();
  if (baud == 0) return Clock::duration{0};
  const std::uint64_t ns = kBitsPerByte * bytes * 1'000'000'000ULL / baud;
  return nanoseconds(static_cast<std::int64_t>(ns));
}

Link::Clock::duration Link::patience(std::size_t bytes) const {
  return 2 * pace_ * wire_time(bytes) + options_.grace;
}

const LinkStatistics& Link::statistics() const {
  statistics_.damaged = reader_.damaged();
  return statistics_;
}

NoAnswerError Link::silent(const std::string& what, int attempts) const {
  std::string hint = "a lower baud rate or another cable, then open the device again";
  if (statistics_.bytes_received == 0) {
    hint =
        "check power and cable, and that the board holds a NeuroCoreX bitstream; `ncx ports` "
        "lists other ports";
  } else if (reader_.other_version() > 0) {
    hint =
        "a bitstream and a host program of one release: the device's frames have another "
        "protocol version";
  } else if (statistics_.frames_received == 0) {
    hint = "another baud rate: bytes come, but no whole frame";
  }
  const std::uint32_t baud = transport_->baud();
  return NoAnswerError(
      fmt::format("no answer to {} from {}{} after {} attempt{} ({} bytes, {} good and {} damaged "
                  "frames came since it was opened)",
                  what, transport_->description(),
                  baud == 0 ? "" : fmt::format(" at {} baud", baud), attempts,
                  attempts == 1 ? "" : "s", statistics_.bytes_received, statistics_.frames_received,
                  reader_.damaged()),
      hint, statistics_.frames_received > 0 || reader_.other_version() > 0);
}

RefusedError Link::refusal(const std::string& what, map::Status status) const {
  const auto code = static_cast<std::uint8_t>(status);
  const std::string_view meaning =
      code < map::kStatusHints.size() ? map::kStatusHints[code] : "a status nobody knows";
  return RefusedError(fmt::format("{} refused {}: {} ({})", transport_->description(), what,
                                  status_name(code), meaning),
                      "reset the device and load the image again");
}

void Link::send(std::span<const std::uint8_t> wire) {
  transport_->write(wire);
  statistics_.bytes_sent += wire.size();
  ++statistics_.frames_sent;
  if (options_.trace) {
    FrameReader reader;
    for (const Frame& frame : reader.feed(wire)) options_.trace(describe(frame, true));
  }
}

std::size_t Link::in_flight() const {
  std::size_t bytes = 0;
  for (const Outstanding& o : outstanding_) bytes += o.answered ? 0 : o.wire.size();
  return bytes;
}

bool Link::room(std::size_t payload) const {
  if (outstanding_.empty()) return true;
  return outstanding_.size() < options_.window &&
         in_flight() + wire_size(payload) + kSlack <= receive_buffer_;
}

void Link::start_timer() {
  if (outstanding_.empty()) return;
  std::size_t bytes = last_.running() || last_.pending() ? kStreamAhead : 0;
  std::chrono::microseconds work{0};
  for (const Outstanding& o : outstanding_) {
    bytes += o.wire.size() + wire_size(kReplyHeader + o.order.reply_data);
    work += o.order.work;
  }
  deadline_ = now() + patience(bytes) + pace_ * work;
}

void Link::submit(Order order) {
  while (!room(order.payload.size())) pump(deadline_);
  Outstanding o;
  o.sequence = next_++;
  o.wire = build_frame(code_of(order.code), o.sequence, order.payload);
  o.order = std::move(order);
  o.order.payload.clear();
  outstanding_.push_back(std::move(o));
  if (outstanding_.size() == 1) {
    tries_ = 1;
    gone_back_ = false;
  }
  if (!wait_for_room_) {
    start_timer();
    send(outstanding_.back().wire);
  }
}

void Link::drain() {
  while (!idle()) pump(deadline_);
  raise_refusal();
}

void Link::raise_refusal() {
  if (!refusal_) return;
  const RefusedError error = *refusal_;
  refusal_.reset();
  throw error;
}

void Link::send_stream(std::uint32_t position, bool resend) {
  Bytes payload;
  put_u32(payload, position);
  put_u8(payload, resend ? 1 : 0);
  send(build_frame(code_of(map::Request::kStream), 0, payload));
  if (resend) ++statistics_.stream_resends;
}

void Link::raise_stop() const {
  if (undisturbed_ == 0 && options_.stop && options_.stop()) {
    throw Interrupted(fmt::format("stopped while {} was at work", transport_->description()),
                      "the same command again; the device is ready for it");
  }
}

std::vector<Frame> Link::receive(Clock::time_point until) {
  raise_stop();
  // On a real line, where waiting takes the user's time, look for the wish to stop now and then.
  if (options_.stop && !simulated()) until = std::min(until, now() + kStopInterval);
  std::array<std::uint8_t, kReadChunk> buffer{};
  const auto wait = std::max(until - now(), Clock::duration{0});
  const std::size_t count = transport_->read(buffer, std::chrono::ceil<milliseconds>(wait));
  if (count == 0) {
    ahead_ += std::max(until - now(), Clock::duration{0});
    return {};
  }
  statistics_.bytes_received += count;
  auto frames = reader_.feed(std::span(buffer).first(count));
  statistics_.frames_received += frames.size();
  if (options_.trace) {
    for (const Frame& frame : frames) options_.trace(describe(frame, false));
  }
  return frames;
}

bool Link::pump(Clock::time_point until) {
  const auto frames = receive(idle() ? until : std::min(until, deadline_));
  for (const Frame& frame : frames) dispatch(frame);
  if (!idle() && now() >= deadline_) overdue();
  return !frames.empty() || now() < until;
}

void Link::dispatch(const Frame& frame) {
  if (frame.code == static_cast<std::uint8_t>(map::Reply::kStreamData)) {
    take_stream(frame);
  } else if (frame.code > kReplyCode) {
    take_reply(frame);
  }
}

void Link::take_stream(const Frame& frame) {
  const std::span<const std::uint8_t> payload(frame.payload);
  if (payload.size() < 4 || payload.size() % 2 != 0 || !stream_handler_) return;
  std::vector<std::uint16_t> words;
  words.reserve(payload.size() / 2);
  for (std::size_t at = 4; at < payload.size(); at += 2) words.push_back(get_u16(payload, at));
  stream_handler_(get_u32(payload, 0), words);
}

void Link::take_reply(const Frame& frame) {
  const auto reply = parse_reply(frame);
  if (!reply) return;
  const auto match = std::find_if(outstanding_.begin(), outstanding_.end(), [&](const auto& o) {
    return o.sequence == frame.sequence && code_of(o.order.code) + kReplyCode == frame.code;
  });
  if (match == outstanding_.end() || match->answered) return;  // an answer given twice
  last_ = *reply;
  last_.data = {};
  switch (reply->status) {
    case map::Status::kNoSession:
      throw LinkError(fmt::format("{} has forgotten the session: it was reset or configured anew",
                                  transport_->description()),
                      "load the image again");
    case map::Status::kOutOfOrder:
      out_of_order(*reply);
      return;
    case map::Status::kFull:
      if (wait_for_room_) return;
      if (!full_since_) full_since_ = now();
      if (now() - *full_since_ > options_.stall) {
        throw LinkError(fmt::format("the event queue of {} stays full", transport_->description()),
                        "reset the device");
      }
      wait_for_room_ = gone_back_ = true;
      deadline_ = now() + kRoomPause;
      return;
    default:
      answered(static_cast<std::size_t>(match - outstanding_.begin()), *reply);
  }
}

void Link::out_of_order(const Reply& reply) {
  if (gone_back_ || reply.data.empty()) return;
  const auto ahead = static_cast<std::uint8_t>(reply.data[0] - outstanding_.front().sequence);
  if (ahead > outstanding_.size()) return;  // about a request that was answered since
  if (tries_ >= options_.attempts) throw silent(outstanding_.front().order.what, tries_);
  ++tries_;
  gone_back_ = true;
  send_again(outstanding_.size());
  start_timer();
}

void Link::answered(std::size_t index, const Reply& reply) {
  full_since_.reset();
  outstanding_[index].answered = true;
  Order order = std::move(outstanding_[index].order);
  if (index == 0) {
    while (!outstanding_.empty() && outstanding_.front().answered) outstanding_.pop_front();
    tries_ = 1;
    gone_back_ = false;
    start_timer();
  } else if (!gone_back_ && tries_ < options_.attempts) {
    // The device answers in order, so what it answered before this was lost.
    ++tries_;
    gone_back_ = true;
    send_again(index);
    start_timer();
  }
  if (reply.status == map::Status::kOk || order.takes_refusals) {
    if (order.done) order.done(reply);
  } else if (!refusal_) {
    refusal_ = refusal(order.what, reply.status);
  }
}

void Link::send_again(std::size_t count) {
  static constexpr std::array<std::uint8_t, 1> kFlush{0};
  transport_->write(kFlush);  // ends whatever a lost delimiter left open
  ++statistics_.bytes_sent;
  for (std::size_t i = 0; i < count; ++i) {
    if (outstanding_[i].answered) continue;
    send(outstanding_[i].wire);
    ++statistics_.retries;
  }
}

void Link::overdue() {
  if (!wait_for_room_) {
    if (tries_ >= options_.attempts) throw silent(outstanding_.front().order.what, tries_);
    ++tries_;
  }
  wait_for_room_ = gone_back_ = false;
  send_again(outstanding_.size());
  start_timer();
}

Link::Hello Link::hello() {
  outstanding_.clear();
  refusal_.reset();
  full_since_.reset();
  wait_for_room_ = gone_back_ = false;
  last_ = {};
  const std::uint32_t nonce = random_();
  const auto sequence = static_cast<std::uint8_t>(random_() & 0xFF);
  const auto started = now();
  auto wait = patience(kHelloBytes + kStreamAhead);
  for (int attempt = 0; attempt < 2 * options_.attempts; ++attempt) {
    if (attempt == options_.attempts) {
      // Whatever the device is doing, it should do less of it.
      send(build_frame(code_of(map::Request::kStop), sequence, {}));
    }
    if (attempt >= options_.attempts) wait = std::min(2 * wait, kLongestHello);
    if (auto answer = try_hello(sequence, nonce, wait)) {
      if (attempt > 0) measure_pace(sequence, nonce, now() - started);
      return *answer;
    }
  }
  throw silent("HELLO", 2 * options_.attempts);
}

// The first HELLO was lost, or the device is slower than its line: a simulator, whose clock is not
// ours. A second exchange on a line that has fallen silent tells.
void Link::measure_pace(std::uint8_t sequence, std::uint32_t nonce, Clock::duration took) {
  const auto limit = now() + 4 * took;
  for (auto heard = now(); now() < std::min(heard + took, limit);) {
    const std::uint64_t before = statistics_.bytes_received;
    (void)receive(std::min(heard + took, limit));
    if (statistics_.bytes_received != before) heard = now();
  }
  const auto sent = now();
  if (!try_hello(sequence, nonce, 4 * took)) return;
  const auto expected = wire_time(kHelloBytes);
  if (now() - sent <= patience(kHelloBytes) || expected == Clock::duration{0}) return;
  pace_ = std::max<std::int64_t>(pace_, (now() - sent + expected) / expected);
}

std::optional<Link::Hello> Link::try_hello(std::uint8_t sequence, std::uint32_t nonce,
                                           Clock::duration wait) {
  Bytes payload;
  put_u32(payload, nonce);
  Bytes wire{0};  // ends whatever an earlier program left open
  const Bytes frame = build_frame(code_of(map::Request::kHello), sequence, payload);
  wire.insert(wire.end(), frame.begin(), frame.end());
  send(wire);
  const auto until = now() + wait;
  std::optional<Hello> result;
  while (!result && now() < until) {
    for (const Frame& answer : receive(until)) {
      const auto reply = parse_reply(answer);
      if (answer.sequence != sequence || !reply || reply->data.size() < 4 ||
          answer.code != kReplyCode + code_of(map::Request::kHello) ||
          reply->status != map::Status::kOk) {
        continue;
      }
      result.emplace();
      result->position = get_u32(reply->data, 0);
      for (std::size_t at = 4; at + 4 <= reply->data.size(); at += 4) {
        result->info.push_back(get_u32(reply->data, at));
      }
      last_ = *reply;
      last_.data = {};
    }
  }
  next_ = static_cast<std::uint8_t>(sequence + 1);
  return result;
}

}  // namespace ncx::link
