// SPDX-License-Identifier: BSD-3-Clause
// A short run of one Verilated build, from which the compiler learns what it does often: a dense
// network without and with learning, then random networks that use everything a little. What they
// answer is checked elsewhere.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <memory>

#include "ncx/compiler.hpp"
#include "ncx/device.hpp"
#include "ncx/emulator.hpp"
#include "ncx/random_network.hpp"
#include "ncx/rtl_backend.hpp"

namespace {

constexpr std::uint32_t kNeurons = 128;
constexpr std::uint16_t kRate = 5;  // spikes of a neuron in 256 ticks: 2 %

/// All to all; every neuron spikes when its axon does, which an encoder decides.
ncx::Network dense_network(bool learns) {
  ncx::Network network("profile");
  ncx::NeuronParameters parameters;
  parameters.leak = 1.0;
  ncx::Population population;
  population.name = "neurons";
  population.size = kNeurons;
  population.parameters = {parameters};
  network.add_population(population);
  ncx::AxonGroup axons;
  axons.name = "drive";
  axons.size = kNeurons;
  axons.rates.assign(kNeurons, kRate);
  network.add_axons(axons);
  ncx::Projection drive;
  drive.name = "drive";
  drive.pre_is_axon = true;
  ncx::Projection recurrent;
  recurrent.name = "all to all";
  if (learns) {
    ncx::LearningProfile profile;
    profile.pre_taps = profile.post_taps = {1.0 / 256, 1.0 / 256};
    recurrent.profile = static_cast<std::int32_t>(network.add_profile(std::move(profile)));
    recurrent.plastic = true;
  }
  for (std::uint32_t pre = 0; pre < kNeurons; ++pre) {
    drive.pre_index.push_back(pre);
    drive.post_index.push_back(pre);
    drive.weight.push_back(8.0);
    for (std::uint32_t post = 0; post < kNeurons; ++post) {
      recurrent.pre_index.push_back(pre);
      recurrent.post_index.push_back(post);
      recurrent.weight.push_back((pre + post) % 2 == 0 ? 1.0 / 256 : -1.0 / 256);
    }
  }
  network.add_projection(std::move(drive));
  network.add_projection(std::move(recurrent));
  return network;
}

void run(const ncx::Network& network, const ncx::Geometry& geometry,
         const ncx::RunRequest& request) {
  ncx::Emulator emulator(std::make_unique<ncx::Device>(ncx::open_rtl(NCX_CONFIGURATION)));
  emulator.load(ncx::compile(network, geometry).image);
  (void)emulator.run(request);
}

}  // namespace

int main() {
  try {
    const ncx::Geometry geometry = ncx::Geometry::named(NCX_CONFIGURATION);
    ncx::RunRequest request;
    request.ticks = 2000;
    run(dense_network(false), geometry, request);
    request.ticks = 200;
    run(dense_network(true), geometry, request);
    constexpr std::uint64_t kRandomNetworks = 4;
    constexpr std::uint32_t kRandomTicks = 20;
    for (std::uint64_t seed = 1; seed <= kRandomNetworks; ++seed) {
      const ncx::Network network = ncx::random_network(geometry, seed);
      run(network, geometry, ncx::random_inputs(network, kRandomTicks, seed));
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "profile_run: {}\n", error.what());
    return 1;
  }
  return 0;
}
