// SPDX-License-Identifier: BSD-3-Clause
// libedit, which is BSD-licensed as we are, behind a class.
#include "line_editor.hpp"

#include <fmt/format.h>
#include <histedit.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <utility>

namespace ncx::cli {
namespace {

constexpr int kHistory = 500;

std::string_view last_word(std::string_view line) {
  const auto space = line.find_last_of(' ');
  return space == std::string_view::npos ? line : line.substr(space + 1);
}

}  // namespace

std::string completion_of(std::string_view word, const std::vector<std::string>& words) {
  if (words.empty()) return {};
  std::string common = words.front();
  for (const std::string& other : words) {
    const auto [end, ignored] =
        std::mismatch(common.begin(), common.end(), other.begin(), other.end());
    common.erase(end, common.end());
  }
  if (words.size() == 1) common += ' ';
  return common.size() > word.size() ? common.substr(word.size()) : std::string();
}

struct LineEditor::Impl {
  Impl(std::string text, Completer completer)
      : prompt(std::move(text)),
        complete(std::move(completer)),
        edit(::el_init("ncx", stdin, stdout, stderr)),
        history(::history_init()) {
    HistEvent event{};
    ::history(history, &event, H_SETSIZE, kHistory);
    ::history(history, &event, H_SETUNIQUE, 1);
    ::el_set(edit, EL_CLIENTDATA, this);
    ::el_set(edit, EL_PROMPT, &Impl::prompt_of);
    ::el_set(edit, EL_EDITOR, "emacs");
    ::el_set(edit, EL_SIGNAL, 1);  // the terminal is put back before a signal ends the program
    ::el_set(edit, EL_HIST, &::history, history);
    ::el_set(edit, EL_ADDFN, "ncx-complete", "complete the word", &Impl::on_complete);
    ::el_set(edit, EL_BIND, "^I", "ncx-complete", nullptr);
    // Ctrl-C gives the line up. As a signal it would end the program, so the terminal must not
    // make one of it while a line is edited.
    ::el_set(edit, EL_SETTY, "-d", "-isig", nullptr);
    ::el_set(edit, EL_ADDFN, "ncx-give-up", "give the line up", &Impl::on_give_up);
    ::el_set(edit, EL_BIND, "^C", "ncx-give-up", nullptr);
    ::el_set(edit, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  }
  ~Impl() {
    ::el_end(edit);
    ::history_end(history);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  static Impl& of(EditLine* edit) {
    void* data = nullptr;
    ::el_get(edit, EL_CLIENTDATA, &data);
    return *static_cast<Impl*>(data);
  }
  static char* prompt_of(EditLine* edit) { return of(edit).prompt.data(); }
  static unsigned char on_give_up(EditLine* edit, int /*key*/) {
    of(edit).given_up = true;
    return CC_EOF;
  }
  static unsigned char on_complete(EditLine* edit, int /*key*/) {
    const LineInfo* line = ::el_line(edit);
    const std::string_view before(line->buffer,
                                  static_cast<std::size_t>(line->cursor - line->buffer));
    const std::vector<std::string> words = of(edit).complete(before);
    const std::string more = completion_of(last_word(before), words);
    if (!more.empty()) return ::el_insertstr(edit, more.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
    if (words.size() < 2) return CC_REFRESH_BEEP;
    std::string list;
    for (const std::string& word : words) list += (list.empty() ? "" : "  ") + word;
    fmt::print("\n{}\n", list);
    std::fflush(stdout);
    return CC_REDISPLAY;
  }

  std::string prompt;
  Completer complete;
  EditLine* edit;
  History* history;
  bool given_up = false;
};

LineEditor::LineEditor(std::string prompt, Completer completer) {
  if (::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1) {
    impl_ = std::make_unique<Impl>(std::move(prompt), std::move(completer));
  }
}

LineEditor::~LineEditor() = default;

std::optional<std::string> LineEditor::read() {
  std::string line;
  if (!impl_) {
    if (!std::getline(std::cin, line)) return std::nullopt;
    return line;
  }
  int count = 0;
  impl_->given_up = false;
  const char* text = ::el_gets(impl_->edit, &count);
  if (impl_->given_up) {
    ::el_reset(impl_->edit);
    fmt::print("^C\n");
    std::fflush(stdout);
    return std::string();
  }
  if (text == nullptr || count <= 0) {
    fmt::print("\n");
    return std::nullopt;
  }
  line.assign(text, static_cast<std::size_t>(count));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  if (line.find_first_not_of(' ') != std::string::npos) {
    HistEvent event{};
    ::history(impl_->history, &event, H_ENTER, line.c_str());
  }
  return line;
}

}  // namespace ncx::cli
