// SPDX-License-Identifier: BSD-3-Clause
// `ncx ports`: the serial ports of this machine, and what answers at those that may be boards.
#include "ncx/ports.hpp"

#include <fmt/format.h>

#include "command.hpp"
#include "ncx/boards.hpp"
#include "ncx/device.hpp"
#include "ncx/error.hpp"
#include "ncx/open_device.hpp"

namespace ncx::cli {
namespace {

struct Options {
  std::string sys = "/sys";
  bool probe = false, no_ask = false;
  std::uint32_t baud = 0;
};

/// "basys3", or what else the USB says of one of our boards.
std::string board_at(const PortInfo& port) {
  const std::vector<const Board*> boards = boards_at(port);
  if (!boards.empty()) return names_of(boards);
  return is_jtag(port) ? "JTAG of a board: its UART is another port" : "";
}

nlohmann::json to_json(const PortInfo& port) {
  nlohmann::json entry{{"path", port.path},
                       {"vid", port.vid},
                       {"pid", port.pid},
                       {"serial", port.serial},
                       {"description", port.description},
                       {"interface", port.interface},
                       {"boards", nlohmann::json::array()},
                       {"jtag", is_jtag(port)}};
  for (const Board* board : boards_at(port)) entry["boards"].push_back(board->name);
  return entry;
}

/// Says HELLO and asks for the state; adds what came to `entry`, returns it as text.
std::string answer_of(const PortInfo& port, std::uint32_t baud, nlohmann::json& entry) {
  PortOptions options;
  options.baud = baud;
  Candidate found = ask(port, options);
  entry["answers"] = found.device != nullptr;
  if (!found.device) {
    entry["problem"] = found.problem;
    entry["try"] = found.hint;
    entry["opened"] = found.opened;
    return fmt::format("{}\n                   try: {}", found.problem, found.hint);
  }
  Device& device = *found.device;
  const Geometry& g = device.geometry();
  const std::uint32_t state = device.read_register(Register::kState);
  const bool running = (state >> map::kStateBitRunning & 1) != 0;
  const std::uint32_t tick = device.read_register(Register::kTick);
  const std::uint32_t image = device.read_register(Register::kImageId);
  entry["config"] = g.name;
  entry["neurons"] = g.neurons;
  entry["axons"] = g.axons;
  entry["lanes"] = g.lanes;
  entry["synapse_words"] = g.synapse_words;
  entry["weight_bits"] = g.weight_bits;
  entry["build"] = device.build();
  entry["baud"] = device.baud();
  entry["running"] = running;
  entry["tick"] = tick;
  entry["image_id"] = image;
  return fmt::format(
      "NeuroCoreX {}, build {:07x}: {} neurons, {} axons, {} lanes, {}-bit weights; {} at tick {}, "
      "{}; {} baud",
      g.name, device.build(), g.neurons, g.axons, g.lanes, g.weight_bits,
      running ? "running" : "standing still", tick,
      image == 0 ? std::string("nothing loaded") : fmt::format("image 0x{:08X}", image),
      device.baud());
}

int ports(const Options& options, const Context& context) {
  nlohmann::json list = nlohmann::json::array();
  std::string text;
  for (const PortInfo& port : list_ports(options.sys)) {
    nlohmann::json entry = to_json(port);
    const std::string board = board_at(port);
    const std::string ids =
        port.vid == 0 ? "no USB" : fmt::format("{:04x}:{:04x}", port.vid, port.pid);
    text += fmt::format("{:<16} {:<9}", port.path, ids);
    for (const std::string& word : {port.description, port.serial}) {
      if (!word.empty()) text += " " + word;
    }
    text += (board.empty() ? "" : ", " + board) + "\n";
    const bool ours = !boards_at(port).empty();
    if (!options.no_ask && (ours || (options.probe && !is_jtag(port)))) {
      text += fmt::format("                 {}\n", answer_of(port, options.baud, entry));
    }
    list.push_back(std::move(entry));
  }
  if (text.empty()) {
    text =
        "no serial ports\n  try: plug the board in; or `ncx sim --link /tmp/ncx0`, a virtual one\n";
  }
  text.pop_back();
  print(context, text, {{"ports", list}});
  return kOk;
}

}  // namespace

void add_ports(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("ports", "list serial ports, and what answers at those of boards");
  auto* none = command->add_flag("--no-ask", options->no_ask, "send nothing, only list");
  command
      ->add_flag("--probe", options->probe,
                 "ask at every port, also where the USB does not tell of a board of ours")
      ->excludes(none);
  command->add_option("--baud", options->baud, "line rate to ask at; 0: those that boards have");
  command->add_option("--sys", options->sys, "for tests: in place of /sys")->group("");
  command->callback([options, &context] {
    context.action = [options, &context] { return ports(*options, context); };
  });
}

}  // namespace ncx::cli
