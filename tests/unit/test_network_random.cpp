// SPDX-License-Identifier: BSD-3-Clause
// The random networks of the regressions: reproducible, within the build, alive, and between them
// using everything.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "image_decoder.hpp"
#include "ncx/compiler.hpp"
#include "ncx/emulator.hpp"
#include "ncx/model.hpp"
#include "ncx/random_network.hpp"

namespace ncx {
namespace {

constexpr std::uint64_t kSeeds = 120;

/// Counts of what the networks of all seeds use.
class Features {
 public:
  void count(const std::string& feature, bool used) { counts_[feature] += used ? 1 : 0; }
  void require_all() const {
    for (const auto& [feature, count] : counts_) {
      CAPTURE(feature, count);
      CHECK(count > 0);
    }
  }

 private:
  std::map<std::string, std::size_t> counts_;
};

void count_neurons(Features& features, const Network& network) {
  for (const Population& p : network.populations()) {
    features.count("group", p.winner_take_all && p.size > 1);
    features.count("group of mixed parameters",
                   p.winner_take_all && !std::equal(p.parameters.begin() + 1, p.parameters.end(),
                                                    p.parameters.begin()));
    features.count("v_init", !p.v_init.empty());
    features.count("parameters each", p.parameters.size() > 1);
    for (const NeuronParameters& q : p.parameters) {
      const bool exponential = q.leak_mode == Leak::kExponential;
      features.count("exponential", exponential && q.leak > 0 && q.leak < 1);
      features.count("exponential end points", exponential && (q.leak == 0 || q.leak == 1));
      features.count("subtractive", !exponential && q.leak > 0 && std::isfinite(q.leak));
      features.count("forget", !exponential && std::isinf(q.leak));
      features.count("no leak", !exponential && q.leak == 0);
      features.count("current decay", q.current_decay > 0 && q.current_decay < 1);
      features.count("current kept", q.current_decay == 1);
      features.count("refractory", q.refractory > 0 && q.refractory < 10);
      features.count("long refractory", q.refractory == 4095);
      features.count("hold", q.refractory_hold && q.refractory > 0);
      features.count("soft reset", q.soft_reset);
      features.count("theta", q.theta_plus > 0 && q.theta_decay < 1);
      features.count("v_rest", q.v_rest != 0);
      features.count("v_reset", q.v_reset != 0);
      features.count("threshold below rest", q.threshold < 0);
    }
  }
  for (const Population& p : network.populations()) {
    features.count("refractory_init", !p.refractory_init.empty());
  }
  const Network::Past& past = network.past();
  features.count("past", !past.spiked.empty() && !past.history.empty());
  features.count("past without histories", !past.spiked.empty() && past.history.empty());
  features.count("young past", past.age > 0 && past.age < 16);
  for (const AxonGroup& group : network.axon_groups()) {
    features.count("encoders", !group.rates.empty());
    features.count("no encoders", group.rates.empty());
  }
}

void count_profiles(Features& features, const Network& network, const Geometry& geometry) {
  const std::vector<LearningProfile>& profiles = network.profiles();
  features.count("no profile", profiles.empty());
  features.count("one profile", profiles.size() == 1);
  features.count("all profiles of the build", profiles.size() == geometry.profiles);
  for (const LearningProfile& p : profiles) {
    const bool kernel = p.traces == Traces::kKernel, instar = p.rule == Rule::kInstar;
    const auto any_negative = [](const std::vector<double>& values) {
      return std::any_of(values.begin(), values.end(), [](double value) { return value < 0.0; });
    };
    features.count("instar of kernels", instar && kernel);
    features.count("instar of exponentials", instar && !kernel);
    features.count("kernel pairs",
                   !instar && kernel && !p.pre_taps.empty() && !p.post_taps.empty());
    features.count("kernel, pre alone", !instar && kernel && p.post_taps.empty());
    features.count("kernel, post alone", !instar && kernel && p.pre_taps.empty());
    features.count("one tap", p.pre_taps.size() == 1);
    features.count("16 taps", p.pre_taps.size() == 16 || p.post_taps.size() == 16);
    features.count("taps of mixed signs", any_negative(p.pre_taps) || any_negative(p.post_taps));
    features.count("exponential pairs", !kernel && p.pre_amplitude != 0 && p.post_amplitude != 0);
    features.count("exponential, pre alone", !kernel && p.post_amplitude == 0);
    features.count("exponential, post alone", !kernel && p.pre_amplitude == 0);
    features.count("exponential for ever", !kernel && p.pre_decay == 1.0);
    features.count("newest kernel", kernel && p.newest);
    features.count("newest exponential", !kernel && p.newest);
    features.count("drift", p.drift.size() == 1);
    features.count("drift with the ages", p.drift.size() > 1);
    features.count("w_min", std::isfinite(p.w_min));
    features.count("w_max", std::isfinite(p.w_max));
    features.count("no w_min", std::isinf(p.w_min));
    features.count("no w_max", std::isinf(p.w_max));
    features.count("down", p.rounding == Rounding::kDown);
    features.count("nearest", p.rounding == Rounding::kNearest);
    features.count("stochastic", p.rounding == Rounding::kStochastic);
    features.count("modulated", p.modulated);
    features.count("not modulated", !p.modulated);
    features.count("not enabled", !p.enabled);
  }
  std::map<std::pair<bool, std::uint32_t>, std::set<std::int32_t>> profiles_of;
  for (const Projection& p : network.projections()) {
    if (p.profile >= 0) profiles_of[{p.pre_is_axon, p.pre}].insert(p.profile);
    features.count("learning axons", p.profile >= 0 && p.pre_is_axon);
    features.count("learning neurons", p.profile >= 0 && !p.pre_is_axon);
    features.count("learning recurrence", p.profile >= 0 && !p.pre_is_axon && p.pre == p.post);
    features.count("learning, with delays",
                   p.profile >= 0 && (geometry.max_delay == 1 || !p.delay.empty()));
    features.count("plastic mask", !p.plastic_mask.empty());
    features.count("plastic without a profile", p.plastic && p.profile < 0);
  }
  features.count("several profiles of one source",
                 std::any_of(profiles_of.begin(), profiles_of.end(),
                             [](const auto& item) { return item.second.size() > 1; }));
}

void count_synapses(Features& features, const Network& network, const Compiled& compiled,
                    const Geometry& geometry) {
  std::set<std::tuple<bool, std::uint32_t, std::uint32_t>> joined;
  for (std::size_t k = 0; k < network.projections().size(); ++k) {
    const Projection& p = network.projections()[k];
    features.count("several projections between two groups",
                   !joined.emplace(p.pre_is_axon, p.pre, p.post).second);
    features.count("plastic", p.plastic);
    features.count("dense format", p.format == Format::kDense);
    features.count("sparse format", p.format == Format::kSparse);
    features.count("automatic format", p.format == Format::kAuto);
    features.count("exponent", compiled.image.projections[k].exponent > 0);
    std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
    for (std::size_t i = 0; i < p.weight.size(); ++i) {
      const double state = std::ldexp(p.weight[i], static_cast<int>(compiled.image.fraction_bits));
      // With 8 bits and the largest exponent a weight ends at half the state range.
      features.count("weight that saturates",
                     std::abs(state) >= (geometry.weight_bits == 8 ? 1 << 20 : 1 << 23));
      features.count("zero weight", p.weight[i] == 0.0);
      features.count("negative weight", p.weight[i] < 0.0);
      features.count("parallel synapses", !pairs.emplace(p.pre_index[i], p.post_index[i]).second);
      features.count("self connection",
                     !p.pre_is_axon && p.pre == p.post && p.pre_index[i] == p.post_index[i]);
      if (geometry.max_delay > 1 && !p.delay.empty()) {
        features.count("delay", p.delay[i] > 1);
        features.count("longest delay", p.delay[i] == geometry.max_delay);
      }
    }
  }
  for (const test::DecodedRow& row : test::decode_rows(compiled.image)) {
    features.count(row.sparse ? "sparse row" : "dense row", true);
  }
}

}  // namespace

TEST_CASE("random networks fit, and use everything between them") {
  const std::string target = GENERATE("tiny", "tiny8", "cmod_a7");
  const Geometry geometry = Geometry::named(target);
  Features features;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    CAPTURE(target, seed);
    const Network network = random_network(geometry, seed);
    REQUIRE(network.neurons() <= geometry.neurons);
    const Compiled compiled = compile(network, geometry);
    features.count("every slot used",
                   network.neurons() == geometry.neurons || geometry.neurons > 64);
    count_neurons(features, network);
    count_synapses(features, network, compiled, geometry);
    count_profiles(features, network, geometry);
  }
  features.require_all();
}

TEST_CASE("a seed gives one network and one set of inputs, other seeds others") {
  const Geometry geometry = Geometry::named("tiny");
  std::set<std::string> texts;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Network network = random_network(geometry, seed);
    REQUIRE(random_network(geometry, seed).to_json() == network.to_json());
    texts.insert(network.to_json());
    const RunRequest a = random_inputs(network, 50, seed);
    const RunRequest b = random_inputs(network, 50, seed);
    REQUIRE(a.axon_events == b.axon_events);
    REQUIRE(a.probes == b.probes);
    REQUIRE(a.current_events.size() == b.current_events.size());
    REQUIRE(random_inputs(network, 50, seed + 1).axon_events != a.axon_events);
  }
  REQUIRE(texts.size() == 20);
}

TEST_CASE("the generator's numbers are the published ones of splitmix64") {
  Random random(1234567);
  REQUIRE(random.next() == 6457827717110365317U);
  REQUIRE(random.next() == 3203168211198807973U);
  REQUIRE(random.next() == 9817491932198370423U);
}

TEST_CASE("random inputs are sorted, in range, and one current a neuron and tick") {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const Network network = random_network(Geometry::named("tiny8"), seed);
    const RunRequest request = random_inputs(network, 100, seed);
    REQUIRE(request.ticks == 100);
    REQUIRE(std::is_sorted(request.axon_events.begin(), request.axon_events.end()));
    REQUIRE(std::adjacent_find(request.axon_events.begin(), request.axon_events.end()) ==
            request.axon_events.end());
    for (const AxonEvent& event : request.axon_events) {
      REQUIRE(event.tick < 100);
      REQUIRE(event.axon < network.axons());
    }
    std::set<std::pair<std::uint32_t, std::uint32_t>> currents;
    std::uint32_t last = 0;
    for (const CurrentEvent& event : request.current_events) {
      REQUIRE(event.tick >= last);
      REQUIRE(event.tick < 100);
      REQUIRE(event.neuron < network.neurons());
      REQUIRE(event.value >= -(1 << 23));
      REQUIRE(event.value < (1 << 23));
      REQUIRE(currents.emplace(event.tick, event.neuron).second);
      last = event.tick;
    }
    REQUIRE(request.probes.size() <= 8);
    const std::set<std::uint32_t> probes(request.probes.begin(), request.probes.end());
    REQUIRE(probes.size() == request.probes.size());
  }
}

TEST_CASE("random networks learn, to their bounds and over folds") {
  const std::string target = GENERATE("tiny", "tiny8", "cmod_a7");
  const Geometry geometry = Geometry::named(target);
  std::size_t learned = 0, at_bound = 0, folds = 0, drifted = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    CAPTURE(target, seed);
    const Network network = random_network(geometry, seed);
    const Image image = compile(network, geometry).image;
    Emulator emulator(std::make_unique<Model>(geometry));
    emulator.load(image);
    std::vector<std::vector<std::int32_t>> before;
    for (std::size_t p = 0; p < image.projections.size(); ++p)
      before.push_back(emulator.weights(p));
    emulator.run(random_inputs(network, 100, seed));
    if (emulator.backend().read_register(Register::kFolds) > 0) ++folds;
    for (std::size_t p = 0; p < image.projections.size(); ++p) {
      const ProjectionMap& map = image.projections[p];
      const std::vector<std::int32_t> after = emulator.weights(p);
      if (map.profile < 0) CHECK(after == before[p]);
      if (map.profile < 0 || after == before[p]) continue;
      ++learned;
      const ProfileMap& profile = image.profiles[static_cast<std::size_t>(map.profile)];
      // One common difference is a drift alone.
      const std::int32_t common = after[0] - before[p][0];
      for (std::size_t i = 1; i < after.size(); ++i) {
        if (after[i] - before[p][i] != common) break;
        if (i + 1 == after.size()) ++drifted;
      }
      if (std::any_of(after.begin(), after.end(),
                      [&](std::int32_t w) { return w == profile.w_min || w == profile.w_max; })) {
        ++at_bound;
      }
    }
  }
  CAPTURE(learned, drifted, at_bound, folds);
  CHECK(learned >= kSeeds / 2);
  CHECK(drifted <= learned / 2);
  CHECK(at_bound >= 10);
  CHECK(folds >= 10);
}

TEST_CASE("random networks are neither dead nor all firing") {
  const std::string target = GENERATE("tiny", "tiny8", "cmod_a7");
  const Geometry geometry = Geometry::named(target);
  constexpr std::uint32_t kTicks = 60;
  constexpr std::int32_t kMost = (1 << 23) - 1;
  std::size_t dead = 0, busy = 0, moderate = 0, saturated = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    CAPTURE(target, seed);
    const Network network = random_network(geometry, seed);
    Emulator emulator(std::make_unique<Model>(geometry));
    emulator.load(compile(network, geometry).image);
    const RunResult result = emulator.run(random_inputs(network, kTicks, seed));
    const double activity = static_cast<double>(result.spikes.size()) /
                            (static_cast<double>(network.neurons()) * kTicks);
    if (activity == 0.0) ++dead;
    if (activity > 0.5) ++busy;
    if (activity > 0.01 && activity < 0.4) ++moderate;
    const auto at_rail = [](std::int32_t value) { return value == kMost || value == -kMost - 1; };
    const std::vector<std::int32_t> v = emulator.potentials();
    const std::vector<std::int32_t> i = emulator.currents();
    if (std::any_of(v.begin(), v.end(), at_rail) || std::any_of(i.begin(), i.end(), at_rail)) {
      ++saturated;
    }
  }
  CAPTURE(dead, busy, moderate, saturated);
  CHECK(saturated >= 3);
  CHECK(dead <= kSeeds / 10);
  CHECK(busy <= kSeeds / 10);
  CHECK(moderate >= kSeeds * 6 / 10);
}

}  // namespace ncx
