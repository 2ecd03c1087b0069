// SPDX-License-Identifier: BSD-3-Clause
// What a selftest found, to print and to attach to an issue.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "memory_test.hpp"
#include "ncx/device.hpp"
#include "ncx/ports.hpp"

namespace ncx::cli {

struct Measurement {
  std::string name;
  double value = 0;
  std::string unit;
};

struct SelftestReport {
  std::string backend;
  Geometry geometry;
  std::uint32_t build = 0, baud = 0;  ///< 0: it has none
  std::optional<PortInfo> port;       ///< what the USB knows
  std::optional<LinkStatistics> link;
  std::vector<CheckResult> checks;
  std::vector<Measurement> measurements;
  std::string error;  ///< that ended it before its time
  double seconds = 0;

  [[nodiscard]] bool passed() const;
  [[nodiscard]] nlohmann::json to_json() const;
  [[nodiscard]] std::string to_text() const;
};

[[nodiscard]] std::string to_text(const CheckResult& check);
[[nodiscard]] std::string to_text(const Measurement& measurement);

}  // namespace ncx::cli
