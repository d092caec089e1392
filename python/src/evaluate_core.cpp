#include "python/src/evaluate_core.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <tuple>

#include "python/src/dataset.h"
#include "python/src/evaluate_rows.h"

namespace vetset::python {
namespace {

constexpr std::size_t numbers_a_box = 4, numbers_a_size = 2, numbers_a_point = 3;

[[noreturn]] void raise_usage(const std::string& what) { raise(Error{Code::usage, what}); }

/// A column of a dictionary as a span; `width` values a row. Empty where there is none.
template <class T>
std::span<const T> column(const nb::dict& columns, const char* name, std::vector<nb::object>& held,
                          std::size_t* rows = nullptr, std::size_t width = 1) {
  if (!columns.contains(name)) return {};
  const nb::object given = columns[name];
  if (given.is_none()) return {};
  using Array = nb::ndarray<nb::numpy, const T, nb::c_contig>;
  Array array;
  if (!nb::try_cast<Array>(given, array)) raise_usage(std::string("the column ") + name + " is no array of its type");
  if (width > 1 && (array.ndim() != 2 || array.shape(1) != width))
    raise_usage(std::string("the column ") + name + " needs " + std::to_string(width) + " numbers a row");
  if (rows != nullptr) *rows = array.ndim() == 0 ? 0 : array.shape(0);
  held.push_back(nb::cast(array));
  return {array.data(), array.size()};
}

template <class T>
using Made = nb::ndarray<nb::numpy, T>;

template <class T>
void take(const nb::dict& settings, const char* name, T& value) {
  if (settings.contains(name)) value = nb::cast<T>(settings[name]);
}

nb::list lines_of(const CocoResult& result) {
  nb::list lines;
  for (const CocoLine& line : result.lines) {
    nb::dict row;
    row["precision"] = line.precision;
    row["iou"] = line.iou;
    row["area"] = line.area;
    row["detections"] = line.detections;
    row["value"] = line.value;
    row["text"] = text_of(line, result.settings);
    lines.append(row);
  }
  return lines;
}

nb::list quirks_of(const CocoResult& result) {
  nb::list quirks;
  for (const QuirkFired& fired : result.quirks) {
    const CocoQuirkAbout known = about(fired.quirk);
    nb::dict row;
    row["id"] = text(known.id);
    row["title"] = text(known.title);
    row["effect"] = text(result.settings.mode == CocoMode::strict ? known.strict : known.corrected);
    row["count"] = fired.count;
    row["of"] = fired.prediction ? "predictions" : "truth";
    row["first"] = fired.first;
    quirks.append(row);
  }
  return quirks;
}

/// What `evaluate_arrays` takes, held as long as it is worked on.
struct Held {
  HeldInstances truth, predictions;
  std::size_t images, categories;
  CocoSettings settings;
  CocoInput input() const {
    return {.truth = truth.view(), .predictions = predictions.view(), .images = images, .categories = categories};
  }
};

nb::dict evaluate_arrays(const nb::dict& truth, const nb::dict& predictions, std::size_t images, std::size_t categories,
                         const nb::dict& settings, unsigned threads) {
  const Held held{HeldInstances(truth), HeldInstances(predictions), images, categories, coco_settings_of(settings)};
  return evaluated(
      run(nb::none(), [&](const Progress&) { return evaluate_coco(held.input(), held.settings, Pool(threads)); }));
}

/// `COCOeval.evalImgs`, a record at a time.
struct EvaluatedImages {
  std::unique_ptr<Held> held;
  CocoImages images;
};

EvaluatedImages evaluated_images(const nb::dict& truth, const nb::dict& predictions, std::size_t images,
                                 std::size_t categories, const nb::dict& settings) {
  auto held = std::make_unique<Held>(
      Held{HeldInstances(truth), HeldInstances(predictions), images, categories, coco_settings_of(settings)});
  CocoImages opened = value_or_raise(CocoImages::open(held->input(), held->settings));
  return {.held = std::move(held), .images = std::move(opened)};
}

nb::object image_at(const EvaluatedImages& of, std::size_t image, std::size_t category, std::size_t area) {
  const CocoSettings& settings = of.held->settings;
  if (image >= of.held->images || category >= (settings.use_categories ? of.held->categories : 1) ||
      area >= settings.areas.size())
    throw nb::index_error();
  std::optional<CocoImage> found = value_or_raise(of.images.at(image, category, area));
  if (!found) return nb::none();
  const std::size_t thresholds = settings.iou_thresholds.size();
  const std::size_t objects = found->truth.size(), detections = found->predictions.size();
  const bool compared = !found->overlaps.empty();
  nb::dict row;
  row["truth"] = array_of<Made<std::uint64_t>>(std::move(found->truth), {objects});
  row["predictions"] = array_of<Made<std::uint64_t>>(std::move(found->predictions), {detections});
  row["truth_matches"] = array_of<Made<double>>(std::move(found->truth_matches), {thresholds, objects});
  row["prediction_matches"] = array_of<Made<double>>(std::move(found->prediction_matches), {thresholds, detections});
  row["truth_ignored"] = array_of<Made<std::uint8_t>>(std::move(found->truth_ignored), {objects});
  row["prediction_ignored"] =
      array_of<Made<std::uint8_t>>(std::move(found->prediction_ignored), {thresholds, detections});
  row["overlaps"] =
      array_of<Made<double>>(std::move(found->overlaps), {compared ? detections : 0, compared ? objects : 0});
  return row;
}

}  // namespace

HeldInstances::HeldInstances(const nb::dict& columns) {
  view_.image = column<std::uint32_t>(columns, "image", held_, &view_.count);
  view_.category = column<std::uint32_t>(columns, "category", held_);
  const std::span<const double> boxes = column<double>(columns, "box", held_, nullptr, numbers_a_box);
  static_assert(sizeof(Box) == numbers_a_box * sizeof(double));
  view_.box = {reinterpret_cast<const Box*>(boxes.data()), boxes.size() / numbers_a_box};
  view_.area = column<double>(columns, "area", held_);
  view_.score = column<double>(columns, "score", held_);
  view_.id = column<std::int64_t>(columns, "id", held_);
  view_.said = column<std::uint8_t>(columns, "said", held_);
  view_.marks = column<std::uint8_t>(columns, "marks", held_);
  view_.keypoints = column<double>(columns, "keypoints", held_);
  if (view_.count > 0)
    view_.points = static_cast<std::uint32_t>(view_.keypoints.size() / view_.count / numbers_a_point);
  take_masks(columns);
}

void HeldInstances::take_masks(const nb::dict& columns) {
  if (!columns.contains("mask") || columns["mask"].is_none()) return;
  const auto sizes = column<std::uint32_t>(columns, "mask_size", held_, nullptr, numbers_a_size);
  const nb::sequence masks = nb::cast<nb::sequence>(columns["mask"]);
  for (const nb::handle mask : masks) {
    const std::size_t row = masks_.size();
    MaskText place{.begin = mask_text_.size()};
    if (!mask.is_none()) {
      if (!nb::isinstance<nb::bytes>(mask)) raise_usage("a mask is neither bytes nor None");
      if ((row + 1) * numbers_a_size > sizes.size()) raise_usage("masks need mask_size, a height and width each");
      const nb::bytes bytes = nb::borrow<nb::bytes>(mask);
      place.size = static_cast<std::uint32_t>(bytes.size());
      place.height = sizes[row * numbers_a_size];
      place.width = sizes[row * numbers_a_size + 1];
      mask_text_.insert(mask_text_.end(), bytes.c_str(), bytes.c_str() + bytes.size());
    }
    masks_.push_back(place);
  }
  view_.mask = masks_;
  view_.mask_text = mask_text_;
}

CocoSettings coco_settings_of(const nb::dict& settings) {
  std::string type = "bbox", mode = "corrected";
  take(settings, "iou_type", type);
  take(settings, "mode", mode);
  const std::optional<IouType> iou_type = iou_type_of(type);
  if (!iou_type) raise_usage("expected bbox, segm, keypoints or boundary, found '" + type + "'");
  if (mode != name(CocoMode::strict) && mode != name(CocoMode::corrected))
    raise_usage("expected strict or corrected, found '" + mode + "'");
  CocoSettings made =
      CocoSettings::usual(*iou_type, mode == name(CocoMode::strict) ? CocoMode::strict : CocoMode::corrected);
  take(settings, "iou_thresholds", made.iou_thresholds);
  take(settings, "recall_thresholds", made.recall_thresholds);
  take(settings, "max_detections", made.max_detections);
  take(settings, "use_categories", made.use_categories);
  take(settings, "sigmas", made.sigmas);
  take(settings, "boundary_ratio", made.boundary_ratio);
  if (!settings.contains("areas")) return made;
  made.areas.clear();
  using Range = std::tuple<std::string, double, double>;
  for (const auto& [label, low, high] : nb::cast<std::vector<Range>>(settings["areas"]))
    made.areas.push_back({label, low, high});
  return made;
}

nb::dict evaluated(CocoResult result) {
  const CocoSettings& s = result.settings;
  const std::size_t t = s.iou_thresholds.size(), r = s.recall_thresholds.size(), k = result.categories;
  const std::size_t a = s.areas.size(), m = s.max_detections.size();
  nb::dict counts, all;
  counts["images"] = result.images;
  counts["objects"] = result.objects;
  counts["detections"] = result.detections;
  all["lines"] = lines_of(result);
  all["quirks"] = quirks_of(result);
  all["counts"] = counts;
  all["precision"] = array_of<Made<double>>(std::move(result.precision), {t, r, k, a, m});
  all["recall"] = array_of<Made<double>>(std::move(result.recall), {t, k, a, m});
  all["scores"] = array_of<Made<double>>(std::move(result.scores), {t, r, k, a, m});
  all["category_objects"] = array_of<Made<std::uint64_t>>(std::move(result.category_objects), {k});
  return all;
}

void bind_evaluate_core(nb::module_& m) {
  m.def("evaluate_arrays", &evaluate_arrays, nb::arg("truth"), nb::arg("predictions"), nb::arg("images"),
        nb::arg("categories"), nb::arg("settings"), nb::arg("threads") = 1,
        "Average precision and recall as COCO defines them, of two dictionaries of columns. Arrays of the right types "
        "are not copied.");
  nb::class_<EvaluatedImages>(m, "EvaluatedImages", "What the reference holds for one image, category and area range.")
      .def("at", &image_at, nb::arg("image"), nb::arg("category"), nb::arg("area"),
           "Rows, matches and overlaps; None where the image has neither objects nor detections of the category.");
  m.def("evaluated_images", &evaluated_images, nb::arg("truth"), nb::arg("predictions"), nb::arg("images"),
        nb::arg("categories"), nb::arg("settings"),
        "Looks at the columns once; then gives what was matched, one image, category and area range at a time.");
}

}  // namespace vetset::python
