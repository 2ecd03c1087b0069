// SPDX-License-Identifier: BSD-3-Clause
// Event words: axon spikes, advances, currents.
#include "link/events.hpp"

#include <algorithm>

#include "ncx/map.hpp"

namespace ncx::link {
namespace {

constexpr std::uint16_t kAdvance = 0x8000, kCurrent = 0xC000, kAdvanceMax = 0x3FFF;
constexpr std::size_t kCurrentWords = 4;
constexpr std::uint32_t kFramesInQueue = 4;
constexpr std::size_t kPayloadWords = (map::kMaxPayload - kEventHeader) / 2;
constexpr std::int32_t kStateMax = (1 << (map::kStateW - 1)) - 1;

}  // namespace

EventChunker::EventChunker(const RunRequest& request, std::uint32_t first_tick,
                           std::size_t max_words)
    : request_(request),
      first_tick_(first_tick),
      max_words_(std::clamp(max_words, kCurrentWords, kPayloadWords)) {}

std::size_t EventChunker::words_for(std::uint32_t event_entries) {
  const std::uint32_t share = event_entries / kFramesInQueue;
  return share <= kEventReserve ? 0 : share - kEventReserve;
}

std::optional<EventChunk> EventChunker::next() {
  const auto& axons = request_.axon_events;
  const auto& currents = request_.current_events;
  EventChunk chunk;
  std::uint32_t cursor = 0;  // relative tick that the chunk's words have reached
  while (true) {
    const bool more_axons = axon_at_ < axons.size(), more_currents = current_at_ < currents.size();
    if (!more_axons && !more_currents) break;
    const bool is_axon =
        more_axons && (!more_currents || axons[axon_at_].tick <= currents[current_at_].tick);
    const std::uint32_t tick = is_axon ? axons[axon_at_].tick : currents[current_at_].tick;
    if (chunk.words.empty()) {
      chunk.base = first_tick_ + tick;
      cursor = tick;
    }
    const std::uint32_t advance = tick - cursor;
    const std::size_t needed = (advance > 0 ? 1U : 0U) + (is_axon ? 1U : kCurrentWords);
    // A long way is cheaper as the next chunk's base.
    if (advance > kAdvanceMax || chunk.words.size() + needed > max_words_) break;
    if (advance > 0) chunk.words.push_back(static_cast<std::uint16_t>(kAdvance | advance));
    cursor = tick;
    if (is_axon) {
      chunk.words.push_back(static_cast<std::uint16_t>(axons[axon_at_++].axon));
    } else {
      const CurrentEvent& event = currents[current_at_++];
      const auto bits = static_cast<std::uint32_t>(event.value);
      chunk.words.insert(chunk.words.end(), {kCurrent, static_cast<std::uint16_t>(event.neuron),
                                             static_cast<std::uint16_t>(bits & 0xFFFF),
                                             static_cast<std::uint16_t>(bits >> 16)});
    }
  }
  if (chunk.words.empty()) return std::nullopt;
  return chunk;
}

std::optional<DecodedEvents> decode_events(std::uint32_t base,
                                           std::span<const std::uint16_t> words) {
  DecodedEvents result;
  std::uint64_t tick = base;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::uint16_t word = words[at];
    Event event;
    if (word < kAdvance) {
      event.id = word;
    } else if (word < kCurrent) {
      if (word == kAdvance) return std::nullopt;
      tick += word & kAdvanceMax;
      if (tick > UINT32_MAX) return std::nullopt;
      ++result.entries;
      continue;
    } else {
      if (word != kCurrent || words.size() - at < kCurrentWords) return std::nullopt;
      event.is_current = true;
      event.id = words[at + 1];
      event.value = static_cast<std::int32_t>(words[at + 2] |
                                              (static_cast<std::uint32_t>(words[at + 3]) << 16));
      if (event.value > kStateMax || event.value < -kStateMax - 1) return std::nullopt;
      at += kCurrentWords - 1;
    }
    event.tick = static_cast<std::uint32_t>(tick);
    ++result.entries;
    result.events.push_back(event);
  }
  return result;
}

}  // namespace ncx::link
