// SPDX-License-Identifier: BSD-3-Clause
// The framed link and the loading of images on top of a bus: a backend that only has bus accesses.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "ncx/backend.hpp"
#include "ncx/error.hpp"
#include "ncx/image.hpp"
#include "ncx/virtual_device.hpp"
#include "systemc/bus_device.hpp"

namespace ncx::sim {
namespace {

using map::Request;

constexpr std::uint32_t kWorkTicks = 32;
constexpr std::size_t kStreamRecords = 64;  // read at once

std::uint64_t request_address(Request request) {
  return bus_address(kRequestRegion, static_cast<std::uint64_t>(request));
}

std::vector<std::uint8_t> to_bytes(std::span<const std::uint64_t> words) {
  std::vector<std::uint8_t> bytes(words.size() * kWordBytes);
  for (std::size_t i = 0; i < words.size(); ++i) {
    BusRecord::store_word(&bytes[i * kWordBytes], words[i]);
  }
  return bytes;
}

std::vector<std::uint8_t> event_records(const RunRequest& request, std::uint32_t first) {
  std::vector<BusRecord> events;
  const auto earlier = [](const BusRecord& a, const BusRecord& b) { return a.tick < b.tick; };
  std::vector<BusRecord> currents;
  for (const AxonEvent& e : request.axon_events) {
    events.push_back({first + e.tick, BusRecord::kSpike, e.axon, 0});
  }
  for (const CurrentEvent& e : request.current_events) {
    currents.push_back({first + e.tick, BusRecord::kValue, e.neuron, e.value});
  }
  std::vector<BusRecord> sorted;
  std::merge(events.begin(), events.end(), currents.begin(), currents.end(),
             std::back_inserter(sorted), earlier);
  std::vector<std::uint8_t> bytes(sorted.size() * BusRecord::kBytes);
  for (std::size_t i = 0; i < sorted.size(); ++i) sorted[i].store(&bytes[i * BusRecord::kBytes]);
  return bytes;
}

class BusBackend final : public Backend {
 public:
  explicit BusBackend(Bus& bus) : bus_(bus) {
    std::vector<std::uint32_t> info;
    for (const std::uint64_t word : load(Region::kInfo, 0, map::kInfoWords)) {
      info.push_back(static_cast<std::uint32_t>(word));
    }
    geometry_ = Geometry::from_info(info);
  }

  [[nodiscard]] const Geometry& geometry() const override { return geometry_; }
  [[nodiscard]] std::string description() const override { return "bus"; }

  std::vector<std::uint64_t> read(Region region, std::uint64_t address,
                                  std::size_t count) override {
    return load(region, address, count);
  }
  void write(Region region, std::uint64_t address, std::span<const std::uint64_t> words) override {
    if (words.empty()) return;
    const auto bytes = to_bytes(words);
    bus_.write(bus_address(static_cast<std::uint64_t>(region), address), bytes.data(),
               bytes.size());
  }
  void reset(std::uint32_t mask) override { ask(Request::kReset, mask); }

  RunResult run(const RunRequest& request) override {
    RunResult result;
    result.first_tick = read_register(Register::kTick);
    result.ticks = request.ticks;
    write_register(Register::kControl, control(request));
    write_register(Register::kProbes, static_cast<std::uint32_t>(request.probes.size()));
    const std::uint64_t before = cycles();
    const auto events = event_records(request, result.first_tick);
    if (!events.empty())
      bus_.write(request_address(Request::kEvents), events.data(), events.size());
    ask(Request::kRun, result.first_tick + request.ticks);
    bool running = true;
    while (running) {
      bus_.wait();
      running = (read_register(Register::kState) >> map::kStateBitRunning & 1) != 0;
      drain(result);  // a core whose stream is full waits for it
    }
    result.cycles = cycles() - before;
    return result;
  }

 private:
  std::vector<std::uint64_t> load(Region region, std::uint64_t address, std::size_t count) {
    std::vector<std::uint64_t> words(count);
    if (count == 0) return words;
    std::vector<std::uint8_t> bytes(count * kWordBytes);
    bus_.read(bus_address(static_cast<std::uint64_t>(region), address), bytes.data(), bytes.size());
    for (std::size_t i = 0; i < count; ++i) {
      words[i] = BusRecord::load_word(&bytes[i * kWordBytes]);
    }
    return words;
  }
  void ask(Request request, std::uint32_t value) {
    const std::uint64_t word = value;
    const auto bytes = to_bytes(std::span(&word, 1));
    bus_.write(request_address(request), bytes.data(), bytes.size());
  }
  static std::uint32_t control(const RunRequest& request) {
    return (request.record_spikes ? 1U << map::kControlBitStreamSpikes : 0U) |
           (request.probes.empty() ? 0U : 1U << map::kControlBitStreamProbes) |
           (request.count_spikes ? 1U << map::kControlBitCountSpikes : 0U);
  }
  std::uint64_t cycles() {
    const auto halves =
        load(Region::kRegisters, static_cast<std::uint64_t>(Register::kCyclesLow), 2);
    return halves[1] << 32 | halves[0];
  }
  void drain(RunResult& result) {
    std::vector<std::uint8_t> bytes(kStreamRecords * BusRecord::kBytes);
    while (true) {
      bus_.read(request_address(Request::kStream), bytes.data(), bytes.size());
      for (std::size_t at = 0; at < bytes.size(); at += BusRecord::kBytes) {
        const BusRecord record = BusRecord::load(&bytes[at]);
        if (record.kind == BusRecord::kNothing) return;
        if (record.kind == BusRecord::kSpike) {
          result.spikes.push_back({record.tick - result.first_tick, record.id});
        } else {
          result.potentials.push_back(record.value);
        }
      }
    }
  }

  Bus& bus_;
  Geometry geometry_;
};

class DeviceOnBus final : public BusLink {
 public:
  explicit DeviceOnBus(Bus& bus) : backend_(bus), device_(backend_) {}

  void receive(const std::uint8_t* bytes, std::size_t count) override {
    device_.receive(std::span(bytes, count));
  }
  bool work() override { return device_.work(kWorkTicks); }
  std::vector<std::uint8_t> transmit() override { return device_.transmit(); }
  [[nodiscard]] std::uint64_t frames() const override { return device_.counts().frames; }
  [[nodiscard]] std::uint64_t damaged() const override { return device_.counts().damaged; }
  [[nodiscard]] std::uint64_t sessions() const override { return device_.counts().sessions; }

 private:
  BusBackend backend_;
  VirtualDevice device_;
};

/// A fresh core that notes what is written to it.
class Notebook final : public Bus {
 public:
  explicit Notebook(const std::string& configuration) : core_(make_model_core(configuration)) {}

  void read(std::uint64_t address, std::uint8_t* data, std::size_t bytes) override {
    check(core_->read(address, data, bytes), address);
  }
  void write(std::uint64_t address, const std::uint8_t* data, std::size_t bytes) override {
    check(core_->write(address, data, bytes), address);
    writes_.push_back({address, {data, data + bytes}});
  }
  void wait() override {}
  [[nodiscard]] std::vector<BusWrite> take() { return std::move(writes_); }

 private:
  static void check(BusStatus status, std::uint64_t address) {
    if (status == BusStatus::kOk) return;
    throw InputError(fmt::format("an access of bus address {:#x} is refused", address),
                     "an image that ncx compile wrote");
  }

  std::unique_ptr<BusDevice> core_;
  std::vector<BusWrite> writes_;
};

}  // namespace

std::unique_ptr<BusLink> make_bus_link(Bus& bus) { return std::make_unique<DeviceOnBus>(bus); }

std::vector<BusWrite> image_writes(const std::string& path, const std::string& configuration) {
  Notebook notebook(configuration);
  BusBackend backend(notebook);
  load_image(backend, Image::load(path));
  return notebook.take();
}

}  // namespace ncx::sim
