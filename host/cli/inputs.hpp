// SPDX-License-Identifier: BSD-3-Clause
// What is fed to a network, from CSV files: in the user's numbers, sorted by tick.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ncx/backend.hpp"
#include "ncx/image.hpp"

namespace ncx::cli {

/// Rows of tick,axon. Throws InputError for a tick outside 0 .. `ticks` - 1, or an axon that the
/// image does not have.
[[nodiscard]] std::vector<AxonEvent> read_axon_events(const std::string& path, const Image& image,
                                                      std::uint32_t ticks);
/// Rows of tick,neuron,value; as read_axon_events.
[[nodiscard]] std::vector<CurrentEvent> read_current_events(const std::string& path,
                                                            const Image& image,
                                                            std::uint32_t ticks);

}  // namespace ncx::cli
