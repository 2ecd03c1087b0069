// SPDX-License-Identifier: BSD-3-Clause
// The register map on a bus: addresses, records, and the two sides of it that are not SystemC.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ncx::sim {

/// A word of a region (docs/registers.md) takes 8 bytes, little-endian, at
/// region * kRegionBytes + word * kWordBytes. Four bytes there are its bits 31..0.
inline constexpr std::uint64_t kWordBytes = 8, kRegionBytes = std::uint64_t{1} << 24;
/// Behind the regions lie the link's requests, each at its code: RUN, EVENTS, STOP, RESET, STREAM.
/// A burst to one of them goes to it word by word.
inline constexpr std::uint64_t kRequestRegion = 31;
inline constexpr std::uint64_t kBusBytes = (kRequestRegion + 1) * kRegionBytes;

constexpr std::uint64_t bus_address(std::uint64_t region, std::uint64_t word) {
  return region * kRegionBytes + word * kWordBytes;
}

enum class BusStatus { kOk, kAddress, kLength, kReadOnly, kRefused };

/// A core behind a bus. The network runs in slices: what a slice did shows when it ends.
class BusDevice {
 public:
  virtual ~BusDevice() = default;
  [[nodiscard]] virtual BusStatus read(std::uint64_t address, std::uint8_t* data,
                                       std::size_t bytes) = 0;
  [[nodiscard]] virtual BusStatus write(std::uint64_t address, const std::uint8_t* data,
                                        std::size_t bytes) = 0;
  /// Ticks are to do, or a slice is under way.
  [[nodiscard]] virtual bool running() const = 0;
  /// Begins a slice of at most `ticks` ticks; returns its clock cycles. 0: there is nothing to do,
  /// or no room for spikes until somebody reads STREAM.
  [[nodiscard]] virtual std::uint64_t begin(std::uint32_t ticks) = 0;
  /// Ends the slice; true when a neuron fired in it.
  virtual bool end() = 0;
};

/// A core of a named build, on the bit-exact model. Throws InputError for an unknown name.
[[nodiscard]] std::unique_ptr<BusDevice> make_model_core(const std::string& configuration);

/// A bus master's way to its bus. An access that fails throws.
class Bus {
 public:
  virtual ~Bus() = default;
  virtual void read(std::uint64_t address, std::uint8_t* data, std::size_t bytes) = 0;
  virtual void write(std::uint64_t address, const std::uint8_t* data, std::size_t bytes) = 0;
  /// Lets time pass, until the core stands still or a while is over.
  virtual void wait() = 0;
};

/// The device's side of the framed link, on top of a bus.
class BusLink {
 public:
  virtual ~BusLink() = default;
  virtual void receive(const std::uint8_t* bytes, std::size_t count) = 0;
  /// Runs some ticks; false when there was nothing to do.
  virtual bool work() = 0;
  [[nodiscard]] virtual std::vector<std::uint8_t> transmit() = 0;
  [[nodiscard]] virtual std::uint64_t frames() const = 0;
  [[nodiscard]] virtual std::uint64_t damaged() const = 0;
  [[nodiscard]] virtual std::uint64_t sessions() const = 0;
};
using LinkFactory = std::function<std::unique_ptr<BusLink>(Bus&)>;
[[nodiscard]] std::unique_ptr<BusLink> make_bus_link(Bus& bus);

/// A write on the bus.
struct BusWrite {
  std::uint64_t address = 0;
  std::vector<std::uint8_t> data;
};
/// The writes that load a compiled image (`ncx compile`) into a core of this build.
[[nodiscard]] std::vector<BusWrite> image_writes(const std::string& path,
                                                 const std::string& configuration);

/// What EVENTS takes and STREAM gives, as two words each.
struct BusRecord {
  enum Kind : std::uint32_t {
    kSpike = 0,    ///< EVENTS: axon `id` spikes. STREAM: neuron slot `id` fired
    kValue = 1,    ///< EVENTS: current into slot `id`. STREAM: potential of slot `id`
    kNothing = 3,  ///< STREAM: there is no more
  };
  static constexpr std::size_t kBytes = 2 * kWordBytes;
  std::uint32_t tick = 0, kind = kSpike, id = 0;
  std::int32_t value = 0;  ///< signed 24 bits

  void store(std::uint8_t* out) const {
    store_word(out, std::uint64_t{kind} << 32 | tick);
    const std::uint64_t bits = static_cast<std::uint32_t>(value) & 0xFFFFFFu;
    store_word(out + kWordBytes, bits << 16 | (id & 0xFFFFu));
  }
  [[nodiscard]] static BusRecord load(const std::uint8_t* in) {
    const std::uint64_t first = load_word(in), second = load_word(in + kWordBytes);
    BusRecord record;
    record.tick = static_cast<std::uint32_t>(first);
    record.kind = static_cast<std::uint32_t>(first >> 32) & 3u;
    record.id = static_cast<std::uint32_t>(second) & 0xFFFFu;
    // The 24 bits go to the top of the word and come back with their sign.
    record.value = static_cast<std::int32_t>(static_cast<std::uint32_t>(second >> 16) << 8) / 256;
    return record;
  }

  static void store_word(std::uint8_t* out, std::uint64_t word) {
    for (std::size_t i = 0; i < kWordBytes; ++i) {
      out[i] = static_cast<std::uint8_t>(word >> (8 * i));
    }
  }
  [[nodiscard]] static std::uint64_t load_word(const std::uint8_t* in) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < kWordBytes; ++i) word |= std::uint64_t{in[i]} << (8 * i);
    return word;
  }
};

}  // namespace ncx::sim
