// SPDX-License-Identifier: BSD-3-Clause
// State: what a network has become. Opaque to Python but for its registers.
#include <fmt/format.h>

#include <string_view>

#include "arrays.hpp"
#include "bindings.hpp"
#include "ncx/emulator.hpp"

namespace py = pybind11;

namespace ncx::python {
namespace {

py::bytes to_cbor(const State& state) {
  const std::vector<std::uint8_t> cbor = [&] {
    const py::gil_scoped_release released;
    return state.to_cbor();
  }();
  return {reinterpret_cast<const char*>(cbor.data()), cbor.size()};
}

State from_cbor(const py::bytes& bytes) {
  const auto text = static_cast<std::string_view>(bytes);
  const py::gil_scoped_release released;
  return State::from_cbor({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()},
                          "bytes");
}

std::string repr(const State& state) {
  return fmt::format("<State of image {:#010x} after tick {}>", state.image_id, state.tick);
}

}  // namespace

void bind_state(py::module_& module) {
  py::class_<State>(module, "State")
      .def_readonly("image_id", &State::image_id)
      .def_readonly("tick", &State::tick)
      .def_readonly("learning", &State::learning)
      .def_readonly("modulation", &State::modulation)
      .def("to_cbor", &to_cbor)
      .def_static("from_cbor", &from_cbor)
      .def("save", [](const State& state, const std::string& path) { state.save(path); })
      .def_static("load", [](const std::string& path) { return State::load(path); })
      .def(
          "__eq__", [](const State& a, const State& b) { return a == b; }, py::is_operator())
      .def("__repr__", &repr)
      .def(py::pickle(&to_cbor, &from_cbor));
}

}  // namespace ncx::python
