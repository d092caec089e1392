// Boxes that a detector's output speaks against (LBL130 to LBL133). Scores depend on their image alone; which of them
// are reported depends also on how far the detector is right about each class.
#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/check/object_doubts.h"
#include "vetset/check/suspects.h"
#include "vetset/dataset/overlap.h"

namespace vetset {
namespace {

constexpr double high_confidence = 0.95;  // ObjectLab's, where a class has too little to measure
constexpr double half = 0.5;
constexpr double precise_enough = 0.9, complete_enough = 0.9;
constexpr std::uint64_t fewest = 20;  // detections, or boxes, to measure a class on
constexpr double least_score = 0.1;   // below it nothing speaks
constexpr double least_misplaced = 0.4;
constexpr double least_spurious = 0.9;
constexpr std::size_t most_detections = 1000;  // of an image, the surest

bool is_region(const Annotation& a) {
  return a.flags.is(Flag::crowd) || a.flags.is(Flag::group_of) || a.flags.is(Flag::ignore);
}
bool is_object(const Annotation& a) {
  if (a.flags.is(Flag::negative) || a.flags.is(Flag::outside) || a.category == none<CategoryIndex>) return false;
  switch (a.kind) {
    case Kind::tag:
    case Kind::caption:
    case Kind::relation:
    case Kind::point:
    case Kind::polyline:
    case Kind::cuboid_3d: return false;
    default: return true;
  }
}

/// What one image came to.
struct OfImage {
  std::vector<AnnotationIndex> annotations;  // of `given`
  std::vector<GivenBox> given;
  std::vector<DetectedBox> detected;
  std::vector<std::uint64_t> rows;  // of `detected`
  ObjectDoubts doubts;
  std::vector<bool> right;  // by detection: a box of its class is there
  std::vector<bool> found;  // by box: a detection of its class is there
};

/// Classes that are said to be labelled wherever they are in an image (LVIS): those with objects and those said to be
/// absent, but for those said not to be complete. Where nothing of it is said, all are.
class Exhaustive {
 public:
  Exhaustive(const Dataset& d, ImageIndex image) {
    for (const Residue& residue : d.residues_of(Owner::image, to_size(image))) {
      const std::string_view json = d.text(residue.json);
      if (json.find("category_ids") == std::string_view::npos) continue;
      const auto parsed = Json::parse(json);
      if (!parsed) continue;
      if (const Json* list = parsed->find("neg_category_ids")) take(d, *list, absent_), federated_ = true;
      if (const Json* list = parsed->find("not_exhaustive_category_ids")) take(d, *list, incomplete_);
    }
  }
  bool holds(std::uint32_t category, std::span<const GivenBox> given) const {
    if (std::find(incomplete_.begin(), incomplete_.end(), category) != incomplete_.end()) return false;
    if (!federated_ || std::find(absent_.begin(), absent_.end(), category) != absent_.end()) return true;
    return std::any_of(given.begin(), given.end(), [&](const GivenBox& g) { return g.category == category; });
  }

 private:
  static void take(const Dataset& d, const Json& list, std::vector<std::uint32_t>& out) {
    if (list.type() != JsonType::array) return;
    for (const Json& id : list.elements())
      for (std::size_t c = 0; c < d.categories.size(); ++c)
        if (id.type() == JsonType::number && d.category_ids[c] == static_cast<std::int64_t>(id.number()))
          out.push_back(static_cast<std::uint32_t>(c));
  }
  std::vector<std::uint32_t> absent_, incomplete_;
  bool federated_ = false;
};

/// Each detection takes the best box of its class that is left, in falling order of confidence.
void match(OfImage& of) {
  of.right.assign(of.detected.size(), false);
  of.found.assign(of.given.size(), false);
  for (std::size_t p = 0; p < of.detected.size(); ++p) {
    double best = half;
    std::size_t at = of.given.size();
    for (std::size_t g = 0; g < of.given.size(); ++g) {
      if (of.found[g] || of.given[g].region || of.given[g].category != of.detected[p].category) continue;
      const double shared = iou(of.given[g].box, of.detected[p].box);
      if (shared >= best && (at == of.given.size() || shared > best)) best = shared, at = g;
    }
    if (at == of.given.size()) continue;
    of.found[at] = true;
    of.right[p] = true;
  }
}

OfImage look_at(const Dataset& d, const Dataset::ImageAnnotations& annotations, const PredictedObjects& predicted,
                ImageIndex image) {
  OfImage made;
  for (const AnnotationIndex a : annotations.of(image)) {
    if (!is_object(d[a])) continue;
    const std::optional<Box> box = box_of(d, d[a]);
    if (!box) continue;
    made.annotations.push_back(a);
    made.given.push_back({*box, static_cast<std::uint32_t>(to_size(d[a].category)), is_region(d[a])});
  }
  const auto rows = predicted.of(image);
  for (const PredictedObject& p : rows.first(std::min(rows.size(), most_detections))) {
    made.detected.push_back({p.box, static_cast<std::uint32_t>(to_size(p.category)), p.score});
    made.rows.push_back(p.row);
  }
  doubt_objects(made.given, made.detected, made.doubts);
  match(made);
  return made;
}

/// From which confidence on nine in ten detections of a class are right, and whether it finds nine in ten of its boxes.
struct ClassSkill {
  double sure = high_confidence;
  bool complete = false;
};
std::vector<ClassSkill> skills_of(std::span<const OfImage> images, std::size_t categories) {
  struct Counted {
    std::vector<std::pair<double, bool>> detections;
    std::uint64_t boxes = 0, found = 0;
  };
  std::vector<Counted> counted(categories);
  for (const OfImage& of : images) {
    for (std::size_t p = 0; p < of.detected.size(); ++p)
      counted[of.detected[p].category].detections.emplace_back(-of.detected[p].confidence, of.right[p]);
    for (std::size_t g = 0; g < of.given.size(); ++g) {
      if (of.given[g].region) continue;
      ++counted[of.given[g].category].boxes;
      counted[of.given[g].category].found += of.found[g] ? 1U : 0U;
    }
  }
  std::vector<ClassSkill> skills(categories);
  for (std::size_t c = 0; c < categories; ++c) {
    auto& [detections, boxes, found] = counted[c];
    skills[c].complete = boxes >= fewest && static_cast<double>(found) >= complete_enough * static_cast<double>(boxes);
    std::sort(detections.begin(), detections.end());
    std::uint64_t right = 0;
    for (std::size_t k = 0; k < detections.size(); ++k) {
      right += detections[k].second ? 1U : 0U;
      const bool last = k + 1 == detections.size() || detections[k + 1].first != detections[k].first;
      if (last && k + 1 >= fewest && static_cast<double>(right) >= precise_enough * static_cast<double>(k + 1))
        skills[c].sure = std::max(half, std::min(skills[c].sure, -detections[k].first));
    }
  }
  return skills;
}

/// Rows of one image.
class Lister {
 public:
  Lister(const Dataset& d, ImageIndex image, const OfImage& of, std::span<const ClassSkill> skills,
         std::vector<Suspect>& out)
      : d_(d), image_(image), of_(of), skills_(skills), out_(out) {}

  void list() {
    const Exhaustive exhaustive(d_, image_);
    for (std::size_t p = 0; p < of_.detected.size(); ++p) {
      const DetectedBox& seen = of_.detected[p];
      const double score = of_.doubts.overlooked[p];
      if (score < least_score || !exhaustive.holds(seen.category, of_.given)) continue;
      add("LBL130", none<AnnotationIndex>, score, static_cast<std::uint32_t>(p),
          seen.confidence >= skills_[seen.category].sure && score >= half);
    }
    for (std::size_t g = 0; g < of_.given.size(); ++g) {
      if (of_.given[g].region) continue;
      const AnnotationIndex a = of_.annotations[g];
      if (const Doubt& doubt = of_.doubts.swapped[g]; doubt.score >= least_score)
        add("LBL131", a, doubt.score, doubt.detection, sure(doubt) && doubt.score >= half);
      if (const Doubt& doubt = of_.doubts.misplaced[g]; doubt.score >= least_score)
        add("LBL132", a, doubt.score, doubt.detection,
            of_.detected[doubt.detection].confidence >= half && doubt.score >= least_misplaced);
      if (const double score = of_.doubts.spurious[g]; score >= half)
        add("LBL133", a, score, Doubt::nothing, score >= least_spurious && skills_[of_.given[g].category].complete);
    }
  }

 private:
  bool sure(const Doubt& doubt) const {
    const DetectedBox& seen = of_.detected[doubt.detection];
    return seen.confidence >= skills_[seen.category].sure;
  }
  void add(std::string_view code, AnnotationIndex a, double score, std::uint32_t detection, bool flagged) {
    Suspect made{.code = code, .image = image_, .annotation = a, .score = score};
    made.flagged = flagged;
    if (a != none<AnnotationIndex>) made.given = d_[a].category;
    if (detection != Doubt::nothing) {
      made.proposed = to_index<CategoryIndex>(of_.detected[detection].category);
      made.box = of_.detected[detection].box;
      made.confidence = of_.detected[detection].confidence;
      made.row = of_.rows[detection];
    }
    out_.push_back(made);
  }

  const Dataset& d_;
  ImageIndex image_;
  const OfImage& of_;
  std::span<const ClassSkill> skills_;
  std::vector<Suspect>& out_;
};

bool is_labelled(const Image& image) {
  return image.state != ImageState::unlabelled && image.state != ImageState::skipped;
}

}  // namespace

void doubt_boxes(const SuspectSources& sources, Suspects& made, const Pool& pool) {
  const Dataset& d = sources.dataset;
  const PredictedObjects& predicted = *sources.predicted;
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  std::vector<OfImage> images(d.images.size());
  pool.for_ranges(images.size(), 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      if (predicted.judged[i] && is_labelled(d.images[i]))
        images[i] = look_at(d, annotations, predicted, to_index<ImageIndex>(i));
  });
  const std::vector<ClassSkill> skills = skills_of(images, d.categories.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    made.looked_at += images[i].given.size();
    Lister(d, to_index<ImageIndex>(i), images[i], skills, made.rows).list();
  }
}

}  // namespace vetset
