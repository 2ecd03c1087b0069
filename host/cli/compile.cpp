// SPDX-License-Identifier: BSD-3-Clause
// `ncx compile`: a network in JSON to an image, with the report of what fits and what was rounded.
#include <fmt/format.h>

#include "command.hpp"
#include "csv.hpp"
#include "ncx/compiler.hpp"

namespace ncx::cli {
namespace {

struct Options {
  std::string network, target = "cmod_a7", output;
  std::int32_t fraction_bits = -1;
  std::uint32_t seed = 1;
  double activity = CompileOptions{}.activity;
};

int compile_network(const Options& options, Context& context) {
  const Geometry geometry = Geometry::of_target(options.target);
  const Network network = Network::from_json(read_file(options.network), options.network);
  check_outputs(std::vector<std::filesystem::path>{options.output},
                std::vector<std::filesystem::path>{options.network});
  CompileOptions compile_options;
  compile_options.seed = options.seed;
  if (options.fraction_bits >= 0) {
    compile_options.fraction_bits = static_cast<std::uint32_t>(options.fraction_bits);
  }
  compile_options.activity = options.activity;
  const CompileReport report = check(network, geometry, compile_options);
  context.partial = nlohmann::json::parse(report.json());
  if (!context.json) print(context, report.text(), {});
  if (!report.fits()) refuse(network, report, compile_options);
  if (!options.output.empty()) {
    compile(network, geometry, compile_options).image.save(options.output);
  }
  if (context.json) print(context, "", context.partial);
  return kOk;
}

}  // namespace

void add_compile(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("compile", "turn a network into an image for one build");
  command->add_option("network", options->network, "network file (JSON, see docs/compiler.md)")
      ->required();
  command->add_option("--target", options->target, "named build or board")->capture_default_str();
  command->add_option("-o,--output", options->output, "image file to write; none: only report")
      ->check(no_stream, "");
  command
      ->add_option("--fraction-bits", options->fraction_bits,
                   "binary point of the states; -1: chosen")
      ->check(CLI::Range(-1, 20))
      ->capture_default_str();
  command
      ->add_option("--activity", options->activity,
                   "share of the sources that spike in a tick, for the report's cycles")
      ->check(number_in(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "of the encoders")->capture_default_str();
  command->callback([options, &context] {
    context.action = [options, &context] { return compile_network(*options, context); };
  });
}

}  // namespace ncx::cli
