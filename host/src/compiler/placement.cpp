// SPDX-License-Identifier: BSD-3-Clause
// Gives every neuron a slot and every axon a number.
#include "compiler/plan.hpp"

namespace ncx::compiler {
namespace {

std::uint32_t groups_touched(std::uint32_t first_slot, std::uint32_t size, std::uint32_t group) {
  return (first_slot + size - 1) / group - first_slot / group + 1;
}

/// Rows of lanes that hold `count`.
std::uint32_t rows_for(std::uint32_t count, std::uint32_t lanes) {
  return (count + lanes - 1) / lanes;
}

}  // namespace

Placement place(const Network& network, const Geometry& geometry) {
  Placement result;
  // Slots that one dense word over all lanes serves.
  const std::uint32_t group = geometry.lanes * geometry.weights_per_word();
  std::uint32_t next = 0;
  std::uint32_t remaining = network.neurons();
  for (const Population& population : network.populations()) {
    // Starting at a group boundary spares each dense row to this population a word, but costs
    // slots: done only while all neurons that are left still fit.
    const std::uint32_t aligned = rows_for(next, group) * group;
    const bool spares_a_word = groups_touched(aligned, population.size, group) <
                               groups_touched(next, population.size, group);
    if (spares_a_word && aligned <= geometry.neurons && remaining <= geometry.neurons - aligned) {
      next = aligned;
    }
    for (std::uint32_t n = 0; n < population.size; ++n) result.neuron_slot.push_back(next++);
    remaining -= population.size;
  }
  result.used_rows = rows_for(next, geometry.lanes);

  // Axons with encoders come first: the encoders of rows 0 .. encoder_rows - 1 draw in every tick.
  result.axon_row.resize(network.axons());
  std::uint32_t axon = 0;
  for (const bool with_encoder : {true, false}) {
    for (const AxonGroup& axons : network.axon_groups()) {
      if (axons.rates.empty() == with_encoder) continue;
      for (std::uint32_t a = 0; a < axons.size; ++a) result.axon_row[axons.first + a] = axon++;
    }
    if (with_encoder) result.encoder_rows = rows_for(axon, geometry.lanes);
  }
  return result;
}

}  // namespace ncx::compiler
