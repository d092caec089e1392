// The reading half of parquet.cpp: a file's row groups, all in turn or those that are asked for.
#include "vetset/base/parquet_parts.h"

#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <arrow/io/api.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/statistics.h>

#include <algorithm>
#include <map>
#include <optional>

namespace vetset {
namespace {

std::size_t size_of(const TextColumn& v) { return v.ends.size(); }
template <class T>
std::size_t size_of(const std::vector<T>& v) {
  return v.size();
}
template <class Values>
std::size_t size_of(const ListColumn<Values>& v) {
  return v.ends.size();
}

template <class ArrowArray, class T>
bool append_numbers(const arrow::Array& array, std::int64_t begin, std::int64_t end, std::vector<T>& out) {
  const auto& numbers = static_cast<const ArrowArray&>(array);
  for (std::int64_t i = begin; i < end; ++i) out.push_back(static_cast<T>(numbers.IsNull(i) ? 0 : numbers.Value(i)));
  return true;
}

bool append_into(const arrow::Array& array, std::int64_t begin, std::int64_t end, std::vector<std::int64_t>& out) {
  switch (array.type_id()) {
    case arrow::Type::INT8: return append_numbers<arrow::Int8Array>(array, begin, end, out);
    case arrow::Type::INT16: return append_numbers<arrow::Int16Array>(array, begin, end, out);
    case arrow::Type::INT32: return append_numbers<arrow::Int32Array>(array, begin, end, out);
    case arrow::Type::INT64: return append_numbers<arrow::Int64Array>(array, begin, end, out);
    case arrow::Type::UINT8: return append_numbers<arrow::UInt8Array>(array, begin, end, out);
    case arrow::Type::UINT16: return append_numbers<arrow::UInt16Array>(array, begin, end, out);
    default: return false;
  }
}
bool append_into(const arrow::Array& array, std::int64_t begin, std::int64_t end, std::vector<std::uint32_t>& out) {
  return array.type_id() == arrow::Type::UINT32 && append_numbers<arrow::UInt32Array>(array, begin, end, out);
}
bool append_into(const arrow::Array& array, std::int64_t begin, std::int64_t end, std::vector<double>& out) {
  if (array.type_id() == arrow::Type::FLOAT) return append_numbers<arrow::FloatArray>(array, begin, end, out);
  return array.type_id() == arrow::Type::DOUBLE && append_numbers<arrow::DoubleArray>(array, begin, end, out);
}
bool append_into(const arrow::Array& array, std::int64_t begin, std::int64_t end, std::vector<bool>& out) {
  if (array.type_id() != arrow::Type::BOOL) return false;
  const auto& truths = static_cast<const arrow::BooleanArray&>(array);
  for (std::int64_t i = begin; i < end; ++i) out.push_back(!truths.IsNull(i) && truths.Value(i));
  return true;
}
bool append_into(const arrow::Array& array, std::int64_t begin, std::int64_t end, TextColumn& out) {
  const auto add = [&](const auto& texts) {
    for (std::int64_t i = begin; i < end; ++i) out.add(texts.IsNull(i) ? std::string_view() : texts.GetView(i));
    return true;
  };
  if (array.type_id() == arrow::Type::STRING) return add(static_cast<const arrow::StringArray&>(array));
  return array.type_id() == arrow::Type::LARGE_STRING && add(static_cast<const arrow::LargeStringArray&>(array));
}
template <class Values>
bool append_into(const arrow::Array& array, std::int64_t begin, std::int64_t end, ListColumn<Values>& out) {
  const auto add = [&](const auto& lists) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t first = lists.value_offset(i);
      if (!lists.IsNull(i) && !append_into(*lists.values(), first, first + lists.value_length(i), out.values))
        return false;
      out.ends.push_back(size_of(out.values));
    }
    return true;
  };
  switch (array.type_id()) {
    case arrow::Type::LIST: return add(static_cast<const arrow::ListArray&>(array));
    case arrow::Type::LARGE_LIST: return add(static_cast<const arrow::LargeListArray&>(array));
    case arrow::Type::FIXED_SIZE_LIST: return add(static_cast<const arrow::FixedSizeListArray&>(array));
    default: return false;
  }
}
/// Rows `begin` to `end` of an array behind the values there are; false where it is of another type.
bool append_values(const arrow::Array& array, std::int64_t begin, std::int64_t end, ColumnValues& out) {
  return std::visit([&](auto& values) { return append_into(array, begin, end, values); }, out);
}

/// Empty values of the kind that a type is read as; nothing where there is none.
std::optional<ColumnValues> values_of(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::INT8:
    case arrow::Type::INT16:
    case arrow::Type::INT32:
    case arrow::Type::INT64:
    case arrow::Type::UINT8:
    case arrow::Type::UINT16: return std::vector<std::int64_t>();
    case arrow::Type::UINT32: return std::vector<std::uint32_t>();
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE: return std::vector<double>();
    case arrow::Type::BOOL: return std::vector<bool>();
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING: return TextColumn();
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::FIXED_SIZE_LIST: break;
    default: return std::nullopt;
  }
  const auto inner = values_of(*static_cast<const arrow::BaseListType&>(type).value_type());
  if (!inner) return std::nullopt;
  if (std::holds_alternative<std::vector<std::int64_t>>(*inner)) return CountLists();
  if (std::holds_alternative<CountLists>(*inner)) return CountListLists();
  if (std::holds_alternative<std::vector<bool>>(*inner)) return TruthLists();
  if (std::holds_alternative<std::vector<double>>(*inner)) return NumberLists();
  if (std::holds_alternative<NumberLists>(*inner)) return NumberListLists();
  if (std::holds_alternative<TextColumn>(*inner)) return TextLists();
  return std::nullopt;
}

Result<TableColumn> column_of(const arrow::Field& field, const arrow::ChunkedArray& chunks) {
  auto values = values_of(*field.type());
  if (!values)
    return Error{Code::malformed, "column " + field.name() + " is of type " + field.type()->ToString() +
                                      ", which no column of a package is"};
  TableColumn column{field.name(), *std::move(values)};
  column.missing.reserve(static_cast<std::size_t>(chunks.length()));
  for (const auto& chunk : chunks.chunks()) {
    if (!append_values(*chunk, 0, chunk->length(), column.values))
      return Error{Code::malformed, "column " + field.name() + " changes its type"};
    for (std::int64_t i = 0; i < chunk->length(); ++i) column.missing.push_back(chunk->IsNull(i));
  }
  return column;
}

Error reading_error(const arrow::Status& status) {
  const bool limit = status.IsOutOfMemory() || status.IsCapacityError();
  std::string words = status.message();
  words.erase(std::min(words.find('\n'), words.size()));
  return {limit ? Code::limit : Code::malformed, "this Parquet file cannot be read: " + words};
}

/// Reads a file by ranges, from wherever it lies.
class RangeSource final : public arrow::io::RandomAccessFile {
 public:
  RangeSource(std::uint64_t size, ReadRange read) : size_(static_cast<std::int64_t>(size)), read_(std::move(read)) {}

  arrow::Result<std::int64_t> GetSize() override { return size_; }
  arrow::Result<std::int64_t> Tell() const override { return at_; }
  arrow::Status Seek(std::int64_t position) override {
    at_ = position;
    return arrow::Status::OK();
  }
  arrow::Result<std::int64_t> Read(std::int64_t bytes, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const std::int64_t got, ReadAt(at_, bytes, out));
    at_ += got;
    return got;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t bytes) override {
    ARROW_ASSIGN_OR_RAISE(auto got, ReadAt(at_, bytes));
    at_ += got->size();
    return got;
  }
  // These two are all that the readers use, from any thread.
  arrow::Result<std::int64_t> ReadAt(std::int64_t position, std::int64_t bytes, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const Bytes got, part(position, bytes));
    std::copy_n(got.data(), got.size(), static_cast<char*>(out));
    return static_cast<std::int64_t>(got.size());
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(std::int64_t position, std::int64_t bytes) override {
    ARROW_ASSIGN_OR_RAISE(Bytes got, part(position, bytes));
    return std::make_shared<PartBuffer>(std::move(got));
  }
  arrow::Status Close() override { return arrow::Status::OK(); }
  bool closed() const override { return false; }

 private:
  class PartBuffer final : public arrow::Buffer {
   public:
    explicit PartBuffer(Bytes bytes)
        : arrow::Buffer(reinterpret_cast<const std::uint8_t*>(bytes.data()), static_cast<std::int64_t>(bytes.size())),
          bytes_(std::move(bytes)) {}

   private:
    Bytes bytes_;
  };

  arrow::Result<Bytes> part(std::int64_t position, std::int64_t bytes) const {
    if (position < 0 || bytes < 0 || position > size_)
      return arrow::Status::Invalid("a part that lies outside the file");
    auto got = read_({static_cast<std::uint64_t>(position), static_cast<std::uint64_t>(bytes)});
    if (!got) return arrow::Status::IOError(to_string(got.error()));
    return *std::move(got);
  }

  std::int64_t size_;
  ReadRange read_;
  std::int64_t at_ = 0;
};

/// More rows than this in one group no writer makes on purpose, and no memory holds.
constexpr std::int64_t most_rows_of_group = 1 << 28;

constexpr std::uint64_t most_bytes_of_footer = 64 << 20;

/// What a piece of rows is to take, what reading may hold at once, and how much of a column is fetched at a time.
constexpr std::int64_t rows_at_once = 8192, bytes_of_piece = 8 << 20, most_bytes_of_pieces = 128 << 20,
                       bytes_of_stream = 1 << 16;

void add_leaves(const parquet::arrow::SchemaField& field, std::vector<int>& leaves) {
  if (field.is_leaf()) leaves.push_back(field.column_index);
  for (const parquet::arrow::SchemaField& child : field.children) add_leaves(child, leaves);
}

using Source = std::shared_ptr<arrow::io::RandomAccessFile>;
using Metadata = std::shared_ptr<parquet::FileMetaData>;

/// A reader with its schema, for one thread. The metadata is read where it is not given.
struct OpenReader {
  std::unique_ptr<parquet::arrow::FileReader> reader;
  std::shared_ptr<arrow::Schema> schema;
};
Result<OpenReader> open_reader(const Source& source, const Metadata& metadata = nullptr) {
  parquet::ReaderProperties checked(arrow::system_memory_pool());
  checked.set_page_checksum_verification(true);
  parquet::ArrowReaderProperties simple;
  simple.set_pre_buffer(false);
  parquet::arrow::FileReaderBuilder builder;
  if (const auto opened = builder.Open(source, checked, metadata); !opened.ok()) return reading_error(opened);
  auto made = builder.memory_pool(arrow::system_memory_pool())->properties(simple)->Build();
  if (!made.ok()) return reading_error(made.status());
  OpenReader open{std::move(made).ValueUnsafe(), nullptr};
  open.reader->set_use_threads(false);
  if (const auto got = open.reader->GetSchema(&open.schema); !got.ok()) return reading_error(got);
  return open;
}

/// The columns of a row group that `wanted` names; of none: all.
Result<Table> read_group(const OpenReader& open, int group, const std::vector<std::string>& wanted) {
  const std::int64_t rows = open.reader->parquet_reader()->metadata()->RowGroup(group)->num_rows();
  Table table;
  for (int c = 0; c < open.schema->num_fields(); ++c) {
    const arrow::Field& field = *open.schema->field(c);
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), field.name()) == wanted.end()) continue;
    std::shared_ptr<arrow::ChunkedArray> read;
    if (!values_of(*field.type())) {
      read = std::make_shared<arrow::ChunkedArray>(arrow::ArrayVector(), field.type());  // told by column_of
    } else if (const auto got = open.reader->RowGroup(group)->Column(c)->Read(&read); !got.ok()) {
      return reading_error(got);
    }
    VETSET_TRY(TableColumn column, column_of(field, *read));
    if (static_cast<std::int64_t>(column.missing.size()) != rows)
      return Error{Code::malformed, "column " + field.name() + " has " + std::to_string(column.missing.size()) +
                                        " rows in a group of " + std::to_string(rows)};
    table.push_back(std::move(column));
  }
  return table;
}

/// The leaves of the columns that `wanted` names; of none: of all.
Result<std::vector<int>> leaves_of(const OpenReader& open, const std::vector<std::string>& wanted) {
  std::vector<int> leaves;
  for (const parquet::arrow::SchemaField& field : open.reader->manifest().schema_fields) {
    const arrow::Field& column = *field.field;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), column.name()) == wanted.end()) continue;
    if (!values_of(*column.type())) return column_of(column, arrow::ChunkedArray({}, column.type())).error();
    add_leaves(field, leaves);
  }
  return leaves;
}

/// Hands on the rows of a group, some at a time, so that its columns are never in memory as a whole.
Result<void> each_batch(const OpenReader& open, int group, const std::vector<int>& leaves,
                        const std::function<Result<void>(const Table&)>& take) {
  auto batches = open.reader->GetRecordBatchReader({group}, leaves);
  if (!batches.ok()) return reading_error(batches.status());
  for (std::shared_ptr<arrow::RecordBatch> batch;;) {
    if (const auto got = (*batches)->ReadNext(&batch); !got.ok()) return reading_error(got);
    if (!batch) return {};
    Table table;
    for (int c = 0; c < batch->num_columns(); ++c) {
      VETSET_TRY(TableColumn column, column_of(*batch->schema()->field(c), arrow::ChunkedArray(batch->column(c))));
      table.push_back(std::move(column));
    }
    batch.reset();
    VETSET_DO(take(table));
  }
}

/// Record batches of a whole file, which keep alive what reads it.
class FileBatches final : public arrow::RecordBatchReader {
 public:
  FileBatches(OpenReader open, std::unique_ptr<arrow::RecordBatchReader> batches)
      : open_(std::move(open)), batches_(std::move(batches)) {}
  std::shared_ptr<arrow::Schema> schema() const override { return batches_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override { return batches_->ReadNext(batch); }

 private:
  OpenReader open_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;
};

/// What a row group states of the values of its plain columns. Who searches by it would miss a row that lies outside.
class StatedRanges {
 public:
  StatedRanges(const parquet::FileMetaData& file, int group)
      : schema_(*file.schema()), group_(file.RowGroup(group)), number_(group) {}

  /// Holds some of its rows to that.
  Result<void> hold(const Table& rows) {
    for (const TableColumn& column : rows) {
      const auto found = stated_.find(column.name);
      const Stated& stated =
          found != stated_.end() ? found->second : stated_.emplace(column.name, of(column.name)).first->second;
      if (stated == nullptr) continue;
      const auto missing = [&](std::size_t i) { return !column.missing.empty() && column.missing[i]; };
      if (!std::visit([&](const auto& values) { return lies_within(values, *stated, missing); }, column.values))
        return Error{Code::untrusted, "column " + column.name + " has a value outside the range that row group " +
                                          std::to_string(number_ + 1) + " states"};
    }
    return {};
  }

 private:
  using Stated = std::shared_ptr<parquet::Statistics>;
  Stated of(const std::string& column) const {
    const int c = schema_.ColumnIndex(column);  // -1 for lists, whose columns have longer paths
    const Stated found = c < 0 ? nullptr : group_->ColumnChunk(c)->statistics();
    return found && found->HasMinMax() ? found : nullptr;
  }

  template <class Statistics, class Value, class Missing, class At>
  static bool within(const parquet::Statistics& stated, std::size_t count, Missing missing, At at) {
    const auto& range = static_cast<const Statistics&>(stated);
    const auto least = static_cast<Value>(range.min()), most = static_cast<Value>(range.max());
    for (std::size_t i = 0; i < count; ++i)
      if (!missing(i) && (at(i) < least || most < at(i))) return false;
    return true;
  }
  template <class Missing>
  static bool lies_within(const std::vector<std::int64_t>& v, const parquet::Statistics& s, Missing missing) {
    return s.physical_type() != parquet::Type::INT64 ||
           within<parquet::Int64Statistics, std::int64_t>(s, v.size(), missing, [&](std::size_t i) { return v[i]; });
  }
  template <class Missing>
  static bool lies_within(const std::vector<std::uint32_t>& v, const parquet::Statistics& s, Missing missing) {
    return s.physical_type() != parquet::Type::INT32 ||
           within<parquet::Int32Statistics, std::uint32_t>(s, v.size(), missing, [&](std::size_t i) { return v[i]; });
  }
  template <class Missing>
  static bool lies_within(const std::vector<double>& v, const parquet::Statistics& s, Missing missing) {
    return s.physical_type() != parquet::Type::DOUBLE ||
           within<parquet::DoubleStatistics, double>(s, v.size(), missing, [&](std::size_t i) { return v[i]; });
  }
  template <class Missing>
  static bool lies_within(const TextColumn& v, const parquet::Statistics& s, Missing missing) {
    return s.physical_type() != parquet::Type::BYTE_ARRAY ||
           within<parquet::ByteArrayStatistics, std::string_view>(s, v.ends.size(), missing, [&](std::size_t i) {
             const std::size_t begin = i == 0 ? 0 : v.ends[i - 1];
             return std::string_view(v.bytes).substr(begin, v.ends[i] - begin);
           });
  }
  template <class Values, class Missing>
  static bool lies_within(const Values&, const parquet::Statistics&, Missing) {
    return true;  // truths, and lists
  }

  const parquet::SchemaDescriptor& schema_;
  std::unique_ptr<parquet::RowGroupMetaData> group_;
  int number_;
  std::map<std::string, Stated> stated_;
};

class ParquetGroups final : public RowGroups {
 public:
  ParquetGroups(Source source, Metadata metadata, std::vector<std::string> columns)
      : source_(std::move(source)), metadata_(std::move(metadata)), columns_(std::move(columns)) {
    for (int group = 0; group < metadata_->num_row_groups(); ++group)
      ends_.push_back((ends_.empty() ? 0 : ends_.back()) +
                      static_cast<std::uint64_t>(metadata_->RowGroup(group)->num_rows()));
  }

  std::span<const std::uint64_t> ends() const override { return ends_; }
  const std::vector<std::string>& columns() const override { return columns_; }

  bool may_hold(std::size_t group, std::string_view column, std::string_view text) const override try {
    const int c = metadata_->schema()->ColumnIndex(std::string(column));
    if (c < 0) return false;
    const auto seen = metadata_->RowGroup(static_cast<int>(group))->ColumnChunk(c)->statistics();
    if (!seen || !seen->HasMinMax() || seen->physical_type() != parquet::Type::BYTE_ARRAY) return true;
    const auto& texts = static_cast<const parquet::ByteArrayStatistics&>(*seen);
    return std::string_view(texts.min()) <= text && text <= std::string_view(texts.max());
  } catch (const std::exception&) {
    return true;
  }

  Result<Table> read(std::size_t group, const std::vector<std::string>& columns) const override try {
    VETSET_TRY(const OpenReader open, open_reader(source_, metadata_));
    return read_group(open, static_cast<int>(group), columns);
  } catch (const std::exception& e) {
    return reading_error(arrow::Status::Invalid(e.what()));
  }

  Result<void> pieces(std::uint64_t rows, const std::vector<std::string>& wanted,
                      const std::function<Result<void>(const Table&)>& take) const override try {
    // The system's own pool gives memory back; the one by default keeps 20 MB for later.
    arrow::CappedMemoryPool memory(arrow::system_memory_pool(), most_bytes_of_pieces);
    parquet::ReaderProperties checked(&memory);
    checked.set_page_checksum_verification(true);
    checked.enable_buffered_stream();
    checked.set_buffer_size(bytes_of_stream);
    parquet::ArrowReaderProperties simple;
    simple.set_pre_buffer(false);
    parquet::arrow::FileReaderBuilder builder;
    if (const auto opened = builder.Open(source_, checked, metadata_); !opened.ok()) return reading_error(opened);
    auto made = builder.memory_pool(&memory)->properties(simple)->Build();
    if (!made.ok()) return reading_error(made.status());
    const OpenReader open{std::move(made).ValueUnsafe(), nullptr};
    open.reader->set_use_threads(false);

    VETSET_TRY(const std::vector<int> leaves, leaves_of(open, wanted));
    for (int group = 0; group < metadata_->num_row_groups(); ++group) {
      const auto stated = metadata_->RowGroup(group);
      const std::int64_t row_bytes = stated->total_byte_size() / std::max<std::int64_t>(stated->num_rows(), 1);
      open.reader->set_batch_size(std::clamp<std::int64_t>(bytes_of_piece / std::max<std::int64_t>(row_bytes, 1), 1,
                                                           static_cast<std::int64_t>(rows)));
      StatedRanges ranges(*metadata_, group);
      const auto hold_and_take = [&](const Table& table) -> Result<void> {
        VETSET_DO(ranges.hold(table));
        return take(table);
      };
      VETSET_DO(each_batch(open, group, leaves, hold_and_take));
    }
    return {};
  } catch (const std::bad_alloc&) {
    return Error{Code::limit, "needs more memory than the rows of a table may"};
  } catch (const std::exception& e) {
    return reading_error(arrow::Status::Invalid(e.what()));
  }

  Result<void> stream(ArrowArrayStream& out) const override try {
    VETSET_TRY(OpenReader open, open_reader(source_, metadata_));
    auto batches = open.reader->GetRecordBatchReader();
    if (!batches.ok()) return reading_error(batches.status());
    const auto done = arrow::ExportRecordBatchReader(
        std::make_shared<FileBatches>(std::move(open), std::move(batches).ValueUnsafe()), &out);
    if (!done.ok()) return reading_error(done);
    return {};
  } catch (const std::exception& e) {
    return reading_error(arrow::Status::Invalid(e.what()));
  }

 private:
  Source source_;
  Metadata metadata_;
  std::vector<std::string> columns_;
  std::vector<std::uint64_t> ends_;
};

}  // namespace

Result<void> read_parquet(std::string_view file, const std::vector<std::string>& columns,
                          const std::function<Result<void>(const Table&)>& take) {
  try {
    const auto source = std::make_shared<arrow::io::BufferReader>(std::make_shared<arrow::Buffer>(
        reinterpret_cast<const std::uint8_t*>(file.data()), static_cast<std::int64_t>(file.size())));
    VETSET_TRY(const OpenReader open, open_reader(source));
    open.reader->set_batch_size(rows_at_once);
    VETSET_TRY(const std::vector<int> leaves, leaves_of(open, columns));
    for (int group = 0; group < open.reader->num_row_groups(); ++group)
      VETSET_DO(each_batch(open, group, leaves, take));
    return {};
  } catch (const std::exception& e) {
    return reading_error(arrow::Status::Invalid(e.what()));
  }
}

namespace {

/// A footer's length stands before the last four bytes. It is held to a limit before it is taken for true.
Result<void> check_footer(std::uint64_t size, const ReadRange& read) {
  if (size < 12) return {};  // no Parquet file, which is told with what is expected of one
  VETSET_TRY(const Bytes end, read({size - 8, 8}));
  if (!end.text().ends_with("PAR1")) return {};
  std::uint64_t length = 0;
  for (std::size_t i = 4; i-- > 0;) length = length << 8 | static_cast<unsigned char>(end.text()[i]);
  if (length <= most_bytes_of_footer) return {};
  return Error{Code::limit, "states a footer of " + std::to_string(length) + " bytes, expected at most " +
                                std::to_string(most_bytes_of_footer)};
}

}  // namespace

Result<std::unique_ptr<RowGroups>> open_parquet(std::uint64_t size, ReadRange read) {
  try {
    VETSET_DO(check_footer(size, read));
    const auto source = std::make_shared<RangeSource>(size, std::move(read));
    VETSET_TRY(const OpenReader open, open_reader(source));
    const Metadata metadata = open.reader->parquet_reader()->metadata();
    std::int64_t rows = 0;
    for (int group = 0; group < metadata->num_row_groups(); ++group) {
      const std::int64_t more = metadata->RowGroup(group)->num_rows();
      if (more < 0 || more > most_rows_of_group)
        return Error{Code::malformed, "a row group of " + std::to_string(more) + " rows"};
      rows += more;
    }
    if (rows != metadata->num_rows())
      return Error{Code::malformed, "states " + std::to_string(metadata->num_rows()) +
                                        " rows, but its row groups have " + std::to_string(rows)};
    std::vector<std::string> columns;
    for (const auto& field : open.schema->fields()) columns.push_back(field->name());
    return std::unique_ptr<RowGroups>(std::make_unique<ParquetGroups>(source, metadata, std::move(columns)));
  } catch (const std::exception& e) {
    return reading_error(arrow::Status::Invalid(e.what()));
  }
}

}  // namespace vetset
