// What PackageReader is made of: the dataset so far, the keys of its records, and how each column is taken. For
// package_reader.cpp and package_reader_annotations.cpp.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "vetset/base/json.h"
#include "vetset/dataset/package_cells.h"
#include "vetset/dataset/package_shapes.h"
#include "vetset/dataset/package_tables.h"

namespace vetset {

/// Keys of one table and the rows they name: the texts themselves, and four bytes a place of a flat table.
class KeyTable {
 public:
  /// From now on every key names a row: one that was not added is as if it were.
  void open() { open_ = true; }
  /// False where the key is there already.
  bool add(std::string_view key) {
    std::uint32_t& place = place_of(key);
    const bool added = place == free;
    if (added) place = append(key);
    if (!added && open_) texts_.add(key);
    return added || open_;
  }
  std::optional<std::uint32_t> find(std::string_view key) {
    if (last_ < texts_.size() && texts_[last_] == key) return last_;
    std::uint32_t& place = place_of(key);
    if (place == free && !open_) return std::nullopt;
    if (place == free) place = append(key);
    return last_ = place;
  }
  /// Of open keys: all of them, by row.
  KeyColumn take_texts() { return std::move(texts_); }

 private:
  static constexpr std::uint32_t free = 0xffffffff;
  std::uint32_t append(std::string_view key) {
    ++count_;
    texts_.add(key);
    return static_cast<std::uint32_t>(texts_.size() - 1);
  }
  /// Where the first row of that key is named, or would be; holds until the next call.
  std::uint32_t& place_of(std::string_view key) {
    if (places_.size() < (count_ + 1) * 3 / 2) {
      const std::vector<std::uint32_t> old =
          std::exchange(places_, std::vector<std::uint32_t>(std::max<std::size_t>(16, places_.size() * 2), free));
      for (const std::uint32_t row : old)
        if (row != free) probe(texts_[row]) = row;
    }
    return probe(key);
  }
  std::uint32_t& probe(std::string_view key) {
    const std::size_t mask = places_.size() - 1;
    std::size_t at = std::hash<std::string_view>()(key) & mask;
    while (places_[at] != free && texts_[places_[at]] != key) at = (at + 1) & mask;
    return places_[at];
  }

  KeyColumn texts_;
  std::vector<std::uint32_t> places_;  // rows; a power of two of them, a third free at least
  std::size_t count_ = 0;              // of different keys
  std::uint32_t last_ = free;          // the row that was found last
  bool open_ = false;
};

/// Appends one value. A column that shows the memory of what was expected takes no `push_back`.
template <class Value>
void append_one(Column<Value>& out, const Value& value) {
  out.append({&value, 1});
}
/// The value of record `i` in a column that is not there before some record has one.
template <class Value>
void append_said(Column<Value>& out, std::size_t i, bool said, const Value& value, const Value& unsaid) {
  if (!said && out.empty()) return;
  while (out.size() < i) append_one(out, unsaid);
  append_one(out, value);
}

inline bool is_json(std::string_view text) {
  JsonCursor in(text);
  in.skip();
  return in.at_end() && !in.failed();
}
inline bool is_object(std::string_view text) { return JsonCursor(text).type() == JsonType::object && is_json(text); }

/// The value of an enum that a word names.
template <class Enum>
std::optional<Enum> named(std::string_view word, Enum last) {
  for (unsigned i = 0; i <= static_cast<unsigned>(last); ++i)
    if (name(static_cast<Enum>(i)) == word) return static_cast<Enum>(i);
  return std::nullopt;
}

inline Tristate tristate(std::optional<bool> said) {
  return !said ? Tristate::not_said : *said ? Tristate::yes : Tristate::no;
}

/// A key of an attribute or a text in a canonical row: a string, or {"$bytes":…}.
inline std::string canonical_text(JsonCursor& in) {
  if (in.type() == JsonType::string) return std::string(in.read_string());
  std::string text;
  for (in.enter_object(); in.next_member();) {
    const bool bytes = in.key() == "$bytes";
    const auto read = bytes ? parse_base64(in.read_string()) : Result<std::string>(Error{});
    if (!read) {
      in.fail("expected a text");
      return {};
    }
    text = *read;
  }
  return text;
}

struct PackageReader::State {
  Dataset d;
  const Dataset* expected = nullptr;  // what it is likely to be
  std::vector<MediaPlace> media;      // that nobody took yet
  KeyTable splits, licences, categories, samples, annotations, tracks;
  std::unordered_map<std::string, std::uint16_t> layers;
  std::unordered_map<std::string, FileIndex> unread_files;
  std::map<std::string, std::uint64_t, std::less<>> rows;  // of each table, so far

  // What several tables have.

  void key(Rows& rows_of, KeyTable& keys, std::string_view column, TextCells& cells, std::size_t i) {
    const auto text = cells[i];
    if (!text) return rows_of.fail(column, i, "a key is missing");
    if (!keys.add(*text)) rows_of.fail(column, i, "the key '" + std::string(*text) + "' is there twice");
  }
  template <class Index>
  Index reference(Rows& rows_of, KeyTable& keys, std::string_view column, std::string_view table,
                  std::optional<std::string_view> key) {
    if (!key) return none<Index>;
    const auto found = keys.find(*key);
    if (!found) return no_row<Index>(rows_of, column, table, *key);
    return static_cast<Index>(*found);
  }
  template <class Index>
  Index no_row(Rows& rows_of, std::string_view column, std::string_view table, std::string_view key) {
    rows_of.fail(column, row_, "'" + std::string(key) + "' names no row of " + std::string(table));
    return none<Index>;
  }
  FileIndex file(Rows& rows_of, std::string_view column, std::optional<std::uint32_t> index) {
    if (!index) return none<FileIndex>;
    if (*index < d.files.size()) return static_cast<FileIndex>(*index);
    return no_row<FileIndex>(rows_of, column, "files", std::to_string(*index));
  }
  void json_cell(Rows& rows_of, std::string_view column, std::string_view text) {
    if (!is_json(text)) rows_of.fail(column, row_, "expected JSON, found '" + std::string(text.substr(0, 60)) + "'");
  }

  void id(Rows& rows_of, Ids& ids, std::optional<std::string_view> json) {
    if (!json) return append_one(ids.numbers, Ids::absent);
    if (const NumberText n = read_number(*json);
        n.length == json->size() && n.fits_int64 && n.whole > Ids::odd && std::to_string(n.whole) == *json)
      return append_one(ids.numbers, n.whole);
    json_cell(rows_of, "id", *json);
    append_one(ids.numbers, Ids::odd);
    ids.tokens.push_back({.owner = static_cast<std::uint32_t>(ids.numbers.size() - 1), .json = d.add_text(*json)});
  }

  /// An object as packages have it, or a list of pairs as canonical rows do.
  void attributes(Rows& rows_of, Owner owner, std::uint32_t index, std::optional<std::string_view> json) {
    if (!json) return;
    JsonCursor in(*json);
    const auto add = [&](std::string_view key) {
      const Text text = d.add_text(key);
      d.attributes.push_back({owner, index, text, d.add_text(in.skip())});
    };
    if (in.type() == JsonType::object)
      for (in.enter_object(); in.next_member();) add(std::string(in.key()));
    else
      for (in.enter_array(); in.next_element();) {
        in.enter_array();
        if (in.next_element())
          if (const std::string key = canonical_text(in); in.next_element()) add(key);
        if (in.next_element()) in.fail("expected [key,value]");
      }
    if (in.failed() || !in.at_end()) rows_of.fail("attributes", row_, "expected a JSON object of attributes");
  }
  void residue(Rows& rows_of, Owner owner, std::uint32_t index, const ListCells<TextColumn>& cells, std::size_t i) {
    const auto place = cells[i];
    if (!place) return;
    for (std::size_t k = place->begin; k < place->end; ++k) {
      const auto text = text_of_cell(text_at(cells.values(), k));
      if (!text || !is_object(*text)) return rows_of.fail("residue", i, "expected JSON objects");
      d.residues.push_back({owner, index, d.add_text(*text)});
    }
  }
  std::string own(Rows& rows_of, std::optional<std::string_view> text) {
    if (!text) return {};
    if (!is_object(*text)) rows_of.fail("own", row_, "expected a JSON object");
    return std::string(*text);
  }
  std::vector<std::string> texts(Rows& rows_of, std::string_view column, const ListCells<TextColumn>& cells,
                                 std::size_t i) {
    std::vector<std::string> out;
    const auto place = cells[i];
    if (!place) return out;
    for (std::size_t k = place->begin; k < place->end; ++k) {
      auto text = text_of_cell(text_at(cells.values(), k));
      if (!text) rows_of.fail(column, i, "what follows $bytes: is no base64");
      out.push_back(text ? *std::move(text) : std::string());
    }
    return out;
  }

  /// Attributes and residue, which nearly every table has.
  class Extras {
   public:
    explicit Extras(Rows& rows_of)
        : rows_(rows_of), attributes_(rows_of, "attributes"), residue_(rows_of, "residue", "texts") {}
    void take(State& s, Owner owner, std::size_t index, std::size_t i) {
      s.attributes(rows_, owner, static_cast<std::uint32_t>(index), attributes_[i]);
      s.residue(rows_, owner, static_cast<std::uint32_t>(index), residue_, i);
    }

   private:
    Rows& rows_;
    TextCells attributes_;
    ListCells<TextColumn> residue_;
  };

  // Tables.

  void files(Rows& r);
  void dataset(Rows& r);
  void category_rows(Rows& r);
  void split_rows(Rows& r);
  void licence_rows(Rows& r);
  void sample_rows(Rows& r);
  void membership_rows(Rows& r);
  void annotation_rows(Rows& r);
  void track_rows(Rows& r);
  void relation_rows(Rows& r);
  void unread_rows(Rows& r);

  void track_states(Rows& r, std::string_view json);
  void texts_of(Rows& r, AnnotationIndex index, std::optional<std::string_view> json);
  void dangling_of(Rows& r, AnnotationIndex index, std::optional<std::string_view> json);

  std::size_t row_ = 0;  // the one that is being read
};

}  // namespace vetset
