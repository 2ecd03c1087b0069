// SPDX-License-Identifier: BSD-3-Clause
// Unpacks rows of synapses and adds them up.
#include "model/gather.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "model/kernels.hpp"

namespace ncx::model {
namespace {

constexpr std::uint32_t kSourceValid = 1U << 31, kSourceRow = (1U << 20) - 1;
constexpr std::uint32_t kSparseRow = 16, kSparseDelayLow = 28, kSparseDelayHigh = 33,
                        kPlasticFlag = 32;
constexpr std::uint32_t kDriftFraction = 16;

std::int32_t weight_field(std::uint64_t word, std::uint32_t index, std::uint32_t bits) {
  const auto shifted = static_cast<std::uint32_t>(word >> (index * bits)) << (32 - bits);
  return static_cast<std::int32_t>(shifted) >> static_cast<std::int32_t>(32 - bits);
}

}  // namespace

GatherTables::GatherTables(const Geometry& geometry)
    : geometry_(geometry),
      local_row_mask_(std::bit_ceil(geometry.local_rows()) - 1),
      ring_mask_(geometry.max_delay - 1),
      delay_bits_(static_cast<std::uint32_t>(std::countr_zero(geometry.max_delay))),
      tag_mask_((1U << geometry.tag_bits()) - 1),
      sources_(geometry.region_size(Region::kSource)),
      rows_(geometry.rows),
      claimed_(geometry.region_size(Region::kSynapse)) {}

std::string GatherTables::row_problem(std::size_t index, const RowEntry& entry) const {
  if (entry.length == 0) return fmt::format("row {} has length 0; expected at least 1", index);
  if (std::uint64_t{entry.base} + entry.length > geometry_.synapse_words) {
    return fmt::format("row {} occupies synapse words {} to {}; expected at most {}", index,
                       entry.base, std::uint64_t{entry.base} + entry.length - 1,
                       geometry_.synapse_words - 1);
  }
  const std::uint32_t groups = geometry_.local_rows() / geometry_.weights_per_word();
  if (!entry.sparse && std::uint64_t{entry.target} + entry.length > groups) {
    return fmt::format("row {} reaches local-row group {}; expected at most {}", index,
                       std::uint64_t{entry.target} + entry.length - 1, groups - 1);
  }
  return {};
}

std::string GatherTables::problem(std::uint32_t source, const Memories& memories) const {
  const std::uint32_t word = memories.source[source];
  if ((word & kSourceValid) == 0) return {};
  for (std::size_t index = word & kSourceRow; index < rows_.size(); ++index) {
    const RowEntry entry = memories.row_entry(index);
    std::string text = row_problem(index, entry);
    if (!text.empty()) return text;
    if (entry.last) return {};
  }
  return fmt::format("its rows from {} on have no last one", word & kSourceRow);
}

void GatherTables::prepare(const Memories& memories) {
  if (!rows_current_ || !tables_current_) {
    for (UnpackedRow& row : rows_) row.unpacked = row.shared = false;
    std::fill(claimed_.begin(), claimed_.end(), 0);
    rows_current_ = true;
  }
  if (tables_current_) return;
  // Backwards, every row knows how many rows and words follow up to the last one of its source.
  std::vector<Source> rest(rows_.size());
  for (std::size_t index = rows_.size(); index-- > 0;) {
    const RowEntry entry = memories.row_entry(index);
    const bool more = !entry.last && index + 1 < rows_.size();
    rest[index].rows = 1 + (more ? rest[index + 1].rows : 0);
    rest[index].words = entry.length + (more ? rest[index + 1].words : 0);
  }
  for (std::size_t s = 0; s < sources_.size(); ++s) {
    const std::uint32_t word = memories.source[s];
    const std::uint32_t first = word & kSourceRow;
    sources_[s] = {};
    if ((word & kSourceValid) == 0 || first >= rows_.size()) continue;
    sources_[s] = rest[first];
    sources_[s].first = first;
  }
  tables_current_ = true;
}

void GatherTables::unpack_dense(UnpackedRow& row, const Memories& memories) const {
  const std::uint32_t lanes = geometry_.lanes, fields = geometry_.weights_per_word();
  const std::size_t count = std::size_t{row.entry.length} * fields * lanes;
  row.first_slot = row.entry.target * fields * lanes;
  row.weights.resize(count);
  row.plastic.resize(count);
  bool any = false;
  std::size_t at = 0;
  for (std::uint32_t j = 0; j < row.entry.length; ++j) {
    const std::uint64_t* words = &memories.synapse[std::size_t{row.entry.base + j} * lanes];
    for (std::uint32_t p = 0; p < fields; ++p) {
      for (std::uint32_t lane = 0; lane < lanes; ++lane) {
        const bool plastic = (words[lane] >> (kPlasticFlag + p) & 1) != 0;
        row.weights[at] =
            static_cast<std::int16_t>(weight_field(words[lane], p, geometry_.weight_bits));
        row.plastic[at++] = plastic ? -1 : 0;
        any = any || plastic;
      }
    }
  }
  if (!any) row.plastic.clear();
}

void GatherTables::unpack_sparse(UnpackedRow& row, const Memories& memories) const {
  const std::uint32_t lanes = geometry_.lanes;
  for (std::uint32_t j = 0; j < row.entry.length; ++j) {
    const std::uint64_t* words = &memories.synapse[std::size_t{row.entry.base + j} * lanes];
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
      const std::uint64_t word = words[lane];
      const std::int32_t weight = weight_field(word, 0, geometry_.weight_bits);
      const std::uint32_t local_row =
          static_cast<std::uint32_t>(word >> kSparseRow) & 0xFFF & local_row_mask_;
      const bool plastic = (word >> kPlasticFlag & 1) != 0;
      // Padding, and rows that have an accumulator but no neuron.
      if ((weight == 0 && !plastic) || local_row >= geometry_.local_rows()) continue;
      const auto delay = static_cast<std::uint32_t>(((word >> kSparseDelayHigh) & 7) << 4 |
                                                    ((word >> kSparseDelayLow) & 15));
      if ((((delay >> delay_bits_) ^ row.entry.target) & tag_mask_) != 0)
        continue;  // another row's
      const std::uint32_t scaled = static_cast<std::uint32_t>(weight) << row.entry.exponent;
      if (plastic) {
        row.plastic_synapses.push_back({static_cast<std::uint32_t>(row.synapses.size()), j, lane});
      }
      row.synapses.push_back(
          {local_row * lanes + lane, static_cast<std::int32_t>(scaled), delay & ring_mask_});
    }
  }
}

/// Rows that take the same words are found when the second of them is unpacked.
void GatherTables::claim_word(std::uint32_t index, std::size_t word) {
  std::uint32_t& owner = claimed_[word];
  if (owner == 0) owner = index + 1;
  if (owner == index + 1) return;
  UnpackedRow& other = rows_[owner - 1];
  // Until now nobody asked whether it was up to date: it was.
  if (!other.shared) other.epoch = epoch_;
  rows_[index].shared = other.shared = true;
}

/// Only words that learning may change matter.
void GatherTables::claim(std::uint32_t index) {
  const UnpackedRow& row = rows_[index];
  const std::size_t first = std::size_t{row.entry.base} * geometry_.lanes;
  for (const UnpackedRow::Plastic& p : row.plastic_synapses) {
    claim_word(index, first + std::size_t{p.word} * geometry_.lanes + p.lane);
  }
  if (row.plastic.empty()) return;
  const std::size_t count = std::size_t{row.entry.length} * geometry_.lanes;
  for (std::size_t word = first; word < first + count; ++word) claim_word(index, word);
}

void GatherTables::unpack(std::uint32_t index, const Memories& memories) {
  UnpackedRow& row = rows_[index];
  row.weights.clear();
  row.plastic.clear();
  row.synapses.clear();
  row.plastic_synapses.clear();
  row.entry = memories.row_entry(index);
  if (row.entry.sparse) {
    unpack_sparse(row, memories);
  } else {
    unpack_dense(row, memories);
  }
  row.unpacked = true;
  claim(index);
  row.epoch = epoch_;
}

UnpackedRow& GatherTables::row(std::uint32_t index, const Memories& memories) {
  UnpackedRow& row = rows_[index];
  if (!row.unpacked || (row.shared && row.epoch != epoch_)) unpack(index, memories);
  return row;
}

GatherTables::Cost GatherTables::walk(std::uint32_t source, std::uint32_t ring,
                                      Memories& memories) {
  const Source& from = sources_[source];
  std::int32_t* accumulator = memories.accumulator.data();
  const auto add = [&](const UnpackedRow::Synapse& synapse, std::uint32_t value) {
    const std::size_t due = (ring + synapse.delay) & ring_mask_;
    std::int32_t& sum = accumulator[due * geometry_.neurons + synapse.slot];
    sum = static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) + value);
  };
  for (std::uint32_t index = from.first; index < from.first + from.rows; ++index) {
    const UnpackedRow& from_row = row(index, memories);
    const RowEntry& entry = from_row.entry;
    const std::int32_t drift =
        entry.profile < geometry_.profiles
            ? static_cast<std::int32_t>(memories.drift[entry.profile] >> kDriftFraction)
            : 0;
    if (entry.sparse) {
      for (const UnpackedRow::Synapse& s : from_row.synapses) {
        add(s, static_cast<std::uint32_t>(s.weight));
      }
      if (drift == 0) continue;
      for (const UnpackedRow::Plastic& p : from_row.plastic_synapses) {
        add(from_row.synapses[p.synapse], static_cast<std::uint32_t>(drift) << entry.exponent);
      }
      continue;
    }
    std::int32_t* sums = accumulator + std::size_t{ring} * geometry_.neurons + from_row.first_slot;
    if (drift == 0 || from_row.plastic.empty()) {
      add_dense(sums, from_row.weights.data(), from_row.weights.size(), entry.exponent);
    } else {
      add_drifting(sums, from_row.weights.data(), from_row.plastic.data(), from_row.weights.size(),
                   drift, entry.exponent);
    }
  }
  return {from.rows, from.words};
}

}  // namespace ncx::model
