// SPDX-License-Identifier: BSD-3-Clause
// The UARTs bit by bit: clock mismatch, glitches, breaks, full duplex; and the device at its pins.
#include <Vlink_top.h>
#include <Vlink_uart.h>
#include <verilated.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <deque>

#include "bench.hpp"

using namespace ncx::test;

namespace {

/// Sends bytes at a bit time that need not be a whole number of clock cycles.
class LineDriver {
 public:
  explicit LineDriver(double clocks_per_bit) : bit_(clocks_per_bit) {}
  std::deque<std::uint8_t> bytes;
  double gap_bits = 0;  ///< idle time after each byte
  [[nodiscard]] bool busy() const { return !bytes.empty() || left_ > 0; }
  bool clock() {
    // `time_` is what is left of the present bit, in clock cycles.
    time_ -= 1;
    while (time_ < 0 && (left_ > 0 || !bytes.empty())) {
      if (left_ == 0) {
        shift_ = static_cast<std::uint32_t>((bytes.front() << 1) | 0x200);
        bytes.pop_front();
        left_ = 11;
      }
      --left_;
      level_ = left_ == 0 || (shift_ & 1) != 0;
      shift_ = (shift_ >> 1) | 0x200;
      time_ += left_ == 0 ? bit_ * gap_bits : bit_;
    }
    if (time_ < 0) time_ = 0;
    return level_;
  }

 private:
  double bit_, time_ = 0;
  std::uint32_t shift_ = 0;
  int left_ = 0;
  bool level_ = true;
};

/// Receives at a bit time of its own: samples mid-bit.
class LineReader {
 public:
  explicit LineReader(double clocks_per_bit) : bit_(clocks_per_bit) {}
  std::vector<std::uint8_t> bytes;
  std::uint32_t errors = 0;
  void clock(bool level) {
    if (state_ < 0) {
      if (!level) {
        state_ = 0;
        time_ = bit_ / 2;
      }
      return;
    }
    time_ -= 1;
    if (time_ > 0) return;
    time_ += bit_;
    if (state_ == 0 && level) {
      ++errors;
      state_ = -1;
    } else if (state_ == 9) {
      if (level) {
        bytes.push_back(static_cast<std::uint8_t>(shift_));
      } else {
        ++errors;
      }
      state_ = -1;
    } else {
      shift_ = (shift_ >> 1) | (level ? 0x80U : 0U);
      ++state_;
    }
  }

 private:
  double bit_, time_ = 0;
  int state_ = -1;
  std::uint32_t shift_ = 0;
};

class UartBench {
 public:
  UartBench() {
    top_.rst_i = 1;
    top_.clk_i = 0;
    top_.rx_i = kAll;
    top_.rx_ready_i = kAll;
    top_.tx_valid_i = 0;
    for (int i = 0; i < 4; ++i) step();
    top_.rst_i = 0;
    for (int i = 0; i < 8; ++i) step();
  }
  ~UartBench() { top_.final(); }
  UartBench(const UartBench&) = delete;
  UartBench& operator=(const UartBench&) = delete;

  static constexpr std::array<double, 5> kBits{100, 50, 100.0 / 3, 25, 12e6 / 460'800};
  static constexpr std::uint8_t kAll = 0x1F;
  std::array<std::vector<std::uint8_t>, 5> received;
  std::array<std::uint32_t, 5> errors{};
  Vlink_uart& top() { return top_; }
  void set_line(std::size_t pair, bool level) {
    const auto bit = static_cast<std::uint8_t>(1U << pair);
    top_.rx_i = static_cast<std::uint8_t>(level ? top_.rx_i | bit : top_.rx_i & ~bit);
  }
  [[nodiscard]] bool line(std::size_t pair) const { return ((top_.tx_o >> pair) & 1) != 0; }
  void step() {
    top_.clk_i = 0;
    top_.eval();
    for (std::size_t i = 0; i < 5; ++i) {
      if (((top_.rx_valid_o & top_.rx_ready_i) >> i & 1) != 0) {
        received[i].push_back(static_cast<std::uint8_t>(top_.rx_data_o >> (8 * i)));
      }
      errors[i] += (top_.rx_error_o >> i) & 1;
    }
    top_.clk_i = 1;
    top_.eval();
  }

 private:
  VerilatedContext context_;
  Vlink_uart top_{&context_};
};

std::vector<std::uint8_t> random_bytes(Random& random, std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  for (auto& byte : bytes) {
    byte = static_cast<std::uint8_t>(random());
    if (random() % 8 == 0) byte = random() % 2 == 0 ? 0x00 : 0xFF;
  }
  return bytes;
}

}  // namespace

TEST_CASE("bytes arrive at every rate with up to 2 % mismatch, back to back") {
  Random random(1);
  for (std::size_t pair = 0; pair < 5; ++pair) {
    for (int tenths = -25; tenths <= 25; tenths += 5) {
      UartBench bench;
      LineDriver driver(UartBench::kBits[pair] * (1 + tenths / 1000.0));
      const auto bytes = random_bytes(random, 400);
      driver.bytes.assign(bytes.begin(), bytes.end());
      while (driver.busy()) {
        bench.set_line(pair, driver.clock());
        bench.step();
      }
      for (int i = 0; i < 400; ++i) bench.step();
      INFO("pair " << pair << " mismatch " << tenths / 10.0 << " %");
      if (std::abs(tenths) <= 20) {
        CHECK(bench.errors[pair] == 0);
        CHECK(bench.received[pair] == bytes);
      } else if (bench.received[pair] != bytes) {
        WARN("pair " << pair << " fails at " << tenths / 10.0 << " %");
      }
    }
  }
}

TEST_CASE("bytes with pauses arrive too") {
  Random random(2);
  for (const double gap : {0.3, 1.0, 7.77}) {
    UartBench bench;
    LineDriver driver(UartBench::kBits[3] * 1.02);
    driver.gap_bits = gap;
    const auto bytes = random_bytes(random, 200);
    driver.bytes.assign(bytes.begin(), bytes.end());
    while (driver.busy()) {
      bench.set_line(3, driver.clock());
      bench.step();
    }
    for (int i = 0; i < 400; ++i) bench.step();
    CHECK(bench.received[3] == bytes);
    CHECK(bench.errors[3] == 0);
  }
}

TEST_CASE("the transmitter's bits are as long as they should be") {
  Random random(3);
  for (std::size_t pair = 0; pair < 5; ++pair) {
    for (const double mismatch : {-0.02, 0.0, 0.02}) {
      UartBench bench;
      LineReader reader(UartBench::kBits[pair] * (1 + mismatch));
      const auto bytes = random_bytes(random, 300);
      std::size_t at = 0;
      std::uint64_t clocks = 0, first = 0, last = 0;
      while (reader.bytes.size() < bytes.size()) {
        REQUIRE(++clocks < 1'000'000);
        bench.top().tx_valid_i = static_cast<std::uint8_t>(at < bytes.size() ? 1U << pair : 0U);
        if (at < bytes.size()) bench.top().tx_data_i = std::uint64_t{bytes[at]} << (8 * pair);
        bench.top().clk_i = 0;
        bench.top().eval();
        if (at < bytes.size() && ((bench.top().tx_ready_o >> pair) & 1) != 0) {
          if (at == 0) first = clocks;
          last = clocks;
          ++at;
        }
        bench.step();
        reader.clock(bench.line(pair));
      }
      INFO("pair " << pair << " mismatch " << mismatch);
      CHECK(reader.bytes == bytes);
      CHECK(reader.errors == 0);
      // Ten bits a byte and no pause between bytes.
      const double bits = static_cast<double>(last - first) / UartBench::kBits[pair];
      CHECK(bits == Approx(10.0 * static_cast<double>(bytes.size() - 1)).epsilon(0.0015));
    }
  }
}

TEST_CASE("a short glitch is not a byte, and not a wrong bit") {
  Random random(4);
  // Low pulses of less than half a bit on an idle line.
  for (std::size_t pair = 0; pair < 4; ++pair) {
    UartBench bench;
    const auto longest = static_cast<int>(UartBench::kBits[pair] * 0.4);
    for (int width = 1; width <= longest; ++width) {
      bench.set_line(pair, false);
      for (int i = 0; i < width; ++i) bench.step();
      bench.set_line(pair, true);
      for (int i = 0; i < 60; ++i) bench.step();
    }
    bench.set_line(pair, true);
    for (int i = 0; i < 2000; ++i) bench.step();
    CHECK(bench.received[pair].empty());
    CHECK(bench.errors[pair] == 0);
    // The next byte is read as if nothing had been.
    LineDriver driver(UartBench::kBits[pair]);
    driver.bytes = {0xA5};
    while (driver.busy()) {
      bench.set_line(pair, driver.clock());
      bench.step();
    }
    for (int i = 0; i < 200; ++i) bench.step();
    CHECK(bench.received[pair] == std::vector<std::uint8_t>{0xA5});
  }
  // One cycle of noise at any place inside a byte after its start bit's edge: the vote wins.
  for (int at = 2; at < 245; ++at) {
    UartBench bench;
    LineDriver driver(UartBench::kBits[3]);
    driver.bytes = {0x5A};
    for (int i = 0; i < 300; ++i) {
      const bool level = driver.clock();
      bench.set_line(3, i == at ? !level : level);
      bench.step();
    }
    INFO("noise at cycle " << at);
    CHECK(bench.received[3] == std::vector<std::uint8_t>{0x5A});
  }
}

TEST_CASE("a framing error is counted once and its byte dropped, and a break is one error") {
  for (std::size_t pair = 0; pair < 5; ++pair) {
    UartBench bench;
    const auto send = [&](std::uint8_t byte) {
      LineDriver driver(UartBench::kBits[pair]);
      driver.bytes = {byte};
      while (driver.busy()) {
        bench.set_line(pair, driver.clock());
        bench.step();
      }
      for (int i = 0; i < 150; ++i) bench.step();
    };
    // Break: low for a hundred byte times.
    bench.set_line(pair, false);
    for (int i = 0; i < UartBench::kBits[pair] * 1000; ++i) bench.step();
    CHECK(bench.errors[pair] == 1);
    bench.set_line(pair, true);
    for (int i = 0; i < 300; ++i) bench.step();
    CHECK(bench.received[pair].empty());
    send(0x42);
    CHECK(bench.received[pair] == std::vector<std::uint8_t>{0x42});
    // A byte whose stop bit is low: twelve bits low after a start.
    bench.set_line(pair, false);
    for (int i = 0; i < UartBench::kBits[pair] * 12; ++i) bench.step();
    bench.set_line(pair, true);
    for (int i = 0; i < 300; ++i) bench.step();
    CHECK(bench.errors[pair] == 2);
    send(0x43);
    CHECK(bench.received[pair] == std::vector<std::uint8_t>{0x42, 0x43});
    CHECK(bench.errors[pair] == 2);
  }
}

TEST_CASE("a byte that nobody takes in time is an error, not a silent loss") {
  UartBench bench;
  bench.top().rx_ready_i = 0;
  LineDriver driver(UartBench::kBits[3]);
  driver.bytes = {1, 2};
  while (driver.busy()) {
    bench.set_line(3, driver.clock());
    bench.step();
  }
  for (int i = 0; i < 100; ++i) bench.step();
  CHECK(bench.errors[3] == 1);
}

TEST_CASE("the device at its pins says HELLO, with 2 % mismatch either way") {
  for (const double mismatch : {-0.02, 0.0, 0.02}) {
    VerilatedContext context;
    Vlink_top top(&context);
    const double bit = 100e6 / Build::kBaud * (1 + mismatch);
    LineDriver driver(bit);
    LineReader reader(bit);
    const auto step = [&] {
      top.uart_rx_i = driver.clock();
      top.clk_i = 0;
      top.eval();
      top.clk_i = 1;
      top.eval();
      if (top.rst_i == 0) reader.clock(top.uart_tx_o != 0);
    };
    top.rst_i = 1;
    for (int i = 0; i < 4; ++i) step();
    top.rst_i = 0;
    for (int i = 0; i < 100; ++i) step();
    const auto request = [&](ncx::map::Request code, std::uint8_t sequence, const Bytes& payload) {
      const auto kind = static_cast<std::uint8_t>((ncx::map::kProtocolVersion << 6) |
                                                  static_cast<std::uint8_t>(code));
      const Bytes wire = encode(Frame{kind, sequence, payload});
      driver.bytes.insert(driver.bytes.end(), wire.begin(), wire.end());
      reader.bytes.clear();
      for (int i = 0; i < 1'000'000; ++i) {
        step();
        if (!reader.bytes.empty() && reader.bytes.back() == 0) break;
      }
      REQUIRE_FALSE(reader.bytes.empty());
      reader.bytes.pop_back();
      const auto frame = decode(reader.bytes);
      REQUIRE(frame);
      REQUIRE(frame->code() == 32 + static_cast<int>(code));
      REQUIRE(frame->sequence == sequence);
      return frame->payload;
    };
    INFO("mismatch " << mismatch);
    driver.bytes = {0x11, 0x22, 0x00};  // what an earlier program left
    const Bytes hello = request(ncx::map::Request::kHello, 7, u32_payload(1));
    CHECK(hello[0] == 0);
    CHECK(get32(hello, 12) == ncx::map::kInfoMagicValue);
    CHECK(top.link_activity_o == 1);
    std::vector<std::uint64_t> words;
    for (std::uint32_t i = 0; i < 200; ++i) words.push_back(i * 0x01234567);
    const Bytes written = request(ncx::map::Request::kWrite, 8,
                                  write_payload(ncx::map::Region::kSynapse, 4, 0, words));
    CHECK(written[0] == 0);
    const Bytes data =
        request(ncx::map::Request::kRead, 9, read_payload(ncx::map::Region::kSynapse, 4, 200, 0));
    REQUIRE(data.size() == 808);
    for (std::uint32_t i = 0; i < 200; ++i) {
      CHECK(get32(data, 8 + 4 * i) == (words[i] & 0xFFFFFFFF));
    }
    CHECK(top.error_o == 0);
    CHECK(top.running_o == 0);
    top.final();
  }
}
