// Reads lists of results: with the images and categories of the ground truth that lies beside them, or by ids alone.
#include <algorithm>
#include <unordered_set>

#include "vetset/formats/coco/read.h"
#include "vetset/formats/coco/results.h"

namespace vetset {

void CocoDocumentRows::name_by_ids(Dataset& d) {
  struct Named {
    std::int64_t number;
    std::string json;  // of ids that are no numbers
  };
  const auto collect = [&](Owner target) {
    std::vector<Named> named;
    std::unordered_set<std::int64_t> numbers;
    std::unordered_set<std::string> tokens;
    const auto take = [&](std::int64_t number, const std::string& json) {
      const bool first = json.empty() ? numbers.insert(number).second : tokens.insert(json).second;
      if (first) named.push_back({number, json});
    };
    std::size_t reference = 0;
    for (std::size_t i = begin_.annotations; i < d.annotations.size(); ++i) {
      const Annotation& a = d.annotations[i];
      if (target == Owner::image && a.image != none<ImageIndex>) take(static_cast<std::int64_t>(a.image), {});
      if (target == Owner::category && a.category != none<CategoryIndex>)
        take(static_cast<std::int64_t>(a.category), {});
      for (; reference < annotation_references_.size() && annotation_references_[reference].record == i; ++reference) {
        const CocoReference& r = annotation_references_[reference];
        if (r.target != target || r.json == "null") continue;
        r.number ? take(*r.number, {}) : take(Ids::odd, r.json);
      }
    }
    return named;
  };
  const auto add_id = [&](Ids& ids, std::size_t record, const Named& one) {
    ids.numbers.resize(record, Ids::absent);
    ids.numbers.push_back(one.json.empty() ? one.number : Ids::odd);
    if (!one.json.empty()) ids.tokens.push_back({static_cast<std::uint32_t>(record), d.add_text(one.json)});
  };
  for (const Named& one : collect(Owner::image)) {
    const std::size_t record = d.images.size();
    add_id(d.image_ids, record, one);
    d.images.push_back({.path = d.add_text(coco_results_parts::id_text(d, d.image_ids, record)), .file = file});
    d.image_positions.push_back(Position{});
  }
  const std::size_t begin = d.categories.size();
  for (const Named& one : collect(Owner::category)) {
    add_id(d.category_ids, d.categories.size(), one);
    d.categories.emplace_back();
  }
  // In the order of their ids: classes have one, whatever is met first.
  std::vector<std::size_t> order;
  for (std::size_t c = begin; c < d.categories.size(); ++c) order.push_back(c);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return coco_results_parts::id_less(d, d.category_ids, a, b); });
  std::vector<Named> sorted;
  for (const std::size_t c : order) {
    const bool odd = d.category_ids[c] == Ids::odd;
    sorted.push_back({d.category_ids[c], odd ? d.id_json(d.category_ids, c) : std::string()});
  }
  d.category_ids.numbers.resize(begin);
  while (!d.category_ids.tokens.empty() && d.category_ids.tokens.back().owner >= begin)
    d.category_ids.tokens.resize(d.category_ids.tokens.size() - 1);
  for (std::size_t k = 0; k < sorted.size(); ++k) {
    add_id(d.category_ids, begin + k, sorted[k]);
    d.categories[begin + k].name = "class_" + coco_results_parts::id_text(d, d.category_ids, begin + k);
  }
}

namespace coco_results_parts {

CocoSplitName split_of(std::string_view document) {
  constexpr std::string_view suffix = "_results";
  const std::string_view stem = stem_of(document);
  if (stem.ends_with(suffix) && stem.size() > suffix.size())
    return coco_split_of(
        join_path(folder_of(document), std::string(stem.substr(0, stem.size() - suffix.size())) + ".json"));
  return coco_split_of(document);
}

std::string id_text(const Dataset& d, const Ids& ids, std::size_t i) {
  const std::string json = d.id_json(ids, i);
  JsonCursor in(json);
  return in.type() == JsonType::string ? std::string(in.read_string()) : json;
}

bool id_less(const Dataset& d, const Ids& ids, std::size_t a, std::size_t b) {
  const bool odd_a = ids[a] == Ids::odd, odd_b = ids[b] == Ids::odd;
  if (odd_a != odd_b) return odd_b;
  return odd_a ? d.id_json(ids, a) < d.id_json(ids, b) : ids[a] < ids[b];
}

Detection detect_results(const Tree& tree) {
  constexpr std::size_t most_files = 64;
  Detection found;
  std::size_t looked = 0;
  for (const std::string_view path : tree.list()) {
    if (!path.ends_with(".json") || is_coco_litter(path)) continue;
    if (++looked > most_files) break;
    CocoSniff sniff = sniff_coco(tree, path);
    if (sniff.kind != CocoDocument::results) continue;
    found.score = std::max(found.score, sniff.evidence.ends_with("empty list") ? 10 : 65);
    if (found.evidence.size() < 4) found.evidence.push_back(std::move(sniff.evidence));
  }
  return found;
}

namespace {

/// The ids that a document's records name, or its images have.
std::vector<std::string> image_ids(const Dataset& d) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < d.images.size(); ++i) ids.push_back(d.id_json(d.image_ids, i));
  std::sort(ids.begin(), ids.end());
  return ids;
}

/// Reads one document alone, to look at its ids.
Result<std::vector<std::string>> ids_of(const Tree& tree, std::string_view path, const ReadOptions& options,
                                        CocoPieces pieces) {
  Reading reading{.dataset = {}, .findings = Findings(1)};
  CocoDocumentRows rows(reading.dataset, path);
  VETSET_DO(read_coco_document(tree, path, options, reading, rows, pieces));
  if (pieces == CocoPieces::results) rows.name_by_ids(reading.dataset);
  return image_ids(reading.dataset);
}

/// The ground truth of a list of results: the one document beside it that has all its images. Of several, none: results
/// bound to the wrong one would speak of other images.
Result<std::string_view> truth_of(const Tree& tree, std::string_view results, std::span<const std::string_view> truths,
                                  const ReadOptions& options, std::vector<std::string>& notes) {
  if (truths.empty()) return std::string_view();
  VETSET_TRY(const std::vector<std::string> named, ids_of(tree, results, options, CocoPieces::results));
  std::vector<std::string_view> fitting;
  for (const std::string_view truth : truths) {
    const auto ids = ids_of(tree, truth, options, CocoPieces::no_annotations);
    if (ids && !named.empty() && std::includes(ids->begin(), ids->end(), named.begin(), named.end()))
      fitting.push_back(truth);
  }
  if (fitting.size() > 1)
    notes.push_back(std::string(results) + " is read by ids alone: its images are in " + std::string(fitting[0]) +
                    " and in " + std::string(fitting[1]));
  return fitting.size() == 1 ? fitting[0] : std::string_view();
}

Result<void> read_list(const Tree& tree, std::string_view path, std::string_view truth, const ReadOptions& options,
                       Reading& reading, std::vector<std::vector<CategoryIndex>>& listings) {
  Dataset& d = reading.dataset;
  const bool bound = !truth.empty();
  CocoDocumentRows rows(d, bound ? truth : path);
  Split& split = d.splits[to_size(rows.split)];
  if (bound) {
    VETSET_DO(read_coco_document(tree, truth, options, reading, rows, CocoPieces::no_annotations));
    rows.file = to_index<FileIndex>(d.files.size());
    d.files.push_back({.path = d.add_text(path), .split = rows.split});
    d.splits[to_size(rows.split)].file = rows.file;
  } else {
    CocoSplitName name = split_of(path);
    split.name = std::move(name.name);
    split.role = name.role;
    split.origin = name.origin;
  }
  VETSET_DO(read_coco_document(tree, path, options, reading, rows, CocoPieces::results));
  if (!bound) rows.name_by_ids(d);
  rows.settle(reading);
  listings.push_back(rows.categories);
  if (bound) find_coco_images(tree, options, truth, coco_split_of(truth), rows.new_images, reading);
  reading.notes.push_back(std::string(path) + (bound ? ": images and categories of " + std::string(truth)
                                                     : ": images and categories by their ids alone"));
  return {};
}

}  // namespace

Result<Reading> read_results(const Tree& tree, const ReadOptions& options) {
  Reading reading{.dataset = {}, .findings = Findings(options.limits.findings_per_code)};
  Dataset& d = reading.dataset;
  d.format = "coco-results";
  std::vector<std::string_view> lists, truths;
  if (!options.only.empty()) lists.push_back(options.only);
  for (const std::string_view path : tree.list()) {
    const CocoSniff sniff = sniff_coco(tree, path);
    if (options.only.empty() && sniff.kind == CocoDocument::results) lists.push_back(path);
    if (sniff.kind == CocoDocument::dataset && path != options.only) truths.push_back(path);
  }
  if (lists.empty())
    return Error{Code::not_found, "found no list of COCO results (a JSON array of records with image_id and score)",
                 std::string(tree.name())};
  std::vector<Error> broken;
  std::vector<std::vector<CategoryIndex>> listings;
  for (const std::string_view path : lists) {
    const CocoMark before(d);
    Result<std::string_view> truth = truth_of(tree, path, truths, options, reading.notes);
    Result<void> read = truth ? read_list(tree, path, *truth, options, reading, listings) : std::move(truth).error();
    if (read) continue;
    Error error = std::move(read).error().in(path);
    if (error.code == Code::cancelled || error.code == Code::io) return error;
    before.restore(d);
    broken.push_back(std::move(error));
  }
  if (broken.size() == lists.size()) return std::move(broken.front());
  for (Error& error : broken)
    reading.findings.add({.code = "FMT401",
                          .severity = Severity::error,
                          .where = Place{.file = error.file, .line = error.line, .column = error.column},
                          .message = "the document is left out: " + error.message});
  finish_coco(d, listings);
  return reading;
}

}  // namespace coco_results_parts
}  // namespace vetset
