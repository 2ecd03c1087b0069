// SPDX-License-Identifier: BSD-3-Clause
// Input files of `run`, `monitor` and `console`.
#include "inputs.hpp"

#include <algorithm>

#include "csv.hpp"

namespace ncx::cli {
namespace {

constexpr std::int64_t kStateMax = (std::int64_t{1} << 23) - 1;

CsvColumn tick_column(std::uint32_t ticks) { return {"tick", 0, std::int64_t{ticks} - 1}; }

}  // namespace

std::vector<AxonEvent> read_axon_events(const std::string& path, const Image& image,
                                        std::uint32_t ticks) {
  const std::vector<CsvColumn> columns{tick_column(ticks),
                                       {"axon", 0, std::int64_t{image.axons()} - 1}};
  std::vector<AxonEvent> events;
  for (const auto& row : read_csv(path, columns)) {
    events.push_back({static_cast<std::uint32_t>(row[0]), static_cast<std::uint32_t>(row[1])});
  }
  std::stable_sort(events.begin(), events.end());
  return events;
}

std::vector<CurrentEvent> read_current_events(const std::string& path, const Image& image,
                                              std::uint32_t ticks) {
  const std::vector<CsvColumn> columns{tick_column(ticks),
                                       {"neuron", 0, std::int64_t{image.neurons()} - 1},
                                       {"value", -kStateMax - 1, kStateMax}};
  std::vector<CurrentEvent> events;
  for (const auto& row : read_csv(path, columns)) {
    events.push_back({static_cast<std::uint32_t>(row[0]), static_cast<std::uint32_t>(row[1]),
                      static_cast<std::int32_t>(row[2])});
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const CurrentEvent& a, const CurrentEvent& b) { return a.tick < b.tick; });
  return events;
}

}  // namespace ncx::cli
