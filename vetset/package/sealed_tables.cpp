#include "vetset/package/sealed_tables.h"

#include <algorithm>
#include <optional>

#include "vetset/base/base64.h"
#include "vetset/base/table_rows.h"
#include "vetset/dataset/canonical_rows.h"
#include "vetset/dataset/columns.h"
#include "vetset/dataset/package_tables.h"
#include "vetset/formats/vetset/vetset.h"

namespace vetset {
namespace {

constexpr std::string_view authored_table = "authored";
constexpr std::uint64_t part_bytes = 1 << 20;    // of a label file, in one row
constexpr std::uint64_t group_bytes = 16 << 20;  // of rows that are written at once, at most
constexpr std::string_view bytes_mark = "$bytes:";

std::string in_seal(std::string_view path) { return std::string(paths_of(Form::sealed).added) + std::string(path); }

/// One row of the table of label files.
struct AuthoredPart {
  std::string_view path;
  std::uint32_t part = 0;
  std::uint64_t begin = 0, end = 0;  // as if characters were bytes
};

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Where a part begins that would begin at `at`, so that it cuts no character in two: up to three bytes before.
/// `before` are the bytes that end there, and the one behind.
std::uint64_t part_border(std::string_view before, std::uint64_t at) {
  for (std::size_t back = 0; back < 4 && back < before.size(); ++back)
    if (!continues_character(before[before.size() - 1 - back])) return at - back;
  return at;
}

Result<std::string> read_part(const Tree& tree, const AuthoredPart& part, std::uint64_t size) {
  const std::uint64_t lead = std::min<std::uint64_t>(part.begin, 3);
  VETSET_TRY(const Bytes bytes,
             tree.read(part.path, {.offset = part.begin - lead, .size = part.end - part.begin + lead + 1}));
  const std::string_view text = bytes;
  const std::uint64_t first = part.begin - lead;  // where `text` begins
  if (first + text.size() < std::min(size, part.end + 1))
    return Error{Code::io, "was cut off while it was read", std::string(part.path)};
  const auto border = [&](std::uint64_t at) {
    if (at == 0 || at >= size) return at;
    const std::uint64_t from = at - std::min<std::uint64_t>(at - first, 3);
    return part_border(text.substr(from - first, at - from + 1), at);
  };
  const std::uint64_t begin = border(part.begin), end = border(part.end);
  return std::string(text.substr(begin - first, end - begin));
}

/// The label files, a row a part. It looks at what is given when its rows are asked for; what cannot be read then is
/// left in `failed`.
TableRows authored_rows(const std::vector<AuthoredPart>& parts, const std::vector<std::uint64_t>& sizes,
                        const Tree& tree, std::optional<Error>& failed) {
  std::vector<Maker> makers;
  makers.push_back(words("path", [&parts](std::size_t i) { return std::optional(parts[i].path); }));
  makers.push_back(plain<std::uint32_t>("part", [&parts](std::size_t i) { return std::optional(parts[i].part); }));
  makers.push_back(words("content", [&](std::size_t i) -> std::optional<std::string> {
    auto text = read_part(tree, parts[i], sizes[i]);
    if (text) return cell_text(*text);
    if (!failed) failed = text.error();
    return std::nullopt;
  }));
  std::uint64_t largest = 1;
  for (const AuthoredPart& part : parts) largest = std::max(largest, part.end - part.begin);
  TableRows rows = table_of(parts.size(), std::move(makers));
  rows.piece = std::clamp<std::uint64_t>(group_bytes / largest, 1, rows_of_piece);
  return rows;
}

}  // namespace

SealedTables::SealedTables(const Tree& whole) : whole_(whole) {
  const std::string_view own = paths_of(Form::sealed).added;
  for (const std::string_view path : whole.list()) {
    if (!path.starts_with(own))
      paths_.push_back(path);
    else if (path.starts_with(in_seal("tables/")))
      paths_.push_back(path.substr(own.size()));
  }
  std::sort(paths_.begin(), paths_.end());
  paths_.erase(std::unique(paths_.begin(), paths_.end()), paths_.end());
}

bool SealedTables::has_tables(const Tree& tree) { return tree.contains(in_seal(package_table_path("dataset"))); }

bool SealedTables::contains(std::string_view path) const { return whole_.contains(real(path)); }

std::string SealedTables::real(std::string_view path) const {
  if (path.starts_with("tables/"))
    if (std::string sealed = in_seal(path); whole_.contains(sealed)) return sealed;
  return std::string(path);
}

std::vector<MediaPlace> places_of(const Dataset& d, std::span<const ManifestFile> files) {
  std::vector<MediaPlace> places(d.images.size());
  for (std::size_t i = 0; i < d.images.size(); ++i)
    if (const ManifestFile* const file = find_file(files, d.text(d.images[i].media)))
      places[i] = {.path = file->path, .source = file->path, .size = file->size, .sha256 = file->digest.hex()};
  return places;
}

std::vector<std::string_view> authored_paths(std::span<const std::string_view> paths) {
  std::vector<std::string_view> authored;
  for (const std::string_view path : paths)
    if (!path.starts_with(paths_of(Form::sealed).added)) authored.push_back(path);
  return authored;
}

Result<std::string> write_sealed_tables(const Dataset& dataset, std::span<const ManifestFile> files, const Tree& tree,
                                        TreeWriter& out, const Pool& pool, const Progress& progress) {
  VETSET_TRY(const ParquetModule* const module, parquet_module());
  const RowKeys keys = make_row_keys(dataset, pool);
  const std::vector<MediaPlace> places = places_of(dataset, files);
  VETSET_DO(write_package_tables(package_tables(dataset, keys, places), *module, out, progress));

  std::vector<AuthoredPart> parts;
  std::vector<std::uint64_t> sizes;  // of the file that each part is of
  for (const ManifestFile& f : files) {
    if (f.role != Role::label) continue;
    std::uint32_t part = 0;
    std::uint64_t at = 0;
    do {  // an empty file has one empty part
      const std::uint64_t end = std::min(f.size, at + part_bytes);
      parts.push_back({.path = f.path, .part = part++, .begin = at, .end = end});
      sizes.push_back(f.size);
      at = end;
    } while (at < f.size);
  }
  if (parts.empty()) return std::string(module->library);
  std::optional<Error> failed;
  const PackageTable authored[] = {{authored_table, authored_rows(parts, sizes, tree, failed)}};
  VETSET_DO(write_package_tables(authored, *module, out, progress));
  if (failed) return *std::move(failed);
  return std::string(module->library);
}

Result<void> read_authored(const Tree& tree, const std::function<bool(std::string_view path)>& wanted,
                           const std::function<Result<void>(std::string_view path, std::string bytes)>& take) {
  const std::string file = in_seal(package_table_path(authored_table));
  if (!tree.contains(file)) return {};
  VETSET_TRY(const ParquetModule* const module, parquet_module());
  VETSET_TRY(const Bytes table, tree.read(file));
  std::string open, content;  // the file whose parts come, where it is wanted
  const auto finish = [&]() -> Result<void> {
    if (!open.empty()) VETSET_DO(take(open, std::move(content)));
    open.clear();
    content.clear();
    return {};
  };
  std::string last;  // path of the row before
  auto done = module->read(table, {"path", "content"}, [&](const Table& rows) -> Result<void> {
    const TextColumn* const paths = texts_of(column_named(rows, "path"));
    const TextColumn* const texts = texts_of(column_named(rows, "content"));
    if (paths == nullptr || texts == nullptr || paths->ends.size() != texts->ends.size())
      return Error{Code::malformed, "expected texts as path and content"};
    for (std::size_t i = 0; i < paths->ends.size(); ++i) {
      const std::string_view path = text_at(*paths, i);
      if (path != last) {
        VETSET_DO(finish());
        last = path;
        if (wanted(path)) open = path;
      }
      if (open.empty()) continue;
      const std::string_view cell = text_at(*texts, i);
      if (!cell.starts_with(bytes_mark)) {
        content += cell;
        continue;
      }
      const auto bytes = parse_base64(cell.substr(bytes_mark.size()));
      if (!bytes) return Error{Code::malformed, "the content of " + std::string(path) + " is no base64"};
      content += *bytes;
    }
    return {};
  });
  if (!done) return std::move(done).error().in(file);
  return finish();
}

}  // namespace vetset
