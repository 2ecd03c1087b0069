// SPDX-License-Identifier: BSD-3-Clause
// A Verilated board top on SystemC signals.
#include "rtl_board.hpp"

#include <utility>

namespace ncx::sim {

RtlBoard::RtlBoard(const sc_core::sc_module_name& name, std::unique_ptr<BoardPins> board)
    : sc_module(name), board_(std::move(board)) {
  SC_HAS_PROCESS(RtlBoard);
  SC_METHOD(clock);
  sensitive << clk_i;
}

void RtlBoard::clock() {
  // Inputs are taken while the clock is low, so that assertions sample what the registers sample.
  if (!clk_i.read()) {
    board_->low(reset_i.read(), uart_rx_i.read());
    return;
  }
  board_->high();
  // Most cycles change no pin: a write costs more than the question.
  if (const bool tx = board_->uart_tx(); tx != tx_) uart_tx_o.write(tx_ = tx);
  if (const std::uint32_t leds = board_->leds(); leds != leds_) led_o.write(leds_ = leds);
}

}  // namespace ncx::sim
