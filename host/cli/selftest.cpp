// SPDX-License-Identifier: BSD-3-Clause
// `ncx selftest`: is this device what the model says it is? Registers, memories, the line, random
// networks, speed.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "command.hpp"
#include "csv.hpp"
#include "files.hpp"
#include "line_test.hpp"
#include "lockstep.hpp"
#include "memory_test.hpp"
#include "ncx/compiler.hpp"
#include "ncx/device.hpp"
#include "ncx/error.hpp"
#include "ncx/model.hpp"
#include "ncx/ports.hpp"
#include "ncx/random_network.hpp"
#include "selftest_report.hpp"

namespace ncx::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  BackendOptions backend;
  std::string configuration = "cmod_a7", report;
  std::uint32_t networks = 100, words = 0, ticks = 0;
  std::uint64_t seed = 1;
};

/// Each tick's comparison reads all that the device keeps: for a large build that takes long.
std::uint32_t compared_ticks(std::uint32_t asked, const Geometry& geometry) {
  constexpr std::uint32_t kLarge = 4096, kFew = 2, kMany = 12;
  if (asked != 0) return asked;
  return geometry.neurons > kLarge ? kFew : kMany;
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void check_report_place(const std::string& report) {
  if (report.empty()) return;
  for (const char* suffix : {".txt", ".json"}) check_writable(report + suffix);
}

class Selftest {
 public:
  Selftest(const Options& options, const Context& context)
      : options_(options),
        context_(context),
        line_(options.seed),
        backend_(options.backend.open(
            Geometry::named(options.configuration), "model", [this] { return stop_.requested(); },
            line_)),
        device_(dynamic_cast<Device*>(backend_.get())) {
    report_.backend = backend_->description();
    report_.geometry = backend_->geometry();
    if (device_ == nullptr) return;
    report_.build = device_->build();
    report_.baud = device_->baud();
    const std::string serial = "serial:";
    if (report_.backend.starts_with(serial)) {
      report_.port = find_port(report_.backend.substr(serial.size()), options.backend.sys);
    }
  }

  int run() {
    say(fmt::format("selftest of {} ({}): overwrites what is on the device", report_.backend,
                    report_.geometry.name));
    const auto start = Clock::now();
    try {
      test();
    } catch (const LinkError& error) {
      // What was found until then is worth the most.
      const std::string what = error.what();
      report_.error = what.substr(0, what.find('\n'));
      finish(seconds_since(start));
      throw;
    }
    finish(seconds_since(start));
    if (context_.json) print(context_, {}, report_.to_json());
    say(report_.passed() ? "all passed" : "FAILED");
    if (!report_.passed()) {
      tell(fmt::format(
          "error: the device does not do what the model does\n  try: again at a lower baud "
          "rate; if it fails alike, the bitstream was built for another release or with "
          "timing errors{}\n",
          options_.report.empty() ? "; --report NAME writes what to attach to an issue" : ""));
    }
    return report_.passed() ? kOk : kCheckFailed;
  }

 private:
  static constexpr std::uint32_t kResetAll = (2u << map::kResetBitTraces) - 1;

  void test() {
    // From now on no network is there, whatever happens.
    backend_->write_register(Register::kImageId, 0);
    backend_->reset(kResetAll);
    check("registers", [this] { return test_registers(*backend_); });
    if (device_ != nullptr) {
      check("line", [this] { return test_line(*device_, line_, options_.seed); });
    }
    for (const Region region : writable_regions()) {
      stop_if_asked();
      const std::string name = fmt::format("memory {}", region_name(region));
      check(name, [&] {
        Progress progress(name, memory_test_words(report_.geometry, region, options_.words));
        return test_memory(*backend_, region, options_.words,
                           static_cast<std::uint32_t>(options_.seed),
                           [&](std::uint64_t done) { progress.update(done); });
      });
    }
    if (options_.networks > 0) check("networks", [this] { return test_networks(); });
    if (report_.passed()) {
      if (options_.networks > 0) measure_run();
      measure_speed();
    }
    backend_->write_register(Register::kImageId, 0);
    backend_->reset(kResetAll);
  }

  void finish(double seconds) {
    report_.seconds = seconds;
    if (device_ != nullptr) report_.link = device_->statistics();
    if (options_.report.empty()) return;
    write_file(options_.report + ".txt", report_.to_text());
    write_file(options_.report + ".json", report_.to_json().dump(2) + "\n");
    tell(fmt::format("selftest: {0}.txt and {0}.json written\n", options_.report));
  }

  void say(const std::string& line) const {
    if (context_.json) return;
    fmt::print("{}\n", line);
    std::fflush(stdout);  // a pipe's reader wants to see how far it is
  }

  void stop_if_asked() const {
    if (stop_.requested()) throw Interrupted("the selftest was stopped", "run it again");
  }

  /// A refusal, or words that are not there after they were written, are a device's faults and not
  /// the line's, as long as it answers.
  template <typename Test>
  void check(const std::string& name, const Test& test) {
    CheckResult result;
    try {
      result = test();
    } catch (const NoAnswerError&) {
      throw;
    } catch (const LinkError& error) {
      const std::string what = error.what();
      result = {name, false, what.substr(0, what.find('\n')), 0, ""};
      try {
        static_cast<void>(backend_->read_register(Register::kScratch));
      } catch (const LinkError&) {
        report_.checks.push_back(std::move(result));
        throw;
      }
    }
    say(to_text(result));
    report_.checks.push_back(std::move(result));
  }

  void measured(const std::string& name, double value, const std::string& unit) {
    report_.measurements.push_back({name, value, unit});
    say(to_text(report_.measurements.back()));
  }

  CheckResult test_networks() {
    CheckResult result{"networks", false, {}, 0, "random networks, bit for bit"};
    Progress progress("networks", options_.networks);
    for (std::uint32_t i = 0; i < options_.networks; ++i) {
      stop_if_asked();
      const std::uint64_t seed = options_.seed + i;
      const Network network = random_network(backend_->geometry(), seed);
      const Image image = compile(network, backend_->geometry()).image;
      Model model(backend_->geometry());
      LockstepPlan plan;
      plan.ticks = compared_ticks(options_.ticks, report_.geometry);
      plan.seed = seed;
      if (const auto difference = run_in_lockstep(model, *backend_, network, image, plan)) {
        result.detail = fmt::format("seed {}: {}", seed, difference->text());
        return result;
      }
      ++result.amount;
      progress.update(i + 1);
    }
    result.passed = true;
    return result;
  }

  /// A network's ticks with all its spikes.
  void measure_run() {
    const Network network = random_network(backend_->geometry(), options_.seed);
    load_image(*backend_, compile(network, backend_->geometry()).image);
    RunRequest request;
    request.ticks = 1000;
    const auto start = Clock::now();
    const RunResult result = backend_->run(request);
    const double seconds = seconds_since(start);
    measured("run", request.ticks / seconds, "ticks a second");
    measured("spikes", static_cast<double>(result.spikes.size()) / seconds, "a second, streamed");
  }

  /// The synapse memory there and back, and how long a question takes.
  void measure_speed() {
    const std::uint64_t size = report_.geometry.region_size(Region::kSynapse);
    const std::uint64_t count =
        options_.words == 0 ? size
                            : std::min<std::uint64_t>(size, std::uint64_t{options_.words} * 2);
    const std::vector<std::uint64_t> words(count, 0x012345678);
    constexpr double kWrittenBytes = 4, kReadBytes = 5, kBitsAByte = 10;
    const double share = report_.baud == 0 ? 0 : 100 * kBitsAByte / report_.baud;
    const auto rate = [&](const std::string& name, double bytes, Clock::time_point start) {
      const double a_second = bytes * static_cast<double>(count) / seconds_since(start);
      measured(name, a_second,
               share == 0 || a_second * share > 100
                   ? "bytes a second"
                   : fmt::format("bytes a second ({:.0f} % of the line)", a_second * share));
    };
    auto start = Clock::now();
    backend_->write(Region::kSynapse, 0, words);
    rate("write", kWrittenBytes, start);
    start = Clock::now();
    static_cast<void>(backend_->read(Region::kSynapse, 0, count));
    rate("read", kReadBytes, start);
    constexpr int kQuestions = 20;
    start = Clock::now();
    for (int i = 0; i < kQuestions; ++i) {
      static_cast<void>(backend_->read_register(Register::kScratch));
    }
    measured("round trip", 1000 * seconds_since(start) / kQuestions, "ms");
  }

  const Options& options_;
  const Context& context_;
  const StopSignal stop_;
  DamagingLine line_;
  std::unique_ptr<Backend> backend_;
  Device* device_;  ///< the backend, when it has a line
  SelftestReport report_;
};

}  // namespace

void add_selftest(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("selftest", "check a device against the model; overwrites its memories");
  command->add_option("--config", options->configuration, "named build, for model and rtl")
      ->capture_default_str();
  command->add_option("--networks", options->networks, "random networks")->capture_default_str();
  command->add_option(
      "--ticks", options->ticks,
      "ticks of a network compared one by one; 0: 12, or 2 where there are more than "
      "4,096 neurons");
  command->add_option("--words", options->words,
                      "words tested at each end of a memory; 0: all of them");
  command->add_option("--seed", options->seed, "of data and networks")->capture_default_str();
  command->add_option("--report", options->report,
                      "write NAME.txt and NAME.json, to attach to an issue");
  options->backend.add_to(*command);
  command->callback([options, &context] {
    context.action = [options, &context] {
      check_report_place(options->report);
      return Selftest(*options, context).run();
    };
  });
}

}  // namespace ncx::cli
