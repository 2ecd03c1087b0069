// SPDX-License-Identifier: BSD-3-Clause
// The pipeline: plan everything, check that it fits, only then write words.
#include "ncx/compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "compiler/plan.hpp"
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
    Remedy{"synapse words a lane",
           "format auto, which takes the shorter of dense and sparse; sparse rows want targets "
           "spread evenly over the lanes"},
    Remedy{"row table entries", "fewer projections from the same sources"},
    Remedy{"sweep program entries", "equal parameters for neighbouring neurons"},
    Remedy{"parameter sets", "fewer distinct neuron parameters"},
    Remedy{"learning profiles", "projections that share a learning profile"},
    Remedy{"delay in ticks", "relay neurons, each of which adds a tick"},
    Remedy{"weight exponent", "fewer fraction_bits, or leave them to the compiler"},
    Remedy{"input sum of a neuron",
           "fewer fraction_bits, smaller weights, or fewer synapses into one neuron"},
};

/// Names of the known builds that would hold the network.
std::string builds_that_fit(const Network& network, const CompileOptions& options) {
  std::vector<std::string> names;
  for (const std::string& name : Geometry::names()) {
    try {
      if (check(network, Geometry::named(name), options).fits()) names.push_back(name);
    } catch (const InputError&) {
      // A weight that this build's narrower fields cannot hold: not a build to recommend.
    }
  }
  return names.empty() ? "no named build holds this network"
                       : fmt::format("it fits {}", fmt::join(names, ", "));
}

[[noreturn]] void refuse(const Network& network, const CompileOptions& options,
                         const CompileReport& report) {
  std::vector<std::string> problems, remedies;
  for (const CapacityEntry& entry : report.capacity) {
    if (entry.used <= entry.available) continue;
    problems.push_back(
        fmt::format("{}: {} needed, {} available", entry.item, entry.used, entry.available));
    for (const Remedy& remedy : kRemedies) {
      if (remedy.item == entry.item) remedies.emplace_back(remedy.text);
    }
  }
  throw CapacityError(fmt::format("network '{}' does not fit target '{}': {}", network.name(),
                                  report.target, fmt::join(problems, "; ")),
                      fmt::format("another target ({}); {}", builds_that_fit(network, options),
                                  fmt::join(remedies, "; ")));
}

}  // namespace

Compiled compile(const Network& network, const Geometry& geometry, const CompileOptions& options) {
  const Plan plan = make_plan(network, geometry, options);
  Compiled result;
  result.report = compiler::report(network, geometry, plan);
  if (!result.report.fits()) refuse(network, options, result.report);
  result.image = compiler::pack(network, geometry, plan, options.seed);
  return result;
}

CompileReport check(const Network& network, const Geometry& geometry,
                    const CompileOptions& options) {
  return compiler::report(network, geometry, make_plan(network, geometry, options));
}

}  // namespace ncx
