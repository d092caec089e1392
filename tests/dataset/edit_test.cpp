// Laws of selecting over random datasets, and how edited records forget what their source wrote.
#include "vetset/dataset/edit.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/random.h"
#include "tests/support/random_dataset.h"
#include "vetset/dataset/canonical.h"

using namespace vetset;

namespace {

constexpr std::uint64_t seeds = 120;

Dataset dataset_of(std::uint64_t seed) {
  return random_dataset(seed, {.style = static_cast<RandomOptions::Style>(seed % 4)});
}

std::vector<bool> marks(Random& random, std::size_t records, std::uint32_t once_in) {
  std::vector<bool> stay;
  for (std::size_t i = 0; i < records; ++i) stay.push_back(!random.once_in(once_in));
  return stay;
}

Selection random_selection(const Dataset& d, std::uint64_t seed) {
  Random random(seed + 77);
  Selection s;
  if (!random.once_in(3)) s.images = marks(random, d.images.size(), 3);
  if (!random.once_in(3)) s.annotations = marks(random, d.annotations.size(), 2);
  if (random.once_in(2)) s.splits = marks(random, d.splits.size(), 3);
  return s;
}

/// The marks of a second selection, told of the records that the first one left.
std::vector<bool> left_of(const std::vector<bool>& stay, const auto& to) {
  std::vector<bool> left;
  for (std::size_t i = 0; i < stay.size(); ++i)
    if (to(i)) left.push_back(stay[i]);
  return left;
}

std::vector<bool> both(const std::vector<bool>& a, const std::vector<bool>& b) {
  if (a.empty()) return b;
  std::vector<bool> all = a;
  for (std::size_t i = 0; i < b.size(); ++i) all[i] = a[i] && b[i];
  return all;
}

/// What differs between a dataset and what was selected of it, but for records that went and what goes with them.
std::string differences(const Dataset& before, const Selected& after) {
  std::string out;
  for (const Difference& line : compare(before, after.dataset, after.join, {})) {
    const bool went = line.outcome == Outcome::lost &&
                      (line.field == Field::annotation || line.field == Field::image || line.field == Field::split ||
                       line.field == Field::licence || line.field == Field::track || line.field == Field::relation ||
                       line.field == Field::unread || line.field == Field::category);
    // Tracks are joined by their ids alone, which need not be unique.
    const bool follows = line.field == Field::track || line.field == Field::track_states ||
                         line.field == Field::image_state || line.field == Field::split_members;
    if (line.outcome == Outcome::kept || went || follows) continue;
    out += "\n  " + std::string(name(line.field)) + " " + std::string(name(line.outcome)) + " " + line.where + ": " +
           line.before + " -> " + line.after;
  }
  return out;
}

}  // namespace

TEST_CASE("law: selecting everything changes nothing") {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    const Dataset d = dataset_of(seed);
    Selection all;
    if (seed % 2 == 0) all.classes = same_classes(d);
    const Selected same = selected(d, all);
    CHECK(same.dataset.inconsistency().value_or("") == "");
    CHECK(canonical(same.dataset) == canonical(d));
    CHECK(differences(d, same) == "");
  }
}

TEST_CASE("law: what was selected is consistent, and what stays is as it was") {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    const Dataset d = dataset_of(seed);
    const Selected some = selected(d, random_selection(d, seed));
    CHECK(some.dataset.inconsistency().value_or("") == "");
    CHECK(differences(d, some) == "");
    for (std::size_t i = 0; i < some.dataset.images.size(); ++i)
      CHECK(some.dataset.path(to_index<ImageIndex>(i)) == d.path(some.join.image_sources[i]));
  }
}

TEST_CASE("law: selecting in two steps equals selecting in one") {
  std::uint64_t told_apart = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    const Dataset d = dataset_of(seed);
    const Selection first = random_selection(d, seed), second = random_selection(d, seed + 1000);
    const Selected one = selected(d, first);
    const auto moved = [](const auto& column) {
      return [&](std::size_t i) { return to_size(column[i]) != 0xffffffffU; };
    };
    const Selection rest{
        .images = left_of(second.images, moved(one.join.images)),
        .annotations = left_of(second.annotations,
                               [&](std::size_t i) { return !one.join.of(to_index<AnnotationIndex>(i)).empty(); }),
        .splits = left_of(second.splits, moved(one.join.splits))};
    // No mark at all means "all"; a selection of nothing that is left has no marks either.
    const Selected two = selected(one.dataset, rest);
    const Selected at_once = selected(d, {.images = both(first.images, second.images),
                                          .annotations = both(first.annotations, second.annotations),
                                          .splits = both(first.splits, second.splits)});
    CHECK(canonical(two.dataset) == canonical(at_once.dataset));
    told_apart += canonical(two.dataset) != canonical(d) ? 1U : 0U;
  }
  CHECK(told_apart > seeds / 2);
}

TEST_CASE("law: classes that change places keep their objects, and a class that goes takes them with it") {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    const Dataset d = dataset_of(seed);
    if (d.categories.size() < 2) continue;
    ClassPlan plan;  // the last first, and without the first
    plan.renumber = numbers_are_places(d);
    plan.become = {none<CategoryIndex>};
    for (std::size_t c = 1; c < d.categories.size(); ++c) {
      plan.classes.insert(plan.classes.begin(), {"renamed " + std::to_string(c), to_index<CategoryIndex>(c)});
      plan.become.push_back(to_index<CategoryIndex>(d.categories.size() - 1 - c));
    }
    const Selected turned = selected(d, {.classes = plan});
    REQUIRE(turned.dataset.inconsistency().value_or("") == "");
    REQUIRE(turned.dataset.categories.size() == d.categories.size() - 1);
    for (std::size_t i = 0; i < d.annotations.size(); ++i) {
      const Annotation& a = d.annotations[i];
      const auto copies = turned.join.of(to_index<AnnotationIndex>(i));
      REQUIRE(copies.size() == (a.category == CategoryIndex{0} ? 0 : 1));
      if (copies.empty() || a.category == none<CategoryIndex>) continue;
      const Annotation& b = turned.dataset[copies.front()];
      CHECK(turned.dataset[b.category].name == "renamed " + std::to_string(to_size(a.category)));
      if (seed % 4 != 3 || d.authored.empty()) continue;  // rows of YOLO begin with the new number, and end as before
      const std::string row(d.authored_text(to_index<AnnotationIndex>(i)));
      CHECK(turned.dataset.authored_text(copies.front()) ==
            std::to_string(to_size(b.category)) + row.substr(row.find(' ')));
    }
  }
}

TEST_CASE("of classes that become one, that one speaks that gives its id") {
  Dataset d;
  d.categories = {{.name = "car"}, {.name = "van"}, {.name = "bus"}};
  d.category_ids.numbers = {};
  for (const std::int64_t id : {7, 3, 9}) d.category_ids.numbers.push_back(id);
  for (std::uint32_t c = 0; c < 3; ++c) {
    d.annotations.push_back({.category = CategoryIndex{c}, .order = c});
    d.residues.push_back({Owner::category, c, d.add_text("{\"k\":" + std::to_string(c) + "}")});
  }
  const Selected merged =
      selected(d, {.classes = ClassPlan{.classes = {{"new"}, {"vehicle", CategoryIndex{1}}},
                                        .become = {CategoryIndex{1}, CategoryIndex{1}, none<CategoryIndex>}}});
  const Dataset& m = merged.dataset;
  REQUIRE(m.inconsistency().value_or("") == "");
  CHECK(m.categories[1].name == "vehicle");
  CHECK(m.category_ids[1] == 3);
  CHECK(m.category_ids[0] == 10);  // a new class gets the next free number
  REQUIRE(m.residues.size() == 1);
  CHECK(m.text(m.residues[0].json) == "{\"k\":1}");
  CHECK(m.annotations.size() == 2);
  CHECK(m.annotations[0].category == CategoryIndex{1});
}

TEST_CASE("an image that loses its objects is labelled as empty, and lines close up") {
  Dataset d;
  d.files.push_back({.path = d.add_text("labels/a.txt"), .bytes = d.add_text("kept")});
  d.files.push_back({.path = d.add_text("labels/b.txt"), .bytes = d.add_text("kept")});
  for (std::uint32_t i = 0; i < 2; ++i)
    d.images.push_back({.path = d.add_text("images/x.jpg"), .file = FileIndex{i}, .state = ImageState::labelled});
  for (const std::uint32_t order : {0U, 1U, 3U}) d.annotations.push_back({.image = ImageIndex{0}, .order = order});
  d.unread.push_back({.file = FileIndex{0}, .order = 2, .text = d.add_text("?")});
  d.annotations.push_back({.image = ImageIndex{1}});
  const Dataset some = selected(d, {.annotations = {true, false, true, false}}).dataset;
  REQUIRE(some.annotations.size() == 2);
  CHECK(some.annotations[1].order == 2);
  CHECK(some.unread[0].order == 1);
  CHECK(some.images[0].state == ImageState::labelled);
  CHECK(some.images[1].state == ImageState::labelled_empty);
  CHECK(some.files[0].bytes.empty());
}

TEST_CASE("an edited record forgets its spelling, and its neighbours keep theirs") {
  Dataset d;
  d.files.push_back({.path = d.add_text("a.txt"), .bytes = d.add_text("kept")});
  d.images.push_back({.path = d.add_text("a.jpg"), .file = FileIndex{0}});
  for (std::uint32_t i = 0; i < 3; ++i) {
    d.annotations.push_back({.image = ImageIndex{0}, .order = i});
    d.authored.push_back(d.add_text("0 .5 .5 .1 .1"));
    d.areas.push_back(4);
    d.lexemes.push_back({.annotation = AnnotationIndex{i}, .field = StyledField::area, .text = d.add_text("4.0")});
  }
  d.annotations[2].box_origin = Origin::unplaced;
  const AnnotationIndex edited[] = {AnnotationIndex{1}, AnnotationIndex{2}};
  forget_spelling(d, edited);
  forget_areas(d, std::span(edited).first(1));
  CHECK(d.inconsistency().value_or("") == "");
  CHECK(d.authored_text(AnnotationIndex{0}) == "0 .5 .5 .1 .1");
  CHECK(d.authored_text(AnnotationIndex{1}) == "");
  CHECK(d.authored_text(AnnotationIndex{2}) != "");  // its row is all that there is
  CHECK(d.lexemes.size() == 1);
  CHECK(d.files[0].bytes.empty());
  CHECK(is_unstated(d.areas[1]));
  CHECK(d.areas[2] == 4);
}
