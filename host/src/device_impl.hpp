// SPDX-License-Identifier: BSD-3-Clause
// What a Device keeps: the link, what the device said of itself, and where its stream has got to.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "link/link.hpp"
#include "link/stream.hpp"
#include "ncx/device.hpp"

namespace ncx {

struct DeviceSession {
  DeviceSession(std::unique_ptr<Transport> transport, LinkOptions options);

  /// Runs `body` in a session. After an error that leaves the session in doubt the next call starts
  /// a new one, so no call has to clean up after an earlier one.
  template <typename Body>
  auto in_session(Body body) {
    if (!connected) connect();
    connected = false;
    struct Restore {
      DeviceSession& session;
      bool sound = false;
      ~Restore() { session.connected = sound; }
    } restore{*this};
    try {
      if constexpr (std::is_void_v<decltype(body())>) {
        body();
        restore.sound = true;
      } else {
        auto result = body();
        restore.sound = true;
        return result;
      }
    } catch (const RefusedError&) {
      restore.sound = link.idle();
      throw;
    } catch (const LinkError&) {
      throw;
    } catch (const Error&) {
      restore.sound = link.idle();  // not the link's fault
      throw;
    }
  }

  void connect();
  /// Stops the network when it runs, and takes in the rest of its stream.
  void stand_still();
  std::uint32_t stop();
  /// Of words that are longer than `most_bytes` the low ones.
  [[nodiscard]] std::vector<std::uint64_t> read(Region region, std::uint64_t address,
                                                std::size_t count, std::size_t most_bytes = 5);
  void write(Region region, std::uint64_t address, std::span<const std::uint64_t> words);
  void check(Region region, std::uint64_t address, std::span<const std::uint64_t> words);
  void reset(std::uint32_t mask);
  /// In device_run.cpp.
  [[nodiscard]] RunResult run(const RunRequest& request);

  void check_range(Region region, std::uint64_t address, std::uint64_t count) const;
  /// Time the device needs for so many clock cycles.
  [[nodiscard]] std::chrono::microseconds cycles(std::uint64_t count) const;
  [[nodiscard]] link::Order state_order() const;

  void take_stream(std::uint32_t at, std::span<const std::uint16_t> words);
  void acknowledge();
  void ask_again();

  link::Link link;
  Geometry geometry;
  std::uint32_t build = 0;
  bool connected = false;
  bool events_left = false;  ///< a run that did not end may have left some

  std::uint32_t position = 0, acknowledged = 0;  ///< of the stream
  link::Link::Clock::time_point ask_after{};     ///< no second request for the same gap before that
  link::StreamReader stream;
  link::StreamSink* sink = nullptr;
};

struct Device::Impl : DeviceSession {
  using DeviceSession::DeviceSession;
};

/// Throws InputError or CapacityError for a request that the build cannot carry out.
void check_request(const Geometry& geometry, const RunRequest& request);

/// Words of one WRITE: `unit` is the request's unit byte.
struct WriteFrame {
  std::uint8_t unit = 0;
  std::size_t first = 0, count = 0;
};
/// Cuts `words` into WRITE requests with as few bytes on the wire as a simple rule gets.
[[nodiscard]] std::vector<WriteFrame> plan_write(std::span<const std::uint64_t> words);

}  // namespace ncx
