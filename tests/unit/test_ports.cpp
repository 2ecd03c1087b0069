// SPDX-License-Identifier: BSD-3-Clause
// The list of serial ports, from made-up trees of /sys and /proc.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "ncx/open_device.hpp"
#include "ncx/ports.hpp"

using namespace ncx;
using Clock = std::chrono::steady_clock;

namespace {

namespace fs = std::filesystem;

class FakeSys {
 public:
  FakeSys() : root_(fs::temp_directory_path() / fmt_name()) { fs::create_directories(root_); }
  ~FakeSys() { fs::remove_all(root_); }
  FakeSys(const FakeSys&) = delete;
  FakeSys& operator=(const FakeSys&) = delete;

  void file(const fs::path& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text << "\n";
  }
  /// A tty whose device directory is `device`; empty: none.
  void tty(const std::string& name, const fs::path& device) const {
    const fs::path entry = root_ / "class/tty" / name;
    fs::create_directories(entry);
    if (device.empty()) return;
    fs::create_directories(root_ / device);
    fs::create_directory_symlink(root_ / device, entry / "device");
  }
  void driver(const fs::path& device, const std::string& name) const {
    fs::create_directories(root_ / "drivers" / name);
    fs::create_directory_symlink(root_ / "drivers" / name, root_ / device / "driver");
  }
  [[nodiscard]] const fs::path& root() const { return root_; }

 private:
  static std::string fmt_name() {
    return "ncx-sys-" + std::to_string(Clock::now().time_since_epoch().count());
  }
  fs::path root_;
};

}  // namespace

TEST_CASE("Ports are listed with what USB knows of them", "[transport]") {
  const FakeSys sys;
  const fs::path board = "devices/usb1/1-2";
  sys.file(board / "idVendor", "0403");
  sys.file(board / "idProduct", "6010");
  sys.file(board / "serial", "210328AB12CD");
  sys.file(board / "manufacturer", "Digilent");
  sys.file(board / "product", "Digilent USB Device");
  sys.file(board / "1-2:1.1/bInterfaceNumber", "01");
  sys.file(board / "1-2:1.0/bInterfaceNumber", "00");
  sys.tty("ttyUSB10", board / "1-2:1.1/ttyUSB10");
  sys.tty("ttyUSB9", board / "1-2:1.0/ttyUSB9");
  sys.driver(board / "1-2:1.0/ttyUSB9", "ftdi_sio");
  sys.tty("ttyS0", "devices/serial8250");
  sys.driver("devices/serial8250", "serial8250");
  sys.file("class/tty/ttyS0/type", "4");
  sys.tty("ttyS1", "devices/serial8250");
  sys.file("class/tty/ttyS1/type", "0");
  sys.tty("tty0", "");
  // As kernels since 6.5 have it: the driver of the UART is two levels up.
  const fs::path deep = "devices/pnp/00:01/00:01:0/00:01:0.0";
  sys.tty("ttyS2", deep);
  sys.driver(deep, "port");
  sys.driver(deep.parent_path(), "ctrl");
  sys.driver("devices/pnp/00:01", "serial");
  const auto ports = list_ports(sys.root());
  REQUIRE(ports.size() == 4);
  CHECK(ports[1].path == "/dev/ttyS2");
  CHECK(ports[1].description == "serial");
  CHECK(ports[0].path == "/dev/ttyS0");
  CHECK(ports[0].vid == 0);
  CHECK(ports[0].description == "serial8250");
  CHECK(ports[2].path == "/dev/ttyUSB9");
  CHECK(ports[2].interface == 0);
  CHECK(ports[3].path == "/dev/ttyUSB10");
  CHECK(ports[3].vid == 0x0403);
  CHECK(ports[3].pid == 0x6010);
  CHECK(ports[3].serial == "210328AB12CD");
  CHECK(ports[3].description == "Digilent Digilent USB Device");
  CHECK(ports[3].interface == 1);
}

TEST_CASE("A port is found by its name and by a link to it", "[transport]") {
  const FakeSys sys;
  sys.file("devices/usb1/1-2/idVendor", "0403");
  sys.file("devices/usb1/1-2/idProduct", "6001");
  sys.tty("pts!77", "devices/usb1/1-2/1-2:1.0/x");  // as the kernel writes a name with a slash
  sys.tty("null", "devices/usb1/1-2/1-2:1.0/x");
  REQUIRE(find_port("/dev/pts/77", sys.root()));
  CHECK(find_port("/dev/pts/77", sys.root())->pid == 0x6001);
  CHECK_FALSE(find_port("/dev/pts/7", sys.root()));
  const fs::path link = sys.root() / "link";
  fs::create_symlink("/dev/null", link);
  REQUIRE(find_port(link, sys.root()));
  CHECK(find_port(link, sys.root())->path == "/dev/null");
}

TEST_CASE("The program with the lock is the user of a port, before those that have it open",
          "[transport]") {
  const FakeSys sys;
  const fs::path port = sys.root() / "port", proc = sys.root() / "proc";
  sys.file("port", "");
  CHECK(port_user(port, proc).empty());
  for (const auto& [pid, name] : {std::pair{"41", "server"}, std::pair{"42", "minicom"}}) {
    sys.file(fs::path("proc") / pid / "comm", name);
    fs::create_directories(proc / pid / "fd");
    fs::create_symlink("/dev/null", proc / pid / "fd/0");
  }
  CHECK(port_user(port, proc).empty());
  fs::create_symlink(fs::canonical(port), proc / "41/fd/3");
  CHECK(port_user(port, proc) == "server (process 41)");
  struct stat status {};
  REQUIRE(::stat(port.c_str(), &status) == 0);
  const auto lock = [&](ino_t inode) {
    return fmt::format("1: FLOCK  ADVISORY  WRITE 42 {:02x}:{:02x}:{} 0 EOF",
                       ::major(status.st_dev), ::minor(status.st_dev), inode);
  };
  sys.file("proc/locks", lock(status.st_ino + 1));
  CHECK(port_user(port, proc) == "server (process 41)");
  sys.file("proc/locks", lock(status.st_ino));
  CHECK(port_user(port, proc) == "minicom (process 42)");
  CHECK_FALSE(port_is_ours(port, proc));
  sys.file("proc/locks",
           fmt::format("1: FLOCK ADVISORY WRITE {} {:02x}:{:02x}:{} 0 EOF", ::getpid(),
                       ::major(status.st_dev), ::minor(status.st_dev), status.st_ino));
  CHECK(port_is_ours(port, proc));
  // Nobody is a process of another container.
  sys.file("proc/locks",
           fmt::format("1: FLOCK ADVISORY WRITE 0 {:02x}:{:02x}:{} 0 EOF", ::major(status.st_dev),
                       ::minor(status.st_dev), status.st_ino));
  CHECK(port_user(port, proc) == "server (process 41)");
}

TEST_CASE("The rates of the board that the USB names are tried first", "[transport]") {
  PortInfo port;
  CHECK(rates_of(port) == std::vector<std::uint32_t>{4'000'000, 3'000'000, 1'000'000});
  port.vid = 0x0403;
  port.pid = 0x6001;
  port.description = "Digilent FT232R";
  CHECK(rates_of(port) == std::vector<std::uint32_t>{3'000'000, 4'000'000, 1'000'000});
}

TEST_CASE("No ports is an empty list", "[transport]") {
  const FakeSys sys;
  CHECK(list_ports(sys.root()).empty());
  CHECK(list_ports(sys.root() / "missing").empty());
  CHECK_NOTHROW(list_ports());
}
