// Level 2 of a package: tables read row by row give the identity of the dataset that they were made of, and each way of
// tampering with a table or a shard has its code.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include "tests/support/random_dataset.h"
#include "vetset/base/parquet.h"
#include "vetset/base/row_groups.h"
#include "vetset/dataset/canonical.h"
#include "vetset/formats/format.h"
#include "vetset/formats/vetset/vetset.h"
#include "vetset/package/oms.h"
#include "vetset/package/seal.h"
#include "vetset/package/shard_members.h"
#include "vetset/package/sign.h"
#include "vetset/package/table_roots.h"
#include "vetset/package/verify.h"

using namespace vetset;

namespace {

bool no_module() {
  if (parquet_module()) return false;
  MESSAGE("skipped: " << parquet_module().error().message);
  return true;
}

const Format& packages() { return *find_format("vetset"); }
std::string read(const Tree& tree, std::string_view path) { return std::string(tree.read(path)->text()); }

constexpr std::string_view labels =
    R"({"images":[{"id":1,"file_name":"a.jpg","width":10,"height":10},{"id":2,"file_name":"b.jpg","width":10,"height":10}],)"
    R"("annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,3,4],"area":12,"iscrowd":0},)"
    R"({"id":2,"image_id":2,"category_id":2,"bbox":[1,2,3,5],"area":15,"iscrowd":0}],)"
    R"("categories":[{"id":1,"name":"car"},{"id":2,"name":"bus"}]})";

MemoryTree packed(const std::string& layout) {
  const MemoryTree source{
      {"instances.json", std::string(labels)}, {"images/a.jpg", "pixels of a"}, {"images/b.jpg", "more pixels of b"}};
  const auto reading = find_format("coco")->read(source, {.probe_images = false});
  REQUIRE(reading);
  MemoryTree tree;
  REQUIRE(packages().write(reading->dataset, source, tree, {.task = layout}));
  const auto back = packages().read(tree, {});
  REQUIRE(back);
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
std::size_t count(const Verification& v, std::string_view code, std::string_view where = {}) {
  return static_cast<std::size_t>(std::count_if(v.lines.begin(), v.lines.end(), [&](const VerifyLine& l) {
    return l.code == code && (where.empty() || l.where == where);
  }));
}

/// Puts other bytes in place of a file, and corrects its digest in the manifest.
void replace_listed(MemoryTree& tree, std::string_view path, const std::string& after) {
  const std::string before = read(tree, path);
  const auto entry = [](const std::string& bytes) {
    return sha256(bytes).hex() + "\",\"size\":" + std::to_string(bytes.size());
  };
  std::string manifest = read(tree, "vetset.json");
  const std::size_t at = manifest.find(entry(before));
  REQUIRE(at != std::string::npos);
  manifest.replace(at, entry(before).size(), entry(after));
  tree.replace("vetset.json", manifest);
  tree.replace(path, after);
}

Table all_rows(const Tree& tree, std::string_view table) {
  Table rows;
  REQUIRE((*parquet_module())
              ->read(read(tree, package_table_path(table)), package_columns(table),
                     [&](const Table& piece) -> Result<void> {
                       rows = piece;  // these tables have one piece
                       return {};
                     }));
  return rows;
}
Table no_rows(const Table& like) {
  Table out;
  for (const TableColumn& c : like)
    out.push_back({c.name, std::visit([](auto v) { return ColumnValues(decltype(v)()); }, c.values), {}});
  return out;
}
std::string parquet(const Table& table, std::uint64_t rows) {
  std::string bytes;
  REQUIRE(
      (*parquet_module())
          ->write({rows, [&](std::uint64_t begin, std::uint64_t end) { return begin == end ? no_rows(table) : table; }},
                  [&](std::string_view more) -> Result<void> {
                    bytes += more;
                    return {};
                  }));
  return bytes;
}
TableColumn& column(Table& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const TableColumn& c) { return c.name == name; });
  REQUIRE(found != table.end());
  return *found;
}
void set_texts(Table& table, std::string_view name, std::initializer_list<std::string_view> values) {
  TextColumn texts;
  for (const std::string_view value : values) texts.add(value);
  column(table, name) = {std::string(name), std::move(texts), std::vector<bool>(values.size(), false)};
}

/// A package in which the annotations were changed, digest corrected.
template <class Change>
Verification with_table(const std::string& layout, std::string_view table, Change change) {
  MemoryTree tree = packed(layout);
  Table rows = all_rows(tree, table);
  change(rows);
  replace_listed(tree, package_table_path(table), parquet(rows, 2));
  return verified(tree);
}

/// Faults of a shard of these bytes that comes in pieces of `piece` bytes, as "row:words" or "row:=" where the bytes
/// are others.
std::string faults(std::string_view shard, std::vector<ShardMember> stated, std::size_t piece) {
  ShardMembers members;
  for (const ShardMember& m : stated) members.add("media/m.tar", m);
  members.arrange();
  ShardMembers::Shard* const found = members.find("media/m.tar");
  REQUIRE(found != nullptr);
  CHECK(members.find("media/n.tar") == nullptr);
  MemberWatch watch(*found);
  for (std::size_t at = 0; at < shard.size(); at += piece) watch.add(shard.substr(at, piece));
  watch.finish();
  std::string out;
  for (const MemberFault& f : members.take_faults())
    out += std::to_string(f.row) + ":" + (f.words.empty() ? "=" : f.words) + ";";
  return out;
}

}  // namespace

TEST_CASE("law: tables that are read row by row have the identity of the dataset that they were made of") {
  if (no_module()) return;
  const TableListener listener{
      .fault = [](const std::string& code, std::string_view table,
                  const std::string& words) { FAIL_CHECK(code << " " << table << " " << words); },
      .media = [](std::uint64_t, std::string_view, const MediaPlace&) -> std::optional<TableListener::File> {
        return std::nullopt;
      }};
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    const Dataset d = random_dataset(seed, {.style = static_cast<RandomOptions::Style>(seed % 4)});
    MemoryTree tree;
    REQUIRE(packages().write(d, tree, tree, {.images = ImagesMode::none, .pool = Pool(1)}));
    const auto roots = roots_of_tables(tree, listener, Pool(static_cast<unsigned>(1 + seed % 3)), {});
    REQUIRE_MESSAGE(roots, to_string(roots.error()));
    const auto whole = dataset_identity(d, {}, Pool(1));
    CHECK(roots->identity.document == whole->document);
    CHECK(roots->identity.id == whole->id);
    CHECK(roots->identity.labels_id == labels_identity(d, Pool(1))->id);
    CHECK(roots->samples == d.images.size());
    CHECK(roots->annotations == d.annotations.size());
  }
}

TEST_CASE("T33 a relabelled row with its file's digest corrected names its table, and no other") {
  if (no_module()) return;
  const Verification v = with_table("files", "annotations", [](Table& t) { set_texts(t, "category_id", {"2", "2"}); });
  CHECK(v.verdict == Verification::Verdict::broken);
  CHECK(count(v, "E_TABLE_ROOT", "annotations") == 1);
  CHECK(count(v, "E_TABLE_ROOT") == 1);
}

TEST_CASE("T34 rows in another order are the same data in other bytes") {
  if (no_module()) return;
  MemoryTree tree = packed("files"), fixed = packed("files");
  const std::string path = package_table_path("annotations"), before = read(tree, path);
  std::vector<Table> rows;  // one by one
  const auto opened = (*parquet_module())->open(before.size(), [&](Range range) -> Result<Bytes> {
    return Bytes::from(before.substr(range.offset, range.size));
  });
  REQUIRE(opened);
  REQUIRE((*opened)->pieces(1, package_columns("annotations"), [&](const Table& row) -> Result<void> {
    rows.push_back(row);
    return {};
  }));
  REQUIRE(rows.size() == 2);
  TableRows turned{
      2, [&](std::uint64_t begin, std::uint64_t end) { return begin == end ? no_rows(rows[0]) : rows[1 - begin]; }};
  turned.piece = 1;
  std::string after;
  REQUIRE((*parquet_module())->write(turned, [&](std::string_view more) -> Result<void> {
    after += more;
    return {};
  }));
  replace_listed(fixed, path, after);
  CHECK(verified(fixed).verdict == Verification::Verdict::intact);
  CHECK(verified(fixed).dataset_id == verified(packed("files")).dataset_id);
  tree.replace(path, after);
  const Verification v = verified(tree);
  CHECK(v.verdict == Verification::Verdict::broken);
  CHECK(count(v, "E_ROW_ORDER", "annotations") == 1);
  CHECK(count(v, "E_TABLE_ROOT") == 0);
}

TEST_CASE("T35 a table with another number of rows than the manifest states") {
  if (no_module()) return;
  MemoryTree tree = packed("files");
  const Table rows = all_rows(tree, "annotations");
  replace_listed(tree, "tables/annotations.parquet", parquet(no_rows(rows), 0));
  const Verification v = verified(tree);
  CHECK(count(v, "E_PARQUET_STATS", "annotations") == 1);
  CHECK(count(v, "E_TABLE_ROOT", "annotations") == 1);
}

TEST_CASE("T35 a footer whose statistics lie, so that who searches by them would miss a row") {
  if (no_module()) return;
  MemoryTree tree = packed("files");
  const std::string path = package_table_path("samples");
  std::string bytes = read(tree, path);
  std::uint32_t footer = 0;
  std::memcpy(&footer, bytes.data() + bytes.size() - 8, 4);
  std::size_t changed = 0;
  for (std::size_t at = bytes.size() - 8 - footer; (at = bytes.find("b.jpg", at)) != std::string::npos; ++changed)
    bytes.replace(at, 5, "a.jpg");
  REQUIRE(changed > 0);
  replace_listed(tree, path, bytes);
  const Verification v = verified(tree);
  CHECK(v.verdict == Verification::Verdict::broken);
  CHECK(count(v, "E_PARQUET_STATS", path) == 1);
}

TEST_CASE("T38 an annotation of a sample or a category that is not there dangles") {
  if (no_module()) return;
  const Verification sample =
      with_table("files", "annotations", [](Table& t) { set_texts(t, "sample_id", {"a.jpg", "c.jpg"}); });
  REQUIRE(count(sample, "E_DANGLING", "annotations") == 1);
  const Verification category =
      with_table("files", "annotations", [](Table& t) { set_texts(t, "category_id", {"1", "9"}); });
  CHECK(count(category, "E_DANGLING", "annotations") == 1);
  for (const VerifyLine& l : sample.lines)
    if (l.code == "E_DANGLING") CHECK(l.words == "'c.jpg' names no row of samples");
}

TEST_CASE("T39 a key that is there twice") {
  if (no_module()) return;
  const Verification v = with_table("files", "annotations", [](Table& t) { set_texts(t, "ann_id", {"1", "1"}); });
  CHECK(count(v, "E_DUP_KEY", "annotations") == 1);
  const Verification s =
      with_table("files", "samples", [](Table& t) { set_texts(t, "sample_id", {"a.jpg", "a.jpg"}); });
  CHECK(count(s, "E_DUP_KEY", "samples") == 1);
}

TEST_CASE("T01 a flipped bit in a shard names the shard and the sample") {
  if (no_module()) return;
  MemoryTree tree = packed("shards");
  CHECK(verified(tree).verdict == Verification::Verdict::intact);
  const std::string path(tree.list("media/").front());
  std::string bytes = read(tree, path);
  const std::size_t at = bytes.find("more pixels of b");
  REQUIRE(at != std::string::npos);
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  tree.replace(path, bytes);
  Verification v = verified(tree);
  CHECK(count(v, "E_DIGEST", path) == 1);
  const std::string where = "sample=b.jpg key=" + sha256("b.jpg").hex().substr(0, 16);
  CHECK(count(v, "E_MEDIA_DIGEST", where) == 1);
  CHECK(count(v, "E_MEDIA_DIGEST") == 1);
  // Also where the shard's digest was corrected.
  tree = packed("shards");
  replace_listed(tree, path, bytes);
  v = verified(tree);
  CHECK(count(v, "E_DIGEST") == 0);
  CHECK(count(v, "E_MEDIA_DIGEST", where) == 1);
  CHECK(std::none_of(v.lines.begin(), v.lines.end(),
                     [](const VerifyLine& l) { return l.level == "L2" && l.code == "OK"; }));
}

TEST_CASE("T37 an offset that leads into another image") {
  if (no_module()) return;
  const Verification v = with_table("shards", "samples", [](Table& t) {
    auto& offsets = std::get<std::vector<std::int64_t>>(column(t, "shard_offset").values);
    REQUIRE(offsets.size() == 2);
    std::swap(offsets[0], offsets[1]);
  });
  CHECK(count(v, "E_MEDIA_DIGEST") == 2);
  CHECK(count(v, "E_TABLE_ROOT") == 0);
}

TEST_CASE("a row that states another digest than its file's") {
  if (no_module()) return;
  const Verification v = with_table("files", "samples", [](Table& t) {
    const std::string other = sha256("other").hex();
    set_texts(t, "media_sha256", {sha256("pixels of a").hex(), other});
  });
  CHECK(count(v, "E_MEDIA_DIGEST") == 1);
  CHECK(v.verdict == Verification::Verdict::broken);
}

TEST_CASE("S9 a footer that claims to be huge is not asked for") {
  if (no_module()) return;
  constexpr std::uint64_t size = std::uint64_t{1} << 30;
  std::uint64_t asked = 0;
  const auto opened = (*parquet_module())->open(size, [&](Range range) -> Result<Bytes> {
    asked += range.size;
    std::string bytes(range.size, '\0');
    if (range.offset + range.size == size) bytes.replace(range.size - 8, 8, std::string("\x01\x00\x00\x10PAR1", 8));
    return Bytes::from(std::move(bytes));
  });
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Code::limit);
  CHECK(opened.error().message == "states a footer of 268435457 bytes, expected at most 67108864");
  CHECK(asked < 100);
}

TEST_CASE("T36 a table that would take more memory than tables may is refused before it is taken") {
  if (no_module()) return;
  MemoryTree footer = packed("files");
  std::string bytes = read(footer, "tables/annotations.parquet");
  bytes.replace(bytes.size() - 8, 4, std::string("\xff\xff\xff\x7f", 4));
  replace_listed(footer, "tables/annotations.parquet", bytes);
  CHECK(count(verified(footer), "E_PARQUET_LIMIT", "tables/annotations.parquet") == 1);

  // A megabyte that says 140: one text of half a megabyte, 280 times.
  MemoryTree bomb = packed("files");
  const std::string long_text(1 << 19, 'a');
  std::string file;
  const TableRows rows{280, [&](std::uint64_t begin, std::uint64_t end) {
                         TextColumn key, path;
                         for (std::uint64_t i = begin; i < end; ++i) {
                           key.add(std::to_string(i));
                           path.add(long_text);
                         }
                         return Table{{"sample_id", std::move(key)}, {"path", std::move(path)}};
                       }};
  REQUIRE((*parquet_module())->write(rows, [&](std::string_view more) -> Result<void> {
    file += more;
    return {};
  }));
  REQUIRE(file.size() < (1 << 20));
  replace_listed(bomb, "tables/samples.parquet", file);
  CHECK(count(verified(bomb), "E_PARQUET_LIMIT", "tables/samples.parquet") == 1);
}

TEST_CASE("what is no table is told as such, and costs the verification nothing else") {
  if (no_module()) return;
  for (const std::string& bytes :
       {std::string(), std::string("PAR1"), std::string(64, 'x'), std::string(60, 'x') + "PAR1"}) {
    CAPTURE(bytes);
    MemoryTree tree = packed("files");
    replace_listed(tree, "tables/annotations.parquet", bytes);
    const Verification v = verified(tree);
    CHECK(v.verdict == Verification::Verdict::broken);
    CHECK(count(v, "E_LABELS", "tables/annotations.parquet") + count(v, "E_PARQUET_LIMIT") == 1);
  }
}

TEST_CASE("members of a shard are held to their digests in pieces of any size") {
  std::string header_a(512, '\0'), header_b(512, '\0');
  header_a.replace(0, 5, "a.jpg");
  header_b.replace(0, 5, "b.jpg");
  const std::string shard = header_a + std::string(600, 'a') + std::string(424, '\0') + header_b + "b";
  const auto member = [](std::string_view name, std::uint64_t offset, std::string_view bytes, std::uint32_t row) {
    return ShardMember{
        .offset = offset, .size = bytes.size(), .digest = sha256(bytes), .name = member_name_hash(name), .row = row};
  };
  const std::string a(600, 'a');
  const ShardMember good_a = member("a.jpg", 512, a, 0), good_b = member("b.jpg", 2048, "b", 1);
  for (const std::size_t piece : {1UL, 7UL, 512UL, 1000UL, 5000UL}) {
    CAPTURE(piece);
    CHECK(faults(shard, {good_a, good_b}, piece) == "");
    CHECK(faults(shard, {good_b, good_a, good_a}, piece) == "");  // two samples of one image
    CHECK(faults(shard, {good_a, member("b.jpg", 2048, "c", 1)}, piece) == "1:=;");
    CHECK(faults(shard, {member("c.jpg", 512, a, 0), good_b}, piece) == "0:no member of that name begins there;");
    CHECK(faults(shard, {good_a, member("b.jpg", 600, "b", 1)}, piece) == "1:no member of that name begins there;");
    CHECK(faults(shard, {good_a, member("b.jpg", 2048, "bb", 1)}, piece) == "1:the shard ends before the image does;");
    CHECK(faults(shard, {good_a, member("b.jpg", 1 << 20, "b", 1)}, piece) ==
          "1:the shard ends before the image begins;");
    CHECK(faults(shard, {good_a, member("a.jpg", 512, "", 1)}, piece) == "");  // no bytes are no bytes anywhere
  }
}

TEST_CASE("stretches that lie across each other are not all hashed") {
  std::string shard(512, '\0');
  shard.replace(0, 1, "a");
  shard += std::string(100, 'a');
  std::vector<ShardMember> stated;
  for (std::uint32_t i = 0; i < 20; ++i)
    stated.push_back({.offset = 512,
                      .size = 50 + i,
                      .digest = sha256(std::string(50 + i, 'a')),
                      .name = member_name_hash("a"),
                      .row = i});
  const std::string told = faults(shard, stated, 64);
  CHECK(told.starts_with("8:lies across the images of other samples;"));
  CHECK(std::count(told.begin(), told.end(), ';') == 12);
}

TEST_CASE("the signature of a million images in shards takes no more than 60 kB") {
  Manifest m;
  m.name = "million";
  m.version = "1.0.0";
  m.form = Form::directory;
  m.format = "vetset";
  m.media = "shards";
  constexpr std::uint64_t shards = 50'000'000'000 / (256ULL << 20) + 4;  // 50 kB an image, 256 MiB a shard
  for (std::uint64_t i = 0; i < shards; ++i) {
    const std::string key = sha256(std::to_string(i)).hex().substr(0, 16);
    m.files.push_back(
        {.path = "media/m-" + key + ".tar", .size = 256 << 20, .digest = sha256(key), .role = Role::media});
  }
  for (const std::string_view table : package_table_names())
    m.files.push_back(
        {.path = package_table_path(table), .size = 1 << 20, .digest = sha256(table), .role = Role::table});
  std::sort(m.files.begin(), m.files.end(),
            [](const ManifestFile& a, const ManifestFile& b) { return a.path < b.path; });
  const auto bundle = sign_statement(oms_statement(m, sha256("manifest")), make_key("")->private_pem, "");
  REQUIRE(bundle);
  CHECK(shards >= 190);
  CHECK(bundle->json.size() > 100 * shards);  // every shard is in it
  CHECK(bundle->json.size() <= 60'000);
}
