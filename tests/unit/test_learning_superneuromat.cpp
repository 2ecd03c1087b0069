// SPDX-License-Identifier: BSD-3-Clause
// SuperNeuroMAT's STDP on the model, against a dense simulation in doubles of that rule alone.
// Weights are multiples of 2^-8, so that the doubles are exact.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "model_rig.hpp"

using ncx::Region;
using ncx::Register;
using ncx::test::ParameterSet;
using ncx::test::ProfileSet;
using ncx::test::Rig;

namespace {

constexpr double kUnit = 1.0 / 256;

struct Neuron {
  double threshold = 0, leak = 0, reset = 0;
  std::uint32_t refractory = 0;
};
struct Synapse {
  std::size_t pre = 0, post = 0;
  double weight = 0;
  bool learns = false;
};

/// simulate() of SuperNeuroMAT for synapses of delay 1.
class Dense {
 public:
  std::vector<Neuron> neurons;
  std::vector<Synapse> synapses;
  std::vector<double> apos, aneg;
  std::vector<double> v;
  std::vector<std::uint32_t> countdown;
  std::vector<std::vector<bool>> train;

  void start() {
    v.assign(neurons.size(), 0.0);
    for (std::size_t n = 0; n < neurons.size(); ++n) v[n] = neurons[n].reset;
    countdown.assign(neurons.size(), 0);
    train.clear();
  }

  void tick(const std::vector<double>& input) {
    std::vector<bool> fired(neurons.size());
    for (std::size_t n = 0; n < neurons.size(); ++n) {
      const Neuron& p = neurons[n];
      if (v[n] > p.reset) {
        v[n] = std::max(v[n] - p.leak, p.reset);
      } else if (v[n] < p.reset) {
        v[n] = std::min(v[n] + p.leak, p.reset);
      }
      v[n] += input[n];
      for (const Synapse& s : synapses) {
        if (s.post == n && !train.empty() && train.back()[s.pre]) v[n] += s.weight;
      }
      fired[n] = v[n] > p.threshold;
      if (countdown[n] > 0) {
        fired[n] = false;
        --countdown[n];
      }
      if (fired[n]) {
        countdown[n] = p.refractory;
        v[n] = p.reset;
      }
    }
    train.push_back(fired);
    const std::size_t lags = std::min(apos.size(), train.size() - 1);
    for (std::size_t lag = 1; lag <= lags; ++lag) {
      for (Synapse& s : synapses) {
        if (!s.learns) continue;
        const bool pair = train[train.size() - 1 - lag][s.pre] && fired[s.post];
        s.weight += pair ? apos[lag - 1] : aneg[lag - 1];
      }
    }
  }
};

/// A random network in the ranges in which nothing saturates, on both.
class Pair {
 public:
  Pair(const char* build, std::uint32_t seed) : rig(build), random_(seed) {
    neurons();
    synapses();
    rule();
    dense.start();
    for (std::uint32_t n = 0; n < dense.neurons.size(); ++n) {
      rig.put_state(n, in_units(dense.v[n]));
    }
  }

  Rig rig;
  Dense dense;

  static std::int32_t in_units(double x) { return static_cast<std::int32_t>(x / kUnit); }
  std::int32_t between(std::int32_t low, std::int32_t high) {
    return std::uniform_int_distribution<std::int32_t>(low, high)(random_);
  }
  bool one_in(std::int32_t n) { return between(1, n) == 1; }

  /// Effective weight on the model, in units.
  std::int32_t weight(const Synapse& s) {
    const std::int32_t stored =
        rig.weight(static_cast<std::uint32_t>(s.pre), static_cast<std::uint32_t>(s.post));
    return stored + (s.learns ? static_cast<std::int32_t>(rig.drift(0) >> 16) : 0);
  }

 private:
  void neurons() {
    const auto count = static_cast<std::uint32_t>(between(2, 24));
    std::vector<ncx::test::Entry> program;
    for (std::uint32_t n = 0; n < count; ++n) {
      Neuron p;
      p.threshold = between(-20, 400) * kUnit;
      p.leak = one_in(4) ? 30000.0 : between(0, 60) * kUnit;
      p.reset = one_in(3) ? between(-60, 60) * kUnit : 0.0;
      p.refractory = one_in(3) ? static_cast<std::uint32_t>(between(1, 4)) : 0;
      dense.neurons.push_back(p);
      ParameterSet set;
      set.threshold = in_units(p.threshold);
      set.leak = static_cast<std::uint32_t>(in_units(p.leak));
      set.v_reset = set.v_rest = in_units(p.reset);
      set.refractory = p.refractory;
      rig.set(n, set);
      const std::uint32_t lanes = rig.geometry().lanes;
      program.push_back({n / lanes, n, 0, 1U << (n % lanes)});
    }
    rig.program(program);
  }

  void synapses() {
    const std::size_t count = dense.neurons.size();
    for (std::size_t pre = 0; pre < count; ++pre) {
      std::vector<ncx::test::Wire> wires;
      for (std::size_t post = 0; post < count; ++post) {
        if (one_in(3)) continue;
        const Synapse s{pre, post, between(-40, 60) * kUnit, !one_in(4)};
        dense.synapses.push_back(s);
        wires.push_back({static_cast<std::uint32_t>(post), in_units(s.weight), 1, s.learns});
      }
      if (!wires.empty()) rig.connect(static_cast<std::uint32_t>(pre), wires);
    }
    rig.wire_up();
  }

  void rule() {
    const auto lags = static_cast<std::size_t>(between(1, 16));
    std::vector<std::int32_t> taps, steps = {0};
    for (std::size_t lag = 0; lag < lags; ++lag) {
      const std::int32_t pos = between(0, 5), neg = one_in(2) ? 0 : -between(0, 1);
      dense.apos.push_back(pos * kUnit);
      dense.aneg.push_back(neg * kUnit);
      taps.push_back(pos - neg);
      steps.push_back(steps.back() + neg);
    }
    ProfileSet p;
    p.window = (1U << lags) - 1;
    p.drift = true;
    rig.profile(0, p);
    rig.taps(0, 0, taps);
    rig.drift_steps(0, steps);
    rig.learn(1, 1);
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("SuperNeuroMAT: spikes, potentials and weights are equal on 240 random networks",
          "[model][learning][superneuromat]") {
  std::size_t spikes = 0, learned = 0, folds = 0;
  for (std::uint32_t seed = 0; seed < 240; ++seed) {
    Pair pair("tiny", seed);
    const std::vector<Synapse> before = pair.dense.synapses;
    const std::size_t count = pair.dense.neurons.size();
    // Now and then the drift is near the point at which it is folded.
    if (seed % 3 == 0) {
      for (Synapse& s : pair.dense.synapses) s.weight += s.learns ? -16350 * kUnit : 0;
      pair.rig.put_drift(0, -std::int64_t{16350} << 16);
    }
    for (std::uint32_t t = 0; t < 60; ++t) {
      std::vector<double> input(count);
      std::vector<ncx::CurrentEvent> currents;
      for (std::uint32_t n = 0; n < count; ++n) {
        if (!pair.one_in(4)) continue;
        const std::int32_t value = pair.one_in(3) ? 200000 : pair.between(-200, 500);
        input[n] = value * kUnit;
        currents.push_back({0, n, value});
      }
      pair.dense.tick(input);
      const ncx::RunResult result = pair.rig.run(1, currents);
      INFO("seed " << seed << " tick " << t);
      std::vector<bool> fired(count);
      for (const ncx::Spike& s : result.spikes) fired[s.neuron] = true;
      REQUIRE(fired == pair.dense.train.back());
      for (std::uint32_t n = 0; n < count; ++n) {
        REQUIRE(pair.rig.v(n) * kUnit == pair.dense.v[n]);
      }
      spikes += result.spikes.size();
    }
    for (std::size_t k = 0; k < before.size(); ++k) {
      const Synapse& s = pair.dense.synapses[k];
      INFO("seed " << seed << " synapse " << s.pre << " to " << s.post);
      REQUIRE(pair.weight(s) * kUnit == s.weight);
      learned += s.weight != before[k].weight ? 1 : 0;
    }
    folds += pair.rig.model.read_register(Register::kFolds);
  }
  CHECK(spikes > 20000);
  CHECK(learned > 20000);
  CHECK(folds > 20);
}
