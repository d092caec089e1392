// COCO files for the replacement of pycocotools: where their parts stand, and their records as columns. What the
// columns cannot say exactly as the reference reads it gives none, and the caller reads the file with Python's json.
#include <nanobind/ndarray.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>

#include <algorithm>
#include <optional>

#include "python/src/evaluate_rows.h"
#include "python/src/running.h"
#include "vetset/base/json.h"
#include "vetset/vetset.h"

namespace vetset::python {
namespace {

using Buffer = nb::ndarray<const std::uint8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

/// Where the values of the top-level object stand; None where the text is no JSON object. All of it is checked.
nb::object members_of(const Buffer& buffer) {
  JsonCursor cursor(std::string_view(reinterpret_cast<const char*>(buffer.data()), buffer.size()));
  if (cursor.type() != JsonType::object) return nb::none();
  nb::list members;
  for (cursor.enter_object(); cursor.next_member();) {
    const nb::object key = text(cursor.key());
    const std::string_view value = cursor.skip();
    if (cursor.failed()) return nb::none();
    const std::size_t begin = static_cast<std::size_t>(value.data() - cursor.text().data());
    members.append(nb::make_tuple(key, begin, begin + value.size()));
  }
  if (cursor.failed() || !cursor.at_end()) return nb::none();
  return members;
}

bool are_whole(const Ids& ids, std::size_t count) {
  return ids.numbers.size() == count && std::none_of(ids.numbers.begin(), ids.numbers.end(), [](std::int64_t id) {
           return id == Ids::absent || id == Ids::odd;
         });
}

std::vector<PredictedName> names_of(const Ids& ids) {
  std::vector<PredictedName> names;
  for (const std::int64_t id : ids.numbers) names.push_back({.id = id});
  return names;
}

/// Whether each row says all of it.
bool all_say(const Instances& rows, std::initializer_list<Said> bits) {
  std::uint8_t wanted = 0;
  for (const Said bit : bits) wanted |= static_cast<std::uint8_t>(bit);
  return std::all_of(rows.said.begin(), rows.said.end(), [&](std::uint8_t said) { return (said & wanted) == wanted; });
}

/// Whether a record says how many of its points are labelled, which the reference asks of all.
bool says_labelled_points(const Dataset& d, std::size_t annotation) {
  for (const Residue& row : d.residues_of(Owner::annotation, annotation)) {
    JsonCursor cursor(d.text(row.json));
    if (cursor.type() != JsonType::object) continue;
    for (cursor.enter_object(); cursor.next_member(); cursor.skip())
      if (cursor.key() == "num_keypoints" && cursor.type() == JsonType::number) return true;
  }
  return false;
}

/// Whether each object has so many points.
bool all_have_points(const Dataset& d, std::size_t points) {
  for (std::size_t i = 0; i < d.annotations.size(); ++i) {
    const Annotation& a = d.annotations[i];
    const Shape* const shape = a.shape == none<ShapeIndex> ? nullptr : d.find_shape(a, ShapeKind::keypoints);
    if (shape == nullptr || shape->two || shape->count != 3 * points || !says_labelled_points(d, i)) return false;
  }
  return true;
}

using Read = std::optional<CocoRows>;

/// The objects of a ground truth, where every record has become a row and says what the reference asks of it.
Result<Read> truth_rows(const std::string& path, bool masks, bool keypoints, const Progress& progress) {
  OpenOptions options{.from = "coco", .probe_images = false, .common = {}};
  options.common.progress = progress;
  VETSET_TRY(const Source source, open(path, options));
  const Dataset& d = source.dataset;
  if (!source.findings.empty() || !source.finding_counts.empty() || !d.dangling.empty()) return Read();
  if (!are_whole(d.image_ids, d.images.size()) || !are_whole(d.category_ids, d.categories.size()) ||
      !are_whole(d.annotation_ids, d.annotations.size()))
    return Read();
  Findings findings;
  CocoRows made;
  VETSET_TRY(made.said.rows, instances_of(d, {.masks = masks, .keypoints = keypoints}, Pool(0), findings));
  const Instances& rows = made.said.rows;
  if (!findings.counts().empty() || rows.size() != d.annotations.size() ||
      !all_say(rows, {Said::box, Said::area, Said::crowd}) || (masks && !all_say(rows, {Said::mask})) ||
      (keypoints && !all_have_points(d, rows.points)))
    return Read();
  made.said.images = names_of(d.image_ids);
  made.said.categories = names_of(d.category_ids);
  return Read(std::move(made));
}

bool are_whole(const std::vector<PredictedName>& names) {
  return std::all_of(names.begin(), names.end(), [](const PredictedName& name) {
    return name.id != Ids::absent && name.id != Ids::odd && name.token.empty();
  });
}

/// The records of a list of results, where every one has become a row with a score.
Result<Read> result_rows(const std::string& path, const Progress& progress) {
  OpenOptions options{.from = "coco-results", .probe_images = false, .digests = false, .common = {}};
  options.common.progress = progress;
  CocoRows made;
  VETSET_TRY(made.said, read_predictions(path, options));
  Predictions& said = made.said;
  if (!said.findings.empty() || said.records != said.rows.size() || said.rows.size() == 0 || !are_whole(said.images) ||
      !are_whole(said.categories) || !all_say(said.rows, {Said::score}) || !said.outlines.empty())
    return Read();
  // The reference gives results areas and ids of its own, and does not look at others.
  said.rows.area = {};
  said.rows.id = {};
  for (std::uint8_t& bits : said.rows.said) bits &= static_cast<std::uint8_t>(~static_cast<unsigned>(Said::area));
  return Read(std::move(made));
}

/// None where the file cannot be read so: Python's reader then says what is wrong with it.
nb::object or_none(Result<Read> read) {
  if (!read && read.error().code == Code::cancelled) raise(read.error());
  return read && *read ? nb::cast(**std::move(read)) : nb::object(nb::none());
}

template <class Reader>
nb::object read_released(Reader&& reader) {
  std::optional<Result<Read>> read;
  run_released(nb::none(), [&](const Progress& progress) { read.emplace(reader(progress)); });
  return or_none(*std::move(read));
}

}  // namespace

void bind_evaluate_files(nb::module_& m) {
  m.def("json_members", &members_of, nb::arg("buffer"),
        nb::sig("def json_members(buffer: typing.Any) -> list[tuple[str, int, int]] | None"),
        "Keys of a JSON object, and where their values begin and end.");
  m.def(
      "coco_truth_rows",
      [](const std::filesystem::path& path, bool masks, bool keypoints) {
        return read_released([&](const Progress& p) { return truth_rows(path.string(), masks, keypoints, p); });
      },
      nb::arg("path"), nb::arg("masks"), nb::arg("keypoints"),
      nb::sig("def coco_truth_rows(path: str | os.PathLike[str], masks: bool, keypoints: bool) -> CocoRows | None"));
  m.def(
      "coco_result_rows",
      [](const std::filesystem::path& path) {
        return read_released([&](const Progress& p) { return result_rows(path.string(), p); });
      },
      nb::arg("path"), nb::sig("def coco_result_rows(path: str | os.PathLike[str]) -> CocoRows | None"));
}

}  // namespace vetset::python
