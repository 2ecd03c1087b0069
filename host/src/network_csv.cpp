// SPDX-License-Identifier: BSD-3-Clause
// Weight matrices as comma-separated text; numbers are read the same way in every locale.
#include "network_csv.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <fstream>
#include <string>
#include <string_view>

#include "ncx/error.hpp"

namespace ncx {
namespace {

constexpr std::size_t kShownCharacters = 40;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

double parse_number(std::string_view cell, const std::string& place) {
  std::string_view digits = cell;
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
  double value = 0.0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) {
    throw InputError(fmt::format("{}: expected a finite number, found '{}'", place,
                                 cell.substr(0, kShownCharacters)),
                     "numbers such as -0.25 or 1e-3, separated by commas");
  }
  return value;
}

}  // namespace

std::vector<double> read_matrix_csv(const std::filesystem::path& path, std::uint32_t rows,
                                    std::uint32_t columns) {
  const std::string file = path.string();
  std::ifstream stream(path);
  if (!stream) {
    throw InputError(fmt::format("{}: cannot be opened", file),
                     "a path relative to the folder of the JSON file");
  }
  const std::string shape_hint = fmt::format(
      "{} rows (one a presynaptic neuron or axon) of {} columns (one a postsynaptic "
      "neuron)",
      rows, columns);
  std::vector<double> values;
  std::string text;
  std::uint32_t found_rows = 0;
  for (std::size_t line = 1; std::getline(stream, text); ++line) {
    // Spreadsheets begin their "CSV UTF-8" with a byte order mark.
    if (line == 1 && text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    std::string_view rest = trimmed(text);
    if (rest.empty() || rest.front() == '#') continue;
    if (++found_rows > rows) {
      throw InputError(
          fmt::format("{}: line {}: row {} of a matrix of {}", file, line, found_rows, rows),
          shape_hint);
    }
    std::uint32_t column = 0;
    for (bool more = true; more;) {
      const std::size_t comma = rest.find(',');
      more = comma != std::string_view::npos;
      const std::string place = fmt::format("{}: line {}, column {}", file, line, column + 1);
      if (column == columns) {
        throw InputError(fmt::format("{}: expected {} columns, found more", place, columns),
                         shape_hint);
      }
      values.push_back(parse_number(trimmed(rest.substr(0, comma)), place));
      ++column;
      if (more) rest.remove_prefix(comma + 1);
    }
    if (column != columns) {
      throw InputError(fmt::format("{}: line {}, column {}: expected {} columns, found {}", file,
                                   line, column + 1, columns, column),
                       shape_hint);
    }
  }
  if (stream.bad()) throw InputError(fmt::format("{}: reading failed", file), "the file's disk");
  if (found_rows != rows) {
    throw InputError(fmt::format("{}: expected {} rows, found {}", file, rows, found_rows),
                     shape_hint);
  }
  return values;
}

}  // namespace ncx
