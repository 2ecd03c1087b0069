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

/// What happened in one tick, as far as the sequencer takes time for it.
struct TickTally {
  Walks events;                      ///< host events' axons
  std::uint32_t current_events = 0;  ///< host currents
  Walks walks;                       ///< last tick's spikes and the encoders'
  std::uint32_t due_entries = 0;     ///< spike queue entries of the last tick
  std::uint32_t encoder_rows = 0;
  std::uint32_t program_entries = 0;
  std::uint32_t groups = 0;                     ///< second passes of winner-take-all groups
  std::uint32_t spikes = 0, spike_entries = 0;  ///< of this tick
  std::uint32_t used_rows = 0, bitmap_words = 0;
  std::uint32_t probes = 0;  ///< 0 unless they are streamed
  bool stream_spikes = false, count_spikes = false;
};

/// Cycles for each of them, as rtl/core has them.
struct CycleCosts {
  std::uint64_t source = 2, row = 1, word = 1;
  std::uint64_t current_event = 1;
  std::uint64_t tick = 4;  ///< start, last queue entry seen, sweep start, record decided
  std::uint64_t due_entry = 1;
  std::uint64_t encoder_row = 1;
  std::uint64_t sweep = 7;  ///< pipeline fill and drain; nothing for an empty program
  std::uint64_t program_entry = 1;
  std::uint64_t group = 5;   ///< the second pass waits for the first
  std::uint64_t record = 1;  ///< the advance word
  std::uint64_t spike = 1, spike_entry = 1;
  std::uint64_t bitmap = 1, bitmap_row = 2, bitmap_word = 1;
  std::uint64_t probe_list = 1, probe = 4;
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

/// The tick itself.
[[nodiscard]] constexpr std::uint64_t body_cycles(const TickTally& t, const CycleCosts& c = {}) {
  std::uint64_t cycles = c.tick + c.due_entry * t.due_entries + walk_cycles(t.walks, c) +
                         c.encoder_row * t.encoder_rows;
  if (t.program_entries > 0) {
    cycles += c.sweep + c.program_entry * t.program_entries + c.group * t.groups;
  }
  return cycles + publish_cycles(t, c);
}

[[nodiscard]] constexpr std::uint64_t tick_cycles(const TickTally& t, const CycleCosts& c = {}) {
  return event_cycles(t, c) + body_cycles(t, c);
}

}  // namespace ncx::model
