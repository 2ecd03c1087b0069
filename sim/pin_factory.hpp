// SPDX-License-Identifier: BSD-3-Clause
// The board tops that this build has Verilated; sim/CMakeLists.txt generates the table.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "systemc/board_pins.hpp"

namespace ncx::sim {

struct PinFactory {
  std::string board;          ///< as in boards.hpp; empty: a build without a board
  std::string configuration;  ///< named build
  std::uint32_t baud = 0;     ///< 0: the board's
  std::unique_ptr<BoardPins> (*make)() = nullptr;
};
[[nodiscard]] std::vector<PinFactory> pin_factories();

}  // namespace ncx::sim
