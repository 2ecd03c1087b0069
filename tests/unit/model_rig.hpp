// SPDX-License-Identifier: BSD-3-Clause
// A small hand-wired network on the model, for tests that check one rule each.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "ncx/model.hpp"

namespace ncx::test {

inline constexpr std::int32_t kStateMax = (1 << 23) - 1, kStateMin = -(1 << 23);
inline constexpr std::uint32_t kOne = 65536;  ///< the factor 1.0
inline constexpr std::uint32_t kScan = 1, kApply = 2, kFirst = 4;

struct ParameterSet {
  std::int32_t threshold = 1000, v_reset = 0, v_rest = 0;
  std::uint32_t leak = 0, refractory = 0, theta_plus = 0, syn_beta = 0, theta_beta = kOne;
  bool exponential = false, hold = false, soft = false;

  [[nodiscard]] std::vector<std::uint64_t> words() const {
    const auto state = [](std::int32_t x) {
      return std::uint64_t{static_cast<std::uint32_t>(x) & 0xFFFFFF};
    };
    return {state(threshold) | std::uint64_t{refractory} << 24,
            state(v_reset) | std::uint64_t{theta_plus & 0xFFF} << 24,
            state(v_rest) | std::uint64_t{theta_plus >> 12} << 24,
            std::uint64_t{leak} | std::uint64_t{exponential} << 24 | std::uint64_t{hold} << 25 |
                std::uint64_t{soft} << 26,
            std::uint64_t{syn_beta} | std::uint64_t{theta_beta} << 17};
  }
};

struct ProfileSet {
  std::int32_t w_min = -32768, w_max = 32767, pre_amplitude = 0, post_amplitude = 0;
  std::uint32_t pre_decay = 0, post_decay = 0, window = 0, shift = 0, rounding = 0;
  bool instar = false, exponential = false, newest = false, post = false, modulated = false,
       drift = false;

  [[nodiscard]] std::vector<std::uint64_t> words() const {
    const auto cut = [](std::int32_t x, std::uint32_t width) {
      return std::uint64_t{static_cast<std::uint32_t>(x) & ((1U << width) - 1)};
    };
    return {cut(w_min, 16) | cut(w_max, 16) << 16,
            cut(pre_amplitude, 18) | cut(post_amplitude, 18) << 18,
            std::uint64_t{pre_decay} | std::uint64_t{post_decay} << 17,
            std::uint64_t{window} | std::uint64_t{shift} << 16 | std::uint64_t{rounding} << 21 |
                std::uint64_t{instar} << 23 | std::uint64_t{exponential} << 24 |
                std::uint64_t{newest} << 25 | std::uint64_t{post} << 26 |
                std::uint64_t{modulated} << 27 | std::uint64_t{drift} << 28};
  }
};

struct Entry {
  std::uint32_t row = 0, set = 0, operation = 0, lanes = 0xF;
};

/// A sparse synapse, or a dense row's worth of words.
struct Wire {
  std::uint32_t target = 0;
  std::int32_t weight = 0;
  std::uint32_t delay = 1;
  bool plastic = false;
};
struct RowWords {
  bool sparse = true;
  std::uint32_t exponent = 0, target = 0, profile = 0;
  std::vector<std::uint64_t> words;  ///< word j of lane l at j * lanes + l
};

class Rig {
 public:
  explicit Rig(std::string_view build = "tiny") : model(Geometry::named(build)) {}

  Model model;

  [[nodiscard]] const Geometry& geometry() const { return model.geometry(); }
  [[nodiscard]] std::uint32_t axon(std::uint32_t a) const { return geometry().neurons + a; }

  void set(std::uint32_t index, const ParameterSet& p) {
    model.write(Region::kParameter, std::uint64_t{index} * map::kParameterStride, p.words());
  }

  void program(const std::vector<Entry>& entries) {
    std::vector<std::uint64_t> words;
    for (const Entry& e : entries) {
      words.push_back(e.row | e.set << 16 | std::uint64_t{e.operation} << 28);
      words.push_back(e.lanes);
    }
    if (!words.empty()) model.write(Region::kProgram, 0, words);
    model.write_register(Register::kProgramLength, static_cast<std::uint32_t>(entries.size()));
    model.write_register(Register::kUsedRows, geometry().local_rows());
  }

  /// One set for all neurons of the build.
  void uniform(const ParameterSet& p) {
    set(0, p);
    std::vector<Entry> entries;
    for (std::uint32_t row = 0; row < geometry().local_rows(); ++row) {
      entries.push_back({row, 0, 0, (1U << geometry().lanes) - 1});
    }
    program(entries);
  }

  /// A sparse row for `source`; takes effect with wire_up().
  void connect(std::uint32_t source, const std::vector<Wire>& wires, std::uint32_t exponent = 0,
               std::uint32_t profile = 0) {
    const std::uint32_t lanes = geometry().lanes;
    std::vector<std::vector<std::uint64_t>> lane_words(lanes);
    std::size_t length = 1;
    for (const Wire& w : wires) {
      const std::uint64_t mask = geometry().weight_bits == 16 ? 0xFFFF : 0xFF, delay = w.delay - 1;
      lane_words[w.target % lanes].push_back(
          (static_cast<std::uint32_t>(w.weight) & mask) | std::uint64_t{w.target / lanes} << 16 |
          (delay & 0xF) << 28 | std::uint64_t{w.plastic} << 32 | (delay >> 4) << 33);
      length = std::max(length, lane_words[w.target % lanes].size());
    }
    RowWords row{true, exponent, 0, profile, std::vector<std::uint64_t>(length * lanes, 0)};
    for (std::uint32_t l = 0; l < lanes; ++l) {
      for (std::size_t j = 0; j < lane_words[l].size(); ++j) {
        row.words[j * lanes + l] = lane_words[l][j];
      }
    }
    rows_[source].push_back(std::move(row));
  }

  /// A dense row: weights for consecutive slots from group `target` (weights_per_word rows) on.
  void connect_dense(std::uint32_t source, std::uint32_t target,
                     const std::vector<std::int32_t>& weights, std::uint32_t exponent = 0,
                     std::uint32_t profile = 0, bool plastic = false) {
    const Geometry& g = geometry();
    const std::uint32_t group = g.weights_per_word() * g.lanes;
    const std::size_t length = (weights.size() + group - 1) / group;
    RowWords row{false, exponent, target, profile, std::vector<std::uint64_t>(length * g.lanes, 0)};
    for (std::size_t k = 0; k < weights.size(); ++k) {
      const std::size_t j = k / group, p = k % group / g.lanes, lane = k % g.lanes;
      const std::uint64_t mask = (1ULL << g.weight_bits) - 1;
      row.words[j * g.lanes + lane] |= (static_cast<std::uint32_t>(weights[k]) & mask)
                                       << (p * g.weight_bits);
      if (plastic) row.words[j * g.lanes + lane] |= std::uint64_t{1} << (32 + p);
    }
    rows_[source].push_back(std::move(row));
  }

  /// Writes SOURCE, ROW and SYNAPSE for everything connected so far.
  void wire_up() {
    std::vector<std::uint64_t> synapses, table;
    for (const auto& [source, rows] : rows_) {
      const std::vector<std::uint64_t> word = {0x80000000U | table.size() / 2};
      model.write(Region::kSource, source, word);
      for (const RowWords& row : rows) {
        const std::uint64_t base = synapses.size() / geometry().lanes;
        const bool last = &row == &rows.back();
        table.push_back(base | std::uint64_t{row.exponent} << 20 |
                        std::uint64_t{row.profile} << 24 | std::uint64_t{row.sparse} << 27 |
                        std::uint64_t{last} << 28);
        table.push_back(row.words.size() / geometry().lanes | std::uint64_t{row.target} << 16);
        synapses.insert(synapses.end(), row.words.begin(), row.words.end());
      }
    }
    if (!table.empty()) model.write(Region::kRow, 0, table);
    if (!synapses.empty()) model.write(Region::kSynapse, 0, synapses);
  }

  // ---- learning ----

  void profile(std::uint32_t index, const ProfileSet& p) {
    model.write(Region::kProfile, std::uint64_t{index} * 4, p.words());
  }

  /// A kernel's taps of one side (0: presynaptic), by lag from 1 on.
  void taps(std::uint32_t profile, std::uint32_t side, const std::vector<std::int32_t>& by_lag) {
    std::vector<std::uint64_t> words(64);
    for (std::size_t at = 0; at < words.size(); ++at) {
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < 4; ++k) {
        const std::size_t lag = at / 16 * 4 + k;
        if ((at % 16 >> k & 1) != 0 && lag < by_lag.size()) sum += by_lag[lag];
      }
      words[at] = static_cast<std::uint32_t>(sum) & 0x3FFFF;
    }
    model.write(Region::kTaps, (std::uint64_t{profile} * 2 + side) * 64, words);
  }

  /// What ticks of age 0, 1, .. add to the drift; the last holds for older ones as well.
  void drift_steps(std::uint32_t profile, const std::vector<std::int32_t>& by_age) {
    std::vector<std::uint64_t> words;
    for (std::size_t age = 0; age <= 16; ++age) {
      words.push_back(static_cast<std::uint32_t>(by_age[std::min(age, by_age.size() - 1)]) &
                      0x3FFFF);
    }
    model.write(Region::kDriftStep, std::uint64_t{profile} * 32, words);
  }

  /// The sources that have rows so far with a profile are its members; all rows are scanned. To be
  /// called after the last connect().
  void learn(std::uint32_t in_use, std::uint32_t learning) {
    const Geometry& g = geometry();
    const std::size_t rows = (g.neurons + g.axons) / g.lanes;
    std::vector<std::uint64_t> members(g.profiles * rows);
    for (const auto& [source, source_rows] : rows_) {
      for (const RowWords& row : source_rows) {
        if (row.profile >= g.profiles) continue;
        members[row.profile * rows + source / g.lanes] |= 1U << (source % g.lanes);
      }
    }
    model.write(Region::kLearnMember, 0, members);
    model.write_register(Register::kLearnRows, g.local_rows() | (g.axons / g.lanes) << 16);
    model.write_register(Register::kLearning, in_use | learning << 8);
  }

  /// Stored weight of the source's first synapse to a slot.
  [[nodiscard]] std::int32_t weight(std::uint32_t source, std::uint32_t target) {
    const Geometry& g = geometry();
    std::uint64_t index = model.read(Region::kSource, source, 1)[0] & 0xFFFFF;
    for (bool last = false; !last; ++index) {
      const std::vector<std::uint64_t> row = model.read(Region::kRow, 2 * index, 2);
      last = (row[0] >> 28 & 1) != 0;
      const std::uint32_t fields = g.weights_per_word(), local = target / g.lanes;
      for (std::uint64_t j = 0; j < (row[1] & 0xFFFF); ++j) {
        const std::uint64_t at = ((row[0] & 0xFFFFF) + j) * g.lanes + target % g.lanes;
        const std::uint64_t word = model.read(Region::kSynapse, at, 1)[0];
        std::uint64_t field = 0;
        if ((row[0] >> 27 & 1) != 0) {
          if (word == 0 || (word >> 16 & 0xFFF) != local) continue;
        } else {
          if ((row[1] >> 16) + j != local / fields) continue;
          field = local % fields;
        }
        const std::uint32_t shift = 32 - g.weight_bits;
        return static_cast<std::int32_t>(static_cast<std::uint32_t>(word >> field * g.weight_bits)
                                         << shift) >>
               static_cast<std::int32_t>(shift);
      }
    }
    return 0;
  }

  [[nodiscard]] std::int32_t trace(std::uint32_t profile, std::uint32_t place) {
    const Geometry& g = geometry();
    const std::uint64_t at = std::uint64_t{profile} * (2 * g.neurons + g.axons) + place;
    return static_cast<std::int32_t>(
               static_cast<std::uint32_t>(model.read(Region::kTrace, at, 1)[0]) << 14) >>
           14;
  }
  /// With 16 fraction bits.
  [[nodiscard]] std::int64_t drift(std::uint32_t profile) {
    const std::uint64_t word = model.read(Region::kLearnState, std::uint64_t{profile} * 2, 1)[0];
    return static_cast<std::int64_t>(word << 30) >> 30;
  }
  void put_drift(std::uint32_t profile, std::int64_t value) {
    model.write(Region::kLearnState, std::uint64_t{profile} * 2,
                std::vector<std::uint64_t>{static_cast<std::uint64_t>(value) & 0x3FFFFFFFF});
  }

  /// Currents above any threshold for the slots that are to fire in a tick.
  static std::vector<CurrentEvent> fire(
      const std::vector<std::pair<std::uint32_t, std::uint32_t>>& tick_and_slot) {
    std::vector<CurrentEvent> currents;
    for (const auto& [tick, slot] : tick_and_slot) currents.push_back({tick, slot, kStateMax});
    std::stable_sort(currents.begin(), currents.end(),
                     [](const CurrentEvent& a, const CurrentEvent& b) { return a.tick < b.tick; });
    return currents;
  }

  RunResult run(std::uint32_t ticks, std::vector<CurrentEvent> currents = {},
                std::vector<AxonEvent> axons = {}, std::vector<std::uint32_t> probes = {}) {
    RunRequest request;
    request.ticks = ticks;
    request.current_events = std::move(currents);
    request.axon_events = std::move(axons);
    request.probes = std::move(probes);
    return model.run(request);
  }

  /// Ticks in which a slot fired.
  static std::vector<std::uint32_t> ticks_of(const RunResult& result, std::uint32_t slot) {
    std::vector<std::uint32_t> ticks;
    for (const Spike& s : result.spikes) {
      if (s.neuron == slot) ticks.push_back(s.tick);
    }
    return ticks;
  }

  [[nodiscard]] std::int32_t v(std::uint32_t slot) { return state(slot, 0); }
  [[nodiscard]] std::int32_t current(std::uint32_t slot) { return state(slot, 1); }
  [[nodiscard]] std::int32_t theta(std::uint32_t slot) { return state(slot, 2); }
  [[nodiscard]] std::uint32_t refractory(std::uint32_t slot) {
    return static_cast<std::uint32_t>(model.read(Region::kState, slot * 4, 1)[0] >> 24);
  }
  [[nodiscard]] std::uint64_t count(std::uint32_t slot) {
    return model.read(Region::kCount, slot, 1)[0];
  }
  void put_state(std::uint32_t slot, std::int32_t v, std::uint32_t refractory = 0,
                 std::int32_t current = 0, std::int32_t theta = 0) {
    const auto cut = [](std::int32_t x) { return static_cast<std::uint32_t>(x) & 0xFFFFFF; };
    model.write(Region::kState, slot * 4,
                std::vector<std::uint64_t>{cut(v) | std::uint64_t{refractory} << 24, cut(current),
                                           cut(theta)});
  }

 private:
  [[nodiscard]] std::int32_t state(std::uint32_t slot, std::uint32_t word) {
    const auto raw = static_cast<std::uint32_t>(model.read(Region::kState, slot * 4 + word, 1)[0]);
    return static_cast<std::int32_t>(raw << 8) >> 8;
  }

  std::map<std::uint32_t, std::vector<RowWords>> rows_;
};

}  // namespace ncx::test
