// slices: scan, then look at all slices of the images and objects.
#include "vetset/vetset_slices.h"

#include <algorithm>

#include "vetset/base/json.h"

namespace vetset {
namespace {

bool has_images(const Dataset& d) {
  return std::any_of(d.images.begin(), d.images.end(), [](const Image& image) { return !image.media.empty(); });
}

class SlicesJson {
 public:
  explicit SlicesJson(std::string& out) : w_(out) {}

  void head(std::string_view source, const SlicesReport& report) {
    w_.begin_object().key("vetset-slices").value(1).key("program").value("vetset " + std::string(version()));
    w_.key("source").value(source);
    w_.key("errors");
    report.errors ? errors(*report.errors) : static_cast<void>(w_.null());
    w_.key("labels");
    report.labels ? labels(*report.labels) : static_cast<void>(w_.null());
    w_.end_object();
  }

 private:
  void levels(const std::vector<FactorLevel>& of, std::span<const Factor> factors) {
    w_.key("where").begin_array();
    for (const FactorLevel& level : of)
      w_.begin_object()
          .key("factor")
          .value(factors[level.factor].name)
          .key("level")
          .value(factors[level.factor].names[level.level])
          .end_object();
    w_.end_array();
  }

  void factors(std::span<const Factor> all) {
    w_.key("factors").begin_array();
    for (const Factor& f : all) {
      std::vector<std::uint64_t> counts(f.names.size());
      for (const std::uint32_t level : f.levels)
        if (level != Factor::unknown) ++counts[level];
      w_.begin_object().key("name").value(f.name).key("of").value(f.of == FactorOf::image ? "image" : "object");
      w_.key("levels").begin_array();
      for (std::size_t l = 0; l < counts.size(); ++l)
        w_.begin_object().key("name").value(f.names[l]).key("items").value(counts[l]).end_object();
      w_.end_array().end_object();
    }
    w_.end_array();
  }

  void errors(const WeakSlices& weak) {
    const Slices& s = weak.slices;
    w_.begin_object().key("of").value(weak.errors.of_objects ? "objects" : "images");
    w_.key("error").value(weak.errors.what).key("items").value(s.items).key("of_all").value(weak.of_all);
    w_.key("mean").value(s.error).key("least").value(s.least).key("looked_at").value(s.looked_at);
    w_.key("draws").value(s.draws).key("unit").value(weak.unit);
    w_.key("slices").begin_array();
    for (const Slice& slice : s.best) {
      w_.begin_object();
      levels(slice.levels, weak.factors);
      w_.key("items").value(slice.items).key("groups").value(slice.groups).key("error").value(slice.error);
      w_.key("score").value(slice.score).key("chance").value(slice.chance).end_object();
    }
    w_.end_array();
    factors(weak.factors);
    w_.end_object();
  }

  void uneven(const UnevenItems& of, const UnevenSlices& found, const std::vector<ItemMark>& marks, bool of_splits) {
    w_.begin_object().key("looked_at").value(found.looked_at).key("held").value(found.held);
    w_.key("least").value(found.least).key("slices").begin_array();
    for (const UnevenSlice& slice : found.best) {
      w_.begin_object();
      if (of_splits) {
        w_.key("split").value(marks[slice.mark].name).key("base").value(of.bases[slice.mark]);
      } else if (marks[slice.mark].name.empty() && !of.of_objects) {
        w_.key("class").null();
      } else {
        w_.key("class").value(marks[slice.mark].name);
      }
      levels(slice.levels, of.factors);
      w_.key("items").value(slice.items).key("with").value(slice.marked);
      w_.key("others").value(slice.others).key("others_with").value(slice.elsewhere);
      w_.key("phi").value(slice.effect).key("p").value(slice.chance).key("q").value(slice.q).end_object();
    }
    w_.end_array().end_object();
  }

  void labels(const LabelSlices& found) {
    w_.begin_object().key("unit").value(found.unit).key("of").begin_array();
    for (const UnevenItems& of : found.of) {
      w_.begin_object().key("of").value(of.of_objects ? "objects" : "images").key("items").value(of.items);
      w_.key("of_all").value(of.of_all).key("labels");
      uneven(of, of.labels, of.classes, false);
      w_.key("drift");
      uneven(of, of.drift, of.splits, true);
      factors(of.factors);
      w_.end_object();
    }
    w_.end_array().key("thin").begin_object();
    w_.key("looked_at").value(found.thin.looked_at).key("held").value(found.thin.held);
    w_.key("least").value(found.thin.least).key("slices").begin_array();
    for (const ThinSlice& slice : found.thin.best) {
      w_.begin_object();
      levels(slice.levels, found.of.front().factors);
      w_.key("items").value(slice.items).key("expected").value(slice.expected);
      w_.key("p").value(slice.chance).key("q").value(slice.q).end_object();
    }
    w_.end_array().end_object().end_object();
  }

  JsonWriter w_;
};

/// A name that is no factor is a mistake; one that does not vary here is said.
Result<void> check_names(const FactorSources& from, const SlicesOptions& options, SlicesReport& report) {
  std::vector<std::string> found;
  const auto add = [&](std::span<const Factor> factors) {
    for (const Factor& f : factors) found.push_back(f.name);
  };
  if (report.errors) add(report.errors->factors);
  if (report.labels)
    for (const UnevenItems& of : report.labels->of) add(of.factors);
  for (const std::string& name : options.factors) {
    if (std::find(found.begin(), found.end(), name) != found.end()) continue;
    VETSET_TRY(const Factor one, factor(from, name));
    report.notes.push_back("factor '" + one.name + "' has one level here, or none that is known: no slice is of it");
  }
  return {};
}

}  // namespace

Result<SlicesReport> slices(const Source& source, const SlicesOptions& options) {
  const Dataset& d = source.dataset;
  if (options.depth > 3)
    return Error{Code::usage, "a slice joins three factors at most, found a depth of " + std::to_string(options.depth)};
  if (options.best == 0) return Error{Code::usage, "expected at least one slice to tell, found 0"};
  SlicesReport report;
  Scan seen;
  std::optional<Links> links;
  if (options.pixels && has_images(d)) {
    ScanRequest request = options.scan;
    request.common = options.common;
    VETSET_TRY(seen, scan(source, request));
    report.notes = seen.notes;
    LinkSettings settings;
    settings.near = options.near;
    VETSET_TRY(links, find_links(d, source.media(), seen.facts, seen.pixels, nullptr, settings,
                                 Pool(options.common.threads), options.common.progress));
  }
  if (options.common.progress.stopped()) return Error{Code::cancelled, "stopped before looking at slices"};
  const CheckSettings settings;
  Evidence evidence{.dataset = d, .files = {}, .reading = {}, .facts = seen.facts, .settings = settings};
  evidence.pixels = seen.pixels;
  evidence.links = links ? &*links : nullptr;
  evidence.predicted = options.predicted;
  evidence.probabilities = options.probabilities;
  if (options.predicted != nullptr || options.probabilities != nullptr) {
    report.errors = find_weak_slices(evidence, {.depth = options.depth == 0 ? 3 : options.depth,
                                                .best = options.best,
                                                .least = options.least,
                                                .factors = options.factors});
    if (report.errors->errors.record.empty())
      return Error{Code::usage, "the predictions judge nothing that this dataset labels: no error can be counted"};
  } else {
    report.labels = find_label_slices(evidence, {.depth = options.depth == 0 ? 2 : options.depth,
                                                 .best = options.best,
                                                 .least = options.least,
                                                 .factors = options.factors});
  }
  VETSET_DO(check_names({d, seen.facts, seen.pixels}, options, report));
  SlicesJson(report.document).head(source.tree->name(), report);
  return report;
}

}  // namespace vetset
