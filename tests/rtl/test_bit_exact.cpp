// SPDX-License-Identifier: BSD-3-Clause
// ncx_regress: random networks on the model and on the Verilated RTL in lockstep. After every tick
// all that the hardware keeps must agree; the first difference is printed with the command that
// shows it again. ncx_netlist_regress is the same with Yosys' netlist in place of the RTL.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "lockstep.hpp"
#include "ncx/compiler.hpp"
#include "ncx/device.hpp"
#include "ncx/error.hpp"
#include "ncx/geometry.hpp"
#include "ncx/model.hpp"
#include "ncx/random_network.hpp"
#include "ncx/rtl_backend.hpp"

namespace {

using ncx::cli::Difference;
using ncx::cli::LockstepPlan;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string program = "ncx_regress", configuration = "tiny";
  std::uint64_t first = 1;
  std::optional<std::uint64_t> seed;
  std::uint32_t networks = 200, ticks = 12, chunks = 1, chunk_ticks = 40;
};

/// One network; every fourth on a link with gaps in both directions.
std::optional<Difference> run_one(const Options& options, std::uint64_t seed,
                                  std::uint64_t& clocks) {
  const ncx::Geometry geometry = ncx::Geometry::named(options.configuration);
  const ncx::Network network = ncx::random_network(geometry, seed);
  const ncx::Image image = ncx::compile(network, geometry).image;
  ncx::RtlOptions rtl_options;
  rtl_options.seed = seed;
  rtl_options.random_gaps = seed % 4 == 0;
  auto transport = ncx::open_rtl(options.configuration, rtl_options);
  const ncx::RtlTransport& rtl = *transport;
  ncx::Device device(std::move(transport));
  ncx::Model model(geometry);
  LockstepPlan plan;
  plan.ticks = options.ticks;
  plan.chunks = options.chunks;
  plan.chunk_ticks = options.chunk_ticks;
  plan.seed = seed;
  auto difference = ncx::cli::run_in_lockstep(model, device, network, image, plan);
  clocks += rtl.clocks();
  return difference;
}

int regress(const Options& options) {
  const std::uint64_t first = options.seed.value_or(options.first);
  const std::uint32_t networks = options.seed ? 1 : options.networks;
  const auto start = Clock::now();
  std::uint64_t clocks = 0;
  for (std::uint64_t seed = first; seed < first + networks; ++seed) {
    std::string problem;
    try {
      if (const auto difference = run_one(options, seed, clocks)) problem = difference->text();
    } catch (const ncx::Error& error) {
      problem = error.what();
    }
    if (!problem.empty()) {
      fmt::print("FAILED: {} seed {}: {}\n", options.configuration, seed, problem);
      fmt::print("again: {} --config {} --seed {} --ticks {} --chunks {} --chunk-ticks {}\n",
                 options.program, options.configuration, seed, options.ticks, options.chunks,
                 options.chunk_ticks);
      return 1;
    }
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  fmt::print("{}: {} networks from seed {} on agree, {} million clock cycles, {:.1f} s\n",
             options.configuration, networks, first, clocks / 1'000'000, seconds);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"random networks, RTL against model", "ncx_regress"};
  app.add_option("--config", options.configuration, "named build")->capture_default_str();
  app.add_option("--networks", options.networks, "number of networks")->capture_default_str();
  app.add_option("--first", options.first, "seed of the first")->capture_default_str();
  app.add_option("--seed", options.seed, "run only this one");
  app.add_option("--ticks", options.ticks, "ticks compared one by one")->capture_default_str();
  app.add_option("--chunks", options.chunks, "longer runs after them")->capture_default_str();
  app.add_option("--chunk-ticks", options.chunk_ticks, "their length")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  options.program = std::filesystem::path(argv[0]).filename().string();
  try {
    static_cast<void>(ncx::Geometry::named(options.configuration));
  } catch (const ncx::InputError& error) {
    fmt::print(stderr, "error: --config: {}\n", error.what());
    return 2;
  }
  try {
    return regress(options);
  } catch (const std::exception& error) {
    fmt::print("FAILED: {}\n", error.what());
    return 1;
  }
}
