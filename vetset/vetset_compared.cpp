#include "vetset/vetset_compared.h"

#include "vetset/base/json.h"
#include "vetset/scan/objects_alike.h"
#include "vetset/scan/overlays.h"
#include "vetset/vetset_given.h"

namespace vetset {
namespace {

template <class T>
bool write_number(JsonWriter& out, const TableColumn& column, std::size_t row) {
  const auto* numbers = std::get_if<std::vector<T>>(&column.values);
  if (numbers != nullptr) out.key(column.name).value((*numbers)[row]);
  return numbers != nullptr;
}

void write_cell(JsonWriter& out, const TableColumn& column, std::size_t row) {
  if (row < column.missing.size() && column.missing[row]) return;
  if (const auto* texts = std::get_if<TextColumn>(&column.values))
    out.key(column.name).value(text_at(*texts, row));
  else if (!write_number<std::uint32_t>(out, column, row) && !write_number<std::int64_t>(out, column, row))
    write_number<double>(out, column, row);
}

std::size_t rows_of(const Table& table) {
  std::size_t rows = 0;
  for (const TableColumn& column : table)
    if (const auto* texts = std::get_if<TextColumn>(&column.values)) rows = texts->ends.size();
  return rows;
}

/// The rows of a Parquet table, as `vetset scan -o` writes them in lines: what tells pictures apart.
Result<std::string> lines_of_parquet(std::string_view file) {
  VETSET_TRY(const ParquetModule* module, parquet_module());
  std::string lines;
  const std::vector<std::string> columns = {"path",   "sha256", "pixels", "fingerprint", "pdq", "fingerprint_trimmed",
                                            "texture"};
  VETSET_DO(module->read(file, columns, [&](const Table& table) -> Result<void> {
    for (std::size_t row = 0; row < rows_of(table); ++row) {
      JsonWriter out(lines);
      out.begin_object();
      for (const TableColumn& column : table) write_cell(out, column, row);
      out.end_object();
      lines += '\n';
    }
    return {};
  }));
  return lines;
}

}  // namespace

Result<std::vector<KnownImages>> read_known(const std::vector<std::string>& files) {
  std::vector<KnownImages> lists;
  for (const std::string& file : files) {
    VETSET_TRY(const Bytes bytes, read_given(file));
    std::string lines;
    const bool parquet = extension_of(file) == "parquet";
    if (parquet) {
      auto read = lines_of_parquet(bytes);
      if (!read) return std::move(read).error().in(file);
      lines = *std::move(read);
    }
    VETSET_TRY(KnownImages list, parse_known_images(file, parquet ? std::string_view(lines) : std::string_view(bytes)));
    list.digest = sha256(bytes);
    lists.push_back(std::move(list));
  }
  return lists;
}

bool needs_pdq(std::span<const KnownImages> lists) {
  for (const KnownImages& list : lists)
    for (const KnownImage& image : list.images)
      if (image.pdq && image.fingerprints.empty()) return true;
  return false;
}

Result<Compared> compare_pictures(const Source& source, const Scan& scan, const Links& links,
                                  const PictureSearch& options) {
  const Dataset& d = source.dataset;
  const Pool pool(options.common.threads);
  const Progress& progress = options.common.progress;
  Compared out;
  if (options.overlays) {
    VETSET_TRY(out.overlays, find_overlays(d, source.media(), scan.facts, scan.pixels, links, pool, progress));
  }
  if (options.objects) {
    VETSET_TRY(out.objects, find_shared_objects(d, source.media(), scan.facts, scan.pixels, links, pool, progress));
  }
  if (!options.known.empty()) {
    VETSET_TRY(out.known, find_known_images(d, scan.facts, scan.pixels, options.known, pool, progress));
  }
  return out;
}

}  // namespace vetset
