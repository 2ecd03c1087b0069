// SPDX-License-Identifier: BSD-3-Clause
// What a tick and a load will cost.
#include <algorithm>
#include <bit>
#include <cmath>

#include "compiler/plan.hpp"
#include "model/cycles.hpp"

namespace ncx::compiler {
namespace {

constexpr std::uint64_t kWriteHeader = 8;  // region, unit, count, address
constexpr std::uint64_t kCobsBlock = 254;
constexpr double kBitsPerByte = 10;  // 8N1

/// Encoded bytes of a frame with `payload` bytes, its final zero included.
std::uint64_t frame_bytes(std::uint64_t payload) {
  const std::uint64_t body = map::kFrameHeader + payload + map::kFrameCrc;
  return body + (body + kCobsBlock - 1) / kCobsBlock + 1;
}

/// Wire bytes of `words` words of `unit` bytes in WRITE frames.
std::uint64_t write_bytes(std::uint64_t words, std::uint64_t unit) {
  const std::uint64_t per_frame = (map::kMaxPayload - kWriteHeader) / unit;
  std::uint64_t bytes = words / per_frame * frame_bytes(kWriteHeader + per_frame * unit);
  if (words % per_frame != 0) bytes += frame_bytes(kWriteHeader + words % per_frame * unit);
  return bytes;
}

}  // namespace

TickCycles tick_cycles(const Network& network, const Plan& plan, double activity) {
  const std::vector<ProgramEntry>& program = plan.program.entries;
  model::TickTally tally;
  tally.program_entries = static_cast<std::uint32_t>(program.size());
  tally.groups = plan.program.groups;
  tally.encoder_rows = plan.placement.encoder_rows;
  TickCycles result;
  result.idle = static_cast<double>(model::tick_cycles(tally));

  // Each entry in which a neuron fires is one of the spike queue; first passes fire none.
  double entries = 0.0;  // in which some neuron fires, on average
  for (const ProgramEntry& entry : program) {
    if ((entry.op & (1U << map::kProgramOpScan)) != 0) continue;
    ++tally.due_entries;
    entries += 1.0 - std::pow(1.0 - activity, std::popcount(entry.mask));
  }
  tally.walks.sources = std::uint64_t{network.neurons()} + network.axons();
  tally.walks.rows = plan.rows.rows.size();
  tally.walks.words = plan.rows.length();
  result.all = static_cast<double>(model::tick_cycles(tally));
  const model::CycleCosts costs;
  result.active = result.idle + static_cast<double>(costs.due_entry) * entries +
                  activity * static_cast<double>(model::walk_cycles(tally.walks, costs));
  return result;
}

double load_seconds(const Plan& plan, const Geometry& geometry) {
  if (geometry.baud == 0) return 0.0;
  const Placement& placement = plan.placement;
  const std::uint64_t encoded = std::uint64_t{placement.encoder_rows} * geometry.lanes;
  const std::uint64_t axons = std::max<std::uint64_t>(encoded, placement.axon_row.size());
  const std::uint64_t slots = std::uint64_t{placement.used_rows} * geometry.lanes;
  std::uint64_t bytes = 0;
  bytes += write_bytes(plan.rows.words * geometry.lanes, 4);  // four flags travel with the unit
  bytes += write_bytes(axons > 0 ? geometry.neurons + axons : slots, 4);
  bytes += write_bytes(plan.rows.rows.size() * 2, 4);
  bytes += write_bytes(plan.program.entries.size() * 2, 4);
  bytes += write_bytes(plan.quantised.sets.size() * map::kParameterStride, 5);
  bytes += write_bytes(axons, 2);
  bytes += write_bytes(geometry.region_size(Region::kGenerator), 4);
  const std::uint64_t profiles = plan.quantised.profiles.size();
  if (profiles > 0) {
    bytes += write_bytes(profiles * map::kProfileWords, 5);
    bytes += write_bytes(profiles * kTapsStride, 3);
    bytes += write_bytes(profiles * kDriftStride, 3);
    bytes += write_bytes(profiles * ((geometry.neurons + geometry.axons) / geometry.lanes), 2);
    bytes += write_bytes(geometry.region_size(Region::kLearnState), 5);
  }
  return static_cast<double>(bytes) * kBitsPerByte / geometry.baud;
}

}  // namespace ncx::compiler
