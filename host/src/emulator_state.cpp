// SPDX-License-Identifier: BSD-3-Clause
// Saving and restoring all that a run changes.
#include <fmt/format.h>

#include <utility>
#include <vector>

#include "emulator_checks.hpp"
#include "learn_layout.hpp"
#include "ncx/emulator.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

constexpr std::uint64_t kStateWords = 4;
constexpr const char* kHint = "a state that was saved with this image on a build of this kind";

using Part = std::pair<Region, std::uint64_t>;

/// The words that change, from address 0 of each region.
std::vector<Part> changing(const Image& image, const Geometry& g, std::uint32_t spike_entries,
                           std::uint32_t encoder_rows) {
  const auto synapses = image.memories.find(Region::kSynapse);
  const std::uint64_t slots = std::uint64_t{image.used_rows} * g.lanes;
  return {
      {Region::kSynapse, synapses == image.memories.end() ? 0 : synapses->second.size()},
      {Region::kState, slots * kStateWords},
      {Region::kAccumulator, g.region_size(Region::kAccumulator)},
      {Region::kSpikeQueue, std::uint64_t{spike_entries} * 2},
      {Region::kCount, slots},
      {Region::kRate, std::uint64_t{encoder_rows} * g.lanes},
      {Region::kGenerator, g.region_size(Region::kGenerator)},
      {Region::kTrace, image.profiles.size() * learn::trace_words(g)},
      {Region::kLearnState, g.region_size(Region::kLearnState)},
      {Region::kAxonSpike, g.region_size(Region::kAxonSpike)},
  };
}

[[noreturn]] void refuse(const std::string& what) { throw InputError("state: " + what, kHint); }

std::uint64_t words_in(const State& state, Region region) {
  const auto found = state.memories.find(region);
  return found == state.memories.end() ? 0 : found->second.size();
}

}  // namespace

State Emulator::save_state() {
  const Image& loaded = image();
  const Geometry& g = backend_->geometry();
  State state;
  state.image_id = image_id_;
  state.tick = backend_->read_register(Register::kTick);
  state.spike_entries = backend_->read_register(Register::kSpikeEntries);
  state.learning = backend_->read_register(Register::kLearning);
  state.modulation = modulation();
  state.counted = counted_;
  state.ticks_counted = ticks_counted_;
  const std::uint32_t encoder_rows = backend_->read_register(Register::kEncoderRows);
  for (const auto& [region, count] : changing(loaded, g, state.spike_entries, encoder_rows)) {
    state.memories[region] = backend_->read(region, 0, static_cast<std::size_t>(count));
  }
  // Whether a pass over traces takes place depends on what the last pass saw, and a write makes the
  // device look again. After this it and whoever restores the state take the same clock cycles.
  const std::vector<std::uint64_t>& traces = state.memories[Region::kTrace];
  if (!traces.empty()) backend_->write(Region::kTrace, 0, std::span(traces).first(1));
  return state;
}

void Emulator::check_state(const State& state) const {
  const Image& loaded = image();
  const Geometry& g = backend_->geometry();
  if (state.image_id != image_id_) {
    refuse(fmt::format("saved with image {:#010x}; '{}' is {:#010x}", state.image_id, loaded.name,
                       image_id_));
  }
  if (state.spike_entries > g.program_entries) {
    refuse(fmt::format("{} spike queue entries; this build has {}", state.spike_entries,
                       g.program_entries));
  }
  if (state.learning >> (2 * learn::kEnabledLsb) != 0) {
    refuse(fmt::format("LEARNING is {:#x}; expected at most 16 bits", state.learning));
  }
  if (state.modulation < learn::kModulationMin || state.modulation > learn::kModulationMax) {
    refuse(fmt::format("modulation {} is not within {} to {}", state.modulation,
                       learn::kModulationMin, learn::kModulationMax));
  }
  if (state.counted.size() != counted_.size()) {
    refuse(fmt::format("counts of {} slots; this build has {}", state.counted.size(),
                       counted_.size()));
  }
  // How many rows of axons had encoders is what RATE says.
  const std::uint64_t rates = words_in(state, Region::kRate);
  if (rates % g.lanes != 0 || rates > g.region_size(Region::kRate)) {
    refuse(fmt::format("{} words of RATE; this build has {}, in rows of {}", rates,
                       g.region_size(Region::kRate), g.lanes));
  }
  const auto encoder_rows = static_cast<std::uint32_t>(rates / g.lanes);
  for (const auto& [region, count] : changing(loaded, g, state.spike_entries, encoder_rows)) {
    const std::uint64_t found = words_in(state, region);
    if (found != count) {
      refuse(fmt::format("{} words of {}; with '{}' this build has {}", found, region_name(region),
                         loaded.name, count));
    }
    if (count == 0) continue;
    const std::uint64_t limit = std::uint64_t{1} << region_bits(region);
    for (const std::uint64_t word : state.memories.at(region)) {
      if (word >= limit) {
        refuse(fmt::format("a word of {} is {:#x}; expected at most {} bits", region_name(region),
                           word, region_bits(region)));
      }
    }
  }
}

void Emulator::restore_state(const State& state) {
  check_state(state);
  const Geometry& g = backend_->geometry();
  const auto encoder_rows = static_cast<std::uint32_t>(words_in(state, Region::kRate) / g.lanes);
  // Until everything is there, the device must not claim to hold this image.
  backend_->write_register(Register::kImageId, 0);
  backend_->reset(1U << map::kResetBitInFlight);  // events that a stopped run has left, too
  for (const auto& [region, count] : changing(*image_, g, state.spike_entries, encoder_rows)) {
    if (count != 0) backend_->write(region, 0, state.memories.at(region));
  }
  backend_->write_register(Register::kTick, state.tick);
  backend_->write_register(Register::kSpikeEntries, state.spike_entries);
  backend_->write_register(Register::kEncoderRows, encoder_rows);
  backend_->write_register(Register::kLearning, state.learning);
  set_modulation(state.modulation);
  backend_->write_register(Register::kImageId, image_id_);
  counted_ = state.counted;
  ticks_counted_ = state.ticks_counted;
}

}  // namespace ncx
