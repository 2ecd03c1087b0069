// SPDX-License-Identifier: BSD-3-Clause
// SystemC module: a core as a loosely-timed TLM-2.0 target with the register map of the link.
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <memory>
#include <systemc>

#include "bus_device.hpp"

namespace ncx::sim {

/// Reads and writes as bus_device.hpp lays them out; no byte enables, no streaming width, no direct
/// memory interface. What is not allowed gets the response that TLM has for it; memories can only
/// be reached while the network stands still, as over the link.
class TlmCore : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<TlmCore> socket{"socket"};
  sc_core::sc_out<bool> running_o{"running_o"};  ///< an interrupt line: falls when all is done

  TlmCore(const sc_core::sc_module_name& name, std::unique_ptr<BusDevice> core,
          const sc_core::sc_time& clock);

  /// Notified at the end of a slice in which a neuron fired.
  [[nodiscard]] const sc_core::sc_event& fired() const { return fired_; }

 private:
  void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned debug(tlm::tlm_generic_payload& payload);
  void run();

  std::unique_ptr<BusDevice> core_;
  sc_core::sc_time clock_;
  sc_core::sc_event accessed_, fired_;
};

}  // namespace ncx::sim
