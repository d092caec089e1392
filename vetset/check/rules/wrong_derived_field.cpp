#include <cmath>

#include "vetset/base/json.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

/// Within one percent or one pixel: rounding is not a fault.
bool close(double stated, double found) { return std::abs(stated - found) <= std::max(1.0, 0.01 * std::abs(found)); }

double ring_length(std::span<const double> ring) {
  double length = 0;
  const std::size_t points = ring.size() / 2;
  for (std::size_t k = 0, last = points - 1; k < points; last = k++)
    length += std::hypot(ring[2 * k] - ring[2 * last], ring[2 * k + 1] - ring[2 * last + 1]);
  return length;
}

/// How far the pixel count of an outline can lie from its exact area: half a pixel along its length.
double raster_slack(const Dataset& d, const Annotation& a) {
  double length = 0;
  for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d[s].next)
    if (d[s].kind == ShapeKind::polygon)
      for (const Ring& ring : d.rings_of(d[s])) length += ring_length(d.coordinates_of(ring));
  return length / 2;
}

/// An area is right by either convention: that of the shape (exact or counted in pixels), or that of the box.
void check_area(const Dataset& d, AnnotationIndex i, const Report& report) {
  const double stated = d.area(i);
  if (is_unstated(stated)) return;
  const Annotation& a = d[i];
  const bool has_box = a.box_origin == Origin::stated;
  const double of_box = a.box.width * a.box.height;
  if (has_box && close(stated, of_box)) return;
  const std::optional<double> of_shape = shape_area(d, a);
  if (!has_box && !of_shape) return;
  if (of_shape && (close(stated, *of_shape) || std::abs(stated - *of_shape) <= raster_slack(d, a))) return;
  std::string expected = of_shape ? measure(*of_shape) + " (shape)" : "";
  if (has_box) expected += std::string(of_shape ? " or " : "") + measure(of_box) + " (box)";
  const std::string message = "area is " + measure(stated) + "; expected " + expected;
  // Metrics pass over crowds, and COCO's own crowds state areas from before their members were cut out.
  if (a.flags.is(Flag::crowd))
    report.with(Severity::note, EvidenceClass::proof, i, message, "compute it again");
  else
    report.scored(std::abs(stated - of_shape.value_or(of_box)), i, message, "compute it again");
}

std::optional<std::uint64_t> labelled_points(const Dataset& d, const Annotation& a) {
  const Shape* shape = d.find_shape(a, ShapeKind::keypoints);
  if (shape == nullptr || shape->two) return {};
  std::uint64_t count = 0;
  const std::span<const double> numbers = d.numbers_of(*shape);
  for (std::size_t k = 2; k < numbers.size(); k += 3) count += numbers[k] > 0;
  return count;
}

/// `num_keypoints` of COCO is carried beside the record, as it was written.
void check_point_count(const Dataset& d, const Residue& residue, const Report& report) {
  const std::string_view json = d.text(residue.json);
  if (json.find("\"num_keypoints\"") == std::string_view::npos) return;
  const std::optional<std::uint64_t> labelled = labelled_points(d, d.annotations[residue.index]);
  if (!labelled) return;
  JsonCursor in(json);
  for (in.enter_object(); in.next_member();) {
    if (in.key() != "num_keypoints" || in.type() != JsonType::number) {
      in.skip();
      continue;
    }
    const double stated = in.read_number().value;
    if (stated != static_cast<double>(*labelled))
      report(AnnotationIndex{residue.index},
             "num_keypoints is " + measure(stated) + "; " + std::to_string(*labelled) + " are labelled", "count again");
  }
}

void check_wrong_derived_field(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  if (!d.areas.empty())
    for (std::size_t n = 0; n < d.annotations.size(); ++n) check_area(d, to_index<AnnotationIndex>(n), report);
  for (const Residue& residue : d.residues)
    if (residue.owner == Owner::annotation) check_point_count(d, residue, report);
}

}  // namespace

extern const Rule wrong_derived_field{.code = "FMT413",
                                      .name = "wrong-derived-field",
                                      .title = "a stated area or count is not what the shape gives",
                                      .severity = Severity::warning,
                                      .evidence = EvidenceClass::proof,
                                      .check = check_wrong_derived_field};

}  // namespace vetset
