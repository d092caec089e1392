#include "vetset/package/label_tables.h"

#include <algorithm>

#include "vetset/dataset/package_tables.h"
#include "vetset/formats/format.h"
#include "vetset/package/sealed_tables.h"

namespace vetset {
namespace {

/// What the tables look at. Their streams may outlive the package, so all of them hold it.
struct Labels {
  Dataset dataset;
  RowKeys keys;
  std::vector<MediaPlace> media;
};

class LabelTable final : public RowGroups {
 public:
  LabelTable(std::shared_ptr<const Labels> labels, TableRows table)
      : labels_(std::move(labels)), table_(std::move(table)) {
    for (std::uint64_t end = 0; end < table_.count;) {
      end = std::min(table_.count, end + rows_of_piece);
      ends_.push_back(end);
    }
    for (const TableColumn& column : table_.rows(0, 0)) columns_.push_back(column.name);
  }

  std::span<const std::uint64_t> ends() const override { return ends_; }
  const std::vector<std::string>& columns() const override { return columns_; }

  Result<Table> read(std::size_t group, const std::vector<std::string>& columns) const override {
    return rows_of(begin_of(group), ends_[group], columns);
  }

  Result<void> pieces(std::uint64_t rows, const std::vector<std::string>& columns,
                      const std::function<Result<void>(const Table&)>& take) const override {
    for (std::uint64_t begin = 0; begin < table_.count; begin += rows)
      VETSET_DO(take(rows_of(begin, std::min(table_.count, begin + rows), columns)));
    return {};
  }

  Result<void> stream(ArrowArrayStream& out) const override {
    VETSET_TRY(const ParquetModule* const module, parquet_module());
    return module->stream({table_.count, [labels = labels_, rows = table_.rows](
                                             std::uint64_t begin, std::uint64_t end) { return rows(begin, end); }},
                          out);
  }

 private:
  Table rows_of(std::uint64_t begin, std::uint64_t end, const std::vector<std::string>& columns) const {
    Table table = table_.rows(begin, end);
    if (!columns.empty())
      std::erase_if(table, [&](const TableColumn& column) {
        return std::find(columns.begin(), columns.end(), column.name) == columns.end();
      });
    return table;
  }

  std::shared_ptr<const Labels> labels_;
  TableRows table_;
  std::vector<std::uint64_t> ends_;
  std::vector<std::string> columns_;
};

}  // namespace

Result<std::vector<NamedTable>> tables_of_labels(const Tree& tree, const Manifest& manifest, const Limits& limits,
                                                 const Pool& pool) {
  const Format* const format = find_format(manifest.format);
  if (format == nullptr)
    return Error{Code::unsupported, "this vetset does not read the format '" + manifest.format + "'",
                 std::string(tree.name())};
  VETSET_TRY(Reading reading, format->read(tree, {.limits = limits, .pool = pool}));
  const auto labels = std::make_shared<Labels>();
  labels->dataset = std::move(reading.dataset);
  labels->keys = make_row_keys(labels->dataset, pool);
  labels->media = places_of(labels->dataset, manifest.files);
  std::vector<NamedTable> tables;
  for (PackageTable& table : package_tables(labels->dataset, labels->keys, labels->media))
    tables.push_back({std::string(table.name), std::make_unique<LabelTable>(labels, std::move(table.rows))});
  return tables;
}

}  // namespace vetset
