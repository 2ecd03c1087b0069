// SPDX-License-Identifier: BSD-3-Clause
// Random images, on the model and on the reference at once.
#pragma once

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "model_rig.hpp"
#include "reference_model.hpp"

namespace ncx::test {

using Words = std::vector<std::uint64_t>;

class RandomNetwork {
 public:
  RandomNetwork(const Geometry& build, std::uint32_t seed, bool learns = false)
      : model(build),
        reference(build),
        g(build),
        settled_(build.neurons > 64),
        learns_(learns),
        random_(seed) {
    parameters();
    synapses();
    program();
    encoders();
    state();
    if (learns) learning();
  }

  Model model;
  ReferenceModel reference;

  std::uint32_t below(std::uint32_t limit) { return raw() % limit; }
  std::uint32_t raw() { return static_cast<std::uint32_t>(random_()); }
  std::int32_t between(std::int32_t low, std::int32_t high) {
    return std::uniform_int_distribution<std::int32_t>(low, high)(random_);
  }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

  RunRequest inputs() {
    RunRequest request;
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
        return kStateMax;
      case 1:
        return kStateMin;
      case 2:
        return between(kStateMin, kStateMax);
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

  /// Other profiles learn from now on, and with another modulation.
  void change_learning(bool first = false) {
    ReferenceLearning& r = reference.learning;
    const std::uint32_t all = (1U << g.profiles) - 1;
    if (first || one_in(3)) r.in_use = one_in(8) ? 0 : all & (raw() | raw());
    r.learning = r.in_use & (raw() | raw());
    switch (below(4)) {
      case 0:
        r.modulation = 65536;
        break;
      case 1:
        r.modulation = one_in(2) ? 0 : between(-20, 20);
        break;
      default:
        r.modulation = some_trace();
    }
    model.write_register(Register::kLearning, r.in_use | r.learning << 8);
    model.write_register(Register::kModulation, static_cast<std::uint32_t>(cut(r.modulation, 18)));
  }
  void reset_traces() {
    model.reset(1U << map::kResetBitTraces);
    reference.learning.reset_traces(reference.memory);
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
      ParameterSet p;
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
    // Learning must not turn a dense row's weights into a sparse row's targets: each has a half.
    const std::uint32_t half = learns_ ? g.synapse_words / 2 : 0;
    std::uint32_t dense_base = half, sparse_base = 0;
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
        std::uint32_t& base = learns_ && sparse ? sparse_base : dense_base;
        if (base + length > (learns_ && sparse ? half : g.synapse_words)) base = sparse ? 0 : half;
        for (std::uint32_t k = base * g.lanes; sparse && k < (base + length) * g.lanes; ++k) {
          words[k] = sparse_word();
        }
        table.push_back(base | std::uint64_t{one_in(3) ? below(8) : 0} << 20 |
                        std::uint64_t{below(8)} << 24 | std::uint64_t{sparse} << 27 |
                        std::uint64_t{last} << 28);
        table.push_back(length | std::uint64_t{sparse ? below(2) : target} << 16);
        base += length;
        ++rows;
      }
    }
    put(Region::kSynapse, 0, words);
    put(Region::kSource, 0, sources);
    put(Region::kRow, 0, table);
  }

  std::uint64_t sparse_word() {
    // Behind the delay stands the tag: mostly that of half the rows.
    const std::uint64_t tag = g.max_delay > 64 ? 0 : one_in(8) ? below(128) : below(2);
    const std::uint64_t delay = (below(g.max_delay) + tag * g.max_delay) % 128;
    const std::uint64_t mask = (1U << g.weight_bits) - 1;
    return (raw() & mask) | std::uint64_t{below(g.local_rows())} << 16 | (delay & 15) << 28 |
           std::uint64_t{below(2)} << 32 | (delay >> 4) << 33;
  }

  /// Entries for some rows, their lanes shared out among sets. With `settled_` neighbours mostly
  /// have one set.
  std::vector<Entry> entries_for(std::uint32_t first, std::uint32_t rows) {
    const std::uint32_t all = (1U << g.lanes) - 1;
    std::vector<Entry> part;
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
    std::vector<Entry> entries;
    for (std::uint32_t row = 0; row < g.local_rows();) {
      const std::uint32_t rows =
          std::min(settled_ ? 20 + below(30) : 1 + below(4), g.local_rows() - row);
      std::vector<Entry> part = entries_for(row, rows);
      if (one_in(3) && !part.empty()) {
        std::vector<Entry> again = part;
        for (Entry& e : part) e.operation = kScan;
        for (Entry& e : again) e.operation = kApply;
        part[0].operation |= kFirst;
        again[0].operation |= kFirst;
        part.insert(part.end(), again.begin(), again.end());
      } else if (one_in(6)) {
        const std::vector<Entry> more = entries_for(row, rows);
        part.insert(part.end(), more.begin(), more.end());
      }
      if (entries.size() + part.size() > g.program_entries) break;
      entries.insert(entries.end(), part.begin(), part.end());
      row += rows;
    }
    Words words;
    for (const Entry& e : entries) {
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
    Words rates(g.axons), generators(g.region_size(Region::kGenerator));
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

  // ---- learning ----

  std::int32_t some_trace() {
    switch (below(8)) {
      case 0:
        return (1 << 17) - 1;
      case 1:
        return -(1 << 17);
      case 2:
        return between(-(1 << 17), (1 << 17) - 1);
      default:
        return between(-300, 300);
    }
  }
  static std::uint64_t cut(std::int64_t value, std::uint32_t width) {
    return static_cast<std::uint64_t>(value) & ((std::uint64_t{1} << width) - 1);
  }

  ProfileSet some_profile() {
    ProfileSet p;
    std::int32_t low = g.weight_min(), high = g.weight_max();
    if (one_in(2)) {
      low = between(-100, 50);
      high = between(low, 100);
    } else if (one_in(3)) {
      low = -32768;  // beyond the field of 8-bit weights
      high = 32767;
    }
    p.w_min = low;
    p.w_max = high;
    p.pre_amplitude = some_trace();
    p.post_amplitude = some_trace();
    const auto factor = [&] { return one_in(6) ? 65536 + below(65536) : below(65537); };
    p.pre_decay = factor();
    p.post_decay = factor();
    p.window = (1U << (1 + below(16))) - 1;
    p.shift = one_in(2) ? 0 : one_in(6) ? 17 + below(15) : below(8);
    p.rounding = below(3);
    p.instar = one_in(4);
    p.exponential = one_in(2);
    p.newest = one_in(3);
    p.post = one_in(2);
    p.modulated = one_in(3);
    p.drift = one_in(2);
    return p;
  }

  void learning() {
    Words profiles, taps, steps, members(g.region_size(Region::kLearnMember)),
        traces(g.region_size(Region::kTrace)), kept(g.region_size(Region::kLearnState)),
        axon_spikes(g.region_size(Region::kAxonSpike));
    const std::int32_t limit = 1 << (g.weight_bits - 2);
    for (std::uint32_t p = 0; p < g.profiles; ++p) {
      for (const std::uint64_t word : some_profile().words()) profiles.push_back(word);
      const bool wild = one_in(4);
      for (int k = 0; k < 2 * 4 * 16; ++k) {
        taps.push_back(cut(wild ? some_trace() : between(-40, 60), 18));
      }
      const std::int32_t most = one_in(8) ? (1 << 17) - 1 : limit / (1 << below(6));
      for (int k = 0; k < 32; ++k) steps.push_back(cut(between(-most, most), 18));
      kept[2 * p] = cut((std::int64_t{between(-limit, limit)} << 16) + below(65536), 34);
      kept[2 * p + 1] = one_in(2) ? 0 : below(17);
    }
    kept.back() = 1 + below(std::numeric_limits<std::int32_t>::max());
    for (std::uint64_t& word : members) word = raw() & ((1U << g.lanes) - 1) & ~(raw() & raw());
    const bool used = one_in(2);
    for (std::uint64_t& word : traces) word = used && one_in(5) ? cut(some_trace(), 18) : 0;
    put(Region::kProfile, 0, profiles);
    put(Region::kTaps, 0, taps);
    put(Region::kDriftStep, 0, steps);
    put(Region::kLearnMember, 0, members);
    if (used) put(Region::kTrace, 0, traces);
    put(Region::kLearnState, 0, kept);
    reference.learning.neuron_rows = one_in(2) ? g.local_rows() : below(g.local_rows() + 1);
    reference.learning.axon_rows = one_in(2) ? g.axons / g.lanes : below(g.axons / g.lanes + 1);
    for (std::uint32_t k = 0; k < reference.learning.axon_rows; ++k) {
      axon_spikes[k] = raw() & raw() & raw() & ((1U << g.lanes) - 1);
    }
    put(Region::kAxonSpike, 0, axon_spikes);
    model.write_register(Register::kLearnRows,
                         reference.learning.neuron_rows | reference.learning.axon_rows << 16);
    change_learning(true);
  }

  Geometry g;
  bool settled_, learns_;
  std::uint32_t set_ = 0;
  std::mt19937 random_;
};

inline Words all_of(Model& model, Region region) {
  return model.read(region, 0, model.geometry().region_size(region));
}

/// Slots in the order of the spike queue.
inline std::vector<std::uint32_t> queued(Model& model) {
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

inline Geometry small(std::uint32_t lanes, std::uint32_t weight_bits, std::uint32_t max_delay,
                      std::uint32_t neurons = 64) {
  Geometry g = Geometry::named("tiny");
  g.name = "random";
  g.lanes = lanes;
  g.weight_bits = weight_bits;
  g.max_delay = max_delay;
  g.neurons = neurons;
  return g;
}

}  // namespace ncx::test
