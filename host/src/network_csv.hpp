// SPDX-License-Identifier: BSD-3-Clause
// Weight matrices as comma-separated text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace ncx {

/// Reads `rows` lines of `columns` finite numbers, row-major. Lines that are empty or begin with #
/// are skipped. Throws InputError naming file, line and column.
[[nodiscard]] std::vector<double> read_matrix_csv(const std::filesystem::path& path,
                                                  std::uint32_t rows, std::uint32_t columns);

}  // namespace ncx
