// SPDX-License-Identifier: BSD-3-Clause
// The image format: a CBOR map {magic, version, crc32, content}, where content is a byte string
// that holds another CBOR map. The checksum covers those bytes, so nothing in them is read before
// it fits.
#include <fmt/format.h>

#include <boost/crc.hpp>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

#include "image_use.hpp"
#include "ncx/error.hpp"
#include "ncx/image.hpp"

namespace ncx {
namespace {

using Json = nlohmann::json;
using Bytes = std::vector<std::uint8_t>;

constexpr std::string_view kMagic = "NeuroCoreX image";
constexpr std::size_t kMaxDepth = 8;

std::uint32_t checksum(const Bytes& bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

// ---- writing ----

template <typename Word>
Json packed(const std::vector<Word>& words, std::size_t unit) {
  Bytes bytes;
  bytes.reserve(words.size() * unit);
  for (const Word word : words) {
    for (std::size_t b = 0; b < unit; ++b) {
      bytes.push_back(static_cast<std::uint8_t>((std::uint64_t{word} >> (8 * b)) & 0xFF));
    }
  }
  return Json::binary(std::move(bytes));
}

std::size_t word_bytes(Region region) { return (region_bits(region) + 7) / 8; }

Json packed_groups(const std::vector<Group>& groups) {
  Json list = Json::array();
  for (const Group& g : groups) {
    list.push_back({{"name", g.name}, {"first", g.first}, {"size", g.size}});
  }
  return list;
}

Json packed_geometry(const Geometry& g) {
  return {{"name", g.name},
          {"lanes", g.lanes},
          {"neurons", g.neurons},
          {"axons", g.axons},
          {"weight_bits", g.weight_bits},
          {"synapse_words", g.synapse_words},
          {"rows", g.rows},
          {"max_delay", g.max_delay},
          {"parameter_sets", g.parameter_sets},
          {"program_entries", g.program_entries},
          {"profiles", g.profiles},
          {"event_entries", g.event_entries},
          {"stream_words", g.stream_words},
          {"probe_entries", g.probe_entries},
          {"rx_bytes", g.rx_bytes},
          {"clock_hz", g.clock_hz},
          {"baud", g.baud},
          {"features", g.features}};
}

Json packed_projections(const std::vector<ProjectionMap>& projections) {
  Json list = Json::array();
  for (const ProjectionMap& p : projections) {
    list.push_back({{"name", p.name},
                    {"pre_is_axon", p.pre_is_axon},
                    {"plastic", p.plastic},
                    {"plastic_mask", packed(p.plastic_mask, 1)},
                    {"profile", p.profile},
                    {"exponent", p.exponent},
                    {"pre", packed(p.pre, 4)},
                    {"post", packed(p.post, 4)},
                    {"address", packed(p.address, 4)},
                    {"field", packed(p.field, 1)}});
  }
  return list;
}

Json packed_initial(const std::vector<InitialState>& states) {
  Json list = Json::array();
  for (const InitialState& s : states) {
    list.push_back({s.slot, s.v, s.current, s.theta, s.refractory});
  }
  return list;
}

Json packed_profiles(const std::vector<ProfileMap>& profiles) {
  Json list = Json::array();
  for (const ProfileMap& p : profiles) {
    list.push_back({{"name", p.name},
                    {"user", p.user},
                    {"enabled", p.enabled},
                    {"w_min", p.w_min},
                    {"w_max", p.w_max},
                    {"exponent", p.exponent}});
  }
  return list;
}

/// Slot and history in turn.
std::vector<std::uint32_t> flattened(
    const std::vector<std::pair<std::uint32_t, std::uint32_t>>& histories) {
  std::vector<std::uint32_t> numbers;
  for (const auto& [slot, history] : histories) {
    numbers.push_back(slot);
    numbers.push_back(history);
  }
  return numbers;
}

// ---- reading ----

/// Follows the structure without keeping it, and gives up on nesting that no image has: the parser
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

class Reader {
 public:
  Reader(const Json& object, std::string origin, std::string path)
      : object_(object), origin_(std::move(origin)), path_(std::move(path)) {
    if (!object_.is_object()) fail(path_, "a map", object_.type_name());
  }

  [[noreturn]] void fail(std::string_view field, std::string_view expected,
                         std::string_view found) const {
    throw InputError(
        fmt::format("{}: field '{}': found {}; expected {}", origin_, field, found, expected),
        "a file that `ncx compile` of this release wrote");
  }

  [[nodiscard]] const Json& at(const std::string& name) const {
    const auto found = object_.find(name);
    if (found == object_.end()) fail(full(name), "it to be there", "nothing");
    return *found;
  }

  [[nodiscard]] std::string text(const std::string& name) const {
    const Json& value = at(name);
    if (!value.is_string()) fail(full(name), "text", value.type_name());
    return value.get<std::string>();
  }

  [[nodiscard]] bool flag(const std::string& name) const {
    const Json& value = at(name);
    if (!value.is_boolean()) fail(full(name), "true or false", value.type_name());
    return value.get<bool>();
  }

  [[nodiscard]] std::uint32_t number(const std::string& name) const {
    const Json& value = at(name);
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
    if (!value.is_number_unsigned()) fail(full(name), "a number from 0 on", value.type_name());
    const auto number = value.get<std::uint64_t>();
    if (number > kMax) fail(full(name), fmt::format("at most {}", kMax), std::to_string(number));
    return static_cast<std::uint32_t>(number);
  }

  [[nodiscard]] std::int32_t integer(const std::string& name) const {
    const Json& value = at(name);
    if (!value.is_number_integer()) fail(full(name), "a whole number", value.type_name());
    // Unsigned numbers beyond the signed range come out negative: they are looked at first.
    const bool huge = value.is_number_unsigned() &&
                      value.get<std::uint64_t>() > std::numeric_limits<std::int32_t>::max();
    const std::int64_t number = huge ? 0 : value.get<std::int64_t>();
    if (huge || number < std::numeric_limits<std::int32_t>::min() ||
        number > std::numeric_limits<std::int32_t>::max()) {
      fail(full(name), "a number of 32 bits", value.dump());
    }
    return static_cast<std::int32_t>(number);
  }

  template <typename Word>
  [[nodiscard]] std::vector<Word> words(const std::string& name, std::size_t unit) const {
    const Json& value = at(name);
    if (!value.is_binary()) fail(full(name), "bytes", value.type_name());
    const auto& bytes = value.get_binary();
    if (bytes.size() % unit != 0) {
      fail(full(name), fmt::format("a multiple of {} bytes", unit), std::to_string(bytes.size()));
    }
    std::vector<Word> result(bytes.size() / unit);
    for (std::size_t k = 0; k < bytes.size(); ++k) {
      const auto part = std::uint64_t{bytes[k]} << (8 * (k % unit));
      result[k / unit] = static_cast<Word>(result[k / unit] | part);
    }
    return result;
  }

  [[nodiscard]] const Json& list(const std::string& name) const {
    const Json& value = at(name);
    if (!value.is_array()) fail(full(name), "a list", value.type_name());
    return value;
  }

  [[nodiscard]] Reader item(const Json& value, const std::string& name, std::size_t index) const {
    return {value, origin_, fmt::format("{}[{}]", full(name), index)};
  }
  [[nodiscard]] Reader map(const std::string& name) const {
    return {at(name), origin_, full(name)};
  }
  [[nodiscard]] std::string full(const std::string& name) const {
    return path_.empty() ? name : path_ + "." + name;
  }
  [[nodiscard]] const Json& object() const { return object_; }

 private:
  const Json& object_;
  std::string origin_, path_;
};

Json parsed(const Bytes& bytes, const std::string& origin) {
  DepthLimit limit;
  if (!Json::sax_parse(bytes, &limit, Json::input_format_t::cbor)) {
    throw InputError(fmt::format("{}: not a whole image: {}", origin, limit.problem()),
                     "a file that `ncx compile` wrote; copy it again");
  }
  return Json::from_cbor(bytes);
}

Geometry read_geometry(const Reader& r) {
  Geometry g;
  g.name = r.text("name");
  g.lanes = r.number("lanes");
  g.neurons = r.number("neurons");
  g.axons = r.number("axons");
  g.weight_bits = r.number("weight_bits");
  g.synapse_words = r.number("synapse_words");
  g.rows = r.number("rows");
  g.max_delay = r.number("max_delay");
  g.parameter_sets = r.number("parameter_sets");
  g.program_entries = r.number("program_entries");
  g.profiles = r.number("profiles");
  g.event_entries = r.number("event_entries");
  g.stream_words = r.number("stream_words");
  g.probe_entries = r.number("probe_entries");
  g.rx_bytes = r.number("rx_bytes");
  g.clock_hz = r.number("clock_hz");
  g.baud = r.number("baud");
  g.features = r.number("features");
  const std::string problem = g.problem();
  if (!problem.empty()) r.fail("geometry", "a build that can exist", problem);
  return g;
}

std::vector<Group> read_groups(const Reader& r, const std::string& name) {
  std::vector<Group> groups;
  for (const Json& value : r.list(name)) {
    const Reader item = r.item(value, name, groups.size());
    groups.push_back({item.text("name"), item.number("first"), item.number("size")});
  }
  return groups;
}

std::vector<ProjectionMap> read_projections(const Reader& r) {
  std::vector<ProjectionMap> projections;
  for (const Json& value : r.list("projections")) {
    const Reader item = r.item(value, "projections", projections.size());
    ProjectionMap p;
    p.name = item.text("name");
    p.pre_is_axon = item.flag("pre_is_axon");
    p.plastic = item.flag("plastic");
    p.plastic_mask = item.words<std::uint8_t>("plastic_mask", 1);
    p.profile = item.integer("profile");
    p.exponent = item.number("exponent");
    p.pre = item.words<std::uint32_t>("pre", 4);
    p.post = item.words<std::uint32_t>("post", 4);
    p.address = item.words<std::uint32_t>("address", 4);
    p.field = item.words<std::uint8_t>("field", 1);
    projections.push_back(std::move(p));
  }
  return projections;
}

std::vector<ProfileMap> read_profiles(const Reader& r) {
  std::vector<ProfileMap> profiles;
  for (const Json& value : r.list("profiles")) {
    const Reader item = r.item(value, "profiles", profiles.size());
    profiles.push_back({item.text("name"), item.number("user"), item.flag("enabled"),
                        item.integer("w_min"), item.integer("w_max"), item.number("exponent")});
  }
  return profiles;
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> read_history(const Reader& r) {
  constexpr const char* kField = "initial_history";
  const std::vector<std::uint32_t> numbers = r.words<std::uint32_t>(kField, 4);
  if (numbers.size() % 2 != 0) {
    r.fail(kField, "an even number of numbers", std::to_string(numbers.size()));
  }
  std::vector<std::pair<std::uint32_t, std::uint32_t>> histories;
  for (std::size_t k = 0; k < numbers.size(); k += 2) {
    histories.emplace_back(numbers[k], numbers[k + 1]);
  }
  return histories;
}

std::vector<InitialState> read_initial(const Reader& r) {
  std::vector<InitialState> states;
  for (const Json& value : r.list("initial")) {
    const std::string field = fmt::format("initial[{}]", states.size());
    if (!value.is_array() || value.size() != 5) r.fail(field, "five numbers", value.type_name());
    std::int64_t numbers[5] = {};
    for (std::size_t k = 0; k < 5; ++k) {
      if (!value[k].is_number_integer()) r.fail(field, "numbers", value[k].type_name());
      numbers[k] = value[k].get<std::int64_t>();
      const bool is_signed = k >= 1 && k <= 3;
      const std::int64_t low = is_signed ? std::numeric_limits<std::int32_t>::min() : 0;
      if (numbers[k] < low || numbers[k] > std::numeric_limits<std::int32_t>::max()) {
        r.fail(field, "numbers of 32 bits", std::to_string(numbers[k]));
      }
    }
    states.push_back({static_cast<std::uint32_t>(numbers[0]), static_cast<std::int32_t>(numbers[1]),
                      static_cast<std::int32_t>(numbers[2]), static_cast<std::int32_t>(numbers[3]),
                      static_cast<std::uint32_t>(numbers[4])});
  }
  return states;
}

std::map<Region, std::vector<std::uint64_t>> read_memories(const Reader& r) {
  std::map<Region, std::vector<std::uint64_t>> memories;
  for (const auto& [name, value] : r.object().items()) {
    bool known = false;
    for (std::size_t code = 0; code < map::kRegionNames.size(); ++code) {
      if (map::kRegionNames[code] != name) continue;
      const auto region = static_cast<Region>(code);
      memories[region] = r.words<std::uint64_t>(name, word_bytes(region));
      known = true;
    }
    if (!known) r.fail(r.full(name), "the name of a region", "'" + name + "'");
  }
  return memories;
}

}  // namespace

std::vector<std::uint8_t> Image::to_cbor() const {
  Json packed_memories = Json::object();
  for (const auto& [region, words] : memories) {
    packed_memories[std::string(region_name(region))] = packed(words, word_bytes(region));
  }
  const Json content = {{"geometry", packed_geometry(geometry)},
                        {"name", name},
                        {"fraction_bits", fraction_bits},
                        {"program_length", program_length},
                        {"encoder_rows", encoder_rows},
                        {"used_rows", used_rows},
                        {"learn_rows", learn_rows},
                        {"memories", std::move(packed_memories)},
                        {"initial", packed_initial(initial)},
                        {"initial_spikes", packed(initial_spikes, 4)},
                        {"initial_history", packed(flattened(initial_history), 4)},
                        {"initial_age", initial_age},
                        {"neuron_slot", packed(neuron_slot, 4)},
                        {"axon_row", packed(axon_row, 4)},
                        {"populations", packed_groups(populations)},
                        {"axon_groups", packed_groups(axon_groups)},
                        {"projections", packed_projections(projections)},
                        {"profiles", packed_profiles(profiles)}};
  Bytes bytes = Json::to_cbor(content);
  const std::uint32_t crc = checksum(bytes);
  return Json::to_cbor({{"magic", kMagic},
                        {"version", kVersion},
                        {"crc32", crc},
                        {"content", Json::binary(std::move(bytes))}});
}

Image Image::from_cbor(std::span<const std::uint8_t> bytes, const std::string& origin) {
  const Json file = parsed(Bytes(bytes.begin(), bytes.end()), origin);
  const Reader outer(file, origin, "");
  const std::string magic = outer.text("magic");
  if (magic != kMagic) {
    outer.fail("magic", fmt::format("'{}'", kMagic), fmt::format("'{}'", magic.substr(0, 32)));
  }
  const std::uint32_t version = outer.number("version");
  if (version != kVersion) {
    throw InputError(fmt::format("{}: field 'version': found an image of version {}; this release "
                                 "reads version {}",
                                 origin, version, kVersion),
                     "compile the network again with this release");
  }
  const Bytes content_bytes = outer.words<std::uint8_t>("content", 1);
  const std::uint32_t crc = outer.number("crc32"), found = checksum(content_bytes);
  if (crc != found) {
    outer.fail("crc32", fmt::format("{:#010x} as the content has it", found),
               fmt::format("{:#010x}", crc));
  }
  const Json content = parsed(content_bytes, origin);
  const Reader r(content, origin, "");
  Image image;
  image.geometry = read_geometry(r.map("geometry"));
  image.name = r.text("name");
  image.fraction_bits = r.number("fraction_bits");
  image.program_length = r.number("program_length");
  image.encoder_rows = r.number("encoder_rows");
  image.used_rows = r.number("used_rows");
  image.learn_rows = r.number("learn_rows");
  image.memories = read_memories(r.map("memories"));
  image.initial = read_initial(r);
  image.initial_spikes = r.words<std::uint32_t>("initial_spikes", 4);
  image.initial_history = read_history(r);
  image.initial_age = r.number("initial_age");
  image.neuron_slot = r.words<std::uint32_t>("neuron_slot", 4);
  image.axon_row = r.words<std::uint32_t>("axon_row", 4);
  image.populations = read_groups(r, "populations");
  image.axon_groups = read_groups(r, "axon_groups");
  image.projections = read_projections(r);
  image.profiles = read_profiles(r);
  check_image(image, origin);
  return image;
}

}  // namespace ncx
