// SPDX-License-Identifier: BSD-3-Clause
// How much of each memory an image uses, and whether an image makes sense.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ncx/image.hpp"

namespace ncx {

struct CapacityUse {
  std::string item;
  std::uint64_t used = 0, available = 0;
};

/// What the image uses against what `target` has, for every capacity.
[[nodiscard]] std::vector<CapacityUse> capacity_use(const Image& image, const Geometry& target);

/// Whether rows of the image share words: where their tags are depends on the build's longest
/// delay.
[[nodiscard]] bool shares_words(const Image& image);

/// Throws InputError naming origin and field for anything that no device could hold or run.
void check_image(const Image& image, const std::string& origin);

}  // namespace ncx
