// SPDX-License-Identifier: BSD-3-Clause
// The pipeline: plan everything, check that it fits, only then write words.
#include "ncx/compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "compiler/plan.hpp"
#include "ncx/boards.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

using compiler::Plan;
using compiler::RowPlan;

/// Moves neurons to other lanes if that makes rows shorter.
void balance(const Network& network, const Geometry& geometry, Plan& plan) {
  const std::vector<compiler::Row>& rows = plan.rows.rows;
  if (std::none_of(rows.begin(), rows.end(), [](const compiler::Row& row) { return row.sparse; })) {
    return;
  }
  compiler::Placement placement =
      compiler::balance_lanes(network, geometry, plan.placement, plan.quantised, plan.rows);
  RowPlan balanced = compiler::plan_rows(network, geometry, placement);
  if (balanced.length() >= plan.rows.length()) return;
  plan.placement = std::move(placement);
  plan.rows = std::move(balanced);
}

Plan make_plan(const Network& network, const Geometry& geometry, const CompileOptions& options) {
  const std::string problem = geometry.problem();
  if (!problem.empty()) {
    throw InputError(fmt::format("target '{}' is not a possible build: {}", geometry.name, problem),
                     "a named build or the geometry that a device reports");
  }
  if (!(options.activity >= 0.0 && options.activity <= 1.0)) {
    throw InputError(fmt::format("the activity is {}; expected 0 to 1", options.activity),
                     "a share of the sources, 0.02 for 2 %");
  }
  Plan plan;
  plan.quantised = compiler::quantise(network, geometry, options);
  plan.placement = compiler::place(network, geometry);
  plan.rows = compiler::plan_rows(network, geometry, plan.placement);
  balance(network, geometry, plan);
  compiler::assign_words(network, geometry, plan.placement, plan.rows);
  plan.program = compiler::build_program(network, geometry, plan.placement, plan.quantised);
  for (const Projection& projection : network.projections()) {
    for (const std::uint32_t delay : projection.delay) {
      plan.largest_delay = std::max(plan.largest_delay, delay);
    }
  }
  return plan;
}

struct Remedy {
  std::string_view item, text;
};

/// What a user can do about an item besides taking a larger build.
constexpr std::array kRemedies = {
    Remedy{"neurons", "fewer neurons"},
    Remedy{"axons", "fewer axons"},
    Remedy{
        "synapse words a lane",
        "format auto, which takes the shorter of dense and sparse; fewer synapses into one neuron, "
        "as they all lie in its lane"},
    Remedy{"row table entries", "fewer projections from the same sources"},
    Remedy{"sweep program entries", "equal parameters for neighbouring neurons"},
    Remedy{"parameter sets", "fewer distinct neuron parameters"},
    Remedy{"learning profiles", "projections that share a learning profile"},
    Remedy{"delay in ticks", "relay neurons, each of which adds a tick"},
    Remedy{"weight exponent", "fewer fraction_bits, or leave them to the compiler"},
    Remedy{"input sum of a neuron",
           "fewer fraction_bits, smaller weights, or fewer synapses into one neuron"},
};

/// Whether the build is large enough. What is plain from the numbers takes no planning.
bool fits(const Network& network, const Geometry& geometry, const CompileOptions& options) {
  std::uint64_t synapses = 0;
  for (const Projection& projection : network.projections()) synapses += projection.weight.size();
  const std::uint64_t most = geometry.region_size(Region::kSynapse) * geometry.weights_per_word();
  if (network.neurons() > geometry.neurons || network.axons() > geometry.axons || synapses > most) {
    return false;
  }
  try {
    return check(network, geometry, options).fits();
  } catch (const InputError&) {
    // A weight that this build's narrower fields cannot hold: not a build to recommend.
    return false;
  }
}

/// Names of the known builds that would hold the network.
std::string builds_that_fit(const Network& network, const CompileOptions& options) {
  std::vector<std::string> names;
  for (const std::string& name : Geometry::names()) {
    if (fits(network, Geometry::named(name), options)) names.push_back(name);
  }
  return names.empty() ? "no named build holds this network"
                       : fmt::format("it fits {}", fmt::join(names, ", "));
}

std::string shortages(const CompileReport& report) {
  std::vector<std::string> problems;
  for (const CapacityEntry& entry : report.capacity) {
    if (entry.used <= entry.available) continue;
    problems.push_back(
        fmt::format("{}: {} needed, {} available", entry.item, entry.used, entry.available));
  }
  return fmt::format("{}", fmt::join(problems, "; "));
}

}  // namespace

Compiled compile(const Network& network, const Geometry& geometry, const CompileOptions& options) {
  const Plan plan = make_plan(network, geometry, options);
  Compiled result;
  result.report = compiler::report(network, geometry, plan, options.activity);
  if (!result.report.fits()) refuse(network, result.report, options);
  result.image = compiler::pack(network, geometry, plan, options.seed);
  return result;
}

void refuse(const Network& network, const CompileReport& report, const CompileOptions& options) {
  std::vector<std::string> remedies;
  for (const CapacityEntry& entry : report.capacity) {
    if (entry.used <= entry.available) continue;
    for (const Remedy& remedy : kRemedies) {
      if (remedy.item == entry.item) remedies.emplace_back(remedy.text);
    }
  }
  throw CapacityError(fmt::format("network '{}' does not fit target '{}': {}", network.name(),
                                  report.target, shortages(report)),
                      fmt::format("another target ({}); {}", builds_that_fit(network, options),
                                  fmt::join(remedies, "; ")));
}

std::string recommend(const Network& network, const CompileOptions& options) {
  std::map<std::string_view, bool> tried;  // by build: several boards have the same
  for (const Board& board : kBoards) {
    const auto [found, is_new] = tried.try_emplace(board.build, false);
    if (is_new) found->second = fits(network, Geometry::named(board.build), options);
    if (found->second) return std::string(board.name);
  }
  const Board& largest = kBoards.back();
  const CompileReport report = check(network, Geometry::of_target(largest.name), options);
  throw CapacityError(fmt::format("no board holds network '{}'; {} lacks: {}", network.name(),
                                  largest.name, shortages(report)),
                      fmt::format("a smaller network; a build of your own ({})",
                                  builds_that_fit(network, options)));
}

CompileReport check(const Network& network, const Geometry& geometry,
                    const CompileOptions& options) {
  return compiler::report(network, geometry, make_plan(network, geometry, options),
                          options.activity);
}

}  // namespace ncx
