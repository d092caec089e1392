#include "vetset/package/sample_index.h"

#include <algorithm>
#include <map>

#include "vetset/base/table_rows.h"
#include "vetset/package/rows_by_text.h"

namespace vetset {
namespace {

/// One row; texts lie one behind the other in the group's: key, path, media.
struct Row {
  std::uint64_t begin = 0;  // of its texts
  std::uint64_t offset = 0, size = 0;
  Digest digest = {};
  std::uint32_t key_size = 0, path_size = 0, media_size = 0;  // path_size 0: the path is the key
  std::uint32_t shard = 0, splits = 0, state = 0;             // numbers of the group's lists
  std::uint32_t width = 0, height = 0;
  bool has_digest = false;
};

/// Values that few rows differ in, each held once; the first is the empty one.
template <class Value>
class Distinct {
 public:
  std::uint32_t number_of(const Value& value) {
    if (value == Value()) return 0;
    return numbers_.try_emplace(value, static_cast<std::uint32_t>(numbers_.size() + 1)).first->second;
  }
  /// All of them, by number.
  std::vector<Value> list() && {
    std::vector<Value> values(numbers_.size() + 1);
    for (const auto& [value, number] : numbers_) values[number] = value;
    return values;
  }

 private:
  std::map<Value, std::uint32_t> numbers_;
};

/// A cell of a column that may be missing or of an older kind.
template <class T>
std::optional<T> number_at(const TableColumn* column, std::size_t row) {
  const auto* values = column == nullptr ? nullptr : std::get_if<std::vector<T>>(&column->values);
  if (values == nullptr || is_missing(*column, row)) return std::nullopt;
  return (*values)[row];
}
std::string_view cell_at(const TableColumn* column, std::size_t row) {
  const TextColumn* const texts = texts_of(column);
  return texts == nullptr || is_missing(*column, row) ? std::string_view() : text_at(*texts, row);
}
std::vector<std::string> list_at(const TableColumn* column, std::size_t row) {
  const auto* lists = column == nullptr ? nullptr : std::get_if<TextLists>(&column->values);
  std::vector<std::string> texts;
  if (lists == nullptr || is_missing(*column, row)) return texts;
  for (std::size_t i = row == 0 ? 0 : lists->ends[row - 1]; i < lists->ends[row]; ++i)
    texts.emplace_back(text_at(lists->values, i));
  return texts;
}

const std::vector<std::string> wanted_columns = {"sample_id",  "path",  "width",       "height",
                                                 "splits",     "state", "media",       "media_sha256",
                                                 "media_size", "shard", "shard_offset"};

}  // namespace

struct SampleIndex::Group {
  std::string texts;
  std::vector<Row> rows;
  std::vector<std::string> shards, states;
  std::vector<std::vector<std::string>> splits;
  RowsByText keys, paths;  // paths: of rows whose path is not their key

  std::string_view key_of(const Row& r) const { return std::string_view(texts).substr(r.begin, r.key_size); }
  std::string_view path_of(const Row& r) const {
    return r.path_size == 0 ? key_of(r) : std::string_view(texts).substr(r.begin + r.key_size, r.path_size);
  }
  std::string_view media_of(const Row& r) const {
    return std::string_view(texts).substr(r.begin + r.key_size + r.path_size, r.media_size);
  }
};

SampleIndex::SampleIndex(const RowGroups& table) : table_(table), groups_(table.ends().size()) {}
SampleIndex::~SampleIndex() = default;

Result<SampleIndex::Group> SampleIndex::read(std::size_t number) const {
  VETSET_TRY(const Table table, table_.read(number, wanted_columns));
  const auto column = [&](std::string_view name) { return column_named(table, name); };
  const TableColumn* const keys = column("sample_id");
  if (texts_of(keys) == nullptr) return Error{Code::malformed, "the table samples has no column sample_id of texts"};
  const TableColumn *const paths = column("path"), *const tars = column("shard"), *const medias = column("media"),
                           *const lists = column("splits"), *const words = column("state"),
                           *const widths = column("width"), *const heights = column("height"),
                           *const sizes = column("media_size"), *const offsets = column("shard_offset"),
                           *const digests = column("media_sha256");
  Group group;
  Distinct<std::string> shards, states;
  Distinct<std::vector<std::string>> splits;
  group.rows.resize(table_.ends()[number] - table_.begin_of(number));
  for (std::size_t i = 0; i < group.rows.size(); ++i) {
    const auto place = [&] { return "row " + std::to_string(table_.begin_of(number) + i) + " of samples: "; };
    Row& row = group.rows[i];
    const std::string_view key = cell_at(keys, i), path = cell_at(paths, i), shard = cell_at(tars, i);
    std::string_view media = cell_at(medias, i);
    if (is_missing(*keys, i)) return Error{Code::malformed, place() + "has no sample_id"};
    row.begin = group.texts.size();
    row.key_size = static_cast<std::uint32_t>(key.size());
    group.texts += key;
    if (path != key) {
      row.path_size = static_cast<std::uint32_t>(path.size());
      group.texts += path;
    }
    // In a shard only the member's own name is kept.
    if (!shard.empty() && media.size() > shard.size() && media.starts_with(shard)) media.remove_prefix(shard.size());
    row.media_size = static_cast<std::uint32_t>(media.size());
    group.texts += media;
    row.shard = shards.number_of(std::string(shard));
    row.splits = splits.number_of(list_at(lists, i));
    row.state = states.number_of(std::string(cell_at(words, i)));
    row.width = number_at<std::uint32_t>(widths, i).value_or(0);
    row.height = number_at<std::uint32_t>(heights, i).value_or(0);
    const std::int64_t size = number_at<std::int64_t>(sizes, i).value_or(0);
    const std::int64_t offset = number_at<std::int64_t>(offsets, i).value_or(0);
    if (size < 0 || offset < 0) return Error{Code::malformed, place() + "media_size and shard_offset are not below 0"};
    row.size = static_cast<std::uint64_t>(size);
    row.offset = static_cast<std::uint64_t>(offset);
    if (const std::string_view hex = cell_at(digests, i); !hex.empty()) {
      auto digest = parse_digest(hex);
      if (!digest) return Error{Code::malformed, place() + "media_sha256: " + digest.error().message};
      row.digest = *digest;
      row.has_digest = true;
    }
    group.keys.add(key, static_cast<std::uint32_t>(i));
    if (row.path_size != 0) group.paths.add(path, static_cast<std::uint32_t>(i));
  }
  group.shards = std::move(shards).list();
  group.states = std::move(states).list();
  group.splits = std::move(splits).list();
  group.texts.shrink_to_fit();
  group.keys.sort();
  group.paths.sort();
  return group;
}

Result<const SampleIndex::Group*> SampleIndex::group(std::size_t number) const {
  return groups_.get(number, [&] { return read(number); });
}

Result<PackedSample> SampleIndex::at(std::uint64_t row) const {
  if (row >= size())
    return Error{Code::usage, "there is no sample " + std::to_string(row) + ", only " + std::to_string(size())};
  const std::size_t number = table_.group_of(row);
  VETSET_TRY(const Group* const g, group(number));
  const Row& r = g->rows[row - table_.begin_of(number)];
  PackedSample sample{.row = row,
                      .key = std::string(g->key_of(r)),
                      .path = std::string(g->path_of(r)),
                      .splits = g->splits[r.splits],
                      .state = g->states[r.state],
                      .width = r.width,
                      .height = r.height,
                      .media = std::string(g->media_of(r)),
                      .shard = g->shards[r.shard],
                      .offset = r.offset,
                      .size = r.size};
  if (sample.media.starts_with('/')) sample.media = sample.shard + sample.media;
  if (r.has_digest) sample.digest = r.digest;
  return sample;
}

Result<std::optional<std::uint64_t>> SampleIndex::find_key(std::string_view key) const {
  for (std::size_t number = 0; number < table_.ends().size(); ++number) {
    if (!table_.may_hold(number, "sample_id", key)) continue;
    VETSET_TRY(const Group* const g, group(number));
    for (const auto& [hash, row] : g->keys.find(key))
      if (g->key_of(g->rows[row]) == key) return std::optional(table_.begin_of(number) + row);
  }
  return std::optional<std::uint64_t>();
}

Result<std::optional<std::uint64_t>> SampleIndex::find_path(std::string_view path) const {
  for (std::size_t number = 0; number < table_.ends().size(); ++number) {
    if (!table_.may_hold(number, "path", path)) continue;
    VETSET_TRY(const Group* const g, group(number));
    std::optional<std::uint32_t> first;
    for (const RowsByText* texts : {&g->keys, &g->paths})
      for (const auto& [hash, row] : texts->find(path))
        if (g->path_of(g->rows[row]) == path && (!first || row < *first)) first = row;
    if (first) return std::optional(table_.begin_of(number) + *first);
  }
  return std::optional<std::uint64_t>();
}

Result<std::vector<std::uint64_t>> SampleIndex::of_split(std::string_view split) const {
  std::vector<std::uint64_t> rows;
  for (std::size_t number = 0; number < table_.ends().size(); ++number) {
    VETSET_TRY(const Group* const g, group(number));
    std::vector<bool> inside;
    for (const auto& names : g->splits) inside.push_back(std::find(names.begin(), names.end(), split) != names.end());
    for (std::size_t i = 0; i < g->rows.size(); ++i)
      if (inside[g->rows[i].splits]) rows.push_back(table_.begin_of(number) + i);
  }
  return rows;
}

}  // namespace vetset
