// SPDX-License-Identifier: BSD-3-Clause
// Byte pipes to a device.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace ncx {

/// A byte pipe to one board or one simulator. Not thread-safe.
class Transport {
 public:
  virtual ~Transport() = default;
  /// Sends all of `bytes`, or throws LinkError.
  virtual void write(std::span<const std::uint8_t> bytes) = 0;
  /// Reads at most `out.size()` bytes; returns 0 once `timeout` has passed. Throws LinkError when
  /// the other side is gone.
  [[nodiscard]] virtual std::size_t read(std::span<std::uint8_t> out,
                                         std::chrono::milliseconds timeout) = 0;
  [[nodiscard]] virtual std::string description() const = 0;
  /// Wire bits a second, for timeouts; 0: not limited by a line.
  [[nodiscard]] virtual std::uint32_t baud() const { return 0; }
};

inline constexpr std::uint32_t kDefaultBaud = 4'000'000;

/// Opens a serial port or pseudo-terminal: exclusive, raw, flushed. `baud` 0 means kDefaultBaud.
/// Throws PortError saying what to do.
[[nodiscard]] std::unique_ptr<Transport> open_serial(const std::string& path, std::uint32_t baud);

/// Two ends of a pipe in memory; each may be used from a thread of its own. An end whose other end
/// is destroyed throws LinkError once it has read what was left.
[[nodiscard]] std::pair<std::unique_ptr<Transport>, std::unique_ptr<Transport>> make_pipe();

/// What a bad line may do, in both directions.
struct Faults {
  double drop = 0, duplicate = 0, flip = 0, insert = 0;  ///< probability for each byte
  /// Probability for each call of write() and read(): the rest of its bytes is lost; its bytes and
  /// those behind them come a few calls later.
  double truncate = 0, delay = 0;
  std::uint64_t disconnect_after = 0;  ///< bytes in both directions, 0: never
  std::uint64_t seed = 1;
};
/// Wraps a transport in a bad line.
[[nodiscard]] std::unique_ptr<Transport> make_faulty(std::unique_ptr<Transport> inner,
                                                     const Faults& faults);

}  // namespace ncx
