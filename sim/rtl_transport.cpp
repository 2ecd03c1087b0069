// SPDX-License-Identifier: BSD-3-Clause
// RtlTransport over a Verilated device: timeouts are in simulated time.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "ncx/error.hpp"
#include "ncx/geometry.hpp"
#include "ncx/rtl_backend.hpp"
#include "rtl_instance.hpp"

namespace ncx {
namespace {

/// A read returns what has come once the device has been silent for so long.
constexpr std::uint64_t kQuiet = 64;
constexpr std::uint64_t kBitsPerByte = 10;  // 8N1
/// Cycles in which the device must take a byte; it stalls for a few cycles at most.
constexpr std::uint64_t kTakeClocks = 1'000'000;

class Verilated final : public RtlTransport {
 public:
  Verilated(std::string configuration, std::unique_ptr<sim::RtlInstance> instance)
      : configuration_(std::move(configuration)),
        clock_hz_(Geometry::named(configuration_).clock_hz),
        instance_(std::move(instance)) {}

  void write(std::span<const std::uint8_t> bytes) override {
    link_.to_device.insert(link_.to_device.end(), bytes.begin(), bytes.end());
    if (link_.byte_clocks != 0) return;  // a line carries them while the host does other things
    sim::Until until;
    until.sent = true;
    until.clocks = kTakeClocks + bytes.size();
    instance_->advance(link_, until);
    if (!link_.to_device.empty()) {
      const std::size_t left = link_.to_device.size();
      link_.to_device.clear();
      throw LinkError(fmt::format("rtl: the device left {} of {} bytes untaken for {} cycles", left,
                                  bytes.size(), kTakeClocks),
                      "report it with the network and the command: the RTL must never do this");
    }
  }

  [[nodiscard]] std::size_t read(std::span<std::uint8_t> out,
                                 std::chrono::milliseconds timeout) override {
    if (!out.empty()) {
      const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, timeout.count()));
      sim::Until until;
      until.received = out.size();
      until.quiet = kQuiet;
      // A poll (timeout 0) lets a little time pass too, or a loop of polls would never get on.
      until.clocks = std::max(ms * clock_hz_ / 1000, kQuiet);
      instance_->advance(link_, until);
    }
    const std::size_t count = std::min(out.size(), link_.from_device.size());
    const auto last = link_.from_device.begin() + static_cast<std::ptrdiff_t>(count);
    std::copy(link_.from_device.begin(), last, out.begin());
    link_.from_device.erase(link_.from_device.begin(), last);
    return count;
  }

  [[nodiscard]] std::string description() const override { return "rtl:" + configuration_; }
  [[nodiscard]] std::uint64_t clocks() const override { return instance_->clocks(); }
  void set_line(std::uint32_t baud) override {
    link_.byte_clocks = baud == 0 ? 0 : kBitsPerByte * clock_hz_ / baud;
  }

 private:
  std::string configuration_;
  std::uint64_t clock_hz_;
  sim::ByteLink link_;
  std::unique_ptr<sim::RtlInstance> instance_;
};

}  // namespace

std::vector<std::string> rtl_configurations() {
  std::vector<std::string> names;
  for (const sim::RtlFactory& factory : sim::rtl_factories()) {
    names.emplace_back(factory.configuration);
  }
  return names;
}

std::unique_ptr<RtlTransport> open_rtl(const std::string& configuration,
                                       const RtlOptions& options) {
#ifndef NCX_WAVE
  if (!options.wave.empty()) {
    throw InputError(fmt::format("this build cannot write the wave file '{}'", options.wave),
                     "make wave, which builds with tracing in build-wave");
  }
#endif
  for (const sim::RtlFactory& factory : sim::rtl_factories()) {
    if (configuration == factory.configuration) {
      return std::make_unique<Verilated>(configuration, factory.make(options));
    }
  }
  throw InputError(
      fmt::format("rtl: configuration '{}' is not Verilated in this build", configuration),
      fmt::format("one of: {}; or configure with -DNCX_CONFIGURATIONS=\"{}\"",
                  fmt::join(rtl_configurations(), ", "), configuration));
}

}  // namespace ncx
