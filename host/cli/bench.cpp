// SPDX-License-Identifier: BSD-3-Clause
// `ncx bench`: how fast the backends are, on a network of 256 neurons, all to all, 2 % active.
#include <fmt/format.h>

#include <chrono>
#include <vector>

#include "command.hpp"
#include "ncx/compiler.hpp"
#include "ncx/device.hpp"
#include "ncx/emulator.hpp"
#include "ncx/error.hpp"
#include "ncx/random_network.hpp"
#include "ncx/rtl_backend.hpp"

namespace ncx::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// Of USB adapters, in baud.
constexpr std::uint32_t kFastestLine = 12'000'000;

struct Options {
  BackendOptions backend;
  std::string configuration = "cmod_a7";
  std::uint32_t neurons = 256, ticks = 1000, rate = 5, line = 0;
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// `rate` / 256 of the neurons' axons spike in every tick, all in turn.
std::vector<AxonEvent> streamed_spikes(const Options& options) {
  constexpr std::uint32_t kStep = 37;  // odd, so that no neuron is left out
  const std::uint32_t active = options.neurons * options.rate / 256;
  std::vector<AxonEvent> events;
  events.reserve(std::size_t{options.ticks} * active);
  for (std::uint32_t tick = 0; tick < options.ticks; ++tick) {
    for (std::uint32_t k = 0; k < active; ++k) {
      const std::uint64_t first = std::uint64_t{k} * options.neurons / active;
      const std::uint64_t axon = (first + std::uint64_t{kStep} * tick) % options.neurons;
      events.push_back({tick, static_cast<std::uint32_t>(axon)});
    }
  }
  return events;
}

int bench(const Options& options, const Context& context) {
  const Geometry geometry = Geometry::named(options.configuration);
  const std::string spec = options.backend.spec("rtl");
  if (options.line != 0 && spec != "rtl") {
    throw InputError(
        fmt::format("--line {}: backend '{}' has no simulated line", options.line, spec),
        "--backend rtl");
  }
  const auto encoders = static_cast<std::uint16_t>(options.line == 0 ? options.rate : 0);
  const Image image = compile(all_to_all_network(options.neurons, encoders), geometry).image;
  const StopSignal stop;
  const auto asked_to_stop = [&stop] { return stop.requested(); };
  RtlTransport* rtl = nullptr;
  std::unique_ptr<Backend> backend;
  if (spec == "rtl") {
    RtlOptions rtl_options;
    rtl_options.wave = options.backend.wave;
    LinkOptions link = options.backend.link_options();
    link.stop = asked_to_stop;
    auto transport = open_rtl(options.configuration, rtl_options);
    rtl = transport.get();
    backend = std::make_unique<Device>(std::move(transport), link);
  } else {
    backend = options.backend.open(geometry, spec, asked_to_stop);
  }
  const auto* device = dynamic_cast<const Device*>(backend.get());
  Emulator emulator(std::move(backend));

  const auto load_start = Clock::now();
  emulator.load(image);
  const double load_seconds = seconds_since(load_start);
  const std::uint64_t load_bytes = device == nullptr ? 0 : device->statistics().bytes_sent;
  const std::uint64_t load_clocks = rtl == nullptr ? 0 : rtl->clocks();

  RunRequest request;
  request.ticks = options.ticks;
  request.progress = [&stop](std::uint32_t) { return !stop.requested(); };
  if (options.line != 0) {
    request.axon_events = streamed_spikes(options);
    rtl->set_line(options.line);
  }
  const LinkStatistics before = device == nullptr ? LinkStatistics() : device->statistics();
  const auto run_start = Clock::now();
  const RunResult result = emulator.run(request);
  const double run_seconds = seconds_since(run_start);
  const double ticks = result.ticks;
  const double cycles_a_tick = static_cast<double>(result.cycles) / ticks;
  const double activity = static_cast<double>(result.spikes.size()) / ticks / options.neurons;
  const std::uint64_t run_clocks = rtl == nullptr ? 0 : rtl->clocks() - load_clocks;
  const double clocks_a_second = static_cast<double>(run_clocks) / run_seconds;

  nlohmann::json object{{"backend", emulator.backend().description()},
                        {"config", options.configuration},
                        {"neurons", options.neurons},
                        {"synapses", options.neurons * (options.neurons + 1)},
                        {"ticks", result.ticks},
                        {"activity", activity},
                        {"cycles_per_tick", cycles_a_tick},
                        {"hardware_ticks_per_second", geometry.clock_hz / cycles_a_tick},
                        {"ticks_per_second", ticks / run_seconds},
                        {"load_seconds", load_seconds},
                        {"load_bytes", load_bytes}};
  std::string text = fmt::format(
      "{} ({}), {} neurons all to all, {:.1f} % active\n"
      "  {:.1f} cycles a tick: {:.0f} ticks a second at {} MHz\n"
      "  {:.0f} ticks a second here",
      emulator.backend().description(), options.configuration, options.neurons, 100 * activity,
      cycles_a_tick, geometry.clock_hz / cycles_a_tick, geometry.clock_hz / 1'000'000,
      ticks / run_seconds);
  if (load_bytes != 0) {
    const double wire_seconds = 10.0 * static_cast<double>(load_bytes) / geometry.baud;
    object["load_wire_seconds"] = wire_seconds;
    text += fmt::format("\n  load: {} bytes, {:.3f} s on the wire at {} baud, {:.2f} s here",
                        load_bytes, wire_seconds, geometry.baud, load_seconds);
  }
  if (rtl != nullptr) {
    object["clocks_per_second"] = clocks_a_second;
    text += fmt::format("\n  {:.2f} million clock cycles a second", clocks_a_second / 1e6);
  }
  if (options.line != 0) {
    const double line_rate = ticks * geometry.clock_hz / static_cast<double>(run_clocks);
    const std::uint64_t sent = device->statistics().bytes_sent - before.bytes_sent;
    const std::uint64_t received = device->statistics().bytes_received - before.bytes_received;
    object["line_clocks"] = run_clocks;
    object["line_ticks_per_second"] = line_rate;
    object["bytes_sent"] = sent;
    object["bytes_received"] = received;
    text += fmt::format(
        "\n  spikes streamed in and out at {} baud: {} bytes to the device, {} from it, {} clock "
        "cycles\n  {:.0f} ticks a second",
        options.line, sent, received, run_clocks, line_rate);
  }
  print(context, text, object);
  return kOk;
}

}  // namespace

void add_bench(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("bench", "measure a backend's speed");
  command->add_option("--config", options->configuration, "named build")->capture_default_str();
  command->add_option("--neurons", options->neurons, "network size")
      ->check(CLI::Range(1u, 1024u))
      ->capture_default_str();
  command->add_option("--ticks", options->ticks, "length of the run")
      ->check(CLI::Range(1u, 100'000'000u))
      ->capture_default_str();
  command->add_option("--rate", options->rate, "spikes of a neuron in 256 ticks")
      ->check(CLI::Range(0u, 256u))
      ->capture_default_str();
  command
      ->add_option("--line", options->line,
                   "rtl: spikes streamed in and out over a simulated line of this rate, in place "
                   "of encoders; 0: no line")
      ->check(CLI::Range(0u, kFastestLine))
      ->capture_default_str();
  options->backend.add_to(*command);
  command->callback([options, &context] {
    context.action = [options, &context] { return bench(*options, context); };
  });
}

}  // namespace ncx::cli
