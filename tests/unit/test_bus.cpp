// SPDX-License-Identifier: BSD-3-Clause
// The register map on a bus: addresses, refusals, records, slices.
#include <array>
#include <catch2/catch.hpp>
#include <vector>

#include "bus_device.hpp"
#include "ncx/backend.hpp"
#include "ncx/geometry.hpp"

using namespace ncx;
using namespace ncx::sim;

namespace {

using Words = std::vector<std::uint64_t>;

std::uint64_t at(Region region, std::uint64_t word) {
  return bus_address(static_cast<std::uint64_t>(region), word);
}
std::uint64_t at(Register reg) { return at(Region::kRegisters, static_cast<std::uint64_t>(reg)); }
std::uint64_t at(map::Request request) {
  return bus_address(kRequestRegion, static_cast<std::uint64_t>(request));
}

struct Rig {
  std::unique_ptr<BusDevice> core = make_model_core("tiny");
  Geometry geometry = Geometry::named("tiny");

  BusStatus write(std::uint64_t address, const Words& words) {
    std::vector<std::uint8_t> bytes(words.size() * kWordBytes);
    for (std::size_t i = 0; i < words.size(); ++i) {
      BusRecord::store_word(&bytes[i * kWordBytes], words[i]);
    }
    return core->write(address, bytes.data(), bytes.size());
  }
  std::uint64_t read(std::uint64_t address) {
    std::array<std::uint8_t, kWordBytes> bytes{};
    REQUIRE(core->read(address, bytes.data(), bytes.size()) == BusStatus::kOk);
    return BusRecord::load_word(bytes.data());
  }
  BusStatus status(std::uint64_t address, std::size_t bytes) {
    std::vector<std::uint8_t> data(bytes + 1);
    return core->read(address, data.data(), bytes);
  }
  BusStatus events(const std::vector<BusRecord>& records) {
    std::vector<std::uint8_t> bytes(records.size() * BusRecord::kBytes);
    for (std::size_t i = 0; i < records.size(); ++i) {
      records[i].store(&bytes[i * BusRecord::kBytes]);
    }
    return core->write(at(map::Request::kEvents), bytes.data(), bytes.size());
  }
  std::vector<BusRecord> stream(std::size_t most) {
    std::vector<std::uint8_t> bytes(most * BusRecord::kBytes);
    REQUIRE(core->read(at(map::Request::kStream), bytes.data(), bytes.size()) == BusStatus::kOk);
    std::vector<BusRecord> records;
    for (std::size_t i = 0; i < most; ++i) {
      const BusRecord record = BusRecord::load(&bytes[i * BusRecord::kBytes]);
      if (record.kind == BusRecord::kNothing) break;
      records.push_back(record);
    }
    return records;
  }
  /// All neurons of the first row of lanes fire in every tick.
  void load_firing() {
    REQUIRE(write(at(Region::kProgram, 0), {0, (1U << geometry.lanes) - 1}) == BusStatus::kOk);
    REQUIRE(write(at(Region::kParameter, 0), {0xFFFFFF, 0, 0, 0, 0}) == BusStatus::kOk);
    REQUIRE(write(at(Register::kProgramLength), {1}) == BusStatus::kOk);
    REQUIRE(write(at(Register::kUsedRows), {1}) == BusStatus::kOk);
  }
};

}  // namespace

TEST_CASE("bus: every region of every named build has room in its window", "[bus]") {
  for (const std::string& name : Geometry::names()) {
    const Geometry geometry = Geometry::named(name);
    for (std::uint32_t region = 0; region < map::kRegionTotal; ++region) {
      CHECK(geometry.region_size(static_cast<Region>(region)) * kWordBytes <= kRegionBytes);
    }
  }
  STATIC_REQUIRE(map::kRegionTotal <= kRequestRegion);
}

TEST_CASE("bus: words are where the map says, whole or their low half", "[bus]") {
  Rig rig;
  CHECK(rig.read(at(Region::kInfo, map::kInfoMagic)) == 0x4E435831);
  REQUIRE(rig.write(at(Region::kSynapse, 5), {0xF89ABCDEF, ~std::uint64_t{0}}) == BusStatus::kOk);
  CHECK(rig.read(at(Region::kSynapse, 5)) == 0xF89ABCDEF);
  CHECK(rig.read(at(Region::kSynapse, 6)) == (std::uint64_t{1} << map::kWordW) - 1);
  std::array<std::uint8_t, 4> half{};
  REQUIRE(rig.core->read(at(Region::kSynapse, 5), half.data(), 4) == BusStatus::kOk);
  CHECK(half == std::array<std::uint8_t, 4>{0xEF, 0xCD, 0xAB, 0x89});
  REQUIRE(rig.core->write(at(Register::kScratch), half.data(), 4) == BusStatus::kOk);
  CHECK(rig.read(at(Register::kScratch)) == 0x89ABCDEF);
}

TEST_CASE("bus: what is not there, or not so, is refused by kind", "[bus]") {
  Rig rig;
  const std::uint64_t last = rig.geometry.region_size(Region::kRate) - 1;
  CHECK(rig.status(at(Region::kRate, last), 8) == BusStatus::kOk);
  CHECK(rig.status(at(Region::kRate, last), 16) == BusStatus::kAddress);
  CHECK(rig.status(at(Region::kRate, last + 1), 8) == BusStatus::kAddress);
  CHECK(rig.status(bus_address(map::kRegionTotal, 0), 8) == BusStatus::kAddress);
  CHECK(rig.status(kBusBytes, 8) == BusStatus::kAddress);
  CHECK(rig.status(at(Region::kRate, 0) + 4, 4) == BusStatus::kAddress);
  CHECK(rig.status(at(map::Request::kHello), 8) == BusStatus::kAddress);
  CHECK(rig.status(at(map::Request::kRun), 8) == BusStatus::kAddress);
  for (const std::size_t bytes : {0U, 1U, 7U, 12U}) {
    CHECK(rig.status(at(Region::kRate, 0), bytes) == BusStatus::kLength);
  }
  CHECK(rig.status(at(map::Request::kStream), 8) == BusStatus::kLength);
  CHECK(rig.write(at(Region::kInfo, 0), {1}) == BusStatus::kReadOnly);
  CHECK(rig.write(at(Register::kSpikes), {1}) == BusStatus::kReadOnly);
  CHECK(rig.write(at(Register::kUntil), {1}) == BusStatus::kReadOnly);
  CHECK(rig.write(at(map::Request::kStream), {0, 0}) == BusStatus::kAddress);
}

TEST_CASE("bus: events are taken all or not at all", "[bus]") {
  Rig rig;
  const std::uint32_t room = rig.geometry.event_entries;
  CHECK(rig.read(at(map::Request::kEvents)) == room);
  CHECK(rig.events({{3, BusRecord::kSpike, 1, 0}, {2, BusRecord::kSpike, 1, 0}}) ==
        BusStatus::kRefused);
  CHECK(rig.events({{1, BusRecord::kSpike, 0, 0}, {2, BusRecord::kSpike, 64, 0}}) ==
        BusStatus::kRefused);
  CHECK(rig.events({{1, BusRecord::kValue, 64, 5}}) == BusStatus::kRefused);
  CHECK(rig.events({{1, 2, 0, 5}}) == BusStatus::kRefused);
  const BusRecord due{0, BusRecord::kSpike, 1, 0}, later{1, BusRecord::kSpike, 1, 0};
  CHECK(rig.events(std::vector<BusRecord>(room + 1, later)) == BusStatus::kRefused);
  CHECK(rig.read(at(map::Request::kEvents)) == room);
  // What is due at once takes no room.
  CHECK(rig.events(std::vector<BusRecord>(room + 1, due)) == BusStatus::kOk);
  CHECK(rig.read(at(map::Request::kEvents)) == room);
  CHECK(rig.events(std::vector<BusRecord>(room, later)) == BusStatus::kOk);
  CHECK(rig.read(at(map::Request::kEvents)) == 0);
  CHECK(rig.events({later}) == BusStatus::kRefused);
  REQUIRE(rig.write(at(map::Request::kReset), {1U << map::kResetBitInFlight}) == BusStatus::kOk);
  REQUIRE(rig.write(at(map::Request::kRun), {4}) == BusStatus::kOk);
  CHECK(rig.events({{3, BusRecord::kSpike, 0, 0}}) == BusStatus::kRefused);
  CHECK(rig.events({{4, BusRecord::kSpike, 0, 0}}) == BusStatus::kOk);
}

TEST_CASE("bus: values keep their sign in records", "[bus]") {
  for (const std::int32_t value : {0, 1, -1, 0x7FFFFF, -0x800000}) {
    std::array<std::uint8_t, BusRecord::kBytes> bytes{};
    BusRecord{0xFFFFFFFF, BusRecord::kValue, 0x7FFF, value}.store(bytes.data());
    const BusRecord back = BusRecord::load(bytes.data());
    CHECK((back.tick == 0xFFFFFFFF && back.kind == BusRecord::kValue && back.id == 0x7FFF));
    CHECK(back.value == value);
  }
}

TEST_CASE("bus: a slice shows when it ends, and memories wait for the last", "[bus]") {
  Rig rig;
  rig.load_firing();
  REQUIRE(rig.write(at(Register::kControl), {1U << map::kControlBitStreamSpikes}) ==
          BusStatus::kOk);
  REQUIRE(rig.write(at(map::Request::kRun), {3}) == BusStatus::kOk);
  CHECK(rig.write(at(map::Request::kRun), {2}) == BusStatus::kRefused);
  CHECK(rig.core->running());
  CHECK(rig.core->begin(2) > 0);
  CHECK(rig.core->begin(2) == 0);  // one at a time
  CHECK(rig.read(at(Register::kTick)) == 0);
  CHECK(rig.stream(1).empty());
  CHECK(rig.core->end());
  CHECK(rig.read(at(Register::kTick)) == 2);
  CHECK(rig.read(at(Register::kUntil)) == 3);
  CHECK(rig.read(at(Register::kState)) ==
        (1U << map::kStateBitRunning | 1U << map::kStateBitStreamPending));
  CHECK(rig.status(at(Region::kState, 0), 8) == BusStatus::kRefused);
  CHECK(rig.write(at(Region::kState, 0), {0}) == BusStatus::kRefused);
  CHECK(rig.write(at(Register::kTick), {0}) == BusStatus::kRefused);
  CHECK(rig.write(at(map::Request::kReset), {1}) == BusStatus::kRefused);
  CHECK(rig.core->begin(2) > 0);
  CHECK(rig.core->end());
  CHECK_FALSE(rig.core->running());
  CHECK(rig.status(at(Region::kState, 0), 8) == BusStatus::kOk);
  const auto records = rig.stream(100);
  REQUIRE(records.size() == 3 * std::size_t{rig.geometry.lanes});
  for (std::size_t i = 0; i < records.size(); ++i) {
    CHECK(records[i].tick == i / rig.geometry.lanes);
    CHECK(records[i].id == i % rig.geometry.lanes);
  }
  CHECK(rig.read(at(Register::kState)) == 0);
}

TEST_CASE("bus: STOP ends a run with the slice under way, TICK moves the end along", "[bus]") {
  Rig rig;
  REQUIRE(rig.write(at(map::Request::kRun), {100}) == BusStatus::kOk);
  CHECK(rig.core->begin(8) > 0);
  REQUIRE(rig.write(at(map::Request::kStop), {0}) == BusStatus::kOk);
  CHECK(rig.read(at(Register::kUntil)) == 8);
  CHECK_FALSE(rig.core->end());  // no neuron fired
  CHECK(rig.core->begin(8) == 0);
  REQUIRE(rig.write(at(Register::kTick), {1000}) == BusStatus::kOk);
  CHECK((rig.read(at(Register::kTick)) == 1000 && rig.read(at(Register::kUntil)) == 1000));
  CHECK_FALSE(rig.core->running());
}

TEST_CASE("bus: a core whose stream is full waits until somebody reads", "[bus]") {
  Rig rig;
  rig.load_firing();
  REQUIRE(rig.write(at(Register::kControl), {1U << map::kControlBitStreamSpikes}) ==
          BusStatus::kOk);
  const std::uint32_t ticks = rig.geometry.stream_words / rig.geometry.lanes;
  REQUIRE(rig.write(at(map::Request::kRun), {ticks + 1}) == BusStatus::kOk);
  REQUIRE(rig.core->begin(ticks) > 0);
  rig.core->end();
  CHECK(rig.core->begin(1) == 0);
  CHECK(rig.core->running());
  CHECK(rig.stream(1).size() == 1);
  CHECK(rig.core->begin(1) > 0);
}

TEST_CASE("bus: a slice takes its cycles, or its PERIOD", "[bus]") {
  Rig rig;
  rig.load_firing();
  REQUIRE(rig.write(at(map::Request::kRun), {30}) == BusStatus::kOk);
  const std::uint64_t first = rig.core->begin(10);
  CHECK(first == rig.read(at(Register::kCyclesLow)));
  rig.core->end();
  REQUIRE(rig.write(at(Register::kPeriod), {500}) == BusStatus::kOk);
  CHECK(rig.core->begin(10) == 5000);
  rig.core->end();
  REQUIRE(rig.write(at(Register::kPeriod), {1}) == BusStatus::kOk);
  const std::uint64_t before = rig.read(at(Register::kCyclesLow));
  const std::uint64_t clocks = rig.core->begin(10);
  CHECK(clocks == rig.read(at(Register::kCyclesLow)) - before);
  CHECK(clocks > 10);
}
