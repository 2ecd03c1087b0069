// SPDX-License-Identifier: BSD-3-Clause
// What every backend does the same way: registers, loading an image, going back to its start.
#include "ncx/backend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "image_use.hpp"
#include "initial_state.hpp"
#include "learn_layout.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

/// Everything but the statistics.
constexpr std::uint32_t kResetAll = 1U << map::kResetBitMembrane | 1U << map::kResetBitTheta |
                                    1U << map::kResetBitInFlight | 1U << map::kResetBitCounts |
                                    1U << map::kResetBitTick | 1U << map::kResetBitTraces;

/// Layouts that are part of the image's addresses must be equal.
void check_layout(const Image& compiled, const Geometry& target) {
  const Geometry& image = compiled.geometry;
  // Rows that share words know their own by tags, which stand behind the delays.
  const bool tags = shares_words(compiled);
  struct Item {
    std::string_view name;
    std::uint32_t wanted, found;
  };
  const std::array items = {
      Item{"lanes", image.lanes, target.lanes},
      Item{"weight_bits", image.weight_bits, target.weight_bits},
      Item{"neurons", image.neurons, target.neurons},
      Item{"max_delay", tags ? image.max_delay : target.max_delay, target.max_delay},
  };
  std::string differences;
  for (const Item& item : items) {
    if (item.wanted == item.found) continue;
    differences += fmt::format("{}{}: the image needs {}, the target has {}",
                               differences.empty() ? "" : "; ", item.name, item.wanted, item.found);
  }
  if (differences.empty()) return;
  throw InputError(fmt::format("the image was compiled for build '{}', this is '{}': {}",
                               image.name, target.name, differences),
                   fmt::format("compile the network for '{}'", target.name));
}

void check_capacity(const Image& image, const Geometry& target) {
  std::string missing;
  for (const CapacityUse& use : capacity_use(image, target)) {
    if (use.used <= use.available) continue;
    missing += fmt::format("{}{}: the image uses {}, the target has {}",
                           missing.empty() ? "" : "; ", use.item, use.used, use.available);
  }
  if (missing.empty()) return;
  throw CapacityError(fmt::format("the image does not fit build '{}': {}", target.name, missing),
                      "a larger build, or a smaller network");
}

void write_words(Backend& backend, const Image& image, Region region) {
  const auto found = image.memories.find(region);
  if (found == image.memories.end()) return;
  const auto size = static_cast<std::size_t>(backend.geometry().region_size(region));
  const std::span<const std::uint64_t> words(found->second);
  // What is cut off here is not used: check_capacity has looked.
  const auto part = words.first(std::min(words.size(), size));
  if (!part.empty()) backend.write(region, 0, part);
}

/// Members are kept a profile at a time, in as many rows as the build has: a target with more axons
/// keeps them elsewhere than the image's build.
void write_members(Backend& backend, const Image& image) {
  const auto found = image.memories.find(Region::kLearnMember);
  if (found == image.memories.end()) return;
  const std::uint64_t from = learn::member_rows(image.geometry);
  const std::uint64_t to = learn::member_rows(backend.geometry());
  if (from == to) return write_words(backend, image, Region::kLearnMember);
  const std::span<const std::uint64_t> words(found->second);
  for (std::uint64_t p = 0; p * from < words.size() && p < backend.geometry().profiles; ++p) {
    std::vector<std::uint64_t> rows(to);
    const auto part = words.subspan(p * from, std::min(from, words.size() - p * from));
    std::copy_n(part.begin(), std::min(part.size(), rows.size()), rows.begin());
    backend.write(Region::kLearnMember, p * to, rows);
  }
}

/// Every profile of the image keeps its traces; those that are enabled change weights.
std::uint32_t learning_register(const Image& image) {
  std::uint32_t value = 0;
  for (std::size_t p = 0; p < image.profiles.size(); ++p) {
    value |= 1U << p;
    if (image.profiles[p].enabled) value |= 1U << (learn::kEnabledLsb + p);
  }
  return value;
}

}  // namespace

std::vector<std::uint64_t> Backend::read_low(Region region, std::uint64_t address,
                                             std::size_t count) {
  std::vector<std::uint64_t> words = read(region, address, count);
  for (std::uint64_t& word : words) word &= 0xFFFFFFFF;
  return words;
}

std::uint32_t Backend::read_register(Register reg) {
  return static_cast<std::uint32_t>(
      read(Region::kRegisters, static_cast<std::uint64_t>(reg), 1).at(0));
}

void Backend::write_register(Register reg, std::uint32_t value) {
  const std::array<std::uint64_t, 1> words = {value};
  write(Region::kRegisters, static_cast<std::uint64_t>(reg), words);
}

void load_image(Backend& backend, const Image& image) {
  check_image(image, fmt::format("image '{}'", image.name));
  check_layout(image, backend.geometry());
  check_capacity(image, backend.geometry());
  static_cast<void>(initial_spike_queue(image));
  // Until everything is there, the device must not claim to hold this image.
  backend.write_register(Register::kImageId, 0);
  constexpr std::array kMemories = {Region::kSynapse, Region::kSource,    Region::kRow,
                                    Region::kProgram, Region::kParameter, Region::kRate,
                                    Region::kProfile, Region::kTaps,      Region::kDriftStep};
  for (const Region region : kMemories) write_words(backend, image, region);
  write_members(backend, image);
  backend.write_register(Register::kProgramLength, image.program_length);
  backend.write_register(Register::kEncoderRows, image.encoder_rows);
  backend.write_register(Register::kUsedRows, image.used_rows);
  backend.write_register(Register::kFractionBits, image.fraction_bits);
  backend.write_register(Register::kLearning, learning_register(image));
  backend.write_register(Register::kLearnRows, image.learn_rows);
  backend.write_register(Register::kModulation, learn::kModulationOne);
  // The weights are the image's, so nothing has drifted; ages are 0 until the reset says otherwise.
  backend.write(Region::kLearnState, 0,
                std::vector<std::uint64_t>(2 * std::size_t{backend.geometry().profiles}));
  reset_to_initial(backend, image);
  backend.write_register(Register::kImageId, image.id());
}

void reset_to_initial(Backend& backend, const Image& image) {
  const std::vector<std::uint64_t> spike_queue = initial_spike_queue(image);
  backend.reset(kResetAll);
  write_initial_state(backend, image, spike_queue);
}

}  // namespace ncx
