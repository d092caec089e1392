// The manifest of a package: `vetset.json`, in canonical JSON (RFC 8785), the one subject of every signature. It lists
// every file with its digest, and holds the dataset's identity. docs/package-format.md describes it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/canonical.h"

namespace vetset {

/// What a listed file is for.
enum class Role : std::uint8_t { media, label, table, doc, evidence, croissant, other };
std::string_view name(Role);

/// Where the manifest lies, and what it is of: a training folder with a seal in it, or a package of tables.
enum class Form : std::uint8_t { sealed, directory };
std::string_view name(Form);
/// Of a form: the manifest's path, the folder of what was said about it ("…/"), and that of all else that vetset adds
/// ("" in a package, which holds nothing else).
struct FormPaths {
  std::string_view manifest, attestations, added;
};
FormPaths paths_of(Form form);
/// Whether a path belongs to the form itself, so that no manifest may list it: the manifest and its attestations.
/// Tables, evidence and metadata of a sealed folder lie below `.vetset/` and are listed like any file.
bool is_own_path(Form form, std::string_view path);
/// The form of what lies in a tree, by where its manifest is.
Form form_of(const Tree& tree);

struct ManifestFile {
  std::string path;  // relative to the folder that `.vetset/` lies in, or to the manifest's of a package
  std::uint64_t size = 0;
  Digest digest;
  Role role = Role::other;
};

/// A package that this one was made from.
struct Parent {
  Digest dataset_id, package_id;
  std::string role = "derived";  // or "base", "ours", "theirs": of a merge
};

struct Manifest {
  std::string name, version;
  Form form = Form::sealed;
  std::string format;           // of the labels: the format id they were read with
  std::string media = "files";  // "files", "shards", or "external": the images are not in the package
  std::string dataset;          // canonical JSON: tables and media with their roots
  Digest dataset_id, labels_id;
  std::vector<ManifestFile> files;  // sorted by path
  std::string writer;               // "vetset 0.1.0"
  std::string parquet = {};         // the library that wrote the tables, "Arrow 24.0.0"; empty: there are none
  std::vector<Parent> parents = {};
  std::optional<std::int64_t> epoch = {};  // seconds since 1970; only where the issuer said so
  std::string rights = {};                 // canonical JSON object: licence, allowed uses; empty: nothing is said
  std::string ext = {};                    // canonical JSON object of extensions by dotted name; empty: none
  std::vector<std::pair<std::string, std::string>> unknown = {};  // members of later versions, as canonical JSON; kept
};

/// The folder that makes a folder a sealed one, and where its manifest and attestations lie in it.
inline constexpr std::string_view seal_folder = ".vetset";
inline constexpr std::string_view manifest_path = ".vetset/vetset.json";
inline constexpr std::string_view attestation_folder = ".vetset/attest/";

/// The canonical bytes. What its rules forbid (a bad name, two paths that collide) is written all the same:
/// parse_manifest says so.
std::string to_json(const Manifest& manifest);

/// Why a name or a version is none, with the rule; nothing where it is one.
std::optional<std::string> name_problem(std::string_view name);
std::optional<std::string> version_problem(std::string_view version);

/// Why bytes are no manifest: a code of package.md §3.14 and words.
struct ManifestProblem {
  std::string code;  // "E_NOT_CANONICAL", "E_MANIFEST", "E_MANIFEST_LIMIT", "E_PATH", "E_PATH_COLLISION", "E_CRITICAL",
                     // "E_VERSION"
  std::string where, words;
};
/// Reads a manifest and holds it to its rules: canonical bytes, sizes, whole numbers, text in NFC, known critical
/// extensions, sorted and safe paths that do not collide. Of what it cannot be read for, the first is told.
std::variant<Manifest, ManifestProblem> parse_manifest(std::string_view bytes, Form form = Form::sealed);

/// The manifest that lies in a tree, taken apart; nothing where none can be read.
struct FoundManifest {
  Form form = Form::sealed;
  std::string_view path;
  Digest package_id;
  std::variant<Manifest, ManifestProblem> parsed;
};
std::optional<FoundManifest> find_manifest(const Tree& tree);

/// What a manifest says of a file; null where it lists none of that path. `files` are sorted by path.
const ManifestFile* find_file(std::span<const ManifestFile> files, std::string_view path);

/// dataset_id and labels_id of the manifest's `dataset` object, recomputed.
struct ManifestIds {
  Digest dataset_id, labels_id;
};
Result<ManifestIds> ids_of(std::string_view dataset_json);

/// The file of each image that has one: listed (`files` sorted by path), or a member of a shard of `tree`, which is
/// measured.
std::vector<MediaFile> media_of(const Dataset& d, std::span<const ManifestFile> files, const Tree& tree,
                                const Pool& pool, const Progress& progress);

}  // namespace vetset
