// SPDX-License-Identifier: BSD-3-Clause
// neurocorex._core: the library ncx for Python. The package neurocorex is what users see.
#include <exception>
#include <string>
#include <utility>

#include "bindings.hpp"
#include "ncx/error.hpp"

namespace py = pybind11;

namespace ncx::python {
namespace {

/// Name of the class in neurocorex.errors that stands for this exception.
const char* class_of(const Error& error) {
  if (dynamic_cast<const InputError*>(&error) != nullptr) return "InputError";
  if (dynamic_cast<const CapacityError*>(&error) != nullptr) return "CapacityError";
  if (dynamic_cast<const PortError*>(&error) != nullptr) return "PortError";
  if (dynamic_cast<const RefusedError*>(&error) != nullptr) return "RefusedError";
  if (dynamic_cast<const LinkError*>(&error) != nullptr) return "LinkError";
  if (dynamic_cast<const Interrupted*>(&error) != nullptr) return "Interrupted";
  return "Error";
}

}  // namespace

void bind_errors() {
  py::register_exception_translator([](std::exception_ptr raised) {
    try {
      if (raised) std::rethrow_exception(std::move(raised));
    } catch (const Error& error) {
      const py::object type = py::module_::import("neurocorex.errors").attr(class_of(error));
      // A name from a file may not be UTF-8.
      const std::string_view text = error.what();
      const auto message = py::reinterpret_steal<py::object>(PyUnicode_DecodeUTF8(
          text.data(), static_cast<Py_ssize_t>(text.size()), "backslashreplace"));
      PyErr_SetObject(type.ptr(), message.ptr());
    }
  });
}

}  // namespace ncx::python

PYBIND11_MODULE(_core, module) {
  module.doc() = "The NeuroCoreX library in C++; use the package neurocorex instead.";
  ncx::python::bind_errors();
  ncx::python::bind_geometry(module);
  ncx::python::bind_network(module);
  ncx::python::bind_image(module);
  ncx::python::bind_state(module);
  ncx::python::bind_emulator(module);
}
