// SPDX-License-Identifier: BSD-3-Clause
// Serves the Verilated ncx_top on a pseudo-terminal. Sleeps while the board has nothing to do.
#include "ncx/virtual_board.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <deque>

#include "ncx/error.hpp"
#include "ncx/geometry.hpp"
#include "pin_instance.hpp"
#include "pseudo_terminal.hpp"

namespace ncx {
namespace {

using Clock = std::chrono::steady_clock;

/// Cycles between two looks at the pseudo-terminal.
constexpr std::uint64_t kSlice = 2'000;
/// A silent board that is not running may still be at a CHECK over its largest memory.
constexpr std::uint64_t kSilence = 4'000'000;
/// Bytes nobody reads are dropped beyond this, as a real port would.
constexpr std::size_t kBacklog = std::size_t{1} << 20;
constexpr std::size_t kAhead = 4096;  // bytes taken from the pseudo-terminal before they are sent

class Server {
 public:
  Server(const VirtualBoardOptions& options, std::unique_ptr<sim::PinInstance> board)
      : options_(options), terminal_(options.link), board_(std::move(board)) {}

  VirtualBoardReport serve(const std::function<void(const std::string&)>& ready) {
    if (ready) ready(terminal_.path());
    Clock::time_point last_traffic = Clock::now();
    while (true) {
      const bool asleep = to_board_.empty() && from_board_.empty() && !board_->running() &&
                          board_->silence() >= kSilence;
      if (wait(asleep, last_traffic)) break;
      const std::size_t before = to_board_.size();
      receive();
      const bool traffic = to_board_.size() != before;
      if (!asleep || traffic) board_->advance(kSlice, to_board_, from_board_);
      if (traffic || !from_board_.empty()) last_traffic = Clock::now();
      deliver();
      if (options_.exit_when_idle.count() > 0 &&
          Clock::now() - last_traffic >= options_.exit_when_idle) {
        break;
      }
    }
    report_.clocks = board_->clocks();
    report_.line_errors = board_->line_errors();
    return report_;
  }

 private:
  /// Sleeps while there is nothing to simulate; true: asked to stop.
  bool wait(bool asleep, Clock::time_point last_traffic) {
    int timeout_ms = asleep ? -1 : 0;
    if (asleep && options_.exit_when_idle.count() > 0) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          last_traffic + options_.exit_when_idle - Clock::now());
      timeout_ms = static_cast<int>(std::clamp<std::int64_t>(left.count() + 1, 0, 60'000));
    }
    std::array<pollfd, 2> fds{pollfd{terminal_.fd(), POLLIN, 0},
                              pollfd{options_.wake_fd, POLLIN, 0}};
    ::poll(fds.data(), fds.size(), timeout_ms);
    return options_.wake_fd >= 0 && (fds[1].revents & POLLIN) != 0;
  }

  void receive() {
    if (to_board_.size() >= kAhead) return;
    const std::size_t count = terminal_.read(buffer_);
    to_board_.insert(to_board_.end(), buffer_.begin(),
                     buffer_.begin() + static_cast<std::ptrdiff_t>(count));
    report_.bytes_to_board += count;
  }

  void deliver() {
    if (from_board_.empty()) return;
    const std::size_t count = terminal_.write(from_board_);
    report_.bytes_from_board += count;
    from_board_.erase(from_board_.begin(),
                      from_board_.begin() + static_cast<std::ptrdiff_t>(count));
    if (from_board_.size() > kBacklog) {
      report_.bytes_dropped += from_board_.size();
      from_board_.clear();
    }
  }

  VirtualBoardOptions options_;
  sim::PseudoTerminal terminal_;
  std::unique_ptr<sim::PinInstance> board_;
  std::deque<std::uint8_t> to_board_;
  std::vector<std::uint8_t> from_board_;
  std::array<std::uint8_t, 1024> buffer_{};
  VirtualBoardReport report_;
};

}  // namespace

std::vector<std::string> pin_configurations() {
  std::vector<std::string> names;
  for (const sim::PinFactory& factory : sim::pin_factories()) {
    names.emplace_back(factory.configuration);
  }
  return names;
}

VirtualBoardReport serve_virtual_board(const VirtualBoardOptions& options,
                                       const std::function<void(const std::string&)>& ready) {
  for (const sim::PinFactory& factory : sim::pin_factories()) {
    if (options.configuration != factory.configuration) continue;
    const Geometry geometry = Geometry::named(options.configuration);
    const std::uint32_t baud = options.baud == 0 ? geometry.baud : options.baud;
    if (geometry.clock_hz / baud < 4) {
      throw InputError(fmt::format("--baud {}: fewer than 4 clock cycles a bit at {} Hz", baud,
                                   geometry.clock_hz),
                       fmt::format("the build's own rate, {}", geometry.baud));
    }
    return Server(options, factory.make(static_cast<double>(geometry.clock_hz) / baud))
        .serve(ready);
  }
  throw InputError(
      fmt::format("sim: configuration '{}' is not Verilated down to the pins in this build",
                  options.configuration),
      fmt::format("--config {}; or configure with -DNCX_PIN_CONFIGURATIONS=\"{}\"",
                  fmt::join(pin_configurations(), " or "), options.configuration));
}

}  // namespace ncx
