// SPDX-License-Identifier: BSD-3-Clause
// Which grid the compiler chooses, and that the report names every value that is not on it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "ncx/compiler.hpp"
#include "ncx/error.hpp"
#include "ncx/random_network.hpp"

namespace ncx {
namespace {

using Catch::Matchers::Contains;

constexpr double kInf = std::numeric_limits<double>::infinity();

/// One neuron with `parameters`, one axon, and one projection a list of weights.
Network network_of(const NeuronParameters& parameters,
                   const std::vector<std::vector<double>>& weights) {
  Network network;
  Population p;
  p.name = "p";
  p.size = 1;
  p.parameters = {parameters};
  network.add_population(p);
  AxonGroup axon;
  axon.size = 1;
  network.add_axons(axon);
  for (std::size_t k = 0; k < weights.size(); ++k) {
    Projection x;
    x.name = "x" + std::to_string(k);
    x.pre_is_axon = true;
    x.pre_index.assign(weights[k].size(), 0);
    x.post_index = x.pre_index;
    x.weight = weights[k];
    network.add_projection(x);
  }
  return network;
}

NeuronParameters threshold_of(double threshold) {
  NeuronParameters p;
  p.threshold = threshold;
  return p;
}

const Geometry& tiny() {
  static const Geometry geometry = Geometry::named("tiny");
  return geometry;
}

CompileOptions forced(std::uint32_t fraction_bits) {
  CompileOptions options;
  options.fraction_bits = fraction_bits;
  return options;
}

const QuantisationEntry& entry_of(const CompileReport& report, const std::string& item) {
  const auto found = std::find_if(report.quantisation.begin(), report.quantisation.end(),
                                  [&](const QuantisationEntry& e) { return e.item == item; });
  REQUIRE(found != report.quantisation.end());
  return *found;
}

std::size_t inexact(const CompileReport& report) {
  std::size_t total = 0;
  for (const QuantisationEntry& e : report.quantisation) total += e.rounded + e.saturated;
  return total;
}

/// Stored weights of a projection, read from the image.
std::vector<std::int32_t> stored_weights(const Image& image, std::size_t projection) {
  const ProjectionMap& map = image.projections[projection];
  const unsigned width = image.geometry.weight_bits;
  std::vector<std::int32_t> result;
  for (std::size_t i = 0; i < map.address.size(); ++i) {
    const auto raw = static_cast<std::uint32_t>(
        image.memories.at(Region::kSynapse).at(map.address[i]) >> (map.field[i] * width));
    result.push_back(static_cast<std::int32_t>(raw << (32 - width)) >>
                     static_cast<std::int32_t>(32 - width));
  }
  return result;
}

/// What test_compiler_profiles.cpp looks at is left out: changes of weights lie on finer grids.
Network without_profiles(const Network& network) {
  Network result(network.name());
  for (const Population& p : network.populations()) result.add_population(p);
  for (const AxonGroup& group : network.axon_groups()) result.add_axons(group);
  for (Projection p : network.projections()) {
    p.profile = -1;
    result.add_projection(p);
  }
  return result;
}

/// The network with every value replaced by what the image holds of it.
Network dequantised(const Network& network, const Compiled& compiled) {
  const std::uint32_t f = compiled.report.fraction_bits;
  const double step = std::ldexp(1.0, -static_cast<int>(f));
  const auto on = [](double value, double grid) { return std::round(value / grid) * grid; };
  constexpr double kFactor = 1.0 / 65536;
  Network result(network.name());
  for (Population p : network.populations()) {
    for (NeuronParameters& q : p.parameters) {
      q.threshold = on(q.threshold, step);
      q.v_reset = on(q.v_reset, step);
      q.v_rest = on(q.v_rest, step);
      if (q.leak_mode == Leak::kExponential) {
        q.leak = on(q.leak, kFactor);
      } else if (q.leak != kInf) {
        q.leak = on(q.leak, step);
      }
      q.current_decay = on(q.current_decay, kFactor);
      q.theta_plus = on(q.theta_plus, step);
      q.theta_decay = on(q.theta_decay, kFactor);
    }
    for (double& v : p.v_init) v = on(v, step);
    result.add_population(p);
  }
  for (const AxonGroup& group : network.axon_groups()) result.add_axons(group);
  for (std::size_t k = 0; k < network.projections().size(); ++k) {
    Projection p = network.projections()[k];
    const std::vector<std::int32_t> weights = stored_weights(compiled.image, k);
    const double grid =
        step * std::ldexp(1.0, static_cast<int>(compiled.image.projections[k].exponent));
    for (std::size_t i = 0; i < weights.size(); ++i) p.weight[i] = weights[i] * grid;
    result.add_projection(p);
  }
  return result;
}

bool same_values(const Network& a, const Network& b) {
  for (std::size_t k = 0; k < a.populations().size(); ++k) {
    if (a.populations()[k].parameters != b.populations()[k].parameters ||
        a.populations()[k].v_init != b.populations()[k].v_init) {
      return false;
    }
  }
  for (std::size_t k = 0; k < a.projections().size(); ++k) {
    if (a.projections()[k].weight != b.projections()[k].weight) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("the report is empty of roundings if and only if nothing was rounded") {
  const std::string target = GENERATE("tiny", "tiny8");
  const Geometry geometry = Geometry::named(target);
  std::size_t exact = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    CAPTURE(target, seed);
    const Network network = without_profiles(random_network(geometry, seed));
    const Compiled first = compile(network, geometry);
    const Network again = dequantised(network, first);
    REQUIRE(same_values(network, again) == (inexact(first.report) == 0));
    exact += inexact(first.report) == 0 ? 1 : 0;
    // What is on the grid of the image is exactly representable.
    const Compiled second = compile(again, geometry, forced(first.report.fraction_bits));
    REQUIRE(inexact(second.report) == 0);
    REQUIRE(second.image.memories == first.image.memories);
  }
  // Both kinds must be among the networks, or the property says nothing.
  REQUIRE(exact > 10);
  REQUIRE(exact < 140);
}

TEST_CASE("a network on a dyadic grid is exact whatever the exponents") {
  Random random(3);
  for (int trial = 0; trial < 300; ++trial) {
    const int grid = static_cast<int>(random.below(12));
    const auto dyadic = [&](int bits) {
      const std::int64_t most = (std::int64_t{1} << bits) - 1;
      return std::ldexp(static_cast<double>(random.between_signed(-most, most)), -grid);
    };
    NeuronParameters p = threshold_of(dyadic(12));
    p.v_reset = dyadic(10);
    p.v_rest = dyadic(10);
    p.leak = std::abs(dyadic(8));
    p.theta_plus = std::abs(dyadic(8));
    if (random.one_in(2)) p.current_decay = 0.5;
    // Magnitudes far apart need exponents; each projection's values are multiples of its step.
    std::vector<std::vector<double>> weights;
    for (int k = 0; k < 3; ++k) {
      const int shift = static_cast<int>(random.below(4));
      std::vector<double> list;
      for (int i = 0; i < 4; ++i) list.push_back(std::ldexp(dyadic(14), shift));
      weights.push_back(list);
    }
    const CompileReport report = check(network_of(p, weights), tiny());
    CAPTURE(trial, grid, report.fraction_bits);
    REQUIRE(inexact(report) == 0);
    REQUIRE(report.fits());
  }
}

TEST_CASE("values on no grid get the finest one that the ranges allow") {
  // 0.1 is on no dyadic grid; 20 bits are the most.
  const CompileReport fine = check(network_of(threshold_of(0.1), {{0.3}}), tiny());
  CHECK(fine.fraction_bits == 20);
  CHECK(entry_of(fine, "population p: threshold").rounded == 1);
  CHECK(entry_of(fine, "population p: threshold").step == std::ldexp(1.0, -20));
  CHECK(entry_of(fine, "population p: threshold").largest_error <= std::ldexp(1.0, -21));
  // |x| * 2^f < 2^22: 100.1 * 2^15 is, 100.1 * 2^16 is not.
  CHECK(check(network_of(threshold_of(100.1), {{0.3}}), tiny()).fraction_bits == 15);
  // Each of these alone sets the limit.
  for (double NeuronParameters::*member :
       {&NeuronParameters::threshold, &NeuronParameters::v_reset, &NeuronParameters::v_rest,
        &NeuronParameters::leak, &NeuronParameters::theta_plus}) {
    NeuronParameters p = threshold_of(0.1);
    p.*member = 1000.1;
    CHECK(check(network_of(p, {{0.3}}), tiny()).fraction_bits == 12);
  }
  Network network;
  Population p;
  p.size = 2;
  p.parameters = {threshold_of(0.1)};
  p.v_init = {0.0, -1000.1};
  network.add_population(p);
  CHECK(check(network, tiny()).fraction_bits == 12);
}

TEST_CASE("sums of inputs get headroom, but not at the cost of weight bits") {
  // 40 inputs of 0.3 add up to 12: 2^18 of them stay below 2^22, and 0.3 * 2^16 fits 16 bits.
  const std::vector<double> many(40, 0.3);
  CHECK(check(network_of(threshold_of(1.1), {many}), tiny()).fraction_bits == 18);
  // A projection of small weights needs the fine grid to keep all its bits.
  CHECK(check(network_of(threshold_of(1.1), {many, {0.01}}), tiny()).fraction_bits == 20);
}

TEST_CASE("headroom for sums does not cost state values their exactness or resolution") {
  // The inputs alone would ask for 10 bits.
  const std::vector<double> heavy(40, 100.1);
  CHECK(check(network_of(threshold_of(1.0), {heavy}), tiny()).fraction_bits == 10);
  CHECK(check(network_of(threshold_of(std::ldexp(3.0, -13)), {heavy}), tiny()).fraction_bits == 13);
  // 0.01 * 2^17 is the first to have 10 bits.
  CHECK(check(network_of(threshold_of(0.01), {heavy}), tiny()).fraction_bits == 17);
}

TEST_CASE("a projection that spans more than its weight field is not taken for exact") {
  const CompileReport report =
      check(network_of(threshold_of(1.0), {{1.0, std::ldexp(1.0, -18)}}), tiny());
  CHECK(report.fraction_bits == 20);
  CHECK(entry_of(report, "projection x0: weight").rounded == 1);
}

TEST_CASE("an exact network without decays leaves half of the bits to headroom") {
  CHECK(check(network_of(threshold_of(1.0), {{0.5, -3.0}}), tiny()).fraction_bits == 12);
  CHECK(check(network_of(threshold_of(64.0), {{16.0}}), tiny()).fraction_bits == 6);
  // A finer grid where the values need it, a finer one still where something decays.
  CHECK(check(network_of(threshold_of(64.0), {{0.0009765625}}), tiny()).fraction_bits == 10);
  NeuronParameters decaying = threshold_of(1.0);
  decaying.current_decay = 0.5;
  CHECK(check(network_of(decaying, {{0.5, -3.0}}), tiny()).fraction_bits == 19);
}

TEST_CASE("the smallest exponent with which the largest weight fits is taken") {
  const auto exponent = [](std::uint32_t bits, const std::vector<double>& weights) {
    return compile(network_of(threshold_of(1.0), {weights}), tiny(), forced(bits))
        .image.projections[0]
        .exponent;
  };
  CHECK(exponent(0, {32767.0}) == 0);
  CHECK(exponent(0, {32768.0}) == 1);
  CHECK(exponent(0, {-32768.0}) == 0);
  CHECK(exponent(0, {-32769.0}) == 1);
  CHECK(exponent(0, {32767.4}) == 0);
  CHECK(exponent(0, {32767.5}) == 1);
  CHECK(exponent(20, {1.0, 0.001}) == 6);
  CHECK(exponent(20, {0.0}) == 0);
  CHECK(exponent(20, {}) == 0);
}

TEST_CASE("two magnitudes live in one network by their exponents") {
  const Compiled compiled = compile(network_of(threshold_of(1.0), {{100.0}, {0.0001}}), tiny());
  CHECK(compiled.report.fraction_bits == 20);
  CHECK(compiled.image.projections[0].exponent == 12);
  CHECK(compiled.image.projections[1].exponent == 0);
  CHECK(stored_weights(compiled.image, 0) == std::vector<std::int32_t>{25600});
  CHECK(stored_weights(compiled.image, 1) == std::vector<std::int32_t>{105});
}

TEST_CASE("halves are rounded away from zero") {
  const Compiled compiled = compile(
      network_of(threshold_of(2.5), {{0.5, -0.5, 1.5, -1.5, 0.49, -2.51}}), tiny(), forced(0));
  CHECK(stored_weights(compiled.image, 0) == std::vector<std::int32_t>{1, -1, 2, -2, 0, -3});
  const QuantisationEntry& weights = entry_of(compiled.report, "projection x0: weight");
  CHECK(weights.values == 6);
  CHECK(weights.rounded == 6);
  CHECK(weights.saturated == 0);
  CHECK(weights.largest_error == 0.5);
  CHECK(compiled.image.memories.at(Region::kParameter).at(0) == 3);
}

TEST_CASE("factors lie on a grid of 1/65536") {
  NeuronParameters p = threshold_of(1.0);
  p.leak_mode = Leak::kExponential;
  p.leak = 0.9;
  p.current_decay = 0.5;
  const CompileReport report = check(network_of(p, {{1.0}}), tiny());
  const QuantisationEntry& leak = entry_of(report, "population p: leak");
  CHECK(leak.rounded == 1);
  CHECK(leak.step == 1.0 / 65536);
  CHECK(leak.largest_error == std::abs(std::round(0.9 * 65536) / 65536 - 0.9));
  CHECK(entry_of(report, "population p: current_decay").rounded == 0);
}

TEST_CASE("a forced grid reports what it cannot hold") {
  NeuronParameters p = threshold_of(100.0);
  p.v_reset = -100.0;
  p.theta_plus = 100.0;
  p.leak = 100.0;
  const Compiled compiled = compile(network_of(p, {}), tiny(), forced(20));
  for (const char* field : {"threshold", "v_reset", "theta_plus", "leak"}) {
    const QuantisationEntry& entry =
        entry_of(compiled.report, std::string("population p: ") + field);
    CHECK(entry.saturated == 1);
    CHECK(entry.rounded == 0);
    CHECK(entry.largest_error > 80.0);
  }
  const auto& words = compiled.image.memories.at(Region::kParameter);
  CHECK((words.at(0) & 0xFFFFFF) == 0x7FFFFF);
  CHECK((words.at(1) & 0xFFFFFF) == 0x800000);
  CHECK((words.at(3) & 0xFFFFFF) == 0xFFFFFF);
  CHECK_THROWS_WITH(compile(network_of(p, {}), tiny(), forced(21)),
                    Contains("fraction_bits is 21, expected 0 to 20"));
}

TEST_CASE("values that no grid can hold are refused by name") {
  CHECK_NOTHROW(check(network_of(threshold_of(8388607.0), {}), tiny()));
  CHECK(check(network_of(threshold_of(8388607.0), {}), tiny()).fraction_bits == 0);
  CHECK_THROWS_WITH(check(network_of(threshold_of(8388608.0), {}), tiny()),
                    Contains("population 'p': threshold: 8388608 in magnitude"));
  NeuronParameters leaky = threshold_of(1.0);
  leaky.leak = 1e12;
  CHECK_THROWS_AS(check(network_of(leaky, {}), tiny()), InputError);
  leaky.leak = kInf;
  CHECK_NOTHROW(check(network_of(leaky, {}), tiny()));
  const double most = 32767.0 * 32768.0;
  CHECK_NOTHROW(check(network_of(threshold_of(1.0), {{most}}), tiny()));
  CHECK_THROWS_WITH(check(network_of(threshold_of(1.0), {{1.0}, {2.0, -1e300}}), tiny()),
                    Contains("projection 'x1': a weight of -1e+300 does not fit 16 bits"));
}

TEST_CASE("the grid leaves the accumulators their bound") {
  // 64 synapses whose sum would pass 2^30 at the finest grid.
  const std::vector<double> heavy(64, 30.1);
  const CompileReport report = check(network_of(threshold_of(0.001), {heavy}), tiny());
  CHECK(report.fits());
  CHECK(report.fraction_bits < 20);
}

TEST_CASE("the report's text and JSON hold its numbers") {
  NeuronParameters p = threshold_of(0.1);
  const CompileReport report = check(network_of(p, {{0.3, 0.5}}), tiny());
  const std::string text = report.text();
  CHECK_THAT(text, Contains("target tiny: fits"));
  CHECK_THAT(text, Contains("projection x0: weight"));
  CHECK_THAT(text, Contains("synapse words a lane"));
  CHECK_THAT(text, !Contains("v_reset"));
  const nlohmann::json json = nlohmann::json::parse(report.json());
  CHECK(json["fits"] == true);
  CHECK(json["fraction_bits"] == report.fraction_bits);
  CHECK(json["capacity"].size() == report.capacity.size());
  CHECK(json["quantisation"].size() == report.quantisation.size());
  CHECK(json["load_seconds"] == report.load_seconds);
  CHECK_THAT(check(network_of(threshold_of(1.0), {{0.5}}), tiny()).text(),
             Contains("every value is represented exactly"));
}

}  // namespace ncx
