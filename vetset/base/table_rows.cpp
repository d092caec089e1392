#include "vetset/base/table_rows.h"

#include <algorithm>

namespace vetset {
namespace {

std::size_t begin_of(const std::vector<std::size_t>& ends, std::size_t i) { return i == 0 ? 0 : ends[i - 1]; }

// Value i of one column behind those of another of the same type; and a value that is not looked at.
template <class T>
void append(std::vector<T>& to, const std::vector<T>& from, std::size_t i) {
  to.push_back(from[i]);
}
void append(TextColumn& to, const TextColumn& from, std::size_t i) { to.add(text_at(from, i)); }
template <class Values>
void append(ListColumn<Values>& to, const ListColumn<Values>& from, std::size_t i);

std::size_t size_of(const TextColumn& v) { return v.ends.size(); }
template <class T>
std::size_t size_of(const std::vector<T>& v) {
  return v.size();
}
template <class Values>
std::size_t size_of(const ListColumn<Values>& v) {
  return v.ends.size();
}
template <class Values>
void append(ListColumn<Values>& to, const ListColumn<Values>& from, std::size_t i) {
  for (std::size_t k = begin_of(from.ends, i); k < from.ends[i]; ++k) append(to.values, from.values, k);
  to.ends.push_back(size_of(to.values));
}

template <class T>
void append_nothing(std::vector<T>& to) {
  to.push_back(T{});
}
void append_nothing(TextColumn& to) { to.add({}); }
template <class Values>
void append_nothing(ListColumn<Values>& to) {
  to.ends.push_back(size_of(to.values));
}

/// The values are of one type.
void append_row(ColumnValues& to, const ColumnValues& from, std::size_t i) {
  std::visit([&](auto& values) { append(values, std::get<std::decay_t<decltype(values)>>(from), i); }, to);
}

template <class T>
std::size_t bytes_of(const std::vector<T>& v) {
  return v.capacity() * sizeof(T);
}
std::size_t bytes_of(const std::vector<bool>& v) { return v.capacity() / 8; }
std::size_t bytes_of(const TextColumn& v) { return v.bytes.capacity() + bytes_of(v.ends); }
template <class Values>
std::size_t bytes_of(const ListColumn<Values>& v) {
  return bytes_of(v.values) + bytes_of(v.ends);
}

}  // namespace

void RowPicker::add(const Table& from, std::span<const std::uint32_t> rows) {
  const auto has_value = [&](const TableColumn& c) {
    return std::any_of(rows.begin(), rows.end(), [&](std::uint32_t row) { return !is_missing(c, row); });
  };
  for (const TableColumn& column : from) {
    if (column_named(table_, column.name) != nullptr || !has_value(column)) continue;
    TableColumn fresh{
        column.name, std::visit([](const auto& v) { return ColumnValues(std::decay_t<decltype(v)>()); }, column.values),
        std::vector<bool>(count_, true)};
    for (std::size_t i = 0; i < count_; ++i) std::visit([](auto& values) { append_nothing(values); }, fresh.values);
    table_.push_back(std::move(fresh));
  }
  for (TableColumn& to : table_) {
    const TableColumn* const column = column_named(from, to.name);
    for (const std::uint32_t row : rows) {
      const bool missing = column == nullptr || is_missing(*column, row) || column->values.index() != to.values.index();
      to.missing.push_back(missing);
      if (missing)
        std::visit([](auto& values) { append_nothing(values); }, to.values);
      else
        append_row(to.values, column->values, row);
    }
  }
  count_ += rows.size();
}

Table slice_of(const Table& table, std::size_t begin, std::size_t end) {
  Table rows;
  for (const TableColumn& column : table) {
    TableColumn part{column.name, std::visit([](const auto& v) { return ColumnValues(std::decay_t<decltype(v)>()); },
                                             column.values)};
    for (std::size_t i = begin; i < end; ++i) {
      append_row(part.values, column.values, i);
      part.missing.push_back(is_missing(column, i));
    }
    rows.push_back(std::move(part));
  }
  return rows;
}

const TableColumn* column_named(const Table& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const TableColumn& c) { return c.name == name; });
  return found == table.end() ? nullptr : &*found;
}

bool is_missing(const TableColumn& column, std::size_t row) { return !column.missing.empty() && column.missing[row]; }

const TextColumn* texts_of(const TableColumn* column) {
  return column == nullptr ? nullptr : std::get_if<TextColumn>(&column->values);
}

std::string_view text_at(const TextColumn& texts, std::size_t row) {
  const std::size_t begin = begin_of(texts.ends, row);
  return std::string_view(texts.bytes).substr(begin, texts.ends[row] - begin);
}

void drop_empty(Table& table) {
  std::erase_if(table, [](const TableColumn& column) {
    return !column.missing.empty() &&
           std::find(column.missing.begin(), column.missing.end(), false) == column.missing.end();
  });
}

std::size_t memory_of(const Table& table) {
  std::size_t bytes = 0;
  for (const TableColumn& column : table)
    bytes += std::visit([](const auto& values) { return bytes_of(values); }, column.values) + bytes_of(column.missing);
  return bytes;
}

}  // namespace vetset
