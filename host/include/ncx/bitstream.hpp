// SPDX-License-Identifier: BSD-3-Clause
// What a Xilinx .bit file says of itself: a header of fields, then the configuration data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "ncx/boards.hpp"

namespace ncx {

struct Bitstream {
  std::string design;        ///< the top's name
  std::string options;       ///< what follows it: "UserID=0XFFFFFFFF;Version=2022.1"
  std::string part;          ///< without "xc" and speed grade: "7a35tcpg236"
  std::string date, time;    ///< of the build: "2024/01/31", "12:34:56"
  std::uint32_t length = 0;  ///< bytes of configuration data
  std::uint32_t idcode = 0;  ///< that the data asks for; 0: it asks for none
};

/// `name` is the file's, for messages. Throws InputError for anything that is not a whole .bit
/// file.
[[nodiscard]] Bitstream parse_bitstream(std::span<const std::uint8_t> file,
                                        const std::string& name);
[[nodiscard]] Bitstream read_bitstream(const std::filesystem::path& file);

/// Both names mean the same die in the same package: speed and temperature grades do not count.
[[nodiscard]] bool same_part(std::string_view a, std::string_view b);
/// Throws InputError unless the bitstream is for the board's FPGA, and not one of our own for
/// another board.
void check_bitstream(const Bitstream& bitstream, const Board& board, const std::string& name);

}  // namespace ncx
