// SPDX-License-Identifier: BSD-3-Clause
// The emulator: user numbers on hardware slots, and what it refuses.
#include <catch2/catch.hpp>
#include <limits>

#include "image_rig.hpp"
#include "ncx/emulator.hpp"
#include "ncx/error.hpp"

namespace {

using ncx::Emulator;
using ncx::Region;
using ncx::RunRequest;
using ncx::RunResult;
using ncx::Spike;
using ncx::test::make_image;
using ncx::test::RecordingBackend;
using Values = std::vector<std::int32_t>;
using Counts = std::vector<std::uint32_t>;
using Rates = std::vector<std::uint16_t>;

struct Loaded {
  Loaded() : Loaded(make_image()) {}
  explicit Loaded(ncx::Image image)
      : emulator(std::make_unique<RecordingBackend>(image.geometry)),
        backend(dynamic_cast<RecordingBackend&>(emulator.backend())) {
    emulator.load(std::move(image));
  }
  Emulator emulator;
  RecordingBackend& backend;
};

/// An image whose neuron 1 fires in every tick.
ncx::Image restless() {
  ncx::Image image = make_image();
  ncx::test::ParameterSet p;
  p.threshold = -1;
  image.memories[Region::kParameter].resize(8);
  for (const std::uint64_t word : p.words()) image.memories[Region::kParameter].push_back(word);
  image.memories[Region::kProgram] = {0 | 1 << 16, 0x2, 0, 0xD, 2, 0x3};
  image.memories[Region::kSource][1] = 0;
  image.projections.pop_back();
  return image;
}

RunRequest ticks(std::uint32_t n) {
  RunRequest request;
  request.ticks = n;
  return request;
}

}  // namespace

TEST_CASE("emulator: nothing works before an image is loaded", "[emulator]") {
  Emulator emulator(std::make_unique<ncx::Model>(ncx::Geometry::named("tiny")));
  CHECK_THROWS_AS(emulator.image(), ncx::InputError);
  CHECK_THROWS_AS(emulator.run(ticks(1)), ncx::InputError);
  CHECK_THROWS_AS(emulator.reset(), ncx::InputError);
  CHECK_THROWS_AS(emulator.weights(0), ncx::InputError);
  CHECK_THROWS_AS(emulator.spike_counts(), ncx::InputError);
}

TEST_CASE("emulator: a refused image leaves none loaded", "[emulator]") {
  Emulator emulator(std::make_unique<ncx::Model>(ncx::Geometry::named("tiny8")));
  CHECK_THROWS_AS(emulator.load(make_image()), ncx::InputError);
  CHECK_THROWS_AS(emulator.image(), ncx::InputError);
  Loaded net;
  ncx::Image image = make_image();
  image.neuron_slot[0] = 500;
  CHECK_THROWS_AS(net.emulator.load(image), ncx::InputError);
  CHECK_THROWS_AS(net.emulator.image(), ncx::InputError);
}

TEST_CASE("emulator: axons, neurons, probes and spikes have the user's numbers", "[emulator]") {
  Loaded net;
  RunRequest request = ticks(6);
  request.axon_events = {{1, 0}};
  request.current_events = {{2, 1, 996}};
  request.probes = {5, 0, 2};
  const RunResult result = net.emulator.run(request);
  // Neuron 1 at 5 + 996 fires in 2; 1001 * 8 makes the relay fire in 3; 1300 for neuron 5 in 4.
  CHECK(result.spikes == std::vector<Spike>{{1, 0}, {2, 1}, {4, 5}});
  CHECK(result.potentials ==
        Values{-200, 100, 0, -200, 0, 0, -200, 0, 0, -200, 0, 88, 0, 0, 88, 0, 0, 88});
  CHECK(net.emulator.spike_counts() == Counts{1, 1, 0, 0, 0, 1});
}

TEST_CASE("emulator: spikes are sorted by the user's numbers within a tick", "[emulator]") {
  Loaded net;
  RunRequest request = ticks(1);
  request.current_events = {{0, 3, 1001}, {0, 0, 2000}, {0, 5, 1500}, {0, 1, 1001}};
  CHECK(net.emulator.run(request).spikes == std::vector<Spike>{{0, 0}, {0, 1}, {0, 3}, {0, 5}});
}

TEST_CASE("emulator: events may come in any order", "[emulator]") {
  Loaded net, sorted;
  RunRequest request = ticks(5);
  request.axon_events = {{3, 0}, {0, 0}, {2, 2}, {2, 1}};
  request.current_events = {{4, 2, 7}, {0, 3, 1001}, {4, 1, 5}};
  RunRequest in_order = request;
  in_order.axon_events = {{0, 0}, {2, 1}, {2, 2}, {3, 0}};
  in_order.current_events = {{0, 3, 1001}, {4, 1, 5}, {4, 2, 7}};
  CHECK(net.emulator.run(request).spikes == sorted.emulator.run(in_order).spikes);
  CHECK(net.emulator.potentials() == sorted.emulator.potentials());
}

TEST_CASE("emulator: currents for one neuron and tick add up", "[emulator]") {
  Loaded net;
  RunRequest request = ticks(1);
  request.current_events = {
      {0, 2, 300}, {0, 3, 1}, {0, 2, -100}, {0, 2, 8388607}, {0, 2, -8388607}};
  net.emulator.run(request);
  CHECK(net.emulator.potentials() == Values{100, 0, 200, 1, 0, -200});
}

TEST_CASE("emulator: what does not fit the network is refused before the run", "[emulator]") {
  Loaded net;
  const auto refused = [&](const RunRequest& request, const char* text) {
    CHECK_THROWS_WITH(net.emulator.run(request), Catch::Contains(text));
    CHECK_THROWS_AS(net.emulator.run(request), ncx::InputError);
  };
  RunRequest request = ticks(3);
  request.axon_events = {{0, 3}};
  refused(request, "axon 3: the network has 3");
  request.axon_events = {{3, 0}};
  refused(request, "tick 3 of a run of 3");
  request.axon_events = {{1, 2}, {0, 0}, {1, 2}};
  refused(request, "axon 2 has two events in tick 1");
  request = ticks(3);
  request.current_events = {{0, 6, 1}};
  refused(request, "neuron 6");
  request.current_events = {{5, 0, 1}};
  refused(request, "tick 5");
  request.current_events = {{0, 2, 8388607}, {0, 2, 1}};
  refused(request, "8388608");
  request.current_events = {{0, 2, std::numeric_limits<std::int32_t>::min()}};
  refused(request, "neuron 2");
  request = ticks(3);
  request.probes = {6};
  refused(request, "neuron 6");
  request.probes.assign(17, 0);
  CHECK_THROWS_AS(net.emulator.run(request), ncx::CapacityError);
  CHECK(net.backend.runs.empty());
}

TEST_CASE("emulator: a run of no ticks does nothing", "[emulator]") {
  Loaded net;
  const RunResult result = net.emulator.run(ticks(0));
  CHECK(result.ticks == 0);
  CHECK(result.spikes.empty());
}

TEST_CASE("emulator: counts go beyond 16 bits in one run", "[emulator]") {
  Loaded net(restless());
  RunRequest request = ticks(140000);
  request.record_spikes = false;
  const RunResult result = net.emulator.run(request);
  CHECK(result.ticks == 140000);
  CHECK(result.first_tick == 0);
  CHECK(net.backend.runs == Counts{65535, 65535, 8930});
  CHECK(net.emulator.spike_counts() == Counts{0, 140000, 0, 0, 0, 0});
}

TEST_CASE("emulator: counts go beyond 16 bits over many runs", "[emulator]") {
  Loaded net(restless());
  RunRequest request = ticks(40000);
  request.record_spikes = false;
  for (int k = 0; k < 4; ++k) net.emulator.run(request);
  CHECK(net.emulator.spike_counts()[1] == 160000);
  net.emulator.clear_spike_counts();
  CHECK(net.emulator.spike_counts()[1] == 0);
  net.emulator.run(request);
  CHECK(net.emulator.spike_counts()[1] == 40000);
  net.emulator.reset();
  CHECK(net.emulator.spike_counts()[1] == 0);
}

TEST_CASE("emulator: a run in parts is the same as a whole one", "[emulator]") {
  Loaded parts, whole;
  RunRequest request = ticks(66000);
  for (const std::uint32_t t : {0U, 65533U, 65534U, 65535U, 65536U, 65999U}) {
    request.axon_events.push_back({t, 0});
    request.current_events.push_back({t, 3, 600});
  }
  request.probes = {3};
  std::uint32_t last = 0;
  request.progress = [&](std::uint32_t done) {
    CHECK(done > last);
    last = done;
    return true;
  };
  const RunResult a = parts.emulator.run(request);
  CHECK(last == 66000);
  request.count_spikes = false;
  request.progress = nullptr;
  const RunResult b = whole.emulator.run(request);
  CHECK(parts.backend.runs.size() == 2);
  CHECK(whole.backend.runs.size() == 1);
  CHECK(a.spikes == b.spikes);
  CHECK(a.spikes.size() == 9);
  CHECK(a.potentials == b.potentials);
}

TEST_CASE("emulator: progress stops a run, and the emulator goes on from there", "[emulator]") {
  Loaded net(restless());
  RunRequest request = ticks(100000);
  request.progress = [](std::uint32_t done) { return done < 70000; };
  // Of the whole run, not of the part that the backend was given.
  CHECK_THROWS_WITH(net.emulator.run(request), Catch::Contains("of 100000 ticks"));
  const std::uint32_t tick = net.backend.read_register(ncx::Register::kTick);
  CHECK(tick >= 70000);
  CHECK(tick < 100000);
  CHECK(net.emulator.spike_counts()[1] == tick);
}

TEST_CASE("emulator: progress stops a run between the parts that it is cut into", "[emulator]") {
  Loaded net(restless());
  RunRequest request = ticks(200000);
  // As from a backend that is done with a part before it asks: 65535 ticks fill a spike counter.
  request.progress = [](std::uint32_t done) { return done % 65535 != 0; };
  CHECK_THROWS_AS(net.emulator.run(request), ncx::Interrupted);
  CHECK(net.backend.read_register(ncx::Register::kTick) == 65535);
  request.progress = [](std::uint32_t done) { return done != 200000; };
  CHECK(net.emulator.run(request).ticks == 200000);
}

TEST_CASE("emulator: state comes in the user's order", "[emulator]") {
  Loaded net;
  CHECK(net.emulator.potentials() == Values{100, 0, 0, 0, 0, -200});
  CHECK(net.emulator.currents() == Values{0, 0, 0, 0, 0, 3});
  CHECK(net.emulator.thetas() == Values{0, 0, 0, 0, 0, 7});
  net.backend.write(Region::kState, 3 * 4, std::vector<std::uint64_t>{0xFFF000001});
  CHECK(net.emulator.refractory_counters() == Counts{0, 0, 0, 4095, 0, 0});
}

TEST_CASE("emulator: potentials can be set without touching anything else", "[emulator]") {
  Loaded net;
  net.backend.write(Region::kState, 3 * 4, std::vector<std::uint64_t>{0xFFF000001});
  const Values values = {1, -2, 8388607, -8388608, 5, 6};
  net.emulator.set_potentials(values);
  CHECK(net.emulator.potentials() == values);
  CHECK(net.emulator.refractory_counters()[3] == 4095);
  CHECK(net.emulator.thetas()[5] == 7);
  CHECK_THROWS_AS(net.emulator.set_potentials(Values{1, 2}), ncx::InputError);
  CHECK_THROWS_AS(net.emulator.set_potentials(Values{0, 0, 0, 8388608, 0, 0}), ncx::InputError);
  CHECK(net.emulator.potentials() == values);
}

TEST_CASE("emulator: weights come and go in the user's order", "[emulator]") {
  Loaded net;
  CHECK(net.emulator.weights(0) == Values{5, 2000});
  CHECK(net.emulator.weights(1) == Values{-12, 11});
  net.emulator.set_weights(1, Values{-32768, 32767});
  CHECK(net.emulator.weights(1) == Values{-32768, 32767});
  CHECK(net.emulator.weights(0) == Values{5, 2000});
  // The relay's weight and the plastic flag beside them are still there.
  CHECK(net.backend.read(Region::kSynapse, 4, 4) ==
        std::vector<std::uint64_t>{0x80000000, 1001U << 16, 0x100007FFF, 0});
  net.emulator.set_weights(0, Values{-1, 7});
  RunRequest request = ticks(1);
  request.axon_events = {{0, 0}};
  net.emulator.run(request);
  CHECK(net.emulator.potentials()[1] == -1);
  CHECK(net.emulator.potentials()[0] == 107);
}

TEST_CASE("emulator: weights that do not fit are refused as a whole", "[emulator]") {
  Loaded net;
  CHECK_THROWS_AS(net.emulator.weights(2), ncx::InputError);
  CHECK_THROWS_AS(net.emulator.set_weights(2, Values{}), ncx::InputError);
  CHECK_THROWS_WITH(net.emulator.set_weights(1, Values{1}), Catch::Contains("'all'"));
  CHECK_THROWS_WITH(net.emulator.set_weights(1, Values{1, 32768}), Catch::Contains("synapse 1"));
  CHECK(net.emulator.weights(1) == Values{-12, 11});
}

TEST_CASE("emulator: a projection without synapses has no weights", "[emulator]") {
  ncx::Image image = make_image();
  ncx::ProjectionMap none;
  none.name = "none";
  image.projections.push_back(none);
  Loaded net(image);
  CHECK(net.emulator.weights(2).empty());
  net.emulator.set_weights(2, Values{});
}

TEST_CASE("emulator: encoder rates by the user's axons", "[emulator]") {
  Loaded net;
  net.emulator.set_rates(Rates{256, 0, 3});
  CHECK(net.backend.read(Region::kRate, 0, 8) ==
        std::vector<std::uint64_t>{0, 3, 0, 0, 256, 0, 0, 0});
  CHECK(net.backend.read_register(ncx::Register::kEncoderRows) == 2);
  CHECK(net.emulator.rates() == Rates{256, 0, 3});
  CHECK(net.emulator.run(ticks(3)).spikes == std::vector<Spike>{{0, 0}, {1, 0}, {2, 0}});
  // Back to the rows that the image itself has.
  net.emulator.set_rates(Rates{0, 0, 0});
  CHECK(net.backend.read_register(ncx::Register::kEncoderRows) == 1);
  CHECK(net.emulator.rates() == Rates{0, 0, 0});
  CHECK(net.emulator.run(ticks(3)).spikes.empty());
  CHECK_THROWS_AS(net.emulator.set_rates(Rates{1, 2}), ncx::InputError);
  CHECK_THROWS_WITH(net.emulator.set_rates(Rates{0, 257, 0}), Catch::Contains("axon 1"));
}

TEST_CASE("emulator: reset goes back to the image's start and keeps weights", "[emulator]") {
  Loaded net;
  net.emulator.set_weights(1, Values{1, 2});
  RunRequest request = ticks(4);
  request.axon_events = {{0, 0}, {1, 0}};
  net.emulator.run(request);
  net.emulator.reset();
  CHECK(net.emulator.potentials() == Values{100, 0, 0, 0, 0, -200});
  CHECK(net.emulator.thetas() == Values{0, 0, 0, 0, 0, 7});
  CHECK(net.emulator.weights(1) == Values{1, 2});
  CHECK(net.emulator.run(ticks(1)).first_tick == 0);
}
