// SPDX-License-Identifier: BSD-3-Clause
// A serial port or pseudo-terminal. Boost.Asio opens and configures it; reads and writes wait in
// poll(), because a synchronous Asio read knows no timeout.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/serial.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/serial_port.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>  // before Asio 1.74, which uses std::exchange without it

#include "ncx/error.hpp"
#include "ncx/ports.hpp"
#include "ncx/transport.hpp"

namespace ncx {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kWriteGrace{1000};  // beyond the wire time, for a driver's buffers
constexpr std::uint64_t kBitsPerByte = 10;

PortError busy(const std::string& path) {
  if (port_is_ours(path)) {
    return PortError(fmt::format("{} is in use by this program itself", path),
                     "close what has it open (in Python: emulator.close()), or another port");
  }
  const std::string who = port_user(path);
  return PortError(fmt::format("{} is in use{}", path, who.empty() ? "" : " by " + who),
                   who.empty() ? "close the other program, or another port"
                               : "close that program, or another port");
}

/// A link that leads nowhere was the virtual board's, or one of /dev/serial/by-id.
PortError missing(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_symlink(path, ignored)) {
    return PortError(fmt::format("there is no port {}: what it links to is gone", path),
                     "start `ncx sim` again, or plug the board in");
  }
  return PortError(fmt::format("there is no port {}", path),
                   "plug the board in; `ncx ports` lists the ports there are");
}

PortError cannot_open(const std::string& path, const error_code& error) {
  switch (error.value()) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
      return missing(path);
    case EACCES:
    case EPERM:
      return PortError(fmt::format("no permission to open {}", path),
                       "sudo usermod -aG dialout $USER, then log in again");
    case EBUSY:
      return busy(path);
    case ENOTTY:
    case EINVAL:
      return PortError(fmt::format("{} is not a serial port", path),
                       "`ncx ports` lists the ports there are");
    default:
      return PortError(fmt::format("cannot open {}: {}", path, error.message()),
                       "another port; `ncx ports` lists them");
  }
}

class SerialPort final : public Transport {
 public:
  SerialPort(const std::string& path, std::uint32_t baud) : path_(path), baud_(baud) {
    error_code error;
    port_.open(path, error);
    if (error) throw cannot_open(path, error);
    // Against programs that ask (flock) and against those that do not (TIOCEXCL).
    if (::flock(descriptor(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) throw busy(path);
    ::ioctl(descriptor(), TIOCEXCL);
    configure();
    ::tcflush(descriptor(), TCIOFLUSH);
  }

  ~SerialPort() override {
    if (port_.is_open()) ::ioctl(descriptor(), TIOCNXCL);
  }
  SerialPort(const SerialPort&) = delete;
  SerialPort& operator=(const SerialPort&) = delete;

  void write(std::span<const std::uint8_t> bytes) override {
    const auto wire = milliseconds(bytes.size() * kBitsPerByte * 1000 / baud_);
    const auto until = Clock::now() + 2 * wire + kWriteGrace;
    while (!bytes.empty()) {
      const ssize_t count = ::write(descriptor(), bytes.data(), bytes.size());
      if (count >= 0) {
        bytes = bytes.subspan(static_cast<std::size_t>(count));
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        if (!wait(POLLOUT, until)) {
          throw LinkError(fmt::format("{} takes no more bytes", path_),
                          "check the cable; unplug the board and plug it in again");
        }
      } else if (errno != EINTR) {
        throw gone(errno);
      }
    }
  }

  [[nodiscard]] std::size_t read(std::span<std::uint8_t> out, milliseconds timeout) override {
    const auto until = Clock::now() + timeout;
    while (wait(POLLIN, until)) {
      const ssize_t count = ::read(descriptor(), out.data(), out.size());
      if (count > 0) return static_cast<std::size_t>(count);
      if (count == 0) throw gone(0);
      if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) throw gone(errno);
    }
    return 0;
  }

  [[nodiscard]] std::string description() const override { return "serial:" + path_; }
  [[nodiscard]] std::uint32_t baud() const override { return baud_; }

 private:
  int descriptor() { return port_.native_handle(); }

  void configure() {
    error_code error;
    port_.set_option(asio::serial_port_base::baud_rate(baud_), error);
    if (error) {
      throw PortError(fmt::format("{} does not do {} baud: {}", path_, baud_, error.message()),
                      "115200, 921600, 1000000, 2000000, 3000000 or 4000000: the rate that the "
                      "bitstream was built for");
    }
    using Base = asio::serial_port_base;
    port_.set_option(Base::character_size(8), error);
    if (!error) port_.set_option(Base::parity(Base::parity::none), error);
    if (!error) port_.set_option(Base::stop_bits(Base::stop_bits::one), error);
    if (!error) port_.set_option(Base::flow_control(Base::flow_control::none), error);
    termios settings{};
    if (!error && ::tcgetattr(descriptor(), &settings) == 0) {
      ::cfmakeraw(&settings);
      settings.c_cflag |= CLOCAL | CREAD;
      settings.c_cc[VMIN] = 1;
      settings.c_cc[VTIME] = 0;
      if (::tcsetattr(descriptor(), TCSANOW, &settings) != 0) {
        error.assign(errno, boost::system::system_category());
      }
    }
    if (error) throw cannot_open(path_, error);
    lower_latency();
  }

  // USB bridges hold small packets back for up to 16 ms unless told otherwise. A port that cannot
  // be told works all the same.
  void lower_latency() {
    serial_struct serial{};
    if (::ioctl(descriptor(), TIOCGSERIAL, &serial) != 0) return;
    serial.flags |= ASYNC_LOW_LATENCY;
    ::ioctl(descriptor(), TIOCSSERIAL, &serial);
  }

  // False once `until` has passed; true also when only an error waits, which the next call reports.
  bool wait(short what, Clock::time_point until) {
    while (true) {
      const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
      const auto most = std::clamp<std::int64_t>(left, 0, 60'000);
      pollfd entry{descriptor(), what, 0};
      const int ready = ::poll(&entry, 1, static_cast<int>(most));
      if (ready > 0) {
        // Hung up with nothing left to read: a read would say so on some systems and wait on
        // others.
        if ((entry.revents & what) == 0) throw gone(EIO);
        return true;
      }
      if (ready < 0 && errno != EINTR) throw gone(errno);
      if (ready == 0 && left <= most) return false;
    }
  }

  [[nodiscard]] LinkError gone(int code) const {
    const std::string reason = code == 0 || code == EIO ? "" : fmt::format(" ({})", strerror(code));
    return LinkError(fmt::format("{}: the device is gone{}", path_, reason),
                     "plug the board in, or start the virtual board, and open it again");
  }

  std::string path_;
  std::uint32_t baud_;
  asio::io_context context_;
  asio::serial_port port_{context_};
};

}  // namespace

std::unique_ptr<Transport> open_serial(const std::string& path, std::uint32_t baud) {
  return std::make_unique<SerialPort>(path, baud == 0 ? kDefaultBaud : baud);
}

}  // namespace ncx
