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
    run(ncx::all_to_all_network(kNeurons, kRate), geometry, request);
    request.ticks = 200;
    ncx::LearningProfile profile;
    profile.pre_taps = profile.post_taps = {1.0 / 256, 1.0 / 256};
    run(ncx::all_to_all_network(kNeurons, kRate, profile), geometry, request);
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
