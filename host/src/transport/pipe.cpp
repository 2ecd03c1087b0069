// SPDX-License-Identifier: BSD-3-Clause
// Two transports joined in memory, each for one thread.
#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "ncx/error.hpp"
#include "ncx/transport.hpp"

namespace ncx {
namespace {

/// Bytes on their way in one direction.
struct Lane {
  std::mutex mutex;
  std::condition_variable arrived;
  std::deque<std::uint8_t> bytes;
  bool closed = false;
};

void close(Lane& lane) {
  const std::lock_guard lock(lane.mutex);
  lane.closed = true;
  lane.arrived.notify_all();
}

class PipeEnd final : public Transport {
 public:
  PipeEnd(std::shared_ptr<Lane> in, std::shared_ptr<Lane> out)
      : in_(std::move(in)), out_(std::move(out)) {}
  ~PipeEnd() override {
    close(*in_);
    close(*out_);
  }
  PipeEnd(const PipeEnd&) = delete;
  PipeEnd& operator=(const PipeEnd&) = delete;

  void write(std::span<const std::uint8_t> bytes) override {
    const std::lock_guard lock(out_->mutex);
    if (out_->closed) throw gone();
    out_->bytes.insert(out_->bytes.end(), bytes.begin(), bytes.end());
    out_->arrived.notify_all();
  }

  [[nodiscard]] std::size_t read(std::span<std::uint8_t> out,
                                 std::chrono::milliseconds timeout) override {
    std::unique_lock lock(in_->mutex);
    in_->arrived.wait_for(lock, timeout, [&] { return !in_->bytes.empty() || in_->closed; });
    if (in_->bytes.empty() && in_->closed) throw gone();
    const std::size_t count = std::min(out.size(), in_->bytes.size());
    const auto last = in_->bytes.begin() + static_cast<std::ptrdiff_t>(count);
    std::copy(in_->bytes.begin(), last, out.begin());
    in_->bytes.erase(in_->bytes.begin(), last);
    return count;
  }

  [[nodiscard]] std::string description() const override { return "pipe"; }

 private:
  static LinkError gone() {
    return LinkError("pipe: the device is gone",
                     "keep its end of the pipe for as long as this one");
  }

  std::shared_ptr<Lane> in_, out_;
};

}  // namespace

std::pair<std::unique_ptr<Transport>, std::unique_ptr<Transport>> make_pipe() {
  auto there = std::make_shared<Lane>(), back = std::make_shared<Lane>();
  return {std::make_unique<PipeEnd>(back, there), std::make_unique<PipeEnd>(there, back)};
}

}  // namespace ncx
