// SPDX-License-Identifier: BSD-3-Clause
// The report as text and as JSON.
#include "selftest_report.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <ctime>

#include "ncx/boards.hpp"

namespace ncx::cli {
namespace {

/// System and machine, without the machine's name.
std::string host() {
  utsname name{};
  if (::uname(&name) != 0) return "unknown";
  return fmt::format("{} {} {}", name.sysname, name.release, name.machine);
}

std::string now() {
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(std::time(nullptr)));
}

std::string usb_text(const PortInfo& port) {
  const std::string boards = names_of(boards_at(port));
  return fmt::format("{:04x}:{:04x} {} {}{}", port.vid, port.pid, port.description, port.serial,
                     boards.empty() ? "" : ", " + boards);
}

}  // namespace

std::string to_text(const CheckResult& check) {
  return fmt::format("{:<6} {:<22} {:>9} {}{}", check.passed ? "ok" : "FAILED", check.name,
                     check.amount, check.unit,
                     check.detail.empty() ? std::string() : "\n       " + check.detail);
}

std::string to_text(const Measurement& measurement) {
  return fmt::format("       {:<22} {:>9} {}", measurement.name,
                     measurement.value < 100 ? fmt::format("{:.3f}", measurement.value)
                                             : fmt::format("{:.0f}", measurement.value),
                     measurement.unit);
}

bool SelftestReport::passed() const {
  return error.empty() &&
         std::all_of(checks.begin(), checks.end(), [](const CheckResult& c) { return c.passed; });
}

nlohmann::json SelftestReport::to_json() const {
  nlohmann::json object{{"passed", passed()},
                        {"version", NCX_VERSION},
                        {"date", now()},
                        {"host", host()},
                        {"backend", backend},
                        {"config", geometry.name},
                        {"neurons", geometry.neurons},
                        {"axons", geometry.axons},
                        {"lanes", geometry.lanes},
                        {"weight_bits", geometry.weight_bits},
                        {"synapse_words", geometry.synapse_words},
                        {"build", build},
                        {"map_hash", map::kMapHash},
                        {"baud", baud},
                        {"seconds", seconds},
                        {"checks", nlohmann::json::array()},
                        {"measurements", nlohmann::json::array()}};
  if (!error.empty()) object["error"] = error;
  if (port) {
    object["usb"] = {{"vid", port->vid},
                     {"pid", port->pid},
                     {"serial", port->serial},
                     {"description", port->description},
                     {"boards", nlohmann::json::array()}};
    for (const Board* board : boards_at(*port)) object["usb"]["boards"].push_back(board->name);
  }
  for (const CheckResult& check : checks) {
    object["checks"].push_back({{"name", check.name},
                                {"passed", check.passed},
                                {"amount", check.amount},
                                {"unit", check.unit},
                                {"detail", check.detail}});
  }
  for (const Measurement& m : measurements) {
    object["measurements"].push_back({{"name", m.name}, {"value", m.value}, {"unit", m.unit}});
  }
  if (link) {
    object["link"] = {{"bytes_sent", link->bytes_sent},
                      {"bytes_received", link->bytes_received},
                      {"frames_damaged", link->damaged},
                      {"frames_sent_again", link->retries},
                      {"stream_resends", link->stream_resends}};
  }
  return object;
}

std::string SelftestReport::to_text() const {
  std::string text = "NeuroCoreX selftest\n";
  const auto line = [&](const char* name, const std::string& value) {
    text += fmt::format("{:<10} {}\n", name, value);
  };
  line("date", now());
  line("version", fmt::format("{}, map 0x{:08X}", NCX_VERSION, map::kMapHash));
  line("host", host());
  line("device", baud == 0 ? backend : fmt::format("{} at {} baud", backend, baud));
  if (port) line("usb", usb_text(*port));
  line("build", fmt::format("{} {:07x}: {} neurons, {} axons, {} lanes, {}-bit weights, {} synapse "
                            "words a lane",
                            geometry.name, build, geometry.neurons, geometry.axons, geometry.lanes,
                            geometry.weight_bits, geometry.synapse_words));
  for (const CheckResult& check : checks) text += cli::to_text(check) + "\n";
  for (const Measurement& measurement : measurements) text += cli::to_text(measurement) + "\n";
  if (link) {
    line("link", fmt::format("{} bytes out, {} in, {} frames damaged, {} sent again, {} asked for "
                             "again",
                             link->bytes_sent, link->bytes_received, link->damaged, link->retries,
                             link->stream_resends));
  }
  if (!error.empty()) line("error", error);
  line("result", fmt::format("{} in {:.1f} s", passed() ? "passed" : "FAILED", seconds));
  return text;
}

}  // namespace ncx::cli
