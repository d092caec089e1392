// Probabilities bound to a dataset: whose rows, which columns, and what is refused.
#include "vetset/dataset/probabilities.h"

#include <doctest/doctest.h>

#include <limits>

#include "tests/check/made.h"

using namespace vetset;
using namespace vetset::test;

namespace {

/// Six images of three classes, two each; the model is right about all.
struct Pets {
  Made m;
  std::vector<float> values;
  ProbabilityRows rows{.name = "p.npy"};

  Pets() {
    for (const char* name : {"cat", "dog", "fox"}) m.category(name);
    for (std::size_t i = 0; i < 6; ++i) {
      const auto image = m.image("images/" + std::to_string(i) + ".jpg");
      m.box(image, to_index<CategoryIndex>(i / 2), {0, 0, 9, 9});
      for (std::size_t c = 0; c < 3; ++c) values.push_back(c == i / 2 ? 0.8F : 0.1F);
    }
    rows.rows = 6;
    rows.width = 3;
    rows.values = values;
  }
  Result<Probabilities> bound() const { return probabilities_of(m.d, rows, Pool(2)); }
  Error refused() const {
    const auto made = bound();
    REQUIRE(!made);
    return made.error();
  }
};

}  // namespace

TEST_CASE("rows without names are the dataset's images in order, and nothing is copied") {
  const Pets pets;
  const auto made = pets.bound();
  REQUIRE(made);
  CHECK(made->of == ProbabilitiesOf::images);
  CHECK(made->values.data() == pets.values.data());
  CHECK(made->row_of == std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5});
  CHECK_FALSE(made->several);
  CHECK_FALSE(made->out_of_fold);
}

TEST_CASE("paths and names of classes say whose rows and columns are, in any order") {
  Pets pets;
  for (const char* path : {"5.jpg", "4.jpg", "3.jpg", "2.jpg", "1.jpg", "0.jpg"}) pets.rows.paths.emplace_back(path);
  pets.rows.columns = {"fox", "dog", "cat"};
  const auto made = pets.bound();
  REQUIRE(made);
  CHECK(made->row_of == std::vector<std::uint32_t>{5, 4, 3, 2, 1, 0});
  CHECK(made->column_of == std::vector<std::uint32_t>{2, 1, 0});
  CHECK(made->category_of[0] == CategoryIndex{2});
}

TEST_CASE("what is no probability is refused with its row and column") {
  Pets pets;
  pets.values[4] = std::numeric_limits<float>::quiet_NaN();
  CHECK(pets.refused().message == "row 1 has NaN in column 1, expected a probability from 0 to 1");
  pets.values[4] = -2;
  CHECK(pets.refused().message.find("row 1 has -2 in column 1") != std::string::npos);
  pets.values[4] = 0.4F;
  CHECK(pets.refused().message == "row 1 sums to 1.3, expected 1: each image has one class");
  CHECK(pets.refused().file == "p.npy");
}

TEST_CASE("a NaN among many columns is found, wherever it stands") {
  Pets pets;
  for (std::size_t c = 3; c < 21; ++c) pets.m.category("c" + std::to_string(c));
  for (std::size_t at = 0; at < 21; ++at) {
    CAPTURE(at);
    std::vector<float> wide(6 * 21, 1.0F / 21);
    wide[2 * 21 + at] = std::numeric_limits<float>::quiet_NaN();
    pets.rows.width = 21;
    pets.rows.values = wide;
    CHECK(pets.refused().message.find("row 2 has NaN in column " + std::to_string(at)) == 0);
  }
}

TEST_CASE("another number of rows or columns, an unknown image and an unknown class are refused") {
  Pets pets;
  pets.rows.rows = 5;
  pets.rows.values = pets.rows.values.first(15);
  CHECK(pets.refused().message.find("has 5 rows, and the dataset 6 images and 6 annotations") == 0);
  pets = Pets();
  pets.rows.values = pets.values;
  pets.rows.paths = {"0.jpg", "1.jpg", "2.jpg", "3.jpg", "4.jpg", "9.jpg"};
  CHECK(pets.refused().message.find("1 row is of no image of the dataset, the first is row 5 ('9.jpg')") == 0);
  pets.rows.paths = {"0.jpg", "1.jpg", "2.jpg", "3.jpg", "4.jpg", "4.jpg"};
  CHECK(pets.refused().message.find("rows 4 and 5 are of one") == 0);
  pets.rows.paths.clear();
  pets.rows.columns = {"cat", "dgo", "fox"};
  CHECK(pets.refused().message.find("column 1 is of 'dgo', which is no class of the dataset") == 0);
  pets.rows.columns = {"cat", "cat", "fox"};
  CHECK(pets.refused().message == "columns 0 and 1 are both of 'cat'");
}

TEST_CASE("columns in another order are told by the labels, and never put right in silence") {
  Pets pets;
  for (int more = 0; more < 3; ++more)
    for (std::size_t i = 0; i < 6; ++i) {
      const auto image = pets.m.image("more/" + std::to_string(more) + std::to_string(i) + ".jpg");
      pets.m.box(image, to_index<CategoryIndex>(i / 2), {0, 0, 9, 9});
    }
  pets.values.clear();
  for (std::size_t i = 0; i < 24; ++i)
    for (std::size_t c = 0; c < 3; ++c) pets.values.push_back(c == (i % 6 / 2 + 1) % 3 ? 0.8F : 0.1F);
  pets.rows.rows = 24;
  pets.rows.values = pets.values;
  const Error error = pets.refused();
  CHECK(error.code == Code::malformed);
  CHECK(error.message.find("labels agree with 0 % as they stand, and with 100 % where 'cat' seems to be column 1") !=
        std::string::npos);
  pets.rows.columns = {"fox", "cat", "dog"};
  CHECK(pets.bound());
  pets.rows.columns = {"cat", "dog", "fox"};  // said: then it is the labels that are odd
  CHECK(pets.bound());
}

TEST_CASE("a model that calls two classes one has no other order") {
  CHECK(other_order(std::vector<std::uint64_t>{9, 0, 0, 9, 0, 0, 0, 0, 9}, 3).empty());
  CHECK(other_order(std::vector<std::uint64_t>{9, 1, 1, 9}, 2).empty());
  CHECK(other_order(std::vector<std::uint64_t>{1, 9, 9, 1}, 2) == std::vector<std::uint32_t>{1, 0});
}

TEST_CASE("folds attest that no row was judged by who had learnt from it; one fold cannot") {
  Pets pets;
  pets.rows.folds = {"0", "1", "0", "1", "0", "1"};
  const auto made = pets.bound();
  REQUIRE(made);
  CHECK(made->out_of_fold);
  CHECK(made->folds == 2);
  pets.rows.folds = {"0", "0", "0", "0", "0", "0"};
  CHECK(pets.refused().message.find("all rows are of fold '0'") == 0);
  pets.rows.folds = {"0", "1"};
  CHECK(pets.refused().message == "gives 2 folds, expected 6, one a row of p.npy");
}

TEST_CASE("where images have several classes, rows need not sum to one") {
  Pets pets;
  pets.m.box(ImageIndex{0}, CategoryIndex{1}, {0, 0, 5, 5});
  pets.values[1] = 0.9F;
  const auto made = pets.bound();
  REQUIRE(made);
  CHECK(made->several);
}
