// What follows from answers, over rankings whose truth is known; and queues as documents.
#include "vetset/dataset/answers.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/random.h"
#include "vetset/dataset/queue.h"

using namespace vetset;

namespace {

constexpr unsigned seeds = 200, enough = 171;

/// Errors that become rarer with the rank.
std::vector<bool> errors_by_rank(std::uint64_t suspects, double first, Random& random) {
  std::vector<bool> wrong{false};
  for (std::uint64_t rank = 1; rank <= suspects; ++rank)
    wrong.push_back(random.unit() < first * std::exp(-4.0 * static_cast<double>(rank) / static_cast<double>(suspects)));
  return wrong;
}

std::vector<Answer> answer_all(const QueuePlan& plan, const std::vector<bool>& wrong) {
  std::vector<Answer> answers;
  for (const std::uint64_t rank : plan.ranks) answers.push_back({rank, wrong[rank]});
  return answers;
}

}  // namespace

TEST_CASE("the estimated total holds the true one in 171 of 200 seeds, for many errors and for few") {
  for (const double first : {0.9, 0.3, 0.02}) {
    unsigned covered = 0;
    double width = 0, bias = 0;
    for (unsigned seed = 0; seed < seeds; ++seed) {
      Random random(seed + 4000);
      const std::vector<bool> wrong = errors_by_rank(1000, first, random);
      const QueuePlan plan = plan_queue(1000, 50, 150, seed);
      const ErrorEstimate e = estimate_errors(answer_all(plan, wrong), plan.strata);
      const auto truth = static_cast<double>(std::count(wrong.begin(), wrong.end(), true));
      covered += e.total_interval.low <= truth && truth <= e.total_interval.high ? 1U : 0U;
      width += (e.total_interval.high - e.total_interval.low) / seeds;
      bias += (e.total - truth) / seeds;
    }
    CAPTURE(first);
    CAPTURE(width);
    CHECK(covered >= enough);
    CHECK(width < 200);
    CHECK(std::abs(bias) < 4);
  }
}

TEST_CASE("chances fall with the rank, cover all ranks, and are never certain") {
  Random random(3);
  const std::vector<bool> wrong = errors_by_rank(500, 0.8, random);
  const QueuePlan plan = plan_queue(500, 40, 60, 1);
  const std::vector<ChanceStep> steps = chance_steps(answer_all(plan, wrong), plan.strata);
  REQUIRE(steps.size() > 1);
  CHECK(steps.front().first == 1);
  CHECK(steps.back().last == 500);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    CHECK(steps[i].chance > 0);
    CHECK(steps[i].chance < 1);
    CHECK(steps[i].interval.low <= steps[i].interval.high);
    if (i > 0) CHECK(steps[i].first == steps[i - 1].last + 1);
    if (i > 0) CHECK(steps[i].chance <= steps[i - 1].chance);
  }
}

TEST_CASE("no error in a few answers is no reason to stop, none in many is") {
  const QueuePlan few = plan_queue(1000, 5, 0, 0), many = plan_queue(1000, 200, 200, 0);
  const std::vector<bool> right(1001, false);
  CHECK(!expect_next(answer_all(few, right), few.strata).stop);
  const NextOnes next = expect_next(answer_all(many, right), many.strata);
  CHECK(next.stop);
  CHECK(next.count == 50);
  CHECK(next.interval.high > next.expected);
  CHECK(!expect_next({}, many.strata).stop);
}

TEST_CASE("who stops early is told of all that nobody answered") {
  const QueuePlan plan = plan_queue(100, 100, 0, 0);
  std::vector<Answer> answers;
  for (std::uint64_t rank = 1; rank <= 20; ++rank) answers.push_back({rank, true});
  const ErrorEstimate e = estimate_errors(answers, plan.strata);
  CHECK(e.errors == 20);
  CHECK(e.unknown == 80);
  CHECK(e.left_interval.low == 0);
  CHECK(e.left_interval.high == 80);
}

TEST_CASE("a whole census leaves nothing to estimate") {
  const QueuePlan plan = plan_queue(40, 40, 0, 0);
  std::vector<Answer> answers;
  for (std::uint64_t rank = 1; rank <= 40; ++rank) answers.push_back({rank, rank % 3 == 0});
  const ErrorEstimate e = estimate_errors(answers, plan.strata);
  CHECK(e.total == 13);
  CHECK(e.left == 0);
  CHECK(e.total_interval.low == e.total_interval.high);
}

TEST_CASE("recapture is Chapman's") {
  const auto r = recapture(120, 90, 60);
  REQUIRE(r);
  CHECK(r->total == doctest::Approx(121.0 * 91 / 61 - 1));
  CHECK(r->interval.low >= 150);  // those seen
  CHECK(r->interval.low < r->total);
  CHECK(r->total < r->interval.high);
  CHECK(!recapture(5, 5, 0));
}

TEST_CASE("a queue has the first ones, and a seeded sample that says how likely each was") {
  const QueuePlan plan = plan_queue(1000, 50, 100, 7), again = plan_queue(1000, 50, 100, 7);
  CHECK(plan.ranks == again.ranks);
  CHECK(plan.ranks != plan_queue(1000, 50, 100, 8).ranks);
  CHECK(plan.ranks.size() == 150);
  REQUIRE(plan.strata.size() == 11);
  CHECK(plan.strata.front().taken == 50);
  std::uint64_t next = 1;
  for (const Stratum& s : plan.strata) {
    CHECK(s.first == next);
    next = s.last + 1;
    CHECK(s.taken ==
          static_cast<std::uint64_t>(std::count_if(plan.ranks.begin(), plan.ranks.end(),
                                                   [&](std::uint64_t r) { return r >= s.first && r <= s.last; })));
  }
  CHECK(next == 1001);
  CHECK(plan_queue(3, 100, 100, 0).ranks.size() == 3);
  CHECK(plan_queue(15, 10, 100, 0).ranks.size() == 15);
}

TEST_CASE("every suspect gets into the sample as often as its inclusion says") {
  std::vector<unsigned> times(61, 0);
  for (unsigned seed = 0; seed < 2000; ++seed)
    for (const std::uint64_t rank : plan_queue(60, 10, 20, seed).ranks) ++times[rank];
  for (std::uint64_t rank = 1; rank <= 60; ++rank) {
    CAPTURE(rank);
    if (rank <= 10) CHECK(times[rank] == 2000);
    if (rank > 10) CHECK(std::abs(times[rank] - 800.0) < 110);  // five standard deviations of 2,000 draws at 0.4
  }
}

TEST_CASE("rules take turns in the ranking, and a record comes once with all its codes") {
  Suspects s;
  const auto add = [&](std::string_view code, std::uint32_t annotation, double score) {
    s.rows.push_back({.code = code,
                      .image = ImageIndex{0},
                      .annotation = annotation == 9 ? none<AnnotationIndex> : AnnotationIndex{annotation},
                      .score = score});
  };
  add("LBL120", 0, 0.9), add("LBL120", 1, 0.8), add("LBL131", 2, 0.2), add("LBL131", 0, 0.1), add("LBL130", 9, 0.5);
  const auto ranked = rank(s);
  REQUIRE(ranked);
  REQUIRE(ranked->size() == 4);
  CHECK((*ranked)[0].suspect->annotation == AnnotationIndex{0});
  CHECK((*ranked)[0].codes == std::vector<std::string_view>{"LBL120", "LBL131"});
  CHECK((*ranked)[1].suspect->code == "LBL130");
  CHECK((*ranked)[2].suspect->annotation == AnnotationIndex{2});
  CHECK((*ranked)[3].suspect->annotation == AnnotationIndex{1});
  s.rows.front().score = std::nan("");
  const auto bad = rank(s);
  REQUIRE(!bad);
  CHECK(bad.error().message == "suspect 1 (LBL120) has a score that is no finite number");
}

TEST_CASE("a queue reads back as it was written, and one that was cut is refused") {
  Queue q{.program = "vetset 1", .labels_id = "sha256:00", .format = "coco", .counts = {.images = 3, .annotations = 9}};
  q.suspects = 40;
  q.seed = 18446744073709551615ULL;
  const QueuePlan plan = plan_queue(40, 5, 4, 2);
  q.strata = plan.strata;
  q.forecasts = {{.first = 5, .least = 1.5, .most = 4, .interval = {1, 5}, .known = true}};
  for (const std::uint64_t rank : plan.ranks)
    q.items.push_back({.key = "k" + std::to_string(rank),
                       .codes = {"LBL130", "LBL120"},
                       .rank = rank,
                       .score = 0.25,
                       .inclusion = 0.125,
                       .image = "a \"b\".jpg",
                       .annotation = rank % 2 == 0 ? "\"x\"" : "7",
                       .object = rank != 3,
                       .given = "cat",
                       .proposed = "dog",
                       .box = {1, 2, 3.5, 4},
                       .confidence = 0.5});
  const std::string text = to_json(q);
  const auto back = parse_queue(text);
  REQUIRE(back);
  CHECK(to_json(*back) == text);
  CHECK(back->items[1].annotation == "\"x\"");
  CHECK(back->seed == q.seed);
  Queue cut = q;
  cut.items.pop_back();
  CHECK(parse_queue(to_json(cut)).error().message.find("not those that its strata speak of") != std::string::npos);
  std::swap(q.items[0], q.items[1]);
  CHECK(!parse_queue(to_json(q)));
  CHECK(!parse_queue("[]"));
  CHECK(!parse_queue("{\"vetset-queue\":2}"));
}
