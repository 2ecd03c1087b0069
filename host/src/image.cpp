// SPDX-License-Identifier: BSD-3-Clause
// Images on disk: whole files only, and nothing believed that is not checked.
#include "ncx/image.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/crc.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <system_error>

#include "ncx/error.hpp"

namespace ncx {
namespace {

std::string reason() { return errno != 0 ? std::strerror(errno) : "unknown reason"; }

/// Removes a half-written file unless told that it is complete.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::filesystem::path path) : path_(std::move(path)) {}
  ~TemporaryFile() {
    std::error_code ignored;
    if (!complete_) std::filesystem::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void complete() { complete_ = true; }

 private:
  std::filesystem::path path_;
  bool complete_ = false;
};

}  // namespace

std::vector<std::uint32_t> Image::slot_neuron() const {
  std::vector<std::uint32_t> result(geometry.neurons, std::numeric_limits<std::uint32_t>::max());
  for (std::size_t n = 0; n < neuron_slot.size(); ++n) {
    result.at(neuron_slot[n]) = static_cast<std::uint32_t>(n);
  }
  return result;
}

void Image::save(const std::filesystem::path& path) const {
  const std::vector<std::uint8_t> bytes = to_cbor();
  std::filesystem::path beside = path;
  beside += fmt::format(".{}.tmp", ::getpid());
  TemporaryFile temporary(beside);
  {
    errno = 0;
    std::ofstream file(temporary.path(), std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) {
      throw InputError(fmt::format("cannot write '{}': {}", path.string(), reason()),
                       "a folder that exists and that you may write, with enough room");
    }
  }
  std::error_code error;
  std::filesystem::rename(temporary.path(), path, error);
  if (error) {
    throw InputError(fmt::format("cannot write '{}': {}", path.string(), error.message()),
                     "a file name in a folder that you may write");
  }
  temporary.complete();
}

Image Image::load(const std::filesystem::path& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::vector<std::uint8_t> bytes;
  if (file && !std::filesystem::is_directory(path)) {
    bytes.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  } else {
    file.setstate(std::ios::failbit);
  }
  if (file.fail() || file.bad()) {
    throw InputError(fmt::format("cannot read image '{}': {}", path.string(),
                                 errno != 0 ? reason() : "not a file"),
                     "a file that `ncx compile` wrote");
  }
  return from_cbor(bytes, path.string());
}

std::uint32_t Image::id() const {
  const std::vector<std::uint8_t> bytes = to_cbor();
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

}  // namespace ncx
