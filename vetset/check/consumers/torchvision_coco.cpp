// CocoDetection(root, annFile): an index by pycocotools, images by their path below one folder.
#include <algorithm>
#include <set>

#include "vetset/check/consumers/coco_document.h"
#include "vetset/check/consumers/torchvision.h"
#include "vetset/image/probe.h"

namespace vetset::torchvision_parts {
namespace {

using namespace coco_parts;

/// Folders that a person would try as the root, nearest to the document first.
std::set<std::string> roots_around(const Tree& tree) {
  std::set<std::string> folders{""};
  for (const std::string_view path : tree.list())
    for (std::string_view folder = folder_of(path); !folder.empty(); folder = folder_of(folder))
      if (!folders.emplace(folder).second) break;
  return folders;
}

/// The folder below which most of the images are, and how many.
std::string best_root(const Tree& tree, const Document& d) {
  std::set<std::string> tried = roots_around(tree);
  std::string_view beside = folder_of(d.path);
  tried.emplace(beside);
  std::string best(beside);
  std::size_t most = 0;
  for (const std::string& root : tried) {
    const auto here =
        static_cast<std::size_t>(std::count_if(d.images.begin(), d.images.end(), [&](const ImageRecord& i) {
          return i.named && tree.contains(join_path(root, i.file_name));
        }));
    if (here > most) most = here, best = root;
  }
  return best;
}

/// Why an image cannot be asked for at all; empty: it can.
std::string id_fault(const ImageRecord& image, const Key& id) {
  if (id.kind == Key::Kind::text) return "has a text for an id, whose letters are looked up: KeyError";
  if (id.kind != Key::Kind::number) return "has an id that is no whole number: TypeError";
  if (!image.named) return "has no 'file_name': KeyError";
  return {};
}

void view_document(const Tree& tree, const Document& d, const Pool& pool, ConsumerView& view) {
  view.images += d.images.size();
  view.objects += d.annotations.size();
  const std::string refused =
      d.refused.empty() && !sorts(d.image_of) ? "ids of images are numbers and texts, which it cannot sort" : d.refused;
  if (!refused.empty()) {
    view.effects.push_back(
        {.kind = Effect::Kind::refused, .file = d.path, .objects = d.annotations.size(), .what = refused});
    return;
  }
  const std::string root = best_root(tree, d);
  // An id is looked up after its image was: the last of equal ids may be shown under the image of an earlier one.
  std::vector<std::vector<std::size_t>> shown(d.images.size());
  Tally overwritten, no_image;
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    const AnnotationRecord& a = d.annotations[n];
    const auto image = d.image_of.find(a.image);
    const std::size_t last = d.annotation_of.at(a.id);
    if (image != d.image_of.end()) shown[image->second].push_back(last);
    if (last != n)
      overwritten.add(a.offset);
    else if (image == d.image_of.end())
      no_image.add(a.offset);
  }
  std::vector<std::string> faults(d.images.size());
  pool.for_each(d.images.size(), [&](std::size_t n) {
    const ImageRecord& image = d.images[n];
    const auto known = d.image_of.find(image.id);
    if (known->second != n) {
      faults[n] = "has an id that comes again: the last one holds";
      return;
    }
    faults[n] = id_fault(image, known->first);
    if (!faults[n].empty()) return;
    const std::string path = join_path(root, image.file_name);
    faults[n] = tree.contains(path) ? image_fault(probe_image(tree, path)) : image_fault({});
  });
  std::vector<bool> read(d.annotations.size());
  for (std::size_t n = 0; n < d.images.size(); ++n) {
    if (faults[n].empty()) {
      ++view.images_read;
      for (const std::size_t a : shown[n]) read[a] = true;
      if (shown[n].empty()) ++view.backgrounds;
      continue;
    }
    view.effects.push_back({.kind = Effect::Kind::image_dropped,
                            .file = d.images[n].file_name.empty() ? d.path : join_path(root, d.images[n].file_name),
                            .objects = shown[n].size(),
                            .what = faults[n]});
  }
  view.objects_read += static_cast<std::uint64_t>(std::count(read.begin(), read.end(), true));
  using Kind = Effect::Kind;
  overwritten.tell(tree, d, Kind::object_dropped,
                   many(overwritten.count(), "annotation") + " with an id that comes again: the last one replaces it",
                   view);
  no_image.tell(tree, d, Kind::object_dropped,
                many(no_image.count(), "annotation") + " of an image that is not listed: never looked at", view);
}

}  // namespace

Result<void> view_coco(const Tree& tree, const Pool& pool, const Progress& progress, ConsumerView& view) {
  VETSET_TRY(const std::vector<Document> documents, read_documents(tree, progress));
  for (const Document& document : documents) view_document(tree, document, pool, view);
  return {};
}

}  // namespace vetset::torchvision_parts
