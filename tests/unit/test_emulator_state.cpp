// SPDX-License-Identifier: BSD-3-Clause
// Saved states: a run that goes on elsewhere is the same run, and what is refused.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <system_error>

#include "image_rig.hpp"
#include "ncx/compiler.hpp"
#include "ncx/emulator.hpp"
#include "ncx/error.hpp"
#include "ncx/random_network.hpp"

namespace {

using ncx::Emulator;
using ncx::Geometry;
using ncx::Image;
using ncx::Network;
using ncx::Region;
using ncx::RunRequest;
using ncx::RunResult;
using ncx::Spike;
using ncx::State;
using ncx::test::RecordingBackend;

std::unique_ptr<Emulator> loaded(const Image& image, const Geometry& geometry) {
  auto emulator = std::make_unique<Emulator>(std::make_unique<RecordingBackend>(geometry));
  emulator->load(image);
  return emulator;
}

/// The ticks from `first` on of a longer request.
RunRequest part(const RunRequest& whole, std::uint32_t first, std::uint32_t ticks) {
  RunRequest result = whole;
  result.ticks = ticks;
  const auto take = [&](auto& events) {
    std::erase_if(events, [&](const auto& e) { return e.tick < first || e.tick >= first + ticks; });
    for (auto& event : events) event.tick -= first;
  };
  take(result.axon_events);
  take(result.current_events);
  return result;
}

/// The state of a small network after some ticks, and what it belongs to.
struct Saved {
  Saved() : image(ncx::test::make_image()), emulator(loaded(image, image.geometry)) {
    RunRequest request;
    request.ticks = 5;
    request.axon_events = {{1, 0}, {3, 2}};
    static_cast<void>(emulator->run(request));
    state = emulator->save_state();
  }
  Image image;
  std::unique_ptr<Emulator> emulator;
  State state;
};

/// A file that is gone afterwards.
struct TemporaryFolder {
  TemporaryFolder()
      : path(std::filesystem::temp_directory_path() / ("ncx-state-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path path;
};

}  // namespace

TEST_CASE("state: a run that goes on elsewhere is the same run", "[emulator]") {
  const Geometry geometry = Geometry::named(GENERATE("tiny", "tiny8"));
  constexpr std::uint32_t kTicks = 60;
  std::size_t learning = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    CAPTURE(geometry.name, seed);
    const Network network = ncx::random_network(geometry, seed);
    const Image image = ncx::compile(network, geometry).image;
    RunRequest request = ncx::random_inputs(network, kTicks, seed);
    const std::uint32_t half = 7 + static_cast<std::uint32_t>(seed);

    const auto whole = loaded(image, geometry), first = loaded(image, geometry),
               second = loaded(image, geometry);
    const RunResult all = whole->run(request);
    const RunResult begin = first->run(part(request, 0, half));
    // The second has a life of its own before; nothing of it must remain.
    static_cast<void>(second->run(ncx::random_inputs(network, 20, seed + 1000)));
    const State middle = State::from_cbor(first->save_state().to_cbor(), "state");
    second->restore_state(middle);

    std::vector<Spike> spikes = begin.spikes;
    std::vector<std::int32_t> potentials = begin.potentials;
    for (std::uint32_t tick = half; tick < kTicks; ++tick) {
      const RunRequest one = part(request, tick, 1);
      const RunResult a = second->run(one), b = first->run(one);
      REQUIRE(a.spikes == b.spikes);
      REQUIRE(a.cycles == b.cycles);
      REQUIRE(a.first_tick == tick);
      for (const Spike& spike : a.spikes) spikes.push_back({tick, spike.neuron});
      potentials.insert(potentials.end(), a.potentials.begin(), a.potentials.end());
    }
    CHECK(spikes == all.spikes);
    CHECK(potentials == all.potentials);
    CHECK(second->spike_counts() == whole->spike_counts());
    CHECK(second->save_state() == whole->save_state());
    for (std::size_t p = 0; p < image.projections.size(); ++p) {
      CHECK(second->weights(p) == whole->weights(p));
      if (whole->weights(p) != loaded(image, geometry)->weights(p)) ++learning;
    }
  }
  CHECK(learning > 20);
}

TEST_CASE("state: settings and long counts come along", "[emulator]") {
  ncx::LearningProfile profile;
  profile.pre_taps = {1.0};
  Network network("one");
  ncx::Population population;
  population.size = 1;
  population.parameters.resize(1);
  population.parameters[0].threshold = -1.0;  // fires in every tick
  network.add_population(population);
  ncx::AxonGroup axons;
  axons.size = 9;
  network.add_axons(axons);
  network.add_profile(profile);
  ncx::Projection p;
  p.pre_is_axon = true;
  p.pre_index = {8};
  p.post_index = {0};
  p.weight = {0.5};
  p.plastic = true;
  p.profile = 0;
  network.add_projection(p);
  const Geometry geometry = Geometry::named("tiny");
  const Image image = ncx::compile(network, geometry).image;
  const auto from = loaded(image, geometry), to = loaded(image, geometry);
  RunRequest request;
  request.record_spikes = false;
  request.ticks = 70000;
  from->set_learning(0, false);
  static_cast<void>(from->run(request));
  from->set_modulation(-77);
  from->set_rates(std::vector<std::uint16_t>{0, 3, 0, 0, 0, 0, 0, 0, 255});
  to->restore_state(from->save_state());
  CHECK(to->spike_counts() == std::vector<std::uint32_t>{70000});
  CHECK_FALSE(to->learning(0));
  CHECK(to->modulation() == -77);
  request.ticks = 300;
  CHECK(from->run(request).cycles == to->run(request).cycles);
  request.ticks = 66000;
  static_cast<void>(to->run(request));
  CHECK(to->spike_counts() == std::vector<std::uint32_t>{136300});
  CHECK(from->save_state().memories.at(Region::kGenerator) !=
        image.memories.at(Region::kGenerator));
}

TEST_CASE("state: saving twice gives the same, and nothing runs on", "[emulator]") {
  Saved saved;
  CHECK(saved.emulator->save_state() == saved.state);
  CHECK(saved.state.tick == 5);
  CHECK(saved.emulator->backend().read_register(ncx::Register::kTick) == 5);
}

TEST_CASE("state: what belongs elsewhere is refused with nothing sent", "[emulator]") {
  Saved saved;
  const Image other = [&] {
    Image image = saved.image;
    image.initial[0].v += 1;
    return image;
  }();
  struct Case {
    const char* text;
    std::function<void(State&)> damage;
  };
  const std::vector<Case> cases = {
      {"saved with image", [](State& s) { ++s.image_id; }},
      {"spike queue entries", [](State& s) { s.spike_entries = 257; }},
      {"words of SPIKE_QUEUE", [](State& s) { ++s.spike_entries; }},
      {"LEARNING", [](State& s) { s.learning = 0x10000; }},
      {"modulation 131072", [](State& s) { s.modulation = 131072; }},
      {"counts of 63 slots", [](State& s) { s.counted.pop_back(); }},
      {"of RATE", [](State& s) { s.memories[Region::kRate].resize(3); }},
      {"of RATE", [](State& s) { s.memories[Region::kRate].resize(68); }},
      {"0 words of STATE", [](State& s) { s.memories.erase(Region::kState); }},
      {"of ACCUMULATOR", [](State& s) { s.memories[Region::kAccumulator].pop_back(); }},
      {"of SYNAPSE", [](State& s) { s.memories[Region::kSynapse].push_back(0); }},
      {"0x1000000000", [](State& s) { s.memories[Region::kState][4] = 1ULL << 36; }},
      {"of LEARN_STATE", [](State& s) { s.memories[Region::kLearnState].pop_back(); }},
  };
  auto& backend = dynamic_cast<RecordingBackend&>(saved.emulator->backend());
  const std::size_t writes = backend.writes.size();
  const int resets = backend.resets;
  for (const Case& c : cases) {
    State state = saved.state;
    c.damage(state);
    CAPTURE(c.text);
    CHECK_THROWS_WITH(saved.emulator->restore_state(state), Catch::Contains(c.text));
    CHECK_THROWS_AS(saved.emulator->restore_state(state), ncx::InputError);
  }
  CHECK(backend.writes.size() == writes);
  CHECK(backend.resets == resets);
  CHECK_THROWS_WITH(loaded(other, other.geometry)->restore_state(saved.state),
                    Catch::Contains("saved with image"));
}

TEST_CASE("state: another build with the same image refuses it", "[emulator]") {
  Saved saved;
  for (const int kind : {0, 1, 2}) {
    Geometry larger = saved.image.geometry;
    if (kind == 0) larger.max_delay *= 2;
    if (kind == 1) larger.axons *= 2;
    if (kind == 2) larger.profiles *= 2;
    const auto elsewhere = loaded(saved.image, larger);
    CHECK_THROWS_WITH(elsewhere->restore_state(saved.state), Catch::Contains("this build has"));
  }
}

TEST_CASE("state: a file is the state again, or an error that names what is wrong", "[emulator]") {
  Saved saved;
  const TemporaryFolder folder;
  const auto path = folder.path / "a.state";
  saved.state.modulation = -131072;
  saved.state.save(path);
  CHECK(State::load(path) == saved.state);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);

  std::vector<std::uint8_t> bytes = saved.state.to_cbor();
  CHECK(State::from_cbor(bytes, "x") == saved.state);
  for (std::size_t at = 0; at < bytes.size(); at += 7) {
    std::vector<std::uint8_t> damaged = bytes;
    damaged[at] ^= 0x10;
    CAPTURE(at);
    CHECK_THROWS_AS(State::from_cbor(damaged, "x"), ncx::InputError);
  }
  bytes.pop_back();
  CHECK_THROWS_WITH(State::from_cbor(bytes, "short.state"),
                    Catch::Contains("short.state: not a whole state"));
  CHECK_THROWS_WITH(State::from_cbor(saved.image.to_cbor(), "x"),
                    Catch::Contains("magic") && Catch::Contains("NeuroCoreX state"));
  CHECK_THROWS_WITH(Image::from_cbor(saved.state.to_cbor(), "x"), Catch::Contains("magic"));
  CHECK_THROWS_WITH(State::load(folder.path / "none"), Catch::Contains("cannot read state"));
  CHECK_THROWS_AS(State::load(folder.path), ncx::InputError);
  CHECK_THROWS_AS(saved.state.save(folder.path / "none" / "a.state"), ncx::InputError);
  CHECK_THROWS_AS(saved.state.save(folder.path), ncx::InputError);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
}
