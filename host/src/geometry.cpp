// SPDX-License-Identifier: BSD-3-Clause
// Named builds, INFO words and the sizes of the memories.
#include "ncx/geometry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "learn_layout.hpp"
#include "ncx/boards.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

constexpr std::size_t kNameBytes = 16;
constexpr std::uint32_t kMinLanes = 2, kMaxLanes = 16;   // a bitmap word holds whole rows
constexpr std::uint32_t kMaxIds = 1U << map::kIdW;       // neurons, axons in stream words
constexpr std::uint32_t kMaxAddresses = 1U << 20;        // row and base fields of the tables
constexpr std::uint32_t kMaxLocalRows = 1U << 12;        // target field of a sparse word
constexpr std::uint32_t kMaxDelay = 1U << map::kDelayW;  // delay field of a sparse word
constexpr std::uint32_t kMaxSets = 1U << map::kParameterSetW;
constexpr std::uint32_t kMaxEntries = (1U << 16) - 1;  // 16-bit registers count them

constexpr std::uint32_t kMaxProfiles = 1U << map::kProfileW;

constexpr std::size_t index(Region region) { return static_cast<std::size_t>(region); }

}  // namespace

std::uint64_t Geometry::region_size(Region region) const {
  const auto wide = [](std::uint32_t value) { return static_cast<std::uint64_t>(value); };
  switch (region) {
    case Region::kRegisters:
      return map::kRegisterNames.size();
    case Region::kInfo:
      return map::kInfoWords;
    case Region::kSynapse:
      return wide(synapse_words) * lanes;
    case Region::kSource:
      return wide(neurons) + axons;
    case Region::kRow:
      return wide(rows) * 2;
    case Region::kProgram:
      return wide(program_entries) * 2;
    case Region::kParameter:
      return wide(parameter_sets) * map::kParameterStride;
    case Region::kState:
      return wide(neurons) * 4;
    case Region::kAccumulator:
      return wide(max_delay) * neurons;
    case Region::kCount:
      return neurons;
    case Region::kRate:
      return axons;
    case Region::kGenerator:
      return generators() * kGeneratorWords;
    case Region::kProbe:
      return probe_entries;
    case Region::kSpikeQueue:
      return wide(program_entries) * 2;
    case Region::kProfile:
      return wide(profiles) * map::kProfileWords;
    case Region::kTaps:
      return wide(profiles) * learn::kTapsOfProfile;
    case Region::kDriftStep:
      return wide(profiles) * learn::kDriftStepsOfProfile;
    case Region::kLearnMember:
      return wide(profiles) * ((wide(neurons) + axons) / lanes);
    case Region::kTrace:
      return wide(profiles) * (2 * wide(neurons) + axons);
    case Region::kLearnState:
      return wide(profiles) * 2 + 1;
    case Region::kAxonSpike:
      return axons / lanes;
  }
  throw InputError(fmt::format("no region {}", index(region)), "the codes of docs/registers.md");
}

std::uint32_t Geometry::tag_bits() const {
  const auto delay_bits = static_cast<std::uint32_t>(std::countr_zero(max_delay));
  // At most as wide as a dense row's group number, which a sparse row keeps its tag in.
  const std::uint32_t groups = std::bit_ceil(local_rows()) / weights_per_word();
  return std::min(map::kDelayW - delay_bits, static_cast<std::uint32_t>(std::countr_zero(groups)));
}

std::string Geometry::problem() const {
  const auto range = [](std::string_view item, std::uint32_t value, std::uint32_t low,
                        std::uint32_t high) {
    return value >= low && value <= high
               ? std::string()
               : fmt::format("{} is {}; expected {} to {}", item, value, low, high);
  };
  const std::array checks = {
      range("lanes", lanes, kMinLanes, kMaxLanes),
      range("neurons", neurons, 1, kMaxIds),
      range("axons", axons, 1, kMaxIds),
      range("synapse_words", synapse_words, 1, kMaxAddresses),
      range("rows", rows, 1, kMaxAddresses),
      range("max_delay", max_delay, 1, kMaxDelay),
      range("parameter_sets", parameter_sets, 1, kMaxSets),
      range("program_entries", program_entries, 1, kMaxEntries),
      range("probe_entries", probe_entries, 0, kMaxEntries),
      range("profiles", profiles, 1, kMaxProfiles),
  };
  for (const std::string& text : checks) {
    if (!text.empty()) return text;
  }
  if (weight_bits != 8 && weight_bits != 16) {
    return fmt::format("weight_bits is {}; expected 8 or 16", weight_bits);
  }
  if (!std::has_single_bit(lanes)) {
    return fmt::format("lanes is {}; expected a power of two", lanes);
  }
  if (!std::has_single_bit(max_delay)) {
    return fmt::format("max_delay is {}; expected a power of two", max_delay);
  }
  if (neurons % (lanes * weights_per_word()) != 0) {
    return fmt::format("neurons is {}; expected a multiple of {} (lanes * weights in a word)",
                       neurons, lanes * weights_per_word());
  }
  if (axons % lanes != 0) {
    return fmt::format("axons is {}; expected a multiple of lanes ({})", axons, lanes);
  }
  if (local_rows() > kMaxLocalRows) {
    return fmt::format("neurons / lanes is {}; expected at most {}", local_rows(), kMaxLocalRows);
  }
  return {};
}

Geometry Geometry::named(std::string_view name) {
  for (const map::Configuration& c : map::kConfigurations) {
    if (c.name != name) continue;
    Geometry g;
    g.name = c.name;
    g.lanes = c.lanes;
    g.neurons = c.neurons;
    g.axons = c.axons;
    g.weight_bits = c.weight_bits;
    g.synapse_words = c.synapse_words;
    g.rows = c.rows;
    g.max_delay = c.max_delay;
    g.parameter_sets = c.parameter_sets;
    g.program_entries = c.program_entries;
    g.profiles = c.profiles;
    g.event_entries = c.event_entries;
    g.stream_words = c.stream_words;
    g.probe_entries = c.probe_entries;
    g.rx_bytes = c.rx_bytes;
    g.clock_hz = c.clock_hz;
    g.baud = c.baud;
    return g;
  }
  std::string known;
  for (const std::string& other : names()) known += (known.empty() ? "" : ", ") + other;
  throw InputError(fmt::format("no build named '{}'", name), "one of: " + known);
}

std::vector<std::string> Geometry::names() {
  std::vector<std::string> result;
  result.reserve(map::kConfigurations.size());
  for (const map::Configuration& c : map::kConfigurations) result.emplace_back(c.name);
  return result;
}

Geometry Geometry::of_target(std::string_view name) {
  for (const Board& board : kBoards) {
    if (board.name != name) continue;
    Geometry g = named(board.build);
    g.name = board.name;
    g.baud = board.baud;
    return g;
  }
  const std::vector<std::string> builds = names();
  if (std::find(builds.begin(), builds.end(), name) != builds.end()) return named(name);
  std::string known;
  for (const std::string& other : target_names()) known += (known.empty() ? "" : ", ") + other;
  throw InputError(fmt::format("no build or board named '{}'", name), "one of: " + known);
}

std::string Geometry::build_of(std::string_view target) {
  for (const Board& board : kBoards) {
    if (board.name == target) return std::string(board.build);
  }
  return std::string(target);
}

std::vector<std::string> Geometry::target_names() {
  std::vector<std::string> result = names();
  for (const Board& board : kBoards) {
    if (std::find(result.begin(), result.end(), board.name) == result.end()) {
      result.emplace_back(board.name);
    }
  }
  return result;
}

Geometry Geometry::from_info(std::span<const std::uint32_t> words) {
  if (words.empty() || words[map::kInfoMagic] != map::kInfoMagicValue) {
    throw LinkError(fmt::format("the device answers with magic {:#010x}; expected {:#010x}",
                                words.empty() ? 0 : words[map::kInfoMagic], map::kInfoMagicValue),
                    "another port, or load a NeuroCoreX bitstream first");
  }
  if (words.size() < map::kInfoWords) {
    throw LinkError(
        fmt::format("the device sends {} INFO words; expected {}", words.size(), map::kInfoWords),
        "a bitstream and a host program of one release");
  }
  if (words[map::kInfoProtocol] != map::kProtocolVersion) {
    throw LinkError(fmt::format("the device speaks protocol version {}; expected {}",
                                words[map::kInfoProtocol], map::kProtocolVersion),
                    "a bitstream and a host program of one release");
  }
  if (words[map::kInfoMapHash] != map::kMapHash) {
    throw LinkError(fmt::format("the device's register map has hash {:#010x}; expected {:#010x}",
                                words[map::kInfoMapHash], map::kMapHash),
                    "a bitstream and a host program of one release");
  }
  Geometry g;
  g.lanes = words[map::kInfoLanes];
  g.neurons = words[map::kInfoNeurons];
  g.axons = words[map::kInfoAxons];
  g.weight_bits = words[map::kInfoWeightBits];
  g.synapse_words = words[map::kInfoSynapseWords];
  g.rows = words[map::kInfoRows];
  g.max_delay = words[map::kInfoMaxDelay];
  g.parameter_sets = words[map::kInfoParameterSets];
  g.program_entries = words[map::kInfoProgramEntries];
  g.profiles = words[map::kInfoProfiles];
  g.event_entries = words[map::kInfoEventEntries];
  g.stream_words = words[map::kInfoStreamWords];
  g.probe_entries = words[map::kInfoProbeEntries];
  g.rx_bytes = words[map::kInfoRxBytes];
  g.clock_hz = words[map::kInfoClockHz];
  g.baud = words[map::kInfoBaud];
  g.features = words[map::kInfoFeatures];
  for (std::size_t byte = 0; byte < kNameBytes; ++byte) {
    const std::uint32_t word = words[map::kInfoName0 + byte / 4];
    const char c = static_cast<char>((word >> (8 * (byte % 4))) & 0xFF);
    if (c == '\0') break;
    g.name.push_back(c);
  }
  const std::string problem = g.problem();
  if (!problem.empty()) {
    throw LinkError(fmt::format("the device describes an impossible build: {}", problem),
                    "a bitstream and a host program of one release");
  }
  return g;
}

std::vector<std::uint32_t> Geometry::to_info(std::uint32_t build) const {
  std::vector<std::uint32_t> words(map::kInfoWords, 0);
  words[map::kInfoMagic] = map::kInfoMagicValue;
  words[map::kInfoProtocol] = map::kProtocolVersion;
  words[map::kInfoMapHash] = map::kMapHash;
  words[map::kInfoBuild] = build;
  words[map::kInfoLanes] = lanes;
  words[map::kInfoNeurons] = neurons;
  words[map::kInfoAxons] = axons;
  words[map::kInfoWeightBits] = weight_bits;
  words[map::kInfoSynapseWords] = synapse_words;
  words[map::kInfoRows] = rows;
  words[map::kInfoMaxDelay] = max_delay;
  words[map::kInfoParameterSets] = parameter_sets;
  words[map::kInfoProgramEntries] = program_entries;
  words[map::kInfoProfiles] = profiles;
  words[map::kInfoEventEntries] = event_entries;
  words[map::kInfoStreamWords] = stream_words;
  words[map::kInfoProbeEntries] = probe_entries;
  words[map::kInfoRxBytes] = rx_bytes;
  words[map::kInfoClockHz] = clock_hz;
  words[map::kInfoBaud] = baud;
  words[map::kInfoFeatures] = features;
  for (std::size_t byte = 0; byte < std::min(name.size(), kNameBytes); ++byte) {
    const auto c = static_cast<std::uint32_t>(static_cast<unsigned char>(name[byte]));
    words[map::kInfoName0 + byte / 4] |= c << (8 * (byte % 4));
  }
  return words;
}

std::uint32_t region_bits(Region region) {
  switch (region) {
    case Region::kSynapse:
    case Region::kParameter:
    case Region::kState:
    case Region::kProfile:
    case Region::kLearnState:
      return map::kWordW;
    case Region::kTaps:
    case Region::kDriftStep:
    case Region::kTrace:
      return map::kTraceW;
    case Region::kLearnMember:
    case Region::kAxonSpike:
      return kMaxLanes;
    case Region::kCount:
      return map::kCountW;
    case Region::kProbe:
      return map::kStreamWordW;
    case Region::kRate:
      return map::kRateW;
    case Region::kRegisters:
    case Region::kInfo:
    case Region::kSource:
    case Region::kRow:
    case Region::kProgram:
    case Region::kAccumulator:
    case Region::kGenerator:
    case Region::kSpikeQueue:
      return 32;
  }
  throw InputError(fmt::format("no region {}", index(region)), "the codes of docs/registers.md");
}

std::string_view region_name(Region region) {
  if (index(region) >= map::kRegionNames.size()) {
    throw InputError(fmt::format("no region {}", index(region)), "the codes of docs/registers.md");
  }
  return map::kRegionNames[index(region)];
}

}  // namespace ncx
