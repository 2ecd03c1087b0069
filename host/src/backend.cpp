// SPDX-License-Identifier: BSD-3-Clause
// What every backend does the same way: registers, loading an image, going back to its start.
#include "ncx/backend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "image_use.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

constexpr std::uint64_t kStateWords = 4;

/// Everything but the statistics.
constexpr std::uint32_t kResetAll = 1U << map::kResetBitMembrane | 1U << map::kResetBitTheta |
                                    1U << map::kResetBitInFlight | 1U << map::kResetBitCounts |
                                    1U << map::kResetBitTick;

/// Layouts that are part of the image's addresses must be equal.
void check_layout(const Geometry& image, const Geometry& target) {
  struct Item {
    std::string_view name;
    std::uint32_t wanted, found;
  };
  const std::array items = {
      Item{"lanes", image.lanes, target.lanes},
      Item{"weight_bits", image.weight_bits, target.weight_bits},
      Item{"neurons", image.neurons, target.neurons},
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

void write_initial(Backend& backend, const Image& image) {
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

}  // namespace

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
  check_layout(image.geometry, backend.geometry());
  check_capacity(image, backend.geometry());
  // Until everything is there, the device must not claim to hold this image.
  backend.write_register(Register::kImageId, 0);
  constexpr std::array kMemories = {Region::kSynapse, Region::kSource,    Region::kRow,
                                    Region::kProgram, Region::kParameter, Region::kRate};
  for (const Region region : kMemories) write_words(backend, image, region);
  backend.write_register(Register::kProgramLength, image.program_length);
  backend.write_register(Register::kEncoderRows, image.encoder_rows);
  backend.write_register(Register::kUsedRows, image.used_rows);
  backend.write_register(Register::kFractionBits, image.fraction_bits);
  reset_to_initial(backend, image);
  backend.write_register(Register::kImageId, image.id());
}

void reset_to_initial(Backend& backend, const Image& image) {
  backend.reset(kResetAll);
  write_words(backend, image, Region::kGenerator);
  write_initial(backend, image);
}

}  // namespace ncx
