// SPDX-License-Identifier: BSD-3-Clause
// The model's inner loops, compiled for the baseline and for AVX2; the loader picks.
#include "model/kernels.hpp"

// Function clones need GNU indirect functions, which sanitizer run-times do not get along with.
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define NCX_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define NCX_CLONES
#endif
#define NCX_INLINE __attribute__((always_inline)) inline

namespace ncx::model {
namespace {

constexpr std::int32_t kAccumulatorBound = 1 << 30;

template <unsigned Features>
NCX_INLINE void integrate_as(const SlotSpan& slots) {
  std::int32_t* v = slots.v;
  std::int32_t* current = slots.current;
  std::int32_t* accumulator = slots.accumulator;
  std::uint8_t* candidate = slots.candidate;
  const std::int32_t* theta = slots.theta;
  const std::int32_t* refractory = slots.refractory;
  const std::int32_t* threshold = slots.threshold;
  const std::int32_t* v_reset = slots.v_reset;
  const std::int32_t* v_rest = slots.v_rest;
  const std::int32_t* leak_step = slots.leak_step;
  const std::int32_t* leak_beta = slots.leak_beta;
  const std::int32_t* syn_beta = slots.syn_beta;
  const std::int32_t* hold = slots.hold;

  // Values that may not be needed are loaded all the same: a load under a condition would keep the
  // loop from being vectorised. No two of the arrays overlap: ivdep says so.
  const std::size_t count = slots.count;
#pragma GCC ivdep
  for (std::size_t k = 0; k < count; ++k) {
    // A sum beyond 2^30 saturates the current whatever is added to it, and so cannot overflow.
    std::int32_t sum = accumulator[k];
    accumulator[k] = 0;
    sum = sum < kAccumulatorBound ? sum : kAccumulatorBound;
    sum = sum > -kAccumulatorBound ? sum : -kAccumulatorBound;
    if constexpr ((Features & kCurrentDecay) != 0) sum += decay(current[k], syn_beta[k]);
    const std::int32_t input = saturated(sum);
    current[k] = input;

    const std::int32_t rest = v_rest[k];
    std::int32_t potential = v[k];
    if constexpr ((Features & kLeakBeta) != 0) {
      potential = rest + decay(potential - rest, leak_beta[k]);
    }
    if constexpr ((Features & kLeakStep) != 0) {
      const std::int32_t offset = potential - rest, limit = leak_step[k];
      std::int32_t step = offset < limit ? offset : limit;
      step = step > -limit ? step : -limit;
      potential -= step;
    }
    potential = saturated(potential + input);

    const std::int32_t bar = threshold[k] + theta[k];
    std::int32_t fires = potential > bar ? 1 : 0;
    if constexpr ((Features & kRefractory) != 0) {
      const std::int32_t resting = refractory[k] > 0 ? -1 : 0;
      const std::int32_t held = resting & hold[k];
      potential = (v_reset[k] & held) | (potential & ~held);
      fires &= ~resting;
    }
    v[k] = potential;
    candidate[k] = static_cast<std::uint8_t>(fires);
  }
}

NCX_INLINE bool step_histories(std::int32_t* traces, const std::uint8_t* spikes, std::size_t count,
                               std::uint32_t mask) {
  std::uint32_t any = 0;
#pragma GCC ivdep
  for (std::size_t k = 0; k < count; ++k) {
    const std::uint32_t next = (static_cast<std::uint32_t>(traces[k]) << 1 | spikes[k]) & mask;
    any |= next;
    traces[k] = static_cast<std::int32_t>(next);
  }
  return any != 0;
}

constexpr std::int32_t kFractionMask = 0xFFFF;

template <bool Newest>
NCX_INLINE bool step_exponential(std::int32_t* traces, const std::uint8_t* spikes,
                                 std::size_t count, const TraceStep& step) {
  const std::int32_t amplitude = step.amplitude, factor = step.decay;
  std::int32_t any = 0;
#pragma GCC ivdep
  for (std::size_t k = 0; k < count; ++k) {
    const std::int32_t spiked = -static_cast<std::int32_t>(spikes[k]);
    std::int32_t x = traces[k];
    if constexpr (Newest) {
      x = decay((amplitude & spiked) | (x & ~spiked), factor);
    } else {
      // Up if the trace or what is added is negative; the product in two parts of 32 bits each.
      const std::int32_t up = (x >> 31 | (amplitude >> 31 & spiked)) & kFractionMask;
      x += amplitude & spiked;
      const std::int32_t high = (x >> 8) * factor, low = (x & 255) * factor + up;
      x = (high + (low >> 8)) >> 8;
      x = x < kTraceMax ? x : kTraceMax;
      x = x > kTraceMin ? x : kTraceMin;
    }
    any |= x;
    traces[k] = x;
  }
  return any != 0;
}

enum class Rule { kPre, kBoth, kInstar };

template <Rule Kind>
NCX_INLINE void learn_dense_as(const DenseLearning& row) {
  std::int16_t* weights = row.weights;
  const std::int16_t* plastic = row.plastic;
  const std::uint8_t* fired = row.fired;
  const std::int32_t* y = row.y;
  const std::int32_t x = row.x, drift = row.drift, gain = row.gain, offset = row.offset;
  const std::int32_t w_min = row.w_min, w_max = row.w_max, field_min = row.field_min,
                     field_max = row.field_max;
  const std::size_t count = row.count;
#pragma GCC ivdep
  for (std::size_t k = 0; k < count; ++k) {
    const std::int32_t stored = weights[k], spike = -static_cast<std::int32_t>(fired[k]);
    const std::int32_t effective = stored + drift;
    std::int32_t difference = x & spike, touched = plastic[k];
    if constexpr (Kind == Rule::kInstar) difference = x - effective;
    if constexpr (Kind == Rule::kBoth) {
      difference -= y[k];
    } else {
      touched &= spike;
    }
    // floor((difference * gain + offset) / 65536), the product in two parts of 32 bits each.
    const std::int32_t high = (difference >> 8) * gain, low = (difference & 255) * gain + offset;
    const std::int32_t wanted = effective + ((high + (low >> 8)) >> 8);
    std::int32_t next = wanted < w_max ? wanted : w_max;
    next = (wanted < w_min ? w_min : next) - drift;
    next = next < field_max ? next : field_max;
    next = next > field_min ? next : field_min;
    weights[k] = static_cast<std::int16_t>((next & touched) | (stored & ~touched));
  }
}

template <unsigned Bits>
NCX_INLINE void pack_dense_as(std::uint64_t* words, const std::int16_t* weights, std::size_t length,
                              std::size_t lanes) {
  constexpr std::uint32_t kMask = (1U << Bits) - 1;
  constexpr std::uint64_t kFlags = ~std::uint64_t{0xFFFFFFFF};
  for (std::size_t j = 0; j < length; ++j) {
    const std::int16_t* from = weights + j * lanes * (32 / Bits);
    std::uint64_t* to = words + j * lanes;
#pragma GCC ivdep
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      std::uint32_t packed = 0;
      for (unsigned p = 0; p < 32 / Bits; ++p) {
        packed |= (static_cast<std::uint32_t>(from[p * lanes + lane]) & kMask) << (p * Bits);
      }
      to[lane] = (to[lane] & kFlags) | packed;
    }
  }
}

}  // namespace

NCX_CLONES void integrate(const SlotSpan& slots, unsigned features) {
  switch (features & (kCurrentDecay | kLeakStep | kLeakBeta | kRefractory)) {
    case 0:
      return integrate_as<0>(slots);
    case 1:
      return integrate_as<1>(slots);
    case 2:
      return integrate_as<2>(slots);
    case 3:
      return integrate_as<3>(slots);
    case 4:
      return integrate_as<4>(slots);
    case 5:
      return integrate_as<5>(slots);
    case 6:
      return integrate_as<6>(slots);
    case 7:
      return integrate_as<7>(slots);
    case 8:
      return integrate_as<8>(slots);
    case 9:
      return integrate_as<9>(slots);
    case 10:
      return integrate_as<10>(slots);
    case 11:
      return integrate_as<11>(slots);
    case 12:
      return integrate_as<12>(slots);
    case 13:
      return integrate_as<13>(slots);
    case 14:
      return integrate_as<14>(slots);
    default:
      return integrate_as<15>(slots);
  }
}

NCX_CLONES void age(const SlotSpan& slots, unsigned features) {
  const std::size_t count = slots.count;
  if ((features & kRefractory) != 0) {
    std::int32_t* refractory = slots.refractory;
#pragma GCC ivdep
    for (std::size_t k = 0; k < count; ++k) {
      refractory[k] -= refractory[k] > 0 ? 1 : 0;
    }
  }
  if ((features & kTheta) != 0) {
    std::int32_t* theta = slots.theta;
    const std::int32_t* beta = slots.theta_beta;
#pragma GCC ivdep
    for (std::size_t k = 0; k < count; ++k) {
      const std::int32_t decayed = decay(theta[k], beta[k]);
      theta[k] = decayed < kStateMax ? decayed : kStateMax;
    }
  }
}

NCX_CLONES void add_dense(std::int32_t* accumulator, const std::int16_t* weights, std::size_t count,
                          unsigned exponent) {
  std::int32_t* sum = accumulator;
  const std::int16_t* weight = weights;
#pragma GCC ivdep
  for (std::size_t k = 0; k < count; ++k) {
    const auto addend = static_cast<std::uint32_t>(static_cast<std::int32_t>(weight[k]))
                        << exponent;
    sum[k] = static_cast<std::int32_t>(static_cast<std::uint32_t>(sum[k]) + addend);
  }
}

NCX_CLONES void add_drifting(std::int32_t* accumulator, const std::int16_t* weights,
                             const std::int16_t* plastic, std::size_t count, std::int32_t drift,
                             unsigned exponent) {
#pragma GCC ivdep
  for (std::size_t k = 0; k < count; ++k) {
    const std::int32_t effective = weights[k] + (plastic[k] & drift);
    const auto addend = static_cast<std::uint32_t>(effective) << exponent;
    accumulator[k] = static_cast<std::int32_t>(static_cast<std::uint32_t>(accumulator[k]) + addend);
  }
}

NCX_CLONES bool step_traces(std::int32_t* traces, const std::uint8_t* spikes, std::size_t count,
                            const TraceStep& step) {
  if (!step.exponential) {
    return step_histories(traces, spikes, count, static_cast<std::uint32_t>(step.mask));
  }
  return step.newest ? step_exponential<true>(traces, spikes, count, step)
                     : step_exponential<false>(traces, spikes, count, step);
}

NCX_CLONES void flag_traces(std::uint8_t* flags, const std::int32_t* traces, std::size_t count,
                            std::int32_t mask) {
#pragma GCC ivdep
  for (std::size_t k = 0; k < count; ++k) flags[k] = (traces[k] & mask) != 0 ? 1 : 0;
}

NCX_CLONES void learn_dense(const DenseLearning& row) {
  if (row.instar) return learn_dense_as<Rule::kInstar>(row);
  return row.y != nullptr ? learn_dense_as<Rule::kBoth>(row) : learn_dense_as<Rule::kPre>(row);
}

NCX_CLONES void pack_dense(std::uint64_t* words, const std::int16_t* weights, std::size_t length,
                           std::size_t lanes, unsigned weight_bits) {
  return weight_bits == 16 ? pack_dense_as<16>(words, weights, length, lanes)
                           : pack_dense_as<8>(words, weights, length, lanes);
}

}  // namespace ncx::model
