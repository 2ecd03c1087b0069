// SPDX-License-Identifier: BSD-3-Clause
// `ncx sim`: a virtual board, the RTL down to its UART pins, on a pseudo-terminal.
#include <fmt/format.h>

#include <cstdio>

#include "command.hpp"
#include "ncx/virtual_board.hpp"

namespace ncx::cli {
namespace {

struct Options {
  VirtualBoardOptions board;
  double idle_seconds = 0;
};

int sim(Options& options, const Context& context) {
  const StopSignal stop;
  options.board.wake_fd = stop.fd();
  options.board.exit_when_idle =
      std::chrono::milliseconds(static_cast<std::int64_t>(options.idle_seconds * 1000));
  const VirtualBoardReport report =
      serve_virtual_board(options.board, [&](const std::string& terminal) {
        const std::string path = options.board.link.empty() ? terminal : options.board.link;
        if (context.json) {
          const nlohmann::json ready{
              {"ready", path}, {"terminal", terminal}, {"config", options.board.configuration}};
          fmt::print("{}\n", ready.dump());
        } else {
          fmt::print("ready: {} on {} (try: ncx info --port {})\n", options.board.configuration,
                     path, path);
        }
        std::fflush(stdout);
      });
  print(context,
        fmt::format("stopped: {} cycles, {} bytes in, {} bytes out, {} line errors, {} bytes "
                    "nobody read",
                    report.clocks, report.bytes_to_board, report.bytes_from_board,
                    report.line_errors, report.bytes_dropped),
        {{"clocks", report.clocks},
         {"bytes_to_board", report.bytes_to_board},
         {"bytes_from_board", report.bytes_from_board},
         {"line_errors", report.line_errors},
         {"bytes_dropped", report.bytes_dropped}});
  return kOk;
}

}  // namespace

void add_sim(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("sim", "serve a virtual board on a pseudo-terminal");
  command->add_option("--link", options->board.link, "path by which other programs open it")
      ->required();
  command->add_option("--config", options->board.configuration, "named build")
      ->capture_default_str();
  command->add_option("--baud", options->board.baud,
                      "rate of the outside end of the line; 0: the build's own");
  command->add_option("--exit-when-idle", options->idle_seconds,
                      "return after so many seconds without traffic; 0: never");
  command->callback([options, &context] {
    context.action = [options, &context] { return sim(*options, context); };
  });
}

}  // namespace ncx::cli
