// SPDX-License-Identifier: BSD-3-Clause
// The model as a backend: registers, bounds, requests.
#include "ncx/model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "model/core.hpp"
#include "model/kernels.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

constexpr std::uint32_t kProgressTicks = 1024;
constexpr std::uint32_t kHalfRegister = 0xFFFF, kFractionMask = 0xFF;
constexpr std::uint32_t kControlBits = 1U << map::kControlBitStreamSpikes |
                                       1U << map::kControlBitStreamProbes |
                                       1U << map::kControlBitCountSpikes;

constexpr std::uint32_t kOne = 65536, kModulationMask = (1U << map::kModulationW) - 1;
constexpr std::uint32_t kLearningHalf = 8, kLearnRowsHalf = 16;

bool bit(std::uint32_t mask, std::uint32_t index) { return ((mask >> index) & 1) != 0; }

std::uint32_t saturating_add(std::uint32_t a, std::uint32_t b) {
  const std::uint32_t room = std::numeric_limits<std::uint32_t>::max() - a;
  return a + std::min(room, b);
}

Geometry checked(Geometry geometry) {
  const std::string problem = geometry.problem();
  if (!problem.empty()) {
    throw InputError(fmt::format("build '{}': {}", geometry.name, problem),
                     "one of the named builds");
  }
  return geometry;
}

}  // namespace

struct Model::Impl {
  explicit Impl(Geometry build) : geometry(std::move(build)), core(geometry) {}

  [[nodiscard]] std::uint32_t read_register(std::uint64_t address);
  static void check_register(std::uint64_t address, std::size_t words);
  void write_register(std::uint64_t address, std::uint32_t value);
  void check_range(Region region, std::uint64_t address, std::size_t count) const;
  void check_request(const RunRequest& request) const;
  [[nodiscard]] model::Settings settings(const RunRequest& request) const;
  void apply(const RunRequest& request);
  void count_cycles(const model::TickTally& tally);

  Geometry geometry;
  model::Core core;
  std::uint32_t control = 0, program_length = 0, encoder_rows = 0, used_rows = 0, period = 0,
                probes = 0, fraction_bits = 0, image_id = 0, scratch = 0;
  std::uint32_t learning = 0, learn_rows = 0, modulation = kOne, folds = 0;
  std::uint64_t cycles = 0, last_body = 0;
  std::uint32_t cycles_high_latch = 0, overruns = 0, spikes = 0;
};

void Model::Impl::check_range(Region region, std::uint64_t address, std::size_t count) const {
  const std::uint64_t size = geometry.region_size(region);
  if (address <= size && count <= size - address) return;
  throw InputError(fmt::format("{} words from {} on in region {}: it has {}", count, address,
                               region_name(region), size),
                   "an address and count within the region");
}

std::uint32_t Model::Impl::read_register(std::uint64_t address) {
  switch (static_cast<Register>(address)) {
    case Register::kTick:
    case Register::kUntil:
      return core.tick;
    case Register::kControl:
      return control;
    case Register::kProgramLength:
      return program_length;
    case Register::kEncoderRows:
      return encoder_rows;
    case Register::kUsedRows:
      return used_rows;
    case Register::kPeriod:
      return period;
    case Register::kProbes:
      return probes;
    case Register::kSpikeEntries:
      return core.spike_entries;
    case Register::kFractionBits:
      return fraction_bits;
    case Register::kImageId:
      return image_id;
    case Register::kCyclesLow:
      cycles_high_latch = static_cast<std::uint32_t>(cycles >> 32);
      return static_cast<std::uint32_t>(cycles);
    case Register::kCyclesHigh:
      return cycles_high_latch;
    case Register::kOverruns:
      return overruns;
    case Register::kSpikes:
      return spikes;
    case Register::kLearning:
      return learning;
    case Register::kLearnRows:
      return learn_rows;
    case Register::kModulation:
      return modulation;
    case Register::kFolds:
      return folds;
    case Register::kScratch:
      return scratch;
    // There is no link that could fail, and the network never runs while somebody reads.
    case Register::kState:
    case Register::kStalls:
    case Register::kFrames:
    case Register::kCrcErrors:
    case Register::kOverflows:
    case Register::kLineErrors:
    case Register::kResends:
    case Register::kDirty:
      break;
  }
  return 0;
}

void Model::Impl::check_register(std::uint64_t address, std::size_t words) {
  for (std::uint64_t at = address; at < address + words; ++at) {
    switch (static_cast<Register>(at)) {
      case Register::kTick:
      case Register::kControl:
      case Register::kProgramLength:
      case Register::kEncoderRows:
      case Register::kUsedRows:
      case Register::kPeriod:
      case Register::kProbes:
      case Register::kSpikeEntries:
      case Register::kFractionBits:
      case Register::kImageId:
      case Register::kLearning:
      case Register::kLearnRows:
      case Register::kModulation:
      case Register::kScratch:
        break;
      default:
        throw RefusedError(fmt::format("register {} can only be read", map::kRegisterNames[at]),
                           "RESET with the STATISTICS bit, if it is a counter");
    }
  }
}

void Model::Impl::write_register(std::uint64_t address, std::uint32_t value) {
  const std::uint32_t half = value & kHalfRegister;
  switch (static_cast<Register>(address)) {
    case Register::kTick:
      core.tick = value;
      break;
    case Register::kControl:
      control = value & kControlBits;
      break;
    case Register::kProgramLength:
      program_length = half;
      break;
    case Register::kEncoderRows:
      encoder_rows = half;
      break;
    case Register::kUsedRows:
      used_rows = half;
      break;
    case Register::kPeriod:
      period = value;
      break;
    case Register::kProbes:
      probes = half;
      break;
    case Register::kSpikeEntries:
      core.spike_entries = half;
      core.written(Region::kSpikeQueue);
      break;
    case Register::kFractionBits:
      fraction_bits = value & kFractionMask;
      break;
    case Register::kImageId:
      image_id = value;
      break;
    case Register::kLearning: {
      const std::uint32_t profiles = (1U << geometry.profiles) - 1;
      learning = value & (profiles | profiles << kLearningHalf);
      break;
    }
    case Register::kLearnRows:
      learn_rows = value;
      break;
    case Register::kModulation:
      modulation = value & kModulationMask;
      break;
    case Register::kScratch:
      scratch = value;
      break;
    default:
      break;
  }
}

void Model::Impl::check_request(const RunRequest& request) const {
  const auto check_events = [&](const auto& events, std::string_view item) {
    std::uint32_t last = 0;
    for (const auto& event : events) {
      if (event.tick >= request.ticks) {
        throw InputError(fmt::format("an {} event is for tick {} of a run of {} ticks", item,
                                     event.tick, request.ticks),
                         "events from tick 0 to the run's last tick");
      }
      if (event.tick < last) {
        throw InputError(
            fmt::format("an {} event for tick {} follows one for tick {}", item, event.tick, last),
            "events sorted by tick");
      }
      last = event.tick;
    }
  };
  check_events(request.axon_events, "axon");
  check_events(request.current_events, "input current");
  for (const AxonEvent& event : request.axon_events) {
    if (event.axon >= geometry.axons) {
      throw InputError(
          fmt::format("an event names axon {}; this build has {}", event.axon, geometry.axons),
          "axons from 0 on");
    }
  }
  for (const CurrentEvent& event : request.current_events) {
    if (event.neuron >= geometry.neurons) {
      throw InputError(fmt::format("a current names neuron slot {}; this build has {}",
                                   event.neuron, geometry.neurons),
                       "slots from 0 on");
    }
    if (event.value < model::kStateMin || event.value > model::kStateMax) {
      throw InputError(
          fmt::format("the current {} for slot {} in tick {} is not within {} to {}", event.value,
                      event.neuron, event.tick, model::kStateMin, model::kStateMax),
          "a smaller current");
    }
  }
  if (request.probes.size() > geometry.probe_entries) {
    throw CapacityError(
        fmt::format("{} probes; this build has {}", request.probes.size(), geometry.probe_entries),
        "fewer probes, in several runs");
  }
  for (const std::uint32_t slot : request.probes) {
    if (slot >= geometry.neurons) {
      throw InputError(
          fmt::format("a probe names neuron slot {}; this build has {}", slot, geometry.neurons),
          "slots from 0 on");
    }
  }
  if (request.ticks > std::numeric_limits<std::uint32_t>::max() - core.tick) {
    throw InputError(fmt::format("{} ticks from tick {} on: the tick counter has 32 bits",
                                 request.ticks, core.tick),
                     "RESET with the TICK bit");
  }
}

model::Settings Model::Impl::settings(const RunRequest& request) const {
  model::Settings s;
  s.program_length = program_length;
  s.encoder_rows = encoder_rows;
  s.used_rows = used_rows;
  s.probes = static_cast<std::uint32_t>(request.probes.size());
  s.stream_spikes = request.record_spikes;
  s.stream_probes = !request.probes.empty();
  s.count_spikes = request.count_spikes;
  s.learn.in_use = learning & ((1U << kLearningHalf) - 1);
  s.learn.learning = learning >> kLearningHalf & s.learn.in_use;
  s.learn.neuron_rows = learn_rows & kHalfRegister;
  s.learn.axon_rows = learn_rows >> kLearnRowsHalf;
  constexpr std::uint32_t kShift = 32 - map::kModulationW;
  constexpr std::int32_t kLowest = -(1 << (map::kModulationW - 1)) + 1;
  s.learn.modulation = std::max(static_cast<std::int32_t>(modulation << kShift) >> kShift, kLowest);
  return s;
}

/// The registers as a host sets them for this request.
void Model::Impl::apply(const RunRequest& request) {
  control = (request.record_spikes ? 1U << map::kControlBitStreamSpikes : 0) |
            (request.probes.empty() ? 0 : 1U << map::kControlBitStreamProbes) |
            (request.count_spikes ? 1U << map::kControlBitCountSpikes : 0);
  probes = static_cast<std::uint32_t>(request.probes.size());
  for (std::size_t p = 0; p < request.probes.size(); ++p) {
    core.memories.probe[p] = static_cast<std::uint16_t>(request.probes[p]);
  }
}

void Model::Impl::count_cycles(const model::TickTally& tally) {
  const std::uint64_t events = model::event_cycles(tally), body = model::body_cycles(tally);
  cycles += events + body;
  // From one start to the next lie the tick and the events for the one after it. A run's first tick
  // has none before it.
  if (period != 0 && last_body != 0 && last_body + events > period) {
    overruns = saturating_add(overruns, 1);
  }
  last_body = body;
  spikes = saturating_add(spikes, tally.spikes);
  folds = saturating_add(folds, tally.learn.folds);
}

Model::Model(Geometry geometry) : impl_(std::make_unique<Impl>(checked(std::move(geometry)))) {}
Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

const Geometry& Model::geometry() const { return impl_->geometry; }

std::vector<std::uint64_t> Model::read(Region region, std::uint64_t address, std::size_t count) {
  impl_->check_range(region, address, count);
  std::vector<std::uint64_t> words;
  words.reserve(count);
  if (region == Region::kInfo) {
    const std::vector<std::uint32_t> info = impl_->geometry.to_info();
    words.assign(info.begin() + static_cast<std::ptrdiff_t>(address),
                 info.begin() + static_cast<std::ptrdiff_t>(address + count));
    return words;
  }
  for (std::uint64_t at = address; at < address + count; ++at) {
    words.push_back(region == Region::kRegisters ? impl_->read_register(at)
                                                 : impl_->core.memories.load(region, at));
  }
  return words;
}

void Model::write(Region region, std::uint64_t address, std::span<const std::uint64_t> words) {
  impl_->check_range(region, address, words.size());
  if (region == Region::kInfo) {
    throw RefusedError("region INFO can only be read", "another build, if it is the wrong one");
  }
  if (region == Region::kRegisters) {
    Impl::check_register(address, words.size());
    for (const std::uint64_t word : words) {
      impl_->write_register(address++, static_cast<std::uint32_t>(word));
    }
    return;
  }
  for (const std::uint64_t word : words) impl_->core.memories.store(region, address++, word);
  if (!words.empty()) impl_->core.written(region);
}

void Model::reset(std::uint32_t mask) {
  Impl& m = *impl_;
  if (bit(mask, map::kResetBitMembrane)) m.core.reset_membrane(m.program_length);
  if (bit(mask, map::kResetBitTheta)) m.core.reset_theta(m.program_length);
  if (bit(mask, map::kResetBitInFlight)) m.core.reset_in_flight();
  if (bit(mask, map::kResetBitCounts)) {
    std::fill(m.core.memories.count.begin(), m.core.memories.count.end(), std::uint16_t{0});
  }
  if (bit(mask, map::kResetBitTick)) m.core.tick = 0;
  if (bit(mask, map::kResetBitStatistics)) m.cycles = m.overruns = m.spikes = m.folds = 0;
  if (bit(mask, map::kResetBitTraces)) m.core.reset_traces();
}

RunResult Model::run(const RunRequest& request) {
  Impl& m = *impl_;
  m.check_request(request);
  m.core.prepare(m.settings(request));
  for (const AxonEvent& event : request.axon_events) m.core.check_axon(event.axon);
  m.apply(request);

  RunResult result;
  result.first_tick = m.core.tick;
  result.ticks = request.ticks;
  result.potentials.reserve(request.probes.size() * request.ticks);
  m.last_body = 0;
  const std::uint64_t cycles_before = m.cycles;
  const std::uint32_t overruns_before = m.overruns;
  const auto due = [](const auto& events, std::size_t& at, std::uint32_t tick) {
    const std::size_t begin = at;
    while (at < events.size() && events[at].tick == tick) ++at;
    return std::span(events).subspan(begin, at - begin);
  };
  std::size_t axon_at = 0, current_at = 0;
  for (std::uint32_t t = 0; t < request.ticks; ++t) {
    m.count_cycles(m.core.run_tick(due(request.axon_events, axon_at, t),
                                   due(request.current_events, current_at, t)));
    if (request.record_spikes) {
      for (const std::uint32_t slot : m.core.spikes()) result.spikes.push_back({t, slot});
    }
    for (const std::uint32_t slot : request.probes) {
      result.potentials.push_back(m.core.memories.v[slot]);
    }
    const std::uint32_t done = t + 1;
    if (request.progress && (done % kProgressTicks == 0 || done == request.ticks) &&
        !request.progress(done) && done < request.ticks) {
      throw Interrupted(fmt::format("stopped after {} of {} ticks", done, request.ticks),
                        "reset before the next run, or give the whole command again");
    }
  }
  result.cycles = m.cycles - cycles_before;
  result.overruns = m.overruns - overruns_before;
  return result;
}

}  // namespace ncx
