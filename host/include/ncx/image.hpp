// SPDX-License-Identifier: BSD-3-Clause
// A compiled network: the words of every memory, and the map from the user's numbering to the
// hardware's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ncx/geometry.hpp"

namespace ncx {

/// A user-visible range of neurons or axons with consecutive user numbers.
struct Group {
  std::string name;
  std::uint32_t first = 0, size = 0;
};

/// Where each synapse of a projection lives, in the order the user gave them.
struct ProjectionMap {
  std::string name;
  bool pre_is_axon = false;
  bool plastic = false;
  std::vector<std::uint8_t> plastic_mask;  ///< empty: all alike, as `plastic` says
  std::int32_t profile = -1;               ///< hardware profile, -1: never learns
  std::uint32_t exponent = 0;              ///< weights count w * 2^exponent in state units
  std::vector<std::uint32_t> pre, post;    ///< user numbers of the two ends
  std::vector<std::uint32_t> address;      ///< in Region::kSynapse
  std::vector<std::uint8_t> field;         ///< weight field in the word (0 for sparse words)
};

/// Initial state of one neuron where it is not what RESET leaves.
struct InitialState {
  std::uint32_t slot = 0;
  std::int32_t v = 0, current = 0, theta = 0;
  std::uint32_t refractory = 0;
};

/// A learning profile on the hardware. One of the user's takes several where its projections have
/// different weight exponents.
struct ProfileMap {
  std::string name;
  std::uint32_t user = 0;  ///< index in the network
  bool enabled = true;     ///< learns from the start
  std::int32_t w_min = 0, w_max = 0;
  std::uint32_t exponent = 0;  ///< of its rows' weights
};

struct Image {
  static constexpr std::uint32_t kVersion = 2;

  Geometry geometry;
  std::string name;
  std::uint32_t fraction_bits = 0;
  std::uint32_t program_length = 0, encoder_rows = 0, used_rows = 0;
  std::uint32_t learn_rows = 0;  ///< register LEARN_ROWS
  /// Words of the config regions, GENERATOR and the generator of LEARN_STATE, from address 0; what
  /// lies beyond is not used by the image.
  std::map<Region, std::vector<std::uint64_t>> memories;
  std::vector<InitialState> initial;
  /// As Network::Past, by slot: due in the first tick, and (slot, history) where there is one.
  std::vector<std::uint32_t> initial_spikes;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> initial_history;
  std::uint32_t initial_age = 0;

  std::vector<std::uint32_t> neuron_slot;  ///< user neuron -> slot
  std::vector<std::uint32_t> axon_row;     ///< user axon -> hardware axon
  std::vector<Group> populations, axon_groups;
  std::vector<ProjectionMap> projections;
  std::vector<ProfileMap> profiles;  ///< one a hardware profile in use, from 0

  [[nodiscard]] std::uint32_t neurons() const {
    return static_cast<std::uint32_t>(neuron_slot.size());
  }
  [[nodiscard]] std::uint32_t axons() const { return static_cast<std::uint32_t>(axon_row.size()); }
  /// slot -> user neuron, or UINT32_MAX.
  [[nodiscard]] std::vector<std::uint32_t> slot_neuron() const;

  /// CBOR, with a CRC-32 over the content: writes a temporary file beside `path` and renames it.
  void save(const std::filesystem::path& path) const;
  /// Throws InputError that names the file and the field for anything missing, damaged or out of
  /// range.
  [[nodiscard]] static Image load(const std::filesystem::path& path);
  [[nodiscard]] std::vector<std::uint8_t> to_cbor() const;
  [[nodiscard]] static Image from_cbor(std::span<const std::uint8_t> bytes,
                                       const std::string& origin);
  /// CRC-32 over to_cbor(): identifies the image on the device.
  [[nodiscard]] std::uint32_t id() const;
};

}  // namespace ncx
