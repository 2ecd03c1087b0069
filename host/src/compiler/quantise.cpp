// SPDX-License-Identifier: BSD-3-Clause
// Real values to the fixed-point grid, with a record of what each rounding cost.
#include <fmt/format.h>

#include <cmath>
#include <map>

#include "compiler/grid.hpp"
#include "compiler/plan.hpp"
#include "ncx/error.hpp"

namespace ncx::compiler {
namespace {

constexpr std::uint32_t kMaxLeak = (1U << map::kStateW) - 1;
constexpr std::uint32_t kThetaLowBits = map::kParamThetaPlusLow.bits;

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

}  // namespace

Quantised quantise(const Network& network, const Geometry& geometry,
                   const CompileOptions& options) {
  const auto wanted = options.fraction_bits ? options.fraction_bits : network.fraction_bits();
  if (wanted && *wanted > kMaxFractionBits) {
    throw InputError(
        fmt::format("fraction_bits is {}, expected 0 to {}", *wanted, kMaxFractionBits),
        "leave it out: the compiler chooses");
  }
  Quantised result;
  result.fraction_bits = wanted ? *wanted : choose_fraction_bits(network, geometry);
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
  WeightPlan weights = quantise_weights(network, geometry, result.fraction_bits);
  result.projections = std::move(weights.projections);
  result.profiles = std::move(weights.profiles);
  result.hardware_profile = std::move(weights.hardware_profile);
  result.largest_input_sum = weights.largest_input_sum;
  result.report.insert(result.report.end(), weights.report.begin(), weights.report.end());
  return result;
}

}  // namespace ncx::compiler
