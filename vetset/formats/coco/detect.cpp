// Which JSON files are COCO documents, told from their first bytes, and what their names say of splits.
#include <algorithm>
#include <array>

#include "vetset/formats/coco/coco.h"

namespace vetset {
namespace {

constexpr std::uint64_t head_bytes = 64 << 10;
constexpr std::uint64_t tail_bytes = 16 << 10;
constexpr std::size_t most_files = 64;

bool is_json(std::string_view path) {
  const std::string_view e = extension_of(path);
  return e.size() == 4 && (e[0] | 0x20) == 'j' && (e[1] | 0x20) == 's' && (e[2] | 0x20) == 'o' && (e[3] | 0x20) == 'n';
}

/// What the keys of a document's beginning tell. The text may end anywhere.
struct Seen {
  bool array = false;
  bool images = false, annotations = false, other_coco = false, segments = false, scores = false;
};

/// The keys of the first record of a list; stops where the text does.
void look_into_record(JsonCursor& in, std::string_view list, Seen& seen) {
  if (in.type() != JsonType::array) return;
  in.enter_array();
  if (!in.next_element() || in.type() != JsonType::object) return;
  bool image_id = false;
  for (in.enter_object(); in.next_member(); in.skip()) {
    const std::string_view key = in.key();
    image_id = image_id || key == "image_id";
    if (list == "images" && (key == "file_name" || key == "id" || key == "width")) seen.images = true;
    if (list == "annotations" && key == "segments_info") seen.segments = true;
    if (list == "annotations" && key == "image_id") seen.annotations = true;
    if (list.empty() && key == "score" && image_id) seen.scores = true;
  }
}

/// Whether a list is empty, or cut off before its first record says anything.
bool is_without_records(std::string_view list) {
  list.remove_prefix(std::min(list.find_first_not_of(" \t\r\n"), list.size()));
  return list.starts_with('[') &&
         (list.starts_with("[]") || list.find_first_not_of("[ \t\r\n{") == std::string_view::npos);
}

Seen look_at(std::string_view head) {
  Seen seen;
  JsonCursor in(head);
  if (in.type() == JsonType::array) {
    seen.array = true;
    look_into_record(in, {}, seen);
    return seen;
  }
  if (in.type() != JsonType::object) return seen;
  for (in.enter_object(); in.next_member();) {
    const std::string key(in.key());
    if (key == "images" || key == "annotations") {
      JsonCursor inside(head.substr(in.offset()));
      look_into_record(inside, key, seen);
      if (key == "images" && is_without_records(head.substr(in.offset()))) seen.other_coco = true;
    }
    if (key == "categories" || key == "licenses" || key == "info") seen.other_coco = true;
    in.skip();
  }
  return seen;
}

/// The words that tools put before and behind the name of a split.
constexpr std::array prefixes{"person_keypoints_", "instances_",  "keypoints_", "captions_",    "stuff_",
                              "labels_",           "image_info_", "panoptic_",  "annotations_", "coco_"};
constexpr std::array suffixes{"_annotations.coco", "_annotations", "_instances", "_keypoints",
                              "_captions",         "_coco",        ".coco"};
constexpr std::array nameless{
    "annotations", "annotation", "instances", "labels",    "coco", "result",           "results", "data",
    "dataset",     "captions",   "stuff",     "keypoints", "gt",   "person_keypoints", "",        "_annotations.coco",
    "_annotations"};

bool is_one_of(std::string_view word, std::span<const char* const> words) {
  return std::any_of(words.begin(), words.end(), [word](const char* w) { return word == w; });
}

}  // namespace

bool is_coco_litter(std::string_view path) {
  if (path.starts_with("__MACOSX/") || path.find("/__MACOSX/") != std::string_view::npos) return true;
  return path.starts_with('.') || path.find("/.") != std::string_view::npos;
}

CocoSniff sniff_coco(const Tree& tree, std::string_view path) {
  if (!is_json(path) || is_coco_litter(path)) return {};
  const auto head = tree.read(path, {.offset = 0, .size = head_bytes});
  if (!head) return {};
  std::string_view text = head->text();
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const Seen seen = look_at(text);
  const std::string name(path);
  if (seen.scores) return {CocoDocument::results, 0, name + " is a list of results"};
  if (const auto whole = canonical_json(text.substr(0, 64)); seen.array && whole && *whole == "[]")
    return {CocoDocument::results, 0, name + " is an empty list"};
  if (seen.segments) return {CocoDocument::panoptic, 0, name + " holds panoptic segments"};
  if (seen.images && seen.annotations) return {CocoDocument::dataset, 90, name + " has images and annotations"};
  if (seen.images && seen.other_coco) return {CocoDocument::dataset, 80, name + " has images and categories"};
  if (seen.images || seen.annotations)
    return {CocoDocument::dataset, 70,
            name + (seen.images ? " has images with file_name" : " has annotations with image_id")};
  if (!seen.other_coco || seen.array) return {};
  if (text.find("\"images\"") != std::string_view::npos && head->size() < head_bytes)
    return {CocoDocument::dataset, 40, name + " has the keys of a COCO document"};
  const auto size = tree.size(path);
  if (!size || *size <= head_bytes) return {};
  const auto tail = tree.read(path, {.offset = *size - tail_bytes, .size = tail_bytes});
  if (!tail) return {};
  if (tail->text().find("\"segments_info\"") != std::string_view::npos)
    return {CocoDocument::panoptic, 0, name + " holds panoptic segments"};
  for (const std::string_view key : {"\"image_id\"", "\"file_name\""})
    if (tail->text().find(key) != std::string_view::npos)
      return {CocoDocument::dataset, 60, name + " ends in records with " + std::string(key)};
  return {};
}

Detection detect_coco(const Tree& tree) {
  Detection found;
  std::size_t looked = 0;
  for (const std::string_view path : tree.list()) {
    if (!is_json(path) || is_coco_litter(path)) continue;
    if (++looked > most_files) break;
    CocoSniff sniff = sniff_coco(tree, path);
    if (sniff.kind != CocoDocument::dataset) continue;
    if (path.ends_with("_annotations.coco.json")) {
      found.dialect = "roboflow";
      sniff.score = std::max(sniff.score, 95);
    } else if (found.dialect.empty()) {
      const std::string_view folder = folder_of(path);
      const std::string above(base_name(folder) == "annotations" ? folder_of(folder) : folder);
      const std::string images = join_path(above, coco_split_of(path).name);
      found.dialect = !coco_split_of(path).name.empty() && tree.has_folder(images) ? "mmdetection" : "plain";
    }
    found.score = std::max(found.score, sniff.score);
    if (found.evidence.size() < 4) found.evidence.push_back(std::move(sniff.evidence));
  }
  return found;
}

SplitRole coco_role_of(std::string_view name) {
  if (name.empty()) return SplitRole::unspecified;
  const SplitRole whole = split_role(name);
  if (whole != SplitRole::other) return whole;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto end = std::find_if_not(name.begin(), name.end(), letter);
  const SplitRole word = split_role(std::string_view(name.begin(), end));
  return word == SplitRole::unspecified ? SplitRole::other : word;
}

CocoSplitName coco_split_of(std::string_view document) {
  std::string_view name = stem_of(document);
  for (const std::string_view prefix : prefixes)
    if (name.starts_with(prefix) && name.size() > prefix.size()) {
      name.remove_prefix(prefix.size());
      return {std::string(name), coco_role_of(name), SplitOrigin::file};
    }
  for (const std::string_view suffix : suffixes)
    if (name.ends_with(suffix)) {
      name.remove_suffix(suffix.size());
      break;
    }
  if (!is_one_of(name, nameless)) return {std::string(name), coco_role_of(name), SplitOrigin::file};
  const std::string_view folder = base_name(folder_of(document));
  if (is_one_of(folder, nameless) || folder == "json" || folder == "images") return {};
  const SplitRole role = coco_role_of(folder);
  if (!document.ends_with("_annotations.coco.json") && role == SplitRole::other) return {};
  return {std::string(folder), role, SplitOrigin::folder};
}

}  // namespace vetset
