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

 private:
  struct Synapse {
    std::uint32_t slot = 0;
    std::int32_t weight = 0;
    std::uint32_t delay = 0;  ///< ring slots beyond the tick's own
  };
  struct Row {
    bool unpacked = false, sparse = false;
    std::uint32_t exponent = 0, first_slot = 0;
    std::vector<std::int16_t> weights;  ///< dense: one a slot, from first_slot
    std::vector<Synapse> synapses;      ///< sparse
  };
  struct Source {
    std::uint32_t first = 0, rows = 0;  ///< rows 0: not connected
    std::uint64_t words = 0;
  };

  void unpack(Row& row, const RowEntry& entry, const Memories& memories) const;
  void unpack_dense(Row& row, const RowEntry& entry, const Memories& memories) const;
  void unpack_sparse(Row& row, const RowEntry& entry, const Memories& memories) const;
  [[nodiscard]] std::string row_problem(std::size_t index, const RowEntry& entry) const;

  Geometry geometry_;
  std::uint32_t local_row_mask_, ring_mask_;
  bool tables_current_ = false, rows_current_ = false;
  std::vector<Source> sources_;
  std::vector<Row> rows_;
};

}  // namespace ncx::model
