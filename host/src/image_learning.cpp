// SPDX-License-Identifier: BSD-3-Clause
// Checks on an image's learning profiles: within the build, and in agreement with its rows.
#include "image_learning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "image_checker.hpp"
#include "learn_layout.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

constexpr std::array kRegions = {Region::kProfile, Region::kTaps, Region::kDriftStep,
                                 Region::kLearnMember, Region::kLearnState};
constexpr std::uint64_t kSourceValid = std::uint64_t{1} << 31, kSourceRow = (1U << 20) - 1;
constexpr std::uint32_t kRowProfileLsb = 24, kRowLastBit = 28;
constexpr std::uint32_t kMaxShift = 16, kMaxRounding = 2;

std::uint64_t ones(std::uint32_t bits) { return (std::uint64_t{1} << bits) - 1; }

class Checker : ImageChecker {
 public:
  Checker(const Image& image, const SynapseRows& rows, const std::string& origin)
      : ImageChecker(image, origin), geometry_(image.geometry), rows_(rows) {}

  void run() const {
    check_counts();
    check_widths();
    for (std::size_t p = 0; p < image_.profiles.size(); ++p) check_profile(p);
    check_state();
    for (std::size_t p = 0; p < image_.projections.size(); ++p) check_projection(p);
    if (!image_.profiles.empty()) check_members();
  }

 private:
  [[nodiscard]] const std::vector<std::uint64_t>& words(Region region) const {
    static const std::vector<std::uint64_t> kNone;
    const auto found = image_.memories.find(region);
    return found == image_.memories.end() ? kNone : found->second;
  }

  void check_counts() const {
    const std::size_t profiles = image_.profiles.size();
    at_most("profiles (entries)", profiles, geometry_.profiles);
    struct Size {
      Region region;
      std::size_t words;
    };
    const std::array sizes = {
        Size{Region::kProfile, profiles * map::kProfileWords},
        Size{Region::kTaps, profiles * learn::kTapsOfProfile},
        Size{Region::kDriftStep, profiles * learn::kDriftStepsOfProfile},
        Size{Region::kLearnMember, profiles * learn::member_rows(geometry_)},
        Size{Region::kLearnState,
             profiles == 0 ? 0
                           : static_cast<std::size_t>(geometry_.region_size(Region::kLearnState))},
    };
    for (const Size& size : sizes) {
      const std::size_t found = words(size.region).size();
      if (found == size.words) continue;
      fail(fmt::format("memories.{}", region_name(size.region)),
           fmt::format("found {} words; expected {} for {} learning profiles", found, size.words,
                       profiles));
    }
    at_most("learn_rows: rows of neurons", image_.learn_rows & 0xFFFF, geometry_.local_rows());
    at_most("learn_rows: rows of axons", image_.learn_rows >> 16,
            geometry_.axons / geometry_.lanes);
  }

  void check_widths() const {
    for (const Region region : kRegions) {
      const std::uint32_t bits =
          region == Region::kLearnMember ? geometry_.lanes : region_bits(region);
      const std::vector<std::uint64_t>& memory = words(region);
      for (std::size_t k = 0; k < memory.size(); ++k) {
        if (memory[k] <= ones(bits)) continue;
        fail(fmt::format("memories.{}", region_name(region)),
             fmt::format("word {} is {:#x}; expected {} bits", k, memory[k], bits));
      }
    }
  }

  [[nodiscard]] std::int64_t field(std::size_t profile, const map::Field& f) const {
    const std::uint64_t word = words(Region::kProfile)[profile * map::kProfileWords + f.word];
    const auto raw = static_cast<std::int64_t>((word >> f.lsb) & ones(f.bits));
    const bool negative = f.is_signed && (raw >> (f.bits - 1)) != 0;
    return negative ? raw - (std::int64_t{1} << f.bits) : raw;
  }

  void check_profile(std::size_t index) const {
    const ProfileMap& map = image_.profiles[index];
    const std::string name = fmt::format("profiles[{}] '{}'", index, map.name);
    at_most(name + " exponent", map.exponent, ones(map::kExponentW));
    if (map.w_min > map.w_max || map.w_min < geometry_.weight_min() ||
        map.w_max > geometry_.weight_max()) {
      fail(name, fmt::format("w_min is {} and w_max {}; expected {} <= w_min <= w_max <= {}",
                             map.w_min, map.w_max, geometry_.weight_min(), geometry_.weight_max()));
    }
    const std::string words_name = fmt::format("memories.PROFILE {}", index);
    const std::int64_t low = field(index, map::kProfileWMin);
    const std::int64_t high = field(index, map::kProfileWMax);
    if (low != map.w_min || high != map.w_max) {
      fail(words_name, fmt::format("bounds are {} and {}; expected {} and {} as in {}", low, high,
                                   map.w_min, map.w_max, name));
    }
    at_most(words_name + " shift", static_cast<std::uint64_t>(field(index, map::kProfileShift)),
            kMaxShift);
    at_most(words_name + " rounding",
            static_cast<std::uint64_t>(field(index, map::kProfileRounding)), kMaxRounding);
    const std::uint64_t last = words(Region::kProfile)[index * map::kProfileWords + 3];
    at_most(words_name + " word 3", last, ones(map::kProfileDrift.lsb + 1));
    for (std::size_t other = 0; other < index; ++other) {
      if (image_.profiles[other].user != map.user) continue;
      fail(name, fmt::format("user profile {} appears twice; expected once", map.user));
    }
  }

  void check_state() const {
    const std::vector<std::uint64_t>& state = words(Region::kLearnState);
    if (state.empty()) return;
    for (std::size_t p = 0; p + 1 < state.size(); p += 2) {
      at_most(fmt::format("memories.LEARN_STATE drift {}", p / 2), state[p], ones(map::kDriftW));
      at_most(fmt::format("memories.LEARN_STATE age {}", p / 2), state[p + 1], map::kHistoryW);
    }
    if (state.back() == 0 || state.back() > ones(32)) {
      fail("memories.LEARN_STATE",
           fmt::format("the generator is {:#x}; expected 32 bits, not 0", state.back()));
    }
  }

  [[nodiscard]] std::uint32_t profile_of_row(std::size_t row) const {
    return static_cast<std::uint32_t>((words(Region::kRow)[2 * row] >> kRowProfileLsb) &
                                      ones(map::kProfileW));
  }

  void check_projection(std::size_t index) const {
    const ProjectionMap& p = image_.projections[index];
    const std::string name = fmt::format("projections[{}] '{}'", index, p.name);
    if (!p.plastic_mask.empty() && p.plastic_mask.size() != p.pre.size()) {
      fail(name + " plastic_mask", fmt::format("found {} entries; expected none or {}",
                                               p.plastic_mask.size(), p.pre.size()));
    }
    for (const std::uint8_t flag : p.plastic_mask) at_most(name + " plastic_mask", flag, 1);
    if (p.profile == -1) return;
    const auto profiles = static_cast<std::int64_t>(image_.profiles.size());
    if (p.profile < 0 || p.profile >= profiles) {
      fail(name + " profile", fmt::format("found {}; expected -1 to {}", p.profile, profiles - 1));
    }
    if (!p.plastic) fail(name + " profile", "found one; expected -1 as it is not plastic");
    const ProfileMap& profile = image_.profiles[static_cast<std::size_t>(p.profile)];
    if (p.exponent != profile.exponent) {
      fail(name + " exponent", fmt::format("found {}; expected {} as profile '{}' has", p.exponent,
                                           profile.exponent, profile.name));
    }
    for (const std::size_t row : rows_[index]) {
      if (profile_of_row(row) == static_cast<std::uint32_t>(p.profile)) continue;
      fail(name + " profile", fmt::format("memories.ROW {} has profile {}; expected {}", row,
                                          profile_of_row(row), p.profile));
    }
  }

  /// By row: whether a projection with a learning profile has synapses in it.
  [[nodiscard]] std::vector<bool> learning_rows() const {
    std::vector<bool> result(words(Region::kRow).size() / 2, false);
    for (std::size_t p = 0; p < rows_.size(); ++p) {
      if (image_.projections[p].profile < 0) continue;
      for (const std::size_t row : rows_[p]) result[row] = true;
    }
    return result;
  }

  void check_looked_at(std::size_t source) const {
    const std::size_t row = source / geometry_.lanes;
    const bool is_axon = source >= geometry_.neurons;
    const std::size_t end =
        is_axon ? geometry_.local_rows() + (image_.learn_rows >> 16) : image_.learn_rows & 0xFFFF;
    if (row < end) return;
    fail("learn_rows",
         fmt::format("source {} learns but lies beyond {:#x}", source, image_.learn_rows));
  }

  /// LEARN_MEMBER must name all sources that have something to learn, and none without a row of
  /// that profile.
  void check_members() const {
    const std::vector<std::uint64_t>& members = words(Region::kLearnMember);
    const std::vector<std::uint64_t>& sources = words(Region::kSource);
    const std::vector<std::uint64_t>& table = words(Region::kRow);
    std::vector<std::uint64_t> allowed(members.size(), 0);
    std::vector<std::uint64_t> wanted(members.size(), 0);
    const std::vector<bool> learns = learning_rows();
    for (std::size_t s = 0; s < sources.size(); ++s) {
      if ((sources[s] & kSourceValid) == 0) continue;
      const std::uint64_t bit = std::uint64_t{1} << s % geometry_.lanes;
      for (std::size_t r = sources[s] & kSourceRow;; ++r) {
        const std::uint32_t profile = profile_of_row(r);
        if (profile < image_.profiles.size()) {
          const std::size_t word = profile * learn::member_rows(geometry_) + s / geometry_.lanes;
          allowed[word] |= bit;
          if (learns[r]) {
            wanted[word] |= bit;
            check_looked_at(s);
          }
        }
        if (((table[2 * r] >> kRowLastBit) & 1) != 0) break;
      }
    }
    for (std::size_t k = 0; k < members.size(); ++k) {
      if ((members[k] & ~allowed[k]) == 0 && (wanted[k] & ~members[k]) == 0) continue;
      fail("memories.LEARN_MEMBER",
           fmt::format("word {} is {:#x}; expected {:#x} as the rows have it", k, members[k],
                       wanted[k]));
    }
  }

  const Geometry& geometry_;
  const SynapseRows& rows_;
};

}  // namespace

bool is_learning(Region region) {
  return std::find(kRegions.begin(), kRegions.end(), region) != kRegions.end();
}

void check_learning(const Image& image, const SynapseRows& rows, const std::string& origin) {
  Checker(image, rows, origin).run();
}

}  // namespace ncx
