// SPDX-License-Identifier: BSD-3-Clause
// EVENTS: what reaches the queue, and that a refused request leaves no trace.
#include <catch2/catch.hpp>

#include "bench.hpp"

using namespace ncx::test;
using ncx::map::Region;
using ncx::map::Request;
using ncx::map::Status;

namespace {

constexpr std::uint32_t kAxon = 0, kCurrent = 1, kAdvance = 2;
constexpr std::uint16_t kCurrentWord = 0xC000, kAdvanceWord = 0x8000;

std::uint16_t advance(std::uint32_t ticks) {
  return static_cast<std::uint16_t>(kAdvanceWord | ticks);
}

void add_current(std::vector<std::uint16_t>& words, std::uint32_t slot, std::int32_t value) {
  const auto bits = static_cast<std::uint32_t>(value);
  words.insert(words.end(),
               {kCurrentWord, static_cast<std::uint16_t>(slot),
                static_cast<std::uint16_t>(bits & 0xFFFF), static_cast<std::uint16_t>(bits >> 16)});
}

/// The events among the pushes, each with its tick.
std::vector<Bench::Push> events_of(const Bench& bench) {
  std::vector<Bench::Push> events;
  for (const auto& push : bench.pushes()) {
    if (push.kind != kAdvance) events.push_back(push);
  }
  return events;
}

}  // namespace

TEST_CASE("events reach the queue with their ticks") {
  Bench bench;
  bench.begin();
  std::vector<std::uint16_t> words{3, 47, advance(1), 0, advance(16383)};
  add_current(words, 63, -8388608);
  add_current(words, 0, 8388607);
  words.push_back(advance(2));  // nothing after it: nothing to push
  REQUIRE(bench.ask(Request::kEvents, events_payload(0, 10, words)).status == Status::kOk);
  const std::vector<Bench::Push> expected{{kAdvance, 0, 10, 0},
                                          {kAxon, 3, 0, 10},
                                          {kAxon, 47, 0, 10},
                                          {kAdvance, 0, 1, 10},
                                          {kAxon, 0, 0, 11},
                                          {kAdvance, 0, 16383, 11},
                                          {kCurrent, 63, 0x800000, 16394},
                                          {kCurrent, 0, 0x7FFFFF, 16394}};
  const auto pushes = bench.pushes();
  REQUIRE(pushes.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("push " << i);
    CHECK(pushes[i].kind == expected[i].kind);
    CHECK(pushes[i].tick == expected[i].tick);
    if (expected[i].kind != kAdvance) CHECK(pushes[i].id == expected[i].id);
    if (expected[i].kind != kAxon) CHECK(pushes[i].value == expected[i].value);
  }
  CHECK(bench.free_entries() == Build::kEventEntries - (expected.size() - 1));
  CHECK(bench.until_tick() == 0);
  // The event tick carries on in the next request.
  REQUIRE(bench.ask(Request::kEvents, events_payload(16394, 16394, {5})).status == Status::kOk);
  CHECK(bench.pushes().back() == Bench::Push{kAxon, 5, bench.pushes().back().value, 16394});
  CHECK(bench.pushes().size() == expected.size() + 1);
  CHECK(bench.until_tick() == 16394);
}

TEST_CASE("EVENTS raises until, and never lowers it") {
  Bench bench;
  bench.begin();
  bench.set_tick_clocks(0);
  REQUIRE(bench.ask(Request::kEvents, events_payload(20, 20, {})).status == Status::kOk);
  CHECK(bench.until_tick() == 20);
  REQUIRE(bench.ask(Request::kEvents, events_payload(10, 25, {1})).status == Status::kOk);
  CHECK(bench.until_tick() == 20);
  CHECK(bench.ask(Request::kEvents, events_payload(31, 30, {})).status == Status::kBadValue);
  CHECK(bench.until_tick() == 20);
}

TEST_CASE("a request with one bad word is refused as a whole") {
  Bench bench;
  bench.begin();
  const auto refused = [&](std::vector<std::uint16_t> words, Status status, std::uint32_t base) {
    const auto pushes = bench.pushes().size();
    const auto until = bench.until_tick();
    std::vector<std::uint16_t> all{1, 2, advance(3)};
    all.insert(all.end(), words.begin(), words.end());
    INFO("word " << words[0]);
    CHECK(bench.ask(Request::kEvents, events_payload(base, base, all)).status == status);
    CHECK(bench.pushes().size() == pushes);
    CHECK(bench.until_tick() == until);
  };
  refused({Build::kAxons}, Status::kBadValue, 5);
  refused({0x7FFF}, Status::kBadValue, 5);
  refused({advance(0)}, Status::kBadValue, 5);
  for (const std::uint32_t word : {0xC001U, 0xCFFFU, 0xD000U, 0xE000U, 0xFFFFU, 0xC100U}) {
    refused({static_cast<std::uint16_t>(word)}, Status::kBadValue, 5);
  }
  refused({kCurrentWord, Build::kNeurons, 0, 0}, Status::kBadValue, 5);
  refused({kCurrentWord, 0xFFFF, 0, 0}, Status::kBadValue, 5);
  for (const std::uint32_t high : {0x0080U, 0x0100U, 0xFF7FU, 0x7FFFU, 0x8000U, 0xFE80U}) {
    refused({kCurrentWord, 1, 0, static_cast<std::uint16_t>(high)}, Status::kBadValue, 5);
  }
  refused({kCurrentWord}, Status::kBadValue, 5);
  refused({kCurrentWord, 1}, Status::kBadValue, 5);
  refused({kCurrentWord, 1, 5}, Status::kBadValue, 5);
  // The words of a current are not looked at as words of their own.
  std::vector<std::uint16_t> words;
  add_current(words, 1, static_cast<std::int32_t>(0xFFFFD001));
  REQUIRE(bench.ask(Request::kEvents, events_payload(0, 0, words)).status == Status::kOk);
  CHECK(bench.pushes().back().value == 0xFFD001);
}

TEST_CASE("events before what may already have run are late") {
  Bench bench;
  bench.begin();
  bench.set_tick_clocks(0);
  REQUIRE(bench.ask(Request::kRun, u32_payload(100)).status == Status::kOk);
  CHECK(bench.ask(Request::kEvents, events_payload(0, 99, {1})).status == Status::kLate);
  CHECK(bench.ask(Request::kEvents, events_payload(0, 99, {advance(1), 1})).status == Status::kOk);
  CHECK(events_of(bench).back().tick == 100);
  // Below an event already queued, though not below until.
  REQUIRE(bench.ask(Request::kEvents, events_payload(0, 500, {1})).status == Status::kOk);
  CHECK(bench.ask(Request::kEvents, events_payload(0, 499, {1})).status == Status::kLate);
  CHECK(bench.ask(Request::kEvents, events_payload(0, 500, {1})).status == Status::kOk);
  // No event, nothing to be late.
  CHECK(bench.ask(Request::kEvents, events_payload(0, 0, {advance(3)})).status == Status::kOk);
  CHECK(events_of(bench).size() == 3);
  // A malformed word counts more than lateness.
  CHECK(bench.ask(Request::kEvents, events_payload(0, 0, {1, Build::kAxons})).status ==
        Status::kBadValue);
}

TEST_CASE("a full queue takes nothing and the same frame may come again") {
  Bench bench;
  bench.begin();
  const std::vector<std::uint16_t> words{1, 2, 3};
  bench.set_free_entries(4);  // one word too many: three and two spare
  const auto number = bench.next;
  const Reply reply = bench.ask(Request::kEvents, events_payload(0, 0, words));
  CHECK(reply.status == Status::kFull);
  CHECK(reply.free == 4);
  CHECK(bench.pushes().empty());
  CHECK(bench.next == number);
  CHECK(bench.ask(Request::kEvents, events_payload(0, 0, words)).status == Status::kFull);
  // A request that does not fit is told so only if nothing else is wrong with it.
  bench.set_free_entries(5);
  CHECK(bench.ask(Request::kEvents, events_payload(0, 0, words)).status == Status::kOk);
  CHECK(bench.next == static_cast<std::uint8_t>(number + 1));
  CHECK(events_of(bench).size() == 3);
  bench.set_free_entries(0);
  CHECK(bench.ask(Request::kEvents, events_payload(0, 0, {Build::kAxons})).status ==
        Status::kBadValue);
  // Permission to run needs no room, or a full queue could never drain.
  CHECK(bench.ask(Request::kEvents, events_payload(7, 7, {})).status == Status::kOk);
  CHECK(bench.until_tick() == 7);
}

TEST_CASE("as many words as a frame and the queue hold") {
  Bench bench;
  bench.begin();
  std::vector<std::uint16_t> words;
  for (std::uint32_t i = 0; i < Build::kEventEntries - 2; ++i) {
    words.push_back(static_cast<std::uint16_t>(i % Build::kAxons));
  }
  REQUIRE(bench.ask(Request::kEvents, events_payload(0, 3, words)).status == Status::kOk);
  const auto events = events_of(bench);
  REQUIRE(events.size() == words.size());
  for (std::size_t i = 0; i < words.size(); ++i) CHECK(events[i].id == words[i]);
  // 508 words in a frame, most of them advances of an otherwise quiet network
  bench.set_free_entries(600);
  words.assign(508, advance(1));
  words.back() = 7;
  REQUIRE(bench.ask(Request::kEvents, events_payload(0, 3, words)).status == Status::kOk);
  CHECK(events_of(bench).back().tick == 510);
}

TEST_CASE("a far event is reached in several advances") {
  Bench bench;
  bench.begin();
  const std::uint32_t far = 0x04000010;
  REQUIRE(bench.ask(Request::kEvents, events_payload(0, far, {9})).status == Status::kOk);
  const auto pushes = bench.pushes();
  REQUIRE(pushes.size() == 6);
  CHECK(pushes[0].value == 0xFFFFFF);
  CHECK(pushes[4].value == 0x14);
  CHECK(pushes[5] == Bench::Push{kAxon, 9, pushes[5].value, far});
  // With something else queued, the advances need room themselves.
  bench.set_free_entries(1 + 2 + 3);
  CHECK(bench.ask(Request::kEvents, events_payload(0, 2 * far, {9})).status == Status::kFull);
  bench.set_free_entries(1 + 2 + 4);
  CHECK(bench.ask(Request::kEvents, events_payload(0, 2 * far, {9})).status == Status::kOk);
  CHECK(bench.pushes().back().tick == 2 * far);
  // An empty queue takes any number of advances, also more than it has entries.
  bench.set_free_entries(Build::kEventEntries);
  const std::uint32_t farthest = 0xFFFFFFF0;
  CHECK(bench.ask(Request::kEvents, events_payload(0, farthest, {9})).status == Status::kOk);
  CHECK(bench.pushes().back().tick == farthest);
  CHECK(bench.free_entries() == Build::kEventEntries - 1);
}

TEST_CASE("events come right while the network runs up to them") {
  Bench bench(21);
  bench.begin();
  bench.set_tick_clocks(1);  // a tick in every cycle
  std::uint32_t base = 40;
  for (int i = 0; i < 200; ++i) {
    bench.set_free_entries(Build::kEventEntries);
    const std::vector<std::uint16_t> words{1, advance(1 + bench.random() % 3), 2};
    REQUIRE(bench.ask(Request::kEvents, events_payload(base, base, words)).status == Status::kOk);
    const auto events = events_of(bench);
    REQUIRE(events[events.size() - 2].tick == base);
    REQUIRE(events.back().tick == base + (words[1] & 0x3FFFU));
    base = events.back().tick + 1 + bench.random() % 60;
    REQUIRE(bench.ask(Request::kRun, u32_payload(base)).status == Status::kOk);
  }
}
