// SPDX-License-Identifier: BSD-3-Clause
// A backend with an image on it, in the user's own numbering and units.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ncx/backend.hpp"
#include "ncx/device.hpp"
#include "ncx/image.hpp"

namespace ncx {

/// "model", "rtl" (Verilated core, byte link), "serial:PATH", or "serial:auto", the only board that
/// is connected. `configuration` names the build for model and rtl; a serial device says itself
/// what it is. Port and rate are found as open_device.hpp says, with the help of `sys`. Throws
/// InputError for a name it does not know.
[[nodiscard]] std::unique_ptr<Backend> open_backend(const std::string& spec,
                                                    const std::string& configuration,
                                                    std::uint32_t baud = 0,
                                                    const LinkOptions& link = {},
                                                    const std::filesystem::path& sys = "/sys");

/// A device's state while it stands still.
struct State {
  std::uint32_t image_id = 0;
  std::uint32_t tick = 0, spike_entries = 0, learning = 0;
  std::int32_t modulation = 0;
  /// Spike counts that the host had taken off the device, one a slot, and the ticks counted since.
  std::vector<std::uint32_t> counted;
  std::uint32_t ticks_counted = 0;
  std::map<Region, std::vector<std::uint64_t>> memories;

  /// CBOR with a CRC-32, as images; throws InputError that names file and field.
  [[nodiscard]] std::vector<std::uint8_t> to_cbor() const;
  [[nodiscard]] static State from_cbor(std::span<const std::uint8_t> bytes,
                                       const std::string& origin);
  void save(const std::filesystem::path& path) const;
  [[nodiscard]] static State load(const std::filesystem::path& path);
  friend bool operator==(const State&, const State&) = default;
};

class Emulator {
 public:
  explicit Emulator(std::unique_ptr<Backend> backend) : backend_(std::move(backend)) {}

  [[nodiscard]] Backend& backend() { return *backend_; }
  [[nodiscard]] const Image& image() const;  ///< throws InputError before load()
  void load(Image image);
  /// Takes up work with the image that is already on the device; changes nothing there. Throws
  /// InputError if the device holds another one.
  void attach(Image image);
  /// Back to the image's initial state. Weights with their drift stay, and so do the rates, the
  /// modulation and which profiles learn.
  void reset();
  /// As Backend::run, with user numbers of neurons and axons in the request and the result. Events
  /// may come in any order; currents for one neuron and tick add up. An axon can have one event a
  /// tick.
  RunResult run(const RunRequest& request);

  /// Spike counts since the last reset or clear, one a user neuron.
  [[nodiscard]] std::vector<std::uint32_t> spike_counts();
  void clear_spike_counts();
  /// Membrane potentials / currents / thetas / refractory counters, in state units, one a user
  /// neuron.
  [[nodiscard]] std::vector<std::int32_t> potentials();
  [[nodiscard]] std::vector<std::int32_t> currents();
  [[nodiscard]] std::vector<std::int32_t> thetas();
  [[nodiscard]] std::vector<std::uint32_t> refractory_counters();
  void set_potentials(std::span<const std::int32_t> values);
  /// Effective weights (drift included) of a projection in the user's synapse order; real value = w
  /// * 2^(exponent - fraction_bits).
  [[nodiscard]] std::vector<std::int32_t> weights(std::size_t projection);
  void set_weights(std::size_t projection, std::span<const std::int32_t> values);
  /// Whether a learning profile of the network changes weights; its traces are kept either way.
  void set_learning(std::size_t profile, bool on);
  [[nodiscard]] bool learning(std::size_t profile);
  /// Factor of the weight changes of all modulated profiles (reward): 1.16 fixed point, 65536 is
  /// 1.0, from -131072 to 131071. 0: they do not learn now.
  void set_modulation(std::int32_t factor);
  [[nodiscard]] std::int32_t modulation();
  /// Everything that a run changes: potentials, inputs in flight, counters, traces, weights, drift,
  /// generators, the tick; and rates, modulation and which profiles learn. A run from a restored
  /// state gives what this emulator gives when it runs on, to the bit and the clock cycle.
  [[nodiscard]] State save_state();
  /// Throws InputError, with nothing sent, for a state of another image or build.
  void restore_state(const State& state);
  /// Encoder rates in 1/256 a tick, one a user axon.
  [[nodiscard]] std::vector<std::uint16_t> rates();
  void set_rates(std::span<const std::uint16_t> rates);

 private:
  [[nodiscard]] std::vector<std::int32_t> state_field(std::uint32_t word, std::uint32_t lsb,
                                                      std::uint32_t bits, bool is_signed);
  [[nodiscard]] RunRequest to_hardware(const RunRequest& request) const;
  void to_user(RunResult& result) const;
  [[nodiscard]] RunResult run_part(const RunRequest& whole, std::uint32_t first,
                                   std::uint32_t ticks);
  [[nodiscard]] const ProjectionMap& projection_map(std::size_t projection) const;
  [[nodiscard]] std::int32_t drift_of(const ProjectionMap& projection);
  [[nodiscard]] std::uint32_t hardware_profiles(std::size_t profile) const;
  void check_state(const State& state) const;
  void make_room_to_count(std::uint32_t ticks);
  void forget_counts();

  std::unique_ptr<Backend> backend_;
  std::optional<Image> image_;
  std::uint32_t image_id_ = 0;
  std::vector<std::uint32_t> slot_neuron_;
  /// Counts taken from the device before its 16-bit counters could have saturated, one a slot, and
  /// the ticks it has counted since.
  std::vector<std::uint32_t> counted_;
  std::uint32_t ticks_counted_ = 0;
};

}  // namespace ncx
