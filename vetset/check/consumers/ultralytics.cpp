// Ultralytics 8.4.190, object by object: what its loader reads, changes, and drops in silence.
#include <algorithm>

#include "vetset/base/number.h"
#include "vetset/check/consumers/ultralytics.h"
#include "vetset/image/probe.h"

namespace vetset {
namespace {

using ultralytics_parts::LabelView;
using ultralytics_parts::Setup;

bool takes_ultralytics(std::string_view format) { return format == "yolo"; }

/// Why the loader leaves an image out before it looks at its labels; empty: it does not.
std::string image_fault(const Facts& facts) {
  switch (facts.status) {
    case Facts::Status::absent: return "the image is not here";
    case Facts::Status::unreadable:
    case Facts::Status::not_image:
    case Facts::Status::broken:
    case Facts::Status::truncated: return "the image " + facts.reason;
    case Facts::Status::ok: break;
  }
  if (facts.type == ImageType::gif || facts.type == ImageType::pnm || facts.type == ImageType::ico)
    return "the image is a " + std::string(name(facts.type)) + ", which it does not take";
  if (facts.width < 10 || facts.height < 10)
    return "the image is " + std::to_string(facts.width) + "x" + std::to_string(facts.height) +
           ", and fewer than 10 pixels are an error";
  return {};
}

struct ImageView {
  LabelView label;
  std::string label_path;
  bool read = false, rewritten = false;
  bool turned = false, other = false;  // rows of nine numbers: a box that is turned, no box at all
  std::uint64_t skewed = 0;            // quads that are no rectangles, and how far they are from one
  double farthest = 0;
};

/// What rows of nine numbers are, and what becomes of them as oriented boxes: the smallest rectangles around them.
void look_at_corners(ImageView& v, const Facts& facts) {
  constexpr double visible = 1;  // pixel
  for (Corners corners : v.label.corners) {
    const CornerForm form = corner_form(corners);
    v.turned = v.turned || form == CornerForm::turned;
    v.other = v.other || form == CornerForm::other;
    for (std::size_t i = 0; i < corners.size(); ++i)
      corners[i] *= i % 2 == 0 ? facts.shown_width() : facts.shown_height();
    const double off = skew(corners);
    if (!(off > visible)) continue;
    ++v.skewed;
    v.farthest = std::max(v.farthest, off);
  }
  v.label.corners = {};
}

ImageView view_image(const Tree& tree, const Setup& setup, const std::string& image) {
  ImageView v;
  v.label_path = ultralytics_parts::label_of(image);
  if (tree.contains(v.label_path)) {
    if (const Result<Bytes> bytes = tree.read(v.label_path))
      v.label = read_label(*bytes, setup);
    else
      v.label.dropped = "the label file cannot be read: " + bytes.error().message;
  }
  const Facts facts = probe_image(tree, image);
  if (std::string fault = image_fault(facts); !fault.empty()) {
    v.label.dropped = std::move(fault);
    v.label.line = 0;
    v.label_path = image;
  } else {
    v.rewritten = facts.type == ImageType::jpeg && facts.trailing_bytes > 0;  // before it looks at the labels
  }
  v.read = v.label.dropped.empty();
  const bool all_nine = !v.label.corners.empty();
  look_at_corners(v, facts);
  v.other = v.other || (v.label.objects > 0 && !all_nine);
  return v;
}

void add_effects(const std::string& image, const ImageView& v, ConsumerView& view) {
  const std::uint64_t objects = v.label.objects;
  if (!v.read)
    view.effects.push_back({.kind = Effect::Kind::image_dropped,
                            .file = v.label_path,
                            .line = v.label.line,
                            .objects = objects,
                            .what = v.label.dropped + ": the whole image is dropped"});
  else if (v.label.read < objects)
    view.effects.push_back({.kind = Effect::Kind::object_dropped,
                            .file = v.label_path,
                            .objects = objects - v.label.read,
                            .what = std::to_string(objects - v.label.read) + " of " + std::to_string(objects) +
                                    " rows say what another says: dropped"});
  if (v.rewritten)
    view.effects.push_back(
        {.kind = Effect::Kind::file_rewritten,
         .file = image,
         .what = "does not end with its end-of-image marker: the loader saves it anew in its place"});
}

/// Whether it would be trained on oriented boxes: data.yaml says so, or says nothing and every row is one.
bool is_oriented(const Setup& setup, const std::vector<ImageView>& views) {
  if (!setup.task.empty() || setup.points > 0) return setup.task == "obb";
  const auto is_turned = [](const ImageView& v) { return v.turned; };
  const auto is_other = [](const ImageView& v) { return v.other; };
  return std::any_of(views.begin(), views.end(), is_turned) && std::none_of(views.begin(), views.end(), is_other);
}

std::string pixels(double distance) {
  std::string text;
  append_fixed(text, distance, 1);
  return text;
}

Result<ConsumerView> view_ultralytics(const Tree& tree, const Pool& pool, const Progress& progress) {
  ConsumerView view{.consumer = "Ultralytics 8.4.190", .task = "detect"};
  VETSET_TRY(Setup setup, ultralytics_parts::read_setup(tree));
  view.refused = setup.refused;
  view.effects = setup.effects;
  std::vector<ImageView> views(setup.images.size());
  progress.tell("asking Ultralytics' rules", 0, views.size());
  pool.for_ranges(views.size(), 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end && !progress.stopped(); ++i)
      views[i] = view_image(tree, setup, setup.images[i]);
  });
  if (progress.stopped()) return Error{Code::cancelled, "was stopped while labels were looked at"};
  bool boxes = false, outlines = false;
  for (const ImageView& v : views) {
    if (v.read) boxes = boxes || v.label.has_boxes, outlines = outlines || v.label.as_segments;
  }
  view.task = setup.points > 0 ? "pose" : outlines && !boxes ? "segment" : "detect";
  const bool oriented = is_oriented(setup, views);
  if (oriented) view.task = "obb";
  if (oriented && boxes && view.refused.empty())
    view.refused = "some rows are boxes of five numbers, and oriented boxes have nine";
  for (std::size_t i = 0; i < views.size(); ++i) {
    const ImageView& v = views[i];
    ++view.images;
    view.objects += v.label.objects;
    if (v.read) {
      ++view.images_read;
      view.objects_read += v.label.read;
      if (v.label.read == 0) ++view.backgrounds;
    }
    add_effects(setup.images[i], v, view);
    if (v.read && oriented && v.skewed > 0)
      view.effects.push_back({.kind = Effect::Kind::object_changed,
                              .file = v.label_path,
                              .objects = v.skewed,
                              .what = std::to_string(v.skewed) +
                                      (v.skewed == 1 ? " row is no rectangle" : " rows are no rectangles") +
                                      ": learned as the smallest one around, up to " + pixels(v.farthest) + " px off"});
    if (v.read && v.label.as_segments && boxes && !oriented)
      view.effects.push_back(
          {.kind = Effect::Kind::object_changed,
           .file = v.label_path,
           .objects = v.label.read,
           .what = std::to_string(v.label.read) + " outlines become the boxes around them, as other files have boxes"});
  }
  return view;
}

}  // namespace

extern const Consumer ultralytics;
const Consumer ultralytics{
    .id = "ultralytics", .release = "8.4.190", .takes = takes_ultralytics, .view = view_ultralytics};

}  // namespace vetset
