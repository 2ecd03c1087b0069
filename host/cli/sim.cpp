// SPDX-License-Identifier: BSD-3-Clause
// `ncx sim`: a virtual board on a pseudo-terminal.
#include <fmt/format.h>

#include <cmath>
#include <cstdio>

#include "command.hpp"
#include "ncx/virtual_board.hpp"

namespace ncx::cli {
namespace {

struct Options {
  VirtualBoardOptions board;
  std::string engine = "rtl";
  double idle_seconds = 0;
  bool leds = false;
};

std::string name_of(const VirtualBoardOptions& board) {
  return board.board.empty() ? board.configuration : board.board;
}

/// One line at a time, also as JSON: a program can follow them.
void say(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

int sim(Options& options, const Context& context) {
  const StopSignal stop;
  VirtualBoardOptions& board = options.board;
  if (!board.configuration.empty()) board.board.clear();
  board.engine = options.engine == "tlm" ? SimEngine::kTlm : SimEngine::kRtl;
  board.wake_fd = stop.fd();
  // Up, since 0 is never.
  board.exit_when_idle =
      std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(options.idle_seconds * 1000)));
  board.on_ready = [&](const std::string& terminal) {
    const std::string path = board.link.empty() ? terminal : board.link;
    if (context.json) {
      const nlohmann::json ready{
          {"ready", path}, {"terminal", terminal}, {"board", name_of(board)}};
      say(as_text(ready));
    } else {
      say(fmt::format("ready: {} on {} (try: ncx info --port {})", name_of(board), path, path));
    }
  };
  if (options.leds) {
    board.on_leds = [&](const BoardLeds& leds) {
      if (context.json) {
        const nlohmann::json change{{"clocks", leds.clocks},
                                    {"alive", leds.alive},
                                    {"link", leds.link},
                                    {"spike", leds.spike},
                                    {"error", leds.error}};
        say(nlohmann::json{{"leds", change}}.dump());
      } else {
        const auto shown = [](bool on, const char* name) { return on ? name : "-"; };
        say(fmt::format("LEDs at clock {:>12}: {:5} {:4} {:5} {:5}", leds.clocks,
                        shown(leds.alive, "alive"), shown(leds.link, "link"),
                        shown(leds.spike, "spike"), shown(leds.error, "error")));
      }
    };
  }
  const VirtualBoardReport report = serve_virtual_board(board);
  if (context.json) {
    const nlohmann::json object{{"clocks", report.clocks},
                                {"bytes_to_board", report.bytes_to_board},
                                {"bytes_from_board", report.bytes_from_board},
                                {"line_errors", report.line_errors},
                                {"bytes_dropped", report.bytes_dropped},
                                {"led_changes", report.led_changes}};
    say(as_text(object));
  } else {
    say(
        fmt::format("stopped: {} cycles, {} bytes in, {} bytes out, {} line errors, {} bytes "
                    "nobody read, LEDs changed {} times",
                    report.clocks, report.bytes_to_board, report.bytes_from_board,
                    report.line_errors, report.bytes_dropped, report.led_changes));
  }
  return kOk;
}

}  // namespace

void add_sim(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("sim", "serve a virtual board on a pseudo-terminal");
  command->add_option("--link", options->board.link, "path by which other programs open it")
      ->required();
  CLI::Option* board =
      command->add_option("--board", options->board.board, "board, of docs/boards.md")
          ->capture_default_str();
  command->add_option("--config", options->board.configuration, "a named build without a board")
      ->excludes(board);
  command
      ->add_option("--engine", options->engine,
                   "rtl: the hardware description, cycle by cycle; tlm: the model behind a TLM-2.0 "
                   "socket, faster, with approximate times")
      ->check(CLI::IsMember({"rtl", "tlm"}))
      ->capture_default_str();
  command->add_flag("--leds", options->leds, "print the LEDs whenever they change");
  command->add_option("--baud", options->board.baud,
                      "rate of the outside end of the line; 0: the build's own");
  command
      ->add_option("--exit-when-idle", options->idle_seconds,
                   "return after so many seconds without traffic; 0: never")
      ->check(number_in(0.0, 1e6));
  command->callback([options, &context] {
    context.action = [options, &context] { return sim(*options, context); };
  });
}

}  // namespace ncx::cli
