// SPDX-License-Identifier: BSD-3-Clause
// Reading, writing and checking a device's memories, several frames at a time.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include "device_impl.hpp"
#include "link/crc.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

using link::Order;
using link::Reply;

constexpr std::size_t kRequestHeader = 8;  // region, unit, count, address
constexpr std::size_t kDataBytes = map::kMaxPayload - kRequestHeader;
static_assert(kRequestHeader == link::kReplyHeader);
constexpr std::uint64_t kCyclesPerWord = 16;  // at most, for READ and CHECK
constexpr std::size_t kFrameCost = kRequestHeader + link::kFrameOverhead + 6;  // COBS, delimiter
constexpr std::size_t kWholeWord = 5;  // a unit that holds every word
constexpr std::size_t kTagged = 4;     // the unit whose upper bits the request names

constexpr std::uint8_t tag_of(std::uint64_t word) { return static_cast<std::uint8_t>(word >> 32); }

constexpr std::size_t bytes_of(std::uint64_t word) {
  return std::max<std::size_t>(1, (static_cast<std::size_t>(std::bit_width(word)) + 7) / 8);
}

bool is_memory(Region region) { return region != Region::kRegisters && region != Region::kInfo; }

std::string range_text(Region region, std::uint64_t address, std::size_t count) {
  return fmt::format("{} {}..{}", region_name(region), address, address + count - 1);
}

// The next WRITE for words that start at `first` and share one tag up to `end`.
WriteFrame same_tag(std::span<const std::uint64_t> words, std::size_t first, std::size_t end) {
  const std::uint8_t tag = tag_of(words[first]);
  WriteFrame best{static_cast<std::uint8_t>((tag << 4) | kTagged), first,
                  std::min(end - first, kDataBytes / kTagged)};
  if (tag != 0) return best;
  std::size_t best_unit = kTagged;
  for (std::size_t unit = 1; unit < kTagged; ++unit) {
    const std::size_t most = std::min(end - first, kDataBytes / unit);
    std::size_t count = 0;
    while (count < most && bytes_of(words[first + count]) <= unit) ++count;
    // Bytes a word, overhead shared out: unit + cost / count, compared without dividing.
    if ((unit * count + kFrameCost) * best.count < (best_unit * best.count + kFrameCost) * count) {
      best = {static_cast<std::uint8_t>(unit), first, count};
      best_unit = unit;
    }
  }
  return best;
}

}  // namespace

std::vector<WriteFrame> plan_write(std::span<const std::uint64_t> words) {
  // A run of one tag is worth its own frames when the byte a word that it saves pays for them.
  constexpr std::size_t kWorthwhile = 2 * kFrameCost;
  std::vector<WriteFrame> frames;
  std::size_t mixed = 0;  // first word that no frame has yet
  const auto flush_mixed = [&](std::size_t end) {
    while (mixed < end) {
      const std::size_t count = std::min(end - mixed, kDataBytes / kWholeWord);
      frames.push_back({kWholeWord, mixed, count});
      mixed += count;
    }
  };
  for (std::size_t first = 0; first < words.size();) {
    std::size_t end = first + 1;
    while (end < words.size() && tag_of(words[end]) == tag_of(words[first])) ++end;
    if (end - first >= kWorthwhile || (mixed == first && end == words.size())) {
      flush_mixed(first);
      while (first < end) {
        frames.push_back(same_tag(words, first, end));
        first += frames.back().count;
      }
      mixed = end;
    }
    first = end;
  }
  flush_mixed(words.size());
  return frames;
}

void DeviceSession::check_range(Region region, std::uint64_t address, std::uint64_t count) const {
  const std::uint64_t size = geometry.region_size(region);
  if (address > size || count > size - address) {
    throw InputError(fmt::format("{} words from address {} of {}; the build '{}' has {}", count,
                                 address, region_name(region), geometry.name, size),
                     "a smaller range");
  }
}

std::vector<std::uint64_t> DeviceSession::read(Region region, std::uint64_t address,
                                               std::size_t count, std::size_t most_bytes) {
  if (is_memory(region)) stand_still();
  const std::size_t unit = std::min<std::size_t>((region_bits(region) + 7) / 8, most_bytes);
  std::vector<std::uint64_t> words(count);
  for (std::size_t first = 0; first < count;) {
    const std::size_t part = std::min(count - first, kDataBytes / unit);
    Order order;
    order.code = map::Request::kRead;
    link::put_u8(order.payload, static_cast<std::uint32_t>(region));
    link::put_u8(order.payload, static_cast<std::uint32_t>(unit));
    link::put_u16(order.payload, static_cast<std::uint32_t>(part));
    link::put_u32(order.payload, static_cast<std::uint32_t>(address + first));
    order.reply_data = part * unit;
    order.work = cycles(part * kCyclesPerWord);
    order.what = "READ of " + range_text(region, address + first, part);
    const auto out = std::span(words).subspan(first, part);
    order.done = [out, unit](const Reply& reply) {
      if (reply.data.size() != out.size() * unit) {
        throw LinkError(fmt::format("READ answered with {} bytes; expected {}", reply.data.size(),
                                    out.size() * unit),
                        "a bitstream and a host program of one release");
      }
      for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = link::get_bytes(reply.data, i * unit, unit);
      }
    };
    link.submit(std::move(order));
    first += part;
  }
  link.drain();
  return words;
}

void DeviceSession::write(Region region, std::uint64_t address,
                          std::span<const std::uint64_t> words) {
  if (words.empty()) return;
  if (is_memory(region) || address <= static_cast<std::uint64_t>(Register::kTick) ||
      (address <= static_cast<std::uint64_t>(Register::kSpikeEntries) &&
       address + words.size() > static_cast<std::uint64_t>(Register::kSpikeEntries))) {
    stand_still();
  }
  for (const WriteFrame& frame : plan_write(words)) {
    const std::size_t unit = frame.unit & 0xF;
    Order order;
    order.code = map::Request::kWrite;
    link::put_u8(order.payload, static_cast<std::uint32_t>(region));
    link::put_u8(order.payload, frame.unit);
    link::put_u16(order.payload, static_cast<std::uint32_t>(frame.count));
    link::put_u32(order.payload, static_cast<std::uint32_t>(address + frame.first));
    for (const std::uint64_t word : words.subspan(frame.first, frame.count)) {
      link::put_bytes(order.payload, word, unit);
    }
    order.work = cycles(frame.count * kCyclesPerWord);
    order.what = "WRITE of " + range_text(region, address + frame.first, frame.count);
    link.submit(std::move(order));
  }
  if ((map::kRegionConfigMask >> static_cast<std::uint32_t>(region) & 1) != 0) {
    check(region, address, words);
  }
  link.drain();
}

void DeviceSession::check(Region region, std::uint64_t address,
                          std::span<const std::uint64_t> words) {
  const std::uint32_t expected = link::crc32_words(words);
  Order order;
  order.code = map::Request::kCheck;
  link::put_u32(order.payload, static_cast<std::uint32_t>(region));  // region and three zeros
  link::put_u32(order.payload, static_cast<std::uint32_t>(address));
  link::put_u32(order.payload, static_cast<std::uint32_t>(words.size()));
  link::put_u32(order.payload, expected);
  order.reply_data = 4;
  order.work = cycles(words.size() * kCyclesPerWord);
  order.what = "CHECK of " + range_text(region, address, words.size());
  order.takes_refusals = true;
  Reply answer;
  std::uint32_t found = 0;
  order.done = [&](const Reply& reply) {
    answer = reply;
    if (reply.data.size() >= 4) found = link::get_u32(reply.data, 0);
  };
  const std::string what = order.what;
  link.submit(std::move(order));
  link.drain();
  if (answer.status == map::Status::kOk && found == expected) return;
  if (answer.status == map::Status::kOk || answer.status == map::Status::kCrcMismatch) {
    throw LinkError(
        fmt::format("{}: the device holds words with CRC {:#010x}; expected {:#010x}", what, found,
                    expected),
        "load the image again; if it happens again, the board's memory or clock is bad");
  }
  throw link.refusal(what, answer.status);
}

void DeviceSession::reset(std::uint32_t mask) {
  stand_still();
  Order order;
  order.code = map::Request::kReset;
  link::put_u32(order.payload, mask);
  // Every slot, every accumulator, every entry of the sweep program.
  order.work = cycles(kCyclesPerWord * (std::uint64_t{geometry.neurons} * (geometry.max_delay + 2) +
                                        geometry.program_entries * std::uint64_t{geometry.lanes}));
  order.what = fmt::format("RESET of {:#x}", mask);
  link.submit(std::move(order));
  link.drain();
  if ((mask >> map::kResetBitInFlight & 1) != 0) events_left = false;
}

}  // namespace ncx
