// SPDX-License-Identifier: BSD-3-Clause
// Stream words and event words: there and back again, in any portions; malformed ones are refused.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "device_rig.hpp"
#include "link/events.hpp"
#include "link/stream.hpp"
#include "ncx/error.hpp"

using namespace ncx::link;

namespace {

struct Record {
  std::uint32_t tick = 0;
  std::vector<std::uint32_t> slots;
  std::vector<std::int32_t> values;
  friend bool operator==(const Record&, const Record&) = default;
};

struct Gather final : StreamSink {
  std::vector<Record> records;
  std::vector<std::uint32_t> syncs;
  Record& at(std::uint32_t tick) {
    if (records.empty() || records.back().tick != tick) records.push_back({tick, {}, {}});
    return records.back();
  }
  void spike(std::uint32_t tick, std::uint32_t slot) override { at(tick).slots.push_back(slot); }
  void potentials(std::uint32_t tick, std::span<const std::int32_t> values) override {
    at(tick).values.assign(values.begin(), values.end());
  }
  void sync(std::uint32_t tick) override { syncs.push_back(tick); }
};

using Words = std::vector<std::uint16_t>;

}  // namespace

TEST_CASE("Stream words have the forms of the protocol page", "[link]") {
  StreamWriter writer;
  Words words;
  const std::vector<std::uint32_t> spikes = {5, 64};
  writer.record(70000, spikes, 1024, false, {}, words);
  CHECK(words == Words{0xC000, 0x1170, 0x0001, 5, 64});  // unknown: SYNC
  words.clear();
  writer.record(70003, {}, 1024, false, {}, words);
  CHECK(words.empty());
  const std::vector<std::int32_t> values = {-2, 8388607};
  writer.record(70003, {}, 1024, true, values, words);
  CHECK(words == Words{0x8003, 0xE002, 0xFFFE, 0xFFFF, 0xFFFF, 0x007F});
  words.clear();
  writer.record(70003 + 16383, spikes, 1024, false, {}, words);
  CHECK(words == Words{0xBFFF, 5, 64});
  words.clear();
  writer.record(70003 + 2 * 16383 + 1, spikes, 1024, false, {}, words);
  CHECK(words[0] == 0xC000);  // 16,384 ticks are too far for an advance
  words.clear();
  writer.sync(200000, words);
  CHECK(words == Words{0xC000, 0x0D40, 0x0003});
  words.clear();
  writer.record(200000, std::vector<std::uint32_t>{1}, 1024, false, {}, words);
  CHECK(words == Words{1});  // the reader is there already
}

TEST_CASE("A bitmap replaces the list where it is shorter, and only there", "[link]") {
  for (std::uint32_t count = 1; count <= 40; ++count) {
    std::vector<std::uint32_t> slots(count);
    for (std::uint32_t i = 0; i < count; ++i) slots[i] = i * 7 % 64;
    StreamWriter writer;
    Words words;
    writer.sync(0, words);
    words.clear();
    writer.record(1, slots, 64, false, {}, words);
    // An advance, then the list (count words) or a head and four words of bitmap.
    CHECK(words.size() == 1 + std::min<std::size_t>(count, 5));
    CHECK((words[1] >= 0x8000) == (count > 5));
  }
}

TEST_CASE("Random records come back, in any portions", "[link]") {
  rig::Random random(6);
  for (int n = 0; n < 200; ++n) {
    const std::uint32_t slots = 16 * (1 + random() % 40);
    StreamWriter writer;
    Words words;
    std::vector<Record> sent;
    std::uint32_t tick = random() % 3 == 0 ? UINT32_MAX - 500'000 : random() % 1000;
    const std::size_t probes = random() % 5;
    for (int r = 0; r < 30; ++r) {
      tick += 1 + (random() % 8 == 0 ? random() % 16'000 : random() % 3);
      if (random() % 10 == 0) writer.forget();
      Record record{tick, {}, {}};
      const std::uint32_t density = random() % 4;
      for (std::uint32_t slot = 0; slot < slots; ++slot) {
        if (random() % 100 < density * density * 10) record.slots.push_back(slot);
      }
      for (std::size_t p = 0; p < probes; ++p) {
        record.values.push_back(static_cast<std::int32_t>(random() << 8) >> 8);
      }
      writer.record(tick, record.slots, slots, probes > 0, record.values, words);
      if (!record.slots.empty() || probes > 0) sent.push_back(record);
    }
    writer.sync(tick + 1, words);
    StreamReader reader;
    Gather found;
    for (std::size_t at = 0; at < words.size();) {
      const std::size_t part = std::min<std::size_t>(1 + random() % 9, words.size() - at);
      reader.feed(std::span(words).subspan(at, part), &found);
      at += part;
    }
    REQUIRE(found.records == sent);
    REQUIRE(found.syncs.back() == tick + 1);
    REQUIRE(reader.tick() == tick + 1);
  }
}

TEST_CASE("A stream that cannot be is refused", "[link]") {
  StreamReader reader;
  CHECK_THROWS_AS(reader.feed(Words{5}, nullptr), ncx::LinkError);  // before any SYNC
  CHECK_THROWS_AS(reader.feed(Words{0x8001}, nullptr), ncx::LinkError);
  CHECK_THROWS_AS(reader.feed(Words{0xF000}, nullptr), ncx::LinkError);  // no such word
  CHECK_THROWS_AS(reader.feed(Words{0xC001}, nullptr), ncx::LinkError);
  reader.restart();
  reader.feed(Words{0xC000, 0xFFFF, 0xFFFF}, nullptr);
  CHECK_THROWS_AS(reader.feed(Words{0x8001}, nullptr), ncx::LinkError);  // past the last tick
}

TEST_CASE("Stream positions are compared modulo 2^32", "[link]") {
  CHECK(distance(5, 9) == 4);
  CHECK(distance(9, 5) == -4);
  CHECK(distance(UINT32_MAX, 2) == 3);
  CHECK(distance(2, UINT32_MAX) == -3);
}

TEST_CASE("Event words have the forms of the protocol page", "[link]") {
  ncx::RunRequest request;
  request.ticks = 10;
  request.axon_events = {{2, 7}, {2, 9}, {5, 1}};
  request.current_events = {{2, 3, -5}, {6, 4, 8388607}};
  EventChunker chunker(request, 100, 508);
  const auto chunk = chunker.next();
  REQUIRE(chunk);
  CHECK(chunk->base == 102);
  CHECK(chunk->words ==
        Words{7, 9, 0xC000, 3, 0xFFFB, 0xFFFF, 0x8003, 1, 0x8001, 0xC000, 4, 0xFFFF, 0x007F});
  CHECK(chunk->entries() == chunk->words.size() + 2);
  CHECK_FALSE(chunker.next());
}

TEST_CASE("Random events come back from chunks of any size", "[link]") {
  rig::Random random(7);
  for (int n = 0; n < 300; ++n) {
    ncx::RunRequest request;
    request.ticks = UINT32_MAX;
    std::uint32_t tick = 0;
    using Key = std::tuple<std::uint32_t, bool, std::uint32_t, std::int32_t>;
    std::multiset<Key> sent, found;
    const int count = static_cast<int>(random() % 400);
    for (int i = 0; i < count; ++i) {
      tick += random() % 4 == 0 ? random() % (random() % 9 == 0 ? 40'000 : 4) : 0;
      if (random() % 3 == 0) {
        const auto value = static_cast<std::int32_t>(random() << 8) >> 8;
        request.current_events.push_back({tick, random() % 64, value});
        sent.insert({tick, true, request.current_events.back().neuron, value});
      } else {
        request.axon_events.push_back({tick, random() % 64});
        sent.insert({tick, false, request.axon_events.back().axon, 0});
      }
    }
    const std::uint32_t first = random() % 1000;
    const std::size_t most = 4 + random() % 40;
    EventChunker chunker(request, first, most);
    std::uint32_t newest = first;
    while (const auto chunk = chunker.next()) {
      REQUIRE(chunk->words.size() <= most);
      const auto events = decode_events(chunk->base, chunk->words);
      REQUIRE(events);
      REQUIRE(events->entries <= chunk->words.size());
      REQUIRE(events->events.front().tick == chunk->base);
      for (const Event& event : events->events) {
        REQUIRE(event.tick >= newest);
        newest = event.tick;
        found.insert({event.tick - first, event.is_current, event.id, event.value});
      }
    }
    REQUIRE(found == sent);
  }
}

TEST_CASE("Four chunks always fit the queue they are cut for", "[link]") {
  for (const std::uint32_t entries : {64U, 512U, 1024U}) {
    const std::size_t words = EventChunker::words_for(entries);
    CHECK(4 * (words + kEventReserve) <= entries);
    CHECK(words >= 4);
  }
}

TEST_CASE("Malformed event words are refused", "[link]") {
  CHECK_FALSE(decode_events(0, Words{0x8000}));                // advance by nothing
  CHECK_FALSE(decode_events(0, Words{0xC001, 0, 0, 0}));       // no such word
  CHECK_FALSE(decode_events(0, Words{0xC000, 1, 2}));          // cut short
  CHECK_FALSE(decode_events(0, Words{0xC000, 1, 0, 0x0080}));  // more than 24 bits
  CHECK_FALSE(decode_events(0, Words{0xC000, 1, 0xFFFF, 0xFF7F}));
  CHECK_FALSE(decode_events(UINT32_MAX, Words{0x8001}));
  CHECK(decode_events(UINT32_MAX, Words{1}));
  CHECK(decode_events(0, Words{0xC000, 1, 0, 0xFF80}));  // the most negative current
}
