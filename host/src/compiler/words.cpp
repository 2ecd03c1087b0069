// SPDX-License-Identifier: BSD-3-Clause
// Gives rows their words of the synapse memory. Sparse rows take free words of each lane within a
// short window of addresses, and differ from the rows they share addresses with in their tags.
#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <span>
#include <utility>

#include "compiler/plan.hpp"

namespace ncx::compiler {
namespace {

constexpr std::uint32_t kMaxLength = (1U << 16) - 1;  // length field of a ROW entry
constexpr std::size_t kMaxTags = std::size_t{1} << map::kDelayW;
/// Windows may be that much longer than their row's fullest lane; tried in this order.
constexpr std::array kSlacks = {0U, 1U, 2U, 4U, 8U, 16U};
/// Packing ends when so little is stored for each word that the fullest lane needs.
constexpr double kTightEnough = 1.25;
/// Windows that are looked at before a row goes to where its lanes are empty: fewer for rows of
/// many synapses, whose windows take longer to look at.
constexpr std::size_t kMostAttempts = 64, kFewestAttempts = 4, kLooks = 512;

/// Set of tags.
class Tags {
 public:
  void add(std::uint32_t tag) { words_[tag / 64] |= std::uint64_t{1} << tag % 64; }
  Tags& operator|=(const Tags& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  [[nodiscard]] bool has(std::uint32_t tag) const {
    return (words_[tag / 64] >> tag % 64 & 1) != 0;
  }
  [[nodiscard]] bool empty() const {
    return std::all_of(words_.begin(), words_.end(), [](std::uint64_t word) { return word == 0; });
  }

 private:
  std::array<std::uint64_t, kMaxTags / 64> words_{};
};

/// Which words of a lane are free: an endless list, of which a beginning has been touched.
class Lane {
 public:
  [[nodiscard]] std::uint64_t top() const { return next_.size(); }
  /// First free word at or after `word`.
  std::uint64_t free_from(std::uint64_t word) {
    std::uint64_t found = word;
    while (found < next_.size() && next_[found] != found) found = next_[found];
    while (word < found) {  // shorten the way for the next search
      const std::uint64_t next = next_[word];
      next_[word] = found;
      word = next;
    }
    return found;
  }
  void take(std::uint64_t word) {
    for (std::uint64_t k = next_.size(); k <= word; ++k) next_.push_back(k);
    next_[word] = word + 1;
  }

 private:
  std::vector<std::uint64_t> next_;  ///< itself: free; else a later word, or the end
};

/// Words of one lane that a sparse row needs.
struct Demand {
  std::uint32_t lane = 0, words = 0;
};

/// What all sparse rows need.
class Demands {
 public:
  struct SparseRow {
    std::size_t row = 0;       ///< in the plan
    std::size_t begin = 0;     ///< of its demands
    std::size_t synapses = 0;  ///< of the rows before it
  };

  Demands(const Network& network, const Geometry& geometry, const Placement& placement,
          const RowPlan& plan)
      : lane_words_(geometry.lanes, 0) {
    std::vector<std::uint32_t> count(geometry.lanes, 0);
    for (std::size_t r = 0; r < plan.rows.size(); ++r) {
      const Row& row = plan.rows[r];
      if (!row.sparse) continue;
      rows_.push_back({r, list_.size(), lane_.size()});
      const Projection& projection = network.projections()[row.projection];
      const std::uint32_t first = network.populations()[projection.post].first;
      for (std::size_t i = row.first; i < row.first + row.synapses; ++i) {
        const std::size_t synapse = plan.order[row.projection][i];
        const std::uint32_t slot = placement.neuron_slot[first + projection.post_index[synapse]];
        lane_.push_back(static_cast<std::uint8_t>(slot % geometry.lanes));
        ++count[lane_.back()];
      }
      for (std::uint32_t lane = 0; lane < geometry.lanes; ++lane) {
        if (count[lane] > 0) list_.push_back({lane, count[lane]});
        lane_words_[lane] += count[lane];
        count[lane] = 0;
      }
    }
    rows_.push_back({plan.rows.size(), list_.size(), lane_.size()});
  }

  [[nodiscard]] std::size_t rows() const { return rows_.size() - 1; }
  [[nodiscard]] const SparseRow& row(std::size_t index) const { return rows_[index]; }
  [[nodiscard]] std::size_t synapses(std::size_t index) const {
    return rows_[index + 1].synapses - rows_[index].synapses;
  }
  [[nodiscard]] std::span<const Demand> of(std::size_t index) const {
    return std::span(list_).subspan(rows_[index].begin,
                                    rows_[index + 1].begin - rows_[index].begin);
  }
  /// Lanes of all synapses, row after row.
  [[nodiscard]] const std::vector<std::uint8_t>& lanes() const { return lane_; }
  [[nodiscard]] const std::vector<std::uint64_t>& lane_words() const { return lane_words_; }

 private:
  std::vector<SparseRow> rows_;  ///< and one that ends the last
  std::vector<Demand> list_;
  std::vector<std::uint8_t> lane_;
  std::vector<std::uint64_t> lane_words_;
};

/// Where a sparse row's words are.
struct Window {
  std::uint64_t base = 0;
  std::uint32_t length = 0, tag = 0;
};

struct Packing {
  std::vector<Window> windows;       ///< one a sparse row
  std::vector<std::uint64_t> taken;  ///< words of its demands, as many as it has synapses
  std::uint64_t words = 0;
};

/// One attempt at giving all sparse rows their words.
class WindowPacker {
 public:
  WindowPacker(const Demands& demands, const Geometry& geometry, std::uint32_t slack)
      : demands_(demands), slack_(slack), tags_(1U << geometry.tag_bits()), lanes_(geometry.lanes) {
    result_.windows.resize(demands.rows());
    result_.taken.resize(demands.lanes().size());
  }

  /// `order`: numbers of sparse rows.
  Packing pack(std::span<const std::uint32_t> order) {
    for (const std::uint32_t row : order) place(row);
    result_.words = used_.size();
    return std::move(result_);
  }

 private:
  void place(std::size_t row) {
    const std::span<const Demand> demands = demands_.of(row);
    std::uint32_t longest = 0;
    std::uint64_t from = 0, empty = 0;
    for (const Demand& demand : demands) {
      longest = std::max(longest, demand.words);
      from = std::max(from, lanes_[demand.lane].free_from(0));
      empty = std::max(empty, lanes_[demand.lane].top());
    }
    const std::uint64_t limit = std::min(longest + slack_, kMaxLength);
    from -= std::min(from, limit - 1);
    const std::size_t attempts =
        std::clamp(kLooks / demands_.synapses(row), kFewestAttempts, kMostAttempts);
    for (std::size_t attempt = 0;; ++attempt) {
      if (attempt == attempts) from = std::max(from, empty - std::min(empty, limit - longest));
      // Where tags are few, rows of other lanes can be in the way there: nobody is at the end.
      if (attempt == 2 * attempts) from = used_.size();
      const auto [first, end] = reach(demands, from);
      if (end - first > limit) {
        from = end - limit;
        continue;
      }
      const std::uint32_t tag = free_tag(first, end);
      if (tag < tags_) {
        take(row, {first, static_cast<std::uint32_t>(end - first), tag});
        return;
      }
      from = first + 1;
    }
  }

  /// The first free words from `from` on that meet the demands: first, and one past the last.
  std::pair<std::uint64_t, std::uint64_t> reach(std::span<const Demand> demands,
                                                std::uint64_t from) {
    std::uint64_t first = std::numeric_limits<std::uint64_t>::max(), end = 0;
    for (const Demand& demand : demands) {
      std::uint64_t word = lanes_[demand.lane].free_from(from);
      first = std::min(first, word);
      for (std::uint32_t k = 1; k < demand.words; ++k) {
        word = lanes_[demand.lane].free_from(word + 1);
      }
      end = std::max(end, word + 1);
    }
    return {first, end};
  }

  /// A tag that no row has whose window overlaps; `tags_` if there is none.
  [[nodiscard]] std::uint32_t free_tag(std::uint64_t first, std::uint64_t end) {
    Tags taken;
    for (std::uint64_t k = first; k < std::min<std::uint64_t>(end, used_.size()); ++k) {
      taken |= used_[k];
    }
    // A row that shares with none has tag 0. Others take turns: most often the next tag is free.
    if (taken.empty()) return 0;
    for (std::uint32_t k = 0; k < tags_; ++k) {
      next_tag_ = (next_tag_ + 1) % tags_;
      if (!taken.has(next_tag_)) return next_tag_;
    }
    return tags_;
  }

  void take(std::size_t row, const Window& window) {
    auto taken = result_.taken.begin() + static_cast<std::ptrdiff_t>(demands_.row(row).synapses);
    for (const Demand& demand : demands_.of(row)) {
      std::uint64_t word = window.base;
      for (std::uint32_t k = 0; k < demand.words; ++k) {
        word = lanes_[demand.lane].free_from(word);
        lanes_[demand.lane].take(word);
        *taken++ = word;
      }
    }
    const std::uint64_t end = window.base + window.length;
    if (used_.size() < end) used_.resize(end);
    for (std::uint64_t k = window.base; k < end; ++k) used_[k].add(window.tag);
    result_.windows[row] = window;
  }

  const Demands& demands_;
  std::uint32_t slack_;
  std::uint32_t tags_;
  std::uint32_t next_tag_ = 0;
  std::vector<Lane> lanes_;
  std::vector<Tags> used_;  ///< by word: tags of the rows whose windows cover it
  Packing result_;
};

/// Of the attempts the one with the shortest windows that is tight enough, else the tightest.
Packing pack_windows(const Demands& demands, const Geometry& geometry, std::uint64_t available) {
  std::vector<std::uint32_t> order(demands.rows());
  std::iota(order.begin(), order.end(), 0U);
  // Large ones first, since small ones fit into what these leave.
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return demands.synapses(a) > demands.synapses(b);
  });
  const std::vector<std::uint64_t>& lane_words = demands.lane_words();
  const std::uint64_t least = *std::max_element(lane_words.begin(), lane_words.end());
  Packing best;
  for (const std::uint32_t slack : kSlacks) {
    Packing packing = WindowPacker(demands, geometry, slack).pack(order);
    if (slack == 0 || packing.words < best.words) best = std::move(packing);
    // Windows that can't overlap gain nothing; nor does a network that can't fit.
    if (geometry.tag_bits() == 0 || least > available) break;
    const bool tight = static_cast<double>(best.words) <= kTightEnough * static_cast<double>(least);
    if (tight && best.words <= available) break;
  }
  return best;
}

}  // namespace

std::uint64_t RowPlan::length() const {
  return std::accumulate(rows.begin(), rows.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Row& row) { return sum + row.length; });
}

void assign_words(const Network& network, const Geometry& geometry, const Placement& placement,
                  RowPlan& plan) {
  plan.lane_words.assign(geometry.lanes, 0);
  for (const std::vector<std::size_t>& order : plan.order) {
    plan.word.emplace_back(order.size(), 0);
  }
  for (Row& row : plan.rows) {
    if (row.sparse) continue;
    row.base = plan.words;
    plan.words += row.length;
    plan.needed_words +=
        static_cast<double>(row.synapses) / static_cast<double>(geometry.weights_per_word());
    for (std::uint64_t& words : plan.lane_words) words += row.length;
  }
  const Demands demands(network, geometry, placement, plan);
  if (demands.rows() == 0) return;
  const std::uint64_t begin = plan.words;
  const std::uint64_t left =
      geometry.synapse_words - std::min<std::uint64_t>(geometry.synapse_words, begin);
  const Packing packing = pack_windows(demands, geometry, left);
  plan.words += packing.words;
  for (std::size_t lane = 0; lane < geometry.lanes; ++lane) {
    plan.lane_words[lane] += demands.lane_words()[lane];
  }
  std::vector<std::size_t> next(geometry.lanes, 0);  // in packing.taken
  for (std::size_t s = 0; s < demands.rows(); ++s) {
    Row& row = plan.rows[demands.row(s).row];
    row.base = begin + packing.windows[s].base;
    row.length = packing.windows[s].length;
    row.target = packing.windows[s].tag;
    plan.needed_words += static_cast<double>(row.synapses);
    std::size_t at = demands.row(s).synapses;
    std::size_t synapse = at;
    for (const Demand& demand : demands.of(s)) {
      next[demand.lane] = at;
      at += demand.words;
    }
    for (std::size_t i = row.first; i < row.first + row.synapses; ++i) {
      const std::size_t lane = demands.lanes()[synapse++];
      plan.word[row.projection][i] = begin + packing.taken[next[lane]++];
    }
  }
}

}  // namespace ncx::compiler
