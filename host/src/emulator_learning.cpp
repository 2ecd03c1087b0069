// SPDX-License-Identifier: BSD-3-Clause
// The emulator's weights, which a drift may move all at once, and the switches of learning.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "emulator_checks.hpp"
#include "learn_layout.hpp"
#include "ncx/emulator.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

using learn::kModulationMax;
using learn::kModulationMin;
constexpr std::uint32_t kModulationMask = (1U << map::kModulationW) - 1;

enum class Parts : std::uint8_t { kWeights, kWhole };

/// The synapse words of a projection, in as few requests as pay: a gap is read along where it costs
/// less than another request and the wait for its answer.
class SynapseWords {
 public:
  SynapseWords(Backend& backend, const std::vector<std::uint32_t>& addresses, Parts parts)
      : backend_(backend) {
    constexpr std::uint32_t kGap = 256;
    std::vector<std::uint32_t> sorted = addresses;
    std::sort(sorted.begin(), sorted.end());
    for (const std::uint32_t address : sorted) {
      if (ranges_.empty() || address >= ranges_.back().end + kGap) {
        ranges_.push_back({address, address + 1, {}});
      }
      ranges_.back().end = std::max(ranges_.back().end, address + 1);
    }
    for (Range& range : ranges_) {
      const std::size_t count = range.end - range.first;
      range.words = parts == Parts::kWhole
                        ? backend_.read(Region::kSynapse, range.first, count)
                        : backend_.read_low(Region::kSynapse, range.first, count);
    }
  }

  [[nodiscard]] std::uint64_t& at(std::uint32_t address) {
    const auto after =
        std::upper_bound(ranges_.begin(), ranges_.end(), address,
                         [](std::uint32_t a, const Range& range) { return a < range.first; });
    Range& range = *std::prev(after);
    return range.words.at(address - range.first);
  }

  void write_back() {
    for (const Range& range : ranges_) backend_.write(Region::kSynapse, range.first, range.words);
  }

 private:
  struct Range {
    std::uint32_t first = 0, end = 0;
    std::vector<std::uint64_t> words;
  };
  Backend& backend_;
  std::vector<Range> ranges_;
};

bool drifts(const ProjectionMap& p, std::size_t synapse) {
  if (p.profile < 0) return false;
  return p.plastic_mask.empty() ? p.plastic : p.plastic_mask.at(synapse) != 0;
}

}  // namespace

const ProjectionMap& Emulator::projection_map(std::size_t projection) const {
  check_number("projection", projection, image().projections.size());
  return image_->projections[projection];
}

/// What is added to the stored weight of every synapse that drifts.
std::int32_t Emulator::drift_of(const ProjectionMap& projection) {
  if (projection.profile < 0) return 0;
  const auto profile = static_cast<std::uint32_t>(projection.profile);
  return learn::whole_drift(
      backend_->read(Region::kLearnState, learn::drift_address(profile), 1).at(0));
}

std::vector<std::int32_t> Emulator::weights(std::size_t projection) {
  const ProjectionMap& p = projection_map(projection);
  const std::uint32_t bits = image_->geometry.weight_bits;
  const std::int32_t drift = drift_of(p);
  SynapseWords words(*backend_, p.address, Parts::kWeights);
  std::vector<std::int32_t> result;
  result.reserve(p.address.size());
  for (std::size_t s = 0; s < p.address.size(); ++s) {
    const std::uint64_t field = words.at(p.address[s]) >> (p.field[s] * bits);
    result.push_back(static_cast<std::int32_t>(learn::sign_extended(field, bits)) +
                     (drifts(p, s) ? drift : 0));
  }
  return result;
}

void Emulator::set_weights(std::size_t projection, std::span<const std::int32_t> values) {
  const ProjectionMap& p = projection_map(projection);
  const Geometry& g = image_->geometry;
  check_size(fmt::format("weights for projection '{}'", p.name), values.size(), p.address.size());
  const std::int32_t drift = drift_of(p);
  for (std::size_t s = 0; s < values.size(); ++s) {
    const std::int32_t moved = drifts(p, s) ? drift : 0;
    const std::int32_t low = g.weight_min() + moved, high = g.weight_max() + moved;
    if (values[s] >= low && values[s] <= high) continue;
    throw InputError(
        fmt::format(
            "weight {} of synapse {} in projection '{}' is not within {} to {}, in steps "
            "of {}{}",
            values[s], s, p.name, low, high,
            std::ldexp(1.0, static_cast<int>(p.exponent) - static_cast<int>(image_->fraction_bits)),
            moved == 0 ? "" : fmt::format(" (its profile has drifted by {})", moved)),
        "smaller weights, or compile the network again with them");
  }
  if (values.empty()) return;
  SynapseWords words(*backend_, p.address, Parts::kWhole);
  const std::uint64_t mask = (1ULL << g.weight_bits) - 1;
  for (std::size_t s = 0; s < values.size(); ++s) {
    const std::uint32_t lsb = p.field[s] * g.weight_bits;
    const auto stored = static_cast<std::uint32_t>(values[s] - (drifts(p, s) ? drift : 0));
    std::uint64_t& word = words.at(p.address[s]);
    word = (word & ~(mask << lsb)) | (stored & mask) << lsb;
  }
  words.write_back();
}

/// One bit for each hardware profile that stands for the user's.
std::uint32_t Emulator::hardware_profiles(std::size_t profile) const {
  std::uint32_t bits = 0;
  std::string known;
  for (std::size_t p = 0; p < image().profiles.size(); ++p) {
    const ProfileMap& map = image_->profiles[p];
    if (map.user == profile) bits |= 1U << p;
    known += fmt::format("{}{} ('{}')", known.empty() ? "" : ", ", map.user, map.name);
  }
  if (bits != 0) return bits;
  throw InputError(fmt::format("profile {}: no projection of the network learns by it", profile),
                   known.empty() ? "a projection with plastic synapses and a learning profile"
                                 : fmt::format("one of: {}", known));
}

void Emulator::set_learning(std::size_t profile, bool on) {
  const std::uint32_t bits = hardware_profiles(profile) << learn::kEnabledLsb;
  const std::uint32_t before = backend_->read_register(Register::kLearning);
  backend_->write_register(Register::kLearning, on ? before | bits : before & ~bits);
}

bool Emulator::learning(std::size_t profile) {
  const std::uint32_t bits = hardware_profiles(profile) << learn::kEnabledLsb;
  return (backend_->read_register(Register::kLearning) & bits) == bits;
}

void Emulator::set_modulation(std::int32_t factor) {
  static_cast<void>(image());
  if (factor < kModulationMin || factor > kModulationMax) {
    throw InputError(
        fmt::format("modulation {} is not within {} to {}", factor, kModulationMin, kModulationMax),
        "65536 for 1.0: factors from -2 to just below 2");
  }
  backend_->write_register(Register::kModulation,
                           static_cast<std::uint32_t>(factor) & kModulationMask);
}

std::int32_t Emulator::modulation() {
  static_cast<void>(image());
  return static_cast<std::int32_t>(
      learn::sign_extended(backend_->read_register(Register::kModulation), map::kModulationW));
}

}  // namespace ncx
