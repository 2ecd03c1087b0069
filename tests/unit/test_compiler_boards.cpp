// SPDX-License-Identifier: BSD-3-Clause
// Boards as targets: their tables, every limit of one of them, and which is the smallest that fits.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "ncx/boards.hpp"
#include "ncx/compiler.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

using Catch::Matchers::Contains;

Network with_neurons(std::uint32_t size) {
  Network network("full");
  Population p;
  p.size = size;
  network.add_population(p);
  return network;
}

Network with_axons(std::uint32_t size, std::uint32_t neurons = 1) {
  Network network = with_neurons(neurons);
  AxonGroup group;
  group.size = size;
  network.add_axons(group);
  return network;
}

Projection parallel(std::uint32_t count) {
  Projection p;
  p.pre_is_axon = true;
  p.pre_index.assign(count, 0);
  p.post_index = p.pre_index;
  p.weight.assign(count, 1.0);
  return p;
}

Network with_words(std::uint32_t words) {
  Network network = with_axons(1);
  network.add_projection(parallel(words));
  return network;
}

/// Eight rows for each of an eighth as many axons, and some more.
Network with_rows(std::uint32_t rows) {
  Network network = with_axons(std::max(rows / 8, 1U), 8);
  Projection p;
  p.pre_is_axon = true;
  for (std::uint32_t axon = 0; axon < rows / 8; ++axon) {
    p.pre_index.push_back(axon);
    p.post_index.push_back(axon % 8);
    p.weight.push_back(1.0);
  }
  for (int k = 0; k < 8; ++k) network.add_projection(p);
  for (std::uint32_t k = 0; k < rows % 8; ++k) network.add_projection(parallel(1));
  return network;
}

Network with_entries(std::uint32_t entries) {
  Network network;
  // Each eight neighbours are of up to eight kinds, and of others than the next eight: so many
  // entries, on eight lanes and on sixteen.
  const std::uint32_t eights = (entries + 7) / 8;
  Population p;
  p.size = eights * 8;
  for (std::uint32_t n = 0; n < p.size; ++n) {
    NeuronParameters parameters;
    const std::uint32_t kinds = entries / eights + (n / 8 < entries % eights ? 1 : 0);
    parameters.threshold = 1 + n / 8 % 2 * 8 + n % 8 % kinds;
    p.parameters.push_back(parameters);
  }
  network.add_population(p);
  return network;
}

Network with_sets(std::uint32_t sets) {
  Network network;
  Population p;
  // Few entries: the neurons of a set are neighbours.
  for (std::uint32_t set = 0; set < sets; ++set) {
    NeuronParameters parameters;
    parameters.threshold = set;
    p.parameters.push_back(parameters);
  }
  p.size = sets;
  network.add_population(p);
  return network;
}

Network with_profiles(std::uint32_t profiles) {
  Network network = with_axons(1);
  for (std::uint32_t k = 0; k < profiles; ++k) {
    LearningProfile profile;
    profile.pre_taps = {0.5};
    profile.w_min = 0.0;
    profile.w_max = 2.0;
    Projection p = parallel(1);
    p.plastic = true;
    p.profile = static_cast<std::int32_t>(network.add_profile(profile));
    network.add_projection(p);
  }
  return network;
}

Network with_delay(std::uint32_t delay) {
  Network network = with_axons(1);
  Projection p = parallel(1);
  p.delay = {delay};
  network.add_projection(p);
  return network;
}

struct Limit {
  std::string item;
  std::uint32_t available;
  Network (*make)(std::uint32_t);
};

}  // namespace

TEST_CASE("boards: a target is the board's build at the board's line rate") {
  for (const Board& board : kBoards) {
    Geometry expected = Geometry::named(board.build);
    expected.name = board.name;
    expected.baud = board.baud;
    CHECK(Geometry::of_target(board.name) == expected);
  }
  CHECK(Geometry::of_target("max") == Geometry::named("max"));
  CHECK(Geometry::of_target("nexys_video").baud == 3'000'000);
  CHECK_THROWS_WITH(Geometry::of_target("basys"), Contains("no build or board named 'basys'") &&
                                                      Contains("tiny") && Contains("basys3"));
  const std::vector<std::string> names = Geometry::target_names();
  CHECK(std::count(names.begin(), names.end(), "cmod_a7") == 1);
  for (const std::string& name : names) CHECK(Geometry::of_target(name).name == name);
}

TEST_CASE("boards: every memory of every board can be filled, not one more") {
  for (const Board& board : kBoards) {
    const Geometry g = Geometry::of_target(board.name);
    const std::vector<Limit> limits = {
        {"neurons", g.neurons, with_neurons},
        {"axons", g.axons, [](std::uint32_t n) { return with_axons(n); }},
        {"synapse words a lane", g.synapse_words, with_words},
        {"row table entries", g.rows, with_rows},
        {"sweep program entries", g.program_entries, with_entries},
        {"parameter sets", g.parameter_sets, with_sets},
        {"learning profiles", g.profiles, with_profiles},
        {"delay in ticks", g.max_delay, with_delay},
    };
    for (const Limit& limit : limits) {
      CAPTURE(g.name, limit.item);
      CHECK(compile(limit.make(limit.available), g).report.fits());
      const CompileReport report = check(limit.make(limit.available + 1), g);
      CHECK_FALSE(report.fits());
      for (const CapacityEntry& entry : report.capacity) {
        if (entry.item != limit.item) continue;
        CHECK(entry.available == limit.available);
        CHECK(entry.used == limit.available + 1);
      }
      CHECK_THROWS_WITH(
          compile(limit.make(limit.available + 1), g),
          Contains("does not fit target '" + g.name + "'") &&
              Contains(limit.item + ": " + std::to_string(limit.available + 1) + " needed"));
    }
  }
}

TEST_CASE("boards: the smallest that fits is named") {
  const Geometry small = Geometry::of_target("cmod_a7");
  const Geometry large = Geometry::of_target("nexys_video");
  CHECK(recommend(with_neurons(1)) == "cmod_a7");
  CHECK(recommend(with_neurons(small.neurons)) == "cmod_a7");
  CHECK(recommend(with_neurons(small.neurons + 1)) == "nexys_video");
  CHECK(recommend(with_words(small.synapse_words)) == "cmod_a7");
  CHECK(recommend(with_words(small.synapse_words + 1)) == "nexys_video");
  CHECK(recommend(with_words(large.synapse_words)) == "nexys_video");
  CHECK_THROWS_AS(recommend(with_neurons(large.neurons + 1)), CapacityError);
  CHECK_THROWS_WITH(recommend(with_neurons(large.neurons + 1)),
                    Contains("no board holds network 'full'; nexys_video lacks: neurons: 20481 "
                             "needed, 20480 available"));
  // What a build of one's own would do is said.
  CHECK_THROWS_WITH(recommend(with_words(large.synapse_words + 1)), Contains("zcu104"));
}

TEST_CASE("boards: the table goes from small to large") {
  for (std::size_t k = 1; k < kBoards.size(); ++k) {
    const Geometry a = Geometry::of_target(kBoards[k - 1].name);
    const Geometry b = Geometry::of_target(kBoards[k].name);
    CHECK(a.neurons <= b.neurons);
    CHECK(a.synapse_words * a.lanes <= b.synapse_words * b.lanes);
  }
}

TEST_CASE("boards: the report has the cycles at an activity") {
  Network network = with_axons(100, 64);
  Projection p;
  p.pre_is_axon = true;
  for (std::uint32_t axon = 0; axon < 100; ++axon) {
    for (std::uint32_t k = 0; k < 8; ++k) {
      p.pre_index.push_back(axon);
      p.post_index.push_back((8 * axon + k) % 64);
      p.weight.push_back(1.0);
    }
  }
  network.add_projection(p);
  const Geometry geometry = Geometry::of_target("basys3");
  CompileOptions options;
  const auto cycles = [&](double activity) {
    options.activity = activity;
    const CompileReport report = check(network, geometry, options);
    CHECK(report.activity == activity);
    return report.cycles_active;
  };
  const CompileReport report = check(network, geometry);
  CHECK(cycles(0.0) == report.cycles_idle);
  CHECK(cycles(1.0) == Approx(report.cycles_all));
  // A quarter of everything, but of the eight full rows of neurons hardly one has no spike.
  const double quarter = report.cycles_idle + 0.25 * (report.cycles_all - report.cycles_idle - 8) +
                         8 * (1 - std::pow(0.75, 8));
  CHECK(cycles(0.25) == Approx(quarter));
  CHECK_THAT(report.text(), Contains("if 2 % of the sources spike"));
  for (const double wrong : {-0.1, 1.1, std::nan("")}) {
    options.activity = wrong;
    CHECK_THROWS_AS(check(network, geometry, options), InputError);
  }
}

}  // namespace ncx
