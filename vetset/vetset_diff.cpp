// Diff: what two formats can say is held against each other, and the bytes of the images where both have them.
#include <algorithm>
#include <unordered_map>

#include "vetset/scan/scan.h"
#include "vetset/vetset_files.h"

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

/// Sizes of images by the name of the file, where all images of that name have one.
class SizesByName {
 public:
  explicit SizesByName(const Dataset& d) {
    for (std::size_t i = 0; i < d.images.size(); ++i) {
      const Image& image = d.images[i];
      if (image.width == 0 || image.height == 0) continue;
      const std::pair size{image.width, image.height};
      const auto [at, fresh] = sizes_.emplace(base_name(d.path(to_index<ImageIndex>(i))), size);
      if (!fresh && at->second != size) at->second = {0, 0};
    }
  }
  std::optional<std::pair<std::uint32_t, std::uint32_t>> operator()(std::string_view path) const {
    const auto found = sizes_.find(base_name(path));
    if (found == sizes_.end() || found->second.first == 0) return std::nullopt;
    return found->second;
  }

 private:
  std::unordered_map<std::string_view, std::pair<std::uint32_t, std::uint32_t>> sizes_;
};

bool has_unplaced(const Dataset& d) {
  return std::any_of(d.annotations.begin(), d.annotations.end(),
                     [](const Annotation& a) { return a.box_origin == Origin::unplaced; });
}

}  // namespace

Result<std::optional<Dataset>> placed_by(const Source& other, const Source& source, const Common& common) {
  if (!source.steps.empty() || !has_unplaced(source.dataset)) return std::optional<Dataset>();
  const SizesByName sizes(other.dataset);
  const auto known = [&](std::string_view path) -> std::optional<std::pair<std::uint32_t, std::uint32_t>> {
    return sizes(path);
  };
  auto again = source.format->read(*source.tree, {.only = source.only,
                                                  .images = source.images.get(),
                                                  .limits = common.limits,
                                                  .pool = Pool(common.threads),
                                                  .progress = common.progress,
                                                  .known_size = known});
  if (!again) return again.error();
  Dataset& d = again->dataset;
  if (d.format != source.dataset.format || d.images.size() != source.dataset.images.size() ||
      d.annotations.size() != source.dataset.annotations.size())
    return std::optional<Dataset>();
  return std::optional<Dataset>(std::move(d));
}

Result<Diff> diff(const Source& before, const Source& after, const DiffOptions& options) {
  VETSET_DO(check_field_words(options.only));
  VETSET_DO(check_field_words(options.ignore));
  if (!(options.tolerance >= 0)) return Error{Code::usage, "the tolerance is no number of pixels from 0 on"};
  for (const Source* side : {&before, &after})
    if (side->format == nullptr)
      return Error{Code::usage, "is made of several formats and has none yet: convert it to one, then compare",
                   std::string(side->tree->name())};
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
  VETSET_TRY(const std::optional<Dataset> placed_before, placed_by(after, before, options.common));
  VETSET_TRY(const std::optional<Dataset> placed_after, placed_by(before, after, options.common));
  return diff_datasets(placed_before ? *placed_before : before.dataset, placed_after ? *placed_after : after.dataset,
                       settings);
}

}  // namespace vetset
