// SPDX-License-Identifier: BSD-3-Clause
// A small hand-made image for build "tiny", and a backend that remembers what was done to it.
#pragma once

#include <utility>
#include <vector>

#include "model_rig.hpp"
#include "ncx/image.hpp"
#include "ncx/model.hpp"

namespace ncx::test {

inline constexpr std::uint32_t kRelaySlot = 5;

/// Six neurons in slots 8, 1, 2, 3, 4, 9; slot 5 belongs to nobody. Axon 0 drives neurons 0 (2000)
/// and 1 (5); neuron 1 has a dense row to neurons 2 (11) and 4 (-12) and the relay (1001), which
/// drives neuron 5 (1500).
inline Image make_image() {
  Image image;
  image.geometry = Geometry::named("tiny");
  image.name = "six";
  image.fraction_bits = 4;
  image.neuron_slot = {8, 1, 2, 3, 4, 9};
  image.axon_row = {4, 0, 1};
  image.populations = {{"first", 0, 2}, {"second", 2, 4}};
  image.axon_groups = {{"in", 0, 3}};
  image.program_length = 3;
  image.used_rows = 3;
  image.encoder_rows = 1;

  const auto sparse = [](std::uint64_t weight, std::uint64_t slot) {
    return (weight & 0xFFFF) | (slot / 4) << 16;
  };
  const auto dense = [](std::uint32_t low, std::uint32_t high) {
    return std::uint64_t{(low & 0xFFFF) | high << 16};
  };
  image.memories[Region::kSynapse] = {sparse(2000, 8),
                                      sparse(5, 1),
                                      0,
                                      0,  // row 0
                                      dense(0, -12U),
                                      dense(0, 1001),
                                      dense(11, 0) | 1ULL << 32,
                                      dense(0, 0),  // row 1
                                      0,
                                      sparse(1500, 9),
                                      0,
                                      0};  // row 2
  constexpr std::uint64_t kSparseRow = 1U << 27, kLastRow = 1U << 28, kValid = 1U << 31;
  image.memories[Region::kRow] = {0 | kSparseRow | kLastRow, 1, 1 | kLastRow | 3 << 20, 1,
                                  2 | kSparseRow | kLastRow, 1};
  std::vector<std::uint64_t> sources(image.geometry.neurons + 5, 0);
  sources[image.geometry.neurons + 4] = kValid | 0;
  sources[1] = kValid | 1;
  sources[kRelaySlot] = kValid | 2;
  image.memories[Region::kSource] = sources;
  image.memories[Region::kProgram] = {0, 0xF, 1, 0x3, 2, 0x3};
  image.memories[Region::kParameter] = ParameterSet{}.words();
  image.memories[Region::kRate] = {0, 0, 0, 0};
  image.memories[Region::kGenerator] = {11, 12, 13, 14};
  image.initial = {{8, 100, 0, 0, 0}, {9, -200, 3, 7, 0}};

  ProjectionMap in;
  in.name = "in";
  in.pre_is_axon = true;
  in.pre = {0, 0};
  in.post = {1, 0};
  in.address = {1, 0};
  in.field = {0, 0};
  ProjectionMap all;
  all.name = "all";
  all.plastic = true;
  all.exponent = 3;
  all.pre = {1, 1};
  all.post = {4, 2};
  all.address = {4, 6};
  all.field = {1, 0};
  image.projections = {in, all};
  return image;
}

/// A model that keeps a list of everything that changed it.
class RecordingBackend final : public Backend {
 public:
  explicit RecordingBackend(Geometry geometry) : model(std::move(geometry)) {}
  [[nodiscard]] const Geometry& geometry() const override { return model.geometry(); }
  [[nodiscard]] std::string description() const override { return "recording"; }
  [[nodiscard]] std::vector<std::uint64_t> read(Region region, std::uint64_t address,
                                                std::size_t count) override {
    return model.read(region, address, count);
  }
  void write(Region region, std::uint64_t address, std::span<const std::uint64_t> words) override {
    writes.emplace_back(region, address);
    model.write(region, address, words);
  }
  void reset(std::uint32_t mask) override {
    ++resets;
    model.reset(mask);
  }
  RunResult run(const RunRequest& request) override {
    runs.push_back(request.ticks);
    return model.run(request);
  }

  Model model;
  std::vector<std::pair<Region, std::uint64_t>> writes;
  std::vector<std::uint32_t> runs;
  int resets = 0;
};

}  // namespace ncx::test
