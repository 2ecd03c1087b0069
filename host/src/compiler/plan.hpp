// SPDX-License-Identifier: BSD-3-Clause
// What the compiler's steps hand to each other. None of it allocates by the target's size, so that
// a network that does not fit can still be planned and reported.
#pragma once

#include <array>
#include <cstdint>
#include <string>
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

/// Addresses of a profile in TAPS and DRIFT_STEP.
inline constexpr std::size_t kTapsStride = 2 * (map::kHistoryW / 4) * 16, kDriftStride = 32;

/// The packed words of one parameter set.
using ParameterWords = std::array<std::uint64_t, map::kParameterWords>;

struct QuantisedProjection {
  std::uint32_t exponent = 0;         ///< in the image
  std::uint32_t needed_exponent = 0;  ///< larger than `exponent` if the field cannot hold it
  std::vector<std::int32_t> weight;   ///< in the user's order
};

/// A learning profile in units of the weights of its rows: a step is 2^exponent state units.
struct QuantisedProfile {
  std::uint32_t user = 0;  ///< index in the network
  std::uint32_t exponent = 0;
  std::int32_t w_min = 0, w_max = 0;
  /// Additive: fraction bits of the traces and the drift below a weight's step. Instar: the rule's
  /// shift.
  std::uint32_t shift = 0;
  std::array<std::array<std::int32_t, map::kHistoryW>, 2> taps{};  ///< pre, post
  std::array<std::int32_t, 2> amplitude{};
  std::array<std::uint32_t, 2> decay{};
  std::array<std::int32_t, map::kHistoryW + 1> drift{};  ///< a tick's, by age
};

/// Weights that share an exponent: those of one projection, or of all with one learning profile.
struct WeightGroup {
  std::int32_t profile = -1;  ///< the user's
  std::vector<std::uint32_t> projections;
  double low = 0, high = 0;  ///< weights and finite bounds, which must fit
  std::string low_item, high_item;
  double room_low = 0, room_high = 0;  ///< to learn beyond them where a bound is infinite
  double least_room = 0;               ///< of it what exactness must leave
  int bits = 0;                        ///< exact_bits of the finest weight, bound, tap and drift
  bool halved = false;                 ///< a drift needs the guard bit
  /// All that learning adds is on the grid of `bits`, so that a finer one would gain nothing.
  bool stays_on_grid = false;
};

/// The network on its fixed-point grid.
struct Quantised {
  std::uint32_t fraction_bits = 0;
  std::vector<ParameterWords> sets;   ///< distinct, in order of first use
  std::vector<std::uint32_t> set;     ///< user neuron -> index in sets
  std::vector<std::int32_t> v_reset;  ///< user neuron
  std::vector<std::int32_t> v_init;   ///< user neuron
  std::vector<QuantisedProjection> projections;
  std::vector<QuantisedProfile> profiles;      ///< one a hardware profile
  std::vector<std::int32_t> hardware_profile;  ///< user profile -> index in profiles, -1: not used
  std::uint64_t largest_input_sum = 0;         ///< over neurons, see input_sum
  std::vector<QuantisationEntry> report;
};

/// The part of Quantised that depends on fraction_bits, weights and learning profiles alone.
struct WeightPlan {
  std::vector<QuantisedProjection> projections;
  std::vector<QuantisedProfile> profiles;
  std::vector<std::int32_t> hardware_profile;
  std::uint64_t largest_input_sum = 0;
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
  std::uint32_t target = 0;  ///< dense: first group of local rows; sparse: tag
  std::size_t first = 0;     ///< its synapses: positions in RowPlan::order[projection]
  std::size_t synapses = 0;
};

struct RowPlan {
  std::vector<Row> rows;  ///< by source (slots, then axons), then by projection
  std::vector<std::vector<std::size_t>> order;  ///< per projection: synapse numbers row by row
  /// Per projection, as `order`: the word in which a sparse row's synapse lies, in its target's
  /// lane.
  std::vector<std::vector<std::uint64_t>> word;
  std::uint64_t words = 0;  ///< synapse words a lane
  double needed_words = 0;  ///< words over all lanes that the rows' formats cannot do without
  std::vector<std::uint64_t> lane_words;  ///< that hold synapses, by lane
  /// Of all rows together.
  [[nodiscard]] std::uint64_t length() const;
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
[[nodiscard]] std::uint32_t choose_fraction_bits(const Network& network, const Geometry& geometry);
/// Exponents, weights and learning profiles. Throws InputError for a profile whose traces no
/// exponent makes fit.
[[nodiscard]] WeightPlan quantise_weights(const Network& network, const Geometry& geometry,
                                          std::uint32_t fraction_bits);
/// The largest sum of |weight| * 2^exponent that can arrive at one neuron in one tick: a weight
/// that learns counts with the largest magnitude it can reach, and a synapse of an axon with an
/// encoder twice, since its encoder and the host can both make it spike.
[[nodiscard]] std::uint64_t largest_input_sum(const Network& network, const Geometry& geometry,
                                              const WeightPlan& weights);

[[nodiscard]] std::vector<WeightGroup> weight_groups(const Network& network);
/// Smallest exponent with which the group's weights, bounds and traces fit; may be larger than the
/// field holds.
[[nodiscard]] std::uint32_t needed_exponent(const Network& network, const WeightGroup& group,
                                            const Geometry& geometry, int fraction_bits);
/// The same with room to learn, as far as exponents reach.
[[nodiscard]] std::uint32_t least_exponent(const Network& network, const WeightGroup& group,
                                           const Geometry& geometry, int fraction_bits);
/// Limits of a group's weights in the field.
struct WeightLimits {
  std::int32_t low = 0, high = 0;
};
[[nodiscard]] WeightLimits weight_limits(const WeightGroup& group, const Geometry& geometry);

/// Fewest fraction bits with which `value` is a whole number of steps; negative for multiples of
/// powers of two, kAnyBits for 0.
[[nodiscard]] int exact_bits(double value);
inline constexpr int kAnyBits = -2000;

/// What a trace of one side (0: pre, 1: post) can add up to.
struct TraceRange {
  double low = 0, high = 0;
};
[[nodiscard]] TraceRange trace_range(const LearningProfile& profile, std::size_t side);
/// Whether traces and drift fit their words with `shift` fraction bits below a weight's step.
[[nodiscard]] bool traces_fit(const LearningProfile& profile, double weight_step,
                              std::uint32_t shift);
/// `exponent` and `limits` are those of the profile's weights. Throws InputError if they do not fit
/// even without fraction bits.
[[nodiscard]] QuantisedProfile quantise_profile(const LearningProfile& profile,
                                                std::uint32_t exponent, WeightLimits limits,
                                                std::uint32_t fraction_bits,
                                                std::vector<QuantisationEntry>& report);
[[nodiscard]] Placement place(const Network& network, const Geometry& geometry);
[[nodiscard]] Program build_program(const Network& network, const Geometry& geometry,
                                    const Placement& placement, const Quantised& quantised);
/// Rows in the order of the row table, without words yet: sparse rows as long as their fullest lane
/// needs.
[[nodiscard]] RowPlan plan_rows(const Network& network, const Geometry& geometry,
                                const Placement& placement);
/// Lets neurons of equal parameters within a population change places, so that the sparse rows'
/// targets spread over the lanes. The sweep program keeps its length.
[[nodiscard]] Placement balance_lanes(const Network& network, const Geometry& geometry,
                                      const Placement& placement, const Quantised& quantised,
                                      const RowPlan& rows);
/// Gives every row its words. Sparse rows of different tags share addresses, and may get longer.
void assign_words(const Network& network, const Geometry& geometry, const Placement& placement,
                  RowPlan& plan);
/// Adds what the learning unit needs to an image whose rows are packed.
void pack_learning(const Network& network, const Geometry& geometry, const Plan& plan,
                   std::uint32_t seed, Image& image);
/// A word of the state of the image's generators, never 0.
[[nodiscard]] std::uint64_t generator_state(std::uint32_t seed, std::uint64_t index);
/// The profile field of a projection's rows.
[[nodiscard]] std::uint32_t row_profile(const Projection& projection, const Quantised& quantised);
/// Whether a synapse's plastic flag is set.
[[nodiscard]] bool is_plastic(const Projection& projection, std::size_t synapse,
                              const Quantised& quantised);
[[nodiscard]] Image pack(const Network& network, const Geometry& geometry, const Plan& plan,
                         std::uint32_t seed);

/// Clock cycles of a tick without any spike, of one in which each source is due with a probability,
/// and of one in which all are; what it costs to send spikes and potentials to the host is not in
/// them, nor is learning.
struct TickCycles {
  double idle = 0, active = 0, all = 0;
};
[[nodiscard]] TickCycles tick_cycles(const Network& network, const Plan& plan, double activity);
/// Wire time of a full load; 0 if the target has no baud rate.
[[nodiscard]] double load_seconds(const Plan& plan, const Geometry& geometry);
[[nodiscard]] CompileReport report(const Network& network, const Geometry& geometry,
                                   const Plan& plan, double activity);

}  // namespace ncx::compiler
