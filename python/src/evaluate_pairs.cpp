// Both sides of a COCO evaluation, with numbers for their images and classes: the arrays of the whole, and what the
// reference keeps of one image, made when it is asked for. What the replacement of pycocotools stands on.
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "python/src/evaluate_rows.h"
#include "python/src/running.h"
#include "vetset/dataset/matching.h"
#include "vetset/evaluate/coco.h"

namespace vetset::python {
namespace {

using Numbers = nb::ndarray<const std::uint32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <class T, std::size_t N>
using Made = nb::ndarray<nb::numpy, T, nb::ndim<N>>;

/// One side: rows of an object that is kept, and the numbers of their images and categories.
struct Side {
  nb::object owner;
  Column<std::uint32_t> image, category;

  /// `images` and `categories` give the number of each name that the rows use; None: the rows have numbers.
  InstancesView view(const CocoRows& rows, const nb::object& images, const nb::object& categories) {
    InstancesView seen = rows.said.rows.view();
    renumber(seen.image, images, rows.said.images.size(), image);
    renumber(seen.category, categories, rows.said.categories.size(), category);
    return seen;
  }

 private:
  static void renumber(std::span<const std::uint32_t>& column, const nb::object& given, std::size_t names,
                       Column<std::uint32_t>& to) {
    if (given.is_none()) return;
    const auto numbers = nb::cast<Numbers>(given);
    VETSET_ASSERT(numbers.size() == names, "there is a number for each name");
    to.reserve(column.size());
    for (const std::uint32_t position : column)
      to.push_back(position == no_number ? no_number : numbers.data()[position]);
    column = {to.data(), to.size()};
  }
};

struct CocoPairs {
  Side truth, predictions;
  CocoInput input;
  CocoSettings settings;
  std::optional<CocoImages> images;
};

CocoSettings settings_of(const std::string& iou_type, const std::vector<double>& iou_thresholds,
                         const std::vector<double>& recall_thresholds, const std::vector<std::uint32_t>& max_detections,
                         const std::vector<std::pair<double, double>>& areas, bool use_categories,
                         const std::vector<double>& sigmas) {
  CocoSettings settings = CocoSettings::usual(iou_type_of(iou_type).value(), CocoMode::strict);
  settings.iou_thresholds = iou_thresholds;
  settings.recall_thresholds = recall_thresholds;
  settings.max_detections = max_detections;
  settings.areas.clear();
  for (const auto& [low, high] : areas)
    settings.areas.push_back({.name = std::to_string(settings.areas.size()), .low = low, .high = high});
  settings.use_categories = use_categories;
  if (!sigmas.empty()) settings.sigmas = sigmas;
  return settings;
}

nb::tuple evaluate_pairs(CocoPairs& pairs, const std::vector<double>& recall_thresholds, unsigned threads) {
  CocoSettings settings = pairs.settings;
  settings.recall_thresholds = recall_thresholds;
  CocoResult made =
      run(nb::none(), [&](const Progress&) { return evaluate_coco(pairs.input, settings, Pool(threads)); });
  const std::size_t t = settings.iou_thresholds.size(), r = recall_thresholds.size(), k = made.categories,
                    a = settings.areas.size(), m = settings.max_detections.size();
  return nb::make_tuple(array_of<Made<double, 5>>(std::move(made.precision), {t, r, k, a, m}),
                        array_of<Made<double, 4>>(std::move(made.recall), {t, k, a, m}),
                        array_of<Made<double, 5>>(std::move(made.scores), {t, r, k, a, m}));
}

template <class T, class From>
std::vector<T> values_of(const std::vector<From>& from) {
  std::vector<T> to(from.size());
  std::transform(from.begin(), from.end(), to.begin(), [](From value) { return static_cast<T>(value); });
  return to;
}

nb::list ids_of(const InstancesView& rows, const std::vector<std::uint64_t>& chosen) {
  nb::list ids;
  for (const std::uint64_t row : chosen)
    ids.append(rows.id.empty() ? static_cast<std::int64_t>(row) + 1 : rows.id[row]);
  return ids;
}

/// dtIds, gtIds, dtMatches, gtMatches, dtScores, gtIgnore, dtIgnore and the overlaps of an image; None where it has
/// neither objects nor predictions of the category.
nb::object image_of(CocoPairs& pairs, std::size_t image, std::size_t category, std::size_t area) {
  if (!pairs.images) pairs.images.emplace(value_or_raise(CocoImages::open(pairs.input, pairs.settings)));
  auto found = value_or_raise(pairs.images->at(image, category, area));
  if (!found) return nb::none();
  CocoImage& one = *found;
  const std::size_t t = pairs.settings.iou_thresholds.size(), d = one.predictions.size(), g = one.truth.size();
  nb::list scores;
  for (const std::uint64_t row : one.predictions) scores.append(pairs.input.predictions.score[row]);
  const bool compared = d != 0 && g != 0 && one.overlaps.size() == d * g;
  return nb::make_tuple(
      ids_of(pairs.input.predictions, one.predictions), ids_of(pairs.input.truth, one.truth),
      array_of<Made<double, 2>>(std::move(one.prediction_matches), {t, d}),
      array_of<Made<double, 2>>(std::move(one.truth_matches), {t, g}), scores,
      array_of<Made<std::int64_t, 1>>(values_of<std::int64_t>(one.truth_ignored), {g}),
      array_of<Made<std::uint8_t, 2>>(std::move(one.prediction_ignored), {t, d}),
      compared ? nb::cast(array_of<Made<double, 2>>(std::move(one.overlaps), {d, g})) : nb::object(nb::list()));
}

using Floats = nb::ndarray<const double, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Bytes1 = nb::ndarray<const std::uint8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

/// The object of each prediction at each threshold, −1 where there is none. `overlaps` has a row a prediction, in
/// falling order of scores, and a column an object, ignored ones last.
Made<std::int64_t, 2> match(const Floats& overlaps, const Bytes1& crowd, const Bytes1& ignored, const Bytes1& leaves,
                            const std::vector<double>& thresholds) {
  const std::size_t d = overlaps.shape(0), g = overlaps.shape(1);
  VETSET_ASSERT(crowd.size() == g && ignored.size() == g && leaves.size() == d, "there is a value for each");
  const std::vector<std::uint32_t> cases(ignored.data(), ignored.data() + g);
  const GreedyTile tile{.detections = d,
                        .objects = g,
                        .overlaps = {overlaps.data(), d * g},
                        .crowd = {crowd.data(), g},
                        .ignored = cases,
                        .leaves = {leaves.data(), d}};
  std::vector<std::uint32_t> object_of(d);
  std::vector<std::int64_t> all;
  for (const double threshold : thresholds) {
    match_greedily(tile, threshold, 0, object_of);
    for (const std::uint32_t object : object_of) all.push_back(object == no_object ? -1 : std::int64_t{object});
  }
  return array_of<Made<std::int64_t, 2>>(std::move(all), {thresholds.size(), d});
}

}  // namespace

void bind_evaluate_pairs(nb::module_& m) {
  nb::class_<CocoPairs>(m, "CocoPairs", "Objects and predictions, with numbers for their images and categories.")
      .def(
          "__init__",
          [](CocoPairs* self, nb::object truth, const nb::object& truth_images, const nb::object& truth_categories,
             nb::object predictions, const nb::object& images, const nb::object& categories, std::size_t image_count,
             std::size_t category_count, const std::string& iou_type, const std::vector<double>& iou_thresholds,
             const std::vector<double>& recall_thresholds, const std::vector<std::uint32_t>& max_detections,
             const std::vector<std::pair<double, double>>& areas, bool use_categories,
             const std::vector<double>& sigmas) {
            new (self) CocoPairs();
            self->truth.owner = std::move(truth);
            self->predictions.owner = std::move(predictions);
            self->input.truth =
                self->truth.view(nb::cast<const CocoRows&>(self->truth.owner), truth_images, truth_categories);
            self->input.predictions =
                self->predictions.view(nb::cast<const CocoRows&>(self->predictions.owner), images, categories);
            self->input.images = image_count;
            self->input.categories = category_count;
            self->settings =
                settings_of(iou_type, iou_thresholds, recall_thresholds, max_detections, areas, use_categories, sigmas);
          },
          nb::arg("truth"), nb::arg("truth_images").none(), nb::arg("truth_categories").none(), nb::arg("predictions"),
          nb::arg("images").none(), nb::arg("categories").none(), nb::arg("image_count"), nb::arg("category_count"),
          nb::arg("iou_type"), nb::arg("iou_thresholds"), nb::arg("recall_thresholds"), nb::arg("max_detections"),
          nb::arg("areas"), nb::arg("use_categories"), nb::arg("sigmas"))
      .def("evaluate", &evaluate_pairs, nb::arg("recall_thresholds"), nb::arg("threads") = 0,
           "precision [T,R,K,A,M], recall [T,K,A,M] and scores [T,R,K,A,M], as pycocotools has them.")
      .def("image", &image_of, nb::arg("image"), nb::arg("category"), nb::arg("area"),
           nb::sig("def image(self, image: int, category: int, area: int) -> tuple[typing.Any, ...] | None"),
           "What the reference keeps of one image, category and range of areas.");
  m.def("coco_match", &match, nb::arg("overlaps"), nb::arg("crowd"), nb::arg("ignored"), nb::arg("leaves"),
        nb::arg("thresholds"));
}

}  // namespace vetset::python
