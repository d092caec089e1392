// review: joins a labelling tool's export with the queue that it came from, takes over what people changed, and says
// what their answers mean for the labels that nobody looked at.
#include <algorithm>
#include <map>

#include "vetset/base/json.h"
#include "vetset/dataset/canonical.h"
#include "vetset/dataset/edit.h"
#include "vetset/vetset.h"
#include "vetset/vetset_fix_log.h"
#include "vetset/vetset_queue_keys.h"

namespace vetset {
namespace {

/// Where the items are, by their keys. A queue of these labels has all of them.
struct Found {
  std::vector<ItemPlace> places;
  std::vector<std::string> keys;
};
Result<Found> find_items(const Dataset& d, const Queue& queue) {
  std::map<std::string_view, ImageIndex> by_path;
  for (std::size_t i = 0; i < d.images.size(); ++i)
    by_path.emplace(d.path(to_index<ImageIndex>(i)), to_index<ImageIndex>(i));
  std::vector<bool> images(d.images.size(), false);
  Found found;
  for (const QueueItem& item : queue.items) {
    const auto at = by_path.find(item.image);
    if (at == by_path.end())
      return Error{Code::malformed, "queue: item " + item.key + " is on '" + item.image + "', which is no image here"};
    images[to_size(at->second)] = true;
    found.places.push_back({.image = at->second});
  }
  found.keys = annotation_keys(d, images);
  std::map<std::string_view, AnnotationIndex> by_key;
  for (std::size_t n = 0; n < found.keys.size(); ++n)
    if (!found.keys[n].empty()) by_key.emplace(found.keys[n], to_index<AnnotationIndex>(n));
  for (std::size_t i = 0; i < queue.items.size(); ++i) {
    if (!queue.items[i].object) continue;
    const auto at = by_key.find(queue.items[i].key);
    if (at == by_key.end())
      return Error{Code::malformed,
                   "queue: item " + queue.items[i].key + " is no annotation of '" + queue.items[i].image + "'"};
    found.places[i] = {d[at->second].image, at->second};
  }
  return found;
}

using Rings = std::vector<std::pair<std::vector<double>, RingRole>>;
Rings rings_of(const Dataset& d, const Annotation& a) {
  Rings rings;
  if (const Shape* shape = d.find_shape(a, ShapeKind::polygon))
    for (const Ring& ring : d.rings_of(*shape)) {
      const auto numbers = d.coordinates_of(ring);
      rings.emplace_back(std::vector<double>(numbers.begin(), numbers.end()), ring.role);
    }
  return rings;
}

Box box_in(const Dataset& d, const Annotation& a) {
  if (a.box_origin == Origin::stated || a.box_origin == Origin::derived) return a.box;
  return shape_box(d, a).value_or(Box{});
}

/// An object that people drew, or a proposal that they kept, as an annotation of its own.
void add_drawn(Dataset& part, const Dataset& e, const TakenChange& change, std::uint32_t order) {
  const Annotation& drawn = e[change.returned];
  Annotation a;
  a.image = change.image;
  a.category = change.category;
  a.order = order;
  const Rings rings = rings_of(e, drawn);
  const Box box = box_in(e, drawn);
  if (!rings.empty()) {
    Shape shape{.begin = part.rings.size(), .kind = ShapeKind::polygon};
    for (const auto& [numbers, role] : rings) {
      part.rings.push_back(
          {.begin = part.coordinates.size(), .count = static_cast<std::uint32_t>(numbers.size()), .role = role});
      part.coordinates.append(numbers);
      ++shape.count;
    }
    a.shape = to_index<ShapeIndex>(part.shapes.size());
    part.shapes.push_back(shape);
    a.kind = Kind::polygon;
    a.box = box;
    a.box_origin = Origin::derived;
  } else if (box.width > 0 && box.height > 0) {
    a.kind = Kind::box;
    a.box = box;
    a.box_origin = Origin::stated;
  } else {
    a.kind = Kind::tag;
  }
  part.annotations.push_back(a);
}

/// Puts what is new behind all else; gives the new ones.
std::vector<AnnotationIndex> append_drawn(Dataset& d, const Dataset& e, std::span<const TakenChange> changes) {
  std::uint32_t order = 0;
  std::int64_t id = 0;
  for (const Annotation& a : d.annotations) order = std::max(order, a.order + 1);
  for (const Unread& line : d.unread) order = std::max(order, line.order + 1);
  for (const std::int64_t known : d.annotation_ids.numbers)
    if (known != Ids::absent && known != Ids::odd && known < INT64_MAX) id = std::max(id, known);
  Dataset part;
  for (const TakenChange& change : changes) {
    if (change.what != Told::added) continue;
    add_drawn(part, e, change, order++);
    if (!d.annotation_ids.numbers.empty()) part.annotation_ids.numbers.push_back(++id);
    const Annotation& a = part.annotations.back();
    if (!d.areas.empty())
      part.areas.push_back(shape_area(part, a).value_or(a.kind == Kind::tag ? unstated() : a.box.width * a.box.height));
    Image& image = d.images[to_size(change.image)];
    if (image.state == ImageState::labelled_empty) image.state = ImageState::labelled;
  }
  std::vector<AnnotationIndex> fresh;
  for (std::size_t n = 0; n < part.annotations.size(); ++n)
    fresh.push_back(to_index<AnnotationIndex>(d.annotations.size() + n));
  if (fresh.empty()) return fresh;
  d.append_annotations(std::move(part));
  forget_spelling(d, fresh);
  return fresh;
}

std::string class_name(const Dataset& d, CategoryIndex c) {
  return c == none<CategoryIndex> ? "no class" : "'" + d[c].name + "'";
}

void change_record(Workbench& bench, const Dataset& e, const TakenChange& change) {
  const Dataset& d = bench.original();
  const AnnotationIndex i = change.source;
  if (change.what == Told::removed) return bench.drop(i, "removed in review");
  if (change.reclassed)
    bench.set_category(i, change.category,
                       "class " + class_name(d, d[i].category) + " becomes " + class_name(d, change.category));
  if (change.moved) bench.set_box(i, box_in(e, e[change.returned]), "moved in review");
  if (!change.reshaped) return;
  Rings rings;
  std::vector<double> corners;
  for (const AnnotationIndex part : change.parts)
    for (auto& ring : rings_of(e, e[part])) {
      corners.insert(corners.end(), ring.first.begin(), ring.first.end());
      rings.push_back(std::move(ring));
    }
  const std::optional<Box> around = envelope(corners);
  bench.set_rings(i, rings, d[i].box_origin == Origin::stated && around ? &*around : nullptr, "drawn anew in review");
}

// What answers mean.

bool is_answer(Told told) { return told != Told::untouched && told != Told::conflict; }
bool is_error(Told told) { return is_answer(told) && told != Told::confirmed; }

/// By class probabilities, or by predicted objects: kinds of predictions that are unlike.
bool of_probabilities(std::string_view code) { return code.starts_with("LBL12"); }
bool of_objects(std::string_view code) { return code.starts_with("LBL13") || code == "LBL140"; }

void judge_answers(ReviewReport& report, std::uint64_t next) {
  std::vector<Answer> answers;
  std::uint64_t first = 0, second = 0, both = 0;
  for (std::size_t i = 0; i < report.queue.items.size(); ++i) {
    const Told told = report.taken.items[i].told;
    ++report.told[static_cast<std::size_t>(told)];
    if (!is_answer(told)) continue;
    const QueueItem& item = report.queue.items[i];
    answers.push_back({item.rank, is_error(told)});
    if (!is_error(told)) continue;
    const bool a = std::any_of(item.codes.begin(), item.codes.end(), of_probabilities);
    const bool b = std::any_of(item.codes.begin(), item.codes.end(), of_objects);
    first += a ? 1U : 0U;
    second += b ? 1U : 0U;
    both += a && b ? 1U : 0U;
  }
  report.chances = chance_steps(answers, report.queue.strata);
  report.errors = estimate_errors(answers, report.queue.strata);
  report.next = expect_next(answers, report.queue.strata, next);
  report.recapture = recapture(first, second, both);
}

// The document.

void write_interval(JsonWriter& out, const Interval& i) {
  out.key("interval").begin_array().value(i.low).value(i.high).end_array();
}

void write_answers(JsonWriter& out, const ReviewReport& r) {
  out.key("items").begin_array();
  for (std::size_t i = 0; i < r.queue.items.size(); ++i) {
    const QueueItem& item = r.queue.items[i];
    out.begin_object().key("key").value(item.key).key("rank").value(item.rank).key("code").value(item.codes.front());
    out.key("image").value(item.image);
    if (!item.annotation.empty()) out.key("annotation").raw(item.annotation);
    out.key("told").value(name(r.taken.items[i].told));
    if (!r.taken.items[i].why.empty()) out.key("why").value(r.taken.items[i].why);
    out.end_object();
  }
  out.end_array().key("not_taken").begin_array();
  for (const NotTaken& n : r.taken.not_taken)
    out.begin_object().key("where").value(n.where).key("why").value(n.why).end_object();
  out.end_array().key("images_missing").value(r.taken.images_missing);
  out.key("joined").begin_object().key("by_key").value(r.taken.by_key).key("by_place").value(r.taken.by_place);
  out.end_object();
}

void write_estimates(JsonWriter& out, const ReviewReport& r) {
  out.key("chances").begin_array();
  for (const ChanceStep& s : r.chances) {
    out.begin_object().key("ranks").begin_array().value(s.first).value(s.last).end_array();
    out.key("answers").value(s.answers).key("errors").value(s.errors).key("chance").value(s.chance);
    write_interval(out, s.interval);
    out.end_object();
  }
  out.end_array();
  if (r.errors.answers == 0) return;
  out.key("errors").begin_object().key("answers").value(r.errors.answers).key("found").value(r.errors.errors);
  out.key("unknown").value(r.errors.unknown).key("total").begin_object().key("estimate").value(r.errors.total);
  write_interval(out, r.errors.total_interval);
  out.end_object().key("left").begin_object().key("estimate").value(r.errors.left);
  write_interval(out, r.errors.left_interval);
  out.end_object().end_object();
  out.key("next").begin_object().key("count").value(r.next.count).key("expected").value(r.next.expected);
  write_interval(out, r.next.interval);
  out.key("stop").value(r.next.stop).end_object();
  if (!r.recapture) return;
  out.key("recapture")
      .begin_object()
      .key("assumes")
      .value(
          "each kind of prediction finds an error whether or not the "
          "other does");
  out.key("first").value(r.recapture->first).key("second").value(r.recapture->second);
  out.key("both").value(r.recapture->both).key("total").value(r.recapture->total);
  write_interval(out, r.recapture->interval);
  out.end_object();
}

std::string document_of(const ReviewReport& r, const std::string& queue_document, std::string_view exported,
                        const RoundEdits& log, const Dataset& after, std::span<const AnnotationIndex> fresh,
                        const std::string& labels_after, const Pool& pool) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-review").value(1).key("program").value("vetset " + std::string(version()));
  out.key("queue")
      .begin_object()
      .key("sha256")
      .value(sha256(queue_document).hex())
      .key("suspects")
      .value(r.queue.suspects)
      .end_object();
  out.key("export").begin_object().key("format").value(exported).end_object();
  write_answers(out, r);
  write_estimates(out, r);
  out.key("edits").begin_array();
  for (const std::vector<Edit>* edits : {&log.edits, &log.consequences})
    for (const Edit& edit : *edits) write_edit(out, edit);
  out.end_array().key("added").begin_array();
  if (!fresh.empty()) {
    const CanonicalRows rows(after, pool);
    for (const AnnotationIndex i : fresh)
      out.begin_object().key("where").value(place_name(after, i)).key("row").raw(rows.of(i)).end_object();
  }
  out.end_array().key("labels").begin_object().key("before").value(r.queue.labels_id).key("after").value(labels_after);
  out.end_object().key("all_else").value("compared field by field: unchanged").end_object();
  return canonical_written(text);
}

}  // namespace

Result<ReviewReport> review(Source& source, const Source& exported, const std::string& queue_document,
                            const ReviewOptions& options) {
  const Pool pool(options.common.threads);
  ReviewReport report;
  VETSET_TRY(report.queue, parse_queue(queue_document));
  const Dataset& d = source.dataset;
  VETSET_TRY(const Identity labels, labels_identity(d, pool));
  if (labels.id.text() != report.queue.labels_id)
    return Error{Code::refused, "the queue is of other labels: of " + report.queue.labels_id + ", and these are " +
                                    labels.id.text() + "; give the dataset that was queued, as it was"};
  VETSET_TRY(const Found found, find_items(d, report.queue));
  const Handed handed = hand_over(d, report.queue, found.places, found.keys);
  report.taken = take_answers(d, report.queue, handed, exported.dataset, {.all_looked_at = options.all_looked_at});
  if (!handed.dataset.images.empty() && report.taken.images_missing == handed.dataset.images.size())
    return Error{Code::not_found, "none of the " + std::to_string(handed.dataset.images.size()) +
                                      " images that were handed over is in the export"};
  report.before = report.after = counts_of(d);
  for (const TakenChange& change : report.taken.changes) report.beside += change.item == Handed::no_item ? 1U : 0U;
  judge_answers(report, options.next);

  Workbench bench(d);
  bench.begin(review_answer.code, review_answer.name);
  for (const TakenChange& change : report.taken.changes)
    if (change.what != Told::added) change_record(bench, exported.dataset, change);
  RoundEdits log;
  Dataset after;
  if (bench.edits().empty()) {
    after = d;
  } else {
    const std::vector<Workbench::Edit> made = bench.edits();
    Workbench::Finished result = std::move(bench).finish();
    VETSET_TRY(log, logged_round(d, result, made, 1, pool));
    after = std::move(result.dataset);
  }
  const std::vector<AnnotationIndex> fresh = append_drawn(after, exported.dataset, report.taken.changes);
  if (const auto problem = after.inconsistency())
    return Error{Code::defect, "the corrected labels contradict themselves: " + *problem};
  VETSET_TRY(const Identity labels_after, labels_identity(after, pool));
  report.after = counts_of(after);
  report.document = document_of(report, queue_document, exported.format != nullptr ? exported.format->id : "", log,
                                after, fresh, labels_after.id.text(), pool);
  source.dataset = std::move(after);
  source.findings.clear();  // they speak of records that are others now
  source.finding_counts.clear();
  const std::uint64_t count = report.taken.changes.size();
  source.steps.push_back({.name = "review",
                          .summary = std::to_string(report.errors.answers) + " of " +
                                     std::to_string(report.queue.items.size()) + " items answered, " +
                                     std::to_string(count) + (count == 1 ? " change" : " changes"),
                          .document = report.document});
  return report;
}

}  // namespace vetset
