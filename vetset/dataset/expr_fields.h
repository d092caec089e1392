// What conditions (base/expr.h) can ask of a dataset: the fields of objects and of images. docs/guide/expressions.md
// lists them; a test holds it to these tables.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/expr.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

/// An object's own fields, and those of its image.
const ExprTable& object_conditions();
/// An image's fields; count(...) counts its objects.
const ExprTable& image_conditions();

/// A dataset as conditions see it. Nothing of it may change while it is asked; any number of threads may ask.
class AskedDataset {
 public:
  /// `names`: what classes are called (by class); empty: as the dataset calls them.
  explicit AskedDataset(const Dataset& d, std::vector<std::string> names = {});
  const Dataset& dataset() const { return d_; }
  bool holds(const Expr& expr, AnnotationIndex i) const;
  /// Objects that do not count: what an earlier condition left out; one mark an annotation, or none at all.
  void count_only(std::vector<bool> objects) { objects_ = std::move(objects); }
  bool holds(const Expr& expr, ImageIndex i) const;

 private:
  friend class AskedRow;
  const Dataset& d_;
  std::vector<std::string> names_;
  Dataset::ImageSplits splits_;
  std::vector<std::string_view> split_names_;  // beside splits_.splits
  Dataset::ImageAnnotations of_image_;
  std::vector<bool> objects_;
};

}  // namespace vetset
