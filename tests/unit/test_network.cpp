// SPDX-License-Identifier: BSD-3-Clause
// A Network takes in valid parts only, and says which argument is wrong.
#include <catch2/catch.hpp>
#include <functional>
#include <limits>

#include "ncx/error.hpp"
#include "ncx/network.hpp"

namespace ncx {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

Population population(std::uint32_t size, const std::string& name = "p") {
  Population p;
  p.name = name;
  p.size = size;
  return p;
}

/// Adds a population of 3 whose single parameter set went through `change`.
void add_with(const std::function<void(NeuronParameters&)>& change) {
  Network network;
  Population p = population(3);
  p.parameters.emplace_back();
  change(p.parameters.front());
  network.add_population(p);
}

Network two_groups() {
  Network network;
  network.add_population(population(3, "out"));
  AxonGroup in;
  in.name = "in";
  in.size = 2;
  network.add_axons(in);
  return network;
}

Projection one_synapse() {
  Projection p;
  p.name = "x";
  p.pre_is_axon = true;
  p.pre_index = {1};
  p.post_index = {2};
  p.weight = {0.5};
  return p;
}

void add_projection_with(const std::function<void(Projection&)>& change) {
  Network network = two_groups();
  Projection p = one_synapse();
  change(p);
  network.add_projection(p);
}

using Catch::Matchers::Contains;

}  // namespace

TEST_CASE("groups get consecutive numbers in the order of creation") {
  Network network("n");
  REQUIRE(network.add_population(population(3, "a")) == 0);
  REQUIRE(network.add_population(population(5, "b")) == 1);
  AxonGroup axons;
  axons.size = 4;
  REQUIRE(network.add_axons(axons) == 0);
  REQUIRE(network.add_axons(axons) == 1);
  REQUIRE(network.neurons() == 8);
  REQUIRE(network.axons() == 8);
  REQUIRE(network.populations()[1].first == 3);
  REQUIRE(network.axon_groups()[1].first == 4);
  REQUIRE(network.axon_groups()[1].name == "axons1");
  REQUIRE(network.populations()[0].parameters == std::vector<NeuronParameters>(1));
}

TEST_CASE("projections without a name get one of their own") {
  Network network = two_groups();
  for (int i = 0; i < 2; ++i) {
    Projection p = one_synapse();
    p.name.clear();
    network.add_projection(p);
  }
  REQUIRE(network.projections()[0].name == "in->out");
  REQUIRE(network.projections()[1].name == "in->out #2");
  REQUIRE(network.synapses() == 2);
  // A name that is taken is left out, and what was refused takes none.
  Projection named = one_synapse();
  named.name = "in->out #3";
  network.add_projection(named);
  Projection refused = one_synapse();
  refused.name.clear();
  refused.weight.clear();
  REQUIRE_THROWS_AS(network.add_projection(refused), InputError);
  // Many take no more than linear time.
  for (int i = 0; i < 20'000; ++i) {
    Projection p = one_synapse();
    p.name.clear();
    network.add_projection(p);
  }
  REQUIRE(network.projections()[3].name == "in->out #4");
  REQUIRE(network.projections().back().name == "in->out #20003");
}

TEST_CASE("limits of every neuron parameter are themselves allowed") {
  REQUIRE_NOTHROW(add_with([](NeuronParameters& p) {
    p.leak = kInf;
    p.refractory = 4095;
    p.current_decay = 1.0;
    p.theta_decay = 0.0;
  }));
  for (const double leak : {0.0, 1.0}) {
    REQUIRE_NOTHROW(add_with([leak](NeuronParameters& p) {
      p.leak_mode = Leak::kExponential;
      p.leak = leak;
      p.current_decay = 0.0;
      p.theta_decay = 1.0;
    }));
  }
}

TEST_CASE("a wrong neuron parameter is named with its value and its range") {
  struct Case {
    std::function<void(NeuronParameters&)> change;
    std::string message;
  };
  const auto exponential = [](double leak) {
    return [leak](NeuronParameters& p) {
      p.leak_mode = Leak::kExponential;
      p.leak = leak;
    };
  };
  const std::vector<Case> cases = {
      {[](NeuronParameters& p) { p.threshold = kNan; }, "threshold is nan, expected a finite"},
      {[](NeuronParameters& p) { p.threshold = kInf; }, "threshold is inf"},
      {[](NeuronParameters& p) { p.v_reset = -kInf; }, "v_reset is -inf"},
      {[](NeuronParameters& p) { p.v_rest = kNan; }, "v_rest is nan"},
      {[](NeuronParameters& p) { p.leak = -0.5; }, "leak is -0.5, expected a step >= 0"},
      {[](NeuronParameters& p) { p.leak = kNan; }, "leak is nan"},
      {exponential(1.5), "leak is 1.5, expected a factor from 0 to 1"},
      {exponential(-0.1), "leak is -0.1"},
      {exponential(kNan), "leak is nan"},
      {exponential(kInf), "leak is inf"},
      {[](NeuronParameters& p) { p.leak_mode = static_cast<Leak>(7); }, "leak_mode is 7"},
      {[](NeuronParameters& p) { p.current_decay = 1.01; }, "current_decay is 1.01"},
      {[](NeuronParameters& p) { p.current_decay = kNan; }, "current_decay is nan"},
      {[](NeuronParameters& p) { p.refractory = 4096; }, "refractory is 4096, expected 0 to 4095"},
      {[](NeuronParameters& p) { p.theta_plus = -1.0; }, "theta_plus is -1"},
      {[](NeuronParameters& p) { p.theta_plus = kInf; }, "theta_plus is inf"},
      {[](NeuronParameters& p) { p.theta_plus = kNan; }, "theta_plus is nan"},
      {[](NeuronParameters& p) { p.theta_decay = -0.01; }, "theta_decay is -0.01"},
  };
  for (const Case& c : cases) {
    CHECK_THROWS_WITH(add_with(c.change), Contains("population 'p': " + c.message));
    CHECK_THROWS_AS(add_with(c.change), InputError);
  }
}

TEST_CASE("a wrong parameter of one neuron is named with its index") {
  Network network;
  Population p = population(3);
  p.parameters.resize(3);
  p.parameters[2].refractory = 5000;
  REQUIRE_THROWS_WITH(network.add_population(p), Contains("'p': refractory[2] is 5000"));
  REQUIRE(network.populations().empty());
  REQUIRE(network.neurons() == 0);
}

TEST_CASE("populations of a wrong shape are refused") {
  Network network = two_groups();
  REQUIRE_THROWS_WITH(network.add_population(population(0)), Contains("size is 0"));
  REQUIRE_THROWS_WITH(network.add_population(population(1U << 25)), Contains("size is 33554432"));
  for (const char* taken : {"out", "in"}) {
    REQUIRE_THROWS_WITH(network.add_population(population(1, taken)), Contains("name is taken"));
  }
  Population p = population(3);
  p.parameters.resize(2);
  REQUIRE_THROWS_WITH(network.add_population(p),
                      Contains("parameters is a list of 2, expected 1 or 3"));
  p.parameters.clear();
  p.v_init = {0.0, 1.0};
  REQUIRE_THROWS_WITH(network.add_population(p), Contains("v_init is a list of 2"));
  p.v_init = {0.0, kNan, 1.0};
  REQUIRE_THROWS_WITH(network.add_population(p), Contains("v_init[1] is nan"));
}

TEST_CASE("axon groups of a wrong shape are refused") {
  Network network = two_groups();
  AxonGroup group;
  group.name = "g";
  REQUIRE_THROWS_WITH(network.add_axons(group), Contains("axon group 'g': size is 0"));
  group.size = 2;
  group.rates = {1};
  REQUIRE_THROWS_WITH(network.add_axons(group), Contains("rates is a list of 1"));
  group.rates = {256, 257};
  REQUIRE_THROWS_WITH(network.add_axons(group), Contains("rates[1] is 257, expected 0 to 256"));
  group.rates = {256, 0};
  group.name = "out";
  REQUIRE_THROWS_WITH(network.add_axons(group), Contains("name is taken"));
  group.name = "g";
  REQUIRE_NOTHROW(network.add_axons(group));
}

TEST_CASE("refractory counters at the start are checked") {
  Network network;
  Population p = population(2);
  p.refractory_init = {1};
  REQUIRE_THROWS_WITH(network.add_population(p),
                      Contains("'p': refractory_init is a list of 1, expected none or 2"));
  p.refractory_init = {0, 4096};
  REQUIRE_THROWS_WITH(network.add_population(p),
                      Contains("refractory_init[1] is 4096, expected 0 to 4095 ticks"));
  p.refractory_init = {0, 4095};
  REQUIRE_NOTHROW(network.add_population(p));
}

TEST_CASE("a wrong projection argument is named with index, value and range") {
  struct Case {
    std::function<void(Projection&)> change;
    std::string message;
  };
  const std::vector<Case> cases = {
      {[](Projection& p) { p.pre = 1; }, "'x': pre is 1, expected the index of an axon group"},
      {[](Projection& p) { p.pre_is_axon = false, p.pre = 4; }, "index of a population, 0 to 0"},
      {[](Projection& p) { p.post = 9; }, "post is 9"},
      {[](Projection& p) { p.pre_index = {2}; }, "pre_index[0] is 2, expected 0 to 1 ('in' has"},
      {[](Projection& p) { p.post_index = {3}; }, "post_index[0] is 3, expected 0 to 2 ('out'"},
      {[](Projection& p) { p.post_index = {}; }, "post_index is a list of 0, expected 1"},
      {[](Projection& p) {
         p.weight = {1, 2};
       },
       "weight is a list of 2, expected 1"},
      {[](Projection& p) {
         p.delay = {1, 2};
       },
       "delay is a list of 2, expected none or 1"},
      {[](Projection& p) { p.weight = {kNan}; }, "weight[0] is nan"},
      {[](Projection& p) { p.weight = {-kInf}; }, "weight[0] is -inf"},
      {[](Projection& p) { p.delay = {0}; }, "delay[0] is 0, expected at least 1"},
      {[](Projection& p) { p.format = static_cast<Format>(5); }, "format is 5"},
  };
  for (const Case& c : cases) {
    CHECK_THROWS_WITH(add_projection_with(c.change), Contains(c.message));
    CHECK_THROWS_AS(add_projection_with(c.change), InputError);
  }
  REQUIRE_NOTHROW(add_projection_with([](Projection&) {}));
}

TEST_CASE("a refused projection leaves the network as it was") {
  Network network = two_groups();
  network.add_projection(one_synapse());
  REQUIRE_THROWS_WITH(network.add_projection(one_synapse()), Contains("name is taken"));
  REQUIRE(network.projections().size() == 1);
}

TEST_CASE("projections need their groups first") {
  Network network;
  REQUIRE_THROWS_WITH(network.add_projection(one_synapse()), Contains("of which there is none"));
}

}  // namespace ncx
