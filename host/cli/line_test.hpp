// SPDX-License-Identifier: BSD-3-Clause
// The line's part of the selftest: damaged frames must be refused and counted, at both ends.
#pragma once

#include <cstdint>
#include <memory>

#include "memory_test.hpp"
#include "ncx/device.hpp"
#include "ncx/random_network.hpp"

namespace ncx::cli {

/// A line that damages a frame when told to. Copies share what they are told.
class DamagingLine {
 public:
  explicit DamagingLine(std::uint64_t seed);

  /// Puts it on top of `inner`: for LinkOptions::tap.
  [[nodiscard]] std::unique_ptr<Transport> operator()(std::unique_ptr<Transport> inner) const;

  /// A damaged copy goes to the device ahead of the next frame.
  void damage_next_write() { state_->write = true; }
  /// The next bytes that come are damaged.
  void damage_next_read() { state_->read = true; }

 private:
  struct State {
    Random random;
    bool write = false, read = false;
  };
  class Line;
  std::shared_ptr<State> state_;
};

/// Requests with a damaged copy ahead of them, and damaged answers. `line` must be the device's.
[[nodiscard]] CheckResult test_line(Device& device, DamagingLine& line, std::uint64_t seed);

}  // namespace ncx::cli
