// SPDX-License-Identifier: BSD-3-Clause
// Images that learn: files give them back whole, and damaged ones are refused by field.
#include <algorithm>
#include <boost/crc.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include "image_use.hpp"
#include "learning_rig.hpp"
#include "ncx/error.hpp"

namespace {

using Catch::Contains;
using ncx::Image;
using ncx::Region;
using Json = nlohmann::json;

/// Neurons in slots 0 to 7, axons 0 and 1; profile 0 drifts and is used by neurons, 1 by an axon.
Image learning_image() {
  ncx::Network network("learner");
  ncx::Population p = ncx::test::neurons(8);
  p.refractory_init.assign(8, 2);
  network.add_population(p);
  ncx::AxonGroup axons;
  axons.size = 2;
  network.add_axons(axons);
  ncx::LearningProfile a;
  a.name = "a";
  a.pre_taps = {1.0, 0.5};
  a.drift = {-0.5};
  a.enabled = false;
  ncx::LearningProfile b;
  b.name = "b";
  b.traces = ncx::Traces::kExponential;
  b.pre_amplitude = 0.5;
  b.w_min = -0.5;
  b.w_max = 0.5;
  network.add_profile(a);
  network.add_profile(b);
  ncx::Projection first = ncx::test::plastic({0.5, 1.0}, 0);
  first.plastic_mask = {0, 1};
  network.add_projection(first);
  ncx::Projection second = ncx::test::plastic({0.25}, 1);
  second.pre_is_axon = true;
  network.add_projection(second);
  network.add_projection(ncx::test::plastic({1.0}, -1));
  network.set_past({{3}, {0, 2, 0, 1, 0, 0, 0, 6}, 3});
  return ncx::compile(network, ncx::Geometry::named("tiny")).image;
}

std::string refusal(const std::function<void(Image&)>& change) {
  Image image = learning_image();
  change(image);
  try {
    static_cast<void>(Image::from_cbor(image.to_cbor(), "net.ncx"));
  } catch (const ncx::InputError& error) {
    return error.what();
  }
  return "accepted";
}

/// The same for a change to the file's fields, with a checksum that fits.
std::string refusal_of_file(const std::function<void(Json&)>& change) {
  Json file = Json::from_cbor(learning_image().to_cbor());
  Json content = Json::from_cbor(file["content"].get_binary());
  change(content);
  std::vector<std::uint8_t> bytes = Json::to_cbor(content);
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  file["crc32"] = crc.checksum();
  file["content"] = Json::binary(std::move(bytes));
  try {
    static_cast<void>(Image::from_cbor(Json::to_cbor(file), "net.ncx"));
  } catch (const ncx::InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("image: what learning needs comes back from its bytes", "[image]") {
  const Image image = learning_image();
  REQUIRE(image.profiles.size() == 2);
  const Image again = Image::from_cbor(image.to_cbor(), "net.ncx");
  CHECK(again.geometry == image.geometry);
  CHECK(again.memories == image.memories);
  CHECK(again.learn_rows == image.learn_rows);
  CHECK(again.initial_spikes == image.initial_spikes);
  CHECK(again.initial_history == image.initial_history);
  CHECK(again.initial_age == 3);
  REQUIRE(again.initial.size() == 8);
  CHECK(again.initial[7].refractory == 2);
  REQUIRE(again.projections.size() == 3);
  CHECK(again.projections[0].plastic_mask == std::vector<std::uint8_t>{0, 1});
  CHECK(again.projections[0].profile == 0);
  CHECK(again.projections[1].profile == 1);
  CHECK(again.projections[2].profile == -1);
  REQUIRE(again.profiles.size() == 2);
  for (std::size_t p = 0; p < 2; ++p) {
    CHECK(again.profiles[p].name == image.profiles[p].name);
    CHECK(again.profiles[p].user == p);
    CHECK(again.profiles[p].enabled == (p == 1));
    CHECK(again.profiles[p].w_min == image.profiles[p].w_min);
    CHECK(again.profiles[p].w_max == image.profiles[p].w_max);
    CHECK(again.profiles[p].exponent == image.profiles[p].exponent);
  }
  CHECK(again.profiles[0].w_min == -16383);
  CHECK(again.to_cbor() == image.to_cbor());
}

TEST_CASE("image: missing or wrongly typed fields of learning are named", "[image]") {
  const auto missing = [](const char* list, const char* field) {
    CAPTURE(list, field);
    CHECK_THAT(refusal_of_file([&](Json& c) { c[list][1].erase(field); }),
               Contains("net.ncx") && Contains(std::string(list) + "[1]." + field));
    CHECK_THAT(refusal_of_file([&](Json& c) { c[list][1][field] = 1.5; }),
               Contains("net.ncx") && Contains(std::string(list) + "[1]." + field));
  };
  for (const char* field : {"name", "user", "enabled", "w_min", "w_max", "exponent"}) {
    missing("profiles", field);
  }
  missing("projections", "plastic_mask");
  missing("projections", "profile");
  for (const char* field :
       {"profiles", "learn_rows", "initial_spikes", "initial_history", "initial_age"}) {
    CAPTURE(field);
    CHECK_THAT(refusal_of_file([&](Json& c) { c.erase(field); }), Contains(field));
    CHECK_THAT(refusal_of_file([&](Json& c) { c[field] = 1.5; }), Contains(field));
  }
  CHECK_THAT(refusal_of_file([](Json& c) { c["geometry"].erase("profiles"); }),
             Contains("geometry.profiles"));
  CHECK_THAT(refusal_of_file([](Json& c) { c["profiles"][0]["w_min"] = -(1LL << 40); }),
             Contains("profiles[0].w_min") && Contains("to 2147483647"));
  CHECK_THAT(refusal_of_file([](Json& c) { c["profiles"][0]["w_max"] = ~0ULL; }),
             Contains("profiles[0].w_max") && Contains("to 2147483647"));
  CHECK_THAT(refusal_of_file([](Json& c) {
               c["initial_history"] = Json::binary({1, 0, 0, 0});
             }),
             Contains("initial_history") && Contains("even"));
}

TEST_CASE("image: learning that no device could hold is refused and named", "[image]") {
  CHECK(refusal([](Image&) {}) == "accepted");
  const auto check = [](const char* text, const std::function<void(Image&)>& change) {
    CAPTURE(text);
    CHECK_THAT(refusal(change), Contains(text) && Contains("net.ncx"));
  };
  const auto word = [](Region region, std::size_t at, std::uint64_t value) {
    return [=](Image& i) { i.memories[region].at(at) = value; };
  };
  check("memories.PROFILE (words)", [](Image& i) { i.geometry.profiles = 1; });
  check("profiles (entries): found 2; expected at most 1", [](Image& i) {
    i.geometry.profiles = 1;
    for (const Region region : {Region::kProfile, Region::kTaps, Region::kDriftStep,
                                Region::kLearnMember, Region::kLearnState}) {
      i.memories.erase(region);
    }
  });
  check("memories.PROFILE: found 4 words; expected 8 for 2 learning profiles",
        [](Image& i) { i.memories[Region::kProfile].resize(4); });
  check("memories.TAPS", [](Image& i) { i.memories[Region::kTaps].pop_back(); });
  check("memories.DRIFT_STEP", [](Image& i) { i.memories.erase(Region::kDriftStep); });
  check("memories.LEARN_MEMBER", [](Image& i) { i.memories[Region::kLearnMember].push_back(0); });
  check("memories.LEARN_STATE: found 8 words; expected 9",
        [](Image& i) { i.memories[Region::kLearnState].pop_back(); });
  check("memories.PROFILE: found 8 words; expected 0", [](Image& i) {
    i.profiles.clear();
    for (ncx::ProjectionMap& p : i.projections) p.profile = -1;
  });
  check("memories.TAPS: word 1 is 0x40000; expected 18 bits", word(Region::kTaps, 1, 1 << 18));
  check("memories.DRIFT_STEP: word 2", word(Region::kDriftStep, 2, 1 << 18));
  check("memories.PROFILE: word 0 is 0x1000000000; expected 36 bits",
        word(Region::kProfile, 0, 1ULL << 36));
  check("memories.LEARN_MEMBER: word 5 is 0x10; expected 4 bits",
        word(Region::kLearnMember, 5, 16));
  check("memories.LEARN_STATE drift 1", word(Region::kLearnState, 2, 1ULL << 34));
  check("memories.LEARN_STATE age 0", word(Region::kLearnState, 1, 17));
  check("the generator is 0x0", word(Region::kLearnState, 8, 0));
  check("the generator is 0x100000000", word(Region::kLearnState, 8, 1ULL << 32));
  check("memories.PROFILE 0: bounds are -16384 and 16383; expected -16383 and 16383",
        [](Image& i) { i.memories[Region::kProfile][0] ^= 1; });
  check("memories.PROFILE 1 shift", [](Image& i) { i.memories[Region::kProfile][7] |= 31 << 16; });
  check("memories.PROFILE 1 rounding",
        [](Image& i) { i.memories[Region::kProfile][7] |= 3 << 21; });
  check("memories.PROFILE 1 word 3", [](Image& i) { i.memories[Region::kProfile][7] |= 1 << 29; });
  check("profiles[0] 'a' exponent", [](Image& i) { i.profiles[0].exponent = 16; });
  check("profiles[0] 'a'", [](Image& i) { i.profiles[0].w_min = -32769; });
  check("profiles[1] 'b'", [](Image& i) { i.profiles[1].w_max = i.profiles[1].w_min - 1; });
  check("user profile 0 appears twice", [](Image& i) { i.profiles[1].user = 0; });
  check("learn_rows: rows of neurons", [](Image& i) { i.learn_rows |= 17; });
  check("learn_rows: rows of axons", [](Image& i) { i.learn_rows |= 17 << 16; });
  check("learn_rows: source 0 learns", [](Image& i) { i.learn_rows &= 0xFFFF0000; });
  check("learn_rows: source 64 learns", [](Image& i) { i.learn_rows &= 0xFFFF; });
  check("projections[0] 'population0->population0' profile: found 2; expected -1 to 1",
        [](Image& i) { i.projections[0].profile = 2; });
  check("profile: found -2", [](Image& i) { i.projections[0].profile = -2; });
  check("not plastic", [](Image& i) { i.projections[0].plastic = false; });
  check("memories.ROW 0 has profile 0; expected 1", [](Image& i) {
    i.projections[0].profile = 1;
    i.projections[0].exponent = i.profiles[1].exponent;
  });
  check("expected 3 as profile 'a' has", [](Image& i) {
    i.profiles[0].exponent = 3;
    i.projections[0].exponent = 2;
  });
  check("plastic_mask: found 1 entries; expected none or 2",
        [](Image& i) { i.projections[0].plastic_mask.pop_back(); });
  check("plastic_mask: found 2", [](Image& i) { i.projections[0].plastic_mask[1] = 2; });
  // A source less, and one that has no row of the profile.
  check("memories.LEARN_MEMBER: word 0 is 0x0; expected 0x1", word(Region::kLearnMember, 0, 0));
  check("memories.LEARN_MEMBER: word 0 is 0x3; expected 0x1", word(Region::kLearnMember, 0, 3));
  check("initial_spikes", [](Image& i) { i.initial_spikes = {64}; });
  check("initial_spikes", [](Image& i) { i.initial_spikes = {1, 1}; });
  check("initial_history slot", [](Image& i) { i.initial_history.emplace_back(64, 1); });
  check("initial_history slot", [](Image& i) { i.initial_history.emplace_back(1, 1); });
  check("initial_history: found 65536",
        [](Image& i) { i.initial_history.emplace_back(5, 1U << 16); });
  check("initial_age", [](Image& i) { i.initial_age = 17; });
}

TEST_CASE("image: a target needs as many learning profiles as the image has", "[image]") {
  const Image image = learning_image();
  ncx::Geometry target = image.geometry;
  target.profiles = 1;
  const std::vector<ncx::CapacityUse> uses = ncx::capacity_use(image, target);
  const auto found = std::find_if(uses.begin(), uses.end(), [](const ncx::CapacityUse& use) {
    return use.item == "learning profiles";
  });
  REQUIRE(found != uses.end());
  CHECK(found->used == 2);
  CHECK(found->available == 1);
}
