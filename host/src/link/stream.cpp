// SPDX-License-Identifier: BSD-3-Clause
// Stream words: spikes as a list or a bitmap, probed potentials, tick counts.
#include "link/stream.hpp"

#include <fmt/format.h>

#include <bit>

#include "ncx/error.hpp"

namespace ncx::link {
namespace {

constexpr std::uint16_t kAdvance = 0x8000, kSync = 0xC000, kBitmap = 0xD000, kProbes = 0xE000;
constexpr std::uint16_t kAdvanceMax = 0x3FFF, kCountMax = 0x0FFF;

constexpr std::uint16_t low_half(std::uint32_t value) {
  return static_cast<std::uint16_t>(value & 0xFFFF);
}
constexpr std::uint16_t high_half(std::uint32_t value) {
  return static_cast<std::uint16_t>(value >> 16);
}
constexpr std::uint32_t joined(std::uint16_t low, std::uint16_t high) {
  return low | (static_cast<std::uint32_t>(high) << 16);
}

LinkError bad_stream(const std::string& what) {
  return LinkError("the device's stream " + what,
                   "reset the device; if it happens again, bitstream and host do not match");
}

}  // namespace

void StreamWriter::sync(std::uint32_t tick, std::vector<std::uint16_t>& out) {
  out.insert(out.end(), {kSync, low_half(tick), high_half(tick)});
  tick_ = tick;
}

void StreamWriter::record(std::uint32_t tick, std::span<const std::uint32_t> slots,
                          std::uint32_t bitmap_slots, bool probes,
                          std::span<const std::int32_t> potentials,
                          std::vector<std::uint16_t>& out) {
  if (slots.empty() && !probes) return;
  if (tick_ && tick >= *tick_ && tick - *tick_ <= kAdvanceMax) {
    if (tick != *tick_) out.push_back(static_cast<std::uint16_t>(kAdvance | (tick - *tick_)));
    tick_ = tick;
  } else {
    sync(tick, out);
  }
  const std::size_t bitmap_words = (bitmap_slots + 15) / 16;
  if (1 + bitmap_words < slots.size()) {
    out.push_back(static_cast<std::uint16_t>(kBitmap | bitmap_words));
    const std::size_t first = out.size();
    out.resize(first + bitmap_words, 0);
    for (const std::uint32_t slot : slots) {
      std::uint16_t& word = out[first + slot / 16];
      word = static_cast<std::uint16_t>(word | (1U << (slot % 16)));
    }
  } else {
    for (const std::uint32_t slot : slots) out.push_back(low_half(slot));
  }
  if (!probes) return;
  out.push_back(static_cast<std::uint16_t>(kProbes | potentials.size()));
  for (const std::int32_t value : potentials) {
    const auto bits = static_cast<std::uint32_t>(value);
    out.insert(out.end(), {low_half(bits), high_half(bits)});
  }
}

void StreamReader::restart() {
  tick_.reset();
  item_.clear();
  missing_ = 0;
}

std::uint32_t StreamReader::current_tick(std::uint16_t word) const {
  if (!tick_) throw bad_stream(fmt::format("has word {:#06x} before the first SYNC", word));
  return *tick_;
}

void StreamReader::feed(std::span<const std::uint16_t> words, StreamSink* sink) {
  for (const std::uint16_t word : words) {
    if (missing_ > 0) {
      item_.push_back(word);
      if (--missing_ == 0) finish(sink);
    } else if (word < kAdvance) {
      const std::uint32_t tick = current_tick(word);
      if (sink != nullptr) sink->spike(tick, word);
    } else if (word < kSync) {
      const std::uint64_t tick = std::uint64_t{current_tick(word)} + (word & kAdvanceMax);
      if (tick > UINT32_MAX) throw bad_stream(fmt::format("advances to tick {}", tick));
      tick_ = static_cast<std::uint32_t>(tick);
    } else {
      const std::size_t count = word & kCountMax;
      if (word == kSync) {
        missing_ = 2;
      } else if (word >= kBitmap && word < kProbes) {
        missing_ = count;
      } else if (word >= kProbes && word <= (kProbes | kCountMax)) {
        missing_ = 2 * count;
      } else {
        throw bad_stream(fmt::format("has word {:#06x}, which means nothing", word));
      }
      item_.assign(1, word);
      if (missing_ == 0) finish(sink);
    }
  }
}

void StreamReader::finish(StreamSink* sink) {
  const std::uint16_t head = item_[0];
  if (head == kSync) {
    tick_ = joined(item_[1], item_[2]);
    if (sink != nullptr) sink->sync(*tick_);
    return;
  }
  const std::uint32_t tick = current_tick(head);
  if (sink == nullptr) return;
  if (head < kProbes) {
    for (std::size_t i = 1; i < item_.size(); ++i) {
      for (std::uint32_t bits = item_[i]; bits != 0; bits &= bits - 1) {
        sink->spike(tick, static_cast<std::uint32_t>(16 * (i - 1)) +
                              static_cast<std::uint32_t>(std::countr_zero(bits)));
      }
    }
    return;
  }
  values_.clear();
  for (std::size_t i = 1; i < item_.size(); i += 2) {
    values_.push_back(static_cast<std::int32_t>(joined(item_[i], item_[i + 1])));
  }
  sink->potentials(tick, values_);
}

}  // namespace ncx::link
