// SPDX-License-Identifier: BSD-3-Clause
// Reads a compiled image back into lists.
#include "image_decoder.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

namespace ncx::test {
namespace {

std::uint64_t bits(std::uint64_t word, unsigned high, unsigned low) {
  return (word >> low) & ((std::uint64_t{2} << (high - low)) - 1);
}

std::uint32_t u32(std::uint64_t value) { return static_cast<std::uint32_t>(value); }

std::int64_t signed_weight(std::uint64_t raw, unsigned width) {
  const std::uint64_t sign = std::uint64_t{1} << (width - 1);
  const std::uint64_t value = raw & (2 * sign - 1);
  return (value & sign) != 0
             ? static_cast<std::int64_t>(value) - static_cast<std::int64_t>(2 * sign)
             : static_cast<std::int64_t>(value);
}

}  // namespace

std::uint32_t tag_count(const Geometry& geometry) {
  // Seven bits are delay and tag together; a tag is no wider than a dense row's group number.
  std::uint32_t groups = 1;
  while (groups * geometry.weights_per_word() < geometry.local_rows()) groups *= 2;
  return std::min(128 / geometry.max_delay, groups);
}

std::vector<DecodedRow> decode_rows(const Image& image) {
  std::vector<DecodedRow> rows;
  const std::vector<std::uint64_t>& sources = image.memories.at(Region::kSource);
  const std::vector<std::uint64_t>& table = image.memories.at(Region::kRow);
  for (std::size_t s = 0; s < sources.size(); ++s) {
    if (bits(sources[s], 31, 31) == 0) continue;
    for (std::size_t r = bits(sources[s], 19, 0);; ++r) {
      const std::uint64_t half0 = table.at(2 * r);
      const std::uint64_t half1 = table.at(2 * r + 1);
      DecodedRow row;
      row.from_axon = s >= image.geometry.neurons;
      row.source = u32(row.from_axon ? s - image.geometry.neurons : s);
      row.base = u32(bits(half0, 19, 0));
      row.exponent = u32(bits(half0, 23, 20));
      row.profile = u32(bits(half0, 26, 24));
      row.sparse = bits(half0, 27, 27) != 0;
      row.length = u32(bits(half1, 15, 0));
      row.target = u32(bits(half1, 31, 16));
      rows.push_back(row);
      if (bits(half0, 28, 28) != 0) break;
    }
  }
  return rows;
}

std::vector<DecodedSynapse> decode_synapses(const Image& image) {
  std::vector<DecodedSynapse> synapses;
  const std::uint32_t lanes = image.geometry.lanes;
  const unsigned width = image.geometry.weight_bits;
  const std::uint32_t max_delay = image.geometry.max_delay;
  const std::uint32_t tags = tag_count(image.geometry);
  const std::vector<std::uint64_t>& memory = image.memories.at(Region::kSynapse);
  for (const DecodedRow& row : decode_rows(image)) {
    const auto add = [&](std::uint64_t local_row, std::uint32_t lane, std::int64_t weight,
                         std::uint64_t delay, bool plastic) {
      synapses.push_back({row.from_axon, row.source, u32(local_row * lanes + lane),
                          weight * (std::int64_t{1} << row.exponent), u32(delay), plastic});
    };
    for (std::uint32_t j = 0; j < row.length; ++j) {
      for (std::uint32_t lane = 0; lane < lanes; ++lane) {
        const std::uint64_t word = memory.at((std::size_t{row.base} + j) * lanes + lane);
        REQUIRE(word >> 36 == 0);
        if (row.sparse) {
          // The low bits of the field are the delay, those above it the tag.
          const std::uint64_t field = bits(word, 31, 28) + 16 * bits(word, 35, 33);
          if (word == 0 || field / max_delay % tags != row.target % tags) continue;
          add(bits(word, 27, 16), lane, signed_weight(word, width), 1 + field % max_delay,
              bits(word, 32, 32) != 0);
          if (width == 8) REQUIRE(bits(word, 15, 8) == 0);
          continue;
        }
        for (unsigned p = 0; p < 32 / width; ++p) {
          const std::int64_t weight = signed_weight(word >> (p * width), width);
          const bool plastic = bits(word, 32 + p, 32 + p) != 0;
          if (weight == 0 && !plastic) continue;
          add((row.target + j) * (32 / width) + p, lane, weight, 1, plastic);
        }
      }
    }
  }
  return synapses;
}

std::vector<DecodedEntry> decode_program(const Image& image) {
  std::vector<DecodedEntry> entries;
  const std::vector<std::uint64_t>& program = image.memories.at(Region::kProgram);
  REQUIRE(program.size() == 2 * std::size_t{image.program_length});
  for (std::size_t e = 0; e < image.program_length; ++e) {
    const std::uint64_t half0 = program.at(2 * e);
    entries.push_back({u32(bits(half0, 15, 0)), u32(bits(half0, 27, 16)), u32(bits(half0, 31, 28)),
                       u32(program.at(2 * e + 1))});
  }
  return entries;
}

}  // namespace ncx::test
