// SPDX-License-Identifier: BSD-3-Clause
// ncx_device with the stub core, seen as a host sees it, and the stub's knobs.
#pragma once

#include <Vlink_device.h>
#include <verilated.h>

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "ncx/map.hpp"
#include "reference.hpp"

class Vlink_device___024root;

namespace ncx::test {

// The build that CMakeLists.txt asks for; INFO must say the same.
struct Build {
  static constexpr std::uint32_t kLanes = 4, kNeurons = 64, kAxons = 48, kWeightBits = 16,
                                 kSynapseWords = 512, kRows = 128, kMaxDelay = 8,
                                 kParameterSets = 16, kProgramEntries = 64, kProfiles = 3,
                                 kEventEntries = 64, kStreamWords = 512, kProbeEntries = 8,
                                 kRxBytes = 2048, kClockHz = 100'000'000, kBaud = 2'000'000,
                                 kBuild = 77;
};

struct Reply {
  map::Status status = map::Status::kOk;
  std::uint8_t state = 0, sequence = 0;
  std::uint32_t free = 0, tick = 0;
  Bytes data;
};

struct StreamFrame {
  std::uint32_t position = 0;
  std::vector<std::uint16_t> words;
};

class Bench {
 public:
  explicit Bench(unsigned seed = 1);
  ~Bench();
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  // ---- the host's end ----
  void send(const Bytes& bytes);
  void send(map::Request code, std::uint8_t sequence, const Bytes& payload);
  /// One request with the next sequence number and its reply. Fails the test after `clocks`.
  Reply ask(map::Request code, const Bytes& payload, std::uint64_t clocks = 400'000);
  /// As ask(), with a number of its own and without counting it.
  Reply ask_as(std::uint8_t sequence, map::Request code, const Bytes& payload,
               std::uint64_t clocks = 400'000);
  Reply hello(std::uint32_t nonce, std::uint8_t sequence);
  /// hello() with a new nonce.
  void begin();
  std::uint32_t read_register(map::Register reg);
  map::Status write_register(map::Register reg, std::uint32_t value);
  void step();
  void run(std::uint64_t clocks);
  /// Steps until `done`, at most `clocks` times; says whether it came.
  bool until(const std::function<bool()>& done, std::uint64_t clocks);
  /// Everything sent is in the device and nothing has come out for a while.
  void settle(std::uint64_t quiet = 3000);

  std::uint8_t next = 0;  ///< sequence number of the next request
  std::deque<Reply> replies;
  std::deque<StreamFrame> streams;
  std::uint64_t bad_frames = 0, received = 0, clocks = 0;
  std::deque<std::uint8_t> to_device;

  // ---- the line ----
  std::uint32_t rx_clocks = 1;    ///< cycles a byte to the device takes
  std::uint32_t tx_clocks = 1;    ///< cycles a byte from the device takes
  bool jitter = false;            ///< random gaps on both sides
  std::uint32_t line_errors = 0;  ///< pulses still to be given

  // ---- the core's end ----
  std::deque<std::uint16_t> words;  ///< still to be handed over
  bool core_at_end = true;          ///< stream_end once `words` is empty
  std::uint64_t stalled = 0;        ///< cycles in which a word was not taken
  Vlink_device& top() { return *top_; }

  struct Push {
    std::uint32_t kind, id, value, tick;
    friend bool operator==(const Push&, const Push&) = default;
  };
  [[nodiscard]] std::vector<Push> pushes() const;
  [[nodiscard]] std::uint64_t memory(map::Region region, std::uint32_t address) const;
  void set_memory(map::Region region, std::uint32_t address, std::uint64_t value);
  [[nodiscard]] std::uint32_t free_entries() const;
  void set_free_entries(std::uint32_t value);
  void set_push_tick(std::uint32_t value);
  void set_tick(std::uint32_t tick, std::uint32_t until);
  [[nodiscard]] std::uint32_t tick() const;
  [[nodiscard]] std::uint32_t until_tick() const;
  void set_tick_clocks(std::uint32_t value);
  void set_fast_access(std::uint32_t clocks);
  [[nodiscard]] std::uint32_t syncs() const;
  [[nodiscard]] std::uint32_t stops() const;
  [[nodiscard]] std::uint32_t resets() const;
  [[nodiscard]] std::uint32_t reset_mask() const;
  [[nodiscard]] std::uint32_t writes() const;

  Random random;

 private:
  void take(std::uint8_t byte);

  VerilatedContext context_;
  std::unique_ptr<Vlink_device> top_;
  Bytes partial_;
  std::uint32_t rx_wait_ = 0, tx_wait_ = 0;
};

// ---- payloads ----
[[nodiscard]] Bytes read_payload(map::Region region, std::uint32_t unit, std::uint32_t count,
                                 std::uint32_t address);
[[nodiscard]] Bytes write_payload(map::Region region, std::uint32_t unit, std::uint32_t address,
                                  const std::vector<std::uint64_t>& words);
[[nodiscard]] Bytes check_payload(map::Region region, std::uint32_t address, std::uint32_t count,
                                  std::uint32_t crc);
[[nodiscard]] Bytes u32_payload(std::uint32_t value);
[[nodiscard]] Bytes events_payload(std::uint32_t until, std::uint32_t base,
                                   const std::vector<std::uint16_t>& words);
[[nodiscard]] Bytes stream_payload(std::uint32_t position, bool resend);
/// CHECK's CRC: five bytes a word.
[[nodiscard]] std::uint32_t words_crc(const std::vector<std::uint64_t>& words);

}  // namespace ncx::test
