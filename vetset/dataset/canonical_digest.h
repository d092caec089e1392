// From rows to digests: the table's root over rows that come in any order, and the identity over its tables. For those
// who have a dataset in memory (canonical.cpp) and for those who read a package row by row.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/column.h"
#include "vetset/dataset/canonical.h"
#include "vetset/dataset/canonical_rows.h"

namespace vetset {

/// `used`: which columns of the layout any row has, a bit each.
CanonicalTable canonical_table(const TableLayout& layout, std::uint64_t rows, const Digest& root, std::uint32_t used);

/// The Merkle root of rows that come in any order; of each it keeps the digest and the text that sorts it.
class LeafSorter {
 public:
  void reserve(std::uint64_t rows) { leaves_.reserve(rows); }
  void add(std::string_view sort_by, const Digest& leaf);
  /// Of a table without a key, in place of that: the row sorts itself, and its digest is taken in the end.
  void add_row(std::string_view row) { texts_.add(row); }
  std::uint64_t size() const { return texts_.size(); }
  /// The root. `twice` is called with each text that several rows have.
  Digest root(const std::function<void(std::string_view)>& twice = {});

 private:
  KeyColumn texts_;
  Column<Digest> leaves_;  // none where the texts are the rows
};

/// Count, bytes and root of the files that samples are bound to.
struct MediaSum {
  std::uint64_t count = 0, bytes = 0;
  Digest root;
};
class MediaDigester {
 public:
  void reserve(std::uint64_t rows) { rows_.reserve(rows); }
  void add(std::string_view sample_id, const Digest& digest, std::uint64_t bytes);
  MediaSum finish();

 private:
  LeafSorter rows_;
  std::uint64_t bytes_ = 0;
  std::string row_;
};

/// The identity that tables have together; without media, that of the labels. Tables without rows are not given.
Identity identity_of_tables(std::vector<CanonicalTable> tables, const std::optional<MediaSum>& media);

}  // namespace vetset
