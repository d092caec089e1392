#include "vetset/package/annotation_rows.h"

#include <algorithm>

#include "vetset/base/table_rows.h"

namespace vetset {
namespace {

constexpr std::string_view sample_column = "sample_id";

Result<const TextColumn*> samples_of(const Table& table) {
  if (const TextColumn* const texts = texts_of(column_named(table, sample_column))) return texts;
  return Error{Code::malformed, "the table annotations has no column sample_id of texts"};
}

}  // namespace

Result<const RowsByText*> AnnotationRows::rows_by_sample(std::size_t group) const {
  return rows_.get(group, [&]() -> Result<RowsByText> {
    VETSET_TRY(const Table table, table_.read(group, {std::string(sample_column)}));
    VETSET_TRY(const TextColumn* const samples, samples_of(table));
    RowsByText rows;
    for (std::size_t i = 0; i < samples->ends.size(); ++i)
      rows.add(text_at(*samples, i), static_cast<std::uint32_t>(i));
    rows.sort();
    return rows;
  });
}

Result<std::shared_ptr<const Table>> AnnotationRows::decoded(std::size_t group) const {
  {
    const std::lock_guard lock(mutex_);
    const auto known = std::find_if(kept_.begin(), kept_.end(), [&](const Decoded& d) { return d.group == group; });
    if (known != kept_.end()) {
      kept_.splice(kept_.begin(), kept_, known);
      return std::shared_ptr<const Table>(known->rows);
    }
  }
  VETSET_TRY(Table table, table_.read(group, {}));
  VETSET_DO(samples_of(table));
  drop_empty(table);
  const std::size_t bytes = memory_of(table);
  auto rows = std::make_shared<const Table>(std::move(table));
  const std::lock_guard lock(mutex_);
  const auto same = [&](const Decoded& d) { return d.group == group; };
  if (std::find_if(kept_.begin(), kept_.end(), same) == kept_.end()) kept_.push_front({group, rows, bytes});
  std::uint64_t total = 0;
  for (auto at = kept_.begin(); at != kept_.end();) {
    total += at->bytes;
    at = at != kept_.begin() && total > budget_ ? kept_.erase(at) : std::next(at);
  }
  return rows;
}

Result<Table> AnnotationRows::of(std::string_view sample) const {
  RowPicker picked;
  for (std::size_t group = 0; group < table_.ends().size(); ++group) {
    if (!table_.may_hold(group, sample_column, sample)) continue;
    VETSET_TRY(const RowsByText* const index, rows_by_sample(group));
    const auto found = index->find(sample);
    if (found.empty()) continue;
    VETSET_TRY(const std::shared_ptr<const Table> table, decoded(group));
    VETSET_TRY(const TextColumn* const samples, samples_of(*table));
    std::vector<std::uint32_t> rows;
    for (const auto& [hash, row] : found)
      if (row < samples->ends.size() && text_at(*samples, row) == sample) rows.push_back(row);
    picked.add(*table, rows);
  }
  return picked.finish();
}

}  // namespace vetset
