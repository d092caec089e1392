// What several raters say of the same things: of an image as a whole, or of an object that each of them drew. What
// agreement and consensus are counted from.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "vetset/dataset/raters.h"

namespace vetset {

struct Rating {
  std::uint32_t rater = 0;
  std::uint32_t value = 0;  // a class by its index, or as RatedBy says
  AnnotationIndex annotation = none<AnnotationIndex>;
};

/// One thing that was rated, by one rater or more, each once.
struct Unit {
  ImageIndex image{};
  std::uint32_t begin = 0, count = 0;      // of its ratings
  CategoryIndex of = none<CategoryIndex>;  // RatedBy::tag: the class that is said to be there or not
  bool rated = true;                       // false: an object that only the dataset ships; its raters all missed it
  bool has_given = false;                  // whether the dataset ships labels of this image beside those of raters
  Rating given = {};                       // what it ships
};

/// What a value is.
enum class RatedBy : std::uint8_t {
  image,   // the class of an image
  tag,     // whether an image has a class: 0 no, 1 yes
  object,  // the class of an object, or `missed`: its rater looked at the image and drew nothing there
};

/// Units by image; ratings of a unit by rater.
struct Ratings {
  RatedBy by{};
  std::uint32_t values = 0;  // how many there are
  std::uint32_t missed = 0xffffffffU;
  std::vector<Unit> units;
  std::vector<Rating> rows;
  std::span<const Rating> of(const Unit& u) const { return std::span(rows).subspan(u.begin, u.count); }
};

/// Classes of images: annotations without a place. By image where every rater gives an image one class at most, else
/// by tag, of the classes that anybody gives to any.
Ratings image_ratings(const Dataset& d, const Raters& raters);

/// Objects. Boxes of two raters are paired by the assignment that costs least, where a pair costs 1 − IoU, half of one
/// more where the classes differ, and a box that stays alone costs 1; they must overlap by `least_iou`. Of more than
/// two raters the pairs are joined, those that cost least first, and one object has one box of each rater at most.
/// What the dataset ships is paired with the result, and changes nothing of it.
Ratings object_ratings(const Dataset& d, const Raters& raters, double least_iou = 0.5);

}  // namespace vetset
