// SPDX-License-Identifier: BSD-3-Clause
// Learning of the fast model against the reference, on random images with every feature of it.
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

/// What the networks of a test have done, so that it cannot pass for want of events.
struct Seen {
  std::size_t spikes = 0, changed = 0, folds = 0;
};

void compare(const Geometry& build, std::uint32_t seed, std::uint32_t ticks, Seen& seen) {
  RandomNetwork network(build, seed, true);
  network.model.write_register(Register::kUsedRows, 0);  // never a bitmap
  ncx::test::Words before = all_of(network.model, Region::kSynapse);
  for (std::uint32_t t = 0; t < ticks; ++t) {
    if (t % 16 == 9) network.change_some_weights();
    if (t % 8 == 5) network.change_learning();
    if (t % 32 == 20) network.reset_traces();
    const ncx::RunRequest request = network.inputs();
    const ncx::RunResult result = network.model.run(request);
    std::vector<std::uint32_t> axons;
    for (const ncx::AxonEvent& e : request.axon_events) axons.push_back(e.axon);
    const auto fired = network.reference.tick(axons, request.current_events);
    INFO("build " << build.name << " lanes " << build.lanes << " weight bits " << build.weight_bits
                  << " seed " << seed << " tick " << t);
    REQUIRE(queued(network.model) == fired);
    for (const Region region :
         {Region::kSynapse, Region::kTrace, Region::kLearnState, Region::kAxonSpike, Region::kState,
          Region::kAccumulator, Region::kCount, Region::kGenerator}) {
      INFO("region " << ncx::region_name(region));
      REQUIRE(all_of(network.model, region) == network.reference.memory[region]);
    }
    REQUIRE(network.model.read_register(Register::kFolds) == network.reference.learning.folds);
    REQUIRE(result.cycles == network.reference.cycles);
    seen.spikes += fired.size();
    seen.changed += network.reference.memory[Region::kSynapse] != before ? 1 : 0;
    before = network.reference.memory[Region::kSynapse];
  }
  seen.folds += network.reference.learning.folds;
}

Geometry with_profiles(Geometry g, std::uint32_t profiles) {
  g.profiles = profiles;
  return g;
}

}  // namespace

TEST_CASE("the fast model learns as the reference on random images, tick by tick",
          "[model][learning][random]") {
  const std::array builds = {Geometry::named("tiny"),
                             Geometry::named("tiny8"),
                             with_profiles(small(8, 16, 1), 8),
                             with_profiles(small(16, 8, 2), 2),
                             with_profiles(small(2, 16, 128), 1),
                             with_profiles(small(4, 8, 4), 3),
                             with_profiles(small(4, 16, 1, 512), 2),
                             with_profiles(small(16, 16, 16), 5)};
  Seen seen;
  for (std::uint32_t seed = 0; seed < 120; ++seed) {
    compare(builds[seed % builds.size()], seed, 48, seen);
  }
  CHECK(seen.spikes > 50000);
  CHECK(seen.changed > 2000);
  CHECK(seen.folds > 200);
}
