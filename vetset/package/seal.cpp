#include "vetset/package/seal.h"

#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/base/tree_shards.h"
#include "vetset/dataset/canonical.h"
#include "vetset/package/listed_tree.h"
#include "vetset/package/litter.h"
#include "vetset/package/oms.h"
#include "vetset/package/path_rules.h"

namespace vetset {
namespace {

bool is_document(std::string_view path) {
  std::string base(base_name(path));
  std::transform(base.begin(), base.end(), base.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return base.starts_with("readme") || base.starts_with("license") || base.starts_with("licence") ||
         base.ends_with(".md");
}

/// What each path is for: images that the dataset names, files that it was read from, documents, the rest.
std::vector<Role> roles_of(std::span<const std::string_view> paths, const Dataset& d, Form form) {
  const auto sorted = [](std::vector<std::string_view> names) {
    std::sort(names.begin(), names.end());
    return names;
  };
  std::vector<std::string_view> media, labels;
  for (const Image& i : d.images) media.push_back(d.text(i.media));
  for (const File& f : d.files) labels.push_back(d.text(f.path));
  media = sorted(std::move(media));
  labels = sorted(std::move(labels));
  std::vector<Role> roles;
  for (const std::string_view path : paths) {
    if (form == Form::directory) {
      roles.push_back(path.starts_with("tables/")     ? Role::table
                      : path.starts_with("evidence/") ? Role::evidence
                      : path.starts_with("media/")    ? Role::media
                      : is_document(path)             ? Role::doc
                                                      : Role::other);
      continue;
    }
    const bool is_label =
        std::binary_search(labels.begin(), labels.end(), path) || path.ends_with(".yaml") || path.ends_with(".yml");
    roles.push_back(std::binary_search(media.begin(), media.end(), path) ? Role::media
                    : is_label                                           ? Role::label
                    : is_document(path)                                  ? Role::doc
                                                                         : Role::other);
  }
  return roles;
}

std::string predicate_json(const Manifest& m, const Digest& package) {
  std::string out;
  JsonWriter w(out);
  w.begin_object()
      .key("dataset_id")
      .value(m.dataset_id.text())
      .key("name")
      .value(m.name)
      .key("package_id")
      .value(package.text());
  w.key("parents").begin_array();
  for (const Parent& p : m.parents) {
    w.begin_object().key("dataset_id").value(p.dataset_id.text()).key("package_id").value(p.package_id.text());
    w.key("role").value(p.role).end_object();
  }
  w.end_array().key("version").value(m.version).end_object();
  return out;
}

Result<Parent> parent_of(const Tree& tree) {
  const std::optional<FoundManifest> found = find_manifest(tree);
  if (!found)
    return Error{Code::not_found, "has no manifest: a parent is a package or a sealed folder",
                 std::string(tree.name())};
  if (const auto* problem = std::get_if<ManifestProblem>(&found->parsed))
    return Error{Code::malformed, "the manifest cannot be relied on: " + problem->words,
                 std::string(tree.name()) + "/" + std::string(found->path)};
  return Parent{.dataset_id = std::get<Manifest>(found->parsed).dataset_id, .package_id = found->package_id};
}

}  // namespace

std::vector<std::string_view> sealed_paths(const Tree& tree) {
  const std::string own = std::string(seal_folder) + "/";
  std::vector<std::string_view> paths;
  for (const std::string_view path : tree.list())
    if (!path.starts_with(own) && litter_maker(tree, path).empty()) paths.push_back(path);
  return paths;
}

std::vector<std::string> litter_of(const Tree& tree) {
  std::vector<std::string> litter;
  const std::string own = std::string(seal_folder) + "/";
  for (const std::string_view path : tree.list()) {
    if (path.starts_with(own) || litter_maker(tree, path).empty()) continue;
    std::string_view whose = path;  // the shallowest folder that is litter whatever lies in it
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
      if (litter_maker(tree, std::string(path.substr(0, slash)) + "/x").empty()) continue;
      whose = path.substr(0, slash);
      break;
    }
    if (litter.empty() || litter.back() != whose) litter.emplace_back(whose);
  }
  std::sort(litter.begin(), litter.end());
  litter.erase(std::unique(litter.begin(), litter.end()), litter.end());
  return litter;
}

Result<void> check_names(const SealRequest& request) {
  if (const auto why = name_problem(request.name)) return Error{Code::usage, *why};
  if (const auto why = version_problem(request.version)) return Error{Code::usage, *why};
  return {};
}

Result<std::vector<Parent>> parents_at(const std::vector<std::string>& paths, const Limits& limits) {
  std::vector<Parent> parents;
  for (const std::string& path : paths) {
    VETSET_TRY(const std::unique_ptr<Tree> tree, open_tree(path, {.limits = limits}));
    VETSET_TRY(Parent parent, parent_of(*tree));
    parents.push_back(std::move(parent));
  }
  return parents;
}

std::string package_name(std::string_view folder) {
  std::string name;
  for (const char c : folder) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    const bool plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    if (plain)
      name += lower;
    else if (!name.empty() && name.back() != '-')
      name += '-';
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name.empty() ? "dataset" : name;
}

Result<std::vector<ManifestFile>> covered_files(const Tree& tree, const Dataset& dataset, Form form, const Pool& pool,
                                                const Progress& progress, std::span<const FileDigest> known) {
  const std::span<const std::string_view> paths = tree.list();
  const std::vector<Role> roles = roles_of(paths, dataset, form);
  std::vector<ManifestFile> files;
  std::vector<std::string_view> unknown;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto found = std::lower_bound(known.begin(), known.end(), paths[i],
                                        [](const FileDigest& f, std::string_view path) { return f.path < path; });
    const bool is_known = found != known.end() && found->path == paths[i];
    files.push_back({.path = std::string(paths[i]), .role = roles[i]});
    if (is_known)
      files.back().size = found->bytes, files.back().digest = found->digest;
    else
      unknown.push_back(paths[i]);
  }
  const std::vector<MeasuredFile> measured = measure_files(tree, unknown, pool, progress, "hashing");
  if (progress.stopped()) return Error{Code::cancelled, "stopped"};
  for (std::size_t i = 0, k = 0; k < unknown.size(); ++i) {
    if (files[i].path != unknown[k]) continue;
    if (!measured[k].trouble.empty()) return Error{Code::io, measured[k].trouble};
    files[i].size = measured[k].size;
    files[i].digest = measured[k++].digest;
  }
  return files;
}

Result<Seal> make_seal(const Tree& tree, const Dataset& dataset, std::string_view format, const SealRequest& request,
                       const Pool& pool, const Progress& progress) {
  VETSET_TRY(std::vector<ManifestFile> files, covered_files(tree, dataset, request.form, pool, progress));
  return make_seal(tree, std::move(files), dataset, format, request, pool, progress);
}

Result<Seal> make_seal(const Tree& tree, std::vector<ManifestFile> files, const Dataset& dataset,
                       std::string_view format, const SealRequest& request, const Pool& pool,
                       const Progress& progress) {
  VETSET_DO(check_names(request));
  Seal seal;
  Manifest& m = seal.manifest;
  m.files = std::move(files);
  for (const ManifestFile& f : m.files) seal.bytes += f.size;
  std::vector<MediaFile> found;
  if (request.media_files == nullptr) {
    const ShardedTree shards(tree);
    found = media_of(dataset, m.files, shards, pool, progress);
  }
  const std::vector<MediaFile>& media = request.media_files == nullptr ? found : *request.media_files;
  const std::uint64_t missing = dataset.images.size() - media.size();
  if (missing != 0) {
    const bool one = missing == 1;
    const std::string_view where = request.media == "external" ? (one ? " was not found" : " were not found")
                                   : request.form == Form::sealed
                                       ? (one ? " is not in the folder" : " are not in the folder")
                                       : (one ? " is not in the package" : " are not in the package");
    seal.warnings.push_back(std::to_string(missing) + " of " + std::to_string(dataset.images.size()) + " images" +
                            std::string(where) + ": the seal covers " + (one ? "its" : "their") + " labels only");
  }

  VETSET_TRY(Identity whole, dataset_identity(dataset, media, pool));
  m.form = request.form;
  m.media = request.media;
  m.name = request.name;
  m.version = request.version;
  m.format = format;
  m.writer = request.writer;
  m.parquet = request.parquet;
  m.parents = request.parents;
  m.epoch = request.epoch;
  m.rights = request.rights;
  m.labels_id = whole.labels_id;
  m.dataset_id = whole.id;
  m.dataset = std::move(whole.document);
  m.files.insert(m.files.end(), request.written.begin(), request.written.end());
  const auto by_path = [](const ManifestFile& a, const ManifestFile& b) { return a.path < b.path; };
  std::sort(m.files.begin(), m.files.end(), by_path);
  if (request.add) {
    VETSET_TRY(seal.added, request.add(m));
    for (const AddedFile& f : seal.added) m.files.push_back({f.path, f.content.size(), sha256(f.content), f.role});
    std::sort(m.files.begin(), m.files.end(), by_path);
  }
  seal.manifest_json = to_json(m);
  // Nothing leaves that its own reader refuses: names that other systems cannot hold, too many files.
  const auto read_back = parse_manifest(seal.manifest_json, m.form);
  if (const auto* problem = std::get_if<ManifestProblem>(&read_back))
    return Error{Code::refused, problem->words + " (" + problem->code + "): this cannot be sealed", problem->where};

  if (request.private_pem.empty()) return seal;
  const Digest package = sha256(seal.manifest_json);
  VETSET_TRY(seal.bundle, sign_statement({.subject_name = "vetset.json",
                                          .subject = package,
                                          .predicate_type = std::string(package_predicate),
                                          .predicate = predicate_json(m, package)},
                                         request.private_pem, request.passphrase));
  VETSET_TRY(seal.oms,
             sign_statement(oms_statement(m, package, request.litter), request.private_pem, request.passphrase));
  return seal;
}

Result<void> write_signatures(const Seal& seal, TreeWriter& out, std::string_view folder) {
  if (seal.bundle) VETSET_DO(out.write(std::string(folder).append(statement_name), seal.bundle->json));
  if (seal.oms) VETSET_DO(out.write(std::string(folder).append(oms_name), seal.oms->json));
  return {};
}

}  // namespace vetset
