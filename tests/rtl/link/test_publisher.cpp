// SPDX-License-Identifier: BSD-3-Clause
// ncx_publisher alone: when a SYNC is asked for, at whatever moment, one is written from then on.
#include <Vpublisher.h>
#include <verilated.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <ncx/map.hpp>
#include <optional>
#include <vector>

namespace {

constexpr std::uint16_t kSync = 0b1100U << 12, kOneProbe = (0b1110U << 12) | 1;
constexpr std::uint32_t kTick = 0x0003'0007;

/// A publisher with one probe and no spikes, behind a link that takes a word every second cycle.
class Publisher {
 public:
  Publisher() {
    top_.control_i = 1U << ncx::map::kControlBitStreamProbes;
    top_.probes_i = 1;
    top_.tick_i = kTick;
    top_.probe_v_i = 5;
    top_.rst_i = 1;
    clock();
    clock();
    top_.rst_i = 0;
    clock();
    words_.clear();
  }

  /// Starts a record, of a tick or of the end of a run, and returns its words. A SYNC is asked for
  /// in cycle `sync_at` after the first word was taken.
  std::vector<std::uint16_t> record(bool end, std::optional<int> sync_at = std::nullopt) {
    words_.clear();
    (end ? top_.end_i : top_.start_i) = 1;
    clock();
    top_.end_i = top_.start_i = 0;
    int after_first = 0;
    for (int n = 0; n < 100 && top_.idle_o == 0; ++n) {
      top_.sync_i = !words_.empty() && after_first++ == sync_at ? 1 : 0;
      clock();
    }
    top_.sync_i = 0;
    REQUIRE(top_.idle_o == 1);
    return words_;
  }

 private:
  void clock() {
    top_.stream_ready_i = top_.stream_ready_i == 0 ? 1 : 0;
    top_.clk_i = 0;
    top_.eval();
    if (top_.stream_valid_o != 0 && top_.stream_ready_i != 0) words_.push_back(top_.stream_word_o);
    top_.clk_i = 1;
    top_.eval();
  }

  VerilatedContext context_;
  Vpublisher top_{&context_};
  std::vector<std::uint16_t> words_;
};

using Words = std::vector<std::uint16_t>;
const Words kSyncOfTick = {kSync, kTick & 0xFFFFU, kTick >> 16U};
const Words kProbes = {kOneProbe, 5, 0};

}  // namespace

TEST_CASE("publisher: without a reason a record has no SYNC, at the end of a run it is one") {
  Publisher publisher;
  CHECK(publisher.record(true) == kSyncOfTick);
  CHECK(publisher.record(false) == kProbes);
}

TEST_CASE("publisher: a SYNC asked for while one is written comes with the next record") {
  // The words behind SYNC are there for two cycles each.
  for (int cycle = 0; cycle < 4; ++cycle) {
    CAPTURE(cycle);
    Publisher publisher;
    CHECK(publisher.record(true, cycle) == kSyncOfTick);
    Words expected = kSyncOfTick;
    expected.insert(expected.end(), kProbes.begin(), kProbes.end());
    CHECK(publisher.record(false) == expected);
  }
}
