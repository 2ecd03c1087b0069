// SPDX-License-Identifier: BSD-3-Clause
// `ncx console`: commands to a device, typed or from a pipe.
#include <fmt/format.h>

#include <cstdio>

#include "command.hpp"
#include "console_session.hpp"
#include "line_editor.hpp"

namespace ncx::cli {
namespace {

struct Options {
  BackendOptions backend;
  std::string configuration = "cmod_a7";
};

/// Every line is carried out, whatever became of those before it. The exit code is that of the
/// first that failed; somebody who types has seen it, and leaves with success.
int console(const Options& options, const Context& context) {
  ConsoleSession session(options.backend, options.configuration, context);
  LineEditor editor("ncx> ", [&](std::string_view line) { return session.words_for(line); });
  if (editor.interactive()) tell("Tab completes; `help`; Ctrl-D leaves\n");
  int code = kOk;
  bool stay = true;
  while (stay) {
    const auto line = editor.read();
    if (!line) break;
    const int outcome = report_errors(context, [&] {
      stay = session.execute(*line);
      return int{kOk};
    });
    std::fflush(stdout);
    if (code == kOk) code = outcome;
    if (outcome == kInterrupted && !editor.interactive()) return kInterrupted;
  }
  return editor.interactive() ? int{kOk} : code;
}

}  // namespace

void add_console(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("console", "a prompt for commands to a device; reads a pipe as well");
  command->add_option("--config", options->configuration, "named build, for model and rtl")
      ->capture_default_str();
  options->backend.add_to(*command);
  command->callback([options, &context] {
    context.action = [options, &context] { return console(*options, context); };
  });
}

}  // namespace ncx::cli
