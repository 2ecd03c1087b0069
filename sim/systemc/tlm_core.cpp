// SPDX-License-Identifier: BSD-3-Clause
// Bus accesses take a few clock cycles a word; the network runs in slices of its own time.
#include "tlm_core.hpp"

#include <utility>

namespace ncx::sim {
namespace {

/// Ticks between two looks at the bus.
constexpr std::uint32_t kSliceTicks = 32;
/// An access of the configuration bus, on average.
constexpr double kClocksPerWord = 3;

tlm::tlm_response_status response(BusStatus status) {
  switch (status) {
    case BusStatus::kOk:
      return tlm::TLM_OK_RESPONSE;
    case BusStatus::kAddress:
      return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    case BusStatus::kLength:
      return tlm::TLM_BURST_ERROR_RESPONSE;
    case BusStatus::kReadOnly:
      return tlm::TLM_COMMAND_ERROR_RESPONSE;
    case BusStatus::kRefused:
      break;
  }
  return tlm::TLM_GENERIC_ERROR_RESPONSE;
}

}  // namespace

TlmCore::TlmCore(const sc_core::sc_module_name& name, std::unique_ptr<BusDevice> core,
                 const sc_core::sc_time& clock)
    : sc_module(name), core_(std::move(core)), clock_(clock) {
  SC_HAS_PROCESS(TlmCore);
  socket.register_b_transport(this, &TlmCore::transport);
  socket.register_transport_dbg(this, &TlmCore::debug);
  SC_THREAD(run);
}

void TlmCore::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const std::size_t bytes = payload.get_data_length();
  if (payload.get_byte_enable_ptr() != nullptr) {
    payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    return;
  }
  if (payload.get_streaming_width() < bytes) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  BusStatus status = BusStatus::kOk;
  if (payload.is_read()) {
    status = core_->read(payload.get_address(), payload.get_data_ptr(), bytes);
  } else if (payload.is_write()) {
    status = core_->write(payload.get_address(), payload.get_data_ptr(), bytes);
  }
  payload.set_response_status(response(status));
  if (status != BusStatus::kOk) return;
  const std::size_t words = (bytes + kWordBytes - 1) / kWordBytes;
  delay += clock_ * (kClocksPerWord * static_cast<double>(words));
  accessed_.notify(delay);
}

unsigned TlmCore::debug(tlm::tlm_generic_payload& payload) {
  // A debugger's look must change nothing, which a look at a request's address may.
  const std::uint64_t end = payload.get_address() + payload.get_data_length();
  if (!payload.is_read() || end > bus_address(kRequestRegion, 0)) return 0;
  const BusStatus status =
      core_->read(payload.get_address(), payload.get_data_ptr(), payload.get_data_length());
  return status == BusStatus::kOk ? payload.get_data_length() : 0;
}

void TlmCore::run() {
  while (true) {
    const std::uint64_t clocks = core_->begin(kSliceTicks);
    running_o.write(core_->running());
    if (clocks == 0) {
      wait(accessed_);
      continue;
    }
    wait(clock_ * static_cast<double>(clocks));
    if (core_->end()) fired_.notify(sc_core::SC_ZERO_TIME);
  }
}

}  // namespace ncx::sim
