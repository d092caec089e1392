// A table that is read at random: some of its columns, a group of neighbouring rows at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/parquet.h"
#include "vetset/base/tree.h"

namespace vetset {

/// A part of a file; it keeps alive what it reads from, and several threads may call it at once.
using ReadRange = std::function<Result<Bytes>(Range)>;

/// Several threads may read at once.
class RowGroups {
 public:
  virtual ~RowGroups() = default;

  /// Of each group: the number of the first row behind it.
  virtual std::span<const std::uint64_t> ends() const = 0;
  virtual const std::vector<std::string>& columns() const = 0;
  /// Whether a row of the group may have this text in a column; false is certain.
  virtual bool may_hold([[maybe_unused]] std::size_t group, [[maybe_unused]] std::string_view column,
                        [[maybe_unused]] std::string_view text) const {
    return true;
  }
  /// The rows of a group. Of its columns those that `columns` names, where they are there; of none: all.
  virtual Result<Table> read(std::size_t group, const std::vector<std::string>& columns) const = 0;
  /// Hands all rows on in pieces of at most `rows`, in little more memory than a piece and its pages take. What would
  /// need very much more, as a page that claims to be huge does, is Code::limit; a value outside the range that its
  /// group states, Code::untrusted.
  virtual Result<void> pieces(std::uint64_t rows, const std::vector<std::string>& columns,
                              const std::function<Result<void>(const Table&)>& take) const = 0;
  /// The whole table as an Arrow stream, which does not need this object any more. `out` is to be released.
  virtual Result<void> stream(ArrowArrayStream& out) const = 0;

  std::uint64_t rows() const { return ends().empty() ? 0 : ends().back(); }
  /// The group of a row, and where that begins.
  std::size_t group_of(std::uint64_t row) const {
    return static_cast<std::size_t>(std::upper_bound(ends().begin(), ends().end(), row) - ends().begin());
  }
  std::uint64_t begin_of(std::size_t group) const { return group == 0 ? 0 : ends()[group - 1]; }
};

/// The table as an Arrow stream that releases itself where nobody takes it; as `export_stream`, for those who link
/// Arrow.
Result<Stream> export_groups(const RowGroups& table);

}  // namespace vetset
