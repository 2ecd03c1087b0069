// SPDX-License-Identifier: BSD-3-Clause
// One test for each rule of "Learning" in docs/model.md: traces, touched synapses, bounds,
// rounding.
#include <array>
#include <bit>
#include <catch2/catch.hpp>

#include "model_learning_rig.hpp"

using ncx::Region;
using ncx::Register;
using ncx::test::kOne;
using ncx::test::LearningRig;
using ncx::test::ProfileSet;

namespace {

/// Taps 8, 4, 2 for lags 1 to 3 of a presynaptic spike, 5, 3 of a postsynaptic one.
ProfileSet kernel(bool post = false) {
  ProfileSet p;
  p.window = 7;
  p.post = post;
  return p;
}

ProfileSet exponential(std::int32_t pre, std::uint32_t decay) {
  ProfileSet p;
  p.exponential = true;
  p.pre_amplitude = pre;
  p.pre_decay = decay;
  return p;
}

/// A weight of 100 from slot 0 to slot 1.
class Pair : public LearningRig {
 public:
  explicit Pair(const ProfileSet& p, std::int32_t weight = 100) {
    connect(0, {{1, weight, 1, true}});
    wire_up();
    profile(0, p);
    taps(0, 0, {8, 4, 2});
    taps(0, 1, {5, 3});
    learn(1, 1);
  }
  std::int32_t after(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& fired) {
    run(8, fire(fired));
    return weight(0, 1);
  }
};

std::int32_t after(const ProfileSet& p,
                   const std::vector<std::pair<std::uint32_t, std::uint32_t>>& fired) {
  return Pair(p).after(fired);
}

}  // namespace

TEST_CASE("kernel: the tap of the lag is added", "[model][learning]") {
  const std::array<std::int32_t, 5> expected = {100, 108, 104, 102, 100};
  for (std::uint32_t lag = 0; lag < expected.size(); ++lag) {
    CHECK(after(kernel(), {{1, 0}, {1 + lag, 1}}) == expected[lag]);
  }
  CHECK(after(kernel(), {{1, 1}, {2, 0}}) == 100);
}

TEST_CASE("kernel: post subtracts the tap of the lag", "[model][learning]") {
  const std::array<std::int32_t, 4> expected = {100, 95, 97, 100};
  for (std::uint32_t lag = 0; lag < expected.size(); ++lag) {
    CHECK(after(kernel(true), {{1, 1}, {1 + lag, 0}}) == expected[lag]);
  }
}

TEST_CASE("simultaneous pre and post: only what was before counts", "[model][learning]") {
  CHECK(after(kernel(true), {{3, 0}, {3, 1}}) == 100);
  CHECK(after(kernel(true), {{2, 0}, {3, 0}, {3, 1}}) == 108);
  CHECK(after(kernel(true), {{2, 1}, {3, 0}, {3, 1}}) == 95);
  CHECK(after(kernel(true), {{2, 0}, {2, 1}, {3, 0}, {3, 1}}) == 103);
}

TEST_CASE("kernel: all spikes of the window add up, or the newest counts", "[model][learning]") {
  ProfileSet p = kernel();
  CHECK(after(p, {{0, 0}, {1, 0}, {2, 1}}) == 112);
  CHECK(after(p, {{0, 0}, {1, 0}, {2, 0}, {3, 1}}) == 114);
  p.newest = true;
  CHECK(after(p, {{0, 0}, {1, 0}, {2, 1}}) == 108);
  CHECK(after(p, {{0, 0}, {1, 0}, {3, 1}}) == 104);
}

TEST_CASE("kernel: a window of 16 ticks", "[model][learning]") {
  ProfileSet p;
  p.window = 0xFFFF;
  std::vector<std::int32_t> taps;
  for (std::int32_t lag = 1; lag <= 16; ++lag) taps.push_back(1000 + lag);
  for (const std::uint32_t lag : {1U, 4U, 5U, 9U, 16U}) {
    Pair rig(p);
    rig.taps(0, 0, taps);
    rig.run(20, LearningRig::fire({{0, 0}, {lag, 1}}));
    CHECK(rig.weight(0, 1) == 1100 + static_cast<std::int32_t>(lag));
  }
  Pair rig(p);
  rig.taps(0, 0, taps);
  rig.run(20, LearningRig::fire({{0, 0}, {17, 1}}));
  CHECK(rig.weight(0, 1) == 100);
}

TEST_CASE("exponential: amplitude times decay to the lag, truncated towards zero",
          "[model][learning]") {
  CHECK(after(exponential(1001, 32768), {{1, 0}, {2, 1}}) == 600);
  CHECK(after(exponential(1001, 32768), {{1, 0}, {3, 1}}) == 350);
  CHECK(after(exponential(-1001, 32768), {{1, 0}, {2, 1}}) == -400);
  CHECK(after(exponential(7, kOne), {{0, 0}, {7, 1}}) == 107);
  CHECK(after(exponential(7, kOne + 9), {{0, 0}, {7, 1}}) == 107);
}

TEST_CASE("exponential: all spikes add up, or the newest counts; a trace saturates",
          "[model][learning]") {
  ProfileSet p = exponential(1000, 32768);
  CHECK(after(p, {{0, 0}, {1, 0}, {2, 1}}) == 850);
  p.newest = true;
  CHECK(after(p, {{0, 0}, {1, 0}, {2, 1}}) == 600);
  Pair high(exponential(131071, kOne));
  high.run(2, LearningRig::fire({{0, 0}, {1, 0}}));
  CHECK(high.trace(0, 0) == 131071);
  Pair low(exponential(-131072, kOne));
  low.run(2, LearningRig::fire({{0, 0}, {1, 0}}));
  CHECK(low.trace(0, 0) == -131072);
  // The sum of trace and amplitude may be longer than a trace: only what is left of it saturates.
  Pair halved(exponential(131071, 32768));
  halved.run(2, LearningRig::fire({{0, 0}, {1, 0}}));
  CHECK(halved.trace(0, 0) == (65535 + 131071) / 2);
}

TEST_CASE("exponential: post subtracts", "[model][learning]") {
  ProfileSet p = exponential(0, 0);
  p.post = true;
  p.post_amplitude = 80;
  p.post_decay = 32768;
  CHECK(after(p, {{1, 1}, {2, 0}}) == 60);
  CHECK(after(p, {{1, 1}, {3, 0}}) == 80);
  CHECK(after(p, {{1, 1}, {1, 0}}) == 100);
}

TEST_CASE("instar: every plastic synapse of a firing neuron moves towards its trace",
          "[model][learning]") {
  ProfileSet p = exponential(1000, kOne);
  p.instar = true;
  p.shift = 4;
  LearningRig rig;
  rig.connect(0, {{1, 100, 1, true}, {2, 100, 1, true}});
  rig.connect(3, {{1, 1000, 1, true}});  // no spike, no trace
  rig.wire_up();
  rig.profile(0, p);
  rig.learn(1, 1);
  rig.run(4, LearningRig::fire({{0, 0}, {2, 1}}));
  CHECK(rig.weight(0, 1) == 156);  // 900 / 16 = 56.25
  CHECK(rig.weight(0, 2) == 100);
  CHECK(rig.weight(3, 1) == 937);  // -1000 / 16 = -62.5, down
}

TEST_CASE("instar: negative differences are rounded down, or to the nearest", "[model][learning]") {
  ProfileSet p = exponential(0, kOne);
  p.instar = true;
  p.shift = 2;
  const auto from = [&](std::int32_t weight, std::uint32_t rounding) {
    p.rounding = rounding;
    return Pair(p, weight).after({{1, 1}});
  };
  CHECK(from(1, 0) == 0);    // -0.25
  CHECK(from(-1, 0) == -1);  // 0.25
  CHECK(from(5, 0) == 3);    // -1.25
  CHECK(from(5, 1) == 4);
  CHECK(from(6, 1) == 5);    // -1.5 + 0.5
  CHECK(from(7, 1) == 5);    // -1.75
  CHECK(from(-6, 1) == -4);  // 1.5 + 0.5
}

TEST_CASE("instar: the drift is in the weight that moves", "[model][learning]") {
  ProfileSet p = exponential(1000, kOne);
  p.instar = true;
  p.shift = 1;
  Pair rig(p);
  rig.put_drift(0, std::int64_t{300} << 16);
  // Effective 400, towards 1000 by half: 700, stored 400.
  CHECK(rig.after({{0, 0}, {1, 1}}) == 400);
}

TEST_CASE("rounding: stochastic takes a number for each step, rotated for each lane",
          "[model][learning]") {
  ProfileSet p = kernel();
  p.window = 1;
  p.rounding = 2;
  p.shift = 1;
  LearningRig rig;
  rig.connect(0, {{4, 10, 1, true}, {5, 10, 1, true}, {6, 10, 1, true}, {7, 10, 1, true}});
  rig.wire_up();
  rig.profile(0, p);
  rig.taps(0, 0, {5});
  rig.learn(1, 1);
  std::uint32_t q = 0x12345678;
  rig.model.write(Region::kLearnState, 8, std::vector<std::uint64_t>{q});
  int up = 0;
  for (std::uint32_t k = 0; k < 16; ++k) {
    std::array<std::int32_t, 4> before{};
    for (std::uint32_t l = 0; l < 4; ++l) before[l] = rig.weight(0, 4 + l);
    rig.run(2, LearningRig::fire({{0, 0}, {1, 4}, {1, 5}, {1, 6}, {1, 7}}));
    q = ncx::test::reference::xorshift(q);
    for (std::uint32_t l = 0; l < 4; ++l) {
      const bool above = (std::rotl(q, static_cast<int>(8 * l)) & 0xFFFF) >= 32768;
      CHECK(rig.weight(0, 4 + l) == before[l] + (above ? 3 : 2));
      up += above ? 1 : 0;
    }
    CHECK(rig.model.read(Region::kLearnState, 8, 1)[0] == q);
  }
  CHECK(up > 16);
  CHECK(up < 48);
}

TEST_CASE("bounds: a weight stops at either", "[model][learning]") {
  ProfileSet p = kernel(true);
  p.w_max = 105;
  p.w_min = 96;
  CHECK(after(p, {{1, 0}, {2, 1}}) == 105);
  CHECK(after(p, {{1, 1}, {2, 0}}) == 96);
  CHECK(Pair(p, 105).after({{1, 0}, {2, 1}}) == 105);
  CHECK(Pair(p, 96).after({{1, 1}, {2, 0}}) == 96);
  CHECK(Pair(p, 96).after({{1, 0}, {2, 1}}) == 104);
}

TEST_CASE("bounds: only a synapse that is touched goes into them", "[model][learning]") {
  ProfileSet p = kernel();
  p.w_max = 50;
  CHECK(Pair(p).after({{1, 0}, {2, 2}}) == 100);
  CHECK(Pair(p).after({{1, 0}, {2, 1}}) == 50);
}

TEST_CASE("bounds: the field holds no more than it does", "[model][learning]") {
  ProfileSet p = exponential(-131072, kOne);
  CHECK(after(p, {{1, 0}, {2, 1}}) == -32768);
  p.pre_amplitude = 131071;
  CHECK(after(p, {{1, 0}, {2, 1}}) == 32767);
  // What is stored is less by the drift, and stays in the field.
  Pair rig(p);
  rig.put_drift(0, -(std::int64_t{500} << 16));
  CHECK(rig.after({{1, 0}, {2, 1}}) == 32767);
  Pair rest(p);
  rest.put_drift(0, std::int64_t{500} << 16);
  CHECK(rest.after({{1, 0}, {2, 1}}) == 32267);
}

TEST_CASE("modulation: a signed factor for modulated profiles", "[model][learning]") {
  ProfileSet p = kernel();
  p.modulated = true;
  const auto with = [&](std::int32_t factor) {
    Pair rig(p);
    rig.model.write_register(Register::kModulation, static_cast<std::uint32_t>(factor));
    return rig.after({{1, 0}, {2, 1}});
  };
  CHECK(with(65536) == 108);
  CHECK(with(32768) == 104);
  CHECK(with(0) == 100);
  CHECK(with(-65536) == 92);
  CHECK(with(131071) == 115);
  CHECK(with(-131072) == 84);
  p.shift = 1;
  CHECK(with(-65536) == 96);
  p.modulated = false;
  CHECK(with(0) == 104);
}

TEST_CASE("not plastic, not a member, not learning: no change", "[model][learning]") {
  const auto build = [](LearningRig& rig, bool plastic) {
    rig.connect(0, {{1, 100, 1, plastic}});
    rig.wire_up();
    rig.profile(0, kernel());
    rig.taps(0, 0, {8, 4, 2});
    rig.learn(1, 1);
  };
  const auto pair = LearningRig::fire({{1, 0}, {2, 1}});
  LearningRig rigid;
  build(rigid, false);
  rigid.run(4, pair);
  CHECK(rigid.weight(0, 1) == 100);

  LearningRig stranger;
  build(stranger, true);
  stranger.model.write(Region::kLearnMember, 0, std::vector<std::uint64_t>{0xE});
  stranger.run(4, pair);
  CHECK(stranger.weight(0, 1) == 100);

  LearningRig beyond;
  build(beyond, true);
  beyond.model.write_register(Register::kLearnRows, 0);
  beyond.run(4, pair);
  CHECK(beyond.weight(0, 1) == 100);

  LearningRig off;
  build(off, true);
  off.model.write_register(Register::kLearning, 0);
  off.run(4, pair);
  CHECK(off.weight(0, 1) == 100);
  CHECK(off.trace(0, 0) == 0);
}

TEST_CASE("learning off: traces are kept, and count once it is on", "[model][learning]") {
  Pair rig(kernel());
  rig.model.write_register(Register::kLearning, 0x0001);
  rig.run(2, LearningRig::fire({{0, 0}, {1, 1}}));
  CHECK(rig.weight(0, 1) == 100);
  CHECK(rig.trace(0, 0) == 2);
  rig.model.write_register(Register::kLearning, 0x0101);
  rig.run(1, LearningRig::fire({{0, 1}}));
  CHECK(rig.weight(0, 1) == 104);
}

TEST_CASE("axons: a spike acts in its own tick, once", "[model][learning]") {
  LearningRig rig;
  rig.connect(rig.axon(5), {{1, 100, 1, true}});
  rig.wire_up();
  rig.profile(0, kernel(true));
  rig.taps(0, 0, {8, 4, 2});
  rig.taps(0, 1, {5, 3});
  rig.learn(1, 1);
  rig.run(1, LearningRig::fire({{0, 1}}), {{0, 5}, {0, 5}});
  CHECK(rig.weight(rig.axon(5), 1) == 108);
  CHECK(rig.model.read(Region::kAxonSpike, 1, 1)[0] == 0);
  rig.run(1, {}, {{0, 5}});  // one tick after the neuron's spike
  CHECK(rig.weight(rig.axon(5), 1) == 103);
  rig.run(1, LearningRig::fire({{0, 1}}));  // lags 2 and 3
  CHECK(rig.weight(rig.axon(5), 1) == 109);
}

TEST_CASE("axons: an encoder's spikes and bits of AXON_SPIKE are spikes as well",
          "[model][learning]") {
  LearningRig rig;
  rig.connect(rig.axon(2), {{1, 100, 1, true}});
  rig.connect(rig.axon(4), {{1, 100, 1, true}});
  rig.wire_up();
  rig.profile(0, kernel());
  rig.taps(0, 0, {8, 4, 2});
  rig.learn(1, 1);
  rig.model.write(Region::kRate, 2, std::vector<std::uint64_t>{256});
  rig.model.write_register(Register::kEncoderRows, 1);
  rig.model.write(Region::kAxonSpike, 1, std::vector<std::uint64_t>{1});
  rig.run(1, LearningRig::fire({{0, 1}}));
  CHECK(rig.weight(rig.axon(2), 1) == 108);
  CHECK(rig.weight(rig.axon(4), 1) == 108);
  CHECK(rig.trace(0, rig.axon(2)) == 1);
  CHECK(rig.trace(0, rig.axon(4)) == 1);
}
