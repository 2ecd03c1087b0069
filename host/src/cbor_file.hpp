// SPDX-License-Identifier: BSD-3-Clause
// Files of images and states: a CBOR map {magic, version, crc32, content}, where content is a byte
// string that holds another CBOR map. The checksum covers those bytes, so nothing in them is read
// before it fits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ncx/geometry.hpp"

namespace ncx::cbor {

using Json = nlohmann::json;
using Bytes = std::vector<std::uint8_t>;

/// What a file begins with, and how messages speak of it: "image", what makes it, and what to do
/// about one of another release.
struct FileKind {
  std::string_view magic, noun, maker, renewal;
  std::uint32_t version;
  [[nodiscard]] std::string a_noun() const {
    return (noun.starts_with('i') ? "an " : "a ") + std::string(noun);
  }
};

[[nodiscard]] Bytes seal(const FileKind& kind, const Json& content);
/// The content; throws InputError that names `origin` and field for a damaged or another file.
[[nodiscard]] Json open(const FileKind& kind, std::span<const std::uint8_t> bytes,
                        const std::string& origin);

/// Writes a temporary file beside `path` and renames it; throws InputError and leaves nothing.
void write_file(const std::filesystem::path& path, const Bytes& bytes);
[[nodiscard]] Bytes read_file(const FileKind& kind, const std::filesystem::path& path);

/// Little-endian words of `unit` bytes.
template <typename Word>
[[nodiscard]] Json packed(const std::vector<Word>& words, std::size_t unit) {
  Bytes bytes;
  bytes.reserve(words.size() * unit);
  for (const Word word : words) {
    for (std::size_t b = 0; b < unit; ++b) {
      bytes.push_back(static_cast<std::uint8_t>((std::uint64_t{word} >> (8 * b)) & 0xFF));
    }
  }
  return Json::binary(std::move(bytes));
}

/// Bytes that a word of this region takes in a file.
[[nodiscard]] std::size_t word_bytes(Region region);

/// Fields of one map, with the path to it for messages.
class Reader {
 public:
  Reader(const Json& object, const FileKind& kind, std::string origin, std::string path);

  [[noreturn]] void fail(std::string_view field, std::string_view expected,
                         std::string_view found) const;
  [[nodiscard]] const Json& at(const std::string& name) const;
  [[nodiscard]] std::string text(const std::string& name) const;
  [[nodiscard]] bool flag(const std::string& name) const;
  [[nodiscard]] std::uint32_t number(const std::string& name) const;
  [[nodiscard]] std::int32_t integer(const std::string& name) const;
  [[nodiscard]] const Json& list(const std::string& name) const;
  [[nodiscard]] Reader item(const Json& value, const std::string& name, std::size_t index) const;
  [[nodiscard]] Reader map(const std::string& name) const;
  [[nodiscard]] std::string full(const std::string& name) const;
  [[nodiscard]] const Json& object() const { return object_; }

  template <typename Word>
  [[nodiscard]] std::vector<Word> words(const std::string& name, std::size_t unit) const {
    const auto& bytes = binary(name, unit);
    std::vector<Word> result(bytes.size() / unit);
    for (std::size_t k = 0; k < bytes.size(); ++k) {
      const auto part = std::uint64_t{bytes[k]} << (8 * (k % unit));
      result[k / unit] = static_cast<Word>(result[k / unit] | part);
    }
    return result;
  }

 private:
  [[nodiscard]] const Json::binary_t& binary(const std::string& name, std::size_t unit) const;

  const Json& object_;
  const FileKind& kind_;
  std::string origin_, path_;
};

/// Regions by name.
using Memories = std::map<Region, std::vector<std::uint64_t>>;
[[nodiscard]] Json packed_memories(const Memories& memories);
[[nodiscard]] Memories read_memories(const Reader& reader);

}  // namespace ncx::cbor
