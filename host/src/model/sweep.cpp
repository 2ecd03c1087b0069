// SPDX-License-Identifier: BSD-3-Clause
// Turns the sweep program into runs. Neurons do not see each other within a block, so its slots may
// be sorted; a slot that a block would name twice starts a new block.
#include "model/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "ncx/error.hpp"

namespace ncx::model {
namespace {

constexpr std::uint32_t kScan = 1U << map::kProgramOpScan, kApply = 1U << map::kProgramOpApply,
                        kFirst = 1U << map::kProgramOpFirst;
/// Shorter runs are not worth their own kernel call: they share their neighbour's features.
constexpr std::uint32_t kShortRun = 64;

struct Place {
  std::uint32_t slot = 0, entry = 0, set = 0;
};

Pass pass_of(std::uint32_t operation, std::uint32_t entry) {
  if (operation == 0) return Pass::kWhole;
  if ((operation & ~kFirst) == kScan) return Pass::kScan;
  if ((operation & ~kFirst) == kApply) return Pass::kApply;
  throw InputError(fmt::format("program entry {} has operation {}; expected 0, or SCAN or APPLY "
                               "with or without FIRST",
                               entry, operation),
                   "compile the network again with this release");
}

unsigned own_features(const Parameters& p) {
  unsigned features = 0;
  if (p.syn_beta != 0) features |= kCurrentDecay;
  if (p.leak_exponential ? p.leak != map::kMaxBeta : p.leak != 0) {
    features |= p.leak_exponential ? kLeakBeta : kLeakStep;
  }
  return features;
}

unsigned lasting_features(const Parameters& p) {
  unsigned features = 0;
  if (p.refractory != 0) features |= kRefractory;
  if (p.theta_plus != 0) features |= kTheta;
  return features;
}

class Builder {
 public:
  Builder(const Memories& memories, const Geometry& geometry, std::uint32_t length)
      : memories_(memories),
        geometry_(geometry),
        length_(length),
        lasting_(geometry.neurons, 0),
        named_by_(geometry.neurons, 0) {
    for (std::uint32_t set = 0; set < geometry.parameter_sets; ++set) {
      sets_.push_back(memories.parameters(set));
    }
  }

  SweepTables build() {
    tables_.entries = length_;
    // A counter or theta that one entry raises has to fall under every entry that names the slot.
    for (std::uint32_t e = 0; e < length_; ++e) {
      each_place(e, [&](const Place& place) {
        lasting_[place.slot] |= lasting_features(sets_[place.set]);
      });
    }
    for (std::uint32_t e = 0; e < length_; ++e) add_entry(e);
    finish_block();
    return std::move(tables_);
  }

 private:
  template <typename Visitor>
  void each_place(std::uint32_t e, Visitor visit) const {
    const ProgramEntry entry = memories_.program_entry(e);
    if (entry.row >= geometry_.local_rows()) {
      throw InputError(fmt::format("program entry {} names local row {}; expected at most {}", e,
                                   entry.row, geometry_.local_rows() - 1),
                       "compile the network again for this build");
    }
    if (entry.set >= sets_.size()) {
      throw InputError(fmt::format("program entry {} names parameter set {}; expected at most {}",
                                   e, entry.set, sets_.size() - 1),
                       "compile the network again for this build");
    }
    for (std::uint32_t lanes = entry.lanes; lanes != 0; lanes &= lanes - 1) {
      const auto lane = static_cast<std::uint32_t>(std::countr_zero(lanes));
      visit(Place{entry.row * geometry_.lanes + lane, e, entry.set});
    }
  }

  void add_entry(std::uint32_t e) {
    const std::uint32_t operation = memories_.program_entry(e).operation;
    const Pass pass = pass_of(operation, e);
    const bool first = pass != Pass::kWhole && (operation & kFirst) != 0;
    if (first && pass == Pass::kApply) ++tables_.groups;
    std::vector<Place> places;
    bool repeated = false;
    each_place(e, [&](const Place& place) {
      places.push_back(place);
      repeated = repeated || named_by_[place.slot] == block_number_;
    });
    if (!open_ || first || pass != tables_.blocks.back().pass || repeated) {
      finish_block();
      Block block;
      block.pass = pass;
      block.first = first;
      tables_.blocks.push_back(std::move(block));
      open_ = true;
    }
    for (const Place& place : places) {
      named_by_[place.slot] = block_number_;
      places_.push_back(place);
    }
  }

  void finish_block() {
    ++block_number_;
    open_ = false;
    std::sort(places_.begin(), places_.end(),
              [](const Place& a, const Place& b) { return a.slot < b.slot; });
    for (const Place& place : places_) add_place(place);
    places_.clear();
  }

  void add_place(const Place& place) {
    const Parameters& p = sets_[place.set];
    const unsigned features = own_features(p) | lasting_[place.slot];
    std::vector<SlotRun>& runs = tables_.blocks.back().runs;
    const bool joins = !runs.empty() && runs.back().first + runs.back().count == place.slot &&
                       (runs.back().features == features || runs.back().count < kShortRun);
    if (!joins) {
      merge_short_tail(runs);
      runs.push_back({place.slot, 0, tables_.columns.entry.size(), 0});
    }
    ++runs.back().count;
    runs.back().features |= features;
    append(p, place.entry);
  }

  /// A run that stayed short goes to the run before it when they touch.
  static void merge_short_tail(std::vector<SlotRun>& runs) {
    if (runs.size() < 2) return;
    SlotRun& before = runs[runs.size() - 2];
    const SlotRun& last = runs.back();
    if (last.count >= kShortRun || before.first + before.count != last.first) return;
    before.count += last.count;
    before.features |= last.features;
    runs.pop_back();
  }

  void append(const Parameters& p, std::uint32_t entry) {
    ParameterColumns& c = tables_.columns;
    const auto value = [](std::uint32_t x) { return static_cast<std::int32_t>(x); };
    c.threshold.push_back(p.threshold);
    c.v_reset.push_back(p.v_reset);
    c.v_rest.push_back(p.v_rest);
    c.leak_step.push_back(p.leak_exponential ? 0 : value(p.leak));
    c.leak_beta.push_back(value(p.leak_exponential ? p.leak : map::kMaxBeta));
    c.syn_beta.push_back(value(p.syn_beta));
    c.theta_beta.push_back(value(p.theta_beta));
    c.hold.push_back(p.refractory_hold ? -1 : 0);
    c.refractory.push_back(value(p.refractory));
    c.theta_plus.push_back(value(p.theta_plus));
    c.soft_reset.push_back(p.soft_reset ? 1 : 0);
    c.entry.push_back(entry);
  }

  const Memories& memories_;
  const Geometry& geometry_;
  std::uint32_t length_;
  std::vector<Parameters> sets_;
  std::vector<unsigned> lasting_;
  std::vector<std::uint32_t> named_by_;  ///< last block that named a slot
  std::uint32_t block_number_ = 1;
  bool open_ = false;
  std::vector<Place> places_;
  SweepTables tables_;
};

}  // namespace

SweepTables build_sweep(const Memories& memories, const Geometry& geometry,
                        std::uint32_t program_length) {
  if (program_length > geometry.program_entries) {
    throw InputError(fmt::format("PROGRAM_LENGTH is {}; expected at most {}", program_length,
                                 geometry.program_entries),
                     "compile the network again for this build");
  }
  return Builder(memories, geometry, program_length).build();
}

}  // namespace ncx::model
