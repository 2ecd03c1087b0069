// SPDX-License-Identifier: BSD-3-Clause
// Which of our boards a name or a port means.
#include "ncx/boards.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ncx/error.hpp"

namespace ncx {
namespace {

bool is(const UsbFunction& function, const PortInfo& port) {
  return function.vid == port.vid && function.pid == port.pid &&
         function.interface == port.interface;
}

}  // namespace

const Board& find_board(std::string_view name) {
  for (const Board& board : kBoards) {
    if (board.name == name) return board;
  }
  std::vector<const Board*> all;
  all.reserve(kBoards.size());
  for (const Board& board : kBoards) all.push_back(&board);
  throw InputError(fmt::format("there is no board '{}'", name),
                   fmt::format("--board {}", names_of(all)));
}

std::vector<const Board*> boards_at(const PortInfo& port) {
  std::vector<const Board*> by_ids, by_serial;
  bool ours = false;  // a serial number that some board of ours would have
  for (const Board& board : kBoards) {
    const bool serial = port.serial.starts_with(board.serial_prefix);
    ours |= serial;
    if (!is(board.uart, port)) continue;
    by_ids.push_back(&board);
    if (serial) by_serial.push_back(&board);
  }
  // FTDI's ids are on many things. Without a serial number of the makers of our boards, only the
  // maker's name speaks for one.
  if (ours) return by_serial;
  const bool digilent = port.description.find("Digilent") != std::string::npos;
  return digilent ? by_ids : std::vector<const Board*>{};
}

bool is_jtag(const PortInfo& port) {
  return std::any_of(kBoards.begin(), kBoards.end(), [&](const Board& board) {
    return is(board.jtag, port) && port.serial.starts_with(board.serial_prefix);
  });
}

std::string names_of(const std::vector<const Board*>& boards) {
  std::string text;
  for (std::size_t i = 0; i < boards.size(); ++i) {
    if (i > 0) text += i + 1 == boards.size() ? " or " : ", ";
    text += boards[i]->name;
  }
  return text;
}

}  // namespace ncx
