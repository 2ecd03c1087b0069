// SPDX-License-Identifier: BSD-3-Clause
// Destroys a Verilated model safely where several live in one process.
#pragma once

#include <verilated.h>

#include <memory>

namespace ncx::sim {

/// Verilator 5.006 unregisters a model's scopes from the context that was used last in this thread,
/// which may be another instance's or gone: make it the model's own while the model is destroyed.
template <class Top>
void destroy_in(VerilatedContext& context, std::unique_ptr<Top>& top) {
  Verilated::threadContextp(&context);
  top.reset();
  Verilated::threadContextp(Verilated::defaultContextp());
}

}  // namespace ncx::sim
