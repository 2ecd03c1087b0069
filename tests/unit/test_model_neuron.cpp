// SPDX-License-Identifier: BSD-3-Clause
// One neuron's tick, steps 2 to 6 of docs/model.md: one test a rule.
#include <catch2/catch.hpp>

#include "model_rig.hpp"

using ncx::Register;
using ncx::test::kApply;
using ncx::test::kFirst;
using ncx::test::kOne;
using ncx::test::kScan;
using ncx::test::kStateMax;
using ncx::test::kStateMin;
using ncx::test::ParameterSet;
using ncx::test::Rig;
using Ticks = std::vector<std::uint32_t>;

namespace {

/// Potential of a neuron that starts at `v` after one tick without input.
std::int32_t leaked(const ParameterSet& p, std::int32_t v) {
  Rig rig;
  rig.uniform(p);
  rig.put_state(0, v);
  rig.run(1);
  return rig.v(0);
}

/// Current of a neuron that starts with `current` and gets `input`.
std::int32_t current_after(std::uint32_t syn_beta, std::int32_t current, std::int32_t input) {
  Rig rig;
  ParameterSet p;
  p.threshold = kStateMax;
  p.syn_beta = syn_beta;
  rig.uniform(p);
  rig.put_state(0, 0, 0, current);
  rig.run(1, {{0, 0, input}});
  return rig.current(0);
}

ParameterSet exponential(std::uint32_t beta, std::int32_t v_rest = 0) {
  ParameterSet p;
  p.threshold = kStateMax;
  p.exponential = true;
  p.leak = beta;
  p.v_rest = v_rest;
  return p;
}

ParameterSet subtractive(std::uint32_t step, std::int32_t v_rest = 0) {
  ParameterSet p;
  p.threshold = kStateMax;
  p.leak = step;
  p.v_rest = v_rest;
  return p;
}

}  // namespace

// ---- step 2 ----

TEST_CASE("current: without a factor it is the sum of this tick alone", "[model]") {
  CHECK(current_after(0, 5000, 70) == 70);
  CHECK(current_after(0, -5000, 0) == 0);
}

TEST_CASE("current: decays by syn_beta, truncated towards zero", "[model]") {
  CHECK(current_after(kOne / 2, 101, 7) == 57);
  CHECK(current_after(kOne / 2, -101, 7) == -43);
  CHECK(current_after(1, -65535, 0) == 0);
  CHECK(current_after(1, 65536, 0) == 1);
}

TEST_CASE("current: a syn_beta above 65536 means 65536", "[model]") {
  CHECK(current_after(kOne, 12345, 0) == 12345);
  CHECK(current_after(kOne + 1, 12345, 0) == 12345);
  CHECK(current_after(2 * kOne - 1, -12345, 0) == -12345);
}

TEST_CASE("current: saturates at 24 bits", "[model]") {
  CHECK(current_after(kOne, kStateMax, 1) == kStateMax);
  CHECK(current_after(kOne, kStateMin, -1) == kStateMin);
  CHECK(current_after(kOne, kStateMax, kStateMin) == -1);
}

TEST_CASE("current: a sum of more than 24 bits saturates the current, not the sum", "[model]") {
  Rig rig;
  ParameterSet p;
  p.threshold = kStateMax;
  p.syn_beta = kOne;
  rig.uniform(p);
  rig.model.write(ncx::Region::kAccumulator, 0,
                  std::vector<std::uint64_t>{0x7FFFFFFF, 0x80000000, 0x00900000});
  rig.put_state(0, 0, 0, 1);
  rig.put_state(1, 0, 0, -1);
  rig.put_state(2, 0, 0, -0x00200000);
  rig.run(1);
  CHECK(rig.current(0) == kStateMax);
  CHECK(rig.current(1) == kStateMin);
  CHECK(rig.current(2) == 0x00700000);
}

TEST_CASE("current: the accumulator is 0 after the sweep", "[model]") {
  Rig rig;
  rig.uniform({});
  rig.run(1, {{0, 3, 99}});
  CHECK(rig.model.read(ncx::Region::kAccumulator, 0, 8 * 64) ==
        std::vector<std::uint64_t>(8 * 64, 0));
  CHECK(rig.v(3) == 99);
}

// ---- step 3 ----

TEST_CASE("leak: subtractive moves towards v_rest from both sides", "[model]") {
  CHECK(leaked(subtractive(10), 100) == 90);
  CHECK(leaked(subtractive(10), -100) == -90);
  CHECK(leaked(subtractive(10, 50), 100) == 90);
  CHECK(leaked(subtractive(10, -50), -100) == -90);
}

TEST_CASE("leak: subtractive never crosses v_rest", "[model]") {
  CHECK(leaked(subtractive(10), 9) == 0);
  CHECK(leaked(subtractive(10), -9) == 0);
  CHECK(leaked(subtractive(10), 10) == 0);
  CHECK(leaked(subtractive(0xFFFFFF, -50), kStateMax) == -50);
  CHECK(leaked(subtractive(0xFFFFFF, kStateMax), kStateMin) == kStateMax);
  CHECK(leaked(subtractive(10, 7), 7) == 7);
}

TEST_CASE("leak: subtractive by 0 leaves v alone", "[model]") {
  CHECK(leaked(subtractive(0, 500), -77) == -77);
}

TEST_CASE("leak: exponential truncates towards zero on both sides of v_rest", "[model]") {
  CHECK(leaked(exponential(kOne / 2), 101) == 50);
  CHECK(leaked(exponential(kOne / 2), -101) == -50);
  CHECK(leaked(exponential(kOne / 2, 1000), 1101) == 1050);
  CHECK(leaked(exponential(kOne / 2, 1000), 899) == 950);
  CHECK(leaked(exponential(65535), -1) == 0);
  CHECK(leaked(exponential(65535), 65536) == 65535);
}

TEST_CASE("leak: exponential by 0 goes to v_rest at once", "[model]") {
  CHECK(leaked(exponential(0, -321), kStateMax) == -321);
}

TEST_CASE("leak: exponential by 65536 or more keeps v", "[model]") {
  CHECK(leaked(exponential(kOne, 1), -4321) == -4321);
  CHECK(leaked(exponential(kOne + 5, 1), -4321) == -4321);
  CHECK(leaked(exponential(2 * kOne - 1, 1), -4321) == -4321);
}

TEST_CASE("leak: an exponential factor has 17 bits", "[model]") {
  CHECK(leaked(exponential(2 * kOne + kOne / 2), 100) == 50);
}

TEST_CASE("leak: exponential spans the whole range of v - v_rest", "[model]") {
  CHECK(leaked(exponential(kOne / 2, kStateMin), kStateMax) == kStateMin + 8388607);
  CHECK(leaked(exponential(kOne / 2, kStateMax), kStateMin) == kStateMax - 8388607);
}

// ---- step 4 ----

TEST_CASE("integrate: v saturates at both ends", "[model]") {
  Rig rig;
  rig.uniform(subtractive(0));
  rig.put_state(0, kStateMax - 5);
  rig.put_state(1, kStateMin + 5);
  rig.run(1, {{0, 0, 6}, {0, 1, -6}});
  CHECK(rig.v(0) == kStateMax);
  CHECK(rig.v(1) == kStateMin);
}

TEST_CASE("integrate: the leak comes before the input", "[model]") {
  Rig rig;
  rig.uniform(subtractive(10));
  rig.run(1, {{0, 0, 25}});
  CHECK(rig.v(0) == 25);
  rig.run(1, {{0, 0, 25}});
  CHECK(rig.v(0) == 40);
}

// ---- step 5 ----

TEST_CASE("fire: strictly above the threshold", "[model]") {
  Rig rig;
  rig.uniform({});
  const auto result = rig.run(1, {{0, 0, 1000}, {0, 1, 1001}});
  CHECK(Rig::ticks_of(result, 0).empty());
  CHECK(Rig::ticks_of(result, 1) == Ticks{0});
  CHECK(rig.v(0) == 1000);
}

TEST_CASE("fire: threshold plus theta is exact beyond 24 bits", "[model]") {
  Rig rig;
  ParameterSet p;
  p.threshold = kStateMax;
  rig.uniform(p);
  rig.put_state(0, kStateMax, 0, 0, 1);
  ParameterSet low;
  low.threshold = kStateMin;
  rig.set(1, low);
  rig.program({{0, 0, 0, 1}, {0, 1, 0, 2}});
  rig.put_state(1, 0, 0, 0, kStateMax);
  const auto result = rig.run(1);
  CHECK(Rig::ticks_of(result, 0).empty());
  CHECK(Rig::ticks_of(result, 1) == Ticks{0});
}

TEST_CASE("fire: a negative threshold lets a neuron at rest fire", "[model]") {
  Rig rig;
  ParameterSet p;
  p.threshold = -1;
  rig.uniform(p);
  CHECK(Rig::ticks_of(rig.run(3), 5) == Ticks{0, 1, 2});
}

TEST_CASE("refractory: no spike for that many ticks, then again", "[model]") {
  Rig rig;
  ParameterSet p;
  p.threshold = 0;
  p.refractory = 3;
  rig.uniform(p);
  std::vector<ncx::CurrentEvent> drive;
  for (std::uint32_t t = 0; t < 10; ++t) drive.push_back({t, 0, 1});
  CHECK(Rig::ticks_of(rig.run(10, drive), 0) == Ticks{0, 4, 8});
  CHECK(rig.refractory(0) == 2);
}

TEST_CASE("refractory: integrates on unless held", "[model]") {
  Rig rig;
  ParameterSet p;
  p.threshold = 100;
  p.v_reset = -7;
  p.refractory = 2;
  rig.uniform(p);
  const auto result = rig.run(4, {{0, 0, 101}, {1, 0, 60}, {2, 0, 60}}, {}, {0});
  CHECK(result.potentials == std::vector<std::int32_t>{-7, 53, 113, -7});
  CHECK(Rig::ticks_of(result, 0) == Ticks{0, 3});
}

TEST_CASE("refractory: with hold v stays at v_reset, in the last tick as well", "[model]") {
  Rig rig;
  ParameterSet p;
  p.threshold = 100;
  p.v_reset = -7;
  p.refractory = 2;
  p.hold = true;
  rig.uniform(p);
  const auto result = rig.run(4, {{0, 0, 101}, {1, 0, 500}, {2, 0, 500}, {3, 0, 20}}, {}, {0});
  CHECK(result.potentials == std::vector<std::int32_t>{-7, -7, -7, 13});
  CHECK(Rig::ticks_of(result, 0) == Ticks{0});
}

TEST_CASE("refractory: a hold does not stop the synaptic current", "[model]") {
  Rig rig;
  ParameterSet p;
  p.syn_beta = kOne / 2;
  p.hold = true;
  rig.uniform(p);
  rig.put_state(0, 50, 1);
  rig.run(1, {{0, 0, 400}});
  CHECK(rig.v(0) == 0);
  CHECK(rig.current(0) == 400);
  rig.run(1);
  CHECK(rig.v(0) == 200);
}

TEST_CASE("refractory: counts the whole 12 bits", "[model]") {
  Rig rig;
  ParameterSet p;
  p.refractory = 4095;
  rig.uniform(p);
  rig.run(1, {{0, 0, 1001}});
  CHECK(rig.refractory(0) == 4095);
  rig.run(4095);
  CHECK(rig.refractory(0) == 0);
}

TEST_CASE("winner-take-all: the largest margin fires, the others are reset", "[model]") {
  Rig rig;
  ParameterSet high, low;
  high.threshold = 900;
  high.v_reset = -1;
  low.threshold = 100;
  low.v_reset = -2;
  rig.set(0, high);
  rig.set(1, low);
  // Slots 0, 1 against 4, 5: margins 50 and 60 for the higher and the lower threshold.
  rig.program(
      {{0, 0, kScan | kFirst, 3}, {1, 1, kScan, 3}, {0, 0, kApply | kFirst, 3}, {1, 1, kApply, 3}});
  const auto result = rig.run(1, {{0, 0, 950}, {0, 1, 20}, {0, 4, 160}, {0, 5, 30}});
  CHECK(result.spikes == std::vector<ncx::Spike>{{0, 4}});
  CHECK(rig.v(0) == -1);
  CHECK(rig.v(1) == -1);
  CHECK(rig.v(4) == -2);
  CHECK(rig.v(5) == -2);
}

TEST_CASE("winner-take-all: theta is part of the margin", "[model]") {
  Rig rig;
  rig.set(0, {});
  rig.program({{0, 0, kScan | kFirst, 3}, {0, 0, kApply | kFirst, 3}});
  rig.put_state(0, 0, 0, 0, 50);
  const auto result = rig.run(1, {{0, 0, 1100}, {0, 1, 1060}});
  CHECK(result.spikes == std::vector<ncx::Spike>{{0, 1}});
}

TEST_CASE("winner-take-all: at a tie the lowest slot fires", "[model]") {
  Rig rig;
  rig.set(0, {});
  rig.program({{0, 0, kScan | kFirst}, {1, 0, kScan}, {0, 0, kApply | kFirst}, {1, 0, kApply}});
  const auto result = rig.run(1, {{0, 2, 1500}, {0, 3, 1500}, {0, 4, 1500}});
  CHECK(result.spikes == std::vector<ncx::Spike>{{0, 2}});
}

TEST_CASE("winner-take-all: at a tie within a row the lowest slot fires, whatever the entry",
          "[model]") {
  Rig rig;
  rig.set(0, {});
  rig.set(1, {});
  // The entry with the higher lane comes first.
  rig.program(
      {{0, 0, kScan | kFirst, 2}, {0, 1, kScan, 1}, {0, 0, kApply | kFirst, 2}, {0, 1, kApply, 1}});
  const auto result = rig.run(1, {{0, 0, 1500}, {0, 1, 1500}});
  CHECK(result.spikes == std::vector<ncx::Spike>{{0, 0}});
}

TEST_CASE("winner-take-all: without a candidate nobody is reset", "[model]") {
  Rig rig;
  ParameterSet p;
  p.v_reset = -5;
  rig.set(0, p);
  rig.program({{0, 0, kScan | kFirst}, {0, 0, kApply | kFirst}});
  CHECK(rig.run(1, {{0, 0, 1000}, {0, 1, 999}}).spikes.empty());
  CHECK(rig.v(0) == 1000);
  CHECK(rig.v(1) == 999);
  CHECK(rig.v(2) == 0);
}

TEST_CASE("winner-take-all: a refractory neuron cannot win and is reset by the winner", "[model]") {
  Rig rig;
  ParameterSet p;
  p.v_reset = -5;
  p.refractory = 2;
  rig.set(0, p);
  rig.program({{0, 0, kScan | kFirst}, {0, 0, kApply | kFirst}});
  rig.put_state(0, 5000, 2);
  const auto result = rig.run(1, {{0, 1, 1001}});
  CHECK(result.spikes == std::vector<ncx::Spike>{{0, 1}});
  CHECK(rig.v(0) == -5);
  CHECK(rig.refractory(0) == 1);
  CHECK(rig.refractory(1) == 2);
}

TEST_CASE("winner-take-all: every group has its own winner, every tick anew", "[model]") {
  Rig rig;
  rig.set(0, {});
  rig.program({{0, 0, kScan | kFirst},
               {0, 0, kApply | kFirst},
               {1, 0, kScan | kFirst},
               {1, 0, kApply | kFirst}});
  const auto result =
      rig.run(2, {{0, 1, 3000}, {0, 2, 2000}, {0, 6, 1500}, {1, 0, 500}, {1, 7, 1001}});
  CHECK(result.spikes == std::vector<ncx::Spike>{{0, 1}, {0, 6}, {1, 7}});
}

// ---- step 6 ----

TEST_CASE("reset: hard goes to v_reset", "[model]") {
  Rig rig;
  ParameterSet p;
  p.v_reset = -123;
  rig.uniform(p);
  rig.run(1, {{0, 0, 4000}});
  CHECK(rig.v(0) == -123);
}

TEST_CASE("reset: soft subtracts the threshold and saturates", "[model]") {
  Rig rig;
  ParameterSet p;
  p.soft = true;
  p.v_reset = -123;
  rig.set(0, p);
  p.threshold = -100;
  rig.set(1, p);
  rig.program({{0, 0, 0, 1}, {0, 1, 0, 2}});
  rig.run(1, {{0, 0, 4000}, {0, 1, kStateMax}});
  CHECK(rig.v(0) == 3000);
  CHECK(rig.v(1) == kStateMax);
}

TEST_CASE("reset: soft does not subtract theta", "[model]") {
  Rig rig;
  ParameterSet p;
  p.soft = true;
  rig.uniform(p);
  rig.put_state(0, 0, 0, 0, 500);
  rig.run(1, {{0, 0, 1600}});
  CHECK(rig.v(0) == 600);
}

TEST_CASE("theta: rises at a spike after it has decayed", "[model]") {
  Rig rig;
  ParameterSet p;
  p.theta_plus = 100;
  p.theta_beta = kOne / 2;
  rig.uniform(p);
  rig.put_state(0, 0, 0, 0, 51);
  rig.run(1, {{0, 0, 2000}});
  CHECK(rig.theta(0) == 125);
}

TEST_CASE("theta: decays in every tick, truncated", "[model]") {
  Rig rig;
  ParameterSet p;
  p.theta_beta = kOne / 2;
  rig.uniform(p);
  rig.put_state(0, 0, 0, 0, 101);
  rig.run(1);
  CHECK(rig.theta(0) == 50);
  rig.run(6);
  CHECK(rig.theta(0) == 0);
}

TEST_CASE("theta: decays while refractory and in groups as well", "[model]") {
  Rig rig;
  ParameterSet p;
  p.theta_beta = kOne / 2;
  rig.set(0, p);
  rig.program({{0, 0, kScan | kFirst}, {0, 0, kApply | kFirst}, {1, 0, 0}});
  rig.put_state(0, 0, 0, 0, 80);
  rig.put_state(4, 0, 9, 0, 80);
  rig.run(1);
  CHECK(rig.theta(0) == 40);
  CHECK(rig.theta(4) == 40);
}

TEST_CASE("theta: a theta_beta above 65536 means 65536", "[model]") {
  Rig rig;
  ParameterSet p;
  p.theta_beta = 2 * kOne - 1;
  rig.uniform(p);
  rig.put_state(0, 0, 0, 0, 101);
  rig.run(3);
  CHECK(rig.theta(0) == 101);
}

TEST_CASE("theta: stops at the largest state", "[model]") {
  Rig rig;
  ParameterSet p;
  p.threshold = kStateMin;
  p.theta_plus = 0xFFFFFF;
  rig.uniform(p);
  rig.run(1);
  CHECK(rig.theta(0) == kStateMax);
  rig.put_state(1, 0, 0, 0, kStateMax - 1);
  rig.run(1);
  CHECK(rig.theta(1) == kStateMax);
}

TEST_CASE("theta: raises the bar for the next spike", "[model]") {
  Rig rig;
  ParameterSet p;
  p.theta_plus = 10;
  rig.uniform(p);
  const auto result = rig.run(3, {{0, 0, 1001}, {1, 0, 1010}, {2, 0, 1}});
  CHECK(Rig::ticks_of(result, 0) == Ticks{0, 2});
}
