// SPDX-License-Identifier: BSD-3-Clause
// Random networks and inputs. All values are drawn as integers and scaled once, so that neither
// contracted floating-point operations nor library functions can make platforms differ.
#include "ncx/random_network.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "ncx/compiler.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

constexpr std::uint64_t kNetworkStream = 0x6E6574776F726B00U;  // keeps inputs and network apart
constexpr std::uint64_t kInputStream = 0x696E707574730000U;
constexpr std::uint32_t kMostNeurons = 320;
constexpr std::uint32_t kMostAxons = 160;
constexpr std::uint32_t kProbes = 8;  // every build has at least that many
constexpr int kMilli = 1000;          // values are given in thousandths of a typical threshold

/// Draws one network. Smaller `size_limit`s give smaller networks of the same kind.
class Generator {
 public:
  Generator(const Geometry& geometry, std::uint64_t seed, std::uint32_t size_limit)
      : geometry_(geometry),
        random_(seed ^ kNetworkStream),
        network_("random"),
        limit_(size_limit) {
    on_grid_ = random_.one_in(2);
    // The unit is the user's: fractions of a volt and hundreds of arbitrary units alike.
    constexpr double kUnits[] = {1.0, 1.0, 0.001, 64.0, 300.0};
    unit_ = kUnits[random_.below(5)];
    if (on_grid_) unit_ = random_.one_in(2) ? 1.0 : 32.0;
  }

  Network make() {
    add_populations();
    add_axon_groups();
    add_profiles();
    add_projections();
    if (random_.one_in(3)) set_past();
    return std::move(network_);
  }

 private:
  /// A value between thousandths of a typical threshold, on a coarse grid or on none.
  double value(int low, int high) {
    if (on_grid_) {
      const std::int64_t sixteenths =
          random_.between_signed(std::int64_t{low} * 16 / kMilli, std::int64_t{high} * 16 / kMilli);
      return static_cast<double>(sixteenths) / 16.0 * unit_;
    }
    constexpr std::int64_t kParts = 1'000'003;  // a prime: on no dyadic grid
    const std::int64_t parts = random_.between_signed(low * kParts, high * kParts);
    return static_cast<double>(parts) / static_cast<double>(kParts * kMilli) * unit_;
  }
  /// A factor between 0 and 1, ends included now and then.
  double factor(int low_thousandths) {
    if (random_.one_in(8)) return random_.one_in(2) ? 1.0 : 0.0;
    if (on_grid_) {
      const auto low = static_cast<std::uint32_t>(low_thousandths * 64 / kMilli);
      return static_cast<double>(random_.between(low, 64)) / 64.0;
    }
    return static_cast<double>(
               random_.between(static_cast<std::uint32_t>(low_thousandths), kMilli)) /
           kMilli;
  }

  NeuronParameters parameters() {
    NeuronParameters p;
    p.threshold = value(500, 2000);
    if (random_.one_in(24)) p.threshold = value(-500, 250);
    if (random_.one_in(3)) p.v_reset = value(-750, 250);
    if (random_.one_in(3)) p.v_rest = value(-500, 250);
    if (random_.one_in(2)) {
      p.leak = value(0, 250);
      if (random_.one_in(4)) p.leak = std::numeric_limits<double>::infinity();
      if (random_.one_in(4)) p.leak = 0.0;
    } else {
      p.leak_mode = Leak::kExponential;
      p.leak = factor(500);
    }
    if (random_.one_in(3)) p.current_decay = random_.one_in(24) ? 1.0 : factor(200) * 0.9375;
    if (random_.one_in(2)) p.refractory = random_.between(1, 5);
    if (random_.one_in(40)) p.refractory = 4095;
    p.refractory_hold = random_.one_in(2);
    p.soft_reset = random_.one_in(3);
    if (random_.one_in(2)) {
      p.theta_plus = value(0, 500);
      p.theta_decay = factor(700);
    }
    return p;
  }

  void add_populations() {
    std::uint32_t left = std::min(geometry_.neurons, limit_);
    if (!random_.one_in(6)) left = random_.between(1, left);
    const std::uint32_t count = random_.between(1, 7);
    for (std::uint32_t i = 0; i < count && left > 0; ++i) {
      Population population;
      const bool last = i + 1 == count;
      population.size =
          last || random_.one_in(8) ? left : random_.between(1, std::max(left / 2, 1U));
      left -= population.size;
      population.winner_take_all = random_.one_in(3);
      // One set for all, a few sets in turns or at random, or one a neuron.
      const std::uint32_t palette_size = random_.one_in(2) ? 1 : random_.between(2, 5);
      std::vector<NeuronParameters> palette;
      for (std::uint32_t k = 0; k < palette_size; ++k) palette.push_back(parameters());
      if (palette_size == 1) {
        population.parameters = palette;
      } else {
        for (std::uint32_t n = 0; n < population.size; ++n) {
          population.parameters.push_back(palette[random_.below(palette_size)]);
        }
      }
      if (random_.one_in(3)) {
        for (std::uint32_t n = 0; n < population.size; ++n) {
          population.v_init.push_back(value(-1000, 1500));
        }
      }
      if (random_.one_in(4)) {
        for (std::uint32_t n = 0; n < population.size; ++n) {
          population.refractory_init.push_back(random_.one_in(2) ? 0 : random_.between(1, 6));
        }
      }
      network_.add_population(std::move(population));
    }
  }

  void add_axon_groups() {
    std::uint32_t left = std::min({geometry_.axons, kMostAxons, limit_});
    if (!random_.one_in(6)) left = random_.between(1, left);
    const std::uint32_t count = random_.between(1, 4);
    for (std::uint32_t i = 0; i < count && left > 0; ++i) {
      AxonGroup group;
      group.size = i + 1 == count ? left : random_.between(1, left);
      left -= group.size;
      if (random_.one_in(2)) {
        for (std::uint32_t a = 0; a < group.size; ++a) {
          std::uint32_t rate = random_.between(1, 40);
          if (random_.one_in(4)) rate = 0;
          if (random_.one_in(24)) rate = random_.between(200, map::kMaxRate);
          group.rates.push_back(static_cast<std::uint16_t>(rate));
        }
      }
      network_.add_axons(std::move(group));
    }
  }

  /// A change of weights, up to `most` thousandths either way; on the coarse grid not always 0.
  double change(int most) {
    const int span = on_grid_ ? std::max(most, 130) : most;
    return value(-span, span);
  }

  /// One sign, falling with the lag, or any values.
  std::vector<double> taps() {
    const std::uint32_t lags = random_.one_in(4) ? map::kHistoryW : random_.between(1, 8);
    const bool falling = random_.one_in(2);
    const int first = random_.one_in(2) ? 400 : 40;
    std::vector<double> result;
    for (std::uint32_t lag = 1; lag <= lags; ++lag) {
      result.push_back(falling
                           ? value(0, std::max(first / static_cast<int>(lag), on_grid_ ? 63 : 1))
                           : change(first));
    }
    return result;
  }

  LearningProfile profile() {
    LearningProfile p;
    if (random_.one_in(5)) p.rule = Rule::kInstar;
    if (random_.one_in(2)) p.traces = Traces::kExponential;
    p.newest = random_.one_in(3);
    const bool post = p.rule == Rule::kAdditive && !random_.one_in(3);
    const bool pre = !post || !random_.one_in(8);
    if (p.traces == Traces::kKernel) {
      if (pre) p.pre_taps = taps();
      if (post) p.post_taps = taps();
    } else {
      const int most = random_.one_in(2) ? 400 : 40;
      if (pre) p.pre_amplitude = change(most);
      if (pre) p.pre_decay = factor(500);
      if (post) p.post_amplitude = change(most);
      if (post) p.post_decay = factor(500);
    }
    // A fast drift between bounds comes to a fold within a hundred ticks; without bounds the
    // compiler makes room for it.
    bool fast = false;
    if (p.rule == Rule::kAdditive && random_.one_in(2)) {
      fast = random_.one_in(2);
      const std::uint32_t ages = random_.one_in(2) ? 1 : random_.between(1, map::kHistoryW);
      for (std::uint32_t k = 0; k < ages; ++k) p.drift.push_back(change(fast ? 100 : 4));
    }
    if (fast || random_.one_in(2)) p.w_min = random_.one_in(3) ? 0.0 : value(-1600, 60);
    if (fast || random_.one_in(2)) p.w_max = random_.one_in(3) ? value(100, 400) : value(400, 2000);
    p.instar_shift = random_.between(0, 6);
    constexpr Rounding kRoundings[] = {Rounding::kDown, Rounding::kNearest, Rounding::kStochastic};
    p.rounding = kRoundings[random_.below(3)];
    p.modulated = random_.one_in(3);
    p.enabled = !random_.one_in(6);
    return p;
  }

  void add_profiles() {
    if (random_.one_in(6)) return;
    const std::uint32_t count = random_.between(1, geometry_.profiles);
    for (std::uint32_t i = 0; i < count; ++i) network_.add_profile(profile());
  }

  void draw_plasticity(Projection& p) {
    p.plastic = !random_.one_in(3);
    if (!p.plastic) return;
    const auto profiles = static_cast<std::uint32_t>(network_.profiles().size());
    if (profiles > 0 && !random_.one_in(6)) {
      p.profile = static_cast<std::int32_t>(random_.below(profiles));
    }
    if (!random_.one_in(3)) return;
    for (std::size_t i = 0; i < p.weight.size(); ++i) {
      p.plastic_mask.push_back(random_.one_in(3) ? 0 : 1);
    }
  }

  /// As if the network had run for some ticks already.
  void set_past() {
    Network::Past past;
    past.age = random_.between(1, map::kHistoryW);
    const bool histories = !random_.one_in(4);
    const std::uint32_t spike_one_in = random_.between(2, 12);
    for (std::uint32_t neuron = 0; neuron < network_.neurons(); ++neuron) {
      std::uint32_t history = 0;
      for (std::uint32_t k = 0; k < past.age; ++k) {
        if (random_.one_in(spike_one_in)) history |= 1U << k;
      }
      if ((history & 1) != 0) past.spiked.push_back(neuron);
      if (histories) past.history.push_back(static_cast<std::uint16_t>(history));
    }
    network_.set_past(std::move(past));
  }

  /// Pairs of one projection: all to all, one to one, or at random with repetitions.
  void draw_pairs(Projection& p, std::uint32_t pre_size, std::uint32_t post_size) {
    const auto add = [&p](std::uint32_t pre, std::uint32_t post) {
      p.pre_index.push_back(pre);
      p.post_index.push_back(post);
    };
    switch (random_.below(4)) {
      case 0:
        for (std::uint32_t pre = 0; pre < pre_size; ++pre) {
          for (std::uint32_t post = 0; post < post_size; ++post) add(pre, post);
        }
        break;
      case 1:
        for (std::uint32_t pre = 0; pre < std::min(pre_size, post_size); ++pre) add(pre, pre);
        break;
      default: {
        const std::uint32_t fan_out = random_.between(1, std::min(post_size, 12U));
        const std::uint32_t synapses = std::max(1U, pre_size * fan_out * random_.between(1, 4) / 4);
        for (std::uint32_t i = 0; i < synapses; ++i) {
          const std::uint32_t pre = random_.below(pre_size);  // one draw a statement: in order
          add(pre, random_.below(post_size));
        }
        // Parallel synapses beyond those that chance gives.
        if (random_.one_in(3)) add(p.pre_index.front(), p.post_index.front());
      }
    }
  }

  void draw_weights(Projection& p, std::uint32_t post_size) {
    const auto synapses = static_cast<std::uint32_t>(p.pre_index.size());
    // Inputs of independent signs add up by the square root of their number.
    int share = 1;
    while (static_cast<std::uint32_t>(share * share) * 8 * post_size < synapses) ++share;
    const int most = 1600 / share;
    const std::uint32_t inhibitory_one_in = p.pre_is_axon ? 5 : 2;
    const int least = on_grid_ ? std::min(most, 70) : most / 16;
    for (std::uint32_t i = 0; i < synapses; ++i) {
      double weight = value(least, std::max(most, least));
      if (random_.one_in(inhibitory_one_in)) weight = -weight;
      if (random_.one_in(50)) weight = 0.0;
      p.weight.push_back(weight);
    }
    // A drive that no potential can follow; few synapses, so that the network stays alive.
    if (random_.one_in(6)) {
      // 8-bit weights end at 2^22 units.
      const double extreme = unit_ > 32.0 ? 1000.0 : 20'000.0;
      for (std::uint32_t i = 0; i < synapses; i += random_.between(1, 2 * synapses)) {
        p.weight[i] *= random_.one_in(2) ? extreme : 40.0;
      }
    }
  }

  void add_projection(bool pre_is_axon, std::uint32_t pre, std::uint32_t post) {
    Projection p;
    p.pre_is_axon = pre_is_axon;
    p.pre = pre;
    p.post = post;
    const std::uint32_t pre_size =
        pre_is_axon ? network_.axon_groups()[pre].size : network_.populations()[pre].size;
    const std::uint32_t post_size = network_.populations()[post].size;
    draw_pairs(p, pre_size, post_size);
    draw_weights(p, post_size);
    if (geometry_.max_delay > 1 && random_.one_in(2)) {
      const std::uint32_t longest = random_.between(1, geometry_.max_delay);
      const bool mostly_one = random_.one_in(2);
      for (std::size_t i = 0; i < p.weight.size(); ++i) {
        p.delay.push_back(mostly_one && !random_.one_in(6) ? 1 : random_.between(1, longest));
      }
    }
    draw_plasticity(p);
    constexpr Format kFormats[] = {Format::kAuto, Format::kAuto, Format::kDense, Format::kSparse};
    p.format = kFormats[random_.below(4)];
    network_.add_projection(std::move(p));
  }

  void add_projections() {
    const auto populations = static_cast<std::uint32_t>(network_.populations().size());
    const auto groups = static_cast<std::uint32_t>(network_.axon_groups().size());
    for (std::uint32_t g = 0; g < groups; ++g) {
      const std::uint32_t copies = random_.between(1, 3);
      for (std::uint32_t i = 0; i < copies; ++i) {
        add_projection(true, g, random_.below(populations));
      }
    }
    for (std::uint32_t post = 0; post < populations; ++post) {
      if (!random_.one_in(6)) add_projection(true, random_.below(groups), post);
    }
    const std::uint32_t recurrent = random_.below(2 * populations + 1);
    for (std::uint32_t i = 0; i < recurrent; ++i) {
      const std::uint32_t pre = random_.below(populations);
      add_projection(false, pre, random_.one_in(3) ? pre : random_.below(populations));
    }
  }

  const Geometry& geometry_;
  Random random_;
  Network network_;
  std::uint32_t limit_;
  bool on_grid_ = false;
  double unit_ = 1.0;
};

}  // namespace

std::uint64_t Random::next() {
  state_ += 0x9E3779B97F4A7C15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

std::uint32_t Random::below(std::uint32_t bound) {
  return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
}

std::uint32_t Random::between(std::uint32_t low, std::uint32_t high) {
  return low + below(high - low + 1);
}

std::int64_t Random::between_signed(std::int64_t low, std::int64_t high) {
  const auto span = static_cast<std::uint64_t>(high - low) + 1;
  return low + static_cast<std::int64_t>(next() % span);
}

Network random_network(const Geometry& geometry, std::uint64_t seed) {
  // Most networks fit at the first attempt; the others are drawn again smaller.
  std::uint32_t limit = kMostNeurons;
  if (Random(seed).one_in(2)) limit /= 4;
  for (; limit > 0; limit /= 2) {
    Network network = Generator(geometry, seed, limit).make();
    if (check(network, geometry).fits()) return network;
  }
  throw Error("no random network fits the build", "a build with more than one row of everything");
}

RunRequest random_inputs(const Network& network, std::uint32_t ticks, std::uint64_t seed) {
  Random random(seed ^ kInputStream);
  RunRequest request;
  request.ticks = ticks;
  request.count_spikes = !random.one_in(4);

  const std::uint32_t event_one_in = random.one_in(6) ? 2 : random.between(6, 40);
  const std::uint32_t current_one_in = random.between(20, 200);
  const bool currents = random.one_in(2);
  constexpr std::uint32_t kStateBits = map::kStateW;
  for (std::uint32_t tick = 0; tick < ticks; ++tick) {
    const bool all_axons = random.one_in(64);
    const bool silent = random.one_in(5);
    for (std::uint32_t axon = 0; axon < network.axons(); ++axon) {
      if (all_axons || (!silent && random.one_in(event_one_in))) {
        request.axon_events.push_back({tick, axon});
      }
    }
    for (std::uint32_t neuron = 0; currents && neuron < network.neurons(); ++neuron) {
      if (!random.one_in(current_one_in)) continue;
      // All magnitudes alike, up to the 24 bits that a current has.
      const std::uint32_t bits = random.between(1, kStateBits - 1);
      const std::int64_t most = (std::int64_t{1} << bits) - 1;
      request.current_events.push_back(
          {tick, neuron, static_cast<std::int32_t>(random.between_signed(-most - 1, most))});
    }
  }

  std::vector<std::uint32_t> neurons(network.neurons());
  std::iota(neurons.begin(), neurons.end(), 0U);
  const std::uint32_t probes = random.below(std::min(kProbes, network.neurons()) + 1);
  for (std::uint32_t i = 0; i < probes; ++i) {
    std::swap(neurons[i], neurons[random.between(i, network.neurons() - 1)]);
    request.probes.push_back(neurons[i]);
  }
  return request;
}

Network all_to_all_network(std::uint32_t neurons, std::uint16_t rate,
                           const std::optional<LearningProfile>& profile) {
  Network network("all to all");
  NeuronParameters parameters;
  parameters.leak = 1.0;
  Population population;
  population.name = "neurons";
  population.size = neurons;
  population.parameters = {parameters};
  network.add_population(population);
  AxonGroup axons;
  axons.name = "drive";
  axons.size = neurons;
  axons.rates.assign(neurons, rate);
  network.add_axons(axons);
  Projection drive;
  drive.name = "drive";
  drive.pre_is_axon = true;
  Projection recurrent;
  recurrent.name = "all to all";
  if (profile) {
    recurrent.profile = static_cast<std::int32_t>(network.add_profile(*profile));
    recurrent.plastic = true;
  }
  for (std::uint32_t pre = 0; pre < neurons; ++pre) {
    drive.pre_index.push_back(pre);
    drive.post_index.push_back(pre);
    drive.weight.push_back(8.0);
    for (std::uint32_t post = 0; post < neurons; ++post) {
      recurrent.pre_index.push_back(pre);
      recurrent.post_index.push_back(post);
      recurrent.weight.push_back((pre + post) % 2 == 0 ? 1.0 / 256 : -1.0 / 256);
    }
  }
  network.add_projection(std::move(drive));
  network.add_projection(std::move(recurrent));
  return network;
}

}  // namespace ncx
