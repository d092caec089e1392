// Ultralytics 8.4.190, object by object: what its loader reads, changes, and drops in silence.
#include <algorithm>

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
};

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
    if (v.read && v.label.as_segments && boxes)
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
