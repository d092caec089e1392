// Embeddings: whose rows they are, exact nearest neighbours, and what is unusually near.
#include "vetset/scan/links_by_embedding.h"

#include <doctest/doctest.h>

#include <cmath>

#include "vetset/base/random.h"
#include "vetset/base/tree.h"
#include "vetset/scan/find_links.h"
#include "vetset/scan/nearest_by_cosine.h"

using namespace vetset;

namespace {

/// A dataset of that many training and test images, and rows for them.
struct Given {
  Dataset d;
  EmbeddingRows rows{.name = "e.npy"};

  Given(std::size_t train, std::size_t test, std::size_t dimension, std::uint64_t seed = 1) {
    rows.columns = dimension;
    Random random(seed);
    for (const auto& [name, count] : {std::pair("train", train), std::pair("test", test)}) {
      const auto s = to_index<SplitIndex>(d.splits.size());
      if (count > 0) d.splits.push_back({.name = name, .origin = SplitOrigin::folder});
      for (std::size_t k = 0; k < count; ++k) {
        const Text path = d.add_text(std::string(name) + "/" + std::to_string(k) + ".jpg");
        d.images.push_back({.path = path, .media = path});
        d.memberships.push_back({s, to_index<ImageIndex>(d.images.size() - 1), static_cast<std::uint32_t>(k)});
        for (std::size_t n = 0; n < dimension; ++n) rows.values.push_back(static_cast<float>(random.unit() - 0.5));
        ++rows.rows;
      }
    }
  }
  float* row(std::size_t k) { return rows.values.data() + k * rows.columns; }
  void copy(std::size_t from, std::size_t to, float change = 0) {
    std::copy(row(from), row(from) + rows.columns, row(to));
    row(to)[0] += change;
  }
  Links links(const Links& known = {}, unsigned threads = 1) const {
    const auto embeddings = embeddings_of(d, rows);
    REQUIRE(embeddings);
    auto found = links_by_embedding(d, *embeddings, known, Pool(threads), {});
    REQUIRE(found);
    return *std::move(found);
  }
  std::string fault() const {
    const auto embeddings = embeddings_of(d, rows);
    return embeddings ? "none" : to_string(embeddings.error());
  }
};

bool mentions(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the nearest by cosine is that of a plain search in doubles, for every dimension and any number of threads") {
  for (const std::size_t dimension : {1U, 2U, 7U, 8U, 9U, 64U, 131U}) {
    CAPTURE(dimension);
    Random random(dimension);
    UnitVectors vectors(dimension);
    std::vector<std::vector<float>> all;
    for (std::uint32_t k = 0; k < 303; ++k) {  // no multiple of what is taken at a time
      std::vector<float> v(dimension);
      double squares = 0;
      for (float& x : v) {
        x = static_cast<float>(random.unit() - 0.5);
        squares += double{x} * double{x};
      }
      for (float& x : v) x = static_cast<float>(double{x} / std::sqrt(squares));
      vectors.add(v, k / 2);  // two of a group
      all.push_back(v);
    }
    const auto one = nearest_by_cosine(vectors, vectors, 0, Pool(1), {});
    const auto four = nearest_by_cosine(vectors, vectors, 0, Pool(4), {});
    REQUIRE(one);
    REQUIRE(four);
    for (std::size_t i = 0; i < all.size(); ++i) {
      double best = 3;
      for (std::size_t j = 0; j < all.size(); ++j) {
        if (i / 2 == j / 2) continue;
        double dot = 0;
        for (std::size_t n = 0; n < dimension; ++n) dot += double{all[i][n]} * double{all[j][n]};
        best = std::min(best, 1 - dot);
      }
      CHECK(std::abs((*one)[i].distance - best) < 1e-6);
      CHECK((*one)[i].of / 2 != i / 2);
      CHECK((*one)[i].of == (*four)[i].of);
      CHECK((*one)[i].distance == (*four)[i].distance);
    }
  }
}

TEST_CASE("of equally near vectors the first is the nearest, and copies are passed over where asked") {
  UnitVectors vectors(2);
  const float a[] = {1, 0}, b[] = {0, 1};
  for (std::uint32_t k = 0; k < 20; ++k) vectors.add(k == 11 ? b : a, k);
  const auto nearest = nearest_by_cosine(vectors, vectors, 0, Pool(1), {});
  REQUIRE(nearest);
  CHECK((*nearest)[0].of == 1);
  CHECK((*nearest)[7].of == 0);
  CHECK((*nearest)[7].distance == 0);
  CHECK((*nearest)[11].of == 0);
  const auto others = nearest_by_cosine(vectors, vectors, 1e-6, Pool(1), {});
  REQUIRE(others);
  CHECK((*others)[7].of == 11);
  CHECK((*others)[7].distance == 1);
}

TEST_CASE("what is nearer to training than one in a hundred of training is to itself is linked") {
  Given given(400, 50, 32);
  given.copy(17, 405, 0.01F);  // a test image beside a training image
  const Links links = given.links();
  REQUIRE(links.embedding);
  const EmbeddingSearch& search = *links.embedding;
  CHECK(search.between_splits);
  CHECK(search.null == 400);
  CHECK(search.searched == 50);
  CHECK(search.below == links.links.size());
  CHECK(search.below <= 4);  // unrelated ones are as near as that once in a hundred
  CHECK(search.quantile < search.null_median);
  bool found = false;
  for (const Link& link : links.links) {
    CHECK(link.kind == LinkKind::embedding);
    CHECK(to_size(link.first) < 400);
    CHECK(to_size(link.second) >= 400);
    CHECK(1 - double{link.score} < search.quantile + 1e-6);
    found = found || (to_size(link.first) == 17 && to_size(link.second) == 405);
  }
  CHECK(found);
  for (std::size_t k = 0; k < 40; ++k) given.copy(k, 400 + k, 0.01F);
  CHECK(given.links().embedding->below >= 40);
}

TEST_CASE("copies inside training do not move the bound") {
  Given given(400, 50, 32);
  const double before = given.links().embedding->quantile;
  for (std::size_t k = 0; k < 40; ++k) given.copy(k, k + 40);  // a tenth of training is there twice
  CHECK(given.links().embedding->quantile > before / 2);
  given.copy(0, 40, 0.004F);  // nearly so, and links know of it
  Links known;
  known.links = {{.first = ImageIndex{0}, .second = ImageIndex{40}, .kind = LinkKind::near}};
  CHECK(given.links(known).embedding->quantile > before / 2);
}

TEST_CASE("what other links tie is not said again") {
  Given given(200, 10, 32);
  given.copy(3, 205);
  Links known;
  CHECK(given.links().embedding->below >= 1);
  const auto before = given.links().links.size();
  known.links = {{.first = ImageIndex{3}, .second = ImageIndex{205}, .kind = LinkKind::bytes}};
  CHECK(given.links(known).links.size() == before - 1);
}

TEST_CASE("fewer than a hundred training images have no first percentile, and nothing is linked") {
  Given given(99, 5, 8);
  given.copy(0, 99);
  const Links links = given.links();
  CHECK(links.links.empty());
  REQUIRE(links.notes.size() == 1);
  CHECK(links.notes[0] ==
        "embeddings: 99 images of training have distances to compare with, and 100 are needed: nothing was linked by "
        "them");
}

TEST_CASE("without a split called train all images are held against each other, each pair once") {
  Given given(0, 300, 16);
  given.copy(5, 250, 0.001F);
  const auto embeddings = embeddings_of(given.d, given.rows);
  REQUIRE(embeddings);
  MemoryTree tree;
  const auto links = find_links(
      given.d, tree, {}, {}, nullptr,
      {.near = NearTier::none, .sequences = false, .capture = false, .embeddings = &*embeddings}, Pool(2), {});
  REQUIRE(links);
  REQUIRE(links->embedding);
  CHECK_FALSE(links->embedding->between_splits);
  std::size_t pairs = 0;
  for (const Link& link : links->links) pairs += to_size(link.first) == 5 && to_size(link.second) == 250 ? 1U : 0U;
  CHECK(pairs == 1);
  CHECK(components(*links, 300).sizes.size() == 300);  // hints join nobody
}

TEST_CASE("rows have a direction, one an image, or are refused by their number") {
  Given given(3, 0, 4);
  given.rows.values[5] = NAN;
  CHECK(given.fault() == "e.npy: row 1 ('train/1.jpg') holds a NaN, expected numbers with a direction");
  given.rows.values[5] = -INFINITY;
  CHECK(mentions(given.fault(), "row 1 ('train/1.jpg') holds an infinity"));
  for (std::size_t k = 8; k < 12; ++k) given.rows.values[k] = 0;
  given.rows.values[5] = 1;
  CHECK(mentions(given.fault(), "row 2 ('train/2.jpg') holds zeros alone"));
  given.rows.values.resize(8);
  given.rows.rows = 2;
  CHECK(given.fault() == "e.npy: has 2 rows, and the dataset 3 images: a list of paths has to say whose each row is");
}

TEST_CASE("paths say whose a row is: a path, or a base name that only one image has") {
  Given given(2, 2, 2);  // train/0.jpg, train/1.jpg, test/0.jpg, test/1.jpg
  given.d.images[3].path = given.d.images[3].media = given.d.add_text("test/9.jpg");
  given.rows.names = "e.txt";
  given.rows.values = {1, 0, 0, 2, 1, 1, 5, 5};
  given.rows.paths = {"9.jpg", "train/0.jpg", "nobody.jpg", "test/0.jpg"};
  const auto embeddings = embeddings_of(given.d, given.rows);
  REQUIRE(embeddings);
  CHECK(embeddings->of(ImageIndex{0})[1] == 1);
  CHECK(embeddings->of(ImageIndex{3})[0] == 1);
  CHECK(embeddings->known == std::vector<bool>{true, false, true, true});
  CHECK(embeddings->without == 1);
  CHECK(embeddings->unused == 1);
  given.rows.paths[3] = "0.jpg";
  CHECK(given.fault() == "e.txt: '0.jpg' of row 3 is the name of 2 images, expected a path that only one has");
  given.rows.paths[3] = "test/9.jpg";
  CHECK(given.fault() == "e.txt: rows 0 and 3 are both of 'test/9.jpg'");
  given.rows.paths.pop_back();
  CHECK(given.fault() == "e.txt: names 3 images, expected 4, one a row of e.npy");
  given.rows.paths = {"a", "b", "c", "d"};
  CHECK(given.fault() == "e.txt: names no image of the dataset: its first is 'a'");
}
