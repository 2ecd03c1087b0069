// SPDX-License-Identifier: BSD-3-Clause
// What SystemC costs the virtual board: the same Verilated Basys 3 in a plain loop and in the
// SystemC platform, loaded and run over its UART pins; then the transaction-level model.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "ncx/boards.hpp"
#include "ncx/compiler.hpp"
#include "ncx/device.hpp"
#include "ncx/geometry.hpp"
#include "ncx/network.hpp"
#include "ncx/random_network.hpp"
#include "pin_factory.hpp"
#include "systemc/platform.hpp"
#include "uart_line.hpp"

namespace {

using namespace ncx;
using Wall = std::chrono::steady_clock;

constexpr const char* kBoard = "basys3";
constexpr std::uint32_t kNeurons = 64, kRate = 5, kTicks = 20'000;
constexpr std::uint64_t kSlice = 2'000;

/// The loop that a SystemC kernel replaces: nothing but the top, a UART and a counter.
class PlainBoard final : public sim::Platform {
 public:
  PlainBoard(std::unique_ptr<sim::BoardPins> pins, double clocks_per_bit)
      : pins_(std::move(pins)), transmitter_(clocks_per_bit), receiver_(clocks_per_bit) {
    advance(1'000);
  }
  void send(const std::uint8_t* bytes, std::size_t count) override {
    to_board_.insert(to_board_.end(), bytes, bytes + count);
  }
  [[nodiscard]] std::size_t unsent() const override { return to_board_.size(); }
  [[nodiscard]] std::vector<std::uint8_t> received() override {
    return std::exchange(received_, {});
  }
  void advance(std::uint64_t clocks) override {
    for (std::uint64_t i = 0; i < clocks; ++i) {
      if (transmitter_.idle() && !to_board_.empty()) {
        transmitter_.send(to_board_.front());
        to_board_.pop_front();
      }
      pins_->low(false, transmitter_.clock());
      pins_->high();
      if (const auto byte = receiver_.clock(pins_->uart_tx())) received_.push_back(*byte);
    }
    clocks_ += clocks;
  }
  [[nodiscard]] std::uint64_t clocks() const override { return clocks_; }
  [[nodiscard]] bool asleep() const override { return false; }
  [[nodiscard]] std::uint64_t line_errors() const override { return receiver_.errors(); }

 private:
  std::unique_ptr<sim::BoardPins> pins_;
  sim::UartTransmitter transmitter_;
  sim::UartReceiver receiver_;
  std::deque<std::uint8_t> to_board_;
  std::vector<std::uint8_t> received_;
  std::uint64_t clocks_ = 0;
};

/// Timeouts are in simulated time.
class Line final : public Transport {
 public:
  Line(sim::Platform& board, std::uint32_t clock_hz) : board_(board), clock_hz_(clock_hz) {}
  void write(std::span<const std::uint8_t> bytes) override {
    board_.send(bytes.data(), bytes.size());
  }
  std::size_t read(std::span<std::uint8_t> out, std::chrono::milliseconds timeout) override {
    const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(timeout.count(), 0));
    const std::uint64_t end = board_.clocks() + ms * clock_hz_ / 1000;
    do {
      board_.advance(kSlice);
      const auto bytes = board_.received();
      waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
    } while (waiting_.empty() && board_.clocks() < end);
    const std::size_t count = std::min(out.size(), waiting_.size());
    std::copy_n(waiting_.begin(), count, out.begin());
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
  }
  [[nodiscard]] std::string description() const override { return "simulated line"; }

 private:
  sim::Platform& board_;
  std::uint64_t clock_hz_;
  std::deque<std::uint8_t> waiting_;
};

/// Every neuron spikes in about 2 % of the ticks and has a synapse to every other.
Image all_to_all(const Geometry& geometry) {
  return compile(all_to_all_network(kNeurons, kRate), geometry).image;
}

struct Speed {
  double loading = 0, running = 0;  // clocks a second
};

Speed measure(sim::Platform& board, const Geometry& geometry, const Image& image) {
  Device device(std::make_unique<Line>(board, geometry.clock_hz));
  const auto rate = [&](const auto& work) {
    const std::uint64_t clocks = board.clocks();
    const auto start = Wall::now();
    work();
    return static_cast<double>(board.clocks() - clocks) /
           std::chrono::duration<double>(Wall::now() - start).count();
  };
  Speed speed;
  speed.loading = rate([&] { load_image(device, image); });
  RunRequest request;
  request.ticks = kTicks;
  request.record_spikes = request.count_spikes = false;
  speed.running = rate([&] { static_cast<void>(device.run(request)); });
  return speed;
}

std::unique_ptr<sim::Platform> make(const std::string& kind, const Board& board,
                                    const Geometry& geometry) {
  sim::PlatformOptions options;
  options.clock_hz = geometry.clock_hz;
  options.baud = board.baud;
  if (kind == "tlm") {
    return sim::make_tlm_platform(sim::make_model_core(std::string(board.build)),
                                  sim::make_bus_link, options);
  }
  for (const sim::PinFactory& factory : sim::pin_factories()) {
    if (factory.board != board.name) continue;
    if (kind == "systemc") return sim::make_rtl_platform(factory.make(), {}, options);
    return std::make_unique<PlainBoard>(factory.make(), 1.0 * geometry.clock_hz / board.baud);
  }
  return nullptr;
}

}  // namespace

/// `bench_board plain|systemc|tlm`: a process for each, as SystemC has one simulation in it.
int main(int argc, char** argv) {
  const std::string kind = argc > 1 ? argv[1] : "";
  if (kind != "plain" && kind != "systemc" && kind != "tlm") {
    fmt::print(stderr, "usage: bench_board plain|systemc|tlm\n");
    return 2;
  }
  const Board& board = find_board(kBoard);
  const Geometry geometry = Geometry::named(board.build);
  const auto platform = make(kind, board, geometry);
  if (!platform) {
    fmt::print(stderr, "{} is not Verilated in this build\n", kBoard);
    return 1;
  }
  const Speed speed = measure(*platform, geometry, all_to_all(geometry));
  fmt::print("{:8} {:12.0f} clocks/s loading, {:12.0f} clocks/s running\n", kind, speed.loading,
             speed.running);
}
