// SPDX-License-Identifier: BSD-3-Clause
// Writes and reads every memory and register of a device; leaves it without a network.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ncx/backend.hpp"

namespace ncx::cli {

/// One line of a selftest's report.
struct CheckResult {
  std::string name;
  bool passed = false;
  std::string detail;  ///< what was found, when it failed
  std::uint64_t amount = 0;
  std::string unit;  ///< of the amount: "words", "networks"...
};

/// The bits of word `address` that a device keeps, whatever is written to the others.
[[nodiscard]] std::uint64_t stored_bits(const Geometry& geometry, Region region,
                                        std::uint64_t address);

/// Writes random words and then their complements. At most `words` at each end of the region; 0:
/// all. `progress` is told how many words of `memory_test_words()` have been moved.
[[nodiscard]] CheckResult test_memory(Backend& backend, Region region, std::uint64_t words,
                                      std::uint32_t seed,
                                      const std::function<void(std::uint64_t)>& progress);
/// Words that test_memory moves in both directions.
[[nodiscard]] std::uint64_t memory_test_words(const Geometry& geometry, Region region,
                                              std::uint64_t words);
/// Registers that can be written, registers that cannot, and the INFO words.
[[nodiscard]] CheckResult test_registers(Backend& backend);
/// The memories a host can write.
[[nodiscard]] std::vector<Region> writable_regions();

}  // namespace ncx::cli
