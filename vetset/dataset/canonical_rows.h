// What canonical.cpp is made of: the tables, the keys of their records, and the rows. For files of this room only.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/column.h"
#include "vetset/base/pool.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

/// A table of the canonical form. `columns` sorted; `key` empty: rows are sorted by their own bytes.
struct TableLayout {
  std::string_view name, key;
  std::span<const std::string_view> columns;
};
extern const TableLayout dataset_table, splits_table, licences_table, categories_table, samples_table,
    annotations_table, tracks_table, relations_table, memberships_table, unread_table;

/// Writes one row, column after column in the order of the layout, and notes which columns it has.
class RowWriter {
 public:
  RowWriter(std::string& out, const TableLayout& layout) : out_(out), layout_(layout) { out_ += '{'; }
  /// Begins a column; its value is appended to what comes back.
  std::string& column(std::string_view name);
  void text(std::string_view name, std::string_view value);
  void number(std::string_view name, double value);
  void integer(std::string_view name, std::int64_t value);
  /// One bit a column of the layout.
  std::uint32_t end() {
    out_ += '}';
    return used_;
  }

 private:
  std::string& out_;
  const TableLayout& layout_;
  std::size_t next_ = 0;
  std::uint32_t used_ = 0;
};

/// One text a record.
class KeyColumn {
 public:
  void add(std::string_view key);
  std::string_view operator[](std::size_t i) const {
    return {bytes_.data() + ends_[i], static_cast<std::size_t>(ends_[i + 1] - ends_[i])};
  }
  std::size_t size() const { return ends_.size() - 1; }
  void sort();
  /// Records in the order of their keys' bytes, equal ones in the order of their indices; after `sort`.
  const std::vector<std::uint32_t>& sorted() const { return sorted_; }

 private:
  Column<char> bytes_;
  Column<std::uint64_t> ends_ = Column<std::uint64_t>(1);
  std::vector<std::uint32_t> sorted_;
};

/// The keys by which rows name records of other tables.
struct RowKeys {
  KeyColumn splits, licences, categories, images, annotations, tracks;
};
/// Every key is unique in its table, and does not depend on where the record stands in its column.
RowKeys make_row_keys(const Dataset& d, const Pool& pool);

/// A table of the canonical form: how many rows a dataset has of it, and how each is written.
struct TableKind {
  const TableLayout* layout;
  KeyColumn RowKeys::* keys;  // of its rows; null where the rows sort by their own bytes
  std::size_t (*rows)(const Dataset& d);
  std::uint32_t (*append)(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i);
};
/// All of them, in the order in which they are printed.
std::span<const TableKind> canonical_tables();

/// `content` leaves out the key and the order: what the hash of a record without an id of its own is taken of.
enum class RowPart : std::uint8_t { whole, content };

std::uint32_t append_dataset_row(std::string& out, const Dataset& d);
std::uint32_t append_split_row(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i);
std::uint32_t append_licence_row(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i, RowPart part);
std::uint32_t append_category_row(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i, RowPart part);
std::uint32_t append_sample_row(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i, RowPart part);
std::uint32_t append_annotation_row(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i,
                                    RowPart part);
std::uint32_t append_track_row(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i, RowPart part);
std::uint32_t append_relation_row(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i);
std::uint32_t append_membership_row(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i);
std::uint32_t append_unread_row(std::string& out, const Dataset& d, std::size_t i);

// Columns that several tables have; nothing is written where the record has no value.
/// `first`: a residue that stands beside the column of residues.
void append_residue(RowWriter& row, const Dataset& d, Owner owner, std::size_t index, std::string_view first = {});
void append_attributes(RowWriter& row, const Dataset& d, Owner owner, std::size_t index);
void append_id(RowWriter& row, const Dataset& d, const Ids& ids, std::size_t i);

/// The shapes of an annotation that has some, as a list.
void append_canonical_shapes(std::string& out, const Dataset& d, const Annotation& a);

/// The states of a track as a list; false where it has none.
bool append_track_states(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i);

/// A JSON value of the dataset in canonical form; bytes that are not JSON, as a string.
void append_canonical_token(std::string& out, std::string_view json);

}  // namespace vetset
