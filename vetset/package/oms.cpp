#include "vetset/package/oms.h"

#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/package/litter.h"
#include "vetset/package/plain_json.h"

namespace vetset {
namespace {

constexpr std::string_view repository_names[] = {".git", ".gitattributes", ".github", ".gitignore"};

std::string_view first_part(std::string_view path) { return path.substr(0, path.find('/')); }

std::string_view bytes_of(const Digest& d) { return {reinterpret_cast<const char*>(d.bytes.data()), d.bytes.size()}; }

/// What the manifest says of a path: its files, and its own bytes.
class Listed {
 public:
  Listed(const Manifest& m, const Digest& package)
      : manifest_(m), package_(package), own_(paths_of(m.form)), seen_(m.files.size(), false) {}

  /// Marks a path as listed, and gives its digest; null where the manifest knows nothing of it.
  const Digest* find(std::string_view path) {
    if (path == own_.manifest) {
      manifest_seen_ = true;
      return &package_;
    }
    const auto& files = manifest_.files;
    const auto found = std::lower_bound(files.begin(), files.end(), path,
                                        [](const ManifestFile& f, std::string_view p) { return f.path < p; });
    if (found == files.end() || found->path != path) return nullptr;
    seen_[static_cast<std::size_t>(found - files.begin())] = true;
    return &found->digest;
  }
  bool may_stand_beside(std::string_view path) const {
    return path.starts_with(own_.attestations) || !litter_maker(path).empty();
  }
  /// The first file that was not listed and should be.
  std::string_view missing() const {
    if (!manifest_seen_) return own_.manifest;
    for (std::size_t i = 0; i < seen_.size(); ++i)
      if (!seen_[i] && !is_repository_file(manifest_.files[i].path)) return manifest_.files[i].path;
    return {};
  }

 private:
  const Manifest& manifest_;
  const Digest& package_;
  FormPaths own_;
  std::vector<bool> seen_;
  bool manifest_seen_ = false;
};

std::optional<OmsProblem> check_method(JsonCursor& in) {
  std::string method, hash;
  for (in.enter_object(); in.next_member();) {
    if (in.key() == "method" && in.type() == JsonType::string)
      method = in.read_string();
    else if (in.key() == "hash_type" && in.type() == JsonType::string)
      hash = in.read_string();
    else
      in.skip();
  }
  if (in.failed()) return {};
  if (hash != "sha256") return OmsProblem{"E_ALG", {}, "sha256", hash, "files are hashed in another way"};
  if (method != "files") return OmsProblem{"E_PREDICATE", {}, "files", method, "files are listed in another way"};
  return {};
}

/// One file of the list.
std::optional<OmsProblem> check_resource(JsonCursor& in, Listed& listed, Sha256& root) {
  std::string name, algorithm, hex;
  for (in.enter_object(); in.next_member();) {
    std::string* const field = in.key() == "name"        ? &name
                               : in.key() == "algorithm" ? &algorithm
                               : in.key() == "digest"    ? &hex
                                                         : nullptr;
    if (field != nullptr && in.type() == JsonType::string)
      *field = in.read_string();
    else
      in.skip();
  }
  if (in.failed()) return {};
  if (algorithm != "sha256") return OmsProblem{"E_ALG", name, "sha256", algorithm, "the file is hashed in another way"};
  const auto digest = parse_digest(hex);
  if (!digest || hex.size() != 64)
    return OmsProblem{"E_PREDICATE", name, {}, {}, "expected 64 hexadecimal digits of its digest"};
  root.add(bytes_of(*digest));
  const Digest* const held = listed.find(name);
  if (held == nullptr && listed.may_stand_beside(name)) return {};
  if (held == nullptr) return OmsProblem{"E_SIG_SUBJECT", name, {}, {}, "is signed, and the manifest does not list it"};
  if (*held != *digest)
    return OmsProblem{"E_SIG_SUBJECT", name, hex, held->hex(), "the manifest is not the one that was signed"};
  return {};
}

}  // namespace

bool is_repository_file(std::string_view path) {
  const std::string_view first = first_part(path);
  return std::find(std::begin(repository_names), std::end(repository_names), first) != std::end(repository_names);
}

Statement oms_statement(const Manifest& m, const Digest& package, std::span<const std::string> litter) {
  const FormPaths own = paths_of(m.form);
  std::vector<std::string> ignored(litter.begin(), litter.end());
  ignored.emplace_back(own.attestations.substr(0, own.attestations.size() - 1));
  std::string out;
  JsonWriter w(out);
  Sha256 root;
  const auto list = [&](std::string_view path, const Digest& digest) {
    w.begin_object().key("algorithm").value("sha256").key("digest").value(digest.hex()).key("name").value(path);
    w.end_object();
    root.add(bytes_of(digest));
  };
  w.begin_object().key("resources").begin_array();
  bool manifest_listed = false;
  for (const ManifestFile& f : m.files) {
    if (is_repository_file(f.path)) {
      ignored.emplace_back(first_part(f.path));
      continue;
    }
    if (!manifest_listed && own.manifest < f.path) {
      list(own.manifest, package);
      manifest_listed = true;
    }
    list(f.path, f.digest);
  }
  if (!manifest_listed) list(own.manifest, package);
  std::sort(ignored.begin(), ignored.end());
  ignored.erase(std::unique(ignored.begin(), ignored.end()), ignored.end());
  w.end_array().key("serialization").begin_object().key("allow_symlinks").value(false).key("hash_type").value("sha256");
  w.key("ignore_paths").begin_array();
  for (const std::string& path : ignored) w.value(path);
  w.end_array().key("method").value("files").end_object().end_object();
  return {.subject_name = m.name,
          .subject = root.finish(),
          .predicate_type = std::string(oms_predicate),
          .predicate = std::move(out)};
}

std::optional<OmsProblem> check_oms(const Statement& statement, const Manifest& m, const Digest& package) {
  Listed listed(m, package);
  Sha256 root;
  bool method = false, resources = false;
  JsonCursor in(statement.predicate, plain_depth);
  for (in.enter_object(); in.next_member();) {
    if (in.key() == "serialization") {
      method = true;
      if (auto problem = check_method(in)) return problem;
    } else if (in.key() == "resources") {
      resources = true;
      for (in.enter_array(); in.next_element();)
        if (auto problem = check_resource(in, listed, root)) return problem;
    } else {
      in.skip();
    }
  }
  if (in.failed()) return OmsProblem{"E_PREDICATE", {}, {}, {}, in.error_text()};
  if (!method || !resources)
    return OmsProblem{"E_PREDICATE", {}, {}, {}, "expected 'serialization' and 'resources' in a list of files"};
  if (const std::string_view path = listed.missing(); !path.empty())
    return OmsProblem{"E_SIG_SUBJECT", std::string(path), {}, {}, "is not among the files that were signed"};
  if (const Digest digest = root.finish(); digest != statement.subject)
    return OmsProblem{"E_SIG_SUBJECT",
                      {},
                      statement.subject.hex(),
                      digest.hex(),
                      "the files do not add up to the digest that was signed"};
  return {};
}

}  // namespace vetset
