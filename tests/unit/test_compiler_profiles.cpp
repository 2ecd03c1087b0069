// SPDX-License-Identifier: BSD-3-Clause
// Learning profiles on the grid: exponents, fraction bits of traces, bounds, and what is refused.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "learning_rig.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

using Catch::Matchers::Contains;
using test::at_fraction_bits;
using test::learning_network;
using test::profile_field;

const Geometry& tiny() {
  static const Geometry geometry = Geometry::named("tiny");
  return geometry;
}

LearningProfile kernel(std::vector<double> pre, std::vector<double> post = {}) {
  LearningProfile p;
  p.name = "stdp";
  p.pre_taps = std::move(pre);
  p.post_taps = std::move(post);
  return p;
}

LearningProfile bounded(LearningProfile p, double low = 0.0, double high = 1.0) {
  p.w_min = low;
  p.w_max = high;
  return p;
}

LearningProfile exponential(double pre, double pre_decay, double post = 0.0,
                            double post_decay = 0.0) {
  LearningProfile p;
  p.name = "stdp";
  p.traces = Traces::kExponential;
  p.pre_amplitude = pre;
  p.pre_decay = pre_decay;
  p.post_amplitude = post;
  p.post_decay = post_decay;
  return p;
}

const QuantisationEntry* find_entry(const CompileReport& report, const std::string& item) {
  const auto found = std::find_if(report.quantisation.begin(), report.quantisation.end(),
                                  [&](const QuantisationEntry& e) { return e.item == item; });
  return found == report.quantisation.end() ? nullptr : &*found;
}

const QuantisationEntry& entry_of(const CompileReport& report, const std::string& item) {
  const QuantisationEntry* entry = find_entry(report, item);
  REQUIRE(entry != nullptr);
  return *entry;
}

std::size_t inexact(const CompileReport& report) {
  std::size_t total = 0;
  for (const QuantisationEntry& e : report.quantisation) total += e.rounded + e.saturated;
  return total;
}

std::uint64_t input_sum(const CompileReport& report) {
  const auto found =
      std::find_if(report.capacity.begin(), report.capacity.end(),
                   [](const CapacityEntry& e) { return e.item == "input sum of a neuron"; });
  REQUIRE(found != report.capacity.end());
  return found->used;
}

std::int64_t shift_of(const Image& image) { return profile_field(image, 0, map::kProfileShift); }

/// A weight's step of profile 0.
double step_of(const Image& image) {
  return std::ldexp(
      1.0, static_cast<int>(image.profiles.at(0).exponent) - static_cast<int>(image.fraction_bits));
}

}  // namespace

TEST_CASE("traces get as many fraction bits below a weight's step as their sums leave room for") {
  // Bounds of 16383 steps make the exponent 0 at 0 fraction bits.
  const auto shift = [](LearningProfile p) {
    return shift_of(compile(learning_network(bounded(std::move(p), 0.0, 16383.0), {0.0}), tiny(),
                            at_fraction_bits(0))
                        .image);
  };
  CHECK(shift(kernel({})) == 12);
  CHECK(shift(kernel({31.0})) == 12);  // 31 * 2^12 < 2^17
  CHECK(shift(kernel({32.0})) == 11);
  CHECK(shift(kernel({16.0, 15.0})) == 12);
  CHECK(shift(kernel({16.0, 16.0})) == 11);
  CHECK(shift(kernel({32.0, -31.0})) == 11);
  CHECK(shift(kernel({31.0, -31.0})) == 12);  // no history has a sum beyond either
  CHECK(shift(kernel({-32.0})) == 11);
  CHECK(shift(kernel({1.0}, {64.0})) == 10);
  CHECK(shift(kernel({131071.0})) == 0);
  LearningProfile newest = kernel({31.0, 31.0, 31.0});
  CHECK(shift(newest) == 10);
  newest.newest = true;
  CHECK(shift(newest) == 12);
  // Exponential traces settle at amplitude / (1 - decay).
  CHECK(shift(exponential(8.0, 0.5)) == 12);
  CHECK(shift(exponential(16.0, 0.5)) == 11);
  CHECK(shift(exponential(-8.0, 0.75)) == 11);
  CHECK(shift(exponential(1.0, 0.0, 31.0, 0.0)) == 12);
  CHECK(shift(exponential(1.0, 0.0, 31.0, 0.5)) == 11);
  CHECK(shift(exponential(31.0, 1.0)) == 12);  // no end: the trace saturates
  newest = exponential(31.0, 0.875);
  newest.newest = true;
  CHECK(shift(newest) == 12);
  // Drift counts by what a tick adds at every age.
  LearningProfile drifting = kernel({1.0});
  drifting.drift = {16.0, 16.0, -1.0};
  CHECK(shift(drifting) == 11);
  drifting.drift = {16.0, -16.0, 31.0};
  CHECK(shift(drifting) == 12);
  // The instar rule has no fraction bits; its field is the rule's own shift.
  LearningProfile instar = exponential(1.0, 0.0);
  instar.rule = Rule::kInstar;
  instar.instar_shift = 7;
  CHECK(shift(instar) == 7);
}

TEST_CASE(
    "taps, amplitudes, decays and drift are on the traces' grid, and roundings are reported") {
  LearningProfile p = bounded(kernel({0.3, 0.25}, {-0.1}));
  p.drift = {-0.01, 0.5};
  const Compiled compiled = compile(learning_network(p, {0.5}), tiny(), at_fraction_bits(12));
  // Guard bit: bounds of up to 4096 fit 14 bits, so the exponent is 0; (0.3 + 0.25) * 2^12 = 2253
  // leaves 5 bits.
  REQUIRE(compiled.image.profiles[0].exponent == 0);
  REQUIRE(shift_of(compiled.image) == 5);
  CHECK(test::trace_of(compiled.image, 0, 0, 1) == 39322);  // 0.3 * 2^17 = 39321.6
  CHECK(test::trace_of(compiled.image, 0, 0, 2) == 32768);
  CHECK(test::trace_of(compiled.image, 0, 1, 1) == -13107);  // -13107.2
  CHECK(test::drift_step(compiled.image, 0, 0) == 0);
  CHECK(test::drift_step(compiled.image, 0, 1) == -1311);  // -1310.72
  CHECK(test::drift_step(compiled.image, 0, 2) == 64225);  // 0.49 * 2^17 = 64225.28
  CHECK(test::drift_step(compiled.image, 0, 16) == 64225);
  CHECK(compiled.image.profiles[0].w_min == 0);
  CHECK(compiled.image.profiles[0].w_max == 4096);
  const QuantisationEntry& pre = entry_of(compiled.report, "profile stdp: pre_taps");
  CHECK(pre.values == 2);
  CHECK(pre.rounded == 1);
  CHECK(pre.saturated == 0);
  CHECK(pre.step == std::ldexp(1.0, -17));
  CHECK(pre.largest_error == Approx(0.4 * std::ldexp(1.0, -17)));
  CHECK(entry_of(compiled.report, "profile stdp: post_taps").rounded == 1);
  CHECK(entry_of(compiled.report, "profile stdp: drift").values == 2);
  CHECK(entry_of(compiled.report, "profile stdp: drift").rounded == 2);
  CHECK(entry_of(compiled.report, "profile stdp: w_max").rounded == 0);
  // Weights move by whole steps of 2^-12: 0.3, -0.1 and -0.01 are none.
  const QuantisationEntry& whole = entry_of(compiled.report, "profile stdp: weight changes");
  CHECK(whole.values == 5);
  CHECK(whole.rounded == 3);
  CHECK(whole.step == std::ldexp(1.0, -12));

  LearningProfile e = bounded(exponential(0.3, 0.9, -0.25, 0.5));
  const Compiled other = compile(learning_network(e, {0.5}), tiny(), at_fraction_bits(12));
  // 0.3 / (1 - 0.9) * 2^12 = 12288 leaves 3 bits.
  REQUIRE(shift_of(other.image) == 3);
  CHECK(profile_field(other.image, 0, map::kProfilePreAmplitude) == 9830);  // 0.3 * 2^15 = 9830.4
  CHECK(profile_field(other.image, 0, map::kProfilePostAmplitude) == -8192);
  CHECK(profile_field(other.image, 0, map::kProfilePreDecay) == 58982);  // 0.9 * 65536 = 58982.4
  CHECK(profile_field(other.image, 0, map::kProfilePostDecay) == 32768);
  CHECK(entry_of(other.report, "profile stdp: pre_amplitude").rounded == 1);
  CHECK(entry_of(other.report, "profile stdp: post_amplitude").rounded == 0);
  CHECK(entry_of(other.report, "profile stdp: pre_decay").rounded == 1);
  CHECK(entry_of(other.report, "profile stdp: post_decay").step == 1.0 / 65536);
  CHECK(find_entry(other.report, "profile stdp: pre_taps") == nullptr);
}

TEST_CASE("instar traces count in weights' steps") {
  LearningProfile p = bounded(exponential(0.7, 0.5));
  p.rule = Rule::kInstar;
  const Compiled compiled = compile(learning_network(p, {0.5}), tiny(), at_fraction_bits(14));
  REQUIRE(compiled.image.profiles[0].exponent == 0);
  CHECK(profile_field(compiled.image, 0, map::kProfilePreAmplitude) == 11469);  // 0.7 * 2^14 = .8
  CHECK(profile_field(compiled.image, 0, map::kProfileShift) == 4);
  LearningProfile k = bounded(kernel({0.25, 0.125}));
  k.rule = Rule::kInstar;
  const Compiled other = compile(learning_network(k, {0.5}), tiny(), at_fraction_bits(14));
  CHECK(test::trace_of(other.image, 0, 0, 3) == 6144);
}

TEST_CASE("traces that do not fit even without fraction bits make the weights' grid coarser") {
  // Bounds ask for 2^-15; taps of 10 need a step of 10 / 2^17 at least.
  const Compiled compiled =
      compile(learning_network(bounded(kernel({10.0})), {0.5}), tiny(), at_fraction_bits(20));
  CHECK(step_of(compiled.image) == std::ldexp(1.0, -13));
  CHECK(shift_of(compiled.image) == 0);
  CHECK(test::trace_of(compiled.image, 0, 0, 1) == 81920);
}

TEST_CASE("traces that no exponent makes fit are refused by profile, field, value and limit") {
  const auto refused = [](LearningProfile p, const std::string& message) {
    CAPTURE(message);
    for (const bool chosen : {true, false}) {
      const CompileOptions options = chosen ? CompileOptions{} : at_fraction_bits(0);
      CHECK_THROWS_WITH(check(learning_network(p, {0.5}), tiny(), options),
                        Contains("profile 'stdp': " + message) && Contains("expected less than"));
      CHECK_THROWS_AS(check(learning_network(p, {0.5}), tiny(), options), InputError);
    }
  };
  // 2^17 steps of 2^15.
  refused(kernel({1.0, 5e9}), "pre_taps: a value of 5000000000 does not fit");
  refused(kernel({}, {-5e9}), "post_taps: a value of -5000000000");
  refused(kernel({3e9, 3e9}), "pre_taps: a sum of 60000");
  refused(exponential(5e9, 0.0), "pre_amplitude: a value of 5000000000");
  refused(exponential(0.0, 0.0, 3e9, 0.5), "post_amplitude: a sum of 6000000000");
  LearningProfile drifting = kernel({});
  drifting.drift = {-3e9, -3e9};
  refused(drifting, "drift: a sum of -6000000000");
  CHECK_NOTHROW(check(learning_network(kernel({4e9}), {0.5}), tiny(), at_fraction_bits(0)));
  CHECK_THROWS_WITH(check(learning_network(bounded(kernel({}), 0.0, 1e12), {0.5}), tiny()),
                    Contains("profile 'stdp': w_max of 1000000000000 does not fit 16 bits"));
}

TEST_CASE("finite bounds and weights choose the exponent, the finest with which they fit") {
  const auto exponent = [](const LearningProfile& p, std::vector<double> weights) {
    return compile(learning_network(p, std::move(weights)), tiny(), at_fraction_bits(0))
        .image.profiles.at(0)
        .exponent;
  };
  const LearningProfile none = kernel({});
  CHECK(exponent(bounded(none, 0.0, 32767.0), {1.0}) == 0);
  CHECK(exponent(bounded(none, 0.0, 32768.0), {1.0}) == 1);
  CHECK(exponent(bounded(none, -32769.0, 1.0), {1.0}) == 1);
  CHECK(exponent(bounded(none, 0.0, 1.0), {40000.0}) == 1);
  // With a drift the weights have a bit less.
  LearningProfile drifting = none;
  drifting.drift = {0.5};
  CHECK(exponent(bounded(drifting, 0.0, 16383.0), {1.0}) == 0);
  CHECK(exponent(bounded(drifting, 0.0, 16384.0), {1.0}) == 1);
  CHECK(exponent(bounded(drifting, -16384.0, 0.0), {1.0}) == 1);
  CHECK(exponent(bounded(drifting, 0.0, 1.0), {16384.0}) == 1);
}

TEST_CASE("infinite bounds are the field's limits, with a drift half of them") {
  LearningProfile p = kernel({0.25});
  const auto limits = [](const LearningProfile& profile, const Geometry& geometry) {
    const Image image = compile(learning_network(profile, {0.5}), geometry).image;
    CHECK(profile_field(image, 0, map::kProfileWMin) == image.profiles.at(0).w_min);
    CHECK(profile_field(image, 0, map::kProfileWMax) == image.profiles.at(0).w_max);
    return std::pair(image.profiles.at(0).w_min, image.profiles.at(0).w_max);
  };
  using Pair = std::pair<std::int32_t, std::int32_t>;
  CHECK(limits(p, tiny()) == Pair(-32768, 32767));
  CHECK(limits(p, Geometry::named("tiny8")) == Pair(-128, 127));
  p.drift = {-0.25};
  CHECK(limits(p, tiny()) == Pair(-16383, 16383));
  CHECK(limits(p, Geometry::named("tiny8")) == Pair(-63, 63));
  p.w_min = 0.0;
  CHECK(limits(p, tiny()) == Pair(0, 16383));
}

TEST_CASE("where a bound is infinite weights get room for twice the largest trace") {
  // 0.1 is on no grid, so the grid is as fine as the room allows: 0.1 + 2 * (1.5 + 0.1).
  const Compiled compiled = compile(learning_network(kernel({1.5, 0.1}, {0.3}), {0.1}), tiny());
  CHECK(step_of(compiled.image) == std::ldexp(1.0, -13));  // 3.3 < 32767 * 2^-13 < 6.6
  // Not where both are finite.
  const Compiled finite =
      compile(learning_network(bounded(kernel({1.5, 0.1}, {0.3}), -1.0, 1.5), {0.1}), tiny());
  CHECK(step_of(finite.image) == std::ldexp(1.0, -14));
  // Instar weights stay between where they are and the trace.
  LearningProfile instar = exponential(0.9, 0.0);
  instar.rule = Rule::kInstar;
  CHECK(step_of(compile(learning_network(instar, {0.1}), tiny()).image) == std::ldexp(1.0, -15));
}

TEST_CASE("projections with one profile share an exponent, others have their own") {
  Network network;
  network.add_population(test::neurons(8));
  for (const char* name : {"a", "b", "used by nobody"}) {
    LearningProfile p = bounded(kernel({}), 0.0, 1.0);
    p.name = name;
    network.add_profile(p);
  }
  network.add_projection(test::plastic({0.5}, 0));
  network.add_projection(test::plastic({40.0}, 0));
  network.add_projection(test::plastic({0.5}, 1));
  network.add_projection(test::plastic({0.5}, -1));
  const Compiled compiled = compile(network, tiny(), at_fraction_bits(20));
  const Image& image = compiled.image;
  REQUIRE(image.profiles.size() == 2);
  CHECK(image.projections[0].exponent == 11);
  CHECK(image.projections[1].exponent == 11);
  CHECK(image.projections[2].exponent == 6);  // w_max = 2^20 steps
  CHECK(image.projections[3].exponent == 5);
  CHECK(image.projections[0].profile == 0);
  CHECK(image.projections[2].profile == 1);
  CHECK(image.projections[3].profile == -1);
  CHECK(image.profiles[0].exponent == 11);
  CHECK(image.profiles[1].exponent == 6);
}

TEST_CASE("a network that learns on a grid is exact, with the most room that costs nothing") {
  // Multiples of 2^-6: one exact step is 2^-6, and that leaves 2^14 of them.
  LearningProfile p = kernel({0.5, 0.25, 3.0 / 64.0}, {0.125});
  p.drift = {-1.0 / 64.0, -1.0 / 64.0};
  const Compiled compiled = compile(learning_network(p, {0.5, 5.0 / 64.0}), tiny());
  CHECK(inexact(compiled.report) == 0);
  CHECK_THAT(compiled.report.text(), Contains("every value is represented exactly"));
  CHECK(step_of(compiled.image) == 1.0 / 64.0);
  // The same at a forced grid, and with 8 bits.
  const Compiled forced =
      compile(learning_network(p, {0.5, 5.0 / 64.0}), tiny(), at_fraction_bits(8));
  CHECK(inexact(forced.report) == 0);
  CHECK(step_of(forced.image) == 1.0 / 64.0);
  LearningProfile small = kernel({0.125, 1.0 / 64.0});
  small.drift = {-1.0 / 64.0};
  const Compiled narrow = compile(learning_network(small, {0.25}), Geometry::named("tiny8"));
  CHECK(inexact(narrow.report) == 0);
  CHECK(step_of(narrow.image) == 1.0 / 64.0);
  // Coarser grids are no use beyond the range of potentials.
  const Compiled integers = compile(learning_network(kernel({1.0}), {1.0}), tiny());
  CHECK(inexact(integers.report) == 0);
  CHECK(integers.image.profiles[0].exponent <= 8);
  // A drift that is finer than a weight's step is not exact, however fine the drift register is.
  p.drift = {std::ldexp(1.0, -20)};
  CHECK(inexact(check(learning_network(p, {0.5}), tiny())) > 0);
}

TEST_CASE("random networks that learn on a grid are exact") {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::uint32_t state = seed * 2654435761U + 1;
    const auto draw = [&](std::int32_t most) {
      state ^= state << 13;
      state ^= state >> 17;
      state ^= state << 5;
      return static_cast<double>(static_cast<std::int32_t>(state % (2U * most + 1U)) - most);
    };
    const int grid = static_cast<int>(seed % 10);
    LearningProfile p = kernel({}, {});
    for (std::uint32_t k = 0; k < seed % 6; ++k) {
      p.pre_taps.push_back(std::ldexp(draw(200), -grid));
      p.post_taps.push_back(std::ldexp(draw(100), -grid));
      if (seed % 3 == 0) p.drift.push_back(std::ldexp(draw(3), -grid));
    }
    std::vector<double> weights;
    for (int k = 0; k < 8; ++k) weights.push_back(std::ldexp(draw(500), -grid));
    CAPTURE(seed, grid);
    const Compiled compiled = compile(learning_network(p, weights), tiny());
    REQUIRE(inexact(compiled.report) == 0);
    REQUIRE(step_of(compiled.image) <= std::ldexp(1.0, 4 - grid));
    REQUIRE(Image::from_cbor(compiled.image.to_cbor(), "image").memories ==
            compiled.image.memories);
  }
}

TEST_CASE("driving weights, steps of 0.001 and a drift of 0.0001 live in one network") {
  Network network;
  network.add_population(test::neurons(20));
  LearningProfile p = kernel({1.0001, 0.5001, 0.1001, 0.0101, 0.0011});
  p.drift.assign(5, -1e-4);
  network.add_profile(p);
  network.add_projection(test::plastic(std::vector<double>(20, 100.0), -1));
  Projection fixed = test::plastic({1.0, 1.0}, -1);
  fixed.plastic = false;
  network.add_projection(fixed);
  network.add_projection(test::plastic(std::vector<double>(20, 0.001), 0));
  const Compiled compiled = compile(network, Geometry::named("cmod_a7"));
  CHECK(compiled.report.fits());
  CHECK(step_of(compiled.image) == std::ldexp(1.0, -12));  // weights reach 4
  CHECK(compiled.image.profiles[0].w_max == 16383);
  CHECK(shift_of(compiled.image) == 4);
  CHECK(entry_of(compiled.report, "profile stdp: pre_taps").largest_error < 0.0011 / 100);
  CHECK(entry_of(compiled.report, "profile stdp: drift").largest_error < 1e-5);
  CHECK(entry_of(compiled.report, "projection population0->population0: weight").rounded == 0);
}

TEST_CASE("a weight that learns counts with the largest magnitude it can reach") {
  const auto sum = [](const LearningProfile& p, std::vector<double> weights,
                      std::vector<std::uint8_t> mask = {}) {
    Network network;
    network.add_population(test::neurons(8));
    network.add_profile(p);
    Projection projection = test::plastic(weights, 0);
    std::fill(projection.post_index.begin(), projection.post_index.end(), 3);
    projection.plastic_mask = std::move(mask);
    network.add_projection(projection);
    return input_sum(check(network, tiny(), at_fraction_bits(0)));
  };
  CHECK(sum(bounded(kernel({}), 0.0, 100.0), {1.0, 2.0}) == 200);
  CHECK(sum(bounded(kernel({}), -300.0, 100.0), {1.0, 2.0}) == 600);
  CHECK(sum(bounded(kernel({}), 0.0, 100.0), {1.0, -500.0}) == 600);
  CHECK(sum(bounded(kernel({}), 0.0, 100.0), {1.0, -500.0, 7.0}, {1, 0, 0}) == 607);
  // A drift can make up to half the field more of what is stored.
  LearningProfile drifting = bounded(kernel({}), 0.0, 100.0);
  drifting.drift = {1.0};
  CHECK(sum(drifting, {1.0, 2.0}) == 2 * (32768 + 16384));
  CHECK(sum(drifting, {1.0, 2.0}, {0, 1}) == 1 + 32768 + 16384);
}

TEST_CASE("synapses of an axon with an encoder count twice") {
  const auto sum = [](std::vector<std::uint16_t> rates) {
    Network network;
    network.add_population(test::neurons(8));
    AxonGroup group;
    group.size = 2;
    group.rates = std::move(rates);
    network.add_axons(group);
    Projection p = test::plastic({5.0, 7.0}, -1);
    p.plastic = false;
    p.pre_is_axon = true;
    p.post_index = {1, 1};
    network.add_projection(p);
    return input_sum(check(network, tiny(), at_fraction_bits(0)));
  };
  CHECK(sum({}) == 12);
  CHECK(sum({0, 3}) == 24);
}

TEST_CASE("an exponent that learning wants coarser gives way to the accumulators' bound") {
  // All exact at a step of 1; at the coarsest useful exponent 3 * 3000 weights would pass 2^30.
  const auto network_of = [](std::uint32_t synapses) {
    Network network;
    network.add_population(test::neurons(8));
    network.add_profile(kernel({1.0}));
    Projection p = test::plastic(std::vector<double>(synapses, 1.0), 0);
    std::fill(p.post_index.begin(), p.post_index.end(), 3);
    network.add_projection(p);
    return network;
  };
  Geometry geometry = tiny();
  geometry.synapse_words = 1U << 16;
  CHECK(compile(network_of(100), geometry, at_fraction_bits(8)).image.profiles[0].exponent == 8);
  const Compiled many = compile(network_of(9000), geometry, at_fraction_bits(8));
  CHECK(many.image.profiles[0].exponent == 1);  // 9000 * 32768 * 2 < 2^30
  CHECK(inexact(many.report) == 0);
}

}  // namespace ncx
