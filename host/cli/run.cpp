// SPDX-License-Identifier: BSD-3-Clause
// `ncx run`: an image on any backend, inputs from and spikes to CSV files.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <iterator>
#include <numeric>
#include <optional>

#include "command.hpp"
#include "csv.hpp"
#include "inputs.hpp"
#include "learn_layout.hpp"
#include "ncx/emulator.hpp"
#include "ncx/error.hpp"

namespace ncx::cli {
namespace {

struct Options {
  BackendOptions backend;
  std::string image, inputs, currents, record, potentials, load_state, save_state;
  std::vector<std::uint32_t> probes;
  std::uint32_t ticks = 0;
  std::uint32_t period_us = 0;
  std::optional<double> modulation;
  bool no_learning = false;
};

void read_inputs(const Options& options, const Image& image, RunRequest& request) {
  if (options.inputs == "-" && options.currents == "-") {
    throw InputError("--inputs and --currents: both '-', but standard input can be read once only",
                     "a file for one of them");
  }
  if (!options.inputs.empty()) {
    request.axon_events = read_axon_events(options.inputs, image, options.ticks);
  }
  if (!options.currents.empty()) {
    request.current_events = read_current_events(options.currents, image, options.ticks);
  }
}

std::string spikes_csv(const RunResult& result) {
  std::string text = "tick,neuron\n";
  for (const Spike& spike : result.spikes) {
    fmt::format_to(std::back_inserter(text), "{},{}\n", spike.tick, spike.neuron);
  }
  return text;
}

std::string potentials_csv(const RunResult& result, const std::vector<std::uint32_t>& probes) {
  std::string text = "tick,neuron,potential\n";
  std::size_t next = 0;
  for (std::uint32_t tick = 0; tick < result.ticks; ++tick) {
    for (const std::uint32_t neuron : probes) {
      fmt::format_to(std::back_inserter(text), "{},{},{}\n", tick, neuron,
                     result.potentials.at(next++));
    }
  }
  return text;
}

void report(const Context& context, const Options& options, const std::string& backend,
            const RunResult& result, std::uint64_t spikes, double seconds, bool stdout_taken) {
  const double per_tick =
      result.ticks == 0 ? 0.0
                        : static_cast<double>(result.cycles) / static_cast<double>(result.ticks);
  nlohmann::json object{{"image", options.image},    {"backend", backend},
                        {"ticks", result.ticks},     {"first_tick", result.first_tick},
                        {"cycles", result.cycles},   {"cycles_per_tick", per_tick},
                        {"stalls", result.stalls},   {"overruns", result.overruns},
                        {"retries", result.retries}, {"seconds", seconds},
                        {"spikes", spikes}};
  std::string text = fmt::format(
      "{}: {} ticks, {} spikes, {:.1f} cycles a tick, {} stall cycles, {} late ticks, {} retries "
      "({:.2f} s)",
      backend, result.ticks, spikes, per_tick, result.stalls, result.overruns, result.retries,
      seconds);
  if (!options.record.empty()) object["record"] = options.record;
  if (!options.save_state.empty()) object["state"] = options.save_state;
  if (stdout_taken) {
    tell(text + "\n");
  } else {
    print(context, text, object);
  }
}

/// Every result that was asked for, whatever becomes of the others: a run may have taken days.
/// Throws the first failure.
void write_results(const Options& options, const RunResult& result, Emulator& emulator) {
  std::exception_ptr failure;
  const auto write = [&failure](const std::string& path, const auto& action) {
    try {
      if (!path.empty()) action();
    } catch (const std::exception&) {
      if (!failure) failure = std::current_exception();
    }
  };
  write(options.save_state, [&] { emulator.save_state().save(options.save_state); });
  write(options.record, [&] { write_file(options.record, spikes_csv(result)); });
  write(options.potentials,
        [&] { write_file(options.potentials, potentials_csv(result, options.probes)); });
  if (failure) std::rethrow_exception(failure);
}

std::uint64_t spikes_counted(Emulator& emulator) {
  const std::vector<std::uint32_t> counts = emulator.spike_counts();
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

/// As the register holds it.
std::int32_t modulation_factor(double real) {
  constexpr double kOne = learn::kModulationOne;
  const double factor = std::round(real * kOne);
  if (!(factor >= learn::kModulationMin && factor <= learn::kModulationMax)) {
    throw InputError(fmt::format("--modulation {}: not a factor from -2 to just below 2", real),
                     "a number such as 1, 0.25 or -1.5");
  }
  return static_cast<std::int32_t>(factor);
}

/// What the options ask for before the run, on top of the image's initial state.
void prepare(const Options& options, const std::optional<State>& state,
             std::optional<std::int32_t> modulation, Emulator& emulator) {
  if (state) emulator.restore_state(*state);
  if (modulation) emulator.set_modulation(*modulation);
  if (!options.no_learning) return;
  for (const ProfileMap& profile : emulator.image().profiles) {
    emulator.set_learning(profile.user, false);
  }
}

int run(const Options& options, const Context& context) {
  const bool stdout_taken = takes_stdout(context, {options.record, options.potentials});
  Image image = Image::load(options.image);
  std::optional<State> state;
  if (!options.load_state.empty()) state = State::load(options.load_state);
  std::optional<std::int32_t> modulation;
  if (options.modulation) modulation = modulation_factor(*options.modulation);
  RunRequest request;
  request.ticks = options.ticks;
  request.probes = options.probes;
  read_inputs(options, image, request);
  const StopSignal stop;  // not before: a terminal or pipe that is read from waits for ever
  for (const std::uint32_t neuron : options.probes) {
    if (neuron >= image.neurons()) {
      throw InputError(fmt::format("--probe {}: the network has neurons 0 to {}", neuron,
                                   std::int64_t{image.neurons()} - 1),
                       "a neuron of the network");
    }
  }
  if (!options.potentials.empty() && options.probes.empty()) {
    throw InputError("--potentials has nothing to write", "--probe NEURON,...");
  }
  // A state may take the place of the one that was loaded.
  check_outputs(
      std::vector<std::filesystem::path>{options.record, options.potentials, options.save_state},
      std::vector<std::filesystem::path>{options.image, options.inputs, options.currents});
  Emulator emulator(
      options.backend.open(image.geometry, "model", [&stop] { return stop.requested(); }));
  emulator.load(std::move(image));
  prepare(options, state, modulation, emulator);
  const std::uint64_t cycles_a_us = emulator.backend().geometry().clock_hz / 1'000'000;
  const std::uint64_t period = options.period_us * cycles_a_us;
  if (period > UINT32_MAX) {
    throw InputError(fmt::format("--period {}: longer than 2^32 cycles", options.period_us),
                     fmt::format("at most {}", UINT32_MAX / cycles_a_us));
  }
  emulator.backend().write_register(Register::kPeriod, static_cast<std::uint32_t>(period));

  // Only for who wants them: a long run's take much memory.
  request.record_spikes = !options.record.empty();
  const std::uint64_t spikes_before =
      request.record_spikes || !state ? 0 : spikes_counted(emulator);
  const auto start = std::chrono::steady_clock::now();
  RunResult result;
  {
    Progress progress("run", options.ticks);
    request.progress = [&](std::uint32_t done) {
      progress.update(done);
      return !stop.requested();
    };
    result = emulator.run(request);
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  const std::uint64_t spikes =
      request.record_spikes ? result.spikes.size() : spikes_counted(emulator) - spikes_before;
  write_results(options, result, emulator);
  report(context, options, emulator.backend().description(), result, spikes, seconds.count(),
         stdout_taken);
  return kOk;
}

}  // namespace

void add_run(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("run", "run an image on the model, the RTL or a board");
  command->add_option("image", options->image, "image file from `ncx compile`")
      ->required()
      ->check(no_stream, "");
  command->add_option("--ticks", options->ticks, "number of ticks")
      ->required()
      ->check(CLI::Range(1u, 0x7FFFFFFFu));
  command->add_option("--inputs", options->inputs, "axon spikes: CSV of tick,axon");
  command->add_option("--currents", options->currents,
                      "currents in state units: CSV of tick,neuron,value");
  command->add_option("--record", options->record, "write spikes: CSV of tick,neuron");
  command->add_option("--probe", options->probes, "neurons whose potential is recorded")
      ->delimiter(',');
  command->add_option("--potentials", options->potentials,
                      "write probed potentials: CSV of tick,neuron,potential");
  command->add_option("--period", options->period_us,
                      "microseconds from tick to tick; 0: as fast as possible");
  command
      ->add_option("--load-state", options->load_state,
                   "go on from a state that --save-state wrote")
      ->check(no_stream, "");
  command
      ->add_option("--save-state", options->save_state,
                   "write what the run has made of the network: weights, potentials, traces...")
      ->check(no_stream, "");
  command->add_option("--modulation", options->modulation,
                      "factor of weight changes (reward) of modulated learning profiles, -2 to "
                      "just below 2");
  command->add_flag("--no-learning", options->no_learning, "weights stay as they are");
  options->backend.add_to(*command);
  command->callback([options, &context] {
    context.action = [options, &context] { return run(*options, context); };
  });
}

}  // namespace ncx::cli
