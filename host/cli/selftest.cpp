// SPDX-License-Identifier: BSD-3-Clause
// `ncx selftest`: is this device what the model says it is? Memories, registers, random networks,
// speed.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "command.hpp"
#include "lockstep.hpp"
#include "memory_test.hpp"
#include "ncx/compiler.hpp"
#include "ncx/device.hpp"
#include "ncx/error.hpp"
#include "ncx/model.hpp"
#include "ncx/random_network.hpp"

namespace ncx::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  BackendOptions backend;
  std::string configuration = "cmod_a7";
  std::uint32_t networks = 20, words = 0, ticks = 12;
  std::uint64_t seed = 1;
};

class Selftest {
 public:
  Selftest(const Options& options, const Context& context)
      : options_(options),
        context_(context),
        backend_(options.backend.open(Geometry::named(options.configuration), "model")) {}

  int run() {
    say(fmt::format("selftest of {} ({}): overwrites what is on the device",
                    backend_->description(), backend_->geometry().name));
    backend_->reset(kResetAll);
    record(test_registers(*backend_));
    for (const Region region : writable_regions()) {
      stop_if_asked();
      record(test_memory(*backend_, region, options_.words,
                         static_cast<std::uint32_t>(options_.seed)));
    }
    record(test_networks());
    record(test_speed());
    const bool passed =
        std::all_of(results_.begin(), results_.end(), [](const auto& r) { return r.passed; });
    if (context_.json) {
      nlohmann::json checks = nlohmann::json::array();
      for (const CheckResult& r : results_) {
        checks.push_back({{"name", r.name},
                          {"passed", r.passed},
                          {"amount", r.amount},
                          {"unit", r.unit},
                          {"detail", r.detail}});
      }
      print(context_, {},
            {{"passed", passed},
             {"backend", backend_->description()},
             {"config", backend_->geometry().name},
             {"checks", checks}});
    }
    say(passed ? "all passed" : "FAILED");
    if (!passed) {
      fmt::print(stderr,
                 "error: the device does not do what the model does\n  try: again at a lower baud "
                 "rate; if it fails alike, the bitstream was built for another release or with "
                 "timing errors\n");
    }
    return passed ? kOk : kCheckFailed;
  }

 private:
  static constexpr std::uint32_t kResetAll = (2u << map::kResetBitTraces) - 1;

  void say(const std::string& line) const {
    if (!context_.json) fmt::print("{}\n", line);
  }

  void stop_if_asked() const {
    if (stop_.requested()) throw Interrupted("the selftest was stopped", "run it again");
  }

  void record(CheckResult result) {
    say(fmt::format("{:<6} {:<22} {:>9} {}{}", result.passed ? "ok" : "FAILED", result.name,
                    result.amount, result.unit,
                    result.detail.empty() ? std::string() : "\n       " + result.detail));
    results_.push_back(std::move(result));
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
      plan.ticks = options_.ticks;
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

  /// Bulk write and read of the synapse memory.
  CheckResult test_speed() {
    CheckResult result{"speed", true, {}, 0, "bytes a second, write and read"};
    const Geometry& g = backend_->geometry();
    const std::uint64_t size = g.region_size(Region::kSynapse);
    const std::uint64_t count =
        options_.words == 0 ? size
                            : std::min<std::uint64_t>(size, std::uint64_t{options_.words} * 2);
    const std::vector<std::uint64_t> words(count, 0x012345678);
    const auto before = Clock::now();
    backend_->write(Region::kSynapse, 0, words);
    static_cast<void>(backend_->read(Region::kSynapse, 0, count));
    const double seconds = std::chrono::duration<double>(Clock::now() - before).count();
    constexpr double kBytes = 4 + 5;  // a word as it is written and as it is read
    result.amount = static_cast<std::uint64_t>(kBytes * static_cast<double>(count) / seconds);
    if (const auto* device = dynamic_cast<const Device*>(backend_.get())) {
      const LinkStatistics& s = device->statistics();
      result.detail = fmt::format("{} bytes out, {} in, {} frames damaged, {} sent again",
                                  s.bytes_sent, s.bytes_received, s.damaged, s.retries);
    }
    backend_->reset(kResetAll);
    return result;
  }

  const Options& options_;
  const Context& context_;
  const StopSignal stop_;
  std::unique_ptr<Backend> backend_;
  std::vector<CheckResult> results_;
};

}  // namespace

void add_selftest(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("selftest", "check a device against the model; overwrites its memories");
  command->add_option("--config", options->configuration, "named build, for model and rtl")
      ->capture_default_str();
  command->add_option("--networks", options->networks, "random networks")->capture_default_str();
  command->add_option("--ticks", options->ticks, "ticks of a network compared one by one")
      ->capture_default_str();
  command->add_option("--words", options->words,
                      "words tested at each end of a memory; 0: all of them");
  command->add_option("--seed", options->seed, "of data and networks")->capture_default_str();
  options->backend.add_to(*command);
  command->callback([options, &context] {
    context.action = [options, &context] { return Selftest(*options, context).run(); };
  });
}

}  // namespace ncx::cli
