// SPDX-License-Identifier: BSD-3-Clause
// Byte pipes: in memory, over a bad line.
#include <atomic>
#include <catch2/catch.hpp>
#include <numeric>
#include <thread>

#include "device_rig.hpp"
#include "ncx/error.hpp"

using namespace ncx;
using std::chrono::milliseconds;
using Bytes = std::vector<std::uint8_t>;
using Clock = std::chrono::steady_clock;

namespace {

Bytes read_some(Transport& line, milliseconds timeout, std::size_t most = 4096) {
  Bytes buffer(most);
  buffer.resize(line.read(buffer, timeout));
  return buffer;
}

Bytes counting(std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}

/// What comes out of a bad line after `chunks` writes of `size` bytes each.
Bytes through(const Faults& faults, std::size_t chunks, std::size_t size) {
  auto [near, far] = make_pipe();
  const auto line = make_faulty(std::move(near), faults);
  const Bytes bytes = counting(size);
  Bytes found;
  for (std::size_t n = 0; n < chunks; ++n) line->write(bytes);
  for (int n = 0; n < 20; ++n) {
    CHECK(read_some(*line, milliseconds(0)).empty());  // lets late bytes pass
    const Bytes part = read_some(*far, milliseconds(0), 1 << 20);
    found.insert(found.end(), part.begin(), part.end());
  }
  return found;
}

Faults none() { return {}; }

}  // namespace

TEST_CASE("A pipe carries bytes both ways, in order, in any portions", "[transport]") {
  auto [near, far] = make_pipe();
  const Bytes bytes = counting(200);
  near->write(bytes);
  near->write(bytes);
  Bytes found;
  while (found.size() < 400) {
    const Bytes part = read_some(*far, milliseconds(100), 33);
    REQUIRE(part.size() <= 33);
    REQUIRE_FALSE(part.empty());
    found.insert(found.end(), part.begin(), part.end());
  }
  CHECK(std::equal(bytes.begin(), bytes.end(), found.begin() + 200));
  far->write(Bytes{1, 2});
  CHECK(read_some(*near, milliseconds(100)) == Bytes{1, 2});
}

TEST_CASE("A pipe waits no longer than it is told and ends with its other end", "[transport]") {
  auto [near, far] = make_pipe();
  const auto start = Clock::now();
  CHECK(read_some(*near, milliseconds(30)).empty());
  CHECK(Clock::now() - start >= milliseconds(30));
  far->write(Bytes{7});
  far.reset();
  CHECK(read_some(*near, milliseconds(30)) == Bytes{7});
  CHECK_THROWS_AS(near->read(std::span<std::uint8_t>(), milliseconds(1000)), LinkError);
  CHECK_THROWS_AS(near->write(Bytes{1}), LinkError);
}

TEST_CASE("A line without faults changes nothing", "[transport]") {
  const Bytes found = through(none(), 10, 100);
  REQUIRE(found.size() == 1000);
  for (std::size_t i = 0; i < found.size(); ++i) REQUIRE(found[i] == i % 100);
}

TEST_CASE("Each fault does what it says, about as often as it says", "[transport]") {
  constexpr std::size_t kChunks = 1000, kSize = 100, kAll = kChunks * kSize;
  Faults faults;
  SECTION("drop") {
    faults.drop = 0.02;
    const std::size_t size = through(faults, kChunks, kSize).size();
    CHECK(size < kAll * 985 / 1000);
    CHECK(size > kAll * 975 / 1000);
  }
  SECTION("duplicate") {
    faults.duplicate = 0.02;
    const std::size_t size = through(faults, kChunks, kSize).size();
    CHECK(size > kAll * 1015 / 1000);
    CHECK(size < kAll * 1025 / 1000);
  }
  SECTION("insert") {
    faults.insert = 0.02;
    const std::size_t size = through(faults, kChunks, kSize).size();
    CHECK(size > kAll * 1015 / 1000);
    CHECK(size < kAll * 1025 / 1000);
  }
  SECTION("flip") {
    faults.flip = 0.02;
    const Bytes found = through(faults, kChunks, kSize);
    REQUIRE(found.size() == kAll);
    std::size_t changed = 0;
    for (std::size_t i = 0; i < kAll; ++i) {
      const unsigned difference = found[i] ^ static_cast<unsigned>(i % kSize);
      changed += difference != 0 ? 1 : 0;
      CHECK((difference & (difference - 1)) == 0);  // one bit
    }
    CHECK(changed > kAll * 15 / 1000);
    CHECK(changed < kAll * 25 / 1000);
  }
  SECTION("truncate") {
    faults.truncate = 0.5;
    const std::size_t size = through(faults, kChunks, kSize).size();
    CHECK(size > kAll * 70 / 100);
    CHECK(size < kAll * 80 / 100);
  }
  SECTION("delay keeps everything in order") {
    faults.delay = 0.5;
    CHECK(through(faults, kChunks, kSize).size() == kAll);
  }
  SECTION("the same seed gives the same faults, another one others") {
    faults.drop = faults.insert = faults.flip = 0.01;
    const Bytes first = through(faults, 20, kSize);
    CHECK(through(faults, 20, kSize) == first);
    faults.seed = 2;
    CHECK(through(faults, 20, kSize) != first);
  }
}

TEST_CASE("A late chunk comes later than the call it came in", "[transport]") {
  auto [near, far] = make_pipe();
  Faults faults;
  faults.delay = 1;
  const auto line = make_faulty(std::move(near), faults);
  far->write(Bytes{1, 2, 3});
  Bytes found;
  int calls = 0;
  while (found.empty()) {
    REQUIRE(++calls < 10);
    found = read_some(*line, milliseconds(0));
  }
  CHECK(calls > 1);
  CHECK(found == Bytes{1, 2, 3});
}

TEST_CASE("A line breaks after so many bytes in both directions", "[transport]") {
  auto [near, far] = make_pipe();
  Faults faults;
  faults.disconnect_after = 10;
  const auto line = make_faulty(std::move(near), faults);
  line->write(counting(4));
  far->write(counting(4));
  CHECK(read_some(*line, milliseconds(10)).size() == 4);
  CHECK_THROWS_AS(line->write(counting(4)), LinkError);
  CHECK(read_some(*far, milliseconds(10)).size() == 6);
  CHECK_THROWS_AS(line->write(counting(1)), LinkError);
  far->write(counting(1));
  CHECK_THROWS_AS(read_some(*line, milliseconds(10)), LinkError);
}

TEST_CASE("A device at the other end of a pipe, in a thread of its own", "[transport]") {
  rig::Board board;
  Model model(Geometry::named("tiny"));
  auto [near, far] = make_pipe();
  std::atomic<bool> go_on = true;
  std::thread server(
      [&, line = std::move(far)] { serve(board.device, *line, [&] { return go_on.load(); }); });
  {
    Device device(std::move(near));
    for (unsigned seed = 0; seed < 5; ++seed) {
      rig::load_network(device, seed);
      rig::load_network(model, seed);
      const auto request = rig::random_request(model.geometry(), seed, 200);
      CHECK(rig::run(device, request) == rig::run(model, request));
    }
    go_on = false;
    server.join();
  }
}
