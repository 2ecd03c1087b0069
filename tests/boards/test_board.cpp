// SPDX-License-Identifier: BSD-3-Clause
// A board's top at its pins: reset, line and LEDs.
#include <Vboard_cmod_a7.h>
#include <Vboard_nexys_a7_100.h>
#include <verilated.h>

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>

#include "ncx/map.hpp"
#include "reference.hpp"
#include "uart_line.hpp"

using namespace ncx;
using namespace ncx::test;

namespace {

// As CMakeLists.txt asks for.
constexpr double kClocksPerBit = 1'600'000.0 / 80'000;
constexpr int kHoldClocks = 64, kBlinkClocks = 200, kLockClocks = 100, kSynchroniser = 2;
constexpr int kFlashClocks = 1'600'000 / 16;  // an activity shows for one to two of these
constexpr int kReplyClocks = 60'000;
constexpr unsigned kAlive = 1, kLink = 2, kSpike = 4, kError = 8;

struct CmodA7 {
  using Top = Vboard_cmod_a7;
  static constexpr bool kPressed = true;
  static constexpr unsigned kActiveLow = kSpike | kError;
};
struct NexysA7 {
  using Top = Vboard_nexys_a7_100;
  static constexpr bool kPressed = false;
  static constexpr unsigned kActiveLow = 0;
};

template <class Kind>
class Board {
 public:
  Board() : transmitter_(kClocksPerBit), receiver_(kClocksPerBit) {
    context_.threads(1);
    top_ = std::make_unique<typename Kind::Top>(&context_);
    top_->uart_rx_i = 1;
    press(false);
    top_->clk_i = 0;
    top_->eval();
  }
  ~Board() {
    top_->final();
    top_.reset();
  }
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  void press(bool pressed) { top_->reset_i = pressed == Kind::kPressed; }
  /// The LEDs that shine.
  [[nodiscard]] unsigned lit() const { return top_->led_o ^ Kind::kActiveLow; }
  [[nodiscard]] bool line() const { return top_->uart_tx_o; }

  void clock() {
    if (transmitter_.idle() && next_ < to_board_.size()) transmitter_.send(to_board_[next_++]);
    top_->uart_rx_i = transmitter_.clock();
    top_->clk_i = 0;
    top_->eval();
    top_->clk_i = 1;
    top_->eval();
    if (const auto byte = receiver_.clock(top_->uart_tx_o)) take(*byte);
  }
  void run(int clocks) {
    for (int i = 0; i < clocks; ++i) clock();
  }
  /// Cycles until an LED shines (or not), at most `limit`.
  std::optional<int> until(unsigned led, bool on, int limit) {
    for (int i = 0; i < limit; ++i) {
      if (((lit() & led) != 0) == on) return i;
      clock();
    }
    return std::nullopt;
  }
  void send(const Bytes& bytes) {
    to_board_ = bytes;
    next_ = 0;
  }
  std::optional<Frame> ask(map::Request code, std::uint8_t sequence, const Bytes& payload) {
    reply_.reset();
    const auto kind =
        static_cast<std::uint8_t>(map::kProtocolVersion << 6 | static_cast<std::uint8_t>(code));
    Bytes wire{0};
    const Bytes frame = encode({kind, sequence, payload});
    wire.insert(wire.end(), frame.begin(), frame.end());
    send(wire);
    for (int i = 0; i < kReplyClocks && !reply_; ++i) clock();
    return reply_;
  }
  std::optional<Frame> hello(std::uint32_t nonce) {
    Bytes payload;
    put32(payload, nonce);
    return ask(map::Request::kHello, 0, payload);
  }
  /// From power-up to a board that listens.
  void start() { run(kLockClocks + kHoldClocks + 10); }

 private:
  void take(std::uint8_t byte) {
    if (byte != 0) {
      partial_.push_back(byte);
      return;
    }
    if (const auto frame = decode(partial_)) reply_ = *frame;
    partial_.clear();
  }

  VerilatedContext context_;
  std::unique_ptr<typename Kind::Top> top_;
  sim::UartTransmitter transmitter_;
  sim::UartReceiver receiver_;
  Bytes to_board_, partial_;
  std::size_t next_ = 0;
  std::optional<Frame> reply_;
};

}  // namespace

TEMPLATE_TEST_CASE("a board answers HELLO through its pins with what it is", "", CmodA7, NexysA7) {
  Board<TestType> board;
  board.start();
  const auto reply = board.hello(0x1234);
  REQUIRE(reply);
  constexpr std::size_t kHeader = 8, kPosition = 4;
  const auto info = [&](std::uint32_t word) {
    return get32(reply->payload, kHeader + kPosition + 4 * word);
  };
  CHECK(reply->payload[0] == static_cast<std::uint8_t>(map::Status::kOk));
  CHECK(info(map::kInfoMapHash) == map::kMapHash);
  CHECK(info(map::kInfoBuild) == 77);
  CHECK(info(map::kInfoNeurons) == 64);
  CHECK(info(map::kInfoBaud) == 80'000);
  CHECK(info(map::kInfoName0) == 0x796E6974);  // "tiny"
}

TEMPLATE_TEST_CASE("reset lasts until the clock is locked and has been for a while", "", CmodA7,
                   NexysA7) {
  Board<TestType> board;
  // The line is at rest from the first cycle on, so that the host sees no byte that is none.
  for (int i = 0; i < kLockClocks + kHoldClocks; ++i) {
    board.clock();
    REQUIRE(board.line());
    REQUIRE((board.lit() & (kAlive | kLink | kError)) == 0);
  }
  const auto alive = board.until(kAlive, true, 2 * kBlinkClocks);
  REQUIRE(alive);
  // Out of reset after lock, synchroniser and hold; then half a period; one cycle to the pin.
  CHECK(*alive - kBlinkClocks >= 0);
  CHECK(*alive - kBlinkClocks <= kSynchroniser + 3);
}

TEMPLATE_TEST_CASE("alive blinks with the period asked for", "", CmodA7, NexysA7) {
  Board<TestType> board;
  board.start();
  REQUIRE(board.until(kAlive, true, 2 * kBlinkClocks));
  for (int i = 0; i < 3; ++i) {
    CHECK(board.until(kAlive, false, 2 * kBlinkClocks) == std::optional<int>(kBlinkClocks));
    CHECK(board.until(kAlive, true, 2 * kBlinkClocks) == std::optional<int>(kBlinkClocks));
  }
}

TEMPLATE_TEST_CASE("the button resets, and its bouncing does not matter", "", CmodA7, NexysA7) {
  Board<TestType> board;
  board.start();
  REQUIRE(board.hello(1));
  Bytes read;
  read.push_back(static_cast<std::uint8_t>(map::Region::kRegisters));
  read.push_back(4);
  put16(read, 1);
  put32(read, static_cast<std::uint32_t>(map::Register::kScratch));
  const auto before = board.ask(map::Request::kRead, 1, read);
  REQUIRE(before);
  CHECK(before->payload[0] == static_cast<std::uint8_t>(map::Status::kOk));

  board.press(true);
  board.run(20);
  for (int bounce = 0; bounce < 5; ++bounce) {  // never quiet for as long as the reset holds
    board.press(false);
    board.run(kHoldClocks - 10);
    CHECK((board.lit() & (kAlive | kLink | kError)) == 0);
    board.press(true);
    board.run(3);
  }
  board.press(false);
  const auto alive = board.until(kAlive, true, kHoldClocks + 2 * kBlinkClocks);
  REQUIRE(alive);
  CHECK(*alive >= kHoldClocks + kBlinkClocks);
  CHECK(*alive <= kHoldClocks + kBlinkClocks + kSynchroniser + 3);

  const auto after = board.ask(map::Request::kRead, 2, read);
  REQUIRE(after);
  CHECK(after->payload[0] == static_cast<std::uint8_t>(map::Status::kNoSession));
}

TEMPLATE_TEST_CASE("the link LED shows frames, the error LED damage", "", CmodA7, NexysA7) {
  Board<TestType> board;
  board.start();
  CHECK((board.lit() & (kLink | kSpike | kError)) == 0);
  REQUIRE(board.hello(1));
  CHECK((board.lit() & kLink) != 0);
  CHECK((board.lit() & kError) == 0);
  const auto off = board.until(kLink, false, 3 * kFlashClocks);
  REQUIRE(off);
  CHECK(*off <= 2 * kFlashClocks);

  board.send({0, 5, 1, 2, 3, 4, 0});  // COBS, but no frame
  CHECK(board.until(kError, true, kReplyClocks));
  CHECK((board.lit() & kLink) == 0);
  REQUIRE(board.hello(2));  // a new session
  CHECK((board.lit() & kError) == 0);
}

TEST_CASE("the colour of the Cmod's LED that no signal has stays dark") {
  VerilatedContext context;
  Vboard_cmod_a7 top(&context);
  top.eval();
  CHECK(top.dark_o == 1);
}
