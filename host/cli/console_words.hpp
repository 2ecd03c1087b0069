// SPDX-License-Identifier: BSD-3-Clause
// What the console's user types: words, numbers, names of registers and memories.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ncx/geometry.hpp"

namespace ncx::cli {

/// Words between spaces; a part in double quotes may have spaces. What follows # is a comment.
/// Throws InputError for a quote that does not end.
[[nodiscard]] std::vector<std::string> split_words(std::string_view line);

/// Decimal or 0x..., `least` to `most`; throws InputError that names `item`.
[[nodiscard]] std::uint64_t parse_number(std::string_view item, const std::string& word,
                                         std::uint64_t least, std::uint64_t most);

/// A register or memory by its name in docs/registers.md; small letters do as well.
[[nodiscard]] std::optional<Register> find_register(std::string_view name);
[[nodiscard]] std::optional<Region> find_region(std::string_view name);
[[nodiscard]] std::vector<Region> all_regions();
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace ncx::cli
