// SPDX-License-Identifier: BSD-3-Clause
// The SystemC modules in one simulation: the core's target socket, the UART at both ends of a line,
// the byte line, and the LEDs.
#include <tlm_utils/simple_initiator_socket.h>

#define CATCH_CONFIG_MAIN
#include <array>
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <systemc>
#include <vector>

#include "leds.hpp"
#include "ncx/map.hpp"
#include "tlm_core.hpp"
#include "tlm_link.hpp"
#include "uart.hpp"

int sc_main(int, char**) { return 1; }

namespace {

using namespace ncx;
using namespace ncx::sim;
using sc_core::sc_signal;
using sc_core::sc_time;

constexpr std::uint32_t kBaud = 4'000'000;
const sc_time clock_period() { return {10, sc_core::SC_NS}; }

std::uint64_t at(map::Region region, std::uint64_t word) {
  return bus_address(static_cast<std::uint64_t>(region), word);
}
std::uint64_t at(map::Register reg) {
  return at(map::Region::kRegisters, static_cast<std::uint64_t>(reg));
}
std::uint64_t at(map::Request request) {
  return bus_address(kRequestRegion, static_cast<std::uint64_t>(request));
}

class Initiator : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Initiator> socket{"socket"};
  explicit Initiator(const sc_core::sc_module_name& name) : sc_module(name) {}

  struct Access {
    tlm::tlm_command command = tlm::TLM_READ_COMMAND;
    std::uint64_t address = 0, word = 0;
    unsigned bytes = kWordBytes, streaming = kWordBytes;
    unsigned char* enables = nullptr;
  };
  tlm::tlm_response_status transport(Access& access, sc_time& delay) {
    std::vector<std::uint8_t> data(std::max<std::size_t>(access.bytes, kWordBytes));
    BusRecord::store_word(data.data(), access.word);
    tlm::tlm_generic_payload payload;
    fill(payload, access, data);
    socket->b_transport(payload, delay);
    access.word = BusRecord::load_word(data.data());
    return payload.get_response_status();
  }
  unsigned debug(Access access) {
    std::vector<std::uint8_t> data(std::max<std::size_t>(access.bytes, kWordBytes));
    tlm::tlm_generic_payload payload;
    fill(payload, access, data);
    return socket->transport_dbg(payload);
  }
  std::uint64_t read(std::uint64_t address) {
    Access access{tlm::TLM_READ_COMMAND, address};
    sc_time delay;
    CHECK(transport(access, delay) == tlm::TLM_OK_RESPONSE);
    return access.word;
  }
  tlm::tlm_response_status write(std::uint64_t address, std::uint64_t word) {
    Access access{tlm::TLM_WRITE_COMMAND, address, word};
    sc_time delay;
    return transport(access, delay);
  }

 private:
  static void fill(tlm::tlm_generic_payload& payload, const Access& access,
                   std::vector<std::uint8_t>& data) {
    payload.set_command(access.command);
    payload.set_address(access.address);
    payload.set_data_ptr(data.data());
    payload.set_data_length(access.bytes);
    payload.set_streaming_width(access.streaming);
    payload.set_byte_enable_ptr(access.enables);
    payload.set_byte_enable_length(access.enables == nullptr ? 0 : access.bytes);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  }
};

/// All modules: SystemC takes no more of them once its time has begun.
struct Bench {
  sc_signal<bool> running{"running"}, there{"there", true}, back{"back", true};
  sc_signal<bool> slow_there{"slow_there", true}, slow_back{"slow_back", true};
  sc_signal<std::uint32_t> leds{"leds"};
  std::vector<LedChange> changes;
  Initiator initiator{"initiator"};
  TlmCore core{"core", make_model_core("tiny"), clock_period()};
  Uart near_end{"near_end", kBaud}, far_end{"far_end", kBaud};
  Uart slow{"slow", kBaud * 3 / 4}, fast{"fast", kBaud};
  ByteLine line{"line", kBaud};
  LedDriver driver{"driver", clock_period()};
  LedWatch watch{"watch", kLedError, clock_period(),
                 [this](const LedChange& change) { changes.push_back(change); }};

  Bench() {
    initiator.socket.bind(core.socket);
    core.running_o(running);
    driver.running_i(running);
    driver.led_o(leds);
    watch.led_i(leds);
    near_end.tx_o(there);
    far_end.rx_i(there);
    far_end.tx_o(back);
    near_end.rx_i(back);
    slow.tx_o(slow_there);
    fast.rx_i(slow_there);
    fast.tx_o(slow_back);
    slow.rx_i(slow_back);
    run(0);
  }
  static void run(double clocks) { sc_core::sc_start(clock_period() * clocks); }
  static double clocks() { return sc_core::sc_time_stamp() / clock_period(); }
};

Bench& bench() {
  static Bench the_bench;
  return the_bench;
}

}  // namespace

TEST_CASE("tlm: a refusal has the response that TLM has for it") {
  Initiator& initiator = bench().initiator;
  std::array<unsigned char, kWordBytes> enables{};
  const auto response = [&](Initiator::Access access) {
    sc_time delay;
    const auto result = initiator.transport(access, delay);
    CHECK((delay == sc_core::SC_ZERO_TIME) == (result != tlm::TLM_OK_RESPONSE));
    return result;
  };
  const std::uint64_t magic = at(map::Region::kInfo, map::kInfoMagic);
  const auto read = tlm::TLM_READ_COMMAND, write = tlm::TLM_WRITE_COMMAND;
  CHECK(response({read, magic}) == tlm::TLM_OK_RESPONSE);
  CHECK(response({read, magic, 0, 4, 4}) == tlm::TLM_OK_RESPONSE);
  CHECK(response({read, magic + 4, 0, 4, 4}) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(response({read, kBusBytes}) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(response({read, magic, 0, 5, 5}) == tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(response({read, magic, 0, 16, 8}) == tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(response({read, magic, 0, 8, 8, enables.data()}) == tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  CHECK(response({write, magic}) == tlm::TLM_COMMAND_ERROR_RESPONSE);
  REQUIRE(initiator.write(at(map::Request::kRun), 1) == tlm::TLM_OK_RESPONSE);
  CHECK(response({write, at(map::Request::kRun), 0}) == tlm::TLM_GENERIC_ERROR_RESPONSE);
  CHECK(response({read, at(map::Region::kState, 0)}) == tlm::TLM_GENERIC_ERROR_RESPONSE);
  Bench::run(100);
  CHECK(response({read, at(map::Region::kState, 0)}) == tlm::TLM_OK_RESPONSE);
}

TEST_CASE("tlm: an access takes three clocks a word") {
  sc_time delay = clock_period();
  Initiator::Access access{tlm::TLM_READ_COMMAND, at(map::Region::kInfo, 0), 0, 40, 40};
  CHECK(bench().initiator.transport(access, delay) == tlm::TLM_OK_RESPONSE);
  CHECK(delay == clock_period() * 16);
}

TEST_CASE("tlm: a run takes its cycles and drops the interrupt line at its end") {
  Bench& b = bench();
  REQUIRE(b.initiator.write(at(map::Register::kTick), 0) == tlm::TLM_OK_RESPONSE);
  REQUIRE(b.initiator.write(at(map::Request::kReset), 1U << map::kResetBitStatistics) ==
          tlm::TLM_OK_RESPONSE);
  REQUIRE(b.initiator.write(at(map::Request::kRun), 10) == tlm::TLM_OK_RESPONSE);
  Bench::run(5);  // the access itself took 3
  CHECK(b.running.read());
  CHECK(b.initiator.read(at(map::Register::kTick)) == 0);
  const auto cycles = static_cast<double>(b.initiator.read(at(map::Register::kCyclesLow)));
  CHECK(cycles == 10 * 4);  // an empty program: what every tick costs
  Bench::run(cycles - 3);
  CHECK(b.running.read());
  Bench::run(2);
  CHECK_FALSE(b.running.read());
  CHECK(b.initiator.read(at(map::Register::kTick)) == 10);
}

TEST_CASE("tlm: a debugger reads without time and without effect") {
  Bench& b = bench();
  CHECK(b.initiator.debug({tlm::TLM_READ_COMMAND, at(map::Region::kInfo, 0), 0, 40, 40}) == 40);
  CHECK(b.initiator.debug({tlm::TLM_READ_COMMAND, at(map::Request::kStream), 0, 16, 16}) == 0);
  CHECK(b.initiator.debug({tlm::TLM_WRITE_COMMAND, at(map::Register::kScratch)}) == 0);
  CHECK(b.initiator.debug({tlm::TLM_READ_COMMAND, kBusBytes}) == 0);
}

TEST_CASE("uart: every byte arrives, in both directions at once, in the time of its bits") {
  Bench& b = bench();
  std::vector<std::uint8_t> bytes(256);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  const std::vector<std::uint8_t> reversed(bytes.rbegin(), bytes.rend());
  b.near_end.send(bytes.data(), bytes.size());
  b.far_end.send(reversed.data(), reversed.size());
  Bench::run(256 * 250 - 50);
  CHECK(b.near_end.unsent() == 1);
  CHECK(b.near_end.quiet_since() == sc_core::sc_time_stamp());
  Bench::run(100);
  CHECK(b.near_end.unsent() == 0);
  CHECK(b.far_end.received() == bytes);
  CHECK(b.near_end.received() == reversed);
  CHECK(b.far_end.received().empty());
  CHECK(b.far_end.errors() == 0);
  CHECK(b.near_end.quiet_since() < sc_core::sc_time_stamp());
}

TEST_CASE("uart: a wrong rate is seen in the stop bits") {
  Bench& b = bench();
  const std::vector<std::uint8_t> zeros(20);
  b.slow.send(zeros.data(), zeros.size());
  Bench::run(20 * 400);
  CHECK(b.fast.errors() > 0);
}

TEST_CASE("line: bytes take their time there and back") {
  Bench& b = bench();
  const std::vector<std::uint8_t> bytes{1, 2, 3};
  b.line.send(bytes.data(), bytes.size());
  Bench::run(749);
  CHECK(b.line.take().empty());
  Bench::run(2);
  CHECK(b.line.take() == bytes);
  b.line.answer(bytes);
  CHECK_FALSE(b.line.idle());
  Bench::run(800);
  CHECK(b.line.received() == bytes);
  CHECK(b.line.idle());
}

TEST_CASE("leds: activity shows for one to two flashes, errors until they are cleared") {
  Bench& b = bench();
  constexpr double kFlash = 100e6 / 16;
  b.changes.clear();
  b.driver.link();
  b.driver.error(true);
  CHECK_FALSE(b.driver.settled());
  Bench::run(1);
  REQUIRE_FALSE(b.changes.empty());
  // The watch sees the error LED's pin as active low.
  CHECK((b.changes.back().lit & (kLedLink | kLedError)) == kLedLink);
  Bench::run(kFlash / 2);
  b.driver.link();
  Bench::run(2 * kFlash);
  CHECK(b.driver.settled());
  CHECK((b.changes.back().lit & kLedLink) == 0);
  b.driver.error(false);
  Bench::run(1);
  CHECK((b.changes.back().lit & kLedError) != 0);
  const auto link_off = [&] {
    for (const LedChange& change : b.changes) {
      if ((change.lit & kLedLink) == 0) return static_cast<double>(change.clocks);
    }
    return 0.0;
  }();
  const auto on = static_cast<double>(b.changes.front().clocks);
  CHECK(link_off >= on + kFlash / 2);
  CHECK(link_off <= on + kFlash / 2 + 2 * kFlash);
}

TEST_CASE("leds: alive blinks, four times as fast while the network runs") {
  Bench& b = bench();
  const auto blinks = [&] {
    b.changes.clear();
    Bench::run(20.0 * kBlinkClocks);
    return b.changes.size();
  };
  CHECK(blinks() == 20);
  REQUIRE(b.initiator.write(at(map::Register::kPeriod), 1'000'000) == tlm::TLM_OK_RESPONSE);
  REQUIRE(b.initiator.write(at(map::Request::kRun), 1'000) == tlm::TLM_OK_RESPONSE);
  Bench::run(10);
  CHECK(b.running.read());
  const std::size_t fast = blinks();
  CHECK(fast >= 79);
  CHECK(fast <= 81);
}
