// SPDX-License-Identifier: BSD-3-Clause
// How long a capacity check takes. Hidden: run with `ncx_unit "[bench]"`.
#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <chrono>

#include "ncx/compiler.hpp"
#include "ncx/random_network.hpp"

namespace ncx {

TEST_CASE("a check of 200,000 synapses takes less than a second", "[.bench]") {
  constexpr std::uint32_t kSynapses = 200'000, kSources = 4'000, kTargets = 16'000;
  Network network;
  Population p;
  p.size = kTargets;
  network.add_population(p);
  AxonGroup axons;
  axons.size = kSources;
  network.add_axons(axons);
  Random random(1);
  Projection x;
  x.pre_is_axon = true;
  for (std::uint32_t i = 0; i < kSynapses; ++i) {
    x.pre_index.push_back(random.below(kSources));
    x.post_index.push_back(random.below(kTargets));
    x.weight.push_back(random.below(1000) / 997.0);
  }
  network.add_projection(x);
  const auto start = std::chrono::steady_clock::now();
  const CompileReport report = check(network, Geometry::named("max"));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  fmt::print("check of {} synapses: {:.3f} s\n", kSynapses, seconds.count());
  CHECK(report.capacity.front().used == kTargets);
  CHECK(seconds.count() < 1.0);
}

}  // namespace ncx
