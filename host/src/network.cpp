// SPDX-License-Identifier: BSD-3-Clause
// Checks every part of a network before it is taken in, so that a Network is valid at all times.
#include "ncx/network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ncx/error.hpp"
#include "ncx/map.hpp"
#include "network_argument.hpp"

namespace ncx {
namespace {

constexpr std::uint32_t kMaxRefractory = (1U << map::kRefractoryW) - 1;
// Far above every build; keeps sums of sizes within 32 bits.
constexpr std::uint32_t kMaxIds = 1U << 24;

void check_parameters(const std::string& owner, const NeuronParameters& p, std::size_t index,
                      bool single) {
  const auto refuse = [&](const char* field, auto value, const std::string& expected) {
    const Argument whole(owner, field);
    (single ? whole : whole.at(index)).refuse(value, expected);
  };
  // Both are false for NaN.
  const auto is_factor = [](double value) { return value >= 0.0 && value <= 1.0; };
  const auto is_step = [](double value) { return value >= 0.0; };

  if (!std::isfinite(p.threshold)) refuse("threshold", p.threshold, "a finite number");
  if (!std::isfinite(p.v_reset)) refuse("v_reset", p.v_reset, "a finite number");
  if (!std::isfinite(p.v_rest)) refuse("v_rest", p.v_rest, "a finite number");
  switch (p.leak_mode) {
    case Leak::kSubtractive:
      if (!is_step(p.leak)) {
        refuse("leak", p.leak, "a step >= 0, or infinity (forget everything)");
      }
      break;
    case Leak::kExponential:
      if (!is_factor(p.leak)) refuse("leak", p.leak, "a factor from 0 to 1");
      break;
    default:
      refuse("leak_mode", static_cast<int>(p.leak_mode), "subtractive (0) or exponential (1)");
  }
  if (!is_factor(p.current_decay)) refuse("current_decay", p.current_decay, "a factor from 0 to 1");
  if (p.refractory > kMaxRefractory) {
    refuse("refractory", p.refractory, fmt::format("0 to {} ticks", kMaxRefractory));
  }
  if (!is_step(p.theta_plus) || std::isinf(p.theta_plus)) {
    refuse("theta_plus", p.theta_plus, "a finite number >= 0");
  }
  if (!is_factor(p.theta_decay)) refuse("theta_decay", p.theta_decay, "a factor from 0 to 1");
}

void check_size(const std::string& owner, std::uint32_t size, std::uint32_t already) {
  if (size == 0) Argument(owner, "size").refuse(size, "at least 1", "leave the group out");
  if (size > kMaxIds - already) {
    Argument(owner, "size").refuse(size, fmt::format("at most {}", kMaxIds - already));
  }
}

void check_indices(const std::string& owner, const char* field,
                   const std::vector<std::uint32_t>& indices, const std::string& group,
                   std::uint32_t size) {
  const auto bad = std::find_if(indices.begin(), indices.end(),
                                [size](std::uint32_t index) { return index >= size; });
  if (bad == indices.end()) return;
  Argument(owner, field)
      .at(static_cast<std::size_t>(bad - indices.begin()))
      .refuse(*bad, fmt::format("0 to {} ('{}' has size {})", size - 1, group, size),
              "indices count from 0 within their own group");
}

template <typename Groups>
bool has_name(const Groups& groups, const std::string& name) {
  return std::any_of(groups.begin(), groups.end(),
                     [&name](const auto& group) { return group.name == name; });
}

template <typename Groups>
void check_group_index(const std::string& owner, const char* field, std::uint32_t index,
                       const Groups& groups, const char* kind) {
  if (index < groups.size()) return;
  const std::string expected =
      groups.empty() ? fmt::format("the index of {}, of which there is none yet", kind)
                     : fmt::format("the index of {}, 0 to {}", kind, groups.size() - 1);
  Argument(owner, field).refuse(index, expected, "add the groups before the projections");
}

}  // namespace

std::uint32_t Network::add_population(Population population) {
  if (population.name.empty()) population.name = fmt::format("population{}", populations_.size());
  const std::string owner = fmt::format("population '{}'", population.name);
  if (has_name(populations_, population.name) || has_name(axon_groups_, population.name)) {
    throw InputError(fmt::format("{}: the name is taken", owner),
                     "names of populations and axon groups must all differ");
  }
  check_size(owner, population.size, neurons_);
  if (population.parameters.empty()) population.parameters.emplace_back();
  const std::size_t sets = population.parameters.size();
  if (sets != 1 && sets != population.size) {
    refuse_count({owner, "parameters"}, sets, fmt::format("1 or {} (the size)", population.size));
  }
  for (std::size_t i = 0; i < sets; ++i) {
    check_parameters(owner, population.parameters[i], i, sets == 1);
  }
  if (!population.v_init.empty() && population.v_init.size() != population.size) {
    refuse_count({owner, "v_init"}, population.v_init.size(),
                 fmt::format("none or {} (the size)", population.size));
  }
  for (std::size_t i = 0; i < population.v_init.size(); ++i) {
    if (!std::isfinite(population.v_init[i])) {
      Argument(owner, "v_init").at(i).refuse(population.v_init[i], "a finite number");
    }
  }
  const std::vector<std::uint32_t>& counters = population.refractory_init;
  if (!counters.empty() && counters.size() != population.size) {
    refuse_count({owner, "refractory_init"}, counters.size(),
                 fmt::format("none or {} (the size)", population.size));
  }
  for (std::size_t i = 0; i < counters.size(); ++i) {
    if (counters[i] > kMaxRefractory) {
      Argument(owner, "refractory_init")
          .at(i)
          .refuse(counters[i], fmt::format("0 to {} ticks", kMaxRefractory));
    }
  }
  population.first = neurons_;
  const std::uint32_t size = population.size;
  // Neurons that come later have no past.
  if (!past_.history.empty()) past_.history.resize(std::size_t{neurons_} + size, 0);
  populations_.push_back(std::move(population));
  neurons_ += size;
  return static_cast<std::uint32_t>(populations_.size() - 1);
}

std::uint32_t Network::add_axons(AxonGroup group) {
  if (group.name.empty()) group.name = fmt::format("axons{}", axon_groups_.size());
  const std::string owner = fmt::format("axon group '{}'", group.name);
  if (has_name(populations_, group.name) || has_name(axon_groups_, group.name)) {
    throw InputError(fmt::format("{}: the name is taken", owner),
                     "names of populations and axon groups must all differ");
  }
  check_size(owner, group.size, axons_);
  if (!group.rates.empty() && group.rates.size() != group.size) {
    refuse_count({owner, "rates"}, group.rates.size(),
                 fmt::format("none or {} (the size)", group.size));
  }
  for (std::size_t i = 0; i < group.rates.size(); ++i) {
    if (group.rates[i] > map::kMaxRate) {
      Argument(owner, "rates")
          .at(i)
          .refuse(group.rates[i], fmt::format("0 to {} (in 1/256 a tick)", map::kMaxRate));
    }
  }
  group.first = axons_;
  const std::uint32_t size = group.size;
  axon_groups_.push_back(std::move(group));
  axons_ += size;
  return static_cast<std::uint32_t>(axon_groups_.size() - 1);
}

std::uint32_t Network::add_projection(Projection projection) {
  const std::string label = projection.name.empty()
                                ? fmt::format("projection {}", projections_.size())
                                : fmt::format("projection '{}'", projection.name);
  if (projection.pre_is_axon) {
    check_group_index(label, "pre", projection.pre, axon_groups_, "an axon group");
  } else {
    check_group_index(label, "pre", projection.pre, populations_, "a population");
  }
  check_group_index(label, "post", projection.post, populations_, "a population");
  const std::string pre_name = projection.pre_is_axon ? axon_groups_[projection.pre].name
                                                      : populations_[projection.pre].name;
  const std::uint32_t pre_size = projection.pre_is_axon ? axon_groups_[projection.pre].size
                                                        : populations_[projection.pre].size;
  const Population& post = populations_[projection.post];
  std::string made_up;
  std::size_t copy = 1;
  if (projection.name.empty()) {
    made_up = fmt::format("{}->{}", pre_name, post.name);
    projection.name = made_up;
    if (const auto found = copies_.find(made_up); found != copies_.end()) copy = found->second;
    while (projection_names_.count(projection.name) != 0) {
      projection.name = fmt::format("{} #{}", made_up, ++copy);
    }
  }
  const std::string owner = fmt::format("projection '{}'", projection.name);
  if (projection_names_.count(projection.name) != 0) {
    throw InputError(fmt::format("{}: the name is taken", owner),
                     "names of projections must differ; leave it empty for one of its own");
  }
  const std::size_t synapses = projection.pre_index.size();
  if (projection.post_index.size() != synapses) {
    refuse_count({owner, "post_index"}, projection.post_index.size(),
                 fmt::format("{} (as pre_index)", synapses));
  }
  if (projection.weight.size() != synapses) {
    refuse_count({owner, "weight"}, projection.weight.size(),
                 fmt::format("{} (as pre_index)", synapses));
  }
  if (!projection.delay.empty() && projection.delay.size() != synapses) {
    refuse_count({owner, "delay"}, projection.delay.size(),
                 fmt::format("none or {} (as pre_index)", synapses));
  }
  check_indices(owner, "pre_index", projection.pre_index, pre_name, pre_size);
  check_indices(owner, "post_index", projection.post_index, post.name, post.size);
  for (std::size_t i = 0; i < synapses; ++i) {
    if (!std::isfinite(projection.weight[i])) {
      Argument(owner, "weight").at(i).refuse(projection.weight[i], "a finite number");
    }
  }
  for (std::size_t i = 0; i < projection.delay.size(); ++i) {
    if (projection.delay[i] == 0) {
      Argument(owner, "delay")
          .at(i)
          .refuse(0, "at least 1 tick", "a spike of tick t arrives in tick t + 1 at the earliest");
    }
  }
  check_learning(owner, projection);
  switch (projection.format) {
    case Format::kAuto:
    case Format::kDense:
    case Format::kSparse:
      break;
    default:
      Argument(owner, "format")
          .refuse(static_cast<int>(projection.format), "auto (0), dense (1) or sparse (2)");
  }
  projection_names_.insert(projection.name);
  if (!made_up.empty()) copies_[made_up] = copy;
  projections_.push_back(std::move(projection));
  return static_cast<std::uint32_t>(projections_.size() - 1);
}

std::size_t Network::synapses() const {
  std::size_t total = 0;
  for (const Projection& projection : projections_) total += projection.weight.size();
  return total;
}

}  // namespace ncx
