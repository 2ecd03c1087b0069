// SPDX-License-Identifier: BSD-3-Clause
// Reading and writing of small text files.
#include "csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <utility>

#include "files.hpp"
#include "ncx/error.hpp"

namespace ncx::cli {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const std::size_t comma = line.find(',');
    fields.push_back(trim(line.substr(0, comma)));
    if (comma == std::string_view::npos) return fields;
    line.remove_prefix(comma + 1);
  }
}

std::string header(std::span<const CsvColumn> columns) {
  std::vector<std::string> names;
  for (const CsvColumn& column : columns) names.push_back(column.name);
  return fmt::format("{}", fmt::join(names, ","));
}

bool is_header(std::span<const std::string_view> fields, std::span<const CsvColumn> columns) {
  return std::equal(fields.begin(), fields.end(), columns.begin(), columns.end(),
                    [](std::string_view field, const CsvColumn& c) { return field == c.name; });
}

std::int64_t number(std::string_view field, const CsvColumn& column, const std::string& where) {
  if (column.highest < column.lowest) {
    throw InputError(fmt::format("{}: there is no {}", where, column.name), "no rows");
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc{} || end != field.data() + field.size() || value < column.lowest ||
      value > column.highest) {
    throw InputError(fmt::format("{}, column '{}': '{}' is not a whole number from {} to {}", where,
                                 column.name, printable(field), column.lowest, column.highest),
                     "correct that line");
  }
  return value;
}

}  // namespace

std::vector<std::vector<std::int64_t>> parse_csv(std::string_view text, const std::string& origin,
                                                 std::span<const CsvColumn> columns,
                                                 std::vector<std::size_t>* lines) {
  std::vector<std::vector<std::int64_t>> rows;
  // Spreadsheets begin their "CSV UTF-8" with it.
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  bool first = true;
  for (std::size_t line_number = 1; !text.empty(); ++line_number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string_view> fields = split(line);
    if (std::exchange(first, false) && is_header(fields, columns)) continue;
    const std::string where = fmt::format("{}: line {}", origin, line_number);
    if (fields.size() != columns.size()) {
      throw InputError(fmt::format("{}: {} fields in '{}', expected {}: {}", where, fields.size(),
                                   printable(line), columns.size(), header(columns)),
                       "one row a line, fields separated by commas");
    }
    std::vector<std::int64_t> row;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      row.push_back(number(fields[i], columns[i], where));
    }
    rows.push_back(std::move(row));
    if (lines != nullptr) lines->push_back(line_number);
  }
  return rows;
}

std::vector<std::vector<std::int64_t>> read_csv(const std::filesystem::path& path,
                                                std::span<const CsvColumn> columns,
                                                std::vector<std::size_t>* lines) {
  return parse_csv(read_file(path), path.string(), columns, lines);
}

std::string printable(std::string_view text) {
  constexpr std::size_t kMost = 60;
  std::string result;
  for (const char c : text.substr(0, kMost)) {
    if (c >= ' ' && c <= '~') {
      result += c;
    } else {
      fmt::format_to(std::back_inserter(result), "\\x{:02X}", static_cast<unsigned char>(c));
    }
  }
  return text.size() > kMost ? result + "..." : result;
}

// Not by way of /dev/stdin and /dev/stdout: what they lead to, a socket or another user's pipe, may
// be open and yet not be opened again.
std::string read_file(const std::filesystem::path& path) {
  if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  return read_whole(path, "", "check the name and that you may read it");
}

void write_file(const std::filesystem::path& path, std::string_view content) {
  if (path != "-") return write_whole(path, content);
  // The end of the program looks whether all went through.
  static_cast<void>(std::fwrite(content.data(), 1, content.size(), stdout));
}

void check_outputs(std::span<const std::filesystem::path> outputs,
                   std::span<const std::filesystem::path> inputs) {
  const auto same = [](const std::filesystem::path& a, const std::filesystem::path& b) {
    // What is no file takes all that is written to it.
    if (a.empty() || a == "-" || a.string().starts_with("/dev/")) return false;
    std::error_code ignored;
    if (std::filesystem::is_other(a, ignored)) return false;
    const auto whole = [&](const std::filesystem::path& path) {
      return std::filesystem::weakly_canonical(std::filesystem::absolute(path, ignored), ignored);
    };
    const std::filesystem::path found = whole(a);
    return !found.empty() && found == whole(b);  // empty: there can be no such file
  };
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const bool read = std::any_of(inputs.begin(), inputs.end(),
                                  [&](const auto& input) { return same(outputs[i], input); });
    const bool twice =
        std::any_of(outputs.begin(), outputs.begin() + static_cast<std::ptrdiff_t>(i),
                    [&](const auto& output) { return same(outputs[i], output); });
    if (read || twice) {
      throw InputError(fmt::format("'{}' would be overwritten: it is {}", outputs[i].string(),
                                   read ? "an input too" : "named for two results"),
                       "another file name");
    }
    if (outputs[i] != "-") check_writable(outputs[i]);
  }
}

}  // namespace ncx::cli
