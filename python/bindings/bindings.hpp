// SPDX-License-Identifier: BSD-3-Clause
// The parts of the module neurocorex._core.
#pragma once

#include <pybind11/pybind11.h>

namespace ncx::python {

void bind_errors();
void bind_geometry(pybind11::module_& module);
void bind_network(pybind11::module_& module);
void bind_image(pybind11::module_& module);
void bind_state(pybind11::module_& module);
void bind_emulator(pybind11::module_& module);

}  // namespace ncx::python
