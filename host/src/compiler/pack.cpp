// SPDX-License-Identifier: BSD-3-Clause
// Writes the words of every memory (docs/registers.md has their fields).
#include <algorithm>

#include "compiler/plan.hpp"

namespace ncx::compiler {
namespace {

using Words = std::vector<std::uint64_t>;

constexpr std::uint32_t kPlasticBit = 32;  // dense words: of field 0; sparse words: the only one
constexpr std::uint32_t kSparseRowLsb = 16;
constexpr std::uint32_t kDelayLowLsb = 28, kDelayLowBits = 4;
constexpr std::uint32_t kDelayHighLsb = 33;
constexpr std::uint32_t kRowExponentLsb = 20, kRowProfileLsb = 24, kRowSparseBit = 27,
                        kRowLastBit = 28;
constexpr std::uint32_t kRowTargetLsb = 16;
constexpr std::uint32_t kSourceValidBit = 31;
constexpr std::uint32_t kProgramSetLsb = 16, kProgramOpLsb = 28;

constexpr std::uint64_t bit(std::uint32_t position) { return std::uint64_t{1} << position; }
constexpr std::uint64_t shifted(std::uint64_t value, std::uint32_t lsb) { return value << lsb; }

/// A generator that spreads consecutive inputs over all 64 bits (splitmix64's output function).
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15U;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

Words generator_words(std::uint32_t seed, std::uint64_t count) {
  Words words;
  for (std::uint64_t word = 0; word < count; ++word) words.push_back(generator_state(seed, word));
  return words;
}

Words parameter_words(const Quantised& quantised) {
  Words words(quantised.sets.size() * map::kParameterStride, 0);
  for (std::size_t set = 0; set < quantised.sets.size(); ++set) {
    std::copy(quantised.sets[set].begin(), quantised.sets[set].end(),
              words.begin() + static_cast<std::ptrdiff_t>(set * map::kParameterStride));
  }
  return words;
}

Words program_words(const Program& program) {
  Words words;
  for (const ProgramEntry& entry : program.entries) {
    words.push_back(entry.row | shifted(entry.set, kProgramSetLsb) |
                    shifted(entry.op, kProgramOpLsb));
    words.push_back(entry.mask);
  }
  return words;
}

Words rate_words(const Network& network, const Placement& placement, const Geometry& geometry) {
  // All axons that an encoder draws for need a rate, also those beyond the network's.
  Words words(std::max(placement.encoder_rows * geometry.lanes, network.axons()), 0);
  for (const AxonGroup& group : network.axon_groups()) {
    for (std::size_t a = 0; a < group.rates.size(); ++a) {
      words[placement.axon_row[group.first + a]] = group.rates[a];
    }
  }
  return words;
}

/// At the start, one a user neuron.
std::vector<std::uint32_t> refractory_counters(const Network& network) {
  std::vector<std::uint32_t> counters(network.neurons(), 0);
  for (const Population& population : network.populations()) {
    for (std::size_t n = 0; n < population.refractory_init.size(); ++n) {
      counters[population.first + n] = population.refractory_init[n];
    }
  }
  return counters;
}

/// By slot, in ascending order.
void pack_past(const Network::Past& past, Image& image) {
  for (const std::uint32_t neuron : past.spiked) {
    image.initial_spikes.push_back(image.neuron_slot[neuron]);
  }
  std::sort(image.initial_spikes.begin(), image.initial_spikes.end());
  for (std::size_t n = 0; n < past.history.size(); ++n) {
    if (past.history[n] == 0) continue;
    image.initial_history.emplace_back(image.neuron_slot[n], past.history[n]);
  }
  image.initial_age = past.age;
}

/// Fills SYNAPSE, ROW and SOURCE, and notes where every synapse went.
class SynapsePacker {
 public:
  SynapsePacker(const Network& network, const Geometry& geometry, const Plan& plan)
      : network_(network), geometry_(geometry), plan_(plan) {
    synapses_.assign(plan.rows.words * geometry.lanes, 0);
    // Without axons the words behind the neurons are not needed; nor are those behind the last axon
    // that can spike.
    const std::uint32_t axons =
        std::max(network.axons(), plan.placement.encoder_rows * geometry.lanes);
    const std::uint32_t slots = plan.placement.used_rows * geometry.lanes;
    sources_.assign(axons > 0 ? geometry.neurons + axons : slots, 0);
    for (std::size_t p = 0; p < network.projections().size(); ++p) {
      maps_.push_back(empty_map(p));
    }
    for (std::size_t r = 0; r < plan.rows.rows.size(); ++r) pack_row(r);
  }

  Words take_synapses() { return std::move(synapses_); }
  Words take_sources() { return std::move(sources_); }
  Words take_rows() { return std::move(rows_); }
  std::vector<ProjectionMap> take_maps() { return std::move(maps_); }

 private:
  [[nodiscard]] ProjectionMap empty_map(std::size_t index) const {
    const Projection& projection = network_.projections()[index];
    ProjectionMap result;
    result.name = projection.name;
    result.pre_is_axon = projection.pre_is_axon;
    result.plastic = projection.plastic;
    result.plastic_mask = projection.plastic_mask;
    if (projection.profile >= 0) {
      result.profile =
          plan_.quantised.hardware_profile[static_cast<std::size_t>(projection.profile)];
    }
    result.exponent = plan_.quantised.projections[index].exponent;
    const std::uint32_t pre_first = projection.pre_is_axon
                                        ? network_.axon_groups()[projection.pre].first
                                        : network_.populations()[projection.pre].first;
    const std::uint32_t post_first = network_.populations()[projection.post].first;
    const std::size_t synapses = projection.weight.size();
    for (const std::uint32_t pre : projection.pre_index) result.pre.push_back(pre_first + pre);
    for (const std::uint32_t post : projection.post_index) result.post.push_back(post_first + post);
    result.address.resize(synapses);
    result.field.resize(synapses);
    return result;
  }

  void pack_row(std::size_t index) {
    const std::vector<Row>& rows = plan_.rows.rows;
    const Row& row = rows[index];
    const auto same_source = [&](std::size_t other) {
      return rows[other].source == row.source && rows[other].source_is_axon == row.source_is_axon;
    };
    const bool first = index == 0 || !same_source(index - 1);
    const bool last = index + 1 == rows.size() || !same_source(index + 1);
    if (first) {
      sources_[row.source_is_axon ? geometry_.neurons + row.source : row.source] =
          index | bit(kSourceValidBit);
    }
    const std::uint64_t exponent = plan_.quantised.projections[row.projection].exponent;
    const std::uint64_t profile =
        row_profile(network_.projections()[row.projection], plan_.quantised);
    rows_.push_back(row.base | shifted(exponent, kRowExponentLsb) |
                    shifted(profile, kRowProfileLsb) | shifted(row.sparse ? 1 : 0, kRowSparseBit) |
                    shifted(last ? 1 : 0, kRowLastBit));
    rows_.push_back(row.length | shifted(row.target, kRowTargetLsb));
    for (std::size_t i = row.first; i < row.first + row.synapses; ++i) pack_synapse(row, i);
  }

  void pack_synapse(const Row& row, std::size_t position) {
    const std::size_t synapse = plan_.rows.order[row.projection][position];
    const Projection& projection = network_.projections()[row.projection];
    ProjectionMap& where = maps_[row.projection];
    const std::uint32_t slot = plan_.placement.neuron_slot[where.post[synapse]];
    const std::uint32_t lane = slot % geometry_.lanes;
    const std::uint32_t local_row = slot / geometry_.lanes;
    const std::uint32_t per_word = geometry_.weights_per_word();
    const std::uint32_t field = row.sparse ? 0 : local_row % per_word;
    const std::uint64_t word = row.sparse ? plan_.rows.word[row.projection][position]
                                          : row.base + local_row / per_word - row.target;
    const std::uint64_t address = word * geometry_.lanes + lane;

    const std::uint64_t weight_mask = bit(geometry_.weight_bits) - 1;
    const auto weight =
        static_cast<std::uint64_t>(plan_.quantised.projections[row.projection].weight[synapse]);
    const bool plastic = is_plastic(projection, synapse, plan_.quantised);
    std::uint64_t content = shifted(weight & weight_mask, field * geometry_.weight_bits) |
                            shifted(plastic ? 1 : 0, kPlasticBit + field);
    if (row.sparse) {
      const std::uint64_t wait = projection.delay.empty() ? 0 : projection.delay[synapse] - 1;
      const std::uint64_t delay_field = wait + std::uint64_t{row.target} * geometry_.max_delay;
      content |= shifted(local_row, kSparseRowLsb) |
                 shifted(delay_field & (bit(kDelayLowBits) - 1), kDelayLowLsb) |
                 shifted(delay_field >> kDelayLowBits, kDelayHighLsb);
    }
    synapses_[address] |= content;
    where.address[synapse] = static_cast<std::uint32_t>(address);
    where.field[synapse] = static_cast<std::uint8_t>(field);
  }

  const Network& network_;
  const Geometry& geometry_;
  const Plan& plan_;
  Words synapses_, sources_, rows_;
  std::vector<ProjectionMap> maps_;
};

}  // namespace

/// The seed is mixed before the index is added: otherwise seed 2 would be seed 1 a word further.
std::uint64_t generator_state(std::uint32_t seed, std::uint64_t index) {
  const std::uint64_t state = mixed(mixed(seed) + index) >> 32;
  return state != 0 ? state : 1;  // a generator would stay at 0 for ever
}

Image pack(const Network& network, const Geometry& geometry, const Plan& plan, std::uint32_t seed) {
  Image image;
  image.geometry = geometry;
  image.name = network.name();
  image.fraction_bits = plan.quantised.fraction_bits;
  image.program_length = static_cast<std::uint32_t>(plan.program.entries.size());
  image.encoder_rows = plan.placement.encoder_rows;
  image.used_rows = plan.placement.used_rows;
  image.neuron_slot = plan.placement.neuron_slot;
  image.axon_row = plan.placement.axon_row;
  for (const Population& p : network.populations()) {
    image.populations.push_back({p.name, p.first, p.size});
  }
  for (const AxonGroup& g : network.axon_groups()) {
    image.axon_groups.push_back({g.name, g.first, g.size});
  }
  const std::vector<std::uint32_t> refractory = refractory_counters(network);
  for (std::uint32_t n = 0; n < network.neurons(); ++n) {
    if (plan.quantised.v_init[n] == plan.quantised.v_reset[n] && refractory[n] == 0) continue;
    InitialState state;
    state.slot = image.neuron_slot[n];
    state.v = plan.quantised.v_init[n];
    state.refractory = refractory[n];
    image.initial.push_back(state);
  }
  pack_past(network.past(), image);
  SynapsePacker packer(network, geometry, plan);
  image.projections = packer.take_maps();
  image.memories[Region::kSynapse] = packer.take_synapses();
  image.memories[Region::kSource] = packer.take_sources();
  image.memories[Region::kRow] = packer.take_rows();
  image.memories[Region::kProgram] = program_words(plan.program);
  image.memories[Region::kParameter] = parameter_words(plan.quantised);
  image.memories[Region::kRate] = rate_words(network, plan.placement, geometry);
  image.memories[Region::kGenerator] =
      generator_words(seed, geometry.region_size(Region::kGenerator));
  if (!plan.quantised.profiles.empty()) pack_learning(network, geometry, plan, seed, image);
  return image;
}

}  // namespace ncx::compiler
