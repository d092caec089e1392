// pycocotools 2.0.11: what COCO() indexes, and what an evaluation then makes of it.
#include "vetset/check/consumers/coco_document.h"

namespace vetset {
namespace {

using namespace coco_parts;

bool takes_pycocotools(std::string_view format) { return format == "coco"; }

std::string evaluation_fault(const Document& d) {
  if (!sorts(d.image_of)) return "ids of images are numbers and texts: an evaluation cannot sort them";
  if (!sorts(d.category_of)) return "ids of categories are numbers and texts: an evaluation cannot sort them";
  if (d.categories.empty()) return "there are no categories, so an evaluation looks at nothing";
  return {};
}

void view_document(const Tree& tree, const Document& d, ConsumerView& view) {
  view.images += d.images.size();
  view.objects += d.annotations.size();
  const std::string refused = d.refused.empty() ? evaluation_fault(d) : d.refused;
  if (!refused.empty()) {
    view.effects.push_back(
        {.kind = Effect::Kind::refused, .file = d.path, .objects = d.annotations.size(), .what = refused});
    return;
  }
  view.images_read += d.image_of.size();
  std::uint64_t repeated_images = d.images.size() - d.image_of.size();
  if (repeated_images > 0)
    view.effects.push_back(
        {.kind = Effect::Kind::image_dropped,
         .file = d.path,
         .what = many(repeated_images, "image") + " with an id that comes again: the last one holds"});
  Tally overwritten, no_image, no_category, no_area, no_crowd, zero, no_mask;
  bool masks = false;
  for (const AnnotationRecord& a : d.annotations) masks = masks || a.segmentation == Segmentation::usual;
  std::vector<bool> labelled(d.images.size());
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    const AnnotationRecord& a = d.annotations[n];
    const auto image = d.image_of.find(a.image);
    if (d.annotation_of.at(a.id) != n) {
      overwritten.add(a.offset);
      continue;
    }
    if (image == d.image_of.end()) {
      no_image.add(a.offset);
      continue;
    }
    if (!d.category_of.contains(a.category)) {
      no_category.add(a.offset);
      continue;
    }
    ++view.objects_read;
    labelled[image->second] = true;
    if (!a.area) no_area.add(a.offset);
    if (!a.crowd) no_crowd.add(a.offset);
    if (a.id.value == "0" && a.id.kind != Key::Kind::text) zero.add(a.offset);
    if (masks && a.segmentation != Segmentation::usual) no_mask.add(a.offset);
  }
  for (const auto& [key, at] : d.image_of)
    if (!labelled[at]) ++view.backgrounds;
  using Kind = Effect::Kind;
  overwritten.tell(tree, d, Kind::object_dropped,
                   many(overwritten.count(), "annotation") + " with an id that comes again: the last one replaces it",
                   view);
  no_image.tell(tree, d, Kind::object_dropped,
                many(no_image.count(), "annotation") + " of an image that is not listed: never looked at", view);
  no_category.tell(tree, d, Kind::object_dropped,
                   many(no_category.count(), "annotation") + " of a category that is not listed: never looked at",
                   view);
  no_area.tell(tree, d, Kind::refused,
               many(no_area.count(), "annotation") + " without 'area': an evaluation stops with KeyError", view);
  no_crowd.tell(tree, d, Kind::refused,
                many(no_crowd.count(), "annotation") + " without 'iscrowd': an evaluation stops with KeyError", view);
  no_mask.tell(tree, d, Kind::refused,
               many(no_mask.count(), "annotation") + " without an outline or mask: an evaluation of masks stops", view);
  zero.tell(tree, d, Kind::object_changed, "annotation id 0: a detection that matches it counts as no match", view);
}

Result<ConsumerView> view_pycocotools(const Tree& tree, const Pool&, const Progress& progress) {
  ConsumerView view{.consumer = "pycocotools 2.0.11", .task = "evaluate"};
  VETSET_TRY(const std::vector<Document> documents, read_documents(tree, progress));
  for (const Document& document : documents) view_document(tree, document, view);
  if (documents.size() == 1 && view.effects.size() == 1 && view.effects[0].kind == Effect::Kind::refused &&
      view.images_read == 0) {
    view.refused = view.effects[0].file + ": " + view.effects[0].what;
    view.effects.clear();
  }
  return view;
}

}  // namespace

extern const Consumer pycocotools;
const Consumer pycocotools{
    .id = "pycocotools", .release = "2.0.11", .takes = takes_pycocotools, .view = view_pycocotools};

}  // namespace vetset
