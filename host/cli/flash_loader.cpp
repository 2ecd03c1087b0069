// SPDX-License-Identifier: BSD-3-Clause
// openFPGALoader ends with 1 whatever went wrong, and now and then with 0 when something did: what
// happened is in its words. Those of version 0.10 (Debian 12) and of the versions since.
#include "flash_loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "ncx/error.hpp"

namespace ncx::cli {
namespace {

constexpr const char* kProgram = "openFPGALoader";
constexpr std::chrono::milliseconds kDetect{30'000};  // takes about one second
constexpr std::uint32_t kVersionMask = 0x0FFFFFFF;

enum class Kind { kInput, kPort, kLink };

/// Words of the loader, what they mean, and what to try. {0}: the board's title, {1}: its name.
struct Meaning {
  const char* words;
  Kind kind;
  const char* what;
  const char* hint;
};

constexpr const char* kPower =
    "switch the board on and check its power jumper; then ncx flash once more";

// The first that fits counts, so the more telling ones come first.
constexpr std::array<Meaning, 22> kMeanings{{
    {"cannot find board", Kind::kInput, "this openFPGALoader does not know the {0}",
     "openFPGALoader 0.10 or newer"},
    {"Error parsing options", Kind::kInput, "this openFPGALoader does not know one of our options",
     "openFPGALoader 0.10 or newer"},
    {"-3 (", Kind::kPort, "no {0} on USB",
     "connect the board's USB for programming, look for 0403:6010 in `lsusb`, and ncx ports"},
    {"device not found", Kind::kPort, "no {0} on USB",
     "connect the board's USB for programming, look for 0403:6010 in `lsusb`, and ncx ports"},
    {"No cable found", Kind::kPort, "no {0} on USB",
     "connect the board's USB for programming, look for 0403:6010 in `lsusb`, and ncx ports"},
    {"-5 (", Kind::kPort, "another program holds the USB of the {0}",
     "close Vivado's hardware manager (hw_server) and other loaders"},
    {"unable to claim", Kind::kPort, "another program holds the USB of the {0}",
     "close Vivado's hardware manager (hw_server) and other loaders"},
    {"LIBUSB_ERROR_BUSY", Kind::kPort, "another program holds the USB of the {0}",
     "close Vivado's hardware manager (hw_server) and other loaders"},
    {"-4 (", Kind::kPort, "no permission to use the USB of the {0}",
     "tools/install_udev.sh, then plug the board in again"},
    {"-8 (", Kind::kPort, "no permission to use the USB of the {0}",
     "tools/install_udev.sh, then plug the board in again"},
    {"usb_open() failed", Kind::kPort, "no permission to use the USB of the {0}",
     "tools/install_udev.sh, then plug the board in again"},
    {"LIBUSB_ERROR_ACCESS", Kind::kPort, "no permission to use the USB of the {0}",
     "tools/install_udev.sh, then plug the board in again"},
    {"Permission denied", Kind::kPort, "no permission to use the USB of the {0}",
     "tools/install_udev.sh, then plug the board in again"},
    {"no device found", Kind::kPort, "the USB of the {0} answers, but its FPGA does not", kPower},
    {"found 0 devices", Kind::kPort, "the USB of the {0} answers, but its FPGA does not", kPower},
    {"more than one FPGA", Kind::kInput, "there is more than one FPGA behind this cable",
     "a {0} alone on its cable"},
    {"Unknown device with IDCODE", Kind::kInput,
     "the FPGA behind this cable is none that openFPGALoader knows", "--board with what it is"},
    {"block protection is set", Kind::kInput, "the flash of the {0} is write protected",
     "openFPGALoader -b {1} --unprotect-flash -f FILE.bit"},
    {"Verification failed", Kind::kLink, "the flash of the {0} does not hold what was written",
     "once more, and another cable or USB port"},
    {"Read ID failed", Kind::kLink, "the flash of the {0} does not answer",
     "once more; then without --persist, to see whether the FPGA takes it"},
    {"Failed to program FPGA", Kind::kLink, "loading the {0} failed on the way",
     "once more, without a USB hub, and with another cable"},
    {"JTAG init failed", Kind::kPort, "the USB of the {0} does not do JTAG",
     "another USB port without a hub; unplug the board for a moment"},
}};

/// The last lines that say anything, for errors that we have no words for.
std::string tail(const std::string& text) {
  constexpr std::size_t kLines = 3;
  std::vector<std::string> lines{""};
  for (const char c : text) {
    if (c == '\n') {
      if (!lines.back().empty()) lines.emplace_back();
    } else {
      lines.back().push_back(c);
    }
  }
  if (lines.back().empty()) lines.pop_back();
  std::string result;
  for (std::size_t i = lines.size() - std::min(kLines, lines.size()); i < lines.size(); ++i) {
    result += (result.empty() ? "" : " / ") + lines[i];
  }
  return result.empty() ? "nothing" : result;
}

[[noreturn]] void fail(const Meaning& meaning, const Board& board) {
  const std::string what = fmt::format(fmt::runtime(meaning.what), board.title, board.name);
  const std::string hint = fmt::format(fmt::runtime(meaning.hint), board.title, board.name);
  switch (meaning.kind) {
    case Kind::kInput:
      throw InputError(what, hint);
    case Kind::kPort:
      throw PortError(what, hint);
    default:
      throw LinkError(what, hint);
  }
}

/// "idcode 0x362d093" or "idcode   : 0x362d093".
std::optional<std::uint32_t> idcode_in(const std::string& text) {
  const auto found = text.find("idcode");
  if (found == std::string::npos) return std::nullopt;
  const auto line = text.substr(found, text.find('\n', found) - found);
  const auto hex = line.find("0x");
  if (hex == std::string::npos) return std::nullopt;
  std::uint32_t value = 0;
  const char* begin = line.data() + hex + 2;
  const auto parsed = std::from_chars(begin, line.data() + line.size(), value, 16);
  if (parsed.ptr == begin || parsed.ec != std::errc{}) return std::nullopt;
  return value & kVersionMask;
}

}  // namespace

Loader::Loader(const Board& board, std::string serial_number, std::chrono::milliseconds timeout,
               const StopSignal& stop)
    : board_(board), serial_number_(std::move(serial_number)), timeout_(timeout), stop_(stop) {
  const auto found = find_program(kProgram);
  if (!found) {
    throw InputError(fmt::format("{} is not installed: nothing on PATH has that name", kProgram),
                     "sudo apt install openfpgaloader");
  }
  program_ = *found;
}

ProcessResult Loader::run(std::vector<std::string> arguments, bool echo,
                          std::chrono::milliseconds timeout) const {
  std::vector<std::string> all{"-b", std::string(board_.loader)};
  if (!serial_number_.empty()) {
    all.emplace_back("--ftdi-serial");
    all.push_back(serial_number_);
  }
  all.insert(all.end(), arguments.begin(), arguments.end());
  ProcessResult result = run_process(program_, all, echo, timeout, stop_);
  result.output = plain_text(result.output);
  if (result.stopped) {
    throw Interrupted("flashing was stopped: the FPGA may be empty now", "ncx flash once more");
  }
  if (result.timed_out) {
    throw LinkError(fmt::format("{} was not done after {} s and was ended", kProgram,
                                std::chrono::duration<double>(timeout).count()),
                    "unplug the board for a moment; --timeout with more seconds");
  }
  // A design that did not start, and most troubles with a flash, are no errors to the loader.
  const bool asleep = result.output.find(" done 0") != std::string::npos;
  const bool failed = asleep || result.output.find("\nFail") != std::string::npos ||
                      result.output.find("wait: Error") != std::string::npos;
  if (result.code == 0 && !failed) return result;
  for (const Meaning& meaning : kMeanings) {
    if (result.output.find(meaning.words) != std::string::npos) fail(meaning, board_);
  }
  if (asleep) {
    throw LinkError(fmt::format("the {} took the bitstream but did not start", board_.title),
                    "once more; then build the bitstream again");
  }
  throw LinkError(
      fmt::format("{} ended with {} and said: {}", kProgram, result.code, tail(result.output)),
      fmt::format("openFPGALoader -b {} --detect; docs/boards.md", board_.loader));
}

void Loader::check_board() const {
  const ProcessResult result = run({"--detect"}, false, std::min(timeout_, kDetect));
  const auto idcode = idcode_in(result.output);
  // Some version may say it in other words: then there is nothing to compare.
  if (!idcode || *idcode == (board_.idcode & kVersionMask)) return;
  std::vector<const Board*> others;
  for (const Board& board : kBoards) {
    if ((board.idcode & kVersionMask) == *idcode) others.push_back(&board);
  }
  throw InputError(
      fmt::format("the FPGA behind this cable has IDCODE 0x{:08X}, but a {} has 0x{:08X}: it is "
                  "another board",
                  *idcode, board_.title, board_.idcode),
      others.empty() ? "--serial-number with the board that you mean"
                     : fmt::format("--board {}; or --serial-number with the board that you mean",
                                   names_of(others)));
}

void Loader::program(const std::filesystem::path& file, bool persist) const {
  std::vector<std::string> arguments;
  if (persist) arguments.insert(arguments.end(), {"-f", "--verify"});
  // A file whose name looks like an option.
  arguments.push_back(std::filesystem::absolute(file).string());
  static_cast<void>(run(std::move(arguments), true, timeout_));
}

}  // namespace ncx::cli
