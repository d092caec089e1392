// A check as one HTML file that needs nothing else: what is proved, what is estimated, what was not run, what to do
// next; then every finding with its picture. Text alone stands here; the façade brings pictures and numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/check/report/portrait.h"
#include "vetset/check/report/reported.h"
#include "vetset/dataset/stats.h"

namespace vetset {

/// An outline over a picture.
struct PictureMark {
  /// What a finding is about, the second of two, what else is labelled there; before and after a repair; proposed.
  enum class Role : std::uint8_t { finding, second, other, before, after, proposed };
  Role role = Role::other;
  std::string label = {};           // the class
  std::vector<double> points = {};  // x0 y0 x1 y1 … in pixels of the picture; closed
};
struct ReportPicture {
  std::string path, split = {};         // of the image
  std::string jpeg = {};                // empty: cannot be shown
  std::uint32_t width = 0, height = 0;  // of the JPEG
  bool part = false;                    // a part of the image, around what the finding is about
  std::vector<PictureMark> marks = {};
};
/// One picture, or the two of a pair side by side.
struct PicturedFinding {
  std::size_t finding = 0;  // in Reported::findings
  std::vector<ReportPicture> pictures;
};

/// Images that belong together; of a leak one side is training.
struct ReportCluster {
  std::string title;  // "near-duplicates"
  std::vector<std::string> evidence;
  std::vector<ReportPicture> left, right;  // `right` empty: no leak
  std::string left_splits, right_splits;
  std::size_t images = 0, more_left = 0, more_right = 0, more_evidence = 0;
};

/// What `vetset fix` would do, an example each.
struct ReportEdit {
  std::string where, what, before, after;  // `before`, `after`: what changes, as text; `after` empty: dropped
  std::vector<ReportPicture> pictures = {};
};
struct ReportRepair {
  std::string_view code, name, title;
  bool safe = true;
  std::uint64_t count = 0;
  std::vector<ReportEdit> examples = {};
};

/// A clause of a contract and what it came to.
struct ReportClause {
  std::string name, result, measured, limit;  // `result`: "pass", "fail", "undecided", "told", "waived"
};

struct HtmlDocument {
  const Reported& report;
  const Stats& stats;
  const Portrait& portrait;
  std::string command = {};  // how commands call the dataset: its name, never a path of this machine
  std::string labels_id = {}, dataset_id = {};
  bool pixels = false;        // they were looked at
  bool with_pictures = true;  // they were asked for
  std::size_t left_out = 0;   // pictures that the limit had no room for
  std::vector<PicturedFinding> pictured = {};
  std::vector<ReportCluster> clusters = {};
  std::size_t leaks = 0, others = 0;  // clusters, of all
  std::vector<ReportRepair> repairs = {};
  std::vector<ReportClause> clauses = {};
  std::vector<std::string> collect = {};  // what to collect next, by the contract
  std::size_t listed_bytes = 1'200'000;   // of the list of findings
};

/// The same bytes for the same document. Whatever comes from data is text in it and nothing else.
std::string html_report(const HtmlDocument& document);
/// How many bytes a picture takes in it.
std::size_t html_bytes(const ReportPicture& picture);

}  // namespace vetset
