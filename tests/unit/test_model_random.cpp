// SPDX-License-Identifier: BSD-3-Clause
// The fast model against the plain one, on random images with every feature, tick by tick.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>

#include "random_image.hpp"

namespace {

using ncx::Geometry;
using ncx::Region;
using ncx::Register;
using ncx::test::all_of;
using ncx::test::queued;
using ncx::test::RandomNetwork;
using ncx::test::small;

void compare(const Geometry& build, std::uint32_t seed, std::uint32_t ticks) {
  RandomNetwork network(build, seed);
  std::size_t spikes = 0;
  network.model.write_register(Register::kUsedRows, 0);  // never a bitmap
  for (std::uint32_t t = 0; t < ticks; ++t) {
    if (t % 16 == 9) network.change_some_weights();
    const ncx::RunRequest request = network.inputs();
    const ncx::RunResult result = network.model.run(request);
    std::vector<std::uint32_t> axons;
    for (const ncx::AxonEvent& e : request.axon_events) axons.push_back(e.axon);
    std::vector<std::uint32_t> fired = network.reference.tick(axons, request.current_events);
    INFO("build " << build.name << " lanes " << build.lanes << " seed " << seed << " tick " << t);
    REQUIRE(queued(network.model) == fired);
    std::sort(fired.begin(), fired.end());
    std::vector<std::uint32_t> reported;
    for (const ncx::Spike& s : result.spikes) reported.push_back(s.neuron);
    REQUIRE(reported == fired);
    REQUIRE(result.cycles == network.reference.cycles);
    for (const Region region :
         {Region::kState, Region::kAccumulator, Region::kCount, Region::kGenerator}) {
      INFO("region " << ncx::region_name(region));
      REQUIRE(all_of(network.model, region) == network.reference.memory[region]);
    }
    spikes += fired.size();
  }
  CHECK(spikes > 0);
}

}  // namespace

TEST_CASE("the fast model equals the reference on random images, tick by tick", "[model][random]") {
  const std::array builds = {Geometry::named("tiny"), Geometry::named("tiny8"),
                             small(8, 16, 1),         small(16, 8, 2),
                             small(2, 16, 128),       small(4, 16, 1, 512)};
  for (std::uint32_t seed = 0; seed < 60; ++seed) compare(builds[seed % builds.size()], seed, 40);
}

TEST_CASE("one long run equals many runs of one tick", "[model][random]") {
  for (std::uint32_t seed = 100; seed < 110; ++seed) {
    RandomNetwork split(Geometry::named("tiny"), seed), whole(Geometry::named("tiny"), seed);
    ncx::RunRequest request;
    request.ticks = 50;
    for (std::uint32_t t = 0; t < request.ticks; ++t) request.axon_events.push_back({t, t % 7});
    const ncx::RunResult expected = whole.model.run(request);
    std::vector<ncx::Spike> spikes;
    std::uint64_t cycles = 0;
    for (std::uint32_t t = 0; t < request.ticks; ++t) {
      ncx::RunRequest one;
      one.ticks = 1;
      one.axon_events = {{0, t % 7}};
      const ncx::RunResult result = split.model.run(one);
      for (const ncx::Spike& s : result.spikes) spikes.push_back({t, s.neuron});
      cycles += result.cycles;
    }
    CHECK(spikes == expected.spikes);
    CHECK(cycles == expected.cycles);
    CHECK(all_of(split.model, Region::kState) == all_of(whole.model, Region::kState));
  }
}
