// Pascal VOC: detection as the devkit (VOC2007 to VOC2012) has it, with what LabelImg, Roboflow, CVAT and Datumaro add.
// An object is a name and two corners; there is no place for ids, polygons, areas, crowds, scores, licences or
// keypoints.
#include "vetset/formats/voc/voc.h"

#include <algorithm>

namespace vetset {
namespace voc_parts {
namespace {

bool below_annotations(std::string_view path) {
  return path.starts_with("Annotations/") || path.find("/Annotations/") != std::string_view::npos;
}
bool is_litter(std::string_view path) {
  return base_name(path).starts_with('.') || path.starts_with("__MACOSX/") || path.starts_with(".");
}

/// The first tag of a file, and whether it is of this format: LabelMe's XML has the same root.
struct Sniff {
  std::string root;
  bool voc = false;
};
Sniff sniff(const Tree& tree, std::string_view path) {
  Sniff seen;
  const Result<Bytes> bytes = tree.read(path, {0, 4096});
  if (!bytes) return seen;
  const std::string_view text = *bytes;
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    if (at + 1 < text.size() && (text[at + 1] == '?' || text[at + 1] == '!')) continue;
    seen.root = text.substr(at + 1, std::min(text.find_first_of(" \t\r\n/>", at + 1), text.size()) - at - 1);
    break;
  }
  const auto has = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
  const bool labelme = has("<deleted>") || has("<pt>") || has("<imagesize>");
  seen.voc = seen.root == "annotation" && !labelme &&
             (has("<object>") || has("<size>") || has("<filename>") || has("<segmented>"));
  return seen;
}

}  // namespace

std::vector<std::string_view> xml_files(const Tree& tree) {
  std::vector<std::string_view> all, devkit;
  for (const std::string_view path : tree.list()) {
    if (!path.ends_with(".xml") || is_litter(path)) continue;
    (below_annotations(path) ? devkit : all).push_back(path);
  }
  if (!devkit.empty()) return devkit;
  std::erase_if(all, [&](std::string_view path) { return sniff(tree, path).root != "annotation"; });
  return all;
}

Detection detect_voc(const Tree& tree) {
  Detection seen;
  std::size_t files = 0;
  std::string_view first, list;
  bool devkit = false;
  for (const std::string_view path : tree.list()) {
    if (path.find("ImageSets/") != std::string_view::npos && list.empty() && path.ends_with(".txt")) list = path;
    if (!path.ends_with(".xml") || is_litter(path)) continue;
    const bool below = below_annotations(path);
    if (below && !devkit) first = {}, devkit = true, files = 0;
    if (below != devkit) continue;
    ++files;
    if (first.empty()) first = path;
  }
  const auto voc_first = [&]() -> bool {
    if (first.empty()) return false;
    if (sniff(tree, first).voc) return true;
    if (devkit) return false;
    // Loose XML files may be anything: a few more are looked at.
    int looked = 0;
    for (const std::string_view path : tree.list())
      if (path.ends_with(".xml") && !is_litter(path) && ++looked < 20 && sniff(tree, path).voc) return true;
    return false;
  };
  if (!voc_first()) return seen;
  seen.score = devkit ? 95 : 85;
  seen.dialect = devkit ? "devkit" : "flat";
  seen.evidence.push_back(std::to_string(files) + (files == 1 ? " XML file" : " XML files") +
                          (devkit ? " below 'Annotations'" : "") + ", first " + std::string(first) +
                          ", whose root is <annotation>");
  if (!list.empty()) seen.evidence.push_back("lists of images in " + std::string(folder_of(list)));
  return seen;
}

}  // namespace voc_parts

namespace {

constexpr std::string_view voc_dialects[] = {"zero-based", "one-based"};

}  // namespace

extern const Format voc;
const Format voc{
    .id = "voc",
    .title = "Pascal VOC",
    .judge = "torchvision VOCDetection",
    .tasks = {},
    .carries = voc_parts::voc_carries(),
    .choices = voc_parts::voc_choices(),
    .detect = voc_parts::detect_voc,
    .read = voc_parts::read_voc,
    .write = voc_parts::write_voc,
    .refuses = voc_parts::refuses_voc,
    .dialects = voc_dialects,
};

}  // namespace vetset
