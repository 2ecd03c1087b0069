// SPDX-License-Identifier: BSD-3-Clause
// SystemC modules: the framed link as a TLM-2.0 initiator, and the line that brings its bytes.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <systemc>
#include <vector>

#include "bus_device.hpp"

namespace ncx::sim {

/// A UART line that moves whole bytes, each in the time that its bits take.
class ByteLine : public sc_core::sc_module {
 public:
  ByteLine(const sc_core::sc_module_name& name, std::uint32_t baud);

  /// The outside end.
  void send(const std::uint8_t* bytes, std::size_t count);
  [[nodiscard]] std::size_t unsent() const { return to_board_.size(); }
  [[nodiscard]] std::vector<std::uint8_t> received();
  [[nodiscard]] bool idle() const {
    return to_board_.empty() && from_board_.empty() && arrived_bytes_.empty();
  }
  /// The board's end.
  [[nodiscard]] const sc_core::sc_event& arrived() const { return arrived_; }
  [[nodiscard]] std::vector<std::uint8_t> take();
  void answer(const std::vector<std::uint8_t>& bytes);

 private:
  void inward();
  void outward();

  sc_core::sc_time byte_;
  std::deque<std::uint8_t> to_board_, from_board_;
  std::vector<std::uint8_t> arrived_bytes_, received_;
  sc_core::sc_event sent_, answered_, arrived_;
};

/// Turns requests into transactions.
class TlmLink : public sc_core::sc_module, private Bus {
 public:
  tlm_utils::simple_initiator_socket<TlmLink> socket{"socket"};
  sc_core::sc_in<bool> running_i{"running_i"};

  TlmLink(const sc_core::sc_module_name& name, ByteLine& line, LinkFactory factory,
          const sc_core::sc_time& clock);

  /// Waits for bytes, with nothing left to say.
  [[nodiscard]] bool asleep() const { return asleep_; }
  /// Notified when a good frame has come, and when the error LED may have to change.
  [[nodiscard]] const sc_core::sc_event& framed() const { return framed_; }
  [[nodiscard]] const sc_core::sc_event& checked() const { return checked_; }
  /// A damaged frame has come in this session.
  [[nodiscard]] bool error() const { return error_; }

 private:
  void serve();
  void look();
  void access(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data,
              std::size_t bytes);
  void read(std::uint64_t address, std::uint8_t* data, std::size_t bytes) override;
  void write(std::uint64_t address, const std::uint8_t* data, std::size_t bytes) override;
  void wait() override;

  ByteLine& line_;
  LinkFactory factory_;
  std::unique_ptr<BusLink> link_;
  sc_core::sc_time clock_;
  tlm_utils::tlm_quantumkeeper keeper_;
  sc_core::sc_event framed_, checked_;
  std::uint64_t frames_ = 0, damaged_ = 0, sessions_ = 0;
  bool asleep_ = false, error_ = false;
};

}  // namespace ncx::sim
