#include "vetset/base/parquet.h"

#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <arrow/config.h>
#include <arrow/io/api.h>
#include <parquet/arrow/writer.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>

#include "vetset/base/fs.h"
#include "vetset/base/parquet_parts.h"
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
      const std::uint64_t end = std::min(table_.count, at_ + table_.piece);
      arrow::ArrayVector arrays;
      if (table_.column) {
        for (int c = 0; c < schema_->num_fields(); ++c) {
          ARROW_ASSIGN_OR_RAISE(ArrayPtr array, array_of(table_.column(static_cast<std::size_t>(c), at_, end)));
          arrays.push_back(std::move(array));
        }
      } else {
        for (TableColumn& made : table_.rows(at_, end)) {
          const TableColumn column = std::move(made);  // no longer held than it takes
          ARROW_ASSIGN_OR_RAISE(ArrayPtr array, array_of(column));
          arrays.push_back(std::move(array));
        }
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

/// A row group column by column: one of them is in memory at a time.
arrow::Status write_columns(parquet::arrow::FileWriter& writer, const TableRows& table, int columns) {
  for (std::uint64_t begin = 0; begin < table.count; begin += table.piece) {
    const std::uint64_t end = std::min(table.count, begin + table.piece);
    ARROW_RETURN_NOT_OK(writer.NewRowGroup());
    for (int c = 0; c < columns; ++c) {
      ARROW_ASSIGN_OR_RAISE(const ArrayPtr array, array_of(table.column(static_cast<std::size_t>(c), begin, end)));
      ARROW_RETURN_NOT_OK(writer.WriteColumnChunk(*array));
    }
  }
  return writer.Close();
}

arrow::Status write_to(const TableRows& table, const std::shared_ptr<TakeStream>& stream) {
  PieceReader pieces(table);
  ARROW_ASSIGN_OR_RAISE(
      const auto writer,
      parquet::arrow::FileWriter::Open(*pieces.schema(), arrow::system_memory_pool(), stream, parquet_profile()));
  if (table.column) return write_columns(*writer, table, pieces.schema()->num_fields());
  for (std::shared_ptr<arrow::RecordBatch> batch;;) {
    ARROW_RETURN_NOT_OK(pieces.ReadNext(&batch));
    if (!batch) break;
    if (table.piece != rows_of_piece) ARROW_RETURN_NOT_OK(writer->NewBufferedRowGroup());  // it would gather rows
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

}  // namespace

void StreamDeleter::operator()(ArrowArrayStream* stream) const {
  if (stream->release != nullptr) stream->release(stream);
  delete stream;
}

Result<void> export_rows(TableRows table, ArrowArrayStream& out) {
  const arrow::Status done = arrow::ExportRecordBatchReader(std::make_shared<PieceReader>(std::move(table)), &out);
  if (!done.ok()) return arrow_error(done);
  return {};
}

Result<Stream> export_stream(TableRows table) {
  Stream stream(new ArrowArrayStream{});
  VETSET_DO(export_rows(std::move(table), *stream));
  return stream;
}

Result<Stream> export_groups(const RowGroups& table) {
  Stream stream(new ArrowArrayStream{});
  VETSET_DO(table.stream(*stream));
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
  static const std::string library = "Arrow " + arrow::GetBuildInfo().version_string;
  static const vetset::ParquetModule module{.library = library.c_str(),
                                            .write = vetset::write_table,
                                            .read = vetset::read_parquet,
                                            .open = vetset::open_parquet,
                                            .stream = vetset::export_rows};
  return &module;
}
