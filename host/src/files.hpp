// SPDX-License-Identifier: BSD-3-Clause
// Files that appear whole or not at all, and the reason when they do not.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace ncx {

/// Writes a temporary file beside `path`, with the mode of what was there, and renames it; `path`
/// is untouched when that fails, and where it is write-protected. What is there but is no file
/// (/dev/null, /dev/stdout, a pipe) is written to, and never replaced.
void write_whole(const std::filesystem::path& path, std::string_view content);

/// Throws what write_whole() would throw, as far as one can tell without writing: to ask before
/// long work. An empty path asks for nothing.
void check_writable(const std::filesystem::path& path);

/// All of a file. `what` goes before its name in the error ("image ").
[[nodiscard]] std::string read_whole(const std::filesystem::path& path, std::string_view what,
                                     const std::string& hint);

}  // namespace ncx
