// SPDX-License-Identifier: BSD-3-Clause
// A device over a clean line: the same results as the backend itself, and clear errors.
#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <utility>

#include "device_rig.hpp"
#include "link/frame.hpp"
#include "ncx/error.hpp"

using namespace ncx;
using Catch::Matchers::Contains;
using rig::Board;
using rig::Words;

TEST_CASE("A device describes itself", "[device]") {
  Board board;
  Device device(connect(board.device));
  CHECK(device.geometry() == board.model->geometry());
  CHECK(device.build() == 42);
  CHECK_THAT(device.description(), Contains("virtual"));
}

TEST_CASE("Runs on a device equal runs on its backend", "[device]") {
  for (const std::uint32_t chunk : {1U, 5U, 64U, 100'000U}) {
    for (unsigned seed = 0; seed < 12; ++seed) {
      CAPTURE(chunk, seed);
      Board board;
      Device device(connect(board.device, chunk));
      Model model(Geometry::named("tiny"));
      rig::load_network(device, seed);
      rig::load_network(model, seed);
      for (unsigned part = 0; part < 3; ++part) {
        const auto request = rig::random_request(model.geometry(), 10 * seed + part, 90);
        const auto expected = rig::run(model, request);
        const auto found = rig::run(device, request);
        REQUIRE(found == expected);
        REQUIRE(found.run.first_tick == 90 * part);
        REQUIRE(found.run.retries == 0);
        REQUIRE(found.run.spikes.size() > 20);
      }
    }
  }
}

TEST_CASE("A run without events, spikes or probes ends too", "[device]") {
  Board board;
  Device device(connect(board.device));
  rig::load_network(device, 1);
  RunRequest request;
  request.ticks = 1000;
  request.record_spikes = false;
  const RunResult result = device.run(request);
  CHECK(result.spikes.empty());
  CHECK(result.ticks == 1000);
  CHECK(device.read_register(Register::kTick) == 1000);
  request.ticks = 0;
  CHECK(device.run(request).first_tick == 1000);
}

TEST_CASE("Events of one tick that outnumber the queue all arrive", "[device]") {
  Board board;
  Model model(Geometry::named("tiny"));
  Device device(connect(board.device));
  rig::load_network(device, 3);
  rig::load_network(model, 3);
  RunRequest request;
  request.ticks = 40;
  for (const std::uint32_t tick : {0U, 20U, 21U, 39U}) {
    for (std::uint32_t axon = 0; axon < 64; ++axon) request.axon_events.push_back({tick, axon});
    for (std::uint32_t slot = 0; slot < 64; ++slot) {
      request.current_events.push_back({tick, slot, static_cast<std::int32_t>(slot) * 9 - 200});
    }
  }
  REQUIRE(request.current_events.size() > 2 * model.geometry().event_entries);
  CHECK(rig::run(device, request) == rig::run(model, request));
}

TEST_CASE("Memories come back as they were written, whatever the widths", "[device]") {
  Board board;
  Device device(connect(board.device));
  std::mt19937_64 random(5);
  const auto fill = [&](std::size_t count, std::uint32_t bits, unsigned style) {
    Words words(count);
    for (std::size_t i = 0; i < count; ++i) {
      std::uint64_t word = random() & ((1ULL << bits) - 1);
      if (style == 1) word &= 0xFF;                                          // small
      if (style == 2) word = (word & 0xFFFF) | (i / 100 % 4) << (bits - 2);  // tags in runs
      if (style == 3 && i % 50 != 0) word &= 0xFFFFFF;                       // mixed
      if (style == 4) word = 0;
      words[i] = word;
    }
    return words;
  };
  for (unsigned style = 0; style < 5; ++style) {
    for (const std::size_t count : {1U, 2U, 203U, 204U, 253U, 254U, 255U, 1500U}) {
      const std::size_t address = 3 + random() % 100;
      const Words words = fill(count, 36, style);
      device.write(Region::kSynapse, address, words);
      REQUIRE(device.read(Region::kSynapse, address, count) == words);
      REQUIRE(board.model->read(Region::kSynapse, address, count) == words);
    }
    Words state = fill(256, 36, style);
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (i % 4 == 3) state[i] = 0;
      if (i % 4 == 1 || i % 4 == 2) state[i] &= 0x7FFFFF;
    }
    device.write(Region::kState, 0, state);
    REQUIRE(device.read(Region::kState, 0, 256) == state);
    const Words accumulators = fill(512, 32, style);
    device.write(Region::kAccumulator, 0, accumulators);
    REQUIRE(device.read(Region::kAccumulator, 0, 512) == accumulators);
    const Words counts = fill(64, 16, style);
    device.write(Region::kCount, 0, counts);
    REQUIRE(device.read(Region::kCount, 0, 64) == counts);
    const Words rates = fill(64, 9, style);
    device.write(Region::kRate, 0, rates);
    REQUIRE(device.read(Region::kRate, 0, 64) == rates);
  }
  CHECK(device.read(Region::kInfo, map::kInfoBuild, 1) == Words{42});
  CHECK(device.read(Region::kState, 0, 0).empty());
  device.write(Region::kState, 0, Words{});
  CHECK(device.statistics().retries == 0);
}

TEST_CASE("A bulk load is at least nine tenths payload", "[device]") {
  Board board("cmod_a7");
  Device device(connect(board.device));
  rig::Random random(6);
  // 65,536 16-bit weights, two a word, all with equal flags.
  Words words(32'768);
  for (auto& word : words) word = random() & 0xFFFFFFFF;
  const auto before = device.statistics();
  device.write(Region::kSynapse, 0, words);
  const auto& after = device.statistics();
  const double payload = 2.0 * 65'536;
  const double wire = static_cast<double>(after.bytes_sent - before.bytes_sent);
  INFO("wire bytes " << wire << ", bytes back " << after.bytes_received - before.bytes_received);
  CHECK(payload / wire >= 0.97);
  CHECK(wire * 10 / 4e6 <= 0.37);  // seconds at 4 Mbaud
  CHECK(20 * (after.bytes_received - before.bytes_received) < after.bytes_sent - before.bytes_sent);
}

TEST_CASE("Sparse words with all kinds of flags still load well", "[device]") {
  Board board("cmod_a7");
  Device device(connect(board.device));
  std::mt19937_64 random(7);
  Words words(20'000);
  for (auto& word : words) word = random() & 0xFFFFFFFFF;
  const auto before = device.statistics().bytes_sent;
  device.write(Region::kSynapse, 0, words);
  const double wire = static_cast<double>(device.statistics().bytes_sent - before);
  CHECK(4.5 * 20'000 / wire >= 0.86);
}

namespace {

/// Keeps what the host sent until it listens, as a device that works while bytes arrive.
class Delayed final : public rig::Tap {
 public:
  Delayed(std::unique_ptr<Transport> inner, std::size_t& most)
      : Tap(std::move(inner)), most_(most) {}
  void write(std::span<const std::uint8_t> bytes) override {
    waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
    most_ = std::max(most_, waiting_.size());
  }
  [[nodiscard]] std::size_t read(std::span<std::uint8_t> out,
                                 std::chrono::milliseconds timeout) override {
    while (true) {
      const std::size_t count = Tap::read(out, timeout);
      if (count > 0 || waiting_.empty()) return count;
      const auto end = std::find(waiting_.begin(), waiting_.end(), 0);
      const std::vector<std::uint8_t> frame(waiting_.begin(), end + 1);
      waiting_.erase(waiting_.begin(), end + 1);
      Tap::write(frame);
    }
  }

 private:
  std::deque<std::uint8_t> waiting_;
  std::size_t& most_;
};

}  // namespace

TEST_CASE("Bytes in flight stay within the device's receive buffer, and make use of it",
          "[device]") {
  Board board;
  std::size_t most = 0;
  LinkOptions options;
  options.window = 16;
  Device device(std::make_unique<Delayed>(connect(board.device), most), options);
  rig::load_network(device, 4);
  device.run(rig::random_request(device.geometry(), 4, 200));
  CHECK(most <= device.geometry().rx_bytes);
  CHECK(most > device.geometry().rx_bytes / 2);
  CHECK(device.statistics().retries == 0);
}

TEST_CASE("Requests that cannot be are refused before anything is sent", "[device]") {
  Board board;
  Device device(connect(board.device));
  const auto before = device.statistics().bytes_sent;
  CHECK_THROWS_AS(device.read(Region::kCount, 60, 5), InputError);
  CHECK_THROWS_AS(device.write(Region::kCount, 64, Words{1}), InputError);
  CHECK_THROWS_AS(device.write(Region::kCount, 0, Words{0x10000}), InputError);
  CHECK_THROWS_AS(device.reset(128), InputError);
  RunRequest request;
  request.ticks = 10;
  const auto refuses = [&](const std::string& text) {
    CHECK_THROWS_WITH(device.run(request), Contains(text));
    CHECK_THROWS_AS(device.run(request), Error);
    request = RunRequest();
    request.ticks = 10;
  };
  request.axon_events = {{10, 0}};
  refuses("tick 10");
  request.axon_events = {{5, 0}, {4, 0}};
  refuses("follows");
  request.axon_events = {{0, 64}};
  refuses("axon 64");
  request.current_events = {{0, 64, 1}};
  refuses("slot 64");
  request.current_events = {{0, 0, 1 << 23}};
  refuses("8388608");
  request.probes.assign(17, 0);
  refuses("17 probes");
  request.probes = {64};
  refuses("slot 64");
  CHECK(device.statistics().bytes_sent == before);
}

TEST_CASE("A run that would pass the last tick asks for a reset", "[device]") {
  Board board;
  Device device(connect(board.device));
  rig::load_network(device, 1);
  device.write_register(Register::kTick, UINT32_MAX - 20);
  RunRequest request;
  request.ticks = 21;
  CHECK_THROWS_AS(device.run(request), InputError);
  CHECK_THROWS_WITH(device.run(request), Contains("reset"));
  request.ticks = 20;
  request.axon_events = {{3, 5}, {19, 6}};
  Model model(Geometry::named("tiny"));
  rig::load_network(model, 1);
  model.write_register(Register::kTick, UINT32_MAX - 20);
  CHECK(rig::run(device, request) == rig::run(model, request));
  CHECK(device.read_register(Register::kTick) == UINT32_MAX);
}

TEST_CASE("The tick counter may be set between runs", "[device]") {
  Board board;
  Device device(connect(board.device));
  Model model(Geometry::named("tiny"));
  rig::load_network(device, 9);
  rig::load_network(model, 9);
  unsigned seed = 0;
  for (const std::uint32_t tick : {100U, 50U, 70'000U, 70'010U, 0U}) {
    device.write_register(Register::kTick, tick);
    model.write_register(Register::kTick, tick);
    const auto request = rig::random_request(model.geometry(), ++seed, 30);
    REQUIRE(rig::run(device, request) == rig::run(model, request));
  }
  device.reset(1U << map::kResetBitTick);
  model.reset(1U << map::kResetBitTick);
  const auto request = rig::random_request(model.geometry(), 99, 30);
  CHECK(rig::run(device, request) == rig::run(model, request));
}

TEST_CASE("A device runs nothing that was not checked", "[device]") {
  Board board;
  Device device(connect(board.device));
  rig::load_network(device, 1);
  // A write without a check, as a program that died half-way through a load leaves it.
  link::Bytes payload;
  link::put_u8(payload, static_cast<std::uint32_t>(Region::kRate));
  link::put_u8(payload, 1);
  link::put_u16(payload, 1);
  link::put_u32(payload, 0);
  link::put_u8(payload, 3);
  const auto hello = link::build_frame(1, 5, link::Bytes{1, 2, 3, 4});
  board.device.receive(hello);
  board.device.receive(link::build_frame(3, 6, payload));
  (void)board.device.transmit();
  RunRequest request;
  request.ticks = 5;
  Device other(connect(board.device));
  CHECK_THROWS_AS(other.run(request), RefusedError);
  CHECK_THROWS_WITH(other.run(request), Contains("NOT_VALIDATED"));
  other.write(Region::kRate, 0, Words(64, 3));
  CHECK(other.run(request).ticks == 5);
}

namespace {

/// Hands spikes out in the order in which a sweep over several parameter sets finds them.
class OtherOrder final : public Backend {
 public:
  [[nodiscard]] const Geometry& geometry() const override { return model_.geometry(); }
  [[nodiscard]] std::string description() const override { return "other order"; }
  [[nodiscard]] Words read(Region region, std::uint64_t address, std::size_t count) override {
    return model_.read(region, address, count);
  }
  void write(Region region, std::uint64_t address, std::span<const std::uint64_t> words) override {
    model_.write(region, address, words);
  }
  void reset(std::uint32_t mask) override { model_.reset(mask); }
  RunResult run(const RunRequest& request) override {
    RunResult result = model_.run(request);
    std::stable_sort(result.spikes.begin(), result.spikes.end(),
                     [](const Spike& a, const Spike& b) {
                       return std::pair(a.tick, a.neuron % 3) < std::pair(b.tick, b.neuron % 3);
                     });
    return result;
  }

 private:
  Model model_{Geometry::named("tiny")};
};

/// Counts the times in which the host heard nothing for as long as it was ready to wait, and
/// spoils one STREAM_DATA frame.
class LosesOne final : public rig::Tap {
 public:
  LosesOne(std::unique_ptr<Transport> inner, int& waits, int which)
      : Tap(std::move(inner)), waits_(waits), left_(which) {}
  [[nodiscard]] std::size_t read(std::span<std::uint8_t> out,
                                 std::chrono::milliseconds timeout) override {
    const std::size_t count = Tap::read(out, timeout);
    if (count == 0) ++waits_;
    constexpr std::uint8_t kStreamData = 0xBF;
    for (std::size_t at = 0; at + 1 < count; ++at) {
      if ((at == 0 || out[at - 1] == 0) && out[at + 1] == kStreamData && --left_ == 0)
        ++out[at + 1];
    }
    return count;
  }

 private:
  int& waits_;
  int left_;
};

}  // namespace

TEST_CASE("Spikes are sorted within a tick, whatever the order of the sweep", "[device]") {
  OtherOrder backend;
  VirtualDevice board(backend);
  Device device(connect(board));
  Model model(Geometry::named("tiny"));
  rig::load_network(device, 2);
  rig::load_network(model, 2);
  const auto request = rig::random_request(model.geometry(), 2, 80);
  REQUIRE(backend.run(RunRequest{}).spikes.empty());
  const auto expected = model.run(request);
  CHECK(std::is_sorted(expected.spikes.begin(), expected.spikes.end()));
  CHECK(device.run(request).spikes == expected.spikes);
}

TEST_CASE("A damaged stream frame is asked for at once, not after a silence", "[device]") {
  for (const int which : {1, 2, 5}) {
    CAPTURE(which);
    Board board;
    int waits = 0;
    Device device(std::make_unique<LosesOne>(connect(board.device), waits, which));
    rig::load_network(device, 2);
    RunRequest request;
    request.ticks = 2000;
    request.probes = {1, 2, 3};
    waits = 0;
    const RunResult result = device.run(request);
    CHECK(result.retries == 1);
    CHECK(waits == 0);
    CHECK(result.potentials.size() == 6000);
  }
}
