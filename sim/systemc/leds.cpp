// SPDX-License-Identifier: BSD-3-Clause
// LEDs in simulated time.
#include "leds.hpp"

#include <cmath>
#include <utility>

namespace ncx::sim {
namespace {

using sc_core::sc_time;
using sc_core::sc_time_stamp;

const sc_time flash_time() { return {1.0 / 16, sc_core::SC_SEC}; }
constexpr std::uint32_t kFaster = 4;  // times that the alive LED blinks while the network runs

}  // namespace

LedWatch::LedWatch(const sc_core::sc_module_name& name, std::uint32_t active_low,
                   const sc_time& clock, std::function<void(const LedChange&)> on_led)
    : sc_module(name), active_low_(active_low), clock_(clock), on_led_(std::move(on_led)) {
  SC_HAS_PROCESS(LedWatch);
  SC_METHOD(change);
  sensitive << led_i;
  dont_initialize();
}

void LedWatch::change() {
  const std::uint32_t lit = led_i.read() ^ active_low_;
  if (lit == lit_) return;
  lit_ = lit;
  if (on_led_) on_led_({sc_time_stamp().value() / clock_.value(), lit});
}

ActivityLed::ActivityLed(const sc_core::sc_module_name& name, std::function<void(bool)> drive)
    : sc_module(name), drive_(std::move(drive)) {
  SC_HAS_PROCESS(ActivityLed);
  SC_METHOD(flash);
  sensitive << boundary_;
  dont_initialize();
}

void ActivityLed::seen() {
  seen_ = true;
  if (on_) return;
  on_ = true;
  drive_(true);
  // The hardware's flashes have one phase for all time.
  boundary_.notify(flash_time() -
                   sc_time::from_value(sc_time_stamp().value() % flash_time().value()));
}

void ActivityLed::flash() {
  on_ = std::exchange(seen_, false);
  if (!on_) {
    drive_(false);
  } else {
    boundary_.notify(flash_time());
  }
}

LedDriver::LedDriver(const sc_core::sc_module_name& name, const sc_time& clock)
    : sc_module(name),
      clock_(clock),
      link_("link", [this](bool on) { set(kLedLink, on); }),
      spike_("spike", [this](bool on) { set(kLedSpike, on); }) {
  SC_HAS_PROCESS(LedDriver);
  SC_THREAD(blink);
  SC_METHOD(drive);
  sensitive << changed_;
  dont_initialize();
}

void LedDriver::set(std::uint32_t led, bool on) {
  lit_ = on ? lit_ | led : lit_ & ~led;
  changed_.notify(sc_core::SC_ZERO_TIME);  // a signal has one process that writes it
}

void LedDriver::drive() { led_o.write(lit_); }

void LedDriver::blink() {
  const sc_time quarter = clock_ * (double{kBlinkClocks} / kFaster);
  std::uint32_t quarters = 0;
  while (true) {
    wait(quarter);
    ++quarters;
    if (quarters < kFaster && !running_i.read()) continue;
    quarters = 0;
    set(kLedAlive, (lit_ & kLedAlive) == 0);
  }
}

}  // namespace ncx::sim
