#include "vetset/evaluate/record.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "vetset/dataset/statement_parts.h"

namespace vetset {
namespace {

constexpr std::size_t listed_names = 100;

void write_settings(JsonWriter& out, const CocoSettings& s) {
  const auto numbers = [&](std::string_view key, const auto& values) {
    out.key(key).begin_array();
    for (const auto value : values) out.value(value);
    out.end_array();
  };
  out.begin_object();
  numbers("iou_thresholds", s.iou_thresholds);
  numbers("recall_thresholds", s.recall_thresholds);
  numbers("max_detections", s.max_detections);
  out.key("areas").begin_array();
  for (const CocoAreaRange& area : s.areas)
    out.begin_object()
        .key("name")
        .value(area.name)
        .key("low")
        .value(area.low)
        .key("high")
        .value(area.high)
        .end_object();
  out.end_array().key("use_categories").value(s.use_categories);
  if (s.iou_type == IouType::keypoints) numbers("sigmas", s.sigmas);
  if (s.iou_type == IouType::boundary) out.key("boundary_ratio").value(s.boundary_ratio);
  out.end_object();
}

void write_names(JsonWriter& out, const std::vector<EvaluationRecord::Names>& names) {
  std::uint64_t rows = 0;
  for (const auto& name : names) rows += name.rows;
  out.begin_object().key("count").value(std::uint64_t{names.size()}).key("rows").value(rows).key("first").begin_array();
  for (std::size_t i = 0; i < std::min(names.size(), listed_names); ++i) {
    out.begin_object().key("name").value(names[i].name).key("rows").value(names[i].rows);
    if (!names[i].where.empty()) out.key("where").value(names[i].where);
    out.end_object();
  }
  out.end_array().end_object();
}

/// The array as numpy's tobytes() of a C-ordered array of little-endian doubles gives it.
std::string digest_of(const std::vector<double>& values) {
  static_assert(std::endian::native == std::endian::little, "bytes are hashed as they lie");
  return sha256({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)}).text();
}

void write_array(JsonWriter& out, std::string_view name, std::initializer_list<std::size_t> shape,
                 const std::vector<double>& values) {
  out.key(name).begin_object().key("shape").begin_array();
  for (const std::size_t size : shape) out.value(std::uint64_t{size});
  out.end_array().key("digest").value(digest_of(values)).end_object();
}

void write_arrays(JsonWriter& out, const CocoResult& r) {
  const std::size_t t = r.settings.iou_thresholds.size(), n = r.settings.recall_thresholds.size(), k = r.categories,
                    a = r.settings.areas.size(), m = r.settings.max_detections.size();
  out.begin_object();
  write_array(out, "precision", {t, n, k, a, m}, r.precision);
  write_array(out, "recall", {t, k, a, m}, r.recall);
  write_array(out, "scores", {t, n, k, a, m}, r.scores);
  out.end_object();
}

void write_lines(JsonWriter& out, const std::vector<CocoLine>& lines) {
  out.begin_array();
  for (const CocoLine& line : lines) {
    out.begin_object().key("metric").value(line.precision ? "AP" : "AR").key("iou");
    if (line.iou)
      out.value(*line.iou);
    else
      out.null();
    out.key("area").value(line.area).key("max_detections").value(line.detections).key("value").value(line.value);
    out.end_object();
  }
  out.end_array();
}

void write_quirks(JsonWriter& out, const CocoResult& result) {
  const bool strict = result.settings.mode == CocoMode::strict;
  out.begin_array();
  for (const QuirkFired& fired : result.quirks) {
    const CocoQuirkAbout known = about(fired.quirk);
    out.begin_object().key("id").value(known.id).key("title").value(known.title).key("count").value(fired.count);
    out.key("side").value(fired.prediction ? "predictions" : "truth");
    out.key("outcome").value(strict ? known.strict : known.corrected).end_object();
  }
  out.end_array();
}

void write_classes(JsonWriter& out, const EvaluationRecord& record, const CocoResult& result) {
  const auto value = [&](double number) {
    if (number < 0)
      out.null();
    else
      out.value(number);
  };
  const auto& thresholds = result.settings.iou_thresholds;
  const bool has_half = std::find(thresholds.begin(), thresholds.end(), 0.5) != thresholds.end();
  out.begin_array();
  for (std::size_t k = 0; result.settings.use_categories && k < record.classes.size(); ++k) {
    out.begin_object().key("name").value(record.classes[k]);
    if (!record.class_ids[k].empty()) out.key("id").raw(record.class_ids[k]);
    out.key("objects").value(k < result.category_objects.size() ? result.category_objects[k] : 0);
    value((out.key("ap"), category_precision(result, k)));
    if (has_half) value((out.key("ap50"), category_precision(result, k, 0.5)));
    value((out.key("ar"), category_recall(result, k)));
    out.end_object();
  }
  out.end_array();
}

void write_leaks(JsonWriter& out, const LeakPrice& leaks) {
  const auto figure = [&](std::string_view key, const LeakPrice::Figure& f, bool measured) {
    out.key(key).begin_object();
    for (const auto& [part, value] : {std::pair("value", f.value), {"low", f.low}, {"high", f.high}}) {
      out.key(part);
      if (measured)
        out.value(value);
      else
        out.null();
    }
    out.end_object();
  };
  const bool is_left = leaks.clean.value >= 0;
  out.begin_object().key("near").value(name(leaks.near.tier)).key("radius").value(leaks.near.radius);
  out.key("fingerprint").value(leaks.near.fingerprint).key("confirmation").value(leaks.near.confirmation);
  out.key("images_without_file").value(leaks.without_file);
  out.key("images").value(leaks.images).key("groups").value(leaks.groups);
  out.key("left_out").value(leaks.left_out).key("left_out_groups").value(leaks.left_out_groups);
  out.key("links").begin_object();
  for (std::size_t k = 0; k < link_kind_count; ++k)
    if (leaks.kinds[k] > 0) out.key(name(static_cast<LinkKind>(k))).value(leaks.kinds[k]);
  out.end_object().key("examples").begin_array();
  for (const LeakPrice::Example& e : leaks.examples)
    out.begin_object()
        .key("image")
        .value(e.image)
        .key("other")
        .value(e.other)
        .key("split")
        .value(e.other_split)
        .key("how")
        .value(e.how)
        .end_object();
  out.end_array().key("resamples").value(leaks.resamples).key("seed").value(leaks.seed);
  figure("all", leaks.all, leaks.all.value >= 0);
  figure("clean", leaks.clean, is_left);
  figure("price", leaks.price, is_left);
  out.key("lines");
  write_lines(out, leaks.without.lines);
  out.end_object();
}

}  // namespace

std::string to_json(const EvaluationRecord& record, const CocoResult& result, const LeakPrice* leaks) {
  const CocoSettings& settings = result.settings;
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-evaluation").value(EvaluationRecord::version).key("program").value(record.program);
  out.key("metric").value("coco").key("iou_type").value(name(settings.iou_type));
  out.key("mode").value(name(settings.mode)).key("settings");
  write_settings(out, settings);

  out.key("truth").begin_object().key("name").value(record.truth_name).key("format").value(record.truth_format);
  if (!record.split.empty()) out.key("split").value(record.split);
  out.key("labels_id").value(record.labels_id).key("dataset_id");
  if (record.dataset_id.empty())
    out.null();
  else
    out.value(record.dataset_id);
  out.key("counts");
  write_counts(out, record.truth);
  out.end_object();

  out.key("predictions").begin_object().key("format").value(record.predictions_format);
  write_files(out, record.files);
  out.key("records").value(record.records).key("left_out").value(record.left_out).end_object();

  out.key("matching").begin_object().key("images").value(record.images_by).key("classes").value(record.classes_by);
  out.key("renamed").begin_array();
  for (const auto& [from, to] : record.renamed)
    out.begin_object().key("from").value(from).key("to").value(to).end_object();
  out.end_array().key("unknown_images");
  write_names(out, record.unknown_images);
  out.key("unknown_classes");
  write_names(out, record.unknown_classes);
  out.key("images_without_predictions").value(record.images_without_predictions);
  out.key("classes_without_predictions").begin_array();
  for (const std::string& one : record.classes_without_predictions) out.value(one);
  out.end_array().end_object();

  out.key("compared").begin_object().key("images").value(result.images).key("objects").value(result.objects);
  out.key("detections").value(result.detections).end_object();
  out.key("quirks");
  write_quirks(out, result);
  out.key("lines");
  write_lines(out, result.lines);
  out.key("classes");
  write_classes(out, record, result);
  out.key("arrays");
  write_arrays(out, result);
  if (leaks != nullptr) write_leaks((out.key("leaks"), out), *leaks);
  out.end_object();
  return canonical_written(text);
}

}  // namespace vetset
