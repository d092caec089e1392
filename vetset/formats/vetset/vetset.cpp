// vetset's own package. It holds all that a dataset says and how it was spelled, so every field comes back exactly.
#include "vetset/formats/vetset/vetset.h"

#include <algorithm>

#include "vetset/base/memory.h"
#include "vetset/base/row_groups.h"
#include "vetset/dataset/canonical_rows.h"

namespace vetset {
namespace {

constexpr std::size_t many_images = 10'000;  // from here on shards are what disks and networks like better

bool is_parquet(const Tree& tree, std::string_view path) {
  const auto head = tree.read(path, {.offset = 0, .size = 4});
  return head && head->text() == "PAR1";
}

Detection detect_vetset(const Tree& tree) {
  const std::string path = package_table_path("dataset");
  if (!tree.contains(path) || !is_parquet(tree, path)) return {};
  Detection seen{.score = 100, .evidence = {path + " is a table of a vetset package"}};
  const auto media = tree.list("media/");
  const bool shards =
      std::any_of(media.begin(), media.end(), [](std::string_view file) { return file.ends_with(".tar"); });
  seen.dialect = media.empty() ? "external" : shards ? "shards" : "files";
  return seen;
}

/// Images that are where the tables say; others are not there, which is for the rules to say.
class FoundMedia {
 public:
  FoundMedia(const Tree& tree, const ReadOptions& options) : tree_(tree), images_(options.images) {}

  /// The next image's. Only what is to be looked at in the end is kept of it.
  void take(const MediaPlace& place) {
    if (images_ != nullptr)
      sources_.add(images_->contains(place.source) ? std::string_view(place.source) : std::string_view());
    else if (!place.path.empty() && !tree_.contains(place.path) &&
             (place.shard.empty() || !tree_.contains(place.shard)))
      missing_.push_back(next_);
    ++next_;
  }
  void place(Dataset& d) const {
    if (!missing_.empty()) d.images.reserve(d.images.size() + 1);  // its own memory, where it showed another's
    for (const std::size_t i : missing_) d.images[i].media = {};
    if (images_ == nullptr) return;
    for (std::size_t i = 0; i < d.images.size(); ++i) {
      // Where it lay when it was packed, else where its path says.
      Image& image = d.images[i];
      image.media = !sources_[i].empty()                    ? d.add_text(sources_[i])
                    : images_->contains(d.text(image.path)) ? image.path
                                                            : Text{};
    }
  }

 private:
  const Tree& tree_;
  const Tree* images_;
  std::size_t next_ = 0;
  std::vector<std::size_t> missing_;
  KeyColumn sources_;
};

constexpr std::uint64_t rows_at_once = 8192;

/// A file is read by ranges, a few thousand rows at a time, but for the table whose cells hold whole files.
Result<void> read_table(const Tree& tree, const std::string& path, std::string_view table, const ParquetModule& module,
                        const std::function<Result<void>(const Table&)>& take) {
  const std::vector<std::string> columns = package_columns(table);
  if (table == "files") {
    VETSET_TRY(const Bytes bytes, tree.read(path));
    return module.read(bytes, columns, take);
  }
  VETSET_TRY(const std::uint64_t size, tree.size(path));
  VETSET_TRY(const std::unique_ptr<RowGroups> groups,
             module.open(size, [&](Range range) { return tree.read(path, range); }));
  return groups->pieces(rows_at_once, columns, take);
}

Result<void> read_tables(const Tree& tree, const ParquetModule& module, PackageReader& reader, FoundMedia& media) {
  for (const std::string_view table : package_table_names()) {
    const std::string path = package_table_path(table);
    if (!tree.contains(path)) {
      if (!package_requires(table)) continue;
      return Error{Code::malformed, "the table " + std::string(table) + " is missing; every package has " + path,
                   std::string(tree.name())};
    }
    std::size_t taken = 0;
    const auto take = [&](const Table& rows) -> Result<void> {
      if (++taken % 8 == 0) give_memory_back();  // pieces come and go between keys that stay
      VETSET_DO(reader.add(table, rows));
      for (const MediaPlace& place : reader.take_media()) media.take(place);
      return {};
    };
    auto done = read_table(tree, path, table, module, take);
    if (!done) return std::move(done).error().in(path);
    give_memory_back();
  }
  return {};
}

Result<Reading> read_vetset(const Tree& tree, const ReadOptions& options) {
  VETSET_TRY(const ParquetModule* const module, parquet_module());
  PackageReader reader;
  if (options.written_from != nullptr) reader.expect(*options.written_from);
  FoundMedia media(tree, options);
  VETSET_DO(read_tables(tree, *module, reader, media));
  Reading reading;
  VETSET_TRY(reading.dataset, reader.finish());
  media.place(reading.dataset);
  return reading;
}

Result<Emission> write_vetset(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options) {
  VETSET_TRY(const ParquetModule* const module, parquet_module());
  const RowKeys keys = make_row_keys(d, options.pool);
  VETSET_TRY(const std::vector<MediaPlace> places, write_package_media(d, keys, media, out, options));
  VETSET_DO(write_package_tables(package_tables(d, keys, places), *module, out, options.progress));
  Emission emission;
  emission.in_place = true;
  return emission;
}

std::string_view layout_of(const Dataset& d, const WriteOptions& options) {
  if (options.task == "shards" || options.task == "files") return options.task == "shards" ? "shards" : "files";
  return d.images.size() >= many_images ? "shards" : "files";
}

std::span<const Carry> vetset_carries(const WriteOptions&) {
  static const std::vector<Carry> all = [] {
    std::vector<Carry> lines;
    for (const FieldInfo& info : fields()) lines.push_back({.field = info.field, .verb = Verb::exact});
    return lines;
  }();
  return all;
}

constexpr std::string_view layouts[] = {"files", "shards"};

}  // namespace

Result<std::vector<MediaPlace>> read_package_media(const Tree& tree) {
  VETSET_TRY(const ParquetModule* const module, parquet_module());
  const std::string path = package_table_path("samples");
  VETSET_TRY(const Bytes bytes, tree.read(path));
  PackageReader reader;
  auto done = module->read(bytes, {"sample_id", "media", "source", "shard", "media_sha256", "media_size"},
                           [&](const Table& rows) { return reader.add("samples", rows); });
  if (!done) return std::move(done).error().in(path);
  return reader.take_media();
}

Result<void> write_package_tables(std::span<const PackageTable> tables, const ParquetModule& module, TreeWriter& out,
                                  const Progress& progress) {
  for (const PackageTable& table : tables) {
    if (progress.stopped()) return Error{Code::cancelled, "stopped"};
    const std::string path = package_table_path(table.name);
    progress.tell("writing " + path, 0, table.rows.count);
    VETSET_DO(out.begin(path));
    auto done = module.write(table.rows, [&](std::string_view bytes) { return out.append(bytes); });
    if (!done) return std::move(done).error().in(path);
    VETSET_DO(out.finish());
    give_memory_back();
  }
  return {};
}

std::string package_table_path(std::string_view table) { return "tables/" + std::string(table) + ".parquet"; }

extern const Format vetset{.id = "vetset",
                           .title = "vetset package",
                           .judge = "pyarrow 26.0.1",
                           .tasks = layouts,
                           .detect = detect_vetset,
                           .read = read_vetset,
                           .write = write_vetset,
                           .task = layout_of,
                           .carries_for = vetset_carries};

}  // namespace vetset
