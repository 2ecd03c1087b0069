// SPDX-License-Identifier: BSD-3-Clause
// A simulated board behind a pseudo-terminal: for other programs it is a board.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ncx {

enum class SimEngine {
  kRtl,  ///< the Verilated board top, cycle by cycle and bit by bit
  kTlm,  ///< the model behind a TLM-2.0 socket: same results, approximate times, much faster
};

/// The LEDs have changed.
struct BoardLeds {
  std::uint64_t clocks = 0;  ///< since power-up
  bool alive = false, link = false, spike = false, error = false;
};

struct VirtualBoardOptions {
  std::string board = "basys3";  ///< as in boards.hpp; empty: `configuration` without a board
  std::string configuration;     ///< named build, without a board
  SimEngine engine = SimEngine::kRtl;
  std::string link;        ///< symbolic link to make; empty: none
  std::uint32_t baud = 0;  ///< rate of the outside end of the line; 0: the board's own
  std::chrono::milliseconds exit_when_idle{0};  ///< return after so long without traffic; 0: never
  int wake_fd = -1;  ///< return as soon as this becomes readable (a signalfd); -1: none
  std::function<void(const std::string&)> on_ready;  ///< pseudo-terminal's path: it can be opened
  std::function<void(const BoardLeds&)> on_leds;
};

struct VirtualBoardReport {
  std::uint64_t clocks = 0, bytes_to_board = 0, bytes_from_board = 0, line_errors = 0,
                bytes_dropped = 0;
  std::uint64_t led_changes = 0;
};

/// What this library has Verilated down to the pins: boards, and builds (with or without a board).
[[nodiscard]] std::vector<std::string> pin_boards();
[[nodiscard]] std::vector<std::string> pin_configurations();

/// Serves until told to stop, once in a process. The link is removed on every way out. Throws
/// InputError for a board that was not Verilated or a link that cannot be made.
VirtualBoardReport serve_virtual_board(const VirtualBoardOptions& options);

}  // namespace ncx
