#include "vetset/dataset/package_cells.h"

#include <algorithm>

namespace vetset {
namespace {

constexpr std::string_view bytes_mark = "$bytes:";

template <class T>
std::size_t rows_of(const std::vector<T>& values) {
  return values.size();
}
std::size_t rows_of(const TextColumn& values) { return values.ends.size(); }
template <class Values>
std::size_t rows_of(const ListColumn<Values>& values) {
  return values.ends.size();
}

}  // namespace

Rows::Rows(std::string_view table, const Table& rows, std::uint64_t begin) : table_(table), rows_(rows), begin_(begin) {
  for (const TableColumn& column : rows)
    size_ = std::max(size_, std::visit([](const auto& values) { return rows_of(values); }, column.values));
}

const TableColumn* Rows::find(std::string_view name) const {
  for (const TableColumn& column : rows_)
    if (column.name == name) return &column;
  return nullptr;
}

void Rows::fail(std::string_view column, std::size_t row, std::string_view words) {
  if (!error_)
    error_ = Error{Code::malformed, "table " + table_ + ", row " + std::to_string(begin_ + row + 1) + ", column " +
                                        std::string(column) + ": " + std::string(words)};
}

void Rows::fail(std::string_view column, std::string_view words) {
  if (!error_)
    error_ = Error{Code::malformed, "table " + table_ + ", column " + std::string(column) + ": " + std::string(words)};
}

CountCells::CountCells(Rows& rows, std::string_view name) : rows_(rows), name_(name) {
  const TableColumn* column = rows.find(name);
  if (column == nullptr) return;
  narrow_ = std::get_if<std::vector<std::uint32_t>>(&column->values);
  wide_ = std::get_if<std::vector<std::int64_t>>(&column->values);
  if (narrow_ == nullptr && wide_ == nullptr) {
    rows.fail(name, "expected whole numbers");
    return;
  }
  missing_ = &column->missing;
}

std::optional<std::uint32_t> CountCells::operator[](std::size_t i) const {
  if (missing_ == nullptr || (!missing_->empty() && (*missing_)[i])) return std::nullopt;
  if (narrow_ != nullptr) return (*narrow_)[i];
  const std::int64_t value = (*wide_)[i];
  if (value < 0 || value > 0xffffffff) {
    rows_.fail(name_, i, std::to_string(value) + " is not within 0 to 4294967295");
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(value);
}

TextCells::TextCells(Rows& rows, std::string_view name) : rows_(rows), name_(name) {
  const TableColumn* column = rows.find(name);
  if (column == nullptr) return;
  values_ = std::get_if<TextColumn>(&column->values);
  if (values_ == nullptr) {
    rows.fail(name, "expected texts");
    return;
  }
  missing_ = &column->missing;
}

std::optional<std::string_view> TextCells::operator[](std::size_t i) {
  if (values_ == nullptr || (!missing_->empty() && (*missing_)[i])) return std::nullopt;
  const std::string_view cell = text_at(*values_, i);
  if (!cell.starts_with(bytes_mark)) return cell;
  auto text = text_of_cell(cell);
  if (!text) rows_.fail(name_, i, "what follows $bytes: is no base64");
  scratch_ = text ? *std::move(text) : std::string();
  return scratch_;
}

std::optional<std::string> text_of_cell(std::string_view cell) {
  if (!cell.starts_with(bytes_mark)) return std::string(cell);
  auto bytes = parse_base64(cell.substr(bytes_mark.size()));
  if (!bytes) return std::nullopt;
  return *std::move(bytes);
}

}  // namespace vetset
