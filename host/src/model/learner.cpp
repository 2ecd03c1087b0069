// SPDX-License-Identifier: BSD-3-Clause
// The order of learning: which traces, which sources, when; learner_walk.cpp changes the weights.
#include "model/learner.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>

#include "learn_layout.hpp"

namespace ncx::model {
namespace {

constexpr std::size_t kScanBytes = sizeof(std::uint64_t);
using learn::kNibbles, learn::kNibbleValues, learn::kSides;
constexpr std::uint32_t kFraction = learn::kDriftFraction;
constexpr std::uint8_t kOldAge = map::kHistoryW;

/// The low bits as a two's-complement number.
constexpr std::int64_t wrapped(std::int64_t value, std::uint32_t bits) {
  const std::uint32_t shift = 64 - bits;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << shift) >>
         static_cast<std::int64_t>(shift);
}

}  // namespace

Learner::Learner(const Geometry& geometry, Memories& memories, GatherTables& rows)
    : geometry_(geometry),
      lane_bits_(static_cast<std::uint32_t>(std::countr_zero(geometry.lanes))),
      field_bits_(static_cast<std::uint32_t>(std::countr_zero(geometry.weights_per_word()))),
      memories_(memories),
      rows_(rows),
      rules_(geometry.profiles),
      neuron_traces_(geometry.profiles),
      axon_traces_(geometry.profiles),
      fired_(geometry.neurons),
      axon_spiked_(geometry.axons),
      flags_(std::max(geometry.neurons, geometry.axons) + kScanBytes) {}

void Learner::traces_written() {
  std::fill(neuron_traces_.begin(), neuron_traces_.end(), std::uint8_t{1});
  std::fill(axon_traces_.begin(), axon_traces_.end(), std::uint8_t{1});
}

void Learner::reset_traces() {
  std::fill(memories_.trace.begin(), memories_.trace.end(), 0);
  std::fill(memories_.trace_age.begin(), memories_.trace_age.end(), std::uint8_t{0});
  std::fill(neuron_traces_.begin(), neuron_traces_.end(), std::uint8_t{0});
  std::fill(axon_traces_.begin(), axon_traces_.end(), std::uint8_t{0});
}

void Learner::prepare(const LearnSettings& settings) {
  if (profiles_current_ && settings == settings_) return;
  settings_ = settings;
  for (std::uint32_t p = 0; p < geometry_.profiles; ++p) {
    Rule& rule = rules_[p];
    rule.profile = memories_.learning_profile(p);
    const Profile& profile = rule.profile;
    const std::int32_t factor = profile.modulated ? settings.modulation : 1 << kFraction;
    rule.gain = factor >> profile.shift;
    const auto mask = static_cast<std::int32_t>(2 * profile.window + 1);
    rule.pre = {profile.exponential, profile.newest, profile.pre_amplitude, profile.pre_decay,
                mask};
    rule.post = {profile.exponential, profile.newest, profile.post_amplitude, profile.post_decay,
                 mask};
    for (std::uint32_t side = 0; side < kSides; ++side) {
      rule.taps[side] = memories_.taps.data() + learn::tap_address(p, side, 0, 0);
    }
  }
  profiles_current_ = true;
}

void Learner::axon_spike(std::uint32_t axon) {
  const std::uint32_t row = axon / geometry_.lanes;
  if (settings_.in_use == 0 || row >= settings_.axon_rows) return;
  memories_.axon_spike[row] =
      static_cast<std::uint16_t>(memories_.axon_spike[row] | 1U << (axon % geometry_.lanes));
}

std::int32_t* Learner::traces(std::uint32_t profile) {
  const std::size_t places = 2 * std::size_t{geometry_.neurons} + geometry_.axons;
  return memories_.trace.data() + profile * places;
}

std::int32_t Learner::kernel_value(const Rule& rule, std::uint32_t side,
                                   std::int32_t history) const {
  std::uint32_t spikes = static_cast<std::uint32_t>(history) & rule.profile.window;
  if (rule.profile.newest) spikes &= ~spikes + 1;
  std::int64_t sum = 0;
  for (std::uint32_t nibble = 0; nibble < kNibbles; ++nibble) {
    sum += rule.taps[side][nibble * kNibbleValues + spikes % kNibbleValues];
    spikes /= kNibbleValues;
  }
  return static_cast<std::int32_t>(wrapped(sum, map::kTraceW));
}

std::uint32_t Learner::member(std::uint32_t profile, std::uint32_t source) const {
  const std::size_t rows = (geometry_.neurons + geometry_.axons) >> lane_bits_;
  const std::uint32_t lanes = memories_.learn_member[profile * rows + source / geometry_.lanes];
  return lanes >> (source % geometry_.lanes) & 1;
}

LearnTally Learner::tick(std::span<const std::uint32_t> spikes, std::uint32_t entries) {
  tally_ = {};
  for (const std::uint32_t slot : spikes) fired_[slot] = 1;
  any_fired_ = !spikes.empty();
  queue_ = std::span<const std::uint32_t>(memories_.spike_queue).first(2 * std::size_t{entries});
  spread_axon_spikes();
  for (std::uint32_t p = 0; p < geometry_.profiles; ++p) {
    if ((settings_.in_use >> p & 1) != 0) run_profile(p);
  }
  clear_axon_spikes();
  for (const std::uint32_t slot : spikes) fired_[slot] = 0;
  return tally_;
}

void Learner::spread_axon_spikes() {
  any_axon_ = false;
  for (std::uint32_t row = 0; row < settings_.axon_rows; ++row) {
    for (std::uint32_t lanes = memories_.axon_spike[row]; lanes != 0; lanes &= lanes - 1) {
      const auto lane = static_cast<std::uint32_t>(std::countr_zero(lanes));
      axon_spiked_[row * geometry_.lanes + lane] = 1;
      any_axon_ = true;
    }
  }
}

void Learner::clear_axon_spikes() {
  if (!any_axon_) return;
  const std::uint32_t rows = settings_.axon_rows;
  std::fill_n(axon_spiked_.begin(), std::size_t{rows} * geometry_.lanes, std::uint8_t{0});
  std::fill_n(memories_.axon_spike.begin(), rows, std::uint16_t{0});
  tally_.cleared_rows = rows;
}

void Learner::run_profile(std::uint32_t profile) {
  const Rule& rule = rules_[profile];
  const std::uint64_t before = tally_.profiles == 0 ? LearnCosts{}.learn : learn_cycles(tally_);
  const std::uint32_t gain_steps = rule.profile.shift / 4U + rule.profile.shift % 4U;
  ++tally_.profiles;
  tally_.gain_steps += gain_steps;
  if (settings_.axon_rows > 0) ++tally_.axon_profiles;
  if (rule.profile.post) ++tally_.post_profiles;
  const bool learning = (settings_.learning >> profile & 1) != 0;
  step_axon_traces(profile);
  const bool occasion = any_fired_ || (rule.profile.post && any_axon_);
  if (learning && rule.gain != 0 && occasion) change_weights(profile);
  step_neuron_traces(profile);
  if (learning && rule.profile.drift) {
    tally_.drift_waits += drift_wait(learn_cycles(tally_) - before, gain_steps);
    step_drift(profile);
  }
  std::uint8_t& age = memories_.trace_age[profile];
  // An age beyond the last is one that the host wrote; the hardware leaves it alone.
  if (age < kOldAge) ++age;
}

void Learner::step_axon_traces(std::uint32_t profile) {
  const std::size_t count = std::size_t{settings_.axon_rows} * geometry_.lanes;
  if (count == 0 || !(any_axon_ || axon_traces_[profile] != 0)) return;
  const bool any = step_traces(traces(profile) + geometry_.neurons, axon_spiked_.data(), count,
                               rules_[profile].pre);
  axon_traces_[profile] = any ? 1 : 0;
  ++tally_.axon_passes;
  tally_.axon_rows += settings_.axon_rows;
}

std::uint32_t Learner::scans() const {
  return (settings_.neuron_rows > 0 ? 1U : 0U) + (settings_.axon_rows > 0 ? 1U : 0U);
}

bool Learner::neuron_pass(std::uint32_t profile) const {
  return settings_.neuron_rows > 0 && (any_fired_ || neuron_traces_[profile] != 0);
}

void Learner::step_neuron_traces(std::uint32_t profile) {
  const std::size_t count = std::size_t{settings_.neuron_rows} * geometry_.lanes;
  if (!neuron_pass(profile)) return;
  const Rule& rule = rules_[profile];
  std::int32_t* x = traces(profile);
  std::int32_t* y = x + geometry_.neurons + geometry_.axons;
  bool any = step_traces(x, fired_.data(), count, rule.pre);
  ++tally_.neuron_passes;
  tally_.neuron_rows += settings_.neuron_rows;
  if (rule.profile.post && rule.profile.exponential) {
    any = step_traces(y, fired_.data(), count, rule.post) || any;
    ++tally_.exponential_passes;
    tally_.exponential_rows += settings_.neuron_rows;
  } else if (rule.profile.post) {
    std::size_t hit = count;  // the last row with a neuron to evaluate
    for (std::size_t slot = 0; slot < count; ++slot) {
      if (x[slot] == 0) continue;
      y[slot] = kernel_value(rule, 1, x[slot]);
      ++tally_.kernel_evaluated;
      if (slot >> lane_bits_ != hit) ++tally_.kernel_hits;
      hit = slot >> lane_bits_;
    }
    ++tally_.kernel_passes;
    tally_.kernel_rows += settings_.neuron_rows;
  }
  neuron_traces_[profile] = any ? 1 : 0;
}

void Learner::step_drift(std::uint32_t profile) {
  std::int64_t& drift = memories_.drift[profile];
  const std::size_t age = memories_.trace_age[profile];
  const std::int64_t step = memories_.drift_step[profile * learn::kDriftStepsOfProfile + age];
  drift = wrapped(drift + step * rules_[profile].gain, map::kDriftW);
  ++tally_.drifts;
  if (std::abs(drift >> kFraction) < std::int64_t{1} << (geometry_.weight_bits - 2)) return;
  fold(profile);
  drift &= (std::int64_t{1} << kFraction) - 1;
}

void Learner::change_weights(std::uint32_t profile) {
  const std::uint32_t rows = settings_.neuron_rows + settings_.axon_rows;
  if (rows == 0) return;
  tally_.weight_scans += scans();
  if (!neuron_pass(profile)) ++tally_.weight_settlings;
  tally_.weight_rows += rows;
  const Rule& rule = rules_[profile];
  const std::int32_t* x = traces(profile);
  const std::size_t neurons = std::size_t{settings_.neuron_rows} * geometry_.lanes,
                    axons = std::size_t{settings_.axon_rows} * geometry_.lanes;
  flag_sources(rule, x, fired_.data(), neurons);
  visit_flagged(profile, 0, neurons, fired_.data());
  flag_sources(rule, x + geometry_.neurons, axon_spiked_.data(), axons);
  visit_flagged(profile, geometry_.neurons, axons, axon_spiked_.data());
}

void Learner::flag_sources(const Rule& rule, const std::int32_t* traces, const std::uint8_t* spikes,
                           std::size_t count) {
  constexpr std::int32_t kAnyBit = -1;
  if (!any_fired_) {
    std::fill_n(flags_.begin(), count, std::uint8_t{0});
  } else if (rule.profile.instar) {
    std::fill_n(flags_.begin(), count, std::uint8_t{1});
  } else {
    flag_traces(
        flags_.data(), traces, count,
        rule.profile.exponential ? kAnyBit : static_cast<std::int32_t>(rule.profile.window));
  }
  if (!rule.profile.post) return;
  for (std::size_t k = 0; k < count; ++k) {
    flags_[k] = static_cast<std::uint8_t>(flags_[k] | spikes[k]);
  }
}

void Learner::visit_flagged(std::uint32_t profile, std::uint32_t first_source, std::size_t count,
                            const std::uint8_t* spikes) {
  const Rule& rule = rules_[profile];
  const std::int32_t* x = traces(profile);
  Walk walk;
  walk.rule = &rule;
  walk.drift = static_cast<std::int32_t>(memories_.drift[profile] >> kFraction);
  walk.y = x + geometry_.neurons + geometry_.axons;
  std::size_t hit = count;  // the last row of lanes with a visited source
  for (std::size_t block = 0; block < count; block += kScanBytes) {
    std::uint64_t flags = 0;
    std::memcpy(&flags, flags_.data() + block, kScanBytes);
    for (; flags != 0; flags &= flags - 1) {
      const std::size_t k = block + static_cast<std::size_t>(std::countr_zero(flags)) / 8;
      if (k >= count) break;
      const auto source = first_source + static_cast<std::uint32_t>(k);
      if (member(profile, source) == 0) continue;
      if (k >> lane_bits_ != hit) ++tally_.weights.hits;
      hit = k >> lane_bits_;
      walk.x = rule.profile.exponential ? x[source] : kernel_value(rule, 0, x[source]);
      walk.spiked = rule.profile.post && spikes[k] != 0;
      visit(profile, source, walk);
    }
  }
}

}  // namespace ncx::model
