// SPDX-License-Identifier: BSD-3-Clause
// Whole files over the standard streams, which keep their reasons in errno.
#include "files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <functional>
#include <iterator>
#include <system_error>
#include <utility>

#include "ncx/error.hpp"

namespace ncx {
namespace {

namespace fs = std::filesystem;

std::string reason() {
  return errno != 0 ? std::generic_category().message(errno) : "unknown reason";
}

[[noreturn]] void cannot_write(const fs::path& path, const std::string& why) {
  throw InputError(fmt::format("cannot write '{}': {}", path.string(), why),
                   "a file name in a folder that exists, where you may write, on a disk with room");
}

/// Gone with the scope unless it has become the file.
class TemporaryFile {
 public:
  explicit TemporaryFile(fs::path path) : path_(std::move(path)) {}
  ~TemporaryFile() {
    if (path_.empty()) return;
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }
  void complete() { path_.clear(); }

 private:
  fs::path path_;
};

/// False with errno set.
bool put(const fs::path& path, std::string_view content, std::ios::openmode how) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | how);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  return !file.fail();
}

/// Something that must stay what it is. What is in /dev may lead to a file: a shell's `> file`.
bool is_special(const fs::path& path) {
  std::error_code ignored;
  if (path.string().starts_with("/dev/")) return fs::exists(path, ignored);
  const fs::file_status status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

/// A link stays a link: the file that it names, and which need not be there yet, is written.
fs::path target_of(const fs::path& path) {
  constexpr int kMostLinks = 40;  // as Linux has it
  std::error_code error;
  fs::path target = path;
  for (int links = 0; links < kMostLinks && fs::is_symlink(target, error); ++links) {
    target = target.parent_path() / fs::read_symlink(target, error);
  }
  return target;
}

/// Beside `target`, and short: a name may be as long as the system allows.
fs::path temporary_name(const fs::path& target) {
  const std::size_t hash = std::hash<std::string>()(target.filename().string());
  return target.parent_path() / fmt::format(".{:x}.{}.tmp", hash, ::getpid());
}

/// A rename would replace a file that is protected.
void check_protection(const fs::path& path) {
  errno = 0;
  if (::access(path.c_str(), W_OK) != 0 && errno != ENOENT) cannot_write(path, reason());
}

/// Empty and, where it takes the place of a file, as protected as that is.
void create(const fs::path& temporary, const fs::path& path) {
  if (!put(temporary, "", std::ios::trunc)) cannot_write(path, reason());
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return;
  fs::permissions(temporary, status.permissions(), error);
  if (error) cannot_write(path, error.message());
}

}  // namespace

void write_whole(const fs::path& path, std::string_view content) {
  if (is_special(path)) {
    if (!put(path, content, std::ios::app)) cannot_write(path, reason());
    return;
  }
  check_protection(path);
  const fs::path target = target_of(path);
  TemporaryFile temporary(temporary_name(target));
  create(temporary.path(), path);
  if (!put(temporary.path(), content, std::ios::trunc)) cannot_write(path, reason());
  std::error_code error;
  fs::rename(temporary.path(), target, error);
  if (error) cannot_write(path, error.message());
  temporary.complete();
}

void check_writable(const fs::path& path) {
  if (path.empty()) return;
  std::error_code error;
  if (fs::is_directory(path, error)) {
    cannot_write(path, std::generic_category().message(EISDIR));
  }
  const bool special = is_special(path);
  const fs::path target = target_of(path);
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  if (fs::exists(folder, error) && !fs::is_directory(folder, error)) {
    cannot_write(path, std::generic_category().message(ENOTDIR));
  }
  errno = 0;
  if (::access(special ? path.c_str() : folder.c_str(), special ? W_OK : W_OK | X_OK) != 0) {
    cannot_write(path, reason());
  }
  check_protection(path);
}

std::string read_whole(const fs::path& path, std::string_view what, const std::string& hint) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::error_code ignored;
  if (file && fs::is_directory(path, ignored)) {
    errno = EISDIR;
    file.setstate(std::ios::failbit);
  }
  std::string content;
  if (file) content.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  if (file.fail() || file.bad()) {
    throw InputError(fmt::format("cannot read {}'{}': {}", what, path.string(), reason()), hint);
  }
  return content;
}

}  // namespace ncx
