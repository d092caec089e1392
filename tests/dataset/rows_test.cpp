// The canonical form and the tables of a package, there and back.
#include "vetset/dataset/rows.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "tests/support/random_dataset.h"
#include "vetset/dataset/canonical.h"
#include "vetset/dataset/compare.h"
#include "vetset/dataset/package_tables.h"

using namespace vetset;

namespace {

std::uint64_t seeds() {
  const char* told = std::getenv("VETSET_LAW_SEEDS");
  return told == nullptr ? 200 : std::strtoull(told, nullptr, 10);
}

Dataset dataset_of(std::uint64_t seed) {
  return random_dataset(seed, {.style = static_cast<RandomOptions::Style>(seed % 4)});
}

/// Through the tables of a package and back, in pieces of so many rows.
Result<Dataset> through_tables(const Dataset& d, std::uint64_t piece) {
  const RowKeys keys = make_row_keys(d, Pool(1));
  PackageReader reader;
  for (const PackageTable& table : package_tables(d, keys, {}))
    for (std::uint64_t begin = 0; begin < table.rows.count; begin += piece)
      VETSET_DO(reader.add(table.name, table.rows.rows(begin, std::min(begin + piece, table.rows.count))));
  return reader.finish();
}

/// The first line in which two texts differ; empty where they are the same.
std::string first_difference(std::string_view a, std::string_view b) {
  while (a != b) {
    const std::size_t end_a = std::min(a.find('\n'), a.size()), end_b = std::min(b.find('\n'), b.size());
    if (a.substr(0, end_a) != b.substr(0, end_b))
      return std::string(a.substr(0, end_a)) + "\n  is not\n" + std::string(b.substr(0, end_b));
    a.remove_prefix(std::min(end_a + 1, a.size()));
    b.remove_prefix(std::min(end_b + 1, b.size()));
  }
  return {};
}

std::string error_of(std::string_view text) {
  const auto d = dataset_of_canonical(text);
  return d ? "no error" : to_string(d.error());
}

}  // namespace

TEST_CASE("law: the dataset of canonical rows has those rows") {
  for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
    CAPTURE(seed);
    const std::string rows = canonical(dataset_of(seed));
    const auto back = dataset_of_canonical(rows);
    REQUIRE_MESSAGE(back, to_string(back.error()));
    CHECK(back->inconsistency().value_or("") == "");
    CHECK(first_difference(canonical(*back), rows) == "");
  }
}

TEST_CASE("law: a dataset comes back from the tables of a package record by record, as it was spelled") {
  for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
    CAPTURE(seed);
    const Dataset d = dataset_of(seed);
    INFO(d.residue);
    const auto back = through_tables(d, seed % 3 == 0 ? 2 : 1000);
    REQUIRE_MESSAGE(back, to_string(back.error()));
    CHECK(back->inconsistency().value_or("") == "");
    CHECK(first_difference(canonical(*back), canonical(d)) == "");
    Emission emission;
    emission.in_place = true;
    for (const Difference& line : compare(d, *back, join_emitted(d, *back, emission), {})) {
      INFO(name(line.field), " ", line.where, ": ", line.before, " -> ", line.after);
      CHECK(line.outcome == Outcome::kept);
    }
    REQUIRE(back->files.size() == d.files.size());
    for (std::size_t f = 0; f < d.files.size(); ++f) {
      CHECK(back->text(back->files[f].path) == d.text(d.files[f].path));
      CHECK(back->text(back->files[f].bytes) == d.text(d.files[f].bytes));
      CHECK(back->files[f].crlf == d.files[f].crlf);
      CHECK(back->files[f].final_newline == d.files[f].final_newline);
    }
    for (std::size_t i = 0; i < d.annotations.size(); ++i)
      CHECK(back->authored_text(to_index<AnnotationIndex>(i)) == d.authored_text(to_index<AnnotationIndex>(i)));
    CHECK(back->format == d.format);
  }
}

TEST_CASE("rows that contradict each other are an error that names table, row and column") {
  const std::string start = "dataset\t{\"id\":\"dataset\"}\n";
  CHECK(error_of(start) == "no error");
  CHECK(error_of(start +
                 "samples\t{\"path\":\"a\",\"sample_id\":\"a\"}\nsamples\t{\"path\":\"a\",\"sample_id\":\"a\"}\n") ==
        "table samples, row 2, column sample_id: the key 'a' is there twice");
  CHECK(error_of(start + "annotations\t{\"ann_id\":\"1\",\"order\":0,\"sample_id\":\"a\"}\n") ==
        "table annotations, row 1, column sample_id: 'a' names no row of samples");
  CHECK(error_of(start + "annotations\t{\"ann_id\":\"1\",\"colour\":0}\n") ==
        "table annotations: 'colour' is no column");
  CHECK(error_of(start + "annotations\t{\"ann_id\":\"1\",\"box\":[1,2,3]}\n") ==
        "table annotations: column box: expected four numbers, found '}'");
  CHECK(error_of(start + "annotations\t{\"order\":0}\n") ==
        "table annotations, row 1, column ann_id: a key is missing");
  CHECK(error_of(start + "colours\t{}\n") == "'colours' is no table of the canonical form");
  CHECK(error_of("dataset") == "rows:1:1: expected a table, a tab and a row");
}

TEST_CASE("a column of another type is an error, one that is not there has no values") {
  PackageReader reader;
  const auto wrong = reader.add("categories", {{"category_id", std::vector<double>{1.5}}});
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message == "table categories, column category_id: expected texts");
  TextColumn ids;
  ids.add("7");
  PackageReader good;
  REQUIRE(good.add("categories", {{"category_id", ids}}));
  CHECK(good.finish()->categories.size() == 1);
}
