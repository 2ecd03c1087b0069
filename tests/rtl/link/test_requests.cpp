// SPDX-License-Identifier: BSD-3-Clause
// READ, WRITE, CHECK, RUN, STOP, RESET: what they do, and everything they are refused for.
#include <catch2/catch.hpp>

#include "bench.hpp"

using namespace ncx::test;
using ncx::map::Region;
using ncx::map::Register;
using ncx::map::Request;
using ncx::map::Status;

namespace {

constexpr std::uint32_t kStateBitRunning = 1U << ncx::map::kStateBitRunning;

struct RegionSize {
  Region region;
  std::uint32_t words;
};
// docs/registers.md, "Regions"
constexpr std::array<RegionSize, 21> kSizes{{
    {Region::kRegisters, 28},
    {Region::kInfo, 25},
    {Region::kSynapse, Build::kSynapseWords* Build::kLanes},
    {Region::kSource, Build::kNeurons + Build::kAxons},
    {Region::kRow, 2 * Build::kRows},
    {Region::kProgram, 2 * Build::kProgramEntries},
    {Region::kParameter, 8 * Build::kParameterSets},
    {Region::kState, 4 * Build::kNeurons},
    {Region::kAccumulator, Build::kMaxDelay* Build::kNeurons},
    {Region::kCount, Build::kNeurons},
    {Region::kRate, Build::kAxons},
    {Region::kGenerator, (Build::kLanes + 7) / 8 * 4},
    {Region::kProbe, Build::kProbeEntries},
    {Region::kSpikeQueue, 2 * Build::kProgramEntries},
    {Region::kProfile, 4 * Build::kProfiles},
    {Region::kTaps, 128 * Build::kProfiles},
    {Region::kDriftStep, 32 * Build::kProfiles},
    {Region::kLearnMember, Build::kProfiles*(Build::kNeurons + Build::kAxons) / Build::kLanes},
    {Region::kTrace, Build::kProfiles*(2 * Build::kNeurons + Build::kAxons)},
    {Region::kLearnState, 2 * Build::kProfiles + 1},
    {Region::kAxonSpike, Build::kAxons / Build::kLanes},
}};

bool is_config(Region region) {
  return ((ncx::map::kRegionConfigMask >> static_cast<unsigned>(region)) & 1) != 0;
}

std::vector<std::uint64_t> random_words(Bench& bench, std::size_t count, unsigned bits) {
  std::vector<std::uint64_t> words(count);
  for (auto& word : words) {
    word = ((std::uint64_t{bench.random()} << 32) | bench.random()) & ((1ULL << bits) - 1);
    if (bench.random() % 4 == 0) word = 0;
  }
  return words;
}

Bytes with_length(Bytes payload, std::size_t length) {
  payload.resize(length);
  return payload;
}

TEST_CASE("a reset in the middle of life leaves no register as it was") {
  Bench bench(77);
  bench.begin();
  CHECK(bench.read_register(Register::kModulation) == 65536);
  for (const auto reg : {Register::kScratch, Register::kImageId, Register::kPeriod,
                         Register::kModulation, Register::kControl, Register::kFractionBits}) {
    REQUIRE(bench.write_register(reg, 0xFFFF'FFFF) == Status::kOk);
  }
  CHECK(bench.read_register(Register::kScratch) == 0xFFFF'FFFF);
  CHECK(bench.read_register(Register::kModulation) == 0x3FFFF);
  CHECK(bench.read_register(Register::kControl) == 7);
  CHECK(bench.read_register(Register::kFractionBits) == 0xFF);
  CHECK(bench.read_register(Register::kFrames) > 0);
  bench.top().rst_i = 1;
  bench.run(8);
  bench.top().rst_i = 0;
  bench.begin();
  CHECK(bench.read_register(Register::kFrames) == 2);  // HELLO and this READ
  for (const auto reg : {Register::kScratch, Register::kImageId, Register::kPeriod,
                         Register::kControl, Register::kFractionBits, Register::kCyclesHigh}) {
    CHECK(bench.read_register(reg) == 0);
  }
  CHECK(bench.read_register(Register::kModulation) == 65536);
}

}  // namespace

TEST_CASE("words written in every unit are in memory and read back") {
  Bench bench(11);
  bench.begin();
  bench.jitter = GENERATE(false, true);
  for (unsigned unit = 1; unit <= 5; ++unit) {
    for (const std::uint32_t high : {0U, 0xAU}) {
      const std::uint32_t count = 1 + bench.random() % 150;
      const std::uint32_t address = bench.random() % 300;
      const auto words = random_words(bench, count, std::min(8 * unit, 36U));
      const std::uint32_t coded = unit == 4 ? unit | (high << 4) : unit;
      REQUIRE(bench.ask(Request::kWrite, write_payload(Region::kSynapse, coded, address, words))
                  .status == Status::kOk);
      const std::uint64_t top = unit == 4 ? std::uint64_t{high} << 32 : 0;
      for (std::uint32_t i = 0; i < count; ++i) {
        REQUIRE(bench.memory(Region::kSynapse, address + i) == (words[i] | top));
      }
      for (unsigned read_unit = 1; read_unit <= 5; ++read_unit) {
        const Reply reply =
            bench.ask(Request::kRead, read_payload(Region::kSynapse, read_unit, count, address));
        REQUIRE(reply.status == Status::kOk);
        Bytes expected;
        for (const std::uint64_t word : words) {
          for (unsigned b = 0; b < read_unit; ++b) {
            expected.push_back(static_cast<std::uint8_t>(((word | top) >> (8 * b)) & 0xFF));
          }
        }
        REQUIRE(reply.data == expected);
      }
    }
  }
}

TEST_CASE("the longest READ and WRITE") {
  Bench bench(2);
  bench.begin();
  const auto words = random_words(bench, 254, 32);
  REQUIRE(bench.ask(Request::kWrite, write_payload(Region::kSynapse, 4, 0, words)).status ==
          Status::kOk);
  const Reply reply = bench.ask(Request::kRead, read_payload(Region::kSynapse, 4, 254, 0));
  REQUIRE(reply.data.size() == 1016);
  for (std::size_t i = 0; i < words.size(); ++i) CHECK(get32(reply.data, 4 * i) == words[i]);
  CHECK(bench.ask(Request::kRead, read_payload(Region::kSynapse, 4, 255, 0)).status ==
        Status::kBadLength);
  CHECK(bench.ask(Request::kRead, read_payload(Region::kSynapse, 1, 1016, 0)).data.size() == 1016);
  CHECK(bench.ask(Request::kRead, read_payload(Region::kSynapse, 1, 1017, 0)).status ==
        Status::kBadLength);
  CHECK(bench.ask(Request::kRead, read_payload(Region::kSynapse, 5, 203, 0)).data.size() == 1015);
  CHECK(bench.ask(Request::kRead, read_payload(Region::kSynapse, 5, 204, 0)).status ==
        Status::kBadLength);
}

TEST_CASE("no words are a word count too") {
  Bench bench;
  bench.begin();
  const Reply read = bench.ask(Request::kRead, read_payload(Region::kSynapse, 4, 0, 2048));
  CHECK(read.status == Status::kOk);
  CHECK(read.data.empty());
  CHECK(bench.ask(Request::kWrite, write_payload(Region::kSynapse, 4, 0, {})).status ==
        Status::kOk);
  CHECK(bench.ask(Request::kWrite, write_payload(Region::kRegisters, 4, 24, {})).status ==
        Status::kOk);
  CHECK(bench.ask(Request::kCheck, check_payload(Region::kSynapse, 0, 0, 0)).status == Status::kOk);
  CHECK(bench.read_register(Register::kDirty) == 0);
}

TEST_CASE("a region ends where the build says") {
  Bench bench(4);
  bench.begin();
  for (const auto& [region, size] : kSizes) {
    INFO("region " << static_cast<int>(region));
    const bool writable = region != Region::kRegisters && region != Region::kInfo;
    CHECK(bench.ask(Request::kRead, read_payload(region, 1, 1, size - 1)).status == Status::kOk);
    CHECK(bench.ask(Request::kRead, read_payload(region, 1, 1, size)).status ==
          Status::kBadAddress);
    CHECK(bench.ask(Request::kRead, read_payload(region, 1, 2, size - 1)).status ==
          Status::kBadAddress);
    CHECK(bench.ask(Request::kRead, read_payload(region, 1, 2, 0xFFFFFFFF)).status ==
          Status::kBadAddress);
    const std::uint32_t before = bench.writes();
    CHECK(bench.ask(Request::kWrite, write_payload(region, 1, size - 1, {1, 2})).status ==
          Status::kBadAddress);
    CHECK(bench.writes() == before);  // refused as a whole
    if (writable) {
      CHECK(bench.ask(Request::kWrite, write_payload(region, 1, size - 1, {1})).status ==
            Status::kOk);
      CHECK(bench.writes() == before + 1);
    }
    CHECK(bench.ask(Request::kCheck, check_payload(region, 1, size, 0)).status ==
          Status::kBadAddress);
    CHECK(bench.ask(Request::kCheck, check_payload(region, 1, 0xFFFFFFFF, 0)).status ==
          Status::kBadAddress);
  }
  for (const int region : {static_cast<int>(ncx::map::kRegionTotal), 31, 32, 34, 255}) {
    const auto code = static_cast<Region>(region);
    CHECK(bench.ask(Request::kRead, read_payload(code, 1, 1, 0)).status == Status::kBadRegion);
    CHECK(bench.ask(Request::kWrite, write_payload(code, 1, 0, {1})).status == Status::kBadRegion);
    CHECK(bench.ask(Request::kCheck, check_payload(code, 0, 1, 0)).status == Status::kBadRegion);
  }
}

TEST_CASE("lengths that do not fit the request are refused") {
  Bench bench(6);
  bench.begin();
  const auto refused = [&](Request code, const Bytes& payload) {
    INFO("request " << static_cast<int>(code) << " length " << payload.size());
    CHECK(bench.ask(code, payload).status == Status::kBadLength);
  };
  for (const std::size_t length : {0, 1, 7, 9, 16, 1024}) {
    refused(Request::kRead, with_length(read_payload(Region::kState, 4, 1, 0), length));
  }
  for (const std::size_t length : {0, 1, 7, 8, 11, 13, 16, 1024}) {
    refused(Request::kWrite, with_length(write_payload(Region::kState, 4, 0, {1}), length));
  }
  for (const std::size_t length : {0, 8, 15, 17, 1024}) {
    refused(Request::kCheck, with_length(check_payload(Region::kState, 0, 1, 0), length));
  }
  for (const std::size_t length : {0, 3, 5, 8}) {
    refused(Request::kRun, with_length(u32_payload(1), length));
    refused(Request::kReset, with_length(u32_payload(1), length));
  }
  for (const std::size_t length : {0, 7, 9, 11, 1023}) {
    refused(Request::kEvents, with_length(events_payload(0, 0, {}), length));
  }
  for (const std::size_t length : {1, 4}) refused(Request::kStop, with_length({}, length));
  // units
  for (const std::uint32_t unit : {0U, 6U, 7U, 8U, 15U}) {
    refused(Request::kRead, read_payload(Region::kState, unit, 1, 0));
    Bytes payload = write_payload(Region::kState, 4, 0, {1});
    payload[1] = static_cast<std::uint8_t>(unit);
    refused(Request::kWrite, payload);
  }
  refused(Request::kRead, read_payload(Region::kState, 0x14, 1, 0));
  // a count whose product wraps in 16 bits to the right length
  Bytes payload = write_payload(Region::kSynapse, 4, 0, {1, 2});
  payload[3] = 0x40;
  refused(Request::kWrite, payload);
  CHECK(bench.writes() == 0);
  CHECK(bench.until_tick() == 0);
  CHECK(bench.resets() == 0);
}

TEST_CASE("requests nobody knows") {
  Bench bench;
  bench.begin();
  for (const int code : {0, 10, 17, 30}) {
    CHECK(bench.ask(static_cast<Request>(code), Bytes(5)).status == Status::kBadType);
  }
  // A reply or a stream frame is not a request, even when it comes back by itself.
  const auto errors = bench.read_register(Register::kCrcErrors);
  for (const int code : {31, 32, 33, 63}) bench.send(static_cast<Request>(code), bench.next, {});
  bench.settle();
  CHECK(bench.replies.empty());
  CHECK(bench.read_register(Register::kCrcErrors) == errors + 4);
}

TEST_CASE("memories are out of reach while the network runs") {
  Bench bench;
  bench.begin();
  bench.set_tick_clocks(0);
  REQUIRE(bench.ask(Request::kRun, u32_payload(5)).status == Status::kOk);
  for (const auto& [region, size] : kSizes) {
    INFO("region " << static_cast<int>(region));
    const bool local = region == Region::kRegisters || region == Region::kInfo;
    const Status expected = local ? Status::kOk : Status::kBusy;
    const Reply read = bench.ask(Request::kRead, read_payload(region, 4, 1, 0));
    CHECK(read.status == expected);
    CHECK((read.state & kStateBitRunning) != 0);
    const Status check = bench.ask(Request::kCheck, check_payload(region, 0, 1, 0)).status;
    CHECK(check == (local ? Status::kCrcMismatch : Status::kBusy));
    if (!local) {
      CHECK(bench.ask(Request::kWrite, write_payload(region, 4, 0, {1})).status == Status::kBusy);
    }
  }
  CHECK(bench.ask(Request::kReset, u32_payload(1)).status == Status::kBusy);
  CHECK(bench.write_register(Register::kTick, 3) == Status::kBusy);
  CHECK(bench.write_register(Register::kSpikeEntries, 3) == Status::kBusy);
  CHECK(bench.write_register(Register::kPeriod, 3) == Status::kOk);
  // Also inside a longer write, of which nothing may be done.
  const Status mixed =
      bench.ask(Request::kWrite, write_payload(Region::kRegisters, 4, 8, {1, 2})).status;
  CHECK(mixed == Status::kBusy);
  CHECK(bench.read_register(Register::kProbes) == 0);
  CHECK(bench.read_register(Register::kTick) == 0);
  CHECK(bench.writes() == 0);
}

TEST_CASE("registers: every one is read, the writable ones keep what they are given") {
  Bench bench(8);
  bench.begin();
  struct Writable {
    Register reg;
    std::uint32_t mask;
  };
  const std::vector<Writable> writable{
      {Register::kTick, 0xFFFFFFFF},      {Register::kControl, 7},
      {Register::kProgramLength, 0xFFFF}, {Register::kEncoderRows, 0xFFFF},
      {Register::kUsedRows, 0xFFFF},      {Register::kPeriod, 0xFFFFFFFF},
      {Register::kProbes, 0xFFFF},        {Register::kSpikeEntries, 0xFFFF},
      {Register::kFractionBits, 0xFF},    {Register::kImageId, 0xFFFFFFFF},
      {Register::kLearning, 0x0707},      {Register::kLearnRows, 0xFFFFFFFF},
      {Register::kModulation, 0x3FFFF},   {Register::kScratch, 0xFFFFFFFF}};
  for (int round = 0; round < 4; ++round) {
    std::vector<std::uint32_t> values;
    for (const auto& [reg, mask] : writable) {
      const auto value = static_cast<std::uint32_t>(bench.random());
      REQUIRE(bench.write_register(reg, value) == Status::kOk);
      values.push_back(value & mask);
    }
    for (std::size_t i = 0; i < writable.size(); ++i) {
      INFO("register " << static_cast<int>(writable[i].reg));
      CHECK(bench.read_register(writable[i].reg) == values[i]);
    }
    // They reach the core: the stub gives them back in other registers.
    CHECK(bench.read_register(Register::kUntil) == values[0]);
    CHECK(bench.read_register(Register::kStalls) == values[1] + values[2]);
    CHECK(bench.read_register(Register::kOverruns) == values[5] + values[3]);
    CHECK(bench.read_register(Register::kSpikes) == ((values[6] << 16) | values[4]));
    CHECK(bench.read_register(Register::kFolds) ==
          (((values[12] << 16) | values[10]) ^ values[11]));
    CHECK(bench.tick() == values[0]);
  }
  std::vector<int> read_only;
  for (int reg = 0; reg < static_cast<int>(ncx::map::kRegisterNames.size()); ++reg) {
    bool listed = false;
    for (const auto& w : writable) listed = listed || static_cast<int>(w.reg) == reg;
    if (!listed) read_only.push_back(reg);
  }
  const auto before = bench.read_register(Register::kScratch);
  for (const int reg : read_only) {
    INFO("register " << reg);
    CHECK(bench.write_register(static_cast<Register>(reg), 1) == Status::kReadOnly);
  }
  // Read-only somewhere in the range: nothing at all is written.
  CHECK(bench.ask(Request::kWrite, write_payload(Region::kRegisters, 4, 26, {1, 2})).status ==
        Status::kReadOnly);
  CHECK(bench.read_register(Register::kScratch) == before);
  CHECK(bench.ask(Request::kWrite, write_payload(Region::kInfo, 4, 0, {1})).status ==
        Status::kReadOnly);
  // Several at once.
  REQUIRE(
      bench.ask(Request::kWrite, write_payload(Region::kRegisters, 2, 3, {5, 17, 2, 16})).status ==
      Status::kOk);
  CHECK(bench.read_register(Register::kControl) == 5);
  CHECK(bench.read_register(Register::kProgramLength) == 17);
  CHECK(bench.read_register(Register::kEncoderRows) == 2);
  CHECK(bench.read_register(Register::kUsedRows) == 16);
}

TEST_CASE("the two halves of CYCLES belong together") {
  Bench bench;
  bench.begin();
  // In the stub each half is the other's complement, and both change in every cycle.
  for (int i = 0; i < 5; ++i) {
    const Reply reply = bench.ask(Request::kRead, read_payload(Region::kRegisters, 4, 2, 12));
    CHECK(get32(reply.data, 0) == ~get32(reply.data, 4));
    const std::uint32_t low = bench.read_register(Register::kCyclesLow);
    CHECK(bench.read_register(Register::kCyclesHigh) == ~low);
    CHECK(low != get32(reply.data, 0));
  }
}

TEST_CASE("a config region must be checked before the network may run") {
  Bench bench(12);
  bench.begin();
  for (const auto& [region, size] : kSizes) {
    if (region == Region::kRegisters || region == Region::kInfo) continue;
    INFO("region " << static_cast<int>(region));
    const std::uint32_t count = std::min(size, 20U);
    const auto words = random_words(bench, count, 36);
    REQUIRE(bench.ask(Request::kWrite, write_payload(region, 5, 0, words)).status == Status::kOk);
    const std::uint32_t dirty = bench.read_register(Register::kDirty);
    CHECK(dirty == (is_config(region) ? 1U << static_cast<unsigned>(region) : 0U));
    const std::uint32_t until = bench.until_tick();
    if (is_config(region)) {
      CHECK(bench.ask(Request::kRun, u32_payload(until)).status == Status::kNotValidated);
      CHECK(bench.ask(Request::kEvents, events_payload(until, until, {1})).status ==
            Status::kNotValidated);
    }
    const std::uint32_t crc = words_crc(words);
    const Reply wrong = bench.ask(Request::kCheck, check_payload(region, 0, count, crc ^ 0x100));
    CHECK(wrong.status == Status::kCrcMismatch);
    REQUIRE(wrong.data.size() == 4);
    CHECK(get32(wrong.data, 0) == crc);
    CHECK(bench.read_register(Register::kDirty) == dirty);
    const Reply right = bench.ask(Request::kCheck, check_payload(region, 0, count, crc));
    CHECK(right.status == Status::kOk);
    REQUIRE(right.data.size() == 4);
    CHECK(get32(right.data, 0) == crc);
    CHECK(bench.read_register(Register::kDirty) == 0);
    CHECK(bench.ask(Request::kRun, u32_payload(until)).status == Status::kOk);
  }
  CHECK(bench.pushes().empty());
}

TEST_CASE("a repeated CHECK answers but validates nothing") {
  Bench bench(13);
  bench.begin();
  const auto words = random_words(bench, 10, 32);
  REQUIRE(bench.ask(Request::kWrite, write_payload(Region::kRow, 4, 0, words)).status ==
          Status::kOk);
  const Bytes payload = check_payload(Region::kRow, 0, 10, words_crc(words));
  const auto at = bench.next;
  REQUIRE(bench.ask(Request::kCheck, payload).status == Status::kOk);
  REQUIRE(bench.ask(Request::kWrite, write_payload(Region::kRow, 4, 0, words)).status ==
          Status::kOk);
  const Reply again = bench.ask_as(at, Request::kCheck, payload);
  CHECK(again.status == Status::kOk);
  CHECK(get32(again.data, 0) == words_crc(words));
  CHECK(bench.read_register(Register::kDirty) == 1U << static_cast<unsigned>(Region::kRow));
}

TEST_CASE("RUN, STOP and RESET") {
  Bench bench;
  bench.begin();
  Reply reply = bench.ask(Request::kRun, u32_payload(50));
  CHECK(reply.status == Status::kOk);
  CHECK(bench.until_tick() == 50);
  CHECK(bench.ask(Request::kRun, u32_payload(49)).status == Status::kLate);
  CHECK(bench.until_tick() == 50);
  CHECK(bench.ask(Request::kRun, u32_payload(50)).status == Status::kOk);
  bench.run(50 * 60);
  reply = bench.ask(Request::kReset, u32_payload(0x2B));
  CHECK(reply.status == Status::kOk);
  CHECK(reply.tick == 50);
  CHECK((reply.state & kStateBitRunning) == 0);
  CHECK(bench.resets() == 1);
  CHECK(bench.reset_mask() == 0x2B);
  REQUIRE(bench.ask(Request::kRun, u32_payload(0xFFFFFFFF)).status == Status::kOk);
  bench.run(500);
  reply = bench.ask(Request::kStop, {});
  CHECK(reply.status == Status::kOk);
  CHECK(bench.stops() == 1);
  CHECK(bench.until_tick() < 200);
  bench.run(200);
  CHECK(bench.tick() == bench.until_tick());
  CHECK((bench.ask(Request::kStop, {}).state & kStateBitRunning) == 0);
}

TEST_CASE("replies carry tick and free entries") {
  Bench bench;
  bench.begin();
  bench.set_tick(0x12345678, 0x12345678);
  bench.set_free_entries(37);
  const Reply reply = bench.ask(Request::kStop, {});
  CHECK(reply.tick == 0x12345678);
  CHECK(reply.free == 37);
  CHECK(reply.state == 0);
}
