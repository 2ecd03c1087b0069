// SPDX-License-Identifier: BSD-3-Clause
// What the rows of an image make of its synapse words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/memories.hpp"
#include "ncx/image.hpp"

namespace ncx {

/// The longest delay of the words that the first `rows` rows take.
[[nodiscard]] std::uint32_t longest_delay(const model::Memories& memories, const Geometry& geometry,
                                          std::size_t rows);

/// Per projection, in the user's order: number of the row that a synapse lies in.
using SynapseRows = std::vector<std::vector<std::size_t>>;

/// Throws InputError unless every synapse of the projections' maps lies in a row of its source and
/// leads to its target. Tables and maps must have been found within the build's limits.
[[nodiscard]] SynapseRows check_synapses(const Image& image, const std::string& origin,
                                         const model::Memories& memories);

}  // namespace ncx
