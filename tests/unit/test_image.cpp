// SPDX-License-Identifier: BSD-3-Clause
// Image files: whole or refused, and loading one on a backend.
#include <unistd.h>

#include <algorithm>
#include <boost/crc.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>

#include "image_rig.hpp"
#include "ncx/error.hpp"

namespace {

using ncx::Image;
using ncx::Region;
using ncx::Register;
using ncx::test::make_image;
using ncx::test::RecordingBackend;
using Bytes = std::vector<std::uint8_t>;
using Json = nlohmann::json;
namespace fs = std::filesystem;

/// A folder that is gone after the test.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("ncx_test_image_" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] fs::path operator/(const std::string& name) const { return path_ / name; }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }

 private:
  fs::path path_;
};

/// The same file with its content changed and a checksum that fits.
Bytes with_content(const std::function<void(Json&)>& change) {
  Json file = Json::from_cbor(make_image().to_cbor());
  Json content = Json::from_cbor(file["content"].get_binary());
  change(content);
  Bytes bytes = Json::to_cbor(content);
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  file["crc32"] = crc.checksum();
  file["content"] = Json::binary(std::move(bytes));
  return Json::to_cbor(file);
}

Bytes with_file(const std::function<void(Json&)>& change) {
  Json file = Json::from_cbor(make_image().to_cbor());
  change(file);
  return Json::to_cbor(file);
}

std::string refusal(const Bytes& bytes) {
  try {
    static_cast<void>(Image::from_cbor(bytes, "net.ncx"));
  } catch (const ncx::InputError& error) {
    return error.what();
  }
  return "accepted";
}

std::string refusal_of(const std::function<void(Image&)>& change) {
  Image image = make_image();
  change(image);
  return refusal(image.to_cbor());
}

void check_equal(const Image& a, const Image& b) {
  CHECK(a.geometry == b.geometry);
  CHECK(a.name == b.name);
  CHECK(a.memories == b.memories);
  CHECK(a.neuron_slot == b.neuron_slot);
  CHECK(a.projections.at(1).address == b.projections.at(1).address);
  CHECK(a.initial.at(1).v == b.initial.at(1).v);
  CHECK(a.to_cbor() == b.to_cbor());
  CHECK(a.id() == b.id());
}

}  // namespace

TEST_CASE("image: comes back from its bytes as it was", "[image]") {
  const Image image = make_image();
  check_equal(Image::from_cbor(image.to_cbor(), "bytes"), image);
}

TEST_CASE("image: comes back from a file as it was, and nothing else is left there", "[image]") {
  const Folder folder;
  const Image image = make_image();
  image.save(folder / "net.ncx");
  check_equal(Image::load(folder / "net.ncx"), image);
  Image other = image;
  other.name = "another";
  other.save(folder / "net.ncx");
  CHECK(Image::load(folder / "net.ncx").name == "another");
  CHECK(folder.files() == 1);
}

TEST_CASE("image: the id tells images apart", "[image]") {
  Image image = make_image();
  const std::uint32_t id = image.id();
  image.memories[Region::kSynapse][0] ^= 1;
  CHECK(image.id() != id);
}

TEST_CASE("image: a file that cannot be written leaves the folder as it was", "[image]") {
  const Folder folder;
  const Image image = make_image();
  CHECK_THROWS_WITH(image.save(folder / "no_such_folder/net.ncx"),
                    Catch::Contains("no_such_folder") && Catch::Contains("try:"));
  fs::create_directories(folder / "taken/inside");
  CHECK_THROWS_AS(image.save(folder / "taken"), ncx::InputError);
  CHECK(folder.files() == 1);
}

TEST_CASE("image: a file that is not there, or a folder, is an InputError", "[image]") {
  const Folder folder;
  CHECK_THROWS_AS(Image::load(folder / "nothing.ncx"), ncx::InputError);
  fs::create_directories(folder / "sub");
  CHECK_THROWS_AS(Image::load(folder / "sub"), ncx::InputError);
  std::ofstream(folder / "empty.ncx").close();
  CHECK_THROWS_WITH(Image::load(folder / "empty.ncx"), Catch::Contains("empty.ncx"));
}

TEST_CASE("image: cut off at any byte it is refused", "[image]") {
  const Bytes whole = make_image().to_cbor();
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string text = refusal(Bytes(whole.begin(), whole.begin() + static_cast<long>(size)));
    if (text == "accepted" || text.find("net.ncx") == std::string::npos) ++accepted;
  }
  CHECK(accepted == 0);
  Bytes longer = whole;
  longer.push_back(0);
  CHECK(refusal(longer) != "accepted");
}

TEST_CASE("image: with any bit flipped it is refused", "[image]") {
  Bytes bytes = make_image().to_cbor();
  std::size_t accepted = 0;
  for (std::size_t at = 0; at < bytes.size() * 8; ++at) {
    bytes[at / 8] ^= static_cast<std::uint8_t>(1U << (at % 8));
    if (refusal(bytes) == "accepted") ++accepted;
    bytes[at / 8] ^= static_cast<std::uint8_t>(1U << (at % 8));
  }
  CHECK(accepted == 0);
  CHECK(refusal(bytes) == "accepted");
}

TEST_CASE("image: other files are refused, and deep nesting does not hurt", "[image]") {
  CHECK(refusal(Bytes(200000, 0x81)) != "accepted");
  CHECK(refusal(Bytes(200000, 0x00)) != "accepted");
  CHECK(refusal(Bytes(200000, 0xA1)) != "accepted");
  CHECK(refusal({0x5B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}) != "accepted");
  CHECK_THAT(refusal(Json::to_cbor(Json("text"))), Catch::Contains("expected a map"));
}

TEST_CASE("image: magic, version and checksum are named with what was expected", "[image]") {
  CHECK_THAT(refusal(with_file([](Json& f) { f["magic"] = "Something"; })),
             Catch::Contains("'magic'") && Catch::Contains("'Something'"));
  for (const int version : {1, 3}) {
    CHECK_THAT(refusal(with_file([&](Json& f) { f["version"] = version; })),
               Catch::Contains("net.ncx: field 'version': found an image of version " +
                               std::to_string(version) + "; this release reads version 2") &&
                   Catch::Contains("try: compile the network again"));
  }
  CHECK_THAT(refusal(with_file([](Json& f) { f["crc32"] = 5; })), Catch::Contains("'crc32'"));
  CHECK_THAT(refusal(with_file([](Json& f) { f.erase("content"); })),
             Catch::Contains("'content'") && Catch::Contains("nothing"));
}

TEST_CASE("image: a missing or wrongly typed field is named", "[image]") {
  const Json content =
      Json::from_cbor(Json::from_cbor(make_image().to_cbor())["content"].get_binary());
  for (const auto& [name, value] : content.items()) {
    const std::string field = name;
    INFO(field);
    CHECK_THAT(refusal(with_content([&](Json& c) { c.erase(field); })),
               Catch::Contains("'" + field + "'"));
    CHECK_THAT(refusal(with_content([&](Json& c) { c[field] = -1.5; })), Catch::Contains(field));
  }
  for (const auto& [name, value] : content["geometry"].items()) {
    const std::string field = name;
    CHECK_THAT(refusal(with_content([&](Json& c) { c["geometry"].erase(field); })),
               Catch::Contains("'geometry." + field + "'"));
  }
  CHECK_THAT(refusal(with_content([](Json& c) { c["projections"][1].erase("post"); })),
             Catch::Contains("'projections[1].post'"));
  CHECK_THAT(refusal(with_content([](Json& c) { c["projections"][0] = 7; })),
             Catch::Contains("'projections[0]'"));
  CHECK_THAT(refusal(with_content([](Json& c) { c["geometry"]["lanes"] = 1ULL << 40; })),
             Catch::Contains("geometry.lanes"));
  CHECK_THAT(refusal(with_content([](Json& c) { c["geometry"]["lanes"] = 3; })),
             Catch::Contains("power of two"));
  CHECK_THAT(refusal(with_content([](Json& c) { c["memories"]["CACHE"] = Json::binary({1}); })),
             Catch::Contains("'CACHE'"));
  CHECK_THAT(refusal(with_content([](Json& c) {
               c["memories"]["SYNAPSE"] = Json::binary({1, 2, 3});
             })),
             Catch::Contains("multiple of 5"));
  CHECK_THAT(refusal(with_content([](Json& c) {
               c["initial"][0] = Json::array({1, 2});
             })),
             Catch::Contains("initial[0]"));
  CHECK_THAT(refusal(with_content([](Json& c) { c["initial"][0][0] = -1; })),
             Catch::Contains("initial[0]"));
}

TEST_CASE("image: numbers that no device could hold are refused and named", "[image]") {
  const auto check = [](const char* text, const std::function<void(Image&)>& change) {
    CHECK_THAT(refusal_of(change), Catch::Contains(text) && Catch::Contains("net.ncx"));
  };
  check("memories.SYNAPSE", [](Image& i) { i.memories[Region::kSynapse].resize(8193); });
  check("memories.SYNAPSE", [](Image& i) { i.memories[Region::kSynapse][3] = 1ULL << 36; });
  check("memories.COUNT", [](Image& i) { i.memories[Region::kCount] = {0}; });
  check("memories.RATE", [](Image& i) { i.memories[Region::kRate][3] = 512; });
  check("memories.ROW", [](Image& i) { i.memories[Region::kRow].push_back(1); });
  check("memories.ROW 0: length", [](Image& i) { i.memories[Region::kRow][1] = 0; });
  check("memories.ROW 2 end", [](Image& i) { i.memories[Region::kRow][4] += 1; });
  check("memories.ROW 1 target", [](Image& i) {
    i.memories[Region::kRow][3] |= 7 << 16 | 3;
    i.memories[Region::kSynapse].resize(100);
  });
  check("memories.ROW: word 3", [](Image& i) { i.memories[Region::kRow][3] |= 8 << 16; });
  check("memories.SOURCE 5 row", [](Image& i) { i.memories[Region::kSource][5] += 1; });
  check("no last", [](Image& i) { i.memories[Region::kRow][4] &= ~(1ULL << 28); });
  check("memories.PROGRAM: word 2", [](Image& i) { i.memories[Region::kProgram][2] = 16; });
  check("memories.PROGRAM: word 2", [](Image& i) { i.memories[Region::kProgram][2] |= 64 << 16; });
  check("memories.PROGRAM entry 1 row", [](Image& i) {
    i.geometry.neurons = 56;
    i.neuron_slot[0] = 7;
    i.used_rows = 13;
    i.memories[Region::kProgram][2] = 15;
  });
  check("memories.PROGRAM entry 1 operation",
        [](Image& i) { i.memories[Region::kProgram][2] |= 3ULL << 28; });
  check("program_length", [](Image& i) { i.program_length = 4; });
  check("encoder_rows", [](Image& i) { i.encoder_rows = 17; });
  check("used_rows", [](Image& i) { i.used_rows = 17; });
  check("used_rows", [](Image& i) { i.used_rows = 2; });
  check("fraction_bits", [](Image& i) { i.fraction_bits = 32; });
  check("neuron_slot", [](Image& i) { i.neuron_slot[0] = 64; });
  check("neuron_slot", [](Image& i) { i.neuron_slot[0] = 9; });
  check("axon_row", [](Image& i) { i.axon_row[0] = 64; });
  check("populations", [](Image& i) { i.populations[1].size = 5; });
  check("axon_groups", [](Image& i) { i.axon_groups[0].first = 0xFFFFFFFF; });
  check("initial", [](Image& i) { i.initial[0].slot = 64; });
  check("initial", [](Image& i) { i.initial[0].v = 1 << 23; });
  check("initial", [](Image& i) { i.initial[0].theta = -1; });
  check("initial", [](Image& i) { i.initial[0].refractory = 4096; });
  check("projections[1] 'all'", [](Image& i) { i.projections[1].post.pop_back(); });
  check("pre", [](Image& i) { i.projections[0].pre[0] = 3; });
  check("post", [](Image& i) { i.projections[1].post[0] = 6; });
  check("address", [](Image& i) { i.projections[1].address[0] = 12; });
  check("field", [](Image& i) { i.projections[1].field[0] = 2; });
  check("exponent", [](Image& i) { i.projections[1].exponent = 16; });
  // Another tag, lane, local row, field or source than the synapse has.
  check("projections[0] 'in': synapse 1 is at address 0",
        [](Image& i) { i.memories[Region::kSynapse][0] |= 8ULL << 28; });
  check("synapse 0 is at address 2", [](Image& i) { i.projections[0].address[0] = 2; });
  check("synapse 1 is at address 0",
        [](Image& i) { i.memories[Region::kSynapse][0] ^= 1ULL << 16; });
  check("synapse 0 is at address 1", [](Image& i) { i.projections[0].field[0] = 1; });
  check("projections[1] 'all': synapse 0 is at address 4",
        [](Image& i) { i.projections[1].field[0] = 0; });
  check("synapse 0 is at address 4", [](Image& i) { i.projections[1].pre[0] = 0; });
}

TEST_CASE("image: damaged content with a checksum that fits is refused or runs", "[image]") {
  Json file = Json::from_cbor(make_image().to_cbor());
  const Bytes good = file["content"].get_binary();
  std::mt19937 random(7);
  std::size_t accepted = 0;
  for (int k = 0; k < 4000; ++k) {
    Bytes bytes = good;
    for (std::size_t n = 0; n <= random() % 3; ++n) {
      bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    }
    boost::crc_32_type crc;
    crc.process_bytes(bytes.data(), bytes.size());
    file["crc32"] = crc.checksum();
    file["content"] = Json::binary(std::move(bytes));
    try {
      const Image image = Image::from_cbor(Json::to_cbor(file), "net.ncx");
      ncx::Model model(image.geometry);
      ncx::load_image(model, image);
      ncx::RunRequest request;
      request.ticks = 3;
      request.axon_events = {{0, image.axon_row[0]}};
      static_cast<void>(model.run(request));
      ++accepted;
    } catch (const ncx::Error&) {
    }
  }
  // Weights and names may be anything.
  CHECK(accepted > 100);
  CHECK(accepted < 3900);
}

// ---- on a backend ----

TEST_CASE("load_image: memories, registers and the initial state are there", "[image]") {
  RecordingBackend backend(ncx::Geometry::named("tiny"));
  const Image image = make_image();
  ncx::load_image(backend, image);
  for (const auto& [region, words] : image.memories) {
    INFO(ncx::region_name(region));
    CHECK(backend.read(region, 0, words.size()) == words);
  }
  CHECK(backend.read_register(Register::kProgramLength) == 3);
  CHECK(backend.read_register(Register::kEncoderRows) == 1);
  CHECK(backend.read_register(Register::kUsedRows) == 3);
  CHECK(backend.read_register(Register::kFractionBits) == 4);
  CHECK(backend.read_register(Register::kImageId) == image.id());
  CHECK(backend.read(Region::kState, 8 * 4, 8) ==
        std::vector<std::uint64_t>{100, 0, 0, 0, 0xFFFF38, 3, 7, 0});
  CHECK(backend.writes.front().first == Region::kRegisters);
  // Neighbouring slots go in one write.
  CHECK(std::count(backend.writes.begin(), backend.writes.end(),
                   std::pair<Region, std::uint64_t>(Region::kState, 8 * 4)) == 1);
  CHECK(std::count_if(backend.writes.begin(), backend.writes.end(),
                      [](const auto& w) { return w.first == Region::kState; }) == 1);
}

TEST_CASE("load_image: another layout is refused before anything is written", "[image]") {
  for (const char* name : {"tiny8", "cmod_a7"}) {
    RecordingBackend backend(ncx::Geometry::named(name));
    CHECK_THROWS_AS(ncx::load_image(backend, make_image()), ncx::InputError);
    CHECK_THROWS_WITH(ncx::load_image(backend, make_image()),
                      Catch::Contains("lanes") && Catch::Contains(name));
    CHECK(backend.writes.empty());
    CHECK(backend.resets == 0);
  }
}

TEST_CASE("load_image: what is too small is named before anything is written", "[image]") {
  const auto refused = [](const std::function<void(ncx::Geometry&)>& change, const char* text,
                          const Image& image) {
    ncx::Geometry g = ncx::Geometry::named("tiny");
    change(g);
    RecordingBackend backend(g);
    CHECK_THROWS_AS(ncx::load_image(backend, image), ncx::CapacityError);
    CHECK_THROWS_WITH(ncx::load_image(backend, image), Catch::Contains(text));
    CHECK(backend.writes.empty());
  };
  Image image = make_image();
  image.memories[Region::kSynapse][0] |= 4ULL << 28;
  image.memories[Region::kProgram][2] |= 5 << 16;
  using ncx::Geometry;
  refused([](Geometry& g) { g.synapse_words = 2; }, "synapse words a lane: the image uses 3",
          image);
  refused([](Geometry& g) { g.rows = 2; }, "row table entries", image);
  refused([](Geometry& g) { g.axons = 4; }, "axons: the image uses 5", image);
  refused([](Geometry& g) { g.parameter_sets = 5; }, "parameter sets: the image uses 6", image);
  refused([](Geometry& g) { g.program_entries = 2; }, "program entries", image);
  refused([](Geometry& g) { g.max_delay = 4; }, "delay: the image uses 5", image);
}

TEST_CASE("load_image: a build with just enough, or more, of everything takes it", "[image]") {
  ncx::Geometry least = ncx::Geometry::named("tiny"), most = least;
  least.synapse_words = 3;
  least.rows = 3;
  least.axons = 8;
  least.parameter_sets = 1;
  least.program_entries = 3;
  least.max_delay = 1;
  most.synapse_words = 4096;
  most.max_delay = 16;
  for (const ncx::Geometry& g : {least, most}) {
    RecordingBackend backend(g);
    ncx::load_image(backend, make_image());
    ncx::RunRequest request;
    request.ticks = 2;
    request.axon_events = {{0, 4}};
    CHECK(backend.run(request).spikes == std::vector<ncx::Spike>{{0, 8}});
  }
}

TEST_CASE("load_image: an image that makes no sense is refused before anything is written",
          "[image]") {
  RecordingBackend backend(ncx::Geometry::named("tiny"));
  Image image = make_image();
  image.memories[Region::kSource].resize(500);
  CHECK_THROWS_AS(ncx::load_image(backend, image), ncx::InputError);
  CHECK(backend.writes.empty());
}

TEST_CASE("load_image: an earlier image's rest does no harm", "[image]") {
  RecordingBackend backend(ncx::Geometry::named("tiny"));
  // Rows without an end, a row past the memory: what the image does not use stays as it was.
  backend.write(Region::kSource, 10, std::vector<std::uint64_t>(54, 0x800001FF));
  backend.write(Region::kRow, 6, std::vector<std::uint64_t>(1000, 0));
  Image image = make_image();
  image.memories[Region::kSource].resize(64 + 5);
  ncx::load_image(backend, image);
  ncx::RunRequest request;
  request.ticks = 2;
  request.axon_events = {{0, 4}};
  CHECK(backend.run(request).spikes == std::vector<ncx::Spike>{{0, 8}});
}

TEST_CASE("reset_to_initial: the same run gives the same again", "[image]") {
  RecordingBackend backend(ncx::Geometry::named("tiny"));
  Image image = make_image();
  image.memories[Region::kRate] = {30, 60, 90, 120, 0};
  image.encoder_rows = 1;
  image.memories[Region::kRow][1] = 1;
  ncx::load_image(backend, image);
  ncx::RunRequest request;
  request.ticks = 300;
  request.probes = {8, 9};
  request.axon_events = {{3, 4}, {5, 4}};
  const ncx::RunResult first = backend.run(request);
  CHECK(backend.run(request).potentials != first.potentials);
  ncx::reset_to_initial(backend, image);
  CHECK(backend.read_register(Register::kTick) == 0);
  CHECK(backend.read(Region::kCount, 8, 1)[0] == 0);
  const ncx::RunResult again = backend.run(request);
  CHECK(again.spikes == first.spikes);
  CHECK(again.potentials == first.potentials);
}
