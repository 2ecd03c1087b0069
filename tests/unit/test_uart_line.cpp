// SPDX-License-Identifier: BSD-3-Clause
// The simulator's end of the UART line: what it sends is what it receives, at any bit time.
#include <catch2/catch.hpp>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "uart_line.hpp"

namespace {

using ncx::sim::UartReceiver;
using ncx::sim::UartTransmitter;

/// Sends bytes back to back and returns what a receiver of another bit time makes of them.
std::vector<std::uint8_t> across(const std::vector<std::uint8_t>& bytes, double sent_bit,
                                 double received_bit, std::uint64_t& clocks,
                                 std::uint64_t& errors) {
  UartTransmitter transmitter(sent_bit);
  UartReceiver receiver(received_bit);
  std::vector<std::uint8_t> received;
  std::size_t next = 0;
  clocks = 0;
  for (int idle = 0; idle < 1000; ++clocks) {
    if (transmitter.idle()) {
      if (next < bytes.size()) {
        transmitter.send(bytes[next++]);
      } else {
        ++idle;
      }
    }
    if (const auto byte = receiver.clock(transmitter.clock())) received.push_back(*byte);
  }
  clocks -= 1000;
  errors = receiver.errors();
  return received;
}

std::vector<std::uint8_t> random_bytes(std::size_t count) {
  std::mt19937 random(1);
  std::vector<std::uint8_t> bytes(count);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

}  // namespace

TEST_CASE("every byte crosses the line at whole and broken bit times") {
  const auto bytes = random_bytes(500);
  for (const double bit : {4.0, 8.68, 25.0, 25.4, 100.0, 108.5}) {
    std::uint64_t clocks = 0, errors = 0;
    CAPTURE(bit);
    CHECK(across(bytes, bit, bit, clocks, errors) == bytes);
    CHECK(errors == 0);
    CHECK(static_cast<double>(clocks) == Approx(500 * 10 * bit).margin(2));
  }
}

TEST_CASE("two percent of difference are tolerated, ten are noticed") {
  const auto bytes = random_bytes(500);
  std::uint64_t clocks = 0, errors = 0;
  CHECK(across(bytes, 100.0, 102.0, clocks, errors) == bytes);
  CHECK(across(bytes, 100.0, 98.0, clocks, errors) == bytes);
  CHECK(across(bytes, 100.0, 120.0, clocks, errors) != bytes);
  CHECK(errors > 0);
}

TEST_CASE("a glitch shorter than half a bit is not a start bit") {
  UartReceiver receiver(100.0);
  for (int i = 0; i < 40; ++i) CHECK_FALSE(receiver.clock(false));
  for (int i = 0; i < 5000; ++i) CHECK_FALSE(receiver.clock(true));
  CHECK(receiver.idle());
  CHECK(receiver.errors() == 0);
}
