// SPDX-License-Identifier: BSD-3-Clause
// Every limit of a build: exactly full compiles, one more is refused by name before a word is
// written.
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "image_decoder.hpp"
#include "ncx/compiler.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

using Catch::Matchers::Contains;

Geometry tiny() { return Geometry::named("tiny"); }

Network with_neurons(std::uint32_t size) {
  Network network("full");
  Population p;
  p.size = size;
  network.add_population(p);
  return network;
}

void add_axons(Network& network, std::uint32_t size) {
  AxonGroup group;
  group.size = size;
  network.add_axons(group);
}

/// `count` parallel synapses from axon 0 to neuron 0.
Projection parallel(std::uint32_t count, double weight = 1.0) {
  Projection p;
  p.pre_is_axon = true;
  p.pre_index.assign(count, 0);
  p.post_index = p.pre_index;
  p.weight.assign(count, weight);
  return p;
}

const CapacityEntry& entry_of(const CompileReport& report, const std::string& item) {
  const auto found = std::find_if(report.capacity.begin(), report.capacity.end(),
                                  [&](const CapacityEntry& e) { return e.item == item; });
  REQUIRE(found != report.capacity.end());
  return *found;
}

/// `make(available)` fits with the item exactly full; `make(available + 1)` is refused for it
/// alone.
void check_limit(const std::string& item, std::uint64_t available, const Geometry& geometry,
                 const std::function<Network(std::uint32_t)>& make,
                 const CompileOptions& options = {}) {
  const Compiled full = compile(make(static_cast<std::uint32_t>(available)), geometry, options);
  CHECK(entry_of(full.report, item).used == available);
  CHECK(entry_of(full.report, item).available == available);
  CHECK(full.report.fits());

  const Network more = make(static_cast<std::uint32_t>(available) + 1);
  const CompileReport report = check(more, geometry, options);
  CHECK(entry_of(report, item).used == available + 1);
  CHECK_FALSE(report.fits());
  CHECK_THAT(report.text(), Contains("DOES NOT FIT"));
  CHECK_THROWS_AS(compile(more, geometry, options), CapacityError);
  CHECK_THROWS_WITH(compile(more, geometry, options),
                    Contains("does not fit target '" + geometry.name + "': " + item + ": " +
                             std::to_string(available + 1) + " needed, " +
                             std::to_string(available) + " available\n  try: another target"));
}

}  // namespace

TEST_CASE("neurons: all slots can be used, not one more") {
  for (const std::string& name : Geometry::names()) {
    const Geometry geometry = Geometry::named(name);
    check_limit("neurons", geometry.neurons, geometry, with_neurons);
  }
  // Also when they come in odd pieces.
  check_limit("neurons", 64, tiny(), [](std::uint32_t total) {
    Network network;
    for (const std::uint32_t size : {7U, 13U, 1U, 30U, total - 51}) {
      Population p;
      p.size = size;
      p.winner_take_all = size == 13;
      network.add_population(p);
    }
    return network;
  });
}

TEST_CASE("axons: all can be used, not one more") {
  for (const std::string& name : Geometry::names()) {
    const Geometry geometry = Geometry::named(name);
    check_limit("axons", geometry.axons, geometry, [](std::uint32_t axons) {
      Network network = with_neurons(1);
      add_axons(network, axons);
      return network;
    });
    check_limit("axons", geometry.axons, geometry, [](std::uint32_t axons) {
      Network network = with_neurons(1);
      AxonGroup group;
      group.size = axons;
      group.rates.assign(axons, 3);
      network.add_axons(group);
      return network;
    });
  }
}

TEST_CASE("synapse words: the memory can be filled, sparse and dense") {
  check_limit("synapse words a lane", 2048, tiny(), [](std::uint32_t words) {
    Network network = with_neurons(64);
    add_axons(network, 1);
    network.add_projection(parallel(words));
    return network;
  });
  // 256 dense rows of 8 words fill 2,048; one synapse more is one word more.
  const auto dense = [](bool one_more) {
    Network network = with_neurons(64);
    add_axons(network, 64);
    for (int k = 0; k < 4; ++k) {
      Projection p;
      p.pre_is_axon = true;
      for (std::uint32_t pre = 0; pre < 64; ++pre) {
        for (std::uint32_t post = 0; post < 64; ++post) {
          p.pre_index.push_back(pre);
          p.post_index.push_back(post);
          p.weight.push_back(1.0);
        }
      }
      network.add_projection(p);
    }
    if (one_more) network.add_projection(parallel(1));
    return network;
  };
  const Compiled full = compile(dense(false), tiny());
  CHECK(entry_of(full.report, "synapse words a lane").used == 2048);
  CHECK(full.report.stored_per_needed_word == 1.0);
  CHECK_THROWS_WITH(compile(dense(true), tiny()), Contains("2049 needed, 2048 available"));
}

TEST_CASE("row table: as many rows as entries") {
  check_limit("row table entries", 512, tiny(), [](std::uint32_t rows) {
    Network network = with_neurons(64);
    add_axons(network, 1);
    for (std::uint32_t r = 0; r < rows; ++r) network.add_projection(parallel(1));
    return network;
  });
}

TEST_CASE("sweep program: as many entries as the memory has, groups twice") {
  Geometry geometry = tiny();
  geometry.program_entries = 20;
  check_limit("sweep program entries", 20, geometry, [](std::uint32_t entries) {
    Network network;
    Population group;
    group.size = 32;  // eight rows, two passes
    group.winner_take_all = true;
    network.add_population(group);
    Population rest;
    rest.size = (entries - 16) * 4;
    network.add_population(rest);
    return network;
  });
}

TEST_CASE("parameter sets: as many distinct ones as the memory has") {
  Geometry geometry = tiny();
  geometry.parameter_sets = 8;
  check_limit("parameter sets", 8, geometry, [](std::uint32_t sets) {
    Network network;
    Population p;
    p.size = 60;
    p.parameters.resize(60);
    for (std::uint32_t n = 0; n < 60; ++n) p.parameters[n].threshold = n % sets;
    network.add_population(p);
    return network;
  });
}

TEST_CASE("delays: up to the ring's length") {
  const auto with_delay = [](std::uint32_t delay) {
    Network network = with_neurons(2);
    add_axons(network, 1);
    Projection p = parallel(1);
    p.delay = {delay};
    network.add_projection(p);
    return network;
  };
  check_limit("delay in ticks", 8, tiny(), with_delay);
  check_limit("delay in ticks", 1, Geometry::named("tiny8"), with_delay);
  CHECK_THROWS_WITH(compile(with_delay(9), tiny()), Contains("relay neurons"));
  Geometry longest = tiny();
  longest.max_delay = 128;
  check_limit("delay in ticks", 128, longest, with_delay);
  const Image image = compile(with_delay(128), longest).image;
  CHECK(test::decode_synapses(image).front().delay == 128);
}

TEST_CASE("weight exponent: up to its field") {
  CompileOptions options;
  options.fraction_bits = 20;
  // At 20 fraction bits, 2^(e - 6) needs exponent e.
  check_limit(
      "weight exponent", 15, tiny(),
      [](std::uint32_t exponent) {
        Network network = with_neurons(1);
        add_axons(network, 1);
        // Of magnitude 2^14 * 2^15, so that it is not the input sum that refuses it.
        network.add_projection(
            parallel(1, static_cast<double>(std::uint64_t{1} << exponent) / 64.0));
        return network;
      },
      options);
}

TEST_CASE("input sums stay below the accumulators' bound") {
  CompileOptions options;
  options.fraction_bits = 0;
  // 32767 * 2^15 + 32766 + k, one synapse each; 2^30 - 1 is the most.
  const auto with_sum = [](std::uint32_t sum) {
    Network network = with_neurons(2);
    add_axons(network, 1);
    network.add_projection(parallel(1, 32767.0 * 32768.0));
    const std::uint32_t rest = sum - 32767U * 32768U;
    network.add_projection(parallel(1, -32766.0));
    network.add_projection(parallel(1, rest - 32766.0));
    return network;
  };
  check_limit("input sum of a neuron", (1U << 30) - 1, tiny(), with_sum, options);
}

TEST_CASE("plastic weights count with the most that their field can hold") {
  CompileOptions options;
  options.fraction_bits = 0;
  Geometry geometry = tiny();
  geometry.synapse_words = 1U << 16;
  const auto plastic = [](std::uint32_t synapses) {
    Network network = with_neurons(1);
    add_axons(network, 1);
    Projection p = parallel(synapses, 1.0);
    p.plastic = true;
    network.add_projection(p);
    return network;
  };
  const CompileReport below = check(plastic(32767), geometry, options);
  CHECK(entry_of(below, "input sum of a neuron").used == 32767ULL * 32768);
  CHECK(below.fits());
  CHECK_FALSE(check(plastic(32768), geometry, options).fits());
}

TEST_CASE("every memory that is too small is named, and builds that would do") {
  Network network = with_neurons(80);
  add_axons(network, 70);
  Projection p = parallel(1);
  network.add_projection(p);
  try {
    static_cast<void>(compile(network, tiny()));
    FAIL("accepted");
  } catch (const CapacityError& error) {
    const std::string text = error.what();
    CHECK_THAT(text, Contains("network 'full' does not fit target 'tiny'"));
    CHECK_THAT(text, Contains("neurons: 80 needed, 64 available"));
    CHECK_THAT(text, Contains("axons: 70 needed, 64 available"));
    CHECK_THAT(error.hint(), Contains("it fits cmod_a7, cmod_a7_w8, max, zcu104"));
    CHECK_THAT(error.hint(), Contains("fewer neurons; fewer axons"));
  }
  Network huge = with_neurons(100'000);
  CHECK_THROWS_WITH(compile(huge, tiny()), Contains("no named build holds this network"));
  // Weights that 8-bit builds cannot hold at all must not break the search for a build.
  network.add_projection(parallel(1, 1e9));
  CHECK_THROWS_WITH(compile(network, tiny()), Contains("it fits cmod_a7, max, zcu104"));
}

TEST_CASE("an impossible target is refused") {
  Geometry geometry = tiny();
  geometry.weight_bits = 12;
  CHECK_THROWS_AS(compile(with_neurons(1), geometry), InputError);
}

TEST_CASE("load time follows from the wire protocol") {
  // 1,016 data bytes a frame: 8 + 8 + 1,016 + 8 bytes with header, CRC, COBS and zero.
  Geometry geometry = tiny();
  const auto seconds = [&](std::uint32_t words) {
    Network network = with_neurons(64);
    add_axons(network, 1);
    network.add_projection(parallel(words));
    return check(network, geometry).load_seconds;
  };
  // 127 more words in each of four lanes are two more full frames of 254 words.
  const double frame = (4 + 8 + 1016 + 4 + 5 + 1) * 10.0 / geometry.baud;
  CHECK(seconds(127 + 127) - seconds(127) == Approx(2 * frame));
  geometry.baud = 0;
  CHECK(seconds(1) == 0.0);
}

TEST_CASE("a tick with every source spiking costs the words of all rows more") {
  Network network = with_neurons(64);
  add_axons(network, 2);
  network.add_projection(parallel(100));
  const CompileReport report = check(network, tiny());
  CHECK(report.cycles_idle > 16);
  CHECK(report.cycles_all - report.cycles_idle >= 100 + 2 * 66);
}

}  // namespace ncx
