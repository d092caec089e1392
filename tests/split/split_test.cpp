#include <doctest/doctest.h>

#include <map>
#include <set>

#include "tests/split/made_dataset.h"
#include "tests/support/random_dataset.h"
#include "vetset/split/split.h"

namespace vetset {
namespace {

std::map<std::string, std::string> places(const Made& m, const SplitReport& r) {
  std::map<std::string, std::string> all;
  for (std::size_t i = 0; i < m.d.images.size(); ++i)
    all[std::string(m.d.path(to_index<ImageIndex>(i)))] =
        r.of[i] == SplitReport::nowhere ? "-" : r.settings.names[r.of[i]];
  return all;
}

TEST_CASE("identical files are in one split, and so are images of one key") {
  Made m = made(200);
  for (std::size_t i = 0; i < 40; ++i)
    m.add("copies/" + std::to_string(i) + ".jpg", "bytes " + std::to_string(i * 5), 1);
  const auto keys = keys_of(m.d, *parse_key_rule("folder"));
  REQUIRE(keys);
  for (const bool by_key : {false, true}) {
    const std::vector<Keys> all = by_key ? std::vector<Keys>{*keys} : std::vector<Keys>{};
    auto r = plan_split(m.d, {.facts = m.facts, .keys = all}, usual());
    REQUIRE(r);
    const Dataset split = with_splits(m.d, *r);
    CHECK_FALSE(split.inconsistency());
    measure_crossings(split, {.facts = m.facts, .keys = all}, *r);
    CHECK(r->crossing_files == 0);
    CHECK(r->crossing_keys == 0);
    CHECK(r->identical_images == 80);
    // The measure can fail: put one of a pair elsewhere.
    for (std::uint32_t s = 0; s < 3; ++s)
      if (s != r->of[0]) r->of[0] = s;
    measure_crossings(with_splits(m.d, *r), {.facts = m.facts, .keys = all}, *r);
    CHECK(r->crossing_files == 1);
  }
}

TEST_CASE("the order of the images does not decide where they go") {
  const Made m = made(120);
  Made turned;
  for (std::size_t i = m.d.images.size(); i-- > 0;)
    turned.add(std::string(m.d.path(to_index<ImageIndex>(i))), "bytes " + std::to_string(i),
               static_cast<std::uint32_t>(i % 3));
  const auto a = plan_split(m.d, {.facts = m.facts}, usual());
  const auto b = plan_split(turned.d, {.facts = turned.facts}, usual());
  REQUIRE(a);
  REQUIRE(b);
  CHECK(places(m, *a) == places(turned, *b));
  CHECK(a->assignment == b->assignment);
  CHECK(to_json(a->lock) == to_json(b->lock));
}

TEST_CASE("a dataset that grows keeps every image where it was, and one that shrinks moves nothing") {
  const Made old = made(100);
  const auto first = plan_split(old.d, {.facts = old.facts}, usual());
  REQUIRE(first);
  const auto lock = parse_lock(to_json(first->lock), "split.lock");
  REQUIRE(lock);
  CHECK(to_json(*lock) == to_json(first->lock));

  const Made grown = made(160);
  const auto second = plan_split(grown.d, {.facts = grown.facts, .before = &*lock}, usual());
  REQUIRE(second);
  CHECK(second->kept == 100);
  CHECK(second->placed == 60);
  const auto now = places(grown, *second);
  for (const auto& [path, split] : places(old, *first)) CHECK(now.at(path) == split);

  Made few;
  for (std::size_t i = 0; i < 30; ++i)
    few.add("f_" + std::to_string(i), "bytes " + std::to_string(i * 3), 0);  // renamed
  const auto third = plan_split(few.d, {.facts = few.facts, .before = &second->lock}, usual());
  REQUIRE(third);
  CHECK(third->kept == 30);
  CHECK(third->absent == 130);
  for (std::size_t i = 0; i < 30; ++i) CHECK(third->of[i] == second->of[i * 3]);
  // Who was away comes back to its place.
  const auto fourth = plan_split(grown.d, {.facts = grown.facts, .before = &third->lock}, usual());
  REQUIRE(fourth);
  CHECK(fourth->of == second->of);
}

TEST_CASE("a key that joins train to test sends the train side into quarantine, and it stays there") {
  Made m = made(100);
  const auto first = plan_split(m.d, {.facts = m.facts}, usual());
  REQUIRE(first);
  Keys keys{.rule = *parse_key_rule("attribute:scene"), .of = std::vector<std::string>(100)};
  std::size_t train = 100, test = 100;
  for (std::size_t i = 0; i < 100; ++i) {
    if (first->of[i] == 0) train = i;
    if (first->of[i] == 2) test = i;
  }
  REQUIRE(train < 100);
  REQUIRE(test < 100);
  keys.of[train] = keys.of[test] = "harbour";
  auto second = plan_split(m.d, {.facts = m.facts, .keys = std::span(&keys, 1), .before = &first->lock}, usual());
  REQUIRE(second);
  REQUIRE(second->quarantined.size() == 1);
  CHECK(second->quarantined[0].image == to_index<ImageIndex>(train));
  CHECK(second->quarantined[0].now);
  CHECK(second->of[train] == SplitReport::nowhere);
  CHECK(second->of[test] == 2);
  const Dataset split = with_splits(m.d, *second);
  CHECK_FALSE(split.inconsistency());
  CHECK(split.images.size() == 99);
  const auto third = plan_split(m.d, {.facts = m.facts, .before = &second->lock}, usual());  // also without the key
  REQUIRE(third);
  REQUIRE(third->quarantined.size() == 1);
  CHECK_FALSE(third->quarantined[0].now);
  CHECK(third->of == second->of);
  bool kept_out = false;
  for (const Previous::Image& image : previous_of(second->lock).images) kept_out = kept_out || image.split.empty();
  CHECK(kept_out);
}

TEST_CASE("a random dataset of any shape is split consistently") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    Dataset d = random_dataset(seed);
    if (d.images.empty()) continue;
    const std::vector<Facts> facts(d.images.size());
    auto r = plan_split(d, {.facts = facts}, usual());
    REQUIRE(r);
    const Dataset split = with_splits(std::move(d), *r);
    CHECK_FALSE(split.inconsistency());
    CHECK(split.splits.size() == 3);
    CHECK(split.memberships.size() == split.images.size());
  }
}

TEST_CASE("keys that say nothing link nobody") {
  for (const char* word : {"", "unknown", "0", "NaN", "None", "000", " null ", "-1", "N/A"}) CHECK(is_null_key(word));
  for (const char* word : {"1", "clip", "00a", "10"}) CHECK_FALSE(is_null_key(word));
}

TEST_CASE("keys are cut from names as their rule says") {
  Made m;
  m.add("a/clip_0012.jpg", "1", 0);
  m.add("b/ana.rf.3f2c.jpg", "2", 0);
  m.add("b/0007.jpg", "3", 0);
  const auto of = [&](const char* rule) {
    const auto keys = keys_of(m.d, *parse_key_rule(rule));
    REQUIRE(keys);
    return keys->of;
  };
  CHECK(of("folder") == std::vector<std::string>{"a", "b", "b"});
  CHECK(of("stem-prefix") == std::vector<std::string>{"clip", "ana.rf.3f2c", ""});
  CHECK(of("stem-prefix:.rf.") == std::vector<std::string>{"", "ana", ""});
  CHECK(of("stem-prefix:(*)_#") == std::vector<std::string>{"clip", "", ""});
  CHECK(caught("(a?)*", "abc") == "ab");
  CHECK_FALSE(caught("(*)_cam#", "x_cam"));
  CHECK_FALSE(keys_of(m.d, *parse_key_rule("attribute:video")));
  for (const char* wrong : {"", "size", "folder:a", "stem-prefix:", "stem-prefix:)a(", "attribute", "file:"})
    CHECK_FALSE(parse_key_rule(wrong));
}

TEST_CASE("a table gives keys by path or by a name that one image has") {
  Made m;
  m.add("a/1.jpg", "1", 0);
  m.add("b/1.jpg", "2", 0);
  m.add("b/2.jpg", "3", 0);
  const KeyRule rule = *parse_key_rule("file:/somewhere/keys.csv");
  CHECK(rule.text == "file:keys.csv");
  const auto keys = keys_of(m.d, rule, "path,key\na/1.jpg,x\n2.jpg,\"y, z\"\nnone.jpg,q\n");
  REQUIRE(keys);
  CHECK(keys->of == std::vector<std::string>{"x", "", "y, z"});
  CHECK(keys->unused_rows == 1);
  CHECK_FALSE(keys_of(m.d, rule, "1.jpg,x\n"));               // two images are called so
  CHECK_FALSE(keys_of(m.d, rule, "a/1.jpg\n"));               // no second column
  CHECK_FALSE(keys_of(m.d, rule, "a/1.jpg,x\na/1.jpg,y\n"));  // two keys for one image
}

TEST_CASE("ratios are numbers between slashes") {
  CHECK(*parse_ratios("80/10/10") == std::vector<std::uint32_t>{80, 10, 10});
  CHECK(*parse_ratios("0.7/0.3") == std::vector<std::uint32_t>{700, 300});
  for (const char* wrong : {"", "80/", "a/b", "-1/2", "0/0", "80/10/10/", "1e9/1", "0.0001/1"})
    CHECK_FALSE(parse_ratios(wrong));
}

TEST_CASE("a lock that is not one says why") {
  const auto why = [](const char* text) { return parse_lock(text, "old.lock").error().message; };
  CHECK(why("{}").find("is no split.lock") != std::string::npos);
  CHECK(why("{\"vetset-split-lock\":9}").find("version 9") != std::string::npos);
  CHECK(why("{\"vetset-split-lock\":1}").find("expected a list of \"names\"") != std::string::npos);
  CHECK_FALSE(parse_lock("[", "old.lock"));
  const Made m = made(20);
  const auto r = plan_split(m.d, {.facts = m.facts}, usual());
  REQUIRE(r);
  SplitSettings others = usual();
  others.names = {"a", "b", "c"};
  CHECK_FALSE(plan_split(m.d, {.facts = m.facts, .before = &r->lock}, others));
}

}  // namespace
}  // namespace vetset
