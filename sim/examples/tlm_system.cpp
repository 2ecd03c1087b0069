// SPDX-License-Identifier: BSD-3-Clause
// A small SystemC system around the core: a processor's program loads a compiled network over a
// bus, gives it spikes, runs it, and prints the spikes that come back. No UART, no link, no host
// library.
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <charconv>
#include <cstdint>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <systemc>
#include <utility>
#include <vector>

#include "bus_device.hpp"
#include "ncx/map.hpp"
#include "tlm_core.hpp"

namespace {

using ncx::sim::BusRecord;
using sc_core::sc_time;

constexpr std::uint64_t kCoreBase = 0x4000'0000;  // where this system has the core

/// Hands on what lies in the core's window, at the addresses that the core knows.
class Bus : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Bus> from_processor{"from_processor"};
  tlm_utils::simple_initiator_socket<Bus> to_core{"to_core"};

  explicit Bus(const sc_core::sc_module_name& name) : sc_module(name) {
    from_processor.register_b_transport(this, &Bus::transport);
  }

 private:
  void transport(tlm::tlm_generic_payload& payload, sc_time& delay) {
    const std::uint64_t address = payload.get_address();
    if (address < kCoreBase || address >= kCoreBase + ncx::sim::kBusBytes) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    payload.set_address(address - kCoreBase);
    to_core->b_transport(payload, delay);
    payload.set_address(address);
  }
};

struct Program {
  std::vector<ncx::sim::BusWrite> image;
  std::vector<BusRecord> inputs;
  std::uint32_t ticks = 0;
};

class Processor : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Processor> bus{"bus"};
  sc_core::sc_in<bool> running_i{"running_i"};  // the core's interrupt line

  Processor(const sc_core::sc_module_name& name, Program program)
      : sc_module(name), program_(std::move(program)) {
    SC_HAS_PROCESS(Processor);
    SC_THREAD(run);
  }

 private:
  void run() {
    for (ncx::sim::BusWrite& write : program_.image) {
      access(tlm::TLM_WRITE_COMMAND, write.address, write.data);
    }
    set(ncx::map::Register::kControl, 1u << ncx::map::kControlBitStreamSpikes);
    std::vector<std::uint8_t> records(program_.inputs.size() * BusRecord::kBytes);
    for (std::size_t i = 0; i < program_.inputs.size(); ++i) {
      program_.inputs[i].store(&records[i * BusRecord::kBytes]);
    }
    if (!records.empty()) {
      access(tlm::TLM_WRITE_COMMAND, request(ncx::map::Request::kEvents), records);
    }
    const std::uint64_t start = sc_core::sc_time_stamp().value();
    std::vector<std::uint8_t> until(ncx::sim::kWordBytes);
    BusRecord::store_word(until.data(), program_.ticks);
    access(tlm::TLM_WRITE_COMMAND, request(ncx::map::Request::kRun), until);
    // A long run must be read on the way: the core waits when its stream is full.
    // The core knows slots; where the compiler put a neuron stands in the image.
    std::cout << "tick,slot\n";
    std::uint64_t end = start;
    do {
      wait(sc_time(1, sc_core::SC_MS), running_i.negedge_event());
      end = sc_core::sc_time_stamp().value();
      print_spikes();
    } while (running_i.read());
    std::cerr << "ran " << program_.ticks << " ticks in " << sc_time::from_value(end - start)
              << '\n';
    sc_core::sc_stop();
  }

  void print_spikes() {
    std::vector<std::uint8_t> bytes(64 * BusRecord::kBytes);
    while (true) {
      access(tlm::TLM_READ_COMMAND, request(ncx::map::Request::kStream), bytes);
      for (std::size_t at = 0; at < bytes.size(); at += BusRecord::kBytes) {
        const BusRecord record = BusRecord::load(&bytes[at]);
        if (record.kind == BusRecord::kNothing) return;
        std::cout << record.tick << ',' << record.id << '\n';
      }
    }
  }

  static std::uint64_t request(ncx::map::Request code) {
    return ncx::sim::bus_address(ncx::sim::kRequestRegion, static_cast<std::uint64_t>(code));
  }
  void set(ncx::map::Register reg, std::uint32_t value) {
    std::vector<std::uint8_t> word(ncx::sim::kWordBytes);
    BusRecord::store_word(word.data(), value);
    const auto region = static_cast<std::uint64_t>(ncx::map::Region::kRegisters);
    access(tlm::TLM_WRITE_COMMAND, ncx::sim::bus_address(region, static_cast<std::uint64_t>(reg)),
           word);
  }
  void access(tlm::tlm_command command, std::uint64_t address, std::vector<std::uint8_t>& data) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(kCoreBase + address);
    payload.set_data_ptr(data.data());
    payload.set_data_length(static_cast<unsigned>(data.size()));
    payload.set_streaming_width(static_cast<unsigned>(data.size()));
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    sc_time delay;
    bus->b_transport(payload, delay);
    if (payload.is_response_error()) {
      throw std::runtime_error("bus address " + std::to_string(address) + ": " +
                               payload.get_response_string());
    }
    wait(delay);
  }

  Program program_;
};

std::uint32_t parse_number(std::string_view text, const std::string& argument) {
  std::uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) {
    throw std::invalid_argument("argument '" + argument + "': expected numbers below 2^32");
  }
  return value;
}

/// "3,0": the core's axon 0 spikes in tick 3.
BusRecord parse_input(const std::string& text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string::npos) {
    throw std::invalid_argument("argument '" + text + "': expected TICK,AXON");
  }
  BusRecord record;
  record.tick = parse_number(std::string_view(text).substr(0, comma), text);
  record.id = parse_number(std::string_view(text).substr(comma + 1), text);
  return record;
}

}  // namespace

int sc_main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: tlm_system IMAGE BUILD TICKS [TICK,AXON ...]\n";
    return 2;
  }
  try {
    const std::string build = argv[2];
    Program program;
    program.image = ncx::sim::image_writes(argv[1], build);
    program.ticks = parse_number(argv[3], argv[3]);
    for (int i = 4; i < argc; ++i) program.inputs.push_back(parse_input(argv[i]));

    const sc_time clock(10, sc_core::SC_NS);
    Processor processor("processor", std::move(program));
    Bus bus("bus");
    ncx::sim::TlmCore core("core", ncx::sim::make_model_core(build), clock);
    sc_core::sc_signal<bool> running("running");
    processor.bus.bind(bus.from_processor);
    bus.to_core.bind(core.socket);
    core.running_o(running);
    processor.running_i(running);
    sc_core::sc_start();
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
