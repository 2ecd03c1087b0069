// SPDX-License-Identifier: BSD-3-Clause
// Real values to the fixed-point grid, with a record of what each rounding cost.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "compiler/plan.hpp"
#include "ncx/error.hpp"

namespace ncx::compiler {
namespace {

constexpr std::uint32_t kMaxLeak = (1U << map::kStateW) - 1;
constexpr std::uint32_t kThetaLowBits = map::kParamThetaPlusLow.bits;

/// Puts the values of one item on a grid and keeps count. Halves are rounded away from zero.
class Grid {
 public:
  Grid(std::string item, double step, std::int64_t low, std::int64_t high)
      : low_(static_cast<double>(low)), high_(static_cast<double>(high)) {
    entry_.item = std::move(item);
    entry_.step = step;
  }

  std::int64_t operator()(double value) {
    const double scaled = value / entry_.step;  // exact: the step is a power of two
    const double nearest = std::round(scaled);
    const double stored = std::clamp(nearest, low_, high_);
    ++entry_.values;
    if (stored != nearest) {
      ++entry_.saturated;
    } else if (nearest * entry_.step != value) {  // the division loses subnormal values
      ++entry_.rounded;
    }
    entry_.largest_error = std::max(entry_.largest_error, std::abs(stored * entry_.step - value));
    return static_cast<std::int64_t>(stored);
  }
  [[nodiscard]] const QuantisationEntry& entry() const { return entry_; }

 private:
  QuantisationEntry entry_;
  double low_, high_;
};

void put(ParameterWords& words, const map::Field& field, std::int64_t value) {
  const std::uint64_t mask = (std::uint64_t{1} << field.bits) - 1;
  words[field.word] |= (static_cast<std::uint64_t>(value) & mask) << field.lsb;
}

/// The grids of one population's parameters.
class ParameterGrids {
 public:
  ParameterGrids(const std::string& population, double step)
      : threshold_(name(population, "threshold"), step, kMinState, kMaxState),
        v_reset_(name(population, "v_reset"), step, kMinState, kMaxState),
        v_rest_(name(population, "v_rest"), step, kMinState, kMaxState),
        leak_step_(name(population, "leak"), step, 0, kMaxLeak),
        leak_factor_(name(population, "leak"), kFactorStep, 0, map::kMaxBeta),
        current_decay_(name(population, "current_decay"), kFactorStep, 0, map::kMaxBeta),
        theta_plus_(name(population, "theta_plus"), step, 0, kMaxState),
        theta_decay_(name(population, "theta_decay"), kFactorStep, 0, map::kMaxBeta) {}

  struct Result {
    ParameterWords words{};
    std::int32_t v_reset = 0;
  };
  Result operator()(const NeuronParameters& p) {
    Result result;
    ParameterWords& words = result.words;
    put(words, map::kParamThreshold, threshold_(p.threshold));
    put(words, map::kParamRefractory, p.refractory);
    result.v_reset = static_cast<std::int32_t>(v_reset_(p.v_reset));
    put(words, map::kParamVReset, result.v_reset);
    put(words, map::kParamVRest, v_rest_(p.v_rest));
    const bool exponential = p.leak_mode == Leak::kExponential;
    std::int64_t leak = kMaxLeak;  // infinity: no potential is further from v_rest
    if (exponential) {
      leak = leak_factor_(p.leak);
    } else if (std::isfinite(p.leak)) {
      leak = leak_step_(p.leak);
    }
    put(words, map::kParamLeak, leak);
    put(words, map::kParamLeakExponential, exponential ? 1 : 0);
    put(words, map::kParamRefractoryHold, p.refractory_hold ? 1 : 0);
    put(words, map::kParamSoftReset, p.soft_reset ? 1 : 0);
    const std::int64_t theta_plus = theta_plus_(p.theta_plus);
    put(words, map::kParamThetaPlusLow, theta_plus);
    put(words, map::kParamThetaPlusHigh, theta_plus >> kThetaLowBits);
    put(words, map::kParamSynBeta, current_decay_(p.current_decay));
    put(words, map::kParamThetaBeta, theta_decay_(p.theta_decay));
    return result;
  }
  void append_to(std::vector<QuantisationEntry>& report) const {
    for (const Grid* grid : {&threshold_, &v_reset_, &v_rest_, &leak_step_, &leak_factor_,
                             &current_decay_, &theta_plus_, &theta_decay_}) {
      if (grid->entry().values > 0) report.push_back(grid->entry());
    }
  }

 private:
  static constexpr double kFactorStep = 1.0 / map::kMaxBeta;
  static std::string name(const std::string& population, const char* field) {
    return fmt::format("population {}: {}", population, field);
  }

  Grid threshold_, v_reset_, v_rest_, leak_step_, leak_factor_, current_decay_, theta_plus_,
      theta_decay_;
};

/// Largest weight magnitude that the field can hold.
std::uint64_t weight_limit(const Geometry& geometry) {
  return static_cast<std::uint64_t>(-static_cast<std::int64_t>(geometry.weight_min()));
}

}  // namespace

QuantisedProjection quantise_weights(const Projection& projection, const Geometry& geometry,
                                     std::uint32_t fraction_bits, QuantisationEntry& entry) {
  double low = 0.0;
  double high = 0.0;
  for (const double weight : projection.weight) {
    low = std::min(low, weight);
    high = std::max(high, weight);
  }
  QuantisedProjection result;
  const int bits = static_cast<int>(fraction_bits);
  while (!weights_fit(low, high, geometry, bits - static_cast<int>(result.needed_exponent))) {
    ++result.needed_exponent;
  }
  result.exponent = std::min(result.needed_exponent, kMaxExponent);
  Grid grid(fmt::format("projection {}: weight", projection.name),
            std::ldexp(1.0, static_cast<int>(result.exponent) - bits), geometry.weight_min(),
            geometry.weight_max());
  result.weight.reserve(projection.weight.size());
  for (const double weight : projection.weight) {
    result.weight.push_back(static_cast<std::int32_t>(grid(weight)));
  }
  entry = grid.entry();
  return result;
}

std::uint64_t largest_input_sum(const Network& network, const Geometry& geometry,
                                const std::vector<QuantisedProjection>& projections) {
  std::vector<std::uint64_t> sums(network.neurons(), 0);
  for (std::size_t p = 0; p < projections.size(); ++p) {
    const Projection& projection = network.projections()[p];
    const QuantisedProjection& quantised = projections[p];
    const std::uint32_t first = network.populations()[projection.post].first;
    for (std::size_t i = 0; i < projection.post_index.size(); ++i) {
      const std::int64_t weight = quantised.weight[i];
      const std::uint64_t magnitude =
          projection.plastic ? weight_limit(geometry)
                             : static_cast<std::uint64_t>(weight < 0 ? -weight : weight);
      sums[first + projection.post_index[i]] += magnitude << quantised.exponent;
    }
  }
  return sums.empty() ? 0 : *std::max_element(sums.begin(), sums.end());
}

Quantised quantise(const Network& network, const Geometry& geometry,
                   const CompileOptions& options) {
  if (options.fraction_bits && *options.fraction_bits > kMaxFractionBits) {
    throw InputError(fmt::format("fraction_bits is {}, expected 0 to {}", *options.fraction_bits,
                                 kMaxFractionBits),
                     "leave it out: the compiler chooses");
  }
  Quantised result;
  result.fraction_bits =
      options.fraction_bits ? *options.fraction_bits : choose_fraction_bits(network, geometry);
  const double step = std::ldexp(1.0, -static_cast<int>(result.fraction_bits));

  std::map<ParameterWords, std::uint32_t> known;
  for (const Population& population : network.populations()) {
    ParameterGrids grids(population.name, step);
    std::vector<std::uint32_t> sets;
    std::vector<std::int32_t> v_resets;
    for (const NeuronParameters& parameters : population.parameters) {
      const ParameterGrids::Result quantised = grids(parameters);
      const auto [found, is_new] =
          known.try_emplace(quantised.words, static_cast<std::uint32_t>(result.sets.size()));
      if (is_new) result.sets.push_back(quantised.words);
      sets.push_back(found->second);
      v_resets.push_back(quantised.v_reset);
    }
    grids.append_to(result.report);
    Grid v_init(fmt::format("population {}: v_init", population.name), step, kMinState, kMaxState);
    for (std::uint32_t n = 0; n < population.size; ++n) {
      const std::size_t which = sets.size() == 1 ? 0 : n;
      result.set.push_back(sets[which]);
      result.v_reset.push_back(v_resets[which]);
      result.v_init.push_back(population.v_init.empty()
                                  ? v_resets[which]
                                  : static_cast<std::int32_t>(v_init(population.v_init[n])));
    }
    if (!population.v_init.empty()) result.report.push_back(v_init.entry());
  }
  for (const Projection& projection : network.projections()) {
    QuantisationEntry entry;
    result.projections.push_back(
        quantise_weights(projection, geometry, result.fraction_bits, entry));
    result.report.push_back(entry);
  }
  result.largest_input_sum = largest_input_sum(network, geometry, result.projections);
  return result;
}

}  // namespace ncx::compiler
