// SPDX-License-Identifier: BSD-3-Clause
// Serves a simulated board on a pseudo-terminal. Sleeps while the board has nothing to do.
#include "ncx/virtual_board.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "ncx/boards.hpp"
#include "ncx/error.hpp"
#include "ncx/geometry.hpp"
#include "pin_factory.hpp"
#include "pseudo_terminal.hpp"
#include "systemc/platform.hpp"

namespace ncx {
namespace {

using Clock = std::chrono::steady_clock;

/// Cycles between two looks at the pseudo-terminal: milliseconds of work for the RTL, microseconds
/// for the transaction-level model.
constexpr std::uint64_t kRtlSlice = 2'000, kTlmSlice = 20'000;
/// Bytes nobody reads are dropped beyond this, as a real port would.
constexpr std::size_t kBacklog = std::size_t{1} << 20;
constexpr std::size_t kAhead = 4096;  // bytes taken from the pseudo-terminal before they are sent
/// Rates that differ by less than this understand each other, byte by byte.
constexpr double kBaudTolerance = 0.04;

class Server {
 public:
  Server(const VirtualBoardOptions& options, sim::Platform& board, VirtualBoardReport& report)
      : options_(options),
        slice_(options.engine == SimEngine::kRtl ? kRtlSlice : kTlmSlice),
        terminal_(options.link),
        board_(board),
        report_(report) {}

  void serve() {
    if (options_.on_ready) options_.on_ready(terminal_.path());
    Clock::time_point last_traffic = Clock::now();
    while (true) {
      const bool asleep = board_.asleep() && from_board_.empty();
      if (wait(asleep, last_traffic)) break;
      const bool traffic = receive();
      if (!asleep || traffic) board_.advance(slice_);
      deliver();
      if (traffic || !from_board_.empty()) last_traffic = Clock::now();
      if (options_.exit_when_idle.count() > 0 &&
          Clock::now() - last_traffic >= options_.exit_when_idle) {
        break;
      }
    }
    report_.clocks = board_.clocks();
    report_.line_errors = board_.line_errors();
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

  bool receive() {
    if (board_.unsent() >= kAhead) return false;
    const std::size_t count = terminal_.read(buffer_);
    if (count != 0) board_.send(buffer_.data(), count);
    report_.bytes_to_board += count;
    return count != 0;
  }

  void deliver() {
    const std::vector<std::uint8_t> bytes = board_.received();
    from_board_.insert(from_board_.end(), bytes.begin(), bytes.end());
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

  const VirtualBoardOptions& options_;
  std::uint64_t slice_;
  sim::PseudoTerminal terminal_;
  sim::Platform& board_;
  VirtualBoardReport& report_;
  std::vector<std::uint8_t> from_board_;
  std::array<std::uint8_t, 1024> buffer_{};
};

/// The Verilated top that was asked for.
sim::PinFactory find_top(const VirtualBoardOptions& options, const std::string& configuration) {
  for (const sim::PinFactory& factory : sim::pin_factories()) {
    if (options.board.empty() ? factory.configuration == configuration
                              : factory.board == options.board) {
      return factory;
    }
  }
  const auto one_of = [](const char* option, const std::vector<std::string>& names) {
    return names.empty() ? "" : fmt::format("{} {}; ", option, fmt::join(names, " or "));
  };
  if (options.board.empty()) {
    throw InputError(
        fmt::format("sim: configuration '{}' is not Verilated down to the pins in this build",
                    configuration),
        fmt::format("{}--engine tlm; or configure with -DNCX_PIN_CONFIGURATIONS=\"{}\"",
                    one_of("--config", pin_configurations()), configuration));
  }
  throw InputError(fmt::format("sim: board '{}' is not Verilated in this build", options.board),
                   fmt::format("{}--engine tlm; or configure with -DNCX_SIM_BOARDS=\"{}\"",
                               one_of("--board", pin_boards()), options.board));
}

/// What the line of the board outside of the simulation has to be like.
void check_baud(const VirtualBoardOptions& options, std::uint32_t line, std::uint32_t clock_hz) {
  const std::uint32_t baud = options.baud == 0 ? line : options.baud;
  if (clock_hz / baud < 4) {
    throw InputError(
        fmt::format("--baud {}: fewer than 4 clock cycles a bit at {} Hz", baud, clock_hz),
        fmt::format("the build's own rate, {}", line));
  }
  if (options.engine == SimEngine::kTlm &&
      std::abs(static_cast<double>(baud) / line - 1) > kBaudTolerance) {
    throw InputError(
        fmt::format("--baud {}: the line of --engine tlm has no bits to misread; it runs at {}",
                    baud, line),
        "--engine rtl");
  }
}

}  // namespace

std::vector<std::string> pin_boards() {
  std::vector<std::string> names;
  for (const sim::PinFactory& factory : sim::pin_factories()) {
    if (!factory.board.empty()) names.push_back(factory.board);
  }
  return names;
}

std::vector<std::string> pin_configurations() {
  std::vector<std::string> names;
  for (const sim::PinFactory& factory : sim::pin_factories()) {
    names.push_back(factory.configuration);
  }
  return names;
}

VirtualBoardReport serve_virtual_board(const VirtualBoardOptions& options) {
  const Board* board = options.board.empty() ? nullptr : &find_board(options.board);
  const std::string configuration =
      board != nullptr ? std::string(board->build) : options.configuration;
  const Geometry geometry = Geometry::named(configuration);
  std::uint32_t line = board != nullptr ? board->baud : geometry.baud;
  sim::PinFactory top;
  if (options.engine == SimEngine::kRtl) {
    top = find_top(options, configuration);
    if (board == nullptr && !top.board.empty()) board = &find_board(top.board);
    line = board != nullptr ? board->baud : top.baud;
  }
  check_baud(options, line, geometry.clock_hz);

  VirtualBoardReport report;
  sim::PlatformOptions platform_options;
  platform_options.clock_hz = geometry.clock_hz;
  platform_options.baud = options.baud == 0 ? line : options.baud;
  platform_options.on_led = [&](const sim::LedChange& change) {
    ++report.led_changes;
    if (!options.on_leds) return;
    const auto lit = [&](std::uint32_t led) { return (change.lit & led) != 0; };
    options.on_leds({change.clocks, lit(sim::kLedAlive), lit(sim::kLedLink), lit(sim::kLedSpike),
                     lit(sim::kLedError)});
  };
  std::unique_ptr<sim::Platform> platform;
  if (options.engine == SimEngine::kTlm) {
    platform = sim::make_tlm_platform(sim::make_model_core(configuration), sim::make_bus_link,
                                      platform_options);
  } else {
    sim::Polarity polarity;
    if (board != nullptr) polarity = {board->reset_active_low, board->leds_active_low};
    platform = sim::make_rtl_platform(top.make(), polarity, platform_options);
  }
  Server(options, *platform, report).serve();
  return report;
}

}  // namespace ncx
