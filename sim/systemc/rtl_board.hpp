// SPDX-License-Identifier: BSD-3-Clause
// SystemC module: a Verilated board top, by its pins.
#pragma once

#include <cstdint>
#include <memory>
#include <systemc>

#include "board_pins.hpp"

namespace ncx::sim {

class RtlBoard : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk_i{"clk_i"};  ///< the oscillator; a cycle of it is one of the core clock
  sc_core::sc_in<bool> reset_i{"reset_i"};  ///< the button's pin
  sc_core::sc_in<bool> uart_rx_i{"uart_rx_i"};
  sc_core::sc_out<bool> uart_tx_o{"uart_tx_o"};
  sc_core::sc_out<std::uint32_t> led_o{"led_o"};

  RtlBoard(const sc_core::sc_module_name& name, std::unique_ptr<BoardPins> board);

  [[nodiscard]] bool running() const { return board_->running(); }

 private:
  void clock();

  std::unique_ptr<BoardPins> board_;
  bool tx_ = true;
  std::uint32_t leds_ = 0;
};

}  // namespace ncx::sim
