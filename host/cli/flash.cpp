// SPDX-License-Identifier: BSD-3-Clause
// `ncx flash`: a bitstream into a board, and what then answers.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>

#include "command.hpp"
#include "flash_loader.hpp"
#include "ncx/bitstream.hpp"
#include "ncx/boards.hpp"
#include "ncx/device.hpp"
#include "ncx/error.hpp"
#include "ncx/ports.hpp"

namespace ncx::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kRetry{250};

struct Options {
  std::string board, file, serial_number, port, sys = "/sys";
  bool persist = false, no_wait = false;
  double timeout_s = 600, wait_s = 15;
};

milliseconds in_ms(double seconds) {
  return milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

bool of_kind(const std::string& serial, const Board& board) {
  return serial.starts_with(board.serial_prefix);
}

/// A serial number that says the device is a board of ours, but not this one.
bool of_other_kind(const std::string& serial, const Board& board) {
  return !of_kind(serial, board) && std::any_of(kBoards.begin(), kBoards.end(),
                                                [&](const Board& b) { return of_kind(serial, b); });
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// The USB serial number to give the loader, which would take the first device it finds. Empty:
/// nothing is known to choose by, and nothing to confuse.
std::string choose(const Options& options, const Board& board) {
  const auto devices = list_usb(options.sys);
  if (!devices) return options.serial_number;
  std::vector<std::string> kind, unknown, other;
  for (const UsbDevice& device : *devices) {
    if (device.vid != board.jtag.vid || device.pid != board.jtag.pid) continue;
    (of_kind(device.serial, board)         ? kind
     : of_other_kind(device.serial, board) ? other
                                           : unknown)
        .push_back(device.serial);
  }
  if (!options.serial_number.empty()) {
    std::vector<std::string> all = kind;
    all.insert(all.end(), unknown.begin(), unknown.end());
    all.insert(all.end(), other.begin(), other.end());
    if (std::find(all.begin(), all.end(), options.serial_number) != all.end()) {
      return options.serial_number;
    }
    throw PortError(
        fmt::format("no board with USB serial number {} is connected", options.serial_number),
        all.empty() ? "connect it; `lsusb` must show 0403:6010"
                    : fmt::format("one of those that are: {}", joined(all)));
  }
  const std::vector<std::string>& candidates = kind.empty() ? unknown : kind;
  if (candidates.size() > 1) {
    const bool named = std::none_of(candidates.begin(), candidates.end(),
                                    [](const std::string& serial) { return serial.empty(); });
    throw PortError(
        fmt::format("{} boards could be the {}: {}", candidates.size(), board.title,
                    joined(candidates)),
        named ? fmt::format("--serial-number {}", candidates.front()) : "unplug all but one");
  }
  if (candidates.empty() && !other.empty()) {
    std::vector<const Board*> boards;
    for (const Board& b : kBoards) {
      if (of_kind(other.front(), b)) boards.push_back(&b);
    }
    throw PortError(
        fmt::format("no {} is connected; the board {} is another one", board.title, other.front()),
        fmt::format("--board {}", names_of(boards)));
  }
  return candidates.empty() ? "" : candidates.front();
}

/// Where the board's UART is, as far as the USB says. Nothing: not (yet) there.
std::optional<std::string> uart_of(const Options& options, const Board& board,
                                   const std::string& serial_number) {
  if (!options.port.empty()) return options.port;
  const bool same_chip = board.uart.vid == board.jtag.vid && board.uart.pid == board.jtag.pid;
  std::vector<std::string> found;
  for (const PortInfo& port : list_ports(options.sys)) {
    if (port.vid != board.uart.vid || port.pid != board.uart.pid) continue;
    if (port.interface != board.uart.interface || of_other_kind(port.serial, board)) continue;
    if (same_chip && !serial_number.empty() && port.serial != serial_number) continue;
    found.push_back(port.path);
  }
  if (found.size() > 1) {
    throw PortError(fmt::format("flashed, but {} ports could be the UART of the {}: {}",
                                found.size(), board.title, joined(found)),
                    fmt::format("ncx info --port {}", found.front()));
  }
  if (found.empty()) return std::nullopt;
  return found.front();
}

struct Answer {
  std::string port;
  Description description;
};

/// Asks until the board answers.
Answer wait_for_board(const Options& options, const Board& board, const std::string& serial_number,
                      const StopSignal& stop) {
  const auto until = Clock::now() + in_ms(options.wait_s);
  std::string port, why, hint;
  while (true) {
    if (const auto path = uart_of(options, board, serial_number)) {
      port = *path;
      try {
        LinkOptions link;
        link.attempts = 1;
        Device device(open_serial(port, board.baud), link);
        return {port, describe(device)};
      } catch (const LinkError& error) {
        why = std::string(error.what()).substr(0, std::string(error.what()).find('\n'));
        hint = error.hint();
      }
    }
    if (stop.requested()) {
      throw Interrupted("flashed, but stopped while waiting for the board", "ncx ports");
    }
    if (Clock::now() >= until) break;
    std::this_thread::sleep_for(kRetry);
  }
  if (port.empty()) {
    throw PortError(
        fmt::format("flashed, but no UART of the {} came up in {} s", board.title, options.wait_s),
        board.uart.pid == board.jtag.pid
            ? "ncx ports; then ncx info --port with it"
            : "connect the board's UART connector as well; it is not the one for JTAG");
  }
  throw LinkError(fmt::format("flashed, but in {} s the board did not answer at {} and {} baud: {}",
                              options.wait_s, port, board.baud, why),
                  fmt::format("{}; is the file a bitstream of ours? ncx info --port {}",
                              hint.empty() ? "the board's reset button" : hint, port));
}

int flash(const Options& options, const Context& context) {
  const Board& board = find_board(options.board);
  const std::filesystem::path file = options.file;
  const Bitstream bitstream = read_bitstream(file);
  check_bitstream(bitstream, board, options.file);

  const StopSignal stop;
  const std::string serial_number = choose(options, board);
  const Loader loader(board, serial_number, in_ms(options.timeout_s), stop);
  tell(fmt::format("flash: {} of {} {} for {}, into the {} of the {}{}\n", bitstream.design,
                   bitstream.date, bitstream.time, bitstream.part,
                   options.persist ? "flash" : "FPGA (until power goes)", board.title,
                   serial_number.empty() ? "" : " " + serial_number));
  loader.check_board();
  loader.program(file, options.persist);

  nlohmann::json object{
      {"board", board.name},        {"file", options.file},           {"design", bitstream.design},
      {"part", bitstream.part},     {"date", bitstream.date},         {"time", bitstream.time},
      {"persist", options.persist}, {"serial_number", serial_number}, {"baud", board.baud}};
  if (options.no_wait) {
    print(context, fmt::format("flashed {} into the {}", bitstream.design, board.title), object);
    return kOk;
  }
  // Loaded from the flash only once the FPGA is told to: the loader does that when it is done.
  const Answer answer = wait_for_board(options, board, serial_number, stop);
  object["port"] = answer.port;
  object["info"] = answer.description.object;
  print(context, fmt::format("{:<16} {}\n{}", "port", answer.port, answer.description.text),
        object);
  tell(fmt::format("flash: done (try: ncx selftest --port {})\n", answer.port));
  return kOk;
}

}  // namespace

void add_flash(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  std::string names;
  for (const Board& board : kBoards) names += fmt::format(" {}", board.name);
  CLI::App* command = app.add_subcommand("flash", "load a bitstream into a board");
  command->add_option("file", options->file, "the .bit file")->required();
  command->add_option("--board", options->board, "one of" + names)->required();
  command->add_flag("--persist", options->persist,
                    "into the flash, so that the board has it after power-up (slow)");
  command->add_option("--serial-number", options->serial_number,
                      "USB serial number, when several boards are connected");
  command->add_flag("--no-wait", options->no_wait, "do not wait for the board to answer");
  command->add_option("--port", options->port, "where to wait for it; else found by its USB ids");
  command->add_option("--wait", options->wait_s, "seconds to wait for the board's answer")
      ->capture_default_str()
      ->check(number_in(0.0, 3600.0));
  command->add_option("--timeout", options->timeout_s, "seconds that openFPGALoader may take")
      ->capture_default_str()
      ->check(number_in(0.1, 36000.0));
  command->add_option("--sys", options->sys, "for tests: in place of /sys")->group("");
  command->callback([options, &context] {
    context.action = [options, &context] { return flash(*options, context); };
  });
}

}  // namespace ncx::cli
