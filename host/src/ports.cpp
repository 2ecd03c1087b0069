// SPDX-License-Identifier: BSD-3-Clause
// Serial ports from /sys/class/tty: those with hardware behind them, with what USB knows of it.
#include "ncx/ports.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>

namespace ncx {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  const auto end = line.find_last_not_of(" \t\r");
  line.erase(end == std::string::npos ? 0 : end + 1);
  return line;
}

std::uint32_t hex(const std::string& text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

// A name with its digits as a number, so that ttyUSB10 comes after ttyUSB9.
std::pair<std::string, std::uint64_t> order_of(const std::string& path) {
  const auto digits = path.find_last_not_of("0123456789") + 1;
  std::uint64_t number = 0;
  std::from_chars(path.data() + digits, path.data() + path.size(), number);
  return {path.substr(0, digits), number};
}

std::string maker_and_product(const fs::path& device) {
  std::string text = first_line(device / "manufacturer");
  const std::string product = first_line(device / "product");
  if (!text.empty() && !product.empty()) text += ' ';
  return text + product;
}

std::optional<PortInfo> port_of(const fs::path& entry) {
  std::error_code error;
  const std::string name = entry.filename();
  // Consoles and pseudo-terminals have no device.
  const fs::path device = fs::canonical(entry / "device", error);
  if (error) return std::nullopt;
  // A UART that the kernel made room for but did not find has type 0.
  if (first_line(entry / "type") == "0") return std::nullopt;

  PortInfo port;
  port.path = "/dev/" + name;
  // A slash cannot be in a name there: the kernel writes '!' for it.
  std::replace(port.path.begin(), port.path.end(), '!', '/');
  // Newer kernels put a device of driver "port", and one of "ctrl", below that which has the UART.
  for (fs::path at = device; at.has_relative_path(); at = at.parent_path()) {
    const std::string driver = fs::canonical(at / "driver", error).filename();
    if (error) continue;
    port.description = driver;
    if (driver != "port" && driver != "ctrl") break;
  }
  // The USB device is some levels above the port.
  for (fs::path at = device; at.has_relative_path(); at = at.parent_path()) {
    if (fs::exists(at / "bInterfaceNumber", error)) {
      port.interface = hex(first_line(at / "bInterfaceNumber"));
    }
    if (!fs::exists(at / "idVendor", error)) continue;
    port.vid = static_cast<std::uint16_t>(hex(first_line(at / "idVendor")));
    port.pid = static_cast<std::uint16_t>(hex(first_line(at / "idProduct")));
    port.serial = first_line(at / "serial");
    const std::string name_there = maker_and_product(at);
    if (!name_there.empty()) port.description = name_there;
    break;
  }
  return port;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

/// Processes that have a lock on the file, by the kernel's table: that of a port's user, while
/// others may just have it open.
std::vector<std::string> lockers(const fs::path& target, const fs::path& proc) {
  struct stat status {};
  if (::stat(target.c_str(), &status) != 0) return {};
  const std::string file = fmt::format("{:02x}:{:02x}:{}", ::major(status.st_dev),
                                       ::minor(status.st_dev), status.st_ino);
  std::vector<std::string> pids;
  std::ifstream table(proc / "locks");
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line);
    std::string number, kind, mode, access, pid, where;
    words >> number >> kind >> mode >> access >> pid >> where;
    if (kind == "FLOCK" && where == file) pids.push_back(pid);
  }
  return pids;
}

/// Processes that have the file open, as far as we may see that.
std::vector<std::string> openers(const fs::path& target, const fs::path& proc) {
  std::vector<std::string> pids;
  std::error_code ignored;
  for (const auto& process : fs::directory_iterator(proc, ignored)) {
    const std::string pid = process.path().filename();
    if (!is_number(pid)) continue;
    for (const auto& file : fs::directory_iterator(process.path() / "fd", ignored)) {
      if (fs::read_symlink(file.path(), ignored) != target) continue;
      pids.push_back(pid);
      break;
    }
  }
  return pids;
}

}  // namespace

std::string port_user(const std::string& path, const fs::path& proc) {
  std::error_code ignored;
  const fs::path target = fs::canonical(path, ignored);
  const std::string self = std::to_string(::getpid());
  for (const auto& pids : {lockers(target, proc), openers(target, proc)}) {
    for (const std::string& pid : pids) {
      if (pid == self || !is_number(pid) || pid == "0") continue;
      return fmt::format("{} (process {})", first_line(proc / pid / "comm"), pid);
    }
  }
  return {};
}

bool port_is_ours(const std::string& path, const fs::path& proc) {
  std::error_code ignored;
  const std::vector<std::string> pids = lockers(fs::canonical(path, ignored), proc);
  return std::find(pids.begin(), pids.end(), std::to_string(::getpid())) != pids.end();
}

std::optional<PortInfo> find_port(const std::string& path, const fs::path& sys) {
  std::error_code error;
  const fs::path target = fs::canonical(path, error);
  for (PortInfo& port : list_ports(sys)) {
    if (port.path == path || (!error && port.path == target)) return std::move(port);
  }
  return std::nullopt;
}

std::optional<std::vector<UsbDevice>> list_usb(const fs::path& sys) {
  std::error_code error;
  const fs::path folder = sys / "bus" / "usb" / "devices";
  if (!fs::is_directory(folder, error)) return std::nullopt;
  std::vector<UsbDevice> devices;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    // Interfaces are listed here as well; only devices have ids.
    if (!fs::exists(entry.path() / "idVendor", error)) continue;
    devices.push_back({static_cast<std::uint16_t>(hex(first_line(entry.path() / "idVendor"))),
                       static_cast<std::uint16_t>(hex(first_line(entry.path() / "idProduct"))),
                       first_line(entry.path() / "serial"), maker_and_product(entry.path())});
  }
  std::sort(devices.begin(), devices.end(),
            [](const UsbDevice& a, const UsbDevice& b) { return a.serial < b.serial; });
  return devices;
}

std::vector<PortInfo> list_ports(const fs::path& sys) {
  std::vector<PortInfo> ports;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(sys / "class" / "tty", error)) {
    if (auto port = port_of(entry.path())) ports.push_back(std::move(*port));
  }
  std::sort(ports.begin(), ports.end(), [](const PortInfo& a, const PortInfo& b) {
    return order_of(a.path) < order_of(b.path);
  });
  return ports;
}

}  // namespace ncx
