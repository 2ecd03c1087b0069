// SPDX-License-Identifier: BSD-3-Clause
// Gathering, delays, encoders, counters and the memories' layout: docs/model.md, one test a rule.
#include <catch2/catch.hpp>
#include <cmath>

#include "model_rig.hpp"
#include "ncx/error.hpp"

using ncx::Region;
using ncx::Register;
using ncx::test::kApply;
using ncx::test::kScan;
using ncx::test::kStateMax;
using ncx::test::ParameterSet;
using ncx::test::Rig;
using Ticks = std::vector<std::uint32_t>;
using Words = std::vector<std::uint64_t>;

namespace {

/// An encoder generator as docs/model.md writes it down.
struct Generator {
  std::uint64_t older, newer;
  void step() {
    const std::uint64_t next = older ^ older << 23 ^ newer ^ (newer << 13 | newer >> 51);
    older = newer;
    newer = next;
  }
  [[nodiscard]] std::uint32_t byte(std::uint32_t lane) const {
    return newer >> lane % 8 * 8 & 0xFF;
  }
};

/// Never fires by itself, keeps what it gets.
ParameterSet integrator() {
  ParameterSet p;
  p.threshold = kStateMax;
  return p;
}

}  // namespace

// ---- step 1: who is due when ----

TEST_CASE("gather: a spike arrives in the next tick", "[model]") {
  Rig rig;
  rig.uniform({});
  rig.connect(0, {{1, 2000}});
  rig.wire_up();
  const auto result = rig.run(4, {{1, 0, 1001}});
  CHECK(Rig::ticks_of(result, 0) == Ticks{1});
  CHECK(Rig::ticks_of(result, 1) == Ticks{2});
}

TEST_CASE("gather: an axon event arrives in its own tick", "[model]") {
  Rig rig;
  rig.uniform({});
  rig.connect(rig.axon(63), {{63, 2000}});
  rig.wire_up();
  CHECK(Rig::ticks_of(rig.run(4, {}, {{2, 63}}), 63) == Ticks{2});
}

TEST_CASE("gather: a current arrives in its own tick and adds to synapses", "[model]") {
  Rig rig;
  rig.uniform(integrator());
  rig.connect(rig.axon(0), {{9, 100}});
  rig.wire_up();
  const auto result = rig.run(3, {{1, 9, -30}}, {{1, 0}}, {9});
  CHECK(result.potentials == std::vector<std::int32_t>{0, 70, 70});
}

TEST_CASE("gather: spikes cross from one run to the next", "[model]") {
  Rig rig;
  rig.uniform({});
  rig.connect(0, {{1, 2000}});
  rig.wire_up();
  rig.run(1, {{0, 0, 1001}});
  CHECK(Rig::ticks_of(rig.run(1), 1) == Ticks{0});
}

TEST_CASE("gather: all rows of a source add up, up to the last one", "[model]") {
  Rig rig;
  rig.uniform(integrator());
  rig.connect(rig.axon(0), {{5, 1}});
  rig.connect(rig.axon(0), {{5, 20}, {6, 3}});
  rig.connect(rig.axon(0), {{5, 300}});
  rig.connect(rig.axon(1), {{5, 4000}});
  rig.wire_up();
  rig.run(1, {}, {{0, 0}});
  CHECK(rig.v(5) == 321);
  CHECK(rig.v(6) == 3);
}

TEST_CASE("gather: a row may name a target more than once", "[model]") {
  Rig rig;
  rig.uniform(integrator());
  rig.connect(rig.axon(0), {{5, 7}, {5, 8}, {5, -1}});
  rig.wire_up();
  rig.run(1, {}, {{0, 0}});
  CHECK(rig.v(5) == 14);
}

TEST_CASE("gather: a row's exponent multiplies by a power of two", "[model]") {
  Rig rig;
  rig.uniform(integrator());
  rig.connect(rig.axon(0), {{5, -3}}, 15);
  rig.connect_dense(rig.axon(1), 0, {0, 0, 0, 0, 0, 0, 5}, 4);
  rig.wire_up();
  rig.run(1, {}, {{0, 0}, {0, 1}});
  CHECK(rig.v(5) == -3 * 32768);
  CHECK(rig.v(6) == 5 * 16);
}

TEST_CASE("gather: dense words of two 16-bit weights go to consecutive local rows", "[model]") {
  Rig rig;
  rig.uniform(integrator());
  std::vector<std::int32_t> weights;
  for (std::int32_t k = 0; k < 16; ++k) weights.push_back(k % 2 == 0 ? 32767 - k : -32768 + k);
  rig.connect_dense(rig.axon(0), 3, weights);  // group 3: local rows 6 and 7, slots 24 and on
  rig.wire_up();
  rig.run(1, {}, {{0, 0}});
  for (std::uint32_t k = 0; k < 16; ++k) CHECK(rig.v(24 + k) == weights[k]);
  CHECK(rig.v(23) == 0);
  CHECK(rig.v(40) == 0);
}

TEST_CASE("gather: dense words of four 8-bit weights", "[model]") {
  Rig rig("tiny8");
  rig.uniform(integrator());
  std::vector<std::int32_t> weights;
  for (std::int32_t k = 0; k < 16; ++k) weights.push_back(k % 2 == 0 ? 127 - k : -128 + k);
  rig.connect_dense(rig.axon(0), 1, weights);  // group 1: local rows 4 to 7, slots 8 and on
  rig.wire_up();
  rig.run(1, {}, {{0, 0}});
  for (std::uint32_t k = 0; k < 16; ++k) CHECK(rig.v(8 + k) == weights[k]);
}

TEST_CASE("gather: sparse words have a signed weight of the build's width", "[model]") {
  Rig wide, narrow("tiny8");
  for (Rig* rig : {&wide, &narrow}) {
    const std::int32_t low = rig->geometry().weight_min(), high = rig->geometry().weight_max();
    rig->uniform(integrator());
    rig->connect(rig->axon(0), {{11, low}, {12, high}, {13, -1}});
    rig->wire_up();
    rig->run(1, {}, {{0, 0}});
    CHECK(rig->v(11) == low);
    CHECK(rig->v(12) == high);
    CHECK(rig->v(13) == -1);
  }
}

TEST_CASE("gather: the plastic flags are no part of a weight", "[model]") {
  Rig rig;
  rig.uniform(integrator());
  rig.connect(rig.axon(0), {{4, 17}});
  rig.connect_dense(rig.axon(1), 0, {1, 2, 3, 4, 5, 6, 7, 8});
  rig.wire_up();
  for (std::uint64_t at = 0; at < 8; ++at) {
    Words word = rig.model.read(Region::kSynapse, at, 1);
    if (word[0] == 0) continue;
    word[0] |= at < 4 ? 1ULL << 32 : 3ULL << 32;
    rig.model.write(Region::kSynapse, at, word);
  }
  rig.run(1, {}, {{0, 0}, {0, 1}});
  CHECK(rig.v(4) == 17 + 5);
  CHECK(rig.v(7) == 8);
}

TEST_CASE("gather: weights written between runs count from then on", "[model]") {
  Rig rig;
  rig.uniform(integrator());
  rig.connect(rig.axon(0), {{4, 17}});
  rig.wire_up();
  rig.run(1, {}, {{0, 0}});
  Words word = rig.model.read(Region::kSynapse, 0, 1);
  word[0] += 3;
  rig.model.write(Region::kSynapse, 0, word);
  rig.run(1, {}, {{0, 0}});
  CHECK(rig.v(4) == 17 + 20);
}

TEST_CASE("delay: from 1 to MAX_DELAY ticks", "[model]") {
  Rig rig;
  rig.uniform({});
  for (std::uint32_t d = 1; d <= 8; ++d) rig.connect(0, {{d, 2000, d}});
  rig.wire_up();
  for (const std::uint32_t start : {0U, 5U, 7U}) {
    rig.model.reset(~0U);
    const auto result = rig.run(start + 12, {{start, 0, 1001}});
    for (std::uint32_t d = 1; d <= 8; ++d) CHECK(Rig::ticks_of(result, d) == Ticks{start + d});
  }
}

TEST_CASE("delay: an axon's synapse with delay 1 arrives at once, with d after d - 1 ticks",
          "[model]") {
  Rig rig;
  rig.uniform({});
  rig.connect(rig.axon(0), {{1, 2000, 1}, {8, 2000, 8}});
  rig.wire_up();
  const auto result = rig.run(12, {}, {{3, 0}});
  CHECK(Rig::ticks_of(result, 1) == Ticks{3});
  CHECK(Rig::ticks_of(result, 8) == Ticks{10});
}

TEST_CASE("delay: what is under way survives the end of a run", "[model]") {
  Rig rig;
  rig.uniform({});
  rig.connect(rig.axon(0), {{1, 2000, 6}});
  rig.wire_up();
  rig.run(2, {}, {{0, 0}});
  CHECK(Rig::ticks_of(rig.run(6), 1) == Ticks{3});
}

TEST_CASE("delay: dense rows have delay 1", "[model]") {
  Rig rig;
  rig.uniform({});
  rig.connect_dense(0, 0, {0, 2000});
  rig.wire_up();
  CHECK(Rig::ticks_of(rig.run(3, {{0, 0, 1001}}), 1) == Ticks{1});
}

TEST_CASE("self connection: a neuron keeps itself firing", "[model]") {
  Rig rig;
  rig.uniform({});
  rig.connect(3, {{3, 1001}});
  rig.wire_up();
  CHECK(Rig::ticks_of(rig.run(5, {{0, 3, 1001}}), 3) == Ticks{0, 1, 2, 3, 4});
}

TEST_CASE("activity: all neurons of the build firing in every tick", "[model]") {
  Rig rig;
  ParameterSet p;
  p.threshold = -1;
  rig.uniform(p);
  for (std::uint32_t n = 0; n < 64; ++n) {
    rig.connect_dense(n, 0, std::vector<std::int32_t>(64, 1));
  }
  rig.wire_up();
  const auto result = rig.run(10);
  CHECK(result.spikes.size() == 640);
  CHECK(rig.current(17) == 64);
  CHECK(rig.count(17) == 10);
}

// ---- encoders ----

TEST_CASE("encoder: lanes draw in every row of every tick, as the generator says", "[model]") {
  Rig rig;
  ParameterSet p;
  p.threshold = 0;
  rig.uniform(p);
  const Words seeds = {1, 0x12345678, 0xFFFFFFFF, 99}, rates = {256, 0, 40, 128, 7, 250, 128, 1};
  rig.model.write(Region::kGenerator, 0, seeds);
  CHECK(rig.model.read(Region::kGenerator, 0, 4) == seeds);
  rig.model.write(Region::kRate, 0, rates);
  rig.model.write_register(Register::kEncoderRows, 2);
  for (std::uint32_t a = 0; a < 8; ++a) rig.connect(rig.axon(a), {{a, 1}});
  rig.wire_up();
  const auto result = rig.run(200);

  Generator g{seeds[0] | seeds[1] << 32, seeds[2] | seeds[3] << 32};
  std::vector<ncx::Spike> expected;
  for (std::uint32_t t = 0; t < 200; ++t) {
    for (std::uint32_t a = 0; a < 8; ++a) {
      if (g.byte(a % 4) < rates[a]) expected.push_back({t, a});
      if (a % 4 == 3) g.step();
    }
  }
  CHECK(result.spikes == expected);
  CHECK(rig.model.read(Region::kGenerator, 0, 4) ==
        Words{g.older & 0xFFFFFFFF, g.older >> 32, g.newer & 0xFFFFFFFF, g.newer >> 32});
  CHECK(Rig::ticks_of(result, 0).size() == 200);  // rate 256: always
  CHECK(Rig::ticks_of(result, 1).empty());        // rate 0: never
}

TEST_CASE("encoder: word 2 of a generator stores words 0 and 1", "[model]") {
  Rig rig;
  rig.model.write(Region::kGenerator, 0, Words{5, 6});
  CHECK(rig.model.read(Region::kGenerator, 0, 4) == Words{0, 0, 5, 6});
  rig.model.write(Region::kGenerator, 2, Words{7});
  CHECK(rig.model.read(Region::kGenerator, 0, 4) == Words{5, 6, 7, 6});
  rig.model.write(Region::kGenerator, 3, Words{8});
  CHECK(rig.model.read(Region::kGenerator, 0, 4) == Words{5, 6, 7, 8});
}

// The generator alone, eight lanes of it: what fires must look drawn by lot. A step's bits come
// from at most four bits of the two steps before, so rates, pairs of draws and groups of three of
// them are what could show it.
TEST_CASE("encoder: draws of lanes and of successive rows are independent", "[model]") {
  constexpr int kSteps = 1 << 20, kLanes = 8, kBack = 3;
  for (const std::uint32_t rate : {8U, 32U, 128U}) {
    Generator g{0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9};
    std::vector<std::uint32_t> fired(kSteps);
    for (std::uint32_t& mask : fired) {
      for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
        if (g.byte(lane) < rate) mask |= 1U << lane;
      }
      g.step();
    }
    // Draw 8 * back + lane of a moment: of the lane, so many rows before.
    constexpr std::size_t kDraws = kLanes * kBack;
    std::vector<std::uint32_t> single(kDraws), pair(kDraws * kDraws),
        triple(kDraws * kDraws * kDraws);
    for (int n = kBack - 1; n < kSteps; ++n) {
      std::vector<std::size_t> draws;
      for (int back = 0; back < kBack; ++back) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
          if ((fired[n - back] >> lane & 1) != 0) draws.push_back(8 * back + lane);
        }
      }
      for (std::size_t i = 0; i < draws.size() && draws[i] < kLanes; ++i) {
        ++single[draws[i]];
        for (std::size_t j = i + 1; j < draws.size(); ++j) {
          ++pair[draws[i] * kDraws + draws[j]];
          for (std::size_t k = j + 1; k < draws.size(); ++k) {
            ++triple[(draws[i] * kDraws + draws[j]) * kDraws + draws[k]];
          }
        }
      }
    }
    const double p = rate / 256.0, moments = kSteps - kBack + 1;
    const auto off = [&](double count, double chance) {  // in standard deviations
      return std::abs(count - moments * chance) / std::sqrt(moments * chance * (1 - chance));
    };
    double worst_single = 0, worst_pair = 0, worst_triple = 0;
    for (std::size_t i = 0; i < kLanes; ++i) {
      worst_single = std::max(worst_single, off(single[i], p));
      for (std::size_t j = i + 1; j < kDraws; ++j) {
        worst_pair = std::max(worst_pair, off(pair[i * kDraws + j], p * p));
        for (std::size_t k = j + 1; k < kDraws; ++k) {
          worst_triple =
              std::max(worst_triple, off(triple[(i * kDraws + j) * kDraws + k], p * p * p));
        }
      }
    }
    CAPTURE(rate);
    CHECK(worst_single < 4);
    CHECK(worst_pair < 5);
    CHECK(worst_triple < 6.5);  // of 1,800 with as few as 32 expected
  }
}

TEST_CASE("encoder: no rows, no draws", "[model]") {
  Rig rig;
  rig.uniform({});
  rig.model.write(Region::kRate, 0, Words(64, 256));
  rig.run(10);
  CHECK(rig.model.read(Region::kGenerator, 0, 4) == Words{0, 0, 1, 0});
}

TEST_CASE("encoder: a host event for an axon that also draws counts once more", "[model]") {
  Rig rig;
  rig.uniform(integrator());
  rig.model.write(Region::kRate, 0, Words{256});
  rig.model.write_register(Register::kEncoderRows, 1);
  rig.connect(rig.axon(0), {{0, 5}});
  rig.wire_up();
  rig.run(1, {}, {{0, 0}});
  CHECK(rig.v(0) == 10);
}

// ---- step 8 ----

TEST_CASE("counts: rise with spikes and saturate", "[model]") {
  Rig rig;
  ParameterSet p;
  p.threshold = -1;
  rig.uniform(p);
  rig.model.write(Region::kCount, 0, Words{65533, 65535});
  rig.run(5);
  CHECK(rig.count(0) == 65535);
  CHECK(rig.count(1) == 65535);
  CHECK(rig.count(2) == 5);
}

TEST_CASE("counts: stand still when they are switched off", "[model]") {
  Rig rig;
  ParameterSet p;
  p.threshold = -1;
  rig.uniform(p);
  ncx::RunRequest request;
  request.ticks = 3;
  request.count_spikes = false;
  CHECK(rig.model.run(request).spikes.size() == 192);
  CHECK(rig.count(2) == 0);
  CHECK(rig.model.read_register(Register::kSpikes) == 192);
  CHECK(rig.model.read_register(Register::kControl) == 1);
}

TEST_CASE("spikes: not recorded when the host does not ask, but counted and passed on", "[model]") {
  Rig rig;
  rig.uniform({});
  rig.connect(0, {{1, 2000}});
  rig.wire_up();
  ncx::RunRequest request;
  request.ticks = 2;
  request.current_events = {{0, 0, 1001}};
  request.record_spikes = false;
  CHECK(rig.model.run(request).spikes.empty());
  CHECK(rig.count(0) == 1);
  CHECK(rig.count(1) == 1);
}

TEST_CASE("probes: potentials after the tick, reset included", "[model]") {
  Rig rig;
  ParameterSet p;
  p.v_reset = -4;
  rig.uniform(p);
  const auto result = rig.run(3, {{0, 8, 10}, {1, 8, 2000}, {2, 9, -7}}, {}, {9, 8});
  CHECK(result.potentials == std::vector<std::int32_t>{0, 10, 0, -4, -7, -4});
  CHECK(rig.model.read(Region::kProbe, 0, 2) == Words{9, 8});
  CHECK(rig.model.read_register(Register::kProbes) == 2);
}

TEST_CASE("spikes: ordered by slot within a tick, whatever the program's order", "[model]") {
  Rig rig;
  rig.set(0, {});
  rig.program({{3, 0}, {1, 0, 0, 0xA}, {1, 0, 0, 0x5}, {0, 0}});
  const auto result =
      rig.run(1, {{0, 0, 1001}, {0, 4, 1001}, {0, 5, 1001}, {0, 6, 1001}, {0, 13, 1001}});
  CHECK(result.spikes == std::vector<ncx::Spike>{{0, 0}, {0, 4}, {0, 5}, {0, 6}, {0, 13}});
  // The queue keeps the program's order, one entry for each that fired.
  CHECK(rig.model.read_register(Register::kSpikeEntries) == 4);
  CHECK(rig.model.read(Region::kSpikeQueue, 0, 8) == Words{3, 2, 1, 2, 1, 5, 0, 1});
}

TEST_CASE("spikes: a queue that was read can be written back", "[model]") {
  Rig rig;
  rig.uniform({});
  rig.connect(6, {{1, 2000}});
  rig.wire_up();
  rig.model.write(Region::kSpikeQueue, 0, Words{1, 4});
  rig.model.write_register(Register::kSpikeEntries, 1);
  CHECK(rig.run(1).spikes == std::vector<ncx::Spike>{{0, 1}});
}

// ---- the sweep program ----

TEST_CASE("program: a slot that no entry names is never touched", "[model]") {
  Rig rig;
  ParameterSet p;
  p.leak = 1;
  rig.set(0, p);
  rig.program({{0, 0, 0, 0x5}});
  rig.put_state(0, 50);
  rig.put_state(1, 50, 3, 9, 7);
  rig.run(2, {{0, 1, 11}});
  CHECK(rig.v(0) == 48);
  CHECK(rig.v(1) == 50);
  CHECK(rig.refractory(1) == 3);
  CHECK(rig.current(1) == 9);
  CHECK(rig.theta(1) == 7);
  CHECK(rig.model.read(Region::kAccumulator, 1, 1) == Words{11});
}

TEST_CASE("program: neurons that share a row have their own parameter sets", "[model]") {
  Rig rig;
  ParameterSet a, b;
  a.threshold = b.threshold = kStateMax;
  a.leak = 1;
  b.leak = 2;
  b.exponential = true;
  rig.set(7, a);
  rig.set(63, b);
  rig.program({{2, 7, 0, 0x6}, {2, 63, 0, 0x9}});
  for (std::uint32_t slot = 8; slot < 12; ++slot) rig.put_state(slot, 100000);
  rig.run(1);
  CHECK(rig.v(8) == 3);
  CHECK(rig.v(9) == 99999);
  CHECK(rig.v(10) == 99999);
  CHECK(rig.v(11) == 3);
}

TEST_CASE("program: parameters and states written between runs count from then on", "[model]") {
  Rig rig;
  rig.uniform({});
  rig.put_state(0, 100);
  rig.run(1);
  ParameterSet p;
  p.leak = 30;
  rig.set(0, p);
  rig.run(1);
  CHECK(rig.v(0) == 70);
}

TEST_CASE("program: counters and thetas that no parameter raises fall all the same", "[model]") {
  Rig rig;
  ParameterSet p;
  p.theta_beta = 0;
  rig.uniform(p);
  rig.run(1);
  rig.put_state(1, 5000, 2, 0, 0);
  CHECK(Rig::ticks_of(rig.run(4), 1) == Ticks{2});
  rig.put_state(2, 0, 0, 0, 9);
  rig.run(1);
  CHECK(rig.theta(2) == 0);
}

TEST_CASE("program: an empty network ticks on", "[model]") {
  Rig rig;
  const auto result = rig.run(1000);
  CHECK(result.ticks == 1000);
  CHECK(result.spikes.empty());
  CHECK(rig.model.read_register(Register::kTick) == 1000);
}

TEST_CASE("program: what the hardware cannot do is refused before the first tick", "[model]") {
  Rig rig;
  rig.set(0, {});
  rig.program({{0, 0, kScan | kApply}});
  CHECK_THROWS_AS(rig.run(1), ncx::InputError);
  rig.program({{0, 0}});
  rig.model.write_register(Register::kProgramLength, 257);
  CHECK_THROWS_AS(rig.run(1), ncx::InputError);
  rig.model.write_register(Register::kProgramLength, 1);
  rig.model.write_register(Register::kEncoderRows, 17);
  CHECK_THROWS_AS(rig.run(1), ncx::InputError);
  rig.model.write_register(Register::kEncoderRows, 0);
  rig.model.write(Region::kSource, 0, Words{0x80000000});
  CHECK_THROWS_WITH(rig.run(1), Catch::Contains("neuron slot 0") && Catch::Contains("length 0"));
  CHECK(rig.model.read_register(Register::kTick) == 0);
  rig.model.write(Region::kSource, 0, Words{0});
  CHECK(rig.run(1).ticks == 1);
}
