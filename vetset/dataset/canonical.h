// The text form of a dataset: one RFC 8785 JSON object a record, tables sorted by key. What diffs compare, golden files
// hold, and identity is the hash of. A row holds what was authored, plus order and residue; never what was measured.
// docs/identity.md says how a stranger recomputes it; tests/judges/identity_twin.py does, in plain Python.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

struct CanonicalTable {
  std::string name;                  // "annotations"
  std::string key;                   // the column that sorts it: "ann_id"; empty: sorted by the rows' own bytes
  std::vector<std::string> columns;  // those that have a value in any row, sorted
  std::uint64_t rows = 0;
  Digest schema;  // SHA-256 of the columns' canonical JSON
  Digest root;    // Merkle root over the rows in order
};
/// The file that an image is in, as delivered.
struct MediaFile {
  ImageIndex image;
  Digest digest;
  std::uint64_t bytes = 0;
};
/// Identity of a dataset: `document` is the canonical JSON that `id` is the hash of.
struct Identity {
  std::string document;
  Digest id;
  Digest labels_id;  // of the same without media
  std::vector<CanonicalTable> tables;
};

/// Calls `row` with each canonical row, table after table in a fixed order, rows sorted by key.
Result<void> canonical_rows(const Dataset& d, const Pool& pool,
                            const std::function<void(std::string_view table, std::string_view row)>& row);
/// All rows as lines "table\trow\n". For tests, golden files and people.
std::string canonical(const Dataset& d);

/// The canonical rows of single records, for documents that speak of them.
class CanonicalRows {
 public:
  /// `d` must outlive it.
  CanonicalRows(const Dataset& d, const Pool& pool);
  ~CanonicalRows();
  std::string of(AnnotationIndex i) const;
  std::string of(ImageIndex i) const;
  std::string of(CategoryIndex i) const;
  std::string of(LicenceIndex i) const;
  std::string of(SplitIndex i) const;
  std::string of_membership(std::size_t i) const;

 private:
  struct Keys;
  const Dataset& d_;
  std::unique_ptr<const Keys> keys_;
};

/// labels_id: what the labels say, without media.
Result<Identity> labels_identity(const Dataset& d, const Pool& pool);
/// dataset_id: the same with the media, so that it changes when two images change places. `media` in any order, one for
/// each image that has a file.
Result<Identity> dataset_identity(const Dataset& d, std::span<const MediaFile> media, const Pool& pool);

}  // namespace vetset
