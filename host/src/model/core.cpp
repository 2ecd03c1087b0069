// SPDX-License-Identifier: BSD-3-Clause
// Gather, sweep, publish: docs/model.md in the order in which it is written there.
#include "model/core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "ncx/error.hpp"

namespace ncx::model {
namespace {

constexpr std::size_t kScanBytes = sizeof(std::uint64_t);

/// Words 0 and 1: the older half of a generator's state, words 2 and 3: the newer one, low word
/// first.
std::uint64_t half(const std::uint32_t* words) { return words[0] | std::uint64_t{words[1]} << 32; }

void step(std::uint32_t* words) {
  constexpr int kShift = 23, kRotation = 13;
  const std::uint64_t older = half(words), newer = half(words + 2);
  const std::uint64_t next = older ^ older << kShift ^ newer ^ std::rotl(newer, kRotation);
  words[0] = words[2];
  words[1] = words[3];
  words[2] = static_cast<std::uint32_t>(next);
  words[3] = static_cast<std::uint32_t>(next >> 32);
}

}  // namespace

Core::Core(const Geometry& geometry)
    : memories(geometry),
      geometry_(geometry),
      gather_(geometry),
      learner_(geometry, memories, gather_),
      candidate_(geometry.neurons + kScanBytes),
      entry_lanes_(geometry.program_entries),
      entry_scanned_(geometry.program_entries) {}

void Core::written(Region region) {
  switch (region) {
    case Region::kSynapse:
      gather_.synapses_written();
      break;
    case Region::kSource:
    case Region::kRow:
      gather_.tables_written();
      sources_checked_ = false;
      break;
    case Region::kProgram:
      sweep_current_ = false;
      sources_checked_ = false;
      break;
    case Region::kParameter:
      sweep_current_ = false;
      break;
    case Region::kState:
      state_written_ = true;
      break;
    case Region::kRate:
    case Region::kSpikeQueue:
      sources_checked_ = false;
      break;
    case Region::kProfile:
      learner_.profiles_written();
      learner_.traces_written();
      break;
    case Region::kTrace:
      learner_.traces_written();
      break;
    case Region::kLearnMember:
      sources_checked_ = false;
      break;
    case Region::kRegisters:
    case Region::kInfo:
    case Region::kAccumulator:
    case Region::kCount:
    case Region::kGenerator:
    case Region::kProbe:
    case Region::kTaps:
    case Region::kDriftStep:
    case Region::kLearnState:
    case Region::kAxonSpike:
      break;
  }
}

void Core::check_source(std::uint32_t source) const {
  const std::string problem = gather_.problem(source, memories);
  if (problem.empty()) return;
  const bool is_axon = source >= geometry_.neurons;
  throw InputError(fmt::format("{} {} cannot be walked: {}", is_axon ? "axon" : "neuron slot",
                               is_axon ? source - geometry_.neurons : source, problem),
                   "load the image again, or compile it again for this build");
}

void Core::check_axon(std::uint32_t axon) const { check_source(geometry_.neurons + axon); }

/// Only what can fire is looked at: beyond the image the tables may hold an earlier image's rest.
void Core::check_sources(const Settings& settings) const {
  const auto check_lanes = [&](std::uint32_t row, std::uint32_t lanes) {
    for (; lanes != 0; lanes &= lanes - 1) {
      const auto lane = static_cast<std::uint32_t>(std::countr_zero(lanes));
      check_source(row * geometry_.lanes + lane);
    }
  };
  for (std::uint32_t e = 0; e < settings.program_length; ++e) {
    const ProgramEntry entry = memories.program_entry(e);
    check_lanes(entry.row, entry.lanes);
  }
  const auto queue_error = [](const std::string& what) {
    throw InputError(what, "write SPIKE_QUEUE as it was read, or reset IN_FLIGHT");
  };
  if (spike_entries > geometry_.program_entries) {
    queue_error(fmt::format("SPIKE_ENTRIES is {}; expected at most {}", spike_entries,
                            geometry_.program_entries));
  }
  for (std::size_t e = 0; e < spike_entries; ++e) {
    const std::uint32_t row = memories.spike_queue[2 * e], lanes = memories.spike_queue[2 * e + 1];
    if (row >= geometry_.local_rows()) {
      queue_error(fmt::format("spike queue entry {} names local row {}; expected at most {}", e,
                              row, geometry_.local_rows() - 1));
    }
    if (lanes == 0) queue_error(fmt::format("spike queue entry {} names no lane", e));
    check_lanes(row, lanes);
  }
  for (std::uint32_t axon = 0; axon < settings.encoder_rows * geometry_.lanes; ++axon) {
    if (memories.rate[axon] != 0) check_axon(axon);
  }
  check_learning(settings.learn);
}

/// A fold walks the rows of sources that may never fire.
void Core::check_learning(const LearnSettings& settings) const {
  const std::uint32_t rows_of_neurons = geometry_.local_rows(), lanes = geometry_.lanes,
                      rows_of_axons = geometry_.axons / lanes;
  for (std::uint32_t p = 0; p < geometry_.profiles; ++p) {
    if ((settings.in_use >> p & 1) == 0) continue;
    const std::size_t first = std::size_t{p} * (rows_of_neurons + rows_of_axons);
    const auto check_rows = [&](std::uint32_t first_row, std::uint32_t count) {
      for (std::uint32_t row = first_row; row < first_row + count; ++row) {
        for (std::uint32_t mask = memories.learn_member[first + row]; mask != 0; mask &= mask - 1) {
          check_source(row * lanes + static_cast<std::uint32_t>(std::countr_zero(mask)));
        }
      }
    };
    check_rows(0, settings.neuron_rows);
    check_rows(rows_of_neurons, settings.axon_rows);
  }
}

void Core::prepare(const Settings& settings) {
  if (settings.encoder_rows > geometry_.axons / geometry_.lanes) {
    throw InputError(fmt::format("ENCODER_ROWS is {}; expected at most {}", settings.encoder_rows,
                                 geometry_.axons / geometry_.lanes),
                     "a smaller ENCODER_ROWS");
  }
  const LearnSettings& learn = settings.learn;
  if (learn.in_use != 0 && (learn.neuron_rows > geometry_.local_rows() ||
                            learn.axon_rows > geometry_.axons / geometry_.lanes)) {
    throw InputError(fmt::format("LEARN_ROWS names {} rows of neurons and {} of axons; expected at "
                                 "most {} and {}",
                                 learn.neuron_rows, learn.axon_rows, geometry_.local_rows(),
                                 geometry_.axons / geometry_.lanes),
                     "a smaller LEARN_ROWS");
  }
  if (!sweep_current_ || settings.program_length != sweep_.entries) {
    sweep_ = build_sweep(memories, geometry_, settings.program_length);
    sweep_current_ = true;
    sources_checked_ = false;
    state_written_ = true;
  }
  gather_.prepare(memories);
  if (!sources_checked_ || settings.encoder_rows != settings_.encoder_rows ||
      learn != settings_.learn) {
    check_sources(settings);
    sources_checked_ = true;
  }
  if (state_written_) {
    // Once written, a counter or theta that no parameter raises may still be there to fall.
    for (Block& block : sweep_.blocks) {
      for (SlotRun& run : block.runs) run.features = features_now(run);
    }
    state_written_ = false;
  }
  learner_.prepare(learn);
  settings_ = settings;
}

unsigned Core::features_now(const SlotRun& run) const {
  const auto any = [&](const std::vector<std::int32_t>& values) {
    const auto begin = values.begin() + run.first;
    return std::any_of(begin, begin + run.count, [](std::int32_t x) { return x != 0; });
  };
  unsigned features = run.features;
  if (any(memories.refractory)) features |= kRefractory;
  if (any(memories.theta)) features |= kTheta;
  return features;
}

void Core::walk(std::uint32_t source, Walks& walks) {
  const GatherTables::Cost cost = gather_.walk(source, ring_, memories);
  ++walks.sources;
  walks.rows += cost.rows;
  walks.words += cost.words;
}

void Core::draw_encoders() {
  const std::uint32_t lanes = geometry_.lanes;
  for (std::uint32_t row = 0; row < settings_.encoder_rows; ++row) {
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
      const std::uint32_t axon = row * lanes + lane;
      std::uint32_t* const generator =
          &memories.generator[std::size_t{lane} / 8 * Geometry::kGeneratorWords];
      const bool fires =
          (generator[2 + lane % 8 / 4] >> (lane % 4 * 8) & 0xFF) < memories.rate[axon];
      if (lane % 8 == 7 || lane + 1 == lanes) step(generator);
      if (!fires) continue;
      walk(geometry_.neurons + axon, tally_.walks);
      learner_.axon_spike(axon);
    }
  }
  tally_.encoder_rows = settings_.encoder_rows;
}

void Core::gather(std::span<const AxonEvent> axons, std::span<const CurrentEvent> currents) {
  const std::uint32_t lanes = geometry_.lanes;
  for (std::size_t e = 0; e < spike_entries; ++e) {
    const std::uint32_t first_slot = memories.spike_queue[2 * e] * lanes;
    for (std::uint32_t mask = memories.spike_queue[2 * e + 1]; mask != 0; mask &= mask - 1) {
      walk(first_slot + static_cast<std::uint32_t>(std::countr_zero(mask)), tally_.walks);
    }
  }
  tally_.due_entries = spike_entries;
  for (const AxonEvent& event : axons) {
    walk(geometry_.neurons + event.axon, tally_.events);
    learner_.axon_spike(event.axon);
  }
  draw_encoders();
  for (const CurrentEvent& event : currents) {
    std::int32_t& sum = memories.accumulator[std::size_t{ring_} * geometry_.neurons + event.neuron];
    sum = static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) +
                                    static_cast<std::uint32_t>(event.value));
  }
  tally_.current_events = static_cast<std::uint32_t>(currents.size());
}

SlotSpan Core::span_of(const SlotRun& run) {
  const ParameterColumns& c = sweep_.columns;
  const std::size_t at = run.parameters;
  SlotSpan s;
  s.count = run.count;
  s.v = memories.v.data() + run.first;
  s.current = memories.current.data() + run.first;
  s.theta = memories.theta.data() + run.first;
  s.refractory = memories.refractory.data() + run.first;
  s.accumulator = memories.accumulator.data() + std::size_t{ring_} * geometry_.neurons + run.first;
  s.candidate = candidate_.data();
  s.threshold = c.threshold.data() + at;
  s.v_reset = c.v_reset.data() + at;
  s.v_rest = c.v_rest.data() + at;
  s.leak_step = c.leak_step.data() + at;
  s.leak_beta = c.leak_beta.data() + at;
  s.syn_beta = c.syn_beta.data() + at;
  s.theta_beta = c.theta_beta.data() + at;
  s.hold = c.hold.data() + at;
  return s;
}

template <typename Visitor>
void Core::each_candidate(std::uint32_t count, Visitor visit) const {
  for (std::uint32_t block = 0; block < count; block += kScanBytes) {
    std::uint64_t flags = 0;
    std::memcpy(&flags, candidate_.data() + block, kScanBytes);
    for (; flags != 0; flags &= flags - 1) {
      const std::uint32_t k = block + static_cast<std::uint32_t>(std::countr_zero(flags)) / 8;
      if (k < count) visit(k);
    }
  }
}

void Core::fire(std::uint32_t slot, std::size_t place) {
  const ParameterColumns& c = sweep_.columns;
  memories.v[slot] = c.soft_reset[place] != 0 ? saturated(memories.v[slot] - c.threshold[place])
                                              : c.v_reset[place];
  memories.refractory[slot] = c.refractory[place];
  memories.theta[slot] = std::min(kStateMax, memories.theta[slot] + c.theta_plus[place]);
  spikes_.push_back(slot);
  const std::uint32_t entry = c.entry[place];
  if (entry_lanes_[entry] == 0) entries_fired_.push_back(entry);
  entry_lanes_[entry] |= 1U << (slot % geometry_.lanes);
  if (settings_.count_spikes) {
    std::uint16_t& count = memories.count[slot];
    count = static_cast<std::uint16_t>(count +
                                       (count < std::numeric_limits<std::uint16_t>::max() ? 1 : 0));
  }
}

void Core::sweep_whole(const SlotRun& run) {
  const SlotSpan slots = span_of(run);
  integrate(slots, run.features);
  age(slots, run.features);
  each_candidate(run.count, [&](std::uint32_t k) { fire(run.first + k, run.parameters + k); });
}

void Core::sweep_scan(const SlotRun& run) {
  const SlotSpan slots = span_of(run);
  integrate(slots, run.features);
  each_candidate(run.count, [&](std::uint32_t k) {
    const std::uint32_t slot = run.first + k;
    const std::int32_t margin = slots.v[k] - slots.threshold[k] - slots.theta[k];
    const bool better = !winner_.exists || margin > winner_.margin ||
                        (margin == winner_.margin && slot < winner_.slot);
    if (better) winner_ = {true, slot, margin};
    std::uint64_t& scanned = entry_scanned_[sweep_.columns.entry[run.parameters + k]];
    if (scanned == ticks_run_) ++tally_.contested;
    scanned = ticks_run_;
  });
}

void Core::sweep_apply(const SlotRun& run) {
  const SlotSpan slots = span_of(run);
  if (!winner_.exists) {
    age(slots, run.features);
    return;
  }
  const bool here = winner_.slot >= run.first && winner_.slot < run.first + run.count;
  const std::uint32_t k = winner_.slot - run.first;
  const std::int32_t potential = here ? slots.v[k] : 0;
  std::copy_n(slots.v_reset, run.count, slots.v);
  age(slots, run.features);
  if (!here) return;
  slots.v[k] = potential;
  fire(winner_.slot, run.parameters + k);
}

void Core::sweep() {
  for (const Block& block : sweep_.blocks) {
    if (block.pass == Pass::kScan && block.first) winner_ = {};
    for (const SlotRun& run : block.runs) {
      switch (block.pass) {
        case Pass::kWhole:
          sweep_whole(run);
          break;
        case Pass::kScan:
          sweep_scan(run);
          break;
        case Pass::kApply:
          sweep_apply(run);
          break;
      }
    }
  }
  tally_.program_entries = sweep_.entries;
  tally_.groups = sweep_.groups;
}

/// The spikes become the next tick's sources, one queue entry for each program entry that fired.
void Core::publish() {
  if (!std::is_sorted(entries_fired_.begin(), entries_fired_.end())) {
    std::sort(entries_fired_.begin(), entries_fired_.end());
  }
  if (!std::is_sorted(spikes_.begin(), spikes_.end())) std::sort(spikes_.begin(), spikes_.end());
  std::size_t at = 0;
  for (const std::uint32_t entry : entries_fired_) {
    memories.spike_queue[at++] = memories.program[2 * std::size_t{entry}] & 0xFFFF;
    memories.spike_queue[at++] = entry_lanes_[entry];
    entry_lanes_[entry] = 0;
  }
  spike_entries = static_cast<std::uint32_t>(entries_fired_.size());
  entries_fired_.clear();
  tally_.spikes = static_cast<std::uint32_t>(spikes_.size());
  tally_.spike_entries = spike_entries;
  tally_.stream_spikes = settings_.stream_spikes;
  tally_.count_spikes = settings_.count_spikes;
  tally_.used_rows = settings_.used_rows;
  const std::uint32_t rows_per_word = map::kStreamWordW / geometry_.lanes;
  tally_.bitmap_words = (settings_.used_rows + rows_per_word - 1) / rows_per_word;
  tally_.probes = settings_.stream_probes ? settings_.probes : 0;
}

TickTally Core::run_tick(std::span<const AxonEvent> axons, std::span<const CurrentEvent> currents) {
  tally_ = {};
  ++ticks_run_;
  spikes_.clear();
  ring_ = tick & (geometry_.max_delay - 1);
  gather(axons, currents);
  sweep();
  publish();
  if (settings_.learn.in_use != 0) tally_.learn = learner_.tick(spikes_, spike_entries);
  ++tick;
  return tally_;
}

void Core::reset_membrane(std::uint32_t program_length) {
  for (std::uint32_t e = 0; e < std::min(program_length, geometry_.program_entries); ++e) {
    const ProgramEntry entry = memories.program_entry(e);
    if (entry.row >= geometry_.local_rows() || entry.set >= geometry_.parameter_sets) continue;
    const std::int32_t v_reset = memories.parameters(entry.set).v_reset;
    for (std::uint32_t lanes = entry.lanes; lanes != 0; lanes &= lanes - 1) {
      const std::uint32_t slot =
          entry.row * geometry_.lanes + static_cast<std::uint32_t>(std::countr_zero(lanes));
      memories.v[slot] = v_reset;
      memories.current[slot] = 0;
      memories.refractory[slot] = 0;
    }
  }
}

void Core::reset_theta(std::uint32_t program_length) {
  for (std::uint32_t e = 0; e < std::min(program_length, geometry_.program_entries); ++e) {
    const ProgramEntry entry = memories.program_entry(e);
    if (entry.row >= geometry_.local_rows()) continue;
    for (std::uint32_t lanes = entry.lanes; lanes != 0; lanes &= lanes - 1) {
      memories.theta[entry.row * geometry_.lanes +
                     static_cast<std::uint32_t>(std::countr_zero(lanes))] = 0;
    }
  }
}

void Core::reset_in_flight() {
  std::fill(memories.accumulator.begin(), memories.accumulator.end(), 0);
  std::fill(memories.axon_spike.begin(), memories.axon_spike.end(), std::uint16_t{0});
  spike_entries = 0;
}

}  // namespace ncx::model
