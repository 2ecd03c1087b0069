// SPDX-License-Identifier: BSD-3-Clause
// Files that are written whole or not at all, and what must never be replaced by one.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "files.hpp"
#include "ncx/error.hpp"

using namespace ncx;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("ncx-files-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] fs::path operator/(const char* name) const { return path_ / name; }
  [[nodiscard]] auto files() const {
    return std::distance(fs::directory_iterator(path_), fs::directory_iterator());
  }

 private:
  fs::path path_;
};

std::string content_of(const fs::path& path) { return read_whole(path, "", "nothing"); }

}  // namespace

TEST_CASE("A link stays a link and its file is written", "[files]") {
  const Folder folder;
  write_whole(folder / "file", "one");
  fs::create_symlink("file", folder / "link");
  write_whole(folder / "link", "two");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(content_of(folder / "file") == "two");
  CHECK(folder.files() == 2);
  // Also where there is no such file yet.
  fs::create_symlink("later", folder / "early");
  write_whole(folder / "early", "three");
  CHECK(fs::is_symlink(folder / "early"));
  CHECK(fs::exists(folder / "later"));
}

TEST_CASE("What is no file is written to and never replaced", "[files]") {
  const Folder folder;
  const fs::path pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::string seen;
  std::thread reader([&] {
    std::ifstream stream(pipe);
    std::getline(stream, seen);
  });
  check_writable(pipe);
  write_whole(pipe, "hello\n");
  reader.join();
  CHECK(seen == "hello");
  CHECK(fs::is_fifo(pipe));
  CHECK(folder.files() == 1);
}

TEST_CASE("Whether a file can be written is known before", "[files]") {
  const Folder folder;
  CHECK_NOTHROW(check_writable(""));
  CHECK_NOTHROW(check_writable(folder / "new"));
  CHECK_NOTHROW(check_writable("in-this-folder"));
  CHECK_THROWS_WITH(
      check_writable(folder / "no/file"),
      Catch::Contains("no/file': No such file or directory") && Catch::Contains("try:"));
  CHECK_THROWS_WITH(check_writable(folder / ""), Catch::Contains("Is a directory"));
  write_whole(folder / "file", "x");
  CHECK_THROWS_WITH(check_writable(folder / "file/below"), Catch::Contains("Not a directory"));
  CHECK_THROWS_WITH(write_whole(folder / "no/file", "x"),
                    Catch::Contains("No such file or directory"));
  CHECK(folder.files() == 1);
}

TEST_CASE("What a link leads to and a long name are looked at before", "[files]") {
  const Folder folder;
  fs::create_symlink("missing/file", folder / "dangling");
  CHECK_THROWS_WITH(check_writable(folder / "dangling"),
                    Catch::Contains("dangling': No such file or directory"));
  const std::string longest(255, 'n');
  CHECK_NOTHROW(check_writable(folder / longest.c_str()));
  write_whole(folder / longest.c_str(), "x");
  CHECK(content_of(folder / longest.c_str()) == "x");
  CHECK_THROWS_WITH(check_writable(folder / (longest + "n").c_str()),
                    Catch::Contains("File name too long"));
}

TEST_CASE("A file keeps its mode, and its protection holds", "[files]") {
  const Folder folder;
  const fs::path path = folder / "file";
  write_whole(path, "one");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  write_whole(path, "two");
  CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(content_of(path) == "two");

  fs::permissions(path, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
  fs::permissions(folder / ".", fs::perms::all);
  // To root nothing is protected.
  constexpr uid_t kNobody = 65534;
  const bool root = ::geteuid() == 0;
  if (root) REQUIRE(::setresuid(kNobody, kNobody, 0) == 0);
  std::string found;
  for (const auto& action : {check_writable, +[](const fs::path& p) { write_whole(p, "three"); }}) {
    try {
      action(path);
    } catch (const InputError& error) {
      found += error.what();
    }
  }
  if (root) REQUIRE(::setresuid(0, 0, 0) == 0);
  CHECK_THAT(found, Catch::Matches("(.*Permission denied[^]*){2}"));
  CHECK(content_of(path) == "two");
  CHECK(folder.files() == 1);
}

TEST_CASE("The reason why a file cannot be read is said", "[files]") {
  const Folder folder;
  CHECK_THROWS_WITH(read_whole(folder / "none", "image ", "another"),
                    Catch::Contains("cannot read image '") && Catch::Contains("No such file"));
  CHECK_THROWS_WITH(read_whole(folder / "", "", "another"), Catch::Contains("Is a directory"));
}
