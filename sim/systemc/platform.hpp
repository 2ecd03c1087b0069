// SPDX-License-Identifier: BSD-3-Clause
// The virtual board as a program without SystemC sees it. This header, like all of this folder that
// is not a module, is plain C++17: SystemC's library only links with code of that standard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "board_pins.hpp"
#include "bus_device.hpp"

namespace ncx::sim {

/// A change of the LEDs: one bit each, on is 1; alive, link, spike, error from bit 0 on.
struct LedChange {
  std::uint64_t clocks = 0;
  std::uint32_t lit = 0;
};
inline constexpr std::uint32_t kLeds = 4;
inline constexpr std::uint32_t kLedAlive = 1, kLedLink = 2, kLedSpike = 4, kLedError = 8;

/// Half a period of the alive LED while the network stands still. A bitstream's is a hundred times
/// as long: simulated time is that much slower than ours.
inline constexpr std::uint32_t kBlinkClocks = 500'000;

struct PlatformOptions {
  std::uint32_t clock_hz = 100'000'000;
  std::uint32_t baud = 1'000'000;                ///< of the outside end of the line
  std::function<void(const LedChange&)> on_led;  ///< called at every change
};

/// A board, simulated. Time passes only inside advance().
class Platform {
 public:
  virtual ~Platform() = default;
  /// Bytes to send to the board, behind those that are still waiting.
  virtual void send(const std::uint8_t* bytes, std::size_t count) = 0;
  /// Bytes that have not been sent to the end.
  [[nodiscard]] virtual std::size_t unsent() const = 0;
  /// Bytes that have come from the board since the last call.
  [[nodiscard]] virtual std::vector<std::uint8_t> received() = 0;
  virtual void advance(std::uint64_t clocks) = 0;
  [[nodiscard]] virtual std::uint64_t clocks() const = 0;
  /// Nothing will happen before the next send(): there is no need to advance().
  [[nodiscard]] virtual bool asleep() const = 0;
  /// Stop bits from the board that were not high.
  [[nodiscard]] virtual std::uint64_t line_errors() const = 0;
};

/// Clock, reset, UART and LEDs around a Verilated top, after its reset. SystemC keeps its
/// simulation in globals, so a process has one platform at most: a second one is an InputError.
[[nodiscard]] std::unique_ptr<Platform> make_rtl_platform(std::unique_ptr<BoardPins> board,
                                                          const Polarity& polarity,
                                                          const PlatformOptions& options);

/// The same around a transaction-level core and the link that talks to it over TLM sockets.
[[nodiscard]] std::unique_ptr<Platform> make_tlm_platform(std::unique_ptr<BusDevice> core,
                                                          const LinkFactory& link,
                                                          const PlatformOptions& options);

}  // namespace ncx::sim
