// SPDX-License-Identifier: BSD-3-Clause
// Chooses where the binary point lies: as fine as the ranges allow, with room for sums, and exact
// where the network's values are.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "compiler/plan.hpp"
#include "ncx/error.hpp"

namespace ncx::compiler {
namespace {

// State values stay below half the state range, so that a potential has somewhere to go.
constexpr double kHeadroom = static_cast<double>(std::int64_t{1} << (map::kStateW - 2));
// In a network that a coarser grid holds as exactly, half of the state's bits go to headroom.
constexpr double kBalanced = static_cast<double>(std::int64_t{1} << (map::kStateW / 2));

// A state value that no grid holds exactly keeps at least this many significant bits.
constexpr int kStateResolution = 10;
/// What the choice depends on.
struct Needs {
  double largest_state = 0, smallest_state = 0;  ///< magnitudes; zeros do not count
  std::string largest_item;
  int state_bits = 0;
  bool decays = false;  ///< a multiplication by a factor between 0 and 1: finer grids are better
  std::vector<WeightGroup> weights;
  double largest_sum =
      0;  ///< over neurons: sum of the absolute weights into it, with room to learn
};

bool is_inner_factor(double factor) { return factor > 0.0 && factor < 1.0; }

void add_state(Needs& needs, double value, const std::string& population, const char* field) {
  if (std::abs(value) > needs.largest_state) {
    needs.largest_state = std::abs(value);
    needs.largest_item = fmt::format("population '{}': {}", population, field);
  }
  if (value != 0.0 && (needs.smallest_state == 0.0 || std::abs(value) < needs.smallest_state)) {
    needs.smallest_state = std::abs(value);
  }
  needs.state_bits = std::max(needs.state_bits, exact_bits(value));
}

Needs collect(const Network& network) {
  Needs needs;
  for (const Population& population : network.populations()) {
    const auto add = [&](double value, const char* field) {
      add_state(needs, value, population.name, field);
    };
    for (const NeuronParameters& p : population.parameters) {
      add(p.threshold, "threshold");
      add(p.v_reset, "v_reset");
      add(p.v_rest, "v_rest");
      add(p.theta_plus, "theta_plus");
      if (p.leak_mode == Leak::kSubtractive && std::isfinite(p.leak)) add(p.leak, "leak");
      needs.decays = needs.decays || is_inner_factor(p.current_decay) ||
                     (p.leak_mode == Leak::kExponential && is_inner_factor(p.leak)) ||
                     (p.theta_plus > 0.0 && is_inner_factor(p.theta_decay));
    }
    for (const double value : population.v_init) add(value, "v_init");
  }
  needs.weights = weight_groups(network);
  std::vector<double> sums(network.neurons(), 0.0);
  for (const WeightGroup& group : needs.weights) {
    const bool learns = group.profile >= 0;
    // A grid that is finer than the values takes part in how weights that are multiplied or halved
    // develop.
    needs.decays = needs.decays || (learns && !group.stays_on_grid);
    const double reach = std::max(group.room_low - group.low, group.room_high + group.high);
    for (const std::uint32_t p : group.projections) {
      const Projection& projection = network.projections()[p];
      const std::uint32_t first = network.populations()[projection.post].first;
      for (std::size_t i = 0; i < projection.weight.size(); ++i) {
        const bool fixed = !projection.plastic_mask.empty() && projection.plastic_mask[i] == 0;
        sums[first + projection.post_index[i]] +=
            learns && !fixed ? reach : std::abs(projection.weight[i]);
      }
    }
  }
  if (!sums.empty()) needs.largest_sum = *std::max_element(sums.begin(), sums.end());
  return needs;
}

/// Largest f <= `from` with `fits(f)`, or `floor` - 1. `fits` holds for all f below one for which
/// it holds.
template <typename Fits>
int largest(int from, const Fits& fits, int floor = 0) {
  while (from >= floor && !fits(from)) --from;
  return from;
}

bool accumulators_fit(const Network& network, const Geometry& geometry, int fraction_bits) {
  return quantise_weights(network, geometry, static_cast<std::uint32_t>(fraction_bits))
             .largest_input_sum < kAccumulatorBound;
}

[[noreturn]] void refuse_weights(const Network& network, const Geometry& geometry,
                                 const WeightGroup& group) {
  const WeightLimits limits = weight_limits(group, geometry);
  const double step = std::ldexp(1.0, static_cast<int>(kMaxExponent));
  if (std::round(group.low / step) >= limits.low && std::round(group.high / step) <= limits.high) {
    // Then it is the traces: this throws.
    std::vector<QuantisationEntry> ignored;
    static_cast<void>(quantise_profile(network.profiles()[static_cast<std::size_t>(group.profile)],
                                       kMaxExponent, limits, 0, ignored));
  }
  const bool low = -group.low > group.high;
  throw InputError(fmt::format("{} of {} does not fit {} bits with an exponent of at most {}",
                               low ? group.low_item : group.high_item, low ? group.low : group.high,
                               geometry.weight_bits - (group.halved ? 1 : 0), kMaxExponent),
                   "one unit for all potentials and weights in which they are smaller");
}

}  // namespace

std::uint32_t choose_fraction_bits(const Network& network, const Geometry& geometry) {
  const Needs needs = collect(network);
  const auto needed = [&](const WeightGroup& group, int f) {
    return needed_exponent(network, group, geometry, f);
  };
  const auto weights_fit_at = [&](int f) {
    return std::all_of(needs.weights.begin(), needs.weights.end(),
                       [&](const WeightGroup& group) { return needed(group, f) <= kMaxExponent; });
  };
  const int kMost = static_cast<int>(kMaxFractionBits);

  const int with_weights = largest(kMost, weights_fit_at);
  if (with_weights < 0) {
    refuse_weights(
        network, geometry,
        *std::find_if(needs.weights.begin(), needs.weights.end(),
                      [&](const WeightGroup& group) { return needed(group, 0) > kMaxExponent; }));
  }
  if (std::round(needs.largest_state) > static_cast<double>(kMaxState)) {
    throw InputError(
        fmt::format("{}: {} in magnitude is beyond the state range, expected at most {}",
                    needs.largest_item, needs.largest_state, kMaxState),
        "a unit in which all potentials and weights are smaller; a leak that forgets everything "
        "is infinity");
  }
  // The finest grid. Without headroom at f = 0 there is still f = 0 itself.
  int finest = std::max(0, largest(with_weights, [&](int f) {
                          return std::ldexp(needs.largest_state, f) < kHeadroom;
                        }));
  finest =
      std::max(0, largest(finest, [&](int f) { return accumulators_fit(network, geometry, f); }));

  // Below `lossless` a projection's largest weight would use fewer bits than it can.
  int lossless = 0;
  int exact = needs.state_bits;
  bool is_exact = true;
  for (const WeightGroup& group : needs.weights) {
    if (group.high + group.room_high == group.low - group.room_low) continue;  // all are 0
    const int without_exponent = largest(
        kMost, [&](int f) { return least_exponent(network, group, geometry, f) == 0; },
        -static_cast<int>(kMaxExponent));
    const bool enough = group.profile >= 0 && group.stays_on_grid && group.bits <= without_exponent;
    lossless = std::max(lossless, enough ? group.bits : without_exponent);
    exact = std::max(exact, group.bits);
    // Above without_exponent the step of the weights stays what it is there.
    is_exact = is_exact && group.bits <= without_exponent;
  }
  is_exact = is_exact && exact <= finest;
  const int roomy =
      std::max(0, largest(finest, [&](int f) {
                 return std::ldexp(needs.largest_state + needs.largest_sum, f) < kHeadroom;
               }));
  if (is_exact && !needs.decays) {
    const int balanced = std::max(
        0, largest(roomy, [&](int f) { return std::ldexp(needs.largest_state, f) <= kBalanced; }));
    return static_cast<std::uint32_t>(std::max(balanced, exact));
  }
  int least = is_exact ? std::max(lossless, exact) : lossless;
  if (needs.state_bits <= finest) {
    least = std::max(least, needs.state_bits);
  } else {
    // One more than the largest f at which the smallest value has too few bits.
    least = std::max(least, 1 + largest(finest, [&](int f) {
                              return std::ldexp(needs.smallest_state, f) <
                                     std::ldexp(1.0, kStateResolution);
                            }));
  }
  return static_cast<std::uint32_t>(std::max(roomy, std::min(least, finest)));
}

}  // namespace ncx::compiler
