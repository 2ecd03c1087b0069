// SPDX-License-Identifier: BSD-3-Clause
// Serves a device on a pseudo-terminal until a byte or the end of stdin: a board for tests of the
// command line that need one but not its RTL. Prints the terminal's path.
#include <fmt/format.h>
#include <poll.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string>

#include "ncx/error.hpp"
#include "ncx/geometry.hpp"
#include "ncx/model.hpp"
#include "ncx/virtual_device.hpp"

namespace {

class Terminal final : public ncx::Transport {
 public:
  Terminal() {
    // The near end stays open and raw, or the far end would be hung up between two clients.
    if (::openpty(&far_, &near_, nullptr, nullptr, nullptr) != 0) {
      throw ncx::PortError("no pseudo-terminal", "");
    }
    termios settings{};
    ::tcgetattr(near_, &settings);
    ::cfmakeraw(&settings);
    ::tcsetattr(near_, TCSANOW, &settings);
  }
  ~Terminal() override {
    ::close(far_);
    ::close(near_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void write(std::span<const std::uint8_t> bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::write(far_, bytes.data(), bytes.size());
      if (count <= 0) throw ncx::LinkError("the terminal is closed", "");
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
  }
  std::size_t read(std::span<std::uint8_t> out, std::chrono::milliseconds timeout) override {
    pollfd poller{far_, POLLIN, 0};
    if (::poll(&poller, 1, static_cast<int>(timeout.count())) <= 0) return 0;
    const ssize_t count = ::read(far_, out.data(), out.size());
    if (count < 0) throw ncx::LinkError("the terminal is closed", "");
    return static_cast<std::size_t>(count);
  }
  [[nodiscard]] std::string description() const override { return "terminal"; }
  [[nodiscard]] std::string path() const { return ::ttyname(near_); }

 private:
  int far_ = -1, near_ = -1;
};

int serve(const std::string& configuration) {
  ncx::Model model(ncx::Geometry::named(configuration));
  ncx::VirtualDevice device(model, 77);
  Terminal terminal;
  fmt::print("{}\n", terminal.path());
  std::fflush(stdout);
  ncx::serve(device, terminal, [] {
    pollfd poller{STDIN_FILENO, POLLIN, 0};
    return ::poll(&poller, 1, 0) == 0;
  });
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return serve(argc > 1 ? argv[1] : "cmod_a7");
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
