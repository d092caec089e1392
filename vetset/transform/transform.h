// Which records of a dataset stay and which class becomes which, by conditions, names and chance: the plan of
// `vetset transform`, with what goes for which reason.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vetset/base/expr.h"
#include "vetset/base/pool.h"
#include "vetset/dataset/edit.h"
#include "vetset/dataset/statement.h"
#include "vetset/transform/classes.h"

namespace vetset {

/// So many images, or so many of a hundred.
struct Sample {
  std::uint64_t count = 0;
  double percent = 0;  // where `count` is 0
};
/// "500", "12.5%".
Result<Sample> parse_sample(std::string_view text);

/// Applied in this order: classes, objects, images, images without objects, the sample.
struct TransformRules {
  ClassWords classes = {};
  std::string where = {}, images_where = {};  // conditions; empty: all
  bool drop_empty = false;
  std::optional<Sample> sample = {};
  std::uint64_t seed = 0;
};

enum class Gone : std::uint8_t { stays, by_class, by_where, by_image, by_images_where, empty, not_drawn };
/// "class", "where", "image", "images-where", "empty", "sample".
std::string_view name(Gone);

struct TransformPlan {
  Selection selection;
  std::vector<ClassChange> classes;  // empty: as they are
  Column<Gone> objects, images;      // by record
  std::uint64_t emptied = 0;         // images that stay, had objects, and have none now
  std::uint64_t count(const Column<Gone>& records, Gone reason) const;
};
/// The dataset is not changed. Images of a sample are those whose SHA-256 of "<seed>\n<path>" is lowest: the same on
/// every machine, and nearly the same when images come or go.
Result<TransformPlan> plan_transform(const Dataset& d, const TransformRules& rules, const Pool& pool);

/// The step's document, transform-v1.json, of the dataset as it was.
std::string transform_document(const Dataset& before, const TransformRules& rules, const TransformPlan& plan,
                               const Counts& after, std::string_view program);

}  // namespace vetset
