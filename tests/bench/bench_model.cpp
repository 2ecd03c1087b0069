// SPDX-License-Identifier: BSD-3-Clause
// Speed of the model: 256 neurons all-to-all with 16-bit weights, 2 % of them firing in every tick;
// without learning, and with every weight plastic.
#include <fmt/format.h>

#include <chrono>
#include <string_view>
#include <vector>

#include "ncx/model.hpp"

namespace {

constexpr std::uint32_t kNeurons = 256, kFiring = 5, kTicks = 200'000;
constexpr std::uint32_t kLast = 1U << 28, kValid = 1U << 31;
constexpr std::uint64_t kThreshold = 1000, kHighThreshold = 1 << 20, kExponential = 1ULL << 24,
                        kForget = (1ULL << 24) - 1;

/// Neurons take turns: five of them get a current above the threshold in every tick. Weights are
/// alternately 1 and -1, and what arrives from the others decides nothing however they learn.
void load(ncx::Model& model, std::uint64_t leak, std::uint64_t threshold) {
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
  sets[0] = threshold;
  sets[3] = leak;
  model.write(ncx::Region::kSynapse, 0, synapses);
  model.write(ncx::Region::kSource, 0, sources);
  model.write(ncx::Region::kRow, 0, table);
  model.write(ncx::Region::kProgram, 0, program);
  model.write(ncx::Region::kParameter, 0, sets);
  model.write_register(ncx::Register::kProgramLength, rows);
  model.write_register(ncx::Register::kUsedRows, rows);
}

/// All synapses plastic under profile 0: a kernel of five taps, and a drift that now and then has
/// to be folded into the weights.
void load_learning(ncx::Model& model, bool post) {
  constexpr std::uint64_t kPlastic = 3ULL << 32;
  constexpr std::uint32_t kWindow = 0x1F, kNibble = 16, kSide = 64, kAges = 17;
  constexpr std::uint64_t kTraceMask = (1U << 18) - 1;
  constexpr std::uint32_t kTaps[] = {64, 32, 8, 2, 1};
  const ncx::Geometry& g = model.geometry();
  const std::uint32_t words = kNeurons * (kNeurons / g.lanes / g.weights_per_word()) * g.lanes;
  std::vector<std::uint64_t> synapses = model.read(ncx::Region::kSynapse, 0, words);
  for (std::uint64_t& word : synapses) word |= kPlastic;
  const std::uint64_t flags = kWindow | 1ULL << ncx::map::kProfileDrift.lsb |
                              (post ? 1ULL << ncx::map::kProfilePost.lsb : 0);
  const std::vector<std::uint64_t> profile = {0x8000 | 0x7FFFULL << 16, 0, 0, flags};
  std::vector<std::uint64_t> taps(2 * std::size_t{kSide}), steps(kAges),
      members(kNeurons / g.lanes);
  for (std::uint32_t at = 0; at < taps.size(); ++at) {
    const std::uint32_t value = at % kNibble, first = at % kSide / kNibble * 4;
    for (std::uint32_t k = 0; k < 4; ++k) {
      if ((value >> k & 1) != 0 && first + k < 5) taps.at(at) += kTaps[first + k];
    }
  }
  for (std::uint32_t age = 0; age < kAges; ++age) {
    steps.at(age) = (kTraceMask + 1 - (age < 5 ? age : 5)) & kTraceMask;
  }
  for (std::uint64_t& lanes : members) lanes = (1U << g.lanes) - 1;
  model.write(ncx::Region::kSynapse, 0, synapses);
  model.write(ncx::Region::kProfile, 0, profile);
  model.write(ncx::Region::kTaps, 0, taps);
  model.write(ncx::Region::kDriftStep, 0, steps);
  model.write(ncx::Region::kLearnMember, 0, members);
  model.write_register(ncx::Register::kLearnRows, kNeurons / g.lanes);
  model.write_register(ncx::Register::kLearning, 0x0101);
}

enum class Learning { kNone, kPre, kBoth };

void measure(std::string_view name, std::uint64_t leak, bool record,
             Learning learning = Learning::kNone) {
  ncx::Model model(ncx::Geometry::named("max"));
  const std::uint64_t threshold = learning == Learning::kNone ? kThreshold : kHighThreshold;
  load(model, leak, threshold);
  if (learning != Learning::kNone) load_learning(model, learning == Learning::kBoth);
  ncx::RunRequest request;
  request.ticks = kTicks;
  request.record_spikes = record;
  for (std::uint32_t t = 0; t < kTicks; ++t) {
    for (std::uint32_t k = 0; k < kFiring; ++k) {
      request.current_events.push_back(
          {t, (t * 7 + k * 51) % kNeurons, static_cast<std::int32_t>(2 * threshold)});
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
    measure("learning, pre", kForget, record, Learning::kPre);
    measure("learning, pre and post", kForget, record, Learning::kBoth);
  }
  return 0;
}
