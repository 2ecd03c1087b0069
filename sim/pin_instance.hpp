// SPDX-License-Identifier: BSD-3-Clause
// One Verilated ncx_top with a bit-level UART at its pins.
#pragma once

#include <verilated.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "destroy_in.hpp"
#include "uart_line.hpp"

namespace ncx::sim {

class PinInstance {
 public:
  virtual ~PinInstance() = default;
  /// Advances so many cycles: sends what waits in `to_board`, appends to `from_board`.
  virtual void advance(std::uint64_t clocks, std::deque<std::uint8_t>& to_board,
                       std::vector<std::uint8_t>& from_board) = 0;
  [[nodiscard]] virtual std::uint64_t clocks() const = 0;
  /// Cycles since the line last carried anything in either direction.
  [[nodiscard]] virtual std::uint64_t silence() const = 0;
  /// The network runs.
  [[nodiscard]] virtual bool running() const = 0;
  [[nodiscard]] virtual std::uint64_t line_errors() const = 0;
};

/// `Top` is a class that Verilator made of ncx_top.
template <class Top>
class VerilatedPins final : public PinInstance {
 public:
  explicit VerilatedPins(double clocks_per_bit)
      : transmitter_(clocks_per_bit), receiver_(clocks_per_bit) {
    context_.threads(1);  // or it would start a thread that it never uses
    top_ = std::make_unique<Top>(&context_);
    top_->uart_rx_i = 1;
    top_->rst_i = 1;
    for (int i = 0; i < kResetClocks; ++i) cycle();
    top_->rst_i = 0;
  }
  ~VerilatedPins() override {
    top_->final();
    destroy_in(context_, top_);
  }
  VerilatedPins(const VerilatedPins&) = delete;
  VerilatedPins& operator=(const VerilatedPins&) = delete;

  void advance(std::uint64_t clocks, std::deque<std::uint8_t>& to_board,
               std::vector<std::uint8_t>& from_board) override {
    for (std::uint64_t i = 0; i < clocks; ++i) {
      if (transmitter_.idle() && !to_board.empty()) {
        transmitter_.send(to_board.front());
        to_board.pop_front();
      }
      ++silence_;
      if (!transmitter_.idle() || !receiver_.idle()) silence_ = 0;
      top_->uart_rx_i = transmitter_.clock();
      cycle();
      ++clocks_;
      if (const std::optional<std::uint8_t> byte = receiver_.clock(top_->uart_tx_o)) {
        from_board.push_back(*byte);
      }
    }
  }
  [[nodiscard]] std::uint64_t clocks() const override { return clocks_; }
  [[nodiscard]] std::uint64_t silence() const override { return silence_; }
  [[nodiscard]] bool running() const override { return top_->running_o; }
  [[nodiscard]] std::uint64_t line_errors() const override { return receiver_.errors(); }

 private:
  static constexpr int kResetClocks = 16;

  void cycle() {
    top_->clk_i = 0;
    top_->eval();
    top_->clk_i = 1;
    top_->eval();
  }

  VerilatedContext context_;
  std::unique_ptr<Top> top_;
  UartTransmitter transmitter_;
  UartReceiver receiver_;
  std::uint64_t clocks_ = 0, silence_ = 0;
};

struct PinFactory {
  const char* configuration;
  std::unique_ptr<PinInstance> (*make)(double clocks_per_bit);
};
[[nodiscard]] std::vector<PinFactory> pin_factories();

}  // namespace ncx::sim
