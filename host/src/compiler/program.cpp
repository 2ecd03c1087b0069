// SPDX-License-Identifier: BSD-3-Clause
// The sweep program: which lanes of which row update with which parameters, in which order.
#include <algorithm>
#include <numeric>

#include "compiler/plan.hpp"

namespace ncx::compiler {
namespace {

constexpr std::uint32_t kScan = 1U << map::kProgramOpScan;
constexpr std::uint32_t kApply = 1U << map::kProgramOpApply;
constexpr std::uint32_t kFirst = 1U << map::kProgramOpFirst;

/// Adds a slot to the entry of its row and parameter set, or opens one. Entries of one row are
/// neighbours at the end of the list.
void add_slot(std::vector<ProgramEntry>& entries, std::uint32_t row, std::uint32_t set,
              std::uint32_t lane) {
  for (auto entry = entries.rbegin(); entry != entries.rend() && entry->row == row; ++entry) {
    if (entry->set == set) {
      entry->mask |= 1U << lane;
      return;
    }
  }
  entries.push_back({row, set, 0, 1U << lane});
}

std::vector<std::uint32_t> by_slot(const Population& population, const Placement& placement) {
  std::vector<std::uint32_t> neurons(population.size);
  std::iota(neurons.begin(), neurons.end(), population.first);
  std::sort(neurons.begin(), neurons.end(), [&](std::uint32_t a, std::uint32_t b) {
    return placement.neuron_slot[a] < placement.neuron_slot[b];
  });
  return neurons;
}

void append_pass(std::vector<ProgramEntry>& program, const std::vector<ProgramEntry>& group,
                 std::uint32_t op) {
  for (std::size_t i = 0; i < group.size(); ++i) {
    ProgramEntry entry = group[i];
    entry.op = i == 0 ? op | kFirst : op;
    program.push_back(entry);
  }
}

}  // namespace

Program build_program(const Network& network, const Geometry& geometry, const Placement& placement,
                      const Quantised& quantised) {
  std::vector<ProgramEntry> plain;                // neurons outside of groups, by row
  std::vector<std::vector<ProgramEntry>> groups;  // by first row: populations have ascending slots
  for (const Population& population : network.populations()) {
    if (population.winner_take_all) groups.emplace_back();
    std::vector<ProgramEntry>& entries = population.winner_take_all ? groups.back() : plain;
    for (const std::uint32_t n : by_slot(population, placement)) {
      const std::uint32_t slot = placement.neuron_slot[n];
      add_slot(entries, slot / geometry.lanes, quantised.set[n], slot % geometry.lanes);
    }
  }
  Program program;
  program.groups = static_cast<std::uint32_t>(groups.size());
  auto next = plain.begin();
  for (const std::vector<ProgramEntry>& group : groups) {
    // Other neurons up to the group's first row; those that share its last row come after it.
    while (next != plain.end() && next->row <= group.front().row)
      program.entries.push_back(*next++);
    append_pass(program.entries, group, kScan);
    append_pass(program.entries, group, kApply);
  }
  program.entries.insert(program.entries.end(), next, plain.end());
  return program;
}

}  // namespace ncx::compiler
