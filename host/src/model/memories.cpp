// SPDX-License-Identifier: BSD-3-Clause
// The memories of the model: widths and layouts of docs/registers.md.
#include "model/memories.hpp"

#include <algorithm>
#include <bit>

namespace ncx::model {
namespace {

constexpr std::uint64_t ones(std::uint32_t bits) { return (std::uint64_t{1} << bits) - 1; }

constexpr std::uint32_t ones32(std::uint32_t bits) {
  return static_cast<std::uint32_t>(ones(bits));
}

/// Bits of an address that counts to `size` - 1.
std::uint32_t address_bits(std::uint32_t size) {
  return size > 1 ? static_cast<std::uint32_t>(std::bit_width(size - 1)) : 1;
}

std::int32_t sign_extended(std::uint64_t word, std::uint32_t bits) {
  const std::uint32_t shift = 32 - bits;
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(word) << shift) >>
         static_cast<std::int32_t>(shift);
}

std::uint64_t cut(std::int32_t value, std::uint32_t bits) {
  return static_cast<std::uint32_t>(value) & ones(bits);
}

std::uint32_t field(std::span<const std::uint64_t> words, const map::Field& f) {
  return static_cast<std::uint32_t>((words[f.word] >> f.lsb) & ones(f.bits));
}

std::int32_t signed_field(std::span<const std::uint64_t> words, const map::Field& f) {
  return sign_extended(field(words, f), f.bits);
}

constexpr std::uint32_t kSourceValid = 31, kRowExponent = 20, kRowProfile = 24, kRowSparse = 27,
                        kRowLast = 28, kRowTarget = 16, kProgramSet = 16, kProgramOp = 28,
                        kProgramOpW = 3, kMaxLengthW = 16, kStateWords = 4, kAgeW = 5;

}  // namespace

Memories::Memories(const Geometry& g)
    : synapse(g.region_size(Region::kSynapse)),
      parameter(g.region_size(Region::kParameter)),
      source(g.region_size(Region::kSource)),
      row(g.region_size(Region::kRow)),
      program(g.region_size(Region::kProgram)),
      generator(std::size_t{g.generators()} * Geometry::kGeneratorWords),
      spike_queue(g.region_size(Region::kSpikeQueue)),
      rate(g.axons),
      probe(g.probe_entries),
      count(g.neurons),
      v(g.neurons),
      current(g.neurons),
      theta(g.neurons),
      refractory(g.neurons),
      accumulator(g.region_size(Region::kAccumulator)),
      profile(g.region_size(Region::kProfile)),
      learn_member(g.region_size(Region::kLearnMember)),
      axon_spike(g.region_size(Region::kAxonSpike)),
      taps(g.region_size(Region::kTaps)),
      drift_step(g.region_size(Region::kDriftStep)),
      trace(g.region_size(Region::kTrace)),
      drift(g.profiles),
      trace_age(g.profiles) {
  // What the reset of the hardware leaves.
  for (std::size_t at = 2; at < generator.size(); at += Geometry::kGeneratorWords)
    generator[at] = 1;

  const std::uint32_t base_bits = address_bits(g.synapse_words);
  const std::uint32_t length_bits = std::min(base_bits + 1, kMaxLengthW);
  const std::uint32_t group_bits =
      address_bits(g.local_rows()) - address_bits(g.weights_per_word());
  low_row_mask_ = ones32(base_bits) | ones32(map::kExponentW) << kRowExponent |
                  ones32(map::kProfileW) << kRowProfile | 1U << kRowSparse | 1U << kRowLast;
  high_row_mask_ = ones32(length_bits) | ones32(group_bits) << kRowTarget;
  source_mask_ = ones32(address_bits(g.rows)) | 1U << kSourceValid;
  local_row_mask_ = ones32(address_bits(g.local_rows()));
  low_program_mask_ = local_row_mask_ | ones32(address_bits(g.parameter_sets)) << kProgramSet |
                      ones32(kProgramOpW) << kProgramOp;
  lane_mask_ = ones32(g.lanes);
  slot_mask_ = ones32(address_bits(g.neurons));
}

std::uint64_t Memories::load(Region region, std::uint64_t address) const {
  const auto at = static_cast<std::size_t>(address);
  switch (region) {
    case Region::kSynapse:
      return synapse[at];
    case Region::kSource:
      return source[at];
    case Region::kRow:
      return row[at];
    case Region::kProgram:
      return program[at];
    case Region::kParameter:
      return parameter[at];
    case Region::kState: {
      const std::size_t slot = at / kStateWords;
      switch (at % kStateWords) {
        case 0:
          return cut(v[slot], map::kStateW) | cut(refractory[slot], map::kRefractoryW)
                                                  << map::kStateW;
        case 1:
          return cut(current[slot], map::kStateW);
        case 2:
          return cut(theta[slot], map::kStateW);
        default:
          return 0;
      }
    }
    case Region::kAccumulator:
      return cut(accumulator[at], map::kAccumulatorW);
    case Region::kCount:
      return count[at];
    case Region::kRate:
      return rate[at];
    case Region::kGenerator:
      return generator[at];
    case Region::kProbe:
      return probe[at];
    case Region::kSpikeQueue:
      return spike_queue[at];
    case Region::kProfile:
      return profile[at];
    case Region::kTaps:
      return cut(taps[at], map::kTraceW);
    case Region::kDriftStep:
      return cut(drift_step[at], map::kTraceW);
    case Region::kLearnMember:
      return learn_member[at];
    case Region::kTrace:
      return cut(trace[at], map::kTraceW);
    case Region::kLearnState:
      return load_learn_state(at);
    case Region::kAxonSpike:
      return axon_spike[at];
    case Region::kRegisters:
    case Region::kInfo:
      break;
  }
  return 0;
}

std::uint64_t Memories::load_learn_state(std::size_t at) const {
  if (at / 2 >= drift.size()) return rounding_generator;
  return at % 2 == 0 ? static_cast<std::uint64_t>(drift[at / 2]) & ones(map::kDriftW)
                     : trace_age[at / 2];
}

/// As the hardware: all words enter through the newer half, word 2 moves it to the older one first.
void Memories::write_generator(std::size_t at, std::uint32_t word) {
  const std::size_t word_number = at % Geometry::kGeneratorWords;
  std::uint32_t* const words = &generator[at - word_number];
  if (word_number == 2) {
    words[0] = words[2];
    words[1] = words[3];
  }
  words[2 + word_number % 2] = word;
}

void Memories::store_learn_state(std::size_t at, std::uint64_t word) {
  if (at / 2 >= drift.size()) {
    rounding_generator = static_cast<std::uint32_t>(word);
  } else if (at % 2 == 0) {
    constexpr std::uint32_t kShift = 64 - map::kDriftW;
    drift[at / 2] = static_cast<std::int64_t>(word << kShift) >> kShift;
  } else {
    trace_age[at / 2] = static_cast<std::uint8_t>(word & ones(kAgeW));
  }
}

void Memories::store_half(std::vector<std::uint32_t>& memory, std::uint32_t& held,
                          std::uint64_t address, std::uint32_t word) const {
  const auto at = static_cast<std::size_t>(address);
  if (at % 2 == 0) {
    held = word;
  } else {
    memory[at - 1] = held;
    memory[at] = word;
  }
}

void Memories::store(Region region, std::uint64_t address, std::uint64_t word) {
  const auto at = static_cast<std::size_t>(address);
  const auto low = static_cast<std::uint32_t>(word);
  const bool first_half = at % 2 == 0;
  switch (region) {
    case Region::kSynapse:
      synapse[at] = word & ones(map::kWordW);
      break;
    case Region::kSource:
      source[at] = low & source_mask_;
      break;
    case Region::kRow:
      store_half(row, held_row_, address, low & (first_half ? low_row_mask_ : high_row_mask_));
      break;
    case Region::kProgram:
      store_half(program, held_program_, address,
                 low & (first_half ? low_program_mask_ : lane_mask_));
      break;
    case Region::kParameter:
      if (at % map::kParameterStride < map::kParameterWords) {
        parameter[at] = word & ones(map::kWordW);
      }
      break;
    case Region::kState: {
      const std::size_t slot = at / kStateWords;
      const std::int32_t value = sign_extended(word, map::kStateW);
      switch (at % kStateWords) {
        case 0:
          v[slot] = value;
          refractory[slot] =
              static_cast<std::int32_t>((word >> map::kStateW) & ones(map::kRefractoryW));
          break;
        case 1:
          current[slot] = value;
          break;
        case 2:
          theta[slot] = static_cast<std::int32_t>(word & ones(map::kStateW));
          break;
        default:
          break;
      }
      break;
    }
    case Region::kAccumulator:
      accumulator[at] = static_cast<std::int32_t>(low);
      break;
    case Region::kCount:
      count[at] = static_cast<std::uint16_t>(word);
      break;
    case Region::kRate:
      rate[at] = static_cast<std::uint16_t>(word & ones(map::kRateW));
      break;
    case Region::kGenerator:
      write_generator(at, low);
      break;
    case Region::kProbe:
      probe[at] = static_cast<std::uint16_t>(low & slot_mask_);
      break;
    case Region::kSpikeQueue:
      store_half(spike_queue, held_spikes_, address,
                 low & (first_half ? local_row_mask_ : lane_mask_));
      break;
    case Region::kProfile:
      profile[at] = word & ones(map::kWordW);
      break;
    case Region::kTaps:
      taps[at] = sign_extended(word, map::kTraceW);
      break;
    case Region::kDriftStep:
      drift_step[at] = sign_extended(word, map::kTraceW);
      break;
    case Region::kLearnMember:
      learn_member[at] = static_cast<std::uint16_t>(low & lane_mask_);
      break;
    case Region::kTrace:
      trace[at] = sign_extended(word, map::kTraceW);
      break;
    case Region::kLearnState:
      store_learn_state(at, word);
      break;
    case Region::kAxonSpike:
      axon_spike[at] = static_cast<std::uint16_t>(low & lane_mask_);
      break;
    case Region::kRegisters:
    case Region::kInfo:
      break;
  }
}

RowEntry Memories::row_entry(std::size_t index) const {
  const std::uint32_t low = row[2 * index], high = row[2 * index + 1];
  RowEntry entry;
  entry.base = low & ones32(kRowExponent);
  entry.exponent = (low >> kRowExponent) & ones32(map::kExponentW);
  entry.profile = (low >> kRowProfile) & ones32(map::kProfileW);
  entry.sparse = ((low >> kRowSparse) & 1) != 0;
  entry.last = ((low >> kRowLast) & 1) != 0;
  entry.length = high & ones32(kMaxLengthW);
  entry.target = high >> kRowTarget;
  return entry;
}

ProgramEntry Memories::program_entry(std::size_t index) const {
  const std::uint32_t low = program[2 * index];
  ProgramEntry entry;
  entry.row = low & ones32(kProgramSet);
  entry.set = (low >> kProgramSet) & ones32(kProgramOp - kProgramSet);
  entry.operation = low >> kProgramOp;
  entry.lanes = program[2 * index + 1];
  return entry;
}

Parameters Memories::parameters(std::size_t set) const {
  const std::span<const std::uint64_t> words(&parameter[set * map::kParameterStride],
                                             map::kParameterWords);
  const auto factor = [](std::uint32_t beta) { return std::min(beta, map::kMaxBeta); };
  Parameters p;
  p.threshold = signed_field(words, map::kParamThreshold);
  p.v_reset = signed_field(words, map::kParamVReset);
  p.v_rest = signed_field(words, map::kParamVRest);
  p.leak_exponential = field(words, map::kParamLeakExponential) != 0;
  p.leak = field(words, map::kParamLeak);
  // A factor has the width of the other factors, whatever the field could hold.
  if (p.leak_exponential) p.leak = factor(p.leak & ones32(map::kBetaW));
  p.refractory = field(words, map::kParamRefractory);
  p.theta_plus = field(words, map::kParamThetaPlusLow) | field(words, map::kParamThetaPlusHigh)
                                                             << map::kParamThetaPlusLow.bits;
  p.syn_beta = factor(field(words, map::kParamSynBeta));
  p.theta_beta = factor(field(words, map::kParamThetaBeta));
  p.refractory_hold = field(words, map::kParamRefractoryHold) != 0;
  p.soft_reset = field(words, map::kParamSoftReset) != 0;
  return p;
}

Profile Memories::learning_profile(std::size_t index) const {
  const std::span<const std::uint64_t> words(&profile[index * map::kProfileWords],
                                             map::kProfileWords);
  const auto factor = [&](const map::Field& f) {
    return static_cast<std::int32_t>(std::min(field(words, f), map::kMaxBeta));
  };
  Profile p;
  p.w_min = signed_field(words, map::kProfileWMin);
  p.w_max = signed_field(words, map::kProfileWMax);
  p.pre_amplitude = signed_field(words, map::kProfilePreAmplitude);
  p.post_amplitude = signed_field(words, map::kProfilePostAmplitude);
  p.pre_decay = factor(map::kProfilePreDecay);
  p.post_decay = factor(map::kProfilePostDecay);
  p.window = field(words, map::kProfileWindow);
  p.shift = field(words, map::kProfileShift);
  p.rounding = field(words, map::kProfileRounding);
  p.instar = field(words, map::kProfileInstar) != 0;
  p.exponential = field(words, map::kProfileExponential) != 0;
  p.newest = field(words, map::kProfileNewest) != 0;
  p.post = field(words, map::kProfilePost) != 0 && !p.instar;
  p.modulated = field(words, map::kProfileModulated) != 0;
  p.drift = field(words, map::kProfileDrift) != 0;
  return p;
}

}  // namespace ncx::model
