// FMT410 against an earlier version: classes that moved under objects that did not.
#include <doctest/doctest.h>

#include "tests/check/made.h"

using namespace vetset;
using namespace vetset::test;

namespace {

/// Three images with an object of each class; object `k` has class `classes[k]`.
Made pets(const std::vector<std::string>& names, const std::vector<std::uint32_t>& classes) {
  Made m;
  for (const std::string& name : names) m.category(name);
  for (const char* path : {"a.jpg", "b.jpg", "c.jpg"}) {
    const ImageIndex image = m.image(path);
    for (std::size_t k = 0; k < classes.size(); ++k)
      m.box(image, static_cast<CategoryIndex>(classes[k]), {20.0 * static_cast<double>(k), 5, 10, 10});
  }
  return m;
}

}  // namespace

TEST_CASE("a class put first in the list, under labels that kept their numbers, is proved by an earlier version") {
  const Made before = pets({"cat", "dog"}, {0, 1});
  Made now = pets({"bird", "cat", "dog"}, {0, 1});
  CHECK(now.found_by("FMT410").empty());
  now.earlier = &before.d;
  const auto found = now.found_by("FMT410");
  REQUIRE(found.size() == 1);
  CHECK(found[0].severity == Severity::error);
  CHECK(found[0].evidence == EvidenceClass::proof);
  CHECK(mentions(found[0], "`cat` (0) of `v1` is `bird` (0) now, in 3 unchanged boxes"));
}

TEST_CASE("labels that moved by one under a list that did not are proved by an earlier version") {
  const Made before = pets({"cat", "dog", "cow"}, {0, 1});
  Made now = pets({"cat", "dog", "cow"}, {1, 2});
  now.earlier = &before.d;
  const auto found = now.found_by("FMT410");
  REQUIRE(found.size() == 1);
  CHECK(found[0].severity == Severity::error);
  CHECK(mentions(found[0], "numbers in labels moved by +1"));
}

TEST_CASE("renamed and merged classes, and objects corrected one by one, are no shift") {
  const Made before = pets({"cat", "dog"}, {0, 1});
  Made renamed = pets({"kitten", "dog"}, {0, 1});
  renamed.earlier = &before.d;
  CHECK(renamed.found_by("FMT410").empty());
  Made merged = pets({"dog"}, {0, 0});
  merged.earlier = &before.d;
  const auto notes = merged.found_by("FMT410");
  CHECK(std::none_of(notes.begin(), notes.end(), [](const Finding& f) { return f.severity != Severity::note; }));
  Made corrected = pets({"cat", "dog"}, {0, 1});
  corrected.d.annotations[0].category = CategoryIndex{1};
  corrected.earlier = &before.d;
  CHECK(corrected.found_by("FMT410").empty());
}

TEST_CASE("a list in another order whose labels followed it is a note") {
  const Made before = pets({"cat", "dog"}, {0, 1});
  Made now = pets({"dog", "cat"}, {1, 0});
  now.earlier = &before.d;
  const auto found = now.found_by("FMT410");
  REQUIRE(found.size() == 1);
  CHECK(found[0].severity == Severity::note);
  CHECK(mentions(found[0], "2 classes have other numbers"));
}
