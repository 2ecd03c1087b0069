// SPDX-License-Identifier: BSD-3-Clause
// A run on a device: events out, stream in, until SYNC says that everything has come.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "device_impl.hpp"
#include "link/events.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

using link::Order;
using link::Reply;
using std::chrono::milliseconds;
using Clock = link::Link::Clock;

constexpr milliseconds kProgressInterval{100};
constexpr milliseconds kSimulatedSlice{1};
constexpr milliseconds kRoomPause{1};  // after asking in vain for room in the event queue
constexpr std::size_t kStreamFrame = link::wire_size(map::kMaxPayload);

LinkError bad_stream(const std::string& what) {
  return LinkError("the device's stream " + what,
                   "reset the device; if it happens again, bitstream and host do not match");
}

/// Gathers what the stream says about the ticks `first` .. `last - 1`.
class Collector final : public link::StreamSink {
 public:
  Collector(std::uint32_t first, std::uint32_t last, std::uint32_t neurons, std::size_t probes)
      : first_(first), last_(last), neurons_(neurons), probes_(probes) {}

  void spike(std::uint32_t tick, std::uint32_t slot) override {
    check_tick(tick);
    if (slot >= neurons_) {
      throw bad_stream(fmt::format("names slot {} of {}", slot, neurons_));
    }
    spikes.push_back({tick - first_, slot});
  }
  void potentials(std::uint32_t tick, std::span<const std::int32_t> values) override {
    check_tick(tick);
    if (values.size() != probes_ || tick - first_ != rows_) {
      throw bad_stream(fmt::format("has {} potentials for tick {}; expected {} for tick {}",
                                   values.size(), tick, probes_, first_ + rows_));
    }
    samples.insert(samples.end(), values.begin(), values.end());
    ++rows_;
  }
  void sync(std::uint32_t tick) override {
    if (tick == last_) done = true;
    stands_still = true;
  }
  /// Sorts each tick's spikes: the device sends them in the order of its sweep.
  void finish() {
    if (probes_ > 0 && rows_ != last_ - first_) {
      throw bad_stream(
          fmt::format("has potentials of {} ticks; expected {}", rows_, last_ - first_));
    }
    for (auto at = spikes.begin(); at != spikes.end();) {
      const auto end = std::find_if(at, spikes.end(),
                                    [&](const Spike& spike) { return spike.tick != at->tick; });
      if (!std::is_sorted(at, end)) std::sort(at, end);
      at = end;
    }
  }

  bool done = false;
  bool stands_still = false;  // the device has worked its events off, as far as the stream tells
  std::vector<Spike> spikes;
  std::vector<std::int32_t> samples;

 private:
  void check_tick(std::uint32_t tick) {
    if (tick < first_ || tick >= last_ || tick < newest_) {
      throw bad_stream(fmt::format("speaks of tick {} in a run from {} to {}", tick,
                                   std::max(first_, newest_), last_));
    }
    newest_ = tick;
  }

  std::uint32_t first_, last_, neurons_, newest_ = 0, rows_ = 0;
  std::size_t probes_;
};

struct Registers {
  std::vector<std::uint64_t> words;
  [[nodiscard]] std::uint64_t operator[](Register reg) const {
    return words[static_cast<std::size_t>(reg)];
  }
  [[nodiscard]] std::uint64_t total_cycles() const {
    return (*this)[Register::kCyclesHigh] << 32 | (*this)[Register::kCyclesLow];
  }
};

Registers read_registers(DeviceSession& device) {
  return {device.read(Region::kRegisters, 0, map::kRegisterNames.size())};
}

/// One run from the moment the device stands still with its registers set.
class Run {
 public:
  Run(DeviceSession& device, const RunRequest& request, std::uint32_t first,
      std::uint64_t period_cycles)
      : device_(device),
        link_(device.link),
        request_(request),
        first_(first),
        last_(first + request.ticks),
        collector(first_, last_, device.geometry.neurons, request.probes.size()),
        chunker_(request, first, link::EventChunker::words_for(device.geometry.event_entries)),
        chunk_(chunker_.next()),
        credit_(device.link.last().free_entries),
        quiet_(device.link.patience(2 * kStreamFrame)),
        stall_(device.link.options().stall + 2 * device.cycles(period_cycles)),
        progress_at_(Clock::now() + kProgressInterval) {
    asked_at_ = stream_at_ = headway_at_ = link_.now();
  }

  void run() {
    struct Attach {
      DeviceSession& device;
      Attach(DeviceSession& d, link::StreamSink& sink) : device(d) { device.sink = &sink; }
      ~Attach() { device.sink = nullptr; }
    } attach(device_, collector);
    while (!collector.done) {
      send();
      wait();
      link_.raise_refusal();
      if (request_.progress && Clock::now() >= progress_at_) report();
    }
    link_.drain();
    device_.acknowledge();
  }

 private:
  // Hands over events as long as there is room for them, then the end of the run.
  void send() {
    while (chunk_ && credit_ >= chunk_->entries() && link_.room(bytes_of(*chunk_))) {
      const std::uint32_t entries = chunk_->entries();
      Order order;
      order.code = map::Request::kEvents;
      // Everything before the chunk's first event is on the device, so it may run up to there.
      link::put_u32(order.payload, chunk_->base);
      link::put_u32(order.payload, chunk_->base);
      for (const std::uint16_t word : chunk_->words) link::put_u16(order.payload, word);
      order.what = fmt::format("EVENTS from tick {}", chunk_->base);
      order.done = [this, entries](const Reply& reply) {
        unanswered_ -= entries;
        take_state(reply);
      };
      unanswered_ += entries;
      credit_ -= entries;
      room_pause_ = Clock::duration{0};
      collector.stands_still = false;
      chunk_ = chunker_.next();
      link_.submit(std::move(order));
    }
    if (!chunk_ && !run_sent_ && link_.room(4)) {
      Order order;
      order.code = map::Request::kRun;
      link::put_u32(order.payload, last_);
      order.what = fmt::format("RUN until tick {}", last_);
      order.done = [this](const Reply& reply) { take_state(reply); };
      run_sent_ = true;
      link_.submit(std::move(order));
    }
  }

  void wait() {
    const bool wants_room = chunk_ && credit_ < chunk_->entries();
    auto ask_at = wants_room ? asked_at_ + std::min<Clock::duration>(room_pause_, quiet_)
                             : std::max(asked_at_, stream_at_) + quiet_;
    // It waits for more events: no reason to let it.
    if (wants_room && std::exchange(collector.stands_still, false)) ask_at = link_.now();
    // While an answer is due, its own timeout is what ends the wait.
    const bool idle = link_.idle();
    auto wake = idle ? ask_at : link_.now() + stall_;
    if (request_.progress) wake = std::min(wake, link_.now() + until_report());
    const std::uint32_t before = device_.position;
    link_.pump(wake);
    if (device_.position != before) {
      stream_at_ = headway_at_ = link_.now();
      lost_ = 0;
    }
    if (!wants_room) room_pause_ = Clock::duration{0};
    if (idle && link_.now() >= ask_at && link_.idle()) {
      if (wants_room) room_pause_ = std::max<Clock::duration>(2 * room_pause_, kRoomPause);
      ask();
    }
  }

  // Simulated time may pass far slower than the user's: then look at the clock more often.
  [[nodiscard]] Clock::duration until_report() const {
    const Clock::duration left = progress_at_ - Clock::now();
    return link_.simulated() ? std::min<Clock::duration>(left, kSimulatedSlice) : left;
  }

  // Asks how far the device is. Its answer comes after all that it had sent before; so words that
  // are still missing after a long silence were lost.
  void ask() {
    device_.acknowledge();
    Order order = device_.state_order();
    order.done = [this, before = device_.position](const Reply& reply) {
      take_state(reply);
      asked_at_ = link_.now();
      const bool ended = !reply.running() && run_sent_ && reply.tick == last_;
      if (collector.done || device_.position != before || !(reply.pending() || ended) ||
          link_.now() < stream_at_ + quiet_) {
        return;
      }
      if (++lost_ > link_.options().attempts) {
        throw link_.silent("a request for stream words", lost_);
      }
      device_.ask_again();
      stream_at_ = link_.now();
    };
    link_.submit(std::move(order));
  }

  void take_state(const Reply& reply) {
    credit_ = static_cast<std::int64_t>(reply.free_entries) - unanswered_;
    if (reply.tick != tick_ || reply.free_entries != free_) headway_at_ = link_.now();
    tick_ = reply.tick;
    free_ = reply.free_entries;
    if (link_.now() - headway_at_ > stall_) {
      throw LinkError(fmt::format("{} answers, but stays at tick {} of a run until {}",
                                  link_.description(), tick_, last_),
                      "reset the device; if ticks are meant to take that long, a longer stall "
                      "limit");
    }
  }

  void report() {
    progress_at_ = Clock::now() + kProgressInterval;
    std::uint32_t reached = std::max(first_, tick_);
    if (const auto tick = device_.stream.tick()) reached = std::max(reached, *tick);
    if (request_.progress(std::min(reached, last_) - first_)) return;
    const std::uint32_t tick = device_.stop();
    throw Interrupted(
        fmt::format("the run was stopped after {} of {} ticks", tick - first_, request_.ticks),
        "reset the device before the next run");
  }

  static std::size_t bytes_of(const link::EventChunk& chunk) {
    return link::kEventHeader + 2 * chunk.words.size();
  }

  DeviceSession& device_;
  link::Link& link_;
  const RunRequest& request_;
  std::uint32_t first_, last_;

 public:
  Collector collector;

 private:
  link::EventChunker chunker_;
  std::optional<link::EventChunk> chunk_;
  bool run_sent_ = false;
  std::int64_t credit_ = 0, unanswered_ = 0;  // queue entries
  std::uint32_t tick_ = 0, free_ = 0;
  int lost_ = 0;  // questions in a row that found words which had not come
  Clock::duration quiet_, stall_, room_pause_{0};
  Clock::time_point asked_at_, stream_at_, headway_at_;
  Clock::time_point progress_at_;  // the user's time, not the link's
};

// Registers and the probe list, as far as they are not right already.
void prepare(DeviceSession& device, const RunRequest& request, const Registers& now) {
  const std::uint64_t control =
      (request.record_spikes ? 1ULL << map::kControlBitStreamSpikes : 0) |
      (request.probes.empty() ? 0 : 1ULL << map::kControlBitStreamProbes) |
      (request.count_spikes ? 1ULL << map::kControlBitCountSpikes : 0);
  const auto set = [&](Register reg, std::uint64_t value) {
    if (now[reg] == value) return;
    device.write(Region::kRegisters, static_cast<std::uint64_t>(reg), std::array{value});
  };
  set(Register::kControl, control);
  if (request.probes.empty()) return;
  const std::vector<std::uint64_t> wanted(request.probes.begin(), request.probes.end());
  if (now[Register::kProbes] != wanted.size() ||
      device.read(Region::kProbe, 0, wanted.size()) != wanted) {
    device.write(Region::kProbe, 0, wanted);
    set(Register::kProbes, wanted.size());
  }
}

}  // namespace

RunResult DeviceSession::run(const RunRequest& request) {
  stand_still();
  const LinkStatistics link_before = link.statistics();
  const Registers before = read_registers(*this);
  if (events_left && link.last().free_entries < geometry.event_entries) {
    throw InputError("events of a run that did not end are still queued on the device",
                     "reset it (membrane and in flight) before the next run");
  }
  const auto first = static_cast<std::uint32_t>(before[Register::kTick]);
  if (request.ticks > UINT32_MAX - first) {
    throw InputError(fmt::format("a run of {} ticks from tick {} passes the largest tick, {}",
                                 request.ticks, first, UINT32_MAX),
                     "reset the tick counter");
  }
  RunResult result;
  result.first_tick = first;
  result.ticks = request.ticks;
  if (request.ticks == 0) return result;
  prepare(*this, request, before);
  Run run(*this, request, first, before[Register::kPeriod]);
  events_left = true;
  try {
    run.run();
  } catch (const RefusedError&) {
    stop();
    throw;
  } catch (const Interrupted&) {
    if (!link.idle() || link.last().running()) stop();
    throw;
  }
  events_left = false;
  run.collector.finish();
  const Registers after = read_registers(*this);
  if (after[Register::kTick] != std::uint64_t{first} + request.ticks) {
    throw LinkError(fmt::format("the device is at tick {} after a run until {}",
                                after[Register::kTick], std::uint64_t{first} + request.ticks),
                    "one program a device");
  }
  result.spikes = std::move(run.collector.spikes);
  result.potentials = std::move(run.collector.samples);
  result.cycles = after.total_cycles() - before.total_cycles();
  result.stalls = after[Register::kStalls] - before[Register::kStalls];
  result.overruns = after[Register::kOverruns] - before[Register::kOverruns];
  const LinkStatistics& link_after = link.statistics();
  result.retries = link_after.retries - link_before.retries + link_after.stream_resends -
                   link_before.stream_resends;
  if (request.progress) request.progress(request.ticks);
  return result;
}

}  // namespace ncx
