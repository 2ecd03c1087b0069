// SPDX-License-Identifier: BSD-3-Clause
// The rules of docs/protocol.md, frame by frame, on the virtual device.
#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>

#include "device_rig.hpp"
#include "link/crc.hpp"
#include "link/events.hpp"
#include "link/frame.hpp"
#include "link/stream.hpp"

using namespace ncx;
using link::Bytes;
using map::Request;
using map::Status;

namespace {

/// A host that does only what it is told.
class Host {
 public:
  explicit Host(VirtualDevice& device) : device_(device) {}

  struct Answer {
    std::uint8_t code = 0, sequence = 0, state = 0;
    Status status = Status::kOk;
    std::uint16_t free = 0;
    std::uint32_t tick = 0;
    Bytes data;
  };

  /// The reply to a request; stream frames that come along are kept.
  std::optional<Answer> ask(Request code, const Bytes& payload, std::uint8_t sequence) {
    device_.receive(link::build_frame(static_cast<std::uint8_t>(code), sequence, payload));
    return listen();
  }
  std::optional<Answer> listen() {
    std::optional<Answer> answer;
    for (link::Frame& frame : reader_.feed(device_.transmit())) {
      if (frame.code == 63) {
        frames.push_back(frame);
        continue;
      }
      REQUIRE_FALSE(answer);
      REQUIRE(frame.payload.size() >= link::kReplyHeader);
      answer.emplace();
      answer->code = frame.code;
      answer->sequence = frame.sequence;
      answer->status = static_cast<Status>(frame.payload[0]);
      answer->state = frame.payload[1];
      answer->free = link::get_u16(frame.payload, 2);
      answer->tick = link::get_u32(frame.payload, 4);
      answer->data.assign(frame.payload.begin() + link::kReplyHeader, frame.payload.end());
    }
    return answer;
  }
  /// As ask(), with the next sequence number, which it must use up.
  Answer next(Request code, const Bytes& payload) {
    const auto answer = ask(code, payload, sequence_);
    REQUIRE(answer);
    CHECK(answer->sequence == sequence_);
    CHECK(answer->code == 32 + static_cast<std::uint8_t>(code));
    if (answer->status != Status::kFull) ++sequence_;
    return *answer;
  }
  std::uint32_t hello(std::uint32_t nonce, std::uint8_t sequence) {
    Bytes payload;
    link::put_u32(payload, nonce);
    const auto answer = ask(Request::kHello, payload, sequence);
    REQUIRE(answer);
    REQUIRE(answer->status == Status::kOk);
    REQUIRE(answer->data.size() == 4 + 4 * map::kInfoWords);
    sequence_ = static_cast<std::uint8_t>(sequence + 1);
    return link::get_u32(answer->data, 0);
  }
  void stream(std::uint32_t position, bool resend) {
    Bytes payload;
    link::put_u32(payload, position);
    link::put_u8(payload, resend ? 1 : 0);
    REQUIRE_FALSE(ask(Request::kStream, payload, 0));
  }
  [[nodiscard]] std::uint8_t sequence() const { return sequence_; }

  std::vector<link::Frame> frames;

 private:
  VirtualDevice& device_;
  link::FrameReader reader_;
  std::uint8_t sequence_ = 0;
};

Bytes numbers(std::initializer_list<std::uint32_t> values) {
  Bytes payload;
  for (const std::uint32_t value : values) link::put_u32(payload, value);
  return payload;
}

Bytes move(std::uint32_t region, std::uint32_t unit, std::uint32_t count, std::uint32_t address,
           const Bytes& data = {}) {
  Bytes payload;
  link::put_u8(payload, region);
  link::put_u8(payload, unit);
  link::put_u16(payload, count);
  link::put_u32(payload, address);
  payload.insert(payload.end(), data.begin(), data.end());
  return payload;
}

Bytes move(Region region, std::uint32_t unit, std::uint32_t count, std::uint32_t address,
           const Bytes& data = {}) {
  return move(static_cast<std::uint32_t>(region), unit, count, address, data);
}

Bytes events(std::uint32_t until, std::uint32_t base, std::initializer_list<int> words) {
  Bytes payload = numbers({until, base});
  for (const int word : words) link::put_u16(payload, static_cast<std::uint32_t>(word));
  return payload;
}

constexpr auto kScratch = static_cast<std::uint32_t>(Register::kScratch);

}  // namespace

TEST_CASE("Nothing but HELLO is answered before a session", "[link]") {
  rig::Board board;
  Host host(board.device);
  for (const auto code :
       {Request::kRead, Request::kStop, Request::kRun, static_cast<Request>(25)}) {
    const auto answer = host.ask(code, {}, 0);
    REQUIRE(answer);
    CHECK(answer->status == Status::kNoSession);
  }
  host.stream(0, true);
  CHECK(host.hello(1, 200) == 0);
  CHECK(host.next(Request::kStop, {}).status == Status::kOk);
  CHECK(host.sequence() == 202);
}

TEST_CASE("HELLO starts a session once a nonce", "[link]") {
  rig::Board board;
  Host host(board.device);
  host.hello(1, 9);
  CHECK(host.next(Request::kStop, {}).status == Status::kOk);
  // The same nonce only answers: the expected number stays.
  host.hello(1, 50);
  const auto refused = host.ask(Request::kStop, {}, 51);
  REQUIRE(refused);
  CHECK(refused->status == Status::kOutOfOrder);
  CHECK(refused->data == Bytes{11});
  host.hello(2, 255);
  CHECK(host.ask(Request::kStop, {}, 0)->status == Status::kOk);
  const auto bad = host.ask(Request::kHello, {1}, 0);
  REQUIRE(bad);
  CHECK(bad->status == Status::kBadLength);
}

TEST_CASE("Requests are carried out in order, each once", "[link]") {
  rig::Board board;
  Host host(board.device);
  host.hello(7, 249);  // numbers wrap within the test
  std::vector<Bytes> writes;
  for (std::uint32_t n = 0; n < 20; ++n) {
    writes.push_back(move(Region::kRegisters, 4, 1, kScratch, numbers({n})));
    CHECK(host.next(Request::kWrite, writes.back()).status == Status::kOk);
  }
  const auto value = [&] {
    return link::get_u32(host.next(Request::kRead, move(Region::kRegisters, 4, 1, kScratch)).data,
                         0);
  };
  CHECK(value() == 19);
  // The read was number 20; 16 behind the expected 21 is the sixth write.
  const auto first = static_cast<std::uint8_t>(250);
  for (std::uint32_t n = 0; n < 20; ++n) {
    const auto answer = host.ask(Request::kWrite, writes[n], static_cast<std::uint8_t>(first + n));
    REQUIRE(answer);
    CHECK(answer->status == (n >= 5 ? Status::kOk : Status::kOutOfOrder));
  }
  CHECK(value() == 19);
  for (const int ahead : {1, 2, 100}) {
    const auto number = static_cast<std::uint8_t>(host.sequence() + ahead);
    const auto answer = host.ask(Request::kWrite, writes[3], number);
    REQUIRE(answer);
    CHECK(answer->status == Status::kOutOfOrder);
    CHECK(answer->data == Bytes{host.sequence()});
  }
  CHECK(value() == 19);
  CHECK(board.device.counts().carried_out == 23);
}

TEST_CASE("A repeated read reads again, a repeated refusal refuses again", "[link]") {
  rig::Board board;
  Host host(board.device);
  host.hello(7, 0);
  const Bytes read = move(Region::kRegisters, 4, 1, kScratch);
  CHECK(host.next(Request::kRead, read).data == numbers({0}));
  CHECK(host.next(Request::kWrite, move(Region::kRegisters, 4, 1, kScratch, numbers({5}))).status ==
        Status::kOk);
  CHECK(host.next(Request::kRead, move(Region::kCount, 2, 1, 64)).status == Status::kBadAddress);
  CHECK(host.ask(Request::kRead, read, 1)->data == numbers({5}));
  const auto again = host.ask(Request::kRead, move(Region::kCount, 2, 1, 64), 3);
  CHECK(again->status == Status::kBadAddress);
  CHECK(again->data.empty());
  const std::uint32_t crc = link::crc32_words(std::vector<std::uint64_t>(64, 0));
  CHECK(host.next(Request::kCheck, numbers({10, 0, 64, crc})).data == numbers({crc}));
  CHECK(host.ask(Request::kCheck, numbers({10, 0, 64, crc}), 4)->data == numbers({crc}));
}

TEST_CASE("Wrong requests are refused as a whole", "[link]") {
  rig::Board board;
  Host host(board.device);
  host.hello(7, 0);
  const auto status = [&](Request code, const Bytes& payload) {
    return host.next(code, payload).status;
  };
  const Bytes four = numbers({0});
  CHECK(status(static_cast<Request>(10), {}) == Status::kBadType);
  CHECK(status(static_cast<Request>(30), four) == Status::kBadType);
  // These would be answered with codes that mean something else.
  CHECK_FALSE(host.ask(static_cast<Request>(31), four, host.sequence()));
  CHECK_FALSE(host.ask(static_cast<Request>(32 + 2), four, host.sequence()));
  CHECK(board.device.counts().damaged == 2);
  CHECK(status(static_cast<Request>(0), four) == Status::kBadType);
  CHECK(status(Request::kStop, {1}) == Status::kBadLength);
  CHECK(status(Request::kRun, {1, 2, 3}) == Status::kBadLength);
  CHECK(status(Request::kReset, {}) == Status::kBadLength);
  CHECK(status(Request::kEvents, numbers({0})) == Status::kBadLength);
  CHECK(status(Request::kEvents, Bytes(9, 0)) == Status::kBadLength);
  CHECK(status(Request::kCheck, numbers({2, 0, 1})) == Status::kBadLength);
  CHECK(status(Request::kRead, move(Region::kCount, 0, 1, 0)) == Status::kBadLength);
  CHECK(status(Request::kRead, move(Region::kCount, 6, 1, 0)) == Status::kBadLength);
  CHECK(status(Request::kRead, move(Region::kSynapse, 4, 255, 0)) == Status::kBadLength);
  CHECK(status(Request::kRead, move(Region::kSynapse, 4, 254, 0)) == Status::kOk);
  CHECK(status(Request::kRead, move(Region::kCount, 2, 1, 0, {0})) == Status::kBadLength);
  CHECK(status(Request::kWrite, move(Region::kCount, 2, 2, 0, {1, 2, 3})) == Status::kBadLength);
  CHECK(status(Request::kWrite, move(Region::kCount, 2, 1, 0)) == Status::kBadLength);
  CHECK(status(Request::kRead, move(21, 2, 1, 0)) == Status::kBadRegion);
  CHECK(status(Request::kWrite, move(200, 2, 1, 0, {1, 2})) == Status::kBadRegion);
  CHECK(status(Request::kCheck, numbers({21, 0, 1, 0})) == Status::kBadRegion);
  CHECK(status(Request::kRead, move(Region::kCount, 2, 2, 63)) == Status::kBadAddress);
  CHECK(status(Request::kRead, move(Region::kCount, 2, 1, UINT32_MAX)) == Status::kBadAddress);
  CHECK(status(Request::kWrite, move(Region::kCount, 2, 2, 63, {1, 2, 3, 4})) ==
        Status::kBadAddress);
  CHECK(status(Request::kCheck, numbers({2, 0, UINT32_MAX, 0})) == Status::kBadAddress);
  CHECK(status(Request::kWrite, move(Region::kInfo, 4, 1, 0, four)) == Status::kReadOnly);
  // CONTROL may be written, STATE before it may not: nothing is.
  const auto state = static_cast<std::uint32_t>(Register::kState);
  CHECK(status(Request::kWrite, move(Region::kRegisters, 4, 2, state, numbers({7, 7}))) ==
        Status::kReadOnly);
  CHECK(host.next(Request::kRead, move(Region::kRegisters, 4, 1, state + 1)).data == four);
  CHECK(board.model->read(Region::kCount, 63, 1)[0] == 0);
}

TEST_CASE("Words are cut and filled to the unit", "[link]") {
  rig::Board board;
  Host host(board.device);
  host.hello(7, 0);
  const auto write = [&](std::uint32_t unit, const Bytes& data) {
    CHECK(host.next(Request::kWrite, move(Region::kSynapse, unit, 1, 9, data)).status ==
          Status::kOk);
    return board.model->read(Region::kSynapse, 9, 1)[0];
  };
  CHECK(write(5, {1, 2, 3, 4, 0xF5}) == 0x504030201);
  CHECK(write(0xC4, {1, 2, 3, 4}) == 0xC04030201);
  CHECK(write(4, {1, 2, 3, 4}) == 0x04030201);
  CHECK(write(1, {9}) == 9);
  write(0xC4, {1, 2, 3, 4});
  CHECK(host.next(Request::kRead, move(Region::kSynapse, 5, 1, 9)).data == Bytes{1, 2, 3, 4, 0xC});
  CHECK(host.next(Request::kRead, move(Region::kSynapse, 3, 1, 9)).data == Bytes{1, 2, 3});
}

TEST_CASE("A written config region must be checked before the network runs", "[link]") {
  rig::Board board;
  rig::load_network(*board.model, 1);
  Host host(board.device);
  host.hello(7, 0);
  CHECK(host.next(Request::kRun, numbers({1})).status == Status::kOk);
  board.device.work(1);
  CHECK(host.next(Request::kWrite, move(Region::kCount, 2, 1, 0, {1, 0})).status == Status::kOk);
  CHECK(host.next(Request::kRun, numbers({2})).status == Status::kOk);
  board.device.work(1);
  CHECK(host.next(Request::kWrite, move(Region::kRate, 1, 2, 0, {3, 4})).status == Status::kOk);
  CHECK(host.next(Request::kRun, numbers({3})).status == Status::kNotValidated);
  CHECK(host.next(Request::kEvents, events(2, 2, {})).status == Status::kNotValidated);
  const std::vector<std::uint64_t> rates = {3, 4};
  const std::uint32_t crc = link::crc32_words(rates);
  const auto wrong = host.next(Request::kCheck, numbers({10, 0, 2, crc + 1}));
  CHECK(wrong.status == Status::kCrcMismatch);
  CHECK(wrong.data == numbers({crc}));
  CHECK(host.next(Request::kRun, numbers({3})).status == Status::kNotValidated);
  CHECK(host.next(Request::kCheck, numbers({10, 0, 2, crc})).status == Status::kOk);
  CHECK(host.next(Request::kRun, numbers({3})).status == Status::kOk);
}

TEST_CASE("A running network keeps its memories to itself", "[link]") {
  rig::Board board;
  rig::load_network(*board.model, 1);
  Host host(board.device);
  host.hello(7, 0);
  CHECK(host.next(Request::kRun, numbers({100})).status == Status::kOk);
  board.device.work(10);
  CHECK(host.next(Request::kRead, move(Region::kState, 5, 1, 0)).status == Status::kBusy);
  CHECK(host.next(Request::kWrite, move(Region::kCount, 2, 1, 0, {1, 0})).status == Status::kBusy);
  CHECK(host.next(Request::kCheck, numbers({10, 0, 1, 0})).status == Status::kBusy);
  CHECK(host.next(Request::kReset, numbers({63})).status == Status::kBusy);
  CHECK(host.next(Request::kWrite, move(Region::kRegisters, 4, 1, 0, numbers({5}))).status ==
        Status::kBusy);
  CHECK(host.next(Request::kWrite, move(Region::kRegisters, 4, 1, kScratch, numbers({5}))).status ==
        Status::kOk);
  CHECK(host.next(Request::kRead, move(Region::kRegisters, 4, 2, 0)).data == numbers({10, 100}));
  CHECK(host.next(Request::kRun, numbers({99})).status == Status::kLate);
  CHECK(host.next(Request::kRun, numbers({100})).status == Status::kOk);
  const auto stopped = host.next(Request::kStop, {});
  CHECK(stopped.status == Status::kOk);
  CHECK(stopped.tick == 10);
  CHECK((stopped.state & 1) == 0);
  CHECK(host.next(Request::kRead, move(Region::kState, 5, 1, 0)).status == Status::kOk);
  CHECK(host.next(Request::kReset, numbers({16})).tick == 0);
}

TEST_CASE("Events are taken as a whole or not at all", "[link]") {
  rig::Board board;
  rig::load_network(*board.model, 1);
  Host host(board.device);
  host.hello(7, 0);
  const auto send = [&](const Bytes& payload) { return host.next(Request::kEvents, payload); };
  CHECK(send(events(10, 10, {})).status == Status::kOk);
  while (board.device.work(100)) {
  }
  const auto empty = host.next(Request::kStop, {});
  CHECK(empty.free == 64);
  CHECK(empty.tick == 10);
  CHECK(send(events(11, 10, {})).status == Status::kBadValue);       // until after base
  CHECK(send(events(10, 10, {0, 64})).status == Status::kBadValue);  // axon 64 of 64
  CHECK(send(events(10, 10, {0, 0x8000})).status == Status::kBadValue);
  CHECK(send(events(10, 10, {0, 0xC000, 64, 0, 0})).status == Status::kBadValue);
  CHECK(send(events(10, 10, {0, 0xC000, 6, 0})).status == Status::kBadValue);
  CHECK(send(events(9, 9, {0})).status == Status::kLate);
  CHECK(host.next(Request::kStop, {}).free == 64);
  CHECK(send(events(10, 20, {1, 2, 0x8005, 3})).free < 64);  // wait in the queue for tick 20
  CHECK(send(events(10, 19, {1})).status == Status::kLate);  // before an event that is queued
  CHECK(send(events(10, 19, {0x8001, 1})).status == Status::kLate);
  CHECK(send(events(10, 19, {0x8006, 1})).status == Status::kOk);
  // Due in the tick at which the device waits: no room is needed for long.
  CHECK(host.next(Request::kRun, numbers({30})).status == Status::kOk);
  while (board.device.work(100)) {
  }
  for (int n = 0; n < 10; ++n) CHECK(send(events(30, 30, {1, 2, 3})).free == 64);
  Bytes many = numbers({30, 31});
  for (int n = 0; n < 63; ++n) link::put_u16(many, 5);
  CHECK(send(many).status == Status::kFull);
  many.resize(many.size() - 2);
  CHECK(send(many).status == Status::kOk);
  CHECK(send(events(30, 31, {1})).status == Status::kFull);
  CHECK(send(events(30, 31, {})).status == Status::kOk);  // nothing needs no room
  CHECK(host.next(Request::kRun, numbers({32})).status == Status::kOk);
  while (board.device.work(100)) {
  }
  CHECK(send(events(32, 32, {1})).status == Status::kOk);
}

TEST_CASE("The stream is numbered, kept until acknowledged, and sent again on request", "[link]") {
  rig::Board board;
  rig::load_network(*board.model, 1);
  Host host(board.device);
  CHECK(host.hello(7, 0) == 0);
  const auto control = static_cast<std::uint32_t>(Register::kControl);
  const auto probes = static_cast<std::uint32_t>(Register::kProbes);
  host.next(Request::kWrite, move(Region::kRegisters, 4, 1, control, numbers({2})));
  host.next(Request::kWrite, move(Region::kProbe, 2, 2, 0, {3, 0, 4, 0}));
  host.next(Request::kWrite, move(Region::kRegisters, 4, 1, probes, numbers({2})));
  // Six words a tick and SYNC at both ends: 512 words are full in tick 85.
  CHECK(host.next(Request::kRun, numbers({200})).status == Status::kOk);
  while (board.device.work(1)) REQUIRE_FALSE(host.listen());
  (void)host.listen();
  CHECK(host.next(Request::kStop, {}).state == 3);  // stopped, but not before its words are out
  std::vector<std::uint16_t> words;
  const auto collect = [&] {
    for (const link::Frame& frame : host.frames) {
      REQUIRE(link::get_u32(frame.payload, 0) == words.size());
      for (std::size_t at = 4; at < frame.payload.size(); at += 2) {
        words.push_back(link::get_u16(frame.payload, at));
      }
    }
    host.frames.clear();
  };
  collect();
  CHECK(words.size() == 512);
  const auto before = words;
  host.stream(0, false);
  CHECK(host.frames.empty());
  host.stream(0, true);
  words.clear();
  collect();
  CHECK(words == before);
  host.stream(513, true);  // beyond what there is
  CHECK(host.frames.empty());
  // A resend acknowledges as well, which makes room for the rest of the tick and the SYNC.
  host.stream(100, true);
  words.resize(100);
  collect();
  REQUIRE(words.size() == 512 + 6 + 3);
  CHECK(std::equal(before.begin(), before.end(), words.begin()));
  host.stream(99, true);  // released already
  CHECK(host.frames.empty());
  CHECK_FALSE(board.device.work(1));
  const auto tick = host.next(Request::kStop, {}).tick;
  CHECK(words[words.size() - 3] == 0xC000);
  CHECK(words[words.size() - 2] == tick);
  CHECK(host.next(Request::kStop, {}).state == 2);
  host.stream(static_cast<std::uint32_t>(words.size()), false);
  CHECK(host.next(Request::kStop, {}).state == 0);
  CHECK(board.device.counts().stream_resends == 2);
}

TEST_CASE("A new session drops the stream and starts it with SYNC", "[link]") {
  rig::Board board;
  rig::load_network(*board.model, 1);
  Host host(board.device);
  host.hello(7, 0);
  const auto control = static_cast<std::uint32_t>(Register::kControl);
  host.next(Request::kWrite, move(Region::kRegisters, 4, 1, control, numbers({1})));
  CHECK(host.next(Request::kRun, numbers({50})).status == Status::kOk);
  while (board.device.work(7)) {
  }
  (void)host.listen();
  REQUIRE_FALSE(host.frames.empty());
  const auto& last = host.frames.back().payload;
  const auto end = link::get_u32(last, 0) + static_cast<std::uint32_t>((last.size() - 4) / 2);
  host.frames.clear();
  CHECK(host.hello(8, 77) == end);
  CHECK(host.hello(8, 77) == end);
  CHECK(host.frames.empty());
  CHECK(host.next(Request::kRun, numbers({90})).status == Status::kOk);
  while (board.device.work(7)) {
  }
  (void)host.listen();
  REQUIRE_FALSE(host.frames.empty());
  CHECK(link::get_u32(host.frames[0].payload, 0) == end);
  CHECK(link::get_u16(host.frames[0].payload, 4) == 0xC000);
}
