// SPDX-License-Identifier: BSD-3-Clause
// The console's words and completion, and the monitor's raster.
#include <catch2/catch.hpp>

#include "console_words.hpp"
#include "line_editor.hpp"
#include "ncx/error.hpp"
#include "raster.hpp"

using namespace ncx;
using namespace ncx::cli;
using Catch::Matchers::Contains;
using Words = std::vector<std::string>;

TEST_CASE("A line is cut into words, quotes keep spaces, # ends it", "[cli][console]") {
  CHECK(split_words("") == Words{});
  CHECK(split_words("  peek\tstate  0 \r") == Words{"peek", "state", "0"});
  CHECK(split_words(R"(weights "in to out" # and no more)") == Words{"weights", "in to out"});
  CHECK(split_words(R"("a#b"c "")") == Words{"a#bc", ""});
  CHECK(split_words("# peek") == Words{});
  CHECK_THROWS_WITH(split_words("weights \"in"), Contains("does not end"));
}

TEST_CASE("Numbers are decimal or hexadecimal and have limits", "[cli][console]") {
  CHECK(parse_number("value", "17", 0, 20) == 17);
  CHECK(parse_number("value", "0xFfffffffF", 0, 0xFFFFFFFFF) == 0xFFFFFFFFF);
  for (const char* bad : {"", "0x", "x", "-1", "1.5", "12a", "21", "99999999999999999999999"}) {
    CHECK_THROWS_WITH(parse_number("value", bad, 0, 20), Contains("value '") && Contains("0 to"));
  }
  CHECK_THROWS_AS(parse_number("count", "0", 1, 20), InputError);
  CHECK_THROWS_WITH(parse_number("value", std::string("1\0", 2), 0, 20), Contains("'1\\x00'"));
}

TEST_CASE("Registers and memories are found by name in any case", "[cli][console]") {
  CHECK(find_register("crc_errors") == Register::kCrcErrors);
  CHECK(find_register("SCRATCH") == Register::kScratch);
  CHECK_FALSE(find_register("crc"));
  CHECK(find_region("synapse") == Region::kSynapse);
  CHECK_FALSE(find_region(""));
  CHECK(all_regions().size() == map::kRegionNames.size());
}

TEST_CASE("Completion adds what all words have in common", "[cli][console]") {
  CHECK(completion_of("pe", {}) == "");
  CHECK(completion_of("pe", {"peek"}) == "ek ");
  CHECK(completion_of("p", {"peek", "poke"}) == "");
  CHECK(completion_of("c", {"counters", "counts"}) == "ount");
  CHECK(completion_of("count", {"counters", "counts"}) == "");
}

namespace {

Image image_of(std::vector<Group> populations) {
  Image image;
  std::uint32_t neurons = 0;
  for (Group& group : populations) {
    group.first = neurons;
    neurons += group.size;
  }
  image.populations = std::move(populations);
  image.neuron_slot.resize(neurons);
  return image;
}

}  // namespace

TEST_CASE("A raster has a row a neuron and a character a tick", "[cli][monitor]") {
  Raster raster(image_of({{"a", 0, 2}, {"b", 0, 1}}), 4, 10, 1);
  raster.add({{0, 0}, {1, 2}, {1, 1}}, 2);
  auto rows = raster.rows();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].label == "a[0]");
  CHECK(rows[2].label == "b[0]");
  CHECK(rows[2].population == 1);
  CHECK(rows[0].cells == "  # ");
  CHECK(rows[1].cells == "   #");
  CHECK(rows[2].cells == "   #");
  CHECK(raster.rates() == std::vector<double>{0.5, 0.5});
  raster.add({{2, 0}}, 4);  // the first two ticks have left
  rows = raster.rows();
  CHECK(rows[0].cells == "  # ");
  CHECK(rows[1].cells == "    ");
  CHECK(raster.rates() == std::vector<double>{1.0 / 8, 0});
}

TEST_CASE("Neurons share rows and ticks share columns where there is no room", "[cli][monitor]") {
  Raster raster(image_of({{"a", 0, 8}, {"b", 0, 3}}), 3, 4, 2);
  auto rows = raster.rows();
  REQUIRE(rows.size() == 4);  // 4 neurons a row: 2 rows and 1; 3 a row: 3 rows and 1
  CHECK(rows[0].label == "a[0-2]");
  CHECK(rows[2].label == "a[6-7]");
  CHECK(rows[3].label == "b[0-2]");
  // Half of the chances to spike, a third of those so far, two thirds, all.
  raster.add({{0, 0}, {1, 0}, {1, 1}}, 2);
  CHECK(raster.rows()[0].cells == "  :");
  raster.add({{0, 0}}, 1);
  CHECK(raster.rows()[0].cells == " ::");
  raster.add({{0, 0}, {0, 1}, {0, 2}}, 1);
  CHECK(raster.rows()[0].cells == " :+");
  raster.add({{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}}, 2);
  CHECK(raster.rows()[0].cells == ":+#");
  // More populations than rows: one each all the same.
  CHECK(Raster(image_of({{"a", 0, 5}, {"b", 0, 5}, {"c", 0, 5}}), 3, 2, 1).rows().size() == 3);
}

TEST_CASE("Lines are cut between characters, not within one", "[cli][monitor]") {
  CHECK(first_characters("abc", 2) == "ab");
  CHECK(first_characters("abc", 3) == "abc");
  CHECK(first_characters("", 3).empty());
  CHECK(first_characters("äöü|x", 4) == "äöü|");
  CHECK(first_characters("нейроны", 0).empty());
  CHECK(first_characters("нейроны", 7) == "нейроны");
}
