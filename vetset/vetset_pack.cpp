// Packing: a conversion to tables and media, with the manifest added before it is published; as one file, if asked.
#include <algorithm>
#include <filesystem>
#include <optional>

#include "vetset/base/memory.h"
#include "vetset/base/parquet.h"
#include "vetset/base/publish.h"
#include "vetset/formats/vetset/vetset.h"
#include "vetset/package/key_file.h"
#include "vetset/package/listed_tree.h"
#include "vetset/package/seal.h"
#include "vetset/package/table_roots.h"
#include "vetset/vetset.h"
#include "vetset/vetset_card.h"
#include "vetset/vetset_claims.h"
#include "vetset/vetset_package_file.h"

namespace vetset {
namespace {

constexpr std::string_view layouts[] = {"auto", "files", "shards", "external"};

/// Files whose digests were taken as they were written, sorted by path, and those that samples are bound to, as the
/// tables that were read back say. In layout external those lie elsewhere.
struct WrittenFiles {
  std::vector<FileDigest> known;
  std::vector<MediaFile> media;
};
Result<WrittenFiles> written_files(const Tree& written, const Proof& proof, const Progress& progress) {
  WrittenFiles files{.known = proof.target_files};
  std::optional<Error> failed;
  VETSET_DO(
      each_media_place(written, progress, [&](std::uint64_t, std::uint64_t row, std::string_view, MediaPlace&& place) {
        if (place.sha256.empty() || failed) return;
        const auto digest = parse_digest(place.sha256);
        if (!digest) {
          failed = digest.error();
          return;
        }
        files.media.push_back(
            {.image = to_index<ImageIndex>(static_cast<std::size_t>(row)), .digest = *digest, .bytes = place.size});
        if (!place.path.empty() && place.shard.empty())
          files.known.push_back({.path = place.path, .bytes = place.size, .digest = *digest});
      }));
  if (failed) return *std::move(failed);
  std::sort(files.known.begin(), files.known.end(),
            [](const FileDigest& a, const FileDigest& b) { return a.path < b.path; });
  return files;
}

/// Seals what was written: the manifest over all of it, and the signature. What was proved to be `dataset` is not read
/// a second time.
Result<Seal> complete(const Tree& written, const Dataset& dataset, const Proof& proof, TreeWriter& out,
                      SealRequest request, const Common& common) {
  give_memory_back();  // what the proof held
  const Pool pool(common.threads);
  VETSET_TRY(const WrittenFiles files, written_files(written, proof, common.progress));
  request.media_files = &files.media;
  give_memory_back();
  VETSET_TRY(std::vector<ManifestFile> covered,
             covered_files(written, dataset, request.form, pool, common.progress, files.known));
  VETSET_TRY(Seal made, make_seal(written, std::move(covered), dataset, "vetset", request, pool, common.progress));
  const FormPaths paths = paths_of(Form::directory);
  for (const AddedFile& f : made.added) VETSET_DO(out.write(f.path, f.content));
  VETSET_DO(out.write(paths.manifest, made.manifest_json));
  VETSET_DO(write_signatures(made, out, paths.attestations));
  return made;
}

std::string plain_name(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  std::string name(base_name(path));
  for (const std::string_view ending : {".tar", ".pkg"})
    if (name.size() > ending.size() && name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  return name;
}

/// Removes the folder that one file was made of.
struct Scaffold {
  std::string folder;
  ~Scaffold() {
    std::error_code ignored;
    if (!folder.empty()) std::filesystem::remove_all(folder, ignored);
  }
};

}  // namespace

Result<Packed> pack(const Source& source, const std::string& target, const PackOptions& options) {
  if (std::find(std::begin(layouts), std::end(layouts), options.layout) == std::end(layouts))
    return Error{Code::usage, "no layout is called '" + options.layout + "', expected auto, files, shards or external"};
  std::error_code failed;
  if (options.single_file && !options.overwrite && std::filesystem::exists(target, failed))
    return Error{Code::refused, "is there already; --overwrite replaces it", target};
  VETSET_DO(claim_kinds(options.evidence));
  SealRequest request{.name = options.name.empty() ? package_name(plain_name(target)) : options.name,
                      .version = options.version.empty() ? "0.1.0" : options.version,
                      .writer = "vetset " + std::string(version()),
                      .form = Form::directory,
                      .epoch = options.epoch};
  VETSET_DO(check_names(request));
  VETSET_TRY(request.parents, parents_at(options.parents, options.common.limits));
  VETSET_TRY(const ParquetModule* const tables, parquet_module());
  request.parquet = tables->library;
  if (!options.key.empty()) {
    VETSET_TRY(request.private_pem, read_private_key(options.key));
    request.passphrase = options.passphrase;
  }
  VETSET_TRY(const AnswerFile answers, read_answer_file(options.answers));
  request.rights = rights_json(source.dataset, answers.answers);
  request.add = [&](const Manifest& draft) -> Result<std::vector<AddedFile>> {
    return files_for_readers(draft, source.dataset, answers, source.steps);
  };
  Packed packed;
  const bool external = options.layout == "external";
  const WriteOptions asked{.task = options.layout == "files" || options.layout == "shards" ? options.layout : ""};
  const Format* const format = find_format("vetset");
  VETSET_ASSERT(format != nullptr && format->task != nullptr, "packages are a format with layouts");
  packed.layout = external ? "external" : std::string(format->task(source.dataset, asked));
  request.media = packed.layout;

  std::optional<Seal> made;
  ConvertOptions converting{.to = "vetset",
                            .task = external ? "" : packed.layout,
                            .images = external ? ImagesMode::none : ImagesMode::copy,
                            .overwrite = options.overwrite,
                            .common = options.common};
  converting.complete = [&](const Tree& written, const Proof& proof, TreeWriter& out) -> Result<void> {
    VETSET_TRY(auto evidence, packed_evidence(source, written, proof, called(request.name, request.version), options));
    for (const auto& [path, document] : evidence) VETSET_DO(out.write(path, document));
    const LaidTree whole(written, evidence, std::string(written.name()));
    VETSET_TRY(made, complete(whole, source.dataset, proof, out, request, options.common));
    const ClaimKey key{.private_pem = request.private_pem, .passphrase = request.passphrase};
    VETSET_TRY(const std::vector<std::string_view> kinds, claim_kinds(options.evidence));
    for (const std::string_view kind : kinds) {
      const std::string path = evidence_path(kind);
      VETSET_TRY(SignedClaim claim,
                 make_claim(kind, evidence[path], path, made->manifest, sha256(made->manifest_json), key));
      if (!claim.bundle.empty()) VETSET_DO(out.write(claim.made.statement, claim.bundle));
      packed.seal.claims.push_back(std::move(claim.made));
    }
    return {};
  };
  Scaffold scaffold;
  std::string folder = target;
  if (options.single_file) {
    remove_remains(target);
    // Hidden, and always of the same name, so that the next run takes away what a killed one left.
    const std::filesystem::path file(target);
    folder = scaffold.folder = (file.parent_path() / ("." + file.filename().string() + ".folder")).string();
    converting.overwrite = true;
    converting.proof_path = target + ".proof.json";
    converting.target_name = base_name(target);
  }
  VETSET_TRY(packed.conversion, convert(source, folder, converting));
  if (!made) return packed;
  if (options.single_file) {
    VETSET_TRY(const std::unique_ptr<Tree> whole, open_folder(folder));
    VETSET_TRY(packed.conversion.bytes, write_package_file(*whole, target, options.common.progress));
    packed.conversion.target = target;
  }
  const Manifest& manifest = made->manifest;
  packed.seal.package_id = sha256(made->manifest_json).text();
  packed.seal.dataset_id = manifest.dataset_id.text();
  packed.seal.labels_id = manifest.labels_id.text();
  packed.seal.files = manifest.files.size();
  packed.seal.bytes = made->bytes;
  packed.seal.format = manifest.format;
  packed.seal.counts = counts_of(source.dataset);
  packed.seal.warnings = made->warnings;
  if (made->bundle) packed.seal.key_hint = made->bundle->hint;
  return packed;
}

Result<std::string> packed_format(const Source& package) {
  if (package.format == nullptr || package.format->id != "vetset")
    return Error{Code::usage, "is no package; 'vetset convert' reads everything else",
                 std::string(package.tree->name())};
  const std::string& format = package.dataset.format;
  if (find_format(format) == nullptr || format == "vetset")
    return Error{Code::usage,
                 format.empty()
                     ? "was made from no format; say which to write with --to"
                     : "was made from '" + format + "', which this vetset does not write; say another with --to",
                 std::string(package.tree->name())};
  return format;
}

}  // namespace vetset
