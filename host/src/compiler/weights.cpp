// SPDX-License-Identifier: BSD-3-Clause
// Which weights share an exponent, which exponent that is, and what the weights can add up to.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/grid.hpp"
#include "compiler/plan.hpp"

namespace ncx::compiler {
namespace {

constexpr int kMantissaBits = 53;
/// Where a bound is infinite, weights get room for this many of the largest trace, and for this
/// many ticks of drift.
constexpr double kTraceRoom = 2.0;
constexpr double kDriftRoom = 256.0;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

void extend(WeightGroup& group, double value, const std::string& item) {
  if (value < group.low) {
    group.low = value;
    group.low_item = item;
  }
  if (value > group.high) {
    group.high = value;
    group.high_item = item;
  }
  group.bits = std::max(group.bits, exact_bits(value));
}

/// Room for what a profile may add where no bound stops it.
void add_room(WeightGroup& group, const LearningProfile& profile) {
  const TraceRange pre = trace_range(profile, 0);
  const TraceRange post = trace_range(profile, 1);
  double down = 0.0;
  double up = 0.0;
  if (profile.rule == Rule::kInstar) {
    // Weights move towards the trace and not beyond.
    down = std::max(0.0, group.low - pre.low);
    up = std::max(0.0, pre.high - group.high);
  } else {
    const double most = std::max({-pre.low, pre.high, -post.low, post.high});
    double drift = 0.0;
    double sum = 0.0;
    for (const double step : profile.drift) {
      sum += step;
      drift = std::max(drift, std::abs(sum));
    }
    down = up = kTraceRoom * most + kDriftRoom * drift;
    group.least_room = most;
  }
  if (std::isinf(profile.w_min)) group.room_low = down;
  if (std::isinf(profile.w_max)) group.room_high = up;
}

void add_profile(WeightGroup& group, const LearningProfile& profile) {
  const std::string owner = fmt::format("profile '{}': ", profile.name);
  if (std::isfinite(profile.w_min)) extend(group, profile.w_min, owner + "w_min");
  if (std::isfinite(profile.w_max)) extend(group, profile.w_max, owner + "w_max");
  for (const std::vector<double>* values :
       {&profile.pre_taps, &profile.post_taps, &profile.drift}) {
    for (const double value : *values) group.bits = std::max(group.bits, exact_bits(value));
  }
  group.halved = std::any_of(profile.drift.begin(), profile.drift.end(),
                             [](double value) { return value != 0.0; });
  group.stays_on_grid =
      profile.rule == Rule::kAdditive && profile.traces == Traces::kKernel && !profile.modulated;
  add_room(group, profile);
}

/// `most`: the most room to leave at either end.
bool weights_fit(const WeightGroup& group, const Geometry& geometry, double most, int step_bits) {
  const WeightLimits limits = weight_limits(group, geometry);
  const double low = group.low - std::min(most, group.room_low);
  const double high = group.high + std::min(most, group.room_high);
  return std::round(std::ldexp(low, step_bits)) >= limits.low &&
         std::round(std::ldexp(high, step_bits)) <= limits.high;
}

std::uint32_t exponent_with_room(const WeightGroup& group, const Geometry& geometry,
                                 double most_room, int fraction_bits) {
  std::uint32_t exponent = 0;
  while (exponent < kMaxExponent &&
         !weights_fit(group, geometry, most_room, fraction_bits - static_cast<int>(exponent))) {
    ++exponent;
  }
  return exponent;
}

/// The largest exponent with which nothing that learning adds is rounded; weights beyond the state
/// range would be of no use.
int coarsest_exact(const WeightGroup& group, const Geometry& geometry, int fraction_bits) {
  const int useful = static_cast<int>(map::kStateW - geometry.weight_bits);
  return std::min({fraction_bits - group.bits, useful, static_cast<int>(kMaxExponent)});
}

QuantisedProjection quantise_projection(const Projection& projection, WeightLimits limits,
                                        std::uint32_t exponent, std::uint32_t fraction_bits,
                                        QuantisationEntry& entry) {
  QuantisedProjection result;
  result.exponent = exponent;
  Grid grid(fmt::format("projection {}: weight", projection.name),
            std::ldexp(1.0, static_cast<int>(exponent) - static_cast<int>(fraction_bits)),
            limits.low, limits.high);
  result.weight.reserve(projection.weight.size());
  for (const double weight : projection.weight) {
    result.weight.push_back(static_cast<std::int32_t>(grid(weight)));
  }
  entry = grid.entry();
  return result;
}

/// Weights and profiles with the exponent of every group given.
WeightPlan quantise_groups(const Network& network, const Geometry& geometry,
                           std::uint32_t fraction_bits, const std::vector<WeightGroup>& groups,
                           const std::vector<std::uint32_t>& exponents) {
  WeightPlan plan;
  std::vector<QuantisationEntry> entries(network.projections().size());
  plan.projections.resize(network.projections().size());
  plan.hardware_profile.assign(network.profiles().size(), -1);
  std::vector<std::size_t> group_of(network.profiles().size(), groups.size());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const WeightLimits limits = weight_limits(groups[g], geometry);
    const std::uint32_t needed =
        needed_exponent(network, groups[g], geometry, static_cast<int>(fraction_bits));
    for (const std::uint32_t p : groups[g].projections) {
      plan.projections[p] = quantise_projection(network.projections()[p], limits, exponents[g],
                                                fraction_bits, entries[p]);
      plan.projections[p].needed_exponent = std::max(needed, exponents[g]);
    }
    if (groups[g].profile >= 0) group_of[static_cast<std::size_t>(groups[g].profile)] = g;
  }
  plan.report = std::move(entries);
  for (std::size_t user = 0; user < group_of.size(); ++user) {
    const std::size_t g = group_of[user];
    if (g == groups.size()) continue;
    plan.hardware_profile[user] = static_cast<std::int32_t>(plan.profiles.size());
    plan.profiles.push_back(quantise_profile(network.profiles()[user], exponents[g],
                                             weight_limits(groups[g], geometry), fraction_bits,
                                             plan.report));
    plan.profiles.back().user = static_cast<std::uint32_t>(user);
  }
  plan.largest_input_sum = largest_input_sum(network, geometry, plan);
  return plan;
}

std::uint64_t magnitude(std::int64_t value) {
  return static_cast<std::uint64_t>(value < 0 ? -value : value);
}

}  // namespace

int exact_bits(double value) {
  if (value == 0.0) return kAnyBits;
  int exponent = 0;
  auto mantissa =
      static_cast<std::int64_t>(std::ldexp(std::frexp(std::abs(value), &exponent), kMantissaBits));
  exponent -= kMantissaBits;
  while ((mantissa & 1) == 0) {
    mantissa /= 2;
    ++exponent;
  }
  return -exponent;
}

WeightLimits weight_limits(const WeightGroup& group, const Geometry& geometry) {
  if (!group.halved) return {geometry.weight_min(), geometry.weight_max()};
  const std::int32_t most = (1 << (geometry.weight_bits - 2)) - 1;
  return {-most, most};
}

std::vector<WeightGroup> weight_groups(const Network& network) {
  std::vector<WeightGroup> groups;
  std::vector<std::size_t> group_of(network.profiles().size(),
                                    std::numeric_limits<std::size_t>::max());
  for (std::size_t p = 0; p < network.projections().size(); ++p) {
    const Projection& projection = network.projections()[p];
    std::size_t g = groups.size();
    if (projection.profile >= 0) {
      std::size_t& known = group_of[static_cast<std::size_t>(projection.profile)];
      if (known < groups.size()) g = known;
      known = g;
    }
    if (g == groups.size()) {
      groups.emplace_back();
      groups.back().profile = projection.profile;
      groups.back().bits = kAnyBits;
    }
    groups[g].projections.push_back(static_cast<std::uint32_t>(p));
    const std::string item = fmt::format("projection '{}': a weight", projection.name);
    for (const double weight : projection.weight) extend(groups[g], weight, item);
  }
  for (WeightGroup& group : groups) {
    if (group.profile < 0) continue;
    add_profile(group, network.profiles()[static_cast<std::size_t>(group.profile)]);
  }
  return groups;
}

std::uint32_t needed_exponent(const Network& network, const WeightGroup& group,
                              const Geometry& geometry, int fraction_bits) {
  const auto fits = [&](int exponent) {
    const int step_bits = fraction_bits - exponent;
    if (!weights_fit(group, geometry, 0.0, step_bits)) return false;
    return group.profile < 0 ||
           traces_fit(network.profiles()[static_cast<std::size_t>(group.profile)],
                      std::ldexp(1.0, -step_bits), 0);
  };
  std::uint32_t exponent = 0;
  while (!fits(static_cast<int>(exponent))) ++exponent;
  return exponent;
}

std::uint32_t least_exponent(const Network& network, const WeightGroup& group,
                             const Geometry& geometry, int fraction_bits) {
  const std::uint32_t needed =
      std::min(kMaxExponent, needed_exponent(network, group, geometry, fraction_bits));
  if (group.profile < 0) return needed;
  const std::uint32_t wanted =
      std::max(needed, exponent_with_room(group, geometry, kInfinity, fraction_bits));
  if (!group.stays_on_grid) return wanted;
  // Exactness is worth most of the room.
  const std::uint32_t tight =
      std::max(needed, exponent_with_room(group, geometry, group.least_room, fraction_bits));
  const int exact = fraction_bits - group.bits;
  return exact >= static_cast<int>(tight) ? std::min(wanted, static_cast<std::uint32_t>(exact))
                                          : wanted;
}

WeightPlan quantise_weights(const Network& network, const Geometry& geometry,
                            std::uint32_t fraction_bits) {
  const std::vector<WeightGroup> groups = weight_groups(network);
  std::vector<std::uint32_t> least;
  std::vector<int> most;  // what can be had without rounding more
  int spare = 0;
  for (const WeightGroup& group : groups) {
    least.push_back(least_exponent(network, group, geometry, static_cast<int>(fraction_bits)));
    const bool unbounded = group.room_low > 0.0 || group.room_high > 0.0;
    most.push_back(unbounded && group.stays_on_grid
                       ? coarsest_exact(group, geometry, static_cast<int>(fraction_bits))
                       : static_cast<int>(least.back()));
    spare = std::max(spare, most.back() - static_cast<int>(least.back()));
  }
  // Weights that nothing bounds may grow as far as a coarser grid costs nothing.
  for (; spare > 0; --spare) {
    std::vector<std::uint32_t> exponents = least;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const int raised = std::min(static_cast<int>(least[g]) + spare, most[g]);
      exponents[g] = std::max(least[g], static_cast<std::uint32_t>(std::max(0, raised)));
    }
    WeightPlan plan = quantise_groups(network, geometry, fraction_bits, groups, exponents);
    if (plan.largest_input_sum < kAccumulatorBound) return plan;
  }
  return quantise_groups(network, geometry, fraction_bits, groups, least);
}

std::uint64_t largest_input_sum(const Network& network, const Geometry& geometry,
                                const WeightPlan& weights) {
  const std::uint64_t field = magnitude(geometry.weight_min());
  std::vector<std::uint64_t> sums(network.neurons(), 0);
  for (std::size_t p = 0; p < weights.projections.size(); ++p) {
    const Projection& projection = network.projections()[p];
    const QuantisedProjection& quantised = weights.projections[p];
    // The most that learning, or the drift alone, can make of a weight.
    std::uint64_t learned = field;
    if (projection.profile >= 0) {
      const auto user = static_cast<std::size_t>(projection.profile);
      const QuantisedProfile& profile =
          weights.profiles[static_cast<std::size_t>(weights.hardware_profile[user])];
      const bool drifts = std::any_of(profile.drift.begin(), profile.drift.end(),
                                      [](std::int32_t step) { return step != 0; });
      learned =
          drifts ? field + field / 2 : std::max(magnitude(profile.w_min), magnitude(profile.w_max));
    }
    const bool twice =
        projection.pre_is_axon && !network.axon_groups()[projection.pre].rates.empty();
    const std::uint32_t first = network.populations()[projection.post].first;
    for (std::size_t i = 0; i < projection.post_index.size(); ++i) {
      std::uint64_t most = magnitude(quantised.weight[i]);
      const bool learns = projection.plastic &&
                          (projection.plastic_mask.empty() || projection.plastic_mask[i] != 0);
      if (learns) most = std::max(most, learned);
      sums[first + projection.post_index[i]] += (most << quantised.exponent) * (twice ? 2 : 1);
    }
  }
  return sums.empty() ? 0 : *std::max_element(sums.begin(), sums.end());
}

}  // namespace ncx::compiler
