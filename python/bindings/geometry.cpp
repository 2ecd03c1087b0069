// SPDX-License-Identifier: BSD-3-Clause
// Geometry and the lists of named builds.
#include "ncx/geometry.hpp"

#include <pybind11/stl.h>

#include "bindings.hpp"
#include "ncx/rtl_backend.hpp"

namespace py = pybind11;

namespace ncx::python {

void bind_geometry(py::module_& module) {
  py::class_<Geometry>(module, "Geometry")
      .def_static("named", [](const std::string& name) { return Geometry::named(name); })
      .def_static("names", &Geometry::names)
      .def_static("of_target", [](const std::string& name) { return Geometry::of_target(name); })
      .def_static("target_names", &Geometry::target_names)
      .def("with_baud",
           [](Geometry geometry, std::uint32_t baud) {
             geometry.baud = baud;
             return geometry;
           })
      .def_property_readonly("weight_min", &Geometry::weight_min)
      .def_property_readonly("weight_max", &Geometry::weight_max)
      .def_readonly("name", &Geometry::name)
      .def_readonly("lanes", &Geometry::lanes)
      .def_readonly("neurons", &Geometry::neurons)
      .def_readonly("axons", &Geometry::axons)
      .def_readonly("weight_bits", &Geometry::weight_bits)
      .def_readonly("synapse_words", &Geometry::synapse_words)
      .def_readonly("rows", &Geometry::rows)
      .def_readonly("max_delay", &Geometry::max_delay)
      .def_readonly("parameter_sets", &Geometry::parameter_sets)
      .def_readonly("program_entries", &Geometry::program_entries)
      .def_readonly("profiles", &Geometry::profiles)
      .def_readonly("event_entries", &Geometry::event_entries)
      .def_readonly("stream_words", &Geometry::stream_words)
      .def_readonly("probe_entries", &Geometry::probe_entries)
      .def_readonly("rx_bytes", &Geometry::rx_bytes)
      .def_readonly("clock_hz", &Geometry::clock_hz)
      .def_readonly("baud", &Geometry::baud)
      .def("__eq__", [](const Geometry& a, const Geometry& b) { return a == b; })
      .def("__repr__", [](const Geometry& g) {
        return "<Geometry " + g.name + ": " + std::to_string(g.neurons) + " neurons, " +
               std::to_string(g.axons) + " axons, " + std::to_string(g.lanes) + " lanes, " +
               std::to_string(g.weight_bits) + "-bit weights, delays to " +
               std::to_string(g.max_delay) + ">";
      });
  module.def("rtl_configurations", &rtl_configurations);
}

}  // namespace ncx::python
