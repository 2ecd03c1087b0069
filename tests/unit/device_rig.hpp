// SPDX-License-Identifier: BSD-3-Clause
// Small busy networks, a virtual device that runs them on the model, and what a run left behind.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "ncx/device.hpp"
#include "ncx/model.hpp"
#include "ncx/virtual_device.hpp"

namespace rig {

using ncx::Region;
using ncx::Register;
using Words = std::vector<std::uint64_t>;

inline constexpr std::uint32_t kResetAll = 0x7F;

/// Random numbers whose type is as wide as they are.
class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  std::uint32_t operator()() { return static_cast<std::uint32_t>(engine_()); }

 private:
  std::mt19937 engine_;
};

/// A random network that keeps spiking: every source reaches every neuron of the `tiny` build by a
/// dense row, encoders draw in every tick.
inline void load_network(ncx::Backend& backend, unsigned seed) {
  const ncx::Geometry& g = backend.geometry();
  Random random(seed);
  const std::uint32_t sources = g.neurons + g.axons, rows = g.local_rows();
  const std::uint32_t words_a_row = rows / g.weights_per_word();
  Words synapse, source, row, program, rate;
  for (std::uint32_t w = 0; w < sources * words_a_row * g.lanes; ++w) {
    std::uint64_t word = 0;
    for (std::uint32_t field = 0; field < 2; ++field) {
      const auto weight = random() % 4 == 0 ? static_cast<int>(random() % 400) - 170 : 0;
      word |= std::uint64_t{static_cast<std::uint16_t>(weight)} << (16 * field);
      // Plastic flags come in long runs, as projections do.
      if (w / 300 % 3 == 1) word |= 1ULL << (32 + field);
    }
    synapse.push_back(word);
  }
  for (std::uint32_t s = 0; s < sources; ++s) {
    source.push_back(s | 1U << 31);
    row.push_back((s * words_a_row) | 1U << 28);
    row.push_back(words_a_row);
  }
  for (std::uint32_t r = 0; r < rows; ++r) {
    program.push_back(r);
    program.push_back((1U << g.lanes) - 1);
  }
  for (std::uint32_t a = 0; a < g.axons; ++a) rate.push_back(random() % 12);
  const Words parameter = {600 | 2ULL << 24, 0, 0, 7, 0};
  Words generator;
  while (generator.size() < g.region_size(Region::kGenerator)) {
    generator.push_back(1 + random() % 0xFFFFFFFE);
  }

  backend.write(Region::kSynapse, 0, synapse);
  backend.write(Region::kSource, 0, source);
  backend.write(Region::kRow, 0, row);
  backend.write(Region::kProgram, 0, program);
  backend.write(Region::kParameter, 0, parameter);
  backend.write(Region::kRate, 0, rate);
  backend.write_register(Register::kProgramLength, rows);
  backend.write_register(Register::kUsedRows, rows);
  backend.write_register(Register::kEncoderRows, g.axons / g.lanes);
  backend.reset(kResetAll);
  backend.write(Region::kGenerator, 0, generator);
}

inline ncx::RunRequest random_request(const ncx::Geometry& g, unsigned seed, std::uint32_t ticks) {
  Random random(seed);
  ncx::RunRequest request;
  request.ticks = ticks;
  for (std::uint32_t tick = 0; tick < ticks; ++tick) {
    if (random() % 3 != 0) continue;
    const std::uint32_t burst = random() % 6 == 0 ? 40 : 3;
    for (std::uint32_t axon = 0; axon < g.axons; ++axon) {
      if (random() % g.axons < burst) request.axon_events.push_back({tick, axon});
    }
    if (random() % 2 == 0) {
      request.current_events.push_back(
          {tick, random() % g.neurons, static_cast<std::int32_t>(random() % 1500) - 500});
    }
  }
  for (std::uint32_t p = random() % 4; p > 0; --p) {
    request.probes.push_back(random() % g.neurons);
  }
  return request;
}

/// Everything a caller can see of a run and of the network after it.
struct Outcome {
  ncx::RunResult run;
  std::vector<Words> memories;
  friend bool operator==(const Outcome& a, const Outcome& b) {
    return a.run.first_tick == b.run.first_tick && a.run.ticks == b.run.ticks &&
           a.run.spikes == b.run.spikes && a.run.potentials == b.run.potentials &&
           a.run.cycles == b.run.cycles && a.run.overruns == b.run.overruns &&
           a.memories == b.memories;
  }
};

inline std::vector<Words> state_of(ncx::Backend& backend) {
  std::vector<Words> memories;
  for (const Region region :
       {Region::kState, Region::kAccumulator, Region::kCount, Region::kGenerator}) {
    memories.push_back(
        backend.read(region, 0, static_cast<std::size_t>(backend.geometry().region_size(region))));
  }
  return memories;
}

inline Outcome run(ncx::Backend& backend, const ncx::RunRequest& request) {
  Outcome outcome;
  outcome.run = backend.run(request);
  outcome.memories = state_of(backend);
  return outcome;
}

/// A model behind a virtual device; the device keeps the address of the model.
struct Board {
  explicit Board(const char* build = "tiny")
      : model(std::make_unique<ncx::Model>(ncx::Geometry::named(build))), device(*model, 42) {}
  std::unique_ptr<ncx::Model> model;
  ncx::VirtualDevice device;
};

/// Passes everything on, and lets a test look at it.
class Tap : public ncx::Transport {
 public:
  explicit Tap(std::unique_ptr<ncx::Transport> inner) : inner_(std::move(inner)) {}
  void write(std::span<const std::uint8_t> bytes) override { inner_->write(bytes); }
  [[nodiscard]] std::size_t read(std::span<std::uint8_t> out,
                                 std::chrono::milliseconds timeout) override {
    return inner_->read(out, timeout);
  }
  [[nodiscard]] std::string description() const override { return inner_->description(); }

 private:
  std::unique_ptr<ncx::Transport> inner_;
};

}  // namespace rig
