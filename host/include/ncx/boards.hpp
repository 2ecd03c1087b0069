// SPDX-License-Identifier: BSD-3-Clause
// The boards that we have tops for, and how to tell them apart.
// Generated from constraints/boards.toml by tools/generate_boards.py: do not edit.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ncx/ports.hpp"

namespace ncx {

/// One function of a USB device.
struct UsbFunction {
  std::uint16_t vid, pid;
  std::uint32_t interface;
};

struct Board {
  std::string_view name, title;
  std::string_view part;           ///< as Vivado names it: "xc7a35tcpg236-1"
  std::uint32_t idcode;            ///< JTAG, without the version in the top four bits
  std::string_view build;          ///< named build of rtl/ncx_map.toml
  std::uint32_t baud;              ///< line rate of the board's bitstream
  std::string_view loader;         ///< openFPGALoader's name of it
  std::string_view serial_prefix;  ///< first digits of the USB serial numbers of its kind
  UsbFunction jtag, uart;
  bool reset_active_low;
  std::uint32_t leds_active_low;  ///< one bit each of led_o
};

// clang-format off
inline constexpr std::array<Board, 6> kBoards{{
    {"cmod_a7", "Digilent Cmod A7-35T", "xc7a35tcpg236-1", 0x0362D093, "cmod_a7", 4000000,
     "cmoda7_35t", "210328", {0x0403, 0x6010, 0}, {0x0403, 0x6010, 1},
     false, 0xC},
    {"basys3", "Digilent Basys 3", "xc7a35tcpg236-1", 0x0362D093, "cmod_a7", 4000000,
     "basys3", "210183", {0x0403, 0x6010, 0}, {0x0403, 0x6010, 1},
     false, 0x0},
    {"arty_a7_35", "Digilent Arty A7-35T", "xc7a35ticsg324-1L", 0x0362D093, "cmod_a7", 4000000,
     "arty_a7_35t", "210319", {0x0403, 0x6010, 0}, {0x0403, 0x6010, 1},
     true, 0x0},
    {"arty_a7_100", "Digilent Arty A7-100T", "xc7a100tcsg324-1", 0x03631093, "cmod_a7", 4000000,
     "arty_a7_100t", "210319", {0x0403, 0x6010, 0}, {0x0403, 0x6010, 1},
     true, 0x0},
    {"nexys_a7_100", "Digilent Nexys A7-100T", "xc7a100tcsg324-1", 0x03631093, "cmod_a7", 4000000,
     "nexys_a7_100", "210292", {0x0403, 0x6010, 0}, {0x0403, 0x6010, 1},
     true, 0x0},
    {"nexys_video", "Digilent Nexys Video", "xc7a200tsbg484-1", 0x03636093, "max", 3000000,
     "nexysVideo", "210276", {0x0403, 0x6010, 1}, {0x0403, 0x6001, 0},
     true, 0x0},
}};
// clang-format on

/// Throws InputError for a name that the table does not have.
[[nodiscard]] const Board& find_board(std::string_view name);
/// Boards that the port may be the UART of, by USB ids and serial number; two that only differ in
/// their FPGA can't be told apart that way. Empty: none of ours.
[[nodiscard]] std::vector<const Board*> boards_at(const PortInfo& port);
/// The port is not a UART but the JTAG channel of one of our boards.
[[nodiscard]] bool is_jtag(const PortInfo& port);
/// "basys3", "arty_a7_35 or arty_a7_100".
[[nodiscard]] std::string names_of(const std::vector<const Board*>& boards);

}  // namespace ncx
