// SPDX-License-Identifier: BSD-3-Clause
// The test's host and the stub core's knobs.
#include "bench.hpp"

#include <Vlink_device___024root.h>

#include <algorithm>
#include <catch2/catch.hpp>

namespace ncx::test {
namespace {

constexpr unsigned kRegionShift = 12;  // AddrW of the stub
constexpr std::uint8_t kVersionBits = map::kProtocolVersion << 6;
constexpr std::uint8_t kReplyBit = 32;

}  // namespace

#define STUB(name) top_->rootp->ncx_device__DOT__u_core__DOT__##name

Bench::Bench(unsigned seed) : random(seed) {
  context_.randReset(2);
  context_.randSeed(static_cast<int>(seed));
  top_ = std::make_unique<Vlink_device>(&context_);
  top_->rst_i = 1;
  top_->clk_i = 0;
  top_->rx_valid_i = 0;
  top_->tx_ready_i = 0;
  top_->line_error_i = 0;
  top_->eval();
  STUB(seed) = seed;
  for (int i = 0; i < 8; ++i) {
    top_->clk_i = 0;
    top_->eval();
    top_->clk_i = 1;
    top_->eval();
  }
  top_->rst_i = 0;
}

Bench::~Bench() { top_->final(); }

void Bench::step() {
  const bool gap = jitter && (random() & 7) == 0;
  const bool offer = rx_wait_ == 0 && !to_device.empty() && !gap;
  const bool accept = tx_wait_ == 0 && !(jitter && (random() & 7) == 0);
  top_->rx_valid_i = offer;
  top_->rx_data_i = offer ? to_device.front() : static_cast<std::uint8_t>(random());
  top_->tx_ready_i = accept;
  top_->line_error_i = line_errors > 0 && clocks % 2 == 0;
  if (top_->line_error_i != 0) --line_errors;
  const bool hand_over = !words.empty() && !(jitter && (random() & 3) == 0);
  STUB(word_valid) = hand_over;
  if (hand_over) STUB(word_next) = words.front();
  STUB(at_end) = core_at_end && words.empty();
  top_->clk_i = 0;
  top_->eval();
  const bool taken = offer && top_->rx_ready_o;
  const bool given = accept && top_->tx_valid_o;
  const std::uint8_t byte = top_->tx_data_o;
  const bool handed = hand_over && STUB(word_ready);
  top_->clk_i = 1;
  top_->eval();
  ++clocks;
  if (rx_wait_ > 0) --rx_wait_;
  if (tx_wait_ > 0) --tx_wait_;
  if (taken) {
    to_device.pop_front();
    rx_wait_ = rx_clocks - 1;
  }
  if (given) {
    tx_wait_ = tx_clocks - 1;
    ++received;
    take(byte);
  }
  if (handed) words.pop_front();
  if (hand_over && !handed) ++stalled;
}

void Bench::take(std::uint8_t byte) {
  if (byte != 0) {
    partial_.push_back(byte);
    return;
  }
  if (partial_.empty()) return;
  const auto frame = decode(partial_);
  partial_.clear();
  if (!frame || (frame->kind & 0xC0) != kVersionBits) {
    ++bad_frames;
    return;
  }
  if (frame->code() == 63) {
    StreamFrame stream;
    stream.position = get32(frame->payload, 0);
    for (std::size_t at = 4; at < frame->payload.size(); at += 2) {
      stream.words.push_back(static_cast<std::uint16_t>(get16(frame->payload, at)));
    }
    streams.push_back(std::move(stream));
    return;
  }
  REQUIRE(frame->payload.size() >= 8);
  Reply reply;
  reply.sequence = frame->sequence;
  reply.status = static_cast<map::Status>(frame->payload[0]);
  reply.state = frame->payload[1];
  reply.free = get16(frame->payload, 2);
  reply.tick = get32(frame->payload, 4);
  reply.data.assign(frame->payload.begin() + 8, frame->payload.end());
  replies.push_back(std::move(reply));
}

void Bench::run(std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) step();
}

bool Bench::until(const std::function<bool()>& done, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    if (done()) return true;
    step();
  }
  return done();
}

void Bench::settle(std::uint64_t quiet) {
  REQUIRE(until([&] { return to_device.empty(); }, 10'000'000));
  std::uint64_t silent = 0, before = received;
  while (silent < quiet) {
    step();
    ++silent;
    if (received != before) {
      silent = 0;
      before = received;
    }
  }
}

void Bench::send(const Bytes& bytes) {
  to_device.insert(to_device.end(), bytes.begin(), bytes.end());
}

void Bench::send(map::Request code, std::uint8_t sequence, const Bytes& payload) {
  const auto kind = static_cast<std::uint8_t>(kVersionBits | static_cast<std::uint8_t>(code));
  send(encode(Frame{kind, sequence, payload}));
}

Reply Bench::ask_as(std::uint8_t sequence, map::Request code, const Bytes& payload,
                    std::uint64_t limit) {
  replies.clear();
  send(code, sequence, payload);
  INFO("request " << static_cast<int>(code) << " sequence " << static_cast<int>(sequence));
  REQUIRE(until([&] { return !replies.empty(); }, limit));
  const Reply reply = replies.front();
  replies.pop_front();
  REQUIRE(reply.sequence == sequence);
  return reply;
}

Reply Bench::ask(map::Request code, const Bytes& payload, std::uint64_t limit) {
  const Reply reply = ask_as(next, code, payload, limit);
  const bool unused = reply.status == map::Status::kFull ||
                      reply.status == map::Status::kOutOfOrder ||
                      reply.status == map::Status::kNoSession;
  if (!unused) ++next;
  return reply;
}

Reply Bench::hello(std::uint32_t nonce, std::uint8_t sequence) {
  return ask_as(sequence, map::Request::kHello, u32_payload(nonce));
}

void Bench::begin() {
  const auto sequence = static_cast<std::uint8_t>(random());
  REQUIRE(hello(static_cast<std::uint32_t>(random()), sequence).status == map::Status::kOk);
  next = static_cast<std::uint8_t>(sequence + 1);
}

std::uint32_t Bench::read_register(map::Register reg) {
  const Reply reply = ask(map::Request::kRead, read_payload(map::Region::kRegisters, 4, 1,
                                                            static_cast<std::uint32_t>(reg)));
  REQUIRE(reply.status == map::Status::kOk);
  return get32(reply.data, 0);
}

map::Status Bench::write_register(map::Register reg, std::uint32_t value) {
  return ask(map::Request::kWrite,
             write_payload(map::Region::kRegisters, 4, static_cast<std::uint32_t>(reg), {value}))
      .status;
}

std::vector<Bench::Push> Bench::pushes() const {
  std::vector<Push> result;
  for (std::uint32_t i = 0; i < STUB(pushes); ++i) {
    result.push_back({STUB(log_kind)[i], STUB(log_id)[i], STUB(log_value)[i], STUB(log_tick)[i]});
  }
  return result;
}

std::uint64_t Bench::memory(map::Region region, std::uint32_t address) const {
  return STUB(memory)[(static_cast<std::uint32_t>(region) << kRegionShift) + address];
}
void Bench::set_memory(map::Region region, std::uint32_t address, std::uint64_t value) {
  STUB(memory)[(static_cast<std::uint32_t>(region) << kRegionShift) + address] = value;
}
std::uint32_t Bench::free_entries() const { return STUB(free_now); }
void Bench::set_free_entries(std::uint32_t value) {
  STUB(free_now) = static_cast<std::uint16_t>(value);
}
void Bench::set_push_tick(std::uint32_t value) { STUB(push_tick) = value; }
void Bench::set_tick(std::uint32_t tick, std::uint32_t until) {
  STUB(tick_now) = tick;
  STUB(until_now) = until;
}
std::uint32_t Bench::tick() const { return STUB(tick_now); }
std::uint32_t Bench::until_tick() const { return STUB(until_now); }
void Bench::set_tick_clocks(std::uint32_t value) { STUB(tick_clocks) = value; }
void Bench::set_fast_access(std::uint32_t value) { STUB(fast_access) = value; }
std::uint32_t Bench::syncs() const { return STUB(syncs); }
std::uint32_t Bench::stops() const { return STUB(stops); }
std::uint32_t Bench::resets() const { return STUB(resets); }
std::uint32_t Bench::reset_mask() const { return STUB(reset_mask); }
std::uint32_t Bench::writes() const { return STUB(writes); }

#undef STUB

Bytes read_payload(map::Region region, std::uint32_t unit, std::uint32_t count,
                   std::uint32_t address) {
  Bytes out{static_cast<std::uint8_t>(region), static_cast<std::uint8_t>(unit)};
  put16(out, count);
  put32(out, address);
  return out;
}

Bytes write_payload(map::Region region, std::uint32_t unit, std::uint32_t address,
                    const std::vector<std::uint64_t>& words) {
  Bytes out = read_payload(region, unit, static_cast<std::uint32_t>(words.size()), address);
  for (const std::uint64_t word : words) {
    for (unsigned i = 0; i < (unit & 15); ++i) {
      out.push_back(static_cast<std::uint8_t>((word >> (8 * i)) & 0xFF));
    }
  }
  return out;
}

Bytes check_payload(map::Region region, std::uint32_t address, std::uint32_t count,
                    std::uint32_t crc) {
  Bytes out{static_cast<std::uint8_t>(region), 0, 0, 0};
  put32(out, address);
  put32(out, count);
  put32(out, crc);
  return out;
}

Bytes u32_payload(std::uint32_t value) {
  Bytes out;
  put32(out, value);
  return out;
}

Bytes events_payload(std::uint32_t until, std::uint32_t base,
                     const std::vector<std::uint16_t>& words) {
  Bytes out;
  put32(out, until);
  put32(out, base);
  for (const std::uint16_t word : words) put16(out, word);
  return out;
}

Bytes stream_payload(std::uint32_t position, bool resend) {
  Bytes out;
  put32(out, position);
  out.push_back(resend ? 1 : 0);
  return out;
}

std::uint32_t words_crc(const std::vector<std::uint64_t>& words) {
  Bytes bytes;
  for (const std::uint64_t word : words) {
    for (unsigned i = 0; i < 5; ++i)
      bytes.push_back(static_cast<std::uint8_t>((word >> (8 * i)) & 0xFF));
  }
  return crc32(bytes);
}

}  // namespace ncx::test
