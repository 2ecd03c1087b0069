// SPDX-License-Identifier: BSD-3-Clause
// Speed of the model: 256 neurons all-to-all with 16-bit weights, 2 % of them firing in every tick.
#include <fmt/format.h>

#include <chrono>
#include <string_view>
#include <vector>

#include "ncx/model.hpp"

namespace {

constexpr std::uint32_t kNeurons = 256, kFiring = 5, kTicks = 200'000;
constexpr std::uint32_t kLast = 1U << 28, kValid = 1U << 31;
constexpr std::uint64_t kThreshold = 1000, kExponential = 1ULL << 24;

/// Neurons take turns: five of them get a current above the threshold in every tick. Weights are
/// alternately 1 and -1, so that what arrives from the others decides nothing.
void load(ncx::Model& model, std::uint64_t leak) {
  const ncx::Geometry& g = model.geometry();
  const std::uint32_t rows = kNeurons / g.lanes, row_words = rows / g.weights_per_word();
  const auto at = [](std::vector<std::uint64_t>& words, std::size_t k) -> std::uint64_t& {
    return words.at(k);
  };
  std::vector<std::uint64_t> synapses(std::size_t{kNeurons} * row_words * g.lanes);
  for (std::size_t k = 0; k < synapses.size(); ++k) {
    at(synapses, k) = k % 2 == 0 ? 0x0001FFFF : 0xFFFF0001;
  }
  std::vector<std::uint64_t> sources(kNeurons), table(2 * kNeurons), program(2 * rows), sets(5);
  for (std::uint32_t n = 0; n < kNeurons; ++n) {
    at(sources, n) = kValid | n;
    at(table, 2 * n) = n * row_words | kLast;
    at(table, 2 * n + 1) = row_words;
  }
  for (std::uint32_t r = 0; r < rows; ++r) {
    at(program, 2 * r) = r;
    at(program, 2 * r + 1) = (1U << g.lanes) - 1;
  }
  sets[0] = kThreshold;
  sets[3] = leak;
  model.write(ncx::Region::kSynapse, 0, synapses);
  model.write(ncx::Region::kSource, 0, sources);
  model.write(ncx::Region::kRow, 0, table);
  model.write(ncx::Region::kProgram, 0, program);
  model.write(ncx::Region::kParameter, 0, sets);
  model.write_register(ncx::Register::kProgramLength, rows);
  model.write_register(ncx::Register::kUsedRows, rows);
}

void measure(std::string_view name, std::uint64_t leak, bool record) {
  ncx::Model model(ncx::Geometry::named("max"));
  load(model, leak);
  ncx::RunRequest request;
  request.ticks = kTicks;
  request.record_spikes = record;
  for (std::uint32_t t = 0; t < kTicks; ++t) {
    for (std::uint32_t k = 0; k < kFiring; ++k) {
      request.current_events.push_back({t, (t * 7 + k * 51) % kNeurons, 2000});
    }
  }
  const auto start = std::chrono::steady_clock::now();
  const ncx::RunResult result = model.run(request);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  fmt::print("{:<22} {:>10.0f} ticks/s  {:>5.1f} spikes a tick  {:>5.0f} cycles a tick\n", name,
             kTicks / took.count(),
             static_cast<double>(model.read_register(ncx::Register::kSpikes)) / kTicks,
             static_cast<double>(result.cycles) / kTicks);
}

}  // namespace

int main() {
  for (const bool record : {true, false}) {
    fmt::print("{}\n", record ? "spikes recorded" : "spikes counted only");
    measure("no leak", 0, record);
    measure("subtractive leak", 3, record);
    measure("exponential leak", kExponential | 60000, record);
  }
  return 0;
}
