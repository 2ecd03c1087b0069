// SPDX-License-Identifier: BSD-3-Clause
// Serves a device on a pseudo-terminal until a byte or the end of stdin: a board for tests of the
// command line that need one but not its RTL. Prints the terminal's path.
//   ncx_virtual_port CONFIG [baud N] [unplug-after BYTES] [slow BYTES_A_SECOND] [stuck WORD]
//                    [garbage] [link PATH]
#include <fmt/format.h>
#include <poll.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "ncx/error.hpp"
#include "ncx/geometry.hpp"
#include "ncx/model.hpp"
#include "ncx/virtual_device.hpp"

namespace {

/// What may be wrong with it.
struct Flaws {
  std::uint32_t baud = 0;          ///< hears nothing at another rate; 0: at any
  std::uint64_t unplug_after = 0;  ///< bytes from the host, then the terminal is gone; 0: never
  std::uint64_t slow = 0;          ///< bytes a second that it takes; 0: as fast as they come
  std::int64_t stuck = -1;         ///< this word of a synapse memory reads bit 0 as 1
  /// A name for the terminal that goes when it is unplugged: its own may soon be another's.
  std::filesystem::path link;
  bool garbage = false;  ///< it is something else, and talks
};

/// The model with a damaged memory.
class Stuck final : public ncx::Backend {
 public:
  Stuck(ncx::Backend& inner, std::int64_t word) : inner_(inner), word_(word) {}
  [[nodiscard]] const ncx::Geometry& geometry() const override { return inner_.geometry(); }
  [[nodiscard]] std::string description() const override { return "stuck"; }
  [[nodiscard]] std::vector<std::uint64_t> read(ncx::Region region, std::uint64_t address,
                                                std::size_t count) override {
    auto words = inner_.read(region, address, count);
    const std::int64_t at = word_ - static_cast<std::int64_t>(address);
    if (region == ncx::Region::kSynapse && at >= 0 && at < static_cast<std::int64_t>(count)) {
      words[static_cast<std::size_t>(at)] |= 1;
    }
    return words;
  }
  void write(ncx::Region region, std::uint64_t address,
             std::span<const std::uint64_t> words) override {
    inner_.write(region, address, words);
  }
  void reset(std::uint32_t mask) override { inner_.reset(mask); }
  ncx::RunResult run(const ncx::RunRequest& request) override { return inner_.run(request); }

 private:
  ncx::Backend& inner_;
  std::int64_t word_;
};

class Terminal final : public ncx::Transport {
 public:
  explicit Terminal(const Flaws& flaws) : flaws_(flaws) {
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
    const std::size_t most = flaws_.slow == 0 ? out.size() : std::min<std::size_t>(64, out.size());
    const ssize_t count = ::read(far_, out.data(), most);
    if (count < 0) throw ncx::LinkError("the terminal is closed", "");
    taken_ += static_cast<std::uint64_t>(count);
    if (flaws_.unplug_after != 0 && taken_ >= flaws_.unplug_after) {
      std::filesystem::remove(flaws_.link);
      throw ncx::LinkError("unplugged", "");
    }
    if (flaws_.slow != 0) {
      std::this_thread::sleep_for(
          std::chrono::microseconds(static_cast<std::uint64_t>(count) * 1'000'000 / flaws_.slow));
    }
    if (flaws_.garbage) write(std::vector<std::uint8_t>(64, 0xA5));
    return flaws_.garbage || !right_rate() ? 0 : static_cast<std::size_t>(count);
  }
  [[nodiscard]] std::string description() const override { return "terminal"; }
  [[nodiscard]] std::string path() const { return ::ttyname(near_); }

 private:
  /// The client's setting is the near end's.
  [[nodiscard]] bool right_rate() const {
    termios settings{};
    ::tcgetattr(near_, &settings);
    const speed_t speed = ::cfgetospeed(&settings);
    return flaws_.baud == 0 || (flaws_.baud == 4'000'000 && speed == B4000000) ||
           (flaws_.baud == 3'000'000 && speed == B3000000) ||
           (flaws_.baud == 1'000'000 && speed == B1000000) ||
           (flaws_.baud == 115'200 && speed == B115200);
  }

  Flaws flaws_;
  std::uint64_t taken_ = 0;
  int far_ = -1, near_ = -1;
};

int serve(const std::string& configuration, const Flaws& flaws) {
  ncx::Model model(ncx::Geometry::named(configuration));
  Stuck stuck(model, flaws.stuck);
  ncx::Backend& backend = flaws.stuck < 0 ? static_cast<ncx::Backend&>(model) : stuck;
  ncx::VirtualDevice device(backend, 77);
  Terminal terminal(flaws);
  if (!flaws.link.empty()) std::filesystem::create_symlink(terminal.path(), flaws.link);
  fmt::print("{}\n", flaws.link.empty() ? terminal.path() : flaws.link.string());
  std::fflush(stdout);
  const auto go_on = [] {
    pollfd poller{STDIN_FILENO, POLLIN, 0};
    return ::poll(&poller, 1, 0) == 0;
  };
  try {
    ncx::serve(device, terminal, go_on);
  } catch (const ncx::LinkError&) {
    if (flaws.unplug_after == 0) throw;
  }
  return 0;
}

Flaws parse(std::span<char*> words) {
  Flaws flaws;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string word = words[i];
    if (word == "garbage") {
      flaws.garbage = true;
      continue;
    }
    if (word == "link") {
      flaws.link = words[++i];
      continue;
    }
    const std::uint64_t value = std::stoull(words[++i]);
    if (word == "baud") flaws.baud = static_cast<std::uint32_t>(value);
    if (word == "unplug-after") flaws.unplug_after = value;
    if (word == "slow") flaws.slow = value;
    if (word == "stuck") flaws.stuck = static_cast<std::int64_t>(value);
  }
  return flaws;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::span<char*> words(argv, static_cast<std::size_t>(argc));
    return serve(words[1], parse(words.subspan(2)));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
