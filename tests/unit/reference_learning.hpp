// SPDX-License-Identifier: BSD-3-Clause
// "Learning" of docs/model.md once more, as plainly as it can be written, with the cycles that
// docs/architecture.md gives it. Works on the memories' words.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "ncx/geometry.hpp"

namespace ncx::test {

namespace reference {

inline std::uint64_t bits(std::uint64_t word, std::uint32_t lsb, std::uint32_t count) {
  return (word >> lsb) % (std::uint64_t{1} << count);
}
inline std::int64_t as_signed(std::uint64_t value, std::uint32_t count) {
  const std::int64_t range = std::int64_t{1} << count;
  const auto plain = static_cast<std::int64_t>(value % static_cast<std::uint64_t>(range));
  return plain >= range / 2 ? plain - range : plain;
}
inline std::uint64_t as_bits(std::int64_t value, std::uint32_t count) {
  return bits(static_cast<std::uint64_t>(value), 0, count);
}
inline std::int64_t decay(std::int64_t x, std::uint64_t beta) {
  return x * static_cast<std::int64_t>(std::min<std::uint64_t>(beta, 65536)) / 65536;
}
/// floor(x / 2^count)
inline std::int64_t floored(std::int64_t x, std::uint64_t count) {
  const std::int64_t divisor = std::int64_t{1} << count;
  return x >= 0 ? x / divisor : -((-x + divisor - 1) / divisor);
}
inline std::uint32_t xorshift(std::uint32_t x) {
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return x;
}

/// Whether a row takes a word: a dense row takes all, a sparse one those with its tag.
inline bool takes(const Geometry& g, std::uint64_t row_low, std::uint64_t row_high,
                  std::uint64_t word) {
  if (bits(row_low, 27, 1) == 0) return true;
  std::uint32_t delay_bits = 0, group_bits = 0;
  while ((1U << delay_bits) < g.max_delay) ++delay_bits;
  while ((32 / g.weight_bits) << group_bits < g.neurons / g.lanes) ++group_bits;
  const std::uint32_t tag_bits = std::min(7 - delay_bits, group_bits);
  const std::uint64_t field = bits(word, 28, 4) + 16 * bits(word, 33, 3);
  return bits(field, delay_bits, tag_bits) == bits(row_high, 16, tag_bits);
}

}  // namespace reference

class ReferenceLearning {
 public:
  using Memory = std::map<Region, std::vector<std::uint64_t>>;

  explicit ReferenceLearning(const Geometry& geometry)
      : g(geometry), neurons_have_(g.profiles), axons_have_(g.profiles) {}

  std::uint32_t in_use = 0, learning = 0, neuron_rows = 0, axon_rows = 0, folds = 0;
  std::int64_t modulation = 65536;

  /// What the hardware takes for granted after a write to TRACE or PROFILE.
  void traces_written() {
    neurons_have_.assign(g.profiles, true);
    axons_have_.assign(g.profiles, true);
  }
  void reset_traces(Memory& m) {
    std::fill(m[Region::kTrace].begin(), m[Region::kTrace].end(), 0);
    for (std::uint32_t p = 0; p < g.profiles; ++p) m[Region::kLearnState][2 * p + 1] = 0;
    neurons_have_.assign(g.profiles, false);
    axons_have_.assign(g.profiles, false);
  }
  void axon_spike(Memory& m, std::uint32_t axon) const {
    if (in_use == 0 || axon / g.lanes >= axon_rows) return;
    m[Region::kAxonSpike][axon / g.lanes] |= 1U << (axon % g.lanes);
  }
  /// floor(G / 65536), 0 for a profile that the build does not have.
  std::int64_t drift(Memory& m, std::uint64_t profile) const {
    if (profile >= g.profiles) return 0;
    return reference::floored(reference::as_signed(m[Region::kLearnState][2 * profile], 34), 16);
  }

  using Queue = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
  /// Step 7 of a tick; returns its cycles. `queue`: local row and lanes, in the program's order.
  std::uint64_t tick(Memory& memory, const Queue& queue) {
    if (in_use == 0) return 0;
    m_ = &memory;
    queue_ = queue;
    cycles_ = 2;
    neuron_fired_.assign(g.neurons, false);
    axon_spiked_.assign(g.axons, false);
    any_axon_ = false;
    for (const auto& [row, lanes] : queue) {
      for (std::uint32_t l = 0; l < g.lanes; ++l) {
        if (reference::bits(lanes, l, 1) != 0) neuron_fired_[row * g.lanes + l] = true;
      }
    }
    for (std::uint32_t a = 0; a < axon_rows * g.lanes; ++a) {
      axon_spiked_[a] = reference::bits(memory[Region::kAxonSpike][a / g.lanes], a % g.lanes, 1);
      any_axon_ = any_axon_ || axon_spiked_[a];
    }
    for (std::uint32_t p = 0; p < g.profiles; ++p) {
      if (reference::bits(in_use, p, 1) != 0) profile(p);
    }
    if (any_axon_) cycles_ += axon_rows;
    for (std::uint32_t k = 0; k < axon_rows; ++k) memory[Region::kAxonSpike][k] = 0;
    return cycles_;
  }

 private:
  std::uint64_t field(const map::Field& f) const {
    return reference::bits((*m_)[Region::kProfile][p_ * 4 + f.word], f.lsb, f.bits);
  }
  std::int64_t signed_field(const map::Field& f) const {
    return reference::as_signed(field(f), f.bits);
  }
  std::uint64_t& trace(std::uint64_t place) const {
    return (*m_)[Region::kTrace][p_ * (2 * std::uint64_t{g.neurons} + g.axons) + place];
  }

  void profile(std::uint32_t p) {
    p_ = p;
    const std::uint64_t gain_steps = field(map::kProfileShift) / 4 + field(map::kProfileShift) % 4,
                        product_from = cycles_ + 3 + gain_steps;
    cycles_ += 6 + gain_steps;
    const bool any_fired = !queue_.empty(),
               post = field(map::kProfilePost) != 0 && field(map::kProfileInstar) == 0;
    if (axon_rows > 0) ++cycles_;
    if (post) ++cycles_;
    const bool learns = reference::bits(learning, p, 1) != 0;
    gain_ = reference::floored(
        field(map::kProfileModulated) != 0 ? std::max<std::int64_t>(modulation, -131071) : 65536,
        field(map::kProfileShift));
    // a
    bool left = false;
    for (std::uint32_t a = 0; a < axon_rows * g.lanes; ++a) {
      take_in(trace(g.neurons + a), axon_spiked_[a], false);
      left = left || trace(g.neurons + a) != 0;
    }
    if (axon_rows > 0 && (any_axon_ || axons_have_[p])) {
      cycles_ += 4 + axon_rows;
      axons_have_[p] = left;
    }
    // b
    if (learns && gain_ != 0 && (any_fired || (post && any_axon_)) && neuron_rows + axon_rows > 0) {
      cycles_ += scan();
      if (neuron_rows == 0 || !(any_fired || neurons_have_[p])) cycles_ += 3;
      each_member([&](std::uint32_t source) { weights(source); });
    }
    // c
    left = false;
    std::uint32_t histories = 0;
    std::set<std::uint32_t> history_rows;
    for (std::uint32_t n = 0; n < neuron_rows * g.lanes; ++n) {
      take_in(trace(n), neuron_fired_[n], false);
      left = left || trace(n) != 0;
      std::uint64_t& y = trace(std::uint64_t{g.neurons} + g.axons + n);
      if (!post) continue;
      if (field(map::kProfileExponential) != 0) {
        take_in(y, neuron_fired_[n], true);
        left = left || y != 0;
      } else if (trace(n) != 0) {
        ++histories;
        history_rows.insert(n / g.lanes);
        y = reference::as_bits(kernel(trace(n), 1), 18);
      }
    }
    if (neuron_rows > 0 && (any_fired || neurons_have_[p])) {
      cycles_ += 4 + neuron_rows;
      neurons_have_[p] = left;
      if (post && field(map::kProfileExponential) != 0) cycles_ += 4 + neuron_rows;
      if (post && field(map::kProfileExponential) == 0) {
        cycles_ += 5 + neuron_rows + histories + history_rows.size();
      }
    }
    // d
    std::uint64_t& total = (*m_)[Region::kLearnState][2 * p];
    std::uint64_t& age = (*m_)[Region::kLearnState][2 * p + 1];
    if (field(map::kProfileDrift) != 0 && learns) {
      // 18 cycles of a product beside the passes, and two more.
      cycles_ = std::max(cycles_, product_from + 18) + 2;
      const std::int64_t step = reference::as_signed((*m_)[Region::kDriftStep][p * 32 + age], 18);
      total = reference::as_bits(reference::as_signed(total, 34) + step * gain_, 34);
      const std::int64_t whole = drift(*m_, p);
      if (std::max(whole, -whole) >= std::int64_t{1} << (g.weight_bits - 2)) {
        cycles_ += neuron_rows + axon_rows > 0 ? 4 + scan() : 1;
        each_member([&](std::uint32_t source) { fold(source); });
        total = reference::bits(total, 0, 16);
        ++folds;
      }
    }
    age = std::min<std::uint64_t>(age + 1, 16);
  }

  /// Cycles to look at all rows; the rows with visited sources follow.
  std::uint64_t scan() {
    visited_rows_.clear();
    return (neuron_rows > 0 ? 2 + neuron_rows : 0) + (axon_rows > 0 ? 2 + axon_rows : 0);
  }
  void visit(std::uint32_t source) {
    cycles_ += 2 + (visited_rows_.insert(source / g.lanes).second ? 1 : 0);
  }

  void take_in(std::uint64_t& word, bool spike, bool post) const {
    if (field(map::kProfileExponential) == 0) {
      word = (2 * word + (spike ? 1 : 0)) & (2 * field(map::kProfileWindow) + 1);
      return;
    }
    const std::int64_t amplitude =
        signed_field(post ? map::kProfilePostAmplitude : map::kProfilePreAmplitude);
    const std::uint64_t beta = field(post ? map::kProfilePostDecay : map::kProfilePreDecay);
    const std::int64_t old =
        field(map::kProfileNewest) != 0 && spike ? 0 : reference::as_signed(word, 18);
    const std::int64_t added = spike ? amplitude : 0;
    const std::int64_t product =
        (old + added) * static_cast<std::int64_t>(std::min<std::uint64_t>(beta, 65536));
    const std::int64_t x = reference::floored(product + (old < 0 || added < 0 ? 65535 : 0), 16);
    word = reference::as_bits(std::clamp<std::int64_t>(x, -(1 << 17), (1 << 17) - 1), 18);
  }

  std::int64_t kernel(std::uint64_t history, std::uint32_t side) const {
    std::uint64_t seen = history & field(map::kProfileWindow);
    if (field(map::kProfileNewest) != 0) {
      for (std::uint32_t k = 0; k < 16; ++k) {
        if (reference::bits(seen, k, 1) != 0) seen = std::uint64_t{1} << k;
      }
    }
    std::uint64_t sum = 0;
    for (std::uint32_t k = 0; k < 4; ++k) {
      sum += (*m_)[Region::kTaps][((p_ * 2 + side) * 4 + k) * 16 + reference::bits(seen, 4 * k, 4)];
    }
    return reference::as_signed(sum, 18);
  }

  template <typename Visitor>
  void each_member(Visitor visitor) const {
    const std::uint64_t first = std::uint64_t{p_} * ((g.neurons + g.axons) / g.lanes);
    for (std::uint32_t k = 0; k < neuron_rows + axon_rows; ++k) {
      const std::uint32_t row = k < neuron_rows ? k : g.neurons / g.lanes + k - neuron_rows;
      for (std::uint32_t l = 0; l < g.lanes; ++l) {
        if (reference::bits((*m_)[Region::kLearnMember][first + row], l, 1) != 0) {
          visitor(row * g.lanes + l);
        }
      }
    }
  }

  struct Row {
    std::uint64_t base = 0, length = 0, target = 0, low = 0, high = 0;
    bool sparse = false;
  };
  /// Rows of the source that have the profile; the cycles of all its rows.
  std::vector<Row> rows(std::uint32_t source) {
    std::vector<Row> found;
    const std::uint64_t entry = (*m_)[Region::kSource][source];
    if (reference::bits(entry, 31, 1) == 0) return found;
    std::uint64_t row = reference::bits(entry, 0, 20);
    for (bool last = false; !last; ++row) {
      const std::uint64_t low = (*m_)[Region::kRow].at(2 * row);
      const std::uint64_t high = (*m_)[Region::kRow].at(2 * row + 1);
      last = reference::bits(low, 28, 1) != 0;
      ++cycles_;
      if (reference::bits(low, 24, 3) != p_) continue;
      if (last) ++cycles_;
      found.push_back({reference::bits(low, 0, 20), reference::bits(high, 0, 16),
                       reference::bits(high, 16, 16), low, high, reference::bits(low, 27, 1) != 0});
    }
    return found;
  }

  void weights(std::uint32_t source) {
    const bool any_fired = !queue_.empty(),
               post = field(map::kProfilePost) != 0 && field(map::kProfileInstar) == 0,
               instar = field(map::kProfileInstar) != 0,
               exponential = field(map::kProfileExponential) != 0;
    const bool spiked =
        source < g.neurons ? neuron_fired_[source] : axon_spiked_[source - g.neurons];
    const bool has =
        exponential ? trace(source) != 0 : (trace(source) & field(map::kProfileWindow)) != 0;
    if (!((any_fired && (has || instar)) || (post && spiked))) return;
    visit(source);
    x_ = exponential ? reference::as_signed(trace(source), 18) : kernel(trace(source), 0);
    pre_ = post && spiked;
    const std::uint64_t fields = 32 / g.weight_bits;
    const std::uint32_t all = (1U << g.lanes) - 1;
    for (const Row& row : rows(source)) {
      if (row.sparse) {
        for (std::uint64_t j = 0; j < row.length; ++j) step(row, j, 0, all);
        cycles_ += row.length;
      } else if (pre_ || queue_.size() >= row.length * fields) {
        for (std::uint64_t r = 0; r < row.length * fields; ++r)
          step(row, r / fields, r % fields, all);
        cycles_ += row.length * fields;
      } else {
        for (const auto& [local, lanes] : queue_) {
          ++cycles_;
          if (local < row.target * fields || local >= (row.target + row.length) * fields) continue;
          step(row, local / fields - row.target, local % fields, lanes);
        }
      }
    }
  }

  /// One step of a walk: word j of the lanes, field p of a dense word.
  void step(const Row& row, std::uint64_t j, std::uint64_t p, std::uint32_t lanes) {
    std::uint64_t& q = (*m_)[Region::kLearnState][2 * std::uint64_t{g.profiles}];
    if (field(map::kProfileRounding) == 2) {
      q = reference::xorshift(static_cast<std::uint32_t>(q));
    }
    for (std::uint32_t l = 0; l < g.lanes; ++l) {
      if (reference::bits(lanes, l, 1) == 0) continue;
      std::int64_t offset = 0;
      if (field(map::kProfileRounding) == 1) offset = 32768;
      if (field(map::kProfileRounding) == 2) {
        const std::uint32_t by = l * 32 / g.lanes;
        // Twice the word, so that a shift is a rotation.
        offset = static_cast<std::int64_t>(reference::bits((q << 32 | q) >> (32 - by), 0, 16));
      }
      synapse(
          row, j, p, l,
          [&](std::int64_t effective, std::uint64_t slot) {
            const bool instar = field(map::kProfileInstar) != 0, fired = neuron_fired_[slot];
            if (!(fired || (pre_ && !instar))) return effective;
            std::int64_t d = fired ? x_ : 0;
            if (instar) {
              d -= effective;
            } else if (pre_) {
              d -= reference::as_signed(trace(std::uint64_t{g.neurons} + g.axons + slot), 18);
            }
            return clamped(effective + reference::floored(d * gain_ + offset, 16));
          },
          drift(*m_, p_));
    }
  }

  void fold(std::uint32_t source) {
    visit(source);
    const std::uint64_t fields = 32 / g.weight_bits;
    for (const Row& row : rows(source)) {
      for (std::uint64_t j = 0; j < row.length; ++j) {
        for (std::uint64_t p = 0; p < (row.sparse ? 1 : fields); ++p) {
          ++cycles_;
          for (std::uint32_t l = 0; l < g.lanes; ++l) {
            synapse(
                row, j, p, l,
                [&](std::int64_t effective, std::uint64_t) { return clamped(effective); }, 0);
          }
        }
      }
    }
  }

  std::int64_t clamped(std::int64_t effective) const {
    return std::clamp(effective, signed_field(map::kProfileWMin), signed_field(map::kProfileWMax));
  }

  /// Replaces a plastic weight by change(effective weight, slot) less `later`.
  template <typename Change>
  void synapse(const Row& row, std::uint64_t j, std::uint64_t p, std::uint32_t lane, Change change,
               std::int64_t later) {
    std::uint64_t& word = (*m_)[Region::kSynapse].at((row.base + j) * g.lanes + lane);
    if (reference::bits(word, static_cast<std::uint32_t>(32 + p), 1) == 0) return;
    if (!reference::takes(g, row.low, row.high, word)) return;
    const std::uint64_t local =
        row.sparse ? reference::bits(word, 16, 12) : (row.target + j) * (32 / g.weight_bits) + p;
    const auto lsb = static_cast<std::uint32_t>(p * g.weight_bits);
    const std::uint64_t stored = reference::bits(word, lsb, g.weight_bits);
    const std::int64_t effective = reference::as_signed(stored, g.weight_bits) + drift(*m_, p_);
    const std::int64_t next = change(effective, local * g.lanes + lane);
    const std::int64_t weight =
        std::clamp<std::int64_t>(next - later, g.weight_min(), g.weight_max());
    word = word - (stored << lsb) + (reference::as_bits(weight, g.weight_bits) << lsb);
  }

  Geometry g;
  std::vector<bool> neurons_have_, axons_have_;
  Memory* m_ = nullptr;
  std::uint32_t p_ = 0;
  std::uint64_t cycles_ = 0;
  std::set<std::uint32_t> visited_rows_;  ///< in the scan under way
  Queue queue_;
  std::vector<bool> neuron_fired_, axon_spiked_;
  bool any_axon_ = false, pre_ = false;
  std::int64_t gain_ = 0, x_ = 0;
};

}  // namespace ncx::test
