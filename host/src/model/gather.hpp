// SPDX-License-Identifier: BSD-3-Clause
// The source, row and synapse memories in a form that is fast to walk. Synapse words stay the
// truth; a row is unpacked when its source first fires after a write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/memories.hpp"

namespace ncx::model {

/// A row taken apart. Learning changes it together with the synapse words.
struct UnpackedRow {
  struct Synapse {
    std::uint32_t slot = 0;
    std::int32_t weight = 0;  ///< times 2^exponent
    std::uint32_t delay = 0;  ///< ring slots beyond the tick's own
  };
  /// One that learning may change: its place in `synapses`, and its word in the row.
  struct Plastic {
    std::uint32_t synapse = 0, word = 0, lane = 0;
  };
  bool unpacked = false;
  /// Another row takes words that this one takes: what is unpacked holds as long as its epoch is
  /// the last.
  bool shared = false;
  std::uint32_t epoch = 0;
  RowEntry entry;
  std::uint32_t first_slot = 0;
  std::vector<std::int16_t> weights;  ///< dense: one a slot, from first_slot
  std::vector<std::int16_t> plastic;  ///< dense: all ones where it is; empty when none is
  std::vector<Synapse> synapses;      ///< sparse
  std::vector<Plastic> plastic_synapses;
};

class GatherTables {
 public:
  explicit GatherTables(const Geometry& geometry);

  /// Source or row table was written: everything is taken anew at the next prepare().
  void tables_written() { tables_current_ = false; }
  /// Synapse words were written: rows are unpacked anew.
  void synapses_written() { rows_current_ = false; }
  void prepare(const Memories& memories);

  /// Empty, or what keeps this source from being walked.
  [[nodiscard]] std::string problem(std::uint32_t source, const Memories& memories) const;

  struct Cost {
    std::uint32_t rows = 0;
    std::uint64_t words = 0;
  };
  /// Adds the source's synapses to the accumulators; `ring` is the slot of the tick.
  Cost walk(std::uint32_t source, std::uint32_t ring, Memories& memories);

  struct Span {
    std::uint32_t first = 0, count = 0;
  };
  /// Rows of a source.
  [[nodiscard]] Span rows_of(std::uint32_t source) const {
    return {sources_[source].first, sources_[source].rows};
  }
  /// As the synapse words have it now.
  UnpackedRow& row(std::uint32_t index, const Memories& memories);
  /// To be called after a row and its words have been changed.
  void changed(UnpackedRow& row) {
    if (row.shared) row.epoch = ++epoch_;
  }

 private:
  struct Source {
    std::uint32_t first = 0, rows = 0;  ///< rows 0: not connected
    std::uint64_t words = 0;
  };

  void unpack(std::uint32_t index, const Memories& memories);
  void unpack_dense(UnpackedRow& row, const Memories& memories) const;
  void unpack_sparse(UnpackedRow& row, const Memories& memories) const;
  void claim(std::uint32_t index);
  void claim_word(std::uint32_t index, std::size_t word);
  [[nodiscard]] std::string row_problem(std::size_t index, const RowEntry& entry) const;

  Geometry geometry_;
  std::uint32_t local_row_mask_, ring_mask_;
  std::uint32_t delay_bits_, tag_mask_;  ///< of a sparse word's delay field: delay, then tag
  bool tables_current_ = false, rows_current_ = false;
  std::vector<Source> sources_;
  std::vector<UnpackedRow> rows_;
  std::vector<std::uint32_t> claimed_;  ///< by word and lane: first row that took it, from 1
  std::uint32_t epoch_ = 0;
};

}  // namespace ncx::model
