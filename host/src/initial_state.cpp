// SPDX-License-Identifier: BSD-3-Clause
// An image's initial state, in the words that the hardware would hold had it run until there.
#include "initial_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

#include "learn_layout.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

constexpr std::uint64_t kStateWords = 4;
constexpr std::uint64_t kTraceMask = (1U << map::kTraceW) - 1;

std::span<const std::uint64_t> words_of(const Image& image, Region region) {
  const auto found = image.memories.find(region);
  if (found == image.memories.end()) return {};
  return found->second;
}

/// What a kernel profile makes of histories.
class KernelTraces {
 public:
  KernelTraces(const Image& image, std::uint32_t profile)
      : taps_(words_of(image, Region::kTaps)), profile_(profile) {
    const auto words = words_of(image, Region::kProfile);
    const std::size_t at = std::size_t{profile} * map::kProfileWords;
    const auto field = [&](const map::Field& f) {
      const std::size_t word = at + f.word;
      const std::uint64_t mask = (std::uint64_t{1} << f.bits) - 1;
      return word < words.size() ? (words[word] >> f.lsb) & mask : 0;
    };
    kernel_ = field(map::kProfileExponential) == 0;
    newest_ = field(map::kProfileNewest) != 0;
    post_ = field(map::kProfilePost) != 0 && field(map::kProfileInstar) == 0;
    window_ = static_cast<std::uint32_t>(field(map::kProfileWindow));
  }

  [[nodiscard]] bool kernel() const { return kernel_; }
  [[nodiscard]] bool post() const { return post_; }
  /// The history as the hardware keeps it: one bit more than the window has.
  [[nodiscard]] std::uint64_t presynaptic(std::uint32_t history) const {
    return history & (2 * window_ + 1);
  }
  [[nodiscard]] std::uint64_t postsynaptic(std::uint32_t history) const {
    std::uint32_t seen = history & window_;
    if (newest_) seen &= ~seen + 1;
    std::uint64_t sum = 0;
    for (std::uint32_t nibble = 0; nibble < learn::kNibbles; ++nibble) {
      const std::uint32_t value = (seen >> (learn::kNibbleBits * nibble)) % learn::kNibbleValues;
      const std::size_t at = learn::tap_address(profile_, 1, nibble, value);
      if (at < taps_.size()) sum += taps_[at];
    }
    return sum & kTraceMask;
  }

 private:
  std::span<const std::uint64_t> taps_;
  std::uint32_t profile_, window_ = 0;
  bool kernel_ = true, newest_ = false, post_ = false;
};

void write_potentials(Backend& backend, const Image& image) {
  std::vector<InitialState> states = image.initial;
  std::sort(states.begin(), states.end(),
            [](const InitialState& a, const InitialState& b) { return a.slot < b.slot; });
  const auto word = [](std::int32_t value) {
    return std::uint64_t{static_cast<std::uint32_t>(value) & ((1U << map::kStateW) - 1)};
  };
  // One write for each run of neighbouring slots.
  std::vector<std::uint64_t> words;
  for (std::size_t k = 0; k < states.size(); ++k) {
    const InitialState& s = states[k];
    words.push_back(word(s.v) | std::uint64_t{s.refractory} << map::kStateW);
    words.push_back(word(s.current));
    words.push_back(word(s.theta));
    words.push_back(0);
    if (k + 1 < states.size() && states[k + 1].slot == s.slot + 1) continue;
    const std::uint64_t first = s.slot + 1 - words.size() / kStateWords;
    backend.write(Region::kState, first * kStateWords, words);
    words.clear();
  }
}

void write_histories(Backend& backend, const Image& image) {
  if (image.initial_history.empty()) return;
  const Geometry& g = backend.geometry();
  // Nothing looks at traces beyond the scanned rows, and a run would not have left any.
  const std::uint32_t slots = (image.learn_rows & 0xFFFF) * g.lanes;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> histories;
  std::copy_if(image.initial_history.begin(), image.initial_history.end(),
               std::back_inserter(histories), [slots](const auto& h) { return h.first < slots; });
  std::vector<std::uint64_t> words(slots);
  for (std::uint32_t p = 0; p < image.profiles.size(); ++p) {
    const KernelTraces traces(image, p);
    if (!traces.kernel()) continue;
    const std::uint64_t base = p * learn::trace_words(g);
    for (const auto& [slot, history] : histories) {
      words[slot] = traces.presynaptic(history);
    }
    backend.write(Region::kTrace, base, words);
    if (!traces.post()) continue;
    for (const auto& [slot, history] : histories) {
      words[slot] = traces.postsynaptic(history);
    }
    backend.write(Region::kTrace, base + g.neurons + g.axons, words);
  }
}

void write_ages(Backend& backend, const Image& image) {
  const Geometry& g = backend.geometry();
  if (image.initial_age != 0) {  // RESET has left 0
    const std::array<std::uint64_t, 1> age = {image.initial_age};
    for (std::uint32_t p = 0; p < image.profiles.size(); ++p) {
      backend.write(Region::kLearnState, learn::age_address(p), age);
    }
  }
  // The image has the generator alone, whatever the number of profiles before it.
  const auto generator = words_of(image, Region::kLearnState);
  if (!generator.empty()) {
    backend.write(Region::kLearnState, learn::generator_address(g), generator.last(1));
  }
}

}  // namespace

std::vector<std::uint64_t> initial_spike_queue(const Image& image) {
  const std::uint32_t lanes = image.geometry.lanes;
  std::vector<std::uint64_t> due(image.geometry.local_rows());  // lanes of each row
  for (const std::uint32_t slot : image.initial_spikes) {
    due.at(slot / lanes) |= std::uint64_t{1} << (slot % lanes);
  }
  const auto program = words_of(image, Region::kProgram);
  std::vector<std::uint64_t> queue;
  for (std::size_t e = 0; e < image.program_length; ++e) {
    const std::uint64_t entry = program[2 * e], row = entry & 0xFFFF, operation = entry >> 28;
    if ((operation >> map::kProgramOpScan & 1) != 0) continue;  // does not fire
    const std::uint64_t fired = due.at(row) & program[2 * e + 1];
    if (fired == 0) continue;
    queue.push_back(row);
    queue.push_back(fired);
    due[row] &= ~fired;
  }
  for (std::size_t row = 0; row < due.size(); ++row) {
    if (due[row] == 0) continue;
    throw InputError(fmt::format("image '{}': initial_spikes: no entry of the program lets lanes "
                                 "{:#x} of local row {} fire",
                                 image.name, due[row], row),
                     "compile the network again with this release");
  }
  return queue;
}

void write_initial_state(Backend& backend, const Image& image,
                         const std::vector<std::uint64_t>& spike_queue) {
  const auto generators = words_of(image, Region::kGenerator);
  if (!generators.empty()) backend.write(Region::kGenerator, 0, generators);
  write_potentials(backend, image);
  if (!spike_queue.empty()) {
    backend.write(Region::kSpikeQueue, 0, spike_queue);
    backend.write_register(Register::kSpikeEntries,
                           static_cast<std::uint32_t>(spike_queue.size() / 2));
  }
  write_histories(backend, image);
  write_ages(backend, image);
}

}  // namespace ncx
