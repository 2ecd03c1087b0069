// SPDX-License-Identifier: BSD-3-Clause
// Network: whole arrays in, one call a population, axon group or projection.
#include "ncx/network.hpp"

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
                             bool winner_take_all) {
  Population population;
  population.name = name;
  population.size = size;
  population.parameters = parameters(size, arrays);
  population.v_init = to_vector(v_init);
  population.winner_take_all = winner_take_all;
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
                             const Array<std::uint32_t>& delay, bool plastic, Format format) {
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
  return network.add_projection(std::move(projection));
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

}  // namespace

void bind_network(py::module_& module) {
  py::enum_<Format>(module, "Format")
      .value("AUTO", Format::kAuto)
      .value("DENSE", Format::kDense)
      .value("SPARSE", Format::kSparse);
  py::class_<Network>(module, "Network")
      .def(py::init<std::string>(), py::arg("name"))
      .def("add_population", &add_population)
      .def("add_axons", &add_axons)
      .def("add_projection", &add_projection)
      .def_property_readonly("name", &Network::name)
      .def_property_readonly("neurons", &Network::neurons)
      .def_property_readonly("axons", &Network::axons)
      .def_property_readonly("synapses", &Network::synapses)
      .def_property_readonly("populations", [](const Network& n) { return groups(n, false); })
      .def_property_readonly("axon_groups", [](const Network& n) { return groups(n, true); })
      .def_property_readonly("rates", &rates)
      .def_property_readonly("projections", &projections)
      .def("to_json", &Network::to_json)
      .def_static("from_json", [](const std::string& text, const std::string& origin) {
        return Network::from_json(text, origin);
      });
}

}  // namespace ncx::python
