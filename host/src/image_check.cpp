// SPDX-License-Identifier: BSD-3-Clause
// Checks on images: every number within the build the image was compiled for.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "image_checker.hpp"
#include "image_learning.hpp"
#include "image_synapses.hpp"
#include "image_use.hpp"
#include "model/memories.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

constexpr std::uint32_t kSourceValid = 1U << 31, kSourceRow = (1U << 20) - 1;
constexpr std::int32_t kStateMax = (1 << (map::kStateW - 1)) - 1, kStateMin = -kStateMax - 1;

std::size_t words_of(const Image& image, Region region) {
  const auto found = image.memories.find(region);
  return found == image.memories.end() ? 0 : found->second.size();
}

/// The image's memories, as the hardware would hold them.
model::Memories loaded(const Image& image) {
  model::Memories memories(image.geometry);
  for (const auto& [region, words] : image.memories) {
    std::uint64_t address = 0;
    if (is_learning(region)) continue;
    for (const std::uint64_t word : words) memories.store(region, address++, word);
  }
  return memories;
}

class Checker : ImageChecker {
 public:
  Checker(const Image& image, const std::string& origin) : ImageChecker(image, origin) {}

  void run() const {
    const std::string problem = image_.geometry.problem();
    if (!problem.empty()) fail("geometry", problem);
    check_memories();
    check_registers();
    check_numbering();
    for (const Group& group : image_.populations) {
      check_group("populations", group, image_.neurons());
    }
    for (const Group& group : image_.axon_groups) check_group("axon_groups", group, image_.axons());
    for (std::size_t p = 0; p < image_.projections.size(); ++p) check_projection(p);
    check_initial();
    const model::Memories memories = loaded(image_);
    check_words(memories);
    check_tables(memories);
    check_learning(image_, check_synapses(image_, origin_, memories), origin_);
  }

 private:
  void check_memories() const {
    for (const auto& [region, words] : image_.memories) {
      const std::string field = fmt::format("memories.{}", region_name(region));
      const bool config = ((map::kRegionConfigMask >> static_cast<unsigned>(region)) & 1) != 0;
      if (!config && region != Region::kGenerator && region != Region::kLearnState)
        fail(field, "an image does not hold this memory");
      at_most(field + " (words)", words.size(), image_.geometry.region_size(region));
    }
    for (const Region region : {Region::kRow, Region::kProgram}) {
      const std::size_t words = words_of(image_, region);
      if (words % 2 != 0) {
        fail(fmt::format("memories.{}", region_name(region)),
             fmt::format("found {} words; expected an even number", words));
      }
    }
  }

  void check_registers() const {
    const Geometry& g = image_.geometry;
    at_most("program_length", image_.program_length, words_of(image_, Region::kProgram) / 2);
    at_most("encoder_rows", image_.encoder_rows, g.axons / g.lanes);
    at_most("used_rows", image_.used_rows, g.local_rows());
    at_most("fraction_bits", image_.fraction_bits, map::kAccumulatorW - 1);
  }

  void check_unique(std::string_view field, const std::vector<std::uint32_t>& values,
                    std::uint32_t limit) const {
    std::vector<bool> seen(limit);
    for (const std::uint32_t value : values) {
      below(field, value, limit);
      if (seen[value]) fail(field, fmt::format("{} appears twice; expected once", value));
      seen[value] = true;
    }
  }

  void check_numbering() const {
    check_unique("neuron_slot", image_.neuron_slot, image_.geometry.neurons);
    check_unique("axon_row", image_.axon_row, image_.geometry.axons);
    for (const std::uint32_t slot : image_.neuron_slot) {
      at_most("used_rows: a neuron's local row", slot / image_.geometry.lanes + 1,
              image_.used_rows);
    }
  }

  void check_group(std::string_view field, const Group& group, std::uint32_t total) const {
    const std::uint64_t end = std::uint64_t{group.first} + group.size;
    if (end > total) {
      fail(field, fmt::format("'{}' ends at {}; expected at most {}", group.name, end, total));
    }
  }

  void check_projection(std::size_t index) const {
    const ProjectionMap& p = image_.projections[index];
    const std::string field = fmt::format("projections[{}] '{}'", index, p.name);
    const std::size_t size = p.pre.size();
    if (p.post.size() != size || p.address.size() != size || p.field.size() != size) {
      fail(field, fmt::format("found {} pre, {} post, {} address, {} field; expected equally many",
                              size, p.post.size(), p.address.size(), p.field.size()));
    }
    at_most(field + " exponent", p.exponent, (1U << map::kExponentW) - 1);
    const std::uint32_t sources = p.pre_is_axon ? image_.axons() : image_.neurons();
    const std::size_t words = words_of(image_, Region::kSynapse);
    const auto all_below = [&](const char* part, const auto& values, std::size_t limit) {
      if (values.empty()) return;
      below(field + part, *std::max_element(values.begin(), values.end()), limit);
    };
    all_below(" pre", p.pre, sources);
    all_below(" post", p.post, image_.neurons());
    all_below(" address", p.address, words);
    all_below(" field", p.field, image_.geometry.weights_per_word());
  }

  void check_initial() const {
    for (const InitialState& s : image_.initial) {
      below("initial slot", s.slot, image_.geometry.neurons);
      for (const std::int32_t value : {s.v, s.current, s.theta}) {
        if (value < kStateMin || value > kStateMax) {
          fail("initial", fmt::format("slot {}: found {}; expected {} to {}", s.slot, value,
                                      kStateMin, kStateMax));
        }
      }
      if (s.theta < 0) {
        fail("initial", fmt::format("slot {}: theta is {}; expected 0 or more", s.slot, s.theta));
      }
      at_most("initial refractory", s.refractory, (1U << map::kRefractoryW) - 1);
    }
    check_unique("initial_spikes", image_.initial_spikes, image_.geometry.neurons);
    std::vector<std::uint32_t> slots;
    for (const auto& [slot, history] : image_.initial_history) {
      slots.push_back(slot);
      at_most("initial_history", history, (1U << map::kHistoryW) - 1);
    }
    check_unique("initial_history slot", slots, image_.geometry.neurons);
    at_most("initial_age", image_.initial_age, map::kHistoryW);
  }

  /// A word that the hardware would cut could not be verified after loading.
  void check_words(const model::Memories& memories) const {
    for (const auto& [region, words] : image_.memories) {
      if (is_learning(region)) continue;  // see check_learning
      for (std::size_t k = 0; k < words.size(); ++k) {
        const std::uint64_t kept = memories.load(region, k);
        if (words[k] == kept) continue;
        fail(fmt::format("memories.{}", region_name(region)),
             fmt::format("word {} is {:#x}; of it this build keeps {:#x}", k, words[k], kept));
      }
    }
  }

  void check_tables(const model::Memories& memories) const {
    const Geometry& g = image_.geometry;
    for (std::uint32_t e = 0; e < image_.program_length; ++e) {
      const model::ProgramEntry entry = memories.program_entry(e);
      const std::string field = fmt::format("memories.PROGRAM entry {}", e);
      below(field + " row", entry.row, g.local_rows());
      below(field + " set", entry.set, g.parameter_sets);
      const std::uint32_t pass = entry.operation & ~(1U << map::kProgramOpFirst);
      const bool both = pass == (1U << map::kProgramOpScan | 1U << map::kProgramOpApply);
      if (both || (pass == 0 && entry.operation != 0)) {
        fail(field + " operation",
             fmt::format("found {}; expected 0, or SCAN or APPLY with or without FIRST",
                         entry.operation));
      }
    }
    const std::size_t rows = words_of(image_, Region::kRow) / 2;
    const std::size_t words = words_of(image_, Region::kSynapse) / g.lanes;
    for (std::size_t r = 0; r < rows; ++r) {
      const model::RowEntry row = memories.row_entry(r);
      const std::string field = fmt::format("memories.ROW {}", r);
      if (row.length == 0) fail(field, "length is 0; expected at least 1");
      at_most(field + " end", std::uint64_t{row.base} + row.length, words);
      if (!row.sparse) {
        at_most(field + " target", std::uint64_t{row.target} + row.length,
                g.local_rows() / g.weights_per_word());
      }
    }
    std::optional<std::size_t> last;
    for (std::size_t r = rows; r-- > 0 && !last;) {
      if (memories.row_entry(r).last) last = r;
    }
    for (std::size_t s = 0; s < words_of(image_, Region::kSource); ++s) {
      if ((memories.source[s] & kSourceValid) == 0) continue;
      const std::uint32_t first = memories.source[s] & kSourceRow;
      const std::string field = fmt::format("memories.SOURCE {}", s);
      below(field + " row", first, rows);
      if (!last || first > *last) fail(field, fmt::format("rows from {} on have no last", first));
    }
  }
};

}  // namespace

std::vector<CapacityUse> capacity_use(const Image& image, const Geometry& target) {
  const model::Memories memories = loaded(image);
  const Geometry& g = image.geometry;
  std::uint64_t axons = std::uint64_t{image.encoder_rows} * g.lanes;
  for (std::size_t s = g.neurons; s < memories.source.size(); ++s) {
    if ((memories.source[s] & kSourceValid) != 0) axons = std::max(axons, s + 1 - g.neurons);
  }
  for (const std::uint32_t row : image.axon_row) axons = std::max<std::uint64_t>(axons, row + 1);
  std::uint64_t sets = 0;
  for (std::uint32_t e = 0; e < image.program_length; ++e) {
    sets = std::max<std::uint64_t>(sets, memories.program_entry(e).set + 1);
  }
  const std::uint64_t synapses = words_of(image, Region::kSynapse);
  const std::size_t rows = words_of(image, Region::kRow) / 2;
  return {
      {"axons", axons, target.axons},
      {"synapse words a lane", (synapses + g.lanes - 1) / g.lanes, target.synapse_words},
      {"row table entries", rows, target.rows},
      {"parameter sets", sets, target.parameter_sets},
      {"program entries", image.program_length, target.program_entries},
      {"learning profiles", image.profiles.size(), target.profiles},
      {"delay", longest_delay(memories, image.geometry, rows), target.max_delay},
  };
}

bool shares_words(const Image& image) {
  const model::Memories memories = loaded(image);
  const std::uint32_t tag_mask = (1U << image.geometry.tag_bits()) - 1;
  for (std::size_t r = 0; r < words_of(image, Region::kRow) / 2; ++r) {
    const model::RowEntry row = memories.row_entry(r);
    if (row.sparse && (row.target & tag_mask) != 0) return true;
  }
  return false;
}

void check_image(const Image& image, const std::string& origin) { Checker(image, origin).run(); }

}  // namespace ncx
