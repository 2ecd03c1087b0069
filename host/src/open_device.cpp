// SPDX-License-Identifier: BSD-3-Clause
// Trying rates and ports.
#include "ncx/open_device.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "ncx/boards.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

/// A simulated line of 4 Mbaud carries some thousand bytes a second of wall time.
constexpr std::chrono::milliseconds kSimulatorGrace{10'000};

bool is_pseudo_terminal(const std::string& path) {
  std::error_code error;
  return std::filesystem::canonical(path, error).string().starts_with("/dev/pts/");
}

template <typename Value>
void add_new(std::vector<Value>& list, Value value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
}

/// "4000000, 3000000 and 1000000".
std::string text_of(const std::vector<std::uint32_t>& rates) {
  std::string text;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    if (i > 0) text += i + 1 == rates.size() ? " and " : ", ";
    text += std::to_string(rates[i]);
  }
  return text;
}

std::string first_line(const Error& error) {
  const std::string text = error.what();
  return text.substr(0, text.find('\n'));
}

/// Who else may take the bytes: a program that neither asks whether it may nor locks the port.
std::string eavesdropper(const std::string& path) {
  const std::string who = port_user(path);
  return who.empty() ? "" : fmt::format("; {} has the port open as well", who);
}

std::unique_ptr<Device> at_rate(const std::string& path, std::uint32_t baud,
                                const LinkOptions& link) {
  return std::make_unique<Device>(open_serial(path, baud), link);
}

/// The first rate at which something answers: 0 when there is none. Asks only once a rate.
std::uint32_t working_rate(const std::string& path, const std::vector<std::uint32_t>& rates,
                           LinkOptions link) {
  link.attempts = 1;
  for (const std::uint32_t rate : rates) {
    try {
      at_rate(path, rate, link);
      return rate;
    } catch (const NoAnswerError& error) {
      if (error.understood()) return rate;
    } catch (const PortError&) {
      throw;
    } catch (const LinkError&) {
      return rate;  // it answers, and is not to our liking
    }
  }
  return 0;
}

NoAnswerError no_answer_at(const std::string& path, const std::vector<std::uint32_t>& rates) {
  const std::string user = eavesdropper(path);
  return NoAnswerError(
      fmt::format("no answer to HELLO from serial:{} at {} baud{}", path, text_of(rates), user),
      user.empty() ? "check power and cable, and that the board holds a NeuroCoreX "
                     "bitstream; `ncx ports` lists other ports"
                   : "close that program",
      false);
}

/// A pseudo-terminal has no rate that could be wrong.
NoAnswerError silent_terminal(const std::string& path) {
  const std::string user = port_user(path);
  return NoAnswerError(
      fmt::format("no answer to HELLO from serial:{}, a pseudo-terminal{}", path,
                  user.empty() ? "" : fmt::format(" that {} has open", user)),
      "end `ncx sim` there and start it anew; on a very slow machine --timeout 60000", false);
}

/// A port with a real line, at one of the rates that it may have.
std::unique_ptr<Device> at_unknown_rate(const std::string& path,
                                        const std::vector<std::uint32_t>& rates,
                                        const LinkOptions& link) {
  const std::uint32_t rate = working_rate(path, rates, link);
  if (rate == 0) throw no_answer_at(path, rates);
  return at_rate(path, rate, link);
}

/// A rate that the user gave: when it is not the right one, say which is.
std::unique_ptr<Device> at_given_rate(const std::string& path, std::uint32_t baud,
                                      const std::vector<std::uint32_t>& others,
                                      const LinkOptions& link) {
  try {
    return at_rate(path, baud, link);
  } catch (const NoAnswerError& error) {
    if (error.understood()) throw;
    const std::uint32_t rate = working_rate(path, others, link);
    if (rate == 0) {
      std::vector<std::uint32_t> all{baud};
      for (const std::uint32_t other : others) add_new(all, other);
      throw no_answer_at(path, all);
    }
    throw NoAnswerError(
        fmt::format("no answer to HELLO from serial:{} at {} baud, but there is one at {}", path,
                    baud, rate),
        fmt::format("--baud {}, or without a rate: then it is found", rate), false);
  }
}

/// Bytes for the JTAG channel would be lost, or worse.
void refuse_jtag(const PortInfo& port, const std::filesystem::path& sys) {
  if (!is_jtag(port)) return;
  for (const PortInfo& other : list_ports(sys)) {
    if (other.serial != port.serial || boards_at(other).empty()) continue;
    throw PortError(
        fmt::format("{} is the JTAG channel of a board, whose UART is {}", port.path, other.path),
        fmt::format("--port {}", other.path));
  }
  throw PortError(fmt::format("{} is the JTAG channel of a board, not its UART", port.path),
                  "`ncx ports` lists other ports; the UART may have a connector of its own");
}

std::unique_ptr<Device> open_path(const std::string& path, const std::optional<PortInfo>& known,
                                  const PortOptions& options) {
  LinkOptions link = options.link;
  // A terminal that is listed has hardware behind it.
  if (!known && is_pseudo_terminal(path)) {
    if (link.grace == LinkOptions{}.grace) link.grace = kSimulatorGrace;
    try {
      return at_rate(path, options.baud, link);
    } catch (const NoAnswerError& error) {
      if (error.understood()) throw;
      throw silent_terminal(path);
    }
  }
  if (known) refuse_jtag(*known, options.sys);
  std::vector<std::uint32_t> rates = rates_of(known.value_or(PortInfo{}));
  if (options.baud == 0) return at_unknown_rate(path, rates, link);
  rates.erase(std::remove(rates.begin(), rates.end(), options.baud), rates.end());
  return at_given_rate(path, options.baud, rates, link);
}

std::string line_of(const Candidate& candidate) {
  const PortInfo& port = candidate.port;
  return fmt::format(
      "\n  {} ({}{}{}): {}", port.path, names_of(boards_at(port)), port.serial.empty() ? "" : " ",
      port.serial,
      candidate.device ? "NeuroCoreX " + candidate.device->geometry().name : candidate.problem);
}

/// Asks all of them. One that cannot be asked may be the one that is meant.
std::unique_ptr<Device> choose(const std::vector<PortInfo>& ports, const PortOptions& options) {
  std::vector<Candidate> candidates;
  candidates.reserve(ports.size());
  for (const PortInfo& port : ports) candidates.push_back(ask(port, options));
  const auto answers = std::count_if(candidates.begin(), candidates.end(),
                                     [](const Candidate& c) { return c.device != nullptr; });
  const auto unknown = std::count_if(candidates.begin(), candidates.end(),
                                     [](const Candidate& c) { return !c.opened; });
  std::string list;
  std::string first;
  for (Candidate& candidate : candidates) {
    list += line_of(candidate);
    if (first.empty() && (candidate.device || !candidate.opened)) first = candidate.port.path;
  }
  if (answers == 1 && unknown == 0) {
    const auto found = std::find_if(candidates.begin(), candidates.end(),
                                    [](const Candidate& c) { return c.device != nullptr; });
    return std::move(found->device);
  }
  if (answers + unknown == 0) {
    throw PortError(fmt::format("none of {} boards answers:{}", candidates.size(), list),
                    "ncx flash --board BOARD FILE.bit, or --port PATH");
  }
  throw PortError(
      fmt::format("{} boards are connected, and 'auto' does not guess:{}", candidates.size(), list),
      fmt::format("--port {}", first));
}

std::unique_ptr<Device> open_only(const PortOptions& options) {
  const std::vector<PortInfo> all = list_ports(options.sys);
  std::vector<PortInfo> boards;
  std::copy_if(all.begin(), all.end(), std::back_inserter(boards),
               [](const PortInfo& port) { return !boards_at(port).empty(); });
  if (boards.size() == 1) return open_path(boards[0].path, boards[0], options);
  if (boards.size() > 1) return choose(boards, options);
  if (all.empty()) {
    throw PortError("no board is connected: there are no serial ports",
                    "plug the board in; without one, `ncx sim --link /tmp/ncx0`");
  }
  throw PortError(fmt::format("no board is connected: there are serial ports, but none that is "
                              "the UART of a board we know ({} of {} the JTAG channel of one)",
                              std::count_if(all.begin(), all.end(), is_jtag), all.size()),
                  "`ncx ports` lists them; --port PATH");
}

}  // namespace

std::vector<std::uint32_t> rates_of(const PortInfo& port) {
  std::vector<std::uint32_t> rates;
  for (const Board* board : boards_at(port)) add_new(rates, board->baud);
  for (const Board& board : kBoards) add_new(rates, board.baud);
  for (const map::Configuration& build : map::kConfigurations) add_new(rates, build.baud);
  return rates;
}

std::unique_ptr<Device> open_device(const std::string& port, const PortOptions& options) {
  if (port == kAutoPort) return open_only(options);
  return open_path(port, find_port(port, options.sys), options);
}

Candidate ask(const PortInfo& port, const PortOptions& options) {
  Candidate candidate;
  candidate.port = port;
  try {
    candidate.device = open_path(port.path, port, options);
  } catch (const PortError& error) {
    candidate.opened = false;
    candidate.problem = first_line(error);
    candidate.hint = error.hint();
  } catch (const LinkError& error) {
    candidate.problem = first_line(error);
    candidate.hint = error.hint();
  }
  return candidate;
}

}  // namespace ncx
