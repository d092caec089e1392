// Restoring: what is not as sealed is put back, from the seal's own tables, the folder itself, and the packages and
// copies that were given. Every source is believed only as far as digests go.
#include <algorithm>
#include <map>
#include <set>

#include "vetset/base/tree_shards.h"
#include "vetset/formats/vetset/vetset.h"
#include "vetset/package/levels.h"
#include "vetset/package/listed_tree.h"
#include "vetset/package/litter.h"
#include "vetset/package/put_back.h"
#include "vetset/package/sealed_tables.h"
#include "vetset/vetset.h"

namespace vetset {
namespace {

constexpr std::size_t at_once = 256;  // files that are flushed together

/// The manifest of a folder or an archive, with its form.
Result<Manifest> manifest_of(const Tree& tree) {
  std::optional<FoundManifest> found = find_manifest(tree);
  if (!found)
    return Error{Code::not_found, "found no seal (" + std::string(manifest_path) + ")", std::string(tree.name())};
  if (const auto* problem = std::get_if<ManifestProblem>(&found->parsed))
    return Error{Code::malformed,
                 "the manifest cannot be relied on (" + problem->code + ": " + problem->words +
                     "); put it back from a copy first",
                 std::string(tree.name()) + "/" + std::string(found->path)};
  return std::get<Manifest>(std::move(found->parsed));
}

/// Somewhere to take files from.
struct Supply {
  std::string name;
  std::unique_ptr<Tree> tree;
  std::map<Digest, std::string> claims;  // what its own manifest says lies where
};

Result<Supply> open_supply(const std::string& path, const Common& common) {
  Supply supply{.name = path, .tree = {}, .claims = {}};
  VETSET_TRY(supply.tree, open_tree(path, {.limits = common.limits}));
  const auto manifest = manifest_of(*supply.tree);
  if (!manifest) return supply;  // a plain copy: its files are looked at
  for (const ManifestFile& f : manifest->files) supply.claims.emplace(f.digest, f.path);
  if (!ShardedTree::has_shards(*supply.tree)) return supply;
  if (const auto places = read_package_media(*supply.tree))
    for (const MediaPlace& place : *places)
      if (const auto digest = parse_digest(place.sha256)) supply.claims.emplace(*digest, place.path);
  supply.tree = std::make_unique<ShardedTree>(std::move(supply.tree), TreeOptions{.limits = common.limits});
  return supply;
}

/// A listed file that is not as sealed.
struct Need {
  const ManifestFile* file = nullptr;
  RestoredFile told;
  bool met = false;
};

class Restorer {
 public:
  Restorer(const Tree& tree, const Manifest& manifest, const RestoreOptions& options, PutBack& out)
      : tree_(tree), m_(manifest), options_(options), out_(out), pool_(options.common.threads) {}

  Result<void> look() {
    std::vector<std::string_view> listed;
    std::vector<std::size_t> index;
    for (std::size_t i = 0; i < m_.files.size(); ++i) {
      if (!tree_.contains(m_.files[i].path)) continue;
      listed.push_back(m_.files[i].path);
      index.push_back(i);
    }
    const auto measured = measure_files(tree_, listed, pool_, options_.common.progress, "looking for changes");
    if (options_.common.progress.stopped()) return Error{Code::cancelled, "stopped"};
    std::set<std::string_view> odd;  // where a link, a pipe or a device is
    for (const TreeProblem& p : tree_.problems()) odd.insert(p.path);
    std::size_t at = 0;
    for (std::size_t i = 0; i < m_.files.size(); ++i) {
      const ManifestFile& f = m_.files[i];
      const bool there = at < index.size() && index[at] == i;
      if (there) {
        const MeasuredFile& seen = measured[at++];
        if (seen.trouble.empty() && seen.digest == f.digest && seen.size == f.size) continue;
        if (seen.trouble.empty()) changed_.emplace(seen.digest, f.path);
      }
      needs_.push_back({.file = &f,
                        .told = {.path = f.path,
                                 .what = there                  ? "changed"
                                         : odd.contains(f.path) ? "no file"
                                                                : "missing",
                                 .sha256 = f.digest.hex()}});
    }
    return {};
  }

  Result<void> run() {
    VETSET_DO(from_tables(tree_, "its own tables"));
    VETSET_DO(from_itself());
    for (const std::string& path : options_.from) {
      VETSET_TRY(const Supply supply, open_supply(path, options_.common));
      VETSET_DO(from_supply(supply));
    }
    if (table_came_back_) {
      VETSET_TRY(const std::unique_ptr<Tree> again,
                 open_folder(std::string(tree_.name()), {.limits = options_.common.limits, .audit = true}));
      VETSET_DO(from_tables(*again, "its own tables"));
    }
    VETSET_DO(publish());
    for (Need& need : needs_)
      if (!need.met && need.told.trouble.empty())
        need.told.trouble = options_.from.empty() ? "nothing here has its bytes; --from names a package or a copy"
                                                  : "nothing that was given has its bytes";
    return {};
  }

  std::vector<Need>& needs() { return needs_; }

 private:
  std::vector<Need*> open_needs() {
    std::vector<Need*> open;
    for (Need& need : needs_)
      if (!need.met) open.push_back(&need);
    return open;
  }

  /// Puts bytes back where they are those that are missed. A file whose place is taken is told and passed over; what
  /// the disk refuses ends all.
  Result<void> meet(Need& need, std::string_view bytes, std::string source) {
    if (bytes.size() != need.file->size || sha256(bytes) != need.file->digest) return {};
    if (!options_.dry_run) {
      if (auto done = out_.write(need.file->path, bytes); !done) {
        if (done.error().code != Code::refused) return std::move(done).error();
        need.told.trouble = done.error().message;
        return {};
      }
    }
    need.met = true;
    need.told.trouble.clear();
    need.told.source = std::move(source);
    if (need.file->role == Role::table) table_came_back_ = !options_.dry_run;
    options_.common.progress.tell("restoring", ++done_, needs_.size());
    return {};
  }

  Result<void> publish() { return options_.dry_run ? Result<void>() : out_.publish(); }

  Result<void> from_tables(const Tree& sealed, const std::string& name) {
    std::map<std::string_view, Need*> wanted;
    for (Need* need : open_needs())
      if (need->file->role == Role::label) wanted.emplace(need->file->path, need);
    if (wanted.empty()) return {};
    // Tables that were damaged have no say; whatever they gave would have to have the right digest anyway.
    const auto read = read_authored(
        sealed, [&](std::string_view path) { return wanted.contains(path); },
        [&](std::string_view path, const std::string& bytes) -> Result<void> {
          if (options_.common.progress.stopped()) return Error{Code::cancelled, "stopped"};
          VETSET_DO(meet(*wanted.at(path), bytes, name));
          return out_.waiting() < at_once ? Result<void>() : publish();
        });
    if (!read && (read.error().code == Code::io || read.error().code == Code::cancelled)) return read;
    return publish();
  }

  /// Files that were renamed or have changed places. All are copied before the first gets its name.
  Result<void> from_itself() {
    const auto open = open_needs();
    if (open.empty()) return {};
    std::map<Digest, std::string> found = changed_;
    std::set<std::uint64_t> sizes;
    for (const Need* need : open) sizes.insert(need->file->size);
    std::vector<std::string_view> beside;
    for (const std::string_view path : tree_.list()) {
      const auto at = std::lower_bound(m_.files.begin(), m_.files.end(), path,
                                       [](const ManifestFile& f, std::string_view p) { return f.path < p; });
      if ((at != m_.files.end() && at->path == path) || is_own_path(m_.form, path)) continue;
      const auto size = tree_.size(path);
      if (size && sizes.contains(*size)) beside.push_back(path);
    }
    VETSET_TRY(const auto digests, measured(tree_, beside));
    found.insert(digests.begin(), digests.end());
    for (Need* need : open)
      if (const auto at = found.find(need->file->digest); at != found.end())
        if (const auto bytes = tree_.read(at->second))
          VETSET_DO(meet(*need, *bytes, "the folder itself (" + at->second + ")"));
    return publish();
  }

  Result<void> from_supply(const Supply& supply) {
    if (open_needs().empty()) return {};
    VETSET_DO(take(supply, supply.claims));
    // What its manifest does not know or was wrong about, by size and then by digest.
    std::set<std::uint64_t> sizes;
    for (const Need* need : open_needs()) sizes.insert(need->file->size);
    std::vector<std::string_view> alike;
    if (!sizes.empty())
      for (const std::string_view path : supply.tree->list())
        if (const auto size = supply.tree->size(path); size && sizes.contains(*size)) alike.push_back(path);
    VETSET_TRY(const auto digests, measured(*supply.tree, alike));
    VETSET_DO(take(supply, digests));
    return from_tables(*supply.tree, supply.name + " (its tables)");
  }

  Result<void> take(const Supply& supply, const std::map<Digest, std::string>& digests) {
    for (Need* need : open_needs()) {
      if (options_.common.progress.stopped()) return Error{Code::cancelled, "stopped"};
      const auto at = digests.find(need->file->digest);
      if (at == digests.end()) continue;
      const auto bytes = supply.tree->read(at->second);
      if (!bytes) continue;
      VETSET_DO(meet(*need, *bytes, supply.name));
      if (out_.waiting() >= at_once) VETSET_DO(publish());
    }
    return publish();
  }

  Result<std::map<Digest, std::string>> measured(const Tree& tree, const std::vector<std::string_view>& paths) {
    std::map<Digest, std::string> digests;
    const auto files = measure_files(tree, paths, pool_, options_.common.progress, "looking for what is missed");
    if (options_.common.progress.stopped()) return Error{Code::cancelled, "stopped"};
    for (std::size_t i = 0; i < paths.size(); ++i)
      if (files[i].trouble.empty()) digests.emplace(files[i].digest, paths[i]);
    return digests;
  }

  const Tree& tree_;
  const Manifest& m_;
  const RestoreOptions& options_;
  PutBack& out_;
  Pool pool_;
  std::vector<Need> needs_;
  std::map<Digest, std::string> changed_;  // bytes that a listed file should not have, and where they are
  std::uint64_t done_ = 0;
  bool table_came_back_ = false;
};

/// Tells, and if asked removes, what known tools left behind.
Result<void> handle_litter(const Tree& tree, const Manifest& m, const RestoreOptions& options, PutBack& out,
                           RestoreReport& report) {
  for (const std::string_view path : tree.list()) {
    const auto at = std::lower_bound(m.files.begin(), m.files.end(), path,
                                     [](const ManifestFile& f, std::string_view p) { return f.path < p; });
    if ((at != m.files.end() && at->path == path) || is_own_path(m.form, path)) continue;
    const std::string_view maker = litter_maker(tree, path);
    if (maker.empty()) continue;
    report.litter.emplace_back(path, maker);
    if (options.clean && !options.dry_run) VETSET_DO(out.remove(std::string(path)));
  }
  return {};
}

}  // namespace

Result<RestoreReport> restore(const std::string& folder, const RestoreOptions& options) {
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_folder(folder, {.limits = options.common.limits, .audit = true}));
  VETSET_TRY(const Manifest manifest, manifest_of(*tree));
  VETSET_TRY(PutBack out, PutBack::open(folder));
  Restorer restorer(*tree, manifest, options, out);
  VETSET_DO(restorer.look());
  VETSET_DO(restorer.run());

  VETSET_TRY(const Bytes bytes, tree->read(paths_of(manifest.form).manifest));
  const Digest package = sha256(bytes);
  RestoreReport report{.package_id = package.text(), .name = manifest.name, .version = manifest.version};
  report.files = manifest.files.size();
  report.as_sealed = report.files - restorer.needs().size();
  report.whole = true;
  for (Need& need : restorer.needs()) {
    report.put_back += need.met ? 1 : 0;
    report.whole = report.whole && need.met;
    report.changed.push_back(std::move(need.told));
  }
  VETSET_DO(handle_litter(*tree, manifest, options, out, report));

  // What is beside it, as verification sees it.
  VETSET_TRY(const std::unique_ptr<Tree> now, open_folder(folder, {.limits = options.common.limits, .audit = true}));
  const VerifyRequest request;
  const Pool pool(options.common.threads);
  const Subject subject{*now, manifest, package, request, pool, options.common.progress};
  Ledger seen;
  const FileSets sets = compare_file_sets(subject, seen);
  check_signatures(subject, seen);
  std::set<std::string> extra(sets.extra.begin(), sets.extra.end());
  for (const VerifyLine& line : seen.v.lines)
    if (line.code.starts_with("E_") && line.code != "E_MISSING" && line.code != "E_SIZE" && !line.where.empty())
      extra.insert(line.where);
  for (const RestoredFile& file : report.changed) extra.erase(file.path);
  report.extra.assign(extra.begin(), extra.end());
  report.whole = report.whole && report.extra.empty();
  return report;
}

}  // namespace vetset
