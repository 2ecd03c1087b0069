// SPDX-License-Identifier: BSD-3-Clause
// The serial ports of this machine, from /sys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ncx {

struct PortInfo {
  std::string path;                ///< "/dev/ttyUSB1"
  std::uint16_t vid = 0, pid = 0;  ///< USB ids; 0: not a USB device
  std::string serial;              ///< of the USB device, often the board's
  std::string description;         ///< "Digilent Digilent USB Device", or the driver's name
  std::uint32_t interface = 0;     ///< USB interface: on FT2232 boards 0 is JTAG, 1 is the UART
};

/// Ordered by path, numbers by value. Empty when there are none, or no /sys.
[[nodiscard]] std::vector<PortInfo> list_ports(const std::filesystem::path& sys = "/sys");

}  // namespace ncx
