// Sealed folders with tables: what the seal keeps of the labels is what they say, and to the byte; restore puts back
// what has its digest, and nothing else.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "tests/base/temporary.h"
#include "vetset/base/parquet.h"
#include "vetset/package/sealed_tables.h"
#include "vetset/vetset.h"

using namespace vetset;
using vetset::testing::TemporaryFolder;

namespace {

bool no_module() {
  if (parquet_module()) return false;
  MESSAGE("skipped: " << parquet_module().error().message);
  return true;
}

std::filesystem::path root(const TemporaryFolder& scratch) { return scratch.path(); }
void put(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}
std::string get(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A folder of a dataset whose label file ends in a megabyte of two-byte characters, so that parts must not cut them.
std::string labels() {
  std::string text =
      R"({"images":[{"id":1,"file_name":"a.jpg","width":10,"height":10},{"id":2,"file_name":"b.jpg","width":10,"height":10}],)"
      R"("annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,3.50,4],"area":12,"iscrowd":0}],)"
      R"("categories":[{"id":1,"name":"car"}], "info": {"description": "x)";
  for (int i = 0; i < 700'000; ++i) text += "\xC3\xA4";
  return text + "\"}}\n";
}

std::string street(const TemporaryFolder& scratch) {
  const std::filesystem::path folder = root(scratch) / "street";
  put(folder / "instances.json", labels());
  put(folder / "images/a.jpg", "pixels of a");
  put(folder / "images/b.jpg", "pixels of b");
  return folder.string();
}

const RestoredFile* told(const RestoreReport& report, std::string_view path) {
  for (const RestoredFile& file : report.changed)
    if (file.path == path) return &file;
  return nullptr;
}

Verification::Verdict verdict(const std::string& folder) {
  const auto v = verify(folder);
  REQUIRE_MESSAGE(v, to_string(v.error()));
  return v->verdict;
}

}  // namespace

TEST_CASE("a sealed folder keeps its label files to the byte, in parts that cut no character") {
  if (no_module()) return;
  const TemporaryFolder scratch;
  const std::string folder = street(scratch);
  const auto sealed = seal(folder);
  REQUIRE_MESSAGE(sealed, to_string(sealed.error()));
  CHECK(sealed->files == 3);
  CHECK(sealed->added > 4);
  CHECK(verdict(folder) == Verification::Verdict::intact);
  const auto tree = open_folder(folder);
  REQUIRE(tree);
  std::map<std::string, std::string> kept;
  REQUIRE(read_authored(
      **tree, [](std::string_view) { return true; },
      [&](std::string_view path, std::string bytes) -> Result<void> {
        kept.emplace(path, std::move(bytes));
        return {};
      }));
  REQUIRE(kept.size() == 1);
  CHECK(kept["instances.json"] == labels());

  // As text that any reader of Parquet shows: no part had to be told as bytes.
  const auto table = (*tree)->read(".vetset/tables/authored.parquet");
  REQUIRE(table);
  std::size_t parts = 0;
  REQUIRE((*parquet_module())->read(*table, {"content"}, [&](const Table& rows) -> Result<void> {
    const auto& texts = std::get<TextColumn>(rows.front().values);
    CHECK(texts.bytes.find("$bytes:") == std::string::npos);
    parts += texts.ends.size();
    return {};
  }));
  CHECK(parts == 2);
}

TEST_CASE("bytes that are no text come back too") {
  if (no_module()) return;
  const TemporaryFolder scratch;
  const std::filesystem::path folder = root(scratch) / "cells";
  put(folder / "data.yaml", "path: .\ntrain: images\nnames: [cell]\n");
  put(folder / "images/a.jpg", "pixels");
  const std::string odd = "0 0.5 0.5 0.1 0.1 \xFF\xFE\r\n0 0.5";
  put(folder / "labels/a.txt", odd);
  REQUIRE(seal(folder.string(), {.from = "yolo"}));
  put(folder / "labels/a.txt", "0 0.5 0.5 0.1 0.1\n");
  const auto restored = restore(folder.string());
  REQUIRE_MESSAGE(restored, to_string(restored.error()));
  CHECK(restored->whole);
  CHECK(get(folder / "labels/a.txt") == odd);
}

TEST_CASE("tables that say something else than the labels break a seal, whatever the manifest's digests say") {
  if (no_module()) return;
  const TemporaryFolder scratch;
  const std::string folder = street(scratch);
  REQUIRE(seal(folder));
  // The tables of a dataset in which the box is another, under a manifest that lists them as they are.
  const std::filesystem::path other = root(scratch) / "other";
  std::string changed = labels();
  changed.replace(changed.find("3.50"), 4, "3.75");
  put(other / "instances.json", changed);
  put(other / "images/a.jpg", "pixels of a");
  put(other / "images/b.jpg", "pixels of b");
  REQUIRE(seal(other.string()));
  const std::string name = ".vetset/tables/annotations.parquet";
  std::filesystem::copy_file(other / name, std::filesystem::path(folder) / name,
                             std::filesystem::copy_options::overwrite_existing);
  const std::string bytes = get(std::filesystem::path(folder) / name);
  auto parsed = parse_manifest(get(std::filesystem::path(folder) / manifest_path));
  REQUIRE(std::holds_alternative<Manifest>(parsed));
  Manifest manifest = std::get<Manifest>(std::move(parsed));
  for (ManifestFile& f : manifest.files) {
    if (f.path != name) continue;
    f.size = bytes.size();
    f.digest = sha256(bytes);
  }
  put(std::filesystem::path(folder) / manifest_path, to_json(manifest));
  const auto v = verify(folder);
  REQUIRE(v);
  CHECK(v->verdict == Verification::Verdict::broken);
  CHECK(std::any_of(v->lines.begin(), v->lines.end(), [](const VerifyLine& l) { return l.code == "E_TABLE_ROOT"; }));
}

TEST_CASE("restore puts back what changed, from the tables, the folder itself and copies; the rest it names") {
  if (no_module()) return;
  const TemporaryFolder scratch;
  const std::filesystem::path folder = street(scratch), copy = root(scratch) / "copy";
  std::filesystem::copy(folder, copy, std::filesystem::copy_options::recursive);
  REQUIRE(seal(folder.string()));

  SUBCASE("labels need nothing but the seal") {
    put(folder / "instances.json", "{}");
    const auto restored = restore(folder.string());
    REQUIRE(restored);
    CHECK(restored->whole);
    CHECK(restored->put_back == 1);
    CHECK(told(*restored, "instances.json")->what == "changed");
    CHECK(told(*restored, "instances.json")->source == "its own tables");
  }
  SUBCASE("two images that changed places and one that was renamed need nothing either") {
    put(folder / "images/a.jpg", "pixels of b");
    put(folder / "images/b.jpg", "pixels of a");
    const auto restored = restore(folder.string());
    REQUIRE(restored);
    CHECK(restored->whole);
    CHECK(get(folder / "images/a.jpg") == "pixels of a");
    CHECK(get(folder / "images/b.jpg") == "pixels of b");
    std::filesystem::rename(folder / "images/b.jpg", folder / "images/c.jpg");
    const auto again = restore(folder.string());
    REQUIRE(again);
    CHECK_FALSE(again->whole);  // c.jpg is left alone, and told
    CHECK(again->put_back == 1);
    CHECK(again->extra == std::vector<std::string>{"images/c.jpg"});
    std::filesystem::remove(folder / "images/c.jpg");
  }
  SUBCASE("an image needs a copy; without one it is named, and nothing is done to it") {
    put(folder / "images/a.jpg", "pixels of A");
    const auto alone = restore(folder.string());
    REQUIRE(alone);
    CHECK_FALSE(alone->whole);
    REQUIRE(told(*alone, "images/a.jpg") != nullptr);
    CHECK_FALSE(told(*alone, "images/a.jpg")->trouble.empty());
    CHECK(get(folder / "images/a.jpg") == "pixels of A");
    const auto planned = restore(folder.string(), {.from = {copy.string()}, .dry_run = true});
    REQUIRE(planned);
    CHECK(told(*planned, "images/a.jpg")->source == copy.string());
    CHECK(get(folder / "images/a.jpg") == "pixels of A");
    const auto restored = restore(folder.string(), {.from = {copy.string()}});
    REQUIRE(restored);
    CHECK(restored->whole);
  }
  SUBCASE("a link in the place of a file is replaced, and what it points to is untouched") {
    put(root(scratch) / "outside.jpg", "not yours");
    std::filesystem::remove(folder / "images/a.jpg");
    std::filesystem::create_symlink(root(scratch) / "outside.jpg", folder / "images/a.jpg");
    const auto restored = restore(folder.string(), {.from = {copy.string()}});
    REQUIRE(restored);
    CHECK(restored->whole);
    CHECK(told(*restored, "images/a.jpg")->what == "no file");
    CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(folder / "images/a.jpg")));
    CHECK(get(root(scratch) / "outside.jpg") == "not yours");
  }
  SUBCASE("a folder that became a link is not written through") {
    std::filesystem::create_directories(root(scratch) / "elsewhere");
    std::filesystem::remove_all(folder / "images");
    std::filesystem::create_symlink(root(scratch) / "elsewhere", folder / "images");
    const auto restored = restore(folder.string(), {.from = {copy.string()}});
    REQUIRE_MESSAGE(restored, to_string(restored.error()));
    CHECK_FALSE(restored->whole);
    CHECK(std::filesystem::is_empty(root(scratch) / "elsewhere"));
    std::filesystem::remove(folder / "images");
    REQUIRE(restore(folder.string(), {.from = {copy.string()}})->whole);
  }
  SUBCASE("litter goes only when asked for, and its empty folders with it") {
    put(folder / "runs/detect/train/weights/best.pt", "x");
    put(folder / "labels.cache", "x");
    const auto told_of = restore(folder.string());
    REQUIRE(told_of);
    CHECK(told_of->whole);
    CHECK(told_of->litter.size() == 2);
    CHECK(std::filesystem::exists(folder / "labels.cache"));
    const auto cleaned = restore(folder.string(), {.clean = true});
    REQUIRE(cleaned);
    CHECK_FALSE(std::filesystem::exists(folder / "labels.cache"));
    CHECK_FALSE(std::filesystem::exists(folder / "runs"));
  }
  CHECK(verdict(folder.string()) == Verification::Verdict::intact);
  CHECK(restore(folder.string())->changed.empty());
}

TEST_CASE("what was put back keeps its rights") {
  const TemporaryFolder scratch;
  const std::filesystem::path folder = street(scratch), copy = root(scratch) / "copy";
  std::filesystem::copy(folder, copy, std::filesystem::copy_options::recursive);
  REQUIRE(seal(folder.string(), {.tables = false}));
  put(folder / "images/a.jpg", "pixels of A");
  using std::filesystem::perms;
  const perms rights = perms::owner_read | perms::owner_write | perms::group_read;
  std::filesystem::permissions(folder / "images/a.jpg", rights);
  REQUIRE(restore(folder.string(), {.from = {copy.string()}})->whole);
  CHECK(std::filesystem::status(folder / "images/a.jpg").permissions() == rights);
}

TEST_CASE("a source that lies about its digests gives nothing") {
  const TemporaryFolder scratch;
  const std::filesystem::path folder = street(scratch), copy = root(scratch) / "copy";
  REQUIRE(seal(folder.string(), {.tables = false}));
  std::filesystem::copy(folder, copy, std::filesystem::copy_options::recursive);
  put(copy / "images/a.jpg", "pixels of X");  // its manifest still says otherwise
  std::filesystem::remove(folder / "images/a.jpg");
  const auto restored = restore(folder.string(), {.from = {copy.string()}});
  REQUIRE(restored);
  CHECK_FALSE(restored->whole);
  CHECK_FALSE(std::filesystem::exists(folder / "images/a.jpg"));
}
