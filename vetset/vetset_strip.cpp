// strip_metadata: a copy of a dataset whose image files say nothing but their pixels, with the proof of it.
#include <algorithm>
#include <map>
#include <memory>

#include "vetset/base/json.h"
#include "vetset/base/publish.h"
#include "vetset/base/tree_rewritten.h"
#include "vetset/image/metadata.h"
#include "vetset/image/probe.h"
#include "vetset/vetset.h"
#include "vetset/vetset_files.h"

namespace vetset {

std::vector<std::string_view> image_files(const Source& source) {
  std::vector<std::string_view> paths;
  if (source.only.empty())
    for (const std::string_view path : source.media().list())
      if (has_image_extension(path)) paths.push_back(path);
  for (const Image& image : source.dataset.images)
    if (!image.media.empty()) paths.push_back(source.dataset.text(image.media));
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

namespace {

/// What became of one file.
struct Stripping {
  StrippedFile file;
  std::string left;  // why it stays as it is
  Result<void> written;
};

/// Writes an image without its metadata, and looks at what was written once more.
Stripping strip_one(const Tree& tree, std::string_view path, TreeWriter* out) {
  Stripping done{.file = {.path = std::string(path)}, .left = {}, .written = {}};
  const auto bytes = tree.read(path);
  if (!bytes) {
    done.written = bytes.error();
    return done;
  }
  const auto bare = without_metadata(*bytes);
  if (!bare || !bare->changed) {
    if (!bare && !private_traces(*bytes).empty()) done.left = bare.error().message;
    if (out != nullptr) done.written = out->copy(path, tree, path);
    return done;
  }
  const auto again = without_metadata(bare->bytes);
  const bool same = again && !again->changed && again->picture == bare->picture;
  if (!same || !private_traces(bare->bytes).empty()) {
    done.written = Error{Code::defect, "did not stay the same picture without its metadata", std::string(path)};
    return done;
  }
  done.file.parts = bare->parts;
  done.file.before = bytes->size();
  done.file.after = bare->bytes.size();
  done.file.sha256_before = sha256(*bytes).hex();
  done.file.sha256_after = sha256(bare->bytes).hex();
  done.file.picture = bare->picture.hex();
  if (out != nullptr) done.written = out->write(path, bare->bytes);
  return done;
}

std::string document_of(const StripReport& report) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-strip").value(1).key("program").value("vetset " + std::string(version()));
  out.key("images").value(report.images).key("removed_bytes").value(report.removed_bytes);
  out.key("kept").begin_array().value("pixels as coded").value("colour profile").value("orientation").end_array();
  out.key("files").begin_array();
  for (const StrippedFile& file : report.files) {
    out.begin_object().key("path").value(file.path).key("removed").begin_array();
    for (const std::string& part : file.parts) out.value(part);
    out.end_array().key("bytes").begin_object().key("before").value(file.before).key("after").value(file.after);
    out.end_object().key("sha256").begin_object().key("before").value(file.sha256_before);
    out.key("after").value(file.sha256_after).end_object().key("picture").value(file.picture).end_object();
  }
  out.end_array().key("left").begin_array();
  for (const std::string& line : report.left) out.value(line);
  out.end_array().end_object();
  return canonical_written(text);
}

/// All of these files, one after the other in the report.
Result<StripReport> strip_all(const Tree& tree, std::span<const std::string_view> images, TreeWriter* out,
                              const Common& common) {
  StripReport report;
  report.images = images.size();
  std::vector<Stripping> done(images.size());
  const Pool pool(common.threads);
  pool.for_each(images.size(), [&](std::size_t i) {
    if (!common.progress.stopped()) done[i] = strip_one(tree, images[i], out);
  });
  if (common.progress.stopped()) return Error{Code::cancelled, "stopped while rewriting images"};
  for (Stripping& one : done) {
    if (!one.written) return std::move(one.written).error();
    if (!one.left.empty()) report.left.push_back(one.file.path + " " + one.left);
    if (one.file.picture.empty()) continue;
    report.removed_bytes += one.file.before - one.file.after;
    report.files.push_back(std::move(one.file));
  }
  report.copied = images.size() - report.files.size();
  return report;
}

std::string number_of(std::uint64_t count, std::string_view one) {
  return std::to_string(count) + " " + std::string(one) + (count == 1 ? "" : "s");
}

/// "metadata of 3 image files removed, 4182 bytes: 3 APP1 EXIF, 1 APP13 IPTC"
std::string summary_of(const StripReport& report) {
  std::map<std::string, std::uint64_t> parts;
  for (const StrippedFile& file : report.files)
    for (const std::string& part : file.parts) ++parts[part.substr(0, part.find(','))];
  std::string summary = "metadata of " + number_of(report.files.size(), "image file") + " removed, " +
                        number_of(report.removed_bytes, "byte");
  std::string list;
  for (const auto& [part, count] : parts) list += (list.empty() ? ": " : ", ") + std::to_string(count) + " " + part;
  summary += list;
  if (!report.left.empty()) summary += "; that of " + number_of(report.left.size(), "file") + " could not be";
  return summary;
}

}  // namespace

Result<StripReport> strip_in_place(Source& source, const Common& common) {
  const Dataset& d = source.dataset;
  std::vector<std::string_view> images;
  for (const Image& image : d.images)
    if (!image.media.empty()) images.push_back(d.text(image.media));
  std::sort(images.begin(), images.end());
  images.erase(std::unique(images.begin(), images.end()), images.end());
  VETSET_TRY(StripReport report, strip_all(source.media(), images, nullptr, common));
  report.document = document_of(report);
  std::map<std::string, std::uint64_t, std::less<>> sizes;
  for (const StrippedFile& file : report.files) sizes.emplace(file.path, file.after);
  std::unique_ptr<Tree>& tree = source.images ? source.images : source.tree;
  tree = std::make_unique<RewrittenTree>(std::move(tree), std::move(sizes),
                                         [](std::string_view, const Bytes& file) -> Result<std::string> {
                                           VETSET_TRY(Undressed bare, without_metadata(file));
                                           return std::move(bare.bytes);
                                         });
  source.steps.push_back({.name = "strip", .summary = summary_of(report), .document = report.document});
  return report;
}

Result<StripReport> strip_metadata(const Source& source, const std::string& target, const StripOptions& options) {
  if (source.images || !source.only.empty())
    return Error{Code::usage,
                 "rewrites the files of a whole dataset: name its folder or archive, without --images-dir"};
  if (source.tree->contains("vetset.json") || source.tree->has_folder(".vetset"))
    return Error{Code::refused,
                 "a package or a sealed folder would not be what its manifest says: strip what it is made from, and "
                 "pack or seal that again"};
  const std::vector<std::string_view> images = image_files(source);
  std::optional<Staging> staging;
  if (!options.dry_run) {
    VETSET_TRY(Staging made, Staging::make(target, {.replace = options.overwrite}));
    staging.emplace(std::move(made));
  }
  TreeWriter* const out = staging ? &staging->writer() : nullptr;
  VETSET_TRY(StripReport report, strip_all(*source.tree, images, out, options.common));
  for (const std::string_view path : source.tree->list()) {
    if (std::binary_search(images.begin(), images.end(), path) || path.starts_with(".git/")) continue;
    ++report.copied;
    if (out != nullptr) VETSET_DO(out->copy(path, *source.tree, path));
  }
  report.document = document_of(report);
  if (!staging) return report;
  VETSET_TRY(PendingFile proof, PendingFile::write(target + ".strip.json", pretty_json(report.document) + "\n"));
  VETSET_DO(staging->publish());
  VETSET_DO(proof.publish());
  return report;
}

}  // namespace vetset
