// SPDX-License-Identifier: BSD-3-Clause
// Network: whole arrays in, one call a population, axon group or projection.
#include "ncx/network.hpp"

#include <pybind11/stl.h>

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "arrays.hpp"
#include "bindings.hpp"
#include "ncx/error.hpp"

namespace py = pybind11;

namespace ncx::python {
namespace {

using Setter = void (*)(NeuronParameters&, double);
struct Field {
  std::string_view name;
  Setter set;
};
// The Python side has checked that flags and ticks are whole numbers of the right range.
constexpr std::array<Field, 11> kFields = {{
    {"threshold", [](NeuronParameters& p, double value) { p.threshold = value; }},
    {"v_reset", [](NeuronParameters& p, double value) { p.v_reset = value; }},
    {"v_rest", [](NeuronParameters& p, double value) { p.v_rest = value; }},
    {"leak_exponential",
     [](NeuronParameters& p, double value) {
       p.leak_mode = value != 0.0 ? Leak::kExponential : Leak::kSubtractive;
     }},
    {"leak", [](NeuronParameters& p, double value) { p.leak = value; }},
    {"current_decay", [](NeuronParameters& p, double value) { p.current_decay = value; }},
    {"refractory",
     [](NeuronParameters& p, double value) { p.refractory = static_cast<std::uint32_t>(value); }},
    {"refractory_hold",
     [](NeuronParameters& p, double value) { p.refractory_hold = value != 0.0; }},
    {"soft_reset", [](NeuronParameters& p, double value) { p.soft_reset = value != 0.0; }},
    {"theta_plus", [](NeuronParameters& p, double value) { p.theta_plus = value; }},
    {"theta_decay", [](NeuronParameters& p, double value) { p.theta_decay = value; }},
}};

Setter setter(const std::string& name) {
  for (const Field& field : kFields) {
    if (field.name == name) return field.set;
  }
  throw InputError("no neuron parameter '" + name + "'", "see Network.population");
}

/// Each array has one value for all neurons or one a neuron.
std::vector<NeuronParameters> parameters(std::uint32_t size, const py::dict& arrays) {
  std::size_t sets = 1;
  for (const auto& [name, values] : arrays) {
    if (py::cast<Array<double>>(values).size() != 1) sets = size;
  }
  std::vector<NeuronParameters> result(sets);
  for (const auto& [name, values] : arrays) {
    const Setter set = setter(py::cast<std::string>(name));
    const auto array = py::cast<Array<double>>(values);
    const auto from = view(array);
    if (from.size() != 1 && from.size() != size) {
      throw InputError(py::cast<std::string>(name) + " has " + std::to_string(from.size()) +
                           " values, expected 1 or " + std::to_string(size),
                       "");
    }
    for (std::size_t n = 0; n < sets; ++n) set(result[n], from[from.size() == 1 ? 0 : n]);
  }
  return result;
}

std::uint32_t add_population(Network& network, const std::string& name, std::uint32_t size,
                             const py::dict& arrays, const Array<double>& v_init,
                             bool winner_take_all, const Array<std::uint32_t>& refractory_init) {
  Population population;
  population.name = name;
  population.size = size;
  population.parameters = parameters(size, arrays);
  population.v_init = to_vector(v_init);
  population.winner_take_all = winner_take_all;
  population.refractory_init = to_vector(refractory_init);
  return network.add_population(std::move(population));
}

std::uint32_t add_axons(Network& network, const std::string& name, std::uint32_t size,
                        const Array<std::uint16_t>& rates) {
  AxonGroup group;
  group.name = name;
  group.size = size;
  group.rates = to_vector(rates);
  return network.add_axons(std::move(group));
}

std::uint32_t add_projection(Network& network, const std::string& name, bool pre_is_axon,
                             std::uint32_t pre, std::uint32_t post,
                             const Array<std::uint32_t>& pre_index,
                             const Array<std::uint32_t>& post_index, const Array<double>& weight,
                             const Array<std::uint32_t>& delay, bool plastic, Format format,
                             std::int32_t profile, const Array<std::uint8_t>& plastic_mask) {
  Projection projection;
  projection.name = name;
  projection.pre_is_axon = pre_is_axon;
  projection.pre = pre;
  projection.post = post;
  projection.pre_index = to_vector(pre_index);
  projection.post_index = to_vector(post_index);
  projection.weight = to_vector(weight);
  projection.delay = to_vector(delay);
  projection.plastic = plastic;
  projection.format = format;
  projection.profile = profile;
  projection.plastic_mask = to_vector(plastic_mask);
  return network.add_projection(std::move(projection));
}

void set_past(Network& network, const Array<std::uint32_t>& spiked,
              const Array<std::uint16_t>& history, std::uint32_t age) {
  Network::Past past;
  past.spiked = to_vector(spiked);
  past.history = to_vector(history);
  past.age = age;
  network.set_past(std::move(past));
}

py::tuple past(const Network& network) {
  const Network::Past& p = network.past();
  return py::make_tuple(to_array(std::vector<std::uint32_t>(p.spiked)),
                        to_array(std::vector<std::uint16_t>(p.history)), p.age);
}

void check_index(const char* item, std::size_t index, std::size_t count) {
  if (index < count) return;
  throw InputError(std::string(item) + " " + std::to_string(index) + ": the network has " +
                       std::to_string(count),
                   "an index that the network has returned");
}

/// Learning profile, and the mask as it was given (empty: all synapses alike).
py::tuple plasticity(const Network& network, std::size_t projection) {
  check_index("projection", projection, network.projections().size());
  const Projection& p = network.projections()[projection];
  return py::make_tuple(p.profile, to_array(std::vector<std::uint8_t>(p.plastic_mask)));
}

py::array refractory_init(const Network& network, std::size_t population) {
  check_index("population", population, network.populations().size());
  return to_array(std::vector<std::uint32_t>(network.populations()[population].refractory_init));
}

template <typename Item>
py::tuple group_tuple(const Item& item) {
  return py::make_tuple(item.name, item.first, item.size);
}

py::list groups(const Network& network, bool axons) {
  py::list result;
  if (axons) {
    for (const AxonGroup& group : network.axon_groups()) result.append(group_tuple(group));
  } else {
    for (const Population& population : network.populations()) {
      result.append(group_tuple(population));
    }
  }
  return result;
}

py::list rates(const Network& network) {
  py::list result;
  for (const AxonGroup& group : network.axon_groups()) {
    result.append(to_array(std::vector<std::uint16_t>(group.rates)));
  }
  return result;
}

py::list projections(const Network& network) {
  py::list result;
  for (const Projection& p : network.projections()) {
    result.append(py::make_tuple(
        p.name, p.pre_is_axon, p.pre, p.post, to_array(std::vector<std::uint32_t>(p.pre_index)),
        to_array(std::vector<std::uint32_t>(p.post_index)), to_array(std::vector<double>(p.weight)),
        to_array(std::vector<std::uint32_t>(p.delay)), p.plastic));
  }
  return result;
}

void bind_profile(py::module_& module) {
  py::enum_<Rule>(module, "Rule").value("ADDITIVE", Rule::kAdditive).value("INSTAR", Rule::kInstar);
  py::enum_<Traces>(module, "Traces")
      .value("KERNEL", Traces::kKernel)
      .value("EXPONENTIAL", Traces::kExponential);
  py::enum_<Rounding>(module, "Rounding")
      .value("DOWN", Rounding::kDown)
      .value("NEAREST", Rounding::kNearest)
      .value("STOCHASTIC", Rounding::kStochastic);
  py::class_<LearningProfile>(module, "LearningProfile")
      .def(py::init<>())
      .def_readwrite("name", &LearningProfile::name)
      .def_readwrite("rule", &LearningProfile::rule)
      .def_readwrite("traces", &LearningProfile::traces)
      .def_readwrite("newest", &LearningProfile::newest)
      .def_readwrite("pre_taps", &LearningProfile::pre_taps)
      .def_readwrite("post_taps", &LearningProfile::post_taps)
      .def_readwrite("pre_amplitude", &LearningProfile::pre_amplitude)
      .def_readwrite("post_amplitude", &LearningProfile::post_amplitude)
      .def_readwrite("pre_decay", &LearningProfile::pre_decay)
      .def_readwrite("post_decay", &LearningProfile::post_decay)
      .def_readwrite("drift", &LearningProfile::drift)
      .def_readwrite("w_min", &LearningProfile::w_min)
      .def_readwrite("w_max", &LearningProfile::w_max)
      .def_readwrite("instar_shift", &LearningProfile::instar_shift)
      .def_readwrite("rounding", &LearningProfile::rounding)
      .def_readwrite("modulated", &LearningProfile::modulated)
      .def_readwrite("enabled", &LearningProfile::enabled);
}

}  // namespace

void bind_network(py::module_& module) {
  bind_profile(module);
  py::enum_<Format>(module, "Format")
      .value("AUTO", Format::kAuto)
      .value("DENSE", Format::kDense)
      .value("SPARSE", Format::kSparse);
  py::class_<Network>(module, "Network")
      .def(py::init<std::string>(), py::arg("name"))
      .def("add_population", &add_population, py::arg("name"), py::arg("size"),
           py::arg("parameters"), py::arg("v_init"), py::arg("winner_take_all"),
           py::arg("refractory_init") = Array<std::uint32_t>())
      .def("add_axons", &add_axons)
      .def("add_profile", &Network::add_profile, py::arg("profile"))
      .def("add_projection", &add_projection, py::arg("name"), py::arg("pre_is_axon"),
           py::arg("pre"), py::arg("post"), py::arg("pre_index"), py::arg("post_index"),
           py::arg("weight"), py::arg("delay"), py::arg("plastic"), py::arg("format"),
           py::arg("profile") = -1, py::arg("plastic_mask") = Array<std::uint8_t>())
      .def("set_past", &set_past, py::arg("spiked"), py::arg("history"), py::arg("age"))
      .def_property_readonly("name", &Network::name)
      .def_property("fraction_bits", &Network::fraction_bits, &Network::set_fraction_bits)
      .def_property_readonly("neurons", &Network::neurons)
      .def_property_readonly("axons", &Network::axons)
      .def_property_readonly("synapses", &Network::synapses)
      .def_property_readonly("populations", [](const Network& n) { return groups(n, false); })
      .def_property_readonly("axon_groups", [](const Network& n) { return groups(n, true); })
      .def_property_readonly("rates", &rates)
      .def_property_readonly("profiles", [](const Network& n) { return n.profiles(); })
      .def_property_readonly("past", &past)
      .def_property_readonly("projections", &projections)
      .def("projection_name",
           [](const Network& n, std::size_t index) { return n.projections().at(index).name; })
      .def("plasticity", &plasticity)
      .def("refractory_init", &refractory_init)
      .def("to_json", &Network::to_json)
      .def("save", [](const Network& network, const std::string& path) { network.save(path); })
      .def_static("from_json", [](const std::string& text, const std::string& origin) {
        return Network::from_json(text, origin);
      });
}

}  // namespace ncx::python
