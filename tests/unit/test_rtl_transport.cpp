// SPDX-License-Identifier: BSD-3-Clause
// The Verilated device as a byte pipe: bounded calls, simulated time, independent instances.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "ncx/compiler.hpp"
#include "ncx/device.hpp"
#include "ncx/emulator.hpp"
#include "ncx/error.hpp"
#include "ncx/rtl_backend.hpp"

using namespace std::chrono_literals;

namespace {

/// Neurons that fire when their axons do.
ncx::Network driven(std::uint32_t neurons) {
  ncx::Network network("driven");
  ncx::Population population;
  population.name = "neurons";
  population.size = neurons;
  population.parameters = {ncx::NeuronParameters{}};
  network.add_population(population);
  ncx::AxonGroup axons;
  axons.name = "axons";
  axons.size = neurons;
  network.add_axons(axons);
  ncx::Projection drive;
  drive.name = "drive";
  drive.pre_is_axon = true;
  for (std::uint32_t n = 0; n < neurons; ++n) {
    drive.pre_index.push_back(n);
    drive.post_index.push_back(n);
    drive.weight.push_back(8.0);
  }
  network.add_projection(std::move(drive));
  return network;
}

}  // namespace

TEST_CASE("a silent device ends a read after the simulated time of the timeout") {
  const auto transport = ncx::open_rtl("tiny");
  std::vector<std::uint8_t> buffer(16);
  const std::uint64_t before = transport->clocks();
  CHECK(transport->read(buffer, 2ms) == 0);
  CHECK(transport->clocks() - before == 200'000);  // at 100 MHz
  // A poll ends at once, but time goes on, so that a loop of polls sees an answer.
  CHECK(transport->read(buffer, 0ms) == 0);
  CHECK(transport->clocks() - before > 200'000);
  CHECK(transport->clocks() - before < 201'000);
}

TEST_CASE("garbage is taken and answered by nothing") {
  const auto transport = ncx::open_rtl("tiny");
  const std::vector<std::uint8_t> garbage(5000, 0x55);
  transport->write(garbage);
  std::vector<std::uint8_t> buffer(16);
  CHECK(transport->read(buffer, 1ms) == 0);
  ncx::Device device(ncx::open_rtl("tiny"));
  CHECK(device.geometry().name == "tiny");
}

TEST_CASE("two devices in one process do not share anything") {
  const auto first = ncx::open_backend("rtl", "tiny");
  const auto second = ncx::open_backend("rtl", "tiny");
  first->write_register(ncx::Register::kScratch, 1);
  second->write_register(ncx::Register::kScratch, 2);
  CHECK(first->read_register(ncx::Register::kScratch) == 1);
  CHECK(second->read_register(ncx::Register::kScratch) == 2);
}

TEST_CASE("random gaps on the link and random registers change no answer") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    ncx::RtlOptions options;
    options.seed = seed;
    options.random_gaps = true;
    ncx::Device device(ncx::open_rtl("tiny8", options));
    std::vector<std::uint64_t> words(300);
    for (std::size_t i = 0; i < words.size(); ++i) words[i] = (i * 0x9E3779B97) & 0xFFFFFFFFF;
    device.write(ncx::Region::kSynapse, 7, words);
    CHECK(device.read(ncx::Region::kSynapse, 7, words.size()) == words);
    CHECK(device.statistics().retries == 0);
  }
}

TEST_CASE("a streamed run keeps both directions of the line busy at once") {
  constexpr std::uint32_t kNeurons = 32, kActive = 5, kTicks = 100;
  constexpr std::uint32_t kBaud = 4'000'000;
  constexpr std::uint64_t kByteClocks = 250;  // 10 bits at 100 MHz
  auto transport = ncx::open_rtl("tiny");
  ncx::RtlTransport& rtl = *transport;
  auto owned = std::make_unique<ncx::Device>(std::move(transport));
  const ncx::Device& device = *owned;
  ncx::Emulator emulator(std::move(owned));
  emulator.load(ncx::compile(driven(kNeurons), device.geometry()).image);
  ncx::RunRequest request;
  request.ticks = kTicks;
  for (std::uint32_t tick = 0; tick < kTicks; ++tick) {
    for (std::uint32_t k = 0; k < kActive; ++k) {
      request.axon_events.push_back({tick, (6 * k + tick) % kNeurons});
    }
  }
  rtl.set_line(kBaud);
  const ncx::LinkStatistics before = device.statistics();
  const std::uint64_t start = rtl.clocks();
  const ncx::RunResult result = emulator.run(request);
  const std::uint64_t clocks = rtl.clocks() - start;
  CHECK(result.spikes.size() == kTicks * kActive);
  CHECK(result.retries == 0);
  const std::uint64_t longer =
      kByteClocks * std::max(device.statistics().bytes_sent - before.bytes_sent,
                             device.statistics().bytes_received - before.bytes_received);
  CHECK(clocks >= longer);
  // Where the directions wait for one another, it is 1.7 times the longer one.
  CHECK(clocks < longer * 6 / 5);
}

TEST_CASE("names that do not exist are refused with those that do") {
  CHECK_THROWS_WITH(ncx::open_rtl("huge"), Catch::Contains("huge") && Catch::Contains("tiny8"));
  CHECK_THROWS_AS(ncx::open_backend("fpga", "tiny"), ncx::InputError);
  CHECK_THROWS_AS(ncx::open_backend("serial:", "tiny"), ncx::InputError);
  CHECK_THROWS_AS(ncx::open_backend("serial:/dev/no-such-port", "tiny"), ncx::PortError);
  CHECK_THROWS_AS(ncx::open_backend("model", "huge"), ncx::InputError);
}
