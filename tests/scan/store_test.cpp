// The store of facts: what it gives back is what was measured, whatever happens to its file.
#include "vetset/scan/store.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/base/temporary.h"
#include "vetset/base/random.h"

using namespace vetset;

namespace {

/// Facts with every field set to something of its own.
Measured made(std::uint64_t seed) {
  Random random(seed);
  const auto word = [&] { return std::string("text ") + std::to_string(random.below(1000)); };
  Measured m;
  m.facts.status = Facts::Status::truncated;
  m.facts.type = ImageType::webp;
  m.facts.orientation = static_cast<std::uint8_t>(random.between(1, 8));
  m.facts.width = random.below(5000);
  m.facts.height = random.below(5000);
  m.facts.channels = 3;
  m.facts.bits = 16;
  m.facts.bytes = random.bits();
  m.facts.trailing_bytes = 17;
  m.facts.has_digest = true;
  m.facts.digest = sha256(std::to_string(seed));
  m.facts.reason = word();
  PixelFacts& p = m.pixels;
  p.status = DecodeStatus::partial;
  p.reason = word();
  p.width = random.below(5000);
  p.height = random.below(5000);
  p.channels = 4;
  p.bits = 8;
  p.palette = p.cmyk = p.progressive = true;
  p.frames = 7;
  p.pixels = {random.bits(), random.bits()};
  p.coefficients = {random.bits(), random.bits()};
  for (Bits256& view : p.fingerprint.views)
    for (std::uint64_t& bits : view.words) bits = random.bits();
  p.fingerprint.texture = 55;
  p.fingerprint.has_borders = true;
  p.pdq.emplace().words = {random.bits(), random.bits(), random.bits(), random.bits()};
  p.pdq_quality = 99;
  p.quality = {.sharpness = 1.5F,
               .edge_width = 2.25F,
               .luma = {1, 2, 3, 4, 5, 6, 7},
               .contrast = 3.F,
               .saturation = 0.25F,
               .entropy = 7.F,
               .coloured = 0.5F,
               .noise = 1.F,
               .blockiness = 1.125F,
               .upper_band = 0.0625F,
               .borders = {1, 2, 3, 4},
               .jpeg_quality = 91};
  p.capture = {.time_ms = -1,
               .utc_offset_minutes = std::int16_t{-90},
               .latitude = -33.5,
               .longitude = 151.25,
               .make = word(),
               .model = word(),
               .serial = word(),
               .software = word(),
               .dropped = word()};
  return m;
}

FileStamp stamp(std::uint64_t seed) {
  Random random(seed);
  return {.place = {random.bits(), random.bits()},
          .bytes = random.bits(),
          .inode = random.bits(),
          .changed_ns = static_cast<std::int64_t>(random.bits()),
          .modified_ns = 5};
}

void keep(FactsStore& store, std::uint64_t seed) {
  const Measured m = made(seed);
  store.keep({{stamp(seed), &m.facts, &m.pixels, false}});
}

bool knows(FactsStore& store, std::uint64_t seed) {
  const auto found = store.find(stamp(seed));
  if (found) CHECK(to_bytes(*found) == to_bytes(made(seed)));
  return found.has_value();
}

}  // namespace

TEST_CASE("facts become bytes and come back, field by field") {
  const Measured m = made(1);
  const std::string bytes = to_bytes(m);
  const auto back = measured_of(bytes);
  REQUIRE(back);
  CHECK(back->facts.digest == m.facts.digest);
  CHECK(back->facts.reason == m.facts.reason);
  CHECK(back->facts.trailing_bytes == 17);
  CHECK(back->pixels.pixels == m.pixels.pixels);
  CHECK(back->pixels.coefficients == m.pixels.coefficients);
  CHECK(back->pixels.fingerprint.views == m.pixels.fingerprint.views);
  CHECK(back->pixels.pdq == m.pixels.pdq);
  CHECK(back->pixels.quality.luma == m.pixels.quality.luma);
  CHECK(back->pixels.quality.upper_band == 0.0625F);
  CHECK(back->pixels.quality.jpeg_quality == 91);
  CHECK(back->pixels.capture.utc_offset_minutes == std::int16_t{-90});
  CHECK(back->pixels.capture.longitude == 151.25);
  CHECK(back->pixels.capture.dropped == m.pixels.capture.dropped);
  CHECK(to_bytes(*back) == bytes);
  CHECK(bytes.size() < 1000);  // of the 2 kB an image that a scan may take
  const Measured nothing;
  CHECK(to_bytes(*measured_of(to_bytes(nothing))) == to_bytes(nothing));
}

TEST_CASE("bytes that were damaged or cut off are no facts") {
  const std::string bytes = to_bytes(made(1));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    CHECK(!measured_of(damaged));
    CHECK(!measured_of(std::string_view(bytes).substr(0, at)));
  }
  CHECK(!measured_of(bytes + '\0'));
}

TEST_CASE("a store gives back what it keeps, by file and by content, and to the next run too") {
  const testing::TemporaryFolder folder;
  const std::string path = folder / "facts.sqlite";
  {
    FactsStore store(path, "recipe", false);
    for (std::uint64_t seed = 0; seed < 100; ++seed) keep(store, seed);
    CHECK(knows(store, 42));
    CHECK(store.notes().empty());
  }
  FactsStore store(path, "recipe", false);
  for (std::uint64_t seed = 0; seed < 100; ++seed) CHECK(knows(store, seed));
  CHECK(!knows(store, 100));
  CHECK(store.find(made(3).facts.digest));
  CHECK(!store.find(sha256("no such file")));
}

TEST_CASE("a file that changed in any way is not known by its place") {
  const testing::TemporaryFolder folder;
  FactsStore store(folder / "facts.sqlite", "recipe", false);
  keep(store, 1);
  FileStamp other = stamp(1);
  for (std::int64_t* time : {&other.changed_ns, &other.modified_ns}) {
    ++*time;
    CHECK(!store.find(other));
    --*time;
  }
  for (std::uint64_t* number : {&other.bytes, &other.inode, &other.place.high}) {
    ++*number;
    CHECK(!store.find(other));
    --*number;
  }
  CHECK(store.find(other));
}

TEST_CASE("facts that were measured otherwise are never found") {
  const testing::TemporaryFolder folder;
  const std::string path = folder / "facts.sqlite";
  {
    FactsStore store(path, "fingerprint 1", false);
    keep(store, 1);
  }
  FactsStore newer(path, "fingerprint 2", false);
  CHECK(!knows(newer, 1));
  CHECK(!newer.find(made(1).facts.digest));
  keep(newer, 1);
  CHECK(knows(newer, 1));
  FactsStore older(path, "fingerprint 1", false);
  CHECK(knows(older, 1));  // both may be used in turn
}

TEST_CASE("two stores on one file keep what both are given") {
  const testing::TemporaryFolder folder;
  const std::string path = folder / "facts.sqlite";
  const auto fill = [&](std::uint64_t first) {
    FactsStore store(path, "recipe", false);
    for (std::uint64_t seed = first; seed < first + 200; ++seed) keep(store, seed);
    CHECK(store.notes().empty());
  };
  std::thread one([&] { fill(0); }), two([&] { fill(1000); });
  one.join();
  two.join();
  FactsStore store(path, "recipe", false);
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CHECK(knows(store, seed));
    CHECK(knows(store, 1000 + seed));
  }
}

TEST_CASE("a broken file of our own is moved aside, another's is left as it is") {
  const testing::TemporaryFolder folder;
  const std::string path = folder / "facts.sqlite", junk(20'000, 'x');
  folder.write("facts.sqlite", junk);
  {
    FactsStore named(path, "recipe", false);
    keep(named, 1);
    CHECK(!knows(named, 1));
    REQUIRE(named.notes().size() == 1);
    CHECK(named.notes()[0].find("nothing is remembered") != std::string::npos);
    CHECK(std::filesystem::file_size(path) == junk.size());
  }
  FactsStore ours(path, "recipe", true);
  keep(ours, 1);
  CHECK(knows(ours, 1));
  REQUIRE(ours.notes().size() == 1);
  CHECK(ours.notes()[0].find("a new one is begun") != std::string::npos);
  CHECK(std::filesystem::file_size(path + ".broken") == junk.size());
}

TEST_CASE("a store that is damaged inside remembers less, and nothing wrong") {
  const testing::TemporaryFolder folder;
  const std::string path = folder / "facts.sqlite";
  {
    FactsStore store(path, "recipe", false);
    for (std::uint64_t seed = 0; seed < 300; ++seed) keep(store, seed);
  }
  const std::string bytes = folder.read("facts.sqlite");
  Random random(3);
  for (int round = 0; round < 40; ++round) {
    std::string damaged = bytes;
    const std::uint32_t size = static_cast<std::uint32_t>(bytes.size());
    for (int i = 0; i < 400; ++i) damaged[random.between(200, size - 1)] = static_cast<char>(random.below(256));
    if (round % 4 == 0) damaged.resize(random.below(size));
    const std::string copy = "damaged" + std::to_string(round) + ".sqlite";
    folder.write(copy, damaged);
    FactsStore store(folder / copy, "recipe", true);
    for (std::uint64_t seed = 0; seed < 300; seed += 7) (void)knows(store, seed);  // compares what it finds
    keep(store, 1);
    (void)knows(store, 1);
  }
}

TEST_CASE("databases of others and of later versions are left alone") {
  const testing::TemporaryFolder folder;
  const std::string path = folder / "facts.sqlite";
  {
    const FactsStore store(path, "recipe", false);
  }
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  const auto set = [&](std::streamoff at, char value) {  // fields of SQLite's header
    file.seekp(at);
    file.put(value);
    file.flush();
  };
  set(63, 9);  // user_version
  FactsStore later(path, "recipe", true);
  REQUIRE(later.notes().size() == 1);
  CHECK(later.notes()[0].find("later vetset") != std::string::npos);
  set(63, 1);
  set(68, 1);  // application_id
  FactsStore foreign(path, "recipe", true);
  REQUIRE(foreign.notes().size() == 1);
  CHECK(foreign.notes()[0].find("another program") != std::string::npos);
  keep(foreign, 1);
  CHECK(!knows(foreign, 1));
}

TEST_CASE("where nothing can be written, nothing is remembered and nothing fails") {
  const testing::TemporaryFolder folder;
  folder.write("file", "no folder");
  FactsStore below(folder / "file/facts.sqlite", "recipe", true);
  keep(below, 1);
  CHECK(!knows(below, 1));
  CHECK(below.notes().size() == 1);
  FactsStore homeless("", "recipe", true);
  keep(homeless, 1);
  CHECK(!knows(homeless, 1));
  CHECK(homeless.notes().size() == 1);
}

TEST_CASE("a file is known by its place once its times can tell of a change") {
  const testing::TemporaryFolder folder;
  folder.write("a.jpg", "some bytes");
  const auto tree = open_folder(folder.path());
  REQUIRE(tree);
  CHECK(!stamp_of(**tree, "a.jpg"));  // written just now: the next change may leave the same times
  CHECK(!stamp_of(**tree, "b.jpg"));
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  const auto before = stamp_of(**tree, "a.jpg");
  REQUIRE(before);
  CHECK(stamp_of(**tree, "a.jpg") == before);
  folder.write("a.jpg", "SOME BYTES");
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  const auto after = stamp_of(**tree, "a.jpg");
  REQUIRE(after);
  CHECK(!(*after == *before));
  CHECK(after->place == before->place);
  CHECK(after->bytes == before->bytes);
}
