// SPDX-License-Identifier: BSD-3-Clause
// A device's session: connect, stop, take in the stream.
#include "ncx/device.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "device_impl.hpp"
#include "ncx/error.hpp"

namespace ncx {
namespace {

using link::Link;
using link::Order;
using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{1}, kLongestPause{50};  // between questions whether it stopped
constexpr std::uint32_t kAcknowledgements = 4;             // a ring's length

}  // namespace

DeviceSession::DeviceSession(std::unique_ptr<Transport> transport, LinkOptions options)
    : link(std::move(transport), std::move(options)) {}

void DeviceSession::connect() {
  link.on_stream(nullptr);
  const Link::Hello hello = link.hello();
  const Geometry found = Geometry::from_info(hello.info);
  if (geometry.lanes != 0 && found != geometry) {
    throw LinkError(fmt::format("{} is another build than before: '{}', was '{}'",
                                link.description(), found.name, geometry.name),
                    "open the device again");
  }
  geometry = found;
  build = hello.info[map::kInfoBuild];
  link.set_receive_buffer(geometry.rx_bytes);
  position = acknowledged = hello.position;
  ask_after = {};
  stream.restart();
  sink = nullptr;
  link.on_stream(
      [this](std::uint32_t at, std::span<const std::uint16_t> words) { take_stream(at, words); });
  connected = true;
}

void DeviceSession::take_stream(std::uint32_t at, std::span<const std::uint16_t> words) {
  const std::int32_t behind = link::distance(at, position);
  if (behind < 0) {
    if (link.now() >= ask_after) ask_again();
    return;
  }
  if (static_cast<std::size_t>(behind) >= words.size()) return;
  const auto fresh = words.subspan(static_cast<std::size_t>(behind));
  stream.feed(fresh, sink);
  position += static_cast<std::uint32_t>(fresh.size());
  ask_after = {};
  if (position - acknowledged >= geometry.stream_words / kAcknowledgements) acknowledge();
}

void DeviceSession::acknowledge() {
  if (acknowledged == position) return;
  link.send_stream(position, false);
  acknowledged = position;
}

void DeviceSession::ask_again() {
  link.send_stream(position, true);
  acknowledged = position;
  ask_after = link.now() + link.patience(2 * link::wire_size(map::kMaxPayload));
}

std::chrono::microseconds DeviceSession::cycles(std::uint64_t count) const {
  return std::chrono::microseconds(count * 1'000'000 / std::max(geometry.clock_hz, 1U));
}

Order DeviceSession::state_order() const {
  Order order;
  order.code = map::Request::kRead;
  link::put_u8(order.payload, static_cast<std::uint32_t>(Region::kRegisters));
  link::put_u8(order.payload, 4);
  link::put_u16(order.payload, 1);
  link::put_u32(order.payload, static_cast<std::uint32_t>(Register::kState));
  order.reply_data = 4;
  order.what = "READ of the state register";
  return order;
}

std::uint32_t DeviceSession::stop() {
  const Link::Undisturbed first_this(link);
  Order order;
  order.code = map::Request::kStop;
  order.what = "STOP";
  link.submit(std::move(order));
  link.drain();
  auto pause = milliseconds(kFirstPause);
  auto headway = link.now();
  std::uint32_t tick = link.last().tick;
  int silent_rounds = 0;
  while (true) {
    acknowledge();
    const std::uint32_t before = position;
    const auto wake = link.now() + pause;
    while (link.pump(wake)) {
    }
    link.submit(state_order());
    link.drain();
    const link::Reply& state = link.last();
    if (position != before || state.tick != tick) {
      headway = link.now();
      tick = state.tick;
      silent_rounds = 0;
    }
    if (!state.running() && !state.pending()) break;
    // A frame may have been lost, or an acknowledgement; before that is likely, only wait.
    if (position == before && state.pending() && ++silent_rounds > 1) {
      if (silent_rounds > 1 + link.options().attempts) {
        throw link.silent("a request for stream words", silent_rounds - 1);
      }
      ask_again();
    }
    if (link.now() - headway > link.options().stall) {
      throw LinkError(
          fmt::format("{} does not stop: it stays at tick {}", link.description(), tick),
          "reset the board");
    }
    pause = std::min(2 * pause, milliseconds(kLongestPause));
  }
  return tick;
}

void DeviceSession::stand_still() {
  if (link.last().running()) stop();
}

Device::Device(std::unique_ptr<Transport> transport, LinkOptions options)
    : impl_(std::make_unique<Impl>(std::move(transport), std::move(options))) {
  impl_->connect();
}

Device::~Device() = default;

const Geometry& Device::geometry() const { return impl_->geometry; }

std::string Device::description() const { return impl_->link.description(); }

std::uint32_t Device::build() const { return impl_->build; }

std::uint32_t Device::baud() const { return impl_->link.baud(); }

const LinkStatistics& Device::statistics() const { return impl_->link.statistics(); }

std::vector<std::uint64_t> Device::read(Region region, std::uint64_t address, std::size_t count) {
  impl_->check_range(region, address, count);
  return impl_->in_session([&] { return impl_->read(region, address, count); });
}

std::vector<std::uint64_t> Device::read_low(Region region, std::uint64_t address,
                                            std::size_t count) {
  constexpr std::size_t kMost = 4;  // bytes
  impl_->check_range(region, address, count);
  return impl_->in_session([&] { return impl_->read(region, address, count, kMost); });
}

void Device::write(Region region, std::uint64_t address, std::span<const std::uint64_t> words) {
  impl_->check_range(region, address, words.size());
  const std::uint64_t limit = std::uint64_t{1} << region_bits(region);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] >= limit) {
      throw InputError(fmt::format("{} word {} is {:#x}; expected at most {} bits",
                                   region_name(region), address + i, words[i], region_bits(region)),
                       "a word that fits");
    }
  }
  impl_->in_session([&] { impl_->write(region, address, words); });
}

void Device::reset(std::uint32_t mask) {
  constexpr std::uint32_t kAll = (2U << map::kResetBitTraces) - 1;
  if ((mask & ~kAll) != 0) {
    throw InputError(fmt::format("reset mask {:#x}; expected bits of {:#x}", mask, kAll),
                     "the reset bits of docs/registers.md");
  }
  impl_->in_session([&] { impl_->reset(mask); });
}

RunResult Device::run(const RunRequest& request) {
  check_request(impl_->geometry, request);
  return impl_->in_session([&] { return impl_->run(request); });
}

std::uint32_t Device::stop() {
  return impl_->in_session([&] { return impl_->stop(); });
}

}  // namespace ncx
