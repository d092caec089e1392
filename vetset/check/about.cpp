#include "vetset/check/about.h"

#include "vetset/base/digest.h"
#include "vetset/base/json.h"

namespace vetset {
namespace {

/// What stands for an annotation however the file around it changes: its id, or what it says.
std::string identity_of(const Dataset& d, AnnotationIndex i) {
  if (std::string id = d.id_json(d.annotation_ids, to_size(i)); !id.empty()) return id;
  if (const std::string_view row = d.authored_text(i); !row.empty()) return std::string(row);
  const Annotation& a = d[i];
  std::string text = a.category == none<CategoryIndex> ? "" : d[a.category].name;
  for (const double number : {a.box.x, a.box.y, a.box.width, a.box.height}) append_json_number(text += ' ', number);
  return text;
}

std::string_view image_of(const Dataset& d, AnnotationIndex i) {
  return d[i].image == none<ImageIndex> ? std::string_view() : d.path(d[i].image);
}

/// The document that names the classes, as far as files are known.
std::string class_file(const Dataset& d) {
  for (const File& file : d.files) {
    const std::string_view extension = extension_of(d.text(file.path));
    if (extension == "yaml" || extension == "yml" || extension == "json") return std::string(d.text(file.path));
  }
  return {};
}

Place at_position(const Dataset& d, const Column<Position>& positions, std::size_t i, std::string_view otherwise) {
  if (positions.empty() || !positions[i].known()) return {.file = std::string(otherwise)};
  return {.file = std::string(d.path(positions[i].file())), .offset = positions[i].offset()};
}

Place of_annotation(const Dataset& d, AnnotationIndex i) {
  const ImageIndex image = d[i].image;
  return at_position(d, d.annotation_positions, to_size(i), image == none<ImageIndex> ? "" : d.path(image));
}

/// An image is its file; one that is not there is its record, or the label file that speaks of it.
Place of_image(const Dataset& d, ImageIndex i) {
  if (!d[i].media.empty()) return {.file = std::string(d.text(d[i].media))};
  const std::string_view label = d[i].file == none<FileIndex> ? d.path(i) : d.path(d[i].file);
  return at_position(d, d.image_positions, to_size(i), label);
}

}  // namespace

About about(const Dataset& d, const Finding& f) {
  About a;
  const auto annotation = [&](AnnotationIndex i) {
    a.image = image_of(d, i);
    a.annotation = d.id_json(d.annotation_ids, to_size(i));
    a.identity = a.image + '\n' + identity_of(d, i);
  };
  if (const auto* i = std::get_if<AnnotationIndex>(&f.where)) {
    annotation(*i);
  } else if (const auto* pair = std::get_if<AnnotationPair>(&f.where)) {
    annotation(pair->second);
    (a.identity += '\n') += identity_of(d, pair->first);
  } else if (const auto* image = std::get_if<ImageIndex>(&f.where)) {
    a.identity = a.image = d.path(*image);
  } else if (const auto* images = std::get_if<ImagePair>(&f.where)) {
    a.image = d.path(images->first);
    a.other = d.path(images->second);
    a.identity = a.image + '\n' + a.other;
  } else if (const auto* c = std::get_if<CategoryIndex>(&f.where)) {
    a.identity = a.category = d[*c].name;
  } else if (const auto* place = std::get_if<Place>(&f.where)) {
    a.identity = place->file;
  }
  return a;
}

Place rough_place(const Dataset& d, const Finding& finding) {
  if (const auto* place = std::get_if<Place>(&finding.where)) return *place;
  if (const auto* i = std::get_if<ImageIndex>(&finding.where)) return of_image(d, *i);
  if (const auto* pair = std::get_if<ImagePair>(&finding.where)) return of_image(d, pair->first);
  if (const auto* a = std::get_if<AnnotationIndex>(&finding.where)) return of_annotation(d, *a);
  if (const auto* pair = std::get_if<AnnotationPair>(&finding.where)) return of_annotation(d, pair->second);
  if (std::holds_alternative<CategoryIndex>(finding.where)) return {.file = class_file(d)};
  return {};
}

std::string Fingerprints::next(std::string_view code, std::string_view identity) {
  std::string fingerprint = sha256(std::string(code) + '\n' + std::string(identity)).hex().substr(0, 32);
  if (const std::uint64_t times = ++seen_[fingerprint]; times > 1) fingerprint += "-" + std::to_string(times);
  return fingerprint;
}

}  // namespace vetset
