// torchvision 0.14.1: CocoDetection, VOCDetection and ImageFolder.
#include "vetset/check/consumers/torchvision.h"

namespace vetset {
namespace torchvision_parts {

std::string image_fault(const Facts& facts) {
  switch (facts.status) {
    case Facts::Status::absent: return "is not here: FileNotFoundError";
    case Facts::Status::unreadable:
    case Facts::Status::not_image:
    case Facts::Status::broken:
    case Facts::Status::truncated: return facts.reason + ": an error when it is loaded";
    case Facts::Status::ok: break;
  }
  if (facts.type == ImageType::avif || facts.type == ImageType::heic)
    return "is " + std::string(name(facts.type)) + ", which Pillow does not open by itself";
  return {};
}

}  // namespace torchvision_parts

namespace {

using namespace torchvision_parts;

bool takes_torchvision(std::string_view format) {
  return format == "coco" || format == "voc" || format == "imagefolder";
}

bool has_path(const Tree& tree, bool (*wanted)(std::string_view)) {
  for (const std::string_view path : tree.list())
    if (wanted(path)) return true;
  return false;
}

/// Which class a person would take for this tree.
Result<ConsumerView> view_torchvision(const Tree& tree, const Pool& pool, const Progress& progress) {
  ConsumerView view{.consumer = "torchvision 0.14.1"};
  if (has_path(tree, [](std::string_view path) { return path.ends_with(".json"); })) {
    view.task = "CocoDetection";
    VETSET_DO(view_coco(tree, pool, progress, view));
  } else if (has_path(tree, [](std::string_view path) { return path.ends_with(".xml"); })) {
    view.task = "VOCDetection";
    VETSET_DO(view_voc(tree, pool, progress, view));
  } else {
    view.task = "ImageFolder";
    VETSET_DO(view_folders(tree, pool, progress, view));
  }
  if (progress.stopped()) return Error{Code::cancelled, "was stopped while images were looked at"};
  return view;
}

}  // namespace

extern const Consumer torchvision;
const Consumer torchvision{
    .id = "torchvision", .release = "0.14.1", .takes = takes_torchvision, .view = view_torchvision};

}  // namespace vetset
