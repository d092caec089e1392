#include "vetset/dataset/canonical.h"

#include <algorithm>
#include <atomic>
#include <memory>

#include "vetset/base/json.h"
#include "vetset/dataset/canonical_digest.h"
#include "vetset/dataset/canonical_rows.h"

namespace vetset {
namespace {

constexpr std::size_t grain = 512;  // rows that one thread writes at a time

/// A table ready to be written.
struct RowSource {
  const TableLayout* layout = nullptr;
  std::size_t rows = 0;
  const std::vector<std::uint32_t>* sorted = nullptr;  // records by key; null: they stand in order
  std::function<std::uint32_t(std::string& out, std::size_t record)> append;
};

/// Rows without a key are written at once, and sorted by their bytes.
RowSource sorted_rows(const TableLayout& layout, std::size_t count, const Pool& pool,
                      const std::function<std::uint32_t(std::string& out, std::size_t i)>& append) {
  struct Written {
    KeyColumn rows;
    std::vector<std::uint32_t> used;
  };
  const auto all = std::make_shared<Written>();
  all->used.resize(count);
  std::vector<std::string> texts(std::min(count, 16 * grain * pool.threads()));
  for (std::size_t begin = 0; begin < count; begin += texts.size()) {
    const std::size_t some = std::min(texts.size(), count - begin);
    pool.for_ranges(some, grain, [&](std::size_t from, std::size_t to) {
      for (std::size_t i = from; i < to; ++i) {
        texts[i].clear();
        all->used[begin + i] = append(texts[i], begin + i);
      }
    });
    for (std::size_t i = 0; i < some; ++i) all->rows.add(texts[i]);
  }
  all->rows.sort();
  return {.layout = &layout, .rows = count, .append = [all](std::string& out, std::size_t k) {
            const std::uint32_t i = all->rows.sorted()[k];
            out += all->rows[i];
            return all->used[i];
          }};
}

/// The tables of a dataset, in the order in which they are printed.
class Tables {
 public:
  Tables(const Dataset& d, const Pool& pool) : d_(d), pool_(pool), keys_(make_row_keys(d, pool)) {}

  /// Calls `use` with each table; the rows of one without a key live no longer than the call.
  void each(const std::function<void(const RowSource&)>& use) const {
    for (const TableKind& kind : canonical_tables()) {
      const auto append = [&](std::string& out, std::size_t i) { return kind.append(out, d_, keys_, i); };
      if (kind.keys != nullptr)
        use({.layout = kind.layout,
             .rows = (keys_.*kind.keys).size(),
             .sorted = &(keys_.*kind.keys).sorted(),
             .append = append});
      else
        use(sorted_rows(*kind.layout, kind.rows(d_), pool_, append));
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
  // Those that stand in order need no such place: some digests at a time are enough.
  const std::size_t batch = source.sorted != nullptr ? source.rows : std::min(source.rows, 16 * grain * pool.threads());
  std::vector<Digest> leaves(batch);
  std::vector<std::uint32_t> place(source.sorted != nullptr ? source.rows : 0);
  for (std::size_t k = 0; k < place.size(); ++k) place[(*source.sorted)[k]] = static_cast<std::uint32_t>(k);
  std::atomic<std::uint32_t> used = 0;  // a union of bits: the same in whatever order
  MerkleTree tree;
  for (std::size_t first = 0; first < source.rows; first += batch) {
    const std::size_t some = std::min(batch, source.rows - first);
    pool.for_ranges(some, grain, [&](std::size_t begin, std::size_t end) {
      std::string row;
      std::uint32_t columns = 0;
      for (std::size_t i = begin; i < end; ++i) {
        row.clear();
        columns |= source.append(row, first + i);
        leaves[place.empty() ? i : place[i]] = MerkleTree::leaf(row);
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
          source.append(rows[k], source.sorted != nullptr ? (*source.sorted)[begin + k] : begin + k);
        }
      });
      for (std::size_t k = 0; k < count; ++k) row(source.layout->name, rows[k]);
    }
  });
  return {};
}

struct Rows::Keys : RowKeys {};

Rows::Rows(const Dataset& d, const Pool& pool) : d_(d), keys_(new Keys{make_row_keys(d, pool)}) {}
Rows::~Rows() = default;

std::string Rows::of(AnnotationIndex i) const {
  std::string row;
  append_annotation_row(row, d_, *keys_, to_size(i), RowPart::whole);
  return row;
}
std::string Rows::of(ImageIndex i) const {
  std::string row;
  append_sample_row(row, d_, *keys_, to_size(i), RowPart::whole);
  return row;
}
std::string Rows::of(CategoryIndex i) const {
  std::string row;
  append_category_row(row, d_, *keys_, to_size(i), RowPart::whole);
  return row;
}
std::string Rows::of(LicenceIndex i) const {
  std::string row;
  append_licence_row(row, d_, *keys_, to_size(i), RowPart::whole);
  return row;
}
std::string Rows::of(SplitIndex i) const {
  std::string row;
  append_split_row(row, d_, *keys_, to_size(i));
  return row;
}
std::string Rows::of_membership(std::size_t i) const {
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
