// SPDX-License-Identifier: BSD-3-Clause
// A network as its author thinks of it: real-valued parameters, populations, axon groups,
// projections.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
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
  std::vector<std::uint32_t>
      refractory_init;           ///< counters at the start; empty: 0; else one a neuron
  bool winner_take_all = false;  ///< the whole population is one group
};

/// External spike inputs with consecutive numbers. rates: empty (no encoders: only the host makes
/// them spike), or one an axon, the probability of a spike in a tick in 1/256 (0 to 256). `first`
/// and empty names as in Population.
struct AxonGroup {
  std::string name;
  std::uint32_t first = 0, size = 0;
  std::vector<std::uint16_t> rates;
};

enum class Rule : std::uint8_t { kAdditive, kInstar };
enum class Traces : std::uint8_t { kKernel, kExponential };
enum class Rounding : std::uint8_t { kDown, kNearest, kStochastic };

/// How the weights of some projections learn; docs/model.md, "Learning", has the equations. Weights
/// and amplitudes are in the network's unit, times in ticks. A spike of a source acts on its
/// targets one tick later (an axon's in its own tick): that tick is lag 1.
struct LearningProfile {
  std::string name;  ///< empty: "profile<index>"
  Rule rule = Rule::kAdditive;
  Traces traces = Traces::kKernel;
  bool newest = false;  ///< only the newest spike of a trace counts; otherwise all add up
  /// Kernel: element k is the weight change for lag k + 1, at most 16 each. pre: a postsynaptic
  /// spike follows a presynaptic one, added. post: a presynaptic spike follows a postsynaptic one,
  /// subtracted.
  std::vector<double> pre_taps, post_taps;
  /// Exponential: at lag k the change is amplitude * decay^k. Instar: pre only, the trace x that
  /// the weights move towards.
  double pre_amplitude = 0.0, post_amplitude = 0.0;
  double pre_decay = 0.0, post_decay = 0.0;  ///< factors a tick, 0..1
  /// Added to every plastic synapse in tick t after the start: element k if t > k, at most 16.
  std::vector<double> drift;
  double w_min = -std::numeric_limits<double>::infinity();  ///< infinity: what the field holds
  double w_max = std::numeric_limits<double>::infinity();
  std::uint32_t instar_shift = 4;  ///< instar: w += (x - w) / 2^shift at a spike, 0..16
  Rounding rounding = Rounding::kNearest;
  bool modulated = false;  ///< changes are multiplied by the run-time modulation (reward)
  bool enabled = true;     ///< learns from the start; traces are kept anyway
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
  std::vector<std::uint8_t> plastic_mask;  ///< with plastic: empty: all; else one a synapse, 0 or 1
  std::int32_t profile = -1;  ///< index of a learning profile, for plastic ones; -1: never learns
  Format format = Format::kAuto;
};

class Network {
 public:
  explicit Network(std::string name = "network") : name_(std::move(name)) {}

  /// Each returns the index of what was added; throws InputError that names the argument.
  std::uint32_t add_population(Population population);
  std::uint32_t add_axons(AxonGroup group);
  std::uint32_t add_profile(LearningProfile profile);
  std::uint32_t add_projection(Projection projection);

  /// Where the network begins in mid-run: spikes of the tick before the first (they are due in it),
  /// and histories of kernel traces, one a neuron, bit k set: a spike k + 1 ticks before the first;
  /// bit 0 equals `spiked`. `age`: ticks that have passed before the first, at most 16.
  struct Past {
    std::vector<std::uint32_t> spiked;
    std::vector<std::uint16_t> history;  ///< empty: none
    std::uint32_t age = 0;
  };
  /// For the neurons added so far; later ones have none.
  void set_past(Past past);
  [[nodiscard]] const Past& past() const { return past_; }

  /// The grid that the network wants: state units are 2^-fraction_bits; empty: the compiler
  /// chooses. CompileOptions::fraction_bits goes before it.
  void set_fraction_bits(std::optional<std::uint32_t> bits) { fraction_bits_ = bits; }
  [[nodiscard]] std::optional<std::uint32_t> fraction_bits() const { return fraction_bits_; }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint32_t neurons() const { return neurons_; }
  [[nodiscard]] std::uint32_t axons() const { return axons_; }
  [[nodiscard]] std::size_t synapses() const;
  [[nodiscard]] const std::vector<Population>& populations() const { return populations_; }
  [[nodiscard]] const std::vector<AxonGroup>& axon_groups() const { return axon_groups_; }
  [[nodiscard]] const std::vector<LearningProfile>& profiles() const { return profiles_; }
  [[nodiscard]] const std::vector<Projection>& projections() const { return projections_; }

  /// The JSON form that `ncx compile` reads; docs/compiler.md has its fields. `origin` is the
  /// file's path: errors (InputError) begin with it, and weights_csv paths are relative to its
  /// folder.
  [[nodiscard]] static Network from_json(std::string_view text, const std::string& origin);
  [[nodiscard]] std::string to_json() const;
  /// Writes to_json(); an existing file stays whole until the new one is complete.
  void save(const std::filesystem::path& path) const;

 private:
  void check_learning(const std::string& owner, const Projection& projection) const;

  std::string name_;
  std::optional<std::uint32_t> fraction_bits_;
  std::uint32_t neurons_ = 0, axons_ = 0;
  std::vector<Population> populations_;
  std::vector<AxonGroup> axon_groups_;
  std::vector<LearningProfile> profiles_;
  std::vector<Projection> projections_;
  std::unordered_set<std::string> projection_names_;
  std::unordered_map<std::string, std::size_t> copies_;  ///< of a name that was made up, so far
  Past past_;
};

}  // namespace ncx
