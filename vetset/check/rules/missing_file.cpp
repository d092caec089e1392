#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "vetset/base/tree.h"
#include "vetset/base/unicode.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"
#include "vetset/image/probe.h"

namespace vetset {
namespace {

/// Files by how people read their names, to say what a missing one is most likely called now.
std::unordered_map<std::string, std::string_view> by_folded_name(Listing files) {
  std::unordered_map<std::string, std::string_view> names;
  for (const std::string_view path : files) names.emplace(fold(base_name(path)), path);
  return names;
}

void check_missing(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  std::unordered_map<std::string, std::string_view> names;  // made when the first file is missing
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    if (!d.images[i].media.empty()) continue;
    if (names.empty()) names = by_folded_name(evidence.files);
    const std::string_view path = d.text(d.images[i].path);
    const auto like = names.find(fold(base_name(path)));
    std::string message = "image " + quoted(path) + " is not there";
    if (like != names.end()) message += "; the nearest is " + quoted(like->second);
    report(to_index<ImageIndex>(i), std::move(message), "add the file, or drop its record");
  }
}

/// Images beside those of the dataset that no record names. Other folders may hold anything.
void check_orphans(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  std::unordered_set<std::string_view> named, folders;
  named.reserve(d.images.size());
  for (const Image& image : d.images) {
    if (image.media.empty()) continue;
    named.insert(d.text(image.media));
    folders.insert(folder_of(d.text(image.media)));
  }
  for (const std::string_view path : evidence.files)
    if (has_image_extension(path) && folders.contains(folder_of(path)) && !named.contains(path))
      report.with(Severity::note, EvidenceClass::proof, Place{.file = std::string(path)}, "no record names this image",
                  "label it, or move it out of the dataset");
}

void check_missing_file(const Evidence& evidence, const Report& report) {
  check_missing(evidence, report);
  check_orphans(evidence, report);
}

}  // namespace

extern const Rule missing_file{.code = "FMT404",
                               .name = "missing-file",
                               .title = "an image is named but not there, or there but not named",
                               .severity = Severity::warning,
                               .evidence = EvidenceClass::proof,
                               .needs = Needs::files,
                               .check = check_missing_file};

}  // namespace vetset
