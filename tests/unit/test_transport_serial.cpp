// SPDX-License-Identifier: BSD-3-Clause
// The serial port, on pseudo-terminals: the real system calls, without a board.
#include <fcntl.h>
#include <pty.h>
#include <sys/file.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "device_rig.hpp"
#include "ncx/error.hpp"

using namespace ncx;
using Catch::Matchers::Contains;
using std::chrono::milliseconds;
using Bytes = std::vector<std::uint8_t>;
using Clock = std::chrono::steady_clock;

namespace {

/// The far end of a pseudo-terminal, as a board would hold it. The near end is held open as well,
/// so that the terminal is raw and stays so; close_near() gives it up.
class Terminal final : public Transport {
 public:
  Terminal() {
    REQUIRE(::openpty(&far_, &near_, nullptr, nullptr, nullptr) == 0);
    termios settings{};
    ::tcgetattr(near_, &settings);
    ::cfmakeraw(&settings);
    ::tcsetattr(near_, TCSANOW, &settings);
    path_ = ::ttyname(near_);
  }
  ~Terminal() override {
    close_near();
    close_far();
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void close_near() {
    if (near_ >= 0) ::close(near_);
    near_ = -1;
  }
  void close_far() {
    if (far_ >= 0) ::close(far_);
    far_ = -1;
  }
  void write(std::span<const std::uint8_t> bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::write(far_, bytes.data(), bytes.size());
      if (count < 0) throw LinkError("terminal", "");
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
  }
  [[nodiscard]] std::size_t read(std::span<std::uint8_t> out, milliseconds timeout) override {
    fd_set set;
    FD_ZERO(&set);
    FD_SET(far_, &set);
    timeval wait{timeout.count() / 1000, static_cast<suseconds_t>(timeout.count() % 1000 * 1000)};
    if (::select(far_ + 1, &set, nullptr, nullptr, &wait) <= 0) return 0;
    const ssize_t count = ::read(far_, out.data(), out.size());
    if (count < 0) throw LinkError("terminal", "");
    return static_cast<std::size_t>(count);
  }
  [[nodiscard]] std::string description() const override { return path_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  int near_ = -1, far_ = -1;
  std::string path_;
};

}  // namespace

TEST_CASE("A serial port carries every byte value both ways", "[transport][serial]") {
  Terminal terminal;
  const auto port = open_serial(terminal.path(), 1'000'000);
  CHECK(port->baud() == 1'000'000);
  CHECK_THAT(port->description(), Contains(terminal.path()));
  Bytes all(256);
  for (std::size_t i = 0; i < 256; ++i) all[i] = static_cast<std::uint8_t>(i);
  Bytes found;
  const auto gather = [&](Transport& line) {
    found.clear();
    Bytes buffer(1000);
    while (found.size() < 256) {
      const std::size_t count = line.read(buffer, milliseconds(500));
      REQUIRE(count > 0);
      found.insert(found.end(), buffer.begin(),
                   buffer.begin() + static_cast<std::ptrdiff_t>(count));
    }
  };
  port->write(all);
  gather(terminal);
  CHECK(found == all);
  terminal.write(all);
  gather(*port);
  CHECK(found == all);
}

TEST_CASE("A read ends when its time is over", "[transport][serial]") {
  Terminal terminal;
  const auto port = open_serial(terminal.path(), 0);
  Bytes buffer(10);
  const auto start = Clock::now();
  CHECK(port->read(buffer, milliseconds(40)) == 0);
  const auto took = Clock::now() - start;
  CHECK(took >= milliseconds(40));
  CHECK(took < milliseconds(1000));
  CHECK(port->read(buffer, milliseconds(0)) == 0);
}

TEST_CASE("Bytes from before the port was opened are not read", "[transport][serial]") {
  Terminal terminal;
  terminal.write(Bytes{1, 2, 3});
  const auto port = open_serial(terminal.path(), 0);
  Bytes buffer(10);
  CHECK(port->read(buffer, milliseconds(20)) == 0);
}

TEST_CASE("A device that is gone is a LinkError, not a wait", "[transport][serial]") {
  Terminal terminal;
  const auto port = open_serial(terminal.path(), 0);
  terminal.write(Bytes{9});
  Bytes buffer(10);
  REQUIRE(port->read(buffer, milliseconds(500)) == 1);
  terminal.close_near();
  terminal.close_far();
  const auto start = Clock::now();
  CHECK_THROWS_AS(port->read(buffer, milliseconds(60'000)), LinkError);
  CHECK_THROWS_WITH(port->read(buffer, milliseconds(60'000)), Contains("the device is gone"));
  CHECK_THROWS_AS(port->write(Bytes{1}), LinkError);
  CHECK(Clock::now() - start < milliseconds(2000));
}

TEST_CASE("A line that takes nothing more ends a write", "[transport][serial]") {
  Terminal terminal;
  const auto port = open_serial(terminal.path(), 4'000'000);
  const auto start = Clock::now();
  CHECK_THROWS_WITH(port->write(Bytes(1 << 17, 1)), Contains("takes no more bytes"));
  CHECK(Clock::now() - start < milliseconds(10'000));
}

TEST_CASE("Ports that cannot be opened say why and what to do", "[transport][serial]") {
  CHECK_THROWS_AS(open_serial("/dev/ncx-no-such-port", 0), PortError);
  CHECK_THROWS_WITH(open_serial("/dev/ncx-no-such-port", 0),
                    Contains("there is no port") && Contains("ncx ports"));
  const auto file = std::filesystem::temp_directory_path() / "ncx-not-a-port";
  std::ofstream(file) << "text";
  CHECK_THROWS_WITH(open_serial(file, 0), Contains("is not a serial port"));
  if (::geteuid() != 0) {
    std::filesystem::permissions(file, std::filesystem::perms::none);
    CHECK_THROWS_WITH(open_serial(file, 0), Contains("no permission") && Contains("dialout"));
  }
  std::filesystem::remove(file);
}

TEST_CASE("A rate that the system refuses is a PortError that names it", "[transport][serial]") {
  Terminal terminal;
  for (const std::uint32_t baud : {115'200U, 921'600U, 1'000'000U, 3'000'000U, 4'000'000U}) {
    CHECK_NOTHROW(open_serial(terminal.path(), baud));
  }
  CHECK_THROWS_AS(open_serial(terminal.path(), 12'000'000), PortError);
  CHECK_THROWS_WITH(open_serial(terminal.path(), 3'125'000), Contains("3125000 baud"));
  // The port was left usable.
  CHECK_NOTHROW(open_serial(terminal.path(), 1'000'000));
}

TEST_CASE("A port belongs to one program at a time", "[transport][serial]") {
  Terminal terminal;
  auto port = open_serial(terminal.path(), 0);
  CHECK_THROWS_AS(open_serial(terminal.path(), 0), PortError);
  CHECK_THROWS_WITH(open_serial(terminal.path(), 0), Contains("in use"));
  port.reset();
  CHECK_NOTHROW(open_serial(terminal.path(), 0));
  // Somebody else's lock, from another process: its name is in the message.
  const int other = ::open(terminal.path().c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK);
  REQUIRE(other >= 0);
  REQUIRE(::flock(other, LOCK_EX) == 0);
  CHECK_THROWS_WITH(open_serial(terminal.path(), 0), Contains("in use"));
  ::close(other);
  CHECK_NOTHROW(open_serial(terminal.path(), 0));
}

TEST_CASE("A device on a pseudo-terminal gives what its backend gives", "[transport][serial]") {
  rig::Board board;
  Model model(Geometry::named("tiny"));
  Terminal terminal;
  std::atomic<bool> go_on = true;
  std::thread server([&] { serve(board.device, terminal, [&] { return go_on.load(); }); });
  try {
    Device device(open_serial(terminal.path(), 4'000'000));
    for (unsigned seed = 0; seed < 4; ++seed) {
      rig::load_network(device, seed);
      rig::load_network(model, seed);
      const auto request = rig::random_request(model.geometry(), seed, 300);
      CHECK(rig::run(device, request) == rig::run(model, request));
    }
    // Somebody pulls the plug: the next call says so within P5's bound.
    go_on = false;
    server.join();
    const auto start = Clock::now();
    CHECK_THROWS_WITH(device.read(Region::kCount, 0, 64), Contains("no answer to READ"));
    CHECK(Clock::now() - start < milliseconds(1000));
  } catch (...) {
    go_on = false;
    if (server.joinable()) server.join();
    throw;
  }
}

TEST_CASE("A device whose line is slower than it says is given the time it needs",
          "[transport][serial]") {
  // As a board that is simulated down to its pins: 4 Mbaud, but 3,000 bytes a second.
  class Slow final : public rig::Tap {
   public:
    using Tap::Tap;
    [[nodiscard]] std::size_t read(std::span<std::uint8_t> out, milliseconds timeout) override {
      const std::size_t count =
          Tap::read(out.first(std::min<std::size_t>(out.size(), 30)), timeout);
      pass(count);
      return count;
    }
    void write(std::span<const std::uint8_t> bytes) override {
      while (!bytes.empty()) {
        const auto part = bytes.first(std::min<std::size_t>(bytes.size(), 30));
        pass(part.size());
        Tap::write(part);
        bytes = bytes.subspan(part.size());
      }
    }

   private:
    static void pass(std::size_t count) {
      std::this_thread::sleep_for(std::chrono::microseconds(333 * count));
    }
  };
  rig::Board board;
  Terminal terminal;
  std::atomic<bool> go_on = true;
  struct Borrowed final : Transport {
    explicit Borrowed(Transport& t) : inner(t) {}
    void write(std::span<const std::uint8_t> bytes) override { inner.write(bytes); }
    [[nodiscard]] std::size_t read(std::span<std::uint8_t> out, milliseconds timeout) override {
      return inner.read(out, timeout);
    }
    [[nodiscard]] std::string description() const override { return inner.description(); }
    Transport& inner;
  };
  std::thread server([&] {
    Slow line(std::make_unique<Borrowed>(terminal));
    serve(board.device, line, [&] { return go_on.load(); });
  });
  std::string error;
  try {
    LinkOptions options;
    options.grace = milliseconds(20);
    Device device(open_serial(terminal.path(), 4'000'000), options);
    const std::vector<std::uint64_t> words(300, 0x12345678);
    device.write(Region::kSynapse, 0, words);
    CHECK(device.read(Region::kSynapse, 0, 300) == words);
    CHECK(device.statistics().retries == 0);
  } catch (const Error& e) {
    error = e.what();
  }
  go_on = false;
  server.join();
  CHECK(error.empty());
}
