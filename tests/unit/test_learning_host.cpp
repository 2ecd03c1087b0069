// SPDX-License-Identifier: BSD-3-Clause
// What the host sees of learning: registers, memories, RESET bits, refusals; the virtual device.
#include <catch2/catch.hpp>

#include "model_learning_rig.hpp"
#include "ncx/error.hpp"

using ncx::Region;
using ncx::Register;
using ncx::test::LearningRig;
using ncx::test::ProfileSet;
using Words = std::vector<std::uint64_t>;

namespace {

constexpr std::uint32_t bit(std::uint32_t index) { return 1U << index; }

/// A kernel on slot 0's synapse to slot 1, with a drift.
void set_up(LearningRig& rig) {
  ProfileSet p;
  p.window = 7;
  p.post = true;
  p.drift = true;
  rig.connect(0, {{1, 100, 1, true}});
  rig.wire_up();
  rig.profile(0, p);
  rig.taps(0, 0, {8});
  rig.taps(0, 1, {5});
  rig.drift_steps(0, {-1});
  rig.learn(1, 1);
}

}  // namespace

TEST_CASE("learning regions: words are cut to what the hardware keeps", "[model][learning]") {
  LearningRig rig;  // 4 lanes, 4 profiles
  const std::uint64_t ones = (1ULL << 40) - 1;
  const auto kept = [&](Region region, std::uint64_t address) {
    rig.model.write(region, address, Words{ones});
    const std::uint64_t first = rig.model.read(region, address, 1)[0];
    rig.model.write(region, address, Words{0});
    CHECK(rig.model.read(region, address, 1)[0] == 0);
    return first;
  };
  CHECK(kept(Region::kProfile, 0) == 0xFFFFFFFFF);
  CHECK(kept(Region::kProfile, 15) == 0xFFFFFFFFF);
  CHECK(kept(Region::kTaps, 511) == 0x3FFFF);
  CHECK(kept(Region::kDriftStep, 112) == 0x3FFFF);
  CHECK(kept(Region::kLearnMember, 127) == 0xF);
  CHECK(kept(Region::kTrace, 4 * 192 - 1) == 0x3FFFF);
  CHECK(kept(Region::kLearnState, 6) == 0x3FFFFFFFF);
  CHECK(kept(Region::kLearnState, 7) == 0x1F);
  CHECK(kept(Region::kLearnState, 8) == 0xFFFFFFFF);
  CHECK(kept(Region::kAxonSpike, 15) == 0xF);
  for (const Region region :
       {Region::kProfile, Region::kTaps, Region::kDriftStep, Region::kLearnMember, Region::kTrace,
        Region::kLearnState, Region::kAxonSpike}) {
    const std::uint64_t size = rig.geometry().region_size(region);
    CHECK_THROWS_AS(rig.model.read(region, size, 1), ncx::InputError);
    CHECK_THROWS_AS(rig.model.write(region, size, Words{0}), ncx::InputError);
  }
}

TEST_CASE("learning regions: what a build begins with", "[model][learning]") {
  LearningRig rig;
  CHECK(rig.model.read(Region::kLearnState, 0, 9) == Words{0, 0, 0, 0, 0, 0, 0, 0, 1});
  CHECK(rig.model.read(Region::kTrace, 0, 768) == Words(768));
  CHECK(rig.model.read_register(Register::kModulation) == 65536);
  CHECK(rig.model.read_register(Register::kLearning) == 0);
  CHECK(rig.model.read_register(Register::kLearnRows) == 0);
}

TEST_CASE("learning registers: cut to the build", "[model][learning]") {
  LearningRig rig("tiny8");  // 2 profiles
  rig.model.write_register(Register::kLearning, 0xFFFFFFFF);
  CHECK(rig.model.read_register(Register::kLearning) == 0x0303);
  rig.model.write_register(Register::kLearnRows, 0x12345678);
  CHECK(rig.model.read_register(Register::kLearnRows) == 0x12345678);
  rig.model.write_register(Register::kModulation, 0xFFFFFFFE);
  CHECK(rig.model.read_register(Register::kModulation) == 0x3FFFE);
  CHECK_THROWS_AS(rig.model.write_register(Register::kFolds, 0), ncx::RefusedError);
}

TEST_CASE("reset bits: TRACES, ages with them; weights, drift and flags of passes",
          "[model][learning]") {
  LearningRig rig;
  set_up(rig);
  rig.run(3, LearningRig::fire({{0, 0}, {1, 1}}), {{1, 3}});
  CHECK(rig.weight(0, 1) == 108);
  CHECK(rig.trace(0, 0) == 4);
  CHECK(rig.trace(0, rig.axon(3)) == 2);
  CHECK(rig.trace(0, 128 + 0) == 0);  // lag 3 has no tap
  CHECK(rig.trace(0, 128 + 1) == 0);
  rig.model.reset(bit(ncx::map::kResetBitTraces));
  CHECK(rig.model.read(Region::kTrace, 0, 768) == Words(768));
  CHECK(rig.model.read(Region::kLearnState, 1, 1)[0] == 0);
  CHECK(rig.weight(0, 1) == 108);
  CHECK(rig.drift(0) == -3 * 65536);
  // Neither pass takes place: there is nothing to see.
  CHECK(rig.run(1).cycles == 28 + 2 + 8 + 15);
  CHECK(rig.run(1, LearningRig::fire({{0, 1}})).cycles > 28 + 2 + 8 + 15);
  CHECK(rig.weight(0, 1) == 108);
}

TEST_CASE("reset bits: IN_FLIGHT takes the axons' spikes", "[model][learning]") {
  LearningRig rig;
  set_up(rig);
  rig.model.write(Region::kAxonSpike, 0, Words{5, 1});
  rig.model.reset(bit(ncx::map::kResetBitInFlight));
  CHECK(rig.model.read(Region::kAxonSpike, 0, 16) == Words(16));
}

TEST_CASE("reset bits: STATISTICS clears the folds", "[model][learning]") {
  LearningRig rig;
  set_up(rig);
  rig.put_drift(0, -(std::int64_t{16383} << 16));
  rig.run(1);
  CHECK(rig.model.read_register(Register::kFolds) == 1);
  rig.model.reset(bit(ncx::map::kResetBitStatistics));
  CHECK(rig.model.read_register(Register::kFolds) == 0);
  CHECK(rig.weight(0, 1) == 100 - 16384);
}

TEST_CASE("learning: a state that was read and written back goes on as it would have",
          "[model][learning]") {
  LearningRig first, second;
  for (LearningRig* rig : {&first, &second}) set_up(*rig);
  const auto spikes = LearningRig::fire({{0, 0}, {1, 1}, {2, 0}, {3, 1}, {4, 0}, {4, 1}});
  first.run(6, spikes, {{1, 3}});
  for (const Region region :
       {Region::kSynapse, Region::kState, Region::kAccumulator, Region::kSpikeQueue, Region::kTrace,
        Region::kLearnState, Region::kAxonSpike}) {
    second.model.write(region, 0,
                       first.model.read(region, 0, first.geometry().region_size(region)));
  }
  second.model.write_register(Register::kTick, first.model.read_register(Register::kTick));
  second.model.write_register(Register::kSpikeEntries,
                              first.model.read_register(Register::kSpikeEntries));
  for (LearningRig* rig : {&first, &second}) {
    rig->run(6, LearningRig::fire({{0, 1}, {1, 0}, {2, 1}}), {{0, 3}});
  }
  for (const Region region : {Region::kSynapse, Region::kState, Region::kTrace, Region::kLearnState,
                              Region::kAxonSpike}) {
    const std::uint64_t size = first.geometry().region_size(region);
    CHECK(first.model.read(region, 0, size) == second.model.read(region, 0, size));
  }
}

TEST_CASE("learning: what the hardware could not walk is refused, and nothing has happened",
          "[model][learning]") {
  LearningRig rig;
  set_up(rig);
  rig.model.write_register(Register::kLearnRows, 17);
  CHECK_THROWS_WITH(rig.run(1), Catch::Contains("LEARN_ROWS"));
  rig.model.write_register(Register::kLearnRows, 17U << 16);
  CHECK_THROWS_WITH(rig.run(1), Catch::Contains("LEARN_ROWS"));
  rig.model.write_register(Register::kLearnRows, 16U << 16 | 16);
  // Axon 9 never fires, but a fold walks its rows.
  rig.model.write(Region::kSource, rig.axon(9), Words{0x80000005});
  CHECK(rig.run(1).ticks == 1);
  rig.model.write(Region::kLearnMember, 16 + 2, Words{2});
  CHECK_THROWS_WITH(rig.run(1), Catch::Contains("axon 9"));
  CHECK(rig.model.read_register(Register::kTick) == 1);
  rig.model.write_register(Register::kLearning, 0);
  CHECK(rig.run(1).ticks == 1);
}
