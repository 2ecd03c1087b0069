// SPDX-License-Identifier: BSD-3-Clause
// One Verilated board top at its pins.
#pragma once

#include <verilated.h>

#include <cstdint>
#include <memory>

#include "destroy_in.hpp"
#include "systemc/board_pins.hpp"

namespace ncx::sim {

/// `Top` is a class that Verilator made of a board's top with HoldClocks and BlinkClocks as
/// sim/CMakeLists.txt has them; `Running` reads the signal of that name in its ncx_board.
template <class Top, auto Running>
class VerilatedPins final : public BoardPins {
 public:
  VerilatedPins() {
    context_.threads(1);  // or it would start a thread that it never uses
    top_ = std::make_unique<Top>(&context_);
    low(false, true);
  }
  ~VerilatedPins() override {
    top_->final();
    destroy_in(context_, top_);
  }
  VerilatedPins(const VerilatedPins&) = delete;
  VerilatedPins& operator=(const VerilatedPins&) = delete;

  void low(bool reset_pin, bool uart_rx) override {
    top_->reset_i = reset_pin;
    top_->uart_rx_i = uart_rx;
    top_->clk_i = 0;
    top_->eval();
  }
  void high() override {
    top_->clk_i = 1;
    top_->eval();
  }
  [[nodiscard]] bool uart_tx() const override { return top_->uart_tx_o; }
  [[nodiscard]] std::uint32_t leds() const override { return top_->led_o; }
  [[nodiscard]] bool running() const override { return Running(*top_); }

 private:
  VerilatedContext context_;
  std::unique_ptr<Top> top_;
};

}  // namespace ncx::sim
