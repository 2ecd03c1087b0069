// SPDX-License-Identifier: BSD-3-Clause
// Rows that share addresses, and neurons that are spread over the lanes for it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <set>

#include "image_decoder.hpp"
#include "image_use.hpp"
#include "ncx/backend.hpp"
#include "ncx/compiler.hpp"
#include "ncx/error.hpp"
#include "ncx/model.hpp"
#include "ncx/random_network.hpp"

namespace ncx {
namespace {

using Catch::Matchers::Contains;
using test::DecodedRow;

std::uint32_t add_neurons(Network& network, std::uint32_t size, bool winner_take_all = false) {
  Population p;
  p.size = size;
  p.winner_take_all = winner_take_all;
  return network.add_population(p);
}

void add_axons(Network& network, std::uint32_t size) {
  AxonGroup group;
  group.size = size;
  network.add_axons(group);
}

/// Sparse synapses from axons to neurons: (axon, neuron).
Projection sparse(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& pairs) {
  Projection p;
  p.pre_is_axon = true;
  p.format = Format::kSparse;
  for (const auto& [pre, post] : pairs) {
    p.pre_index.push_back(pre);
    p.post_index.push_back(post);
    p.weight.push_back(1.0);
  }
  return p;
}

/// `axons` axons with one synapse each, to neurons 0, 1, ... of a group, which stay in their lanes.
Network single_synapses(std::uint32_t axons, std::uint32_t neurons) {
  Network network;
  add_neurons(network, neurons, true);
  add_axons(network, axons);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (std::uint32_t a = 0; a < axons; ++a) pairs.emplace_back(a, a % neurons);
  network.add_projection(sparse(pairs));
  return network;
}

/// Citations both ways between papers: each new one cites some that are much cited already.
Network citations(std::uint32_t papers, std::uint32_t each, std::uint64_t seed) {
  Random random(seed);
  std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
  std::vector<std::uint32_t> ends{0};
  for (std::uint32_t paper = 1; paper < papers; ++paper) {
    for (std::uint32_t k = 0; k < each; ++k) {
      const std::uint32_t cited = ends[random.below(static_cast<std::uint32_t>(ends.size()))];
      if (cited == paper || !pairs.emplace(paper, cited).second) continue;
      pairs.emplace(cited, paper);
      ends.push_back(cited);
    }
    ends.push_back(paper);
  }
  Network network;
  add_neurons(network, papers);
  Projection p;
  for (const auto& [pre, post] : pairs) {
    p.pre_index.push_back(pre);
    p.post_index.push_back(post);
    p.weight.push_back(1.0);
  }
  network.add_projection(p);
  return network;
}

std::uint64_t used_words(const CompileReport& report) {
  return std::find_if(report.capacity.begin(), report.capacity.end(),
                      [](const CapacityEntry& e) { return e.item == "synapse words a lane"; })
      ->used;
}

/// The most rows that reach one word.
std::size_t most_rows_at_a_word(const Image& image) {
  std::vector<std::size_t> rows(image.geometry.synapse_words, 0);
  for (const DecodedRow& row : test::decode_rows(image)) {
    for (std::uint32_t k = 0; k < row.length; ++k) ++rows[row.base + k];
  }
  return *std::max_element(rows.begin(), rows.end());
}

}  // namespace

TEST_CASE("packing: rows to different lanes share a word, and differ in their tags") {
  const Geometry geometry = Geometry::named("tiny");  // 4 lanes
  const Image image = compile(single_synapses(4, 4), geometry).image;
  const std::vector<DecodedRow> rows = test::decode_rows(image);
  REQUIRE(rows.size() == 4);
  std::set<std::uint32_t> tags;
  for (const DecodedRow& row : rows) {
    CHECK(row.base == 0);
    CHECK(row.length == 1);
    tags.insert(row.target);
  }
  CHECK(tags == std::set<std::uint32_t>{0, 1, 2, 3});
  CHECK(image.memories.at(Region::kSynapse).size() == 4);
}

TEST_CASE("packing: no more rows reach a word than there are tags") {
  Geometry geometry = Geometry::named("tiny");
  for (const auto& [max_delay, tags] :
       {std::pair{8U, 8U}, {16U, 8U}, {32U, 4U}, {64U, 2U}, {128U, 1U}}) {
    CAPTURE(max_delay);
    geometry.max_delay = max_delay;
    REQUIRE(geometry.tag_bits() == static_cast<std::uint32_t>(std::countr_zero(tags)));
    const Compiled compiled = compile(single_synapses(64, 4), geometry);
    CHECK(most_rows_at_a_word(compiled.image) == std::min(tags, 4U));
    CHECK(used_words(compiled.report) == 64 / std::min(tags, 4U));
  }
}

TEST_CASE("packing: shared words can fill the memory, not one more") {
  Geometry geometry = Geometry::named("tiny");
  geometry.synapse_words = 16;
  CHECK(check(single_synapses(64, 4), geometry).fits());
  const Compiled full = compile(single_synapses(64, 4), geometry);
  CHECK(used_words(full.report) == 16);
  CHECK(full.report.stored_per_needed_word == 1.0);
  CHECK(full.report.lane_words == std::vector<std::uint64_t>{16, 16, 16, 16});
  CHECK(full.report.lane_balance() == 1.0);
  Network more = single_synapses(64, 4);
  Projection extra = sparse({{0, 3}});
  more.add_projection(extra);
  CHECK_THROWS_WITH(compile(more, geometry), Contains("17 needed, 16 available"));
}

TEST_CASE("packing: neurons are spread over the lanes") {
  const Geometry geometry = Geometry::named("tiny");
  Network network;
  add_neurons(network, 64);
  add_axons(network, 2);
  // In the order of creation, all targets of the first axon would be in lane 0.
  network.add_projection(sparse({{0, 0}, {0, 4}, {0, 8}, {0, 12}, {1, 1}, {1, 5}}));
  const Compiled compiled = compile(network, geometry);
  const auto rows = test::decode_rows(compiled.image);
  CHECK(rows[0].length == 1);
  CHECK(rows[1].length == 1);
  std::vector<std::uint32_t> slots = compiled.image.neuron_slot;
  CHECK_FALSE(std::is_sorted(slots.begin(), slots.end()));
  std::sort(slots.begin(), slots.end());
  std::vector<std::uint32_t> all(64);
  std::iota(all.begin(), all.end(), 0U);
  CHECK(slots == all);
}

TEST_CASE("packing: spreading neurons leaves the sweep program as long as it is") {
  const Geometry geometry = Geometry::named("tiny");
  Network network;
  Population p;
  p.size = 60;
  for (std::uint32_t n = 0; n < 60; ++n) {
    NeuronParameters parameters;
    parameters.threshold = n % 8 < 4 ? 1.0 : 2.0;
    p.parameters.push_back(parameters);
  }
  network.add_population(p);
  add_axons(network, 1);
  const std::size_t entries = compile(network, geometry).image.program_length;
  network.add_projection(sparse({{0, 0}, {0, 8}, {0, 16}, {0, 24}, {0, 4}, {0, 12}}));
  const Image image = compile(network, geometry).image;
  CHECK(image.program_length == entries);
  CHECK(test::decode_rows(image).front().length == 2);
  // A neuron's set goes with it.
  for (const test::DecodedEntry& entry : test::decode_program(image)) {
    for (std::uint32_t n = 0; n < 60; ++n) {
      const std::uint32_t slot = image.neuron_slot[n];
      if (slot / 4 != entry.row || (entry.mask >> slot % 4 & 1) == 0) continue;
      CHECK(image.memories.at(Region::kParameter)[8 * entry.set] ==
            static_cast<std::uint64_t>(p.parameters[n].threshold) << image.fraction_bits);
    }
  }
}

TEST_CASE("packing: dense networks waste nothing and stay in order") {
  const Geometry geometry = Geometry::named("cmod_a7");
  Network network;
  add_neurons(network, 256);
  Projection all;
  for (std::uint32_t pre = 0; pre < 256; ++pre) {
    for (std::uint32_t post = 0; post < 256; ++post) {
      all.pre_index.push_back(pre);
      all.post_index.push_back(post);
      all.weight.push_back(0.5);
    }
  }
  network.add_projection(all);
  const Compiled compiled = compile(network, geometry);
  CHECK(compiled.report.stored_per_needed_word == 1.0);
  CHECK(used_words(compiled.report) == 256 * 16);
  CHECK(std::is_sorted(compiled.image.neuron_slot.begin(), compiled.image.neuron_slot.end()));
}

TEST_CASE("packing: citation graphs store at most 1.5 words for each that they need") {
  const std::string target = GENERATE("max", "zcu104");
  const Geometry geometry = Geometry::named(target);
  for (const std::uint32_t papers : {2700U, 3300U}) {
    CAPTURE(target, papers);
    const Network network = citations(papers, 2, papers);
    const CompileReport report = check(network, geometry);
    CHECK(report.stored_per_needed_word <= 1.5);
    CHECK(report.stored_per_needed_word >= 1.0);
    // No tick takes longer for it: without sharing and spreading a row is as long as its fullest
    // lane.
    std::uint64_t length = 0, sources = 0;
    std::vector<std::uint32_t> fill(geometry.lanes);
    const Projection& p = network.projections().front();
    for (std::size_t i = 0; i < p.pre_index.size();) {
      std::fill(fill.begin(), fill.end(), 0);
      const std::size_t first = i;
      for (; i < p.pre_index.size() && p.pre_index[i] == p.pre_index[first]; ++i) {
        ++fill[p.post_index[i] % geometry.lanes];
      }
      length += *std::max_element(fill.begin(), fill.end());
      ++sources;
    }
    const double before = static_cast<double>(2 * papers + sources + length);
    CHECK(report.cycles_all - report.cycles_idle <= 1.1 * before);
  }
}

TEST_CASE("packing: random networks share words, also those that learn") {
  const std::string target = GENERATE("tiny", "tiny8");
  const Geometry geometry = Geometry::named(target);
  std::size_t sharing = 0, learning = 0, all_tags = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Image image = compile(random_network(geometry, seed), geometry).image;
    std::vector<std::vector<const DecodedRow*>> at(geometry.synapse_words);
    const std::vector<DecodedRow> rows = test::decode_rows(image);
    for (const DecodedRow& row : rows) {
      for (std::uint32_t k = 0; k < row.length; ++k) at[row.base + k].push_back(&row);
    }
    const auto any = [&](const auto& condition) {
      return std::any_of(at.begin(), at.end(), condition) ? 1U : 0U;
    };
    sharing += any([](const auto& list) { return list.size() > 1; });
    std::set<std::uint32_t> tags;
    for (const DecodedRow& row : rows) {
      if (row.sparse) tags.insert(row.target);
    }
    all_tags += tags.size() == test::tag_count(geometry) ? 1 : 0;
    learning += any([&](const auto& list) {
      return list.size() > 1 && std::all_of(list.begin(), list.end(), [&](const DecodedRow* row) {
               return row->profile < image.profiles.size();
             });
    });
  }
  CAPTURE(target);
  CHECK(sharing >= 60);
  CHECK(learning >= 30);
  CHECK(all_tags >= 60);
}

TEST_CASE("packing: rows that share words need a build with tags in the same place") {
  const Geometry geometry = Geometry::named("tiny");
  Geometry other = geometry;
  other.max_delay = 16;
  Model same(geometry), elsewhere(other);
  const Image shared = compile(single_synapses(4, 4), geometry).image;
  CHECK(shares_words(shared));
  CHECK_NOTHROW(load_image(same, shared));
  CHECK_THROWS_AS(load_image(elsewhere, shared), InputError);
  CHECK_THROWS_WITH(load_image(elsewhere, shared),
                    Contains("max_delay: the image needs 8, the target has 16"));
  const Image alone = compile(single_synapses(1, 4), geometry).image;
  CHECK_FALSE(shares_words(alone));
  CHECK_NOTHROW(load_image(elsewhere, alone));
}

}  // namespace ncx
