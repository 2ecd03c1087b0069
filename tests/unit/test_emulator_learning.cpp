// SPDX-License-Identifier: BSD-3-Clause
// The emulator and learning: what loading writes, weights with their drift, switches, the past.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>
#include <string>

#include "image_rig.hpp"
#include "ncx/compiler.hpp"
#include "ncx/emulator.hpp"
#include "ncx/error.hpp"
#include "ncx/random_network.hpp"

namespace {

using ncx::Emulator;
using ncx::Geometry;
using ncx::Image;
using ncx::LearningProfile;
using ncx::Network;
using ncx::Projection;
using ncx::Region;
using ncx::Register;
using ncx::RunRequest;
using ncx::test::RecordingBackend;
using Values = std::vector<std::int32_t>;
using Words = std::vector<std::uint64_t>;

Image compiled(const Network& network, const Geometry& geometry) {
  ncx::CompileOptions options;
  options.fraction_bits = 0;
  return ncx::compile(network, geometry, options).image;
}

struct Loaded {
  /// One state unit is 1.0.
  explicit Loaded(const Network& network, const Geometry& geometry = Geometry::named("tiny"))
      : Loaded(compiled(network, geometry), geometry) {}
  Loaded(Image image, const Geometry& geometry)
      : emulator(std::make_unique<RecordingBackend>(geometry)),
        backend(dynamic_cast<RecordingBackend&>(emulator.backend())) {
    emulator.load(std::move(image));
  }
  /// A run with axons and currents that make neurons fire.
  void run(std::uint32_t ticks, std::vector<ncx::AxonEvent> axons = {},
           std::vector<ncx::CurrentEvent> currents = {}) {
    RunRequest request;
    request.ticks = ticks;
    request.axon_events = std::move(axons);
    request.current_events = std::move(currents);
    static_cast<void>(emulator.run(request));
  }
  [[nodiscard]] std::uint32_t reg(Register r) { return backend.read_register(r); }

  Emulator emulator;
  RecordingBackend& backend;
};

/// Axon k to neuron k, weight 64 each on a grid of 1; four of each. Neurons fire above 100.
Network four(const std::vector<LearningProfile>& profiles) {
  Network network("four");
  ncx::Population out;
  out.name = "out";
  out.size = 4;
  out.parameters.resize(1);
  out.parameters[0].threshold = 100.0;
  network.add_population(out);
  ncx::AxonGroup in;
  in.name = "in";
  in.size = 4;
  network.add_axons(in);
  for (const LearningProfile& p : profiles) network.add_profile(p);
  for (std::int32_t p = 0; p < static_cast<std::int32_t>(profiles.size()); ++p) {
    Projection projection;
    projection.name = "learns" + std::to_string(p);
    projection.pre_is_axon = true;
    projection.pre_index = projection.post_index = {0, 1, 2, 3};
    projection.weight = {64.0, 64.0, -64.0, 4000.0};
    projection.plastic = true;
    projection.profile = p;
    network.add_projection(projection);
  }
  return network;
}

LearningProfile drifting(double step) {
  LearningProfile p;
  p.drift = {step};
  p.pre_taps = {5.0};
  return p;
}

/// As written on the wire: one weight step is 1.0 here.
double step_of(const Image& image, std::size_t projection) {
  return std::ldexp(1.0, static_cast<int>(image.projections[projection].exponent) -
                             static_cast<int>(image.fraction_bits));
}

}  // namespace

TEST_CASE("learning: loading sets registers, ages and the rounding generator", "[emulator]") {
  LearningProfile off = drifting(1.0);
  off.enabled = false;
  Loaded net(four({drifting(1.0), off, drifting(2.0)}));
  CHECK(net.reg(Register::kLearning) == 0x507);
  CHECK(net.reg(Register::kLearnRows) == net.emulator.image().learn_rows);
  CHECK(net.emulator.image().learn_rows != 0);
  CHECK(net.reg(Register::kModulation) == 65536);
  const Words state = net.backend.read(Region::kLearnState, 0, 9);
  CHECK(Words(state.begin(), state.end() - 1) == Words(8, 0));
  CHECK(state.back() == net.emulator.image().memories.at(Region::kLearnState).back());
  CHECK(state.back() != 0);
}

TEST_CASE("learning: loading another image leaves nothing of the last one's", "[emulator]") {
  const Geometry geometry = Geometry::named("tiny");
  Loaded net(four({drifting(3.0), drifting(1.0)}));
  net.emulator.set_modulation(-5);
  net.run(20, {{1, 0}, {2, 1}}, {{3, 0, 1000}});
  REQUIRE(net.emulator.weights(0)[0] != 64);
  const Network other = four({drifting(1.0)});
  net.emulator.load(compiled(other, geometry));
  Loaded fresh(other);
  CHECK(net.emulator.modulation() == 65536);
  CHECK(net.reg(Register::kLearning) == fresh.reg(Register::kLearning));
  for (const Region region : {Region::kLearnState, Region::kTrace, Region::kAxonSpike}) {
    CAPTURE(ncx::region_name(region));
    const auto size = static_cast<std::size_t>(geometry.region_size(region));
    CHECK(net.backend.read(region, 0, size) == fresh.backend.read(region, 0, size));
  }
  CHECK(net.emulator.weights(0) == fresh.emulator.weights(0));
}

TEST_CASE("learning: weights have their drift in them", "[emulator]") {
  Loaded net(four({drifting(3.0)}));
  REQUIRE(step_of(net.emulator.image(), 0) == 1.0);
  net.run(1);  // in the first tick nothing is older than none
  CHECK(net.emulator.weights(0) == Values{64, 64, -64, 4000});
  net.run(10);
  CHECK(net.emulator.weights(0) == Values{94, 94, -34, 4030});
  CHECK(net.reg(Register::kFolds) == 0);
  // Only the drift has changed; the synapses are as they were.
  CHECK(net.backend.read(Region::kLearnState, 0, 1) == Words{30U << 16});
  const Words& stored = net.emulator.image().memories.at(Region::kSynapse);
  CHECK(net.backend.read(Region::kSynapse, 0, stored.size()) == stored);
}

TEST_CASE("learning: set weights are effective weights", "[emulator]") {
  Loaded net(four({drifting(-3.0)}));
  net.run(11);
  const Values before = {34, 34, -94, 3970};
  REQUIRE(net.emulator.weights(0) == before);
  // Below and above what the field holds together with a drift of -30.
  CHECK_THROWS_WITH(net.emulator.set_weights(0, Values{0, 0, 0, 32738}),
                    Catch::Contains("weight 32738 of synapse 3") && Catch::Contains("32737") &&
                        Catch::Contains("drifted by -30"));
  CHECK_THROWS_AS(net.emulator.set_weights(0, Values{-32799, 0, 0, 0}), ncx::InputError);
  CHECK(net.emulator.weights(0) == before);
  const Values values = {-32798, 0, 32737, 5};
  net.emulator.set_weights(0, values);
  CHECK(net.emulator.weights(0) == values);
  net.run(1);
  CHECK(net.emulator.weights(0) == Values{-32801, -3, 32734, 2});
}

TEST_CASE("learning: only plastic synapses of a profile's rows drift", "[emulator]") {
  Network network = four({drifting(2.0)});
  Projection masked;
  masked.name = "masked";
  masked.pre_is_axon = true;
  masked.pre_index = masked.post_index = {0, 1, 2, 3};
  masked.weight = {1.0, 2.0, 3.0, 4000.0};
  masked.plastic = true;
  masked.plastic_mask = {0, 1, 1, 0};
  masked.profile = 0;
  network.add_projection(masked);
  masked.name = "never";
  masked.profile = -1;
  network.add_projection(masked);
  Loaded net(network);
  net.run(6);
  CHECK(net.emulator.weights(1) == Values{1, 12, 13, 4000});
  CHECK(net.emulator.weights(2) == Values{1, 2, 3, 4000});
  net.emulator.set_weights(1, Values{32767, 32777, 0, -32768});
  CHECK(net.emulator.weights(1) == Values{32767, 32777, 0, -32768});
  CHECK_THROWS_AS(net.emulator.set_weights(1, Values{32768, 0, 0, 0}), ncx::InputError);
}

TEST_CASE("learning: reset goes back to the start, but weights and switches stay", "[emulator]") {
  LearningProfile pairs = drifting(1.0);
  pairs.post_taps = {2.0, 1.0};
  Loaded net(four({pairs}));
  net.emulator.set_modulation(1234);
  net.emulator.set_learning(0, false);
  net.emulator.set_learning(0, true);
  net.run(12, {{3, 0}, {5, 1}}, {{4, 0, 1000}, {5, 1, 1000}});
  const Values learned = net.emulator.weights(0);
  REQUIRE(learned != Values{64, 64, -64, 4000});
  net.emulator.set_learning(0, false);
  net.emulator.reset();
  CHECK(net.emulator.weights(0) == learned);
  CHECK(net.emulator.modulation() == 1234);
  CHECK_FALSE(net.emulator.learning(0));
  CHECK(net.backend.read(Region::kLearnState, 1, 1) == Words{0});
  const auto traces = static_cast<std::size_t>(net.backend.geometry().region_size(Region::kTrace));
  CHECK(net.backend.read(Region::kTrace, 0, traces) == Words(traces, 0));
}

TEST_CASE("learning: a switched off profile keeps its traces and its weights", "[emulator]") {
  Loaded on(four({drifting(1.0)})), off(four({drifting(1.0)}));
  CHECK(off.emulator.learning(0));
  off.emulator.set_learning(0, false);
  CHECK_FALSE(off.emulator.learning(0));
  for (Loaded* net : {&on, &off}) net->run(8, {{3, 0}}, {{3, 0, 1000}});
  CHECK(on.emulator.weights(0) == Values{64 + 7 + 5, 71, -57, 4007});
  CHECK(off.emulator.weights(0) == Values{64, 64, -64, 4000});
  const auto traces = static_cast<std::size_t>(on.backend.geometry().region_size(Region::kTrace));
  CHECK(on.backend.read(Region::kTrace, 0, traces) == off.backend.read(Region::kTrace, 0, traces));
  off.emulator.set_learning(0, true);
  off.run(1);
  CHECK(off.emulator.weights(0)[0] == 65);
}

TEST_CASE("learning: every profile has a switch of its own", "[emulator]") {
  Loaded net(four({drifting(1.0), drifting(2.0), drifting(1.0)}));
  net.emulator.set_learning(1, false);
  CHECK(net.reg(Register::kLearning) == 0x507);
  CHECK(net.emulator.learning(0));
  CHECK_FALSE(net.emulator.learning(1));
  net.run(4);
  CHECK(net.emulator.weights(0)[0] == 67);
  CHECK(net.emulator.weights(1)[0] == 64);
  net.emulator.set_learning(1, true);
  CHECK(net.reg(Register::kLearning) == 0x707);
}

TEST_CASE("learning: profiles that nobody learns by are named as such", "[emulator]") {
  Loaded net(four({drifting(1.0)})), none(four({}));
  CHECK_THROWS_WITH(net.emulator.set_learning(1, true),
                    Catch::Contains("profile 1") && Catch::Contains("0 ('profile0')"));
  CHECK_THROWS_AS(none.emulator.learning(0), ncx::InputError);
  CHECK(net.reg(Register::kLearning) == 0x101);
  Emulator empty(std::make_unique<ncx::Model>(Geometry::named("tiny")));
  CHECK_THROWS_AS(empty.set_learning(0, true), ncx::InputError);
  CHECK_THROWS_AS(empty.set_modulation(0), ncx::InputError);
  CHECK_THROWS_AS(empty.save_state(), ncx::InputError);
}

TEST_CASE("learning: modulation scales the changes of modulated profiles", "[emulator]") {
  LearningProfile reward = drifting(4.0);
  reward.modulated = true;
  Loaded net(four({reward, drifting(4.0)}));
  for (const std::int32_t factor : {131071, -131072, 0, -1, 32768}) {
    net.emulator.set_modulation(factor);
    CHECK(net.emulator.modulation() == factor);
  }
  net.run(5);
  CHECK(net.emulator.weights(0)[0] == 64 + 4 * 2);
  CHECK(net.emulator.weights(1)[0] == 64 + 4 * 4);
  CHECK_THROWS_WITH(net.emulator.set_modulation(131072), Catch::Contains("131072"));
  CHECK_THROWS_AS(net.emulator.set_modulation(-131073), ncx::InputError);
  CHECK(net.emulator.modulation() == 32768);
}

TEST_CASE("learning: a past is what a run would have left", "[emulator]") {
  LearningProfile pairs;
  pairs.pre_taps = {5.0, 4.0, 3.0};
  pairs.post_taps = {-7.0, 6.0, 0.0, 2.0, 1.0};
  pairs.newest = GENERATE(false, true);
  pairs.enabled = false;  // weights stay what they are
  LearningProfile exponential;
  exponential.traces = ncx::Traces::kExponential;
  exponential.pre_amplitude = 3.0;
  exponential.pre_decay = 0.5;
  exponential.enabled = false;
  Network network = four({pairs, exponential});
  ncx::Population group;
  group.name = "group";
  group.size = 3;
  group.winner_take_all = true;
  network.add_population(group);
  // Neurons of the first population fire in these ticks of six.
  constexpr std::array<std::uint32_t, 4> kHistory = {0b000001, 0b101101, 0, 0b110010};
  std::vector<ncx::CurrentEvent> currents;
  for (std::uint32_t tick = 0; tick < 6; ++tick) {
    for (std::uint32_t n = 0; n < kHistory.size(); ++n) {
      if ((kHistory[n] >> (5 - tick) & 1) != 0) currents.push_back({tick, n, 1 << 20});
    }
  }
  currents.push_back({5, 5, 1 << 20});
  Loaded ran(network);
  ran.run(6, {}, currents);
  Network::Past past;
  past.age = 6;
  past.spiked = {0, 1, 5};
  past.history = {0b000001, 0b101101, 0, 0b110010, 0, 1, 0};
  network.set_past(past);
  Loaded begun(network);
  CHECK(begun.reg(Register::kSpikeEntries) == 2);
  CHECK(begun.reg(Register::kSpikeEntries) == ran.reg(Register::kSpikeEntries));
  CHECK(begun.backend.read(Region::kSpikeQueue, 0, 4) ==
        ran.backend.read(Region::kSpikeQueue, 0, 4));
  CHECK(begun.backend.read(Region::kLearnState, 0, 4) ==
        ran.backend.read(Region::kLearnState, 0, 4));
  // The first profile's traces; the other's cannot be known from spikes within a window.
  const Geometry& g = ran.backend.geometry();
  const std::size_t places = 2 * std::size_t{g.neurons} + g.axons;
  CHECK(begun.backend.read(Region::kTrace, 0, places) ==
        ran.backend.read(Region::kTrace, 0, places));
  CHECK(begun.backend.read(Region::kTrace, places, places) == Words(places, 0));
  // A reset goes back there.
  const Words queue = begun.backend.read(Region::kSpikeQueue, 0, 4);
  const Words traces = begun.backend.read(Region::kTrace, 0, places);
  begun.run(9, {{2, 1}}, {{4, 2, 1 << 20}});
  begun.emulator.reset();
  CHECK(begun.backend.read(Region::kSpikeQueue, 0, 4) == queue);
  CHECK(begun.backend.read(Region::kTrace, 0, places) == traces);
  CHECK(begun.backend.read(Region::kLearnState, 1, 1) == Words{6});
}

TEST_CASE("learning: spikes of slots that cannot fire are refused before anything is sent",
          "[emulator]") {
  Image image = ncx::test::make_image();
  image.initial_spikes = {8, 60};
  Emulator emulator(std::make_unique<RecordingBackend>(image.geometry));
  CHECK_THROWS_AS(emulator.load(image), ncx::InputError);
  CHECK(dynamic_cast<RecordingBackend&>(emulator.backend()).writes.empty());
}

TEST_CASE("learning: an image runs alike on a build with more axons and profiles", "[emulator]") {
  const Geometry small = Geometry::named("tiny");
  Geometry large = small;
  large.axons *= 2;
  large.profiles *= 2;
  large.rows *= 2;
  std::size_t compared = 0;
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    CAPTURE(seed);
    const Network network = ncx::random_network(small, seed);
    if (network.profiles().empty()) continue;
    const Image image = ncx::compile(network, small).image;
    Loaded a(image, small), b(image, large);
    const RunRequest request = ncx::random_inputs(network, 40, seed);
    const ncx::RunResult ran = a.emulator.run(request), elsewhere = b.emulator.run(request);
    CHECK(ran.spikes == elsewhere.spikes);
    CHECK(ran.cycles == elsewhere.cycles);
    for (std::size_t p = 0; p < image.projections.size(); ++p) {
      CHECK(a.emulator.weights(p) == b.emulator.weights(p));
    }
    ++compared;
  }
  CHECK(compared > 12);
}
