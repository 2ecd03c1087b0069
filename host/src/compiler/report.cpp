// SPDX-License-Identifier: BSD-3-Clause
// The compile report: what is used, what was rounded, what a tick costs.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <numeric>

#include "compiler/plan.hpp"

namespace ncx {
namespace compiler {

CompileReport report(const Network& network, const Geometry& geometry, const Plan& plan,
                     double activity) {
  CompileReport result;
  result.target = geometry.name;
  result.fraction_bits = plan.quantised.fraction_bits;
  result.quantisation = plan.quantised.report;

  std::uint32_t exponent = 0;
  for (const QuantisedProjection& p : plan.quantised.projections) {
    exponent = std::max(exponent, p.needed_exponent);
  }
  result.capacity = {
      {"neurons", network.neurons(), geometry.neurons},
      {"axons", network.axons(), geometry.axons},
      {"synapse words a lane", plan.rows.words, geometry.synapse_words},
      {"row table entries", plan.rows.rows.size(), geometry.rows},
      {"sweep program entries", plan.program.entries.size(), geometry.program_entries},
      {"parameter sets", plan.quantised.sets.size(), geometry.parameter_sets},
      {"learning profiles", plan.quantised.profiles.size(), geometry.profiles},
      {"delay in ticks", plan.largest_delay, geometry.max_delay},
      {"weight exponent", exponent, kMaxExponent},
      {"input sum of a neuron", plan.quantised.largest_input_sum, kAccumulatorBound - 1},
  };

  const double stored = static_cast<double>(plan.rows.words) * geometry.lanes;
  if (plan.rows.needed_words > 0.0) {
    result.stored_per_needed_word = stored / plan.rows.needed_words;
  }
  result.lane_words = plan.rows.lane_words;
  result.neuron_slot = plan.placement.neuron_slot;
  const TickCycles cycles = tick_cycles(network, plan, activity);
  result.activity = activity;
  result.cycles_idle = cycles.idle;
  result.cycles_active = cycles.active;
  result.cycles_all = cycles.all;
  result.load_seconds = load_seconds(plan, geometry);
  return result;
}

}  // namespace compiler

bool CompileReport::fits() const {
  return std::all_of(capacity.begin(), capacity.end(),
                     [](const CapacityEntry& entry) { return entry.used <= entry.available; });
}

double CompileReport::lane_balance() const {
  const auto sum = std::accumulate(lane_words.begin(), lane_words.end(), std::uint64_t{0});
  if (sum == 0) return 1.0;
  const auto most = *std::max_element(lane_words.begin(), lane_words.end());
  return static_cast<double>(most) * static_cast<double>(lane_words.size()) /
         static_cast<double>(sum);
}

std::string CompileReport::text() const {
  std::string out;
  const auto line = std::back_inserter(out);
  fmt::format_to(line, "target {}: {}\n", target, fits() ? "fits" : "DOES NOT FIT");
  fmt::format_to(line, "\n{:<24} {:>12} {:>12} {:>6}\n", "memory or field", "used", "available",
                 "");
  for (const CapacityEntry& entry : capacity) {
    const double percent = entry.available == 0 ? 0.0
                                                : 100.0 * static_cast<double>(entry.used) /
                                                      static_cast<double>(entry.available);
    fmt::format_to(line, "{:<24} {:>12} {:>12} {:>5.0f}%{}\n", entry.item, entry.used,
                   entry.available, percent, entry.used > entry.available ? "  TOO MANY" : "");
  }
  fmt::format_to(line, "\nfixed point: {} fraction bits, step {:.3g}\n", fraction_bits,
                 1.0 / static_cast<double>(std::uint64_t{1} << fraction_bits));
  const auto is_exact = [](const QuantisationEntry& entry) {
    return entry.rounded == 0 && entry.saturated == 0;
  };
  if (std::all_of(quantisation.begin(), quantisation.end(), is_exact)) {
    fmt::format_to(line, "every value is represented exactly\n");
  } else {
    std::size_t width = 16;
    for (const QuantisationEntry& entry : quantisation) {
      if (!is_exact(entry)) width = std::max(width, entry.item.size());
    }
    fmt::format_to(line, "{:<{}} {:>9} {:>9} {:>9} {:>10} {:>13}\n", "not exact", width, "values",
                   "rounded", "saturated", "step", "largest error");
    for (const QuantisationEntry& entry : quantisation) {
      if (is_exact(entry)) continue;
      fmt::format_to(line, "{:<{}} {:>9} {:>9} {:>9} {:>10.3g} {:>13.3g}\n", entry.item, width,
                     entry.values, entry.rounded, entry.saturated, entry.step, entry.largest_error);
    }
  }
  fmt::format_to(line, "\nsynapse words stored for each needed: {:.2f}\n", stored_per_needed_word);
  if (!lane_words.empty()) {
    fmt::format_to(line, "synapse words in the fullest of {} lanes: {}, {:.2f} of a mean lane's\n",
                   lane_words.size(), *std::max_element(lane_words.begin(), lane_words.end()),
                   lane_balance());
  }
  fmt::format_to(line,
                 "cycles a tick: {:.0f} without spikes, {:.0f} if {:.3g} % of the sources spike, "
                 "{:.0f} if all do\n",
                 cycles_idle, cycles_active, 100.0 * activity, cycles_all);
  fmt::format_to(line, "loading takes {:.3g} s of wire time\n", load_seconds);
  return out;
}

std::string CompileReport::json() const {
  nlohmann::ordered_json out;
  out["target"] = target;
  out["fits"] = fits();
  out["fraction_bits"] = fraction_bits;
  out["capacity"] = nlohmann::ordered_json::array();
  for (const CapacityEntry& entry : capacity) {
    out["capacity"].push_back(
        {{"item", entry.item}, {"used", entry.used}, {"available", entry.available}});
  }
  out["quantisation"] = nlohmann::ordered_json::array();
  for (const QuantisationEntry& entry : quantisation) {
    out["quantisation"].push_back({{"item", entry.item},
                                   {"values", entry.values},
                                   {"rounded", entry.rounded},
                                   {"saturated", entry.saturated},
                                   {"step", entry.step},
                                   {"largest_error", entry.largest_error}});
  }
  out["stored_per_needed_word"] = stored_per_needed_word;
  out["lane_words"] = lane_words;
  out["activity"] = activity;
  out["cycles_idle"] = cycles_idle;
  out["cycles_active"] = cycles_active;
  out["cycles_all"] = cycles_all;
  out["load_seconds"] = load_seconds;
  return out.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace ncx
