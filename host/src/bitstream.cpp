// SPDX-License-Identifier: BSD-3-Clause
// The header of a .bit file, as Vivado and its relatives write it: a fixed start, fields 'a' to 'd'
// (length u16 and text that ends in a zero), field 'e' (length u32), then data until the end. All
// lengths are big-endian.
#include "ncx/bitstream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "ncx/error.hpp"

namespace ncx {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::array<std::uint8_t, 13> kStart = {0x00, 0x09, 0x0F, 0xF0, 0x0F, 0xF0, 0x0F,
                                                 0xF0, 0x0F, 0xF0, 0x00, 0x00, 0x01};
constexpr std::array<std::uint8_t, 4> kSync = {0xAA, 0x99, 0x55, 0x66};
// Type 1 packet: write one word to the register IDCODE (Xilinx UG470, table 5-20 and following).
constexpr std::uint32_t kWriteIdcode = 0x30018001;
/// Sync word and IDCODE come within this many bytes; frames follow.
constexpr std::size_t kPreamble = 1024;
/// The largest part that we have takes under 10 MB.
constexpr std::uintmax_t kLargest = std::uintmax_t{64} << 20;
constexpr std::uint32_t kVersionMask = 0x0FFFFFFF;
constexpr const char* kHint =
    "the .bit file that `make bitstream BOARD=...` writes, or copy it again";

std::uint32_t word(Bytes bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
         std::uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
}

std::optional<std::size_t> position(Bytes in, Bytes what) {
  const auto found = std::search(in.begin(), in.end(), what.begin(), what.end());
  if (found == in.end()) return std::nullopt;
  return static_cast<std::size_t>(found - in.begin());
}

class Reader {
 public:
  Reader(Bytes file, const std::string& name) : file_(file), name_(name) {}

  Bitstream read() {
    start();
    Bitstream result;
    const std::string design = text('a', "the design's name");
    const auto end = std::min(design.find(';'), design.size());
    result.design = design.substr(0, end);
    if (end < design.size()) result.options = design.substr(end + 1);
    result.part = text('b', "the part");
    result.date = text('c', "the date");
    result.time = text('d', "the time");
    result.length = data();
    const Bytes content = file_.subspan(at_);
    const Bytes preamble = content.first(std::min(content.size(), kPreamble));
    const auto sync = position(preamble, kSync);
    if (!sync) fail("has no sync word AA995566 at the start of its data: it is damaged");
    for (std::size_t at = *sync + kSync.size(); at + 8 <= preamble.size(); at += 4) {
      if (word(preamble, at) != kWriteIdcode) continue;
      result.idcode = word(preamble, at + 4) & kVersionMask;
      break;
    }
    return result;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(fmt::format("{} {}", name_, what), kHint);
  }

  void need(std::size_t count, const char* what) const {
    if (file_.size() - at_ < count) {
      fail(fmt::format("ends after {} bytes, in the middle of {}", file_.size(), what));
    }
  }

  void start() {
    if (file_.empty()) fail("is empty");
    const std::size_t common = std::min(file_.size(), kStart.size());
    if (!std::equal(kStart.begin(), kStart.begin() + static_cast<std::ptrdiff_t>(common),
                    file_.begin())) {
      if (position(file_.first(std::min(file_.size(), kPreamble)), kSync)) {
        fail(
            "has configuration data but no header, like a .bin file: it does not say for which "
            "part it is");
      }
      fail(fmt::format("is not a .bit file: it begins with {:02X} {:02X} {:02X}, expected 00 09 0F",
                       file_[0], file_.size() > 1 ? file_[1] : 0, file_.size() > 2 ? file_[2] : 0));
    }
    need(kStart.size(), "its header");
    at_ = kStart.size();
  }

  void key(char expected, const char* what) {
    need(1, what);
    if (file_[at_] != static_cast<std::uint8_t>(expected)) {
      fail(fmt::format("has 0x{:02X} at byte {} of its header, expected '{}' for {}: it is damaged",
                       file_[at_], at_, expected, what));
    }
    ++at_;
  }

  std::string text(char expected, const char* what) {
    key(expected, what);
    need(2, what);
    const std::size_t length = std::size_t{file_[at_]} << 8 | file_[at_ + 1];
    at_ += 2;
    need(length, what);
    std::string value(file_.begin() + static_cast<std::ptrdiff_t>(at_),
                      file_.begin() + static_cast<std::ptrdiff_t>(at_ + length));
    at_ += length;
    while (!value.empty() && value.back() == '\0') value.pop_back();
    const bool printable = std::all_of(value.begin(), value.end(), [](char c) {
      return std::isprint(static_cast<unsigned char>(c)) != 0;
    });
    if (value.empty() || !printable) {
      fail(fmt::format("has nothing readable for {} in its header", what));
    }
    return value;
  }

  std::uint32_t data() {
    key('e', "the length of its data");
    need(4, "the length of its data");
    const std::uint32_t length = word(file_, at_);
    at_ += 4;
    const std::size_t there = file_.size() - at_;
    if (there < length) {
      fail(fmt::format("has {} bytes of data, but its header says {}: it was cut short", there,
                       length));
    }
    if (there > length) {
      fail(fmt::format("has {} bytes of data, but its header says {}: something was added to it",
                       there, length));
    }
    return length;
  }

  Bytes file_;
  const std::string& name_;
  std::size_t at_ = 0;
};

/// "xc7a35ticsg324-1L" -> "7a35tcsg324".
std::string plain_part(std::string_view part) {
  std::string name;
  for (const char c : part) {
    name.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  if (name.starts_with("xc")) name.erase(0, 2);
  name.erase(std::min(name.find('-'), name.size()));
  // "ti" is the same die in the industrial, low power grade. The package comes behind it.
  const auto grade = name.find("ti");
  if (grade != std::string::npos && grade > 0 &&
      std::isdigit(static_cast<unsigned char>(name[grade - 1])) != 0) {
    name.erase(grade + 1, 1);
  }
  return name;
}

}  // namespace

Bitstream parse_bitstream(Bytes file, const std::string& name) { return Reader(file, name).read(); }

Bitstream read_bitstream(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error) {
    throw InputError(fmt::format("cannot read {}: {}", file.string(), error.message()), kHint);
  }
  if (size > kLargest) {
    throw InputError(
        fmt::format("{} has {} bytes: no bitstream of ours is that large", file.string(), size),
        kHint);
  }
  std::ifstream stream(file, std::ios::binary);
  const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) throw InputError(fmt::format("cannot read {}", file.string()), kHint);
  return parse_bitstream(bytes, file.string());
}

bool same_part(std::string_view a, std::string_view b) { return plain_part(a) == plain_part(b); }

void check_bitstream(const Bitstream& bitstream, const Board& board, const std::string& name) {
  std::vector<const Board*> others;
  for (const Board& other : kBoards) {
    if (same_part(bitstream.part, other.part)) others.push_back(&other);
    // The same FPGA on another board has its clock and its line at other pins.
    if (&other != &board && bitstream.design == fmt::format("ncx_{}", other.name)) {
      throw InputError(
          fmt::format("{} was built for the {}, not for the {}", name, other.title, board.title),
          fmt::format("make bitstream BOARD={}; or --board {}, if that is yours", board.name,
                      other.name));
    }
  }
  const std::string make = fmt::format("make bitstream BOARD={}", board.name);
  if (!same_part(bitstream.part, board.part)) {
    throw InputError(fmt::format("{} is for the part {}, but the {} has {}", name, bitstream.part,
                                 board.title, board.part),
                     others.empty() ? make
                                    : fmt::format("{}; or --board {}, if that is yours", make,
                                                  names_of(others)));
  }
  if (bitstream.idcode != 0 && bitstream.idcode != board.idcode) {
    throw InputError(
        fmt::format("{} names the part {}, but its data is for IDCODE 0x{:08X} and not 0x{:08X}",
                    name, bitstream.part, bitstream.idcode, board.idcode),
        make);
  }
}

}  // namespace ncx
