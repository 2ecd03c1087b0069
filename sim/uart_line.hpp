// SPDX-License-Identifier: BSD-3-Clause
// The outside end of an 8N1 line, bit by bit, in steps of the simulated clock.
// Bit times need not be whole clock cycles, so that a line with a wrong baud rate can be played.
#pragma once

#include <cstdint>
#include <optional>

namespace ncx::sim {

/// Drives the line: start bit, eight data bits from the lowest, stop bit.
class UartTransmitter {
 public:
  explicit UartTransmitter(double clocks_per_bit) : clocks_per_bit_(clocks_per_bit) {}

  [[nodiscard]] bool idle() const { return bits_left_ == 0; }
  /// Only while idle.
  void send(std::uint8_t byte) {
    shift_ = static_cast<std::uint16_t>(0x200u | (unsigned{byte} << 1));
    bits_left_ = kBits;
    // Right behind another byte, left_ still holds the part of a cycle that one ended early.
    left_ += clocks_per_bit_;
  }
  /// The level during the next clock cycle.
  [[nodiscard]] bool clock() {
    if (bits_left_ == 0) {
      left_ = 0;
      return true;
    }
    const bool level = (shift_ & 1) != 0;
    left_ -= 1;
    if (left_ <= 0) {
      shift_ = static_cast<std::uint16_t>(shift_ >> 1);
      if (--bits_left_ != 0) left_ += clocks_per_bit_;
    }
    return level;
  }

 private:
  static constexpr int kBits = 10;
  double clocks_per_bit_;
  double left_ = 0;
  std::uint16_t shift_ = 0;
  int bits_left_ = 0;
};

/// Samples the line in the middle of each bit.
class UartReceiver {
 public:
  explicit UartReceiver(double clocks_per_bit) : clocks_per_bit_(clocks_per_bit) {}

  /// The level during one clock cycle; a byte when its stop bit has been seen.
  [[nodiscard]] std::optional<std::uint8_t> clock(bool level) {
    if (bit_ < 0) {
      if (!level && last_) {
        bit_ = 0;
        wait_ = clocks_per_bit_ / 2;
      }
      last_ = level;
      return std::nullopt;
    }
    last_ = level;
    wait_ -= 1;
    if (wait_ >= 1) return std::nullopt;
    wait_ += clocks_per_bit_;
    if (bit_ == 0 && level) {  // not a start bit after all
      bit_ = -1;
      return std::nullopt;
    }
    if (bit_ <= kDataBits) {
      if (bit_ > 0) byte_ = static_cast<std::uint8_t>((byte_ >> 1) | (level ? 0x80u : 0u));
      ++bit_;
      return std::nullopt;
    }
    bit_ = -1;
    if (level) return byte_;
    ++errors_;
    return std::nullopt;
  }
  [[nodiscard]] bool idle() const { return bit_ < 0; }
  /// Stop bits that were low.
  [[nodiscard]] std::uint64_t errors() const { return errors_; }

 private:
  static constexpr int kDataBits = 8;
  double clocks_per_bit_;
  double wait_ = 0;
  int bit_ = -1;  // -1: waits for a start bit; 0: in it; 1..8: data; 9: stop
  bool last_ = true;
  std::uint8_t byte_ = 0;
  std::uint64_t errors_ = 0;
};

}  // namespace ncx::sim
