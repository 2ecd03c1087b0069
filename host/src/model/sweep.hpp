// SPDX-License-Identifier: BSD-3-Clause
// The sweep program as runs of consecutive slots with their parameters laid out for the kernels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/kernels.hpp"
#include "model/memories.hpp"

namespace ncx::model {

/// Which of a neuron's steps a block of program entries does.
enum class Pass : std::uint8_t { kWhole, kScan, kApply };

/// Consecutive slots, and where their parameters begin.
struct SlotRun {
  std::uint32_t first = 0, count = 0;
  std::size_t parameters = 0;
  unsigned features = 0;
};

/// Program entries of one pass, in an order that makes no difference to the result.
struct Block {
  Pass pass = Pass::kWhole;
  bool first = false;  ///< of a winner-take-all pass
  std::vector<SlotRun> runs;
};

/// One value for each place of the program, in the order of the runs.
struct ParameterColumns {
  std::vector<std::int32_t> threshold, v_reset, v_rest, leak_step, leak_beta, syn_beta, theta_beta,
      hold, refractory, theta_plus;
  std::vector<std::uint8_t> soft_reset;
  std::vector<std::uint32_t> entry;  ///< program entry that names the slot
};

struct SweepTables {
  std::vector<Block> blocks;
  ParameterColumns columns;
  std::uint32_t entries = 0, groups = 0;
};

/// Throws InputError for an entry that the hardware cannot carry out.
[[nodiscard]] SweepTables build_sweep(const Memories& memories, const Geometry& geometry,
                                      std::uint32_t program_length);

}  // namespace ncx::model
