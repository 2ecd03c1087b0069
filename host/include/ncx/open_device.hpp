// SPDX-License-Identifier: BSD-3-Clause
// A device at a serial port, without its rate or even its port being known.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ncx/device.hpp"
#include "ncx/ports.hpp"

namespace ncx {

/// In place of a path: the only board that is connected.
inline constexpr std::string_view kAutoPort = "auto";

struct PortOptions {
  std::uint32_t baud = 0;  ///< 0: those of rates_of(), until one works
  LinkOptions link;
  std::filesystem::path sys = "/sys";
};

/// Line rates worth trying, the likeliest first: those of the boards that the USB ids name, of the
/// other boards, and of builds without a board.
[[nodiscard]] std::vector<std::uint32_t> rates_of(const PortInfo& port);

/// Opens the device at `port`, a path or kAutoPort. A pseudo-terminal has no rate, but a longer
/// grace: a simulator is slower than its line says. Throws PortError for a port that cannot be
/// opened, or when "auto" finds none or several, and NoAnswerError that says what was tried.
[[nodiscard]] std::unique_ptr<Device> open_device(const std::string& port,
                                                  const PortOptions& options = {});

/// What a port's asking brought.
struct Candidate {
  PortInfo port;
  std::unique_ptr<Device> device;  ///< null: nothing that we know answers
  bool opened = true;              ///< false: nobody could be asked, it is held or forbidden
  std::string problem, hint;       ///< why there is no device
};
[[nodiscard]] Candidate ask(const PortInfo& port, const PortOptions& options = {});

}  // namespace ncx
