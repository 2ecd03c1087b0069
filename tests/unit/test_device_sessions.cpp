// SPDX-License-Identifier: BSD-3-Clause
// Sessions: what a device says no to, what breaks, and how the next call finds its way back.
#include <catch2/catch.hpp>

#include "device_rig.hpp"
#include "link/frame.hpp"
#include "ncx/error.hpp"

using namespace ncx;
using Catch::Matchers::Contains;
using rig::Board;
using rig::Words;

namespace {

/// A backend whose memory does not keep one word.
class BadMemory final : public Backend {
 public:
  [[nodiscard]] const Geometry& geometry() const override { return model_.geometry(); }
  [[nodiscard]] std::string description() const override { return "bad"; }
  [[nodiscard]] Words read(Region region, std::uint64_t address, std::size_t count) override {
    Words words = model_.read(region, address, count);
    if (region == Region::kSynapse && address <= 5 && address + count > 5) words[5 - address] ^= 8;
    return words;
  }
  void write(Region region, std::uint64_t address, std::span<const std::uint64_t> words) override {
    model_.write(region, address, words);
  }
  void reset(std::uint32_t mask) override { model_.reset(mask); }
  RunResult run(const RunRequest& request) override { return model_.run(request); }

 private:
  Model model_{Geometry::named("tiny")};
};

/// Changes the payload of HELLO's reply.
class Rewriter final : public rig::Tap {
 public:
  Rewriter(std::unique_ptr<Transport> inner, std::size_t word, std::uint32_t value)
      : Tap(std::move(inner)), word_(word), value_(value) {}
  [[nodiscard]] std::size_t read(std::span<std::uint8_t> out,
                                 std::chrono::milliseconds timeout) override {
    const std::size_t count = Tap::read(out, timeout);
    link::FrameReader reader;
    link::Bytes line;
    for (link::Frame& frame : reader.feed(out.first(count))) {
      for (std::size_t i = 0; i < 4; ++i) {
        frame.payload.at(12 + 4 * word_ + i) = static_cast<std::uint8_t>(value_ >> (8 * i));
      }
      const auto wire = link::build_frame(frame.code, frame.sequence, frame.payload);
      line.insert(line.end(), wire.begin(), wire.end());
    }
    std::copy(line.begin(), line.end(), out.begin());
    return line.size();
  }

 private:
  std::size_t word_;
  std::uint32_t value_;
};

/// Can be made deaf and mute, or to throw.
class Switch final : public rig::Tap {
 public:
  enum class Mode { kOn, kOff, kBroken };
  Switch(std::unique_ptr<Transport> inner, Mode& mode) : Tap(std::move(inner)), mode_(mode) {}
  void write(std::span<const std::uint8_t> bytes) override {
    if (mode_ == Mode::kBroken) throw LinkError("the device is gone", "plug it in");
    if (mode_ == Mode::kOn) Tap::write(bytes);
  }
  [[nodiscard]] std::size_t read(std::span<std::uint8_t> out,
                                 std::chrono::milliseconds timeout) override {
    if (mode_ == Mode::kBroken) throw LinkError("the device is gone", "plug it in");
    return mode_ == Mode::kOn ? Tap::read(out, timeout) : 0;
  }

 private:
  Mode& mode_;
};

}  // namespace

TEST_CASE("A memory that does not hold what was written is reported with both CRCs", "[device]") {
  BadMemory memory;
  VirtualDevice virtual_device(memory);
  Device device(connect(virtual_device));
  device.write(Region::kSynapse, 6, Words(10, 1));
  CHECK_THROWS_WITH(device.write(Region::kSynapse, 0, Words(10, 1)),
                    Contains("SYNAPSE 0..9") && Contains("CRC 0x") && Contains("expected 0x"));
  CHECK_THROWS_AS(device.write(Region::kSynapse, 5, Words{1}), LinkError);
  RunRequest request;
  request.ticks = 1;
  CHECK_THROWS_AS(device.run(request), RefusedError);
}

TEST_CASE("Sides that do not match refuse to talk, with a hint", "[device]") {
  const auto open = [](std::size_t word, std::uint32_t value) {
    Board board;
    Device device(std::make_unique<Rewriter>(connect(board.device), word, value));
  };
  CHECK_THROWS_AS(open(map::kInfoMapHash, 1), LinkError);
  CHECK_THROWS_WITH(open(map::kInfoMapHash, 1), Contains("0x00000001") && Contains("try:"));
  CHECK_THROWS_WITH(open(map::kInfoMagic, 0), Contains("magic"));
  CHECK_THROWS_WITH(open(map::kInfoProtocol, 3), Contains("protocol version 3"));
  CHECK_THROWS_AS(open(map::kInfoLanes, 3), LinkError);
  CHECK_NOTHROW(open(map::kInfoBuild, 7));
}

TEST_CASE("Silence ends every call, and says what to try", "[device]") {
  Board board;
  auto mode = Switch::Mode::kOff;
  CHECK_THROWS_WITH(Device(std::make_unique<Switch>(connect(board.device), mode)),
                    Contains("no answer to HELLO") && Contains("0 bytes") && Contains("cable"));
  mode = Switch::Mode::kOn;
  Device device(std::make_unique<Switch>(connect(board.device), mode));
  rig::load_network(device, 1);
  RunRequest request = rig::random_request(device.geometry(), 2, 50);
  for (const auto state : {Switch::Mode::kOff, Switch::Mode::kBroken}) {
    mode = state;
    CHECK_THROWS_AS(device.read(Region::kCount, 0, 64), LinkError);
    CHECK_THROWS_AS(device.write(Region::kCount, 0, Words(64, 1)), LinkError);
    CHECK_THROWS_AS(device.reset(1), LinkError);
    CHECK_THROWS_AS(device.run(request), LinkError);
    CHECK_THROWS_AS(device.stop(), LinkError);
    mode = Switch::Mode::kOn;
    CHECK(device.read(Region::kCount, 0, 64).size() == 64);  // and back without opening anew
  }
}

TEST_CASE("A line that dies in the middle of a run leaves a device that runs again", "[device]") {
  Model model(Geometry::named("tiny"));
  rig::load_network(model, 5);
  const auto request = rig::random_request(model.geometry(), 6, 60);
  const auto expected = rig::run(model, request);
  for (int reads = 1; reads < 40; reads += 3) {
    Board board;
    rig::load_network(*board.model, 5);
    int left = 3 + reads;
    class Counter final : public rig::Tap {
     public:
      Counter(std::unique_ptr<Transport> inner, int& l) : Tap(std::move(inner)), left_(l) {}
      [[nodiscard]] std::size_t read(std::span<std::uint8_t> out,
                                     std::chrono::milliseconds timeout) override {
        if (left_ > 0) --left_;
        if (left_ == 0) throw LinkError("the device is gone", "plug it in");
        return Tap::read(out, timeout);
      }

     private:
      int& left_;
    };
    try {
      Device dies(std::make_unique<Counter>(connect(board.device, 2), left));
      dies.run(request);
      CHECK(left > 0);
    } catch (const LinkError&) {
      CHECK(left == 0);
    }
    Device device(connect(board.device, 2));
    rig::load_network(device, 5);
    REQUIRE(rig::run(device, request) == expected);
  }
}

TEST_CASE("A device that was reset says so, and the next call starts anew", "[device]") {
  auto board = std::make_unique<Board>();
  struct Swap final : Transport {
    std::unique_ptr<Board>* board = nullptr;
    std::unique_ptr<Transport> line;
    const Board* seen = nullptr;
    void refresh() {
      if (seen == board->get()) return;
      seen = board->get();
      line = connect((*board)->device);
    }
    void write(std::span<const std::uint8_t> bytes) override {
      refresh();
      line->write(bytes);
    }
    [[nodiscard]] std::size_t read(std::span<std::uint8_t> out,
                                   std::chrono::milliseconds timeout) override {
      refresh();
      return line->read(out, timeout);
    }
    [[nodiscard]] std::string description() const override { return "swap"; }
  };
  auto line = std::make_unique<Swap>();
  line->board = &board;
  Device device(std::move(line));
  auto old = std::move(board);
  board = std::make_unique<Board>();
  CHECK_THROWS_WITH(device.read(Region::kCount, 0, 1), Contains("forgotten the session"));
  CHECK(device.read(Region::kCount, 0, 1).size() == 1);
  old = std::move(board);
  board = std::make_unique<Board>("tiny8");
  CHECK_THROWS_AS(device.read(Region::kCount, 0, 1), LinkError);
  CHECK_THROWS_WITH(device.read(Region::kCount, 0, 1), Contains("another build"));
}

TEST_CASE("A run is stopped from its progress callback", "[device]") {
  Board board;
  Device device(connect(board.device, 1));
  rig::load_network(device, 8);
  RunRequest request;
  request.ticks = 4'000'000'000U;
  request.probes = {1};
  std::uint32_t reached = 0;
  request.progress = [&](std::uint32_t ticks) {
    reached = ticks;
    return false;
  };
  CHECK_THROWS_AS(device.run(request), Interrupted);
  const std::uint32_t tick = device.read_register(Register::kTick);
  CHECK(tick >= reached);
  CHECK(tick > 0);
  // Nothing is in the way of the next run.
  request.progress = nullptr;
  request.ticks = 10;
  const RunResult result = device.run(request);
  CHECK(result.first_tick == tick);
  CHECK(result.potentials.size() == 10);
}

TEST_CASE("The wish to stop ends whatever waits, and a run only after the network stands still",
          "[device]") {
  Board board;
  bool stop = false;
  int not_yet = 3;  // it comes in the middle
  LinkOptions options;
  options.stop = [&] { return stop && not_yet-- <= 0; };
  Device device(connect(board.device, 1), options);
  rig::load_network(device, 8);
  stop = true;
  CHECK_THROWS_AS(device.read(Region::kSynapse, 0, 8192), Interrupted);
  CHECK_THROWS_AS(device.write_register(Register::kScratch, 1), Interrupted);
  not_yet = 20;
  RunRequest request;
  request.ticks = 4'000'000'000U;
  request.axon_events = {{0, 1}, {3'999'999'990U, 1}};
  CHECK_THROWS_AS(device.run(request), Interrupted);
  stop = false;
  const std::uint32_t tick = device.read_register(Register::kTick);
  CHECK(tick > 0);
  CHECK(tick < request.ticks);
  CHECK((device.read_register(Register::kState) >> map::kStateBitRunning & 1) == 0);
  CHECK(device.read_register(Register::kTick) == tick);
  device.reset(1U << map::kResetBitInFlight);
  request = {};
  request.ticks = 10;
  CHECK(device.run(request).first_tick == tick);
}

TEST_CASE("Events that an interrupted run left behind must be reset first", "[device]") {
  Board board;
  Device device(connect(board.device, 1));
  rig::load_network(device, 8);
  RunRequest request;
  request.ticks = 4'000'000'000U;
  request.axon_events = {{0, 1}, {3'999'999'990U, 1}, {3'999'999'999U, 2}};
  request.progress = [](std::uint32_t) { return false; };
  CHECK_THROWS_AS(device.run(request), Interrupted);
  RunRequest next;
  next.ticks = 5;
  CHECK_THROWS_AS(device.run(next), InputError);
  device.reset(1U << map::kResetBitInFlight);
  CHECK(device.run(next).ticks == 5);
}

TEST_CASE("An exception from the progress callback passes through, and the device recovers",
          "[device]") {
  Board board;
  Device device(connect(board.device, 1));
  rig::load_network(device, 8);
  RunRequest request;
  request.ticks = 4'000'000'000U;
  request.progress = [](std::uint32_t) -> bool { throw std::domain_error("mine"); };
  CHECK_THROWS_AS(device.run(request), std::domain_error);
  request.progress = nullptr;
  request.ticks = 10;
  CHECK(device.run(request).ticks == 10);
}

TEST_CASE("A network that was left running is stopped by whoever needs it to stand still",
          "[device]") {
  const auto leave_running = [](Board& board) {
    {
      Device device(connect(board.device));
      rig::load_network(device, 8);
    }
    board.device.receive(link::build_frame(1, 5, link::Bytes{1, 2, 3, 4}));
    link::Bytes until;
    link::put_u32(until, 4'000'000'000U);
    board.device.receive(link::build_frame(5, 6, until));
    board.device.work(1000);
    (void)board.device.transmit();
  };
  SECTION("a run") {
    Board board;
    leave_running(board);
    Device device(connect(board.device));
    RunRequest request;
    request.ticks = 20;
    request.probes = {3};
    const RunResult result = device.run(request);
    CHECK(result.first_tick >= 1000);
    CHECK(result.potentials.size() == 20);
  }
  SECTION("a write") {
    Board board;
    leave_running(board);
    Device device(connect(board.device));
    device.write(Region::kCount, 0, Words(64, 7));
    CHECK(device.read(Region::kCount, 0, 1) == Words{7});
  }
  SECTION("a reset") {
    Board board;
    leave_running(board);
    Device device(connect(board.device));
    device.reset(rig::kResetAll);
    CHECK(device.read_register(Register::kTick) == 0);
  }
  SECTION("stop") {
    Board board;
    leave_running(board);
    Device device(connect(board.device));
    const std::uint32_t tick = device.stop();
    CHECK(tick >= 1000);
    CHECK(device.read_register(Register::kTick) == tick);
    CHECK(device.stop() == tick);
  }
}

TEST_CASE("The trace names every frame", "[device]") {
  Board board;
  std::vector<std::string> lines;
  LinkOptions options;
  options.trace = [&](const std::string& line) { lines.push_back(line); };
  Device device(connect(board.device), options);
  rig::load_network(device, 8);
  device.run(rig::random_request(device.geometry(), 1, 50));
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  for (const char* text : {"> HELLO", "< HELLO", "> WRITE", "SYNAPSE", "< CHECK", "> EVENTS",
                           "> RUN", "until 50", "< STREAM_DATA position 0", "> STREAM", "OK"}) {
    CHECK_THAT(all, Contains(text));
  }
  CHECK(lines.size() == device.statistics().frames_sent + device.statistics().frames_received);
}

TEST_CASE("A full event queue is waited for, and nothing is taken twice", "[device]") {
  // Replies that promise more room than there is make the host send too early.
  class Promises final : public rig::Tap {
   public:
    using Tap::Tap;
    [[nodiscard]] std::size_t read(std::span<std::uint8_t> out,
                                   std::chrono::milliseconds timeout) override {
      const std::size_t count = Tap::read(out, timeout);
      link::FrameReader reader;
      link::Bytes line;
      for (link::Frame& frame : reader.feed(out.first(count))) {
        if (frame.code != 63) {
          full += frame.payload.at(0) == static_cast<std::uint8_t>(map::Status::kFull) ? 1 : 0;
          frame.payload.at(3) = 1;  // 256 entries more
        }
        const auto wire = link::build_frame(frame.code, frame.sequence, frame.payload);
        line.insert(line.end(), wire.begin(), wire.end());
      }
      std::copy(line.begin(), line.end(), out.begin());
      return line.size();
    }
    int full = 0;
  };
  int full = 0;
  for (unsigned seed = 0; seed < 10; ++seed) {
    CAPTURE(seed);
    Board board;
    Model model(Geometry::named("tiny"));
    auto line = std::make_unique<Promises>(connect(board.device, 1));
    const Promises& promises = *line;
    Device device(std::move(line));
    rig::load_network(device, seed);
    rig::load_network(model, seed);
    auto request = rig::random_request(model.geometry(), seed, 150);
    const auto found = rig::run(device, request);
    REQUIRE(found == rig::run(model, request));
    full += promises.full;
  }
  CHECK(full > 10);
}
