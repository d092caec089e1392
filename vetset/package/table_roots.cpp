#include "vetset/package/table_roots.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "vetset/base/row_groups.h"
#include "vetset/dataset/canonical_rows.h"
#include "vetset/formats/vetset/vetset.h"

namespace vetset {
namespace {

constexpr std::uint64_t rows_of_slice = 4096;
constexpr std::uint64_t most_footer = 64 << 20;
constexpr std::uint64_t most_reserved = 1 << 22;    // rows that memory is asked for before they are seen
constexpr std::uint64_t most_small_rows = 1 << 20;  // of a table that is held as a whole
constexpr std::size_t most_told = 10;               // faults of one kind in one table

/// Columns that say where files lie and how things were spelled: no part of a canonical row (docs/package-format.md).
bool is_physical(std::string_view table, std::string_view column) {
  constexpr std::string_view samples[] = {"splits", "file", "document", "offset", "source"};
  constexpr std::string_view annotations[] = {"document", "offset", "spelling"};
  constexpr std::string_view splits[] = {"origin", "file", "styles"};
  const auto has = [&](std::span<const std::string_view> columns) {
    return std::find(columns.begin(), columns.end(), column) != columns.end();
  };
  return (table == "samples" && has(samples)) || (table == "annotations" && has(annotations)) ||
         (table == "splits" && has(splits));
}

std::vector<std::string> canonical_columns(std::string_view table) {
  std::vector<std::string> columns = package_columns(table);
  std::erase_if(columns, [&](const std::string& column) { return is_physical(table, column); });
  return columns;
}

/// Rows of these tables say what they say together, or where they stand: they are held as a whole.
bool is_small(std::string_view table) {
  return table == "dataset" || table == "splits" || table == "licences" || table == "categories";
}

const TableKind* kind_of_table(std::string_view table) {
  for (const TableKind& kind : canonical_tables())
    if (kind.layout->name == table) return &kind;
  return nullptr;
}

/// Keys as numbers, to know which there are: that two of a million share one happens once in ten million packages.
class KnownKeys {
 public:
  void add(std::string_view key) { numbers_.push_back(number_of(key)); }
  void arrange() { std::sort(numbers_.begin(), numbers_.end()); }
  bool has(std::string_view key) const { return std::binary_search(numbers_.begin(), numbers_.end(), number_of(key)); }

 private:
  static std::uint64_t number_of(std::string_view key) {
    const Digest digest = sha256(key);
    std::uint64_t number = 0;
    std::memcpy(&number, digest.bytes.data(), sizeof number);
    return number;
  }
  Column<std::uint64_t> numbers_;
};

/// Opens a table whose footer is no larger than any honest one.
Result<std::unique_ptr<RowGroups>> open_table(const Tree& tree, const std::string& path) {
  VETSET_TRY(const ParquetModule* const module, parquet_module());
  VETSET_TRY(const std::uint64_t size, tree.size(path));
  if (size < 12) return Error{Code::malformed, "is no Parquet file: it has " + std::to_string(size) + " bytes", path};
  VETSET_TRY(const Bytes tail, tree.read(path, {.offset = size - 8, .size = 8}));
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint64_t>(static_cast<unsigned char>(tail.data()[i]));
  };
  if (tail.size() < 8 || tail.text().substr(4) != "PAR1")
    return Error{Code::malformed, "is no Parquet file: it does not end with PAR1", path};
  const std::uint64_t footer = byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
  if (footer > most_footer)
    return Error{Code::limit, "states a footer of " + std::to_string(footer) + " bytes, expected at most 64 MiB", path};
  auto opened = module->open(size, [&tree, path](Range range) { return tree.read(path, range); });
  if (!opened) return std::move(opened).error().in(path);
  return opened;
}

/// Some rows of a table, ready to be sorted in.
struct SliceRows {
  KeyColumn texts;             // what sorts them
  std::vector<Digest> leaves;  // none where the texts are the rows
  std::uint32_t used = 0;
  RowKeys named;  // the keys that they name in other tables
};

SliceRows rows_of(const TableKind& kind, PackageSlice slice) {
  SliceRows out;
  const std::size_t count = kind.keys != nullptr ? (slice.keys.*kind.keys).size() : kind.rows(slice.dataset);
  std::string row;
  for (std::size_t i = 0; i < count; ++i) {
    row.clear();
    out.used |= kind.append(row, slice.dataset, slice.keys, i);
    if (kind.keys == nullptr)
      out.texts.add(row);
    else
      out.leaves.push_back(MerkleTree::leaf(row));
  }
  if (kind.keys != nullptr) {
    out.texts = std::move(slice.keys.*kind.keys);
    slice.keys.*kind.keys = {};
  }
  out.named = std::move(slice.keys);
  return out;
}

class TableWalk {
 public:
  TableWalk(const Tree& tree, const TableListener& listener, const Pool& pool, const Progress& progress)
      : tree_(tree), listener_(listener), pool_(pool), progress_(progress) {}

  Result<TableRoots> run() {
    std::vector<CanonicalTable> tables;
    MediaSum media;
    for (const std::string_view table : package_table_names()) {
      const TableKind* const kind = kind_of_table(table);
      if (kind == nullptr) continue;  // files: no part of the identity
      const std::string path = package_table_path(table);
      if (!tree_.contains(path)) {
        if (!package_requires(table)) continue;
        return Error{Code::malformed, "the table " + std::string(table) + " is missing; every package has " + path};
      }
      auto done = walk(*kind, path);
      if (!done) return done.error().file.empty() ? std::move(done).error().in(path) : std::move(done).error();
      if (table == "samples") {
        roots_.samples = done->rows;
        VETSET_TRY(media, media_sum());
      }
      if (table == "annotations") roots_.annotations = done->rows;
      if (done->rows > 0) tables.push_back(*std::move(done));
    }
    // In the order in which rows are printed, as from a dataset in memory.
    std::sort(tables.begin(), tables.end(), [](const CanonicalTable& a, const CanonicalTable& b) {
      return kind_of_table(a.name) < kind_of_table(b.name);
    });
    roots_.identity = identity_of_tables(std::move(tables), media);
    return std::move(roots_);
  }

 private:
  /// The samples are read once more for it: both roots at once would take twice the memory.
  Result<MediaSum> media_sum() {
    MediaDigester digester;
    VETSET_DO(each_media_place(
        tree_, progress_, [&](std::uint64_t rows, std::uint64_t row, std::string_view sample_id, MediaPlace&& place) {
          if (row == 0) digester.reserve(std::min(rows, most_reserved));
          if (const auto file = listener_.media(row, sample_id, place))
            digester.add(sample_id, file->digest, file->bytes);
        }));
    return digester.finish();
  }

  Result<CanonicalTable> walk(const TableKind& kind, const std::string& path) {
    const std::string_view table = kind.layout->name;
    VETSET_TRY(const std::unique_ptr<RowGroups> groups, open_table(tree_, path));
    const bool small = is_small(table);
    if (small && groups->rows() > most_small_rows)
      return Error{Code::limit, "states " + std::to_string(groups->rows()) + " rows, expected at most " +
                                    std::to_string(most_small_rows)};
    LeafSorter sorter;
    if (kind.keys != nullptr) sorter.reserve(std::min(groups->rows(), most_reserved));
    std::uint32_t used = 0;
    const auto accept = [&](SliceRows&& rows) {
      used |= rows.used;
      take_rows(kind, rows, sorter);
    };

    PackageReader whole = reader_.slice();  // of a small table
    std::vector<Table> waiting;
    const auto flush = [&]() -> Result<void> {
      std::vector<Result<SliceRows>> made(waiting.size(), Result<SliceRows>(Error{}));
      pool_.for_each(waiting.size(), [&](std::size_t i) { made[i] = slice_rows(kind, waiting[i]); });
      waiting.clear();
      for (Result<SliceRows>& rows : made) {
        VETSET_TRY(SliceRows good, std::move(rows));
        accept(std::move(good));
      }
      return {};
    };
    const auto take = [&](const Table& rows) -> Result<void> {
      if (progress_.stopped()) return Error{Code::cancelled, "stopped"};
      if (small) {
        if (table == "dataset") VETSET_DO(reader_.add(table, rows));
        return whole.add(table, rows);
      }
      waiting.push_back(rows);
      if (waiting.size() < pool_.threads()) return {};
      VETSET_DO(flush());
      progress_.tell("reading " + path, sorter.size(), groups->rows());
      return {};
    };
    VETSET_DO(groups->pieces(rows_of_slice, canonical_columns(table), take));
    VETSET_DO(flush());
    if (small) {
      VETSET_TRY(PackageSlice slice, whole.finish_slice());
      accept(rows_of(kind, std::move(slice)));
    }
    if (sorter.size() != groups->rows())
      listener_.fault(
          "E_PARQUET_STATS", table,
          "the file states " + std::to_string(groups->rows()) + " rows and has " + std::to_string(sorter.size()));
    finish_references(table);
    std::size_t twice = 0;
    std::function<void(std::string_view)> tell;
    if (kind.keys != nullptr)
      tell = [&](std::string_view key) {
        if (twice++ < most_told)
          listener_.fault("E_DUP_KEY", table,
                          std::string(kind.layout->key) + " '" + std::string(key) + "' is there twice");
      };
    const std::uint64_t rows = sorter.size();
    const Digest root = sorter.root(tell);
    if (twice > most_told) listener_.fault("E_DUP_KEY", table, "and " + std::to_string(twice - most_told) + " more");
    return canonical_table(*kind.layout, rows, root, used);
  }

  Result<SliceRows> slice_rows(const TableKind& kind, const Table& rows) const {
    PackageReader reader = reader_.slice();
    VETSET_DO(reader.add(kind.layout->name, rows));
    VETSET_TRY(PackageSlice slice, reader.finish_slice());
    return rows_of(kind, std::move(slice));
  }

  void take_rows(const TableKind& kind, const SliceRows& rows, LeafSorter& sorter) {
    for (std::size_t i = 0; i < rows.texts.size(); ++i) {
      if (kind.keys == nullptr) {
        sorter.add_row(rows.texts[i]);
        continue;
      }
      sorter.add(rows.texts[i], rows.leaves[i]);
      if (is_referred_to(kind.layout->name)) known_[kind.layout->name].add(rows.texts[i]);
    }
    for (const TableKind& other : canonical_tables())
      if (other.keys != nullptr && &other != &kind)
        check_references(kind.layout->name, other.layout->name, rows.named.*other.keys);
  }

  /// Annotations are many; only tracks and relations speak of them.
  bool is_referred_to(std::string_view table) const {
    if (table == "tracks") return false;
    return table != "annotations" || tree_.contains(package_table_path("tracks")) ||
           tree_.contains(package_table_path("relations"));
  }

  void check_references(std::string_view from, std::string_view to, const KeyColumn& named) {
    const KnownKeys& known = known_[to];
    for (std::size_t i = 0; i < named.size(); ++i)
      if (!known.has(named[i]) && dangling_[to]++ < most_told)
        listener_.fault("E_DANGLING", from, "'" + std::string(named[i]) + "' names no row of " + std::string(to));
  }

  /// No more rows of a table will come.
  void finish_references(std::string_view table) {
    if (const auto known = known_.find(table); known != known_.end()) known->second.arrange();
    for (const auto& [to, count] : dangling_)
      if (count > most_told)
        listener_.fault("E_DANGLING", table,
                        "and " + std::to_string(count - most_told) + " more that name no row of " + std::string(to));
    dangling_.clear();
  }

  const Tree& tree_;
  const TableListener& listener_;
  const Pool& pool_;
  const Progress& progress_;
  PackageReader reader_;  // what slices must know: the table dataset
  std::map<std::string_view, KnownKeys> known_;
  std::map<std::string_view, std::size_t> dangling_;
  TableRoots roots_;
};

}  // namespace

Result<TableRoots> roots_of_tables(const Tree& tree, const TableListener& listener, const Pool& pool,
                                   const Progress& progress) {
  return TableWalk(tree, listener, pool, progress).run();
}

Result<void> each_media_place(const Tree& tree, const Progress& progress, const TakeMediaPlace& take) {
  VETSET_TRY(const std::unique_ptr<RowGroups> groups, open_table(tree, package_table_path("samples")));
  std::uint64_t row = 0;
  const PackageReader nothing;
  const auto take_rows = [&](const Table& rows) -> Result<void> {
    if (progress.stopped()) return Error{Code::cancelled, "stopped"};
    PackageReader reader = nothing.slice();
    VETSET_DO(reader.add("samples", rows));
    std::vector<MediaPlace> places = reader.take_media();
    VETSET_TRY(const PackageSlice slice, reader.finish_slice());
    for (std::size_t i = 0; i < places.size(); ++i)
      take(groups->rows(), row++, slice.keys.images[i], std::move(places[i]));
    return {};
  };
  return groups->pieces(rows_of_slice, {"sample_id", "media", "media_sha256", "media_size", "shard", "shard_offset"},
                        take_rows);
}

}  // namespace vetset
