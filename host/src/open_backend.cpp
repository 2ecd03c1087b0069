// SPDX-License-Identifier: BSD-3-Clause
// A backend from its name. The one file of the library that knows every kind of backend, which is
// why it is linked into `ncx_backends` and not into `ncx`.
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "ncx/device.hpp"
#include "ncx/emulator.hpp"
#include "ncx/error.hpp"
#include "ncx/model.hpp"
#include "ncx/rtl_backend.hpp"

namespace ncx {
namespace {

/// A simulated line of 4 Mbaud carries some thousand bytes a second of wall time.
constexpr std::chrono::milliseconds kSimulatorGrace{10'000};

bool is_pseudo_terminal(const std::string& path) {
  std::error_code error;
  return std::filesystem::canonical(path, error).string().starts_with("/dev/pts/");
}

}  // namespace

std::unique_ptr<Backend> open_backend(const std::string& spec, const std::string& configuration,
                                      std::uint32_t baud, const LinkOptions& link) {
  constexpr std::string_view kSerial = "serial:";
  if (spec == "model") return std::make_unique<Model>(Geometry::named(configuration));
  if (spec == "rtl") return std::make_unique<Device>(open_rtl(configuration), link);
  if (spec.starts_with(kSerial)) {
    const std::string path = spec.substr(kSerial.size());
    if (path.empty()) {
      throw InputError("backend 'serial:' names no port", "serial:/dev/ttyUSB1; `ncx ports` lists");
    }
    LinkOptions options = link;
    if (options.grace == LinkOptions{}.grace && is_pseudo_terminal(path)) {
      options.grace = kSimulatorGrace;
    }
    return std::make_unique<Device>(open_serial(path, baud), options);
  }
  throw InputError("no backend '" + spec + "'", "model, rtl or serial:PATH");
}

}  // namespace ncx
