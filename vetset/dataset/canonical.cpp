#include "vetset/dataset/canonical.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <tuple>

#include "vetset/base/json.h"
#include "vetset/base/memory.h"
#include "vetset/dataset/canonical_digest.h"
#include "vetset/dataset/canonical_rows.h"

namespace vetset {
namespace {

constexpr std::size_t grain = 512;  // rows that one thread writes at a time

/// A table ready to be written.
struct RowSource {
  const TableLayout* layout = nullptr;
  std::size_t rows = 0;
  std::span<const std::uint32_t> sorted = {};  // its records, in the order in which they are printed
  std::function<std::uint32_t(std::string& out, std::size_t record)> append;
};

/// What a row begins with, behind what all rows of its table begin with: bytes as numbers that sort alike. Where the
/// row ends sooner, zeros, which no row holds.
struct RowBegin {
  std::uint64_t first = 0, second = 0;
  std::uint32_t record = 0;

  RowBegin() = default;
  RowBegin(std::string_view row, std::size_t skipped, std::size_t i) : record(static_cast<std::uint32_t>(i)) {
    row.remove_prefix(std::min(skipped, row.size()));
    for (std::size_t k = 0; k < 16; ++k) {
      std::uint64_t& half = k < 8 ? first : second;
      half = half << 8 | (k < row.size() ? static_cast<unsigned char>(row[k]) : 0U);
    }
  }
  bool same_text(const RowBegin& other) const { return first == other.first && second == other.second; }
  bool operator<(const RowBegin& other) const {
    return std::tie(first, second, record) < std::tie(other.first, other.second, other.record);
  }
};

/// Records in the order of their rows' bytes, for rows without a key. A million rows are not held to be sorted: they
/// are written, and only those that begin alike are written again and looked at whole.
std::vector<std::uint32_t> order_by_rows(const TableLayout& layout, std::size_t count, const Pool& pool,
                                         const std::function<void(std::string& out, std::size_t i)>& append) {
  if (count == 1) return {0};
  const std::string common = "{\"" + std::string(layout.columns.front()) + "\":";
  std::vector<RowBegin> begins(count);
  pool.for_ranges(count, grain, [&](std::size_t begin, std::size_t end) {
    std::string row;
    for (std::size_t i = begin; i < end; ++i) {
      row.clear();
      append(row, i);
      VETSET_ASSERT(row.starts_with(common), "every row of a table without a key has the first of its columns");
      begins[i] = RowBegin(row, common.size(), i);
    }
  });
  std::sort(begins.begin(), begins.end());
  std::vector<std::uint32_t> sorted;
  sorted.reserve(count);
  for (auto run = begins.cbegin(); run != begins.cend();) {
    const auto end = std::find_if(run, begins.cend(), [&](const RowBegin& r) { return !r.same_text(*run); });
    if (end - run == 1) {
      sorted.push_back((run++)->record);
      continue;
    }
    KeyColumn rows;
    std::string row;
    for (auto at = run; at != end; ++at) {
      row.clear();
      append(row, at->record);
      rows.add(row);
    }
    rows.sort();
    for (const std::uint32_t k : rows.sorted()) sorted.push_back((run + k)->record);
    run = end;
  }
  return sorted;
}

/// The tables of a dataset, in the order in which they are printed.
class Tables {
 public:
  Tables(const Dataset& d, const Pool& pool) : d_(d), pool_(pool), keys_(make_row_keys(d, pool)) {
    give_memory_back();  // what the keys were sorted with
  }

  /// Calls `use` with each table; the rows of one without a key live no longer than the call.
  void each(const std::function<void(const RowSource&)>& use) const {
    for (const TableKind& kind : canonical_tables()) {
      const auto append = [&](std::string& out, std::size_t i) { return kind.append(out, d_, keys_, i); };
      const std::size_t rows = kind.rows(d_);
      const std::vector<std::uint32_t> by_text =
          kind.keys == nullptr ? order_by_rows(*kind.layout, rows, pool_, append) : std::vector<std::uint32_t>();
      use({.layout = kind.layout,
           .rows = rows,
           .sorted = kind.keys == nullptr ? by_text : (keys_.*kind.keys).sorted(),
           .append = append});
      give_memory_back();
    }
  }

  const RowKeys& keys() const { return keys_; }

 private:
  const Dataset& d_;
  const Pool& pool_;
  RowKeys keys_;
};

CanonicalTable digest_of(const RowSource& source, const Pool& pool) {
  // Rows are written as they are stored, one beside the other in memory, and their digests put where the keys say.
  // Where that is the order in which they are printed, or nearly so, they need no such place: some digests at a time
  // are enough.
  const bool by_place = !source.layout->key.empty() && !std::is_sorted(source.sorted.begin(), source.sorted.end());
  const std::size_t batch = by_place ? source.rows : std::min(source.rows, 16 * grain * pool.threads());
  std::vector<Digest> leaves(batch);
  std::vector<std::uint32_t> place(by_place ? source.rows : 0);
  for (std::size_t k = 0; k < place.size(); ++k) place[source.sorted[k]] = static_cast<std::uint32_t>(k);
  std::atomic<std::uint32_t> used = 0;  // a union of bits: the same in whatever order
  MerkleTree tree;
  for (std::size_t first = 0; first < source.rows; first += batch) {
    const std::size_t some = std::min(batch, source.rows - first);
    pool.for_ranges(some, grain, [&](std::size_t begin, std::size_t end) {
      std::string row;
      std::uint32_t columns = 0;
      for (std::size_t i = begin; i < end; ++i) {
        row.clear();
        columns |= source.append(row, by_place ? i : source.sorted[first + i]);
        leaves[by_place ? place[i] : i] = MerkleTree::leaf(row);
      }
      used.fetch_or(columns, std::memory_order_relaxed);
    });
    for (std::size_t k = 0; k < some; ++k) tree.add_leaf(leaves[k]);
  }
  return canonical_table(*source.layout, source.rows, tree.root(), used.load());
}

MediaSum sum_of(const KeyColumn& sample_ids, std::span<const MediaFile> media) {
  MediaDigester digester;
  for (const MediaFile& file : media) digester.add(sample_ids[to_size(file.image)], file.digest, file.bytes);
  return digester.finish();
}

/// `media`: null where the identity is of the labels alone.
Identity identity_of(const Dataset& d, const std::span<const MediaFile>* media, const Pool& pool) {
  std::vector<CanonicalTable> digests;
  const Tables tables(d, pool);
  tables.each([&](const RowSource& source) {
    if (source.rows > 0) digests.push_back(digest_of(source, pool));
  });
  return identity_of_tables(std::move(digests),
                            media == nullptr ? std::nullopt : std::optional(sum_of(tables.keys().images, *media)));
}

}  // namespace

Result<void> canonical_rows(const Dataset& d, const Pool& pool,
                            const std::function<void(std::string_view table, std::string_view row)>& row) {
  Tables(d, pool).each([&](const RowSource& source) {
    const std::size_t batch = grain * pool.threads();
    std::vector<std::string> rows(std::min(batch, source.rows));
    for (std::size_t begin = 0; begin < source.rows; begin += batch) {
      const std::size_t count = std::min(batch, source.rows - begin);
      pool.for_ranges(count, grain, [&](std::size_t from, std::size_t to) {
        for (std::size_t k = from; k < to; ++k) {
          rows[k].clear();
          source.append(rows[k], source.sorted[begin + k]);
        }
      });
      for (std::size_t k = 0; k < count; ++k) row(source.layout->name, rows[k]);
    }
  });
  return {};
}

struct CanonicalRows::Keys : RowKeys {};

CanonicalRows::CanonicalRows(const Dataset& d, const Pool& pool) : d_(d), keys_(new Keys{make_row_keys(d, pool)}) {}
CanonicalRows::~CanonicalRows() = default;

std::string CanonicalRows::of(AnnotationIndex i) const {
  std::string row;
  append_annotation_row(row, d_, *keys_, to_size(i), RowPart::whole);
  return row;
}
std::string CanonicalRows::of(ImageIndex i) const {
  std::string row;
  append_sample_row(row, d_, *keys_, to_size(i), RowPart::whole);
  return row;
}
std::string CanonicalRows::of(CategoryIndex i) const {
  std::string row;
  append_category_row(row, d_, *keys_, to_size(i), RowPart::whole);
  return row;
}
std::string CanonicalRows::of(LicenceIndex i) const {
  std::string row;
  append_licence_row(row, d_, *keys_, to_size(i), RowPart::whole);
  return row;
}
std::string CanonicalRows::of(SplitIndex i) const {
  std::string row;
  append_split_row(row, d_, *keys_, to_size(i));
  return row;
}
std::string CanonicalRows::of_membership(std::size_t i) const {
  std::string row;
  append_membership_row(row, d_, *keys_, i);
  return row;
}

std::string canonical(const Dataset& d) {
  std::string text;
  const Result<void> done = canonical_rows(d, Pool(1), [&](std::string_view table, std::string_view row) {
    text += table;
    text += '\t';
    text += row;
    text += '\n';
  });
  VETSET_ASSERT(done, "nothing that is held in memory can fail to be printed");
  return text;
}

Result<Identity> labels_identity(const Dataset& d, const Pool& pool) { return identity_of(d, nullptr, pool); }

Result<Identity> dataset_identity(const Dataset& d, std::span<const MediaFile> media, const Pool& pool) {
  return identity_of(d, &media, pool);
}

}  // namespace vetset
