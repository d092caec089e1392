#include "vetset/package/package.h"

#include <algorithm>
#include <filesystem>

#include "vetset/dataset/package_tables.h"
#include "vetset/package/annotation_rows.h"
#include "vetset/package/label_tables.h"
#include "vetset/package/lazy_slots.h"
#include "vetset/package/listed_tree.h"
#include "vetset/package/sample_index.h"

namespace vetset {
namespace {

constexpr std::uint64_t more_than_a_manifest = (16U << 20) + 1;

/// Where the files of a package are, without a walk over its folder.
struct Place {
  std::unique_ptr<Tree> tree;
  Form form = Form::directory;
};

Error no_package(const std::string& path) {
  return {Code::not_found,
          "is no package: found neither vetset.json nor " + std::string(manifest_path) +
              "; 'vetset pack' and 'vetset seal' make one",
          path};
}

Result<Place> place_of(const std::string& path, const Limits& limits) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) return Error{Code::not_found, "there is no such file or folder", path};
  if (!std::filesystem::is_directory(path, failed)) {
    auto tree = open_tree(path, {.limits = limits});
    if (!tree) return tree.error().code == Code::io ? tree.error() : no_package(path);
    for (const Form form : {Form::sealed, Form::directory})
      if ((*tree)->contains(paths_of(form).manifest)) return Place{*std::move(tree), form};
    return no_package(path);
  }
  for (const Form form : {Form::sealed, Form::directory}) {
    const std::string manifest = path + "/" + std::string(paths_of(form).manifest);
    if (!std::filesystem::exists(manifest, failed)) continue;
    VETSET_TRY(auto tree, open_file(manifest, form == Form::sealed ? 1 : 0));
    return Place{std::move(tree), form};
  }
  return no_package(path);
}

Error broken_manifest(const ManifestProblem& problem, const std::string& path) {
  const Code code = problem.code == "E_VERSION" || problem.code == "E_CRITICAL" ? Code::unsupported
                    : problem.code == "E_MANIFEST_LIMIT"                        ? Code::limit
                                                                                : Code::malformed;
  return {code, problem.code + " " + (problem.where.empty() ? "" : problem.where + ": ") + problem.words, path};
}

/// A package's files: those that its manifest lists. Streams of tables hold it, too: they may outlive the package.
struct Files {
  Files(std::unique_ptr<Tree> tree, Manifest read)
      : whole(std::move(tree)), manifest(std::move(read)), listed(*whole, paths_in(manifest)) {}

  static std::vector<std::string_view> paths_in(const Manifest& manifest) {
    std::vector<std::string_view> paths;
    for (const ManifestFile& file : manifest.files) paths.push_back(file.path);
    return paths;
  }
  const ManifestFile* entry(std::string_view path) const { return find_file(manifest.files, path); }

  std::unique_ptr<Tree> whole;
  Manifest manifest;
  ListedTree listed;
};

}  // namespace

struct Package::State {
  /// Of a thing there is one.
  template <class Thing>
  using Once = LazySlots<std::unique_ptr<Thing>>;

  std::string path;
  PackageOptions options;
  std::shared_ptr<const Files> files;
  std::string json;
  Digest id;
  std::unique_ptr<Tree> outside;  // images_dir

  Once<std::vector<NamedTable>> labels = Once<std::vector<NamedTable>>(1);  // where no tables are listed
  Once<RowGroups> tables = Once<RowGroups>(package_table_names().size());
  Once<SampleIndex> samples = Once<SampleIndex>(1);
  Once<AnnotationRows> annotations = Once<AnnotationRows>(1);

  std::string table_path(std::string_view name) const {
    return std::string(paths_of(files->manifest.form).added) + "tables/" + std::string(name) + ".parquet";
  }
  bool has_tables() const {
    return files->manifest.form == Form::directory || files->entry(table_path("samples")) != nullptr;
  }

  Result<const std::vector<NamedTable>*> tables_of_files() const {
    VETSET_TRY(const auto* const made, labels.get(0, [&]() -> Result<std::unique_ptr<std::vector<NamedTable>>> {
      auto read = tables_of_labels(files->listed, files->manifest, options.limits, Pool(options.threads));
      if (!read) return std::move(read).error().in(path);
      return std::make_unique<std::vector<NamedTable>>(*std::move(read));
    }));
    return static_cast<const std::vector<NamedTable>*>(made->get());
  }

  Result<std::unique_ptr<RowGroups>> open_table(std::string_view name) const {
    std::string file = table_path(name);
    const ManifestFile* const stated = files->entry(file);
    if (stated == nullptr)
      return Error{Code::not_found, "has no table " + std::string(name) + ": its manifest lists no " + file, path};
    VETSET_TRY(const ParquetModule* const module, parquet_module());
    const auto size = files->listed.size(file);
    if (!size) return Error{Code::malformed, "E_MISSING " + file + ": " + size.error().message, path};
    if (*size != stated->size)
      return Error{Code::malformed,
                   "E_SIZE " + file + " expected=" + std::to_string(stated->size) + " actual=" + std::to_string(*size),
                   path};
    auto rows = module->open(*size, [held = files, file](Range range) { return held->listed.read(file, range); });
    if (!rows) return std::move(rows).error().in(path + "/" + file);
    return *std::move(rows);
  }

  Result<const SampleIndex*> sample_index(const Package& package) const {
    VETSET_TRY(const auto* const made, samples.get(0, [&]() -> Result<std::unique_ptr<SampleIndex>> {
      VETSET_TRY(const RowGroups* const table, package.table("samples"));
      return std::make_unique<SampleIndex>(*table);
    }));
    return static_cast<const SampleIndex*>(made->get());
  }

  Error media_error(const PackedSample& s, const std::string& words) const {
    std::string where = s.shard.empty() ? s.media : s.shard + " at byte " + std::to_string(s.offset);
    return {Code::untrusted, "E_MEDIA_DIGEST sample=" + s.key + " " + words + " (" + where + ")", path};
  }
};

Package::Package(std::unique_ptr<State> state) : state_(std::move(state)) {}
Package::~Package() = default;

Result<std::unique_ptr<Package>> Package::open(const std::string& path, const PackageOptions& options) {
  VETSET_TRY(Place place, place_of(path, options.limits));
  VETSET_TRY(const Bytes json,
             place.tree->read(paths_of(place.form).manifest, {.offset = 0, .size = more_than_a_manifest}));
  auto manifest = parse_manifest(json, place.form);
  if (const auto* problem = std::get_if<ManifestProblem>(&manifest)) return broken_manifest(*problem, path);
  auto state = std::make_unique<State>();
  state->path = path;
  state->options = options;
  state->json = json.text();
  state->id = sha256(json);
  state->files = std::make_shared<const Files>(std::move(place.tree), std::get<Manifest>(std::move(manifest)));
  if (!options.images_dir.empty()) {
    VETSET_TRY(state->outside, open_folder(options.images_dir, {.limits = options.limits}));
  }
  std::unique_ptr<Package> package(new Package(std::move(state)));
  if (package->state_->has_tables()) VETSET_DO(package->table("samples"));
  return package;
}

const Manifest& Package::manifest() const { return state_->files->manifest; }
std::string_view Package::manifest_json() const { return state_->json; }
Digest Package::id() const { return state_->id; }

Result<std::vector<std::string>> Package::tables() const {
  std::vector<std::string> names;
  if (state_->has_tables()) {
    for (const std::string_view name : package_table_names())
      if (state_->files->entry(state_->table_path(name)) != nullptr) names.emplace_back(name);
    return names;
  }
  VETSET_TRY(const auto* const made, state_->tables_of_files());
  for (const NamedTable& table : *made) names.push_back(table.name);
  return names;
}

Result<const RowGroups*> Package::table(std::string_view name) const {
  const auto known = package_table_names();
  const auto at = std::find(known.begin(), known.end(), name);
  if (at == known.end()) return Error{Code::usage, "no table is called '" + std::string(name) + "'", state_->path};
  if (state_->has_tables()) {
    VETSET_TRY(const auto* const open, state_->tables.get(static_cast<std::size_t>(at - known.begin()),
                                                          [&] { return state_->open_table(name); }));
    return static_cast<const RowGroups*>(open->get());
  }
  VETSET_TRY(const auto* const made, state_->tables_of_files());
  for (const NamedTable& table : *made)
    if (table.name == name) return static_cast<const RowGroups*>(table.rows.get());
  return Error{Code::not_found, "has no table " + std::string(name), state_->path};
}

Result<std::uint64_t> Package::samples() const {
  VETSET_TRY(const SampleIndex* const index, state_->sample_index(*this));
  return index->size();
}

Result<PackedSample> Package::sample(std::uint64_t row) const {
  VETSET_TRY(const SampleIndex* const index, state_->sample_index(*this));
  return index->at(row);
}

Result<std::optional<std::uint64_t>> Package::find_key(std::string_view key) const {
  VETSET_TRY(const SampleIndex* const index, state_->sample_index(*this));
  return index->find_key(key);
}

Result<std::optional<std::uint64_t>> Package::find_path(std::string_view path) const {
  VETSET_TRY(const SampleIndex* const index, state_->sample_index(*this));
  return index->find_path(path);
}

Result<std::vector<std::uint64_t>> Package::of_split(std::string_view split) const {
  VETSET_TRY(const SampleIndex* const index, state_->sample_index(*this));
  return index->of_split(split);
}

Result<Bytes> Package::bytes(const PackedSample& s) const {
  const Tree& inside = state_->files->listed;
  Bytes bytes;
  if (s.media.empty()) {
    if (state_->outside == nullptr)
      return Error{
          Code::not_found,
          "the package does not hold the image of sample " + s.key + "; expected images_dir to say where it is",
          state_->path};
    VETSET_TRY(bytes, state_->outside->read(s.path));
  } else {
    const std::string& file = s.shard.empty() ? s.media : s.shard;
    if (!inside.contains(file))
      return state_->media_error(s, "lies in a file that the manifest does not list: '" + file + "'");
    const Range part = s.shard.empty() ? Range{} : Range{s.offset, s.size};
    auto read = inside.read(file, part);
    if (!read && read.error().code == Code::not_found) return state_->media_error(s, "its file is missing");
    if (!read) return std::move(read).error().in(state_->path);
    bytes = *std::move(read);
    if (!s.shard.empty() && bytes.size() != s.size)
      return state_->media_error(s, "expected " + std::to_string(s.size) + " bytes, found " +
                                        std::to_string(bytes.size()) + ": the shard is cut off");
  }
  if (!state_->options.verify || !s.digest) return bytes;
  if (const Digest actual = sha256(bytes); actual != *s.digest)
    return state_->media_error(s, "expected=" + s.digest->hex() + " actual=" + actual.hex());
  return bytes;
}

Result<Table> Package::annotations(std::string_view key) const {
  VETSET_TRY(const auto* const made, state_->annotations.get(0, [&]() -> Result<std::unique_ptr<AnnotationRows>> {
    VETSET_TRY(const RowGroups* const table, this->table("annotations"));
    return std::make_unique<AnnotationRows>(*table, state_->options.cached);
  }));
  return (*made)->of(key);
}

Result<Bytes> Package::file(std::string_view path) const {
  const ManifestFile* const stated = state_->files->entry(path);
  if (stated == nullptr)
    return Error{Code::not_found, "its manifest lists no file '" + std::string(path) + "'", state_->path};
  VETSET_TRY(Bytes bytes, state_->files->listed.read(path, {}));
  if (const Digest actual = sha256(bytes); actual != stated->digest)
    return Error{Code::untrusted,
                 "E_DIGEST " + std::string(path) + " expected=" + stated->digest.hex() + " actual=" + actual.hex(),
                 state_->path};
  return bytes;
}

Result<std::vector<Attestation>> Package::evidence() const {
  const Form form = manifest().form;
  std::error_code failed;
  const std::string folder = state_->path + "/" + std::string(paths_of(form).attestations);
  if (!std::filesystem::is_directory(state_->path, failed)) return read_attestations(*state_->files->whole, form);
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed))
    paths.push_back(std::string(paths_of(form).attestations) + entry.path().filename().string());
  std::sort(paths.begin(), paths.end());
  return read_attestations(ListedTree(*state_->files->whole, {paths.begin(), paths.end()}), form);
}

}  // namespace vetset
