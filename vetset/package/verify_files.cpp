// Levels 0 and 1: are the files the manifest's, and are their bytes.
#include <algorithm>
#include <map>

#include "vetset/package/levels.h"
#include "vetset/package/listed_tree.h"
#include "vetset/package/litter.h"

namespace vetset {
namespace {

/// The code of what a tree would not show.
std::string_view code_of(TreeProblem::Kind kind) {
  switch (kind) {
    case TreeProblem::Kind::name: return "E_PATH";
    case TreeProblem::Kind::link: return "E_SYMLINK";
    case TreeProblem::Kind::device: return "E_FILETYPE";
    case TreeProblem::Kind::unreadable: return "E_READ";
    case TreeProblem::Kind::empty_folder: return "E_EXTRA_DIR";
    case TreeProblem::Kind::member_name: return "E_TAR_PATH";
    case TreeProblem::Kind::member_type: return "E_TAR_TYPE";
    case TreeProblem::Kind::member_twice: return "E_TAR_DUP";
    case TreeProblem::Kind::archive_damage: return "E_TAR";
  }
  return "E_READ";
}

/// Files of known tools, told as one line a tool.
class Litter {
 public:
  /// Whether a path is litter, and then counts it.
  bool take(const Tree& tree, std::string_view path, std::string_view what) {
    const std::string_view maker = litter_maker(tree, path);
    if (maker.empty()) return false;
    auto& seen = makers_[maker];
    if (seen.count++ == 0) seen.first = what;
    return true;
  }
  void tell(Ledger& out) const {
    for (const auto& [maker, seen] : makers_)
      out.warn({"L0",
                "W_LITTER",
                std::string(seen.first),
                {},
                {},
                "maker=" + std::string(maker) + ", " + std::to_string(seen.count) +
                    (seen.count == 1 ? " file" : " files") + " left behind; not part of the dataset"});
  }

 private:
  struct Seen {
    std::uint64_t count = 0;
    std::string_view first;
  };
  std::map<std::string_view, Seen> makers_;
};

/// What a tree would not show, each by its code; gives the paths.
std::vector<std::string_view> tell_problems(const Tree& tree, std::string_view attestations, Litter& litter,
                                            Ledger& out) {
  std::vector<std::string_view> told;
  for (const TreeProblem& p : tree.problems()) {
    if (p.kind == TreeProblem::Kind::empty_folder && p.path + '/' == attestations) continue;  // nobody signed it
    told.push_back(p.path);
    const bool harmless = p.kind == TreeProblem::Kind::link || p.kind == TreeProblem::Kind::empty_folder;
    // Trackers link their latest run; an empty folder may be one that would hold litter.
    if (harmless && (litter.take(tree, p.path, p.path) || litter.take(tree, p.path + "/x", p.path))) continue;
    out.error({"L0", std::string(code_of(p.kind)), p.path, {}, {}, p.what});
  }
  std::sort(told.begin(), told.end());
  return told;
}

/// The shards are plain tar archives, whose members are files with names of their own.
void check_shards(const Subject& subject, const FileSets& sets, Ledger& out) {
  if (subject.manifest.media != "shards") return;
  for (const std::string_view path : sets.listed) {
    if (!path.starts_with("media/") || !path.ends_with(".tar")) continue;
    const auto shard = open_tar_in(subject.tree, path, {.limits = {}, .step_in = false, .audit = true});
    if (!shard) {
      out.error({"L0", "E_TAR", std::string(path), {}, {}, shard.error().message});
      continue;
    }
    for (const TreeProblem& p : (*shard)->problems())
      out.error({"L0",
                 p.kind == TreeProblem::Kind::empty_folder ? "E_TAR_TYPE" : std::string(code_of(p.kind)),
                 p.path == path ? p.path : join_path(path, p.path),
                 {},
                 {},
                 p.what});
  }
}

/// Which of the listed files were asked for: by path, by folder, and a share of those by their digests, so that every
/// run takes the same.
std::vector<std::size_t> chosen_files(const VerifyRequest& request, const Manifest& m, const FileSets& sets) {
  const auto is_named = [&](std::string_view path) {
    return request.only.empty() || std::any_of(request.only.begin(), request.only.end(), [&](std::string_view wanted) {
             return path == wanted || (wanted.ends_with('/') && path.starts_with(wanted));
           });
  };
  const auto rank = [&](std::size_t i) {  // 0 to 1, as if drawn
    std::uint64_t bits = 0;
    for (std::size_t k = 0; k < 8; ++k) bits = bits << 8 | m.files[sets.listed_index[i]].digest.bytes[k];
    return static_cast<double>(bits >> 11) * 0x1p-53;
  };
  std::vector<std::size_t> named, chosen;
  for (std::size_t i = 0; i < sets.listed.size(); ++i)
    if (is_named(sets.listed[i])) named.push_back(i);
  for (const std::size_t i : named)
    if (rank(i) < request.share) chosen.push_back(i);
  if (chosen.empty() && !named.empty())  // a share of few files is at least one
    chosen.push_back(
        *std::min_element(named.begin(), named.end(), [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); }));
  return chosen;
}

/// Files with more than one name on the disk: who holds another name can change them unseen.
void tell_hard_links(const std::vector<std::string_view>& paths, const std::vector<MeasuredFile>& measured, bool strict,
                     Ledger& out) {
  const auto linked = [](const MeasuredFile& f) { return f.links > 1; };
  const auto first = std::find_if(measured.begin(), measured.end(), linked);
  if (first == measured.end()) return;
  const auto count = std::count_if(first, measured.end(), linked);
  VerifyLine line{"L0",
                  "W_HARDLINK",
                  std::string(paths[static_cast<std::size_t>(first - measured.begin())]),
                  "1",
                  std::to_string(first->links),
                  "has other names on this disk"};
  if (count > 1) line.words += ", as " + std::to_string(count - 1) + (count == 2 ? " other has" : " others have");
  line.words += ": a change by another name is a change here";
  if (strict)
    out.error(std::move(line));
  else
    out.warn(std::move(line));
}

/// Missing files and unlisted ones; one whose bytes stand under another name was renamed.
void tell_sets(const FileSets& sets, const std::vector<MeasuredFile>& extra, Ledger& out) {
  std::map<Digest, std::string_view> moved, missing;
  for (std::size_t i = 0; i < extra.size(); ++i)
    if (extra[i].trouble.empty()) moved.emplace(extra[i].digest, sets.extra[i]);
  for (const ManifestFile* f : sets.missing) {
    missing.emplace(f->digest, f->path);
    const auto found = moved.find(f->digest);
    out.error({"L0",
               "E_MISSING",
               f->path,
               {},
               {},
               found == moved.end() ? "is listed and not there" : "same content as " + std::string(found->second)});
  }
  for (std::size_t i = 0; i < sets.extra.size(); ++i) {
    const auto found = missing.find(extra[i].digest);
    out.error({"L0",
               "E_EXTRA",
               std::string(sets.extra[i]),
               {},
               {},
               found == missing.end() || !extra[i].trouble.empty() ? "is not listed"
                                                                   : "same content as " + std::string(found->second)});
  }
}

/// A file that was read. `changed`: where the bytes stand that others should hold.
void judge_bytes(const ManifestFile& f, const MeasuredFile& file, const std::map<Digest, std::string_view>& changed,
                 Ledger& out) {
  if (!file.trouble.empty()) return out.error({"L1", "E_READ", f.path, {}, {}, file.trouble});
  if (file.changed)
    return out.error(
        {"L1", "E_CHANGED_WHILE_READING", f.path, {}, {}, "somebody writes to it; verify it again when it rests"});
  if (file.size == f.size && file.digest == f.digest) return;
  const auto swapped = changed.find(f.digest);
  std::string words = swapped == changed.end() ? std::string(who_rewrites(f.path))
                                               : "contents swapped with " + std::string(swapped->second);
  if (file.size != f.size)
    out.error({"L0", "E_SIZE", f.path, std::to_string(f.size), std::to_string(file.size), std::move(words)});
  else
    out.error({"L1", "E_DIGEST", f.path, f.digest.hex(), file.digest.hex(), std::move(words)});
}

/// A file that was not asked for.
void judge_size(const ManifestFile& f, const Result<std::uint64_t>& size, Ledger& out) {
  if (!size) return out.error({"L0", "E_READ", f.path, {}, {}, to_string(size.error())});
  if (*size != f.size) out.error({"L0", "E_SIZE", f.path, std::to_string(f.size), std::to_string(*size), {}});
}

}  // namespace

FileSets compare_file_sets(const Subject& subject, Ledger& out) {
  const Tree& tree = subject.tree;
  const Manifest& m = subject.manifest;
  FileSets sets;
  Litter litter;
  const std::vector<std::string_view> told = tell_problems(tree, paths_of(m.form).attestations, litter, out);
  const auto miss = [&](const ManifestFile& f) {
    if (!std::binary_search(told.begin(), told.end(), std::string_view(f.path))) sets.missing.push_back(&f);
  };
  std::size_t at = 0;
  const FormPaths own = paths_of(m.form);
  for (const std::string_view path : tree.list()) {
    while (at < m.files.size() && m.files[at].path < path) miss(m.files[at++]);
    if (at < m.files.size() && m.files[at].path == path) {
      sets.listed.push_back(path);
      sets.listed_index.push_back(at++);
      continue;
    }
    if (path == own.manifest || path.starts_with(own.attestations)) continue;
    if (is_own_path(m.form, path) || (!own.added.empty() && path.starts_with(own.added)))
      out.error({"L0", "E_EXTRA", std::string(path), {}, {}, "no seal has this file"});
    else if (!litter.take(tree, path, path))
      sets.extra.push_back(path);
  }
  while (at < m.files.size()) miss(m.files[at++]);
  litter.tell(out);
  return sets;
}

void compare_digests(const Subject& subject, const FileSets& sets, Ledger& out) {
  const auto& [tree, m, package, request, pool, progress] = subject;
  const std::vector<std::size_t> chosen = chosen_files(request, m, sets);
  out.partial = !request.only.empty() || request.share < 1;
  std::vector<std::string_view> paths;
  for (const std::size_t i : chosen) paths.push_back(sets.listed[i]);
  const std::vector<MeasuredFile> measured = measure_files(tree, paths, pool, progress, "verifying", &out.members);
  const std::vector<MeasuredFile> extra = measure_files(tree, sets.extra, pool, progress, "verifying");
  if (progress.stopped()) return;
  tell_sets(sets, extra, out);
  tell_hard_links(paths, measured, request.strict, out);
  check_shards(subject, sets, out);

  std::map<Digest, std::string_view> changed;  // what stands there now → where
  for (std::size_t k = 0; k < chosen.size(); ++k)
    if (measured[k].trouble.empty() && measured[k].digest != m.files[sets.listed_index[chosen[k]]].digest)
      changed.emplace(measured[k].digest, paths[k]);
  for (std::size_t i = 0, k = 0; i < sets.listed.size(); ++i) {
    const ManifestFile& f = m.files[sets.listed_index[i]];
    if (k < chosen.size() && chosen[k] == i)
      judge_bytes(f, measured[k++], changed, out);
    else
      judge_size(f, tree.size(sets.listed[i]), out);
  }
  for (const MeasuredFile& file : measured) out.v.bytes += file.size;
  out.v.files = chosen.size();
  const std::string of = out.partial ? " of " + std::to_string(m.files.size()) : "";
  if (!out.broken)
    out.ok("L1", "files=" + std::to_string(chosen.size()) + of + " bytes=" + std::to_string(out.v.bytes));
}

void check_images(const Subject& subject, const FileSets& sets, Ledger& out) {
  if (!subject.request.look_at_images) return;
  std::vector<std::string_view> images;
  std::vector<VerifyLine> lines;
  for (std::size_t i = 0; i < sets.listed.size(); ++i) {
    const std::string_view path = sets.listed[i];
    if (subject.manifest.files[sets.listed_index[i]].role != Role::media) continue;
    if (subject.manifest.media != "shards") {
      images.push_back(path);
      continue;
    }
    const auto shard = open_tar_in(subject.tree, path, {.limits = {}, .step_in = false});
    if (!shard) continue;  // check_shards has said why
    for (VerifyLine& line : subject.request.look_at_images(**shard, (*shard)->list())) {
      line.where = join_path(path, line.where);
      lines.push_back(std::move(line));
    }
  }
  if (!images.empty()) lines = subject.request.look_at_images(subject.tree, images);
  for (VerifyLine& line : lines) out.error(std::move(line));
}

}  // namespace vetset
