// SPDX-License-Identifier: BSD-3-Clause
// The user's view of a loaded backend: user numbers in, user numbers out, and nothing accepted that
// the hardware would take differently.
#include "ncx/emulator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "emulator_checks.hpp"
#include "learn_layout.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

constexpr std::uint32_t kStateWords = 4;
constexpr std::uint32_t kCountMax = (1U << map::kCountW) - 1;
constexpr std::int64_t kStateMax = (1 << (map::kStateW - 1)) - 1, kStateMin = -kStateMax - 1;
constexpr std::uint64_t kStateMask = (1U << map::kStateW) - 1;

void check_tick(std::string_view item, std::uint32_t number, std::uint32_t tick,
                std::uint32_t ticks) {
  if (tick < ticks) return;
  throw InputError(
      fmt::format("{} {} has an input in tick {} of a run of {} ticks", item, number, tick, ticks),
      "ticks from 0 on, or a longer run");
}

}  // namespace

const Image& Emulator::image() const {
  if (!image_) throw InputError("no image is loaded", "load() one first");
  return *image_;
}

void Emulator::load(Image image) {
  image_.reset();  // should the load fail half-way, the old image is gone as well
  load_image(*backend_, image);
  image_id_ = backend_->read_register(Register::kImageId);
  slot_neuron_ = image.slot_neuron();
  image_ = std::move(image);
  forget_counts();
}

void Emulator::attach(Image image) {
  const std::uint32_t found = backend_->read_register(Register::kImageId);
  if (found != image.id()) {
    throw InputError(fmt::format("{} does not hold the image '{}' (id 0x{:08X}); its image has id "
                                 "0x{:08X}",
                                 backend_->description(), image.name, image.id(), found),
                     "load the image first: `ncx run`, or Emulator::load()");
  }
  image_id_ = found;
  slot_neuron_ = image.slot_neuron();
  image_ = std::move(image);
  forget_counts();
  ticks_counted_ = kCountMax;  // nobody knows: the next run takes the counts off first
}

void Emulator::reset() {
  reset_to_initial(*backend_, image());
  forget_counts();
}

void Emulator::forget_counts() {
  counted_.assign(backend_->geometry().neurons, 0);
  ticks_counted_ = 0;
}

/// Sorted, merged, checked, and in slots and hardware axons.
RunRequest Emulator::to_hardware(const RunRequest& request) const {
  const Image& loaded = image();
  RunRequest hardware = request;
  for (AxonEvent& event : hardware.axon_events) {
    check_number("axon", event.axon, loaded.axons());
    check_tick("axon", event.axon, event.tick, request.ticks);
  }
  std::sort(hardware.axon_events.begin(), hardware.axon_events.end());
  const auto twice = std::adjacent_find(hardware.axon_events.begin(), hardware.axon_events.end());
  if (twice != hardware.axon_events.end()) {
    throw InputError(fmt::format("axon {} has two events in tick {}", twice->axon, twice->tick),
                     "one event for each axon and tick; a larger weight for a stronger input");
  }
  for (AxonEvent& event : hardware.axon_events) event.axon = loaded.axon_row[event.axon];

  std::vector<CurrentEvent>& currents = hardware.current_events;
  for (const CurrentEvent& event : currents) {
    check_number("neuron", event.neuron, loaded.neurons());
    check_tick("neuron", event.neuron, event.tick, request.ticks);
  }
  std::stable_sort(currents.begin(), currents.end(),
                   [](const CurrentEvent& a, const CurrentEvent& b) {
                     return std::pair(a.tick, a.neuron) < std::pair(b.tick, b.neuron);
                   });
  std::vector<CurrentEvent> merged;
  for (std::size_t k = 0; k < currents.size();) {
    CurrentEvent event = currents[k];
    std::int64_t sum = 0;
    for (; k < currents.size() && currents[k].tick == event.tick &&
           currents[k].neuron == event.neuron;
         ++k) {
      sum += currents[k].value;
    }
    if (sum < kStateMin || sum > kStateMax) {
      throw InputError(fmt::format("the current {} for neuron {} in tick {} is not within {} to {}",
                                   sum, event.neuron, event.tick, kStateMin, kStateMax),
                       "a smaller current, or an image with fewer fraction bits");
    }
    event.value = static_cast<std::int32_t>(sum);
    event.neuron = loaded.neuron_slot[event.neuron];
    merged.push_back(event);
  }
  currents = std::move(merged);

  const std::uint32_t probe_entries = backend_->geometry().probe_entries;
  if (hardware.probes.size() > probe_entries) {
    throw CapacityError(fmt::format("{} probes; build '{}' has {}", hardware.probes.size(),
                                    backend_->geometry().name, probe_entries),
                        "fewer probes, in several runs");
  }
  for (std::uint32_t& probe : hardware.probes) {
    check_number("neuron", probe, loaded.neurons());
    probe = loaded.neuron_slot[probe];
  }
  return hardware;
}

void Emulator::to_user(RunResult& result) const {
  // Slots that are not the user's are the compiler's own: relays, for instance.
  constexpr std::uint32_t kNobody = std::numeric_limits<std::uint32_t>::max();
  for (Spike& spike : result.spikes) spike.neuron = slot_neuron_.at(spike.neuron);
  std::erase_if(result.spikes, [](const Spike& spike) { return spike.neuron == kNobody; });
  std::sort(result.spikes.begin(), result.spikes.end());
}

/// Takes the counts off the device when `ticks` more could saturate a counter.
void Emulator::make_room_to_count(std::uint32_t ticks) {
  if (ticks <= kCountMax - ticks_counted_) {
    ticks_counted_ += ticks;
    return;
  }
  const auto counts = backend_->read(Region::kCount, 0, counted_.size());
  backend_->reset(1U << map::kResetBitCounts);
  for (std::size_t slot = 0; slot < counted_.size(); ++slot) {
    const std::uint32_t room = std::numeric_limits<std::uint32_t>::max() - counted_[slot];
    counted_[slot] += std::min(room, static_cast<std::uint32_t>(counts[slot]));
  }
  ticks_counted_ = ticks;
}

RunResult Emulator::run_part(const RunRequest& whole, std::uint32_t first, std::uint32_t ticks) {
  RunRequest part;
  part.ticks = ticks;
  part.record_spikes = whole.record_spikes;
  part.count_spikes = whole.count_spikes;
  part.probes = whole.probes;
  const auto take = [&](const auto& events, auto& out) {
    const auto before = [](const auto& event, std::uint32_t tick) { return event.tick < tick; };
    auto at = std::lower_bound(events.begin(), events.end(), first, before);
    for (; at != events.end() && at->tick - first < ticks; ++at) {
      out.push_back(*at);
      out.back().tick -= first;
    }
  };
  take(whole.axon_events, part.axon_events);
  take(whole.current_events, part.current_events);
  bool go_on = true;
  std::uint32_t reached = first;
  if (whole.progress) {
    part.progress = [&](std::uint32_t done) {
      reached = first + done;
      return go_on = whole.progress(reached);
    };
  }
  const auto stopped = [&] {
    return Interrupted(fmt::format("stopped after {} of {} ticks", reached, whole.ticks),
                       "reset before the next run, or give the whole command again");
  };
  RunResult result;
  try {
    result = backend_->run(part);
  } catch (const Interrupted&) {
    if (go_on) throw;
    throw stopped();  // it knows of its part alone
  }
  // To the backend a part's last tick is its end, where there is nothing left to stop.
  if (!go_on && reached < whole.ticks) throw stopped();
  return result;
}

RunResult Emulator::run(const RunRequest& request) {
  const RunRequest hardware = to_hardware(request);
  RunResult result;
  std::uint32_t done = 0;
  do {
    std::uint32_t ticks = request.ticks - done;
    if (request.count_spikes) {
      ticks = std::min(ticks, kCountMax);
      make_room_to_count(ticks);
    }
    const bool whole = ticks == request.ticks;
    RunResult part = whole ? backend_->run(hardware) : run_part(hardware, done, ticks);
    if (done == 0) result.first_tick = part.first_tick;
    for (const Spike& spike : part.spikes)
      result.spikes.push_back({done + spike.tick, spike.neuron});
    result.potentials.insert(result.potentials.end(), part.potentials.begin(),
                             part.potentials.end());
    result.ticks += part.ticks;
    result.cycles += part.cycles;
    result.stalls += part.stalls;
    result.overruns += part.overruns;
    result.retries += part.retries;
    done += ticks;
  } while (done < request.ticks);
  to_user(result);
  return result;
}

std::vector<std::uint32_t> Emulator::spike_counts() {
  const Image& loaded = image();
  const auto counts = backend_->read(Region::kCount, 0, backend_->geometry().neurons);
  std::vector<std::uint32_t> result;
  result.reserve(loaded.neurons());
  for (const std::uint32_t slot : loaded.neuron_slot) {
    const std::uint32_t room = std::numeric_limits<std::uint32_t>::max() - counted_.at(slot);
    result.push_back(counted_[slot] + std::min(room, static_cast<std::uint32_t>(counts[slot])));
  }
  return result;
}

void Emulator::clear_spike_counts() {
  static_cast<void>(image());
  backend_->reset(1U << map::kResetBitCounts);
  forget_counts();
}

std::vector<std::int32_t> Emulator::state_field(std::uint32_t word, std::uint32_t lsb,
                                                std::uint32_t bits, bool is_signed) {
  const Image& loaded = image();
  const std::size_t slots = std::size_t{loaded.used_rows} * loaded.geometry.lanes;
  const auto words = backend_->read(Region::kState, 0, slots * kStateWords);
  std::vector<std::int32_t> result;
  result.reserve(loaded.neurons());
  for (const std::uint32_t slot : loaded.neuron_slot) {
    const std::uint64_t value =
        (words.at(std::size_t{slot} * kStateWords + word) >> lsb) & ((1ULL << bits) - 1);
    result.push_back(static_cast<std::int32_t>(is_signed ? learn::sign_extended(value, bits)
                                                         : std::int64_t(value)));
  }
  return result;
}

std::vector<std::int32_t> Emulator::potentials() { return state_field(0, 0, map::kStateW, true); }
std::vector<std::int32_t> Emulator::currents() { return state_field(1, 0, map::kStateW, true); }
std::vector<std::int32_t> Emulator::thetas() { return state_field(2, 0, map::kStateW, true); }

std::vector<std::uint32_t> Emulator::refractory_counters() {
  const auto values = state_field(0, map::kStateW, map::kRefractoryW, false);
  return {values.begin(), values.end()};
}

void Emulator::set_potentials(std::span<const std::int32_t> values) {
  const Image& loaded = image();
  check_size("potentials", values.size(), loaded.neurons());
  for (std::size_t n = 0; n < values.size(); ++n) {
    if (values[n] >= kStateMin && values[n] <= kStateMax) continue;
    throw InputError(fmt::format("potential {} of neuron {} is not within {} to {}, in steps of {}",
                                 values[n], n, kStateMin, kStateMax,
                                 std::ldexp(1.0, -static_cast<int>(loaded.fraction_bits))),
                     "a value of 24 bits");
  }
  const std::size_t slots = std::size_t{loaded.used_rows} * loaded.geometry.lanes;
  auto words = backend_->read(Region::kState, 0, slots * kStateWords);
  for (std::size_t n = 0; n < values.size(); ++n) {
    std::uint64_t& word = words.at(std::size_t{loaded.neuron_slot[n]} * kStateWords);
    word = (word & ~kStateMask) | (static_cast<std::uint32_t>(values[n]) & kStateMask);
  }
  backend_->write(Region::kState, 0, words);
}

std::vector<std::uint16_t> Emulator::rates() {
  const Image& loaded = image();
  // Rows that the device does not draw for have no rates.
  const std::size_t drawn =
      std::size_t{backend_->read_register(Register::kEncoderRows)} * loaded.geometry.lanes;
  std::vector<std::uint64_t> words;
  if (drawn != 0) words = backend_->read(Region::kRate, 0, drawn);
  std::vector<std::uint16_t> result;
  result.reserve(loaded.axons());
  for (const std::uint32_t axon : loaded.axon_row) {
    result.push_back(axon < drawn ? static_cast<std::uint16_t>(words[axon]) : std::uint16_t{0});
  }
  return result;
}

void Emulator::set_rates(std::span<const std::uint16_t> rates) {
  const Image& loaded = image();
  check_size("rates", rates.size(), loaded.axons());
  std::vector<std::uint64_t> words;
  std::uint32_t rows = loaded.encoder_rows;
  words.assign(std::size_t{rows} * loaded.geometry.lanes, 0);
  for (std::size_t a = 0; a < rates.size(); ++a) {
    if (rates[a] > map::kMaxRate) {
      throw InputError(fmt::format("rate {} of axon {} is above {}", rates[a], a, map::kMaxRate),
                       "spikes in 256 ticks: 0 to 256");
    }
    if (rates[a] == 0) continue;
    const std::uint32_t axon = loaded.axon_row[a];
    rows = std::max(rows, axon / loaded.geometry.lanes + 1);
    words.resize(std::size_t{rows} * loaded.geometry.lanes, 0);
    words[axon] = rates[a];
  }
  if (!words.empty()) backend_->write(Region::kRate, 0, words);
  backend_->write_register(Register::kEncoderRows, rows);
}

}  // namespace ncx
