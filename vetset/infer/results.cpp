#include "vetset/infer/results.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "vetset/base/json.h"
#include "vetset/dataset/edit.h"
#include "vetset/dataset/geometry.h"
#include "vetset/dataset/rotated.h"
#include "vetset/infer/journal.h"

namespace vetset {
namespace {

constexpr std::size_t piece = 1 << 20;

template <class Values>
void append_list(std::string& out, std::string_view key, const Values& values) {
  out += key;
  bool first = true;
  for (const auto v : values) {
    if (!std::exchange(first, false)) out += ',';
    append_float(out, static_cast<float>(v));
  }
  out += ']';
}

double in_degrees(float radians) { return static_cast<double>(radians) * 180 / 3.14159265358979323846; }

Corners turned(const Found& f) {
  return corners_of(RotatedBox{f.box[0], f.box[1], f.box[2], f.box[3], in_degrees(f.angle)});
}

void append_result(std::string& out, const Inferred& i, const Found& f, ModelTask task, std::string_view image,
                   std::string_view category) {
  out += "{\"image_id\":";
  out += image;
  out += ",\"category_id\":";
  out += category;
  if (task == ModelTask::obb) {
    const Corners c = turned(f);
    const std::optional<Box> b = envelope(c);
    append_list(out, ",\"bbox\":[", std::array<double, 4>{b->x, b->y, b->width, b->height});
    append_list(out, ",\"segmentation\":[[", c);
    out += ']';
  } else if (task != ModelTask::classify) {
    append_list(out, ",\"bbox\":[", std::array<float, 4>{f.box[0], f.box[1], f.box[2] - f.box[0], f.box[3] - f.box[1]});
  }
  if (!f.mask.empty()) {
    out += ",\"segmentation\":{\"size\":[" + std::to_string(i.height) + "," + std::to_string(i.width) + "],\"counts\":";
    append_json_string(out, f.mask);
    out += '}';
  }
  if (!f.keypoints.empty()) append_list(out, ",\"keypoints\":[", f.keypoints);
  out += ",\"score\":";
  append_float(out, f.score);
  out += '}';
}

std::string image_token(const Dataset& d, std::size_t i) {
  std::string id = d.id_json(d.image_ids, i);
  if (id.empty()) append_json_string(id, d.path(to_index<ImageIndex>(i)));
  return id;
}

/// The header of a .npy file of so many rows; padded, so that it has the same length for any number of them.
std::string npy_header(std::uint64_t rows, std::uint64_t columns) {
  std::string dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " +
                           std::to_string(columns) + "), }";
  constexpr std::size_t whole = 128;
  dictionary.resize(whole - 10 - 1, ' ');
  dictionary += '\n';
  const auto size = static_cast<std::uint16_t>(dictionary.size());
  std::string out("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(size & 255);
  out += static_cast<char>(size >> 8);
  return out + dictionary;
}

}  // namespace

std::vector<CategoryIndex> classes_of(const Dataset& d, const ModelSpec& spec) {
  std::map<std::string_view, CategoryIndex> by_name;
  for (std::size_t c = 0; c < d.categories.size(); ++c)
    by_name.emplace(d.categories[c].name, to_index<CategoryIndex>(c));
  std::vector<CategoryIndex> found;
  for (const ModelClass& c : spec.classes) {
    const auto at = by_name.find(c.name);
    found.push_back(at == by_name.end() ? none<CategoryIndex> : at->second);
  }
  return found;
}

Result<void> write_results(const Dataset& d, const ModelSpec& spec, const std::string& journal, TreeWriter& out,
                           std::string_view name) {
  const std::vector<CategoryIndex> classes = classes_of(d, spec);
  std::vector<std::string> categories;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    std::string id = classes[c] == none<CategoryIndex> ? "" : d.id_json(d.category_ids, to_size(classes[c]));
    if (id.empty())
      id = classes[c] == none<CategoryIndex> ? std::to_string(spec.classes[c].id) : std::to_string(to_size(classes[c]));
    categories.push_back(std::move(id));
  }
  VETSET_DO(out.begin(name));
  std::string text = "[";
  bool first = true;
  const auto each = [&](Inferred&& i) -> Result<void> {
    const std::string image = image_token(d, i.image);
    for (const Found& f : i.found) {
      text += std::exchange(first, false) ? "\n" : ",\n";
      append_result(text, i, f, spec.task, image,
                    f.label < categories.size() ? categories[f.label] : std::to_string(f.label));
    }
    if (text.size() < piece) return {};
    VETSET_DO(out.append(text));
    text.clear();
    return {};
  };
  VETSET_DO(Journal::read(journal, each));
  text += first ? "]\n" : "\n]\n";
  VETSET_DO(out.append(text));
  return out.finish();
}

Result<void> write_embeddings(const Dataset& d, const std::string& journal, TreeWriter& out) {
  std::uint64_t rows = 0, columns = 0;
  const auto measure = [&](Inferred&& i) -> Result<void> {
    if (i.embedding.empty()) return {};
    if (rows++ && columns != i.embedding.size())
      return Error{Code::refused, "the model gives vectors of " + std::to_string(columns) + " and of " +
                                      std::to_string(i.embedding.size()) + " numbers"};
    columns = i.embedding.size();
    return {};
  };
  VETSET_DO(Journal::read(journal, measure));
  VETSET_DO(out.begin("embeddings.npy"));
  std::string text = npy_header(rows, columns), paths;
  const auto each = [&](Inferred&& i) -> Result<void> {
    if (i.embedding.empty()) return {};
    text.append(reinterpret_cast<const char*>(i.embedding.data()), i.embedding.size() * sizeof(float));
    paths += std::string(d.path(to_index<ImageIndex>(i.image))) + '\n';
    if (text.size() < piece) return {};
    VETSET_DO(out.append(text));
    text.clear();
    return {};
  };
  VETSET_DO(Journal::read(journal, each));
  VETSET_DO(out.append(text));
  VETSET_DO(out.finish());
  return out.write("embeddings.txt", paths);
}

Result<Dataset> predicted_dataset(Dataset given, const ModelSpec& spec, const std::string& journal) {
  std::vector<CategoryIndex> classes = classes_of(given, spec);
  const std::size_t had = given.annotations.size();
  Dataset d = selected(std::move(given), Selection{.images = {}, .annotations = std::vector<bool>(had, false)}).dataset;

  std::int64_t free_id = 0;
  for (std::size_t c = 0; c < d.category_ids.numbers.size(); ++c)
    free_id = std::max(free_id, d.category_ids.numbers[c] + 1);
  const bool numbered = !d.category_ids.numbers.empty();
  const bool fresh = d.categories.empty();
  for (std::size_t c = 0; c < classes.size(); ++c) {
    if (classes[c] != none<CategoryIndex>) continue;
    classes[c] = to_index<CategoryIndex>(d.categories.size());
    d.categories.push_back(Category{.name = spec.classes[c].name});
    if (numbered || fresh) d.category_ids.numbers.push_back(fresh ? spec.classes[c].id : free_id++);
  }
  if (d.layers.empty()) d.layers.emplace_back();
  d.layers.push_back(spec.name.empty() ? "model" : spec.name);

  Dataset made;
  const auto layer = static_cast<std::uint16_t>(d.layers.size() - 1);
  std::uint32_t order = 0;
  const auto each = [&](Inferred&& i) -> Result<void> {
    if (Image& image = d.images[i.image]; image.width == 0 && i.width) {
      image.width = i.width;
      image.height = i.height;
      image.size_origin = SizeOrigin::header;
    }
    for (const Found& f : i.found) {
      while (f.label >= classes.size()) {  // a contract without classes
        classes.push_back(to_index<CategoryIndex>(d.categories.size()));
        d.categories.push_back(Category{.name = "class " + std::to_string(classes.size() - 1)});
        if (numbered || fresh)
          d.category_ids.numbers.push_back(fresh ? static_cast<std::int64_t>(classes.size() - 1) : free_id++);
      }
      Annotation a{.image = to_index<ImageIndex>(i.image), .layer = layer, .order = order++};
      a.category = classes[f.label];
      const auto shape = [&](ShapeKind kind, std::uint64_t begin, std::size_t count, Kind what) {
        a.shape = to_index<ShapeIndex>(made.shapes.size());
        a.kind = what;
        made.shapes.push_back(Shape{.begin = begin, .count = static_cast<std::uint32_t>(count), .kind = kind});
      };
      if (spec.task == ModelTask::classify) {
        a.kind = Kind::tag;
      } else if (spec.task == ModelTask::obb) {
        const std::uint64_t begin = made.coordinates.size();
        for (const double v :
             {double{f.box[0]}, double{f.box[1]}, double{f.box[2]}, double{f.box[3]}, in_degrees(f.angle)})
          made.coordinates.push_back(v);
        shape(ShapeKind::numbers, begin, 5, Kind::rotated_box);
        a.box = *envelope(turned(f));
        a.box_origin = Origin::derived;
      } else {
        a.kind = Kind::box;
        a.box = {f.box[0], f.box[1], double{f.box[2]} - double{f.box[0]}, double{f.box[3]} - double{f.box[1]}};
        a.box_origin = Origin::stated;
        if (!f.mask.empty()) {
          VETSET_TRY(const Runs runs, runs_of_coco_string(f.mask, i.height, i.width));
          const std::uint64_t begin = made.masks.size();
          made.masks.push_back(Mask{.begin = made.runs.size(),
                                    .count = static_cast<std::uint32_t>(runs.counts.size()),
                                    .height = i.height,
                                    .width = i.width});
          for (const std::uint32_t n : runs.counts) made.runs.push_back(n);
          shape(ShapeKind::mask, begin, 1, Kind::mask);
        } else if (!f.keypoints.empty()) {
          const std::uint64_t begin = made.coordinates.size();
          // Visibility in labels is 0, 1 or 2; a model gives how sure it is of a point.
          for (std::size_t k = 0; k < f.keypoints.size(); ++k)
            made.coordinates.push_back(k % 3 == 2 ? (f.keypoints[k] >= 0.5F ? 2 : 0) : double{f.keypoints[k]});
          shape(ShapeKind::keypoints, begin, f.keypoints.size(), Kind::keypoints);
        }
      }
      made.annotations.push_back(a);
      made.scores.push_back(f.score);
    }
    return {};
  };
  VETSET_DO(Journal::read(journal, each));
  d.append_annotations(std::move(made));
  if (const std::optional<std::string> bad = d.inconsistency())
    return Error{Code::defect, "predictions make no dataset: " + *bad};
  return d;
}

}  // namespace vetset
