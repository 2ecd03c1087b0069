// SPDX-License-Identifier: BSD-3-Clause
// What the compiler's steps hand to each other. None of it allocates by the target's size, so that
// a network that does not fit can still be planned and reported.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "ncx/compiler.hpp"
#include "ncx/geometry.hpp"
#include "ncx/map.hpp"
#include "ncx/network.hpp"

namespace ncx::compiler {

inline constexpr std::uint32_t kMaxFractionBits = 20;
inline constexpr std::uint32_t kMaxExponent = (1U << map::kExponentW) - 1;
inline constexpr std::int64_t kMaxState = (std::int64_t{1} << (map::kStateW - 1)) - 1;
inline constexpr std::int64_t kMinState = -kMaxState - 1;
/// docs/model.md: sums of weights stay below this, so that 32-bit accumulators cannot overflow.
inline constexpr std::uint64_t kAccumulatorBound = std::uint64_t{1} << 30;

/// The packed words of one parameter set.
using ParameterWords = std::array<std::uint64_t, map::kParameterWords>;

struct QuantisedProjection {
  std::uint32_t exponent = 0;         ///< in the image
  std::uint32_t needed_exponent = 0;  ///< larger than `exponent` if the field cannot hold it
  std::vector<std::int32_t> weight;   ///< in the user's order
};

/// The network on its fixed-point grid.
struct Quantised {
  std::uint32_t fraction_bits = 0;
  std::vector<ParameterWords> sets;   ///< distinct, in order of first use
  std::vector<std::uint32_t> set;     ///< user neuron -> index in sets
  std::vector<std::int32_t> v_reset;  ///< user neuron
  std::vector<std::int32_t> v_init;   ///< user neuron
  std::vector<QuantisedProjection> projections;
  std::uint64_t largest_input_sum = 0;  ///< over neurons: sum of |w| * 2^e of all synapses into it
  std::vector<QuantisationEntry> report;
};

struct Placement {
  std::vector<std::uint32_t> neuron_slot;  ///< user neuron -> slot
  std::vector<std::uint32_t> axon_row;     ///< user axon -> hardware axon
  std::uint32_t used_rows = 0;             ///< local rows up to the last used one
  std::uint32_t encoder_rows = 0;
};

struct ProgramEntry {
  std::uint32_t row = 0, set = 0, op = 0, mask = 0;
};

struct Program {
  std::vector<ProgramEntry> entries;
  std::uint32_t groups = 0;  ///< winner-take-all groups
};

/// One entry of the row table.
struct Row {
  bool source_is_axon = false;
  std::uint32_t source = 0;  ///< slot or hardware axon
  std::uint32_t projection = 0;
  bool sparse = false;
  std::uint64_t base = 0;  ///< may lie beyond the memory when the network does not fit
  std::uint32_t length = 0;
  std::uint32_t target = 0;  ///< dense: first group of local rows
  std::size_t first = 0;     ///< its synapses: positions in RowPlan::order[projection]
  std::size_t synapses = 0;
};

struct RowPlan {
  std::vector<Row> rows;  ///< by source (slots, then axons), then by projection
  std::vector<std::vector<std::size_t>> order;  ///< per projection: synapse numbers row by row
  std::uint64_t words = 0;                      ///< synapse words a lane
  double needed_words = 0;  ///< words over all lanes that the rows' formats cannot do without
};

/// Everything compile() packs and check() reports.
struct Plan {
  Quantised quantised;
  Placement placement;
  Program program;
  RowPlan rows;
  std::uint32_t largest_delay = 1;
};

/// Throws InputError for values that no grid can hold.
[[nodiscard]] Quantised quantise(const Network& network, const Geometry& geometry,
                                 const CompileOptions& options);
/// The largest sum of |weight| * 2^exponent into one neuron; a plastic weight counts with the most
/// that its field can hold.
[[nodiscard]] std::uint64_t largest_input_sum(const Network& network, const Geometry& geometry,
                                              const std::vector<QuantisedProjection>& projections);
/// Whether weights from `low` <= 0 to `high` >= 0, in steps of 2^-step_bits, fit the weight field.
[[nodiscard]] bool weights_fit(double low, double high, const Geometry& geometry, int step_bits);
[[nodiscard]] std::uint32_t choose_fraction_bits(const Network& network, const Geometry& geometry);
/// Weights of one projection; `entry` receives how they fared.
[[nodiscard]] QuantisedProjection quantise_weights(const Projection& projection,
                                                   const Geometry& geometry,
                                                   std::uint32_t fraction_bits,
                                                   QuantisationEntry& entry);
[[nodiscard]] Placement place(const Network& network, const Geometry& geometry);
[[nodiscard]] Program build_program(const Network& network, const Geometry& geometry,
                                    const Placement& placement, const Quantised& quantised);
[[nodiscard]] RowPlan plan_rows(const Network& network, const Geometry& geometry,
                                const Placement& placement);
[[nodiscard]] Image pack(const Network& network, const Geometry& geometry, const Plan& plan,
                         std::uint32_t seed);

/// Clock cycles of a tick without any spike, and of one in which every source is due; what it costs
/// to send spikes and potentials to the host is not in them.
struct TickCycles {
  double idle = 0, all = 0;
};
[[nodiscard]] TickCycles tick_cycles(const Network& network, const Plan& plan);
/// Wire time of a full load; 0 if the target has no baud rate.
[[nodiscard]] double load_seconds(const Plan& plan, const Geometry& geometry);
[[nodiscard]] CompileReport report(const Network& network, const Geometry& geometry,
                                   const Plan& plan);

}  // namespace ncx::compiler
