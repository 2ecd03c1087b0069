// SPDX-License-Identifier: BSD-3-Clause
// Learning networks behind a link: weights in bulk, states, the same results.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>

#include "device_rig.hpp"
#include "ncx/compiler.hpp"
#include "ncx/device.hpp"
#include "ncx/emulator.hpp"
#include "ncx/random_network.hpp"

using namespace ncx;
using rig::Board;

TEST_CASE("Weights come back at the speed of the line", "[device]") {
  // 65,536 of them, all to all and dense: two to a word.
  Network network("all to all");
  Population population;
  population.size = 256;
  network.add_population(population);
  Projection projection;
  projection.plastic = true;
  for (std::uint32_t pre = 0; pre < 256; ++pre) {
    for (std::uint32_t post = 0; post < 256; ++post) {
      projection.pre_index.push_back(pre);
      projection.post_index.push_back(post);
      projection.weight.push_back((pre * 256.0 + post - 32768.0) / 65536.0);
    }
  }
  network.add_projection(projection);
  const Geometry geometry = Geometry::named("cmod_a7");
  const Image image = compile(network, geometry).image;
  Model model(geometry);
  VirtualDevice board(model);
  Emulator emulator(std::make_unique<Device>(connect(board)));
  emulator.load(image);
  const auto& device = dynamic_cast<const Device&>(emulator.backend());
  const LinkStatistics before = device.statistics();
  const std::vector<std::int32_t> weights = emulator.weights(0);
  const LinkStatistics after = device.statistics();
  REQUIRE(weights.size() == 65536);
  CHECK(std::count_if(weights.begin(), weights.end(), [](std::int32_t w) { return w < 0; }) >
        30000);
  // Two bytes each, and what frames add.
  const std::uint64_t received = after.bytes_received - before.bytes_received;
  CAPTURE(received, after.bytes_sent - before.bytes_sent);
  CHECK(received < 65536 * 2 * 103 / 100);
  CHECK(received > 65536 * 2);
  CHECK(after.bytes_sent - before.bytes_sent < 4000);
  Emulator local(std::make_unique<Model>(geometry));
  local.load(image);
  CHECK(local.weights(0) == weights);
}

TEST_CASE("A learning network runs, stops and goes on alike behind a link", "[device]") {
  const Geometry geometry = Geometry::named("tiny");
  std::size_t learning = 0;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    CAPTURE(seed);
    const Network network = random_network(geometry, seed);
    const Image image = compile(network, geometry).image;
    Board board;
    Emulator linked(std::make_unique<Device>(connect(board.device)));
    Emulator local(std::make_unique<Model>(geometry));
    linked.load(image);
    local.load(image);
    const RunRequest request = random_inputs(network, 30, seed);
    CHECK(linked.run(request).spikes == local.run(request).spikes);
    const State state = linked.save_state();
    CHECK(state == local.save_state());
    CHECK(linked.run(request).cycles == local.run(request).cycles);
    const State later = local.save_state();
    linked.restore_state(state);
    static_cast<void>(linked.run(request));
    CHECK(linked.save_state() == later);
    for (std::size_t p = 0; p < image.projections.size(); ++p) {
      if (image.projections[p].profile >= 0) ++learning;
      CHECK(linked.weights(p) == local.weights(p));
    }
  }
  CHECK(learning > 6);
}
