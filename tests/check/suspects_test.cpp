// Suspects: what probabilities, neighbours, boxes and masks of a model make of labels.
#include "vetset/check/suspects.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tests/check/made.h"
#include "vetset/base/random.h"
#include "vetset/check/confident.h"
#include "vetset/check/object_doubts.h"
#include "vetset/dataset/rle.h"

using namespace vetset;
using namespace vetset::test;

namespace {

struct Boxes {
  std::vector<GivenBox> given;
  std::vector<DetectedBox> detected;

  ObjectDoubts doubts() const {
    ObjectDoubts made;
    doubt_objects(given, detected, made);
    return made;
  }
  Boxes scaled(double by) const {
    Boxes made = *this;
    const auto scale = [&](Box& b) { b = {b.x * by, b.y * by, b.width * by, b.height * by}; };
    for (GivenBox& g : made.given) scale(g.box);
    for (DetectedBox& p : made.detected) scale(p.box);
    return made;
  }
};

Boxes random_boxes(Random& random) {
  Boxes made;
  const auto box = [&] {
    return Box{random.unit() * 300, random.unit() * 300, 5 + random.unit() * 80, 5 + random.unit() * 80};
  };
  for (std::uint32_t k = random.below(8); k > 0; --k) made.given.push_back({box(), random.below(3), random.once_in(9)});
  for (std::uint32_t k = random.below(8); k > 0; --k) made.detected.push_back({box(), random.below(3), random.unit()});
  for (const GivenBox& g : made.given)
    if (!random.once_in(4))
      made.detected.push_back({{g.box.x + 3, g.box.y, g.box.width, g.box.height}, g.category, 0.9});
  return made;
}

/// Labels of three classes and what a model that is right nine times in ten makes of them.
struct Judged {
  std::vector<float> values;
  std::vector<std::uint32_t> label;

  explicit Judged(std::uint64_t seed, std::size_t count = 300) {
    Random random(seed);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t meant = random.below(3);
      label.push_back(random.once_in(10) ? (meant + 1) % 3 : meant);
      float rest = 1;
      std::array<float, 3> row{};
      row[meant] = static_cast<float>(0.6 + 0.39 * random.unit());
      rest -= row[meant];
      row[(meant + 1) % 3] = rest * static_cast<float>(random.unit());
      row[(meant + 2) % 3] = rest - row[(meant + 1) % 3];
      values.insert(values.end(), row.begin(), row.end());
    }
  }
  ConfidentLearning learnt(unsigned threads = 1) const {
    return learn_confidently({.values = values, .width = 3, .label = label}, Pool(threads));
  }
};

}  // namespace

TEST_CASE("thresholds are mean probabilities, and the joint adds up to the labels") {
  const Judged judged(1);
  const ConfidentLearning learnt = judged.learnt();
  for (std::uint32_t c = 0; c < 3; ++c) {
    double sum = 0, joint = 0;
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < judged.label.size(); ++i)
      if (judged.label[i] == c) sum += double{judged.values[3 * i + c]}, ++count;
    for (std::size_t j = 0; j < 3; ++j) joint += learnt.joint[c * 3 + j];
    CHECK(learnt.thresholds[c] == doctest::Approx(sum / static_cast<double>(count)).epsilon(1e-12));
    CHECK(joint == doctest::Approx(static_cast<double>(count)));
    CHECK(learnt.labels[c] == count);
  }
}

TEST_CASE("wrong labels are flagged, right ones are not, with any number of threads") {
  const Judged judged(2, 5000);
  const ConfidentLearning learnt = judged.learnt(1), same = judged.learnt(3);
  std::uint64_t flagged = 0, wrong = 0, both = 0;
  for (std::size_t i = 0; i < judged.label.size(); ++i) {
    const auto row = std::span(judged.values).subspan(3 * i, 3);
    const bool is_wrong = std::max_element(row.begin(), row.end()) - row.begin() != judged.label[i];
    const LabelDoubt& doubt = learnt.doubts[i];
    flagged += doubt.flagged, wrong += is_wrong, both += doubt.flagged && is_wrong;
    CHECK(doubt.score == same.doubts[i].score);
    CHECK(doubt.flagged == same.doubts[i].flagged);
    CHECK((doubt.score > 0.5) == is_wrong);
  }
  CHECK(flagged == both);  // only where another class is more probable
  CHECK(both * 10 > wrong * 8);
}

TEST_CASE("a label is never proposed as itself, whatever the width") {
  for (const std::size_t width : {2U, 3U, 8U, 9U, 17U}) {
    CAPTURE(width);
    Random random(width);
    std::vector<float> values;
    std::vector<std::uint32_t> label;
    for (std::size_t i = 0; i < 60; ++i) {
      label.push_back(random.below(static_cast<std::uint32_t>(width)));
      for (std::size_t c = 0; c < width; ++c) values.push_back(static_cast<float>(random.unit()));
    }
    const ConfidentLearning learnt = learn_confidently({.values = values, .width = width, .label = label}, Pool(1));
    for (std::size_t i = 0; i < label.size(); ++i) {
      const LabelDoubt& doubt = learnt.doubts[i];
      CHECK(doubt.proposed != label[i]);
      CHECK(doubt.other == values[i * width + doubt.proposed]);
      for (std::size_t c = 0; c < width; ++c)
        if (c != label[i]) CHECK(values[i * width + c] <= doubt.other);
    }
  }
}

TEST_CASE("scores of boxes do not change with the scale of the image") {
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    const Boxes boxes = random_boxes(random);
    const ObjectDoubts one = boxes.doubts();
    for (const double by : {0.25, 0.37, 4.0}) {
      const ObjectDoubts other = boxes.scaled(by).doubts();
      for (std::size_t p = 0; p < boxes.detected.size(); ++p)
        CHECK(std::abs(one.overlooked[p] - other.overlooked[p]) < 1e-6);
      for (std::size_t g = 0; g < boxes.given.size(); ++g) {
        CHECK(std::abs(one.swapped[g].score - other.swapped[g].score) < 1e-6);
        CHECK(std::abs(one.misplaced[g].score - other.misplaced[g].score) < 1e-6);
        CHECK(std::abs(one.spurious[g] - other.spurious[g]) < 1e-6);
      }
    }
  }
}

TEST_CASE("all scores lie between 0 and 1") {
  Random random(8);
  for (int round = 0; round < 300; ++round) {
    const ObjectDoubts made = random_boxes(random).doubts();
    const auto inside = [](double score) { return score >= 0 && score <= 1; };
    for (const double s : made.overlooked) CHECK(inside(s));
    for (const double s : made.spurious) CHECK(inside(s));
    for (const auto* list : {&made.swapped, &made.misplaced})
      for (const Doubt& d : *list) CHECK(inside(d.score));
  }
}

TEST_CASE("each kind of wrong box is ranked above all right ones") {
  Boxes boxes;
  boxes.given = {{{10, 10, 40, 40}, 0}, {{100, 10, 40, 40}, 1}, {{215, 25, 40, 40}, 0}, {{300, 10, 40, 40}, 0}};
  boxes.detected = {{{11, 10, 40, 40}, 0, 0.99},
                    {{101, 10, 40, 41}, 0, 0.98},
                    {{200, 10, 40, 40}, 0, 0.97},
                    {{10, 200, 40, 40}, 1, 0.96}};
  const ObjectDoubts made = boxes.doubts();
  CHECK(made.overlooked[3] > 0.9);
  for (const std::size_t p : {0U, 1U, 2U}) CHECK(made.overlooked[p] < 0.55);
  CHECK(made.swapped[1].score > 0.9);
  CHECK(made.swapped[1].detection == 1);
  CHECK(made.swapped[0].score < 0.1);
  CHECK(made.misplaced[2].score > 0.5);
  CHECK(made.misplaced[0].score < 0.1);
  CHECK(made.spurious[3] == 1);
  CHECK(made.spurious[0] < 0.1);
}

TEST_CASE("what lies in a crowd is not overlooked, and a crowd is no box to judge") {
  Boxes boxes;
  boxes.given = {{{0, 0, 200, 200}, 0, true}};
  boxes.detected = {{{20, 20, 30, 30}, 0, 0.99}, {{190, 190, 40, 40}, 0, 0.99}};
  const ObjectDoubts made = boxes.doubts();
  CHECK(made.overlooked[0] == 0);
  CHECK(made.overlooked[1] > 0.9);
  CHECK(made.spurious[0] == 0);
}

namespace {

PredictedObjects predicted(const Made& m, std::vector<std::pair<ImageIndex, PredictedObject>> rows) {
  PredictedObjects made;
  made.judged.assign(m.d.images.size(), true);
  made.begin.assign(m.d.images.size() + 1, 0);
  for (const auto& [image, row] : rows) made.rows.push_back(row), ++made.begin[to_size(image) + 1];
  for (std::size_t i = 0; i < m.d.images.size(); ++i) made.begin[i + 1] += made.begin[i];
  return made;
}

std::vector<Suspect> of_code(const Suspects& suspects, std::string_view code) {
  std::vector<Suspect> rows;
  for (const Suspect& s : suspects.rows)
    if (s.code == code) rows.push_back(s);
  return rows;
}

}  // namespace

TEST_CASE("scores of an image do not change when others are added") {
  const auto scores = [](int others) {
    Made m;
    const auto car = m.category("car"), bus = m.category("bus");
    const auto image = m.image("a.jpg");
    m.box(image, car, {10, 10, 30, 30});
    std::vector<std::pair<ImageIndex, PredictedObject>> rows = {
        {image, {.box = {12, 10, 30, 30}, .category = bus, .score = 0.97}},
        {image, {.box = {60, 40, 20, 20}, .category = car, .score = 0.96}}};
    for (int k = 0; k < others; ++k) {
      const auto other = m.image("b" + std::to_string(k) + ".jpg");
      m.box(other, car, {1.0 + k, 2, 3, 4});
      rows.push_back({other, {.box = {50, 60, 7.0 + k, 3}, .category = bus, .score = 0.5}});
    }
    const PredictedObjects p = predicted(m, rows);
    const auto made = suspects_of({.dataset = m.d, .predicted = &p}, Pool(2));
    REQUIRE(made);
    std::vector<double> of_first;
    for (const Suspect& s : made->rows)
      if (s.image == image) of_first.push_back(s.score);
    return of_first;
  };
  CHECK(scores(0).size() >= 2);
  CHECK(scores(0) == scores(1));
  CHECK(scores(0) == scores(50));
}

TEST_CASE("images that say they are not labelled, and classes that are not complete, overlook nothing") {
  Made m;
  const auto car = m.category("car"), bus = m.category("bus"), van = m.category("van");
  for (std::int64_t id = 1; id <= 3; ++id) m.d.category_ids.numbers.push_back(id);
  const auto federated = m.image("a.jpg"), unlabelled = m.image("b.jpg");
  m.d.images[1].state = ImageState::unlabelled;
  m.box(federated, car, {1, 1, 10, 10});
  m.d.residues.push_back(
      {Owner::image, 0, m.d.add_text(R"({"neg_category_ids":[2],"not_exhaustive_category_ids":[1]})")});
  const auto seen = [](CategoryIndex c) {
    return PredictedObject{.box = {50, 40, 20, 20}, .category = c, .score = 0.99};
  };
  const PredictedObjects p =
      predicted(m, {{federated, seen(car)}, {federated, seen(bus)}, {federated, seen(van)}, {unlabelled, seen(car)}});
  const auto made = suspects_of({.dataset = m.d, .predicted = &p}, Pool(1));
  REQUIRE(made);
  const auto overlooked = of_code(*made, "LBL130");
  REQUIRE(overlooked.size() == 1);  // a bus: said to be absent
  CHECK(overlooked[0].proposed == bus);
}

TEST_CASE("neighbours of another class make an image suspect") {
  Made m;
  const auto cat = m.category("cat"), dog = m.category("dog");
  for (int i = 0; i < 12; ++i) m.box(m.image(std::to_string(i) + ".jpg"), i == 0 ? cat : dog, {0, 0, 5, 5});
  NearestRows near{.count = 10};
  for (std::uint32_t i = 0; i < 12; ++i)
    for (std::uint32_t k = 1; k <= 10; ++k) near.of.push_back((i + k) % 12);
  const auto made = suspects_of({.dataset = m.d, .neighbours = &near}, Pool(1));
  REQUIRE(made);
  const auto rows = of_code(*made, "LBL121");
  REQUIRE(!rows.empty());
  CHECK(rows[0].image == ImageIndex{0});
  CHECK(rows[0].proposed == dog);
  CHECK(rows[0].score == 1);
  CHECK(rows[0].flagged);
  for (std::size_t k = 1; k < rows.size(); ++k) CHECK_FALSE(rows[k].flagged);
}

TEST_CASE("a copy with another label speaks louder than the model alone") {
  Made m;
  const auto cat = m.category("cat"), dog = m.category("dog");
  std::vector<float> values;
  for (int i = 0; i < 20; ++i) {
    m.box(m.image(std::to_string(i) + ".jpg"), i % 2 == 0 ? cat : dog, {0, 0, 5, 5});
    const float own = i == 4 || i == 8 ? 0.4F : 0.9F;
    values.push_back(i % 2 == 0 ? own : 1 - own);
    values.push_back(i % 2 == 0 ? 1 - own : own);
  }
  m.link(ImageIndex{3}, ImageIndex{8}, LinkKind::near);
  const auto p = probabilities_of(m.d, {.name = "p", .rows = 20, .width = 2, .values = values}, Pool(1));
  REQUIRE(p);
  const auto made = suspects_of({.dataset = m.d, .probabilities = &*p, .links = &m.links}, Pool(1));
  REQUIRE(made);
  const auto rows = of_code(*made, "LBL120");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].image == ImageIndex{8});
  CHECK(rows[1].image == ImageIndex{4});
  CHECK(rows[2].image == ImageIndex{3});  // of which the model is sure, but for its copy
  CHECK(rows[0].score > rows[1].score + 0.1);
}

TEST_CASE("tags are judged one by one, given and missing") {
  Made m;
  const auto car = m.category("car"), person = m.category("person");
  std::vector<float> values;
  for (int i = 0; i < 10; ++i) {
    const auto image = m.image(std::to_string(i) + ".jpg");
    m.box(image, car, {0, 0, 5, 5});
    if (i < 5 && i != 2) m.box(image, person, {0, 0, 6, 6});
    values.push_back(i == 7 ? 0.05F : 0.9F);
    values.push_back(i < 5 ? 0.95F : 0.1F);
  }
  const auto p = probabilities_of(m.d, {.name = "p", .rows = 10, .width = 2, .values = values}, Pool(1));
  REQUIRE(p);
  REQUIRE(p->several);
  const auto made = suspects_of({.dataset = m.d, .probabilities = &*p}, Pool(1));
  REQUIRE(made);
  const auto rows = of_code(*made, "LBL123");
  REQUIRE(rows.size() == 2);
  CHECK(std::any_of(rows.begin(), rows.end(), [&](const Suspect& s) {
    return s.image == ImageIndex{2} && s.given == none<CategoryIndex> && s.proposed == person;
  }));
  CHECK(std::any_of(rows.begin(), rows.end(), [&](const Suspect& s) {
    return s.image == ImageIndex{7} && s.given == car && s.proposed == none<CategoryIndex>;
  }));
}

TEST_CASE("an interval of two classes is wider where labels come in groups") {
  const auto interval = [](bool grouped) {
    Made m;
    const auto cat = m.category("cat");
    m.category("dog");
    std::vector<float> values;
    for (int i = 0; i < 100; ++i) {
      m.box(m.image(std::to_string(i) + ".jpg"), i < 60 ? cat : CategoryIndex{1}, {0, 0, 5, 5});
      const float own = i < 20 ? 0.02F : 0.97F;
      values.push_back(i < 60 ? own : 1 - own);
      values.push_back(i < 60 ? 1 - own : own);
    }
    m.has_links = true;
    if (grouped)
      for (std::uint32_t i = 0; i < 60; ++i)
        if (i % 20 != 0) m.link(ImageIndex{i - i % 20}, ImageIndex{i}, LinkKind::near);
    const auto p = probabilities_of(
        m.d, {.name = "p", .rows = 100, .width = 2, .values = values, .columns = {"cat", "dog"}}, Pool(1));
    REQUIRE(p);
    const auto made = suspects_of({.dataset = m.d, .probabilities = &*p, .links = &m.links}, Pool(1));
    REQUIRE(made);
    REQUIRE(made->pairs.size() == 1);
    return made->pairs[0];
  };
  const Suspects::ClassPair alone = interval(false), grouped = interval(true);
  CHECK(alone.estimate == doctest::Approx(20));
  CHECK(alone.low > 0.2);
  CHECK(grouped.low < alone.low - 0.1);
  CHECK(grouped.high > alone.high + 0.1);
}

TEST_CASE("masks are compared without a band around the outline") {
  Made m;
  const auto car = m.category("car");
  const auto image = m.image("a.jpg", 40, 40);
  m.polygon(image, car, {5, 5, 25, 5, 25, 35, 5, 35});
  m.polygon(image, car, {5, 5, 25, 5, 25, 35, 5, 35});
  Predictions given;
  const auto add = [&](std::uint32_t first_column, std::uint32_t columns) {
    MaskCounts counts = {first_column * 40 + 5, 30};
    for (std::uint32_t c = 1; c < columns; ++c) counts.push_back(10), counts.push_back(30);
    counts.push_back((40 - first_column - columns) * 40 + 5);
    const std::string text = coco_string_of(counts);
    given.rows.mask.push_back({given.rows.mask_text.size(), static_cast<std::uint32_t>(text.size()), 40, 40});
    given.rows.mask_text.append({text.data(), text.size()});
    given.rows.said.push_back(static_cast<std::uint8_t>(Said::mask));
    given.rows.image.push_back(0);
  };
  const auto score = [&](std::uint32_t first_column, std::uint32_t columns) {
    given = {};
    add(first_column, columns);
    PredictedObjects p = predicted(
        m, {{image, {.box = {double(first_column), 5, double(columns), 30}, .category = car, .score = 1, .row = 0}}});
    p.given = &given;
    const auto made = suspects_of({.dataset = m.d, .predicted = &p}, Pool(1));
    REQUIRE(made);
    const auto rows = of_code(*made, "LBL140");
    return rows.empty() ? 0.0 : rows[0].score;
  };
  CHECK(score(5, 20) == 0);
  CHECK(score(4, 22) == 0);  // a pixel to either side
  CHECK(score(5, 30) > 0.2);
}

TEST_CASE("rules report what is flagged, as a hint where nothing attests that the model had not seen it") {
  Made m;
  const auto cat = m.category("cat"), dog = m.category("dog");
  const auto image = m.image("a.jpg");
  m.box(image, cat, {0, 0, 5, 5});
  Suspects suspects;
  suspects.rows = {{.code = "LBL120", .image = image, .score = 0.9, .proposed = dog, .confidence = 0.8, .given = cat},
                   {.code = "LBL120", .image = image, .score = 0.6, .proposed = dog, .given = cat, .flagged = false},
                   {.code = "LBL130", .image = image, .score = 0.7, .proposed = dog}};
  for (const bool attested : {false, true}) {
    suspects.out_of_fold = attested;
    const Evidence evidence{
        .dataset = m.d, .files = {}, .reading = {}, .facts = {}, .settings = m.settings, .suspects = &suspects};
    std::vector<Finding> found;
    const std::function<void(Finding)> add = [&](Finding f) { found.push_back(std::move(f)); };
    const Rule* rule = find_rule("LBL120");
    REQUIRE(rule != nullptr);
    rule->check(evidence, Report{*rule, add});
    REQUIRE(found.size() == 1);
    CHECK(found[0].message == "labelled `cat`, and a model takes it for `dog` (0.8)");
    CHECK(found[0].evidence == (attested ? EvidenceClass::calibrated : EvidenceClass::hint));
    CHECK(found[0].score == 0.9);
  }
}
