// SPDX-License-Identifier: BSD-3-Clause
// The console's commands, without its input: one line in, output on stdout, or an exception.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command.hpp"
#include "ncx/emulator.hpp"

namespace ncx::cli {

class ConsoleSession {
 public:
  /// Opens the backend, which throws as BackendOptions::open.
  ConsoleSession(const BackendOptions& backend, std::string configuration, const Context& context);

  /// Carries out one line; false when it asked to leave. Ctrl-C ends a command with Interrupted.
  bool execute(std::string_view line);
  /// Words that may end `line`, for completion.
  [[nodiscard]] std::vector<std::string> words_for(std::string_view line) const;

 private:
  using Words = std::vector<std::string>;
  struct Command {
    const char* name;
    const char* arguments;
    const char* help;
    std::size_t least, most;  ///< number of arguments
    void (ConsoleSession::*action)(const Words&);
  };
  [[nodiscard]] static std::span<const Command> commands();
  [[nodiscard]] static const Command& find_command(const std::string& name);

  void open();
  /// What was on the device before the link was lost, if it is still there.
  void take_up_again();
  /// After a load that failed: a refusal before the first write left the device as it was.
  void keep_image();
  [[nodiscard]] Backend& backend() { return emulator_->backend(); }
  [[nodiscard]] const Image& image() const;

  void help(const Words& words);
  void info(const Words& words);
  void counters(const Words& words);
  void regions(const Words& words);
  void peek(const Words& words);
  void poke(const Words& words);
  void load(const Words& words);
  void attach(const Words& words);
  void run(const Words& words);
  void stop(const Words& words);
  void reset(const Words& words);
  void counts(const Words& words);
  void potentials(const Words& words);
  void weights(const Words& words);

  BackendOptions options_;
  std::string configuration_;
  const Context& context_;
  std::optional<Emulator> emulator_;  ///< none after the link was lost
  std::optional<Image> image_;        ///< what load or attach brought
  const StopSignal* stop_ = nullptr;  ///< of the command at work
};

}  // namespace ncx::cli
