// SPDX-License-Identifier: BSD-3-Clause
// A device behind the framed link of docs/protocol.md.
#pragma once

#include <chrono>
#include <memory>

#include "ncx/backend.hpp"
#include "ncx/transport.hpp"

namespace ncx {

struct LinkOptions {
  int attempts = 3;                     ///< times a request is sent before LinkError
  std::chrono::milliseconds grace{50};  ///< added to twice the wire time
  std::uint32_t window = 8;             ///< frames in flight, at most 16; RX_BYTES limits as well
  /// Longest wait for a device that answers but makes no headway; two tick periods come on top.
  std::chrono::milliseconds stall{30000};
  std::function<void(const std::string&)> trace;  ///< decoded frames, one a line
  /// Asked while the link waits; true ends the call with Interrupted. A running network is stopped
  /// first.
  std::function<bool()> stop;
  /// Goes between the link and its line, for tests of the line.
  std::function<std::unique_ptr<Transport>(std::unique_ptr<Transport>)> tap;
};

struct LinkStatistics {
  std::uint64_t bytes_sent = 0, bytes_received = 0, frames_sent = 0, frames_received = 0,
                damaged = 0, retries = 0, stream_resends = 0;
};

class Device final : public Backend {
 public:
  /// Says HELLO and checks that both sides have the same map.
  explicit Device(std::unique_ptr<Transport> transport, LinkOptions options = {});
  ~Device() override;

  [[nodiscard]] const Geometry& geometry() const override;
  [[nodiscard]] std::string description() const override;
  [[nodiscard]] std::vector<std::uint64_t> read(Region region, std::uint64_t address,
                                                std::size_t count) override;
  [[nodiscard]] std::vector<std::uint64_t> read_low(Region region, std::uint64_t address,
                                                    std::size_t count) override;
  void write(Region region, std::uint64_t address, std::span<const std::uint64_t> words) override;
  void reset(std::uint32_t mask) override;
  RunResult run(const RunRequest& request) override;
  /// Stops a running network after its tick; returns the tick counter.
  std::uint32_t stop();
  [[nodiscard]] std::uint32_t build() const;
  /// Of the line; 0: there is none.
  [[nodiscard]] std::uint32_t baud() const;
  [[nodiscard]] const LinkStatistics& statistics() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ncx
