#include "vetset/dataset/canonical.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "tests/base/temporary.h"
#include "tests/support/random.h"
#include "tests/support/random_dataset.h"
#include "vetset/base/json.h"
#include "vetset/dataset/canonical_rows.h"

using namespace vetset;

namespace {

constexpr RandomOptions::Style styles[] = {RandomOptions::Style::everything, RandomOptions::Style::plain,
                                           RandomOptions::Style::coco, RandomOptions::Style::yolo};

std::string canonical_with(const Dataset& d, unsigned threads) {
  std::string text;
  const auto done = canonical_rows(d, Pool(threads), [&](std::string_view table, std::string_view row) {
    text.append(table).append("\t").append(row).append("\n");
  });
  REQUIRE(done);
  return text;
}

std::vector<std::uint32_t> random_order(Random& random, std::size_t count) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  for (std::uint32_t i = static_cast<std::uint32_t>(count); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

template <class T>
void reorder(Column<T>& column, const std::vector<std::uint32_t>& order) {
  if (column.empty()) return;
  Column<T> moved;
  for (const std::uint32_t from : order) moved.push_back(column[from]);
  column = std::move(moved);
}

void reorder(Ids& ids, const std::vector<std::uint32_t>& order, const std::vector<std::uint32_t>& place) {
  reorder(ids.numbers, order);
  for (Ids::Token& token : ids.tokens) token.owner = place[token.owner];
  std::sort(ids.tokens.begin(), ids.tokens.end(), [](const auto& a, const auto& b) { return a.owner < b.owner; });
}

template <class Index>
void renumber(Index& index, const std::vector<std::uint32_t>& place) {
  if (index != none<Index>) index = to_index<Index>(place[to_size(index)]);
}

/// The key of each image as its row has it.
std::vector<std::string> sample_ids(const Dataset& d) {
  const RowKeys keys = make_row_keys(d, Pool(1));
  std::vector<std::string> ids(d.images.size());
  for (std::size_t i = 0; i < ids.size(); ++i) append_canonical_string(ids[i], keys.images[i]);
  return ids;
}

/// The same dataset with images and annotations stored in another order.
Dataset shuffled(Dataset d, Random& random) {
  const auto image_order = random_order(random, d.images.size()), order = random_order(random, d.annotations.size());
  std::vector<std::uint32_t> image_place(image_order.size()), place(order.size());
  for (std::uint32_t i = 0; i < image_order.size(); ++i) image_place[image_order[i]] = i;
  for (std::uint32_t i = 0; i < order.size(); ++i) place[order[i]] = i;

  reorder(d.images, image_order);
  reorder(d.image_ids, image_order, image_place);
  reorder(d.image_positions, image_order);
  for (Membership& row : d.memberships) renumber(row.image, image_place);
  for (Track& track : d.tracks) renumber(track.video, image_place);
  reorder(d.annotations, order);
  for (Annotation& a : d.annotations) renumber(a.image, image_place);
  reorder(d.annotation_ids, order, place);
  reorder(d.annotation_positions, order);
  reorder(d.areas, order);
  reorder(d.scores, order);
  for (const auto column : {&Dataset::authored, &Dataset::track_ids, &Dataset::group_ids}) reorder(d.*column, order);
  const auto owned = [&](auto& rows) {
    for (auto& row : rows) {
      if (row.owner == Owner::image) row.index = image_place[row.index];
      if (row.owner == Owner::annotation) row.index = place[row.index];
    }
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
      return std::pair(a.owner, a.index) < std::pair(b.owner, b.index);
    });
  };
  owned(d.residues);
  owned(d.attributes);
  const auto annotated = [&](auto& rows) {
    for (auto& row : rows) renumber(row.annotation, place);
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.annotation < b.annotation; });
  };
  annotated(d.text_rows);
  annotated(d.dangling);
  annotated(d.lexemes);
  for (TrackState& state : d.track_states) renumber(state.annotation, place);
  for (Relation& relation : d.relations) {
    renumber(relation.from, place);
    renumber(relation.to, place);
  }
  std::stable_sort(d.relations.begin(), d.relations.end(),
                   [](const auto& a, const auto& b) { return a.from < b.from; });
  return d;
}

std::string run_twin(const std::string& arguments) {
  const std::string command = "python3 '" VETSET_SOURCE_DIR "/tests/judges/identity_twin.py' " + arguments + " 2>&1";
  std::string output;
  std::FILE* const pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, n);
  pclose(pipe);
  return output;
}

}  // namespace

TEST_CASE("the canonical form of a small dataset is what docs/identity.md says") {
  Dataset d;
  d.format = "coco";
  d.splits.push_back({.name = "train", .role = SplitRole::train, .info = "{\"year\": 2024.0}", .has_categories = true});
  d.categories.push_back({.name = "car"});
  d.categories.push_back({.name = "Bus", .supercategory = "vehicle"});
  d.category_ids.numbers.append(std::vector<std::int64_t>{3, 1});
  d.images.push_back(
      {.path = d.add_text("a/\xc3\xa9.jpg"), .width = 640, .height = 480, .size_origin = SizeOrigin::stated});
  d.images.push_back({.path = d.add_text("b.jpg"), .width = 7, .height = 7, .size_origin = SizeOrigin::header});
  d.image_ids.numbers.append(std::vector<std::int64_t>{12, 9007199254740993});
  d.memberships.push_back({SplitIndex{0}, ImageIndex{0}, 0});
  d.memberships.push_back({SplitIndex{0}, ImageIndex{1}, 1});
  d.coordinates.append(std::vector<double>{0, 0, 5.50, 0, 5.5, 1e-7});
  d.rings.push_back({.begin = 0, .count = 6});
  d.shapes.push_back({.begin = 0, .count = 1, .kind = ShapeKind::polygon});
  Annotation a{.box = {1, 2, 3, 4.5},
               .image = ImageIndex{0},
               .category = CategoryIndex{1},
               .shape = ShapeIndex{0},
               .kind = Kind::polygon,
               .box_origin = Origin::stated};
  a.flags.set(Flag::crowd, false);
  d.annotations.push_back(a);
  d.annotations.push_back({.image = ImageIndex{1}, .category = CategoryIndex{0}, .kind = Kind::box, .order = 1});
  d.annotations.push_back({.image = ImageIndex{1}, .category = CategoryIndex{0}, .kind = Kind::box, .order = 2});
  d.annotation_ids.numbers.append(std::vector<std::int64_t>{Ids::odd, Ids::absent, Ids::absent});
  d.annotation_ids.tokens.push_back({0, d.add_text("\"a7\"")});
  d.authored.append(std::vector<Text>{{}, d.add_text("0 .5 0.50 x 1"), d.add_text("0  .5 0.5 x 1.0")});
  d.residues.push_back({Owner::annotation, 0, d.add_text("{\"z\":null,\"b\":[1.0]}")});
  REQUIRE(!d.inconsistency());
  const std::string hash =
      sha256(R"({"authored":[0,0.5,0.5,"x",1],"category_id":"3","kind":"box","sample_id":"b.jpg"})")
          .hex()
          .substr(0, 32);
  CHECK(
      canonical(d) ==
      "dataset\t{\"id\":\"dataset\"}\n"
      "splits\t{\"info\":{\"year\":2024},\"keys\":[\"annotations\",\"categories\",\"images\"],\"name\":\"train\","
      "\"role\":\"train\",\"split_id\":\"train\"}\n"
      "categories\t{\"category_id\":\"1\",\"id\":1,\"name\":\"Bus\",\"order\":1,\"supercategory\":\"vehicle\"}\n"
      "categories\t{\"category_id\":\"3\",\"id\":3,\"name\":\"car\",\"order\":0}\n"
      "samples\t{\"height\":480,\"id\":12,\"path\":\"a/\xc3\xa9.jpg\",\"sample_id\":\"a/\xc3\xa9.jpg\",\"width\":640}\n"
      "samples\t{\"id\":\"9007199254740993\",\"path\":\"b.jpg\",\"sample_id\":\"b.jpg\"}\n"
      "annotations\t{\"ann_id\":\"a7\",\"box\":[1,2,3,4.5],\"category_id\":\"1\",\"flags\":{\"crowd\":false},\"id\":"
      "\"a7\",\"kind\":\"polygon\",\"order\":0,"
      "\"residue\":{\"b\":[1],\"z\":null},\"sample_id\":\"a/"
      "\xc3\xa9.jpg\",\"shapes\":[{\"kind\":\"polygon\",\"rings\":[[0,0,5.5,0,5.5,1e-7]]}]}\n"
      "annotations\t{\"ann_id\":\"~" +
          hash +
          "\",\"authored\":[0,0.5,0.5,\"x\",1],\"category_id\":\"3\",\"kind\":\"box\",\"order\":1,\"sample_id\":\"b."
          "jpg\"}\n"
          "annotations\t{\"ann_id\":\"~" +
          hash +
          "-2\",\"authored\":[0,0.5,0.5,\"x\",1],\"category_id\":\"3\",\"kind\":\"box\",\"order\":2,\"sample_id\":\"b."
          "jpg\"}\n"
          "memberships\t{\"order\":0,\"sample_id\":\"a/\xc3\xa9.jpg\",\"split_id\":\"train\"}\n"
          "memberships\t{\"order\":1,\"sample_id\":\"b.jpg\",\"split_id\":\"train\"}\n");
}

TEST_CASE("the canonical form and the identity do not depend on threads, nor on where records are stored") {
  for (std::uint64_t seed = 0; seed < 250; ++seed) {
    CAPTURE(seed);
    const Dataset d = random_dataset(seed, {.style = styles[seed % 4], .images = 20});
    Random random(seed);
    const std::string text = canonical(d);
    const Dataset other = shuffled(d, random);
    REQUIRE(!other.inconsistency());
    CHECK(canonical(other) == text);
    for (const unsigned threads : {1U, 2U, 5U}) CHECK(canonical_with(d, threads) == text);
    const auto one = labels_identity(d, Pool(1)), five = labels_identity(other, Pool(5));
    REQUIRE(one);
    REQUIRE(five);
    CHECK(one->document == five->document);
    CHECK(one->id == five->id);
  }
}

TEST_CASE("every row is its own canonical form, and so is the document of the identity") {
  for (std::uint64_t seed = 0; seed < 250; ++seed) {
    CAPTURE(seed);
    std::size_t printed = 0;
    const Dataset d = random_dataset(seed, {.style = styles[seed % 4]});
    CHECK(canonical_rows(d, Pool(1), [&](std::string_view table, std::string_view row) {
      const auto again = canonical_json(row);
      REQUIRE(again);
      CHECK(*again == row);
      ++printed;
      CHECK(!table.empty());
    }));
    const auto identity = labels_identity(d, Pool(1));
    REQUIRE(identity);
    CHECK(*canonical_json(identity->document) == identity->document);
    std::size_t rows = 0;
    for (const CanonicalTable& table : identity->tables) rows += table.rows;
    CHECK(rows == printed);
    CHECK(identity->id == sha256("vetset/labels/1\n" + identity->document));
  }
}

TEST_CASE("rows without a key stand in the order of their bytes") {
  Dataset d;
  for (std::uint32_t i = 0; i < 40; ++i) d.images.push_back({.path = d.add_text("images/" + std::to_string(i))});
  for (const char* const name : {"val", "train", "a"}) d.splits.push_back({.name = name});
  for (std::uint32_t s = 0; s < 3; ++s)  // the same orders in every split, and one row twice
    for (std::uint32_t i = 0; i < 41; ++i)
      d.memberships.push_back({static_cast<SplitIndex>(s), static_cast<ImageIndex>((i * 7 + s) % 40), i % 20});
  std::vector<std::string> rows;
  const auto keep = [&](std::string_view table, std::string_view row) {
    if (table == "memberships") rows.emplace_back(row);
  };
  REQUIRE(canonical_rows(d, Pool(2), keep));
  CHECK(rows.size() == 123);
  CHECK(std::is_sorted(rows.begin(), rows.end()));
}

TEST_CASE("images of one path are told apart by split, then by number") {
  Dataset d;
  d.splits.push_back({.name = "train"});
  d.splits.push_back({.name = "val"});
  d.splits.push_back({.name = "train"});
  for (const char* path : {"a.jpg", "a.jpg", "a.jpg", "a.jpg", "a.jpg@val", "a.jpg"})
    d.images.push_back({.path = d.add_text(path)});
  d.memberships.push_back({SplitIndex{0}, ImageIndex{1}, 0});
  d.memberships.push_back({SplitIndex{0}, ImageIndex{0}, 1});
  d.memberships.push_back({SplitIndex{1}, ImageIndex{2}, 0});
  d.memberships.push_back({SplitIndex{2}, ImageIndex{3}, 0});
  REQUIRE(!d.inconsistency());
  const std::string text = canonical(d);
  for (const char* expected : {"{\"order\":0,\"sample_id\":\"a.jpg@train\",\"split_id\":\"train\"}",
                               "{\"order\":1,\"sample_id\":\"a.jpg@train-2\",\"split_id\":\"train\"}",
                               "{\"order\":0,\"sample_id\":\"a.jpg@val-2\",\"split_id\":\"val\"}",
                               "{\"order\":0,\"sample_id\":\"a.jpg@train-2-2\",\"split_id\":\"train-2\"}"}) {
    CAPTURE(expected);
    CAPTURE(text);
    CHECK(text.find(expected) != std::string::npos);
  }
}

TEST_CASE("equal annotations without ids are numbered by their order in the file") {
  Dataset d, other;
  for (const std::uint32_t order : {3U, 8U, 12U}) d.annotations.push_back({.kind = Kind::tag, .order = order});
  for (const std::uint32_t order : {12U, 3U, 8U}) other.annotations.push_back({.kind = Kind::tag, .order = order});
  const std::string hash = sha256(R"({"kind":"tag"})").hex().substr(0, 32);
  CHECK(canonical(d).find("{\"ann_id\":\"~" + hash + "-3\",\"kind\":\"tag\",\"order\":12}") != std::string::npos);
  CHECK(canonical(other) == canonical(d));
}

TEST_CASE("media belong to their images, in whatever order they come") {
  const Dataset d = random_dataset(1);
  REQUIRE(d.images.size() >= 2);
  const MediaFile a{ImageIndex{0}, sha256("a"), 1}, b{ImageIndex{1}, sha256("b"), 2};
  const MediaFile a_of_second{ImageIndex{1}, a.digest, a.bytes}, b_of_first{ImageIndex{0}, b.digest, b.bytes};
  const auto identity = [&](const std::vector<MediaFile>& media) {
    const auto done = dataset_identity(d, media, Pool(1));
    REQUIRE(done);
    return *done;
  };
  CHECK(identity({a, b}).id == identity({b, a}).id);
  CHECK(identity({a, b}).id != identity({a_of_second, b_of_first}).id);
  CHECK(identity({a, a_of_second}).id != identity({a}).id);
  CHECK(identity({a, b}).id != identity({a}).id);
  CHECK(identity({a}).id != identity({}).id);
  CHECK(identity({a}).id != identity({{a.image, a.digest, 2}}).id);
  CHECK(identity({}).id != labels_identity(d, Pool(1))->id);
}

TEST_CASE("a twin in plain Python comes to the same identities") {
  if (std::system("python3 -c '' 2>/dev/null") != 0) {
    MESSAGE("skipped 1: python3");
    return;
  }
  const testing::TemporaryFolder folder;
  const std::string rows = folder / "rows.tsv", files = folder / "media.txt";
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    CAPTURE(seed);
    const Dataset d = random_dataset(seed, {.style = styles[seed % 4], .images = 20});
    std::vector<MediaFile> media;
    std::string list;
    const std::vector<std::string> samples = sample_ids(d);
    for (std::size_t i = 0; i < samples.size(); i += 1 + seed % 3) {
      media.push_back({to_index<ImageIndex>(i), sha256(std::to_string(i % 5)), i % 5});
      list += media.back().digest.hex() + " " + std::to_string(i % 5) + " " + samples[i] + "\n";
    }
    folder.write("rows.tsv", canonical(d));
    folder.write("media.txt", list);
    CHECK(run_twin("--media '" + files + "' '" + rows + "'") ==
          "labels_id " + labels_identity(d, Pool(1))->id.text() + "\n" + "dataset_id " +
              dataset_identity(d, media, Pool(2))->id.text() + "\n");
  }
  folder.write("rows.tsv",
               "samples\t{\"path\":\"b\",\"sample_id\":\"b\"}\nsamples\t{\"path\":\"a\",\"sample_id\":\"a\"}\n");
  CHECK(run_twin("'" + rows + "'") == "line 2: key b'a' does not come after b'b'\n");
  folder.write("rows.tsv", "samples\t{\"sample_id\":\"b\", \"path\":1.0}\n");
  CHECK(run_twin("'" + rows + "'") ==
        "line 1: not its own canonical form, which is {\"path\":1,\"sample_id\":\"b\"}\n");
}
