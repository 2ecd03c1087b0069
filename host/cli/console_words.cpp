// SPDX-License-Identifier: BSD-3-Clause
// Words, numbers and names of the console.
#include "console_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "csv.hpp"
#include "ncx/error.hpp"

namespace ncx::cli {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

template <typename Names>
std::optional<std::size_t> index_of(const Names& names, std::string_view name) {
  const auto same = [&](std::string_view known) {
    return std::equal(known.begin(), known.end(), name.begin(), name.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
  };
  const auto found = std::find_if(names.begin(), names.end(), same);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false, in_quotes = false;
  for (const char c : line) {
    if (!in_quotes && c == '#') break;
    if (!in_quotes && (c == ' ' || c == '\t' || c == '\r')) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c == '"') {
      in_quotes = !in_quotes;
    } else {
      words.back() += c;
    }
  }
  if (in_quotes) throw InputError("a double quote does not end", "\"a name with spaces\"");
  return words;
}

std::uint64_t parse_number(std::string_view item, const std::string& word, std::uint64_t least,
                           std::uint64_t most) {
  const bool is_hex = word.starts_with("0x") || word.starts_with("0X");
  const char* first = word.data() + (is_hex ? 2 : 0);
  const char* last = word.data() + word.size();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(first, last, value, is_hex ? 16 : 10);
  if (error != std::errc() || end != last || value < least || value > most) {
    throw InputError(fmt::format("{} '{}': expected a number from {} to {}", item, printable(word),
                                 least, is_hex ? fmt::format("{:#x}", most) : fmt::to_string(most)),
                     "digits, or 0x and hexadecimal digits");
  }
  return value;
}

std::optional<Register> find_register(std::string_view name) {
  const auto index = index_of(map::kRegisterNames, name);
  if (!index) return std::nullopt;
  return static_cast<Register>(*index);
}

std::optional<Region> find_region(std::string_view name) {
  const auto index = index_of(map::kRegionNames, name);
  if (!index) return std::nullopt;
  return static_cast<Region>(*index);
}

std::vector<Region> all_regions() {
  std::vector<Region> regions;
  for (std::size_t i = 0; i < map::kRegionNames.size(); ++i) {
    regions.push_back(static_cast<Region>(i));
  }
  return regions;
}

}  // namespace ncx::cli
