// The split statement as a document, version 2. Version 1 spoke of files and keys alone: docs/schema/split-v1.json.
#include "vetset/base/count_of.h"
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

void write_factors(JsonWriter& out, const SplitReport& r) {
  out.key("factors").begin_array();
  for (const SplitReport::Factor& factor : r.factors) {
    out.begin_object().key("key").value(factor.key).key("without").value(factor.without).key("values").begin_array();
    for (std::size_t v = 0; v < factor.values.size(); ++v) {
      out.begin_object().key("name").value(factor.values[v]);
      write_balance(out, factor.balances[v]);
    }
    out.end_array().end_object();
  }
  out.end_array();
}

void write_joint(JsonWriter& out, const SplitReport::Joint& joint) {
  out.begin_object().key("first").value(joint.first).key("second").value(joint.second).key("how").value(joint.how);
  out.key("images").value(joint.images);
  if (!joint.why.empty()) out.key("why").value(joint.why);
  out.end_object();
}

void write_search(JsonWriter& out, const SplitReport& r) {
  out.key("search");
  if (!r.linked) {
    out.null();
    return;
  }
  const SplitReport::Linked& linked = *r.linked;
  const NearSearch& near = linked.near;
  out.begin_object().key("near").value(name(near.tier)).key("detector");
  if (near.tier == NearTier::none) {
    out.null();
  } else {
    out.begin_object().key("name").value("LEA304").key("fingerprint").value(near.fingerprint);
    out.key("confirmation").value(near.confirmation).key("radius").value(near.radius);
    out.key("calibrated").value(near.calibrated).key("expected_false_pairs").value(near.expected_false);
    out.key("expected_false_pairs_upper").value(near.expected_false_upper).key("null_pairs").value(near.null_pairs);
    out.key("views").value(near.views).key("symmetries").value(near.symmetries ? 8 : 1);
    out.key("images").value(near.images).key("candidates").value(near.candidates);
    out.key("confirmed").value(near.confirmed).key("rejected").value(near.rejected);
    write_planted(out, near);
    out.end_object();
  }
  out.key("set_aside").begin_object();
  for (std::size_t why = 0; why < linked.aside.size(); ++why)
    out.key(name(static_cast<Aside::Why>(why))).value(linked.aside[why]);
  out.end_object().key("links");
  write_edges(out, linked.edges);
  out.key("root").value(linked.edges.root.text());
  out.key("cuts").begin_object().key("count").value(linked.cuts).key("first").begin_array();
  for (const SplitReport::Joint& cut : linked.first_cuts) write_joint(out, cut);
  out.end_array().end_object().key("notes").begin_array();
  for (const std::string& note : linked.notes) out.value(note);
  out.end_array().end_object();
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
  out.end_array().key("bridges").begin_array();
  for (const SplitReport::Joint& bridge : r.largest.bridges) write_joint(out, bridge);
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

std::string claim_of(const SplitReport& r) {
  std::string text;
  if (r.linked && r.linked->near.tier != NearTier::none) {
    const NearSearch& near = r.linked->near;
    text = "Under detector LEA304@" + std::to_string(near.fingerprint) + "." + std::to_string(near.confirmation) +
           " (tier " + std::string(name(near.tier)) + ", " + count_of(near.views, "view") + " an image" +
           (near.symmetries ? " in 8 symmetries" : "") + ", every pair with d ≤ " + std::to_string(near.radius) +
           " of 256 bits looked at and confirmed on pixels) no two images in different splits are near-duplicates; "
           "neither have any two the same bytes, pixels or JPEG coefficients, nor are they of one sequence, burst, "
           "place or tile parent by what names and EXIF say and the pixels confirm";
  } else {
    text = "No two identical files are in different splits";
  }
  if (!r.keys.empty()) text += ", and no two of one key of";
  for (std::size_t k = 0; k < r.keys.size(); ++k) text += (k == 0 ? " " : ", ") + r.keys[k].key;
  if (r.crossing_cuts > 0)
    text += "; but for " + count_of(r.crossing_cuts, "link") + " that " + (r.crossing_cuts == 1 ? "was" : "were") +
            " cut and " + (r.crossing_cuts == 1 ? "is" : "are") + " listed";
  return text + ".";
}

std::vector<std::string> limits_of(const SplitReport& r) {
  std::vector<std::string> limits;
  if (!r.linked || r.linked->near.tier == NearTier::none) {
    limits.emplace_back("that no two images of different splits look alike: bytes and keys were compared, not pixels");
  } else {
    limits.emplace_back(r.linked->near.tier == NearTier::full
                            ? "that no scene, object or person is in two splits: what the views, the local features "
                              "and the radius named here do not reach was not searched"
                            : "that no scene, object or person is in two splits: what the views and the radius named "
                              "here do not reach (free crops, small rotations, other viewpoints) was not searched");
    std::string aside;
    for (std::size_t why = 0; why < r.linked->aside.size(); ++why)
      if (r.linked->aside[why] > 0)
        aside += (aside.empty() ? "" : ", ") + std::to_string(r.linked->aside[why]) + " " +
                 std::string(name(static_cast<Aside::Why>(why)));
    if (!aside.empty()) limits.push_back("anything of images that no near-duplicate was searched of: " + aside);
  }
  if (r.without_file > 0)
    limits.push_back("anything of the bytes of " + count_of(r.without_file, "image") + " whose file was not at hand");
  limits.emplace_back("that keys which nobody named (patient, place, device) are kept apart");
  return limits;
}

std::string statement_of(const SplitReport& r, std::string_view program) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-split").value(2).key("program").value(program);
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
  write_factors(out, r);
  write_links(out, r);
  write_search(out, r);
  out.key("pinned").value(r.pinned);
  write_growth(out, r);
  out.key("assignment").value(r.assignment.text()).key("lock").value(sha256(to_json(r.lock)).text());
  out.key("crossing").begin_object().key("identical_files").value(r.crossing_files);
  out.key("equal_keys").value(r.crossing_keys).key("links").value(r.crossing_links);
  out.key("cut_links").value(r.crossing_cuts).end_object();
  out.key("says").value(claim_of(r)).key("does_not_say").begin_array();
  for (const std::string& limit : limits_of(r)) out.value(limit);
  out.end_array();
  out.key("notes").begin_array();
  for (const std::string& note : r.notes) out.value(note);
  out.end_array().end_object();
  return canonical_written(text);
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
  if (r.settings.stratify || !r.factors.empty()) text += ", stratified";
  if (!r.factors.empty()) {
    text += " by";
    if (r.settings.stratify) text += " class";
    for (std::size_t f = 0; f < r.factors.size(); ++f)
      text += (f > 0 || r.settings.stratify ? ", " : " ") + r.factors[f].key;
  }
  if (r.linked && r.linked->near.tier != NearTier::none)
    text += ", near-duplicates by " + std::string(name(r.linked->near.tier));
  text += ", seed " + std::to_string(r.settings.seed);
  return r.locked ? text + ", grown from a lock" : text;
}

}  // namespace vetset
