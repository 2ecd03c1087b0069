// SPDX-License-Identifier: BSD-3-Clause
// A backend from its name. The one file of the library that knows every kind of backend, which is
// why it is linked into `ncx_backends` and not into `ncx`.
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "ncx/device.hpp"
#include "ncx/emulator.hpp"
#include "ncx/error.hpp"
#include "ncx/model.hpp"
#include "ncx/open_device.hpp"
#include "ncx/rtl_backend.hpp"

namespace ncx {
std::unique_ptr<Backend> open_backend(const std::string& spec, const std::string& configuration,
                                      std::uint32_t baud, const LinkOptions& link,
                                      const std::filesystem::path& sys) {
  constexpr std::string_view kSerial = "serial:";
  if (spec == "model")
    return std::make_unique<Model>(Geometry::named(Geometry::build_of(configuration)));
  if (spec == "rtl")
    return std::make_unique<Device>(open_rtl(Geometry::build_of(configuration)), link);
  if (spec.starts_with(kSerial)) {
    const std::string port = spec.substr(kSerial.size());
    if (port.empty()) {
      throw InputError("backend 'serial:' names no port",
                       "serial:auto, or serial:/dev/ttyUSB1; `ncx ports` lists");
    }
    return open_device(port, {baud, link, sys});
  }
  throw InputError("no backend '" + spec + "'", "model, rtl, serial:PATH or serial:auto");
}

}  // namespace ncx
