// SPDX-License-Identifier: BSD-3-Clause
// A virtual device's stream ring and event queue.
#include <algorithm>

#include "virtual_device_impl.hpp"

namespace ncx {
namespace {

constexpr std::size_t kFrameWords = 256;  // at most in a frame; so many are worth one

}  // namespace

bool StreamRing::settle() {
  const std::size_t count = std::min(incoming_.size(), capacity_ - words_.size());
  const auto end = incoming_.begin() + static_cast<std::ptrdiff_t>(count);
  words_.insert(words_.end(), incoming_.begin(), end);
  incoming_.erase(incoming_.begin(), end);
  return incoming_.empty();
}

void StreamRing::drop() {
  tail_ += static_cast<std::uint32_t>(words_.size());
  sent_ = tail_;
  words_.clear();
  incoming_.clear();
}

bool StreamRing::acknowledge(std::uint32_t position, bool resend) {
  const std::int32_t released = link::distance(tail_, position);
  // What the ring does not hold comes from a request that arrived twice.
  if (released < 0 || static_cast<std::size_t>(released) > words_.size()) return false;
  words_.erase(words_.begin(), words_.begin() + released);
  tail_ = position;
  if (resend || link::distance(sent_, tail_) > 0) sent_ = tail_;
  return resend;
}

std::vector<link::Bytes> StreamRing::due(bool all) {
  std::vector<link::Bytes> payloads;
  const std::size_t enough = std::min(kFrameWords, capacity_ / 2);
  while (true) {
    const auto at = static_cast<std::size_t>(link::distance(tail_, sent_));
    const std::size_t waiting = words_.size() - at;
    if (waiting == 0 || (waiting < enough && !all)) return payloads;
    const std::size_t count = std::min(waiting, kFrameWords);
    link::Bytes payload;
    link::put_u32(payload, sent_);
    for (std::size_t i = 0; i < count; ++i) link::put_u16(payload, words_[at + i]);
    sent_ += static_cast<std::uint32_t>(count);
    payloads.push_back(std::move(payload));
  }
}

std::uint32_t EventQueue::free() const {
  // An advance stands before the first event of every later tick.
  std::size_t used = queued_.size();
  for (std::size_t i = 1; i < queued_.size(); ++i) {
    used += queued_[i].tick != queued_[i - 1].tick ? 1U : 0U;
  }
  return capacity_ - std::min(capacity_, static_cast<std::uint32_t>(used));
}

void EventQueue::add(const link::DecodedEvents& events) {
  queued_.insert(queued_.end(), events.events.begin(), events.events.end());
}

void EventQueue::wait_at(std::uint32_t tick) {
  while (!queued_.empty() && queued_.front().tick <= tick) {
    due_.push_back(queued_.front());
    queued_.pop_front();
  }
}

void EventQueue::take(std::uint32_t first, std::uint32_t count, RunRequest& request) {
  const auto hand_over = [&](const link::Event& event) {
    const std::uint32_t tick = event.tick > first ? event.tick - first : 0;
    if (event.is_current) {
      request.current_events.push_back({tick, event.id, event.value});
    } else {
      request.axon_events.push_back({tick, event.id});
    }
  };
  wait_at(first);
  for (const link::Event& event : due_) hand_over(event);
  due_.clear();
  while (!queued_.empty() && queued_.front().tick - first < count) {
    hand_over(queued_.front());
    queued_.pop_front();
  }
}

void EventQueue::clear() {
  queued_.clear();
  due_.clear();
}

}  // namespace ncx
