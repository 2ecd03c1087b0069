// SPDX-License-Identifier: BSD-3-Clause
// What a run request must keep to before anything is sent.
#include <fmt/format.h>

#include <string_view>

#include "device_impl.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

constexpr std::int32_t kStateMax = (1 << (map::kStateW - 1)) - 1;
constexpr std::int32_t kStateMin = -kStateMax - 1;

template <typename Events>
void check_ticks(const Events& events, std::string_view item, std::uint32_t ticks) {
  std::uint32_t last = 0;
  for (const auto& event : events) {
    if (event.tick >= ticks) {
      throw InputError(
          fmt::format("an {} event is for tick {} of a run of {} ticks", item, event.tick, ticks),
          "events from tick 0 to the run's last tick");
    }
    if (event.tick < last) {
      throw InputError(
          fmt::format("an {} event for tick {} follows one for tick {}", item, event.tick, last),
          "events sorted by tick");
    }
    last = event.tick;
  }
}

void check_slot(std::string_view item, std::uint32_t slot, const Geometry& geometry) {
  if (slot < geometry.neurons) return;
  throw InputError(fmt::format("{} names neuron slot {}; the build '{}' has {}", item, slot,
                               geometry.name, geometry.neurons),
                   "slots from 0 on");
}

}  // namespace

void check_request(const Geometry& geometry, const RunRequest& request) {
  check_ticks(request.axon_events, "axon", request.ticks);
  check_ticks(request.current_events, "input current", request.ticks);
  for (const AxonEvent& event : request.axon_events) {
    if (event.axon >= geometry.axons) {
      throw InputError(fmt::format("an event names axon {}; the build '{}' has {}", event.axon,
                                   geometry.name, geometry.axons),
                       "axons from 0 on");
    }
  }
  for (const CurrentEvent& event : request.current_events) {
    check_slot("a current", event.neuron, geometry);
    if (event.value < kStateMin || event.value > kStateMax) {
      throw InputError(fmt::format("the current {} for slot {} in tick {} is not within {} to {}",
                                   event.value, event.neuron, event.tick, kStateMin, kStateMax),
                       "a smaller current");
    }
  }
  if (request.probes.size() > geometry.probe_entries) {
    throw CapacityError(fmt::format("{} probes; the build '{}' has {}", request.probes.size(),
                                    geometry.name, geometry.probe_entries),
                        "fewer probes, in several runs");
  }
  for (const std::uint32_t slot : request.probes) check_slot("a probe", slot, geometry);
}

}  // namespace ncx
