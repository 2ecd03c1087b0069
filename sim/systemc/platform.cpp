// SPDX-License-Identifier: BSD-3-Clause
// Two boards from the modules of this folder: around Verilated RTL, and around a TLM core.
#include "platform.hpp"

#include <systemc>
#include <utility>

#include "leds.hpp"
#include "ncx/error.hpp"
#include "rtl_board.hpp"
#include "tlm_core.hpp"
#include "tlm_link.hpp"
#include "uart.hpp"

// SystemC's library wants one. We are called by a program that has its own start.
int sc_main(int, char**) { return 1; }

namespace ncx::sim {
namespace {

using sc_core::sc_signal;
using sc_core::sc_time;

/// A silent board whose network stands still may be at a CHECK over its largest memory.
constexpr double kSilentClocks = 4'000'000;
constexpr double kResetClocks = 16;
/// From the end of the button's reset to the end of the board's: see VerilatedPins.
constexpr std::uint64_t kStartClocks = 1'000;

sc_time clock_period(const PlatformOptions& options) {
  return {1.0 / options.clock_hz, sc_core::SC_SEC};
}

/// Time in clock cycles, and only one simulation.
class Simulation : public Platform {
 public:
  explicit Simulation(const PlatformOptions& options) : period_(clock_period(options)) {
    if (sc_core::sc_is_running() || sc_core::sc_time_stamp() != sc_core::SC_ZERO_TIME ||
        sc_core::sc_get_status() != sc_core::SC_ELABORATION) {
      throw InputError("a second virtual board in one process",
                       "a process for each: SystemC has one simulation");
    }
  }

  void advance(std::uint64_t clocks) override {
    sc_core::sc_start(period_ * static_cast<double>(clocks));
  }
  [[nodiscard]] std::uint64_t clocks() const override {
    return sc_core::sc_time_stamp().value() / period_.value();
  }

 protected:
  [[nodiscard]] const sc_time& period() const { return period_; }

 private:
  sc_time period_;
};

/// Presses the reset button for a while at the start.
class Reset : public sc_core::sc_module {
 public:
  sc_core::sc_out<bool> reset_o{"reset_o"};

  Reset(const sc_core::sc_module_name& name, bool active_low, const sc_time& duration)
      : sc_module(name), active_low_(active_low), duration_(duration) {
    SC_HAS_PROCESS(Reset);
    SC_THREAD(press);
  }

 private:
  void press() {
    reset_o.write(!active_low_);
    wait(duration_);
    reset_o.write(active_low_);
  }

  bool active_low_;
  sc_time duration_;
};

class RtlPlatform final : public Simulation {
 public:
  RtlPlatform(std::unique_ptr<BoardPins> pins, const Polarity& polarity,
              const PlatformOptions& options)
      : Simulation(options),
        clock_("clock", period()),
        reset_("reset", polarity.reset_low, period() * kResetClocks),
        board_("board", std::move(pins)),
        uart_("uart", options.baud),
        leds_("leds", polarity.leds_low, period(), options.on_led) {
    reset_.reset_o(reset_pin_);
    board_.clk_i(clock_);
    board_.reset_i(reset_pin_);
    board_.uart_rx_i(to_board_);
    board_.uart_tx_o(from_board_);
    board_.led_o(led_pins_);
    uart_.tx_o(to_board_);
    uart_.rx_i(from_board_);
    leds_.led_i(led_pins_);
    advance(kStartClocks);
  }

  void send(const std::uint8_t* bytes, std::size_t count) override { uart_.send(bytes, count); }
  [[nodiscard]] std::size_t unsent() const override { return uart_.unsent(); }
  [[nodiscard]] std::vector<std::uint8_t> received() override { return uart_.received(); }
  [[nodiscard]] bool asleep() const override {
    return !board_.running() &&
           sc_core::sc_time_stamp() - uart_.quiet_since() >= period() * kSilentClocks;
  }
  [[nodiscard]] std::uint64_t line_errors() const override { return uart_.errors(); }

 private:
  sc_signal<bool> reset_pin_{"reset_pin"}, to_board_{"to_board", true},
      from_board_{"from_board", true};
  sc_signal<std::uint32_t> led_pins_{"led_pins"};
  sc_core::sc_clock clock_;
  Reset reset_;
  RtlBoard board_;
  Uart uart_;
  LedWatch leds_;
};

/// Carries what the link and the core do to the LEDs.
class Watch : public sc_core::sc_module {
 public:
  Watch(const sc_core::sc_module_name& name, const TlmLink& link, const TlmCore& core,
        LedDriver& leds)
      : sc_module(name), link_(link), leds_(leds) {
    SC_HAS_PROCESS(Watch);
    SC_METHOD(framed);
    sensitive << link.framed();
    dont_initialize();
    SC_METHOD(checked);
    sensitive << link.checked();
    dont_initialize();
    SC_METHOD(fired);
    sensitive << core.fired();
    dont_initialize();
  }

 private:
  void framed() { leds_.link(); }
  void checked() { leds_.error(link_.error()); }
  void fired() { leds_.spike(); }

  const TlmLink& link_;
  LedDriver& leds_;
};

class TlmPlatform final : public Simulation {
 public:
  TlmPlatform(std::unique_ptr<BusDevice> core, const LinkFactory& link,
              const PlatformOptions& options)
      : Simulation(options),
        line_("line", options.baud),
        core_("core", std::move(core), period()),
        link_("link", line_, link, period()),
        driver_("driver", period()),
        watch_("watch", link_, core_, driver_),
        leds_("leds", 0, period(), options.on_led) {
    link_.socket.bind(core_.socket);
    core_.running_o(running_);
    link_.running_i(running_);
    driver_.running_i(running_);
    driver_.led_o(led_pins_);
    leds_.led_i(led_pins_);
    advance(kStartClocks);
  }

  void send(const std::uint8_t* bytes, std::size_t count) override { line_.send(bytes, count); }
  [[nodiscard]] std::size_t unsent() const override { return line_.unsent(); }
  [[nodiscard]] std::vector<std::uint8_t> received() override { return line_.received(); }
  [[nodiscard]] bool asleep() const override {
    return line_.idle() && link_.asleep() && !running_.read() && driver_.settled();
  }
  [[nodiscard]] std::uint64_t line_errors() const override { return 0; }

 private:
  sc_signal<bool> running_{"running"};
  sc_signal<std::uint32_t> led_pins_{"led_pins"};
  ByteLine line_;
  TlmCore core_;
  TlmLink link_;
  LedDriver driver_;
  Watch watch_;
  LedWatch leds_;
};

}  // namespace

std::unique_ptr<Platform> make_rtl_platform(std::unique_ptr<BoardPins> board,
                                            const Polarity& polarity,
                                            const PlatformOptions& options) {
  return std::make_unique<RtlPlatform>(std::move(board), polarity, options);
}

std::unique_ptr<Platform> make_tlm_platform(std::unique_ptr<BusDevice> core,
                                            const LinkFactory& link,
                                            const PlatformOptions& options) {
  return std::make_unique<TlmPlatform>(std::move(core), link, options);
}

}  // namespace ncx::sim
