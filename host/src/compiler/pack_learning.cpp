// SPDX-License-Identifier: BSD-3-Clause
// Writes the memories of the learning unit (docs/registers.md has their fields).
#include <algorithm>

#include "compiler/grid.hpp"
#include "compiler/plan.hpp"
#include "learn_layout.hpp"

namespace ncx::compiler {
namespace {

using Words = std::vector<std::uint64_t>;

constexpr std::uint64_t kTraceMask = (std::uint64_t{1} << map::kTraceW) - 1;
constexpr std::uint32_t kAxonRowsLsb = 16;  // of LEARN_ROWS

std::uint64_t trace_word(std::int64_t value) {
  return static_cast<std::uint64_t>(value) & kTraceMask;
}

bool any(const std::int32_t* begin, const std::int32_t* end) {
  return std::any_of(begin, end, [](std::int32_t value) { return value != 0; });
}

/// As many ticks as the longer of both kernels has.
std::uint32_t window_of(const LearningProfile& profile) {
  return (1U << std::max(profile.pre_taps.size(), profile.post_taps.size())) - 1;
}

void append_profile(Words& words, const LearningProfile& profile,
                    const QuantisedProfile& quantised) {
  std::array<std::uint64_t, map::kProfileWords> set{};
  const auto& post = quantised.taps[1];
  const bool has_post = any(post.data(), post.data() + post.size()) || quantised.amplitude[1] != 0;
  const bool has_drift =
      any(quantised.drift.data(), quantised.drift.data() + quantised.drift.size());
  put(set, map::kProfileWMin, quantised.w_min);
  put(set, map::kProfileWMax, quantised.w_max);
  put(set, map::kProfilePreAmplitude, quantised.amplitude[0]);
  put(set, map::kProfilePostAmplitude, quantised.amplitude[1]);
  put(set, map::kProfilePreDecay, quantised.decay[0]);
  put(set, map::kProfilePostDecay, quantised.decay[1]);
  put(set, map::kProfileWindow, window_of(profile));
  put(set, map::kProfileShift, quantised.shift);
  put(set, map::kProfileRounding, static_cast<std::int64_t>(profile.rounding));
  put(set, map::kProfileInstar, profile.rule == Rule::kInstar ? 1 : 0);
  put(set, map::kProfileExponential, profile.traces == Traces::kExponential ? 1 : 0);
  put(set, map::kProfileNewest, profile.newest ? 1 : 0);
  put(set, map::kProfilePost, has_post ? 1 : 0);
  put(set, map::kProfileModulated, profile.modulated ? 1 : 0);
  put(set, map::kProfileDrift, has_drift ? 1 : 0);
  words.insert(words.end(), set.begin(), set.end());
}

/// What the spikes of every value of every nibble add up to.
void append_taps(Words& words, const QuantisedProfile& quantised) {
  for (const auto& taps : quantised.taps) {
    for (std::uint32_t nibble = 0; nibble < learn::kNibbles; ++nibble) {
      for (std::uint32_t value = 0; value < learn::kNibbleValues; ++value) {
        std::int64_t sum = 0;
        for (std::uint32_t k = 0; k < learn::kNibbleBits; ++k) {
          if (((value >> k) & 1) != 0) sum += taps[learn::kNibbleBits * nibble + k];
        }
        words.push_back(trace_word(sum));
      }
    }
  }
}

void append_drift(Words& words, const QuantisedProfile& quantised) {
  for (std::size_t age = 0; age < learn::kDriftStepsOfProfile; ++age) {
    words.push_back(age < quantised.drift.size() ? trace_word(quantised.drift[age]) : 0);
  }
}

/// Rows of lanes that learning has to look at.
class LearnRows {
 public:
  explicit LearnRows(std::uint32_t lanes) : lanes_(lanes) {}
  void add_neuron(std::uint32_t slot) { neurons_ = std::max(neurons_, slot / lanes_ + 1); }
  void add_axon(std::uint32_t axon) { axons_ = std::max(axons_, axon / lanes_ + 1); }
  [[nodiscard]] std::uint32_t word() const { return neurons_ | axons_ << kAxonRowsLsb; }

 private:
  std::uint32_t lanes_, neurons_ = 0, axons_ = 0;
};

}  // namespace

std::uint32_t row_profile(const Projection& projection, const Quantised& quantised) {
  if (projection.profile >= 0) {
    return static_cast<std::uint32_t>(
        quantised.hardware_profile[static_cast<std::size_t>(projection.profile)]);
  }
  // A number that no profile has spares learning the walk over rows that do not learn.
  constexpr std::uint32_t kLast = (1U << map::kProfileW) - 1;
  return quantised.profiles.size() <= kLast ? kLast : 0;
}

bool is_plastic(const Projection& projection, std::size_t synapse, const Quantised& quantised) {
  if (!projection.plastic) return false;
  if (!projection.plastic_mask.empty() && projection.plastic_mask[synapse] == 0) return false;
  // Without a number of its own a row that never learns must not have anything to learn.
  return projection.profile >= 0 || row_profile(projection, quantised) >= quantised.profiles.size();
}

void pack_learning(const Network& network, const Geometry& geometry, const Plan& plan,
                   std::uint32_t seed, Image& image) {
  const std::vector<QuantisedProfile>& profiles = plan.quantised.profiles;
  Words& words = image.memories[Region::kProfile];
  Words& taps = image.memories[Region::kTaps];
  Words& drift = image.memories[Region::kDriftStep];
  for (const QuantisedProfile& quantised : profiles) {
    const LearningProfile& profile = network.profiles()[quantised.user];
    append_profile(words, profile, quantised);
    append_taps(taps, quantised);
    append_drift(drift, quantised);
    image.profiles.push_back({profile.name, quantised.user, profile.enabled, quantised.w_min,
                              quantised.w_max, quantised.exponent});
  }

  const std::size_t rows = (geometry.neurons + geometry.axons) / geometry.lanes;
  Words& members = image.memories[Region::kLearnMember];
  members.assign(profiles.size() * rows, 0);
  LearnRows learn_rows(geometry.lanes);
  for (const Row& row : plan.rows.rows) {
    const Projection& projection = network.projections()[row.projection];
    if (projection.profile < 0) continue;
    const std::size_t profile = row_profile(projection, plan.quantised);
    const std::size_t place = row.source_is_axon ? geometry.neurons + row.source : row.source;
    members[profile * rows + place / geometry.lanes] |= std::uint64_t{1} << place % geometry.lanes;
    row.source_is_axon ? learn_rows.add_axon(row.source) : learn_rows.add_neuron(row.source);
    for (std::size_t i = row.first; i < row.first + row.synapses; ++i) {
      const std::size_t synapse = plan.rows.order[row.projection][i];
      learn_rows.add_neuron(image.neuron_slot[image.projections[row.projection].post[synapse]]);
    }
  }
  image.learn_rows = learn_rows.word();

  // Drift and ages start at 0; behind them is the generator, which no lane's encoder shares.
  Words& state = image.memories[Region::kLearnState];
  state.assign(geometry.region_size(Region::kLearnState), 0);
  state.back() = generator_state(seed, std::uint64_t{1} << 32);
}

}  // namespace ncx::compiler
