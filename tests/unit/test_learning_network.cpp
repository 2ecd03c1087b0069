// SPDX-License-Identifier: BSD-3-Clause
// Learning beyond one synapse: drift and folds, rows and profiles, the spike queue's order, cycles.
#include <catch2/catch.hpp>

#include "model_learning_rig.hpp"
#include "ncx/error.hpp"

using ncx::Region;
using ncx::Register;
using ncx::test::Entry;
using ncx::test::kApply;
using ncx::test::kFirst;
using ncx::test::kScan;
using ncx::test::LearningRig;
using ncx::test::ParameterSet;
using ncx::test::ProfileSet;
using Words = std::vector<std::uint64_t>;

namespace {

ProfileSet kernel() {
  ProfileSet p;
  p.window = 7;
  return p;
}

ProfileSet drifting() {
  ProfileSet p = kernel();
  p.drift = true;
  return p;
}

constexpr std::int64_t kWhole = 1 << 16;

}  // namespace

// ---- drift ----

TEST_CASE("drift: the first ticks have fewer lags behind them", "[model][learning]") {
  LearningRig rig;
  rig.profile(0, drifting());
  rig.drift_steps(0, {0, -1, -3, -6});
  rig.learn(1, 1);
  const std::vector<std::int64_t> expected = {0, -1, -4, -10, -16, -22};
  for (std::size_t t = 0; t < expected.size(); ++t) {
    rig.run(1);
    CHECK(rig.drift(0) == expected[t] * kWhole);
    CHECK(rig.model.read(Region::kLearnState, 1, 1)[0] == t + 1);
  }
  rig.run(20);
  CHECK(rig.model.read(Region::kLearnState, 1, 1)[0] == 16);
  // Traces begin anew, the drift stays.
  rig.model.reset(1U << ncx::map::kResetBitTraces);
  rig.run(2);
  CHECK(rig.drift(0) == (-22 - 20 * 6 - 1) * kWhole);
}

TEST_CASE("drift: only while the profile is learning, its age in any case", "[model][learning]") {
  LearningRig rig;
  rig.profile(0, drifting());
  rig.drift_steps(0, {1, 2, 3});
  rig.learn(1, 0);
  rig.run(2);
  CHECK(rig.drift(0) == 0);
  CHECK(rig.model.read(Region::kLearnState, 1, 1)[0] == 2);
  rig.model.write_register(Register::kLearning, 0x0101);
  rig.run(1);
  CHECK(rig.drift(0) == 3 * kWhole);
  rig.model.write_register(Register::kLearning, 0);
  rig.run(5);
  CHECK(rig.model.read(Region::kLearnState, 1, 1)[0] == 3);
}

TEST_CASE("drift: plastic synapses of the profile's rows have it, down to whole weights",
          "[model][learning]") {
  LearningRig rig;
  rig.connect(0, {{1, 100, 1, true}, {2, 100, 1, false}}, 2, 1);
  rig.connect(0, {{5, 100, 1, true}}, 0, 0);
  rig.connect(0, {{9, 100, 1, true}}, 0, 7);  // no such profile in this build
  rig.connect_dense(0, 4, std::vector<std::int32_t>(8, 100), 1, 1, true);
  rig.wire_up();
  rig.put_drift(1, -10 * kWhole - 1);
  rig.run(2, LearningRig::fire({{0, 0}}));
  CHECK(rig.current(1) == 4 * 89);
  CHECK(rig.current(2) == 400);
  CHECK(rig.current(5) == 100);
  CHECK(rig.current(9) == 100);
  CHECK(rig.current(32) == 2 * 89);
}

TEST_CASE("drift: the modulation scales it, down to fractions", "[model][learning]") {
  LearningRig rig;
  ProfileSet p = drifting();
  p.modulated = true;
  p.shift = 3;
  rig.profile(0, p);
  rig.drift_steps(0, {-5});
  rig.learn(1, 1);
  rig.model.write_register(Register::kModulation, 0x8000);
  rig.run(1);
  CHECK(rig.drift(0) == -5 * (0x8000 >> 3));
  rig.model.write_register(Register::kModulation, 0);
  rig.run(1);
  CHECK(rig.drift(0) == -5 * (0x8000 >> 3));
}

TEST_CASE("fold: the drift goes into the stored weights, what synapses do stays the same",
          "[model][learning]") {
  LearningRig rig;
  ProfileSet p = drifting();
  p.w_min = -1000;
  p.w_max = 16400;
  rig.connect(0, {{1, 10, 1, true}, {2, 10, 1, false}, {3, 30, 1, true}});
  rig.connect(0, {{5, 10, 1, true}}, 0, 1);
  rig.connect_dense(8, 0, std::vector<std::int32_t>(4, -7), 0, 0, true);
  rig.connect(9, {{1, 10, 1, true}});  // not a member
  rig.wire_up();
  rig.profile(0, p);
  rig.drift_steps(0, {1});
  rig.learn(1, 1);
  Words members = rig.model.read(Region::kLearnMember, 2, 1);
  CHECK(members[0] == 3);
  rig.model.write(Region::kLearnMember, 2, Words{1});
  rig.put_drift(0, 16381 * kWhole + 77);
  rig.run(2);
  CHECK(rig.drift(0) == 16383 * kWhole + 77);
  CHECK(rig.model.read_register(Register::kFolds) == 0);
  CHECK(rig.weight(0, 1) == 10);
  rig.run(1);
  CHECK(rig.drift(0) == 77);
  CHECK(rig.model.read_register(Register::kFolds) == 1);
  CHECK(rig.weight(0, 1) == 16394);
  CHECK(rig.weight(0, 2) == 10);
  CHECK(rig.weight(0, 3) == 16400);  // 16414 is beyond w_max
  CHECK(rig.weight(0, 5) == 10);
  CHECK(rig.weight(8, 2) == 16377);
  CHECK(rig.weight(9, 1) == 10);
  rig.run(1, LearningRig::fire({{0, 8}}));
  rig.run(1);
  CHECK(rig.current(2) == 16378);  // stored 16377, and a tick of drift before
}

TEST_CASE("fold: at -2^(weight bits - 2) as well, in the middle of a run", "[model][learning]") {
  for (const char* build : {"tiny", "tiny8"}) {
    LearningRig rig(build);
    rig.connect(0, {{1, 10, 1, true}});
    rig.wire_up();
    ProfileSet p = drifting();
    rig.profile(0, p);
    rig.drift_steps(0, {-1});
    rig.learn(1, 1);
    const std::int32_t limit = 1 << (rig.geometry().weight_bits - 2);
    const std::uint32_t ticks = static_cast<std::uint32_t>(limit) + 3;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> often;
    for (std::uint32_t t = 0; t < ticks; ++t) often.emplace_back(t, 0);
    rig.run(ticks, LearningRig::fire(often));
    CHECK(rig.model.read_register(Register::kFolds) == 1);
    CHECK(rig.weight(0, 1) == 10 - limit);
    CHECK(rig.drift(0) == -3 * kWhole);
    CHECK(rig.current(1) == 10 - static_cast<std::int32_t>(ticks) + 1);
  }
}

// ---- rows ----

TEST_CASE("self connection: learns from its own spikes", "[model][learning]") {
  LearningRig rig;
  rig.connect(6, {{6, 50, 1, true}});
  rig.wire_up();
  ProfileSet p = kernel();
  p.post = true;
  rig.profile(0, p);
  rig.taps(0, 0, {8, 4, 2});
  rig.taps(0, 1, {5, 3});
  rig.learn(1, 1);
  rig.run(3, LearningRig::fire({{0, 6}, {1, 6}, {2, 6}}));
  // Nothing in tick 0; 8 - 5 in tick 1; 12 - 8 in tick 2.
  CHECK(rig.weight(6, 6) == 57);
}

TEST_CASE("activity: every neuron firing in every tick", "[model][learning]") {
  LearningRig rig;
  ParameterSet always;
  always.threshold = ncx::test::kStateMin;
  rig.uniform(always);
  for (std::uint32_t n = 0; n < 64; ++n) {
    rig.connect_dense(n, 0, std::vector<std::int32_t>(64, 3), 0, 0, true);
  }
  rig.wire_up();
  ProfileSet p;
  p.window = 1;
  p.post = true;
  rig.profile(0, p);
  rig.taps(0, 0, {10});
  rig.taps(0, 1, {4});
  rig.learn(1, 1);
  rig.run(1);
  CHECK(rig.weight(0, 0) == 3);
  rig.run(9);
  for (std::uint32_t n = 0; n < 64; n += 7) CHECK(rig.weight(n, 63 - n) == 3 + 9 * 6);
  CHECK(rig.trace(0, 5) == 3);
  // A tick: tick, 64 queue entries' spikes gathered; learning of 64 visited rows of 16 steps.
  const std::uint64_t gathered = 4 + 16 + 64 * (2 + 1 + 8), swept = 8 + 16,
                      told = 1 + 64 + 16 + (1 + 2 * 16 + 4);
  const std::uint64_t learned =
      2 + 8 + (2 + 2 + 32) + 16 + 64 * (3 + 1 + 16) + (4 + 16) + (5 + 16 + 16 + 64);
  CHECK(rig.run(1).cycles == gathered + swept + told + learned);
}

TEST_CASE("rows: two rows of one source with different profiles", "[model][learning]") {
  LearningRig rig;
  rig.connect(0, {{1, 100, 1, true}}, 0, 0);
  rig.connect(0, {{2, 100, 1, true}}, 0, 2);
  rig.connect(0, {{3, 100, 1, true}}, 0, 6);
  rig.wire_up();
  rig.profile(0, kernel());
  rig.profile(2, kernel());
  rig.taps(0, 0, {8});
  rig.taps(2, 0, {-3});
  rig.learn(5, 5);
  rig.run(2, LearningRig::fire({{0, 0}, {1, 1}, {1, 2}, {1, 3}}));
  CHECK(rig.weight(0, 1) == 108);
  CHECK(rig.weight(0, 2) == 97);
  CHECK(rig.weight(0, 3) == 100);
}

TEST_CASE("rows: words that two rows share change for both", "[model][learning]") {
  LearningRig rig;
  rig.connect_dense(0, 0, std::vector<std::int32_t>(8, 100), 0, 0, true);
  rig.wire_up();
  // Slot 1 has a row of its own over the same words.
  rig.model.write(Region::kSource, 1, Words{0x80000001});
  rig.model.write(Region::kRow, 2, Words{1U << 28, 1});
  rig.profile(0, kernel());
  rig.taps(0, 0, {8});
  rig.learn(1, 1);
  rig.run(2, LearningRig::fire({{0, 1}}));  // both rows have been walked
  rig.run(1, LearningRig::fire({{0, 0}}));
  rig.run(2, LearningRig::fire({{0, 4}, {0, 1}}));
  CHECK(rig.weight(0, 4) == 108);
  CHECK(rig.current(4) == 108);
}

TEST_CASE("rows: sparse rows of different tags share their words", "[model][learning]") {
  LearningRig rig;  // delay fields hold three bits of delay, then the tag
  constexpr std::uint64_t kPlastic = 1ULL << 32, kTag = 1ULL << 31;
  const auto to = [](std::uint64_t slot) { return slot / 4 << 16; };
  // One word a lane; lanes 0 and 1 belong to the row of tag 0, lane 2 to that of tag 1.
  rig.model.write(Region::kSynapse, 0,
                  Words{100 | to(4) | kPlastic, 200 | to(9), 300 | to(6) | kPlastic | kTag, 0});
  rig.model.write(Region::kRow, 0,
                  Words{1U << 27 | 1U << 28, 1, 1U << 27 | 1U << 28, 1 | 1U << 16});
  rig.model.write(Region::kSource, 0, Words{0x80000000, 0x80000001});
  rig.model.write(Region::kLearnMember, 0, Words{3});
  rig.profile(0, kernel());
  rig.taps(0, 0, {8});
  rig.model.write_register(Register::kLearnRows, 16);
  rig.model.write_register(Register::kLearning, 0x0101);
  rig.run(2, LearningRig::fire({{0, 0}}));
  CHECK(rig.current(4) == 100);
  CHECK(rig.current(9) == 200);
  CHECK(rig.current(6) == 0);
  rig.run(2, LearningRig::fire({{0, 1}}));
  CHECK(rig.current(4) == 0);
  CHECK(rig.current(9) == 0);
  CHECK(rig.current(6) == 300);
  rig.run(2, LearningRig::fire({{0, 1}, {1, 4}, {1, 6}}));
  CHECK(rig.model.read(Region::kSynapse, 0, 4) ==
        Words{100 | to(4) | kPlastic, 200 | to(9), 308 | to(6) | kPlastic | kTag, 0});
}

TEST_CASE("delay: a spike in flight keeps the weight it set out with", "[model][learning]") {
  LearningRig rig;
  rig.connect(0, {{1, 100, 3, true}});
  rig.wire_up();
  rig.profile(0, kernel());
  rig.taps(0, 0, {8, 4, 2});
  rig.learn(1, 1);
  // Gathered in tick 1, with 100; the neuron fires in tick 1 as well; due in tick 3.
  rig.run(4, LearningRig::fire({{0, 0}, {1, 1}, {3, 0}}));
  CHECK(rig.weight(0, 1) == 108);
  CHECK(rig.current(1) == 100);
  rig.run(3);
  CHECK(rig.current(1) == 108);
}

TEST_CASE("delay: learning counts from the spike, not from its arrival", "[model][learning]") {
  LearningRig rig;
  rig.connect(0, {{1, 100, 7, true}});
  rig.wire_up();
  rig.profile(0, kernel());
  rig.taps(0, 0, {8, 4, 2});
  rig.learn(1, 1);
  rig.run(9, LearningRig::fire({{0, 0}, {7, 1}}));
  CHECK(rig.weight(0, 1) == 100);
}

TEST_CASE("gather: a weight that has changed counts in the next tick", "[model][learning]") {
  LearningRig rig;
  rig.connect(0, {{1, 0, 1, true}}, 4);
  rig.connect_dense(0, 1, std::vector<std::int32_t>(8, 0), 4, 0, true);
  rig.wire_up();
  rig.profile(0, kernel());
  rig.taps(0, 0, {8});
  rig.learn(1, 1);
  rig.run(3, LearningRig::fire({{0, 0}, {1, 0}, {1, 1}, {1, 9}}));
  CHECK(rig.current(1) == 8 * 16);
  CHECK(rig.current(9) == 8 * 16);
  CHECK(rig.current(8) == 0);
}

// ---- the spike queue's order ----

TEST_CASE("descents: winner-take-all groups interleaved over rows", "[model][learning]") {
  const auto cycles = [](std::uint32_t first_winner, std::uint32_t second_winner) {
    LearningRig rig;
    const std::uint32_t all = 0xF;
    rig.program({{0, 0, kScan | kFirst, all},
                 {3, 0, kScan, all},
                 {0, 0, kApply | kFirst, all},
                 {3, 0, kApply, all},
                 {1, 0, kScan | kFirst, all},
                 {2, 0, kScan, all},
                 {1, 0, kApply | kFirst, all},
                 {2, 0, kApply, all},
                 {8, 0, 0, all}});
    for (const std::uint32_t source : {32U, 33U}) {
      rig.connect_dense(source, 0, std::vector<std::int32_t>(16, 50), 0, 0, true);
    }
    rig.wire_up();
    rig.profile(0, kernel());
    rig.taps(0, 0, {8, 4});
    rig.learn(1, 1);
    rig.run(1, LearningRig::fire({{0, 32}, {0, 33}}));
    const std::uint64_t taken =
        rig.run(1, LearningRig::fire({{0, first_winner}, {0, second_winner}})).cycles;
    for (const std::uint32_t source : {32U, 33U}) {
      for (std::uint32_t n = 0; n < 16; ++n) {
        const bool won = n == first_winner || n == second_winner;
        CHECK(rig.weight(source, n) == (won ? 58 : 50));
      }
    }
    return taken;
  };
  // Rows 0 and 1, then 3 and 1, then 3 and 2, which share words.
  const std::uint64_t ascending = cycles(2, 5);
  CHECK(cycles(14, 5) == ascending);
  CHECK(cycles(13, 9) == ascending);
  CHECK(cycles(1, 9) == ascending);
}

TEST_CASE("descents: random numbers follow the queue's order", "[model][learning]") {
  LearningRig rig;
  rig.program({{3, 0, 0, 0xF}, {1, 0, 0, 0xF}, {8, 0, 0, 0xF}});
  rig.connect_dense(32, 0, std::vector<std::int32_t>(16, 50), 0, 0, true);
  rig.wire_up();
  ProfileSet p = kernel();
  p.rounding = 2;
  p.shift = 1;
  rig.profile(0, p);
  rig.taps(0, 0, {9});
  rig.learn(1, 1);
  for (std::uint32_t seed = 1; seed < 40; ++seed) {
    rig.model.reset(1U << ncx::map::kResetBitTraces);
    rig.model.write(Region::kLearnState, 8, Words{seed * 0x9E3779B1});
    const std::int32_t high = rig.weight(32, 12), low = rig.weight(32, 4);
    rig.run(2, LearningRig::fire({{0, 32}, {1, 12}, {1, 4}}));
    const std::uint32_t first = ncx::test::reference::xorshift(seed * 0x9E3779B1),
                        second = ncx::test::reference::xorshift(first);
    CHECK(rig.weight(32, 12) == high + ((first & 0xFFFF) >= 32768 ? 5 : 4));
    CHECK(rig.weight(32, 4) == low + ((second & 0xFFFF) >= 32768 ? 5 : 4));
    CHECK(rig.model.read(Region::kLearnState, 8, 1)[0] == second);
  }
}

// ---- cycles ----

TEST_CASE("cycles: learning takes none while no profile is in use", "[model][learning]") {
  LearningRig rig;
  rig.connect(0, {{1, 100, 1, true}});
  rig.wire_up();
  rig.profile(0, kernel());
  rig.learn(0, 1);
  CHECK(rig.run(1).cycles == 28);
}

TEST_CASE("cycles: passes, visits, walks, drift, clearing", "[model][learning]") {
  LearningRig rig;
  rig.connect(0, {{1, 100, 1, true}, {5, 100, 1, true}});  // two words
  rig.connect(0, {{1, 100, 1, true}}, 0, 1);
  rig.connect(rig.axon(0), {{1, 100, 1, true}});
  rig.wire_up();
  rig.profile(0, drifting());
  rig.taps(0, 0, {8, 4, 2});
  rig.learn(1, 1);
  // A profile that has been written may have traces: both passes once. The drift's product takes 18
  // cycles beside them.
  CHECK(rig.run(1).cycles == 28 + 2 + 7 + (4 + 16) + (4 + 16) + 2);
  CHECK(rig.run(1).cycles == 28 + 2 + 7 + 16);
  // A spike: told with 3, no source has a trace yet; weights are looked at all the same.
  CHECK(rig.run(1, LearningRig::fire({{0, 0}})).cycles ==
        28 + 1 + 3 + 2 + 7 + (4 + 32) + (4 + 16) + 2);
  // Its rows are gathered, and walked for learning where they have the profile.
  CHECK(rig.run(1, LearningRig::fire({{0, 1}})).cycles ==
        28 + 1 + 3 + (1 + 2 + 3 + 2) + 2 + 7 + (4 + 32) + (1 + 2 + 2 + 2) + (4 + 16) + 2);
  rig.model.reset(1U << ncx::map::kResetBitTraces | 1U << ncx::map::kResetBitInFlight);
  CHECK(rig.run(1, {}, {{0, 0}}).cycles == 28 + (2 + 2) + 2 + 7 + (4 + 16) + 2 + 16);
  // The history is seen by one pass more than it has bits.
  for (int k = 0; k < 4; ++k) CHECK(rig.run(1).cycles == 28 + 2 + 7 + (4 + 16) + 2);
  CHECK(rig.run(1).cycles == 28 + 2 + 7 + 16);
  rig.put_drift(0, 16384 * kWhole);
  CHECK(rig.run(1).cycles ==
        28 + 2 + 7 + 16 + (1 + 3 + 4 + 32) + (1 + 2 + 2 + 2) + (1 + 2 + 1 + 1 + 1));
  rig.model.write_register(Register::kLearning, 1);
  CHECK(rig.run(1).cycles == 28 + 2 + 7);
  rig.model.write_register(Register::kLearning, 3);
  CHECK(rig.run(1).cycles == 28 + 2 + 7 + 7);
  rig.profile(2, kernel());
  CHECK(rig.run(1).cycles == 28 + 2 + 2 * (7 + (4 + 16) + (4 + 16)));
}
