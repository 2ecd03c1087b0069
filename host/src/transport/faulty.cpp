// SPDX-License-Identifier: BSD-3-Clause
// A bad line: bytes and chunks are lost, doubled, changed, added, cut short or late. Order is kept,
// as a line keeps it; the same seed gives the same faults for the same traffic.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <random>
#include <vector>

#include "ncx/error.hpp"
#include "ncx/transport.hpp"

namespace ncx {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr int kLongestDelay = 3;  // calls for which a chunk may be held back

class Faulty final : public Transport {
 public:
  Faulty(std::unique_ptr<Transport> inner, const Faults& faults)
      : inner_(std::move(inner)), faults_(faults), random_(faults.seed) {}

  void write(std::span<const std::uint8_t> bytes) override {
    const auto allowed = allow(bytes.size());
    hold(to_device_, spoil(bytes.first(allowed)));
    const Bytes ready = release(to_device_);
    if (!ready.empty()) inner_->write(ready);
    if (allowed < bytes.size()) throw gone();
  }

  [[nodiscard]] std::size_t read(std::span<std::uint8_t> out,
                                 std::chrono::milliseconds timeout) override {
    if (out.empty()) return 0;
    // What was held back arrives by itself, however quiet the host is.
    const Bytes late = release(to_device_);
    if (!late.empty()) inner_->write(late);
    if (ready_.empty()) {
      Bytes buffer(out.size());
      const bool waiting = !from_device_.empty();
      const std::size_t count =
          inner_->read(buffer, waiting ? std::chrono::milliseconds(0) : timeout);
      const std::size_t allowed = allow(count);
      hold(from_device_, spoil(std::span(buffer).first(allowed)));
      const Bytes released = release(from_device_);
      ready_.insert(ready_.end(), released.begin(), released.end());
      if (allowed < count) throw gone();
    }
    const std::size_t count = std::min(out.size(), ready_.size());
    const auto last = ready_.begin() + static_cast<std::ptrdiff_t>(count);
    std::copy(ready_.begin(), last, out.begin());
    ready_.erase(ready_.begin(), last);
    return count;
  }

  [[nodiscard]] std::string description() const override {
    return inner_->description() + " (bad line)";
  }
  [[nodiscard]] std::uint32_t baud() const override { return inner_->baud(); }

 private:
  struct Chunk {
    Bytes bytes;
    int calls = 0;  // for which it is still held back
  };

  bool happens(double probability) {
    return probability > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < probability;
  }
  std::uint8_t any_byte() {
    return static_cast<std::uint8_t>(std::uniform_int_distribution<int>(0, 255)(random_));
  }

  // How many of `count` bytes pass before the line breaks.
  std::size_t allow(std::size_t count) {
    if (faults_.disconnect_after == 0) return count;
    if (passed_ >= faults_.disconnect_after) throw gone();
    const std::uint64_t left = faults_.disconnect_after - passed_;
    const auto allowed = static_cast<std::size_t>(std::min<std::uint64_t>(left, count));
    passed_ += allowed;
    return allowed;
  }

  Bytes spoil(std::span<const std::uint8_t> bytes) {
    if (!bytes.empty() && happens(faults_.truncate)) {
      const std::size_t keep =
          std::uniform_int_distribution<std::size_t>(0, bytes.size() - 1)(random_);
      bytes = bytes.first(keep);
    }
    Bytes result;
    for (std::uint8_t byte : bytes) {
      if (happens(faults_.insert)) result.push_back(any_byte());
      if (happens(faults_.drop)) continue;
      if (happens(faults_.flip)) {
        byte = static_cast<std::uint8_t>(
            byte ^ (1U << std::uniform_int_distribution<unsigned>(0, 7)(random_)));
      }
      result.push_back(byte);
      if (happens(faults_.duplicate)) result.push_back(byte);
    }
    return result;
  }

  void hold(std::deque<Chunk>& line, Bytes bytes) {
    if (bytes.empty()) return;
    const int calls =
        happens(faults_.delay) ? std::uniform_int_distribution<int>(1, kLongestDelay)(random_) : 0;
    line.push_back({std::move(bytes), calls});
  }

  // What has waited long enough, in order: a chunk also waits for those before it.
  static Bytes release(std::deque<Chunk>& line) {
    Bytes result;
    while (!line.empty() && line.front().calls == 0) {
      result.insert(result.end(), line.front().bytes.begin(), line.front().bytes.end());
      line.pop_front();
    }
    for (Chunk& chunk : line) chunk.calls = std::max(0, chunk.calls - 1);
    return result;
  }

  [[nodiscard]] LinkError gone() const {
    return LinkError(fmt::format("{}: the device is gone", description()), "open it again");
  }

  std::unique_ptr<Transport> inner_;
  Faults faults_;
  std::mt19937_64 random_;
  std::deque<Chunk> to_device_, from_device_;
  Bytes ready_;  // for the host
  std::uint64_t passed_ = 0;
};

}  // namespace

std::unique_ptr<Transport> make_faulty(std::unique_ptr<Transport> inner, const Faults& faults) {
  return std::make_unique<Faulty>(std::move(inner), faults);
}

}  // namespace ncx
