// SPDX-License-Identifier: BSD-3-Clause
// Divides each projection's synapses into rows: by source, dense or sparse, whichever takes fewer
// words.
#include <algorithm>
#include <limits>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>

#include "compiler/plan.hpp"

namespace ncx::compiler {
namespace {

constexpr std::uint32_t kMaxLength = (1U << 16) - 1;  // length field of a ROW entry

/// Synapse numbers of a projection, sorted by source; equal sources keep the user's order.
struct BySource {
  std::vector<std::size_t> order;
  std::vector<std::size_t> begin;  ///< per source, and one past the last
};

BySource sort_by_source(const Projection& projection, std::uint32_t sources) {
  BySource result;
  result.begin.assign(std::size_t{sources} + 1, 0);
  for (const std::uint32_t pre : projection.pre_index) ++result.begin[std::size_t{pre} + 1];
  std::partial_sum(result.begin.begin(), result.begin.end(), result.begin.begin());
  std::vector<std::size_t> next(result.begin.begin(), result.begin.end() - 1);
  result.order.resize(projection.pre_index.size());
  for (std::size_t i = 0; i < projection.pre_index.size(); ++i) {
    result.order[next[projection.pre_index[i]]++] = i;
  }
  return result;
}

/// Plans the rows of one projection, source after source.
class ProjectionPlanner {
 public:
  ProjectionPlanner(const Network& network, const Geometry& geometry, const Placement& placement,
                    std::uint32_t index)
      : geometry_(geometry),
        projection_(network.projections()[index]),
        index_(index),
        slots_(std::span(placement.neuron_slot)
                   .subspan(network.populations()[projection_.post].first,
                            network.populations()[projection_.post].size)),
        can_share_(geometry.tag_bits() > 0),
        taken_by_(network.populations()[projection_.post].size, 0),
        fill_(geometry.lanes, 0) {}

  /// Appends the rows of one source. `synapses` are its synapse numbers, at position
  /// `prototype.first` of the plan's order; they are rearranged into the order of the rows.
  void plan(Row prototype, std::span<std::size_t> synapses, std::vector<Row>& rows) {
    ++source_;
    prototype.projection = index_;
    dense_.clear();
    rest_.clear();
    if (projection_.format != Format::kSparse) {
      for (const std::size_t synapse : synapses) {
        (fits_dense(synapse) ? dense_ : rest_).push_back(synapse);
      }
    }
    const bool use_dense =
        !dense_.empty() && (projection_.format == Format::kDense || dense_is_shorter(synapses));
    if (use_dense) {
      std::copy(rest_.begin(), rest_.end(),
                std::copy(dense_.begin(), dense_.end(), synapses.begin()));
      append_dense(prototype, rows);
      prototype.first += dense_.size();
      synapses = synapses.subspan(dense_.size());
    }
    append_sparse(prototype, synapses, rows);
  }

 private:
  [[nodiscard]] std::uint32_t slot(std::size_t synapse) const {
    return slots_[projection_.post_index[synapse]];
  }

  /// Delay 1, and the first of this source to its target.
  bool fits_dense(std::size_t synapse) {
    if (!projection_.delay.empty() && projection_.delay[synapse] != 1) return false;
    std::size_t& taken_by = taken_by_[projection_.post_index[synapse]];
    if (taken_by == source_) return false;
    taken_by = source_;
    return true;
  }

  /// Words of a sparse row.
  std::uint32_t sparse_length(std::span<const std::size_t> synapses) {
    std::fill(fill_.begin(), fill_.end(), 0);
    std::uint32_t longest = 0;
    for (const std::size_t synapse : synapses) {
      longest = std::max(longest, ++fill_[slot(synapse) % geometry_.lanes]);
    }
    return longest;
  }

  /// First and last group of local rows that dense_ reaches.
  [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> dense_groups() const {
    std::uint32_t low = std::numeric_limits<std::uint32_t>::max();
    std::uint32_t high = 0;
    for (const std::size_t synapse : dense_) {
      const std::uint32_t group = slot(synapse) / geometry_.lanes / geometry_.weights_per_word();
      low = std::min(low, group);
      high = std::max(high, group);
    }
    return {low, high};
  }

  /// Whether a dense row, and a sparse one of what it cannot hold, are shorter than one sparse row
  /// of all; at equal length fewer rows win, then a sparse row that leaves words to others.
  bool dense_is_shorter(std::span<const std::size_t> synapses) {
    const auto [low, high] = dense_groups();
    const std::uint32_t split = high - low + 1 + sparse_length(rest_);
    const std::uint32_t all = sparse_length(synapses);
    if (!rest_.empty() || split != all) return split < all;
    return !can_share_ || synapses.size() == std::size_t{all} * geometry_.lanes;
  }

  void append_dense(const Row& prototype, std::vector<Row>& rows) const {
    const auto [low, high] = dense_groups();
    Row row = prototype;
    row.synapses = dense_.size();
    row.target = low;
    row.length = high - low + 1;  // at most a build's local rows, far below kMaxLength
    rows.push_back(row);
  }

  /// None for no synapses; several rows when a lane's list is longer than one can be.
  void append_sparse(const Row& prototype, std::span<const std::size_t> synapses,
                     std::vector<Row>& rows) {
    Row row = prototype;
    row.sparse = true;
    while (!synapses.empty()) {
      std::fill(fill_.begin(), fill_.end(), 0);
      row.length = 0;
      row.synapses = 0;
      for (const std::size_t synapse : synapses) {
        std::uint32_t& filled = fill_[slot(synapse) % geometry_.lanes];
        if (filled == kMaxLength) break;
        row.length = std::max(row.length, ++filled);
        ++row.synapses;
      }
      rows.push_back(row);
      row.first += row.synapses;
      synapses = synapses.subspan(row.synapses);
    }
  }

  const Geometry& geometry_;
  const Projection& projection_;
  std::uint32_t index_;
  std::span<const std::uint32_t> slots_;  ///< of the targets
  bool can_share_;
  std::size_t source_ = 0;                 ///< number of plan() calls
  std::vector<std::size_t> taken_by_;      ///< target -> last source_ with a dense synapse to it
  std::vector<std::uint32_t> fill_;        ///< per lane
  std::vector<std::size_t> dense_, rest_;  ///< of the source being planned
};

}  // namespace

RowPlan plan_rows(const Network& network, const Geometry& geometry, const Placement& placement) {
  RowPlan plan;
  const auto projections = static_cast<std::uint32_t>(network.projections().size());
  for (std::uint32_t p = 0; p < projections; ++p) {
    const Projection& projection = network.projections()[p];
    const std::uint32_t first = projection.pre_is_axon
                                    ? network.axon_groups()[projection.pre].first
                                    : network.populations()[projection.pre].first;
    const std::uint32_t sources = projection.pre_is_axon
                                      ? network.axon_groups()[projection.pre].size
                                      : network.populations()[projection.pre].size;
    BySource by_source = sort_by_source(projection, sources);
    ProjectionPlanner planner(network, geometry, placement, p);
    for (std::uint32_t s = 0; s < sources; ++s) {
      const std::size_t begin = by_source.begin[s];
      const std::size_t count = by_source.begin[std::size_t{s} + 1] - begin;
      if (count == 0) continue;
      Row prototype;
      prototype.source_is_axon = projection.pre_is_axon;
      prototype.source =
          projection.pre_is_axon ? placement.axon_row[first + s] : placement.neuron_slot[first + s];
      prototype.first = begin;
      planner.plan(prototype, std::span(by_source.order).subspan(begin, count), plan.rows);
    }
    plan.order.push_back(std::move(by_source.order));
  }
  // Rows of one source must be neighbours; those of one projection stay in order. Rows that learn
  // come first: a visit that ends with another row is a cycle shorter (docs/architecture.md).
  std::stable_sort(plan.rows.begin(), plan.rows.end(), [&network](const Row& a, const Row& b) {
    const bool a_static = network.projections()[a.projection].profile < 0;
    const bool b_static = network.projections()[b.projection].profile < 0;
    return std::tie(a.source_is_axon, a.source, a_static) <
           std::tie(b.source_is_axon, b.source, b_static);
  });
  return plan;
}

}  // namespace ncx::compiler
