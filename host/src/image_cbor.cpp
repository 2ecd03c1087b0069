// SPDX-License-Identifier: BSD-3-Clause
// The content of an image file; cbor_file.hpp has what is around it.
#include <fmt/format.h>

#include <limits>

#include "cbor_file.hpp"
#include "image_use.hpp"
#include "ncx/error.hpp"
#include "ncx/image.hpp"

namespace ncx {
namespace {

using cbor::Json;
using cbor::packed;
using cbor::Reader;

constexpr cbor::FileKind kImageFile{"NeuroCoreX image", "image", "`ncx compile`",
                                    "compile the network again with this release", Image::kVersion};

// ---- writing ----

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

}  // namespace

std::vector<std::uint8_t> Image::to_cbor() const {
  const Json content = {{"geometry", packed_geometry(geometry)},
                        {"name", name},
                        {"fraction_bits", fraction_bits},
                        {"program_length", program_length},
                        {"encoder_rows", encoder_rows},
                        {"used_rows", used_rows},
                        {"learn_rows", learn_rows},
                        {"memories", cbor::packed_memories(memories)},
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
  return cbor::seal(kImageFile, content);
}

void Image::save(const std::filesystem::path& path) const { cbor::write_file(path, to_cbor()); }

Image Image::load(const std::filesystem::path& path) {
  return from_cbor(cbor::read_file(kImageFile, path), path.string());
}

Image Image::from_cbor(std::span<const std::uint8_t> bytes, const std::string& origin) {
  const Json content = cbor::open(kImageFile, bytes, origin);
  const Reader r(content, kImageFile, origin, "");
  Image image;
  image.geometry = read_geometry(r.map("geometry"));
  image.name = r.text("name");
  image.fraction_bits = r.number("fraction_bits");
  image.program_length = r.number("program_length");
  image.encoder_rows = r.number("encoder_rows");
  image.used_rows = r.number("used_rows");
  image.learn_rows = r.number("learn_rows");
  image.memories = cbor::read_memories(r.map("memories"));
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
