// Factors of the labels: objects and boxes, what they say of their image, attributes.
#include <algorithm>
#include <cmath>

#include "vetset/base/json.h"
#include "vetset/dataset/factor_values.h"
#include "vetset/dataset/image_keys.h"
#include "vetset/dataset/overlap.h"

namespace vetset {
namespace {

using From = const FactorSources&;
using Rest = std::string_view;

struct Size {
  double width = 0, height = 0;
};

// What its objects say of an image.

void take_objects(From from, Rest, Factor& f) {
  for (double& n : f.numbers) n = 0;
  for (const Annotation& a : from.dataset.annotations)
    if (a.image != none<ImageIndex>) ++f.numbers[to_size(a.image)];
}

void take_classes(From from, Rest, Factor& f) {
  const auto of_image = from.dataset.image_annotations();
  std::vector<std::uint32_t> seen(from.dataset.categories.size(), Factor::unknown);
  for (std::uint32_t i = 0; i < f.numbers.size(); ++i) {
    f.numbers[i] = 0;
    for (const AnnotationIndex a : of_image.of(to_index<ImageIndex>(i))) {
      const CategoryIndex c = from.dataset[a].category;
      if (c == none<CategoryIndex> || seen[to_size(c)] == i) continue;
      seen[to_size(c)] = i;
      ++f.numbers[i];
    }
  }
}

void take_content(From from, Rest, Factor& f) {
  f.names = {"empty", "objects"};
  std::vector<bool> has(f.size());
  for (const Annotation& a : from.dataset.annotations)
    if (a.image != none<ImageIndex>) has[to_size(a.image)] = true;
  for (std::size_t i = 0; i < f.levels.size(); ++i) {
    const ImageState state = from.dataset.images[i].state;
    if (has[i])
      f.levels[i] = 1;
    else if (state != ImageState::unlabelled && state != ImageState::skipped)
      f.levels[i] = 0;  // where nobody looked, nobody knows
  }
}

/// The largest IoU of each object with another one of its image.
std::vector<double> largest_overlaps(const Dataset& d) {
  std::vector<double> most(d.annotations.size(), std::numeric_limits<double>::quiet_NaN());
  const auto of_image = d.image_annotations();
  std::vector<Box> boxes;
  std::vector<std::size_t> whose;
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    boxes.clear();
    whose.clear();
    for (const AnnotationIndex a : of_image.of(to_index<ImageIndex>(i)))
      if (const auto box = box_of(d, d[a])) {
        boxes.push_back(*box);
        whose.push_back(to_size(a));
        most[to_size(a)] = 0;
      }
    constexpr double least = 0.05;  // below it boxes hardly touch
    for_each_overlap(boxes, least, [&](std::size_t j, std::size_t k, double iou) {
      most[whose[j]] = std::max(most[whose[j]], iou);
      most[whose[k]] = std::max(most[whose[k]], iou);
    });
  }
  return most;
}

void take_crowding(From from, Rest, Factor& f) {
  const Dataset& d = from.dataset;
  const std::vector<double> most = largest_overlaps(d);
  std::vector<std::uint32_t> boxes(f.size()), touching(f.size());
  for (std::size_t a = 0; a < most.size(); ++a) {
    if (d.annotations[a].image == none<ImageIndex> || std::isnan(most[a])) continue;
    ++boxes[to_size(d.annotations[a].image)];
    touching[to_size(d.annotations[a].image)] += most[a] > 0 ? 1U : 0U;
  }
  for (std::size_t i = 0; i < f.numbers.size(); ++i)
    if (boxes[i] > 0) f.numbers[i] = static_cast<double>(touching[i]) / static_cast<double>(boxes[i]);
}

// Of objects.

void take_class(From from, Rest, Factor& f) {
  const Dataset& d = from.dataset;
  std::vector<std::string_view> texts(f.size());
  for (std::size_t a = 0; a < texts.size(); ++a)
    if (d.annotations[a].category != none<CategoryIndex>) texts[a] = d[d.annotations[a].category].name;
  set_levels(f, texts);
}

void take_kind(From from, Rest, Factor& f) {
  std::vector<std::string_view> texts(f.size());
  for (std::size_t a = 0; a < texts.size(); ++a)
    if (from.dataset.annotations[a].kind != Kind::unspecified) texts[a] = name(from.dataset.annotations[a].kind);
  set_levels(f, texts);
}

void take_annotator(From from, Rest, Factor& f) {
  std::vector<std::string_view> texts(f.size());
  for (std::size_t a = 0; a < texts.size(); ++a)
    if (from.dataset.annotations[a].layer < from.dataset.layers.size())
      texts[a] = from.dataset.layers[from.dataset.annotations[a].layer];
  set_levels(f, texts);
}

template <Flag flag>
void take_flag(From from, Rest, Factor& f) {
  f.names = {"no", "yes"};
  for (std::size_t a = 0; a < f.levels.size(); ++a)
    if (const Tristate state = from.dataset.annotations[a].flags[flag]; state != Tristate::not_said)
      f.levels[a] = state == Tristate::yes ? 1 : 0;
}

/// With the image it lies in; zeros where that size is not known.
template <double (*number)(const Box&, Size)>
void take_box(From from, Rest, Factor& f) {
  const Dataset& d = from.dataset;
  for (std::size_t a = 0; a < f.numbers.size(); ++a) {
    const Annotation& row = d.annotations[a];
    if (row.image == none<ImageIndex>) continue;
    const Image& image = d[row.image];
    if (const auto box = box_of(d, row); box && box->width > 0 && box->height > 0)
      f.numbers[a] = number(*box, {static_cast<double>(image.width), static_cast<double>(image.height)});
  }
}

double or_unknown(bool known, double value) { return known ? value : std::numeric_limits<double>::quiet_NaN(); }

/// One pixel is what rounding and formats that count from one make of a side that lies on the border.
void take_at_border(From from, Rest, Factor& f) {
  f.names = {"border", "inside"};
  const Dataset& d = from.dataset;
  for (std::size_t a = 0; a < f.levels.size(); ++a) {
    const Annotation& row = d.annotations[a];
    if (row.image == none<ImageIndex>) continue;
    const Image& image = d[row.image];
    const auto box = box_of(d, row);
    if (!box || image.width == 0 || image.height == 0) continue;
    const bool inside = box->x > 1 && box->y > 1 && box->x + box->width < image.width - 1.0 &&
                        box->y + box->height < image.height - 1.0;
    f.levels[a] = inside ? 1 : 0;
  }
}

void take_overlap(From from, Rest, Factor& f) { f.numbers = largest_overlaps(from.dataset); }

// Attributes.

bool has_attribute(const Dataset& d, Owner owner, std::string_view key) {
  return std::any_of(d.attributes.begin(), d.attributes.end(),
                     [&](const Attribute& a) { return a.owner == owner && d.text(a.key) == key; });
}

void take_image_attribute(From from, Rest key, Factor& f) {
  f.of = FactorOf::image;
  const std::string_view keys[] = {key};
  set_texts(f, image_values(from.dataset, keys).front());
}

void take_object_attribute(From from, Rest key, Factor& f) {
  f.of = FactorOf::annotation;
  const Dataset& d = from.dataset;
  std::vector<std::string> texts(d.annotations.size());
  for (const Attribute& a : d.attributes) {
    if (a.owner != Owner::annotation || d.text(a.key) != key) continue;
    JsonCursor in(d.text(a.value));
    switch (in.type()) {
      case JsonType::string: texts[a.index] = in.read_string(); break;
      case JsonType::number:
      case JsonType::boolean: texts[a.index] = in.skip(); break;
      case JsonType::null:
      case JsonType::array:
      case JsonType::object: break;
    }
  }
  set_texts(f, texts);
}

/// Of the objects where one of them has it, else of the images.
void take_attribute(From from, Rest key, Factor& f) {
  if (has_attribute(from.dataset, Owner::annotation, key))
    take_object_attribute(from, key, f);
  else
    take_image_attribute(from, key, f);
}

constexpr FactorOf image = FactorOf::image, object = FactorOf::annotation;
constexpr bool number = true, levels = false;

constexpr FactorSource sources[] = {
    {{"image.content", image, levels, "", "empty, or with objects"}, take_content},
    {{"image.objects", image, number, "", "objects it has"}, take_objects},
    {{"image.classes", image, number, "", "different classes it has"}, take_classes},
    {{"image.crowding", image, number, "", "share of its boxes that overlap another"}, take_crowding},
    {{"image.attribute.*", image, levels, "", "an attribute or key of the image"}, take_image_attribute},
    {{"class", object, levels, "", "name of its class"}, take_class},
    {{"kind", object, levels, "", "box, polygon, mask, keypoints …"}, take_kind},
    {{"annotator", object, levels, "", "who or what drew it"}, take_annotator},
    {{"box.sqrt_area_px", object, number, "pixels", "square root of the area of its box"},
     take_box<[](const Box& b, Size) { return std::sqrt(b.width * b.height); }>},
    {{"box.aspect", object, number, "", "width over height of its box"},
     take_box<[](const Box& b, Size) { return b.width / b.height; }>},
    {{"box.share", object, number, "", "side of its box in that of the image: root of the share of area"},
     take_box<[](const Box& b, Size s) {
       return or_unknown(s.width > 0 && s.height > 0, std::sqrt(b.width * b.height / (s.width * s.height)));
     }>},
    {{"box.center_x", object, number, "of the width", "where its middle lies, 0 left"},
     take_box<[](const Box& b, Size s) { return or_unknown(s.width > 0, (b.x + b.width / 2) / s.width); }>},
    {{"box.center_y", object, number, "of the height", "where its middle lies, 0 top"},
     take_box<[](const Box& b, Size s) { return or_unknown(s.height > 0, (b.y + b.height / 2) / s.height); }>},
    {{"box.border", object, levels, "", "border where its box touches that of the image, else inside"}, take_at_border},
    {{"box.overlap", object, number, "", "largest IoU with another box of the image"}, take_overlap},
    {{"occluded", object, levels, "", "partly hidden, as marked"}, take_flag<Flag::occluded>},
    {{"truncated", object, levels, "", "cut off, as marked"}, take_flag<Flag::truncated>},
    {{"difficult", object, levels, "", "hard to recognise, as marked"}, take_flag<Flag::difficult>},
    {{"crowd", object, levels, "", "a region of many, as marked"}, take_flag<Flag::crowd>},
    {{"object.attribute.*", object, levels, "", "an attribute of the object"}, take_object_attribute},
    {{"attribute.*", image, levels, "", "an attribute of the objects where one has it, else of the images"},
     take_attribute},
};

}  // namespace

std::span<const FactorSource> factors_of_labels() { return sources; }

}  // namespace vetset
