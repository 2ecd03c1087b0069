// SPDX-License-Identifier: BSD-3-Clause
// What the host sees of the model: RESET bits, memories and registers, refused requests, cycles.
#include <catch2/catch.hpp>

#include "model_rig.hpp"
#include "ncx/error.hpp"

using ncx::Region;
using ncx::Register;
using ncx::test::kApply;
using ncx::test::kFirst;
using ncx::test::kScan;
using ncx::test::kStateMax;
using ncx::test::ParameterSet;
using ncx::test::Rig;
using Words = std::vector<std::uint64_t>;

// ---- RESET ----

TEST_CASE("reset bits: MEMBRANE for the slots that the program names", "[model]") {
  Rig rig;
  ParameterSet p;
  p.v_reset = -9;
  rig.set(3, p);
  rig.program({{1, 3, 0, 0x2}});
  rig.put_state(5, 50, 3, 9, 7);
  rig.put_state(6, 50, 3, 9, 7);
  rig.model.reset(1U << ncx::map::kResetBitMembrane);
  CHECK(rig.v(5) == -9);
  CHECK(rig.current(5) == 0);
  CHECK(rig.refractory(5) == 0);
  CHECK(rig.theta(5) == 7);
  CHECK(rig.v(6) == 50);
}

TEST_CASE("reset bits: THETA", "[model]") {
  Rig rig;
  rig.uniform({});
  rig.put_state(5, 50, 3, 9, 7);
  rig.model.reset(1U << ncx::map::kResetBitTheta);
  CHECK(rig.theta(5) == 0);
  CHECK(rig.v(5) == 50);
}

TEST_CASE("reset bits: IN_FLIGHT", "[model]") {
  Rig rig;
  rig.uniform({});
  rig.connect(0, {{1, 2000, 1}, {2, 2000, 5}});
  rig.wire_up();
  rig.run(3, {{0, 0, 1001}, {2, 0, 1001}});
  rig.model.reset(1U << ncx::map::kResetBitInFlight);
  CHECK(rig.run(9).spikes.empty());
}

TEST_CASE("reset bits: COUNTS, TICK, STATISTICS", "[model]") {
  Rig rig;
  ParameterSet p;
  p.threshold = -1;
  rig.uniform(p);
  rig.run(3);
  rig.model.reset(1U << ncx::map::kResetBitCounts);
  CHECK(rig.count(0) == 0);
  CHECK(rig.model.read_register(Register::kTick) == 3);
  rig.model.reset(1U << ncx::map::kResetBitTick);
  CHECK(rig.model.read_register(Register::kTick) == 0);
  CHECK(rig.model.read_register(Register::kUntil) == 0);
  CHECK(rig.model.read_register(Register::kCyclesLow) > 0);
  CHECK(rig.model.read_register(Register::kSpikes) == 192);
  rig.model.reset(1U << ncx::map::kResetBitStatistics);
  CHECK(rig.model.read_register(Register::kCyclesLow) == 0);
  CHECK(rig.model.read_register(Register::kSpikes) == 0);
}

// ---- what the host sees ----

TEST_CASE("regions: words are cut to what the hardware keeps", "[model]") {
  Rig rig;
  const std::uint64_t ones = (1ULL << 40) - 1;
  const auto kept = [&](Region region, std::uint64_t address) {
    const bool halves =
        region == Region::kRow || region == Region::kProgram || region == Region::kSpikeQueue;
    if (halves) {
      rig.model.write(region, address / 2 * 2, Words{ones, ones});
    } else {
      rig.model.write(region, address, Words{ones});
    }
    return rig.model.read(region, address, 1)[0];
  };
  CHECK(kept(Region::kSynapse, 5) == 0xFFFFFFFFF);
  CHECK(kept(Region::kSource, 127) == 0x800001FF);
  CHECK(kept(Region::kRow, 4) == 0x1FF007FF);
  CHECK(kept(Region::kRow, 5) == 0x00070FFF);
  CHECK(kept(Region::kProgram, 6) == 0x703F000F);
  CHECK(kept(Region::kProgram, 7) == 0x0000000F);
  CHECK(kept(Region::kParameter, 12) == 0xFFFFFFFFF);
  CHECK(kept(Region::kParameter, 13) == 0);
  CHECK(kept(Region::kState, 4) == 0xFFFFFFFFF);
  CHECK(kept(Region::kState, 5) == 0xFFFFFF);
  CHECK(kept(Region::kState, 6) == 0xFFFFFF);
  CHECK(kept(Region::kState, 7) == 0);
  CHECK(kept(Region::kAccumulator, 511) == 0xFFFFFFFF);
  CHECK(kept(Region::kCount, 63) == 0xFFFF);
  CHECK(kept(Region::kRate, 63) == 0x1FF);
  CHECK(kept(Region::kGenerator, 3) == 0xFFFFFFFF);
  CHECK(kept(Region::kProbe, 15) == 0x3F);
  CHECK(kept(Region::kSpikeQueue, 2) == 0xF);
  CHECK(kept(Region::kSpikeQueue, 3) == 0xF);
}

TEST_CASE("regions: a two-word entry is stored with its second half", "[model]") {
  Rig rig;
  for (const Region region : {Region::kRow, Region::kProgram, Region::kSpikeQueue}) {
    rig.model.write(region, 2, Words{3, 1});
    rig.model.write(region, 2, Words{5});
    CHECK(rig.model.read(region, 2, 2) == Words{3, 1});
    rig.model.write(region, 3, Words{2});
    CHECK(rig.model.read(region, 2, 2) == Words{5, 2});
  }
}

TEST_CASE("regions: past the end is refused and nothing is written", "[model]") {
  Rig rig;
  CHECK_THROWS_AS(rig.model.read(Region::kCount, 64, 1), ncx::InputError);
  CHECK_THROWS_AS(rig.model.read(Region::kCount, ~0ULL, 2), ncx::InputError);
  CHECK_THROWS_WITH(rig.model.write(Region::kCount, 63, Words{1, 2}), Catch::Contains("COUNT"));
  CHECK(rig.count(63) == 0);
  CHECK(rig.model.read(Region::kCount, 64, 0).empty());
}

TEST_CASE("registers: what may be written is kept, the rest is refused as a whole", "[model]") {
  Rig rig;
  rig.model.write_register(Register::kScratch, 0xDEADBEEF);
  CHECK(rig.model.read_register(Register::kScratch) == 0xDEADBEEF);
  rig.model.write_register(Register::kControl, 0xFF);
  CHECK(rig.model.read_register(Register::kControl) == 7);
  rig.model.write_register(Register::kUsedRows, 0x12345);
  CHECK(rig.model.read_register(Register::kUsedRows) == 0x2345);
  CHECK_THROWS_AS(rig.model.write_register(Register::kCyclesLow, 1), ncx::RefusedError);
  // TICK may be written, UNTIL behind it not: neither is.
  CHECK_THROWS_AS(rig.model.write(Region::kRegisters, 0, Words{5, 5}), ncx::RefusedError);
  CHECK(rig.model.read_register(Register::kTick) == 0);
  rig.model.write_register(Register::kTick, 77);
  CHECK(rig.model.read_register(Register::kUntil) == 77);
  CHECK_THROWS_AS(rig.model.write(Region::kInfo, 0, Words{5}), ncx::RefusedError);
}

TEST_CASE("registers: INFO describes the build", "[model]") {
  Rig rig;
  const Words info = rig.model.read(Region::kInfo, 0, ncx::map::kInfoWords);
  const std::vector<std::uint32_t> words(info.begin(), info.end());
  CHECK(ncx::Geometry::from_info(words) == rig.geometry());
}

TEST_CASE("run: a request that the hardware would not take is refused", "[model]") {
  Rig rig;
  rig.uniform({});
  CHECK_THROWS_AS(rig.run(2, {{2, 0, 1}}), ncx::InputError);
  CHECK_THROWS_AS(rig.run(2, {{1, 0, 1}, {0, 0, 1}}), ncx::InputError);
  CHECK_THROWS_AS(rig.run(2, {{0, 64, 1}}), ncx::InputError);
  CHECK_THROWS_AS(rig.run(2, {{0, 0, kStateMax + 1}}), ncx::InputError);
  CHECK_THROWS_AS(rig.run(2, {}, {{0, 64}}), ncx::InputError);
  CHECK_THROWS_AS(rig.run(2, {}, {}, {64}), ncx::InputError);
  CHECK_THROWS_AS(rig.run(2, {}, {}, std::vector<std::uint32_t>(17, 0)), ncx::CapacityError);
  rig.model.write_register(Register::kTick, 0xFFFFFFFF);
  CHECK_THROWS_AS(rig.run(1), ncx::InputError);
}

TEST_CASE("run: progress can stop it cleanly", "[model]") {
  Rig rig;
  rig.uniform({});
  ncx::RunRequest request;
  request.ticks = 10000;
  std::uint32_t seen = 0;
  request.progress = [&](std::uint32_t done) {
    seen = done;
    return false;
  };
  CHECK_THROWS_AS(rig.model.run(request), ncx::Interrupted);
  CHECK(seen > 0);
  CHECK(rig.model.read_register(Register::kTick) == seen);
  CHECK(rig.run(1).first_tick == seen);
}

// ---- cycles ----

TEST_CASE("cycles: a quiet tick", "[model]") {
  Rig rig;
  rig.uniform({});  // 16 program entries
  CHECK(rig.run(1).cycles == 28);
  CHECK(rig.run(10).cycles == 280);
  CHECK(rig.model.read_register(Register::kCyclesLow) == 308);
  Rig empty;
  CHECK(empty.run(1).cycles == 4);
}

TEST_CASE("cycles: sources, rows, words, events, groups, record, probes", "[model]") {
  Rig rig;
  rig.uniform({});
  rig.connect(rig.axon(0), {{0, 1}, {4, 1}, {8, 1}});  // one row of three words
  rig.connect(rig.axon(0), {{0, 1}});
  rig.wire_up();
  CHECK(rig.run(1, {}, {{0, 0}}).cycles == 28 + 2 + (1 + 3) + (1 + 1));
  CHECK(rig.run(1, {}, {{0, 1}}).cycles == 28 + 2);
  CHECK(rig.run(1, {{0, 0, 1}, {0, 1, 1}}).cycles == 28 + 2);
  CHECK(rig.run(1, {}, {}, {0, 1, 2}).cycles == 28 + 1 + 1 + 3 * 4);
  // Two spikes in one entry: record, entry, spikes; in the next tick the entry and two lookups.
  CHECK(rig.run(1, {{0, 0, 1001}, {0, 1, 1001}}).cycles == 28 + 2 + 1 + 1 + 2);
  CHECK(rig.run(1).cycles == 28 + 1 + 2 * 2);
  rig.model.write_register(Register::kEncoderRows, 5);
  CHECK(rig.run(1).cycles == 28 + 5);
  rig.model.write_register(Register::kEncoderRows, 0);
  rig.program({{0, 0, kScan | kFirst}, {0, 0, kApply | kFirst}});
  CHECK(rig.run(1).cycles == 4 + 8 + 2 + 5);
}

TEST_CASE("cycles: many spikes go out as a bitmap", "[model]") {
  Rig rig;
  ParameterSet p;
  p.threshold = -1;
  rig.uniform(p);
  ncx::RunRequest request;
  request.ticks = 1;
  request.count_spikes = false;
  // 16 rows of four lanes: four words.
  CHECK(rig.model.run(request).cycles == 28 + 1 + 1 + 2 * 16 + 4);
  request.record_spikes = false;
  rig.model.reset(~0U);
  CHECK(rig.model.run(request).cycles == 28);
}

TEST_CASE("cycles: a tick that is longer than PERIOD is an overrun of the next", "[model]") {
  Rig rig;
  rig.uniform({});
  rig.model.write_register(Register::kPeriod, 28);
  CHECK(rig.run(10).overruns == 0);
  rig.model.write_register(Register::kPeriod, 27);
  CHECK(rig.run(10).overruns == 9);
  CHECK(rig.model.read_register(Register::kOverruns) == 9);
}
