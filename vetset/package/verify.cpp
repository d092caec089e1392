#include "vetset/package/verify.h"

#include <algorithm>
#include <map>

#include "vetset/base/tree_shards.h"
#include "vetset/dataset/canonical.h"
#include "vetset/formats/format.h"
#include "vetset/package/listed_tree.h"
#include "vetset/package/manifest.h"

namespace vetset {
namespace {

/// What every level adds to.
struct Ledger {
  Verification v;
  bool broken = false, untrusted = false;

  void ok(std::string level, std::string words) {
    v.lines.push_back({.level = std::move(level), .code = "OK", .words = std::move(words)});
  }
  void error(VerifyLine line) {
    broken = true;
    v.lines.push_back(std::move(line));
  }
  void warn(VerifyLine line) { v.lines.push_back(std::move(line)); }
  void distrust(VerifyLine line) {
    untrusted = true;
    v.lines.push_back(std::move(line));
  }
};

/// What kind of tool changes a file of this name in place; empty where nothing is known.
std::string who_rewrites(std::string_view path) {
  const std::string_view extension = extension_of(path);
  if (extension == "jpg" || extension == "jpeg" || extension == "JPG" || extension == "JPEG")
    return "trainers that repair JPEGs rewrite them in place (Ultralytics does), image viewers turn them";
  return {};
}

struct FileSets {
  std::vector<std::string_view> listed;   // of the manifest that are there
  std::vector<std::size_t> listed_index;  // their numbers in the manifest
  std::vector<const ManifestFile*> missing;
  std::vector<std::string_view> extra;  // unlisted, by no known tool
};

/// L0: the set of files is the manifest's, and their sizes are.
FileSets compare_file_sets(const Tree& tree, const Manifest& m, Ledger& out) {
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

/// L1: digests. A missing file whose bytes stand under another name was renamed; two that changed places were swapped.
void compare_digests(const Tree& tree, const Manifest& m, const FileSets& sets, const Pool& pool,
                     const Progress& progress, Ledger& out) {
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

/// L2: the labels, read again from the listed files alone, have the identity that the manifest states.
void compare_identity(const Tree& tree, const Manifest& m, const FileSets& sets, const Pool& pool,
                      const Progress& progress, Ledger& out) {
  const auto stated = ids_of(m.dataset);
  if (!stated || stated->dataset_id != m.dataset_id || stated->labels_id != m.labels_id) {
    out.error({"L2",
               "E_DATASET_ID",
               {},
               m.dataset_id.text(),
               stated ? stated->dataset_id.text() : std::string(),
               "the manifest's ids are not those of its tables"});
    return;
  }
  const Format* format = find_format(m.format);
  if (format == nullptr) {
    out.v.not_checked.push_back("labels: this vetset does not read the format '" + m.format + "'");
    return;
  }
  const ListedTree listed(tree, sets.listed);
  auto reading = format->read(
      listed, {.only = {}, .images = nullptr, .limits = {}, .pool = pool, .progress = progress, .probe_images = false});
  if (!reading) {
    out.error({"L2", "E_LABELS", {}, {}, {}, "the labels cannot be read: " + to_string(reading.error())});
    return;
  }
  const auto labels = labels_identity(reading->dataset, pool);
  const ShardedTree shards(listed);
  const auto whole =
      dataset_identity(reading->dataset, media_of(reading->dataset, m.files, shards, pool, progress), pool);
  if (!labels || !whole) {
    out.error({"L2", "E_LABELS", {}, {}, {}, to_string(labels ? whole.error() : labels.error())});
    return;
  }
  out.v.labels_id = labels->id.text();
  out.v.dataset_id = whole->id.text();
  if (whole->id != m.dataset_id) {
    out.error({"L2",
               "E_TABLE_ROOT",
               {},
               m.dataset_id.text(),
               whole->id.text(),
               labels->id == m.labels_id ? "the labels are as sealed, but the images they belong to are not"
                                         : "the labels say something else than what was sealed"});
    return;
  }
  out.ok("L2", "images=" + std::to_string(reading->dataset.images.size()) +
                   " objects=" + std::to_string(reading->dataset.annotations.size()));
}

/// L3: every attestation is a bundle about this very manifest, and a trusted key signed one of them.
void check_signatures(const Tree& tree, Form form, const Digest& package, const std::vector<PublicKey>& trusted,
                      Ledger& out) {
  std::size_t bundles = 0;
  std::string hints;
  bool verified = false;
  for (const std::string_view path : tree.list(paths_of(form).attestations)) {
    const auto bytes = tree.read(path);
    if (!bytes) {
      out.error({"L3", "E_READ", std::string(path), {}, {}, to_string(bytes.error())});
      continue;
    }
    const auto bundle = parse_bundle(*bytes);
    if (!bundle) {
      const std::string& message = bundle.error().message;
      const bool coded = message.starts_with("E_");
      out.error({"L3",
                 coded ? message.substr(0, message.find(' ')) : "E_ATTEST_FOREIGN",
                 std::string(path),
                 {},
                 {},
                 coded ? message.substr(std::min(message.find(' ') + 1, message.size())) : message});
      continue;
    }
    ++bundles;
    if (bundle->statement.subject != package) {
      out.distrust({"L3", "E_SIG_SUBJECT", std::string(path), bundle->statement.subject.text(), package.text(),
                    "the manifest is not the one that was signed"});
      continue;
    }
    if (bundle->statement.predicate_type != package_predicate) {
      out.distrust({"L3",
                    "E_PREDICATE",
                    std::string(path),
                    std::string(package_predicate),
                    bundle->statement.predicate_type,
                    {}});
      continue;
    }
    hints += (hints.empty() ? "" : ", ") + bundle->hint.substr(0, 16) + "…";
    if (trusted.empty()) continue;
    const auto signer =
        std::find_if(trusted.begin(), trusted.end(), [&](const PublicKey& k) { return signed_by(*bundle, k); });
    if (signer != trusted.end()) {
      verified = true;
      out.v.signer = signer->hint;
      out.ok("L3", "key=" + signer->hint.substr(0, 16) + "… (P-256)");
      continue;
    }
    const bool known =
        std::any_of(trusted.begin(), trusted.end(), [&](const PublicKey& k) { return k.hint == bundle->hint; });
    out.distrust({"L3",
                  known ? "E_SIG" : "E_UNTRUSTED_KEY",
                  std::string(path),
                  {},
                  {},
                  known ? "the signature is not valid"
                        : "signed by key " + bundle->hint.substr(0, 16) + "…, which is not one of those given"});
  }
  if (!trusted.empty() && bundles == 0)
    out.distrust({"L3", "E_UNSIGNED", {}, {}, {}, "a key was given and there is no signature"});
  if (trusted.empty())
    out.v.not_checked.push_back(bundles == 0 ? "who made it: there is no signature"
                                             : "who made it: signed by key " + hints + " (give it with --key)");
  if (verified && !out.untrusted) out.v.verdict = Verification::Verdict::verified;
}

}  // namespace

Result<Verification> verify_seal(const Tree& tree, const std::vector<PublicKey>& trusted, const Pool& pool,
                                 const Progress& progress) {
  const Form form = !tree.contains(manifest_path) && tree.contains(paths_of(Form::directory).manifest) ? Form::directory
                                                                                                       : Form::sealed;
  const std::string_view manifest_of = paths_of(form).manifest;
  const auto bytes = tree.read(manifest_of);
  if (!bytes)
    return Error{Code::not_found, "found no seal (" + std::string(manifest_path) + "); 'vetset seal' makes one",
                 std::string(tree.name())};
  Ledger out;
  auto parsed = parse_manifest(*bytes, form);
  if (const auto* problem = std::get_if<ManifestProblem>(&parsed)) {
    out.error({"L0",
               problem->code,
               problem->where.empty() ? std::string(manifest_of) : problem->where,
               {},
               {},
               problem->words});
    const bool unsupported = problem->code == "E_VERSION" || problem->code == "E_CRITICAL";
    out.v.verdict = unsupported ? Verification::Verdict::unsupported : Verification::Verdict::broken;
    out.v.not_checked.push_back("files, labels and signature: the manifest cannot be relied on");
    return std::move(out.v);
  }
  const Manifest& m = std::get<Manifest>(parsed);
  const Digest package = sha256(*bytes);
  out.v.name = m.name;
  out.v.version = m.version;
  out.v.package_id = package.text();

  const FileSets sets = compare_file_sets(tree, m, out);
  compare_digests(tree, m, sets, pool, progress, out);
  if (progress.stopped()) return Error{Code::cancelled, "stopped"};
  compare_identity(tree, m, sets, pool, progress, out);
  check_signatures(tree, m.form, package, trusted, out);
  out.v.not_checked.push_back("whether the labels are right, and whether near-duplicates cross the splits");
  std::stable_sort(out.v.lines.begin(), out.v.lines.end(),
                   [](const VerifyLine& a, const VerifyLine& b) { return a.level < b.level; });

  if (out.broken)
    out.v.verdict = Verification::Verdict::broken;
  else if (out.untrusted)
    out.v.verdict = Verification::Verdict::untrusted;
  else if (out.v.verdict != Verification::Verdict::verified)
    out.v.verdict = Verification::Verdict::intact;
  return std::move(out.v);
}

}  // namespace vetset
