// SPDX-License-Identifier: BSD-3-Clause
// ncx_byte_ram has a form for synthesis and one that simulates quickly: the same requests give the
// same words, those of a plain array.
#include <Vbyte_ram_quick.h>
#include <Vbyte_ram_synthesis.h>
#include <verilated.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <random>
#include <vector>

namespace {

// As CMakeLists.txt asks for: more than one chunk of 4,096, the last one short.
constexpr std::uint32_t kDepth = 4608;
constexpr unsigned kBytes = 4;

struct Request {
  std::uint8_t write = 0;  ///< one bit a byte
  bool read = false;
  std::uint16_t write_at = 0, read_at = 0;
  std::uint64_t word = 0;
};

template <typename Ram>
std::uint64_t clock(Ram& ram, const Request& request) {
  ram.we_i = request.write;
  ram.waddr_i = request.write_at;
  ram.wdata_i = request.word;
  ram.re_i = request.read ? 1 : 0;
  ram.raddr_i = request.read_at;
  ram.clk_i = 0;
  ram.eval();
  ram.clk_i = 1;
  ram.eval();
  return ram.rdata_o;
}

/// Bits of a word that byte b stands for: its eight, and one of the flags above the data.
constexpr std::uint64_t cell(unsigned b) { return 0xFFULL << (8 * b) | 1ULL << (32 + b); }

}  // namespace

TEST_CASE("byte RAM: both forms are a memory whose bytes are written one by one") {
  VerilatedContext context;
  context.threads(1);
  Vbyte_ram_quick quick(&context);
  Vbyte_ram_synthesis synthesis(&context);
  std::vector<std::uint64_t> words(kDepth);
  std::mt19937_64 random(5);
  const auto address = [&] {
    // Often around the end of the first chunk, and the same few words again and again.
    constexpr std::array<std::uint16_t, 6> kOften = {0, 1, 4095, 4096, 4097, kDepth - 1};
    return random() % 2 == 0 ? kOften[random() % kOften.size()]
                             : static_cast<std::uint16_t>(random() % kDepth);
  };
  std::uint64_t expected = 0;
  std::size_t changed = 0;
  for (int n = 0; n < 200'000; ++n) {
    Request request;
    request.write = random() % 3 == 0 ? 0 : static_cast<std::uint8_t>(random() % 16);
    request.read = random() % 4 != 0;
    request.write_at = address();
    request.read_at = random() % 4 == 0 ? request.write_at : address();
    request.word = random() & 0xFFFFFFFFFULL;
    if (request.read) {
      changed += expected != words[request.read_at] ? 1 : 0;
      expected = words[request.read_at];  // a read of the word being written gives the old one
    }
    for (unsigned b = 0; b < kBytes; ++b) {
      if ((request.write >> b & 1) == 0) continue;
      std::uint64_t& word = words[request.write_at];
      word = (word & ~cell(b)) | (request.word & cell(b));
    }
    REQUIRE(clock(quick, request) == expected);
    REQUIRE(clock(synthesis, request) == expected);
  }
  CHECK(changed > 100'000);
}
