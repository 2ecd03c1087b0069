// SPDX-License-Identifier: BSD-3-Clause
// A virtual device's session: sequence numbers, replies, ticks; and lines to it.
#include "ncx/virtual_device.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "ncx/error.hpp"
#include "virtual_device_impl.hpp"

namespace ncx {
namespace {

using map::Request;
using map::Status;
using std::chrono::milliseconds;

constexpr std::uint8_t code_of(Request request) { return static_cast<std::uint8_t>(request); }
constexpr auto kReplyCode = static_cast<std::uint8_t>(map::Reply::kReply);
constexpr auto kStreamCode = static_cast<std::uint8_t>(map::Reply::kStreamData);
constexpr std::uint8_t kLastRequest = 30;
constexpr std::size_t kStreamLength = 5;
constexpr std::size_t kReadChunk = 4096;
constexpr milliseconds kServePause{20};

bool bit(std::uint32_t word, std::uint32_t index) { return (word >> index & 1) != 0; }

class Loopback final : public Transport {
 public:
  Loopback(VirtualDevice& device, std::uint32_t ticks) : device_(device), ticks_(ticks) {}

  void write(std::span<const std::uint8_t> bytes) override { device_.receive(bytes); }

  [[nodiscard]] std::size_t read(std::span<std::uint8_t> out, milliseconds timeout) override {
    // A device with nothing to do will have nothing to say, however long one waits.
    const auto end = std::chrono::steady_clock::now() + timeout;
    bool busy = true;
    while (waiting_.size() == at_ && busy) {
      busy = device_.work(ticks_);
      waiting_ = device_.transmit();
      at_ = 0;
      if (std::chrono::steady_clock::now() >= end) break;
    }
    const std::size_t count = std::min(out.size(), waiting_.size() - at_);
    std::copy_n(waiting_.begin() + static_cast<std::ptrdiff_t>(at_), count, out.begin());
    at_ += count;
    return count;
  }

  [[nodiscard]] std::string description() const override { return "virtual device"; }

 private:
  VirtualDevice& device_;
  std::uint32_t ticks_;
  std::vector<std::uint8_t> waiting_;
  std::size_t at_ = 0;
};

}  // namespace

VirtualDevice::Impl::Impl(Backend& b, std::uint32_t build_number)
    : backend(b),
      build(build_number),
      ring(b.geometry().stream_words),
      queue(b.geometry().event_entries) {
  tick = until = backend.read_register(Register::kTick);
}

std::uint8_t VirtualDevice::Impl::state() const {
  return static_cast<std::uint8_t>((running() ? 1U << map::kStateBitRunning : 0U) |
                                   (ring.pending() ? 1U << map::kStateBitStreamPending : 0U));
}

void VirtualDevice::Impl::take(const link::Frame& frame) {
  if (frame.code > kLastRequest) {  // replies are never answered
    ++counts.damaged;
    return;
  }
  ++counts.frames;
  if (frame.code == code_of(Request::kStream)) {
    if (frame.payload.size() != kStreamLength) return;
    const bool resend = frame.payload[4] != 0;
    if (ring.acknowledge(link::get_u32(frame.payload, 0), resend)) ++counts.stream_resends;
    settle();
    return;
  }
  if (frame.code == code_of(Request::kHello)) {
    hello(frame);
    return;
  }
  if (!nonce) {
    reply(frame, {Status::kNoSession, {}});
    return;
  }
  const auto behind = static_cast<std::uint8_t>(expected - frame.sequence);
  if (behind == 0) {
    const Answer answer = carry_out(frame);
    if (answer.status != Status::kFull) {
      ++counts.carried_out;
      ++expected;
      remembered.push_back(answer.status);
      if (remembered.size() > map::kStatusWindow) remembered.pop_front();
    }
    reply(frame, answer);
  } else if (behind <= remembered.size()) {
    ++counts.answered_again;
    reply(frame, read_again(frame, remembered[remembered.size() - behind]));
  } else {
    ++counts.out_of_order;
    reply(frame, {Status::kOutOfOrder, {expected}});
  }
}

void VirtualDevice::Impl::hello(const link::Frame& frame) {
  if (frame.payload.size() != 4) {
    reply(frame, {Status::kBadLength, {}});
    return;
  }
  const std::uint32_t given = link::get_u32(frame.payload, 0);
  if (nonce != given) {
    ++counts.sessions;
    nonce = given;
    expected = static_cast<std::uint8_t>(frame.sequence + 1);
    remembered.clear();
    ring.drop();
    writer.forget();
  }
  Answer answer;
  link::put_u32(answer.data, ring.tail());
  for (const std::uint32_t word : backend.geometry().to_info(build)) {
    link::put_u32(answer.data, word);
  }
  reply(frame, answer);
}

void VirtualDevice::Impl::reply(const link::Frame& frame, const Answer& answer) {
  link::Bytes payload;
  link::put_u8(payload, static_cast<std::uint32_t>(answer.status));
  link::put_u8(payload, state());
  link::put_u16(payload, std::min<std::uint32_t>(queue.free(), UINT16_MAX));
  link::put_u32(payload, tick);
  payload.insert(payload.end(), answer.data.begin(), answer.data.end());
  const auto code = static_cast<std::uint8_t>(kReplyCode + frame.code);
  const link::Bytes wire = link::build_frame(code, frame.sequence, payload);
  outgoing.insert(outgoing.end(), wire.begin(), wire.end());
}

VirtualDevice::Impl::Answer VirtualDevice::Impl::carry_out(const link::Frame& frame) {
  const std::span<const std::uint8_t> payload(frame.payload);
  switch (static_cast<Request>(frame.code)) {
    case Request::kRead:
      return read(payload);
    case Request::kWrite:
      return write(payload);
    case Request::kCheck:
      return check(payload, true);
    case Request::kRun:
      return run(payload);
    case Request::kEvents:
      return events(payload);
    case Request::kStop:
      return stop(payload);
    case Request::kReset:
      return reset(payload);
    case Request::kHello:
    case Request::kStream:
      break;
  }
  return {Status::kBadType, {}};
}

VirtualDevice::Impl::Answer VirtualDevice::Impl::read_again(const link::Frame& frame,
                                                            Status status) {
  if (status == Status::kOk && frame.code == code_of(Request::kRead)) return read(frame.payload);
  if (frame.code == code_of(Request::kCheck) &&
      (status == Status::kOk || status == Status::kCrcMismatch)) {
    return check(frame.payload, false);
  }
  return {status, {}};
}

VirtualDevice::Impl::Answer VirtualDevice::Impl::run(std::span<const std::uint8_t> payload) {
  if (payload.size() != 4) return {Status::kBadLength, {}};
  const std::uint32_t target = link::get_u32(payload, 0);
  if (dirty != 0) return {Status::kNotValidated, {}};
  if (target < until) return {Status::kLate, {}};
  until = target;
  return {};
}

VirtualDevice::Impl::Answer VirtualDevice::Impl::events(std::span<const std::uint8_t> payload) {
  if (payload.size() < link::kEventHeader || payload.size() % 2 != 0) {
    return {Status::kBadLength, {}};
  }
  if (dirty != 0) return {Status::kNotValidated, {}};
  const std::uint32_t target = link::get_u32(payload, 0), base = link::get_u32(payload, 4);
  std::vector<std::uint16_t> words;
  for (std::size_t at = link::kEventHeader; at < payload.size(); at += 2) {
    words.push_back(link::get_u16(payload, at));
  }
  const auto decoded = link::decode_events(base, words);
  if (target > base || !decoded) return {Status::kBadValue, {}};
  const Geometry& g = backend.geometry();
  for (const link::Event& event : decoded->events) {
    if (event.id >= (event.is_current ? g.neurons : g.axons)) return {Status::kBadValue, {}};
  }
  const std::uint32_t earliest = std::max(until, queue.newest());
  for (const link::Event& event : decoded->events) {
    if (event.tick < earliest) return {Status::kLate, {}};
  }
  if (!words.empty() && queue.free() < words.size() + link::kEventReserve) {
    return {Status::kFull, {}};
  }
  queue.add(*decoded);
  until = std::max(until, target);
  stand_still();
  return {};
}

VirtualDevice::Impl::Answer VirtualDevice::Impl::stop(std::span<const std::uint8_t> payload) {
  if (!payload.empty()) return {Status::kBadLength, {}};
  until = tick;  // between calls of work() no tick is under way
  stand_still();
  return {};
}

VirtualDevice::Impl::Answer VirtualDevice::Impl::reset(std::span<const std::uint8_t> payload) {
  if (payload.size() != 4) return {Status::kBadLength, {}};
  if (running()) return {Status::kBusy, {}};
  const std::uint32_t mask = link::get_u32(payload, 0);
  backend.reset(mask);
  if (bit(mask, map::kResetBitInFlight)) queue.clear();
  if (bit(mask, map::kResetBitTick)) tick = until = 0;
  return {};
}

void VirtualDevice::Impl::settle() {
  const bool some = !ring.settled();
  ring.settle();
  active = active || some;
}

void VirtualDevice::Impl::stand_still() {
  if (tick != until) return;
  queue.wait_at(tick);
  if (!ran) return;
  ran = false;
  writer.sync(tick, ring.incoming());
  settle();
}

bool VirtualDevice::Impl::work(std::uint32_t ticks) {
  settle();
  if (!ring.settled()) return false;  // the host must take in the stream first
  const std::uint32_t count = std::min(ticks, until - tick);
  if (count == 0) return false;
  run_ticks(count);
  stand_still();
  settle();
  return true;
}

void VirtualDevice::Impl::run_ticks(std::uint32_t count) {
  RunRequest request;
  request.ticks = count;
  request.record_spikes = bit(control, map::kControlBitStreamSpikes);
  request.count_spikes = bit(control, map::kControlBitCountSpikes);
  if (bit(control, map::kControlBitStreamProbes)) {
    for (const std::uint64_t slot : backend.read(Region::kProbe, 0, probes)) {
      request.probes.push_back(static_cast<std::uint32_t>(slot));
    }
  }
  queue.take(tick, count, request);
  const RunResult result = backend.run(request);
  const std::uint32_t bitmap =
      backend.read_register(Register::kUsedRows) * backend.geometry().lanes;
  std::vector<std::uint32_t> slots;
  auto spike = result.spikes.begin();
  for (std::uint32_t t = 0; t < count; ++t) {
    slots.clear();
    for (; spike != result.spikes.end() && spike->tick == t; ++spike) {
      slots.push_back(spike->neuron);
    }
    const std::size_t width = request.probes.size();
    writer.record(tick + t, slots, bitmap, width > 0,
                  std::span(result.potentials).subspan(t * width, width), ring.incoming());
  }
  tick += count;
  ran = true;
}

VirtualDevice::VirtualDevice(Backend& backend, std::uint32_t build)
    : impl_(std::make_unique<Impl>(backend, build)) {}
VirtualDevice::~VirtualDevice() = default;
VirtualDevice::VirtualDevice(VirtualDevice&&) noexcept = default;
VirtualDevice& VirtualDevice::operator=(VirtualDevice&&) noexcept = default;

void VirtualDevice::receive(std::span<const std::uint8_t> bytes) {
  const std::uint64_t before = impl_->reader.damaged();
  for (const link::Frame& frame : impl_->reader.feed(bytes)) impl_->take(frame);
  impl_->counts.damaged += impl_->reader.damaged() - before;
}

bool VirtualDevice::work(std::uint32_t ticks) { return impl_->work(ticks); }

std::vector<std::uint8_t> VirtualDevice::transmit() {
  Impl& d = *impl_;
  // No new word since last time stands for the hardware's 1,024 quiet clock cycles.
  const bool all = !d.running() || d.ring.full() || !d.active;
  d.active = false;
  for (const link::Bytes& payload : d.ring.due(all)) {
    const link::Bytes wire = link::build_frame(kStreamCode, 0, payload);
    d.outgoing.insert(d.outgoing.end(), wire.begin(), wire.end());
  }
  return std::exchange(d.outgoing, {});
}

const Geometry& VirtualDevice::geometry() const { return impl_->backend.geometry(); }

const VirtualDeviceCounts& VirtualDevice::counts() const { return impl_->counts; }

std::unique_ptr<Transport> connect(VirtualDevice& device, std::uint32_t ticks) {
  return std::make_unique<Loopback>(device, ticks);
}

void serve(VirtualDevice& device, Transport& line, const std::function<bool()>& go_on,
           std::uint32_t ticks) {
  std::vector<std::uint8_t> buffer(kReadChunk);
  bool busy = false;
  while (go_on()) {
    const std::size_t count = line.read(buffer, busy ? milliseconds(0) : kServePause);
    device.receive(std::span(buffer).first(count));
    busy = device.work(ticks);
    const auto bytes = device.transmit();
    if (!bytes.empty()) line.write(bytes);
  }
}

}  // namespace ncx
