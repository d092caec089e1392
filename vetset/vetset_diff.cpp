// Diff: what two formats can say is held against each other, and the bytes of the images where both have them.
#include <algorithm>

#include "vetset/scan/scan.h"
#include "vetset/vetset.h"

namespace vetset {
namespace {

/// The task that a dataset looks written for, of those that its format knows: the declaration depends on it.
std::string shown_task(const Dataset& d, const Format& format) {
  bool keypoints = false, rotated = false, polygons = false, tags = !d.annotations.empty();
  for (const Annotation& a : d.annotations) {
    keypoints = keypoints || a.kind == Kind::keypoints;
    rotated = rotated || a.kind == Kind::rotated_box || a.kind == Kind::quad;
    polygons = polygons || a.kind == Kind::polygon;
    tags = tags && a.kind == Kind::tag;
  }
  const std::pair<bool, std::string_view> tasks[] = {
      {keypoints, "pose"}, {tags, "classify"}, {rotated, "obb"}, {polygons, "segment"}, {true, "detect"}};
  for (const auto& [fits, task] : tasks)
    if (fits && std::find(format.tasks.begin(), format.tasks.end(), task) != format.tasks.end())
      return std::string(task);
  return {};
}

std::span<const Carry> carries_of(const Source& source) {
  const Format& format = *source.format;
  if (format.carries_for == nullptr) return format.carries;
  return format.carries_for({.task = shown_task(source.dataset, format)});
}

}  // namespace

Result<Diff> diff(const Source& before, const Source& after, const DiffOptions& options) {
  VETSET_DO(check_field_words(options.only));
  VETSET_DO(check_field_words(options.ignore));
  if (!(options.tolerance >= 0)) return Error{Code::usage, "the tolerance is no number of pixels from 0 on"};
  DiffSettings settings{.only = options.only,
                        .ignore = options.ignore,
                        .tolerance = options.tolerance,
                        .format_before = std::string(before.format->id),
                        .format_after = std::string(after.format->id),
                        .pool = Pool(options.common.threads)};
  if (before.format != after.format) {
    settings.carries_before = carries_of(before);
    settings.carries_after = carries_of(after);
  }
  std::vector<Facts> facts_before, facts_after;
  const auto has_files = [](const Source& s) {
    return std::any_of(s.dataset.images.begin(), s.dataset.images.end(),
                       [](const Image& image) { return !image.media.empty(); });
  };
  if (options.images && has_files(before) && has_files(after)) {
    const ScanOptions digests{.digests = Digests::all, .headers = false, .tail = false};
    VETSET_TRY(facts_before, scan(before.dataset, before.media(), settings.pool, options.common.progress, digests));
    VETSET_TRY(facts_after, scan(after.dataset, after.media(), settings.pool, options.common.progress, digests));
    settings.facts_before = facts_before;
    settings.facts_after = facts_after;
  }
  return diff_datasets(before.dataset, after.dataset, settings);
}

}  // namespace vetset
