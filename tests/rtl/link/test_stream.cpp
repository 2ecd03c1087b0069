// SPDX-License-Identifier: BSD-3-Clause
// The stream: positions, acknowledgement, resend, back-pressure, sessions. Nothing is lost or
// doubled.
#include <catch2/catch.hpp>

#include "bench.hpp"

using namespace ncx::test;
using ncx::map::Region;
using ncx::map::Register;
using ncx::map::Request;
using ncx::map::Status;

namespace {

constexpr std::uint32_t kPending = 1U << ncx::map::kStateBitStreamPending;
constexpr std::uint16_t kSync = 0xC000, kBitmap = 0xD000, kProbes = 0xE000, kAdvance = 0x8000;
constexpr std::uint64_t kIdleClocks = 1024;

std::vector<std::uint16_t> numbered(std::uint32_t count, std::uint32_t from = 0) {
  std::vector<std::uint16_t> words(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    words[i] = static_cast<std::uint16_t>((from + i) & 0x7FFF);  // spikes
  }
  return words;
}

void give(Bench& bench, const std::vector<std::uint16_t>& words) {
  bench.words.insert(bench.words.end(), words.begin(), words.end());
}

/// A host that keeps every word once, in order.
struct Listener {
  std::uint32_t position = 0;
  std::vector<std::uint16_t> words;
  /// True when something in between is missing.
  bool hear(const StreamFrame& frame) {
    const auto ahead = static_cast<std::int32_t>(frame.position - position);
    if (ahead > 0) return true;
    for (std::size_t i = 0; i < frame.words.size(); ++i) {
      if (static_cast<std::int32_t>(frame.position + i - position) < 0) continue;
      words.push_back(frame.words[i]);
      ++position;
    }
    return false;
  }
};

}  // namespace

TEST_CASE("a standing network's words are sent at once") {
  Bench bench;
  bench.begin();
  give(bench, {kSync, 5, 0, 3});
  REQUIRE(bench.until([&] { return !bench.streams.empty(); }, 200));
  CHECK(bench.streams[0].position == 0);
  CHECK(bench.streams[0].words == std::vector<std::uint16_t>{kSync, 5, 0, 3});
  const Reply reply = bench.ask(Request::kStop, {});
  CHECK((reply.state & kPending) != 0);
  bench.send(Request::kStream, 0, stream_payload(4, false));
  bench.settle();
  CHECK((bench.ask(Request::kStop, {}).state & kPending) == 0);
  CHECK(bench.streams.size() == 1);
}

TEST_CASE("a running network's words wait for company, but not for ever") {
  Bench bench;
  bench.begin();
  bench.core_at_end = false;
  give(bench, {kSync, 0, 0});
  give(bench, numbered(252));
  const std::uint64_t start = bench.clocks;
  REQUIRE(bench.until([&] { return !bench.streams.empty(); }, 5000));
  CHECK(bench.clocks - start > kIdleClocks);
  CHECK(bench.clocks - start < 255 + kIdleClocks + 1200);
  CHECK(bench.streams[0].words.size() == 255);
  bench.streams.clear();
  // 256 of them go without a pause.
  give(bench, numbered(256));
  REQUIRE(bench.until([&] { return !bench.streams.empty(); }, 256 + kIdleClocks + 200));
  CHECK(bench.streams[0].position == 255);
  CHECK(bench.streams[0].words == numbered(256));
}

TEST_CASE("acknowledgements release words, wherever they lie in a frame") {
  Bench bench(2);
  bench.begin();
  give(bench, {kSync, 0, 0});
  give(bench, numbered(Build::kStreamWords + 100));
  bench.run(20'000);
  // The ring is full, one word waits in front of it, and the core waits; nothing is lost.
  CHECK(bench.words.size() == 102);
  CHECK(bench.stalled > 1000);
  bench.send(Request::kStream, 0, stream_payload(50, false));
  bench.run(5000);
  CHECK(bench.words.size() == 52);
  // Old, repeated and impossible positions change nothing.
  for (const std::uint32_t position : {50U, 49U, 0U, 0xFFFFFFFFU, 563U, 10'000U, 0x80000032U}) {
    bench.send(Request::kStream, 0, stream_payload(position, false));
    bench.send(Request::kStream, 0, stream_payload(position == 50 ? 49 : position, true));
  }
  bench.run(5000);
  CHECK(bench.words.size() == 52);
  CHECK(bench.read_register(Register::kResends) == 0);
  bench.send(Request::kStream, 0, stream_payload(562, false));  // all there is
  bench.run(5000);
  CHECK(bench.words.empty());
  Listener listener;
  for (const auto& frame : bench.streams) CHECK_FALSE(listener.hear(frame));
  CHECK(listener.words.size() == Build::kStreamWords + 103);
}

TEST_CASE("resend continues at the position asked for") {
  Bench bench;
  bench.begin();
  give(bench, {kSync, 0, 0});
  give(bench, numbered(397));
  bench.settle();
  std::size_t sent = 0;
  for (const auto& frame : bench.streams) sent += frame.words.size();
  REQUIRE(sent == 400);
  bench.streams.clear();
  bench.send(Request::kStream, 0, stream_payload(120, true));
  bench.settle();
  REQUIRE(bench.streams.size() == 2);
  CHECK(bench.streams[0].position == 120);
  CHECK(bench.streams[0].words.size() == 256);
  CHECK(bench.streams[0].words == numbered(256, 117));
  CHECK(bench.streams[1].position == 376);
  CHECK(bench.streams[1].words == numbered(24, 373));
  CHECK(bench.read_register(Register::kResends) == 1);
  bench.streams.clear();
  // At the end: nothing to send, everything released.
  bench.send(Request::kStream, 0, stream_payload(400, true));
  bench.settle();
  CHECK(bench.streams.empty());
  CHECK((bench.ask(Request::kStop, {}).state & kPending) == 0);
  // An acknowledgement that overtakes a resend: what the host has need not be sent again.
  give(bench, numbered(400));
  bench.settle();
  bench.streams.clear();
  bench.send(Request::kStream, 0, stream_payload(401, true));
  bench.send(Request::kStream, 0, stream_payload(800, false));
  bench.settle();
  CHECK(bench.streams.size() == 1);
  CHECK((bench.ask(Request::kStop, {}).state & kPending) == 0);
  // STREAM of another length is no STREAM.
  give(bench, numbered(10));
  bench.settle();
  bench.send(Request::kStream, 0, u32_payload(810));
  bench.settle();
  CHECK((bench.ask(Request::kStop, {}).state & kPending) != 0);
}

TEST_CASE("a bad line loses frames both ways and the host still has every word once") {
  const unsigned seed = GENERATE(1U, 2U, 3U, 4U);
  Bench bench(seed);
  bench.begin();
  bench.jitter = true;
  const auto all = numbered(6000, 17);
  give(bench, {kSync, 0, 0});
  give(bench, all);
  Listener listener;
  std::uint64_t quiet = 0;
  while (listener.words.size() < all.size() + 3) {
    bench.step();
    ++quiet;
    while (!bench.streams.empty()) {
      const StreamFrame frame = bench.streams.front();
      bench.streams.pop_front();
      if (bench.random() % 4 == 0) continue;  // lost on the way to the host
      const bool gap = listener.hear(frame);
      quiet = 0;
      if (bench.random() % 4 == 0) continue;  // acknowledgement lost
      const int copies = bench.random() % 4 == 0 ? 2 : 1;
      for (int i = 0; i < copies; ++i) {
        bench.send(Request::kStream, 0, stream_payload(listener.position, gap));
      }
    }
    if (quiet == 6000) {
      bench.send(Request::kStream, 0, stream_payload(listener.position, true));
      quiet = 0;
    }
    REQUIRE(bench.clocks < 3'000'000);
  }
  CHECK(listener.words[0] == kSync);
  CHECK(std::vector<std::uint16_t>(listener.words.begin() + 3, listener.words.end()) == all);
  CHECK(bench.bad_frames == 0);
  CHECK(bench.stalled > 0);
}

TEST_CASE("a new session drops words up to the next SYNC") {
  Bench bench;
  bench.begin();
  bench.core_at_end = false;
  give(bench, {kSync, 7, 0, kAdvance | 1, 1, 2, kBitmap | 4, 0xC000});
  bench.run(50);
  REQUIRE(bench.words.empty());
  const auto sequence = static_cast<std::uint8_t>(40);
  const Reply hello = bench.hello(0xABCD, sequence);
  bench.next = 41;
  CHECK(get32(hello.data, 0) == 8);
  CHECK((hello.state & kPending) == 0);
  CHECK(bench.syncs() == 2);
  // The rest of the bitmap looks like SYNC words; the probes' halves too.
  give(bench, {0xC000, 0xC000, 0xC000, kProbes | 2, 0xC000, 0xC000, 0xC000, 0xC000, 5});
  give(bench, {kSync, 9, 0, 33, 34});
  bench.core_at_end = true;
  bench.settle();
  REQUIRE(bench.streams.size() == 1);
  CHECK(bench.streams[0].position == 8);
  CHECK(bench.streams[0].words == std::vector<std::uint16_t>{kSync, 9, 0, 33, 34});
  // The current nonce again: the position from which nothing was acknowledged.
  const Reply again = bench.hello(0xABCD, sequence);
  CHECK(get32(again.data, 0) == 8);
  CHECK((again.state & kPending) != 0);
  CHECK(bench.syncs() == 2);
  bench.send(Request::kStream, 0, stream_payload(10, false));
  bench.settle();
  CHECK(get32(bench.hello(0xABCD, sequence).data, 0) == 10);
}

TEST_CASE("a new session with a full ring lets the core go on") {
  Bench bench(9);
  bench.begin();
  bench.core_at_end = false;
  give(bench, {kSync, 0, 0});
  give(bench, numbered(2000));
  bench.run(20'000);
  REQUIRE(bench.words.size() == 2003 - Build::kStreamWords - 1);
  bench.begin();
  bench.run(3000);
  CHECK(bench.words.empty());
  bench.streams.clear();
  give(bench, {kSync, 1, 0});
  bench.core_at_end = true;
  bench.settle();
  REQUIRE(bench.streams.size() == 1);
  CHECK(bench.streams[0].position == Build::kStreamWords);
}

TEST_CASE("replies and stream frames share the line") {
  Bench bench(14);
  bench.begin();
  bench.tx_clocks = 25;  // 4 Mbaud
  give(bench, {kSync, 0, 0});
  give(bench, numbered(30'000));
  // READs back to back, and the words acknowledged as they come: neither starves.
  std::uint32_t answers = 0, heard = 0;
  Listener listener;
  std::uint64_t longest = 0, asked = bench.clocks;
  const Bytes payload = read_payload(Region::kSynapse, 4, 254, 0);
  bench.send(Request::kRead, bench.next, payload);
  while (heard < 40 || answers < 40) {
    bench.step();
    REQUIRE(bench.clocks < 6'000'000);
    if (!bench.replies.empty()) {
      CHECK(bench.replies.front().status == Status::kOk);
      CHECK(bench.replies.front().sequence == bench.next);
      bench.replies.clear();
      longest = std::max(longest, bench.clocks - asked);
      ++answers;
      ++bench.next;
      asked = bench.clocks;
      bench.send(Request::kRead, bench.next, payload);
    }
    while (!bench.streams.empty()) {
      CHECK_FALSE(listener.hear(bench.streams.front()));
      bench.streams.pop_front();
      ++heard;
      bench.send(Request::kStream, 0, stream_payload(listener.position, false));
    }
  }
  // An answer waits for one stream frame and what little is left of another before its own bytes.
  CHECK(longest < 25 * (1040 + 530 + 256) + 6000);
  CHECK(bench.bad_frames == 0);
}
