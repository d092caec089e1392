#include "vetset/package/manifest.h"

#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/base/tree.h"
#include "vetset/base/unicode.h"
#include "vetset/package/listed_tree.h"

namespace vetset {
namespace {

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
  if (form == Form::sealed) return {manifest_path, attestation_folder, ".vetset/"};
  return {"vetset.json", "attest/", {}};
}

bool is_own_path(Form form, std::string_view path) {
  const bool in_seal = path == seal_folder || path.starts_with(paths_of(Form::sealed).added);
  if (form == Form::directory)
    return in_seal || path == "vetset.json" || path == "attest" || path.starts_with("attest/");
  return path == seal_folder || path == manifest_path || path.starts_with(attestation_folder) ||
         path == attestation_folder.substr(0, attestation_folder.size() - 1);
}

std::optional<std::string> name_problem(std::string_view name) {
  bool part = false;  // the character before was a letter or digit
  bool good = !name.empty() && name.size() <= 200;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!plain && (!part || (c != '.' && c != '_' && c != '/' && c != '-'))) good = false;
    part = plain;
  }
  if (good && part) return std::nullopt;
  return "'" + std::string(name) +
         "' is no package name: expected lower-case letters and digits in parts that one of . _ / - joins, as in "
         "road/street-2";
}

std::optional<std::string> version_problem(std::string_view version) {
  const auto problem = [&] {
    return std::optional("'" + std::string(version) +
                         "' is no version: expected major.minor.patch (SemVer), as in 1.0.0 or 2.1.0-rc.1");
  };
  /// Dotted identifiers; `numeric`: those of digits alone have no leading zero.
  const auto identifiers = [](std::string_view text, bool numeric) {
    for (;;) {
      const std::string_view one = text.substr(0, text.find('.'));
      bool digits = true;
      for (const char c : one) {
        const bool digit = c >= '0' && c <= '9';
        digits = digits && digit;
        if (!digit && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '-') return false;
      }
      if (one.empty() || (numeric && digits && one.size() > 1 && one.front() == '0')) return false;
      if (one.size() == text.size()) return true;
      text.remove_prefix(one.size() + 1);
    }
  };
  if (version.size() > 200) return problem();
  const std::size_t plus = version.find('+');
  if (plus != std::string_view::npos && !identifiers(version.substr(plus + 1), false)) return problem();
  std::string_view rest = version.substr(0, plus);
  const std::size_t dash = rest.find('-');
  if (dash != std::string_view::npos && !identifiers(rest.substr(dash + 1), true)) return problem();
  rest = rest.substr(0, dash);
  if (std::count(rest.begin(), rest.end(), '.') != 2 || !identifiers(rest, true) ||
      rest.find_first_not_of("0123456789.") != std::string_view::npos)
    return problem();
  return std::nullopt;
}

std::string to_json(const Manifest& m) {
  std::vector<std::pair<std::string, std::string>> members = m.unknown;
  const auto text = [&](std::string_view key, std::string_view value) {
    JsonWriter(members.emplace_back(key, std::string()).second).value(value);
  };
  const auto raw = [&](std::string_view key, std::string_view json) {
    if (!json.empty()) members.emplace_back(key, json);
  };
  raw("critical", "[]");
  raw("dataset", m.dataset);
  text("dataset_id", m.dataset_id.text());
  if (m.epoch) raw("epoch", std::to_string(*m.epoch));
  raw("ext", m.ext);
  {
    JsonWriter w(members.emplace_back("files", std::string()).second);
    w.begin_array();
    for (const ManifestFile& f : m.files) {
      w.begin_object().key("path").value(f.path).key("role").value(name(f.role));
      w.key("sha256").value(f.digest.hex()).key("size").value(f.size).end_object();
    }
    w.end_array();
  }
  text("labels_id", m.labels_id.text());
  {
    JsonWriter w(members.emplace_back("layout", std::string()).second);
    w.begin_object().key("form").value(name(m.form)).key("format").value(m.format).key("media").value(m.media);
    const std::size_t space = std::min(m.writer.find(' '), m.writer.size());
    w.key("writer").begin_object().key("name").value(std::string_view(m.writer).substr(0, space));
    if (!m.parquet.empty()) w.key("parquet").value(m.parquet);
    w.key("version").value(std::string_view(m.writer).substr(std::min(space + 1, m.writer.size())));
    w.end_object().end_object();
  }
  text("name", m.name);
  {
    JsonWriter w(members.emplace_back("parents", std::string()).second);
    w.begin_array();
    for (const Parent& p : m.parents) {
      w.begin_object().key("dataset_id").value(p.dataset_id.text()).key("package_id").value(p.package_id.text());
      w.key("role").value(p.role).end_object();
    }
    w.end_array();
  }
  raw("rights", m.rights);
  text("version", m.version);
  text("vetset", "1");

  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return canonical_less(a.first, b.first); });
  std::string out;
  JsonWriter w(out);
  w.begin_object();
  for (const auto& [key, json] : members) w.key(key).raw(json);
  w.end_object();
  return out;
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

Form form_of(const Tree& tree) {
  return !tree.contains(manifest_path) && tree.contains(paths_of(Form::directory).manifest) ? Form::directory
                                                                                            : Form::sealed;
}

std::optional<FoundManifest> find_manifest(const Tree& tree) {
  const Form form = form_of(tree);
  const std::string_view path = paths_of(form).manifest;
  const auto bytes = tree.read(path);
  if (!bytes) return std::nullopt;
  return FoundManifest{form, path, sha256(*bytes), parse_manifest(*bytes, form)};
}

const ManifestFile* find_file(std::span<const ManifestFile> files, std::string_view path) {
  const auto file = std::lower_bound(files.begin(), files.end(), path,
                                     [](const ManifestFile& f, std::string_view wanted) { return f.path < wanted; });
  return file != files.end() && file->path == path ? &*file : nullptr;
}

std::vector<MediaFile> media_of(const Dataset& d, std::span<const ManifestFile> files, const Tree& tree,
                                const Pool& pool, const Progress& progress) {
  std::vector<MediaFile> media;
  std::vector<ImageIndex> elsewhere;  // in no listed file: members of shards
  std::vector<std::string_view> paths;
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    const std::string_view path = d.text(d.images[i].media);
    if (path.empty()) continue;
    if (const ManifestFile* const file = find_file(files, path)) {
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

}  // namespace vetset
