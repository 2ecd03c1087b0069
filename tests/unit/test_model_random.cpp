// SPDX-License-Identifier: BSD-3-Clause
// The fast model against the plain one, on random images with every feature, tick by tick.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <limits>
#include <random>

#include "model_rig.hpp"
#include "reference_model.hpp"

namespace {

using ncx::Geometry;
using ncx::Region;
using ncx::Register;
using Words = std::vector<std::uint64_t>;

class RandomNetwork {
 public:
  RandomNetwork(const Geometry& build, std::uint32_t seed)
      : model(build), reference(build), g(build), settled_(build.neurons > 64), random_(seed) {
    parameters();
    synapses();
    program();
    encoders();
    state();
  }

  ncx::Model model;
  ncx::test::ReferenceModel reference;

  std::uint32_t below(std::uint32_t limit) { return raw() % limit; }
  std::uint32_t raw() { return static_cast<std::uint32_t>(random_()); }
  std::int32_t between(std::int32_t low, std::int32_t high) {
    return std::uniform_int_distribution<std::int32_t>(low, high)(random_);
  }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

  ncx::RunRequest inputs() {
    ncx::RunRequest request;
    request.ticks = 1;
    for (std::uint32_t a = 0; a < g.axons; ++a) {
      if (one_in(10)) request.axon_events.push_back({0, a});
    }
    for (std::uint32_t n = 0; n < g.neurons; ++n) {
      if (one_in(8)) request.current_events.push_back({0, n, some_state()});
    }
    return request;
  }

  void put(Region region, std::uint64_t address, const Words& words) {
    model.write(region, address, words);
    reference.write(region, address, words);
  }

  /// Mostly small numbers, now and then an extreme one.
  std::int32_t some_state() {
    switch (below(12)) {
      case 0:
        return ncx::test::kStateMax;
      case 1:
        return ncx::test::kStateMin;
      case 2:
        return between(ncx::test::kStateMin, ncx::test::kStateMax);
      default:
        return between(-3000, 3000);
    }
  }

  void change_some_weights() {
    for (int k = 0; k < 20; ++k) {
      const std::uint64_t at = below(g.synapse_words * g.lanes);
      Words word = model.read(Region::kSynapse, at, 1);
      word[0] ^= 1U << below(8);
      put(Region::kSynapse, at, word);
    }
  }

 private:
  void parameters() {
    const auto factor = [&]() -> std::uint32_t {
      switch (below(4)) {
        case 0:
          return 0;
        case 1:
          return 65536;
        case 2:
          return 65537 + below(60000);
        default:
          return below(65536);
      }
    };
    for (std::uint32_t s = 0; s < g.parameter_sets; ++s) {
      ncx::test::ParameterSet p;
      p.threshold = some_state();
      p.v_reset = some_state();
      p.v_rest = some_state();
      p.exponential = one_in(2);
      p.leak = p.exponential ? factor() : one_in(8) ? 0xFFFFFF : below(500);
      p.refractory = one_in(3) ? below(one_in(4) ? 4096 : 4) : 0;
      p.theta_plus = one_in(3) ? below(one_in(4) ? 1U << 24 : 400) : 0;
      p.syn_beta = factor();
      p.theta_beta = factor();
      p.hold = one_in(2);
      p.soft = one_in(2);
      put(Region::kParameter, s * 8, p.words());
    }
  }

  void synapses() {
    Words words(g.region_size(Region::kSynapse));
    for (std::uint64_t& word : words) word = one_in(5) ? 0 : std::uint64_t{raw()} << 4 | below(16);
    std::uint32_t rows = 0;
    Words table, sources(g.region_size(Region::kSource));
    std::uint32_t base = 0;
    const std::uint32_t groups = g.local_rows() / g.weights_per_word();
    for (std::uint64_t& source : sources) {
      if (one_in(3)) continue;
      const std::uint32_t wanted = 1 + below(3);
      if (rows + wanted > g.rows) break;
      source = 0x80000000U | rows;
      for (std::uint32_t r = 0; r < wanted; ++r) {
        const bool sparse = one_in(2), last = r + 1 == wanted;
        const std::uint32_t target = sparse ? below(1U << 8) : below(groups);
        const std::uint32_t length = 1 + below(sparse ? 4 : groups - target);
        if (base + length > g.synapse_words) base = 0;
        for (std::uint32_t k = base * g.lanes; sparse && k < (base + length) * g.lanes; ++k) {
          words[k] = sparse_word();
        }
        table.push_back(base | std::uint64_t{one_in(3) ? below(8) : 0} << 20 |
                        std::uint64_t{below(8)} << 24 | std::uint64_t{sparse} << 27 |
                        std::uint64_t{last} << 28);
        table.push_back(length | std::uint64_t{sparse ? 0 : target} << 16);
        base += length;
        ++rows;
      }
    }
    put(Region::kSynapse, 0, words);
    put(Region::kSource, 0, sources);
    put(Region::kRow, 0, table);
  }

  std::uint64_t sparse_word() {
    const std::uint64_t delay = below(g.max_delay);
    const std::uint64_t mask = (1U << g.weight_bits) - 1;
    return (raw() & mask) | std::uint64_t{below(g.local_rows())} << 16 | (delay & 15) << 28 |
           std::uint64_t{below(2)} << 32 | (delay >> 4) << 33;
  }

  /// Entries for some rows, their lanes shared out among sets. With `settled_` neighbours mostly
  /// have one set.
  std::vector<ncx::test::Entry> entries_for(std::uint32_t first, std::uint32_t rows) {
    const std::uint32_t all = (1U << g.lanes) - 1;
    std::vector<ncx::test::Entry> part;
    for (std::uint32_t r = first; r < first + rows; ++r) {
      if (one_in(settled_ ? 40 : 6)) continue;
      if (!settled_ || one_in(25)) set_ = below(g.parameter_sets);
      std::uint32_t lanes = all;
      while (lanes != 0) {
        const std::uint32_t mask = settled_ || one_in(2) ? lanes : (lanes & raw());
        if (!settled_) set_ = below(g.parameter_sets);
        if (mask != 0) part.push_back({r, set_, 0, mask});
        lanes &= ~mask;
        if (one_in(5)) break;
      }
    }
    return part;
  }

  /// Rows in order; sometimes several form a group, or are named twice with other parameters.
  void program() {
    std::vector<ncx::test::Entry> entries;
    for (std::uint32_t row = 0; row < g.local_rows();) {
      const std::uint32_t rows =
          std::min(settled_ ? 20 + below(30) : 1 + below(4), g.local_rows() - row);
      std::vector<ncx::test::Entry> part = entries_for(row, rows);
      if (one_in(3) && !part.empty()) {
        std::vector<ncx::test::Entry> again = part;
        for (ncx::test::Entry& e : part) e.operation = ncx::test::kScan;
        for (ncx::test::Entry& e : again) e.operation = ncx::test::kApply;
        part[0].operation |= ncx::test::kFirst;
        again[0].operation |= ncx::test::kFirst;
        part.insert(part.end(), again.begin(), again.end());
      } else if (one_in(6)) {
        const std::vector<ncx::test::Entry> more = entries_for(row, rows);
        part.insert(part.end(), more.begin(), more.end());
      }
      if (entries.size() + part.size() > g.program_entries) break;
      entries.insert(entries.end(), part.begin(), part.end());
      row += rows;
    }
    Words words;
    for (const ncx::test::Entry& e : entries) {
      words.push_back(e.row | e.set << 16 | std::uint64_t{e.operation} << 28);
      words.push_back(e.lanes);
    }
    if (!words.empty()) put(Region::kProgram, 0, words);
    reference.program_length = static_cast<std::uint32_t>(entries.size());
    model.write_register(Register::kProgramLength, reference.program_length);
  }

  void encoders() {
    reference.encoder_rows = below(g.axons / g.lanes + 1);
    model.write_register(Register::kEncoderRows, reference.encoder_rows);
    Words rates(g.axons), generators(g.lanes);
    for (std::uint64_t& rate : rates) rate = one_in(10) ? below(512) : below(20);
    for (std::uint64_t& seed : generators)
      seed = 1 + below(std::numeric_limits<std::int32_t>::max());
    put(Region::kRate, 0, rates);
    put(Region::kGenerator, 0, generators);
  }

  void state() {
    Words words(g.region_size(Region::kState));
    for (std::size_t slot = 0; slot < g.neurons; ++slot) {
      const auto cut = [](std::int32_t x) { return static_cast<std::uint32_t>(x) & 0xFFFFFF; };
      words[4 * slot] = cut(some_state()) | std::uint64_t{one_in(9) ? below(5) : 0} << 24;
      words[4 * slot + 1] = cut(some_state());
      words[4 * slot + 2] = one_in(9) ? below(1 << 23) : 0;
    }
    put(Region::kState, 0, words);
    Words counts(g.neurons);
    for (std::uint64_t& count : counts) count = one_in(4) ? 65530 : 0;
    put(Region::kCount, 0, counts);
    const std::uint32_t tick = below(1000);
    model.write_register(Register::kTick, tick);
    reference.now = tick;
  }

  Geometry g;
  bool settled_;
  std::uint32_t set_ = 0;
  std::mt19937 random_;
};

Words all_of(ncx::Model& model, Region region) {
  return model.read(region, 0, model.geometry().region_size(region));
}

/// Slots in the order of the spike queue.
std::vector<std::uint32_t> queued(ncx::Model& model) {
  const std::uint32_t lanes = model.geometry().lanes;
  const std::uint32_t entries = model.read_register(Register::kSpikeEntries);
  const Words words = model.read(Region::kSpikeQueue, 0, 2 * std::size_t{entries});
  std::vector<std::uint32_t> slots;
  for (std::size_t e = 0; e < entries; ++e) {
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
      if (((words[2 * e + 1] >> lane) & 1) != 0) {
        slots.push_back(static_cast<std::uint32_t>(words[2 * e]) * lanes + lane);
      }
    }
  }
  return slots;
}

Geometry small(std::uint32_t lanes, std::uint32_t weight_bits, std::uint32_t max_delay,
               std::uint32_t neurons = 64) {
  Geometry g = Geometry::named("tiny");
  g.name = "random";
  g.lanes = lanes;
  g.weight_bits = weight_bits;
  g.max_delay = max_delay;
  g.neurons = neurons;
  return g;
}

void compare(const Geometry& build, std::uint32_t seed, std::uint32_t ticks) {
  RandomNetwork network(build, seed);
  std::size_t spikes = 0;
  for (std::uint32_t t = 0; t < ticks; ++t) {
    if (t % 16 == 9) network.change_some_weights();
    const ncx::RunRequest request = network.inputs();
    const ncx::RunResult result = network.model.run(request);
    std::vector<std::uint32_t> axons;
    for (const ncx::AxonEvent& e : request.axon_events) axons.push_back(e.axon);
    std::vector<std::uint32_t> fired = network.reference.tick(axons, request.current_events);
    INFO("build " << build.name << " lanes " << build.lanes << " seed " << seed << " tick " << t);
    REQUIRE(queued(network.model) == fired);
    std::sort(fired.begin(), fired.end());
    std::vector<std::uint32_t> reported;
    for (const ncx::Spike& s : result.spikes) reported.push_back(s.neuron);
    REQUIRE(reported == fired);
    for (const Region region :
         {Region::kState, Region::kAccumulator, Region::kCount, Region::kGenerator}) {
      INFO("region " << ncx::region_name(region));
      REQUIRE(all_of(network.model, region) == network.reference.memory[region]);
    }
    spikes += fired.size();
  }
  CHECK(spikes > 0);
}

}  // namespace

TEST_CASE("the fast model equals the reference on random images, tick by tick", "[model][random]") {
  const std::array builds = {Geometry::named("tiny"), Geometry::named("tiny8"),
                             small(8, 16, 1),         small(16, 8, 2),
                             small(2, 16, 128),       small(4, 16, 1, 512)};
  for (std::uint32_t seed = 0; seed < 60; ++seed) compare(builds[seed % builds.size()], seed, 40);
}

TEST_CASE("one long run equals many runs of one tick", "[model][random]") {
  for (std::uint32_t seed = 100; seed < 110; ++seed) {
    RandomNetwork split(Geometry::named("tiny"), seed), whole(Geometry::named("tiny"), seed);
    ncx::RunRequest request;
    request.ticks = 50;
    for (std::uint32_t t = 0; t < request.ticks; ++t) request.axon_events.push_back({t, t % 7});
    const ncx::RunResult expected = whole.model.run(request);
    std::vector<ncx::Spike> spikes;
    std::uint64_t cycles = 0;
    for (std::uint32_t t = 0; t < request.ticks; ++t) {
      ncx::RunRequest one;
      one.ticks = 1;
      one.axon_events = {{0, t % 7}};
      const ncx::RunResult result = split.model.run(one);
      for (const ncx::Spike& s : result.spikes) spikes.push_back({t, s.neuron});
      cycles += result.cycles;
    }
    CHECK(spikes == expected.spikes);
    CHECK(cycles == expected.cycles);
    CHECK(all_of(split.model, Region::kState) == all_of(whole.model, Region::kState));
  }
}
