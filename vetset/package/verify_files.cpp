// Levels 0 and 1: are the files the manifest's, and are their bytes.
#include <algorithm>
#include <map>

#include "vetset/package/levels.h"
#include "vetset/package/listed_tree.h"

namespace vetset {
namespace {

/// What kind of tool changes a file of this name in place; empty where nothing is known.
std::string who_rewrites(std::string_view path) {
  const std::string_view extension = extension_of(path);
  if (extension == "jpg" || extension == "jpeg" || extension == "JPG" || extension == "JPEG")
    return "trainers that repair JPEGs rewrite them in place (Ultralytics does), image viewers turn them";
  return {};
}

}  // namespace

FileSets compare_file_sets(const Subject& subject, Ledger& out) {
  const Tree& tree = subject.tree;
  const Manifest& m = subject.manifest;
  FileSets sets;
  std::size_t at = 0;
  std::map<std::string_view, std::pair<std::uint64_t, std::string_view>> litter;  // maker → count, first path
  const FormPaths own = paths_of(m.form);
  for (const std::string_view path : tree.list()) {
    while (at < m.files.size() && m.files[at].path < path) sets.missing.push_back(&m.files[at++]);
    if (at < m.files.size() && m.files[at].path == path) {
      sets.listed.push_back(path);
      sets.listed_index.push_back(at++);
      continue;
    }
    if (path == own.manifest || path.starts_with(own.attestations)) continue;
    if (is_own_path(m.form, path)) {
      out.error({"L0", "E_EXTRA", std::string(path), {}, {}, "no seal has this file"});
      continue;
    }
    if (const std::string_view maker = litter_maker(path); !maker.empty()) {
      auto& [count, first] = litter[maker];
      if (count++ == 0) first = path;
      continue;
    }
    sets.extra.push_back(path);
  }
  while (at < m.files.size()) sets.missing.push_back(&m.files[at++]);
  for (const auto& [maker, seen] : litter)
    out.warn({"L0",
              "W_LITTER",
              std::string(seen.second),
              {},
              {},
              "maker=" + std::string(maker) + ", " + std::to_string(seen.first) +
                  (seen.first == 1 ? " file" : " files") + " left behind; not part of the dataset"});
  for (const TreeProblem& p : tree.problems())
    out.error({"L0", p.what.find("link") != std::string::npos ? "E_SYMLINK" : "E_FILETYPE", p.path, {}, {}, p.what});
  return sets;
}

void compare_digests(const Subject& subject, const FileSets& sets, Ledger& out) {
  const auto& [tree, m, package, request, pool, progress] = subject;
  const std::vector<MeasuredFile> measured = measure_files(tree, sets.listed, pool, progress, "verifying");
  const std::vector<MeasuredFile> extra = measure_files(tree, sets.extra, pool, progress, "verifying");
  std::map<Digest, std::string_view> moved, changed;
  for (std::size_t i = 0; i < extra.size(); ++i)
    if (extra[i].trouble.empty()) moved.emplace(extra[i].digest, sets.extra[i]);
  for (std::size_t i = 0; i < measured.size(); ++i)
    if (measured[i].trouble.empty() && measured[i].digest != m.files[sets.listed_index[i]].digest)
      changed.emplace(measured[i].digest, sets.listed[i]);

  for (const ManifestFile* f : sets.missing) {
    const auto found = moved.find(f->digest);
    out.error({"L0",
               "E_MISSING",
               f->path,
               {},
               {},
               found == moved.end() ? "" : "same content as " + std::string(found->second)});
  }
  std::map<Digest, std::string_view> missing;
  for (const ManifestFile* f : sets.missing) missing.emplace(f->digest, f->path);
  for (std::size_t i = 0; i < sets.extra.size(); ++i) {
    const auto found = missing.find(extra[i].digest);
    out.error({"L0",
               "E_EXTRA",
               std::string(sets.extra[i]),
               {},
               {},
               found == missing.end() ? "is not listed" : "same content as " + std::string(found->second)});
  }
  std::uint64_t good = 0;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    const ManifestFile& f = m.files[sets.listed_index[i]];
    out.v.bytes += measured[i].size;
    if (!measured[i].trouble.empty()) {
      out.error({"L1", "E_READ", f.path, {}, {}, measured[i].trouble});
      continue;
    }
    if (measured[i].size != f.size)
      out.error(
          {"L0", "E_SIZE", f.path, std::to_string(f.size), std::to_string(measured[i].size), who_rewrites(f.path)});
    else if (measured[i].digest != f.digest) {
      const auto swapped = changed.find(f.digest);
      out.error(
          {"L1", "E_DIGEST", f.path, f.digest.hex(), measured[i].digest.hex(),
           swapped == changed.end() ? who_rewrites(f.path) : "contents swapped with " + std::string(swapped->second)});
    } else {
      ++good;
    }
  }
  out.v.files = measured.size();
  if (good == m.files.size() && sets.extra.empty())
    out.ok("L1", "files=" + std::to_string(good) + " bytes=" + std::to_string(out.v.bytes));
}

}  // namespace vetset
