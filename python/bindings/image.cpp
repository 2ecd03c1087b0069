// SPDX-License-Identifier: BSD-3-Clause
// Compiling, its report, and the image.
#include "ncx/image.hpp"

#include <pybind11/stl.h>

#include <numeric>
#include <optional>
#include <string>

#include "arrays.hpp"
#include "bindings.hpp"
#include "ncx/compiler.hpp"
#include "ncx/error.hpp"

namespace py = pybind11;

namespace ncx::python {
namespace {

CompileOptions options(std::optional<std::uint32_t> fraction_bits, std::uint32_t seed) {
  CompileOptions result;
  result.fraction_bits = fraction_bits;
  result.seed = seed;
  return result;
}

py::tuple compile_network(const Network& network, const Geometry& geometry,
                          std::optional<std::uint32_t> fraction_bits, std::uint32_t seed) {
  Compiled compiled = [&] {
    const py::gil_scoped_release released;
    return compile(network, geometry, options(fraction_bits, seed));
  }();
  return py::make_tuple(std::move(compiled.image), std::move(compiled.report));
}

CompileReport check_network(const Network& network, const Geometry& geometry,
                            std::optional<std::uint32_t> fraction_bits, double activity) {
  const py::gil_scoped_release released;
  CompileOptions wanted = options(fraction_bits, 1);
  wanted.activity = activity;
  return check(network, geometry, wanted);
}

std::string recommend_board(const Network& network, std::optional<std::uint32_t> fraction_bits) {
  const py::gil_scoped_release released;
  return recommend(network, options(fraction_bits, 1));
}

py::list groups(const std::vector<Group>& from) {
  py::list result;
  for (const Group& group : from)
    result.append(py::make_tuple(group.name, group.first, group.size));
  return result;
}

py::list projections(const Image& image) {
  py::list result;
  for (const ProjectionMap& p : image.projections) {
    result.append(py::make_tuple(p.name, p.pre_is_axon, p.plastic, p.exponent));
  }
  return result;
}

const ProjectionMap& projection_of(const Image& image, std::size_t projection) {
  if (projection < image.projections.size()) return image.projections[projection];
  throw InputError("projection " + std::to_string(projection) + ": the image has " +
                       std::to_string(image.projections.size()),
                   "");
}

/// User numbers of a projection's ends, one a synapse.
py::tuple ends(const Image& image, std::size_t projection) {
  const ProjectionMap& p = projection_of(image, projection);
  return py::make_tuple(to_array(std::vector<std::uint32_t>(p.pre)),
                        to_array(std::vector<std::uint32_t>(p.post)));
}

/// Hardware profile (-1: never learns), and one flag a synapse: plastic or not.
py::tuple plasticity(const Image& image, std::size_t projection) {
  const ProjectionMap& p = projection_of(image, projection);
  std::vector<std::uint8_t> mask = p.plastic_mask;
  if (mask.empty()) mask.assign(p.pre.size(), p.plastic ? 1 : 0);
  return py::make_tuple(p.profile, to_array(std::move(mask)));
}

/// Words of a memory, one for each of `addresses`; 0 where the image has none.
template <typename Value>
py::array words_of(const Image& image, Region region, const std::vector<std::uint32_t>& addresses) {
  std::vector<Value> result(addresses.size(), Value{0});
  const auto found = image.memories.find(region);
  if (found == image.memories.end()) return to_array(std::move(result));
  for (std::size_t k = 0; k < addresses.size(); ++k) {
    if (addresses[k] < found->second.size()) {
      result[k] = static_cast<Value>(found->second[addresses[k]]);
    }
  }
  return to_array(std::move(result));
}

std::vector<std::uint32_t> generator_words(const Image& image) {
  std::vector<std::uint32_t> result(image.geometry.region_size(Region::kGenerator));
  std::iota(result.begin(), result.end(), 0U);
  return result;
}

py::bytes to_bytes(const Image& image) {
  const std::vector<std::uint8_t> cbor = image.to_cbor();
  return {reinterpret_cast<const char*>(cbor.data()), cbor.size()};
}

Image from_bytes(const py::bytes& bytes) {
  const auto text = static_cast<std::string_view>(bytes);
  return Image::from_cbor({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()},
                          "bytes");
}

}  // namespace

void bind_image(py::module_& module) {
  py::class_<QuantisationEntry>(module, "QuantisationEntry")
      .def_readonly("item", &QuantisationEntry::item)
      .def_readonly("values", &QuantisationEntry::values)
      .def_readonly("rounded", &QuantisationEntry::rounded)
      .def_readonly("saturated", &QuantisationEntry::saturated)
      .def_readonly("step", &QuantisationEntry::step)
      .def_readonly("largest_error", &QuantisationEntry::largest_error);
  py::class_<CapacityEntry>(module, "CapacityEntry")
      .def_readonly("item", &CapacityEntry::item)
      .def_readonly("used", &CapacityEntry::used)
      .def_readonly("available", &CapacityEntry::available);
  py::class_<CompileReport>(module, "CompileReport")
      .def_readonly("target", &CompileReport::target)
      .def_readonly("fraction_bits", &CompileReport::fraction_bits)
      .def_readonly("capacity", &CompileReport::capacity)
      .def_readonly("quantisation", &CompileReport::quantisation)
      .def_readonly("stored_per_needed_word", &CompileReport::stored_per_needed_word)
      .def_readonly("lane_words", &CompileReport::lane_words)
      .def_property_readonly("lane_balance", &CompileReport::lane_balance)
      .def_readonly("activity", &CompileReport::activity)
      .def_readonly("cycles_idle", &CompileReport::cycles_idle)
      .def_readonly("cycles_active", &CompileReport::cycles_active)
      .def_readonly("cycles_all", &CompileReport::cycles_all)
      .def_readonly("load_seconds", &CompileReport::load_seconds)
      .def_property_readonly("slots",
                             [](const CompileReport& report) {
                               return to_array(std::vector<std::uint32_t>(report.neuron_slot));
                             })
      .def_property_readonly("fits", &CompileReport::fits)
      .def("text", &CompileReport::text)
      .def("json", &CompileReport::json);
  py::class_<ProfileMap>(module, "ProfileMap")
      .def_readonly("name", &ProfileMap::name)
      .def_readonly("user", &ProfileMap::user)
      .def_readonly("enabled", &ProfileMap::enabled)
      .def_readonly("w_min", &ProfileMap::w_min)
      .def_readonly("w_max", &ProfileMap::w_max)
      .def_readonly("exponent", &ProfileMap::exponent)
      .def("__repr__", [](const ProfileMap& p) {
        return "<ProfileMap " + p.name + ": weights " + std::to_string(p.w_min) + " to " +
               std::to_string(p.w_max) + ", exponent " + std::to_string(p.exponent) +
               (p.enabled ? ">" : ", not enabled>");
      });
  py::class_<Image>(module, "Image")
      .def_static("load", [](const std::string& path) { return Image::load(path); })
      .def("save", [](const Image& image, const std::string& path) { image.save(path); })
      .def("to_bytes", &to_bytes)
      .def_static("from_bytes", &from_bytes)
      .def_property_readonly("id", &Image::id)
      .def_property_readonly("neurons", &Image::neurons)
      .def_property_readonly("axons", &Image::axons)
      .def_readonly("geometry", &Image::geometry)
      .def_readonly("name", &Image::name)
      .def_readonly("fraction_bits", &Image::fraction_bits)
      .def_readonly("encoder_rows", &Image::encoder_rows)
      .def_property_readonly("slots",
                             [](const Image& image) {
                               return to_array(std::vector<std::uint32_t>(image.neuron_slot));
                             })
      .def_property_readonly(
          "hardware_axons",
          [](const Image& image) { return to_array(std::vector<std::uint32_t>(image.axon_row)); })
      .def_property_readonly("rates",
                             [](const Image& image) {
                               return words_of<std::uint16_t>(image, Region::kRate, image.axon_row);
                             })
      .def_property_readonly("generators",
                             [](const Image& image) {
                               return words_of<std::uint32_t>(image, Region::kGenerator,
                                                              generator_words(image));
                             })
      .def_property_readonly("populations",
                             [](const Image& image) { return groups(image.populations); })
      .def_property_readonly("axon_groups",
                             [](const Image& image) { return groups(image.axon_groups); })
      .def_property_readonly("projections", &projections)
      .def_property_readonly("profiles", [](const Image& image) { return image.profiles; })
      .def("plasticity", &plasticity)
      .def("ends", &ends);
  module.def("compile", &compile_network);
  module.def("check", &check_network);
  module.def("recommend", &recommend_board);
}

}  // namespace ncx::python
