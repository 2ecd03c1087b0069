// SPDX-License-Identifier: BSD-3-Clause
// Spreads the targets of sparse rows over the lanes.
#include <algorithm>
#include <limits>
#include <numeric>
#include <span>

#include "compiler/plan.hpp"

namespace ncx::compiler {
namespace {

/// Neurons that may take each other's slots: of one population, with one parameter set.
struct Class {
  std::vector<std::uint32_t> members;             ///< ascending
  std::vector<std::vector<std::uint32_t>> slots;  ///< by lane, ascending
};

std::vector<Class> classes_of(const Network& network, const Geometry& geometry,
                              const Placement& placement, const Quantised& quantised) {
  constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  std::vector<Class> classes;
  std::vector<std::size_t> of_set(quantised.sets.size());
  for (const Population& population : network.populations()) {
    // The order of a group's slots decides ties.
    if (population.winner_take_all) continue;
    std::fill(of_set.begin(), of_set.end(), kNone);
    for (std::uint32_t n = population.first; n < population.first + population.size; ++n) {
      std::size_t& index = of_set[quantised.set[n]];
      if (index == kNone) {
        index = classes.size();
        classes.emplace_back().slots.resize(geometry.lanes);
      }
      const std::uint32_t slot = placement.neuron_slot[n];
      classes[index].members.push_back(n);
      classes[index].slots[slot % geometry.lanes].push_back(slot);
    }
  }
  return classes;
}

/// Sparse rows by target: a row as often as it has synapses to the neuron.
struct Incoming {
  std::vector<std::size_t> begin;
  std::vector<std::uint32_t> row;
  std::uint32_t rows = 0;

  [[nodiscard]] std::span<const std::uint32_t> of(std::uint32_t neuron) const {
    return std::span(row).subspan(begin[neuron], begin[std::size_t{neuron} + 1] - begin[neuron]);
  }
};

Incoming incoming_of(const Network& network, const RowPlan& plan) {
  const auto for_each = [&](const auto& visit) {
    std::uint32_t index = 0;
    for (const Row& row : plan.rows) {
      if (!row.sparse) continue;
      const Projection& projection = network.projections()[row.projection];
      const std::uint32_t first = network.populations()[projection.post].first;
      for (std::size_t i = row.first; i < row.first + row.synapses; ++i) {
        visit(first + projection.post_index[plan.order[row.projection][i]], index);
      }
      ++index;
    }
    return index;
  };
  Incoming result;
  result.begin.assign(std::size_t{network.neurons()} + 2, 0);
  result.rows = for_each(
      [&](std::uint32_t neuron, std::uint32_t) { ++result.begin[std::size_t{neuron} + 2]; });
  std::partial_sum(result.begin.begin(), result.begin.end(), result.begin.begin());
  result.row.resize(result.begin.back());
  for_each([&](std::uint32_t neuron, std::uint32_t row) {
    result.row[result.begin[std::size_t{neuron} + 1]++] = row;
  });
  result.begin.pop_back();
  return result;
}

/// Chooses lanes, the neurons with most synapses first.
class Balancer {
 public:
  Balancer(const Network& network, const Geometry& geometry, const Placement& placement,
           const RowPlan& rows)
      : lanes_(geometry.lanes),
        incoming_(incoming_of(network, rows)),
        in_lane_(std::size_t{incoming_.rows} * lanes_, 0),
        words_(lanes_, 0),
        result_(placement) {
    mean_ = std::max(1.0, static_cast<double>(incoming_.row.size()) / lanes_);
  }

  /// A neuron stays in its lane.
  void keep(std::uint32_t neuron) { add(neuron, result_.neuron_slot[neuron] % lanes_); }

  Placement balance(std::vector<Class> classes) {
    struct Member {
      std::uint32_t neuron;
      std::size_t group;
    };
    std::vector<Member> order;
    for (std::size_t g = 0; g < classes.size(); ++g) {
      for (const std::uint32_t neuron : classes[g].members) order.push_back({neuron, g});
    }
    std::stable_sort(order.begin(), order.end(), [this](const Member& a, const Member& b) {
      return incoming_.of(a.neuron).size() > incoming_.of(b.neuron).size();
    });
    std::vector<std::vector<std::vector<std::uint32_t>>> chosen(classes.size());
    for (auto& lanes : chosen) lanes.resize(lanes_);
    for (const Member& member : order) {
      const Class& group = classes[member.group];
      auto& lists = chosen[member.group];
      const std::uint32_t lane = best_lane(
          member.neuron, [&](std::uint32_t l) { return lists[l].size() < group.slots[l].size(); });
      lists[lane].push_back(member.neuron);
      add(member.neuron, lane);
    }
    for (std::size_t g = 0; g < classes.size(); ++g) {
      for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
        std::vector<std::uint32_t>& neurons = chosen[g][lane];
        std::sort(neurons.begin(), neurons.end());
        for (std::size_t k = 0; k < neurons.size(); ++k) {
          result_.neuron_slot[neurons[k]] = classes[g].slots[lane][k];
        }
      }
    }
    return std::move(result_);
  }

 private:
  void add(std::uint32_t neuron, std::uint32_t lane) {
    for (const std::uint32_t row : incoming_.of(neuron)) {
      ++in_lane_[std::size_t{row} * lanes_ + lane];
    }
    words_[lane] += incoming_.of(neuron).size();
  }

  /// The lane in which the fewest synapses of the same rows lie, and that has few words yet.
  template <typename HasRoom>
  std::uint32_t best_lane(std::uint32_t neuron, const HasRoom& has_room) {
    const std::span<const std::uint32_t> rows = incoming_.of(neuron);
    cost_.assign(lanes_, 0.0);
    for (const std::uint32_t row : rows) {
      for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
        cost_[lane] += in_lane_[std::size_t{row} * lanes_ + lane];
      }
    }
    std::uint32_t best = lanes_;
    for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
      if (!has_room(lane)) continue;
      cost_[lane] += static_cast<double>(rows.size()) * static_cast<double>(words_[lane]) / mean_;
      if (best == lanes_ || cost_[lane] < cost_[best]) best = lane;
    }
    return best;
  }

  std::uint32_t lanes_;
  Incoming incoming_;
  std::vector<std::uint32_t> in_lane_;  ///< [row][lane]: synapses placed so far
  std::vector<std::uint64_t> words_;    ///< by lane
  double mean_ = 1.0;                   ///< words a lane in the end
  std::vector<double> cost_;
  Placement result_;
};

}  // namespace

Placement balance_lanes(const Network& network, const Geometry& geometry,
                        const Placement& placement, const Quantised& quantised,
                        const RowPlan& rows) {
  Balancer balancer(network, geometry, placement, rows);
  for (const Population& population : network.populations()) {
    if (!population.winner_take_all) continue;
    for (std::uint32_t n = 0; n < population.size; ++n) balancer.keep(population.first + n);
  }
  return balancer.balance(classes_of(network, geometry, placement, quantised));
}

}  // namespace ncx::compiler
