// SPDX-License-Identifier: BSD-3-Clause
// Tables of whole numbers, and files that appear complete or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ncx::cli {

struct CsvColumn {
  std::string name;
  std::int64_t lowest = 0, highest = 0;
};

/// Rows of exactly these columns, comma separated. A first line with the columns' names, empty
/// lines and lines that begin with # are skipped. Throws InputError naming file, line, column,
/// value and what was expected. `lines`, if given, becomes the line of each row.
[[nodiscard]] std::vector<std::vector<std::int64_t>> read_csv(
    const std::filesystem::path& path, std::span<const CsvColumn> columns,
    std::vector<std::size_t>* lines = nullptr);
[[nodiscard]] std::vector<std::vector<std::int64_t>> parse_csv(
    std::string_view text, const std::string& origin, std::span<const CsvColumn> columns,
    std::vector<std::size_t>* lines = nullptr);

/// Input as a message may quote it: not long, and what is no printable ASCII as \xNN.
[[nodiscard]] std::string printable(std::string_view text);

/// "-" is standard input.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);
/// As write_whole() of files.hpp; "-" is standard output.
void write_file(const std::filesystem::path& path, std::string_view content);
/// Asks before long work: throws InputError if one of `outputs` cannot be written, is one of
/// `inputs`, or is named twice. Empty paths ask for nothing.
void check_outputs(std::span<const std::filesystem::path> outputs,
                   std::span<const std::filesystem::path> inputs);

}  // namespace ncx::cli
