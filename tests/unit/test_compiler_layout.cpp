// SPDX-License-Identifier: BSD-3-Clause
// What the compiler writes into the memories, read back by a decoder of its own.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

#include "image_decoder.hpp"
#include "ncx/compiler.hpp"
#include "ncx/random_network.hpp"

namespace ncx {
namespace {

using test::DecodedEntry;
using test::DecodedRow;
using test::DecodedSynapse;

constexpr std::uint32_t kScan = 1, kApply = 2, kFirst = 4;

std::uint32_t add_group(Network& network, std::uint32_t size, bool winner_take_all = false) {
  Population p;
  p.size = size;
  p.winner_take_all = winner_take_all;
  return network.add_population(p);
}

std::uint32_t add_axon_group(Network& network, std::uint32_t size,
                             std::vector<std::uint16_t> rates = {}) {
  AxonGroup group;
  group.size = size;
  group.rates = std::move(rates);
  return network.add_axons(group);
}

/// One source to `targets`, all with weight 1.
Projection fan_out(std::vector<std::uint32_t> targets) {
  Projection p;
  p.pre_is_axon = true;
  p.pre_index.assign(targets.size(), 0);
  p.weight.assign(targets.size(), 1.0);
  p.post_index = std::move(targets);
  return p;
}

/// What the network asks for, from its own lists and the image's numbering.
std::vector<DecodedSynapse> wanted_synapses(const Network& network, const Image& image) {
  std::vector<DecodedSynapse> result;
  for (std::size_t k = 0; k < network.projections().size(); ++k) {
    const Projection& p = network.projections()[k];
    const std::uint32_t pre_first =
        p.pre_is_axon ? network.axon_groups()[p.pre].first : network.populations()[p.pre].first;
    const double step = std::ldexp(1.0, static_cast<int>(image.projections[k].exponent) -
                                            static_cast<int>(image.fraction_bits));
    for (std::size_t i = 0; i < p.weight.size(); ++i) {
      DecodedSynapse s;
      s.from_axon = p.pre_is_axon;
      const std::uint32_t pre = pre_first + p.pre_index[i];
      s.source = p.pre_is_axon ? image.axon_row[pre] : image.neuron_slot[pre];
      s.target = image.neuron_slot[network.populations()[p.post].first + p.post_index[i]];
      s.effect = static_cast<std::int64_t>(std::round(p.weight[i] / step)) *
                 (std::int64_t{1} << image.projections[k].exponent);
      s.delay = p.delay.empty() ? 1 : p.delay[i];
      s.plastic = p.plastic && (p.plastic_mask.empty() || p.plastic_mask[i] != 0);
      result.push_back(s);
    }
  }
  return result;
}

/// Synapses that the decoder cannot see, and that do nothing.
bool is_invisible(const DecodedSynapse& s) { return s.effect == 0 && !s.plastic; }

/// Sorted, and with silent synapses at their own end: a sparse word of weight 0 is visible only if
/// its local row or delay is not 0, so both sides leave them out.
std::vector<DecodedSynapse> comparable(std::vector<DecodedSynapse> synapses) {
  synapses.erase(std::remove_if(synapses.begin(), synapses.end(), is_invisible), synapses.end());
  std::sort(synapses.begin(), synapses.end());
  return synapses;
}

void check_projection_maps(const Network& network, const Image& image) {
  const std::vector<std::uint64_t>& memory = image.memories.at(Region::kSynapse);
  const unsigned width = image.geometry.weight_bits;
  std::set<std::pair<std::uint32_t, unsigned>> places;
  REQUIRE(image.projections.size() == network.projections().size());
  for (std::size_t k = 0; k < image.projections.size(); ++k) {
    const ProjectionMap& map = image.projections[k];
    const Projection& p = network.projections()[k];
    REQUIRE(map.name == p.name);
    REQUIRE(map.plastic == p.plastic);
    REQUIRE(map.pre_is_axon == p.pre_is_axon);
    REQUIRE(map.address.size() == p.weight.size());
    REQUIRE(map.field.size() == p.weight.size());
    const std::uint32_t post_first = network.populations()[p.post].first;
    const std::uint32_t pre_first =
        p.pre_is_axon ? network.axon_groups()[p.pre].first : network.populations()[p.pre].first;
    const double step =
        std::ldexp(1.0, static_cast<int>(map.exponent) - static_cast<int>(image.fraction_bits));
    for (std::size_t i = 0; i < p.weight.size(); ++i) {
      REQUIRE(map.pre[i] == pre_first + p.pre_index[i]);
      REQUIRE(map.post[i] == post_first + p.post_index[i]);
      REQUIRE(map.address[i] % image.geometry.lanes ==
              image.neuron_slot[map.post[i]] % image.geometry.lanes);
      REQUIRE(places.emplace(map.address[i], map.field[i]).second);
      const auto raw =
          static_cast<std::uint32_t>(memory.at(map.address[i]) >> (map.field[i] * width));
      const std::int32_t stored =
          static_cast<std::int32_t>(raw << (32 - width)) >> static_cast<std::int32_t>(32 - width);
      REQUIRE(stored == std::llround(p.weight[i] / step));
    }
  }
}

/// Every used slot once (twice in groups: SCAN, then APPLY), groups apart, rows ascending.
void check_program(const Network& network, const Image& image) {
  const std::uint32_t lanes = image.geometry.lanes;
  std::map<std::uint32_t, std::uint32_t> group_of;  // slot -> population
  std::map<std::uint32_t, std::uint32_t> plain, scanned, applied;
  std::set<std::uint32_t> used;
  for (std::size_t k = 0; k < network.populations().size(); ++k) {
    const Population& p = network.populations()[k];
    for (std::uint32_t n = p.first; n < p.first + p.size; ++n) {
      used.insert(image.neuron_slot[n]);
      if (p.winner_take_all) group_of[image.neuron_slot[n]] = static_cast<std::uint32_t>(k);
    }
  }
  REQUIRE(used.size() == network.neurons());
  constexpr std::uint32_t kNone = UINT32_MAX;
  std::uint32_t open = kNone;  // the group whose passes are under way
  std::uint32_t last_row = 0, last_op = 0, group_first_row = 0;
  std::size_t in_group = 0;  // slots of the open pass
  for (const DecodedEntry& entry : test::decode_program(image)) {
    REQUIRE(entry.mask != 0);
    REQUIRE(entry.row < image.used_rows);
    REQUIRE(entry.set < image.memories.at(Region::kParameter).size() / map::kParameterStride);
    std::set<std::uint32_t> groups;
    std::size_t slots = 0;
    for (std::uint32_t lane = 0; lane < 32; ++lane) {
      if ((entry.mask >> lane & 1) == 0) continue;
      REQUIRE(lane < lanes);
      const std::uint32_t slot = entry.row * lanes + lane;
      REQUIRE(used.count(slot) == 1);
      ++slots;
      if (entry.op == 0) {
        ++plain[slot];
      } else {
        ++((entry.op & kScan) != 0 ? scanned : applied)[slot];
        groups.insert(group_of.at(slot));
      }
    }
    const std::uint32_t op = entry.op & (kScan | kApply);
    if (op == 0) {
      REQUIRE(entry.op == 0);
      REQUIRE(open == kNone);
      REQUIRE(entry.row >= last_row);
    } else {
      REQUIRE(groups.size() == 1);
      const std::uint32_t group = *groups.begin();
      const std::size_t size = network.populations()[group].size;
      if ((entry.op & kFirst) != 0 && op == kScan) {
        REQUIRE(open == kNone);
        REQUIRE(entry.row >= last_row);
        open = group;
        group_first_row = entry.row;
        in_group = 0;
      } else if ((entry.op & kFirst) != 0) {
        REQUIRE(open == group);
        REQUIRE(last_op == kScan);
        REQUIRE(in_group == size);
        REQUIRE(entry.row == group_first_row);
        in_group = 0;
      } else {
        REQUIRE(op == last_op);
        REQUIRE(entry.row >= last_row);
      }
      REQUIRE(open == group);
      in_group += slots;
      if (op == kApply && in_group == size) open = kNone;
    }
    last_row = entry.row;
    last_op = op;
  }
  REQUIRE(open == kNone);
  for (const std::uint32_t slot : used) {
    const bool grouped = group_of.count(slot) == 1;
    REQUIRE(plain[slot] == (grouped ? 0 : 1));
    REQUIRE(scanned[slot] == (grouped ? 1 : 0));
    REQUIRE(applied[slot] == (grouped ? 1 : 0));
  }
}

/// Words of rows that share addresses are told apart by tags, and no word belongs to two rows.
void check_rows(const Image& image) {
  const Geometry& g = image.geometry;
  const std::vector<DecodedRow> rows = test::decode_rows(image);
  REQUIRE(rows.size() == image.memories.at(Region::kRow).size() / 2);
  const std::size_t words = image.memories.at(Region::kSynapse).size() / g.lanes;
  const std::uint32_t tags = test::tag_count(g);
  std::vector<std::set<std::uint32_t>> taken(words);  // tags of the rows that reach a word
  for (const DecodedRow& row : rows) {
    REQUIRE(row.length >= 1);
    REQUIRE(row.base + row.length <= words);
    if (row.sparse) {
      REQUIRE(row.target < tags);
    } else {
      REQUIRE((row.target + row.length) * g.weights_per_word() <= g.local_rows());
    }
    for (std::uint32_t word = row.base; word < row.base + row.length; ++word) {
      if (!row.sparse) REQUIRE(taken[word].empty());
      REQUIRE(taken[word].insert(row.sparse ? row.target : tags).second);
      if (row.sparse) REQUIRE(taken[word].count(tags) == 0);
    }
  }
  // Every word that is stored is reached by some row.
  REQUIRE(std::none_of(taken.begin(), taken.end(), [](const auto& set) { return set.empty(); }));
}

void check_numbering(const Network& network, const Image& image) {
  REQUIRE(image.neuron_slot.size() == network.neurons());
  // A population's slots are consecutive; a group's are in the order of its neurons.
  std::uint32_t next = 0;
  for (const Population& p : network.populations()) {
    const auto begin = image.neuron_slot.begin() + p.first;
    std::vector<std::uint32_t> slots(begin, begin + p.size);
    if (p.winner_take_all) REQUIRE(std::is_sorted(slots.begin(), slots.end()));
    std::sort(slots.begin(), slots.end());
    REQUIRE(slots.front() >= next);
    REQUIRE(slots.back() == slots.front() + p.size - 1);
    next = slots.back() + 1;
  }
  std::vector<std::uint32_t> axons = image.axon_row;
  std::sort(axons.begin(), axons.end());
  for (std::uint32_t a = 0; a < axons.size(); ++a) REQUIRE(axons[a] == a);
  const std::vector<std::uint64_t>& rates = image.memories.at(Region::kRate);
  REQUIRE(rates.size() >= std::size_t{image.encoder_rows} * image.geometry.lanes);
  std::size_t drawing = 0;
  for (const AxonGroup& group : network.axon_groups()) {
    for (std::uint32_t a = 0; a < group.size; ++a) {
      const std::uint32_t axon = image.axon_row[group.first + a];
      const std::uint32_t rate = group.rates.empty() ? 0 : group.rates[a];
      REQUIRE(rates.at(axon) == rate);
      if (rate > 0) REQUIRE(axon < image.encoder_rows * image.geometry.lanes);
      if (rate > 0) ++drawing;
    }
  }
  REQUIRE(static_cast<std::size_t>(std::count_if(
              rates.begin(), rates.end(), [](std::uint64_t r) { return r > 0; })) == drawing);
}

}  // namespace

TEST_CASE("every synapse is in the memories once, as the network has it") {
  const std::string target = GENERATE("tiny", "tiny8", "cmod_a7");
  const Geometry geometry = Geometry::named(target);
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(target, seed);
    const Network network = random_network(geometry, seed);
    const Image image = compile(network, geometry).image;
    const std::vector<DecodedSynapse> found = comparable(test::decode_synapses(image));
    const std::vector<DecodedSynapse> wanted = comparable(wanted_synapses(network, image));
    REQUIRE(found.size() == wanted.size());
    REQUIRE(found == wanted);
    check_rows(image);
    check_projection_maps(network, image);
    check_numbering(network, image);
    check_program(network, image);
    // The image's own checks agree that all of it lies within the build.
    REQUIRE(Image::from_cbor(image.to_cbor(), "image").memories == image.memories);
  }
}

TEST_CASE("compiling twice gives the same memories") {
  const Geometry geometry = Geometry::named("tiny");
  const Network network = random_network(geometry, 5);
  const Image a = compile(network, geometry).image;
  const Image b = compile(network, geometry).image;
  REQUIRE(a.memories == b.memories);
  CompileOptions other;
  other.seed = 2;
  const Image c = compile(network, geometry, other).image;
  REQUIRE(a.memories.at(Region::kGenerator) != c.memories.at(Region::kGenerator));
}

TEST_CASE("words of generator states differ, within a seed and between seeds, and are never 0") {
  const Geometry geometry = Geometry::named("cmod_a7");
  Network network;
  add_group(network, 1);
  std::set<std::uint64_t> states;
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    CompileOptions options;
    options.seed = seed;
    const Image image = compile(network, geometry, options).image;
    for (const std::uint64_t state : image.memories.at(Region::kGenerator)) {
      REQUIRE(state != 0);
      REQUIRE(state >> 32 == 0);
      states.insert(state);
    }
  }
  // Also no seed is another one moved by a word.
  REQUIRE(states.size() == 100 * 4);
}

TEST_CASE("auto takes the shorter of dense and sparse, source by source") {
  const Geometry geometry = Geometry::named("tiny");  // 4 lanes, 2 weights a word
  Network network;
  add_group(network, 64);
  add_axon_group(network, 1);
  std::vector<std::uint32_t> all(64);
  for (std::uint32_t n = 0; n < 64; ++n) all[n] = n;

  SECTION("all targets: dense, 8 words for 16 local rows") {
    network.add_projection(fan_out(all));
    const auto rows = test::decode_rows(compile(network, geometry).image);
    REQUIRE(rows.size() == 1);
    REQUIRE_FALSE(rows[0].sparse);
    REQUIRE(rows[0].length == 8);
    REQUIRE(rows[0].target == 0);
  }
  SECTION("the two ends: sparse, one word instead of eight") {
    network.add_projection(fan_out({0, 63}));
    const auto rows = test::decode_rows(compile(network, geometry).image);
    REQUIRE(rows.size() == 1);
    REQUIRE(rows[0].sparse);
    REQUIRE(rows[0].length == 1);
  }
  SECTION("dense rows begin at the first group they need") {
    network.add_projection(fan_out({40, 41, 42, 43, 44, 45, 46, 47}));
    const auto rows = test::decode_rows(compile(network, geometry).image);
    REQUIRE(rows.size() == 1);
    REQUIRE_FALSE(rows[0].sparse);
    REQUIRE(rows[0].target == 5);
    REQUIRE(rows[0].length == 1);
  }
  SECTION("at equal length: dense, unless a sparse row leaves words to others") {
    network.add_projection(fan_out({8, 9, 10, 11}));
    REQUIRE_FALSE(test::decode_rows(compile(network, geometry).image).front().sparse);
    network.add_projection(fan_out({8, 9, 10}));
    REQUIRE(test::decode_rows(compile(network, geometry).image).back().sparse);
  }
  SECTION("a few delayed among many: dense row and sparse rest") {
    Projection p = fan_out(all);
    p.delay.assign(64, 1);
    p.delay[3] = 8;
    p.delay[9] = 2;
    network.add_projection(p);
    const auto rows = test::decode_rows(compile(network, geometry).image);
    REQUIRE(rows.size() == 2);
    REQUIRE_FALSE(rows[0].sparse);
    REQUIRE(rows[0].length == 8);
    REQUIRE(rows[1].sparse);
    REQUIRE(rows[1].length == 1);
  }
  SECTION("all delayed: one sparse row") {
    Projection p = fan_out(all);
    p.delay.assign(64, 2);
    network.add_projection(p);
    const auto rows = test::decode_rows(compile(network, geometry).image);
    REQUIRE(rows.size() == 1);
    REQUIRE(rows[0].sparse);
    REQUIRE(rows[0].length == 16);
  }
  SECTION("dense when asked for, where auto would not") {
    Projection p = fan_out({0, 63});
    p.format = Format::kDense;
    network.add_projection(p);
    const auto rows = test::decode_rows(compile(network, geometry).image);
    REQUIRE(rows.size() == 1);
    REQUIRE_FALSE(rows[0].sparse);
    REQUIRE(rows[0].length == 8);
  }
  SECTION("sparse when asked for, where auto would not") {
    Projection p = fan_out(all);
    p.format = Format::kSparse;
    network.add_projection(p);
    REQUIRE(test::decode_rows(compile(network, geometry).image).front().sparse);
  }
  SECTION("dense when asked for still leaves parallel synapses to a sparse row") {
    Projection p = fan_out({5, 5, 6, 5});
    p.format = Format::kDense;
    p.weight = {1, 2, 3, 4};
    network.add_projection(p);
    const Image image = compile(network, geometry).image;
    const auto rows = test::decode_rows(image);
    REQUIRE(rows.size() == 2);
    REQUIRE(rows[1].sparse);
    REQUIRE(rows[1].length == 2);
    check_projection_maps(network, image);
  }
}

TEST_CASE("a sparse row longer than its length field is split") {
  Geometry geometry = Geometry::named("tiny");
  geometry.name = "long";
  geometry.synapse_words = 1U << 17;
  Network network;
  add_group(network, 64);
  add_axon_group(network, 1);
  network.add_projection(fan_out(std::vector<std::uint32_t>(70'000, 9)));
  const Image image = compile(network, geometry).image;
  const auto rows = test::decode_rows(image);
  REQUIRE(rows.size() == 2);
  REQUIRE(rows[0].length == 65'535);
  REQUIRE(rows[1].length == 70'000 - 65'535);
  REQUIRE(test::decode_synapses(image).size() == 70'000);
  check_projection_maps(network, image);
}

TEST_CASE("one lane's list sets a sparse row's length") {
  const Geometry geometry = Geometry::named("tiny");
  Network network;
  add_group(network, 64, true);  // a group's neurons stay where they are
  add_axon_group(network, 1);
  network.add_projection(fan_out({0, 4, 8, 60, 1}));
  const auto rows = test::decode_rows(compile(network, geometry).image);
  REQUIRE(rows[0].sparse);
  REQUIRE(rows[0].length == 4);
}

TEST_CASE("a sparse list keeps the user's order") {
  const Geometry geometry = Geometry::named("tiny");
  Network network;
  add_group(network, 64, true);
  add_axon_group(network, 1);
  Projection p = fan_out({60, 0, 32, 8});
  p.format = Format::kSparse;
  network.add_projection(p);
  const ProjectionMap map = compile(network, geometry).image.projections.front();
  REQUIRE(map.address == std::vector<std::uint32_t>{0, 4, 8, 12});
}

TEST_CASE("a population starts at a group boundary where that spares words and room is left") {
  const Geometry geometry = Geometry::named("tiny");  // groups of 8 slots
  SECTION("it spares a word") {
    Network network;
    add_group(network, 3);
    add_group(network, 8);
    const Image image = compile(network, geometry).image;
    REQUIRE(image.neuron_slot[2] == 2);
    REQUIRE(image.neuron_slot[3] == 8);
    REQUIRE(image.used_rows == 4);
  }
  SECTION("it spares none: small populations stay together") {
    Network network;
    for (int i = 0; i < 8; ++i) add_group(network, 1);
    const Image image = compile(network, geometry).image;
    REQUIRE(image.neuron_slot.back() == 7);
    REQUIRE(image.used_rows == 2);
    REQUIRE(image.program_length == 2);
  }
  SECTION("the slots are needed") {
    Network network;
    add_group(network, 3);
    add_group(network, 61);
    const Image image = compile(network, geometry).image;
    REQUIRE(image.neuron_slot.back() == 63);
  }
  SECTION("exactly the slots that alignment costs are left") {
    Network network;
    add_group(network, 3);
    add_group(network, 8);
    add_group(network, 48);
    REQUIRE(compile(network, geometry).image.neuron_slot[3] == 8);
    add_group(network, 1);
    REQUIRE(compile(network, geometry).image.neuron_slot[3] == 3);
  }
}

TEST_CASE("axons with encoders come first") {
  const Geometry geometry = Geometry::named("tiny");
  Network network;
  add_group(network, 1);
  add_axon_group(network, 3);
  add_axon_group(network, 2, {7, 0});
  add_axon_group(network, 1);
  add_axon_group(network, 3, {1, 2, 3});
  const Image image = compile(network, geometry).image;
  REQUIRE(image.axon_row == std::vector<std::uint32_t>{5, 6, 7, 0, 1, 8, 2, 3, 4});
  REQUIRE(image.encoder_rows == 2);
  const auto& rates = image.memories.at(Region::kRate);
  REQUIRE(rates == std::vector<std::uint64_t>{7, 0, 1, 2, 3, 0, 0, 0, 0});
}

TEST_CASE("a winner-take-all group that shares rows with others gets entries of its own") {
  const Geometry geometry = Geometry::named("tiny");
  Network network;
  add_group(network, 2);
  add_group(network, 4, true);
  add_group(network, 1, true);
  add_group(network, 1);
  const Image image = compile(network, geometry).image;
  const std::vector<DecodedEntry> program = test::decode_program(image);
  struct Wanted {
    std::uint32_t row, mask, op;
  };
  const std::vector<Wanted> wanted = {
      {0, 0b0011, 0},
      {0, 0b1100, kScan | kFirst},
      {1, 0b0011, kScan},
      {0, 0b1100, kApply | kFirst},
      {1, 0b0011, kApply},
      {1, 0b1000, 0},
      {1, 0b0100, kScan | kFirst},
      {1, 0b0100, kApply | kFirst},
  };
  REQUIRE(program.size() == wanted.size());
  for (std::size_t e = 0; e < wanted.size(); ++e) {
    CAPTURE(e);
    CHECK(program[e].row == wanted[e].row);
    CHECK(program[e].mask == wanted[e].mask);
    CHECK(program[e].op == wanted[e].op);
    CHECK(program[e].set == 0);
  }
}

TEST_CASE("neurons of one row share an entry if and only if they share a parameter set") {
  const Geometry geometry = Geometry::named("tiny");
  Network network;
  Population p;
  p.size = 8;
  p.parameters.resize(8);
  p.parameters[1].threshold = 2.0;
  p.parameters[3].threshold = 2.0;
  network.add_population(p);
  const Image image = compile(network, geometry).image;
  const std::vector<DecodedEntry> program = test::decode_program(image);
  REQUIRE(program.size() == 3);
  REQUIRE(program[0].mask == 0b0101);
  REQUIRE(program[0].set == 0);
  REQUIRE(program[1].mask == 0b1010);
  REQUIRE(program[1].set == 1);
  REQUIRE(program[2].mask == 0b1111);
  REQUIRE(image.memories.at(Region::kParameter).size() == 2 * map::kParameterStride);
}

TEST_CASE("parameter words hold every field where the register map has it") {
  const Geometry geometry = Geometry::named("tiny");
  Network network;
  Population p;
  p.size = 2;
  p.parameters.resize(2);
  p.parameters[0] = {
      -3.0,  -5.0,   7.0, Leak::kSubtractive, std::numeric_limits<double>::infinity(), 0.5, 9, true,
      false, 5000.0, 0.25};
  p.parameters[1] = {100.0, 0.0, 0.0, Leak::kExponential, 1.0, 1.0, 4095, false, true, 0.0, 1.0};
  p.v_init = {-5.0, 11.0};
  network.add_population(p);
  CompileOptions options;
  options.fraction_bits = 0;
  const Compiled compiled = compile(network, geometry, options);
  const std::vector<std::uint64_t>& words = compiled.image.memories.at(Region::kParameter);
  const auto field = [&](std::size_t set, const map::Field& f) {
    const std::uint64_t raw = words.at(set * 8 + f.word) >> f.lsb & ((1ULL << f.bits) - 1);
    return f.is_signed && (raw >> (f.bits - 1)) != 0
               ? static_cast<std::int64_t>(raw) - (std::int64_t{1} << f.bits)
               : static_cast<std::int64_t>(raw);
  };
  CHECK(field(0, map::kParamThreshold) == -3);
  CHECK(field(0, map::kParamVReset) == -5);
  CHECK(field(0, map::kParamVRest) == 7);
  CHECK(field(0, map::kParamLeak) == (1 << 24) - 1);
  CHECK(field(0, map::kParamLeakExponential) == 0);
  CHECK(field(0, map::kParamSynBeta) == 32768);
  CHECK(field(0, map::kParamRefractory) == 9);
  CHECK(field(0, map::kParamRefractoryHold) == 1);
  CHECK(field(0, map::kParamSoftReset) == 0);
  CHECK(field(0, map::kParamThetaPlusLow) == 5000 % 4096);
  CHECK(field(0, map::kParamThetaPlusHigh) == 5000 / 4096);
  CHECK(field(0, map::kParamThetaBeta) == 16384);
  CHECK(field(1, map::kParamThreshold) == 100);
  CHECK(field(1, map::kParamLeak) == 65536);
  CHECK(field(1, map::kParamLeakExponential) == 1);
  CHECK(field(1, map::kParamSynBeta) == 65536);
  CHECK(field(1, map::kParamRefractory) == 4095);
  CHECK(field(1, map::kParamRefractoryHold) == 0);
  CHECK(field(1, map::kParamSoftReset) == 1);
  CHECK(field(1, map::kParamThetaBeta) == 65536);
  // Only what RESET does not leave is an initial state.
  REQUIRE(compiled.image.initial.size() == 1);
  CHECK(compiled.image.initial[0].slot == 1);
  CHECK(compiled.image.initial[0].v == 11);
}

TEST_CASE("an empty network and one without synapses compile") {
  const Geometry geometry = Geometry::named("tiny");
  const Image empty = compile(Network("empty"), geometry).image;
  REQUIRE(empty.program_length == 0);
  REQUIRE(empty.memories.at(Region::kSource).empty());
  Network network;
  add_group(network, 5);
  Projection none;
  network.add_projection(none);
  const Image image = compile(network, geometry).image;
  REQUIRE(image.memories.at(Region::kSynapse).empty());
  REQUIRE(image.projections.size() == 1);
  REQUIRE(image.memories.at(Region::kSource) == std::vector<std::uint64_t>(8, 0));
}

}  // namespace ncx
