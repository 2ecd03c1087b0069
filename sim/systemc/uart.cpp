// SPDX-License-Identifier: BSD-3-Clause
// UART transactor: two processes that sleep from bit to bit, and while the line is idle.
#include "uart.hpp"

namespace ncx::sim {
namespace {

constexpr int kDataBits = 8;

}  // namespace

Uart::Uart(const sc_core::sc_module_name& name, std::uint32_t baud)
    : sc_module(name), bit_(1.0 / baud, sc_core::SC_SEC) {
  SC_HAS_PROCESS(Uart);
  SC_THREAD(transmit);
  SC_THREAD(receive);
}

void Uart::send(const std::uint8_t* bytes, std::size_t count) {
  to_send_.insert(to_send_.end(), bytes, bytes + count);
  more_.notify(sc_core::SC_ZERO_TIME);
}

std::vector<std::uint8_t> Uart::received() {
  std::vector<std::uint8_t> bytes;
  bytes.swap(received_);
  return bytes;
}

sc_core::sc_time Uart::quiet_since() const {
  return sending_ || receiving_ || !to_send_.empty() ? sc_core::sc_time_stamp() : last_;
}

void Uart::transmit() {
  tx_o.write(true);
  while (true) {
    while (to_send_.empty()) wait(more_);
    const std::uint8_t byte = to_send_.front();
    to_send_.pop_front();
    sending_ = true;
    tx_o.write(false);
    wait(bit_);
    for (int i = 0; i < kDataBits; ++i) {
      tx_o.write((byte >> i & 1) != 0);
      wait(bit_);
    }
    tx_o.write(true);
    wait(bit_);
    sending_ = false;
    last_ = sc_core::sc_time_stamp();
  }
}

void Uart::receive() {
  while (true) {
    wait(rx_i.negedge_event());
    receiving_ = true;
    wait(bit_ / 2);
    if (!rx_i.read()) {  // or it was not a start bit
      unsigned byte = 0;
      for (int i = 0; i < kDataBits; ++i) {
        wait(bit_);
        byte |= (rx_i.read() ? 1u : 0u) << i;
      }
      wait(bit_);
      if (rx_i.read()) {
        received_.push_back(static_cast<std::uint8_t>(byte));
      } else {
        ++errors_;
      }
    }
    receiving_ = false;
    last_ = sc_core::sc_time_stamp();
  }
}

}  // namespace ncx::sim
