// SPDX-License-Identifier: BSD-3-Clause
// Two backends with one image, tick by tick: everything that the hardware keeps is compared.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ncx/backend.hpp"
#include "ncx/image.hpp"
#include "ncx/network.hpp"

namespace ncx::cli {

/// The first thing in which two backends differ.
struct Difference {
  std::uint32_t tick = 0;  ///< ticks completed when it was found
  std::string item;        ///< "neuron 5 (slot 12)", "spike 3", "register CYCLES_LOW"
  std::string field;       ///< "v", "refractory", ...
  std::int64_t expected = 0, found = 0;
  [[nodiscard]] std::string text() const;
};

/// All state words, accumulators, counters, generators, the spike queue and the tick counter; and
/// traces, drifts, ages, axon spikes and the image's synapse words.
[[nodiscard]] std::optional<Difference> compare_state(Backend& expected, Backend& found,
                                                      const Image& image);
/// What a run returned: spikes, potentials, cycles.
[[nodiscard]] std::optional<Difference> compare_results(const RunResult& expected,
                                                        const RunResult& found);

/// How an image is run on both.
struct LockstepPlan {
  std::uint32_t ticks = 12;  ///< one by one, compared after each
  std::uint32_t chunks = 1;  ///< further runs of `chunk_ticks`, compared by streams and end state
  std::uint32_t chunk_ticks = 40;
  std::uint64_t seed = 1;  ///< of the inputs, and of what learns with which modulation
};

/// Clears both, loads the image on both and runs; empty when nothing differed.
[[nodiscard]] std::optional<Difference> run_in_lockstep(Backend& expected, Backend& found,
                                                        const Network& network, const Image& image,
                                                        const LockstepPlan& plan);

}  // namespace ncx::cli
