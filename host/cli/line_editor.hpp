// SPDX-License-Identifier: BSD-3-Clause
// A line of input: edited with history and completion at a terminal, just read from a pipe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ncx::cli {

class LineEditor {
 public:
  /// Words that may stand where `line` ends; they begin with the line's last word.
  using Completer = std::function<std::vector<std::string>(std::string_view line)>;

  LineEditor(std::string prompt, Completer completer);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  /// Stdin and stdout are a terminal: somebody is typing.
  [[nodiscard]] bool interactive() const { return impl_ != nullptr; }
  /// Without its end; empty after Ctrl-C. Nothing at the end of the input.
  [[nodiscard]] std::optional<std::string> read();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// What can be appended to the last word of a line: the common beginning of `words` beyond `word`,
/// and a space when there is only one.
[[nodiscard]] std::string completion_of(std::string_view word,
                                        const std::vector<std::string>& words);

}  // namespace ncx::cli
