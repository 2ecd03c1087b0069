// SPDX-License-Identifier: BSD-3-Clause
// The RTL down to its UART pins, behind a pseudo-terminal: for other programs it is a board.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ncx {

struct VirtualBoardOptions {
  std::string configuration = "cmod_a7";
  std::string link;        ///< symbolic link to make; empty: none
  std::uint32_t baud = 0;  ///< rate of the outside end of the line; 0: the build's own
  std::chrono::milliseconds exit_when_idle{0};  ///< return after so long without traffic; 0: never
  int wake_fd = -1;  ///< return as soon as this becomes readable (a signalfd); -1: none
};

struct VirtualBoardReport {
  std::uint64_t clocks = 0, bytes_to_board = 0, bytes_from_board = 0, line_errors = 0,
                bytes_dropped = 0;
};

/// The builds of rtl/ncx_map.toml that this library has Verilated down to the pins.
[[nodiscard]] std::vector<std::string> pin_configurations();

/// Serves until told to stop. `ready` gets the pseudo-terminal's path once programs can open it.
/// The link is removed on every way out. Throws InputError for a configuration that was not
/// Verilated or a link that cannot be made.
VirtualBoardReport serve_virtual_board(const VirtualBoardOptions& options,
                                       const std::function<void(const std::string&)>& ready);

}  // namespace ncx
