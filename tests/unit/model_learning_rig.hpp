// SPDX-License-Identifier: BSD-3-Clause
// A rig of which the neurons fire when a test says so, whatever their synapses do.
#pragma once

#include <cstdint>
#include <string_view>

#include "model_rig.hpp"
#include "reference_learning.hpp"

namespace ncx::test {

class LearningRig : public Rig {
 public:
  /// Above what all weights of a test add up to, below a current of fire().
  static constexpr std::int32_t kThreshold = 1 << 22;

  explicit LearningRig(std::string_view build = "tiny") : Rig(build) {
    ParameterSet p;
    p.threshold = kThreshold;
    p.leak = 0xFFFFFF;  // what came in is forgotten in the next tick
    uniform(p);
  }
};

}  // namespace ncx::test
