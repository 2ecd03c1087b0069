// SPDX-License-Identifier: BSD-3-Clause
// `ncx weights`: the weights of a projection as a device, or a saved state, has them.
#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <optional>

#include "command.hpp"
#include "csv.hpp"
#include "ncx/emulator.hpp"
#include "ncx/error.hpp"

namespace ncx::cli {
namespace {

struct Options {
  BackendOptions backend;
  std::string image, projection, output, load_state;
};

std::size_t find_projection(const Image& image, const std::string& name) {
  if (image.projections.empty()) {
    throw InputError("the image has no projections, and so no weights", "another image");
  }
  std::string known;
  for (std::size_t i = 0; i < image.projections.size(); ++i) {
    if (image.projections[i].name == name) return i;
    known += (known.empty() ? "" : ", ") + image.projections[i].name;
  }
  if (name.empty() && image.projections.size() == 1) return 0;
  throw InputError(name.empty() ? std::string("the image has several projections: name one")
                                : fmt::format("no projection '{}' in the image", name),
                   fmt::format("--projection with one of: {}", known));
}

int weights(const Options& options, const Context& context) {
  const bool stdout_taken = takes_stdout(context, {options.output});
  Image image = Image::load(options.image);
  const std::size_t index = find_projection(image, options.projection);
  const ProjectionMap projection = image.projections[index];
  const double step = std::ldexp(
      1.0, static_cast<int>(projection.exponent) - static_cast<int>(image.fraction_bits));
  const bool board = options.backend.spec("model").starts_with("serial:");
  if (board && !options.load_state.empty()) {
    throw InputError("--load-state would overwrite what is on the board",
                     "without --port, or `ncx run --load-state`");
  }
  check_outputs(std::vector<std::filesystem::path>{options.output},
                std::vector<std::filesystem::path>{options.image, options.load_state});
  std::optional<State> state;
  if (!options.load_state.empty()) state = State::load(options.load_state);
  Emulator emulator(options.backend.open(image.geometry, "model"));
  // A board keeps what it has; the model and the simulation start empty.
  if (board) {
    emulator.attach(std::move(image));
  } else {
    emulator.load(std::move(image));
    if (state) emulator.restore_state(*state);
  }
  const std::vector<std::int32_t> steps = emulator.weights(index);

  std::string csv = "pre,post,steps,weight\n";
  for (std::size_t i = 0; i < steps.size(); ++i) {
    fmt::format_to(std::back_inserter(csv), "{},{},{},{}\n", projection.pre[i], projection.post[i],
                   steps[i], steps[i] * step);
  }
  if (options.output.empty()) {
    if (!context.json) csv.pop_back();
    print(context, csv,
          {{"projection", projection.name},
           {"pre", projection.pre},
           {"post", projection.post},
           {"steps", steps},
           {"step", step}});
    return kOk;
  }
  write_file(options.output, csv);
  const std::string done =
      fmt::format("{}: {} weights of '{}'", options.output, steps.size(), projection.name);
  if (stdout_taken) {
    tell(done + "\n");
    return kOk;
  }
  print(context, done,
        {{"projection", projection.name}, {"weights", steps.size()}, {"output", options.output}});
  return kOk;
}

}  // namespace

void add_weights(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("weights", "read a projection's weights from a device");
  command->add_option("image", options->image, "image that is on the device")
      ->required()
      ->check(no_stream, "");
  command->add_option("--projection", options->projection, "its name; not needed if it is the one");
  command
      ->add_option("--load-state", options->load_state,
                   "a state from `ncx run --save-state`, instead of the image's own weights")
      ->check(no_stream, "");
  command->add_option("-o,--output", options->output, "CSV file to write; none: stdout");
  options->backend.add_to(*command);
  command->callback([options, &context] {
    context.action = [options, &context] { return weights(*options, context); };
  });
}

}  // namespace ncx::cli
