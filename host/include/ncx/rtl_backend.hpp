// SPDX-License-Identifier: BSD-3-Clause
// The Verilated RTL as a byte pipe. Simulated time passes only inside write() and read().
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ncx/transport.hpp"

namespace ncx {

struct RtlOptions {
  std::uint64_t seed = 0;    ///< not 0: registers without a reset start with random values
  bool random_gaps = false;  ///< the link is neither always valid nor always ready (needs a seed)
  std::string wave;          ///< FST file to write; only in a build with NCX_WAVE=ON
};

class RtlTransport : public Transport {
 public:
  /// Clock cycles since the end of the reset.
  [[nodiscard]] virtual std::uint64_t clocks() const = 0;
  /// From now on a byte takes 10 bits of this rate, in each direction; 0, as at first: there is no
  /// line, and a byte takes a clock cycle.
  virtual void set_line(std::uint32_t baud) = 0;
};

/// The builds of rtl/ncx_map.toml that this library has Verilated; empty without Verilator.
[[nodiscard]] std::vector<std::string> rtl_configurations();

/// A fresh device. Throws InputError for a configuration that was not Verilated.
[[nodiscard]] std::unique_ptr<RtlTransport> open_rtl(const std::string& configuration,
                                                     const RtlOptions& options = {});

}  // namespace ncx
