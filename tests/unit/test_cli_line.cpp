// SPDX-License-Identifier: BSD-3-Clause
// The selftest of the line: it must see a device that takes damaged frames for good ones.
#include <catch2/catch.hpp>
#include <memory>

#include "device_rig.hpp"
#include "line_test.hpp"
#include "link/frame.hpp"

using namespace ncx;
using namespace ncx::cli;
using Catch::Matchers::Contains;
using Bytes = std::vector<std::uint8_t>;

namespace {

bool is_good(std::span<const std::uint8_t> bytes) {
  link::FrameReader reader;
  return !reader.feed(bytes).empty();
}

/// Damaged frames vanish before the device sees them.
class Swallowing final : public rig::Tap {
 public:
  using Tap::Tap;
  void write(std::span<const std::uint8_t> bytes) override {
    if (bytes.size() == 1 || is_good(bytes)) Tap::write(bytes);
  }
};

/// In place of a damaged WRITE of a register the device carries out one with another value.
class Careless final : public rig::Tap {
 public:
  using Tap::Tap;
  void write(std::span<const std::uint8_t> bytes) override {
    if (bytes.size() == 1 || is_good(bytes)) {
      link::FrameReader reader;
      for (const link::Frame& frame : reader.feed(bytes)) sequence_ = frame.sequence;
      return Tap::write(bytes);
    }
    Bytes payload;
    link::put_u8(payload, static_cast<std::uint32_t>(Region::kRegisters));
    link::put_u8(payload, 4);
    link::put_u16(payload, 1);
    link::put_u32(payload, static_cast<std::uint32_t>(Register::kScratch));
    link::put_u32(payload, 0xBAD);
    Tap::write(link::build_frame(static_cast<std::uint8_t>(map::Request::kWrite),
                                 static_cast<std::uint8_t>(sequence_ + 1), payload));
  }

 private:
  std::uint8_t sequence_ = 0;
};

template <typename Between>
CheckResult result_over(std::uint64_t seed) {
  rig::Board board;
  DamagingLine line(seed);
  LinkOptions options;
  options.tap = line;
  Device device(std::make_unique<Between>(connect(board.device)), options);
  CheckResult result = test_line(device, line, seed);
  CHECK((board.device.counts().damaged >= 64) == result.passed);
  return result;
}

}  // namespace

TEST_CASE("Damaged frames are refused and counted at both ends", "[cli][selftest]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const CheckResult result = result_over<rig::Tap>(seed);
    CHECK(result.passed);
    CHECK(result.detail.empty());
    CHECK(result.amount == 68);
  }
}

TEST_CASE("A device that does not count damaged frames fails", "[cli][selftest]") {
  const CheckResult result = result_over<Swallowing>(1);
  CHECK_FALSE(result.passed);
  CHECK_THAT(result.detail, Contains("CRC_ERRORS: 0 of 64"));
}

TEST_CASE("A device that carries out damaged frames fails", "[cli][selftest]") {
  const CheckResult result = result_over<Careless>(1);
  CHECK_FALSE(result.passed);
  CHECK_THAT(result.detail, Contains("the damaged one was carried out"));
}
