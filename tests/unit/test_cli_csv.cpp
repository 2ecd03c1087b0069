// SPDX-License-Identifier: BSD-3-Clause
// The tables that `ncx run` reads and the files it writes.
#include <catch2/catch.hpp>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "csv.hpp"
#include "ncx/error.hpp"

namespace {

namespace fs = std::filesystem;
using ncx::cli::CsvColumn;
using ncx::cli::parse_csv;
using Rows = std::vector<std::vector<std::int64_t>>;

const std::vector<CsvColumn> kColumns{{"tick", 0, 9}, {"value", -5, 5}};

std::string complaint(const std::string& text) {
  try {
    static_cast<void>(parse_csv(text, "in.csv", kColumns));
  } catch (const ncx::InputError& error) {
    return error.what();
  }
  return "accepted";
}

class TemporaryFolder {
 public:
  TemporaryFolder() : path_(fs::temp_directory_path() / "ncx_test_cli_csv") {
    fs::remove_all(path_);
    fs::create_directory(path_);
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] fs::path operator/(const char* name) const { return path_ / name; }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }

 private:
  fs::path path_;
};

}  // namespace

TEST_CASE("rows are read with and without a header, comments, spaces and Windows line ends") {
  const Rows rows{{0, -5}, {9, 5}};
  CHECK(parse_csv("0,-5\n9,5\n", "in.csv", kColumns) == rows);
  CHECK(parse_csv("tick,value\r\n# why\r\n\r\n 0 ,\t-5\r\n9,5", "in.csv", kColumns) == rows);
  CHECK(parse_csv("\xEF\xBB\xBFtick,value\n0,-5\n9,5\n", "in.csv", kColumns) == rows);
  CHECK(parse_csv("", "in.csv", kColumns).empty());
  CHECK(parse_csv("tick,value\n", "in.csv", kColumns).empty());
}

TEST_CASE("a bad row is named with file, line, column, value and what was expected") {
  CHECK_THAT(complaint("1,1\n2,6\n"),
             Catch::Contains("in.csv: line 2, column 'value': '6'") && Catch::Contains("-5 to 5"));
  CHECK_THAT(complaint("-1,1\n"), Catch::Contains("column 'tick': '-1'"));
  CHECK_THAT(complaint("1,\n"), Catch::Contains("column 'value': ''"));
  CHECK_THAT(complaint("1,2x\n"), Catch::Contains("'2x'"));
  CHECK_THAT(complaint("1,99999999999999999999\n"), Catch::Contains("99999999999999999999"));
  CHECK_THAT(complaint("1,2,3\n"), Catch::Contains("3 fields") && Catch::Contains("tick,value"));
  CHECK_THAT(complaint("1,1\ntick,value\n"), Catch::Contains("line 2"));
  const std::vector<CsvColumn> of_nothing{{"tick", 0, 9}, {"axon", 0, -1}};
  CHECK_THROWS_WITH(parse_csv("0,0\n", "in.csv", of_nothing),
                    Catch::Contains("in.csv: line 1: there is no axon"));
}

TEST_CASE("what a message quotes is short and printable") {
  using ncx::cli::printable;
  CHECK(printable("-1.5 x") == "-1.5 x");
  CHECK(printable(std::string_view("\xFF\xFEt\0", 4)) == "\\xFF\\xFEt\\x00");
  CHECK(printable(std::string(60, 'a')) == std::string(60, 'a'));
  CHECK(printable(std::string(61, 'a')) == std::string(60, 'a') + "...");
  CHECK_THAT(complaint(std::string("1,\0002\n", 5)), Catch::Contains("'\\x002' is not"));
}

TEST_CASE("each row has its line") {
  std::vector<std::size_t> lines;
  CHECK(parse_csv("tick,value\n1,1\n\n# why\n2,2\n", "in.csv", kColumns, &lines).size() == 2);
  CHECK(lines == std::vector<std::size_t>{2, 5});
}

TEST_CASE("a file appears complete or not at all") {
  const TemporaryFolder folder;
  ncx::cli::write_file(folder / "a.csv", "one");
  ncx::cli::write_file(folder / "a.csv", "two");
  CHECK(ncx::cli::read_file(folder / "a.csv") == "two");
  CHECK(folder.files() == 1);

  fs::create_directory(folder / "taken");
  CHECK_THROWS_AS(ncx::cli::write_file(folder / "taken", "x"), ncx::InputError);
  CHECK(folder.files() == 2);
  CHECK_THROWS_AS(ncx::cli::write_file(folder / "missing/b.csv", "x"), ncx::InputError);
  CHECK_THROWS_AS(ncx::cli::read_file(folder / "missing.csv"), ncx::InputError);
}
