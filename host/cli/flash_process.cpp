// SPDX-License-Identifier: BSD-3-Clause
// A child process behind a pipe, or behind a pseudo-terminal when there is someone to watch.
#include "flash_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pty.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>

#include "ncx/error.hpp"

namespace ncx::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kLook{50};         // between two looks at whether the program has ended
constexpr milliseconds kPatience{2'000};  // from being asked to end to being made to
constexpr std::size_t kKept = std::size_t{1} << 20;
constexpr int kSignalled = 128;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  void set(int fd) {
    close();
    fd_ = fd;
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

/// Our end and the child's.
void open_line(bool terminal, Descriptor& ours, Descriptor& childs) {
  std::array<int, 2> ends{-1, -1};
  const bool opened = terminal ? ::openpty(ends.data(), &ends[1], nullptr, nullptr, nullptr) == 0
                               : ::pipe2(ends.data(), O_CLOEXEC) == 0;
  if (!opened) {
    throw Error(fmt::format("no pipe to another program: {}", std::strerror(errno)), "again");
  }
  ours.set(ends[0]);
  childs.set(ends[1]);
  if (terminal) {
    ::fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    ::fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  }
}

class Child {
 public:
  Child(const std::filesystem::path& program, const std::vector<std::string>& arguments,
        const Descriptor& output) {
    std::vector<std::string> words{program.string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, output.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output.get(), STDERR_FILENO);
    // We hold signals back to ask for them; the program shall get its own.
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    const int error =
        ::posix_spawn(&pid_, program.c_str(), &actions, &attributes, argv.data(), environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
      throw Error(fmt::format("cannot start {}: {}", program.string(), std::strerror(error)),
                  fmt::format("{} --help", program.string()));
    }
  }
  ~Child() {
    if (!ended_) end();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] bool ended() {
    if (ended_) return true;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
    ended_ = true;
    return true;
  }
  /// Asks it to end, then makes it.
  void end() {
    ::kill(pid_, SIGTERM);
    const auto until = Clock::now() + kPatience;
    while (!ended() && Clock::now() < until) std::this_thread::sleep_for(milliseconds(10));
    if (ended_) return;
    ::kill(pid_, SIGKILL);
    while (!ended()) std::this_thread::sleep_for(milliseconds(10));
  }
  [[nodiscard]] int code() const { return code_; }

 private:
  pid_t pid_ = -1;
  int code_ = 0;
  bool ended_ = false;
};

void show(const char* bytes, std::size_t count) {
  std::fwrite(bytes, 1, count, stderr);
  std::fflush(stderr);
}

}  // namespace

std::optional<std::filesystem::path> find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(':'), rest.size());
    // An empty entry means the current folder: nothing that we would want to run.
    const std::filesystem::path candidate =
        end == 0 ? std::filesystem::path() : std::filesystem::path(rest.substr(0, end)) / name;
    std::error_code error;
    if (std::filesystem::is_regular_file(candidate, error) &&
        ::access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::nullopt;
}

ProcessResult run_process(const std::filesystem::path& program,
                          const std::vector<std::string>& arguments, bool echo,
                          milliseconds timeout, const StopSignal& stop) {
  Descriptor ours, childs;
  open_line(echo && ::isatty(STDERR_FILENO) == 1, ours, childs);
  Child child(program, arguments, childs);
  childs.close();

  ProcessResult result;
  const auto until = Clock::now() + timeout;
  std::array<char, 4096> buffer{};
  bool open = true;
  while (true) {
    std::array<pollfd, 2> fds{pollfd{open ? ours.get() : -1, POLLIN, 0},
                              pollfd{stop.fd(), POLLIN, 0}};
    ::poll(fds.data(), fds.size(), static_cast<int>(kLook.count()));
    if (fds[0].revents != 0) {
      const ssize_t count = ::read(ours.get(), buffer.data(), buffer.size());
      if (count > 0) {
        const auto bytes = static_cast<std::size_t>(count);
        if (echo) show(buffer.data(), bytes);
        if (result.output.size() < kKept) result.output.append(buffer.data(), bytes);
        if (Clock::now() < until && (fds[1].revents & POLLIN) == 0) continue;
      } else if (count == 0 || errno != EINTR) {
        open = false;  // closed; a pseudo-terminal says EIO
      }
    }
    result.stopped = (fds[1].revents & POLLIN) != 0;
    result.timed_out = Clock::now() >= until;
    // What a program leaves behind may hold the line open: its own end is enough.
    if (child.ended() && fds[0].revents == 0) break;
    if (result.stopped || result.timed_out) {
      child.end();
      break;
    }
    if (!open) std::this_thread::sleep_for(milliseconds(5));
  }
  if (child.ended()) result.code = child.code();
  return result;
}

std::string plain_text(const std::string& text) {
  std::string plain;
  bool escape = false;
  for (const char c : text) {
    if (c == '\033') {
      escape = true;
    } else if (escape) {
      // "ESC [ numbers letter"
      escape = c == '[' || c == ';' || (c >= '0' && c <= '9');
    } else {
      plain.push_back(c == '\r' ? '\n' : c);
    }
  }
  return plain;
}

}  // namespace ncx::cli
