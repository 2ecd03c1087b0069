// SPDX-License-Identifier: BSD-3-Clause
// Input files of `run`, `monitor` and `console`.
#include "inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "csv.hpp"
#include "ncx/error.hpp"

namespace ncx::cli {
namespace {

constexpr std::int64_t kStateMax = (std::int64_t{1} << 23) - 1;

CsvColumn tick_column(std::uint32_t ticks) { return {"tick", 0, std::int64_t{ticks} - 1}; }

}  // namespace

std::vector<AxonEvent> read_axon_events(const std::string& path, const Image& image,
                                        std::uint32_t ticks) {
  const std::vector<CsvColumn> columns{tick_column(ticks),
                                       {"axon", 0, std::int64_t{image.axons()} - 1}};
  std::vector<std::size_t> lines;
  std::vector<std::pair<AxonEvent, std::size_t>> found;
  for (const auto& row : read_csv(path, columns, &lines)) {
    found.push_back({{static_cast<std::uint32_t>(row[0]), static_cast<std::uint32_t>(row[1])},
                     lines[found.size()]});
  }
  std::sort(found.begin(), found.end());
  const auto twice = std::adjacent_find(
      found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first == b.first; });
  if (twice != found.end()) {
    const auto& [event, line] = *twice;
    throw InputError(fmt::format("{}: lines {} and {}: axon {} has two events in tick {}", path,
                                 line, std::next(twice)->second, event.axon, event.tick),
                     "one event for each axon and tick; a larger weight for a stronger input");
  }
  std::vector<AxonEvent> events;
  events.reserve(found.size());
  for (const auto& [event, line] : found) events.push_back(event);
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
