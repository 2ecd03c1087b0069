// SPDX-License-Identifier: BSD-3-Clause
// What an image adds to the state that RESET leaves.
#pragma once

#include <cstdint>
#include <vector>

#include "ncx/backend.hpp"
#include "ncx/image.hpp"

namespace ncx {

/// The image's initial spikes as SPIKE_QUEUE holds them: (row, lanes) for each entry of the sweep
/// program that would have fired. Throws InputError for a slot that no entry lets fire.
[[nodiscard]] std::vector<std::uint64_t> initial_spike_queue(const Image& image);

/// Generators, potentials, spikes of the tick before the first, histories and ages.
void write_initial_state(Backend& backend, const Image& image,
                         const std::vector<std::uint64_t>& spike_queue);

}  // namespace ncx
