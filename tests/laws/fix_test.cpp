// Laws of repairs over random datasets: what is repaired stays repaired, nothing else changes, every edit says what
// was.
#include <doctest/doctest.h>

#include <cstdlib>
#include <set>
#include <sstream>
#include <string>

#include "tests/support/random_dataset.h"
#include "vetset/dataset/canonical.h"
#include "vetset/vetset.h"

using namespace vetset;

namespace {

std::uint64_t seeds() {
  const char* told = std::getenv("VETSET_LAW_SEEDS");
  return told == nullptr ? 60 : std::strtoull(told, nullptr, 10);
}

Source source_of(Dataset dataset) {
  Source source;
  source.tree = std::make_unique<MemoryTree>();
  source.dataset = std::move(dataset);
  return source;
}

/// The first line that two texts do not share; empty where they are the same.
std::string first_difference(const std::string& a, const std::string& b) {
  std::istringstream left(a), right(b);
  for (std::string x, y; left || right;) {
    x.clear(), y.clear();
    std::getline(left, x);
    std::getline(right, y);
    if (x != y) return x + "\nbecame\n" + y;
  }
  return {};
}

std::set<std::string> rows_of(const Dataset& d) {
  std::set<std::string> rows;
  std::istringstream lines(canonical(d));
  for (std::string line; std::getline(lines, line);) rows.insert(line.substr(line.find('\t') + 1));
  return rows;
}

}  // namespace

TEST_CASE("law: repairs come to an end, change nothing else, and name rows that were there") {
  std::uint64_t repaired = 0;
  for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
    for (const auto style :
         {RandomOptions::Style::everything, RandomOptions::Style::coco, RandomOptions::Style::yolo}) {
      for (const bool unsafe : {false, true}) {
        CAPTURE(seed);
        CAPTURE(static_cast<int>(style));
        CAPTURE(unsafe);
        Source source = source_of(random_dataset(seed, {.style = style}));
        const std::set<std::string> before = rows_of(source.dataset);
        const auto report = fix(source, {.unsafe = unsafe});  // an edit too many is its error
        REQUIRE_MESSAGE(report, to_string(report.error()));
        repaired += report->edits.size();
        const auto problem = source.dataset.inconsistency();
        REQUIRE_MESSAGE(!problem, *problem);
        for (const Edit& edit : report->edits) {
          CHECK_MESSAGE(edit.before != edit.after, edit.repair->name);
          if (edit.round == 1 && edit.owner != Owner::dataset && edit.owner != Owner::split)
            CHECK(before.contains(edit.before));
        }
        const std::string once = canonical(source.dataset);
        const auto again = fix(source, {.unsafe = unsafe});
        REQUIRE_MESSAGE(again, to_string(again.error()));
        CHECK_MESSAGE(again->edits.empty(), again->edits.front().repair->name, ": ", again->edits.front().what);
        CHECK(canonical(source.dataset) == once);
      }
    }
  }
  CHECK(repaired > 0);
}

TEST_CASE("law: what was repaired can be taken back, to the last row") {
  std::uint64_t taken_back = 0;
  for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
    for (const auto style : {RandomOptions::Style::everything, RandomOptions::Style::coco, RandomOptions::Style::yolo,
                             RandomOptions::Style::plain, RandomOptions::Style::tags}) {
      for (const bool unsafe : {false, true}) {
        CAPTURE(seed);
        CAPTURE(static_cast<int>(style));
        CAPTURE(unsafe);
        Dataset made = random_dataset(seed, {.style = style});
        made.tracks = {};  // go with their annotations, and are in no list of edits
        made.track_states = {};
        made.relations = {};
        const auto drop_tracks = [](auto& rows) {
          auto all = std::move(rows);
          rows = {};
          for (const auto& row : all)
            if (row.owner != Owner::track) rows.push_back(row);
        };
        drop_tracks(made.residues);
        drop_tracks(made.attributes);
        Source source = source_of(std::move(made));
        const std::string before = canonical(source.dataset);
        const auto report = fix(source, {.unsafe = unsafe});
        REQUIRE_MESSAGE(report, to_string(report.error()));
        if (report->document.empty()) continue;
        const auto undone = unfix(source, report->document);
        REQUIRE_MESSAGE(undone, to_string(undone.error()), report->document);
        CHECK(undone->edits == report->edits.size());
        CHECK(undone->consequences == report->consequences.size());
        CHECK_MESSAGE(first_difference(before, canonical(source.dataset)) == "", report->document);
        CHECK(undone->exact);
        const auto problem = source.dataset.inconsistency();
        CHECK_MESSAGE(!problem, *problem);
        taken_back += undone->edits;
      }
    }
  }
  CHECK(taken_back > 0);
}
