#include "vetset/package/manifest.h"

#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/base/tree.h"
#include "vetset/base/unicode.h"
#include "vetset/package/listed_tree.h"

namespace vetset {
namespace {

constexpr std::size_t manifest_limit = 16U << 20;  // bytes, package.md §3.3
constexpr std::size_t file_limit = 1'000'000;

ManifestProblem broken(std::string words, std::string where = {}) {
  return {"E_MANIFEST", std::move(where), std::move(words)};
}

/// What S1 of package.md asks of a path beyond what a tree does; empty: nothing.
std::string portability_problem(std::string_view path) {
  if (const auto problem = path_problem(path)) return *problem;
  if (path.size() > 1024) return "is longer than 1024 bytes";
  return {};
}

std::variant<ManifestFile, ManifestProblem> parse_file(const Json& entry, Form form) {
  ManifestFile file;
  file.path = entry.text_or("path", "");
  if (std::string why = portability_problem(file.path); !why.empty())
    return ManifestProblem{"E_PATH", file.path, std::move(why)};
  if (is_own_path(form, file.path))
    return ManifestProblem{"E_PATH", file.path, "is a file of the seal itself, which lists what is sealed"};
  const Json* size = entry.find("size");
  if (size == nullptr || size->type() != JsonType::number || size->number() < 0 || size->number() > 9007199254740991.0)
    return broken("expected a size in bytes", file.path);
  file.size = static_cast<std::uint64_t>(size->number());
  auto digest = parse_digest(entry.text_or("sha256", ""));
  if (!digest || entry.text_or("sha256", "").size() != 64)
    return broken("expected 64 hexadecimal digits as sha256", file.path);
  file.digest = *digest;
  const std::string_view role = entry.text_or("role", "");
  for (const Role r : {Role::media, Role::label, Role::table, Role::doc, Role::evidence, Role::croissant, Role::other})
    if (name(r) == role) file.role = r;
  return file;
}

/// Two paths that one file system cannot hold both, or a file where another path needs a folder.
std::optional<ManifestProblem> collision(const std::vector<ManifestFile>& files) {
  std::vector<std::pair<std::string, std::string_view>> folded;
  folded.reserve(files.size());
  for (const ManifestFile& f : files) folded.emplace_back(fold(f.path), f.path);
  std::sort(folded.begin(), folded.end());
  for (std::size_t i = 1; i < folded.size(); ++i) {
    const auto& [before, before_path] = folded[i - 1];
    const auto& [here, path] = folded[i];
    if (before == here)
      return ManifestProblem{"E_PATH_COLLISION", std::string(path),
                             "equals " + std::string(before_path) + " where case does not count"};
    if (here.size() > before.size() && here.starts_with(before) && here[before.size()] == '/')
      return ManifestProblem{"E_PATH_COLLISION", std::string(path),
                             "needs a folder where " + std::string(before_path) + " is a file"};
  }
  return std::nullopt;
}

Result<Digest> prefixed_digest(std::string_view prefix, std::string_view json) {
  Sha256 hash;
  hash.add(prefix);
  hash.add(json);
  return hash.finish();
}

}  // namespace

std::string_view name(Role role) {
  switch (role) {
    case Role::media: return "media";
    case Role::label: return "label";
    case Role::table: return "table";
    case Role::doc: return "doc";
    case Role::evidence: return "evidence";
    case Role::croissant: return "croissant";
    case Role::other: return "other";
  }
  return "other";
}

std::string_view name(Form form) { return form == Form::sealed ? "sealed" : "directory"; }

FormPaths paths_of(Form form) {
  if (form == Form::sealed) return {manifest_path, attestation_folder};
  return {"vetset.json", "attest/"};
}

bool is_own_path(Form form, std::string_view path) {
  if (path == seal_folder || path.starts_with(std::string(seal_folder) + "/")) return true;
  return form == Form::directory && (path == "vetset.json" || path == "attest" || path.starts_with("attest/"));
}

std::string to_json(const Manifest& m) {
  // Keys are written in their canonical order.
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("critical").begin_array().end_array();
  w.key("dataset").raw(m.dataset).key("dataset_id").value(m.dataset_id.text());
  w.key("files").begin_array();
  for (const ManifestFile& f : m.files)
    w.begin_object()
        .key("path")
        .value(f.path)
        .key("role")
        .value(name(f.role))
        .key("sha256")
        .value(f.digest.hex())
        .key("size")
        .value(f.size)
        .end_object();
  w.end_array();
  w.key("labels_id").value(m.labels_id.text());
  w.key("layout").begin_object().key("form").value(name(m.form)).key("format").value(m.format);
  w.key("media").value(m.media);
  w.key("writer").value(m.writer).end_object();
  w.key("name").value(m.name).key("parents").begin_array().end_array();
  w.key("version").value(m.version).key("vetset").value("1").end_object();
  return out;
}

std::variant<Manifest, ManifestProblem> parse_manifest(std::string_view bytes, Form form) {
  if (bytes.size() > manifest_limit)
    return ManifestProblem{
        "E_MANIFEST_LIMIT", {}, "expected at most 16 MiB, found " + std::to_string(bytes.size()) + " bytes"};
  Limits limits;
  limits.depth = 32;
  const auto json = Json::parse(bytes, limits);
  if (!json) return broken(to_string(json.error()));
  const auto canonical = canonical_json(bytes);
  if (!canonical || *canonical != bytes)
    return ManifestProblem{
        "E_NOT_CANONICAL", {}, "is not its own canonical form (RFC 8785): it was edited or written by another tool"};
  if (json->type() != JsonType::object) return broken("expected an object");
  if (json->text_or("vetset", "") != "1")
    return ManifestProblem{
        "E_VERSION", {}, "expected version 1, found '" + std::string(json->text_or("vetset", "none")) + "'"};
  const Json* critical = json->find("critical");
  if (critical == nullptr || critical->type() != JsonType::array) return broken("expected a list 'critical'");
  for (const Json& extension : critical->elements())
    return ManifestProblem{
        "E_CRITICAL", {}, "needs an extension that this vetset does not know: '" + std::string(extension.text()) + "'"};

  Manifest m;
  m.name = json->text_or("name", "");
  m.version = json->text_or("version", "");
  const Json* layout = json->find("layout");
  if (layout == nullptr) return broken("expected 'layout'");
  m.form = form;
  if (const std::string_view stated = layout->text_or("form", ""); stated != name(form))
    return broken("expected the form '" + std::string(name(form)) + "' here, found '" + std::string(stated) + "'");
  m.media = layout->text_or("media", "");
  m.format = layout->text_or("format", "");
  m.writer = layout->text_or("writer", "");
  const auto dataset_id = parse_digest(json->text_or("dataset_id", ""));
  const auto labels_id = parse_digest(json->text_or("labels_id", ""));
  if (!dataset_id || !labels_id) return broken("expected dataset_id and labels_id as sha256:…");
  m.dataset_id = *dataset_id;
  m.labels_id = *labels_id;

  // The dataset object as it stands in the canonical bytes.
  JsonCursor cursor(bytes, limits.depth);
  for (cursor.enter_object(); cursor.next_member();) {
    const bool wanted = cursor.key() == "dataset";
    const std::string_view value = cursor.skip();
    if (wanted) m.dataset = value;
  }
  const Json* dataset = json->find("dataset");
  if (dataset == nullptr || dataset->type() != JsonType::object) return broken("expected an object 'dataset'");

  const Json* files = json->find("files");
  if (files == nullptr || files->type() != JsonType::array) return broken("expected a list 'files'");
  if (files->elements().size() > file_limit)
    return ManifestProblem{
        "E_MANIFEST_LIMIT", {}, "expected at most 1,000,000 files, found " + std::to_string(files->elements().size())};
  for (const Json& entry : files->elements()) {
    auto file = parse_file(entry, form);
    if (auto* problem = std::get_if<ManifestProblem>(&file)) return std::move(*problem);
    m.files.push_back(std::get<ManifestFile>(std::move(file)));
    if (m.files.size() > 1 && m.files[m.files.size() - 2].path >= m.files.back().path)
      return broken("expected files sorted by path, each once", m.files.back().path);
  }
  if (auto clash = collision(m.files)) return std::move(*clash);
  return m;
}

Result<ManifestIds> ids_of(std::string_view dataset_json) {
  VETSET_TRY(const Digest dataset_id, prefixed_digest("vetset/dataset/1\n", dataset_json));
  // Without the media the same object is what the labels say.
  std::string labels = "{";
  JsonCursor cursor(dataset_json);
  for (cursor.enter_object(); cursor.next_member();) {
    const bool media = cursor.key() == "media";
    cursor.skip();
    if (media) continue;
    if (labels.size() > 1) labels += ',';
    labels += cursor.raw_member();
  }
  labels += '}';
  if (cursor.failed()) return Error{Code::malformed, cursor.error_text()};
  VETSET_TRY(const Digest labels_id, prefixed_digest("vetset/labels/1\n", labels));
  return ManifestIds{dataset_id, labels_id};
}

std::vector<MediaFile> media_of(const Dataset& d, std::span<const ManifestFile> files, const Tree& tree,
                                const Pool& pool, const Progress& progress) {
  std::vector<MediaFile> media;
  std::vector<ImageIndex> elsewhere;  // in no listed file: members of shards
  std::vector<std::string_view> paths;
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    const std::string_view path = d.text(d.images[i].media);
    if (path.empty()) continue;
    const auto file = std::lower_bound(files.begin(), files.end(), path,
                                       [](const ManifestFile& f, std::string_view wanted) { return f.path < wanted; });
    if (file != files.end() && file->path == path) {
      media.push_back({.image = to_index<ImageIndex>(i), .digest = file->digest, .bytes = file->size});
    } else if (tree.contains(path)) {
      elsewhere.push_back(to_index<ImageIndex>(i));
      paths.push_back(path);
    }
  }
  const std::vector<MeasuredFile> measured = measure_files(tree, paths, pool, progress, "hashing images");
  for (std::size_t i = 0; i < elsewhere.size(); ++i)
    if (measured[i].trouble.empty())
      media.push_back({.image = elsewhere[i], .digest = measured[i].digest, .bytes = measured[i].size});
  return media;
}

std::string_view litter_maker(std::string_view path) {
  struct Pattern {
    std::string_view part, maker;
    enum { folder, file, suffix } kind;
  };
  static constexpr Pattern patterns[] = {
      {".cache", "Ultralytics", Pattern::suffix},      {".npy", "Ultralytics", Pattern::suffix},
      {"runs", "Ultralytics", Pattern::folder},        {"wandb", "Weights & Biases", Pattern::folder},
      {"mlruns", "MLflow", Pattern::folder},           {"lightning_logs", "PyTorch Lightning", Pattern::folder},
      {"tensorboard", "TensorBoard", Pattern::folder}, {".ipynb_checkpoints", "Jupyter", Pattern::folder},
      {"__pycache__", "Python", Pattern::folder},      {".DS_Store", "macOS", Pattern::file},
      {"Thumbs.db", "Windows", Pattern::file},         {"desktop.ini", "Windows", Pattern::file},
      {"__MACOSX", "macOS", Pattern::folder},
  };
  const std::string_view base = base_name(path);
  const std::string bounded = "/" + std::string(path);
  for (const Pattern& p : patterns) {
    if (p.kind == Pattern::file && base == p.part) return p.maker;
    if (p.kind == Pattern::suffix && base.size() > p.part.size() && base.ends_with(p.part)) return p.maker;
    if (p.kind == Pattern::folder && bounded.find("/" + std::string(p.part) + "/") != std::string::npos) return p.maker;
  }
  if (base.starts_with("events.out.tfevents.")) return "TensorBoard";
  return {};
}

}  // namespace vetset
