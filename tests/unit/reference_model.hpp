// SPDX-License-Identifier: BSD-3-Clause
// docs/model.md once more, as plainly as it can be written: straight from the memories' words, one
// neuron after the other, in 64-bit arithmetic. The fast model must give the same.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "ncx/backend.hpp"
#include "reference_learning.hpp"

namespace ncx::test {

class ReferenceModel {
 public:
  explicit ReferenceModel(Geometry geometry) : g(std::move(geometry)), learning(g) {
    for (const Region region :
         {Region::kSynapse, Region::kSource, Region::kRow, Region::kProgram, Region::kParameter,
          Region::kState, Region::kAccumulator, Region::kCount, Region::kRate, Region::kGenerator,
          Region::kProfile, Region::kTaps, Region::kDriftStep, Region::kLearnMember, Region::kTrace,
          Region::kLearnState, Region::kAxonSpike}) {
      memory[region].assign(g.region_size(region), 0);
    }
    memory[Region::kLearnState].back() = 1;
    for (std::size_t at = 2; at < memory[Region::kGenerator].size(); at += 4) {
      memory[Region::kGenerator][at] = 1;
    }
  }

  void write(Region region, std::uint64_t address, const std::vector<std::uint64_t>& words) {
    for (const std::uint64_t word : words) memory[region].at(address++) = word;
    if (region == Region::kProfile || region == Region::kTrace) learning.traces_written();
  }

  /// One tick of which spikes are streamed as a list and counted; returns the slots that fired, in
  /// program order, and leaves its clock cycles in `cycles`.
  std::vector<std::uint32_t> tick(const std::vector<std::uint32_t>& axons,
                                  const std::vector<CurrentEvent>& currents) {
    cycles = 4 + queue.size() + encoder_rows + currents.size();
    const std::vector<std::uint32_t> due = spikes;
    for (const std::uint32_t slot : due) gather(slot);
    for (const std::uint32_t a : axons) {
      gather(g.neurons + a);
      learning.axon_spike(memory, a);
    }
    for (std::uint32_t k = 0; k < encoder_rows; ++k) {
      const std::vector<std::uint64_t> state = memory[Region::kGenerator];
      for (std::size_t at = 0; at < state.size(); at += 4) {
        const std::uint64_t older = state[at] + (state[at + 1] << 32),
                            newer = state[at + 2] + (state[at + 3] << 32);
        const std::uint64_t next =
            older ^ (older << 23) ^ newer ^ ((newer << 13) | (newer >> (64 - 13)));
        memory[Region::kGenerator][at] = state[at + 2];
        memory[Region::kGenerator][at + 1] = state[at + 3];
        memory[Region::kGenerator][at + 2] = next & 0xFFFFFFFF;
        memory[Region::kGenerator][at + 3] = next >> 32;
      }
      for (std::uint32_t l = 0; l < g.lanes; ++l) {
        const std::uint64_t word = state[l / 8 * 4 + 2 + l % 8 / 4];
        if (bits(word, l % 4 * 8, 8) < memory[Region::kRate][k * g.lanes + l]) {
          gather(g.neurons + k * g.lanes + l);
          learning.axon_spike(memory, k * g.lanes + l);
        }
      }
    }
    for (const CurrentEvent& c : currents) add(now % g.max_delay, c.neuron, c.value);
    spikes.clear();
    queue.clear();
    if (program_length > 0) cycles += 8 + program_length;
    for (std::uint32_t e = 0; e < program_length; ++e) {
      const std::uint64_t low = memory[Region::kProgram][2 * e];
      const std::size_t before = spikes.size();
      candidates = 0;
      if (bits(low, 28, 3) == 6) cycles += 5;  // APPLY and FIRST: a group
      for (std::uint32_t lane = 0; lane < g.lanes; ++lane) {
        if (bits(memory[Region::kProgram][2 * e + 1], lane, 1) == 0) continue;
        // Only the very first neuron of a group's first pass forgets the last winner.
        const bool first_lane = (memory[Region::kProgram][2 * e + 1] & ((1U << lane) - 1)) == 0;
        neuron(static_cast<std::uint32_t>(bits(low, 0, 16)) * g.lanes + lane, bits(low, 16, 12),
               bits(low, 28, 2), bits(low, 30, 1) != 0 && first_lane);
      }
      if (bits(low, 28, 2) == 1 && candidates > 1) cycles += candidates - 1;
      if (spikes.size() == before) continue;
      queue.emplace_back(static_cast<std::uint32_t>(bits(low, 0, 16)), 0);
      for (std::size_t k = before; k < spikes.size(); ++k) {
        queue.back().second |= 1U << (spikes[k] % g.lanes);
      }
    }
    if (!spikes.empty()) cycles += 1 + spikes.size() + queue.size();
    cycles += learning.tick(memory, queue);
    ++now;
    return spikes;
  }

  Geometry g;
  std::map<Region, std::vector<std::uint64_t>> memory;
  std::uint32_t program_length = 0, encoder_rows = 0, now = 0;
  std::uint64_t cycles = 0;           ///< of the last tick
  std::vector<std::uint32_t> spikes;  ///< of the last tick
  ReferenceLearning::Queue queue;     ///< the same by program entry
  ReferenceLearning learning;

 private:
  static std::uint64_t bits(std::uint64_t word, std::uint32_t lsb, std::uint32_t count) {
    return reference::bits(word, lsb, count);
  }
  static std::int64_t as_signed(std::uint64_t value, std::uint32_t count) {
    return reference::as_signed(value, count);
  }
  static std::int64_t sat(std::int64_t x) {
    return std::clamp<std::int64_t>(x, -(1 << 23), (1 << 23) - 1);
  }
  static std::int64_t decay(std::int64_t x, std::uint64_t beta) {
    return reference::decay(x, beta);
  }

  static std::int64_t flag(std::uint64_t word, std::uint32_t bit) {
    return static_cast<std::int64_t>(bits(word, bit, 1));
  }

  void add(std::uint64_t ring, std::uint64_t slot, std::int64_t value) {
    std::uint64_t& sum = memory[Region::kAccumulator][ring * g.neurons + slot];
    sum = static_cast<std::uint64_t>(as_signed(sum, 32) + value) & 0xFFFFFFFF;
  }

  void gather(std::uint32_t source) {
    const std::uint64_t entry = memory[Region::kSource][source];
    cycles += 2;
    if (bits(entry, 31, 1) == 0) return;
    std::uint64_t row = bits(entry, 0, 20);
    for (bool last = false; !last; ++row) {
      const std::uint64_t low = memory[Region::kRow].at(2 * row);
      const std::uint64_t high = memory[Region::kRow].at(2 * row + 1);
      last = bits(low, 28, 1) != 0;
      const std::int64_t scale = std::int64_t{1} << bits(low, 20, 4);
      const std::int64_t drift = learning.drift(memory, bits(low, 24, 3));
      cycles += 1 + bits(high, 0, 16);
      for (std::uint64_t j = 0; j < bits(high, 0, 16); ++j) {
        for (std::uint32_t lane = 0; lane < g.lanes; ++lane) {
          const std::uint64_t word =
              memory[Region::kSynapse].at((bits(low, 0, 20) + j) * g.lanes + lane);
          if (bits(low, 27, 1) != 0) {
            const std::uint64_t delay = 1 + bits(word, 28, 4) + 16 * bits(word, 33, 3);
            const std::uint64_t local = bits(word, 16, 12);
            if (word == 0 || !reference::takes(g, low, high, word)) continue;
            add((now + delay - 1) % g.max_delay, local * g.lanes + lane,
                (as_signed(word, g.weight_bits) + drift * flag(word, 32)) * scale);
          } else {
            const std::uint32_t fields = 32 / g.weight_bits;
            for (std::uint32_t p = 0; p < fields; ++p) {
              const std::uint64_t local = (bits(high, 16, 16) + j) * fields + p;
              const std::int64_t weight = as_signed(word >> (p * g.weight_bits), g.weight_bits);
              add(now % g.max_delay, local * g.lanes + lane,
                  (weight + drift * flag(word, 32 + p)) * scale);
            }
          }
        }
      }
    }
  }

  void neuron(std::uint32_t slot, std::uint64_t set, std::uint64_t operation, bool first) {
    const std::uint64_t* p = &memory[Region::kParameter][set * 8];
    const std::int64_t threshold = as_signed(p[0], 24), v_reset = as_signed(p[1], 24),
                       v_rest = as_signed(p[2], 24);
    const auto leak = static_cast<std::int64_t>(bits(p[3], 0, 24));
    const auto theta_plus =
        static_cast<std::int64_t>(bits(p[1], 24, 12) + 4096 * bits(p[2], 24, 12));
    const bool scan = operation == 1, apply = operation == 2;
    std::uint64_t* words = &memory[Region::kState][std::uint64_t{slot} * 4];
    std::int64_t v = as_signed(words[0], 24), i = as_signed(words[1], 24),
                 theta = as_signed(words[2], 24);
    std::uint64_t r = bits(words[0], 24, 12);

    if (!apply) {
      std::uint64_t& sum = memory[Region::kAccumulator][now % g.max_delay * g.neurons + slot];
      i = sat(decay(i, bits(p[4], 0, 17)) + as_signed(sum, 32));
      sum = 0;
      if (bits(p[3], 24, 1) != 0) {
        v = v_rest + decay(v - v_rest, static_cast<std::uint64_t>(leak) % (1U << 17));
      } else if (v > v_rest) {
        v = std::max(v - leak, v_rest);
      } else {
        v = std::min(v + leak, v_rest);
      }
      v = sat(v + i);
      if (r > 0 && bits(p[3], 25, 1) != 0) v = v_reset;
    }
    const std::int64_t margin = v - threshold - theta;
    const bool candidate = r == 0 && margin > 0;
    if (scan) {
      if (first) winner = -1;
      if (candidate) ++candidates;
      if (candidate &&
          (winner < 0 || margin > winner_margin || (margin == winner_margin && slot < winner))) {
        winner = slot;
        winner_margin = margin;
      }
    } else {
      const bool fires = candidate && (!apply || winner == slot);
      if (r > 0) --r;
      if (fires) {
        v = bits(p[3], 26, 1) != 0 ? sat(v - threshold) : v_reset;
        r = bits(p[0], 24, 12);
        spikes.push_back(slot);
        std::uint64_t& count = memory[Region::kCount][slot];
        count = std::min<std::uint64_t>(count + 1, 65535);
      } else if (apply && winner >= 0) {
        v = v_reset;
      }
      theta = std::min<std::int64_t>((1 << 23) - 1,
                                     decay(theta, bits(p[4], 17, 17)) + (fires ? theta_plus : 0));
    }
    words[0] = (static_cast<std::uint64_t>(v) & 0xFFFFFF) | r << 24;
    words[1] = static_cast<std::uint64_t>(i) & 0xFFFFFF;
    words[2] = static_cast<std::uint64_t>(theta) & 0xFFFFFF;
  }

  std::int64_t winner = -1, winner_margin = 0;
  std::uint32_t candidates = 0;  // of the entry
};

}  // namespace ncx::test
