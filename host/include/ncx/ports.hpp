// SPDX-License-Identifier: BSD-3-Clause
// The serial ports of this machine, from /sys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
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

/// A USB device, whether or not some driver made a port of it.
struct UsbDevice {
  std::uint16_t vid = 0, pid = 0;
  std::string serial, description;
};

/// Empty when there are none; nothing when this machine does not say (no /sys/bus/usb).
[[nodiscard]] std::optional<std::vector<UsbDevice>> list_usb(
    const std::filesystem::path& sys = "/sys");

/// Ordered by path, numbers by value. Empty when there are none, or no /sys.
[[nodiscard]] std::vector<PortInfo> list_ports(const std::filesystem::path& sys = "/sys");

/// What is known of the port at `path`, which may be a link to it.
[[nodiscard]] std::optional<PortInfo> find_port(const std::string& path,
                                                const std::filesystem::path& sys = "/sys");

/// Another program that uses the port, "minicom (process 4711)"; empty when there is none or the
/// system does not tell.
[[nodiscard]] std::string port_user(const std::string& path,
                                    const std::filesystem::path& proc = "/proc");

/// Whether this very program has locked the port, through another opened one.
[[nodiscard]] bool port_is_ours(const std::string& path,
                                const std::filesystem::path& proc = "/proc");

}  // namespace ncx
