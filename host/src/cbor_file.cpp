// SPDX-License-Identifier: BSD-3-Clause
// Whole files only, and nothing believed that is not checked.
#include "cbor_file.hpp"

#include <fmt/format.h>

#include <boost/crc.hpp>
#include <limits>
#include <utility>

#include "files.hpp"
#include "ncx/error.hpp"

namespace ncx::cbor {
namespace {

constexpr std::size_t kMaxDepth = 8;

std::uint32_t checksum(const Bytes& bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

/// Follows the structure without keeping it, and gives up on nesting that no file has: the parser
/// itself would run out of stack.
class DepthLimit final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return ++depth_ <= kMaxDepth; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return --depth_, true; }
  bool start_array(std::size_t) override { return ++depth_ <= kMaxDepth; }
  bool end_array() override { return --depth_, true; }
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    position_ = position;
    return false;
  }
  [[nodiscard]] std::string problem() const {
    return depth_ > kMaxDepth ? "nested too deeply" : fmt::format("damaged at byte {}", position_);
  }

 private:
  std::size_t depth_ = 0, position_ = 0;
};

Json parsed(const FileKind& kind, const Bytes& bytes, const std::string& origin) {
  // Ours begin with a map of four; this is a network that was not compiled, most likely.
  if (!bytes.empty() && bytes.front() == '{') {
    throw InputError(fmt::format("{}: a JSON text, not {}", origin, kind.a_noun()),
                     fmt::format("a file that {} wrote", kind.maker));
  }
  DepthLimit limit;
  if (!Json::sax_parse(bytes, &limit, Json::input_format_t::cbor)) {
    throw InputError(fmt::format("{}: not a whole {}: {}", origin, kind.noun, limit.problem()),
                     fmt::format("a file that {} wrote; copy it again", kind.maker));
  }
  return Json::from_cbor(bytes);
}

}  // namespace

// ---- the envelope ----

Bytes seal(const FileKind& kind, const Json& content) {
  Bytes bytes = Json::to_cbor(content);
  const std::uint32_t crc = checksum(bytes);
  return Json::to_cbor({{"magic", kind.magic},
                        {"version", kind.version},
                        {"crc32", crc},
                        {"content", Json::binary(std::move(bytes))}});
}

Json open(const FileKind& kind, std::span<const std::uint8_t> bytes, const std::string& origin) {
  const Json file = parsed(kind, Bytes(bytes.begin(), bytes.end()), origin);
  const Reader outer(file, kind, origin, "");
  const std::string magic = outer.text("magic");
  if (magic != kind.magic) {
    outer.fail("magic", fmt::format("'{}'", kind.magic), fmt::format("'{}'", magic.substr(0, 32)));
  }
  const std::uint32_t version = outer.number("version");
  if (version != kind.version) {
    throw InputError(fmt::format("{}: field 'version': found {} of version {}; this release reads "
                                 "version {}",
                                 origin, kind.a_noun(), version, kind.version),
                     std::string(kind.renewal));
  }
  const Bytes content = outer.words<std::uint8_t>("content", 1);
  const std::uint32_t crc = outer.number("crc32"), found = checksum(content);
  if (crc != found) {
    outer.fail("crc32", fmt::format("{:#010x} as the content has it", found),
               fmt::format("{:#010x}", crc));
  }
  return parsed(kind, content, origin);
}

// ---- files ----

void write_file(const std::filesystem::path& path, const Bytes& bytes) {
  write_whole(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Bytes read_file(const FileKind& kind, const std::filesystem::path& path) {
  const std::string content = read_whole(path, fmt::format("{} ", kind.noun),
                                         fmt::format("a file that {} wrote", kind.maker));
  return {content.begin(), content.end()};
}

// ---- fields ----

std::size_t word_bytes(Region region) { return (region_bits(region) + 7) / 8; }

Reader::Reader(const Json& object, const FileKind& kind, std::string origin, std::string path)
    : object_(object), kind_(kind), origin_(std::move(origin)), path_(std::move(path)) {
  if (!object_.is_object()) fail(path_, "a map", object_.type_name());
}

void Reader::fail(std::string_view field, std::string_view expected, std::string_view found) const {
  throw InputError(
      fmt::format("{}: field '{}': found {}; expected {}", origin_, field, found, expected),
      fmt::format("a file that {} of this release wrote", kind_.maker));
}

const Json& Reader::at(const std::string& name) const {
  const auto found = object_.find(name);
  if (found == object_.end()) fail(full(name), "it to be there", "nothing");
  return *found;
}

std::string Reader::text(const std::string& name) const {
  const Json& value = at(name);
  if (!value.is_string()) fail(full(name), "text", value.type_name());
  return value.get<std::string>();
}

bool Reader::flag(const std::string& name) const {
  const Json& value = at(name);
  if (!value.is_boolean()) fail(full(name), "true or false", value.type_name());
  return value.get<bool>();
}

std::uint32_t Reader::number(const std::string& name) const {
  const Json& value = at(name);
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
  if (!value.is_number_unsigned()) fail(full(name), "a number from 0 on", value.type_name());
  const auto number = value.get<std::uint64_t>();
  if (number > kMax) fail(full(name), fmt::format("at most {}", kMax), std::to_string(number));
  return static_cast<std::uint32_t>(number);
}

std::int32_t Reader::integer(const std::string& name) const {
  const Json& value = at(name);
  constexpr std::int64_t kMin = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  if (!value.is_number_integer()) fail(full(name), "a whole number", value.type_name());
  // 2^63 and more would come out negative.
  const bool huge = value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{kMax};
  const auto number = value.get<std::int64_t>();
  if (huge || number < kMin || number > kMax) {
    fail(full(name), fmt::format("{} to {}", kMin, kMax), value.dump());
  }
  return static_cast<std::int32_t>(number);
}

const Json::binary_t& Reader::binary(const std::string& name, std::size_t unit) const {
  const Json& value = at(name);
  if (!value.is_binary()) fail(full(name), "bytes", value.type_name());
  const auto& bytes = value.get_binary();
  if (bytes.size() % unit != 0) {
    fail(full(name), fmt::format("a multiple of {} bytes", unit), std::to_string(bytes.size()));
  }
  return bytes;
}

const Json& Reader::list(const std::string& name) const {
  const Json& value = at(name);
  if (!value.is_array()) fail(full(name), "a list", value.type_name());
  return value;
}

Reader Reader::item(const Json& value, const std::string& name, std::size_t index) const {
  return {value, kind_, origin_, fmt::format("{}[{}]", full(name), index)};
}

Reader Reader::map(const std::string& name) const { return {at(name), kind_, origin_, full(name)}; }

std::string Reader::full(const std::string& name) const {
  return path_.empty() ? name : path_ + "." + name;
}

// ---- memories ----

Json packed_memories(const Memories& memories) {
  Json result = Json::object();
  for (const auto& [region, words] : memories) {
    result[std::string(region_name(region))] = packed(words, word_bytes(region));
  }
  return result;
}

Memories read_memories(const Reader& reader) {
  Memories memories;
  for (const auto& [name, value] : reader.object().items()) {
    bool known = false;
    for (std::size_t code = 0; code < map::kRegionNames.size(); ++code) {
      if (map::kRegionNames[code] != name) continue;
      const auto region = static_cast<Region>(code);
      memories[region] = reader.words<std::uint64_t>(name, word_bytes(region));
      known = true;
    }
    if (!known) reader.fail(reader.full(name), "the name of a region", "'" + name + "'");
  }
  return memories;
}

}  // namespace ncx::cbor
