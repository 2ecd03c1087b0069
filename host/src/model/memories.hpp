// SPDX-License-Identifier: BSD-3-Clause
// What the device's RAMs hold, word for word as the configuration bus sees them.
#pragma once

#include <cstdint>
#include <vector>

#include "ncx/geometry.hpp"

namespace ncx::model {

/// A row table entry taken apart.
struct RowEntry {
  std::uint32_t base = 0, exponent = 0, length = 0, target = 0, profile = 0;
  bool sparse = false, last = false;
};

/// A program entry taken apart.
struct ProgramEntry {
  std::uint32_t row = 0, set = 0, operation = 0, lanes = 0;
};

/// A parameter set taken apart. Factors are clamped to 65536 = 1.0.
struct Parameters {
  std::int32_t threshold = 0, v_reset = 0, v_rest = 0;
  std::uint32_t leak = 0, refractory = 0, theta_plus = 0, syn_beta = 0, theta_beta = 0;
  bool leak_exponential = false, refractory_hold = false, soft_reset = false;
};

/// A learning profile taken apart, its taps left where they are. Factors are clamped to 65536.
struct Profile {
  std::int32_t w_min = 0, w_max = 0, pre_amplitude = 0, post_amplitude = 0, pre_decay = 0,
               post_decay = 0;
  std::uint32_t window = 0, shift = 0, rounding = 0;
  bool instar = false, exponential = false, newest = false, post = false, modulated = false,
       drift = false;
};

/// Words are cut to the width that the hardware stores when they are written, so that reading gives
/// what a board would give.
class Memories {
 public:
  explicit Memories(const Geometry& geometry);

  [[nodiscard]] std::uint64_t load(Region region, std::uint64_t address) const;
  void store(Region region, std::uint64_t address, std::uint64_t word);

  [[nodiscard]] RowEntry row_entry(std::size_t row) const;
  [[nodiscard]] ProgramEntry program_entry(std::size_t entry) const;
  [[nodiscard]] Parameters parameters(std::size_t set) const;
  [[nodiscard]] Profile learning_profile(std::size_t index) const;

  std::vector<std::uint64_t> synapse, parameter;
  std::vector<std::uint32_t> source, row, program, generator, spike_queue;
  std::vector<std::uint16_t> rate, probe, count;
  std::vector<std::int32_t> v, current, theta, refractory, accumulator;

  std::vector<std::uint64_t> profile;
  std::vector<std::uint16_t> learn_member, axon_spike;
  std::vector<std::int32_t> taps, drift_step, trace;  ///< trace: histories as well
  std::vector<std::int64_t> drift;                    ///< one a profile, 16 fraction bits
  std::vector<std::uint8_t> trace_age;                ///< one a profile
  std::uint32_t rounding_generator = 1;

 private:
  [[nodiscard]] std::uint64_t load_learn_state(std::size_t at) const;
  void store_learn_state(std::size_t at, std::uint64_t word);
  void write_generator(std::size_t at, std::uint32_t word);
  void store_half(std::vector<std::uint32_t>& memory, std::uint32_t& held, std::uint64_t address,
                  std::uint32_t word) const;

  std::uint32_t low_row_mask_, high_row_mask_, source_mask_, low_program_mask_, local_row_mask_,
      lane_mask_, slot_mask_;
  std::uint32_t held_row_ = 0, held_program_ = 0, held_spikes_ = 0;
};

}  // namespace ncx::model
