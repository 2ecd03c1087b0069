// SPDX-License-Identifier: BSD-3-Clause
// Frames: what is built is found again, and nothing damaged ever is.
#include <array>
#include <catch2/catch.hpp>

#include "device_rig.hpp"
#include "link/crc.hpp"
#include "link/frame.hpp"
#include "ncx/error.hpp"

using namespace ncx::link;

namespace {

Bytes random_payload(rig::Random& random, std::size_t size, unsigned zeros) {
  Bytes payload(size);
  for (std::uint8_t& byte : payload) {
    byte = random() % 100 < zeros ? 0 : static_cast<std::uint8_t>(random());
  }
  return payload;
}

// A frame whose CRC is right whatever the header says.
Bytes frame_of_body(Bytes body) {
  put_u32(body, crc32(body));
  Bytes wire = cobs_encode(body);
  wire.push_back(0);
  return wire;
}

}  // namespace

TEST_CASE("CRC-32 is the IEEE one", "[link]") {
  const std::array<std::uint8_t, 9> check = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  CHECK(crc32(check) == 0xCBF43926);
  CHECK(crc32({}) == 0);
  const std::array<std::uint64_t, 2> words = {0x0807060504, 0x0C0B0A0908 & 0xFFFFFFFFF};
  const std::array<std::uint8_t, 10> bytes = {4, 5, 6, 7, 8, 8, 9, 0xA, 0xB, 0xC};
  CHECK(crc32_words(words) == crc32(bytes));
}

TEST_CASE("A frame has the layout of the protocol page", "[link]") {
  const Bytes wire = build_frame(5, 7, Bytes{1, 2, 3, 4});
  REQUIRE(wire.back() == 0);
  const auto body = cobs_decode(std::span(wire).first(wire.size() - 1));
  REQUIRE(body);
  Bytes expected = {0x85, 7, 4, 0, 1, 2, 3, 4};
  put_u32(expected, crc32(expected));
  CHECK(*body == expected);
  CHECK(wire.size() <= wire_size(4));
}

TEST_CASE("Frames of every length come back, in any portions", "[link]") {
  rig::Random random(2);
  Bytes line;
  std::vector<Frame> sent;
  for (std::size_t size = 0; size <= ncx::map::kMaxPayload; size += size < 300 ? 1 : 61) {
    Frame frame{static_cast<std::uint8_t>(random() % 64), static_cast<std::uint8_t>(random()),
                random_payload(random, size, size % 3 == 0 ? 70 : 2)};
    const Bytes wire = build_frame(frame.code, frame.sequence, frame.payload);
    line.insert(line.end(), wire.begin(), wire.end());
    sent.push_back(std::move(frame));
  }
  for (const std::size_t portion :
       {std::size_t{1}, std::size_t{7}, std::size_t{999}, line.size()}) {
    FrameReader reader;
    std::vector<Frame> found;
    for (std::size_t at = 0; at < line.size(); at += portion) {
      const auto part = std::span(line).subspan(at, std::min(portion, line.size() - at));
      for (Frame& frame : reader.feed(part)) found.push_back(std::move(frame));
    }
    CHECK(found == sent);
    CHECK(reader.damaged() == 0);
  }
}

TEST_CASE("The longest frame fits and a longer one cannot be built", "[link]") {
  FrameReader reader;
  const Bytes payload(ncx::map::kMaxPayload, 0x55);
  const Bytes wire = build_frame(1, 2, payload);
  CHECK(wire.size() == kMaxEncoded + 1);
  CHECK(reader.feed(wire).size() == 1);
  CHECK_THROWS_AS(build_frame(1, 2, Bytes(ncx::map::kMaxPayload + 1)), ncx::InputError);
  CHECK_THROWS_AS(build_frame(64, 2, Bytes(1)), ncx::InputError);
}

TEST_CASE("Empty frames are ignored, garbage costs at most the frame it touches", "[link]") {
  const Bytes good = build_frame(3, 9, Bytes{0, 1, 0, 2});
  rig::Random random(3);
  for (int n = 0; n < 100'000; ++n) {
    FrameReader reader;
    Bytes garbage(random() % (n % 50 == 0 ? 3000 : 120));
    for (std::uint8_t& byte : garbage) byte = static_cast<std::uint8_t>(random());
    Bytes line = garbage;
    line.push_back(0);  // a sender may start with a zero
    line.insert(line.end(), good.begin(), good.end());
    const auto frames = reader.feed(line);
    REQUIRE(frames.size() == 1);
    REQUIRE(frames[0].sequence == 9);
  }
  FrameReader reader;
  CHECK(reader.feed(Bytes{0, 0, 0}).empty());
  CHECK(reader.damaged() == 0);
}

TEST_CASE("Frames with a right CRC but a wrong header are dropped and counted", "[link]") {
  FrameReader reader;
  CHECK(reader.feed(frame_of_body({0x45, 1, 0, 0})).empty());  // version 1
  CHECK(reader.other_version() == 1);
  CHECK(reader.feed(frame_of_body({0x85, 1, 1, 0})).empty());  // says one byte, has none
  CHECK(reader.feed(frame_of_body({0x85, 1, 0, 0, 9})).empty());
  CHECK(reader.feed(frame_of_body({0x85, 1, 0})).empty());  // too short for a header
  CHECK(reader.feed(frame_of_body({})).empty());
  Bytes long_body = {0x85, 1, 0x01, 0x04};  // 1,025 bytes
  long_body.resize(4 + 1025, 7);
  CHECK(reader.feed(frame_of_body(long_body)).empty());
  CHECK(reader.damaged() == 6);
  CHECK(reader.other_version() == 1);
  CHECK(reader.feed(frame_of_body({0x85, 1, 0, 0})).size() == 1);
}

TEST_CASE("A frame that is much too long is dropped as one", "[link]") {
  FrameReader reader;
  Bytes line(5000, 1);
  line.push_back(0);
  CHECK(reader.feed(line).empty());
  CHECK(reader.damaged() == 1);
  CHECK(reader.feed(build_frame(1, 1, {})).size() == 1);
}

TEST_CASE("Flipped bits are never accepted", "[link]") {
  rig::Random random(4);
  // A flip can make a zero and so two frames, or merge two: whatever comes out must be what went
  // in.
  std::uint64_t accepted = 0, intact = 0;
  for (int n = 0; n < 400'000; ++n) {
    const Bytes payload = random_payload(random, random() % 48, n % 2 == 0 ? 80 : 1);
    const Bytes wire = build_frame(static_cast<std::uint8_t>(random() % 64),
                                   static_cast<std::uint8_t>(random()), payload);
    Bytes line = wire;
    const unsigned flips = 1 + random() % 3;
    for (unsigned i = 0; i < flips; ++i) {
      const std::size_t bit = random() % (8 * (wire.size() - 1));
      line[bit / 8] = static_cast<std::uint8_t>(line[bit / 8] ^ (1U << (bit % 8)));
    }
    FrameReader reader;
    const auto found = reader.feed(line);
    if (line == wire) {
      intact += found.size();  // two flips of one bit
    } else {
      accepted += found.size();
    }
  }
  CHECK(accepted == 0);
  CHECK(intact > 0);
}

TEST_CASE("Every single flipped bit and every cut of a frame is noticed", "[link]") {
  rig::Random random(5);
  for (const std::size_t size : {0U, 1U, 16U, 254U, 300U}) {
    const Bytes wire = build_frame(2, 3, random_payload(random, size, 30));
    for (std::size_t bit = 0; bit < 8 * (wire.size() - 1); ++bit) {
      Bytes line = wire;
      line[bit / 8] = static_cast<std::uint8_t>(line[bit / 8] ^ (1U << (bit % 8)));
      FrameReader reader;
      REQUIRE(reader.feed(line).empty());
      REQUIRE(reader.damaged() >= 1);
    }
    for (std::size_t cut = 1; cut < wire.size() - 1; ++cut) {
      Bytes line(wire.begin(), wire.begin() + static_cast<std::ptrdiff_t>(cut));
      line.push_back(0);
      FrameReader reader;
      REQUIRE(reader.feed(line).empty());
      REQUIRE(reader.damaged() == 1);
    }
  }
}
