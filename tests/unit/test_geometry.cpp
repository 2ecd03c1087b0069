// SPDX-License-Identifier: BSD-3-Clause
// Named builds, INFO words and region sizes.
#include <catch2/catch.hpp>

#include "ncx/error.hpp"
#include "ncx/geometry.hpp"

using ncx::Geometry;
using ncx::Region;
namespace map = ncx::map;

TEST_CASE("geometry: every named build can exist and survives its INFO words", "[geometry]") {
  REQUIRE(Geometry::names().size() == map::kConfigurations.size());
  for (const std::string& name : Geometry::names()) {
    const Geometry g = Geometry::named(name);
    INFO(name);
    CHECK(g.problem().empty());
    CHECK(Geometry::from_info(g.to_info()) == g);
  }
}

TEST_CASE("geometry: a wrong name lists the right ones", "[geometry]") {
  CHECK_THROWS_AS(Geometry::named("huge"), ncx::InputError);
  CHECK_THROWS_WITH(Geometry::named("huge"),
                    Catch::Contains("'huge'") && Catch::Contains("cmod_a7"));
}

TEST_CASE("geometry: INFO words of something else are refused", "[geometry]") {
  const std::vector<std::uint32_t> good = Geometry::named("tiny").to_info(7);
  CHECK(good[map::kInfoBuild] == 7);
  CHECK_THROWS_WITH(Geometry::from_info({}), Catch::Contains("magic"));
  for (const auto& [word, text] :
       {std::pair{map::kInfoMagic, "magic"}, std::pair{map::kInfoProtocol, "protocol version"},
        std::pair{map::kInfoMapHash, "register map"},
        std::pair{map::kInfoLanes, "impossible build"}}) {
    std::vector<std::uint32_t> bad = good;
    ++bad[word];
    CHECK_THROWS_AS(Geometry::from_info(bad), ncx::LinkError);
    CHECK_THROWS_WITH(Geometry::from_info(bad), Catch::Contains(text));
  }
  std::vector<std::uint32_t> cut = good;
  cut.pop_back();
  CHECK_THROWS_AS(Geometry::from_info(cut), ncx::LinkError);
}

TEST_CASE("geometry: a long name is cut to 16 letters", "[geometry]") {
  Geometry g = Geometry::named("tiny");
  g.name = "a name of more than sixteen letters";
  CHECK(Geometry::from_info(g.to_info()).name == "a name of more t");
}

TEST_CASE("geometry: impossible builds are named", "[geometry]") {
  const Geometry good = Geometry::named("tiny");
  const auto problem = [&](auto change) {
    Geometry g = good;
    change(g);
    return g.problem();
  };
  CHECK_THAT(problem([](Geometry& g) { g.lanes = 3; }), Catch::Contains("lanes is 3"));
  CHECK_THAT(problem([](Geometry& g) { g.lanes = 32; }), Catch::Contains("lanes is 32"));
  CHECK_THAT(problem([](Geometry& g) { g.neurons = 66; }), Catch::Contains("neurons is 66"));
  CHECK_THAT(problem([](Geometry& g) { g.neurons = 65536; }), Catch::Contains("32768"));
  CHECK_THAT(problem([](Geometry& g) { g.axons = 3; }), Catch::Contains("axons is 3"));
  CHECK_THAT(problem([](Geometry& g) { g.weight_bits = 4; }), Catch::Contains("weight_bits is 4"));
  CHECK_THAT(problem([](Geometry& g) { g.max_delay = 6; }), Catch::Contains("max_delay is 6"));
  CHECK_THAT(problem([](Geometry& g) { g.max_delay = 256; }), Catch::Contains("128"));
  CHECK_THAT(problem([](Geometry& g) { g.rows = 0; }), Catch::Contains("rows is 0"));
  CHECK_THAT(problem([](Geometry& g) { g.neurons = 32768, g.lanes = 4; }),
             Catch::Contains("neurons / lanes"));
}

TEST_CASE("geometry: region sizes", "[geometry]") {
  const Geometry g = Geometry::named("tiny");
  CHECK(g.region_size(Region::kRegisters) == 28);
  CHECK(g.region_size(Region::kSynapse) == 8192);
  CHECK(g.region_size(Region::kSource) == 128);
  CHECK(g.region_size(Region::kRow) == 1024);
  CHECK(g.region_size(Region::kProgram) == 512);
  CHECK(g.region_size(Region::kParameter) == 512);
  CHECK(g.region_size(Region::kState) == 256);
  CHECK(g.region_size(Region::kAccumulator) == 512);
  CHECK(g.region_size(Region::kGenerator) == 4);
  CHECK(g.region_size(Region::kProfile) == 16);
  CHECK(g.region_size(Region::kTaps) == 512);
  CHECK(g.region_size(Region::kDriftStep) == 128);
  CHECK(g.region_size(Region::kLearnMember) == 128);
  CHECK(g.region_size(Region::kTrace) == 768);
  CHECK(g.region_size(Region::kLearnState) == 9);
  CHECK(g.region_size(Region::kAxonSpike) == 16);
  CHECK(g.weights_per_word() == 2);
  CHECK(g.weight_min() == -32768);
  CHECK(Geometry::named("tiny8").weight_max() == 127);
  CHECK(ncx::region_bits(Region::kParameter) == 36);
  CHECK(ncx::region_name(Region::kSpikeQueue) == "SPIKE_QUEUE");
  CHECK_THROWS_AS(ncx::region_name(static_cast<Region>(99)), ncx::InputError);
  CHECK_THROWS_AS(ncx::region_bits(static_cast<Region>(99)), ncx::InputError);
  CHECK_THROWS_AS(g.region_size(static_cast<Region>(99)), ncx::InputError);
}
