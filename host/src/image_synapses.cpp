// SPDX-License-Identifier: BSD-3-Clause
// Follows the rows of an image to its synapse words, as the hardware does.
#include "image_synapses.hpp"

#include <algorithm>
#include <optional>

#include "image_checker.hpp"

namespace ncx {
namespace {

constexpr std::uint32_t kSourceValid = 1U << 31, kSourceRow = (1U << 20) - 1;
constexpr std::uint32_t kSparseRow = 16, kSparseRowMask = 0xFFF;
constexpr std::uint32_t kDelayLow = 28, kDelayHigh = 33;

/// Delay less one, and behind it the tag.
std::uint32_t delay_field(std::uint64_t word) {
  return static_cast<std::uint32_t>(((word >> kDelayHigh) & 7) << 4 | ((word >> kDelayLow) & 15));
}

bool bears_tag(std::uint64_t word, const model::RowEntry& row, const Geometry& geometry) {
  const std::uint32_t mask = (1U << geometry.tag_bits()) - 1;
  return ((delay_field(word) / geometry.max_delay ^ row.target) & mask) == 0;
}

class SynapseChecker : ImageChecker {
 public:
  SynapseChecker(const Image& image, const std::string& origin, const model::Memories& memories)
      : ImageChecker(image, origin), memories_(memories) {}

  [[nodiscard]] SynapseRows run() const {
    SynapseRows rows;
    for (std::size_t p = 0; p < image_.projections.size(); ++p) {
      const ProjectionMap& projection = image_.projections[p];
      rows.emplace_back();
      for (std::size_t k = 0; k < projection.pre.size(); ++k) {
        const std::optional<std::size_t> row = row_of(projection, k);
        if (row) {
          rows.back().push_back(*row);
          continue;
        }
        fail(fmt::format("projections[{}] '{}'", p, projection.name),
             fmt::format("synapse {} is at address {}, where no row of its source leads to its "
                         "target; expected one",
                         k, projection.address[k]));
      }
    }
    return rows;
  }

 private:
  [[nodiscard]] std::optional<std::size_t> row_of(const ProjectionMap& projection,
                                                  std::size_t synapse) const {
    const std::uint32_t pre = projection.pre[synapse];
    const std::size_t source = projection.pre_is_axon
                                   ? image_.geometry.neurons + image_.axon_row[pre]
                                   : image_.neuron_slot[pre];
    const std::uint32_t entry = memories_.source[source];
    if ((entry & kSourceValid) == 0) return {};
    const std::uint32_t slot = image_.neuron_slot[projection.post[synapse]];
    for (std::size_t r = entry & kSourceRow;; ++r) {
      const model::RowEntry row = memories_.row_entry(r);
      if (leads_to(row, projection.address[synapse], projection.field[synapse], slot)) return r;
      if (row.last) return {};
    }
  }

  [[nodiscard]] bool leads_to(const model::RowEntry& row, std::uint32_t address,
                              std::uint32_t field, std::uint32_t slot) const {
    const Geometry& g = image_.geometry;
    const std::uint32_t word = address / g.lanes;
    if (word < row.base || word >= row.base + row.length) return false;
    if (address % g.lanes != slot % g.lanes) return false;
    const std::uint32_t local_row = slot / g.lanes;
    if (!row.sparse) {
      return (row.target + word - row.base) * g.weights_per_word() + field == local_row;
    }
    const std::uint64_t content = memories_.synapse[address];
    return field == 0 && bears_tag(content, row, g) &&
           ((content >> kSparseRow) & kSparseRowMask) == local_row;
  }

  const model::Memories& memories_;
};

}  // namespace

std::uint32_t longest_delay(const model::Memories& memories, const Geometry& geometry,
                            std::size_t rows) {
  std::uint32_t longest = 1;
  for (std::size_t r = 0; r < rows; ++r) {
    const model::RowEntry row = memories.row_entry(r);
    if (!row.sparse) continue;
    const std::size_t end =
        std::min((std::size_t{row.base} + row.length) * geometry.lanes, memories.synapse.size());
    for (std::size_t at = std::size_t{row.base} * geometry.lanes; at < end; ++at) {
      const std::uint64_t word = memories.synapse[at];
      if (!bears_tag(word, row, geometry)) continue;
      longest = std::max(longest, 1 + delay_field(word) % geometry.max_delay);
    }
  }
  return longest;
}

SynapseRows check_synapses(const Image& image, const std::string& origin,
                           const model::Memories& memories) {
  return SynapseChecker(image, origin, memories).run();
}

}  // namespace ncx
