// The split statement as a document.
#include "vetset/base/json.h"
#include "vetset/split/split.h"

namespace vetset {
namespace {

void write_numbers(JsonWriter& out, std::string_view key, const auto& numbers) {
  out.key(key).begin_array();
  for (const auto number : numbers) out.value(number);
  out.end_array();
}

void write_splits(JsonWriter& out, const SplitReport& r) {
  out.key("splits").begin_array();
  for (std::size_t s = 0; s < r.parts.size(); ++s) {
    const SplitReport::Part& part = r.parts[s];
    out.begin_object().key("name").value(r.settings.names[s]).key("ratio").value(r.settings.ratios[s]);
    out.key("images").value(part.images).key("groups").value(part.groups).key("objects").value(part.objects);
    out.key("mean_deviation").value(part.mean_deviation).key("worst_deviation").value(part.worst_deviation);
    out.key("worst_class");
    if (part.worst_class == SplitReport::nowhere || r.classes[part.worst_class].empty())
      out.null();
    else
      out.value(r.classes[part.worst_class]);
    out.end_object();
  }
  out.end_array();
}

void write_balance(JsonWriter& out, const LabelBalance& b) {
  out.key("total").value(b.total).key("groups").value(b.groups);
  write_numbers(out, "counts", b.counts);
  write_numbers(out, "deviations", b.deviations);
  out.key("best_possible").value(b.bound).end_object();
}

void write_classes(JsonWriter& out, const SplitReport& r) {
  out.key("classes").begin_array();
  for (std::size_t l = 0; l + 1 < r.balances.size(); ++l) {
    out.begin_object().key("name").value(r.classes[l]);
    write_balance(out, r.balances[l]);
  }
  out.end_array().key("images_without_objects").begin_object();
  write_balance(out, r.balances.back());
}

void write_links(JsonWriter& out, const SplitReport& r) {
  out.key("identical_images").value(r.identical_images).key("images_without_file").value(r.without_file);
  out.key("group_by").begin_array();
  for (const SplitReport::KeyUse& k : r.keys)
    out.begin_object()
        .key("key")
        .value(k.key)
        .key("images")
        .value(k.images)
        .key("values")
        .value(k.values)
        .key("without")
        .value(k.without)
        .end_object();
  out.end_array().key("largest_group").begin_object().key("id").value(r.largest.id.text());
  out.key("images").value(r.largest.images).key("example").value(r.largest.example);
  out.key("linked_by").begin_array();
  for (const std::string& how : r.largest.linked_by) out.value(how);
  out.end_array().end_object();
}

void write_growth(JsonWriter& out, const SplitReport& r) {
  out.key("growth");
  if (!r.locked) {
    out.null();
  } else {
    out.begin_object().key("kept").value(r.kept).key("placed").value(r.placed).key("absent").value(r.absent);
    out.key("quarantined").begin_array();
    for (const SplitReport::Quarantined& q : r.quarantined)
      out.begin_object()
          .key("path")
          .value(q.path)
          .key("from")
          .value(r.settings.names[q.from])
          .key("against")
          .value(r.settings.names[q.against])
          .key("now")
          .value(q.now)
          .end_object();
    out.end_array().end_object();
  }
}

}  // namespace

std::string statement_of(const SplitReport& r, std::string_view program) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-split").value(1).key("program").value(program);
  out.key("algorithm").value(SplitLock::algorithm).key("seed").value(r.settings.seed);
  out.key("stratified").value(r.settings.stratify).key("folds").value(r.settings.folds).key("fold");
  if (r.fold < 0)
    out.null();
  else
    out.value(r.fold);
  out.key("images").value(r.images).key("groups").value(r.groups).key("grouped_images").value(r.grouped_images);
  out.key("deviation").value(r.deviation);
  write_splits(out, r);
  write_classes(out, r);
  write_links(out, r);
  write_growth(out, r);
  out.key("assignment").value(r.assignment.text()).key("lock").value(sha256(to_json(r.lock)).text());
  out.key("crossing").begin_object().key("identical_files").value(r.crossing_files);
  out.key("equal_keys").value(r.crossing_keys).end_object();
  out.key("says").value("no two identical files, and no two images of one key named here, are in different splits");
  out.key("does_not_say")
      .value("that no two images of different splits look alike: bytes and keys were compared, not pixels");
  out.key("notes").begin_array();
  for (const std::string& note : r.notes) out.value(note);
  out.end_array().end_object();
  Result<std::string> canonical = canonical_json(text);
  VETSET_ASSERT(canonical, "what a JsonWriter wrote is JSON");
  return *std::move(canonical);
}

std::string summary_of(const SplitReport& r) {
  std::string text;
  if (r.settings.folds > 0) {
    text = r.fold < 0 ? std::to_string(r.settings.folds) + " folds"
                      : "fold " + std::to_string(r.fold) + " of " + std::to_string(r.settings.folds);
  } else {
    for (std::size_t s = 0; s < r.settings.ratios.size(); ++s)
      text += (s == 0 ? "" : "/") + std::to_string(r.settings.ratios[s]);
  }
  if (!r.keys.empty()) text += " by";
  for (std::size_t k = 0; k < r.keys.size(); ++k) text += (k == 0 ? " " : ", ") + r.keys[k].key;
  if (r.settings.stratify) text += ", stratified";
  text += ", seed " + std::to_string(r.settings.seed);
  return r.locked ? text + ", grown from a lock" : text;
}

}  // namespace vetset
