// What a split is even by besides classes and keys: measured factors of images and of objects.
#include <doctest/doctest.h>

#include "tests/split/made_dataset.h"

using namespace vetset;

namespace {

/// Every fifth record is dark; every seventh is not known.
Factor light(FactorOf of, std::size_t records) {
  Factor f{
      .name = "light", .of = of, .numeric = false, .numbers = {}, .levels = {}, .names = {"dark", "bright", "red"}};
  for (std::size_t i = 0; i < records; ++i) f.levels.push_back(i % 7 == 6 ? Factor::unknown : i % 5 == 0 ? 0U : 1U);
  return f;
}

}  // namespace

TEST_CASE("every level of a factor gets its share in every split") {
  const Made m = made(400);
  for (const FactorOf of : {FactorOf::image, FactorOf::annotation}) {
    const std::vector<Factor> factors = {light(of, 400)};
    const auto report = plan_split(m.d, {.facts = m.facts, .measured = factors}, usual());
    REQUIRE(report);
    REQUIRE(report->factors.size() == 1);
    const SplitReport::Factor& told = report->factors[0];
    CHECK(told.key == "light");
    CHECK(told.values == std::vector<std::string>{"dark", "bright"});  // no record is red
    CHECK(told.without == 57);
    CHECK(told.of_objects == (of == FactorOf::annotation));
    std::vector<std::uint64_t> dark(3);
    for (std::size_t i = 0; i < 400; ++i) dark[report->of[i]] += factors[0].levels[i] == 0 ? 1U : 0U;
    CHECK(dark[1] >= 6);  // of 69, a tenth each
    CHECK(dark[1] <= 8);
    CHECK(dark[2] >= 6);
    CHECK(dark[2] <= 8);
    CHECK(report->lock.factors == std::vector<std::string>{"light"});
  }
}

TEST_CASE("a factor with a value of its own for nearly every image is refused") {
  const Made m = made(200);
  Factor each{.name = "stamp", .of = FactorOf::image, .numeric = false, .numbers = {}, .levels = {}, .names = {}};
  for (std::uint32_t i = 0; i < 200; ++i) {
    each.levels.push_back(i);
    each.names.push_back(std::to_string(i));
  }
  const auto report = plan_split(m.d, {.facts = m.facts, .measured = std::span(&each, 1)}, usual());
  REQUIRE(!report);
  CHECK(to_string(report.error()).find("'stamp' has 200 values for 200 images") != std::string::npos);
}
