// SPDX-License-Identifier: BSD-3-Clause
// The model's inner loops over consecutive slots, written for the vectoriser.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ncx::model {

/// Consecutive slots: their state, and one value of each parameter a slot. A leak of both kinds has
/// neutral values in the other: step 0, factor 65536.
struct SlotSpan {
  std::size_t count = 0;
  std::int32_t *v = nullptr, *current = nullptr, *theta = nullptr, *refractory = nullptr,
               *accumulator = nullptr;
  std::uint8_t* candidate = nullptr;  ///< out: 1 where a neuron may fire
  const std::int32_t *threshold = nullptr, *v_reset = nullptr, *v_rest = nullptr,
                     *leak_step = nullptr, *leak_beta = nullptr, *syn_beta = nullptr,
                     *theta_beta = nullptr;
  const std::int32_t* hold = nullptr;  ///< all ones where refractory slots are held at v_reset
};

/// What any slot of a span needs; what is not set is skipped.
enum Feature : unsigned {
  kCurrentDecay = 1,  ///< syn_beta is not 0
  kLeakStep = 2,      ///< subtractive leak
  kLeakBeta = 4,      ///< exponential leak
  kRefractory = 8,    ///< refractory counters may be above 0
  kTheta = 16,        ///< theta may change
};

/// Steps 2 to 4 of docs/model.md, the hold and the candidates of step 5; accumulators become 0.
void integrate(const SlotSpan& slots, unsigned features);
/// Refractory counters fall by one, thetas decay.
void age(const SlotSpan& slots, unsigned features);
/// accumulator[k] += weights[k] * 2^exponent, modulo 2^32.
void add_dense(std::int32_t* accumulator, const std::int16_t* weights, std::size_t count,
               unsigned exponent);
/// The same with `drift` more for every weight whose `plastic` is all ones.
void add_drifting(std::int32_t* accumulator, const std::int16_t* weights,
                  const std::int16_t* plastic, std::size_t count, std::int32_t drift,
                  unsigned exponent);

/// How a kind of trace takes in its tick's spikes.
struct TraceStep {
  bool exponential = false, newest = false;
  std::int32_t amplitude = 0, decay = 0;  ///< exponential
  std::int32_t mask = 0;                  ///< kernel: what a history keeps
};
/// Traces or histories take in spikes (0 or 1 each). True when any is not 0 afterwards.
bool step_traces(std::int32_t* traces, const std::uint8_t* spikes, std::size_t count,
                 const TraceStep& step);
/// flags[k] = 1 where traces[k] has a bit of `mask`.
void flag_traces(std::uint8_t* flags, const std::int32_t* traces, std::size_t count,
                 std::int32_t mask);

/// value * beta / 65536, truncated towards zero; |value| < 2^25, beta 0..65536. Splitting the
/// magnitude keeps both products within 32 bits, and the upper one adds nothing to the fraction.
[[nodiscard]] constexpr std::int32_t decay(std::int32_t value, std::int32_t beta) {
  const std::int32_t sign = value >> 31;
  const auto magnitude = static_cast<std::uint32_t>((value ^ sign) - sign);
  const auto factor = static_cast<std::uint32_t>(beta);
  const std::uint32_t scaled = (magnitude >> 16) * factor + (((magnitude & 0xFFFF) * factor) >> 16);
  return (static_cast<std::int32_t>(scaled) ^ sign) - sign;
}

inline constexpr std::int32_t kStateMax = (1 << 23) - 1;
inline constexpr std::int32_t kStateMin = -(1 << 23);

/// Clamps to 24 bits.
[[nodiscard]] constexpr std::int32_t saturated(std::int32_t value) {
  const std::int32_t below = value < kStateMax ? value : kStateMax;
  return below > kStateMin ? below : kStateMin;
}

/// A dense row's weights learn, all with one rounding offset. Of `weights`, `plastic`, `fired` and
/// `y` one each a slot.
struct DenseLearning {
  std::size_t count = 0;
  std::int16_t* weights = nullptr;
  const std::int16_t* plastic = nullptr;  ///< all ones where it is
  const std::uint8_t* fired = nullptr;
  const std::int32_t* y =
      nullptr;  ///< subtracted, of every slot; null: only those that fired learn
  bool instar = false;
  std::int32_t x = 0, drift = 0, gain = 0, offset = 0;
  std::int32_t w_min = 0, w_max = 0, field_min = 0, field_max = 0;
};
void learn_dense(const DenseLearning& row);
/// Puts weights into the low halves of a dense row's words: of `length` words in every lane.
void pack_dense(std::uint64_t* words, const std::int16_t* weights, std::size_t length,
                std::size_t lanes, unsigned weight_bits);

inline constexpr std::int32_t kTraceMax = (1 << 17) - 1;
inline constexpr std::int32_t kTraceMin = -(1 << 17);

}  // namespace ncx::model
