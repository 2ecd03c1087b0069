// SPDX-License-Identifier: BSD-3-Clause
// `ncx info`: what a build is, and what a board behind a port says it is and does.
#include <fmt/format.h>

#include <cmath>

#include "command.hpp"
#include "ncx/device.hpp"
#include "ncx/error.hpp"
#include "ncx/image.hpp"

namespace ncx::cli {
namespace {

struct Options {
  BackendOptions backend;
  std::string configuration = "cmod_a7", image;
};

nlohmann::json to_json(const Geometry& g) {
  return {{"name", g.name},
          {"lanes", g.lanes},
          {"neurons", g.neurons},
          {"axons", g.axons},
          {"weight_bits", g.weight_bits},
          {"synapse_words", g.synapse_words},
          {"rows", g.rows},
          {"max_delay", g.max_delay},
          {"parameter_sets", g.parameter_sets},
          {"program_entries", g.program_entries},
          {"profiles", g.profiles},
          {"event_entries", g.event_entries},
          {"stream_words", g.stream_words},
          {"probe_entries", g.probe_entries},
          {"rx_bytes", g.rx_bytes},
          {"clock_hz", g.clock_hz},
          {"baud", g.baud},
          {"features", g.features},
          {"map_hash", map::kMapHash},
          {"protocol", map::kProtocolVersion}};
}

std::string to_text(const Geometry& g) {
  std::string text;
  const nlohmann::json object = to_json(g);
  for (const auto& [key, value] : object.items()) {
    if (key == "map_hash") {
      text += fmt::format("{:<16} 0x{:08X}\n", key, value.get<std::uint32_t>());
    } else if (value.is_string()) {
      text += fmt::format("{:<16} {}\n", key, value.get<std::string>());
    } else {
      text += fmt::format("{:<16} {}\n", key, value.get<std::uint64_t>());
    }
  }
  text.pop_back();
  return text;
}

int image_info(const Options& options, const Context& context) {
  const Image image = Image::load(options.image);
  nlohmann::json object{{"image", image.name},
                        {"target", image.geometry.name},
                        {"fraction_bits", image.fraction_bits},
                        {"neurons", image.neurons()},
                        {"axons", image.axons()},
                        {"id", image.id()}};
  std::string text = fmt::format(
      "image            {}\ntarget           {}\nfraction_bits    {}\nneurons          {}\n"
      "axons            {}\nid               0x{:08X}",
      image.name, image.geometry.name, image.fraction_bits, image.neurons(), image.axons(),
      image.id());
  for (const ProjectionMap& projection : image.projections) {
    object["projections"].push_back({{"name", projection.name},
                                     {"synapses", projection.post.size()},
                                     {"exponent", projection.exponent}});
    text +=
        fmt::format("\nprojection       {} ({} synapses)", projection.name, projection.post.size());
  }
  object["profiles"] = nlohmann::json::array();
  for (const ProfileMap& profile : image.profiles) {
    const double step =
        std::ldexp(1.0, static_cast<int>(profile.exponent) - static_cast<int>(image.fraction_bits));
    object["profiles"].push_back({{"name", profile.name},
                                  {"profile", profile.user},
                                  {"enabled", profile.enabled},
                                  {"w_min", profile.w_min * step},
                                  {"w_max", profile.w_max * step},
                                  {"step", step}});
    text += fmt::format("\nprofile          {} (weights {} to {} in steps of {}{})", profile.name,
                        profile.w_min * step, profile.w_max * step, step,
                        profile.enabled ? "" : ", not learning yet");
  }
  print(context, text, object);
  return kOk;
}

int info(const Options& options, const Context& context) {
  if (!options.image.empty()) {
    if (const std::string spec = options.backend.spec(""); !spec.empty()) {
      throw InputError(fmt::format("info of {} or of {}?", options.image, spec), "one of the two");
    }
    return image_info(options, context);
  }
  if (options.backend.spec("").empty()) {
    const Geometry geometry = Geometry::of_target(options.configuration);
    print(context, to_text(geometry), to_json(geometry));
    return kOk;
  }
  const auto backend = options.backend.open(Geometry::of_target(options.configuration), "");
  const Description description = describe(*backend);
  print(context, description.text, description.object);
  return kOk;
}

}  // namespace

Description describe(Backend& backend) {
  nlohmann::json object = to_json(backend.geometry());
  object["backend"] = backend.description();
  std::string text =
      fmt::format("{:<16} {}\n{}", "backend", backend.description(), to_text(backend.geometry()));
  if (const auto* device = dynamic_cast<const Device*>(&backend)) {
    object["build"] = device->build();
    // As `git log` shows a commit.
    text += fmt::format("\n{:<16} {:07x}", "build", device->build());
  }
  const bool running = (backend.read_register(Register::kState) >> map::kStateBitRunning & 1) != 0;
  object["running"] = running;
  text += fmt::format("\n{:<16} {}", "state", running ? "running" : "standing still");
  for (const auto& [key, reg] :
       {std::pair{"tick", Register::kTick}, std::pair{"until", Register::kUntil},
        std::pair{"image_id", Register::kImageId}, std::pair{"overruns", Register::kOverruns},
        std::pair{"crc_errors", Register::kCrcErrors}, std::pair{"overflows", Register::kOverflows},
        std::pair{"line_errors", Register::kLineErrors}}) {
    const std::uint32_t value = backend.read_register(reg);
    object[key] = value;
    text += reg == Register::kImageId && value != 0 ? fmt::format("\n{:<16} 0x{:08X}", key, value)
                                                    : fmt::format("\n{:<16} {}", key, value);
  }
  return {text, object};
}

void add_info(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("info", "describe a named build, a board or an image");
  command->add_option("image", options->image, "an image file to describe")->check(no_stream, "");
  command->add_option("--config", options->configuration, "named build, for model and rtl")
      ->capture_default_str();
  options->backend.add_to(*command);
  command->callback([options, &context] {
    context.action = [options, &context] { return info(*options, context); };
  });
}

}  // namespace ncx::cli
