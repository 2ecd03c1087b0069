// SPDX-License-Identifier: BSD-3-Clause
// Step 7 of a tick, docs/model.md "Learning": traces, weights, drift, one profile after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/cycles.hpp"
#include "model/gather.hpp"
#include "model/kernels.hpp"
#include "model/memories.hpp"

namespace ncx::model {

/// What learning gets from the register file.
struct LearnSettings {
  std::uint32_t in_use = 0;    ///< one bit a profile
  std::uint32_t learning = 0;  ///< those of them that change weights
  std::uint32_t neuron_rows = 0, axon_rows = 0;
  std::int32_t modulation = 1 << 16;

  friend bool operator==(const LearnSettings&, const LearnSettings&) = default;
};

class Learner {
 public:
  Learner(const Geometry& geometry, Memories& memories, GatherTables& rows);

  void profiles_written() { profiles_current_ = false; }
  /// Any trace may be there now: passes over them do not leave themselves out.
  void traces_written();
  void reset_traces();
  void prepare(const LearnSettings& settings);
  /// An axon has a spike in the tick that is under way.
  void axon_spike(std::uint32_t axon);
  /// `spikes`: slots that fired; they are in the first `entries` entries of the spike queue as
  /// well.
  LearnTally tick(std::span<const std::uint32_t> spikes, std::uint32_t entries);

 private:
  struct Rule {
    Profile profile;
    std::int64_t gain = 0;  ///< M
    TraceStep pre, post;
    const std::int32_t* taps[2] = {};  ///< of a side: nibble * 16 + value
  };
  /// What is the same for all synapses of a row, or of a fold.
  struct Walk {
    const Rule* rule = nullptr;
    std::int32_t drift = 0, x = 0;
    bool spiked = false;              ///< the source has a spike, and the profile looks at it
    const std::int32_t* y = nullptr;  ///< by slot
  };

  [[nodiscard]] std::int32_t* traces(std::uint32_t profile);
  [[nodiscard]] std::int32_t kernel_value(const Rule& rule, std::uint32_t side,
                                          std::int32_t history) const;
  [[nodiscard]] std::uint32_t member(std::uint32_t profile, std::uint32_t source) const;
  void spread_axon_spikes();
  void clear_axon_spikes();
  void run_profile(std::uint32_t profile);
  void step_axon_traces(std::uint32_t profile);
  [[nodiscard]] bool neuron_pass(std::uint32_t profile) const;
  /// How many kinds of rows a pass over all sources looks at, neurons and axons.
  [[nodiscard]] std::uint32_t scans() const;
  void step_neuron_traces(std::uint32_t profile);
  void step_drift(std::uint32_t profile);
  void change_weights(std::uint32_t profile);
  void visit_flagged(std::uint32_t profile, std::uint32_t first_source, std::size_t count,
                     const std::uint8_t* spikes);
  void flag_sources(const Rule& rule, const std::int32_t* traces, const std::uint8_t* spikes,
                    std::size_t count);
  /// `change` sees each of the source's rows with this profile.
  template <typename Change>
  void each_row(std::uint32_t profile, std::uint32_t source, LearnWalks& walks, Change change);
  void visit(std::uint32_t profile, std::uint32_t source, Walk& walk);
  void walk_sparse(UnpackedRow& row, const Walk& walk);
  void walk_dense(UnpackedRow& row, const Walk& walk);
  void learn_whole(UnpackedRow& row, const Walk& walk);
  void walk_dense_spikes(UnpackedRow& row, const Walk& walk);
  void touch_dense(UnpackedRow& row, const Walk& walk, std::size_t at, bool fired);
  void touch_sparse(UnpackedRow& row, const Walk& walk, const UnpackedRow::Plastic& plastic);
  void fold(std::uint32_t profile);
  void fold_row(UnpackedRow& row, const Rule& rule, std::int32_t drift);

  /// The stored weight that follows from an effective one.
  [[nodiscard]] std::int32_t bounded(const Profile& profile, std::int64_t effective,
                                     std::int32_t drift) const;
  [[nodiscard]] std::int32_t changed(const Walk& walk, std::int32_t stored, std::uint32_t slot,
                                     bool fired) const;
  [[nodiscard]] std::int64_t rounding_offset(const Profile& profile, std::uint32_t lane) const;
  void draw(const Rule& rule);
  void put_dense(UnpackedRow& row, std::size_t at, std::int32_t weight);
  void put_sparse(UnpackedRow& row, const UnpackedRow::Plastic& plastic, std::int32_t weight);
  [[nodiscard]] std::uint64_t& word_of(const UnpackedRow& row, const UnpackedRow::Plastic& plastic);

  Geometry geometry_;
  std::uint32_t lane_bits_, field_bits_;  ///< of a slot, and of a local row in a dense word
  Memories& memories_;
  GatherTables& rows_;
  LearnSettings settings_;
  bool profiles_current_ = false;
  std::vector<Rule> rules_;
  std::vector<std::uint8_t> neuron_traces_, axon_traces_;  ///< a profile's last pass saw some

  std::vector<std::uint8_t> fired_, axon_spiked_;  ///< one a neuron, one an axon
  std::vector<std::uint8_t> flags_;                ///< sources that have something to learn
  std::span<const std::uint32_t> queue_;           ///< row and lanes of each entry
  bool any_fired_ = false, any_axon_ = false;
  bool row_changed_ = false;
  LearnTally tally_;
};

}  // namespace ncx::model
