#include "vetset/dataset/predicted_objects.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "vetset/dataset/rle.h"

namespace vetset {
namespace {

/// "'a.jpg'", "42"
std::string said_of(const PredictedName& name) {
  if (!name.name.empty()) return "'" + name.name + "'";
  return name.id == Ids::odd ? name.token : std::to_string(name.id);
}

Error at(const Predictions& p, const PredictedName* name, std::uint64_t row, std::string what) {
  Error error{Code::malformed, std::move(what), p.files.size() == 1 ? p.files.front().path : std::string()};
  if (name != nullptr && name->where.line > 0) {
    error.file = name->where.file;
    error.line = name->where.line;
    error.column = name->where.column;
    return error;
  }
  error.message = "prediction " + std::to_string(row) + " " + error.message;
  return error;
}

/// The first name that the dataset does not have; null where it has all.
const PredictedName* unknown_one(std::span<const PredictedName> names, std::span<const std::uint32_t> bound,
                                 std::uint64_t& count) {
  const PredictedName* first = nullptr;
  for (std::size_t k = 0; k < names.size(); ++k)
    if (bound[k] == no_number) {
      ++count;
      if (first == nullptr) first = &names[k];
    }
  return first;
}

Result<void> look_at_names(const Predictions& p, const PredictedBinding& binding) {
  std::uint64_t count = 0;
  if (const PredictedName* name = unknown_one(p.images, binding.images, count))
    return at(p, name, name->first,
              "is of image " + said_of(*name) + ", which is not in the dataset" +
                  (count > 1 ? "; neither are " + std::to_string(count - 1) + " more" : ""));
  if (const PredictedName* name = unknown_one(p.categories, binding.categories, count))
    return at(p, name, name->first, "is of class " + said_of(*name) + ", which is not in the dataset");
  return {};
}

/// The box of a row: as said, else around its mask; nothing where it has no place.
std::optional<Box> box_in(const Instances& given, std::size_t row) {
  if (has(given.said[row], Said::box)) return given.box[row];
  if (given.mask.empty() || !has(given.said[row], Said::mask) || given.mask[row].height == 0) return std::nullopt;
  const MaskText& mask = given.mask[row];
  MaskCounts counts;
  if (!counts_of_coco_string(given.view().text(mask), mask.height, mask.width, counts)) return std::nullopt;
  return box_of_mask(counts, mask.height);
}

bool is_finite(const Box& b) {
  return std::isfinite(b.x) && std::isfinite(b.y) && std::isfinite(b.width) && std::isfinite(b.height);
}

}  // namespace

Result<PredictedObjects> predicted_objects_of(const Dataset& d, const Predictions& predictions,
                                              const PredictedBinding& binding) {
  VETSET_DO(look_at_names(predictions, binding));
  const Instances& given = predictions.rows;
  PredictedObjects made{.matched_images = binding.images_by, .matched_classes = binding.categories_by};
  made.given = &predictions;
  if (predictions.files.size() == 1) made.name = predictions.files.front().path;
  struct Bound {
    std::uint32_t image = 0;
    PredictedObject object;
  };
  std::vector<Bound> bound;
  bound.reserve(given.size());
  for (std::size_t row = 0; row < given.size(); ++row) {
    const std::uint32_t image = given.image[row], category = given.category[row];
    if (image == no_number || category == no_number || given.score.empty() || !has(given.said[row], Said::score)) {
      ++made.unusable;
      continue;
    }
    const std::optional<Box> box = box_in(given, row);
    if (!box) {
      ++made.unusable;
      continue;
    }
    const double score = given.score[row];
    if (!(score >= 0 && score <= 1))
      return at(predictions, nullptr, row,
                "has a score of " + (std::isnan(score) ? std::string("NaN") : std::to_string(score)) +
                    ", expected a confidence from 0 to 1");
    if (!is_finite(*box)) return at(predictions, nullptr, row, "has a box with a number that is not finite");
    bound.push_back(
        {binding.images[image],
         {.box = *box, .category = to_index<CategoryIndex>(binding.categories[category]), .score = score, .row = row}});
  }
  std::stable_sort(bound.begin(), bound.end(), [](const Bound& a, const Bound& b) {
    return a.image != b.image ? a.image < b.image : a.object.score > b.object.score;
  });
  made.judged.assign(d.images.size(), false);
  made.begin.assign(d.images.size() + 1, 0);
  made.rows.reserve(bound.size());
  for (const Bound& b : bound) {
    made.rows.push_back(b.object);
    ++made.begin[b.image + 1];
    made.judged[b.image] = true;
  }
  for (std::size_t i = 0; i < d.images.size(); ++i) made.begin[i + 1] += made.begin[i];
  made.without = static_cast<std::uint64_t>(std::count(made.judged.begin(), made.judged.end(), false));
  return made;
}

}  // namespace vetset
