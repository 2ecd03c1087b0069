// SPDX-License-Identifier: BSD-3-Clause
// SystemC modules for a board's LEDs: an eye on them, and what drives them without RTL.
#pragma once

#include <cstdint>
#include <functional>
#include <systemc>

#include "platform.hpp"

namespace ncx::sim {

/// Reports every change of the LEDs.
class LedWatch : public sc_core::sc_module {
 public:
  sc_core::sc_in<std::uint32_t> led_i{"led_i"};

  /// `active_low`: one bit an LED that shines while its pin is low.
  LedWatch(const sc_core::sc_module_name& name, std::uint32_t active_low,
           const sc_core::sc_time& clock, std::function<void(const LedChange&)> on_led);

 private:
  void change();

  std::uint32_t active_low_, lit_ = 0;
  sc_core::sc_time clock_;
  std::function<void(const LedChange&)> on_led_;
};

/// One LED that shows that something happens: on with it, off one to two flashes after the last.
class ActivityLed : public sc_core::sc_module {
 public:
  ActivityLed(const sc_core::sc_module_name& name, std::function<void(bool)> drive);
  void seen();
  [[nodiscard]] bool on() const { return on_; }

 private:
  void flash();

  std::function<void(bool)> drive_;
  sc_core::sc_event boundary_;
  bool on_ = false, seen_ = false;
};

/// The LEDs as ncx_board.sv and ncx_device.sv drive them.
class LedDriver : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> running_i{"running_i"};
  sc_core::sc_out<std::uint32_t> led_o{"led_o"};

  LedDriver(const sc_core::sc_module_name& name, const sc_core::sc_time& clock);
  void link() { link_.seen(); }
  void spike() { spike_.seen(); }
  void error(bool on) { set(kLedError, on); }
  /// Only the alive LED will change by itself.
  [[nodiscard]] bool settled() const { return !link_.on() && !spike_.on(); }

 private:
  void blink();
  void drive();
  void set(std::uint32_t led, bool on);

  sc_core::sc_time clock_;
  sc_core::sc_event changed_;
  std::uint32_t lit_ = 0;
  ActivityLed link_, spike_;
};

}  // namespace ncx::sim
