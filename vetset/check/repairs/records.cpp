// Repairs of ids, sizes, names and computed fields.
#include <algorithm>
#include <cmath>

#include "vetset/base/json.h"
#include "vetset/base/portable.h"
#include "vetset/base/tree.h"
#include "vetset/base/unicode.h"
#include "vetset/check/repair.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void drop_mark(const Evidence& evidence, const Finding& finding, Workbench& bench) {
  const auto* place = std::get_if<Place>(&finding.where);
  if (place == nullptr) return;
  const Dataset& d = evidence.dataset;
  for (std::size_t f = 0; f < d.files.size(); ++f)
    if (d.text(d.files[f].path) == place->file && bench.dataset().files[f].bom)
      bench.drop_mark(to_index<FileIndex>(f), "byte-order mark dropped: " + finding.message);
}

/// The first number above all that are given.
std::int64_t next_id(const Ids& ids) {
  std::int64_t next = 1;
  for (const std::int64_t id : ids.numbers)
    if (id != Ids::absent && id != Ids::odd && id < INT64_MAX) next = std::max(next, id + 1);
  return next;
}

template <class Index>
void renumber(std::span<const Finding> findings, const Dataset& d, const Ids& ids, Workbench& bench) {
  std::int64_t id = next_id(ids);
  for (const Finding& finding : findings) {
    const Index* i = std::get_if<Index>(&finding.where);
    if (i == nullptr || finding.message.find(" id ") == std::string::npos) continue;
    bench.set_id(*i, id,
                 "id " + d.id_json(ids, to_size(*i)) + " was given before; it is " + std::to_string(id) + " now");
    ++id;
  }
}

void renumber_annotations(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  renumber<AnnotationIndex>(findings, evidence.dataset, evidence.dataset.annotation_ids, bench);
}
void renumber_images(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  renumber<ImageIndex>(findings, evidence.dataset, evidence.dataset.image_ids, bench);
}

void state_size(const Evidence& evidence, const Finding& finding, Workbench& bench) {
  const auto* i = std::get_if<ImageIndex>(&finding.where);
  if (i == nullptr || to_size(*i) >= evidence.facts.size()) return;
  const Facts& facts = evidence.facts[to_size(*i)];
  if (facts.width != 0) bench.set_size(*i, facts.shown_width(), facts.shown_height(), finding.message);
}

/// A path that every system can hold, as near to this one as may be.
std::string portable_path_of(std::string_view path) {
  std::string text = nfc(path);
  std::replace(text.begin(), text.end(), '\\', '/');
  std::string result;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    std::string part = text.substr(begin, end - begin);
    begin = end + 1;
    for (char& c : part)
      if (unportable_characters.find(c) != std::string_view::npos) c = '_';
    while (part.ends_with('.') || part.ends_with(' ')) part.pop_back();
    if (part.empty()) continue;
    if (is_device_name(part)) part += '_';
    result = join_path(result, part);
  }
  return result;
}

/// "a/b.jpg" and 2 give "a/b-2.jpg".
std::string numbered(const std::string& path, int n) {
  const std::size_t end = extension_of(path).size(), dot = path.size() - (end == 0 ? 0 : end + 1);
  return path.substr(0, dot) + "-" + std::to_string(n) + path.substr(dot);
}

void rename_portably(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  const Dataset& d = evidence.dataset;
  std::set<std::string> taken;
  std::set<ImageIndex> renamed;
  for (const Finding& finding : findings)
    if (const auto* i = std::get_if<ImageIndex>(&finding.where)) renamed.insert(*i);
  if (renamed.empty()) return;
  for (std::size_t k = 0; k < d.images.size(); ++k)
    if (!renamed.contains(to_index<ImageIndex>(k))) taken.insert(fold(d.text(d.images[k].path)));
  for (const ImageIndex i : renamed) {
    const std::string before(d.path(i)), plain = portable_path_of(before);
    std::string path = plain;
    for (int n = 2; !taken.insert(fold(path)).second; ++n) path = numbered(plain, n);
    if (!plain.empty() && path != before) bench.set_path(i, path, quoted(before) + " is " + quoted(path) + " now");
  }
}

/// The object's member `key` with another number; everything else as it was.
std::string with_number(std::string_view object, std::string_view key, std::uint64_t number) {
  std::string result = "{";
  JsonCursor in(object);
  for (in.enter_object(); in.next_member();) {
    if (result.size() > 1) result += ',';
    append_json_string(result, in.key());
    const bool replaced = in.key() == key;
    const std::string_view value = in.skip();
    result += ':';
    result += replaced ? std::to_string(number) : std::string(value);
  }
  return result + "}";
}

void compute_again(const Evidence&, const Finding& finding, Workbench& bench) {
  const auto* i = std::get_if<AnnotationIndex>(&finding.where);
  if (i == nullptr || bench.is_dropped(*i)) return;
  const Dataset& d = bench.dataset();
  const Annotation& a = d[*i];
  if (finding.message.starts_with("num_keypoints")) {
    const Shape* points = d.find_shape(a, ShapeKind::keypoints);
    const auto residues = d.residues_of(Owner::annotation, to_size(*i));
    if (points == nullptr || points->two || residues.size() != 1) return;
    std::uint64_t labelled = 0;
    const std::span<const double> numbers = d.numbers_of(*points);
    for (std::size_t k = 2; k < numbers.size(); k += 3) labelled += numbers[k] > 0;
    bench.set_residue(*i, with_number(d.text(residues.front().json), "num_keypoints", labelled), finding.message);
    return;
  }
  const bool boxed = a.box_origin == Origin::stated || a.box_origin == Origin::derived;
  const double area = shape_area(d, a).value_or(boxed ? a.box.width * a.box.height : unstated());
  if (finding.message.starts_with("area") && !is_unstated(area) && std::isfinite(area))
    bench.set_area(*i, area, finding.message);
}

void merge_names(const Evidence&, const Finding& finding, Workbench& bench) {
  const auto* c = std::get_if<CategoryIndex>(&finding.where);
  if (c == nullptr || finding.evidence != EvidenceClass::proof) return;
  const Dataset& d = bench.dataset();
  const std::string name = fold(d[*c].name);
  for (std::size_t k = 0; k < to_size(*c); ++k)
    if (fold(d.categories[k].name) == name)
      return bench.merge(*c, to_index<CategoryIndex>(k),
                         "class " + quoted(d[*c].name) + " goes into " + quoted(d.categories[k].name));
}

}  // namespace

extern const Repair drop_byte_order_mark{"FMT401", "drop-byte-order-mark", "drop a byte-order mark", true,
                                         each<drop_mark>};
extern const Repair new_annotation_id{"FMT403", "new-annotation-id",
                                      "give an annotation whose id was given before a new one", true,
                                      renumber_annotations};
extern const Repair new_image_id{"FMT403", "new-image-id", "give an image whose id was given before a new one", false,
                                 renumber_images};
extern const Repair file_size{"FMT405", "file-size", "state the size that the image file has", true, each<state_size>};
extern const Repair portable_path{"FMT417", "portable-path", "rename images so that every system can hold them", true,
                                  rename_portably};
extern const Repair computed_area{"FMT413", "computed-field", "compute a wrong area or point count again", true,
                                  each<compute_again>};
extern const Repair merge_class_names{"LBL109", "merge-class-names", "merge classes whose names read the same", false,
                                      each<merge_names>};

}  // namespace vetset
