// SPDX-License-Identifier: BSD-3-Clause
// Runs another program and listens to what it says.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "command.hpp"

namespace ncx::cli {

/// A program on PATH.
[[nodiscard]] std::optional<std::filesystem::path> find_program(const std::string& name);

struct ProcessResult {
  int code = 0;        ///< exit code; 128 + signal when a signal ended it
  std::string output;  ///< stdout and stderr as they came
  bool timed_out = false, stopped = false;
};

/// Output goes to stderr as it comes when `echo` is set. The program believes to be at a terminal
/// when we are, so that it shows its progress. It is ended when `stop` is requested or after
/// `timeout`. Throws Error when it cannot be started.
[[nodiscard]] ProcessResult run_process(const std::filesystem::path& program,
                                        const std::vector<std::string>& arguments, bool echo,
                                        std::chrono::milliseconds timeout, const StopSignal& stop);

/// Without the escape sequences of a terminal; carriage returns become new lines.
[[nodiscard]] std::string plain_text(const std::string& text);

}  // namespace ncx::cli
