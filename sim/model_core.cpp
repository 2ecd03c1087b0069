// SPDX-License-Identifier: BSD-3-Clause
// The register map on a bus, on the model: what the link's requests do, without frames.
#include <algorithm>
#include <deque>
#include <optional>
#include <span>

#include "ncx/error.hpp"
#include "ncx/model.hpp"
#include "systemc/bus_device.hpp"

namespace ncx::sim {
namespace {

using map::Request;

constexpr std::size_t kHalfWord = 4;  // bytes

bool bit(std::uint32_t word, std::uint32_t index) { return (word >> index & 1) != 0; }

/// Words that an access covers.
struct Place {
  std::uint64_t region, word;
  std::size_t count;
};

std::uint64_t get(std::span<const std::uint8_t> data, std::size_t word) {
  if (data.size() != kHalfWord) return BusRecord::load_word(&data[word * kWordBytes]);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kHalfWord; ++i) value |= std::uint64_t{data[i]} << (8 * i);
  return value;
}

void put(std::span<std::uint8_t> data, std::size_t word, std::uint64_t value) {
  if (data.size() != kHalfWord) return BusRecord::store_word(&data[word * kWordBytes], value);
  for (std::size_t i = 0; i < kHalfWord; ++i) data[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

class ModelCore final : public BusDevice {
 public:
  explicit ModelCore(const std::string& configuration) : model_(Geometry::named(configuration)) {}

  BusStatus read(std::uint64_t address, std::uint8_t* data, std::size_t bytes) override {
    const std::span out(data, bytes);
    Place place{};
    if (const BusStatus s = locate(address, bytes, place); s != BusStatus::kOk) return s;
    if (place.region == kRequestRegion) return read_request(place, out);
    const auto region = static_cast<Region>(place.region);
    if (is_memory(region) && running()) return BusStatus::kRefused;
    const auto words = model_.read(region, place.word, place.count);
    for (std::size_t i = 0; i < words.size(); ++i) {
      put(out, i, region == Region::kRegisters ? overlay(place.word + i, words[i]) : words[i]);
    }
    return BusStatus::kOk;
  }

  BusStatus write(std::uint64_t address, const std::uint8_t* data, std::size_t bytes) override {
    const std::span in(data, bytes);
    Place place{};
    if (const BusStatus s = locate(address, bytes, place); s != BusStatus::kOk) return s;
    if (place.region == kRequestRegion) return write_request(place, in);
    const auto region = static_cast<Region>(place.region);
    if (region == Region::kInfo) return BusStatus::kReadOnly;
    if (running() && (is_memory(region) || still_only(place))) return BusStatus::kRefused;
    const std::uint64_t mask = (std::uint64_t{1} << region_bits(region)) - 1;
    std::vector<std::uint64_t> words;
    for (std::size_t i = 0; i < place.count; ++i) words.push_back(get(in, i) & mask);
    try {
      model_.write(region, place.word, words);
    } catch (const RefusedError&) {
      return BusStatus::kReadOnly;
    }
    if (region == Region::kRegisters && place.word == code(Register::kTick)) {
      tick_ = until_ = static_cast<std::uint32_t>(words.front());
    }
    return BusStatus::kOk;
  }

  [[nodiscard]] bool running() const override { return tick_ != until_ || slice_; }

  std::uint64_t begin(std::uint32_t ticks) override {
    const Geometry& g = model_.geometry();
    if (slice_ || tick_ == until_ || stream_.size() >= g.stream_words) return 0;
    const RunRequest request = slice_request(std::min(ticks, until_ - tick_));
    const std::uint32_t spikes = model_.read_register(Register::kSpikes);
    RunResult result = model_.run(request);
    fired_ = model_.read_register(Register::kSpikes) != spikes;
    const std::uint64_t pace = model_.read_register(Register::kPeriod);
    const std::uint64_t clocks = std::max(result.cycles, pace * request.ticks);
    slice_ = Slice{request.probes, std::move(result)};
    return clocks;
  }

  bool end() override {
    if (!slice_) return false;
    record(*slice_);
    tick_ += slice_->result.ticks;
    slice_.reset();
    return fired_;
  }

 private:
  struct Slice {
    std::vector<std::uint32_t> probes;
    RunResult result;
  };

  static std::uint64_t code(Register reg) { return static_cast<std::uint64_t>(reg); }
  static bool is_memory(Region region) {
    return region != Region::kRegisters && region != Region::kInfo;
  }
  static bool still_only(const Place& place) {
    const auto covers = [&](Register reg) { return code(reg) - place.word < place.count; };
    return covers(Register::kTick) || covers(Register::kSpikeEntries);
  }

  BusStatus locate(std::uint64_t address, std::size_t bytes, Place& place) const {
    if (address % kWordBytes != 0 || address >= kBusBytes) return BusStatus::kAddress;
    if (bytes == 0 || (bytes != kHalfWord && bytes % kWordBytes != 0)) return BusStatus::kLength;
    place.region = address / kRegionBytes;
    place.word = address % kRegionBytes / kWordBytes;
    place.count = std::max<std::size_t>(bytes / kWordBytes, 1);
    if (place.region == kRequestRegion) return BusStatus::kOk;
    if (place.region >= map::kRegionTotal) return BusStatus::kAddress;
    const std::uint64_t size = model_.geometry().region_size(static_cast<Region>(place.region));
    return place.word + place.count > size ? BusStatus::kAddress : BusStatus::kOk;
  }

  /// What the model, which never runs while somebody reads, does not know.
  [[nodiscard]] std::uint64_t overlay(std::uint64_t reg, std::uint64_t word) const {
    switch (static_cast<Register>(reg)) {
      case Register::kTick:
        return tick_;
      case Register::kUntil:
        return until_;
      case Register::kState:
        return (running() ? 1U << map::kStateBitRunning : 0U) |
               (stream_.empty() ? 0U : 1U << map::kStateBitStreamPending);
      default:
        return word;
    }
  }

  BusStatus read_request(const Place& place, std::span<std::uint8_t> out) {
    switch (static_cast<Request>(place.word)) {
      case Request::kStream:
        if (out.size() % BusRecord::kBytes != 0) return BusStatus::kLength;
        for (std::size_t at = 0; at < out.size(); at += BusRecord::kBytes) {
          BusRecord record;
          record.kind = BusRecord::kNothing;
          if (!stream_.empty()) {
            record = stream_.front();
            stream_.pop_front();
          }
          record.store(&out[at]);
        }
        return BusStatus::kOk;
      case Request::kEvents:
        for (std::size_t i = 0; i < place.count; ++i) {
          put(out, i, model_.geometry().event_entries - queued(events_));
        }
        return BusStatus::kOk;
      default:
        return BusStatus::kAddress;
    }
  }

  BusStatus write_request(const Place& place, std::span<const std::uint8_t> in) {
    const auto value = static_cast<std::uint32_t>(get(in, place.count - 1));
    switch (static_cast<Request>(place.word)) {
      case Request::kRun:
        if (value < until_) return BusStatus::kRefused;
        until_ = value;
        return BusStatus::kOk;
      case Request::kStop:
        until_ = tick_ + (slice_ ? slice_->result.ticks : 0);
        return BusStatus::kOk;
      case Request::kReset:
        return reset(value);
      case Request::kEvents:
        return add_events(in);
      default:
        return BusStatus::kAddress;
    }
  }

  BusStatus reset(std::uint32_t mask) {
    if (running()) return BusStatus::kRefused;
    model_.reset(mask);
    if (bit(mask, map::kResetBitInFlight)) events_.clear();
    if (bit(mask, map::kResetBitTick)) tick_ = until_ = 0;
    return BusStatus::kOk;
  }

  /// Those that take room in the queue: what is due in the tick at which the network waits does
  /// not.
  template <class Events>
  [[nodiscard]] std::size_t queued(const Events& events) const {
    return static_cast<std::size_t>(std::count_if(
        events.begin(), events.end(), [&](const BusRecord& event) { return event.tick != tick_; }));
  }

  /// All or none.
  BusStatus add_events(std::span<const std::uint8_t> in) {
    if (in.size() % BusRecord::kBytes != 0) return BusStatus::kLength;
    const Geometry& g = model_.geometry();
    std::vector<BusRecord> added;
    std::uint32_t earliest = std::max(until_, events_.empty() ? 0 : events_.back().tick);
    for (std::size_t at = 0; at < in.size(); at += BusRecord::kBytes) {
      const BusRecord event = BusRecord::load(&in[at]);
      const bool known = event.kind == BusRecord::kSpike   ? event.id < g.axons
                         : event.kind == BusRecord::kValue ? event.id < g.neurons
                                                           : false;
      if (!known || event.tick < earliest) return BusStatus::kRefused;
      earliest = event.tick;
      added.push_back(event);
    }
    if (queued(events_) + queued(added) > g.event_entries) return BusStatus::kRefused;
    events_.insert(events_.end(), added.begin(), added.end());
    return BusStatus::kOk;
  }

  RunRequest slice_request(std::uint32_t ticks) {
    const std::uint32_t control = model_.read_register(Register::kControl);
    RunRequest request;
    request.ticks = ticks;
    request.record_spikes = bit(control, map::kControlBitStreamSpikes);
    request.count_spikes = bit(control, map::kControlBitCountSpikes);
    if (bit(control, map::kControlBitStreamProbes)) {
      const std::uint32_t probes = model_.read_register(Register::kProbes);
      for (const std::uint64_t slot : model_.read(Region::kProbe, 0, probes)) {
        request.probes.push_back(static_cast<std::uint32_t>(slot));
      }
    }
    while (!events_.empty() && events_.front().tick - tick_ < ticks) {
      const BusRecord& event = events_.front();
      if (event.kind == BusRecord::kSpike) {
        request.axon_events.push_back({event.tick - tick_, event.id});
      } else {
        request.current_events.push_back({event.tick - tick_, event.id, event.value});
      }
      events_.pop_front();
    }
    return request;
  }

  /// Tick by tick: spikes, then potentials.
  void record(const Slice& slice) {
    auto spike = slice.result.spikes.begin();
    const std::size_t width = slice.probes.size();
    for (std::uint32_t t = 0; t < slice.result.ticks; ++t) {
      for (; spike != slice.result.spikes.end() && spike->tick == t; ++spike) {
        stream_.push_back({tick_ + t, BusRecord::kSpike, spike->neuron, 0});
      }
      for (std::size_t p = 0; p < width; ++p) {
        stream_.push_back({tick_ + t, BusRecord::kValue, slice.probes[p],
                           slice.result.potentials[t * width + p]});
      }
    }
  }

  Model model_;
  std::uint32_t tick_ = 0, until_ = 0;
  std::deque<BusRecord> events_, stream_;
  std::optional<Slice> slice_;
  bool fired_ = false;
};

}  // namespace

std::unique_ptr<BusDevice> make_model_core(const std::string& configuration) {
  return std::make_unique<ModelCore>(configuration);
}

}  // namespace ncx::sim
