// SPDX-License-Identifier: BSD-3-Clause
// `ncx ports`: the serial ports of this machine, and on request what answers at each.
#include "ncx/ports.hpp"

#include <fmt/format.h>

#include "command.hpp"
#include "ncx/boards.hpp"
#include "ncx/device.hpp"
#include "ncx/error.hpp"

namespace ncx::cli {
namespace {

struct Options {
  std::string sys = "/sys";
  bool probe = false;
  std::uint32_t baud = 0;
};

/// "basys3", or what else the USB says of one of our boards.
std::string board_at(const PortInfo& port) {
  const std::vector<const Board*> boards = boards_at(port);
  if (!boards.empty()) return names_of(boards);
  return is_jtag(port) ? "JTAG of a board: its UART is another port" : "";
}

/// What a HELLO at the port brings: the board's build, or why there is none.
std::string who(const PortInfo& port, std::uint32_t baud) {
  try {
    LinkOptions link;
    link.attempts = 1;
    const Device device(open_serial(port.path, baud), link);
    return fmt::format("NeuroCoreX {}", device.geometry().name);
  } catch (const Error& error) {
    const std::string text = error.what();
    return text.substr(0, text.find('\n'));
  }
}

int ports(const Options& options, const Context& context) {
  nlohmann::json list = nlohmann::json::array();
  std::string text;
  for (const PortInfo& port : list_ports(options.sys)) {
    nlohmann::json entry{{"path", port.path},
                         {"vid", port.vid},
                         {"pid", port.pid},
                         {"serial", port.serial},
                         {"description", port.description},
                         {"interface", port.interface},
                         {"boards", nlohmann::json::array()}};
    const std::string board = board_at(port);
    for (const Board* candidate : boards_at(port)) entry["boards"].push_back(candidate->name);
    entry["jtag"] = is_jtag(port);
    text += fmt::format("{:<16} {:04x}:{:04x} {} {}{}\n", port.path, port.vid, port.pid,
                        port.description, port.serial, board.empty() ? "" : ", " + board);
    if (options.probe) {
      const std::string answer = who(port, options.baud);
      entry["answer"] = answer;
      text += fmt::format("                 {}\n", answer);
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
  CLI::App* command = app.add_subcommand("ports", "list serial ports");
  command->add_flag("--probe", options->probe, "say HELLO at each: sends bytes to every port");
  command->add_option("--baud", options->baud, "line rate for --probe; 0: the default");
  command->add_option("--sys", options->sys, "for tests: in place of /sys")->group("");
  command->callback([options, &context] {
    context.action = [options, &context] { return ports(*options, context); };
  });
}

}  // namespace ncx::cli
