// SPDX-License-Identifier: BSD-3-Clause
// What a build without Verilator says when the RTL is asked for.
#include "ncx/error.hpp"
#include "ncx/rtl_backend.hpp"
#include "pin_factory.hpp"

namespace ncx {

std::vector<std::string> rtl_configurations() { return {}; }

std::unique_ptr<RtlTransport> open_rtl(const std::string& configuration, const RtlOptions&) {
  throw InputError("rtl: this build has no Verilated '" + configuration + "'",
                   "configure with -DNCX_RTL=ON, or use the backend 'model'");
}

namespace sim {
std::vector<PinFactory> pin_factories() { return {}; }
}  // namespace sim

}  // namespace ncx
