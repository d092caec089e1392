#include "vetset/evaluate/coco_stream.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "vetset/base/random.h"

using namespace vetset;

namespace {

template <class T>
void shuffle(std::vector<T>& values, Random& draw) {
  for (std::uint32_t i = static_cast<std::uint32_t>(values.size()); i > 1; --i)
    std::swap(values[i - 1], values[draw.below(i)]);
}

/// The predictions of one image; scores tie, and some images have none.
Predictions piece_of(std::int64_t image, Random& draw, bool masks) {
  Predictions piece;
  piece.images.push_back({.id = image});
  const unsigned rows = draw.below(5);
  for (unsigned row = 0; row < rows; ++row) {
    Instances& to = piece.rows;
    const std::int64_t category = draw.below(3) + 1;
    auto at = std::find_if(piece.categories.begin(), piece.categories.end(),
                           [&](const PredictedName& name) { return name.id == category; });
    if (at == piece.categories.end()) at = piece.categories.insert(at, {.id = category});
    to.image.push_back(0);
    to.category.push_back(static_cast<std::uint32_t>(at - piece.categories.begin()));
    to.box.push_back({static_cast<double>(draw.below(50)), static_cast<double>(row), 5, 5});
    to.score.push_back(static_cast<double>(draw.below(4)) / 4);
    to.said.push_back(static_cast<std::uint8_t>(Said::box) | static_cast<std::uint8_t>(Said::score));
    if (masks) {
      const std::string text = "mask " + std::to_string(image) + " " + std::to_string(row);
      to.mask.push_back(
          {.begin = to.mask_text.size(), .size = static_cast<std::uint32_t>(text.size()), .height = 9, .width = 9});
      to.mask_text.append(std::span(text.data(), text.size()));
    }
  }
  piece.records = rows;
  return piece;
}

/// Everything that an evaluation can see.
std::string seen(const Predictions& p) {
  std::string text;
  for (const PredictedName& image : p.images) text += key_of(image) + " from " + std::to_string(image.first) + "\n";
  for (const PredictedName& category : p.categories)
    text += key_of(category) + " from " + std::to_string(category.first) + "\n";
  const InstancesView rows = p.rows.view();
  for (std::size_t i = 0; i < rows.count; ++i) {
    const Box& box = rows.box[i];
    text += std::to_string(rows.image[i]) + " " + std::to_string(rows.category[i]) + " " + std::to_string(box.x) + " " +
            std::to_string(box.y) + " " + std::to_string(rows.score[i]) + " " + std::to_string(rows.said[i]);
    if (!rows.mask.empty()) text += " " + std::string(rows.text(rows.mask[i]));
    text += "\n";
  }
  return text + std::to_string(p.records) + " " + std::to_string(p.first_said);
}

}  // namespace

TEST_CASE("what a stream holds does not depend on the order of images, nor on how they were shared out") {
  for (unsigned seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    Random draw(seed);
    std::vector<Predictions> pieces;
    for (std::int64_t image = 1; image <= 20; ++image) pieces.push_back(piece_of(image * 7 % 41, draw, seed % 2 == 0));
    CocoStream whole;
    for (const Predictions& piece : pieces) REQUIRE(whole.add(piece));
    const std::string expected = seen(whole.all());

    std::vector<std::size_t> order(pieces.size());
    std::iota(order.begin(), order.end(), 0);
    shuffle(order, draw);
    std::vector<CocoStream> shares(1 + draw.below(4));
    for (const std::size_t i : order)
      REQUIRE(shares[draw.below(static_cast<std::uint32_t>(shares.size()))].add(pieces[i]));
    shuffle(shares, draw);
    CocoStream merged;
    for (const CocoStream& share : shares) REQUIRE(merged.merge(share));
    CHECK(merged.images() == pieces.size());
    CHECK(seen(merged.all()) == expected);
  }
}

TEST_CASE("what a stream gives back, it takes again") {
  Random draw(5);
  CocoStream stream, again;
  for (std::int64_t image = 9; image > 0; --image) REQUIRE(stream.add(piece_of(image, draw, true)));
  REQUIRE(again.add(stream.all()));
  CHECK(seen(again.all()) == seen(stream.all()));
}

TEST_CASE("rows of one image stay in the order in which they were given") {
  Random draw(1);
  Predictions piece;
  piece.images = {{.id = 2}, {.id = 1}};
  piece.categories = {{.id = 4}};
  for (const std::uint32_t image : {0U, 1U, 0U, 1U, 0U}) {
    piece.rows.image.push_back(image);
    piece.rows.category.push_back(0);
    piece.rows.score.push_back(0.5);
    piece.rows.box.push_back({static_cast<double>(piece.rows.box.size()), 0, 1, 1});
  }
  CocoStream stream;
  REQUIRE(stream.add(piece));
  std::vector<double> found;
  const Predictions all = stream.all();
  for (const Box& box : all.rows.box) found.push_back(box.x);
  CHECK(found == std::vector<double>{1, 3, 0, 2, 4});
}

TEST_CASE("an image that is given twice is an error that names it, and nothing is taken") {
  Random draw(3);
  CocoStream stream;
  REQUIRE(stream.add(piece_of(7, draw, false)));
  Predictions both = piece_of(8, draw, false);
  both.images.push_back({.id = 7});
  const std::string before = seen(stream.all());
  const auto refused = stream.add(both);
  REQUIRE(!refused);
  CHECK(refused.error().message == "image 7 was given before; expected each image once");
  CHECK(seen(stream.all()) == before);
  CHECK(!stream.merge(stream));
}
