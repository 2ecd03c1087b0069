// SPDX-License-Identifier: BSD-3-Clause
// Errors on the wire, made on purpose.
#include "line_test.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace ncx::cli {
namespace {

using std::chrono::milliseconds;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t kFrames = 64;  // damaged ones to the device
constexpr std::uint32_t kAnswers = 4;  // damaged ones from it; each costs the host a timeout,
constexpr milliseconds kEnough{2000};  // which behind a simulator is long: one will do there
constexpr std::size_t kShortest = 4;   // bytes that a damaged frame keeps, so that it is one

/// Another byte that is not the delimiter.
std::uint8_t other_than(std::uint8_t byte, Random& random) {
  const auto other = static_cast<std::uint8_t>(random.between(1, 0xFE));
  return other >= byte ? static_cast<std::uint8_t>(other + 1) : other;
}

/// One error in a frame whose last byte is the delimiter; it stays one frame.
void damage(Bytes& frame, Random& random) {
  const std::size_t last = frame.size() - 1;
  const std::size_t at = random.below(static_cast<std::uint32_t>(last));
  const auto place = frame.begin() + static_cast<std::ptrdiff_t>(at);
  switch (random.below(4)) {
    case 0: {  // a flipped bit; one that makes a delimiter would make two frames
      const std::uint32_t bit = 1U << random.below(8);
      *place = static_cast<std::uint8_t>(*place ^ (*place == bit ? 0xFFU ^ bit : bit));
      return;
    }
    case 1:
      frame.erase(frame.begin() + static_cast<std::ptrdiff_t>(std::max(at, kShortest)),
                  frame.begin() + static_cast<std::ptrdiff_t>(last));
      return;
    case 2:
      frame.insert(place, other_than(0, random));
      return;
    default:
      *place = other_than(*place, random);
  }
}

CheckResult failed(CheckResult result, std::string detail) {
  result.detail = std::move(detail);
  return result;
}

std::uint32_t any_word(Random& random) {
  return static_cast<std::uint32_t>(random.next() & 0xFFFFFFFF);
}

}  // namespace

class DamagingLine::Line final : public Transport {
 public:
  Line(std::unique_ptr<Transport> inner, std::shared_ptr<State> state)
      : inner_(std::move(inner)), state_(std::move(state)) {}

  void write(std::span<const std::uint8_t> bytes) override {
    if (state_->write && bytes.size() > kShortest + 1 && bytes.back() == 0) {
      state_->write = false;
      Bytes copy(bytes.begin(), bytes.end());
      damage(copy, state_->random);
      inner_->write(copy);
    }
    inner_->write(bytes);
  }
  [[nodiscard]] std::size_t read(std::span<std::uint8_t> out, milliseconds timeout) override {
    const std::size_t count = inner_->read(out, timeout);
    const auto came = out.first(count);
    const auto byte = std::find_if(came.begin(), came.end(), [](std::uint8_t b) { return b != 0; });
    if (state_->read && byte != came.end()) {
      state_->read = false;
      *byte = other_than(*byte, state_->random);
    }
    return count;
  }
  [[nodiscard]] std::string description() const override { return inner_->description(); }
  [[nodiscard]] std::uint32_t baud() const override { return inner_->baud(); }

 private:
  std::unique_ptr<Transport> inner_;
  std::shared_ptr<State> state_;
};

DamagingLine::DamagingLine(std::uint64_t seed)
    : state_(std::make_shared<State>(State{Random(seed)})) {}

std::unique_ptr<Transport> DamagingLine::operator()(std::unique_ptr<Transport> inner) const {
  return std::make_unique<Line>(std::move(inner), state_);
}

CheckResult test_line(Device& device, DamagingLine& line, std::uint64_t seed) {
  CheckResult result{"line", false, {}, 0, "damaged frames, refused and counted"};
  Random random(seed);
  const std::uint32_t before = device.read_register(Register::kCrcErrors);
  for (std::uint32_t i = 0; i < kFrames; ++i) {
    const std::uint32_t value = any_word(random);
    line.damage_next_write();
    device.write_register(Register::kScratch, value);
    const std::uint32_t found = device.read_register(Register::kScratch);
    if (found != value) {
      return failed(result, fmt::format("SCRATCH: wrote 0x{:08X} behind a damaged frame, read "
                                        "0x{:08X}: the damaged one was carried out",
                                        value, found));
    }
  }
  const std::uint32_t counted = device.read_register(Register::kCrcErrors) - before;
  if (counted < kFrames) {
    return failed(result,
                  fmt::format("CRC_ERRORS: {} of {} damaged frames counted", counted, kFrames));
  }
  result.amount = kFrames;
  const auto start = std::chrono::steady_clock::now();
  for (std::uint32_t i = 0; i < kAnswers && std::chrono::steady_clock::now() - start < kEnough;
       ++i) {
    const std::uint64_t damaged = device.statistics().damaged;
    const std::uint32_t value = any_word(random);
    device.write_register(Register::kScratch, value);
    line.damage_next_read();
    const std::uint32_t found = device.read_register(Register::kScratch);
    if (found != value || device.statistics().damaged == damaged) {
      return failed(result, fmt::format("a damaged answer to the host: expected 0x{:08X} and one "
                                        "more damaged frame, got 0x{:08X} and {} more",
                                        value, found, device.statistics().damaged - damaged));
    }
    ++result.amount;
  }
  if (counted > kFrames) {
    result.detail = fmt::format("{} more frames were damaged without our doing: the line is bad",
                                counted - kFrames);
  }
  result.passed = true;
  return result;
}

}  // namespace ncx::cli
