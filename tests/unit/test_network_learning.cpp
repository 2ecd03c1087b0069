// SPDX-License-Identifier: BSD-3-Clause
// Learning profiles, plastic masks and pasts: valid ones are taken in, wrong ones named.
#include <catch2/catch.hpp>
#include <functional>
#include <limits>

#include "ncx/error.hpp"
#include "ncx/network.hpp"

namespace ncx {
namespace {

using Catch::Matchers::Contains;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

LearningProfile kernel() {
  LearningProfile p;
  p.name = "stdp";
  p.pre_taps = {1.0, 0.5};
  p.post_taps = {0.25};
  return p;
}

LearningProfile exponential() {
  LearningProfile p;
  p.name = "stdp";
  p.traces = Traces::kExponential;
  p.pre_amplitude = 0.5;
  p.pre_decay = 0.5;
  p.post_amplitude = -0.5;
  p.post_decay = 1.0;
  return p;
}

LearningProfile instar() {
  LearningProfile p = exponential();
  p.rule = Rule::kInstar;
  p.post_amplitude = p.post_decay = 0.0;
  return p;
}

void add(LearningProfile profile, const std::function<void(LearningProfile&)>& change = {}) {
  Network network;
  if (change) change(profile);
  network.add_profile(profile);
}

/// Three neurons that spike freely.
Network three() {
  Network network;
  Population p;
  p.name = "p";
  p.size = 3;
  network.add_population(p);
  return network;
}

Projection two_synapses() {
  Projection p;
  p.name = "x";
  p.pre_index = {0, 1};
  p.post_index = {1, 2};
  p.weight = {0.5, 0.5};
  p.plastic = true;
  p.profile = 0;
  return p;
}

}  // namespace

TEST_CASE("profiles of every kind are taken in and get names") {
  Network network;
  LearningProfile p = kernel();
  p.name.clear();
  REQUIRE(network.add_profile(p) == 0);
  REQUIRE(network.add_profile(p) == 1);
  REQUIRE(network.profiles()[1].name == "profile1");
  p = LearningProfile{};  // never changes anything
  REQUIRE(network.add_profile(p) == 2);
  p.drift = {-1.0};
  REQUIRE(network.add_profile(p) == 3);
  p.modulated = true;
  REQUIRE(network.add_profile(p) == 4);
  p.pre_taps.assign(16, 1.0);
  p.post_taps.assign(16, -1.0);
  p.drift.assign(16, 0.5);
  REQUIRE(network.add_profile(p) == 5);
  REQUIRE_NOTHROW(add(exponential()));
  REQUIRE_NOTHROW(add(instar()));
  REQUIRE_NOTHROW(add(instar(), [](LearningProfile& q) { q.instar_shift = 16; }));
  REQUIRE_NOTHROW(
      add(kernel(), [](LearningProfile& q) { q.rule = Rule::kInstar, q.post_taps = {}; }));
  REQUIRE_NOTHROW(add(kernel(), [](LearningProfile& q) { q.w_min = -0.0, q.w_max = 1e-300; }));
}

TEST_CASE("a wrong field of a profile is named with its value and its range") {
  struct Case {
    std::function<LearningProfile()> base;
    std::function<void(LearningProfile&)> change;
    std::string message;
  };
  const std::vector<Case> cases = {
      {kernel, [](LearningProfile& p) { p.pre_taps.assign(17, 0.0); },
       "pre_taps is a list of 17, expected at most 16 ticks"},
      {kernel, [](LearningProfile& p) { p.post_taps.assign(17, 0.0); },
       "post_taps is a list of 17"},
      {kernel, [](LearningProfile& p) { p.drift.assign(17, 0.0); }, "drift is a list of 17"},
      {kernel, [](LearningProfile& p) { p.pre_taps[1] = kNan; },
       "pre_taps[1] is nan, expected a finite number"},
      {kernel, [](LearningProfile& p) { p.post_taps[0] = kInf; }, "post_taps[0] is inf"},
      {kernel,
       [](LearningProfile& p) {
         p.drift = {0.0, -kInf};
       },
       "drift[1] is -inf"},
      {kernel, [](LearningProfile& p) { p.pre_amplitude = 1.0; },
       "pre_amplitude is 1, expected 0 with kernel traces"},
      {kernel, [](LearningProfile& p) { p.post_amplitude = -1.0; },
       "post_amplitude is -1, expected 0"},
      {kernel, [](LearningProfile& p) { p.pre_decay = 0.5; }, "pre_decay is 0.5, expected 0 with"},
      {kernel, [](LearningProfile& p) { p.post_decay = 0.5; },
       "post_decay is 0.5, expected 0 with"},
      {exponential, [](LearningProfile& p) { p.pre_taps = {1.0}; },
       "pre_taps is a list of 1, expected none with exponential traces"},
      {exponential, [](LearningProfile& p) { p.post_taps = {1.0}; }, "post_taps is a list of 1"},
      {exponential, [](LearningProfile& p) { p.pre_amplitude = kInf; }, "pre_amplitude is inf"},
      {exponential, [](LearningProfile& p) { p.post_amplitude = kNan; }, "post_amplitude is nan"},
      {exponential, [](LearningProfile& p) { p.pre_decay = 1.5; },
       "pre_decay is 1.5, expected a factor from 0 to 1"},
      {exponential, [](LearningProfile& p) { p.post_decay = -0.5; }, "post_decay is -0.5"},
      {exponential, [](LearningProfile& p) { p.post_decay = kNan; }, "post_decay is nan"},
      {instar, [](LearningProfile& p) { p.post_amplitude = 0.5; },
       "post_amplitude is 0.5, expected 0 with the instar rule"},
      {instar, [](LearningProfile& p) { p.post_decay = 0.5; },
       "post_decay is 0.5, expected 0 with"},
      {instar, [](LearningProfile& p) { p.drift = {0.5}; },
       "drift is a list of 1, expected none with the instar rule"},
      {kernel, [](LearningProfile& p) { p.rule = Rule::kInstar; },
       "post_taps is a list of 1, expected none with the instar rule"},
      {instar, [](LearningProfile& p) { p.instar_shift = 17; },
       "instar_shift is 17, expected 0 to 16"},
      {kernel, [](LearningProfile& p) { p.w_min = 1.0, p.w_max = 1.0; },
       "w_min is 1, expected below w_max (1)"},
      {kernel, [](LearningProfile& p) { p.w_min = kNan; }, "w_min is nan"},
      {kernel, [](LearningProfile& p) { p.w_max = kNan; }, "w_max is nan"},
      {kernel, [](LearningProfile& p) { p.w_min = kInf; }, "w_min is inf"},
      {kernel, [](LearningProfile& p) { p.rule = static_cast<Rule>(9); }, "rule is 9"},
      {kernel, [](LearningProfile& p) { p.traces = static_cast<Traces>(9); }, "traces is 9"},
      {kernel, [](LearningProfile& p) { p.rounding = static_cast<Rounding>(9); }, "rounding is 9"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.message);
    CHECK_THROWS_WITH(add(c.base(), c.change), Contains("profile 'stdp': " + c.message));
    CHECK_THROWS_AS(add(c.base(), c.change), InputError);
  }
  Network network;
  network.add_profile(kernel());
  CHECK_THROWS_WITH(network.add_profile(kernel()), Contains("profile 'stdp': the name is taken"));
  CHECK(network.profiles().size() == 1);
}

TEST_CASE("what a projection says about learning is checked") {
  struct Case {
    std::function<void(Projection&)> change;
    std::string message;
  };
  const std::vector<Case> cases = {
      {[](Projection& p) { p.plastic = false; },
       "profile is 0, expected -1: the projection is not plastic"},
      {[](Projection& p) { p.profile = 2; },
       "profile is 2, expected -1, or a learning profile's index, 0 to 1"},
      {[](Projection& p) { p.profile = -2; }, "profile is -2"},
      {[](Projection& p) { p.plastic_mask = {1}; },
       "plastic_mask is a list of 1, expected none or 2 (as pre_index)"},
      {[](Projection& p) {
         p.plastic_mask = {1, 2};
       },
       "plastic_mask[1] is 2, expected 0 or 1"},
      {[](Projection& p) {
         p.plastic = false, p.profile = -1, p.plastic_mask = {1, 0};
       },
       "plastic_mask is a list of 2, expected none: the projection is not plastic"},
  };
  for (const Case& c : cases) {
    Network network = three();
    network.add_profile(kernel());
    network.add_profile(LearningProfile{});
    Projection p = two_synapses();
    c.change(p);
    CAPTURE(c.message);
    CHECK_THROWS_WITH(network.add_projection(p), Contains("projection 'x': " + c.message));
    CHECK_THROWS_AS(network.add_projection(p), InputError);
    CHECK(network.projections().empty());
  }
  Network network = three();
  CHECK_THROWS_WITH(network.add_projection(two_synapses()),
                    Contains("the network has no learning profiles yet"));
  network.add_profile(kernel());
  Projection p = two_synapses();
  p.plastic_mask = {0, 1};
  CHECK_NOTHROW(network.add_projection(p));
}

TEST_CASE("a past that contradicts itself is refused, and the old one stays") {
  struct Case {
    Network::Past past;
    std::string message;
  };
  const std::vector<Case> cases = {
      {{{3}, {}, 1}, "past: spiked[0] is 3, expected a neuron, 0 to 2"},
      {{{1, 1}, {}, 1}, "past: spiked[1] is 1, expected every neuron at most once"},
      {{{}, {}, 17}, "past: age is 17, expected 0 to 16 ticks"},
      {{{}, {0, 0}, 1}, "past: history is a list of 2, expected none or 3 (one a neuron)"},
      {{{}, {0, 1, 0}, 1}, "past: history[1] is 1, expected bit 0 clear"},
      {{{1}, {0, 2, 0}, 2}, "past: history[1] is 2, expected bit 0 set"},
      {{{}, {0, 0, 4}, 2}, "past: history[2] is 4, expected no spikes before the first of 2 ticks"},
  };
  Network network = three();
  network.set_past({{2}, {0, 2, 0x8001}, 16});
  for (const Case& c : cases) {
    CAPTURE(c.message);
    CHECK_THROWS_WITH(network.set_past(c.past), Contains(c.message));
    CHECK_THROWS_AS(network.set_past(c.past), InputError);
  }
  CHECK(network.past().history == std::vector<std::uint16_t>{0, 2, 0x8001});
  // Neurons that come later have no past.
  Population p;
  p.size = 2;
  network.add_population(p);
  CHECK(network.past().history == std::vector<std::uint16_t>{0, 2, 0x8001, 0, 0});
  CHECK_NOTHROW(network.set_past(network.past()));
  CHECK_THROWS_WITH(Network().set_past({{0}, {}, 1}), Contains("there are no neurons yet"));
}

}  // namespace ncx
