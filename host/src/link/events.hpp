// SPDX-License-Identifier: BSD-3-Clause
// Event words (docs/protocol.md, "Running"): from a run's events to EVENTS payloads, and back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ncx/backend.hpp"

namespace ncx::link {

inline constexpr std::size_t kEventHeader = 8;  ///< until, base
/// Entries an EVENTS frame may need beside one a word.
inline constexpr std::uint32_t kEventReserve = 2;

struct EventChunk {
  std::uint32_t base = 0;  ///< device tick of the first event
  std::vector<std::uint16_t> words;
  [[nodiscard]] std::uint32_t entries() const {
    return static_cast<std::uint32_t>(words.size()) + kEventReserve;
  }
};

/// Cuts the events of a run into chunks that start with an event. The request must outlive it.
class EventChunker {
 public:
  EventChunker(const RunRequest& request, std::uint32_t first_tick, std::size_t max_words);
  /// The next chunk; nothing when all are through.
  [[nodiscard]] std::optional<EventChunk> next();
  /// Words a frame for such a queue: four frames fit at once. A frame's events run when the next
  /// frame is there, and its answer, given before they do, counts both of them as queued. With room
  /// for two more, the line brings those while the first one's spikes go back.
  [[nodiscard]] static std::size_t words_for(std::uint32_t event_entries);

 private:
  const RunRequest& request_;
  std::uint32_t first_tick_;
  std::size_t max_words_, axon_at_ = 0, current_at_ = 0;
};

struct Event {
  bool is_current = false;
  std::uint32_t tick = 0, id = 0;
  std::int32_t value = 0;
};
struct DecodedEvents {
  std::vector<Event> events;
  std::uint32_t entries = 0;  ///< queue entries: one an event and one an advance
};
/// Nothing when a word is malformed or an event's tick would pass 2^32 - 1.
[[nodiscard]] std::optional<DecodedEvents> decode_events(std::uint32_t base,
                                                         std::span<const std::uint16_t> words);

}  // namespace ncx::link
