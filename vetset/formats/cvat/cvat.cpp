// CVAT's XML 1.1, "CVAT for images": task, job and project exports, with images or without; tracks of "CVAT for video"
// are read too. https://docs.cvat.ai/docs/manual/advanced/xml_format/
#include "vetset/formats/cvat/cvat.h"

#include <algorithm>

namespace vetset {
namespace cvat_parts {
namespace {

/// Whether the first tag of a file is <annotations> with what CVAT has in it.
bool is_document(const Tree& tree, std::string_view path) {
  const Result<Bytes> bytes = tree.read(path, {0, 4096});
  if (!bytes) return false;
  const std::string_view text = *bytes;
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    if (at + 1 < text.size() && (text[at + 1] == '?' || text[at + 1] == '!')) continue;
    constexpr std::string_view root = "<annotations";
    const std::string_view rest = text.substr(at);
    if (!rest.starts_with(root) || rest.size() == root.size()) return false;
    const char next = rest[root.size()];
    if (next != '>' && next != ' ' && next != '/' && next != '\n' && next != '\r' && next != '\t') return false;
    const auto has = [&](std::string_view word) { return rest.find(word) != std::string_view::npos; };
    return has("<version>1.1") || has("<meta>") || has("<image ") || has("<track ");
  }
  return false;
}

bool is_litter(std::string_view path) { return path.starts_with('.') || path.starts_with("__MACOSX/"); }

}  // namespace

std::vector<std::string_view> documents_of(const Tree& tree) {
  std::vector<std::string_view> found;
  for (const std::string_view path : tree.list())
    if (path.ends_with(".xml") && !is_litter(path) && is_document(tree, path)) found.push_back(path);
  return found;
}

Detection detect_cvat(const Tree& tree) {
  Detection seen;
  std::size_t looked = 0;
  for (const std::string_view path : tree.list()) {
    if (!path.ends_with(".xml") || is_litter(path)) continue;
    if (++looked > 20) break;
    if (!is_document(tree, path)) continue;
    seen.score = 95;
    seen.dialect = "images";
    seen.evidence.push_back(std::string(path) + " has the root <annotations>, as CVAT writes it");
    break;
  }
  return seen;
}

}  // namespace cvat_parts

extern const Format cvat;
const Format cvat{
    .id = "cvat",
    .title = "CVAT",
    .judge = "an independent reader",
    .tasks = {},
    .carries = cvat_parts::cvat_carries(),
    .choices = cvat_parts::cvat_choices(),
    .detect = cvat_parts::detect_cvat,
    .read = cvat_parts::read_cvat,
    .write = cvat_parts::write_cvat,
    .refuses = cvat_parts::refuses_cvat,
    .carries_for = cvat_parts::cvat_carries_for,
};

}  // namespace vetset
