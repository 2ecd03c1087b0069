// SPDX-License-Identifier: BSD-3-Clause
// SystemC module: the outside end of a UART line, bit by bit in simulated time, 8N1.
// Bit times need not be whole clock cycles, so that a line with a wrong baud rate can be played.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <systemc>
#include <vector>

namespace ncx::sim {

class Uart : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> rx_i{"rx_i"};   ///< from the board
  sc_core::sc_out<bool> tx_o{"tx_o"};  ///< to the board

  Uart(const sc_core::sc_module_name& name, std::uint32_t baud);

  void send(const std::uint8_t* bytes, std::size_t count);
  [[nodiscard]] std::size_t unsent() const { return to_send_.size() + (sending_ ? 1 : 0); }
  [[nodiscard]] std::vector<std::uint8_t> received();
  /// Since when neither direction has carried anything; now, while one does.
  [[nodiscard]] sc_core::sc_time quiet_since() const;
  /// Stop bits that were low.
  [[nodiscard]] std::uint64_t errors() const { return errors_; }

 private:
  void transmit();
  void receive();

  sc_core::sc_time bit_;
  std::deque<std::uint8_t> to_send_;
  std::vector<std::uint8_t> received_;
  sc_core::sc_event more_;
  sc_core::sc_time last_;
  bool sending_ = false, receiving_ = false;
  std::uint64_t errors_ = 0;
};

}  // namespace ncx::sim
