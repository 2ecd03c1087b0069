// SPDX-License-Identifier: BSD-3-Clause
// Learning profiles to the grid of the weights they change.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/grid.hpp"
#include "compiler/plan.hpp"
#include "ncx/error.hpp"

namespace ncx::compiler {
namespace {

constexpr std::uint32_t kMaxShift = 12;
constexpr std::int64_t kTraceBound = std::int64_t{1} << (map::kTraceW - 1);
constexpr double kFactorStep = 1.0 / map::kMaxBeta;

/// One side of a profile.
struct Side {
  const char *taps_field, *amplitude_field, *decay_field;
  const std::vector<double>& taps;
  double amplitude, decay;
};

Side side_of(const LearningProfile& p, std::size_t side) {
  if (side == 0) {
    return {"pre_taps", "pre_amplitude", "pre_decay", p.pre_taps, p.pre_amplitude, p.pre_decay};
  }
  return {"post_taps", "post_amplitude", "post_decay", p.post_taps, p.post_amplitude, p.post_decay};
}

/// Sum that an exponential trace comes to when every tick has a spike.
double saturating_sum(const LearningProfile& profile, double amplitude, double decay) {
  const bool adds_up = !profile.newest && profile.rule == Rule::kAdditive && decay < 1.0;
  return adds_up ? amplitude / (1.0 - decay) : amplitude;
}

/// The decay that the hardware multiplies by.
double stored_decay(double decay) { return std::round(decay / kFactorStep) * kFactorStep; }

/// Element a: what a tick at age a adds, the sum of the first a elements.
std::vector<double> drift_by_age(const LearningProfile& profile) {
  std::vector<double> result(map::kHistoryW + 1, 0.0);
  for (std::size_t age = 1; age < result.size(); ++age) {
    result[age] = result[age - 1] + (age <= profile.drift.size() ? profile.drift[age - 1] : 0.0);
  }
  return result;
}

/// What does not fit, in the user's unit.
struct Misfit {
  std::string field;
  double value = 0;
};

/// The first field that does not fit its word, or an empty one.
Misfit find_misfit(const LearningProfile& profile, double step) {
  const auto fits = [step](double value) {
    return std::abs(std::round(value / step)) < static_cast<double>(kTraceBound);
  };
  for (const std::size_t index : {0U, 1U}) {
    const Side side = side_of(profile, index);
    double low = 0.0;
    double high = 0.0;  // in steps, as rounded
    for (const double tap : side.taps) {
      if (!fits(tap)) return {fmt::format("{}: a value", side.taps_field), tap};
      const double steps = std::round(tap / step);
      (steps < 0 ? low : high) += steps;
    }
    if (!profile.newest && std::max(-low, high) >= static_cast<double>(kTraceBound)) {
      return {fmt::format("{}: a sum", side.taps_field), (-low > high ? low : high) * step};
    }
    if (!fits(side.amplitude))
      return {fmt::format("{}: a value", side.amplitude_field), side.amplitude};
    const double sum = saturating_sum(profile, side.amplitude, stored_decay(side.decay));
    if (!fits(sum)) return {fmt::format("{}: a sum", side.amplitude_field), sum};
  }
  for (const double value : drift_by_age(profile)) {
    if (!fits(value)) return {"drift: a sum", value};
  }
  return {};
}

double trace_step(double weight_step, std::uint32_t shift) {
  return std::ldexp(weight_step, -static_cast<int>(shift));
}

/// A field's grid, named "profile stdp: pre_taps".
class ProfileGrids {
 public:
  ProfileGrids(const LearningProfile& profile, std::vector<QuantisationEntry>& report)
      : profile_(profile), report_(report) {}

  [[nodiscard]] Grid grid(const char* field, double step, std::int64_t low,
                          std::int64_t high) const {
    return {fmt::format("profile {}: {}", profile_.name, field), step, low, high};
  }
  void add(const Grid& grid) {
    if (grid.entry().values > 0) report_.push_back(grid.entry());
  }

 private:
  const LearningProfile& profile_;
  std::vector<QuantisationEntry>& report_;
};

/// Weights change by whole steps: the fraction below one is rounded away at each change, however
/// exactly the traces hold it.
QuantisationEntry whole_steps(const LearningProfile& profile, double weight_step) {
  Grid grid(fmt::format("profile {}: weight changes", profile.name), weight_step,
            std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
  for (const std::vector<double>* values :
       {&profile.pre_taps, &profile.post_taps, &profile.drift}) {
    for (const double value : *values) grid(value);
  }
  return grid.entry();
}

}  // namespace

TraceRange trace_range(const LearningProfile& profile, std::size_t index) {
  const Side side = side_of(profile, index);
  const double sum = saturating_sum(profile, side.amplitude, stored_decay(side.decay));
  TraceRange range{std::min(0.0, sum), std::max(0.0, sum)};
  for (const double tap : side.taps) {
    double& end = tap < 0 ? range.low : range.high;
    if (!profile.newest) {
      end += tap;
    } else if (std::abs(tap) > std::abs(end)) {
      end = tap;
    }
  }
  return range;
}

bool traces_fit(const LearningProfile& profile, double weight_step, std::uint32_t shift) {
  return find_misfit(profile, trace_step(weight_step, shift)).field.empty();
}

QuantisedProfile quantise_profile(const LearningProfile& profile, std::uint32_t exponent,
                                  WeightLimits limits, std::uint32_t fraction_bits,
                                  std::vector<QuantisationEntry>& report) {
  const double weight_step =
      std::ldexp(1.0, static_cast<int>(exponent) - static_cast<int>(fraction_bits));
  const bool instar = profile.rule == Rule::kInstar;
  QuantisedProfile result;
  result.exponent = exponent;
  std::uint32_t shift = instar ? 0 : kMaxShift;
  while (shift > 0 && !traces_fit(profile, weight_step, shift)) --shift;
  const double step = trace_step(weight_step, shift);
  const Misfit misfit = find_misfit(profile, step);
  if (!misfit.field.empty()) {
    throw InputError(
        fmt::format("profile '{}': {} of {} does not fit, expected less than {} in magnitude (2^{} "
                    "steps of the weights, {})",
                    profile.name, misfit.field, misfit.value,
                    static_cast<double>(kTraceBound) * step, map::kTraceW - 1, step),
        "smaller changes, or fewer fraction_bits: a coarser grid");
  }
  result.shift = instar ? profile.instar_shift : shift;

  ProfileGrids grids(profile, report);
  const auto bound = [&](const char* field, double value) {
    if (std::isinf(value)) return value < 0 ? limits.low : limits.high;
    Grid grid = grids.grid(field, weight_step, limits.low, limits.high);
    const auto quantised = static_cast<std::int32_t>(grid(value));
    grids.add(grid);
    return quantised;
  };
  result.w_min = bound("w_min", profile.w_min);
  result.w_max = bound("w_max", profile.w_max);
  for (const std::size_t index : {0U, 1U}) {
    const Side side = side_of(profile, index);
    Grid taps = grids.grid(side.taps_field, step, -kTraceBound, kTraceBound - 1);
    for (std::size_t k = 0; k < side.taps.size(); ++k) {
      result.taps[index][k] = static_cast<std::int32_t>(taps(side.taps[k]));
    }
    grids.add(taps);
    if (profile.traces != Traces::kExponential || (instar && index == 1)) continue;
    Grid amplitude = grids.grid(side.amplitude_field, step, -kTraceBound, kTraceBound - 1);
    Grid decay = grids.grid(side.decay_field, kFactorStep, 0, map::kMaxBeta);
    result.amplitude[index] = static_cast<std::int32_t>(amplitude(side.amplitude));
    result.decay[index] = static_cast<std::uint32_t>(decay(side.decay));
    grids.add(amplitude);
    grids.add(decay);
  }
  if (!profile.drift.empty()) {
    Grid drift = grids.grid("drift", step, -kTraceBound, kTraceBound - 1);
    const std::vector<double> by_age = drift_by_age(profile);
    for (std::size_t age = 1; age < by_age.size(); ++age) {
      result.drift[age] = age <= profile.drift.size()
                              ? static_cast<std::int32_t>(drift(by_age[age]))
                              : result.drift[age - 1];
    }
    grids.add(drift);
  }
  const bool has_changes =
      !profile.pre_taps.empty() || !profile.post_taps.empty() || !profile.drift.empty();
  if (!instar && has_changes) report.push_back(whole_steps(profile, weight_step));
  return result;
}

}  // namespace ncx::compiler
