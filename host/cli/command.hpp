// SPDX-License-Identifier: BSD-3-Clause
// What the subcommands of `ncx` share. Results go to stdout, everything else to stderr.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "ncx/backend.hpp"
#include "ncx/device.hpp"
#include "ncx/geometry.hpp"

namespace ncx::cli {

enum ExitCode : int {
  kOk = 0,
  kCheckFailed = 1,
  kUsage = 2,
  kNoBoard = 3,
  kLinkLost = 4,
  kInterrupted = 130,  // as a shell reports Ctrl-C
};

/// One parsed command line.
struct Context {
  bool json = false;
  std::function<int()> action;  ///< set by the subcommand that was named
  /// With --json, what a command found out before it failed: goes into the error's object, since a
  /// result is one JSON document.
  nlohmann::json partial = nlohmann::json::object();
};

void add_info(CLI::App& app, Context& context);
void add_compile(CLI::App& app, Context& context);
void add_run(CLI::App& app, Context& context);
void add_weights(CLI::App& app, Context& context);
void add_sim(CLI::App& app, Context& context);
void add_ports(CLI::App& app, Context& context);
void add_flash(CLI::App& app, Context& context);
void add_selftest(CLI::App& app, Context& context);
void add_bench(CLI::App& app, Context& context);
void add_monitor(CLI::App& app, Context& context);
void add_console(CLI::App& app, Context& context);

/// Calls `action`; what it throws is reported, "error: ..." and "  try: ..." on stderr (with --json
/// as an object on stdout too), and becomes the exit code.
int report_errors(const Context& context, const std::function<int()>& action);

/// Parses, runs, reports errors; returns the process's exit code.
int run_command_line(int argc, const char* const* argv);

/// For an option's check(): also refuses "nan", which is in every range for CLI::Range.
[[nodiscard]] CLI::Validator number_in(double least, double most);

/// For the check() of a file that cannot be "-".
[[nodiscard]] std::string no_stream(const std::string& value);

/// Turns SIGINT and SIGTERM into something to ask for while it lives, so that every command ends
/// cleanly.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  [[nodiscard]] bool requested() const;
  /// Waits until a signal comes; false when `time` has passed.
  [[nodiscard]] bool wait(std::chrono::milliseconds time) const;
  /// The signal has been dealt with: it is forgotten.
  void acknowledge();
  /// Readable once a signal has come.
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

/// Where a command finds its device.
struct BackendOptions {
  std::string backend, port, wave, sys = "/sys";
  std::uint32_t baud = 0;
  std::uint32_t timeout_ms = 0;
  bool trace = false;

  void add_to(CLI::App& command);
  /// What was asked for, as open_backend() names it; `fallback` if nothing was.
  [[nodiscard]] std::string spec(const std::string& fallback) const;
  /// What --trace and --timeout say.
  [[nodiscard]] LinkOptions link_options() const;
  /// Opens it; `geometry` is the build that a model or simulation has. `stop` and `tap` are those
  /// of LinkOptions.
  [[nodiscard]] std::unique_ptr<Backend> open(const Geometry& geometry, const std::string& fallback,
                                              const decltype(LinkOptions::stop)& stop = {},
                                              const decltype(LinkOptions::tap)& tap = {}) const;
};

/// What `ncx info` says of a backend.
struct Description {
  std::string text;
  nlohmann::json object;
};
[[nodiscard]] Description describe(Backend& backend);

/// Reports the text or, with --json, the object.
void print(const Context& context, const std::string& text, const nlohmann::json& object);

/// To stderr. That it is full or closed is no reason to fail.
void tell(std::string_view text);

/// Whether a result goes to stdout as a table ("-"), where nothing else may go then: throws
/// InputError with --json, or if two do.
[[nodiscard]] bool takes_stdout(const Context& context, const std::vector<std::string>& outputs);

/// JSON with what is no UTF-8 (names of files, damaged input) replaced, not refused.
[[nodiscard]] std::string as_text(const nlohmann::json& object, int indent = -1);

/// A bar on stderr while it is a terminal; silent otherwise.
class Progress {
 public:
  Progress(std::string label, std::uint64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void update(std::uint64_t done);
  /// Takes the bar away, so that a line can be printed; the next update brings it back.
  void clear();

 private:
  std::string label_;
  std::uint64_t total_;
  bool shown_;
  int percent_ = -1;
};

}  // namespace ncx::cli
