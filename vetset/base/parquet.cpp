#include "vetset/base/parquet.h"

#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <arrow/io/api.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>

#include "vetset/base/fs.h"
#include "vetset/base/unicode.h"

namespace vetset {
namespace {

using TypePtr = std::shared_ptr<arrow::DataType>;
using ArrayPtr = std::shared_ptr<arrow::Array>;

Error arrow_error(const arrow::Status& status, std::string_view path = {}) {
  const Code code = status.IsCancelled()                                 ? Code::cancelled
                    : status.IsIOError()                                 ? Code::io
                    : status.IsOutOfMemory() || status.IsCapacityError() ? Code::limit
                                                                         : Code::defect;
  return {code, status.message(), std::string(path)};
}

// What Arrow calls each kind of values. One overload a kind: its type, and a builder's next value.
TypePtr type_of(const std::vector<std::int64_t>&) { return arrow::int64(); }
TypePtr type_of(const std::vector<std::uint32_t>&) { return arrow::uint32(); }
TypePtr type_of(const std::vector<double>&) { return arrow::float64(); }
TypePtr type_of(const std::vector<bool>&) { return arrow::boolean(); }
TypePtr type_of(const TextColumn&) { return arrow::utf8(); }
template <class Values>
TypePtr type_of(const ListColumn<Values>& lists) {
  return arrow::list(type_of(lists.values));
}
TypePtr type_of(const ColumnValues& values) {
  return std::visit([](const auto& v) { return type_of(v); }, values);
}

std::size_t size_of(const TextColumn& v) { return v.ends.size(); }
template <class T>
std::size_t size_of(const std::vector<T>& v) {
  return v.size();
}
template <class Values>
std::size_t size_of(const ListColumn<Values>& v) {
  return v.ends.size();
}

/// The text with every byte that is not UTF-8 replaced.
std::string mended(std::string_view text) {
  std::string good;
  while (const auto bad = invalid_utf8(text)) {
    good += text.substr(0, *bad);
    good += "\xEF\xBF\xBD";
    text.remove_prefix(*bad + 1);
  }
  return good += text;
}

arrow::Status add(arrow::ArrayBuilder& b, const std::vector<std::int64_t>& v, std::size_t i) {
  return static_cast<arrow::Int64Builder&>(b).Append(v[i]);
}
arrow::Status add(arrow::ArrayBuilder& b, const std::vector<std::uint32_t>& v, std::size_t i) {
  return static_cast<arrow::UInt32Builder&>(b).Append(v[i]);
}
arrow::Status add(arrow::ArrayBuilder& b, const std::vector<double>& v, std::size_t i) {
  return static_cast<arrow::DoubleBuilder&>(b).Append(v[i]);
}
arrow::Status add(arrow::ArrayBuilder& b, const std::vector<bool>& v, std::size_t i) {
  return static_cast<arrow::BooleanBuilder&>(b).Append(v[i]);
}
arrow::Status add(arrow::ArrayBuilder& b, const TextColumn& v, std::size_t i) {
  const std::size_t begin = i == 0 ? 0 : v.ends[i - 1];
  const std::string_view text = std::string_view(v.bytes).substr(begin, v.ends[i] - begin);
  auto& strings = static_cast<arrow::StringBuilder&>(b);
  return invalid_utf8(text) ? strings.Append(mended(text)) : strings.Append(text);
}
template <class Values>
arrow::Status add(arrow::ArrayBuilder& b, const ListColumn<Values>& v, std::size_t i) {
  auto& lists = static_cast<arrow::ListBuilder&>(b);
  ARROW_RETURN_NOT_OK(lists.Append());
  for (std::size_t k = i == 0 ? 0 : v.ends[i - 1]; k < v.ends[i]; ++k)
    ARROW_RETURN_NOT_OK(add(*lists.value_builder(), v.values, k));
  return arrow::Status::OK();
}

arrow::Result<ArrayPtr> array_of(const TableColumn& column) {
  ARROW_ASSIGN_OR_RAISE(const auto builder, arrow::MakeBuilder(type_of(column.values)));
  ARROW_RETURN_NOT_OK(std::visit(
      [&](const auto& values) {
        for (std::size_t i = 0; i < size_of(values); ++i) {
          const bool missing = !column.missing.empty() && column.missing[i];
          ARROW_RETURN_NOT_OK(missing ? builder->AppendNull() : add(*builder, values, i));
        }
        return arrow::Status::OK();
      },
      column.values));
  return builder->Finish();
}

std::shared_ptr<arrow::Schema> schema_of(const Table& table) {
  arrow::FieldVector fields;
  for (const TableColumn& column : table) fields.push_back(arrow::field(column.name, type_of(column.values)));
  return arrow::schema(std::move(fields));
}

/// Makes the batches of a table when they are asked for. No exception leaves it: its caller may be C.
class PieceReader final : public arrow::RecordBatchReader {
 public:
  explicit PieceReader(TableRows table) : table_(std::move(table)), schema_(schema_of(table_.rows(0, 0))) {}
  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    batch->reset();
    if (at_ == table_.count) return arrow::Status::OK();
    try {
      const std::uint64_t end = std::min(table_.count, at_ + rows_of_piece);
      arrow::ArrayVector arrays;
      for (const TableColumn& column : table_.rows(at_, end)) {
        ARROW_ASSIGN_OR_RAISE(ArrayPtr array, array_of(column));
        arrays.push_back(std::move(array));
      }
      *batch = arrow::RecordBatch::Make(schema_, static_cast<std::int64_t>(end - at_), std::move(arrays));
      at_ = end;
      return arrow::Status::OK();
    } catch (const std::bad_alloc&) {
      return arrow::Status::OutOfMemory("no memory for the rows of a table");
    }
  }
  std::uint64_t at() const { return at_; }

 private:
  TableRows table_;
  std::shared_ptr<arrow::Schema> schema_;
  std::uint64_t at_ = 0;
};

std::shared_ptr<parquet::WriterProperties> parquet_profile() {
  return parquet::WriterProperties::Builder()
      .version(parquet::ParquetVersion::PARQUET_2_6)
      ->data_page_version(parquet::ParquetDataPageVersion::V1)
      ->compression(parquet::Compression::ZSTD)
      ->max_row_group_length(static_cast<std::int64_t>(rows_of_piece))
      ->enable_page_checksum()
      ->created_by("vetset")
      ->build();
}

arrow::Status write_pieces(PieceReader& pieces, std::uint64_t count, const std::string& path,
                           const Progress& progress) {
  ARROW_ASSIGN_OR_RAISE(const auto file, arrow::io::FileOutputStream::Open(path));
  ARROW_ASSIGN_OR_RAISE(
      const auto writer,
      parquet::arrow::FileWriter::Open(*pieces.schema(), arrow::default_memory_pool(), file, parquet_profile()));
  for (std::shared_ptr<arrow::RecordBatch> batch;;) {
    ARROW_RETURN_NOT_OK(pieces.ReadNext(&batch));
    if (!batch) break;
    ARROW_RETURN_NOT_OK(writer->WriteRecordBatch(*batch));
    if (progress.stopped()) return arrow::Status::Cancelled("stopped while writing a table");
    progress.tell("writing " + path, pieces.at(), count);
  }
  ARROW_RETURN_NOT_OK(writer->Close());
  if (fsync(file->file_descriptor()) != 0) return arrow::Status::IOError(errno_text(errno));
  return file->Close();
}

/// Hands on what Arrow writes.
class TakeStream final : public arrow::io::OutputStream {
 public:
  explicit TakeStream(const std::function<Result<void>(std::string_view)>& take) : take_(take) {}
  arrow::Status Write(const void* data, std::int64_t bytes) override {
    const auto done = take_(std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(bytes)));
    at_ += bytes;
    if (done) return arrow::Status::OK();
    error_ = done.error();
    return arrow::Status::IOError(error_->message);
  }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  arrow::Result<std::int64_t> Tell() const override { return at_; }
  bool closed() const override { return closed_; }
  /// Why the taker refused, where it did.
  const std::optional<Error>& error() const { return error_; }

 private:
  const std::function<Result<void>(std::string_view)>& take_;
  std::int64_t at_ = 0;
  bool closed_ = false;
  std::optional<Error> error_;
};

arrow::Status write_to(const TableRows& table, const std::shared_ptr<TakeStream>& stream) {
  PieceReader pieces(table);
  ARROW_ASSIGN_OR_RAISE(
      const auto writer,
      parquet::arrow::FileWriter::Open(*pieces.schema(), arrow::default_memory_pool(), stream, parquet_profile()));
  for (std::shared_ptr<arrow::RecordBatch> batch;;) {
    ARROW_RETURN_NOT_OK(pieces.ReadNext(&batch));
    if (!batch) break;
    ARROW_RETURN_NOT_OK(writer->WriteRecordBatch(*batch));
  }
  return writer->Close();
}

Result<void> write_table(const TableRows& table, const std::function<Result<void>(std::string_view)>& take) {
  try {
    const auto stream = std::make_shared<TakeStream>(take);
    const arrow::Status done = write_to(table, stream);
    if (done.ok()) return {};
    return stream->error() ? *stream->error() : arrow_error(done);
  } catch (const std::exception& e) {
    return Error{Code::defect, e.what()};
  }
}

// Reading.

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

Result<void> read_table(std::string_view file, const std::vector<std::string>& columns,
                        const std::function<Result<void>(const Table&)>& take) {
  try {
    parquet::ReaderProperties checked;
    checked.set_page_checksum_verification(true);
    const auto source = std::make_shared<arrow::io::BufferReader>(std::make_shared<arrow::Buffer>(
        reinterpret_cast<const std::uint8_t*>(file.data()), static_cast<std::int64_t>(file.size())));
    parquet::arrow::FileReaderBuilder builder;
    if (const auto opened = builder.Open(source, checked); !opened.ok()) return reading_error(opened);
    auto made = builder.Build();
    if (!made.ok()) return reading_error(made.status());
    const std::unique_ptr<parquet::arrow::FileReader> reader = std::move(made).ValueUnsafe();
    reader->set_use_threads(false);
    std::shared_ptr<arrow::Schema> schema;
    if (const auto got = reader->GetSchema(&schema); !got.ok()) return reading_error(got);
    for (int group = 0; group < reader->num_row_groups(); ++group) {
      Table table;
      for (int c = 0; c < schema->num_fields(); ++c) {
        const arrow::Field& field = *schema->field(c);
        if (std::find(columns.begin(), columns.end(), field.name()) == columns.end()) continue;
        std::shared_ptr<arrow::ChunkedArray> read;
        if (!values_of(*field.type())) {
          read = std::make_shared<arrow::ChunkedArray>(arrow::ArrayVector(), field.type());  // told by column_of
        } else if (const auto got = reader->RowGroup(group)->Column(c)->Read(&read); !got.ok()) {
          return reading_error(got);
        }
        VETSET_TRY(TableColumn column, column_of(field, *read));
        table.push_back(std::move(column));
      }
      VETSET_DO(take(table));
    }
    return {};
  } catch (const std::exception& e) {
    return reading_error(arrow::Status::Invalid(e.what()));
  }
}

}  // namespace

void StreamDeleter::operator()(ArrowArrayStream* stream) const {
  if (stream->release != nullptr) stream->release(stream);
  delete stream;
}

Result<Stream> export_stream(TableRows table) {
  Stream stream(new ArrowArrayStream{});
  const arrow::Status done =
      arrow::ExportRecordBatchReader(std::make_shared<PieceReader>(std::move(table)), stream.get());
  if (!done.ok()) return arrow_error(done);
  return stream;
}

Result<Stream> export_column(TableRows table) {
  const TypePtr type = type_of(table.rows(0, 0).front().values);
  arrow::ArrayVector arrays;
  for (std::uint64_t at = 0; at < table.count; at += rows_of_piece) {
    const auto array = array_of(table.rows(at, std::min(table.count, at + rows_of_piece)).front());
    if (!array.ok()) return arrow_error(array.status());
    arrays.push_back(*array);
  }
  Stream stream(new ArrowArrayStream{});
  const arrow::Status done =
      arrow::ExportChunkedArray(std::make_shared<arrow::ChunkedArray>(std::move(arrays), type), stream.get());
  if (!done.ok()) return arrow_error(done);
  return stream;
}

Result<void> write_parquet(const TableRows& table, const std::string& path, const Progress& progress) {
  const std::string unfinished = path + ".vetset-" + std::to_string(getpid());
  PieceReader pieces(table);
  const arrow::Status done = write_pieces(pieces, table.count, unfinished, progress);
  if (done.ok() && std::rename(unfinished.c_str(), path.c_str()) == 0) return {};
  Error error = done.ok() ? system_error("cannot be written", path, errno) : arrow_error(done, path);
  std::remove(unfinished.c_str());
  return error;
}

}  // namespace vetset

/// How the program finds what is in here once it has loaded it.
extern "C" __attribute__((visibility("default"))) const vetset::ParquetModule* vetset_parquet_module() {
  static constexpr vetset::ParquetModule module{.write = vetset::write_table, .read = vetset::read_table};
  return &module;
}
