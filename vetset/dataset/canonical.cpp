#include "vetset/dataset/canonical.h"

#include <algorithm>
#include <atomic>
#include <memory>

#include "vetset/base/json.h"
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
  using Row = std::pair<std::string, std::uint32_t>;
  const auto rows = std::make_shared<std::vector<Row>>(count);
  pool.for_ranges(count, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) (*rows)[i].second = append((*rows)[i].first, i);
  });
  std::sort(rows->begin(), rows->end());
  return {.layout = &layout, .rows = count, .append = [rows](std::string& out, std::size_t k) {
            out += (*rows)[k].first;
            return (*rows)[k].second;
          }};
}

/// The tables of a dataset, in the order in which they are printed.
class Tables {
 public:
  Tables(const Dataset& d, const Pool& pool) : d_(d), pool_(pool), keys_(make_row_keys(d, pool)) {}

  /// Calls `use` with each table; the rows of one without a key live no longer than the call.
  void each(const std::function<void(const RowSource&)>& use) const {
    use({.layout = &dataset_table, .rows = 1, .append = [&](std::string& out, std::size_t) {
           return append_dataset_row(out, d_);
         }});
    use(keyed(splits_table, keys_.splits,
              [&](std::string& out, std::size_t i) { return append_split_row(out, d_, keys_, i); }));
    use(keyed(licences_table, keys_.licences, whole(append_licence_row)));
    use(keyed(categories_table, keys_.categories, whole(append_category_row)));
    use(keyed(samples_table, keys_.images, whole(append_sample_row)));
    use(keyed(annotations_table, keys_.annotations, whole(append_annotation_row)));
    use(keyed(tracks_table, keys_.tracks, whole(append_track_row)));
    use(sorted_rows(relations_table, d_.relations.size(), pool_,
                    [&](std::string& out, std::size_t i) { return append_relation_row(out, d_, keys_, i); }));
    use(sorted_rows(memberships_table, d_.memberships.size(), pool_,
                    [&](std::string& out, std::size_t i) { return append_membership_row(out, d_, keys_, i); }));
    use(sorted_rows(unread_table, d_.unread.size(), pool_,
                    [&](std::string& out, std::size_t i) { return append_unread_row(out, d_, i); }));
  }

  const RowKeys& keys() const { return keys_; }

 private:
  using AppendKeyed = std::uint32_t (*)(std::string&, const Dataset&, const RowKeys&, std::size_t, RowPart);

  std::function<std::uint32_t(std::string&, std::size_t)> whole(AppendKeyed append) const {
    return [this, append](std::string& out, std::size_t i) { return append(out, d_, keys_, i, RowPart::whole); };
  }
  RowSource keyed(const TableLayout& layout, const KeyColumn& keys,
                  std::function<std::uint32_t(std::string&, std::size_t)> append) const {
    return {.layout = &layout, .rows = keys.size(), .sorted = &keys.sorted(), .append = std::move(append)};
  }

  const Dataset& d_;
  const Pool& pool_;
  RowKeys keys_;
};

void append_quoted(std::string& out, std::string_view key, std::string_view value) {
  append_json_string(out, key);
  out += ':';
  append_json_string(out, value);
}

CanonicalTable digest_of(const RowSource& source, const Pool& pool) {
  CanonicalTable table{
      .name = std::string(source.layout->name), .key = std::string(source.layout->key), .rows = source.rows};
  std::vector<Digest> leaves(source.rows);
  // Rows are written as they are stored, one beside the other in memory, and their digests put where the keys say.
  std::vector<std::uint32_t> place(source.rows);
  for (std::size_t k = 0; k < source.rows; ++k)
    place[source.sorted != nullptr ? (*source.sorted)[k] : k] = static_cast<std::uint32_t>(k);
  std::atomic<std::uint32_t> used = 0;  // a union of bits: the same in whatever order
  pool.for_ranges(source.rows, grain, [&](std::size_t begin, std::size_t end) {
    std::string row;
    std::uint32_t columns = 0;
    for (std::size_t i = begin; i < end; ++i) {
      row.clear();
      columns |= source.append(row, i);
      leaves[place[i]] = MerkleTree::leaf(row);
    }
    used.fetch_or(columns, std::memory_order_relaxed);
  });
  MerkleTree tree;
  for (const Digest& leaf : leaves) tree.add_leaf(leaf);
  table.root = tree.root();
  std::string schema = "[";
  for (std::size_t c = 0; c < source.layout->columns.size(); ++c) {
    if ((used.load() >> c & 1U) == 0) continue;
    if (!table.columns.empty()) schema += ',';
    table.columns.emplace_back(source.layout->columns[c]);
    append_json_string(schema, table.columns.back());
  }
  table.schema = sha256(schema + "]");
  return table;
}

/// {"bytes":…,"count":…,"root":"…"} over the rows [sample_id, digest, size], sorted by their bytes.
std::string media_document(const KeyColumn& sample_ids, std::span<const MediaFile> media, const Pool& pool) {
  std::vector<std::string> rows(media.size());
  pool.for_ranges(media.size(), grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      std::string& row = rows[i];
      row = "[";
      append_canonical_string(row, sample_ids[to_size(media[i].image)]);
      row += ",\"" + media[i].digest.hex() + "\",";
      append_canonical_integer(row, static_cast<std::int64_t>(media[i].bytes));
      row += ']';
    }
  });
  std::sort(rows.begin(), rows.end());
  MerkleTree tree;
  for (const std::string& row : rows) tree.add(row);
  std::uint64_t bytes = 0;
  for (const MediaFile& file : media) bytes += file.bytes;
  std::string out = "{\"bytes\":";
  append_canonical_integer(out, static_cast<std::int64_t>(bytes));
  out += ",\"count\":";
  append_canonical_integer(out, static_cast<std::int64_t>(media.size()));
  out += ',';
  append_quoted(out, "root", tree.root().hex());
  return out + "}";
}

/// `media`: null where the identity is of the labels alone.
Result<Identity> identity_of(const Dataset& d, std::string_view domain, const std::span<const MediaFile>* media,
                             const Pool& pool) {
  Identity identity;
  const Tables tables(d, pool);
  tables.each([&](const RowSource& source) {
    if (source.rows > 0) identity.tables.push_back(digest_of(source, pool));
  });
  std::vector<const CanonicalTable*> by_name;
  for (const CanonicalTable& table : identity.tables) by_name.push_back(&table);
  std::sort(by_name.begin(), by_name.end(),
            [](const CanonicalTable* a, const CanonicalTable* b) { return a->name < b->name; });

  std::string& out = identity.document;
  out += '{';
  if (media != nullptr) {
    out += "\"media\":";
    out += media_document(tables.keys().images, *media, pool);
    out += ',';
  }
  out += "\"schema\":1,\"tables\":{";
  for (const CanonicalTable* table : by_name) {
    if (table != by_name.front()) out += ',';
    append_json_string(out, table->name);
    out += ":{\"key\":[";
    if (!table->key.empty()) append_json_string(out, table->key);
    out += "],";
    append_quoted(out, "root", table->root.hex());
    out += ",\"rows\":";
    append_canonical_integer(out, static_cast<std::int64_t>(table->rows));
    out += ',';
    append_quoted(out, "schema", table->schema.hex());
    out += '}';
  }
  out += "}}";
  identity.id = sha256(std::string(domain) + out);
  return identity;
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

Result<Identity> labels_identity(const Dataset& d, const Pool& pool) {
  return identity_of(d, "vetset/labels/1\n", nullptr, pool);
}

Result<Identity> dataset_identity(const Dataset& d, std::span<const MediaFile> media, const Pool& pool) {
  return identity_of(d, "vetset/dataset/1\n", &media, pool);
}

}  // namespace vetset
