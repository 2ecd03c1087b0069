// SPDX-License-Identifier: BSD-3-Clause
// What the checks of images share: the image, where it came from, and how they complain.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "ncx/error.hpp"
#include "ncx/image.hpp"

namespace ncx {

class ImageChecker {
 protected:
  ImageChecker(const Image& image, const std::string& origin) : image_(image), origin_(origin) {}

  [[noreturn]] void fail(std::string_view field, const std::string& what) const {
    throw InputError(fmt::format("{}: {}: {}", origin_, field, what),
                     "compile the network again with this release");
  }
  void at_most(std::string_view field, std::uint64_t value, std::uint64_t limit) const {
    if (value > limit) fail(field, fmt::format("found {}; expected at most {}", value, limit));
  }
  void below(std::string_view field, std::uint64_t value, std::uint64_t limit) const {
    if (value >= limit) fail(field, fmt::format("found {}; expected below {}", value, limit));
  }

  const Image& image_;
  const std::string& origin_;
};

}  // namespace ncx
