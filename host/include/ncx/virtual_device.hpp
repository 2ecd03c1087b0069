// SPDX-License-Identifier: BSD-3-Clause
// The device's side of docs/protocol.md on top of any backend: what a board does, minus the board.
// Bytes go in and come out; the network runs only inside work().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "ncx/backend.hpp"
#include "ncx/transport.hpp"

namespace ncx {

/// What the device has counted since it was made.
struct VirtualDeviceCounts {
  std::uint64_t frames = 0;          ///< good ones
  std::uint64_t sessions = 0;        ///< HELLOs with another nonce than the last
  std::uint64_t carried_out = 0;     ///< sequenced requests, each counted once
  std::uint64_t answered_again = 0;  ///< requests that had been carried out before
  std::uint64_t out_of_order = 0, stream_resends = 0, damaged = 0;
};

class VirtualDevice {
 public:
  /// The backend must outlive the device, which is the only one to run it.
  explicit VirtualDevice(Backend& backend, std::uint32_t build = 0);
  ~VirtualDevice();
  VirtualDevice(VirtualDevice&&) noexcept;
  VirtualDevice& operator=(VirtualDevice&&) noexcept;

  /// Bytes from the host; requests among them are carried out at once.
  void receive(std::span<const std::uint8_t> bytes);
  /// Lets the network run at most `ticks` ticks. False when there was nothing to do: it stands
  /// still, or waits for the host to take in the stream.
  bool work(std::uint32_t ticks);
  /// Bytes for the host: replies, and the stream words that are due.
  [[nodiscard]] std::vector<std::uint8_t> transmit();

  [[nodiscard]] const Geometry& geometry() const;
  [[nodiscard]] const VirtualDeviceCounts& counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A line to a device in the same thread: the device works inside read(), up to `ticks` ticks at a
/// time. The device must outlive it.
[[nodiscard]] std::unique_ptr<Transport> connect(VirtualDevice& device, std::uint32_t ticks = 64);

/// Serves the host at the other end of `line` for as long as `go_on` says so, which is asked at
/// least every 20 ms. Throws LinkError when the line breaks.
void serve(VirtualDevice& device, Transport& line, const std::function<bool()>& go_on,
           std::uint32_t ticks = 64);

}  // namespace ncx
