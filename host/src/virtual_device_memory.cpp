// SPDX-License-Identifier: BSD-3-Clause
// READ, WRITE and CHECK of a virtual device: registers of its own, memories of the backend.
#include <array>

#include "link/crc.hpp"
#include "virtual_device_impl.hpp"

namespace ncx {
namespace {

using map::Status;

constexpr std::size_t kHeader = 8;  // region, unit, count, address
constexpr std::size_t kCheckLength = 16;
constexpr std::size_t kMaxData = map::kMaxPayload - link::kReplyHeader;
constexpr std::uint8_t kMaxUnit = 5, kTaggedUnit = 4;
constexpr std::uint32_t kHalfRegister = 0xFFFF;

bool is_memory(Region region) { return region != Region::kRegisters && region != Region::kInfo; }

bool writable(Register reg) {
  switch (reg) {
    case Register::kTick:
    case Register::kControl:
    case Register::kProgramLength:
    case Register::kEncoderRows:
    case Register::kUsedRows:
    case Register::kPeriod:
    case Register::kProbes:
    case Register::kSpikeEntries:
    case Register::kFractionBits:
    case Register::kImageId:
    case Register::kLearning:
    case Register::kLearnRows:
    case Register::kModulation:
    case Register::kScratch:
      return true;
    default:
      return false;
  }
}

struct Move {
  std::uint8_t region, unit, tag;
  std::size_t count;
  std::uint64_t address;
};

// Nothing when the payload is too short or the unit is none.
std::optional<Move> parse_move(std::span<const std::uint8_t> payload) {
  if (payload.size() < kHeader) return std::nullopt;
  const Move move{payload[0], static_cast<std::uint8_t>(payload[1] & 0xF),
                  static_cast<std::uint8_t>(payload[1] >> 4), link::get_u16(payload, 2),
                  link::get_u32(payload, 4)};
  if (move.unit == 0 || move.unit > kMaxUnit) return std::nullopt;
  return move;
}

}  // namespace

Status VirtualDevice::Impl::check_range(std::uint8_t region, std::uint64_t address,
                                        std::uint64_t count) const {
  if (region >= map::kRegionTotal) return Status::kBadRegion;
  if (address + count > backend.geometry().region_size(static_cast<Region>(region))) {
    return Status::kBadAddress;
  }
  return Status::kOk;
}

std::uint64_t VirtualDevice::Impl::load_register(std::uint64_t address) {
  const auto reg = static_cast<Register>(address);
  switch (reg) {
    case Register::kTick:
      return tick;
    case Register::kUntil:
      return until;
    case Register::kState:
      return state();
    case Register::kControl:
      return control;
    case Register::kProbes:
      return probes;
    case Register::kCyclesLow: {
      const std::uint32_t low = backend.read_register(Register::kCyclesLow);
      cycles_high = backend.read_register(Register::kCyclesHigh);
      return low;
    }
    case Register::kCyclesHigh:
      return cycles_high;
    case Register::kFrames:
      return static_cast<std::uint32_t>(counts.frames);
    case Register::kCrcErrors:
      return std::min<std::uint64_t>(counts.damaged, UINT32_MAX);
    case Register::kOverflows:
    case Register::kLineErrors:
      return 0;
    case Register::kResends:
      return std::min<std::uint64_t>(counts.stream_resends, UINT32_MAX);
    case Register::kDirty:
      return dirty;
    case Register::kScratch:
      return scratch;
    default:
      return backend.read_register(reg);
  }
}

void VirtualDevice::Impl::store_register(std::uint64_t address, std::uint32_t value) {
  const auto reg = static_cast<Register>(address);
  switch (reg) {
    case Register::kControl:
      control = value;
      return;
    case Register::kProbes:
      probes = std::min(value & kHalfRegister, backend.geometry().probe_entries);
      return;
    case Register::kScratch:
      scratch = value;
      return;
    case Register::kTick:
      tick = until = value;
      break;
    default:
      break;
  }
  backend.write_register(reg, value);
}

std::vector<std::uint64_t> VirtualDevice::Impl::load(Region region, std::uint64_t address,
                                                     std::size_t count) {
  if (is_memory(region)) return backend.read(region, address, count);
  std::vector<std::uint64_t> words;
  words.reserve(count);
  if (region == Region::kRegisters) {
    for (std::size_t i = 0; i < count; ++i) words.push_back(load_register(address + i));
    return words;
  }
  const auto info = backend.geometry().to_info(build);
  for (std::size_t i = 0; i < count; ++i) words.push_back(info[address + i]);
  return words;
}

VirtualDevice::Impl::Answer VirtualDevice::Impl::read(std::span<const std::uint8_t> payload) {
  const auto move = parse_move(payload);
  if (!move || payload.size() != kHeader || move->tag != 0 || move->count * move->unit > kMaxData) {
    return {Status::kBadLength, {}};
  }
  const Status range = check_range(move->region, move->address, move->count);
  if (range != Status::kOk) return {range, {}};
  const auto region = static_cast<Region>(move->region);
  if (is_memory(region) && running()) return {Status::kBusy, {}};
  Answer answer;
  for (const std::uint64_t word : load(region, move->address, move->count)) {
    link::put_bytes(answer.data, word, move->unit);
  }
  return answer;
}

VirtualDevice::Impl::Answer VirtualDevice::Impl::write(std::span<const std::uint8_t> payload) {
  const auto move = parse_move(payload);
  if (!move || payload.size() != kHeader + move->count * move->unit) {
    return {Status::kBadLength, {}};
  }
  const Status range = check_range(move->region, move->address, move->count);
  if (range != Status::kOk) return {range, {}};
  const auto region = static_cast<Region>(move->region);
  if (region == Region::kInfo) return {Status::kReadOnly, {}};
  if (is_memory(region) && running()) return {Status::kBusy, {}};
  if (region == Region::kRegisters) {
    bool still_only = false;
    for (std::size_t i = 0; i < move->count; ++i) {
      const auto reg = static_cast<Register>(move->address + i);
      if (!writable(reg)) return {Status::kReadOnly, {}};
      still_only = still_only || reg == Register::kTick || reg == Register::kSpikeEntries;
    }
    if (still_only && running()) return {Status::kBusy, {}};
  }
  const std::uint64_t mask = (std::uint64_t{1} << region_bits(region)) - 1;
  std::vector<std::uint64_t> words;
  for (std::size_t i = 0; i < move->count; ++i) {
    std::uint64_t word = link::get_bytes(payload, kHeader + i * move->unit, move->unit);
    if (move->unit == kTaggedUnit) word |= std::uint64_t{move->tag} << 32;
    words.push_back(word & mask);
  }
  if (region == Region::kRegisters) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      store_register(move->address + i, static_cast<std::uint32_t>(words[i]));
    }
  } else if (!words.empty()) {
    dirty |= map::kRegionConfigMask & (1U << move->region);
    backend.write(region, move->address, words);
  }
  return {};
}

VirtualDevice::Impl::Answer VirtualDevice::Impl::check(std::span<const std::uint8_t> payload,
                                                       bool validate) {
  if (payload.size() != kCheckLength) return {Status::kBadLength, {}};
  const std::uint64_t address = link::get_u32(payload, 4), count = link::get_u32(payload, 8);
  const Status range = check_range(payload[0], address, count);
  if (range != Status::kOk) return {range, {}};
  const auto region = static_cast<Region>(payload[0]);
  if (is_memory(region) && running()) return {Status::kBusy, {}};
  Answer answer;
  const std::uint32_t found = link::crc32_words(load(region, address, count));
  link::put_u32(answer.data, found);
  if (found != link::get_u32(payload, 12)) {
    answer.status = Status::kCrcMismatch;
  } else if (validate) {
    dirty &= ~(1U << payload[0]);
  }
  return answer;
}

}  // namespace ncx
