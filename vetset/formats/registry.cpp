#include <algorithm>

#include "vetset/formats/format.h"
#include "vetset/image/probe.h"

namespace vetset {

#define VETSET_FORMAT(name) extern const Format name;
#include "vetset/formats/formats.def"
#undef VETSET_FORMAT

namespace {

constexpr const Format* all_formats[] = {
#define VETSET_FORMAT(name) &name,
#include "vetset/formats/formats.def"
#undef VETSET_FORMAT
};

std::string known_formats() {
  std::string names;
  for (const Format* f : all_formats) names += (names.empty() ? "" : ", ") + std::string(f->id);
  return names;
}

}  // namespace

std::span<const Format* const> formats() { return all_formats; }

const Format* find_format(std::string_view id) {
  for (const Format* f : all_formats)
    if (f->id == id) return f;
  return nullptr;
}

namespace {

bool has_images(const Tree& tree) {
  const auto all = tree.list();
  return std::any_of(all.begin(), all.end(), [](std::string_view path) { return has_image_extension(path); });
}

}  // namespace

Result<Detected> detect_format(const Tree& tree) {
  std::vector<Detected> found;
  for (const Format* f : all_formats)
    if (Detection seen = f->detect(tree); seen.score > 0) found.push_back({f, std::move(seen)});
  std::stable_sort(found.begin(), found.end(),
                   [](const Detected& a, const Detected& b) { return a.detection.score > b.detection.score; });
  if (found.empty())
    return Error{Code::not_found,
                 "found no dataset among " + std::to_string(tree.list().size()) +
                     (tree.list().size() == 1 ? " file" : " files") + "; expected one of: " + known_formats() +
                     (has_images(tree) ? "; --from imagefolder takes the images alone" : ""),
                 std::string(tree.name())};
  if (found.size() > 1 && found[0].detection.score == found[1].detection.score) {
    std::string both;
    for (const Detected& f : std::span(found).first(2))
      both += (both.empty() ? "" : ", and ") + std::string(f.format->id) + " (" +
              (f.detection.evidence.empty() ? std::string("its layout") : f.detection.evidence.front()) + ")";
    return Error{Code::usage, "could be " + both + ": say which with --from", std::string(tree.name())};
  }
  return std::move(found.front());
}

}  // namespace vetset
