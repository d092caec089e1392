// Packages: what goes in comes out, in every layout and form, and each way of tampering with one is named.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "tests/support/random_dataset.h"
#include "vetset/base/parquet.h"
#include "vetset/base/tar_write.h"
#include "vetset/base/tree_shards.h"
#include "vetset/dataset/canonical.h"
#include "vetset/formats/format.h"
#include "vetset/formats/vetset/vetset.h"
#include "vetset/package/listed_tree.h"
#include "vetset/package/seal.h"
#include "vetset/package/verify.h"

using namespace vetset;

namespace {

/// Packages need the module that knows Parquet; a build without it says so.
bool no_module() {
  if (parquet_module()) return false;
  MESSAGE("skipped: " << parquet_module().error().message);
  return true;
}

const Format& packages() { return *find_format("vetset"); }

constexpr std::string_view labels =
    R"({"images":[{"id":1,"file_name":"a.jpg","width":10,"height":10},{"id":2,"file_name":"b.jpg","width":10,"height":10}],)"
    R"("annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,3.50,4],"area":12,"iscrowd":0,"note":"x"}],)"
    R"("categories":[{"id":1,"name":"car"}]})";

MemoryTree source_tree() {
  return MemoryTree{
      {"instances.json", std::string(labels)}, {"images/a.jpg", "pixels of a"}, {"images/b.jpg", "pixels of b"}};
}

/// A package of that, in the layout asked for, sealed.
MemoryTree packed(const std::string& layout) {
  const MemoryTree source = source_tree();
  const auto reading = find_format("coco")->read(source, {.probe_images = false});
  REQUIRE(reading);
  MemoryTree tree;
  REQUIRE(packages().write(reading->dataset, source, tree, {.task = layout}));
  const auto back = packages().read(tree, {});
  REQUIRE_MESSAGE(back, to_string(back.error()));
  const auto seal = make_seal(
      tree, back->dataset, "vetset",
      {.name = "street", .version = "1.0.0", .writer = "vetset test", .form = Form::directory, .media = layout},
      Pool(1), {});
  REQUIRE(seal);
  REQUIRE(tree.write("vetset.json", seal->manifest_json));
  return tree;
}

Verification verified(const Tree& tree) {
  auto v = verify_package(tree, {}, Pool(2), {});
  REQUIRE(v);
  return *std::move(v);
}
bool says(const Verification& v, std::string_view code) {
  return std::any_of(v.lines.begin(), v.lines.end(), [&](const VerifyLine& l) { return l.code == code; });
}
std::string read(const Tree& tree, std::string_view path) { return std::string(tree.read(path)->text()); }
std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}
std::string shard_of(const Tree& tree) { return std::string(tree.list("media/").front()); }

/// The same with one table written anew, and the manifest's digest and size of it corrected.
void rewrite_table(MemoryTree& tree, std::string_view table, const Dataset& d) {
  MemoryTree other;
  REQUIRE(packages().write(d, other, other, {.images = ImagesMode::none}));
  const std::string path = package_table_path(table), before = read(tree, path), after = read(other, path);
  tree.replace(path, after);
  std::string manifest =
      replaced(read(tree, "vetset.json"), sha256(before).hex() + "\",\"size\":" + std::to_string(before.size()),
               sha256(after).hex() + "\",\"size\":" + std::to_string(after.size()));
  tree.replace("vetset.json", manifest);
}

std::string error_of(const MemoryTree& tree) {
  const auto reading = packages().read(tree, {});
  return reading ? "no error" : to_string(reading.error());
}

/// One table as bytes.
std::string parquet(Table columns) {
  std::string bytes;
  const TableRows rows{1, [&](std::uint64_t begin, std::uint64_t end) {
                         Table piece = columns;
                         if (begin == end)
                           for (TableColumn& c : piece)
                             c = {c.name, std::visit([](auto v) { return ColumnValues(decltype(v)()); }, c.values), {}};
                         return piece;
                       }};
  REQUIRE((*parquet_module())->write(rows, [&](std::string_view more) -> Result<void> {
    bytes += more;
    return {};
  }));
  return bytes;
}
TextColumn text(std::string_view value) {
  TextColumn column;
  column.add(value);
  return column;
}

}  // namespace

TEST_CASE("law: the dataset of a package has the labels, the residue and the authored text of what was packed") {
  if (no_module()) return;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    const Dataset d = random_dataset(seed, {.style = static_cast<RandomOptions::Style>(seed % 4)});
    MemoryTree tree, again;
    REQUIRE(packages().write(d, tree, tree, {.images = ImagesMode::none, .pool = Pool(1)}));
    const auto back = packages().read(tree, {});
    REQUIRE_MESSAGE(back, to_string(back.error()));
    CHECK(labels_identity(back->dataset, Pool(1))->id == labels_identity(d, Pool(1))->id);
    CHECK(canonical(back->dataset) == canonical(d));
    REQUIRE(back->dataset.annotations.size() == d.annotations.size());
    for (std::size_t i = 0; i < d.annotations.size(); ++i)
      CHECK(back->dataset.authored_text(to_index<AnnotationIndex>(i)) == d.authored_text(to_index<AnnotationIndex>(i)));
    // The same bytes again, from the package and with other threads.
    REQUIRE(packages().write(back->dataset, again, again, {.images = ImagesMode::none, .pool = Pool(3)}));
    for (const std::string_view path : tree.list())
      CHECK_MESSAGE(read(tree, path) == read(again, path), std::string(path));
  }
}

TEST_CASE("images lie in a package as files or in shards, byte by byte as they were") {
  if (no_module()) return;
  const MemoryTree files = packed("files");
  CHECK(read(files, "media/images/a.jpg") == "pixels of a");
  const MemoryTree tree = packed("shards");
  REQUIRE(tree.list("media/").size() == 1);
  const ShardedTree shards(tree);
  const auto places = read_package_media(tree);
  REQUIRE(places);
  REQUIRE(places->size() == 2);
  CHECK(read(shards, (*places)[0].path) == "pixels of a");
  CHECK(read(shards, (*places)[1].path) == "pixels of b");
  CHECK((*places)[0].source == "images/a.jpg");
  CHECK_FALSE(shards.read("media/none.tar/x", {}));
}

TEST_CASE("the table says where in its shard an image lies, for those who read ranges") {
  if (no_module()) return;
  const MemoryTree tree = packed("shards");
  const std::string bytes = read(tree, shard_of(tree));
  PackageReader reader;
  REQUIRE((*parquet_module())
              ->read(read(tree, "tables/samples.parquet"), package_columns("samples"), [&](const Table& rows) {
                Table known = rows;
                std::erase_if(known, [](const TableColumn& c) { return c.name == "file" || c.name == "document"; });
                return reader.add("samples", known);
              }));
  for (const MediaPlace& place : reader.take_media())
    CHECK(sha256(bytes.substr(place.offset, place.size)).hex() == place.sha256);
}

TEST_CASE("a clean package is intact in every layout, as a folder and as one file") {
  if (no_module()) return;
  for (const char* layout : {"files", "shards"}) {
    CAPTURE(layout);
    const MemoryTree tree = packed(layout);
    CHECK(verified(tree).verdict == Verification::Verdict::intact);
    std::string tar;
    for (const std::string_view path : tree.list())
      tar += *tar_header(path, tree.read(path)->size()) + read(tree, path) + tar_padding(tree.read(path)->size());
    const auto one = open_tar_bytes(Bytes::from(tar + tar_end()), "street.tar");
    REQUIRE(one);
    CHECK(verified(**one).verdict == Verification::Verdict::intact);
  }
}

TEST_CASE("a flipped byte of a table, a shard or the manifest breaks a package") {
  if (no_module()) return;
  const auto flip = [](MemoryTree& tree, std::string_view path, std::size_t at) {
    std::string bytes = read(tree, path);
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    tree.replace(path, bytes);
  };
  MemoryTree table = packed("files"), shard = packed("shards"), manifest = packed("files"), image = packed("files");
  flip(table, "tables/annotations.parquet", 100);
  CHECK(says(verified(table), "E_DIGEST"));
  flip(shard, shard_of(shard), 513);  // the first byte behind a header
  CHECK(says(verified(shard), "E_DIGEST"));
  CHECK(says(verified(shard), "E_MEDIA_DIGEST"));
  manifest.replace("vetset.json", replaced(read(manifest, "vetset.json"), "street", "STREET"));
  CHECK(verified(manifest).package_id != verified(packed("files")).package_id);
  flip(image, "media/images/a.jpg", 0);
  CHECK(says(verified(image), "E_DIGEST"));
}

TEST_CASE("a changed row with its table's digest corrected still has another identity") {
  if (no_module()) return;
  MemoryTree tree = packed("files");
  Dataset d = packages().read(tree, {})->dataset;
  d.annotations[0].box.width = 99;
  rewrite_table(tree, "annotations", d);
  const Verification v = verified(tree);
  CHECK_FALSE(says(v, "E_DIGEST"));
  CHECK(says(v, "E_TABLE_ROOT"));
}

TEST_CASE("a package with a file too many, too few, or a foreign manifest is broken") {
  if (no_module()) return;
  MemoryTree extra = packed("files"), fewer = packed("files"), sealed = packed("files"), foreign = packed("files");
  REQUIRE(extra.write("media/c.jpg", "c"));
  CHECK(says(verified(extra), "E_EXTRA"));
  fewer.remove("tables/memberships.parquet");
  CHECK(says(verified(fewer), "E_MISSING"));
  sealed.replace("vetset.json", replaced(read(sealed, "vetset.json"), "\"directory\"", "\"sealed\""));
  CHECK(says(verified(sealed), "E_MANIFEST"));
  REQUIRE(foreign.write("attest/note.txt", "trust me"));
  CHECK(says(verified(foreign), "E_ATTEST_FOREIGN"));
}

TEST_CASE("what is wrong with a table is told with its file, row and column") {
  if (no_module()) return;
  const MemoryTree whole = packed("files");
  const auto with = [&](std::string_view table, const std::string& bytes) {
    MemoryTree tree;
    for (const std::string_view path : whole.list()) REQUIRE(tree.write(path, read(whole, path)));
    tree.replace(package_table_path(table), bytes);
    return error_of(tree);
  };
  const std::string annotations = read(whole, "tables/annotations.parquet");
  const std::string cut = with("annotations", annotations.substr(0, annotations.size() / 2));
  CHECK(cut.starts_with("tables/annotations.parquet: this Parquet file cannot be read: "));
  CHECK(with("categories", parquet({{"category_id", std::vector<double>{1.5}}})) ==
        "tables/categories.parquet: table categories, column category_id: expected texts");
  CHECK(with("categories", parquet({{"name", text("car")}})) ==
        "tables/categories.parquet: table categories, row 1, column category_id: a key is missing");
  CHECK(with("annotations", parquet({{"ann_id", text("1")}, {"sample_id", text("c.jpg")}})) ==
        "tables/annotations.parquet: table annotations, row 1, column sample_id: 'c.jpg' names no row of samples");
  CHECK(with("annotations", parquet({{"ann_id", text("1")}, {"shapes", text("[{\"kind\":\"star\"}]")}})) ==
        "tables/annotations.parquet: table annotations, row 1, column shapes: a shape is of the kind 'star', which is "
        "not known");
  MemoryTree missing = packed("files");
  missing.remove("tables/samples.parquet");
  CHECK(error_of(missing) == "(memory): the table samples is missing; every package has tables/samples.parquet");
}

TEST_CASE("every column of every table has its place in the description of the format") {
  std::ifstream file(std::string(VETSET_SOURCE_DIR) + "/docs/package-format.md");
  const std::string page((std::istreambuf_iterator<char>(file)), {});
  for (const std::string_view table : package_table_names()) {
    CHECK(page.find("**" + std::string(table) + "**") != std::string::npos);
    for (const std::string& column : package_columns(table)) {
      CAPTURE(column);
      CHECK(page.find("`" + column + "`") != std::string::npos);
    }
  }
}

TEST_CASE("a text that is not UTF-8 stands in a cell as its base64, and so does one that looks like that") {
  CHECK(cell_text("car") == "car");
  CHECK(cell_text("\xff") == "$bytes:/w==");
  CHECK(cell_text("$bytes:/w==") == "$bytes:JGJ5dGVzOi93PT0=");
}

TEST_CASE("a tar member is the same bytes for everyone, and names that ustar cannot hold are errors") {
  const auto header = tar_header("0a1b.jpg", 11);
  REQUIRE(header);
  CHECK(header->size() == tar_block);
  const auto tree = open_tar_bytes(Bytes::from(*header + "pixels of a" + tar_padding(11) + tar_end()), "m.tar");
  REQUIRE(tree);
  CHECK((*tree)->problems().empty());
  CHECK(read(**tree, "0a1b.jpg") == "pixels of a");
  const std::string deep = std::string(120, 'f') + "/" + std::string(90, 'n');
  const auto long_name = tar_header(deep, 0);
  REQUIRE(long_name);
  CHECK((*open_tar_bytes(Bytes::from(*long_name + tar_end()), "m.tar", {.step_in = false}))->contains(deep));
  CHECK_FALSE(tar_header(std::string(300, 'n'), 0));
  CHECK_FALSE(tar_header("a", 1ULL << 33));
}
