// SPDX-License-Identifier: BSD-3-Clause
// Comparison of two backends.
#include "lockstep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "learn_layout.hpp"
#include "ncx/random_network.hpp"

namespace ncx::cli {
namespace {

/// A part of a memory word that has a name of its own.
struct Part {
  const char* name;
  std::uint32_t word, lsb, bits;
  bool is_signed;
};

constexpr std::uint32_t kStateStride = 4;
constexpr std::array<Part, 4> kStateParts{{{"v", 0, 0, 24, true},
                                           {"refractory", 0, 24, 12, false},
                                           {"current", 1, 0, 24, true},
                                           {"theta", 2, 0, 24, false}}};

std::int64_t extract(std::uint64_t word, const Part& part) {
  const std::uint64_t mask = (std::uint64_t{1} << part.bits) - 1;
  const std::uint64_t value = (word >> part.lsb) & mask;
  const bool negative = part.is_signed && (value >> (part.bits - 1)) != 0;
  return static_cast<std::int64_t>(value) -
         (negative ? std::int64_t{1} << part.bits : std::int64_t{0});
}

/// Reads the same words of both backends and names the first that differ.
class Comparison {
 public:
  Comparison(Backend& expected, Backend& found, const Image& image)
      : expected_(expected),
        found_(found),
        image_(image),
        neurons_(image.slot_neuron()),
        tick_(expected.read_register(Register::kTick)) {}

  [[nodiscard]] std::optional<Difference> run() {
    const Geometry& g = expected_.geometry();
    compare_register(Register::kTick);
    compare_register(Register::kSpikeEntries);
    compare_register(Register::kSpikes);
    compare_register(Register::kFolds);
    const std::uint32_t entries = expected_.read_register(Register::kSpikeEntries);
    compare_region(Region::kSpikeQueue, entries * 2, [](std::uint64_t address) {
      return std::pair{fmt::format("spike queue entry {}", address / 2),
                       std::string(address % 2 == 0 ? "row" : "lanes")};
    });
    compare_state_words(g);
    compare_region(
        Region::kAccumulator, g.region_size(Region::kAccumulator), [&](std::uint64_t address) {
          return std::pair{slot_name(static_cast<std::uint32_t>(address % g.neurons)),
                           fmt::format("accumulator of ring slot {}", address / g.neurons)};
        });
    compare_region(Region::kCount, g.neurons, [&](std::uint64_t address) {
      return std::pair{slot_name(static_cast<std::uint32_t>(address)), std::string("count")};
    });
    compare_region(
        Region::kGenerator, g.region_size(Region::kGenerator), [](std::uint64_t address) {
          return std::pair{fmt::format("generator {}", address / Geometry::kGeneratorWords),
                           fmt::format("word {}", address % Geometry::kGeneratorWords)};
        });
    compare_learning(g);
    return difference_;
  }

 private:
  [[nodiscard]] std::string slot_name(std::uint32_t slot) const {
    if (slot < neurons_.size() && neurons_[slot] != UINT32_MAX) {
      return fmt::format("neuron {} (slot {})", neurons_[slot], slot);
    }
    return fmt::format("slot {}", slot);
  }

  void report(const std::string& item, const std::string& field, std::int64_t expected,
              std::int64_t found) {
    if (!difference_) difference_ = Difference{tick_, item, field, expected, found};
  }

  void compare_register(Register reg) {
    if (difference_) return;
    const std::uint32_t expected = expected_.read_register(reg);
    const std::uint32_t found = found_.read_register(reg);
    if (expected != found) {
      report(fmt::format("register {}", map::kRegisterNames[static_cast<std::size_t>(reg)]),
             "value", expected, found);
    }
  }

  template <class Name>
  void compare_region(Region region, std::uint64_t count, const Name& name) {
    if (difference_ || count == 0) return;
    const auto expected = expected_.read(region, 0, count);
    const auto found = found_.read(region, 0, count);
    for (std::size_t i = 0; i < count; ++i) {
      if (expected[i] == found[i]) continue;
      const auto [item, field] = name(i);
      report(item, field, static_cast<std::int64_t>(expected[i]),
             static_cast<std::int64_t>(found[i]));
      return;
    }
  }

  void compare_state_words(const Geometry& g) {
    if (difference_) return;
    const std::uint64_t count = std::uint64_t{g.neurons} * kStateStride;
    const auto expected = expected_.read(Region::kState, 0, count);
    const auto found = found_.read(Region::kState, 0, count);
    for (std::uint32_t slot = 0; slot < g.neurons; ++slot) {
      for (const Part& part : kStateParts) {
        const std::size_t at = std::size_t{slot} * kStateStride + part.word;
        const std::int64_t a = extract(expected[at], part), b = extract(found[at], part);
        if (a != b) return report(slot_name(slot), part.name, a, b);
      }
    }
  }

  void compare_learning(const Geometry& g) {
    compare_region(Region::kLearnState, g.region_size(Region::kLearnState), [&](std::uint64_t at) {
      if (at == learn::generator_address(g)) {
        return std::pair{std::string("rounding"), std::string("generator")};
      }
      return std::pair{fmt::format("profile {}", at / 2),
                       std::string(at % 2 == 0 ? "drift" : "age")};
    });
    compare_region(Region::kAxonSpike, g.region_size(Region::kAxonSpike), [&](std::uint64_t row) {
      return std::pair{fmt::format("axons {} to {}", row * g.lanes, row * g.lanes + g.lanes - 1),
                       std::string("spikes")};
    });
    const std::uint64_t places = learn::trace_words(g), sources = g.neurons + g.axons;
    compare_region(Region::kTrace, image_.profiles.size() * places, [&](std::uint64_t at) {
      const std::uint64_t place = at % places, profile = at / places;
      std::string item = fmt::format("axon {}", place - g.neurons);
      if (place >= sources) item = slot_name(static_cast<std::uint32_t>(place - sources));
      if (place < g.neurons) item = slot_name(static_cast<std::uint32_t>(place));
      return std::pair{item,
                       fmt::format("{} trace of profile {}",
                                   place < sources ? "presynaptic" : "postsynaptic", profile)};
    });
    const auto synapses = image_.memories.find(Region::kSynapse);
    if (synapses == image_.memories.end()) return;
    compare_region(Region::kSynapse, synapses->second.size(), [&](std::uint64_t at) {
      return std::pair{fmt::format("lane {}", at % g.lanes),
                       fmt::format("synapse word {}", at / g.lanes)};
    });
  }

  Backend& expected_;
  Backend& found_;
  const Image& image_;
  std::vector<std::uint32_t> neurons_;
  std::uint32_t tick_;
  std::optional<Difference> difference_;
};

/// Inputs in hardware numbers, as a backend wants them. One current a neuron and tick, as the
/// protocol asks.
RunRequest hardware_inputs(const Network& network, const Image& image, std::uint32_t ticks,
                           std::uint64_t seed) {
  RunRequest request = random_inputs(network, ticks, seed);
  for (AxonEvent& event : request.axon_events) event.axon = image.axon_row[event.axon];
  std::sort(request.axon_events.begin(), request.axon_events.end());
  for (CurrentEvent& event : request.current_events) event.neuron = image.neuron_slot[event.neuron];
  for (std::uint32_t& probe : request.probes) probe = image.neuron_slot[probe];
  return request;
}

/// Now and then another modulation, other profiles that learn, seldom one whose traces stand still.
void change_learning(Backend& expected, Backend& found, const Image& image, Random& random) {
  const auto both = [&](Register reg, std::uint32_t value) {
    expected.write_register(reg, value);
    found.write_register(reg, value);
  };
  const auto profiles = static_cast<std::uint32_t>(image.profiles.size());
  if (profiles == 0) return;
  if (random.one_in(4)) {
    // All magnitudes of both signs, 0 and 1.0 among them.
    const std::int64_t most = std::int64_t{1} << random.between(0, map::kModulationW - 1);
    std::int64_t factor = random.between_signed(-most, most - 1);
    if (random.one_in(4)) factor = random.one_in(2) ? learn::kModulationOne : 0;
    both(Register::kModulation,
         static_cast<std::uint32_t>(factor) & ((1U << map::kModulationW) - 1));
  }
  if (random.one_in(6)) {
    std::uint32_t in_use = (1U << profiles) - 1;
    if (random.one_in(3)) in_use &= random.below(1U << profiles);
    const std::uint32_t learning =
        in_use & (random.below(1U << profiles) | random.below(1U << profiles));
    both(Register::kLearning, in_use | learning << learn::kEnabledLsb);
  }
}

/// Zeroes what an image need not name: the last network's slots, or what a device began with.
void clear_state(Backend& backend) {
  for (const Region region : {Region::kState, Region::kAccumulator, Region::kCount}) {
    backend.write(region, 0, std::vector<std::uint64_t>(backend.geometry().region_size(region)));
  }
  const std::array<std::uint64_t, 1> generator = {1};
  backend.write(Region::kLearnState, learn::generator_address(backend.geometry()), generator);
}

}  // namespace

std::string Difference::text() const {
  return fmt::format("after tick {}: {}: {}: expected {}, found {}", tick, item, field, expected,
                     found);
}

std::optional<Difference> compare_state(Backend& expected, Backend& found, const Image& image) {
  return Comparison(expected, found, image).run();
}

std::optional<Difference> compare_results(const RunResult& expected, const RunResult& found) {
  const std::uint32_t end = expected.first_tick + expected.ticks;
  const auto differ = [&](const std::string& item, const std::string& field, std::uint64_t a,
                          std::uint64_t b) {
    return Difference{end, item, field, static_cast<std::int64_t>(a), static_cast<std::int64_t>(b)};
  };
  const std::size_t common = std::min(expected.spikes.size(), found.spikes.size());
  for (std::size_t i = 0; i < common; ++i) {
    const Spike &a = expected.spikes[i], &b = found.spikes[i];
    if (a.tick != b.tick) return differ(fmt::format("spike {}", i), "tick", a.tick, b.tick);
    if (a.neuron != b.neuron) {
      return differ(fmt::format("spike {} of tick {}", i, a.tick), "slot", a.neuron, b.neuron);
    }
  }
  if (expected.spikes.size() != found.spikes.size()) {
    return differ("spikes", "number", expected.spikes.size(), found.spikes.size());
  }
  if (expected.potentials.size() != found.potentials.size()) {
    return differ("probes", "number", expected.potentials.size(), found.potentials.size());
  }
  for (std::size_t i = 0; i < expected.potentials.size(); ++i) {
    if (expected.potentials[i] != found.potentials[i]) {
      return Difference{end, fmt::format("probed potential {}", i), "v", expected.potentials[i],
                        found.potentials[i]};
    }
  }
  if (expected.ticks != found.ticks) return differ("run", "ticks", expected.ticks, found.ticks);
  if (expected.cycles != found.cycles) {
    return differ("run", "cycles", expected.cycles, found.cycles);
  }
  return std::nullopt;
}

std::optional<Difference> run_in_lockstep(Backend& expected, Backend& found, const Network& network,
                                          const Image& image, const LockstepPlan& plan) {
  for (Backend* backend : {&expected, &found}) {
    clear_state(*backend);
    load_image(*backend, image);
    backend->reset(1u << map::kResetBitStatistics);
  }
  if (auto difference = compare_state(expected, found, image)) return difference;
  constexpr std::uint64_t kSettings = 0x6C6561726E696E67U;  // a stream of its own
  Random random(plan.seed ^ kSettings);
  for (std::uint32_t run = 0; run < plan.ticks + plan.chunks; ++run) {
    const std::uint32_t ticks = run < plan.ticks ? 1 : plan.chunk_ticks;
    change_learning(expected, found, image, random);
    const RunRequest request = hardware_inputs(network, image, ticks, (plan.seed << 16) + run);
    const RunResult a = expected.run(request), b = found.run(request);
    if (auto difference = compare_results(a, b)) return difference;
    if (auto difference = compare_state(expected, found, image)) return difference;
  }
  return std::nullopt;
}

}  // namespace ncx::cli
