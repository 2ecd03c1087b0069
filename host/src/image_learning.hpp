// SPDX-License-Identifier: BSD-3-Clause
// Whether what an image says about learning makes sense.
#pragma once

#include <string>

#include "image_synapses.hpp"
#include "ncx/image.hpp"

namespace ncx {

/// Memories of the learning unit that an image may hold.
[[nodiscard]] bool is_learning(Region region);

/// Throws InputError naming origin and field. The image's other memories must have been checked.
void check_learning(const Image& image, const SynapseRows& rows, const std::string& origin);

}  // namespace ncx
