#include "vetset/vetset_report_pictures.h"

#include <algorithm>
#include <cmath>

#include "vetset/base/json.h"
#include "vetset/dataset/rotated.h"
#include "vetset/image/encode.h"
#include "vetset/scan/thumbs.h"

namespace vetset {
namespace {

constexpr std::uint32_t picture_width = 288, picture_height = 216;
constexpr int jpeg_quality = 76;
constexpr std::size_t most_a_rule = 8, most_others = 60, most_points = 80, a_side = 4, most_clusters = 40;

bool placed(const Annotation& a) { return a.box_origin == Origin::stated || a.box_origin == Origin::derived; }

std::vector<double> corners(const Box& box) {
  const Corners c = corners_of(box);
  return {c.begin(), c.end()};
}

/// The outlines of an annotation in the labels' pixels: its polygons, its corners, else its box.
std::vector<std::vector<double>> outlines_of(const Dataset& d, const Annotation& a, bool with_box) {
  std::vector<std::vector<double>> all;
  if (const auto turned = turned_corners(d, a)) return {{turned->begin(), turned->end()}};
  if (const Shape* shape = d.find_shape(a, ShapeKind::polygon); shape != nullptr)
    for (const Ring& ring : d.rings_of(*shape)) {
      const std::span<const double> points = d.coordinates_of(ring);
      const std::size_t count = points.size() / 2, step = count / most_points + 1;
      std::vector<double> outline;
      for (std::size_t k = 0; k < count; k += step) outline.insert(outline.end(), {points[2 * k], points[2 * k + 1]});
      if (count > 0) all.push_back(std::move(outline));
    }
  if (placed(a) && (all.empty() || with_box)) all.push_back(corners(a.box));
  return all;
}

std::string class_name(const Dataset& d, const Annotation& a) {
  return to_size(a.category) < d.categories.size() ? d[a.category].name : std::string();
}

/// Something without extent is drawn as a small square around where it is.
void make_visible(std::vector<double>& points) {
  constexpr double least = 6;
  const auto box = envelope(points);
  if (!box || box->width >= least || box->height >= least) return;
  const double x = box->x + box->width / 2, y = box->y + box->height / 2;
  points = corners({.x = x - least, .y = y - least, .width = 2 * least, .height = 2 * least});
}

std::vector<double> numbers_of(std::string_view json) {
  std::vector<double> numbers;
  JsonCursor c(json);
  for (c.enter_array(); c.next_element();) {
    if (c.type() == JsonType::number)
      numbers.push_back(c.read_number().value);
    else
      c.skip();
  }
  return numbers;
}

/// What a canonical row of an annotation draws: its box or its polygons; rows of fractions by the size of the image.
std::vector<std::vector<double>> outlines_of_row(std::string_view row, const Image& image) {
  const auto members = members_of(row);
  std::vector<std::vector<double>> all;
  if (const auto box = members.find("box"); box != members.end())
    if (const std::vector<double> n = numbers_of(box->second); n.size() == 4)
      all.push_back(corners({.x = n[0], .y = n[1], .width = n[2], .height = n[3]}));
  if (const auto authored = members.find("authored"); authored != members.end() && image.width != 0) {
    std::vector<double> n = numbers_of(authored->second);
    const double w = image.width, h = image.height;
    if (n.size() == 5) all.push_back(corners({(n[1] - n[3] / 2) * w, (n[2] - n[4] / 2) * h, n[3] * w, n[4] * h}));
    if (n.size() >= 7 && n.size() % 2 == 1) {
      std::vector<double> points(n.begin() + 1, n.end());
      for (std::size_t k = 0; k < points.size(); ++k) points[k] *= k % 2 == 0 ? w : h;
      all.push_back(std::move(points));
    }
  }
  if (const auto shapes = members.find("shapes"); shapes != members.end()) {
    JsonCursor c(shapes->second);
    for (c.enter_array(); c.next_element();) {
      const auto shape = members_of(c.skip());
      const auto rings = shape.find("rings");
      if (rings == shape.end()) continue;
      JsonCursor r(rings->second);
      for (r.enter_array(); r.next_element();) all.push_back(numbers_of(r.skip()));
    }
  }
  std::erase_if(all, [](const std::vector<double>& points) { return points.size() < 6; });
  return all;
}

std::string text_of_json(std::string_view json) {
  JsonCursor c(json);
  return c.type() == JsonType::string ? std::string(c.read_string()) : std::string();
}

}  // namespace

std::map<std::string, std::string> members_of(std::string_view json) {
  std::map<std::string, std::string> members;
  if (json.empty()) return members;
  JsonCursor c(json);
  for (c.enter_object(); c.next_member();) {
    std::string key(c.key());
    members[std::move(key)] = std::string(c.skip());
  }
  return members;
}

struct ReportPictures::Shot {
  std::size_t finding = 0, rank = 0;
  const Suspect* suspect = nullptr;
  std::vector<std::pair<ImageIndex, std::vector<AnnotationIndex>>> images = {};
  std::vector<ReportPicture> pictures = {};
};

ReportPictures::ReportPictures(const Source& source, const Suspects* suspects, const Pool& pool,
                               const Progress& progress)
    : source_(source),
      d_(source.dataset),
      pool_(pool),
      progress_(progress),
      annotations_(source.dataset.image_annotations()) {
  for (std::size_t i = 0; i < d_.images.size(); ++i) {
    const auto index = to_index<ImageIndex>(i);
    by_path_.try_emplace(d_.path(index), index);
    if (!d_[index].media.empty()) by_path_.try_emplace(d_.text(d_[index].media), index);
    const FileIndex file = d_[index].file;
    if (file == none<FileIndex>) continue;
    const std::string_view label = d_.path(file), extension = extension_of(label);
    if (extension == "txt" || extension == "xml") by_label_file_.try_emplace(label, index);
  }
  if (suspects != nullptr)
    for (const Suspect& one : suspects->rows)
      if (one.flagged) suspects_[{one.code, one.image, one.annotation}].push_back(&one);
}

const Suspect* ReportPictures::suspect_of(const Finding& finding) const {
  ImageIndex image = none<ImageIndex>;
  AnnotationIndex annotation = none<AnnotationIndex>;
  if (const auto* i = std::get_if<ImageIndex>(&finding.where)) image = *i;
  if (const auto* a = std::get_if<AnnotationIndex>(&finding.where)) annotation = *a, image = d_[*a].image;
  const auto found = suspects_.find({finding.code, image, annotation});
  if (found == suspects_.end()) return nullptr;
  for (const Suspect* one : found->second)  // an image may lack several objects
    if (one->score == finding.score) return one;
  return found->second.front();
}

std::optional<ImageIndex> ReportPictures::image_at(std::string_view path) const {
  if (const auto at = by_path_.find(path); at != by_path_.end()) return at->second;
  if (const auto at = by_label_file_.find(path); at != by_label_file_.end()) return at->second;
  return std::nullopt;
}

std::vector<std::pair<ImageIndex, std::vector<AnnotationIndex>>> ReportPictures::shown_by(
    const ReportedFinding& finding) const {
  const Where& where = finding.finding->where;
  std::vector<std::pair<ImageIndex, std::vector<AnnotationIndex>>> shown;
  const auto add = [&](ImageIndex image, std::vector<AnnotationIndex> about) {
    if (image != none<ImageIndex> && !d_[image].media.empty()) shown.emplace_back(image, std::move(about));
  };
  if (const auto* i = std::get_if<ImageIndex>(&where)) add(*i, {});
  if (const auto* pair = std::get_if<ImagePair>(&where)) add(pair->first, {}), add(pair->second, {});
  if (const auto* a = std::get_if<AnnotationIndex>(&where)) add(d_[*a].image, {*a});
  if (const auto* pair = std::get_if<AnnotationPair>(&where)) {
    if (d_[pair->first].image == d_[pair->second].image)
      add(d_[pair->second].image, {pair->second, pair->first});
    else
      add(d_[pair->first].image, {pair->first}), add(d_[pair->second].image, {pair->second});
  }
  if (const auto* place = std::get_if<Place>(&where))
    if (const auto image = image_at(place->file)) add(*image, {});
  return shown;
}

ReportPicture ReportPictures::drawn(ImageIndex image, const std::optional<Box>& around, double& left, double& top,
                                    double& across, double& down) const {
  ReportPicture picture{.path = std::string(d_.path(image))};
  const SmallPicture small =
      small_picture(d_, source_.media(), image, {.width = picture_width, .height = picture_height, .around = around});
  left = small.left, top = small.top, across = small.across, down = small.down;
  if (!small.decoded) return picture;
  auto jpeg = encode_jpeg(small.rgb, jpeg_quality);
  if (!jpeg) return picture;
  picture.jpeg = *std::move(jpeg);
  picture.width = small.rgb.width;
  picture.height = small.rgb.height;
  picture.part = small.part;
  return picture;
}

ReportPicture ReportPictures::picture(ImageIndex image, const std::vector<AnnotationIndex>& about, bool others,
                                      const Suspect* suspect) const {
  std::vector<double> hull;
  const bool proposes = suspect != nullptr && suspect->box.width > 0 && suspect->box.height > 0;
  if (proposes) hull = corners(suspect->box);
  for (const AnnotationIndex i : about)
    if (placed(d_[i])) {
      const std::vector<double> own = corners(d_[i].box);
      hull.insert(hull.end(), own.begin(), own.end());
    }
  double left = 0, top = 0, across = 0, down = 0;
  ReportPicture picture = drawn(image, envelope(hull), left, top, across, down);
  if (picture.jpeg.empty() || across == 0 || down == 0) return picture;
  const auto mark = [&](std::vector<double> points, PictureMark::Role role, std::string label) {
    for (std::size_t k = 0; k + 1 < points.size(); k += 2) {
      points[k] = (points[k] - left) * across;
      points[k + 1] = (points[k + 1] - top) * down;
    }
    if (role != PictureMark::Role::other) make_visible(points);
    const auto box = envelope(points);
    if (!box || box->x > picture.width || box->y > picture.height || box->x + box->width < 0 ||
        box->y + box->height < 0)
      return;
    picture.marks.push_back({.role = role, .label = std::move(label), .points = std::move(points)});
  };
  std::size_t shown = 0;
  if (others)
    for (const AnnotationIndex i : annotations_.of(image)) {
      if (std::find(about.begin(), about.end(), i) != about.end() || ++shown > most_others) continue;
      for (std::vector<double>& outline : outlines_of(d_, d_[i], false))
        mark(std::move(outline), PictureMark::Role::other, class_name(d_, d_[i]));
    }
  for (std::size_t k = about.size(); k-- > 0;)  // the first one last, so that it lies on top
    for (std::vector<double>& outline : outlines_of(d_, d_[about[k]], true))
      mark(std::move(outline), k == 0 ? PictureMark::Role::finding : PictureMark::Role::second,
           class_name(d_, d_[about[k]]));
  if (proposes && to_size(suspect->proposed) < d_.categories.size())
    mark(corners(suspect->box), PictureMark::Role::proposed, d_[suspect->proposed].name);
  return picture;
}

Result<std::vector<PicturedFinding>> ReportPictures::of_findings(const Reported& report, std::size_t bytes,
                                                                 std::size_t& left_out) const {
  // Of each rule those that are furthest off, then those that come first, an image once.
  std::map<std::string_view, std::vector<std::size_t>> by_rule;
  for (std::size_t n = 0; n < report.findings.size(); ++n) by_rule[report.findings[n].finding->code].push_back(n);
  std::vector<Shot> shots;
  for (auto& [code, findings] : by_rule) {
    std::stable_sort(findings.begin(), findings.end(), [&](std::size_t a, std::size_t b) {
      const Finding &x = *report.findings[a].finding, &y = *report.findings[b].finding;
      return std::pair(-static_cast<int>(x.severity), -x.score.value_or(0)) <
             std::pair(-static_cast<int>(y.severity), -y.score.value_or(0));
    });
    std::vector<ImageIndex> seen;
    std::size_t taken = 0;
    for (const std::size_t n : findings) {
      if (taken == most_a_rule) break;
      auto images = shown_by(report.findings[n]);
      if (images.empty() || std::find(seen.begin(), seen.end(), images.front().first) != seen.end()) continue;
      for (const auto& image : images) seen.push_back(image.first);
      shots.push_back({.finding = n,
                       .rank = taken++,
                       .suspect = suspect_of(*report.findings[n].finding),
                       .images = std::move(images)});
    }
  }
  std::stable_sort(shots.begin(), shots.end(), [&](const Shot& a, const Shot& b) {
    const auto key = [&](const Shot& s) {
      return std::pair(s.rank, -static_cast<int>(report.findings[s.finding].finding->severity));
    };
    return key(a) < key(b);
  });
  std::vector<PicturedFinding> chosen;
  const std::size_t batch = std::size_t{pool_.threads()} * 8;
  for (std::size_t begin = 0; begin < shots.size(); begin += batch) {
    if (progress_.stopped()) return Error{Code::cancelled, "stopped while drawing"};
    progress_.tell("drawing", begin, shots.size());
    const std::size_t count = std::min(batch, shots.size() - begin);
    pool_.for_each(count, [&](std::size_t k) {
      for (const auto& [image, about] : shots[begin + k].images)
        shots[begin + k].pictures.push_back(picture(image, about, true, shots[begin + k].suspect));
    });
    for (Shot& shot : std::span(shots).subspan(begin, count)) {
      std::size_t size = 0;
      for (const ReportPicture& one : shot.pictures) size += html_bytes(one) + 250;  // with its message
      if (size > bytes) {
        left_out += shots.size() - begin - static_cast<std::size_t>(&shot - &shots[begin]);
        begin = shots.size();
        break;
      }
      bytes -= size;
      chosen.push_back({.finding = shot.finding, .pictures = std::move(shot.pictures)});
    }
  }
  return chosen;
}

Result<std::vector<ReportCluster>> ReportPictures::of_clusters(const Sheet& sheet, std::size_t bytes, bool pictures,
                                                               std::size_t& left_out) const {
  std::vector<ReportCluster> clusters;
  for (const SheetCluster& shown : sheet.clusters) {
    if (clusters.size() == most_clusters) break;
    if (progress_.stopped()) return Error{Code::cancelled, "stopped while drawing"};
    progress_.tell("drawing", clusters.size(), sheet.clusters.size());
    ReportCluster cluster{.title = shown.title,
                          .evidence = shown.evidence,
                          .left = {},
                          .right = {},
                          .left_splits = shown.left_splits,
                          .right_splits = shown.right_splits,
                          .images = shown.left.size() + shown.right.size() + shown.more_left + shown.more_right,
                          .more_left = shown.more_left,
                          .more_right = shown.more_right,
                          .more_evidence = shown.more_evidence};
    std::vector<ImageIndex> images;
    const std::size_t left = std::min(shown.left.size(), a_side), right = std::min(shown.right.size(), a_side);
    cluster.more_left += shown.left.size() - left;
    cluster.more_right += shown.right.size() - right;
    images.insert(images.end(), shown.left.begin(), shown.left.begin() + static_cast<std::ptrdiff_t>(left));
    images.insert(images.end(), shown.right.begin(), shown.right.begin() + static_cast<std::ptrdiff_t>(right));
    std::vector<ReportPicture> drawn_ones(images.size());
    pool_.for_each(images.size(), [&](std::size_t k) {
      if (pictures)
        drawn_ones[k] = picture(images[k], {}, true);
      else
        drawn_ones[k].path = std::string(d_.path(images[k]));
    });
    std::size_t size = 0;
    for (const ReportPicture& one : drawn_ones) size += html_bytes(one);
    if (size > bytes) {
      left_out += drawn_ones.size();
      break;
    }
    bytes -= size;
    const auto middle = drawn_ones.begin() + static_cast<std::ptrdiff_t>(left);
    cluster.left.assign(std::make_move_iterator(drawn_ones.begin()), std::make_move_iterator(middle));
    cluster.right.assign(std::make_move_iterator(middle), std::make_move_iterator(drawn_ones.end()));
    clusters.push_back(std::move(cluster));
  }
  return clusters;
}

std::optional<ReportPicture> ReportPictures::of_edit(const Edit& edit) const {
  if (edit.owner != Owner::annotation) return std::nullopt;
  const auto members = members_of(edit.before);
  const auto sample = members.find("sample_id");
  if (sample == members.end()) return std::nullopt;
  const auto image = image_at(text_of_json(sample->second));
  if (!image || d_[*image].media.empty()) return std::nullopt;
  const auto before = outlines_of_row(edit.before, d_[*image]), after = outlines_of_row(edit.after, d_[*image]);
  if (before.empty() && after.empty()) return std::nullopt;
  std::vector<double> hull;
  for (const auto* all : {&before, &after})
    for (const auto& outline : *all) hull.insert(hull.end(), outline.begin(), outline.end());
  double left = 0, top = 0, across = 0, down = 0;
  ReportPicture picture = drawn(*image, envelope(hull), left, top, across, down);
  if (picture.jpeg.empty() || across == 0 || down == 0) return std::nullopt;
  for (const bool is_after : {false, true})
    for (std::vector<double> points : is_after ? after : before) {
      for (std::size_t k = 0; k + 1 < points.size(); k += 2) {
        points[k] = (points[k] - left) * across;
        points[k + 1] = (points[k + 1] - top) * down;
      }
      make_visible(points);
      picture.marks.push_back({.role = is_after ? PictureMark::Role::after : PictureMark::Role::before,
                               .label = is_after ? "after" : "before",
                               .points = std::move(points)});
    }
  return picture;
}

}  // namespace vetset
