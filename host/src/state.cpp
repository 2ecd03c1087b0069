// SPDX-License-Identifier: BSD-3-Clause
// States as files, in the same envelope as images.
#include "cbor_file.hpp"
#include "ncx/emulator.hpp"

namespace ncx {
namespace {

constexpr std::uint32_t kVersion = 1;
constexpr cbor::FileKind kStateFile{"NeuroCoreX state", "state", "`ncx run --save-state`",
                                    "run the network again with this release", kVersion};

}  // namespace

std::vector<std::uint8_t> State::to_cbor() const {
  return cbor::seal(kStateFile, {{"image_id", image_id},
                                 {"tick", tick},
                                 {"spike_entries", spike_entries},
                                 {"learning", learning},
                                 {"modulation", modulation},
                                 {"counted", cbor::packed(counted, 4)},
                                 {"ticks_counted", ticks_counted},
                                 {"memories", cbor::packed_memories(memories)}});
}

State State::from_cbor(std::span<const std::uint8_t> bytes, const std::string& origin) {
  const cbor::Json content = cbor::open(kStateFile, bytes, origin);
  const cbor::Reader r(content, kStateFile, origin, "");
  State state;
  state.image_id = r.number("image_id");
  state.tick = r.number("tick");
  state.spike_entries = r.number("spike_entries");
  state.learning = r.number("learning");
  state.modulation = r.integer("modulation");
  state.counted = r.words<std::uint32_t>("counted", 4);
  state.ticks_counted = r.number("ticks_counted");
  state.memories = cbor::read_memories(r.map("memories"));
  return state;
}

void State::save(const std::filesystem::path& path) const { cbor::write_file(path, to_cbor()); }

State State::load(const std::filesystem::path& path) {
  return from_cbor(cbor::read_file(kStateFile, path), path.string());
}

}  // namespace ncx
