// Opening: which tree a path is, which format it holds, and the reading of it.
#include <sys/stat.h>

#include <algorithm>

#include "vetset/base/tree_shards.h"
#include "vetset/formats/vetset/vetset.h"
#include "vetset/vetset_files.h"

namespace vetset {
namespace {

/// A path as a tree, and the one annotation file that was meant, where one was.
struct Located {
  std::unique_ptr<Tree> tree;
  std::string only;
};

bool is_regular_file(const std::string& path) {
  struct stat seen{};
  return stat(path.c_str(), &seen) == 0 && S_ISREG(seen.st_mode);
}

bool is_yaml(std::string_view path) { return path.ends_with(".yaml") || path.ends_with(".yml"); }

/// Annotation files lie beside their images, or in a folder "annotations" beside them.
unsigned levels_above(std::string_view path) {
  const std::string_view folder = base_name(folder_of(path));
  return folder == "annotations" || folder == "Annotations" ? 1 : 0;
}

Result<Located> locate(const std::string& path, const Limits& limits) {
  Located place;
  if (is_regular_file(path) && path.ends_with(".json")) {
    VETSET_TRY(place.tree, open_file(path, levels_above(path)));
    place.only = place.tree->list().front();
    return place;
  }
  if (is_regular_file(path) && is_yaml(path)) {
    const std::string folder(folder_of(path));
    VETSET_TRY(place.tree,
               open_folder(folder.empty() ? (path.starts_with('/') ? "/" : ".") : folder, {.limits = limits}));
    place.only = base_name(path);
    return place;
  }
  if (is_regular_file(path) && (path.ends_with(".xml") || path.ends_with(".csv"))) {
    const std::string_view folder = folder_of(path);
    const bool above = levels_above(path) > 0 || base_name(folder) == "data";  // images lie beside that folder
    std::string_view root = above ? folder_of(folder) : folder;
    place.only = root.empty() && !path.starts_with('/') ? path : path.substr(root.size() + 1);
    if (root.empty()) root = path.starts_with('/') ? "/" : ".";
    VETSET_TRY(place.tree, open_folder(std::string(root), {.limits = limits}));
    return place;
  }
  VETSET_TRY(place.tree, open_tree(path, {.limits = limits}));
  return place;
}

template <class List, class Name>
std::string listed(const List& list, const Name& name) {
  std::string names;
  for (const auto& one : list) names += (names.empty() ? "" : ", ") + std::string(name(one));
  return names;
}

/// The format that the name of the one file tells: its folder may hold a dataset of another. Empty where it tells none.
std::string told_by(std::string_view only) {
  return only.ends_with(".csv") ? "csv" : only.ends_with(".xml") ? "voc" : "";
}

/// The format named by "yolo" or "yolo:obb", or the one that the tree looks like.
struct Chosen {
  Detected detected;
  std::string dialect;
};
Result<Chosen> chosen_format(const Tree& tree, const std::string& from) {
  if (from.empty()) {
    VETSET_TRY(Detected detected, detect_format(tree));
    return Chosen{std::move(detected), {}};
  }
  const std::size_t colon = std::min(from.find(':'), from.size());
  const Format* const format = find_format(std::string_view(from).substr(0, colon));
  if (format == nullptr)
    return Error{Code::usage, "no format is called '" + from.substr(0, colon) +
                                  "'; known are: " + listed(formats(), [](const Format* f) { return f->id; })};
  std::string dialect = colon < from.size() ? from.substr(colon + 1) : std::string();
  const auto& known = format->dialects;
  if (colon < from.size() && std::find(known.begin(), known.end(), dialect) == known.end())
    return Error{Code::usage, std::string(format->id) + " has no dialect '" + dialect + "', expected " +
                                  (known.empty() ? "none" : listed(known, [](std::string_view d) { return d; }))};
  return Chosen{{format, format->detect(tree)}, std::move(dialect)};
}

/// The images of a package, in shards or not, under the paths that they had in what was packed: so every writer gives
/// them their places again.
Result<void> call_images_as_packed(Source& source, const Limits& limits) {
  VETSET_TRY(const std::vector<MediaPlace> places, read_package_media(*source.tree));
  if (ShardedTree::has_shards(*source.tree))
    source.tree = std::make_unique<ShardedTree>(std::move(source.tree), TreeOptions{.limits = limits});
  std::vector<RenamedTree::Name> names;
  Dataset& d = source.dataset;
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    const MediaPlace& place = places[i];
    if (d.images[i].media.empty() || place.source.empty() || path_problem(place.source)) continue;
    names.push_back({.path = place.source, .real = place.path});
    d.images[i].media = d.add_text(place.source);
  }
  source.tree = std::make_unique<RenamedTree>(std::move(source.tree), std::move(names));
  return {};
}

/// The source of a place that was located; its format is still to be told, and read.
Result<Source> source_at(Located place, const OpenOptions& options) {
  Source source;
  source.tree = std::move(place.tree);
  source.only = std::move(place.only);
  if (!options.images_dir.empty()) {
    VETSET_TRY(source.images, open_folder(options.images_dir, {.limits = options.common.limits}));
  }
  return source;
}

Result<void> read_as(Chosen found, const OpenOptions& options, Source& source) {
  source.format = found.detected.format;
  source.detection = std::move(found.detected.detection);

  VETSET_TRY(Reading reading, source.format->read(*source.tree, {.only = source.only,
                                                                 .dialect = std::move(found.dialect),
                                                                 .images = source.images.get(),
                                                                 .limits = options.common.limits,
                                                                 .pool = Pool(options.common.threads),
                                                                 .progress = options.common.progress,
                                                                 .probe_images = options.probe_images}));
  for (const TreeProblem& problem : source.tree->problems())
    reading.findings.add({.code = "FMT417",
                          .severity = Severity::warning,
                          .where = Place{.file = problem.path},
                          .message = problem.what,
                          .fix = "leave it out, or put the file itself there"});
  source.finding_counts = reading.findings.counts();
  source.findings = std::move(reading.findings).take();
  source.notes = std::move(reading.notes);
  source.dataset = std::move(reading.dataset);
  if (source.format->id == "vetset" && !source.images) VETSET_DO(call_images_as_packed(source, options.common.limits));
  return {};
}

}  // namespace

std::string_view version() { return VETSET_VERSION; }

Result<DetectReport> detect(const std::string& path, const OpenOptions& options) {
  VETSET_TRY(const Located place, locate(path, options.common.limits));
  DetectReport report;
  report.path = path;
  report.files = place.tree->list().size();
  report.problems.assign(place.tree->problems().begin(), place.tree->problems().end());
  for (const Format* format : formats())
    if (Detection seen = format->detect(*place.tree); seen.score > 0)
      report.candidates.push_back({format, std::move(seen)});
  std::stable_sort(report.candidates.begin(), report.candidates.end(),
                   [](const Detected& a, const Detected& b) { return a.detection.score > b.detection.score; });
  return report;
}

Result<Source> open(const std::string& path, const OpenOptions& options) {
  VETSET_TRY(Located place, locate(path, options.common.limits));
  VETSET_TRY(Source source, source_at(std::move(place), options));
  VETSET_TRY(Chosen found, chosen_format(*source.tree, options.from.empty() ? told_by(source.only) : options.from));
  VETSET_DO(read_as(std::move(found), options, source));
  return source;
}

Result<Source> source_in(std::unique_ptr<Tree> tree, const std::string& from, const OpenOptions& options,
                         std::string only) {
  VETSET_TRY(Source source, source_at({.tree = std::move(tree), .only = std::move(only)}, options));
  VETSET_TRY(Chosen found, chosen_format(*source.tree, from.empty() ? told_by(source.only) : from));
  VETSET_DO(read_as(std::move(found), options, source));
  return source;
}

namespace {

/// Whether a JSON file is a list: results, whatever their records hold.
Result<bool> is_list(const Tree& tree, std::string_view path) {
  constexpr std::uint64_t first_bytes = 4096;
  VETSET_TRY(const Bytes head, tree.read(path, {.size = first_bytes}));
  const std::size_t at = head.text().find_first_not_of(" \n\r\t\xef\xbb\xbf");
  return at != std::string_view::npos && head.text()[at] == '[';
}

}  // namespace

Result<Predictions> read_predictions(const std::string& path, const OpenOptions& options, const Source* truth) {
  VETSET_TRY(Located place, locate(path, options.common.limits));
  std::string from = options.from.empty() ? told_by(place.only) : options.from;
  if (from.empty() && place.only.ends_with(".json")) {
    VETSET_TRY(const bool list, is_list(*place.tree, place.only));
    if (list) from = "coco-results";
  }
  VETSET_TRY(Chosen found, chosen_format(*place.tree, from));
  if (found.detected.format->predict != nullptr)
    return found.detected.format->predict(*place.tree, {.only = place.only,
                                                        .limits = options.common.limits,
                                                        .pool = Pool(options.common.threads),
                                                        .progress = options.common.progress,
                                                        .digests = options.digests});
  VETSET_TRY(Source source, source_at(std::move(place), options));
  VETSET_DO(read_as(std::move(found), options, source));
  // A pinned dialect would be lost in reading once more.
  if (truth != nullptr && options.from.find(':') == std::string::npos) {
    VETSET_TRY(std::optional<Dataset> placed, placed_by(*truth, source, options.common));
    if (placed) source.dataset = *std::move(placed);
  }
  VETSET_TRY(Predictions predictions, predictions_of(source.dataset, Pool(options.common.threads)));
  predictions.format = source.format->id;
  if (options.digests) {
    VETSET_TRY(predictions.files, source_digests(source, Pool(options.common.threads)));
  }
  return predictions;
}

}  // namespace vetset
