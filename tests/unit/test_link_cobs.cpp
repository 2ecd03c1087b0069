// SPDX-License-Identifier: BSD-3-Clause
// COBS: known vectors, every short sequence, block boundaries, random data, damaged codes.
#include <algorithm>
#include <catch2/catch.hpp>

#include "device_rig.hpp"
#include "link/cobs.hpp"

using ncx::link::Bytes;
using ncx::link::cobs_decode;
using ncx::link::cobs_encode;
using ncx::link::cobs_limit;

namespace {

void check_round_trip(const Bytes& data) {
  const Bytes coded = cobs_encode(data);
  const auto back = cobs_decode(coded);
  // REQUIRE only on failure: there are too many cases to report each.
  if (std::count(coded.begin(), coded.end(), 0) != 0 || coded.size() > cobs_limit(data.size()) ||
      !back || *back != data) {
    INFO("data of " << data.size() << " bytes became " << coded.size());
    REQUIRE(std::count(coded.begin(), coded.end(), 0) == 0);
    REQUIRE(coded.size() <= cobs_limit(data.size()));
    REQUIRE(back);
    REQUIRE(*back == data);
  }
}

Bytes counting(std::size_t size) {
  Bytes data(size);
  for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(1 + i % 255);
  return data;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

TEST_CASE("COBS gives the known codes", "[link]") {
  CHECK(cobs_encode(Bytes{}) == Bytes{1});
  CHECK(cobs_encode(Bytes{0}) == Bytes{1, 1});
  CHECK(cobs_encode(Bytes{0, 0}) == Bytes{1, 1, 1});
  CHECK(cobs_encode(Bytes{0, 0x11, 0}) == Bytes{1, 2, 0x11, 1});
  CHECK(cobs_encode(Bytes{0x11, 0x22, 0, 0x33}) == Bytes{3, 0x11, 0x22, 2, 0x33});
  CHECK(cobs_encode(Bytes{0x11, 0x22, 0x33, 0x44}) == Bytes{5, 0x11, 0x22, 0x33, 0x44});
  CHECK(cobs_encode(Bytes{0x11, 0, 0, 0}) == Bytes{2, 0x11, 1, 1, 1});
}

TEST_CASE("COBS appends nothing after a full block at the end", "[link]") {
  const Bytes full = counting(254);
  CHECK(cobs_encode(full) == joined({{0xFF}, full}));
  CHECK(cobs_encode(joined({full, {7}})) == joined({{0xFF}, full, {2, 7}}));
  CHECK(cobs_encode(joined({full, {0}})) == joined({{0xFF}, full, {1, 1}}));
  CHECK(cobs_encode(joined({{0}, full})) == joined({{1, 0xFF}, full}));
  CHECK(cobs_encode(counting(253)) == joined({{0xFE}, counting(253)}));
}

TEST_CASE("COBS returns every short sequence unchanged", "[link]") {
  // All values for one and two bytes, then all sequences over the values that matter.
  for (unsigned a = 0; a < 256; ++a) {
    check_round_trip({static_cast<std::uint8_t>(a)});
    for (unsigned b = 0; b < 256; ++b) {
      check_round_trip({static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b)});
    }
  }
  constexpr std::array<std::uint8_t, 4> kValues = {0, 1, 2, 0xFF};
  for (std::size_t length = 3; length <= 7; ++length) {
    std::size_t cases = 1;
    for (std::size_t i = 0; i < length; ++i) cases *= kValues.size();
    for (std::size_t n = 0; n < cases; ++n) {
      Bytes data(length);
      std::size_t rest = n;
      for (std::uint8_t& byte : data) {
        byte = kValues[rest % kValues.size()];
        rest /= kValues.size();
      }
      check_round_trip(data);
    }
  }
}

TEST_CASE("COBS returns long data with zeros anywhere near block boundaries", "[link]") {
  for (const std::size_t size : {252U, 253U, 254U, 255U, 256U, 507U, 508U, 509U, 510U, 1032U}) {
    check_round_trip(counting(size));
    check_round_trip(Bytes(size, 0));
    for (std::size_t zero = 0; zero < size; ++zero) {
      Bytes data = counting(size);
      data[zero] = 0;
      check_round_trip(data);
    }
  }
}

TEST_CASE("COBS returns random data of any density of zeros", "[link]") {
  rig::Random random(1);
  for (int n = 0; n < 3000; ++n) {
    Bytes data(random() % 1100);
    const unsigned density = random() % 256;
    for (std::uint8_t& byte : data) {
      byte = random() % 256 < density ? 0 : static_cast<std::uint8_t>(random());
    }
    check_round_trip(data);
  }
}

TEST_CASE("COBS decoding refuses zeros and blocks that run past the end", "[link]") {
  CHECK_FALSE(cobs_decode(Bytes{0}));
  CHECK_FALSE(cobs_decode(Bytes{3, 1}));
  CHECK_FALSE(cobs_decode(Bytes{3, 1, 0}));
  CHECK_FALSE(cobs_decode(Bytes{1, 0}));
  CHECK_FALSE(cobs_decode(Bytes{0xFF, 1, 2}));
  CHECK(cobs_decode(Bytes{3, 1, 2}) == Bytes{1, 2});
}
