// Which class becomes which, and which records stay.
#include "vetset/transform/transform.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/random_dataset.h"

using namespace vetset;

namespace {

/// Four images with 3, 2, 1 and 0 objects of the classes car, van, sign, in turn; bus has none.
Dataset street() {
  Dataset d;
  d.categories = {{.name = "car"}, {.name = "van"}, {.name = "sign"}, {.name = "bus"}};
  for (const std::int64_t id : {1, 2, 5, 9}) d.category_ids.numbers.push_back(id);
  for (std::uint32_t i = 0; i < 4; ++i)
    d.images.push_back({.path = d.add_text("img_" + std::to_string(i) + ".jpg"), .state = ImageState::labelled});
  std::uint32_t n = 0;
  for (std::uint32_t i = 0; i < 3; ++i)
    for (std::uint32_t k = 0; k < 3 - i; ++k, ++n)
      d.annotations.push_back({.box = {0, 0, 10.0 * n, 10},
                               .image = ImageIndex{i},
                               .category = CategoryIndex{n % 3},
                               .kind = Kind::box,
                               .box_origin = Origin::stated,
                               .order = k});
  return d;
}

std::string names(const PlannedClasses& planned) {
  std::string out;
  for (const ClassPlan::Made& made : planned.plan.classes) out += (out.empty() ? "" : ",") + made.name;
  return out;
}
/// The classes of the result, or the complaint.
std::string classes(const ClassWords& words) {
  const auto planned = plan_classes(street(), words);
  return planned ? names(*planned) : planned.error().message;
}

TransformPlan plan(const Dataset& d, const TransformRules& rules) {
  auto planned = plan_transform(d, rules, Pool(2));
  if (!planned) FAIL(to_string(planned.error()));
  return *std::move(planned);
}

}  // namespace

TEST_CASE("classes are renamed, merged, dropped, kept and ordered") {
  CHECK(classes({.rename = {"car=auto"}}) == "auto,van,sign,bus");
  CHECK(classes({.rename = {"car=van", "van=car"}}) == "van,car,sign,bus");
  CHECK(classes({.merge = {"car", "van=vehicle"}}) == "vehicle,sign,bus");
  CHECK(classes({.merge = {"van", "sign=car"}}) == "car,bus");  // into a class that is there
  CHECK(classes({.merge = {"car", "van=a", "sign", "bus=b"}}) == "a,b");
  CHECK(classes({.drop = {"car", "bus"}}) == "van,sign");
  CHECK(classes({.keep = {"sign", "car"}}) == "car,sign");
  CHECK(classes({.order = {"bus", "van"}}) == "bus,van,car,sign");
  CHECK(classes({.exactly = {{"sign", "van", "tram", "car"}}}) == "sign,van,tram,car");
  CHECK(classes({.rename = {"car=auto"}, .merge = {"auto", "van=road"}, .drop = {"sign"}, .order = {"bus"}}) ==
        "bus,road");
}

TEST_CASE("a backslash takes the meaning from a comma or an equals sign") {
  CHECK(classes({.rename = {"car=a\\", "b\\=c"}}) == "a,b=c,van,sign,bus");
  CHECK(word_pair("a\\=b=c\\\\").first == "a=b");
  CHECK(*word_pair("a\\=b=c\\\\").second == "c\\");
  CHECK(with_commas_kept({"a\\", "b", "c\\\\", "d"}) == std::vector<std::string>{"a\\,b", "c\\\\", "d"});
}

TEST_CASE("names that no class has, and words that make no sense, are told") {
  CHECK(classes({.drop = {"cra"}}) == "no class is called 'cra' (did you mean 'car'?)");
  CHECK(classes({.drop = {"locomotive"}}) == "no class is called 'locomotive'; there are: car, van, sign, bus");
  CHECK(classes({.rename = {"car=auto"}, .drop = {"car"}}) == "no class is called 'car'; it is called 'auto' by now");
  CHECK(classes({.rename = {"car"}}) == "expected old=new after --rename, found 'car'");
  CHECK(classes({.rename = {"car=van"}}) == "'car' and 'van' would both be called 'van'; expected --merge car,van=van");
  CHECK(classes({.merge = {"car", "van"}}) == "expected a,b=c after --merge, found 'van' without '='");
  CHECK(classes({.drop = {"car"}, .keep = {"van"}}).find("exclude each other") != std::string::npos);
  CHECK(classes({.order = {"car", "car"}}) == "'car' stands twice in --order");
  CHECK(classes({.exactly = {{"car", "van"}}, .exactly_from = "x.txt"}) ==
        "class 'sign' (2 objects) is not among those of x.txt; expected --rename, --merge or --drop-classes to say "
        "what becomes of it");
}

TEST_CASE("ids stay with their classes, unless an order is asked for") {
  const auto kept = plan_classes(street(), {.drop = {"car"}});
  REQUIRE(kept);
  CHECK_FALSE(kept->plan.renumber);
  const auto ordered = plan_classes(street(), {.order = {"bus"}});
  REQUIRE(ordered);
  CHECK(ordered->plan.renumber);
  CHECK(ordered->plan.first_number == 1);
  const Selected turned = selected(street(), {.classes = ordered->plan});
  CHECK(turned.dataset.category_ids[0] == 1);
  CHECK(turned.dataset.categories[0].name == "bus");
  CHECK(turned.dataset.category_ids[3] == 4);
}

TEST_CASE("objects go by class, then by condition, then with their image") {
  const TransformPlan p =
      plan(street(), {.classes = {.drop = {"sign"}}, .where = "box.width > 0", .images_where = "count() > 1"});
  // Objects: car van sign | car van | sign. The first car has no width; image 0 is left with the van alone.
  CHECK(p.count(p.objects, Gone::by_class) == 2);
  CHECK(p.count(p.objects, Gone::by_where) == 1);
  CHECK(p.count(p.objects, Gone::by_image) == 1);
  CHECK(p.count(p.objects, Gone::stays) == 2);
  CHECK(p.count(p.images, Gone::stays) == 1);
  CHECK(p.count(p.images, Gone::by_images_where) == 3);
}

TEST_CASE("conditions see classes by their new names") {
  const TransformPlan p = plan(street(), {.classes = {.rename = {"car=auto"}}, .where = "class == 'auto'"});
  CHECK(p.count(p.objects, Gone::stays) == 2);
  CHECK(p.emptied == 1);  // the image with the sign alone
}

TEST_CASE("images without objects go where that is asked for") {
  const TransformPlan kept = plan(street(), {.where = "class == 'sign'"});
  CHECK(kept.count(kept.images, Gone::stays) == 4);
  CHECK(kept.emptied == 1);
  const TransformPlan dropped = plan(street(), {.where = "class == 'sign'", .drop_empty = true});
  CHECK(dropped.count(dropped.images, Gone::empty) == 2);
  CHECK(dropped.emptied == 0);
}

TEST_CASE("a condition that cannot be read says which and where") {
  const auto wrong = plan_transform(street(), {.where = "box.widht > 3"}, Pool(1));
  REQUIRE_FALSE(wrong);
  CHECK(to_string(wrong.error()) == "--where:1:1: no field is called 'box.widht' (did you mean 'box.width'?)");
  CHECK_FALSE(plan_transform(street(), {.images_where = "class == 'car'"}, Pool(1)));
}

TEST_CASE("a sample is the same on every machine, and another by another seed") {
  Dataset d;
  for (int i = 0; i < 1000; ++i) d.images.push_back({.path = d.add_text("img_" + std::to_string(i) + ".jpg")});
  const auto drawn = [&](Sample sample, std::uint64_t seed) {
    const TransformPlan p = plan(d, {.sample = sample, .seed = seed});
    std::vector<std::size_t> images;
    for (std::size_t i = 0; i < p.images.size(); ++i)
      if (p.images[i] == Gone::stays) images.push_back(i);
    return images;
  };
  // printf '0\nimg_%d.jpg' 0…999, by their SHA-256: the three lowest.
  CHECK(drawn({.count = 3}, 0) == std::vector<std::size_t>{498, 730, 744});
  CHECK(drawn({.count = 3}, 7) == std::vector<std::size_t>{143, 875, 901});
  CHECK(drawn({.percent = 10}, 7).size() == 100);
  CHECK(drawn({.percent = 0.01}, 7).size() == 1);
  CHECK(drawn({.count = 5000}, 7).size() == 1000);
  const auto small = drawn({.count = 50}, 3), large = drawn({.count = 60}, 3);
  CHECK(std::includes(large.begin(), large.end(), small.begin(), small.end()));
}

TEST_CASE("a sample is a number of images or a share") {
  CHECK(parse_sample("500")->count == 500);
  CHECK(parse_sample("12.5%")->percent == 12.5);
  for (const char* wrong : {"", "0", "-1", "1.5", "x", "10 %", "101%", "10%x", "1e30"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_sample(wrong));
  }
}

TEST_CASE("law: what was planned can be selected, and counts agree") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    const Dataset d = random_dataset(seed, {.style = static_cast<RandomOptions::Style>(seed % 4)});
    const TransformRules rules{.where = "box.width > 100 or box.width == null",
                               .images_where = seed % 2 == 0 ? "" : "count() < 4",
                               .drop_empty = seed % 3 == 0,
                               .sample = seed % 5 == 0 ? std::optional(Sample{.count = 2}) : std::nullopt};
    const TransformPlan p = plan(d, rules);
    const Selected left = selected(d, p.selection);
    CHECK(left.dataset.inconsistency().value_or("") == "");
    CHECK(left.dataset.annotations.size() == p.count(p.objects, Gone::stays));
    CHECK(left.dataset.images.size() == p.count(p.images, Gone::stays));
    CHECK(left.dataset.images.size() <= (rules.sample ? 2 : d.images.size()));
  }
}
