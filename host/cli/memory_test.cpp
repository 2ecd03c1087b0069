// SPDX-License-Identifier: BSD-3-Clause
// The register and memory part of the selftest.
#include "memory_test.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <random>

#include "learn_layout.hpp"
#include "ncx/error.hpp"

namespace ncx::cli {
namespace {

constexpr std::uint64_t kRounds = 2;  // data and its complement
constexpr std::size_t kChunk = 4096;  // words a call, so that Ctrl-C is soon noticed

std::uint64_t ones(std::uint32_t bits) { return (std::uint64_t{1} << bits) - 1; }

/// Bits that number `count` things.
std::uint64_t index_bits(std::uint32_t count) {
  return ones(static_cast<std::uint32_t>(std::bit_width(count - 1)));
}

std::uint64_t row_bits(const Geometry& g, std::uint64_t half) {
  if (half == 0) return (index_bits(g.synapse_words) & ones(20)) | (ones(9) << 20);
  const std::uint64_t target = index_bits(g.local_rows() / g.weights_per_word());
  return (index_bits(g.synapse_words) & ones(16)) | (target << 16);
}

std::uint64_t program_bits(const Geometry& g, std::uint64_t half) {
  if (half == 1) return ones(g.lanes);
  return index_bits(g.local_rows()) | (index_bits(g.parameter_sets) << 16) | (ones(3) << 28);
}

std::uint64_t parameter_bits(std::uint64_t word) {
  constexpr std::uint64_t kFlags = 3, kBetas = 4;
  if (word == kFlags) return ones(27);
  if (word == kBetas) return ones(34);
  return word < kFlags ? ones(36) : 0;
}

std::uint64_t state_bits(std::uint64_t word) {
  if (word == 0) return ones(36);
  if (word == 1) return ones(24);
  return word == 2 ? ones(23) : 0;  // theta is never negative
}

CheckResult failed(CheckResult result, std::string detail) {
  result.detail = std::move(detail);
  return result;
}

std::uint64_t learn_state_bits(const Geometry& g, std::uint64_t address) {
  if (address == learn::generator_address(g)) return ones(32);
  constexpr std::uint32_t kAgeBits = 5;
  return address % 2 == 0 ? ones(map::kDriftW) : ones(kAgeBits);
}

/// Writes and reads back one range; returns what was wrong, or nothing.
std::string write_and_read(Backend& backend, Region region, std::uint64_t first,
                           const std::vector<std::uint64_t>& words,
                           const std::function<void(std::uint64_t)>& moved) {
  for (std::size_t at = 0; at < words.size(); at += kChunk) {
    const std::size_t count = std::min(kChunk, words.size() - at);
    backend.write(region, first + at, std::span(words).subspan(at, count));
    moved(count);
  }
  for (std::size_t at = 0; at < words.size(); at += kChunk) {
    const std::size_t count = std::min(kChunk, words.size() - at);
    const std::vector<std::uint64_t> found = backend.read(region, first + at, count);
    moved(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t mask = stored_bits(backend.geometry(), region, first + at + i);
      if ((found[i] & mask) != (words[at + i] & mask)) {
        return fmt::format("{} word {}: wrote 0x{:09X}, read 0x{:09X}", region_name(region),
                           first + at + i, words[at + i], found[i]);
      }
    }
  }
  return {};
}

struct Part {
  std::uint64_t first, count;
};

std::vector<Part> parts_of(const Geometry& geometry, Region region, std::uint64_t words) {
  const std::uint64_t size = geometry.region_size(region);
  // Both halves of an entry, and the words of a generator, are written together: a part begins with
  // one.
  const std::uint64_t together = region == Region::kGenerator ? Geometry::kGeneratorWords : 2;
  const std::uint64_t part =
      words == 0 ? size : std::min(size, (words + together - 1) / together * together);
  std::vector<Part> parts{{0, part}};
  if (part < size) parts.push_back({size - part, part});
  return parts;
}

}  // namespace

std::vector<Region> writable_regions() {
  return {Region::kSynapse,   Region::kSource,     Region::kRow,         Region::kProgram,
          Region::kParameter, Region::kState,      Region::kAccumulator, Region::kCount,
          Region::kRate,      Region::kGenerator,  Region::kProbe,       Region::kSpikeQueue,
          Region::kProfile,   Region::kTaps,       Region::kDriftStep,   Region::kLearnMember,
          Region::kTrace,     Region::kLearnState, Region::kAxonSpike};
}

std::uint64_t stored_bits(const Geometry& geometry, Region region, std::uint64_t address) {
  constexpr std::uint64_t kParameterStride = 8, kStateStride = 4;
  switch (region) {
    case Region::kSource:
      return index_bits(geometry.rows) | (std::uint64_t{1} << 31);
    case Region::kRow:
      return row_bits(geometry, address % 2);
    case Region::kProgram:
      return program_bits(geometry, address % 2);
    case Region::kParameter:
      return parameter_bits(address % kParameterStride);
    case Region::kState:
      return state_bits(address % kStateStride);
    case Region::kRate:
      return ones(8);  // 256 is the largest rate: bit 8 never goes with others
    case Region::kProbe:
      return index_bits(geometry.neurons);
    case Region::kSpikeQueue:
      return address % 2 == 0 ? index_bits(geometry.local_rows()) : ones(geometry.lanes);
    case Region::kLearnMember:
    case Region::kAxonSpike:
      return ones(geometry.lanes);
    case Region::kLearnState:
      return learn_state_bits(geometry, address);
    default:
      return ones(region_bits(region));
  }
}

std::uint64_t memory_test_words(const Geometry& geometry, Region region, std::uint64_t words) {
  const std::vector<Part> parts = parts_of(geometry, region, words);
  const std::uint64_t tested =
      std::accumulate(parts.begin(), parts.end(), std::uint64_t{0},
                      [](std::uint64_t sum, const Part& part) { return sum + part.count; });
  return tested * kRounds * 2;
}

CheckResult test_memory(Backend& backend, Region region, std::uint64_t words, std::uint32_t seed,
                        const std::function<void(std::uint64_t)>& progress) {
  CheckResult result{fmt::format("memory {}", region_name(region)), false, {}, 0, "words"};
  std::uint64_t done = 0;
  const auto moved = [&](std::uint64_t count) { progress(done += count); };
  for (const auto& [first, part] : parts_of(backend.geometry(), region, words)) {
    std::mt19937_64 random(seed + static_cast<std::uint32_t>(region));
    std::vector<std::uint64_t> data(part);
    for (std::size_t i = 0; i < data.size(); ++i) {
      data[i] = random() & stored_bits(backend.geometry(), region, first + i);
    }
    for (std::uint64_t round = 0; round < kRounds; ++round) {
      if (std::string wrong = write_and_read(backend, region, first, data, moved); !wrong.empty()) {
        return failed(result, std::move(wrong));
      }
      for (std::size_t i = 0; i < data.size(); ++i) {
        data[i] ^= stored_bits(backend.geometry(), region, first + i);
      }
    }
    result.amount += part;
  }
  result.passed = true;
  return result;
}

CheckResult test_registers(Backend& backend) {
  CheckResult result{"registers", false, {}, 0, "registers"};
  for (std::uint32_t bit = 0; bit < 32; ++bit) {
    const std::uint32_t value = std::uint32_t{1} << bit;
    backend.write_register(Register::kScratch, value);
    const std::uint32_t found = backend.read_register(Register::kScratch);
    if (found != value) {
      return failed(result, fmt::format("SCRATCH: wrote 0x{:08X}, read 0x{:08X}", value, found));
    }
  }
  const std::uint32_t state = backend.read_register(Register::kState);
  if ((state & (1u << map::kStateBitRunning)) != 0) {
    return failed(result, "STATE: the network runs although nobody started it");
  }
  bool refused = false;
  try {
    backend.write_register(Register::kState, 0);
  } catch (const Error&) {
    refused = true;
  }
  if (!refused) return failed(result, "STATE is read only, but a write was accepted");
  const std::vector<std::uint64_t> words = backend.read(Region::kInfo, 0, map::kInfoWords);
  std::vector<std::uint32_t> info(words.size());
  std::transform(words.begin(), words.end(), info.begin(),
                 [](std::uint64_t word) { return static_cast<std::uint32_t>(word); });
  if (Geometry::from_info(info) != backend.geometry()) {
    return failed(result, "INFO words differ from what HELLO answered");
  }
  result.amount = map::kRegisterNames.size();
  result.passed = true;
  return result;
}

}  // namespace ncx::cli
