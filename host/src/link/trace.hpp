// SPDX-License-Identifier: BSD-3-Clause
// Frames as text, one a line, for `--trace`.
#pragma once

#include <string>

#include "link/frame.hpp"

namespace ncx::link {

/// `to_device`: the direction it travels in.
[[nodiscard]] std::string describe(const Frame& frame, bool to_device);
/// "READ", or "request 12" for a code that no request has.
[[nodiscard]] std::string request_name(std::uint8_t code);
[[nodiscard]] std::string status_name(std::uint8_t status);

}  // namespace ncx::link
