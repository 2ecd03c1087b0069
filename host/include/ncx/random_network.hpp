// SPDX-License-Identifier: BSD-3-Clause
// Random networks and inputs for the bit-exact regressions: the same on every platform for a seed.
// And the network whose speed is measured.
#pragma once

#include <cstdint>
#include <optional>

#include "ncx/backend.hpp"
#include "ncx/geometry.hpp"
#include "ncx/network.hpp"

namespace ncx {

/// Splitmix64 with integer draws only, so that no library's distribution is involved.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  /// 0 .. bound - 1; bound >= 1.
  std::uint32_t below(std::uint32_t bound);
  /// low .. high.
  std::uint32_t between(std::uint32_t low, std::uint32_t high);
  std::int64_t between_signed(std::int64_t low, std::int64_t high);
  /// True once in `n`.
  bool one_in(std::uint32_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

/// A network that compiles for `geometry`, from a handful of neurons to all of a small build's.
/// Over the seeds it uses every neuron mode, winner-take-all, encoders, every delay the build has,
/// dense, sparse and automatic rows, several projections between two groups, self connections,
/// parallel synapses, weights that saturate, initial potentials and refractory counters, a past,
/// and learning profiles of every kind on some projections, some drifting so fast that they fold.
[[nodiscard]] Network random_network(const Geometry& geometry, std::uint64_t seed);

/// Axon events (also for axons with encoders), currents of all magnitudes, and a few probes.
/// Neurons and axons are the user's numbers, ticks are relative to the run's start.
[[nodiscard]] RunRequest random_inputs(const Network& network, std::uint32_t ticks,
                                       std::uint64_t seed);

/// All to all, with synapses too small to matter: every neuron spikes when the axon does that it
/// has for itself, at `rate` / 256 a tick. So the activity is known and the fan-out is full. With a
/// profile all synapses between neurons learn.
[[nodiscard]] Network all_to_all_network(std::uint32_t neurons, std::uint16_t rate,
                                         const std::optional<LearningProfile>& profile = {});

}  // namespace ncx
