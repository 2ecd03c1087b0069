// SPDX-License-Identifier: BSD-3-Clause
// HELLO, sequence numbers, repeats: each request is carried out once and in order.
#include <catch2/catch.hpp>

#include "bench.hpp"

using namespace ncx::test;
using ncx::map::Region;
using ncx::map::Register;
using ncx::map::Request;
using ncx::map::Status;

namespace {
constexpr std::uint32_t kNonce = 0xC0FFEE00;
Bytes scratch(std::uint32_t value) {
  return write_payload(Region::kRegisters, 4, static_cast<std::uint32_t>(Register::kScratch),
                       {value});
}
}  // namespace

TEST_CASE("HELLO says what the build is") {
  Bench bench;
  const Reply reply = bench.hello(kNonce, 9);
  REQUIRE(reply.status == Status::kOk);
  REQUIRE(reply.data.size() == 4 + 4 * ncx::map::kInfoWords);
  CHECK(get32(reply.data, 0) == 0);  // stream position
  const auto info = [&](std::uint32_t word) { return get32(reply.data, 4 + 4 * word); };
  CHECK(info(ncx::map::kInfoMagic) == ncx::map::kInfoMagicValue);
  CHECK(info(ncx::map::kInfoProtocol) == ncx::map::kProtocolVersion);
  CHECK(info(ncx::map::kInfoMapHash) == ncx::map::kMapHash);
  CHECK(info(ncx::map::kInfoBuild) == Build::kBuild);
  CHECK(info(ncx::map::kInfoLanes) == Build::kLanes);
  CHECK(info(ncx::map::kInfoNeurons) == Build::kNeurons);
  CHECK(info(ncx::map::kInfoAxons) == Build::kAxons);
  CHECK(info(ncx::map::kInfoWeightBits) == Build::kWeightBits);
  CHECK(info(ncx::map::kInfoSynapseWords) == Build::kSynapseWords);
  CHECK(info(ncx::map::kInfoRows) == Build::kRows);
  CHECK(info(ncx::map::kInfoMaxDelay) == Build::kMaxDelay);
  CHECK(info(ncx::map::kInfoParameterSets) == Build::kParameterSets);
  CHECK(info(ncx::map::kInfoProgramEntries) == Build::kProgramEntries);
  CHECK(info(ncx::map::kInfoProfiles) == Build::kProfiles);
  CHECK(info(ncx::map::kInfoEventEntries) == Build::kEventEntries);
  CHECK(info(ncx::map::kInfoStreamWords) == Build::kStreamWords);
  CHECK(info(ncx::map::kInfoProbeEntries) == Build::kProbeEntries);
  CHECK(info(ncx::map::kInfoRxBytes) == Build::kRxBytes);
  CHECK(info(ncx::map::kInfoClockHz) == Build::kClockHz);
  CHECK(info(ncx::map::kInfoBaud) == Build::kBaud);
  CHECK(info(ncx::map::kInfoFeatures) == 0);
  CHECK(info(ncx::map::kInfoName0) == 0x6B6E696C);  // "link"
  CHECK(info(ncx::map::kInfoName1) == 0);
  // The same through READ.
  bench.next = 10;
  const Reply words =
      bench.ask(Request::kRead, read_payload(Region::kInfo, 4, ncx::map::kInfoWords, 0));
  CHECK(words.data == Bytes(reply.data.begin() + 4, reply.data.end()));
}

TEST_CASE("nothing but HELLO is answered before the first HELLO") {
  Bench bench;
  for (const Request code : {Request::kRead, Request::kWrite, Request::kRun, Request::kStop}) {
    CHECK(bench.ask_as(5, code, scratch(1)).status == Status::kNoSession);
  }
  CHECK(bench.ask_as(5, static_cast<Request>(17), {}).status == Status::kNoSession);
  bench.send(Request::kStream, 0, stream_payload(0, true));  // no reply, no effect
  bench.settle();
  CHECK(bench.replies.empty());
  CHECK(bench.ask_as(77, Request::kHello, Bytes{1, 2, 3}).status == Status::kBadLength);
  CHECK(bench.ask_as(78, Request::kStop, {}).status == Status::kNoSession);
  bench.begin();
  CHECK(bench.read_register(Register::kScratch) == 0);
  CHECK(bench.read_register(Register::kResends) == 0);
}

TEST_CASE("HELLO with the current nonce only answers") {
  Bench bench;
  REQUIRE(bench.hello(kNonce, 200).status == Status::kOk);
  bench.next = 201;
  REQUIRE(bench.ask(Request::kWrite, scratch(0x12345678)).status == Status::kOk);
  CHECK(bench.syncs() == 1);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(bench.hello(kNonce, 50).status == Status::kOk);
    CHECK(bench.syncs() == 1);
  }
  // The old numbers still count: 201 was used, 202 is next.
  CHECK(bench.ask_as(201, Request::kWrite, scratch(0)).status == Status::kOk);
  CHECK(bench.read_register(Register::kScratch) == 0x12345678);
  // A new nonce forgets them.
  REQUIRE(bench.hello(kNonce + 1, 50).status == Status::kOk);
  CHECK(bench.syncs() == 2);
  CHECK(bench.ask_as(202, Request::kStop, {}).status == Status::kOutOfOrder);
  // What came before HELLO's own number is unknown too, however close.
  CHECK(bench.ask_as(50, Request::kWrite, scratch(1)).status == Status::kOutOfOrder);
  bench.next = 51;
  CHECK(bench.read_register(Register::kScratch) == 0x12345678);
}

TEST_CASE("HELLO does not stop a running network") {
  Bench bench;
  bench.begin();
  bench.set_tick_clocks(0);
  REQUIRE(bench.ask(Request::kRun, u32_payload(100)).status == Status::kOk);
  bench.begin();
  CHECK(bench.until_tick() == 100);
  CHECK(bench.stops() == 0);
}

TEST_CASE("a repeated request is answered alike and not carried out again") {
  Bench bench;
  bench.begin();
  const std::uint8_t first = bench.next;
  REQUIRE(bench.ask(Request::kWrite, scratch(1)).status == Status::kOk);
  REQUIRE(bench.ask(Request::kWrite, scratch(2)).status == Status::kOk);
  CHECK(bench.ask_as(first, Request::kWrite, scratch(1)).status == Status::kOk);
  CHECK(bench.read_register(Register::kScratch) == 2);

  const auto refused = bench.next;
  REQUIRE(bench.ask(Request::kRun, Bytes{1}).status == Status::kBadLength);
  const auto reset = bench.next;
  REQUIRE(bench.ask(Request::kReset, u32_payload(3)).status == Status::kOk);
  REQUIRE(bench.resets() == 1);
  CHECK(bench.ask_as(refused, Request::kRun, u32_payload(1000)).status == Status::kBadLength);
  CHECK(bench.ask_as(reset, Request::kReset, u32_payload(3)).status == Status::kOk);
  CHECK(bench.resets() == 1);
  CHECK(bench.until_tick() == 0);
}

TEST_CASE("a repeated READ brings its data again") {
  Bench bench;
  bench.begin();
  bench.set_memory(Region::kState, 3, 0x123456789);
  const auto at = bench.next;
  const Bytes payload = read_payload(Region::kState, 5, 2, 3);
  const Reply first = bench.ask(Request::kRead, payload);
  const Reply second = bench.ask_as(at, Request::kRead, payload);
  CHECK(first.status == Status::kOk);
  CHECK(second.status == Status::kOk);
  CHECK(first.data == Bytes{0x89, 0x67, 0x45, 0x23, 0x01, 0, 0, 0, 0, 0});
  CHECK(second.data == first.data);
  // Not while the network runs: the memory is not reachable.
  bench.set_tick_clocks(0);
  REQUIRE(bench.ask(Request::kRun, u32_payload(10)).status == Status::kOk);
  CHECK(bench.ask_as(at, Request::kRead, payload).status == Status::kBusy);
  // A refusal stays one.
  const auto busy = bench.next;
  REQUIRE(bench.ask(Request::kRead, payload).status == Status::kBusy);
  bench.set_tick(10, 10);
  CHECK(bench.ask_as(busy, Request::kRead, payload).status == Status::kBusy);
  CHECK(bench.ask(Request::kRead, payload).status == Status::kOk);
}

TEST_CASE("sequence numbers: 16 are remembered, all others are out of order") {
  Bench bench(5);
  REQUIRE(bench.hello(kNonce, 250).status == Status::kOk);  // so that they wrap soon
  bench.next = 251;
  std::array<Status, 256> expected{};
  for (std::uint32_t i = 0; i < 40; ++i) {
    const std::uint8_t at = bench.next;
    // Statuses of all kinds, so that a wrong slot of the table shows.
    Status status = Status::kOk;
    switch (i % 5) {
      case 0:
        status = bench.ask(Request::kWrite, scratch(i)).status;
        break;
      case 1:
        status = bench.ask(Request::kRun, Bytes{}).status;
        break;
      case 2:
        status = bench.ask(static_cast<Request>(20), {}).status;
        break;
      case 3:
        status = bench.ask(Request::kWrite, write_payload(Region::kInfo, 4, 0, {1})).status;
        break;
      default:
        status =
            bench.ask(Request::kWrite, write_payload(static_cast<Region>(14), 1, 0, {1})).status;
    }
    expected[at] = status;
    const std::uint32_t known = std::min(i + 1, 16U);
    for (std::uint32_t distance = 1; distance < 256; ++distance) {
      if (distance > 20 && distance < 250 && distance % 37 != 0) continue;
      const auto number = static_cast<std::uint8_t>(bench.next - distance);
      const Reply reply = bench.ask_as(number, Request::kWrite, scratch(0xDEAD));
      INFO("request " << i << " distance " << distance);
      if (distance <= known) {
        CHECK(reply.status == expected[number]);
        CHECK(reply.data.empty());
      } else {
        CHECK(reply.status == Status::kOutOfOrder);
        CHECK(reply.data == Bytes{bench.next});
      }
    }
  }
  CHECK(bench.read_register(Register::kScratch) == 35);
}

TEST_CASE("many requests in flight are answered in order") {
  Bench bench(3);
  bench.begin();
  bench.jitter = true;
  const std::uint8_t first = bench.next;
  for (std::uint32_t i = 0; i < 60; ++i) {
    bench.send(Request::kWrite, static_cast<std::uint8_t>(first + i), scratch(i));
  }
  REQUIRE(bench.until([&] { return bench.replies.size() == 60; }, 200'000));
  for (std::uint32_t i = 0; i < 60; ++i) {
    CHECK(bench.replies[i].sequence == static_cast<std::uint8_t>(first + i));
    CHECK(bench.replies[i].status == Status::kOk);
  }
  bench.next = static_cast<std::uint8_t>(first + 60);
  CHECK(bench.read_register(Register::kScratch) == 59);
}
