// SPDX-License-Identifier: BSD-3-Clause
// A network as its author thinks of it: real-valued parameters, populations, axon groups,
// projections.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ncx {

enum class Leak : std::uint8_t { kSubtractive, kExponential };

/// Parameters of one neuron. Potentials and weights share one unit; times are ticks.
struct NeuronParameters {
  double threshold = 1.0;
  double v_reset = 0.0, v_rest = 0.0;
  Leak leak_mode = Leak::kSubtractive;
  double leak = 0.0;  ///< subtractive: step a tick, infinity: forgets everything; exponential:
                      ///< factor beta, 0..1
  double current_decay =
      0.0;  ///< factor a tick kept of the synaptic current, 0..1; 0: no synaptic time constant
  std::uint32_t refractory = 0;  ///< ticks without a spike after a spike, 0..4095
  bool refractory_hold = false;  ///< hold v at v_reset while refractory; otherwise it integrates
  bool soft_reset = false;       ///< subtract the threshold instead of going to v_reset
  double theta_plus = 0.0;       ///< rise of the adaptive threshold at a spike
  double theta_decay = 1.0;      ///< factor a tick, 0..1
  friend bool operator==(const NeuronParameters&, const NeuronParameters&) = default;
};

/// Neurons with consecutive numbers, in the order of creation over all populations. `first` is set
/// by Network; an empty name becomes "population<index>".
struct Population {
  std::string name;
  std::uint32_t first = 0, size = 0;
  std::vector<NeuronParameters> parameters;  ///< one for all, or one a neuron; empty: the defaults
  std::vector<double> v_init;                ///< empty: v_reset; else one a neuron
  bool winner_take_all = false;              ///< the whole population is one group
};

/// External spike inputs with consecutive numbers. rates: empty (no encoders: only the host makes
/// them spike), or one an axon, the probability of a spike in a tick in 1/256 (0 to 256). `first`
/// and empty names as in Population.
struct AxonGroup {
  std::string name;
  std::uint32_t first = 0, size = 0;
  std::vector<std::uint16_t> rates;
};

enum class Format : std::uint8_t { kAuto, kDense, kSparse };

/// Synapses from a population or axon group to a population; ends count from 0 within their group.
/// Several synapses may join one pair. An empty name becomes "pre->post".
struct Projection {
  std::string name;
  bool pre_is_axon = false;
  std::uint32_t pre = 0, post = 0;  ///< index of the group or population
  std::vector<std::uint32_t> pre_index, post_index;
  std::vector<double> weight;
  std::vector<std::uint32_t> delay;  ///< empty: all 1; else one a synapse
  bool plastic = false;
  Format format = Format::kAuto;
};

class Network {
 public:
  explicit Network(std::string name = "network") : name_(std::move(name)) {}

  /// Each returns the index of what was added; throws InputError that names the argument.
  std::uint32_t add_population(Population population);
  std::uint32_t add_axons(AxonGroup group);
  std::uint32_t add_projection(Projection projection);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint32_t neurons() const { return neurons_; }
  [[nodiscard]] std::uint32_t axons() const { return axons_; }
  [[nodiscard]] std::size_t synapses() const;
  [[nodiscard]] const std::vector<Population>& populations() const { return populations_; }
  [[nodiscard]] const std::vector<AxonGroup>& axon_groups() const { return axon_groups_; }
  [[nodiscard]] const std::vector<Projection>& projections() const { return projections_; }

  /// The JSON form that `ncx compile` reads; docs/compiler.md has its fields. `origin` is the
  /// file's path: errors (InputError) begin with it, and weights_csv paths are relative to its
  /// folder.
  [[nodiscard]] static Network from_json(std::string_view text, const std::string& origin);
  [[nodiscard]] std::string to_json() const;

 private:
  std::string name_;
  std::uint32_t neurons_ = 0, axons_ = 0;
  std::vector<Population> populations_;
  std::vector<AxonGroup> axon_groups_;
  std::vector<Projection> projections_;
};

}  // namespace ncx
