// SPDX-License-Identifier: BSD-3-Clause
// The network itself: memories, and one tick after the other. No registers, no requests.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/cycles.hpp"
#include "model/gather.hpp"
#include "model/learner.hpp"
#include "model/memories.hpp"
#include "model/sweep.hpp"
#include "ncx/backend.hpp"

namespace ncx::model {

/// What the core gets from the register file.
struct Settings {
  std::uint32_t program_length = 0, encoder_rows = 0, used_rows = 0, probes = 0;
  bool stream_spikes = false, stream_probes = false, count_spikes = false;
  LearnSettings learn;
};

class Core {
 public:
  explicit Core(const Geometry& geometry);
  Core(const Core&) = delete;  // its parts know each other
  Core& operator=(const Core&) = delete;

  Memories memories;
  std::uint32_t tick = 0;
  std::uint32_t spike_entries = 0;  ///< entries in use of the spike queue: last tick's spikes

  /// To be called after a write to a region.
  void written(Region region);
  /// Brings the fast tables up to date. Throws InputError, with nothing changed, when the memories
  /// hold what the hardware could not carry out.
  void prepare(const Settings& settings);
  /// Throws InputError if this axon's rows cannot be walked.
  void check_axon(std::uint32_t axon) const;
  /// One tick; prepare() must have been called since the last write. Returns what happened.
  TickTally run_tick(std::span<const AxonEvent> axons, std::span<const CurrentEvent> currents);
  /// Slots that fired in the last tick, ascending.
  [[nodiscard]] std::span<const std::uint32_t> spikes() const { return spikes_; }

  void reset_membrane(std::uint32_t program_length);
  void reset_theta(std::uint32_t program_length);
  void reset_in_flight();
  void reset_traces() { learner_.reset_traces(); }

 private:
  void check_source(std::uint32_t source) const;
  void check_sources(const Settings& settings) const;
  void check_learning(const LearnSettings& settings) const;
  void walk(std::uint32_t source, Walks& walks);
  void gather(std::span<const AxonEvent> axons, std::span<const CurrentEvent> currents);
  void draw_encoders();
  void sweep();
  void sweep_whole(const SlotRun& run);
  void sweep_scan(const SlotRun& run);
  void sweep_apply(const SlotRun& run);
  void fire(std::uint32_t slot, std::size_t place);
  void publish();
  [[nodiscard]] SlotSpan span_of(const SlotRun& run);
  /// Features of the parameters, and those that the state asks for.
  [[nodiscard]] unsigned features_now(const SlotRun& run) const;
  template <typename Visitor>
  void each_candidate(std::uint32_t count, Visitor visit) const;

  Geometry geometry_;
  Settings settings_;
  GatherTables gather_;
  Learner learner_;
  SweepTables sweep_;
  bool sweep_current_ = false, sources_checked_ = false, state_written_ = true;
  std::uint32_t ring_ = 0;
  TickTally tally_;

  std::vector<std::uint8_t> candidate_;
  std::vector<std::uint32_t> spikes_;
  std::vector<std::uint32_t> entry_lanes_;  ///< per program entry: lanes that fired
  std::vector<std::uint64_t>
      entry_scanned_;  ///< per program entry: run in which a scan last found a candidate
  std::uint64_t ticks_run_ = 0;
  std::vector<std::uint32_t> entries_fired_;  ///< entries with any
  struct Winner {
    bool exists = false;
    std::uint32_t slot = 0;
    std::int32_t margin = 0;
  } winner_;
};

}  // namespace ncx::model
