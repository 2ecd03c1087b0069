// SPDX-License-Identifier: BSD-3-Clause
// Clock cycles of one tick, from what happened in it. docs/architecture.md publishes the formula,
// and a test compares it with the RTL's CYCLES counter.
#pragma once

#include <cstdint>

namespace ncx::model {

/// Sources looked up, and what their rows held.
struct Walks {
  std::uint64_t sources = 0;  ///< also those without rows
  std::uint64_t rows = 0;
  std::uint64_t words = 0;  ///< sum of the rows' lengths
};

/// Rows walked by learning.
struct LearnWalks {
  std::uint64_t sources = 0;   ///< looked up: visited, or members in a fold
  std::uint64_t rows = 0;      ///< of them, whatever their profile
  std::uint64_t landings = 0;  ///< sources whose last row was walked
  std::uint64_t hits = 0;      ///< rows of lanes with a source that was looked up
  std::uint64_t steps = 0;     ///< of the rows that were walked
};

/// What happened in the learning of one tick, over all profiles. Rows are rows of lanes.
struct LearnTally {
  std::uint32_t profiles = 0;    ///< in use; 0: there was no learning
  std::uint32_t gain_steps = 0;  ///< of their shifts: by four places, then by one
  std::uint32_t axon_profiles = 0, post_profiles = 0;  ///< with axon rows to look at, with `post`
  std::uint32_t axon_passes = 0, axon_rows = 0;
  std::uint32_t weight_scans = 0,
                weight_rows = 0;       ///< of neurons or axons, if there are rows of them
  std::uint32_t weight_settlings = 0;  ///< weight passes without a neuron pass behind them
  LearnWalks weights;
  std::uint32_t neuron_passes = 0, neuron_rows = 0;
  std::uint32_t exponential_passes = 0, exponential_rows = 0;  ///< postsynaptic
  std::uint32_t kernel_passes = 0, kernel_rows = 0;            ///< postsynaptic
  std::uint32_t kernel_hits = 0,
                kernel_evaluated = 0;  ///< rows with neurons to evaluate, and these
  std::uint32_t drifts = 0;
  std::uint64_t drift_waits = 0;  ///< cycles that their products took longer than the passes
  std::uint32_t folds = 0, fold_settlings = 0, fold_scans = 0, fold_rows = 0;
  LearnWalks folded;
  std::uint32_t cleared_rows = 0;  ///< of axon spikes
};

/// What happened in one tick, as far as the sequencer takes time for it.
struct TickTally {
  Walks events;                      ///< host events' axons
  std::uint32_t current_events = 0;  ///< host currents
  Walks walks;                       ///< last tick's spikes and the encoders'
  std::uint32_t due_entries = 0;     ///< spike queue entries of the last tick
  std::uint32_t encoder_rows = 0;
  std::uint32_t program_entries = 0;
  std::uint32_t groups = 0;     ///< second passes of winner-take-all groups
  std::uint32_t contested = 0;  ///< candidates of a first pass's entry after its first one
  std::uint32_t spikes = 0, spike_entries = 0;  ///< of this tick
  std::uint32_t used_rows = 0, bitmap_words = 0;
  std::uint32_t probes = 0;  ///< 0 unless they are streamed
  bool stream_spikes = false, count_spikes = false;
  LearnTally learn;
};

/// Cycles for each of them, as rtl/core has them.
struct CycleCosts {
  std::uint64_t source = 2, row = 1, word = 1;
  std::uint64_t current_event = 1;
  std::uint64_t tick = 4;  ///< start, last queue entry seen, sweep start, record decided
  std::uint64_t due_entry = 1;
  std::uint64_t encoder_row = 1;
  std::uint64_t sweep = 8;  ///< pipeline fill and drain; nothing for an empty program
  std::uint64_t program_entry = 1;
  std::uint64_t group = 5;      ///< the second pass waits for the first
  std::uint64_t contested = 1;  ///< candidates are compared one by one
  std::uint64_t record = 1;     ///< the advance word
  std::uint64_t spike = 1, spike_entry = 1;
  std::uint64_t bitmap = 1, bitmap_row = 2, bitmap_word = 1;
  std::uint64_t probe_list = 1, probe = 4;
};

/// The same for learning. Passes take that many cycles and one for each of their rows.
struct LearnCosts {
  std::uint64_t learn = 2, profile = 6, gain_step = 1, axon_profile = 1, post_profile = 1;
  std::uint64_t axon_pass = 4, axon_row = 1;
  std::uint64_t scan = 2, weight_row = 1, settling = 3;
  std::uint64_t visited = 2, visited_row = 1, landing = 1, hit = 1, step = 1;
  std::uint64_t neuron_pass = 4, neuron_row = 1;
  std::uint64_t exponential_pass = 4, exponential_row = 1;
  std::uint64_t kernel_pass = 5, kernel_row = 1, kernel_hit = 1, kernel_evaluated = 1;
  std::uint64_t drift = 2;
  std::uint64_t drift_product = 18;  ///< a bit of the step a cycle, beside the passes
  std::uint64_t before_product = 3;  ///< of a profile's, and its gain steps
  std::uint64_t fold = 1, fold_row = 1;
  std::uint64_t cleared_row = 1;
};

[[nodiscard]] constexpr std::uint64_t walk_cycles(const Walks& w, const CycleCosts& c = {}) {
  return c.source * w.sources + c.row * w.rows + c.word * w.words;
}

/// Before the tick: host events that are due in it.
[[nodiscard]] constexpr std::uint64_t event_cycles(const TickTally& t, const CycleCosts& c = {}) {
  return walk_cycles(t.events, c) + c.current_event * t.current_events;
}

[[nodiscard]] constexpr std::uint64_t publish_cycles(const TickTally& t, const CycleCosts& c = {}) {
  const bool stream = t.stream_spikes && t.spikes > 0;
  const bool bitmap = stream && t.used_rows != 0 && t.bitmap_words + 1 < t.spikes;
  const bool list = t.spikes > 0 && (t.count_spikes || (stream && !bitmap));
  std::uint64_t cycles = 0;
  if (stream || t.probes > 0) cycles += c.record;
  if (list) cycles += c.spike * t.spikes + c.spike_entry * t.spike_entries;
  if (bitmap) cycles += c.bitmap + c.bitmap_row * t.used_rows + c.bitmap_word * t.bitmap_words;
  if (t.probes > 0) cycles += c.probe_list + c.probe * t.probes;
  return cycles;
}

[[nodiscard]] constexpr std::uint64_t learn_walk_cycles(const LearnWalks& w,
                                                        const LearnCosts& c = {}) {
  return c.visited * w.sources + c.visited_row * w.rows + c.landing * w.landings + c.hit * w.hits +
         c.step * w.steps;
}

[[nodiscard]] constexpr std::uint64_t learn_cycles(const LearnTally& t, const LearnCosts& c = {}) {
  if (t.profiles == 0) return 0;
  return c.learn + c.profile * t.profiles + c.gain_step * t.gain_steps +
         c.axon_profile * t.axon_profiles + c.post_profile * t.post_profiles +
         c.axon_pass * t.axon_passes + c.axon_row * t.axon_rows + c.scan * t.weight_scans +
         c.weight_row * t.weight_rows + c.settling * t.weight_settlings +
         learn_walk_cycles(t.weights, c) + c.neuron_pass * t.neuron_passes +
         c.neuron_row * t.neuron_rows + c.exponential_pass * t.exponential_passes +
         c.exponential_row * t.exponential_rows + c.kernel_pass * t.kernel_passes +
         c.kernel_row * t.kernel_rows + c.kernel_hit * t.kernel_hits +
         c.kernel_evaluated * t.kernel_evaluated + c.drift * t.drifts + t.drift_waits +
         c.fold * t.folds + c.settling * t.fold_settlings + c.scan * t.fold_scans +
         c.fold_row * t.fold_rows + learn_walk_cycles(t.folded, c) + c.cleared_row * t.cleared_rows;
}

/// How long a drift's product keeps its profile waiting after `passed` cycles of it.
[[nodiscard]] constexpr std::uint64_t drift_wait(std::uint64_t passed, std::uint64_t gain_steps,
                                                 const LearnCosts& c = {}) {
  const std::uint64_t done = passed - c.before_product - c.gain_step * gain_steps;
  return done < c.drift_product ? c.drift_product - done : 0;
}

/// The tick itself.
[[nodiscard]] constexpr std::uint64_t body_cycles(const TickTally& t, const CycleCosts& c = {}) {
  std::uint64_t cycles = c.tick + c.due_entry * t.due_entries + walk_cycles(t.walks, c) +
                         c.encoder_row * t.encoder_rows;
  if (t.program_entries > 0) {
    cycles += c.sweep + c.program_entry * t.program_entries + c.group * t.groups +
              c.contested * t.contested;
  }
  return cycles + learn_cycles(t.learn) + publish_cycles(t, c);
}

[[nodiscard]] constexpr std::uint64_t tick_cycles(const TickTally& t, const CycleCosts& c = {}) {
  return event_cycles(t, c) + body_cycles(t, c);
}

}  // namespace ncx::model
