// SPDX-License-Identifier: BSD-3-Clause
// A Verilated board top at its pins, whatever class Verilator made of it.
#pragma once

#include <cstdint>

namespace ncx::sim {

class BoardPins {
 public:
  virtual ~BoardPins() = default;
  /// The half cycle with the clock low, in which the inputs settle.
  virtual void low(bool reset_pin, bool uart_rx) = 0;
  /// The rising edge and the half cycle behind it.
  virtual void high() = 0;
  [[nodiscard]] virtual bool uart_tx() const = 0;
  /// One bit an LED, as the pins are; see Polarity.
  [[nodiscard]] virtual std::uint32_t leds() const = 0;
  /// The network runs. No pin: for simulators that want to know when nothing happens.
  [[nodiscard]] virtual bool running() const = 0;
};

/// Which of a board's pins are active low.
struct Polarity {
  bool reset_low = false;
  std::uint32_t leds_low = 0;  ///< one bit an LED
};

}  // namespace ncx::sim
