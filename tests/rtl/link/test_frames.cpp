// SPDX-License-Identifier: BSD-3-Clause
// Frames: COBS and CRC both ways, damage, garbage, overflow.
#include <Vlink_frame_rx.h>
#include <Vlink_frame_tx.h>
#include <verilated.h>

#include <catch2/catch.hpp>
#include <memory>

#include "bench.hpp"

using namespace ncx::test;
using ncx::map::Region;
using ncx::map::Register;
using ncx::map::Request;
using ncx::map::Status;

namespace {

constexpr std::uint8_t kVersion = ncx::map::kProtocolVersion << 6;
constexpr std::size_t kHeader = 4;
constexpr std::uint8_t kRequestCodes = 31;

/// ncx_frame_rx alone, with its counters.
class Receiver {
 public:
  Receiver() {
    top_.rst_i = 1;
    top_.byte_valid_i = top_.next_i = top_.seek_i = top_.release_i = 0;
    for (int i = 0; i < 4; ++i) step();
    top_.rst_i = 0;
  }
  ~Receiver() { top_.final(); }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  void feed(const Bytes& bytes) {
    for (const std::uint8_t byte : bytes) {
      top_.byte_valid_i = 1;
      top_.byte_data_i = byte;
      step();
    }
    top_.byte_valid_i = 0;
    step();
    step();
  }
  [[nodiscard]] bool waiting() const { return top_.frame_valid_o; }
  /// The oldest frame, read in order; it stays until release().
  Frame read() {
    Frame frame;
    frame.kind = next();
    frame.sequence = next();
    const std::uint32_t low = next();
    const std::uint32_t length = low | (static_cast<std::uint32_t>(next()) << 8);
    for (std::uint32_t i = 0; i < length; ++i) frame.payload.push_back(next());
    return frame;
  }
  std::uint8_t next() {
    const std::uint8_t byte = top_.data_o;
    top_.next_i = 1;
    step();
    top_.next_i = 0;
    return byte;
  }
  void seek(std::size_t offset) {
    top_.seek_i = 1;
    top_.seek_offset_i = static_cast<std::uint16_t>(offset);
    step();
    top_.seek_i = 0;
  }
  void release(const Frame& frame) {
    top_.release_i = 1;
    top_.seek_offset_i = static_cast<std::uint16_t>(kHeader + frame.payload.size());
    step();
    top_.release_i = 0;
  }
  std::uint64_t good = 0, damaged = 0, overflows = 0;

 private:
  void step() {
    top_.clk_i = 0;
    top_.eval();
    top_.clk_i = 1;
    top_.eval();
    good += top_.frame_o;
    damaged += top_.crc_error_o;
    overflows += top_.overflow_o;
  }
  VerilatedContext context_;
  Vlink_frame_rx top_{&context_};
};

Frame random_frame(Random& random, std::size_t most) {
  Frame frame;
  frame.kind = static_cast<std::uint8_t>(kVersion | (random() % kRequestCodes));
  frame.sequence = static_cast<std::uint8_t>(random());
  frame.payload.resize(random() % (most + 1));
  const unsigned style = random() % 4;
  for (auto& byte : frame.payload) {
    byte = static_cast<std::uint8_t>(random());
    if (style == 0 && random() % 2 == 0) byte = 0;               // sparse weights
    if (style == 1) byte = static_cast<std::uint8_t>(byte | 1);  // long blocks
    if (style == 2) byte = 0;
  }
  return frame;
}

}  // namespace

TEST_CASE("CRC and COBS of the reference itself") {
  const Bytes digits{'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  CHECK(crc32(digits) == 0xCBF43926);
  CHECK(cobs_encode(Bytes{0}) == Bytes{1, 1});
  CHECK(cobs_encode(Bytes{0, 0}) == Bytes{1, 1, 1});
  CHECK(cobs_encode(Bytes{1, 2, 0, 3}) == Bytes{3, 1, 2, 2, 3});
  Bytes full(254, 7);
  CHECK(cobs_encode(full).size() == 255);
  CHECK(cobs_encode(full)[0] == 255);
  full.push_back(0);
  CHECK(cobs_encode(full).size() == 257);
  for (const std::size_t size : {0, 1, 253, 254, 255, 508, 509}) {
    const Bytes bytes(size, 9);
    CHECK(*cobs_decode(cobs_encode(bytes)) == bytes);
  }
}

TEST_CASE("good frames come through the receiver unchanged") {
  Random random(1);
  Receiver receiver;
  for (int i = 0; i < 3000; ++i) {
    const Frame frame = random_frame(random, i % 3 == 0 ? 1024 : 40);
    receiver.feed(encode(frame));
    REQUIRE(receiver.waiting());
    REQUIRE(receiver.read() == frame);
    receiver.seek(0);
    REQUIRE(receiver.read() == frame);
    receiver.release(frame);
    REQUIRE_FALSE(receiver.waiting());
    if (random() % 8 == 0) receiver.feed(Bytes(1 + random() % 3, 0));  // empty frames are nothing
  }
  CHECK(receiver.good == 3000);
  CHECK(receiver.damaged == 0);
  CHECK(receiver.overflows == 0);
}

TEST_CASE("payloads at the edges of COBS blocks") {
  Receiver receiver;
  for (std::size_t size = 240; size <= 260; ++size) {
    for (const bool zero : {false, true}) {
      Frame frame{static_cast<std::uint8_t>(kVersion | 2), 1, Bytes(size, 0x55)};
      if (zero) frame.payload.back() = 0;
      receiver.feed(encode(frame));
      REQUIRE(receiver.waiting());
      REQUIRE(receiver.read() == frame);
      receiver.release(frame);
    }
  }
}

TEST_CASE("a damaged frame is never taken, and the next one is") {
  Random random(2);
  Receiver receiver;
  std::uint64_t taken = 0, refused = 0;
  for (int i = 0; i < 40'000; ++i) {
    const Frame frame = random_frame(random, 48);
    Bytes wire = encode(frame);
    switch (random() % 4) {
      case 0:  // one to three flipped bits
        for (unsigned flips = 1 + random() % 3; flips > 0; --flips) {
          wire[random() % wire.size()] ^= static_cast<std::uint8_t>(1U << (random() % 8));
        }
        break;
      case 1:
        wire.erase(wire.begin() + static_cast<std::ptrdiff_t>(random() % wire.size()));
        break;
      case 2:
        wire.insert(wire.begin() + static_cast<std::ptrdiff_t>(random() % wire.size()),
                    static_cast<std::uint8_t>(random()));
        break;
      default:  // a burst
        for (std::size_t at = random() % wire.size(), n = 0; n < 4 && at < wire.size(); ++n, ++at) {
          wire[at] ^= static_cast<std::uint8_t>(random());
        }
    }
    wire.push_back(0);
    if (wire == [&] {
          Bytes w = encode(frame);
          w.push_back(0);
          return w;
        }())
      continue;
    // The reference says what is a good frame: a zero in front, for instance, changes nothing.
    std::uint64_t good = 0;
    Bytes part;
    for (const std::uint8_t byte : wire) {
      if (byte != 0) {
        part.push_back(byte);
        continue;
      }
      if (!part.empty()) {
        const auto got = decode(part);
        if (got && (got->kind & 0xC0) == kVersion && got->code() < kRequestCodes) ++good;
      }
      part.clear();
    }
    const auto before = receiver.good;
    receiver.feed(wire);
    REQUIRE(receiver.good - before == good);
    if (good != 0) {
      REQUIRE(receiver.read() == frame);  // and nothing else passes for good
      receiver.release(frame);
      ++taken;
    } else {
      ++refused;
    }
    const Frame next = random_frame(random, 20);
    receiver.feed(encode(next));
    REQUIRE(receiver.waiting());
    REQUIRE(receiver.read() == next);
    receiver.release(next);
  }
  CHECK(refused > 39'000);
  CHECK(receiver.damaged >= refused);
}

TEST_CASE("wrong frames with a right CRC are counted as damaged") {
  Receiver receiver;
  std::uint64_t expected = 0;
  const auto refuse = [&](const Bytes& plain) {
    Bytes whole;
    whole.reserve(plain.size() + 4);
    whole.insert(whole.end(), plain.begin(), plain.end());
    put32(whole, crc32(plain));
    Bytes wire = cobs_encode(whole);
    wire.push_back(0);
    receiver.feed(wire);
    ++expected;
    CHECK_FALSE(receiver.waiting());
    CHECK(receiver.damaged == expected);
  };
  refuse({});                 // a CRC and nothing else
  refuse({kVersion | 2, 0});  // too short for a header
  refuse({kVersion | 2, 0, 0});
  refuse({kVersion | 2, 0, 1, 0});        // shorter than its length
  refuse({kVersion | 2, 0, 1, 0, 1, 2});  // longer
  refuse({kVersion | 2, 0, 0, 0, 0});
  for (const int other : {0x40, 0x80, 0xC0}) {  // other versions
    refuse({static_cast<std::uint8_t>((kVersion ^ other) | 2), 0, 0, 0});
  }
  refuse({kVersion | 34, 0, 0, 0});  // a reply
  for (const std::uint32_t length : {1025U, 0x8000U, 0xFFFFU}) {
    Bytes plain(kHeader + length, 3);
    plain[0] = kVersion | 2;
    plain[2] = static_cast<std::uint8_t>(length & 0xFF);
    plain[3] = static_cast<std::uint8_t>(length >> 8);
    refuse(plain);
  }
  receiver.feed({1, 0});  // decodes to nothing
  CHECK(receiver.damaged == expected + 1);
  receiver.feed({5, 1, 2, 0});  // ends inside a block
  CHECK(receiver.damaged == expected + 2);
  CHECK(receiver.good == 0);
}

TEST_CASE("after any garbage a valid frame succeeds at first try") {
  Random random(3);
  Receiver receiver;
  for (int i = 0; i < 3000; ++i) {
    Bytes garbage(random() % 200);
    for (auto& byte : garbage) byte = static_cast<std::uint8_t>(random());
    if (i % 100 == 0) garbage.assign(5000, static_cast<std::uint8_t>(1 + random() % 255));
    garbage.push_back(0);
    receiver.feed(garbage);
    REQUIRE_FALSE(receiver.waiting());
    const Frame frame = random_frame(random, 60);
    receiver.feed(encode(frame));
    REQUIRE(receiver.waiting());
    REQUIRE(receiver.read() == frame);
    receiver.release(frame);
  }
}

TEST_CASE("frames queue up to the last byte of the ring and overflow is counted") {
  Random random(4);
  Receiver receiver;
  std::vector<Frame> kept;
  std::size_t used = 0;
  std::uint64_t dropped = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Frame frame = random_frame(random, i % 50 == 0 ? 1024 : 120);
    const std::size_t size = kHeader + frame.payload.size();
    receiver.feed(encode(frame));
    if (used + size <= Build::kRxBytes) {
      kept.push_back(frame);
      used += size;
    } else {
      ++dropped;
    }
    REQUIRE(receiver.overflows == dropped);
    while (!kept.empty() && random() % 100 < 45) {
      REQUIRE(receiver.waiting());
      REQUIRE(receiver.read() == kept.front());
      receiver.release(kept.front());
      used -= kHeader + kept.front().payload.size();
      kept.erase(kept.begin());
    }
    REQUIRE(receiver.waiting() == !kept.empty());
  }
  CHECK(dropped > 1000);
  CHECK(receiver.damaged == 0);
  // Damaged and too much for the ring: damaged is what it is.
  Bytes wire = encode(Frame{kVersion | 2, 1, Bytes(ncx::map::kMaxPayload, 0x22)});
  while (receiver.overflows == dropped) receiver.feed(wire);
  wire[wire.size() / 2] ^= 0x10;
  receiver.feed(wire);
  CHECK(receiver.damaged == 1);
  CHECK(receiver.overflows == dropped + 1);
}

TEST_CASE("the sender encodes what the reference decodes, from both sources in turn") {
  Random random(5);
  VerilatedContext context;
  Vlink_frame_tx top(&context);
  std::array<std::vector<Frame>, 2> sent;
  std::array<Bytes, 2> current;
  std::array<std::size_t, 2> at{};
  std::vector<Frame> heard;
  Bytes partial;
  const auto step = [&] {
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    top.eval();
  };
  top.rst_i = 1;
  top.clk_i = top.reply_valid_i = top.stream_valid_i = top.tx_ready_i = 0;
  step();
  step();
  top.rst_i = 0;
  constexpr std::size_t kFrames = 600;
  std::uint64_t clocks = 0;
  while (heard.size() < 2 * kFrames) {
    REQUIRE(++clocks < 4'000'000);
    for (std::size_t s = 0; s < 2; ++s) {
      if (at[s] == current[s].size() && sent[s].size() < kFrames && random() % 8 == 0) {
        Frame frame = random_frame(random, s == 0 ? 1024 : 516);
        // The source tells where a frame came from.
        frame.kind = static_cast<std::uint8_t>(kVersion | (s == 0 ? 33 : 63));
        current[s] = body(frame);
        current[s].erase(current[s].end() - 4, current[s].end());  // it adds the CRC
        at[s] = 0;
        sent[s].push_back(std::move(frame));
      }
    }
    const bool reply = at[0] < current[0].size() && random() % 16 != 0;
    const bool stream = at[1] < current[1].size();
    top.reply_valid_i = reply;
    top.reply_data_i = reply ? current[0][at[0]] : static_cast<std::uint8_t>(random());
    top.reply_last_i = reply && at[0] + 1 == current[0].size();
    top.stream_valid_i = stream;
    top.stream_data_i = stream ? current[1][at[1]] : static_cast<std::uint8_t>(random());
    top.stream_last_i = stream && at[1] + 1 == current[1].size();
    top.tx_ready_i = (clocks / 20'000) % 2 == 0 ? 1 : random() % 4 == 0;
    top.eval();
    if (reply && top.reply_ready_o) ++at[0];
    if (stream && top.stream_ready_o) ++at[1];
    if (top.tx_valid_o && top.tx_ready_i) {
      if (top.tx_data_o != 0) {
        partial.push_back(top.tx_data_o);
      } else {
        REQUIRE_FALSE(partial.empty());
        const auto frame = decode(partial);
        REQUIRE(frame);
        REQUIRE(partial == cobs_encode(body(*frame)));
        heard.push_back(*frame);
        partial.clear();
      }
    }
    step();
  }
  top.final();
  std::array<std::size_t, 2> seen{};
  for (const Frame& frame : heard) {
    const std::size_t s = frame.code() == 33 ? 0 : 1;
    REQUIRE(seen[s] < kFrames);
    CHECK(frame == sent[s][seen[s]++]);
  }
  CHECK(seen[0] == kFrames);
  CHECK(seen[1] == kFrames);
}

TEST_CASE("the device counts what the line does to its frames") {
  Bench bench(31);
  bench.begin();
  const auto errors = bench.read_register(Register::kCrcErrors);
  CHECK(errors == 0);
  CHECK(bench.top().error_o == 0);
  bench.send(Bytes{9, 1, 2, 3, 0});
  CHECK(bench.read_register(Register::kCrcErrors) == 1);
  CHECK(bench.top().error_o == 1);
  bench.line_errors = 3;
  CHECK(bench.read_register(Register::kLineErrors) == 3);
  // More than the ring holds, faster than it can be done: the access time is long.
  bench.set_fast_access(2000);
  const auto frames = bench.read_register(Register::kFrames);
  for (int i = 0; i < 8; ++i) {
    bench.send(Request::kWrite, bench.next,
               write_payload(Region::kState, 4, 0, std::vector<std::uint64_t>(100, 5)));
    if (i == 0) ++bench.next;  // all others repeat it
  }
  bench.set_fast_access(2000);
  REQUIRE(bench.until([&] { return bench.to_device.empty(); }, 100'000));
  bench.set_fast_access(1);
  bench.settle(30'000);
  bench.replies.clear();
  const auto overflows = bench.read_register(Register::kOverflows);
  CHECK(overflows >= 2);
  CHECK(bench.read_register(Register::kFrames) == frames + 8 - overflows + 2);
  CHECK(bench.read_register(Register::kCrcErrors) == 1);
  bench.begin();
  CHECK(bench.top().error_o == 0);  // a new session, a clean slate; the counters stay
  CHECK(bench.read_register(Register::kOverflows) == overflows);
}

TEST_CASE("a host within RX_BYTES - 64 never sees an overflow") {
  Bench bench(32);
  bench.begin();
  bench.set_fast_access(40);
  bench.tx_clocks = 10;
  std::size_t in_flight = 0;
  std::deque<std::size_t> sizes;
  int sent = 0, answered = 0;
  while (answered < 300) {
    const std::uint32_t count = 1 + bench.random() % 250;
    const Bytes payload = write_payload(Region::kSynapse, 4, 0, std::vector<std::uint64_t>(count));
    const std::size_t size = payload.size() + 8 + payload.size() / 254 + 3;
    if (sent < 300 && in_flight + size <= Build::kRxBytes - 64) {
      bench.send(Request::kWrite, bench.next++, payload);
      in_flight += size;
      sizes.push_back(size);
      ++sent;
    } else {
      bench.step();
    }
    while (!bench.replies.empty()) {
      CHECK(bench.replies.front().status == Status::kOk);
      bench.replies.pop_front();
      in_flight -= sizes.front();
      sizes.pop_front();
      ++answered;
    }
    REQUIRE(bench.clocks < 10'000'000);
  }
  CHECK(bench.read_register(Register::kOverflows) == 0);
}

TEST_CASE("random bytes never make the device answer or hang") {
  Bench bench(33);
  bench.begin();
  const auto writes = bench.writes();
  for (int round = 0; round < 200; ++round) {
    Bytes garbage(bench.random() % 3000);
    for (auto& byte : garbage) byte = static_cast<std::uint8_t>(bench.random());
    bench.send(garbage);
    bench.send(Bytes{0});
    CHECK(bench.write_register(Register::kScratch, 7) == Status::kOk);  // at first try
  }
  CHECK(bench.writes() == writes);
  CHECK(bench.read_register(Register::kScratch) == 7);
}

TEST_CASE("words move at the speed the link promises") {
  Bench bench(34);
  bench.begin();
  bench.set_fast_access(3);  // as ncx_core: done three cycles after valid
  const auto measure = [&](Request code, const Bytes& payload, int frames) {
    const auto size = static_cast<std::uint64_t>(frames) * (payload.size() + 14);
    const std::uint64_t start = bench.clocks;
    int answered = 0, sent = 0;
    while (answered < frames) {
      if (sent - answered < 2 && sent < frames) {
        bench.send(code, bench.next++, payload);
        ++sent;
      }
      bench.step();
      while (!bench.replies.empty()) {
        REQUIRE(bench.replies.front().status == Status::kOk);
        bench.replies.pop_front();
        ++answered;
      }
    }
    return static_cast<double>(bench.clocks - start) / static_cast<double>(size);
  };
  const std::vector<std::uint64_t> words(200, 0x01020304);
  const double write4 = measure(Request::kWrite, write_payload(Region::kSynapse, 4, 0, words), 20);
  const double write2 = measure(
      Request::kWrite, write_payload(Region::kCount, 2, 0, std::vector<std::uint64_t>(64)), 20);
  const std::uint64_t start = bench.clocks;
  for (int i = 0; i < 20; ++i) {
    REQUIRE(bench.ask(Request::kRead, read_payload(Region::kSynapse, 4, 250, 0)).data.size() ==
            1000);
  }
  const double read4 = static_cast<double>(bench.clocks - start) / 20'000;
  WARN("cycles a byte: WRITE by fours " << write4 << ", by twos " << write2 << ", READ by fours "
                                        << read4);
  CHECK(write4 < 4);
  CHECK(write2 < 4);
  CHECK(read4 < 4);
  // CHECK of 2,048 words
  std::vector<std::uint64_t> all;
  for (std::uint32_t i = 0; i < 2048; ++i) all.push_back(bench.memory(Region::kSynapse, i));
  const std::uint64_t before = bench.clocks;
  REQUIRE(
      bench.ask(Request::kCheck, check_payload(Region::kSynapse, 0, 2048, words_crc(all))).status ==
      Status::kOk);
  CHECK(static_cast<double>(bench.clocks - before) / 2048 < 8);
}
