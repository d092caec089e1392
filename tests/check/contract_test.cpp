// What clauses come to, on sets small enough to count by hand.
#include "vetset/check/contract.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "tests/check/made.h"
#include "vetset/base/random.h"
#include "vetset/check/contract_findings.h"
#include "vetset/check/contract_parse.h"

using namespace vetset;
using namespace vetset::test;

namespace {

/// Images with attributes light and weather, and a contract over them.
struct Weather : Made {
  CategoryIndex car = category("car"), bike = category("bike");
  ImageIndex shot(const char* light, const char* sky) {
    const auto i = image(std::to_string(d.images.size()) + ".jpg");
    if (*light != 0) attribute(i, "light", std::string("\"") + light + "\"");
    if (*sky != 0) attribute(i, "sky", std::string("\"") + sky + "\"");
    return i;
  }
  Contract contract;
  ContractReport report;
  const ClauseResult& judge(const std::string& clauses, const std::string& more = {},
                            std::string_view today = "2026-01-01") {
    auto parsed = parse_contract(
        "vetset: 1\nfactors:\n  light: {from: attribute.light, levels: [day, night]}\n"
        "  sky: {from: attribute.sky, levels: [clear, rain]}\n" +
            more + "coverage:\n  - " + clauses + "\n",
        "c.yaml");
    REQUIRE_MESSAGE(parsed, to_string(parsed.error()));
    contract = *std::move(parsed);
    report = evaluate_contract({.contract = contract,
                                .dataset = d,
                                .facts = facts,
                                .pixels = pixels,
                                .links = has_links ? &links : nullptr,
                                .today = today});
    return report.clauses.back();
  }
};

}  // namespace

TEST_CASE("every cell of bins needs its groups, and the frames of one night are one night") {
  Weather m;
  const auto a = m.shot("night", "clear"), b = m.shot("night", "clear"), c = m.shot("night", "clear");
  m.shot("day", "clear");
  m.shot("day", "rain");
  m.shot("night", "rain");
  m.shot("night", "rain");
  m.shot("", "rain");
  {
    const ClauseResult& r = m.judge("bins: {factors: [light], min_groups: 2}");
    CHECK(r.outcome == ClauseOutcome::pass);
    CHECK(r.unknown == 1);
  }
  m.link(a, b, LinkKind::sequence);
  m.link(b, c, LinkKind::sequence);
  const ClauseResult& r = m.judge("bins: {factors: [light, sky], min_groups: 2}");
  CHECK(m.report.units == 6);
  CHECK(r.outcome == ClauseOutcome::fail);
  CHECK(*r.measured == 0.25);  // night and rain alone
  REQUIRE(r.shorts.size() == 3);
  CHECK(to_string(r.shorts[2].tuple) == "light=night, sky=clear");
  CHECK(r.shorts[2].have == 1);  // three frames, one night
  CHECK(m.report.outcome() == ClauseOutcome::fail);
}

TEST_CASE("what nobody knows of is undecided, not missing") {
  Weather m;
  m.shot("day", "");
  const ClauseResult& r = m.judge("bins: {factors: [sky], min_groups: 1}");
  CHECK(r.outcome == ClauseOutcome::undecided);
  CHECK(r.said == "'sky': nothing says its attribute.sky");
  CHECK(m.report.undecided == 1);
}

TEST_CASE("combinations that cannot be leave the denominator, and rows that are one are told") {
  Weather m;
  m.shot("day", "clear");
  m.shot("day", "rain");
  m.shot("night", "clear");
  CHECK(*m.judge("t_way: {factors: [light, sky], t: 2, at_least: 1}").measured == 0.75);
  const std::string forbidden = "constraints:\n  - not: {light: night, sky: rain}\n";
  CHECK(*m.judge("t_way: {factors: [light, sky], t: 2, at_least: 1}", forbidden).measured == 1);
  CHECK(m.report.outcome() == ClauseOutcome::pass);
  m.shot("night", "rain");
  m.judge("t_way: {factors: [light, sky], t: 2, at_least: 1}", forbidden);
  REQUIRE(m.report.clauses.front().places.size() == 1);
  CHECK(std::get<ImageIndex>(m.report.clauses.front().places[0]) == ImageIndex{3});
  CHECK(m.report.outcome() == ClauseOutcome::fail);
}

TEST_CASE("pairs count objects of every class, also of those that nobody used") {
  Weather m;
  const auto i = m.shot("day", "clear"), j = m.shot("night", "clear");
  for (int k = 0; k < 5; ++k) m.box(i, m.car, {1, 1, 9, 9});
  for (int k = 0; k < 2; ++k) m.box(j, m.car, {1, 1, 9, 9});
  const ClauseResult& r = m.judge("pair: {class: each, with: [light], min_objects: 2, mostly: 0.5}");
  CHECK(*r.measured == 0.5);  // car by day and by night; no bike at all
  CHECK(r.outcome == ClauseOutcome::pass);
  CHECK(r.short_count == 2);
  CHECK(m.judge("pair: {class: each, with: [light], min_objects: 3, mostly: 0.5}").outcome == ClauseOutcome::fail);
}

TEST_CASE("a share is decided where its interval lies on one side, and undecided where it straddles the limit") {
  Weather m;
  for (int k = 0; k < 60; ++k) m.shot("day", "clear");
  for (int k = 0; k < 40; ++k) m.shot("night", "clear");
  const ClauseResult& r = m.judge("balance: {factor: light, max_share: 0.65}");
  CHECK(*r.measured == doctest::Approx(0.6));
  CHECK(r.interval->low == doctest::Approx(0.502).epsilon(0.01));
  CHECK(r.interval->high == doctest::Approx(0.691).epsilon(0.01));
  CHECK(r.outcome == ClauseOutcome::undecided);
  CHECK(m.judge("balance: {factor: light, max_share: 0.7}").outcome == ClauseOutcome::pass);
  CHECK(m.judge("balance: {factor: light, max_share: 0.5}").outcome == ClauseOutcome::fail);
  REQUIRE(m.report.order.size() == 1);
  CHECK(to_string(m.report.order[0].tuple) == "light=not day");
  CHECK(m.report.order[0].count == 20);  // 60 of 120 is a half
  CHECK(*m.judge("balance: {factor: light, max_hhi: 0.5}").measured == doctest::Approx(0.52));
}

TEST_CASE("combinations of one split that another lacks are counted and named") {
  Weather m;
  const auto a = m.shot("day", "clear"), b = m.shot("day", "rain"), c = m.shot("night", "clear"),
             e = m.shot("day", "clear");
  m.split("train", {a, b});
  m.split("test", {c, e});
  const ClauseResult& r = m.judge("sdcc: {from: test, minus: train, t: 2, factors: [light, sky], at_most: 0.02}");
  CHECK(*r.measured == 0.5);
  REQUIRE(r.shorts.size() == 1);
  CHECK(to_string(r.shorts[0].tuple) == "light=night, sky=clear");
  CHECK(r.outcome == ClauseOutcome::fail);
  REQUIRE(m.report.order.size() == 1);
  CHECK(to_string(m.report.order[0].tuple) == "light=night, sky=clear, split=train");
}

TEST_CASE("a waiver takes its combinations out until its day, and is counted") {
  Weather m;
  m.shot("day", "clear");
  m.shot("night", "clear");
  m.shot("day", "rain");
  const std::string waiver =
      "waivers:\n  - {rule: COV204, where: {light: night, sky: rain}, reason: parked at night, until: 2026-06-30}\n";
  const std::string clause = "bins: {factors: [light, sky], min_groups: 1}";
  CHECK(m.judge(clause, waiver, "2026-06-30").outcome == ClauseOutcome::pass);
  CHECK(m.report.clauses[0].shorts[0].waived);
  CHECK(m.judge(clause, waiver, "2026-07-01").outcome == ClauseOutcome::fail);
  m.judge(clause, "waivers:\n  - {rule: COV204, reason: next quarter}\n");
  CHECK(m.report.failed == 0);
  CHECK(m.report.waived == 1);
  CHECK(m.report.outcome() == ClauseOutcome::pass);
}

TEST_CASE("objects of one group are no independent trials: enough objects from few groups is undecided") {
  Weather m;
  const auto i = m.shot("day", "clear");
  for (int k = 0; k < 200; ++k) m.box(i, m.car, {1, 1, 9, 9}), m.box(i, m.bike, {1, 1, 9, 9});
  CHECK(m.judge("metric_power: {per: class, half_width: 0.05}").outcome == ClauseOutcome::undecided);
  for (int n = 0; n < 141; ++n) {
    const auto more = m.shot("day", "clear");
    m.box(more, m.car, {1, 1, 9, 9});
    m.box(more, m.bike, {1, 1, 9, 9});
  }
  CHECK(m.judge("metric_power: {per: class, half_width: 0.05}").outcome == ClauseOutcome::pass);
  CHECK(m.judge("metric_power: {per: class, half_width: 0.01}").outcome == ClauseOutcome::fail);
  CHECK(m.report.clauses[0].shorts.size() == 2);
}

TEST_CASE("negatives are images that are known to be empty") {
  Weather m;
  for (int k = 0; k < 8; ++k) m.box(m.shot("day", "clear"), m.car, {1, 1, 9, 9});
  m.shot("day", "clear");
  m.d.images[to_size(m.shot("day", "clear"))].state = ImageState::unlabelled;
  const ClauseResult& r = m.judge("negatives: {at_least: 0.9}");
  CHECK(*r.measured == doctest::Approx(1.0 / 9));
  CHECK(r.unknown == 1);
  CHECK(r.outcome == ClauseOutcome::fail);
  REQUIRE(m.report.order.size() == 1);
  CHECK(m.report.order[0].count == 71);  // (1 + 71) / (9 + 71) = 0.9
  CHECK(m.judge("negatives: {at_most: 0.9}").outcome == ClauseOutcome::pass);
}

TEST_CASE("the collection order turns every clause green when it is collected") {
  Random random(5);
  for (unsigned round = 0; round < 60; ++round) {
    CAPTURE(round);
    Weather m;
    const char* lights[] = {"day", "night"};
    const char* skies[] = {"clear", "rain"};
    for (unsigned n = random.below(12); n > 0; --n) m.shot(lights[random.below(2)], skies[random.below(2)]);
    m.shot("day", "clear");
    const std::string clauses = "bins: {factors: [light, sky], min_groups: " + std::to_string(1 + random.below(4)) +
                                "}\n  - t_way: {factors: [light, sky], t: 2, min: 2, at_least: 0.75}\n"
                                "  - bins: {factors: [sky], min_groups: 5}";
    m.judge(clauses);
    for (const ToCollect& wanted : m.report.order)
      for (std::uint64_t n = 0; n < wanted.count; ++n) {
        const char* light = "day";
        const char* sky = "clear";
        for (const auto& [factor, level] : wanted.tuple) {
          if (factor == "light") light = level == "day" ? "day" : "night";
          if (factor == "sky") sky = level == "clear" ? "clear" : "rain";
        }
        m.shot(light, sky);
      }
    m.judge(clauses);
    CHECK(m.report.outcome() == ClauseOutcome::pass);
    CHECK(m.report.order.empty());
  }
}

TEST_CASE("coverage of combinations is that of counting them one by one, on random sets with constraints") {
  Random random(17);
  for (unsigned round = 0; round < 100; ++round) {
    CAPTURE(round);
    Weather m;
    const char* lights[] = {"day", "night", ""};
    const char* skies[] = {"clear", "rain", ""};
    std::map<std::string, std::uint64_t> seen;
    for (unsigned n = random.below(9); n > 0; --n) {
      const std::string light = lights[random.below(3)], sky = skies[random.below(3)];
      m.shot(light.c_str(), sky.c_str());
      if (!light.empty() && !sky.empty()) ++seen["light=" + light + ", sky=" + sky];
    }
    const bool forbids = random.once_in(2);
    const std::uint64_t min = 1 + random.below(2);
    std::uint64_t covered = 0;
    for (const auto& [tuple, count] : seen)
      covered += count >= min && !(forbids && tuple == "light=night, sky=rain") ? 1U : 0U;
    const ClauseResult& r =
        m.judge("t_way: {factors: [light, sky], t: 2, at_least: 1, min: " + std::to_string(min) + "}",
                forbids ? "constraints:\n  - not: {light: night, sky: rain}\n" : "");
    if (r.outcome == ClauseOutcome::undecided) continue;  // nothing known of one factor
    CHECK(*r.measured == doctest::Approx(static_cast<double>(covered) / (forbids ? 3 : 4)));
  }
}

TEST_CASE("rules of its own and label rules point at the records that break them") {
  Weather m;
  const auto i = m.shot("day", "clear"), j = m.shot("day", "clear");
  m.box(i, m.car, {1, 1, 3, 9});
  m.box(j, m.car, {1, 1, 9, 9});
  m.box(j, m.bike, {1, 1, 9, 9});
  m.judge("negatives: {at_most: 1}",
          "labels:\n  - implies: {class: car, needs: bike}\nrules:\n"
          "  - {code: X007, where: \"box.width < 4\", message: is too thin, severity: note}\n");
  const ClauseResult& implied = m.report.clauses[1];
  REQUIRE(implied.places.size() == 1);
  CHECK(std::get<ImageIndex>(implied.places[0]) == i);
  const ClauseResult& thin = m.report.clauses[2];
  REQUIRE(thin.places.size() == 1);
  CHECK(std::get<AnnotationIndex>(thin.places[0]) == AnnotationIndex{0});

  ContractRun run{.contract = m.contract};
  make_rules(run);
  REQUIRE(run.rules.size() == 1);
  const Evidence evidence{.dataset = m.d,
                          .files = {},
                          .reading = {},
                          .facts = m.facts,
                          .settings = m.settings,
                          .contract = &m.contract,
                          .clauses = &m.report};
  std::vector<Finding> found;
  const std::function<void(Finding)> add = [&](Finding f) { found.push_back(std::move(f)); };
  run.rules[0].check(evidence, Report{run.rules[0], add});
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == "X007");
  CHECK(found[0].severity == Severity::note);
  CHECK(found[0].message == "is too thin");
}

TEST_CASE("an embedding that is the reference's own reaches it as it reaches itself; one corner of it does not") {
  Weather m;
  Random random(3);
  const auto row = [&](bool corner) {
    std::vector<float> v(8);
    double square = 0;
    for (std::size_t k = 0; k < v.size(); ++k) {
      v[k] = static_cast<float>(random.unit() - 0.5);
      if (corner) v[k] = k == 0 ? 1.0F : v[k] * 0.05F;
      square += static_cast<double>(v[k]) * static_cast<double>(v[k]);
    }
    for (float& x : v) x = static_cast<float>(static_cast<double>(x) / std::sqrt(square));
    return v;
  };
  ReferenceRows reference{.name = "ops.npy", .error = {}, .dimension = 8, .values = {}};
  for (int n = 0; n < 400; ++n) {
    const auto v = row(false);
    reference.values.insert(reference.values.end(), v.begin(), v.end());
  }
  for (const bool corner : {false, true}) {
    CAPTURE(corner);
    Embeddings own{.dimension = 8};
    Weather set;
    for (int n = 0; n < 300; ++n) {
      set.shot("day", "clear");
      const auto v = row(corner);
      own.values.insert(own.values.end(), v.begin(), v.end());
      own.known.push_back(true);
    }
    const auto contract = parse_contract(
        "vetset: 1\ncoverage:\n  - embedding: {ref: ops.npy, coverage_at: 5, at_least: null-q01}\n", "c.yaml");
    REQUIRE(contract);
    const ReferenceRows references[] = {reference};
    const ContractReport report =
        evaluate_contract({.contract = *contract, .dataset = set.d, .embeddings = &own, .references = references});
    CHECK(report.clauses[0].outcome == (corner ? ClauseOutcome::fail : ClauseOutcome::pass));
    CHECK(*report.clauses[0].null == doctest::Approx(0.97).epsilon(0.03));  // 1 − 2⁻⁵
  }
}
