// SPDX-License-Identifier: BSD-3-Clause
// Reads what a compiled image says about learning, from docs/registers.md alone, and builds small
// networks that learn.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "ncx/compiler.hpp"
#include "ncx/image.hpp"
#include "ncx/network.hpp"

namespace ncx::test {

/// A field of PROFILE, sign-extended where it is signed.
inline std::int64_t profile_field(const Image& image, std::size_t profile, const map::Field& f) {
  const std::uint64_t word = image.memories.at(Region::kProfile).at(profile * 4 + f.word);
  const auto raw = static_cast<std::int64_t>((word >> f.lsb) & ((1ULL << f.bits) - 1));
  return f.is_signed && (raw >> (f.bits - 1)) != 0 ? raw - (std::int64_t{1} << f.bits) : raw;
}

/// A signed word of 18 bits.
inline std::int64_t trace_value(std::uint64_t word) {
  REQUIRE(word >> 18 == 0);
  return word >> 17 != 0 ? static_cast<std::int64_t>(word) - (1 << 18)
                         : static_cast<std::int64_t>(word);
}

inline std::int64_t taps_entry(const Image& image, std::size_t profile, std::size_t side,
                               std::size_t nibble, std::size_t value) {
  return trace_value(
      image.memories.at(Region::kTaps).at(((profile * 2 + side) * 4 + nibble) * 16 + value));
}

/// What a history adds up to.
inline std::int64_t trace_of(const Image& image, std::size_t profile, std::size_t side,
                             std::uint32_t history) {
  history &= static_cast<std::uint32_t>(profile_field(image, profile, map::kProfileWindow));
  std::int64_t sum = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    sum += taps_entry(image, profile, side, k, history >> (4 * k) & 15);
  }
  return sum;
}

inline std::int64_t drift_step(const Image& image, std::size_t profile, std::size_t age) {
  return trace_value(image.memories.at(Region::kDriftStep).at(profile * 32 + age));
}

inline Population neurons(std::uint32_t size, double threshold = 1.0) {
  Population p;
  p.size = size;
  p.parameters.resize(1);
  p.parameters[0].threshold = threshold;
  return p;
}

/// `weights` from neuron 0 of a population to as many of its neurons from the first on.
inline Projection plastic(std::vector<double> weights, std::int32_t profile) {
  Projection p;
  for (std::uint32_t n = 0; n < weights.size(); ++n) {
    p.pre_index.push_back(0);
    p.post_index.push_back(n);
  }
  p.weight = std::move(weights);
  p.plastic = true;
  p.profile = profile;
  return p;
}

/// One population of 8 neurons and one projection that learns.
inline Network learning_network(const LearningProfile& profile, std::vector<double> weights) {
  Network network;
  network.add_population(neurons(8));
  network.add_profile(profile);
  network.add_projection(plastic(std::move(weights), 0));
  return network;
}

inline CompileOptions at_fraction_bits(std::uint32_t bits) {
  CompileOptions options;
  options.fraction_bits = bits;
  return options;
}

}  // namespace ncx::test
