// SPDX-License-Identifier: BSD-3-Clause
// One Verilated ncx_device behind an interface that does not depend on its configuration.
#pragma once

#include <verilated.h>

#ifdef NCX_WAVE
#include <verilated_fst_c.h>
#endif

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <vector>

#include "destroy_in.hpp"
#include "ncx/error.hpp"
#include "ncx/rtl_backend.hpp"

namespace ncx::sim {

/// Bytes on their way, seen from the device.
struct ByteLink {
  std::deque<std::uint8_t> to_device;
  std::deque<std::uint8_t> from_device;
  std::uint64_t byte_clocks = 0;  ///< a byte's time on the line; 0: there is no line
  /// When the byte that is on the line, or could begin now, is over: it changes hands then.
  std::uint64_t to_device_at = 0, from_device_at = 0;
};

/// When advance() returns.
struct Until {
  std::uint64_t clocks = 0;         ///< this many cycles later at the latest
  std::size_t received = SIZE_MAX;  ///< as soon as so many bytes have come from the device
  bool sent = false;                ///< as soon as the device has taken everything
  std::uint64_t quiet = 0;          ///< after bytes have come and so many cycles without one; 0: no
};

class RtlInstance {
 public:
  virtual ~RtlInstance() = default;
  virtual void advance(ByteLink& link, const Until& until) = 0;
  [[nodiscard]] virtual std::uint64_t clocks() const = 0;
};

/// `Top` is a class that Verilator made of ncx_device.
template <class Top>
class VerilatedInstance final : public RtlInstance {
 public:
  explicit VerilatedInstance(const RtlOptions& options)
      : gaps_(options.random_gaps), random_(options.seed) {
    context_.threads(1);  // or every instance would start a thread that it never uses
    if (options.seed != 0) {
      context_.randReset(2);
      context_.randSeed(static_cast<int>(options.seed % 0x7FFFFFFF) + 1);
    }
#ifdef NCX_WAVE
    if (!options.wave.empty()) {
      context_.traceEverOn(true);
      wave_ = std::make_unique<VerilatedFstC>();
    }
#endif
    top_ = std::make_unique<Top>(&context_);
#ifdef NCX_WAVE
    if (wave_) {
      top_->trace(wave_.get(), 99);
      wave_->open(options.wave.c_str());
      if (!wave_->isOpen()) {
        destroy_in(context_, top_);
        throw InputError("cannot write the wave file '" + options.wave + "'",
                         "a folder that exists, where you may write");
      }
    }
#endif
    top_->rx_valid_i = 0;
    top_->tx_ready_i = 0;
    top_->line_error_i = 0;
    top_->rst_i = 1;
    for (int i = 0; i < kResetClocks; ++i) {
      low();
      high();
    }
    top_->rst_i = 0;
  }

  ~VerilatedInstance() override {
    top_->final();
#ifdef NCX_WAVE
    if (wave_) wave_->close();
#endif
    destroy_in(context_, top_);
  }

  VerilatedInstance(const VerilatedInstance&) = delete;
  VerilatedInstance& operator=(const VerilatedInstance&) = delete;

  void advance(ByteLink& link, const Until& until) override {
    const std::uint64_t end = clocks_ + until.clocks;
    std::uint64_t quiet = 0;
    while (clocks_ < end) {
      if (link.from_device.size() >= until.received) return;
      if (until.sent && link.to_device.empty()) return;
      if (until.quiet != 0 && !link.from_device.empty() && quiet >= until.quiet) return;
      if (link.to_device.empty()) link.to_device_at = clocks_ + link.byte_clocks;
      const bool offer = !link.to_device.empty() && clocks_ >= link.to_device_at && !gap();
      const bool accept = clocks_ >= link.from_device_at && !gap();
      top_->rx_valid_i = offer;
      if (offer) top_->rx_data_i = link.to_device.front();
      top_->tx_ready_i = accept;
      low();
      const bool taken = offer && top_->rx_ready_o;
      const bool given = accept && top_->tx_valid_o;
      if (given || !top_->tx_valid_o) link.from_device_at = clocks_ + link.byte_clocks;
      const std::uint8_t byte = top_->tx_data_o;
      high();
      ++quiet;
      if (taken) {
        link.to_device.pop_front();
        link.to_device_at = clocks_ + link.byte_clocks;
      }
      if (given) {
        link.from_device.push_back(byte);
        quiet = 0;
      }
      ++clocks_;
    }
  }

  [[nodiscard]] std::uint64_t clocks() const override { return clocks_; }

 private:
  static constexpr int kResetClocks = 16;

  [[nodiscard]] bool gap() { return gaps_ && (random_() & 3) == 0; }
  // Inputs settle before the rising edge, so that assertions sample what the registers sample.
  void low() {
    top_->clk_i = 0;
    step();
  }
  void high() {
    top_->clk_i = 1;
    step();
  }
  void step() {
    top_->eval();
#ifdef NCX_WAVE
    if (wave_) wave_->dump(time_);
    time_ += 5;  // ns at 100 MHz
#endif
  }

  VerilatedContext context_;
#ifdef NCX_WAVE
  std::unique_ptr<VerilatedFstC> wave_;
  std::uint64_t time_ = 0;
#endif
  std::unique_ptr<Top> top_;
  std::uint64_t clocks_ = 0;
  bool gaps_;
  std::mt19937_64 random_;
};

/// Makes an instance of one configuration; sim/CMakeLists.txt generates the table.
struct RtlFactory {
  const char* configuration;
  std::unique_ptr<RtlInstance> (*make)(const RtlOptions& options);
};
[[nodiscard]] std::vector<RtlFactory> rtl_factories();

}  // namespace ncx::sim
