// queue: ranks suspects, draws those that people shall look at, says beforehand how many will be wrong, and makes the
// dataset that goes to the labelling tool.
#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/check/about.h"
#include "vetset/dataset/canonical.h"
#include "vetset/dataset/predicted_objects.h"
#include "vetset/dataset/probabilities.h"
#include "vetset/vetset.h"
#include "vetset/vetset_queue_keys.h"

namespace vetset {

std::vector<std::string> annotation_keys(const Dataset& d, const std::vector<bool>& images) {
  std::vector<std::string> keys(d.annotations.size());
  Fingerprints fingerprints;
  for (std::size_t n = 0; n < keys.size(); ++n) {
    const auto i = to_index<AnnotationIndex>(n);
    if (d[i].image == none<ImageIndex> || !images[to_size(d[i].image)]) continue;
    keys[n] = fingerprints.next("review", about(d, {.where = i}).identity);
  }
  return keys;
}

std::string proposal_key(Fingerprints& fingerprints, const Dataset& d, ImageIndex image, std::string_view code,
                         const Box& box) {
  std::string identity(d.path(image));
  for (const double number : {box.x, box.y, box.width, box.height}) append_json_number(identity += ' ', number);
  return fingerprints.next(code, identity);
}

namespace {

/// Rules whose forecast comes from class probabilities, from predictions that no label answers, and from those that
/// disagree with a label about its class.
bool by_class(std::string_view code) { return code >= "LBL120" && code <= "LBL123"; }
bool is_overlooked(std::string_view code) { return code == "LBL130"; }
bool is_swapped(std::string_view code) { return code == "LBL131"; }

/// The labels that probabilities speak of: of an image its one class, of an annotation its own.
struct JudgedLabels {
  std::vector<std::size_t> columns;  // by record; width: no usable label
  std::vector<std::size_t> records;  // that have both
};
JudgedLabels judged_labels(const Dataset& d, const Probabilities& p) {
  JudgedLabels labels;
  const auto column = [&](CategoryIndex c) {
    const std::uint32_t at = c == none<CategoryIndex> ? Probabilities::no_row : p.column_of[to_size(c)];
    return at == Probabilities::no_row ? p.width : std::size_t{at};
  };
  if (p.of == ProbabilitiesOf::annotations) {
    for (const Annotation& a : d.annotations) labels.columns.push_back(column(a.category));
  } else {
    const ImageClasses classes = image_classes(d);
    for (std::size_t i = 0; i < d.images.size(); ++i)
      labels.columns.push_back(classes.of(i).size() == 1 ? column(classes.of(i).front()) : p.width);
  }
  for (std::size_t i = 0; i < labels.columns.size(); ++i)
    if (labels.columns[i] < p.width && p.row_of[i] != Probabilities::no_row) labels.records.push_back(i);
  return labels;
}

/// Takes over the chances that were found for some of the ranked.
void put(ErrorChances& all, const std::vector<std::size_t>& ranked, const ErrorChances& some) {
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    for (std::size_t m = 0; m < all.least.size(); ++m)
      for (std::size_t n = 0; n < all.least[m].size(); ++n) all.least[m][n][ranked[i]] = some.least[m][n][i];
    all.most[ranked[i]] = some.most[i];
  }
}

void judge_classes(const Dataset& d, const Probabilities& p, std::span<const RankedSuspect> ranked, std::uint64_t seed,
                   ErrorChances& chances) {
  if (p.several) return;  // columns that do not exclude one another are no distribution
  const JudgedLabels labels = judged_labels(d, p);
  std::vector<std::size_t> places, wanted;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    const Suspect& s = *ranked[i].suspect;
    if (!by_class(s.code)) continue;
    const std::size_t record = p.of == ProbabilitiesOf::images ? to_size(s.image) : to_size(s.annotation);
    const auto at = std::lower_bound(labels.records.begin(), labels.records.end(), record);
    if (at == labels.records.end() || *at != record) continue;
    places.push_back(i);
    wanted.push_back(static_cast<std::size_t>(at - labels.records.begin()));
  }
  if (places.empty()) return;
  const ClassBeliefs beliefs{.labels = labels.records.size(),
                             .classes = p.width,
                             .probabilities =
                                 [&](std::size_t label, std::span<double> out) {
                                   const auto row = p.row(p.row_of[labels.records[label]]);
                                   std::copy(row.begin(), row.end(), out.begin());
                                 },
                             .given = [&](std::size_t label) { return labels.columns[labels.records[label]]; }};
  put(chances, places, class_error_chances(beliefs, wanted, seed));
}

/// Whether predictions meet a label at all, and whether one of their own class.
struct Meetings {
  std::vector<Agreement> anywhere, classes;
};
Meetings meetings(const Dataset& d, const PredictedObjects& predicted) {
  constexpr double same_object = 0.5;
  Meetings all;
  const auto of_image = d.image_annotations();
  for (std::size_t n = 0; n < d.images.size(); ++n) {
    const auto i = to_index<ImageIndex>(n);
    for (const PredictedObject& p : predicted.of(i)) {
      double any = 0, same = 0;
      for (const AnnotationIndex a : of_image.of(i)) {
        const double overlap = iou(d[a].box, p.box);
        any = std::max(any, overlap);
        if (d[a].category == p.category) same = std::max(same, overlap);
      }
      all.anywhere.push_back({p.score, any >= same_object});
      if (any >= same_object) all.classes.push_back({p.score, same >= same_object});
    }
  }
  return all;
}

void judge_objects(const Dataset& d, const PredictedObjects& predicted, std::span<const RankedSuspect> ranked,
                   std::uint64_t seed, ErrorChances& chances) {
  const auto judge = [&](const auto& is_of, const std::vector<Agreement>& agreements) {
    std::vector<std::size_t> places;
    std::vector<double> wanted;
    for (std::size_t i = 0; i < ranked.size(); ++i) {
      if (!is_of(ranked[i].suspect->code)) continue;
      places.push_back(i);
      wanted.push_back(ranked[i].suspect->confidence);
    }
    if (!places.empty()) put(chances, places, object_error_chances(agreements, wanted, seed));
  };
  const Meetings all = meetings(d, predicted);
  judge(is_overlooked, all.anywhere);
  judge(is_swapped, all.classes);
}

/// 10, 20, 50, 100, 200 … as far as there are suspects, and all that are handed over from the top.
std::vector<std::uint64_t> milestones(std::uint64_t suspects, std::uint64_t top) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t ten = 10; ten <= suspects && ten <= 10'000; ten *= 10)
    for (const std::uint64_t times : {1U, 2U, 5U})
      if (ten * times <= suspects) all.push_back(ten * times);
  if (const std::uint64_t whole = std::min(top, suspects); whole > 0) all.push_back(whole);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::string class_name(const Dataset& d, CategoryIndex c) {
  return c == none<CategoryIndex> ? std::string() : d[c].name;
}

/// A doubt about an image's one label is a doubt about the annotation that says it.
Suspects about_annotations(const Dataset& d, Suspects suspects) {
  const auto of_image = d.image_annotations();
  for (Suspect& s : suspects.rows) {
    if (s.annotation != none<AnnotationIndex> || s.given == none<CategoryIndex> || s.image == none<ImageIndex>)
      continue;
    const auto here = of_image.of(s.image);
    const auto says = [&](AnnotationIndex i) { return d[i].category == s.given; };
    if (std::count_if(here.begin(), here.end(), says) == 1)
      s.annotation = *std::find_if(here.begin(), here.end(), says);
  }
  return suspects;
}

QueueItem item_of(const Dataset& d, const RankedSuspect& ranked, std::uint64_t rank) {
  const Suspect& s = *ranked.suspect;
  QueueItem item;
  for (const std::string_view code : ranked.codes) item.codes.emplace_back(code);
  item.rank = rank;
  item.score = s.score;
  item.image = d.path(s.image);
  item.object = s.annotation != none<AnnotationIndex>;
  if (item.object) item.annotation = d.id_json(d.annotation_ids, to_size(s.annotation));
  item.given = class_name(d, item.object ? d[s.annotation].category : s.given);
  item.proposed = class_name(d, s.proposed);
  item.box = s.box;
  item.confidence = s.confidence;
  return item;
}

}  // namespace

Result<QueueReport> queue(Source& source, const Suspects& given, const QueueOptions& options) {
  const Dataset& d = source.dataset;
  const Suspects suspects = about_annotations(d, given);
  VETSET_TRY(const std::vector<RankedSuspect> ranked, rank(suspects));
  if (ranked.empty())
    return Error{Code::not_found, "no label looks wrong by these predictions: there is nothing to look at"};
  if (options.top + options.sample == 0)
    return Error{Code::usage, "expected at least one item: say how many with --top or --sample"};
  for (const RankedSuspect& r : ranked)
    if (r.suspect->image == none<ImageIndex>)
      return Error{Code::malformed, "a suspect of " + std::string(r.suspect->code) + " is of no image"};
  const Pool pool(options.common.threads);
  VETSET_TRY(const Identity labels, labels_identity(d, pool));
  ErrorChances chances = ErrorChances::unknown(ranked.size());
  if (options.probabilities != nullptr) judge_classes(d, *options.probabilities, ranked, options.seed, chances);
  if (options.predicted != nullptr) judge_objects(d, *options.predicted, ranked, options.seed, chances);

  QueueReport report{.queue = {}, .before = counts_of(d), .after = {}, .document = {}};
  Queue& q = report.queue;
  q.program = "vetset " + std::string(version());
  q.labels_id = labels.id.text();
  q.format = source.format != nullptr ? std::string(source.format->id) : d.format;
  q.counts = report.before;
  q.predictions = options.predictions;
  q.out_of_fold = suspects.out_of_fold;
  q.looked_at = suspects.looked_at;
  q.suspects = ranked.size();
  q.seed = options.seed;
  const QueuePlan plan = plan_queue(ranked.size(), options.top, options.sample, options.seed);
  q.strata = plan.strata;
  q.forecasts = forecasts(chances, milestones(ranked.size(), options.top));

  std::vector<ItemPlace> places;
  std::vector<bool> images(d.images.size(), false);
  for (const std::uint64_t rank : plan.ranks) images[to_size(ranked[rank - 1].suspect->image)] = true;
  const std::vector<std::string> keys = annotation_keys(d, images);
  Fingerprints proposals;
  std::size_t stratum = 0;
  for (const std::uint64_t rank : plan.ranks) {
    while (q.strata[stratum].last < rank) ++stratum;
    const Suspect& s = *ranked[rank - 1].suspect;
    QueueItem item = item_of(d, ranked[rank - 1], rank);
    item.inclusion = static_cast<double>(q.strata[stratum].taken) / static_cast<double>(q.strata[stratum].size());
    item.least = chances.least_of(rank - 1);
    item.most = chances.most[rank - 1];
    item.key = item.object ? keys[to_size(s.annotation)] : proposal_key(proposals, d, s.image, s.code, s.box);
    q.items.push_back(std::move(item));
    places.push_back({s.image, s.annotation});
  }
  report.document = to_json(q);
  Handed handed = hand_over(d, q, places, keys);
  if (const auto problem = handed.dataset.inconsistency())
    return Error{Code::defect, "what is handed over contradicts itself: " + *problem};
  report.after = counts_of(handed.dataset);
  source.dataset = std::move(handed.dataset);
  source.findings.clear();  // they speak of records that are others now
  source.finding_counts.clear();
  source.steps.push_back({.name = "queue",
                          .summary = std::to_string(q.items.size()) + (q.items.size() == 1 ? " item" : " items") +
                                     " of " + std::to_string(q.suspects) + " suspects, seed " + std::to_string(q.seed),
                          .document = report.document});
  return report;
}

}  // namespace vetset
