// Converting: written in a staging place, proved there, and published only if the proof holds.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>

#include "vetset/base/publish.h"
#include "vetset/convert/convert.h"
#include "vetset/vetset_files.h"

namespace vetset {
namespace {

namespace fs = std::filesystem;

std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

/// "crowd=drop,all": the word "all" takes what most people choose for whatever is left open.
Result<Policies> accepted(std::string_view accept, const Format& to) {
  std::string pairs;
  bool all = false;
  while (!accept.empty()) {
    const std::size_t comma = accept.find(',');
    const std::string_view word = accept.substr(0, comma);
    accept = comma == std::string_view::npos ? std::string_view() : accept.substr(comma + 1);
    if (word == "all")
      all = true;
    else
      pairs += (pairs.empty() ? "" : ",") + std::string(word);
  }
  VETSET_TRY(const Policies policies, parse_policies(pairs));
  return all ? with_usual(policies, to) : policies;
}

Result<const Format*> target_format(const std::string& id, const std::string& task) {
  const Format* to = find_format(id);
  if (to == nullptr) {
    std::string known;
    for (const Format* f : formats()) known += (known.empty() ? "" : ", ") + std::string(f->id);
    return Error{Code::usage, "no format is called '" + id + "'; known are: " + known};
  }
  if (task.empty() || std::find(to->tasks.begin(), to->tasks.end(), task) != to->tasks.end()) return to;
  std::string known;
  for (const std::string_view t : to->tasks) known += (known.empty() ? "" : ", ") + std::string(t);
  return Error{Code::usage, std::string(to->id) + " has no task '" + task + "', expected " +
                                (known.empty() ? "none" : "one of: " + known)};
}

/// Whether `outer` is `inner` or a folder above it.
bool holds(const fs::path& outer, const fs::path& inner) {
  const auto [end, rest] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return end == outer.end();
}

/// A target that is the source, or a folder around it, would be replaced together with what is being converted.
Result<void> check_apart(const Source& source, const std::string& target) {
  const auto real = [](const std::string& path) {
    std::error_code failed;
    return fs::weakly_canonical(fs::absolute(path, failed), failed);
  };
  const fs::path there = real(target);
  std::vector<std::string> ours = {std::string(source.tree->name())};
  if (source.images) ours.emplace_back(source.images->name());
  for (const Tree* tree : {static_cast<const Tree*>(source.tree.get()), &source.media()}) {
    const auto paths = tree->list();
    for (std::size_t i = 0; i < paths.size();) {  // one file a folder: a tree can be a union of others
      const std::string_view folder = paths[i].substr(0, paths[i].find('/') + 1);
      ours.push_back(tree->disk_path(paths[i]));
      i += folder.empty() ? 1 : tree->list(folder).size();
    }
  }
  for (const std::string& path : ours) {
    std::error_code failed;
    if (!path.empty() && fs::exists(path, failed) && holds(there, real(path)))
      return Error{Code::refused, "the target is the source, or a folder around it; expected another place", target};
  }
  return {};
}

/// Folders that were made to hold the target, taken away again where nothing was published into them.
class Parents {
 public:
  Parents() = default;
  Parents(const Parents&) = delete;
  Parents& operator=(const Parents&) = delete;
  ~Parents() {
    for (auto made = made_.rbegin(); made != made_.rend(); ++made) rmdir(made->c_str());  // empty ones only
  }
  Result<void> make(const fs::path& folder) {
    std::error_code failed;
    if (folder.empty() || fs::exists(folder, failed)) return {};
    VETSET_DO(make(folder.parent_path()));
    if (!fs::create_directory(folder, failed) && failed)
      return Error{Code::io, "the folder cannot be made: " + failed.message(), folder.string()};
    made_.push_back(folder.string());
    return {};
  }
  void keep() { made_.clear(); }

 private:
  std::vector<std::string> made_;
};

/// What the output will need on the disk: the images, and about as much for labels as the source has.
Result<void> check_space(const Source& source, const std::string& target, const ConvertOptions& options) {
  if (options.images != ImagesMode::copy || options.dry_run) return {};
  std::uint64_t images = 0, bytes = 0;
  for (const Image& image : source.dataset.images) {
    if (image.media.empty()) continue;
    VETSET_TRY(const std::uint64_t size, source.media().size(source.dataset.text(image.media)));
    bytes += size;
    ++images;
  }
  if (images == 0) return {};
  VETSET_TRY(const std::uint64_t available, free_bytes(target));
  options.common.progress.tell("copying " + std::to_string(images) + " images", 0, bytes);
  if (bytes > available)
    return Error{Code::io,
                 "needs " + std::to_string(bytes) + " bytes for " + std::to_string(images) + " images, " +
                     std::to_string(available) + " are free",
                 target};
  return {};
}

/// Read in pieces; a label file is one piece, and is not asked for its size first.
Result<FileDigest> digest_of(const Tree& tree, std::string_view path) {
  constexpr std::uint64_t piece = 8 << 20;
  FileDigest file{.path = std::string(path), .bytes = 0, .digest = {}};
  VETSET_TRY(Bytes bytes, tree.read(path, {.offset = 0, .size = piece}));
  file.bytes = bytes.size();
  if (bytes.size() < piece) {
    file.digest = sha256(bytes);
    return file;
  }
  Sha256 hash;
  while (bytes.size() > 0) {
    hash.add(bytes);
    VETSET_TRY(bytes, tree.read(path, {.offset = file.bytes, .size = piece}));
    file.bytes += bytes.size();
  }
  file.digest = hash.finish();
  return file;
}

/// A place to measure in without publishing: beside the target where that can be, else where temporary files go.
Result<Staging> dry_staging(const std::string& target) {
  const fs::path parent = fs::path(target).parent_path();
  std::error_code failed;
  if (!target.empty() && (parent.empty() || fs::exists(parent, failed)) &&
      access(parent.empty() ? "." : parent.c_str(), W_OK) == 0)
    return Staging::make(target, {.replace = true});
  const fs::path temporary = fs::temp_directory_path(failed);
  return Staging::make((temporary / ("vetset-dry-run-" + std::to_string(getpid()))).string(), {.replace = true});
}

/// Where the document of a step goes: "out.fix.json"; "out.transform-2.json" for the second of a name.
std::vector<std::string> step_paths(const std::vector<Step>& steps, const std::string& target) {
  std::vector<std::string> paths;
  for (const Step& step : steps) {
    std::string path = target + "." + step.name + ".json";
    for (int n = 2; std::find(paths.begin(), paths.end(), path) != paths.end(); ++n)
      path = target + "." + step.name + "-" + std::to_string(n) + ".json";
    paths.push_back(std::move(path));
  }
  return paths;
}

/// What a proof says besides what was measured.
void name_ends(Proof& proof, const Source& source, const Format& to, const std::string& target) {
  proof.program = "vetset " + std::string(version());
  proof.from = source.format != nullptr ? std::string(source.format->id) : source.dataset.format;
  if (proof.from.empty()) proof.from = "several";  // datasets of several formats as one
  proof.to = to.id;
  proof.judge = to.judge;
  proof.steps = source.steps;
  proof.source_name = base_name(without_slashes(std::string(source.tree->name())));
  proof.target_name = base_name(target);
}

}  // namespace

Result<std::vector<FileDigest>> source_digests(const Source& source, const Pool& pool) {
  const Dataset& d = source.dataset;
  std::vector<const File*> sources;
  sources.reserve(d.files.size());
  for (const File& file : d.files) sources.push_back(&file);
  const auto before = [&](const File* a, const File* b) { return d.text(a->path) < d.text(b->path); };
  const auto same = [&](const File* a, const File* b) { return d.text(a->path) == d.text(b->path); };
  std::sort(sources.begin(), sources.end(), before);
  sources.erase(std::unique(sources.begin(), sources.end(), same), sources.end());
  const auto listed = source.tree->list();
  auto at = listed.begin();  // sorted alike; a tree may know more than it lists
  std::erase_if(sources, [&](const File* file) {
    const std::string_view path = d.text(file->path);
    while (at != listed.end() && *at < path) ++at;
    return (at == listed.end() || *at != path) && !source.tree->contains(path);
  });
  constexpr std::size_t grain = 64;
  std::vector<FileDigest> files(sources.size());
  std::vector<std::optional<Error>> errors((sources.size() + grain - 1) / grain);
  pool.for_ranges(sources.size(), grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k) {
      const std::string_view path = d.text(sources[k]->path), bytes = d.text(sources[k]->bytes);
      Result<FileDigest> digest =
          bytes.empty() ? digest_of(*source.tree, path)
                        : FileDigest{.path = std::string(path), .bytes = bytes.size(), .digest = sha256(bytes)};
      if (digest)
        files[k] = *std::move(digest);
      else if (!errors[begin / grain])
        errors[begin / grain] = std::move(digest).error();
    }
  });
  for (std::optional<Error>& error : errors)
    if (error) return *std::move(error);
  return files;
}

Result<void> check_target(const Source& source, const std::string& target, const ConvertOptions& options) {
  VETSET_DO(target_format(options.to, options.task));
  if (options.dry_run) return {};
  VETSET_DO(check_apart(source, without_slashes(target)));
  return Staging::check(without_slashes(target), {.replace = options.overwrite});
}

Result<Conversion> convert(const Source& source, const std::string& target_path, const ConvertOptions& options) {
  VETSET_TRY(const Format* const to, target_format(options.to, options.task));
  VETSET_TRY(const Policies policies, accepted(options.accept, *to));
  const std::string target = without_slashes(target_path);
  if (target.empty() && !options.dry_run) return Error{Code::usage, "the name of the folder to write is empty"};
  const Pool pool(options.common.threads);
  const WriteOptions writing{.task = options.task,
                             .policies = policies,
                             .images = options.dry_run ? ImagesMode::none : options.images,
                             .digits = options.digits,
                             .limits = options.common.limits,
                             .pool = pool,
                             .progress = options.common.progress};
  if (!options.dry_run) {
    VETSET_DO(check_apart(source, target));
  }

  Conversion done;
  done.proof_path = options.proof_path;
  done.proof.decisions = decisions(source.dataset, *to, writing);
  done.accept = usual_answers(done.proof.decisions);
  if (done.proof.undecided()) {
    name_ends(done.proof, source, *to, target);
    done.proof.task = settled(source.dataset, *to, writing).task;
    done.proof.before = counts_of(source.dataset);
    done.proof.dry_run = options.dry_run;
    done.verdict = Verdict::undecided;
    if (!done.proof_path.empty()) VETSET_DO(write_file_atomically(done.proof_path, to_json(done.proof) + "\n"));
    return done;
  }

  Parents parents;
  if (!options.dry_run) {
    VETSET_DO(parents.make(fs::path(target).parent_path()));
    VETSET_DO(check_space(source, target, options));
  }
  VETSET_TRY(Staging staging, options.dry_run
                                  ? dry_staging(target)
                                  : Staging::make(target, {.replace = options.overwrite,
                                                           .link = options.images == ImagesMode::hardlink}));
  std::unique_ptr<Tree> written;
  VETSET_TRY(done.proof, write_proved(
                             source.dataset, source.media(), *to, staging.writer(),
                             [&]() -> Result<const Tree*> {
                               VETSET_TRY(written, staging.tree({.limits = options.common.limits}));
                               return static_cast<const Tree*>(written.get());
                             },
                             writing));
  name_ends(done.proof, source, *to, options.target_name.empty() ? target : options.target_name);
  VETSET_TRY(done.proof.source_files, source_digests(source, pool));
  done.proof.dry_run = options.dry_run;
  done.verdict = verdict(done.proof);
  done.files = done.proof.files;
  done.bytes = done.proof.bytes;
  const bool published = done.verdict != Verdict::undeclared && !options.dry_run;
  if (published && options.complete) VETSET_DO(options.complete(*written, done.proof, staging.writer()));
  written.reset();
  if (published && done.proof_path.empty()) done.proof_path = target + ".proof.json";
  Result<void> placed = {};
  std::vector<PendingFile> documents;  // beside the target, once that is there
  const auto prepare = [&](const std::string& path, const std::string& document) -> Result<void> {
    VETSET_TRY(PendingFile file, PendingFile::write(path, document + "\n"));
    documents.push_back(std::move(file));
    return {};
  };
  if (!done.proof_path.empty()) VETSET_DO(prepare(done.proof_path, to_json(done.proof)));
  if (published) {
    done.step_paths = step_paths(source.steps, target);
    for (std::size_t i = 0; i < source.steps.size(); ++i)
      VETSET_DO(prepare(done.step_paths[i], source.steps[i].document));
    for (const auto& [name, text] : options.beside) {
      done.beside.push_back(target + "." + name);
      VETSET_DO(prepare(done.beside.back(), text));
    }
    std::optional<Staging> kept;
    if (!source.originals.empty() && options.images != ImagesMode::none) {
      done.originals = target + ".fix.files";
      VETSET_TRY(Staging made, Staging::make(done.originals, {.replace = true}));
      kept.emplace(std::move(made));
      for (const Source::Original& file : source.originals)
        VETSET_DO(kept->writer().copy(file.path, *file.tree, file.path));
      VETSET_DO(kept->flush());
    }
    placed = staging.publish();
    if (!staging.is_published()) return placed.error();
    parents.keep();
    done.target = target;
    if (kept)
      if (const Result<void> named = kept->publish(); !named && placed) placed = named;
  }
  for (PendingFile& document : documents)
    if (const Result<void> named = document.publish(); !named && placed) placed = named;
  VETSET_DO(std::move(placed));
  return done;
}

}  // namespace vetset
