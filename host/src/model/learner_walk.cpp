// SPDX-License-Identifier: BSD-3-Clause
// Learning's walks over rows of synapses: the unpacked rows and the synapse words change together.
#include <algorithm>
#include <bit>

#include "learn_layout.hpp"
#include "model/learner.hpp"

namespace ncx::model {
namespace {

constexpr std::uint32_t kFraction = learn::kDriftFraction;
constexpr std::uint32_t kRoundNearest = 1, kRoundStochastic = 2;

std::int32_t weight_field(std::uint64_t word, std::uint32_t bits) {
  const std::uint32_t shift = 32 - bits;
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(word) << shift) >>
         static_cast<std::int32_t>(shift);
}

std::uint64_t with_field(std::uint64_t word, std::uint32_t lsb, std::uint32_t bits,
                         std::int32_t weight) {
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  return (word & ~(mask << lsb)) | (static_cast<std::uint32_t>(weight) & mask) << lsb;
}

}  // namespace

template <typename Change>
void Learner::each_row(std::uint32_t profile, std::uint32_t source, LearnWalks& walks,
                       Change change) {
  const GatherTables::Span rows = rows_.rows_of(source);
  ++walks.sources;
  walks.rows += rows.count;
  for (std::uint32_t index = rows.first; index < rows.first + rows.count; ++index) {
    UnpackedRow& row = rows_.row(index, memories_);
    if (row.entry.profile != profile) continue;
    if (index + 1 == rows.first + rows.count) ++walks.landings;
    row_changed_ = false;
    change(row);
    if (row_changed_) rows_.changed(row);
  }
}

void Learner::visit(std::uint32_t profile, std::uint32_t source, Walk& walk) {
  each_row(profile, source, tally_.weights, [&](UnpackedRow& row) {
    if (row.entry.sparse) {
      walk_sparse(row, walk);
    } else {
      const std::uint64_t steps = std::uint64_t{row.entry.length} * geometry_.weights_per_word();
      if (walk.spiked || queue_.size() / 2 >= steps) {
        walk_dense(row, walk);
      } else {
        walk_dense_spikes(row, walk);
      }
    }
  });
}

void Learner::draw(const Rule& rule) {
  if (rule.profile.rounding != kRoundStochastic) return;
  std::uint32_t& q = memories_.rounding_generator;
  q ^= q << 13;
  q ^= q >> 17;
  q ^= q << 5;
}

std::int64_t Learner::rounding_offset(const Profile& profile, std::uint32_t lane) const {
  switch (profile.rounding) {
    case kRoundNearest:
      return 1 << (kFraction - 1);
    case kRoundStochastic:
      return std::rotl(memories_.rounding_generator, static_cast<int>(lane * 32 >> lane_bits_)) &
             ((1U << kFraction) - 1);
    default:
      return 0;
  }
}

std::int32_t Learner::bounded(const Profile& profile, std::int64_t effective,
                              std::int32_t drift) const {
  if (effective < profile.w_min) {
    effective = profile.w_min;
  } else if (effective > profile.w_max) {
    effective = profile.w_max;
  }
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(effective - drift, geometry_.weight_min(), geometry_.weight_max()));
}

std::int32_t Learner::changed(const Walk& walk, std::int32_t stored, std::uint32_t slot,
                              bool fired) const {
  const Profile& profile = walk.rule->profile;
  const std::int64_t effective = std::int64_t{stored} + walk.drift;
  std::int64_t difference = fired ? walk.x : 0;
  if (profile.instar) {
    difference -= effective;
  } else if (walk.spiked) {
    difference -= walk.y[slot];
  }
  const std::int64_t scaled =
      difference * walk.rule->gain + rounding_offset(profile, slot & (geometry_.lanes - 1));
  return bounded(profile, effective + (scaled >> kFraction), walk.drift);
}

void Learner::put_dense(UnpackedRow& row, std::size_t at, std::int32_t weight) {
  if (row.weights[at] == weight) return;
  row.weights[at] = static_cast<std::int16_t>(weight);
  const std::size_t lane = at & (geometry_.lanes - 1), local_row = at >> lane_bits_;
  const std::size_t word_at = (row.entry.base + (local_row >> field_bits_)) << lane_bits_;
  std::uint64_t& word = memories_.synapse[word_at + lane];
  const auto field = static_cast<std::uint32_t>(local_row) & ((1U << field_bits_) - 1);
  word = with_field(word, field * geometry_.weight_bits, geometry_.weight_bits, weight);
  row_changed_ = true;
}

std::uint64_t& Learner::word_of(const UnpackedRow& row, const UnpackedRow::Plastic& plastic) {
  return memories_
      .synapse[std::size_t{row.entry.base + plastic.word} * geometry_.lanes + plastic.lane];
}

void Learner::put_sparse(UnpackedRow& row, const UnpackedRow::Plastic& plastic,
                         std::int32_t weight) {
  std::uint64_t& word = word_of(row, plastic);
  word = with_field(word, 0, geometry_.weight_bits, weight);
  row.synapses[plastic.synapse].weight =
      static_cast<std::int32_t>(static_cast<std::uint32_t>(weight) << row.entry.exponent);
  row_changed_ = true;
}

void Learner::touch_sparse(UnpackedRow& row, const Walk& walk,
                           const UnpackedRow::Plastic& plastic) {
  const std::uint32_t slot = row.synapses[plastic.synapse].slot;
  const bool fired = fired_[slot] != 0;
  if (!fired && (!walk.spiked || walk.rule->profile.instar)) return;
  const std::int32_t stored = weight_field(word_of(row, plastic), geometry_.weight_bits);
  const std::int32_t weight = changed(walk, stored, slot, fired);
  if (weight != stored) put_sparse(row, plastic, weight);
}

void Learner::walk_sparse(UnpackedRow& row, const Walk& walk) {
  tally_.weights.steps += row.entry.length;
  std::uint32_t steps = 0;
  for (const UnpackedRow::Plastic& plastic : row.plastic_synapses) {
    for (; steps <= plastic.word; ++steps) draw(*walk.rule);
    touch_sparse(row, walk, plastic);
  }
  for (; steps < row.entry.length; ++steps) draw(*walk.rule);
}

void Learner::touch_dense(UnpackedRow& row, const Walk& walk, std::size_t at, bool fired) {
  const std::uint32_t slot = row.first_slot + static_cast<std::uint32_t>(at);
  put_dense(row, at, changed(walk, row.weights[at], slot, fired));
}

void Learner::walk_dense(UnpackedRow& row, const Walk& walk) {
  const std::size_t lanes = geometry_.lanes;
  const std::size_t steps = row.weights.size() / lanes;
  tally_.weights.steps += steps;
  const Profile& profile = walk.rule->profile;
  if (profile.rounding != kRoundStochastic) {
    if (!row.plastic.empty()) learn_whole(row, walk);
    return;
  }
  const bool only_fired = !walk.spiked || profile.instar;
  for (std::size_t step = 0; step < steps; ++step) {
    draw(*walk.rule);
    if (row.plastic.empty()) continue;
    for (std::size_t at = step * lanes; at < (step + 1) * lanes; ++at) {
      const bool fired = fired_[row.first_slot + at] != 0;
      if (row.plastic[at] != 0 && (fired || !only_fired)) touch_dense(row, walk, at, fired);
    }
  }
}

/// All slots at once: without random numbers their order does not matter.
void Learner::learn_whole(UnpackedRow& row, const Walk& walk) {
  const Profile& profile = walk.rule->profile;
  DenseLearning all;
  all.count = row.weights.size();
  all.weights = row.weights.data();
  all.plastic = row.plastic.data();
  all.fired = fired_.data() + row.first_slot;
  all.y = walk.spiked ? walk.y + row.first_slot : nullptr;
  all.instar = profile.instar;
  all.x = walk.x;
  all.drift = walk.drift;
  all.gain = static_cast<std::int32_t>(walk.rule->gain);
  all.offset = static_cast<std::int32_t>(rounding_offset(profile, 0));
  all.w_min = profile.w_min;
  all.w_max = profile.w_max;
  all.field_min = geometry_.weight_min();
  all.field_max = geometry_.weight_max();
  learn_dense(all);
  pack_dense(&memories_.synapse[std::size_t{row.entry.base} * geometry_.lanes], row.weights.data(),
             row.entry.length, geometry_.lanes, geometry_.weight_bits);
  row_changed_ = true;
}

void Learner::walk_dense_spikes(UnpackedRow& row, const Walk& walk) {
  const std::uint32_t lanes = geometry_.lanes, first = row.first_slot >> lane_bits_;
  const std::size_t rows = row.weights.size() >> lane_bits_;
  tally_.weights.steps += queue_.size() / 2;
  for (std::size_t entry = 0; entry < queue_.size(); entry += 2) {
    const std::uint32_t local_row = queue_[entry] - first;  // below the range: far beyond it
    if (local_row >= rows) continue;
    draw(*walk.rule);
    if (row.plastic.empty()) continue;
    for (std::uint32_t mask = queue_[entry + 1]; mask != 0; mask &= mask - 1) {
      const std::size_t at =
          std::size_t{local_row} * lanes + static_cast<std::uint32_t>(std::countr_zero(mask));
      if (row.plastic[at] != 0) touch_dense(row, walk, at, true);
    }
  }
}

void Learner::fold(std::uint32_t profile) {
  ++tally_.folds;
  const std::uint32_t rows = settings_.neuron_rows + settings_.axon_rows;
  if (rows == 0) return;
  ++tally_.fold_settlings;
  tally_.fold_scans += scans();
  tally_.fold_rows += rows;
  const auto drift = static_cast<std::int32_t>(memories_.drift[profile] >> kFraction);
  const auto fold_sources = [&](std::uint32_t first, std::uint32_t count) {
    std::uint32_t hit = first + count;  // the last row of lanes with a member
    for (std::uint32_t source = first; source < first + count; ++source) {
      if (member(profile, source) == 0) continue;
      if (source >> lane_bits_ != hit) ++tally_.folded.hits;
      hit = source >> lane_bits_;
      each_row(profile, source, tally_.folded,
               [&](UnpackedRow& row) { fold_row(row, rules_[profile], drift); });
    }
  };
  fold_sources(0, settings_.neuron_rows * geometry_.lanes);
  fold_sources(geometry_.neurons, settings_.axon_rows * geometry_.lanes);
}

void Learner::fold_row(UnpackedRow& row, const Rule& rule, std::int32_t drift) {
  if (row.entry.sparse) {
    tally_.folded.steps += row.entry.length;
    for (const UnpackedRow::Plastic& plastic : row.plastic_synapses) {
      const std::int32_t stored = weight_field(word_of(row, plastic), geometry_.weight_bits);
      put_sparse(row, plastic, bounded(rule.profile, std::int64_t{stored} + drift, 0));
    }
  } else {
    tally_.folded.steps += std::uint64_t{row.entry.length} * geometry_.weights_per_word();
    for (std::size_t at = 0; at < row.plastic.size(); ++at) {
      if (row.plastic[at] == 0) continue;
      put_dense(row, at, bounded(rule.profile, std::int64_t{row.weights[at]} + drift, 0));
    }
  }
}

}  // namespace ncx::model
