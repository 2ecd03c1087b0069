// SPDX-License-Identifier: BSD-3-Clause
// Checks what a network says about learning, and about its past, before it is taken in.
#include <algorithm>
#include <cmath>

#include "ncx/error.hpp"
#include "ncx/map.hpp"
#include "ncx/network.hpp"
#include "network_argument.hpp"

namespace ncx {
namespace {

constexpr std::uint32_t kMaxInstarShift = 16;

/// At most one a tick of a history, all finite.
void check_taps(const std::string& owner, const char* field, const std::vector<double>& taps) {
  if (taps.size() > map::kHistoryW) {
    refuse_count({owner, field}, taps.size(), fmt::format("at most {} ticks", map::kHistoryW));
  }
  for (std::size_t k = 0; k < taps.size(); ++k) {
    if (!std::isfinite(taps[k])) Argument(owner, field).at(k).refuse(taps[k], "a finite number");
  }
}

void check_decay(const std::string& owner, const char* field, double value) {
  if (value >= 0.0 && value <= 1.0) return;  // false for NaN
  Argument(owner, field).refuse(value, "a factor from 0 to 1");
}

void must_be_empty(const std::string& owner, const char* field, const std::vector<double>& values,
                   const std::string& why, const std::string& hint) {
  if (values.empty()) return;
  Argument(owner, field).refuse(fmt::format("a list of {}", values.size()), "none " + why, hint);
}

void must_be_zero(const std::string& owner, const char* field, double value, const std::string& why,
                  const std::string& hint) {
  if (value != 0.0) Argument(owner, field).refuse(value, "0 " + why, hint);
}

void check_traces(const std::string& owner, const LearningProfile& p) {
  check_taps(owner, "pre_taps", p.pre_taps);
  check_taps(owner, "post_taps", p.post_taps);
  check_taps(owner, "drift", p.drift);
  if (!std::isfinite(p.pre_amplitude)) {
    Argument(owner, "pre_amplitude").refuse(p.pre_amplitude, "a finite number");
  }
  if (!std::isfinite(p.post_amplitude)) {
    Argument(owner, "post_amplitude").refuse(p.post_amplitude, "a finite number");
  }
  check_decay(owner, "pre_decay", p.pre_decay);
  check_decay(owner, "post_decay", p.post_decay);
  if (p.traces == Traces::kExponential) {
    const std::string why = "with exponential traces";
    const std::string hint = "amplitudes and decays, or kernel traces";
    must_be_empty(owner, "pre_taps", p.pre_taps, why, hint);
    must_be_empty(owner, "post_taps", p.post_taps, why, hint);
  } else {
    const std::string why = "with kernel traces";
    const std::string hint = "taps, or exponential traces";
    must_be_zero(owner, "pre_amplitude", p.pre_amplitude, why, hint);
    must_be_zero(owner, "post_amplitude", p.post_amplitude, why, hint);
    must_be_zero(owner, "pre_decay", p.pre_decay, why, hint);
    must_be_zero(owner, "post_decay", p.post_decay, why, hint);
  }
}

void check_rule(const std::string& owner, const LearningProfile& p) {
  switch (p.rule) {
    case Rule::kAdditive:
    case Rule::kInstar:
      break;
    default:
      Argument(owner, "rule").refuse(static_cast<int>(p.rule), "additive (0) or instar (1)");
  }
  switch (p.traces) {
    case Traces::kKernel:
    case Traces::kExponential:
      break;
    default:
      Argument(owner, "traces").refuse(static_cast<int>(p.traces), "kernel (0) or exponential (1)");
  }
  switch (p.rounding) {
    case Rounding::kDown:
    case Rounding::kNearest:
    case Rounding::kStochastic:
      break;
    default:
      Argument(owner, "rounding")
          .refuse(static_cast<int>(p.rounding), "down (0), nearest (1) or stochastic (2)");
  }
}

void check_instar(const std::string& owner, const LearningProfile& p) {
  const std::string why = "with the instar rule";
  const std::string hint = "the additive rule: instar weights follow the presynaptic trace alone";
  must_be_empty(owner, "post_taps", p.post_taps, why, hint);
  must_be_zero(owner, "post_amplitude", p.post_amplitude, why, hint);
  must_be_zero(owner, "post_decay", p.post_decay, why, hint);
  must_be_empty(owner, "drift", p.drift, why, hint);
}

}  // namespace

std::uint32_t Network::add_profile(LearningProfile profile) {
  if (profile.name.empty()) profile.name = fmt::format("profile{}", profiles_.size());
  const std::string owner = fmt::format("profile '{}'", profile.name);
  if (std::any_of(profiles_.begin(), profiles_.end(),
                  [&](const LearningProfile& other) { return other.name == profile.name; })) {
    throw InputError(fmt::format("{}: the name is taken", owner),
                     "names of learning profiles must differ");
  }
  check_rule(owner, profile);
  check_traces(owner, profile);
  if (profile.rule == Rule::kInstar) check_instar(owner, profile);
  if (profile.instar_shift > kMaxInstarShift) {
    Argument(owner, "instar_shift")
        .refuse(profile.instar_shift, fmt::format("0 to {}", kMaxInstarShift));
  }
  if (std::isnan(profile.w_max)) Argument(owner, "w_max").refuse(profile.w_max, "a number");
  if (!(profile.w_min < profile.w_max)) {
    Argument(owner, "w_min").refuse(profile.w_min, fmt::format("below w_max ({})", profile.w_max));
  }
  profiles_.push_back(std::move(profile));
  return static_cast<std::uint32_t>(profiles_.size() - 1);
}

void Network::check_learning(const std::string& owner, const Projection& projection) const {
  const std::size_t synapses = projection.pre_index.size();
  const std::vector<std::uint8_t>& mask = projection.plastic_mask;
  if (!mask.empty() && !projection.plastic) {
    refuse_count({owner, "plastic_mask"}, mask.size(), "none: the projection is not plastic");
  }
  if (!mask.empty() && mask.size() != synapses) {
    refuse_count({owner, "plastic_mask"}, mask.size(),
                 fmt::format("none or {} (as pre_index)", synapses));
  }
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] > 1) Argument(owner, "plastic_mask").at(i).refuse(mask[i], "0 or 1");
  }
  if (projection.profile == -1) return;
  const Argument profile(owner, "profile");
  if (projection.profile < 0 || static_cast<std::size_t>(projection.profile) >= profiles_.size()) {
    profile.refuse(projection.profile,
                   profiles_.empty() ? "-1: the network has no learning profiles yet"
                                     : fmt::format("-1, or a learning profile's index, 0 to {}",
                                                   profiles_.size() - 1),
                   "add the profiles before the projections");
  }
  if (!projection.plastic) {
    profile.refuse(projection.profile, "-1: the projection is not plastic",
                   "plastic, with plastic_mask where only some synapses learn");
  }
}

void Network::set_past(Past past) {
  const std::string owner = "past";
  std::vector<bool> spiked(neurons_, false);
  for (std::size_t i = 0; i < past.spiked.size(); ++i) {
    const std::uint32_t neuron = past.spiked[i];
    const Argument argument = Argument(owner, "spiked").at(i);
    if (neuron >= neurons_) {
      argument.refuse(neuron, neurons_ == 0 ? "none: there are no neurons yet"
                                            : fmt::format("a neuron, 0 to {}", neurons_ - 1));
    }
    if (spiked[neuron]) argument.refuse(neuron, "every neuron at most once");
    spiked[neuron] = true;
  }
  if (past.age > map::kHistoryW) {
    Argument(owner, "age").refuse(past.age, fmt::format("0 to {} ticks", map::kHistoryW));
  }
  if (!past.history.empty() && past.history.size() != neurons_) {
    refuse_count({owner, "history"}, past.history.size(),
                 fmt::format("none or {} (one a neuron)", neurons_));
  }
  for (std::size_t n = 0; n < past.history.size(); ++n) {
    const std::uint32_t history = past.history[n];
    const Argument argument = Argument(owner, "history").at(n);
    if (((history & 1) != 0) != spiked[n]) {
      argument.refuse(history, spiked[n] ? "bit 0 set: the neuron is in spiked"
                                         : "bit 0 clear: the neuron is not in spiked");
    }
    if ((history >> past.age) != 0) {
      argument.refuse(history,
                      fmt::format("no spikes before the first of {} ticks (age)", past.age));
    }
  }
  past_ = std::move(past);
}

}  // namespace ncx
