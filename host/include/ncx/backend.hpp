// SPDX-License-Identifier: BSD-3-Clause
// Anything that can run an image: the model, the Verilated RTL, or a board. Speaks slots and
// hardware axons; ncx::Emulator (emulator.hpp) puts the user's numbering on top.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ncx/geometry.hpp"
#include "ncx/image.hpp"

namespace ncx {

struct AxonEvent {
  std::uint32_t tick = 0, axon = 0;
  friend auto operator<=>(const AxonEvent&, const AxonEvent&) = default;
};
struct CurrentEvent {
  std::uint32_t tick = 0, neuron = 0;
  std::int32_t value = 0;
};
struct Spike {
  std::uint32_t tick = 0, neuron = 0;
  friend auto operator<=>(const Spike&, const Spike&) = default;
};

/// Ticks are relative to the tick at which the run starts. Events must be sorted by tick.
struct RunRequest {
  std::uint32_t ticks = 0;
  std::vector<AxonEvent> axon_events;
  std::vector<CurrentEvent> current_events;
  bool record_spikes = true;
  bool count_spikes = true;
  std::vector<std::uint32_t> probes;  ///< neurons whose potential is recorded after every tick
  /// Called now and then with ticks done; returning false stops the run cleanly and raises
  /// Interrupted.
  std::function<bool(std::uint32_t)> progress;
};

struct RunResult {
  std::uint32_t first_tick = 0;  ///< device tick at which the run started
  std::uint32_t ticks = 0;
  std::vector<Spike> spikes;  ///< ordered by tick, then neuron; tick relative to the start
  std::vector<std::int32_t> potentials;  ///< ticks x probes, row-major
  std::uint64_t cycles = 0;              ///< clock cycles in ticks, without stalls
  std::uint64_t stalls = 0;              ///< clock cycles waiting for the host
  std::uint64_t overruns = 0;            ///< ticks late against PERIOD
  std::uint64_t retries = 0;             ///< frames sent again or asked for again
};

class Backend {
 public:
  virtual ~Backend() = default;
  [[nodiscard]] virtual const Geometry& geometry() const = 0;
  /// "model", "rtl", "serial:/dev/ttyUSB1"...
  [[nodiscard]] virtual std::string description() const = 0;
  /// Words `address` .. `address + count - 1` of a region.
  [[nodiscard]] virtual std::vector<std::uint64_t> read(Region region, std::uint64_t address,
                                                        std::size_t count) = 0;
  /// As read(), but only bits 31..0 of each word, which is all that weights need: a link has less
  /// to move.
  [[nodiscard]] virtual std::vector<std::uint64_t> read_low(Region region, std::uint64_t address,
                                                            std::size_t count);
  /// Config regions are validated (CRC-32 compared on the device) before this returns.
  virtual void write(Region region, std::uint64_t address,
                     std::span<const std::uint64_t> words) = 0;
  /// `mask`: bits of docs/registers.md, "Reset bits".
  virtual void reset(std::uint32_t mask) = 0;
  virtual RunResult run(const RunRequest& request) = 0;

  [[nodiscard]] std::uint32_t read_register(Register reg);
  void write_register(Register reg, std::uint32_t value);
};

/// Checks that the image fits (CapacityError), writes its memories and registers, resets, sets the
/// initial state.
void load_image(Backend& backend, const Image& image);
/// RESET of everything but statistics, then the image's initial state.
void reset_to_initial(Backend& backend, const Image& image);

}  // namespace ncx
