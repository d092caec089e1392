#include "vetset/dataset/rows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "vetset/base/base64.h"
#include "vetset/base/json.h"
#include "vetset/dataset/package_shapes.h"
#include "vetset/dataset/package_tables.h"

namespace vetset {
namespace {

/// How the value of a column becomes cells of a package's table.
enum class Form : std::uint8_t {
  text,
  count,
  number,
  truth,
  json,
  id,
  texts,
  wholes,
  pairs,
  box,
  flags,
  authored,
  residue,
  own_residue,
};
struct ColumnForm {
  std::string_view table, column;  // table empty: of all
  Form form;
};
constexpr ColumnForm forms[] = {
    {"", "attributes", Form::json},
    {"", "id", Form::id},
    {"", "order", Form::count},
    {"", "name", Form::text},
    {"", "split_id", Form::text},
    {"", "licence_id", Form::text},
    {"", "category_id", Form::text},
    {"", "sample_id", Form::text},
    {"", "ann_id", Form::text},
    {"dataset", "layers", Form::texts},
    {"dataset", "residue", Form::own_residue},
    {"splits", "residue", Form::own_residue},
    {"", "residue", Form::residue},
    {"splits", "categories", Form::texts},
    {"splits", "folder", Form::text},
    {"splits", "info", Form::json},
    {"splits", "keys", Form::texts},
    {"splits", "role", Form::text},
    {"licences", "url", Form::text},
    {"categories", "flip", Form::wholes},
    {"categories", "keypoints", Form::texts},
    {"categories", "points", Form::count},
    {"categories", "skeleton", Form::pairs},
    {"categories", "supercategory", Form::text},
    {"categories", "two", Form::truth},
    {"samples", "height", Form::count},
    {"samples", "path", Form::text},
    {"samples", "state", Form::text},
    {"samples", "width", Form::count},
    {"annotations", "area", Form::number},
    {"annotations", "authored", Form::authored},
    {"annotations", "box", Form::box},
    {"annotations", "dangling", Form::json},
    {"annotations", "flags", Form::flags},
    {"annotations", "group", Form::json},
    {"annotations", "kind", Form::text},
    {"annotations", "layer", Form::text},
    {"annotations", "score", Form::number},
    {"annotations", "shapes", Form::json},
    {"annotations", "texts", Form::json},
    {"annotations", "track", Form::json},
    {"tracks", "states", Form::json},
    {"tracks", "track_id", Form::text},
    {"tracks", "video_id", Form::text},
    {"relations", "directed", Form::truth},
    {"relations", "from_id", Form::text},
    {"relations", "to_id", Form::text},
    {"relations", "type", Form::text},
    {"unread", "file", Form::text},
    {"unread", "text", Form::text},
};

std::optional<Form> form_of(std::string_view table, std::string_view column) {
  for (const ColumnForm& f : forms)
    if (f.column == column && (f.table.empty() || f.table == table)) return f.form;
  return std::nullopt;
}

/// A text of a row, as a cell holds it.
std::string read_cell(JsonCursor& in) {
  if (in.type() == JsonType::string) return cell_text(in.read_string());
  std::string bytes;
  for (in.enter_object(); in.next_member();) {
    if (in.key() != "$bytes") in.fail("expected a text");
    bytes = in.read_string();
  }
  return "$bytes:" + bytes;
}

/// An id: a text that is not UTF-8 becomes the JSON string that holds its bytes, so that it stays a text.
/// Nor does a row tell digits from a number of so many digits; its key does, which has the number's in quotes.
std::string read_id(JsonCursor& in, std::string_view key) {
  const std::string_view json = in.skip();
  if (json.size() > 2 && json[0] == '"' && json == key) return std::string(json.substr(1, json.size() - 2));
  JsonCursor inner(json);
  if (inner.type() == JsonType::object) {
    inner.enter_object();
    if (inner.next_member() && inner.key() == "$bytes")
      if (const auto bytes = parse_base64(inner.read_string())) {
        std::string token;
        append_json_string(token, *bytes);
        return cell_text(token);
      }
  }
  return cell_text(json);
}

/// Tokens of a row in another measure, with a space between two.
std::string read_authored(JsonCursor& in) {
  std::string text;
  for (in.enter_array(); in.next_element();) {
    if (!text.empty()) text += ' ';
    if (in.type() == JsonType::number) {
      append_number(text, in.read_number().value);
      continue;
    }
    JsonCursor look(in.text().substr(in.offset()));
    look.enter_object();
    if (in.type() == JsonType::object && look.next_member() && look.key() == "$num") {
      const double value = read_canonical_number(in);
      // What a row of text can say beyond doubles is too large a number.
      if (std::isinf(value))
        text += value > 0 ? "1e999" : "-1e999";
      else
        append_number(text, value);
      continue;
    }
    if (const std::string cell = read_cell(in); cell.starts_with("$bytes:")) {
      const auto bytes = parse_base64(std::string_view(cell).substr(7));
      text += bytes ? *bytes : std::string();
    } else {
      text += cell;
    }
  }
  return cell_text(text);
}

/// Cells of one column in the making.
struct Made {
  TableColumn column;
  std::size_t rows = 0;
};

/// Turns rows of one table into a piece of that table of a package.
class Shredder {
 public:
  explicit Shredder(std::string_view table) : table_(table) {}

  Result<void> add(std::string_view row, std::string_view key) {
    key_ = key;
    JsonCursor in(row);
    for (in.enter_object(); in.next_member();) {
      const std::string column(in.key());
      const auto form = form_of(table_, column);
      if (!form) return wrong("'" + column + "' is no column");
      take(in, column, *form);
      if (in.failed()) return wrong("column " + column + ": " + in.error_text());
    }
    if (in.failed() || !in.at_end()) return wrong(in.error_text());
    ++rows_;
    return {};
  }

  /// What was added, with the rows that a column lacks as missing ones.
  Table finish() {
    Table table;
    for (auto& [name, made] : columns_) {
      fill(made, rows_);
      table.push_back(std::move(made.column));
    }
    columns_.clear();
    rows_ = 0;
    return table;
  }

 private:
  Error wrong(std::string words) const {
    return Error{Code::malformed, "table " + std::string(table_) + ": " + std::move(words)};
  }

  /// Makes rows up to `count` missing ones.
  static void fill(Made& made, std::size_t count) {
    std::visit(
        [&](auto& values) {
          for (; made.rows < count; ++made.rows) {
            made.column.missing.push_back(true);
            if constexpr (requires { values.ends; })
              values.ends.push_back(values.ends.empty() ? 0 : values.ends.back());
            else
              values.push_back({});
          }
        },
        made.column.values);
  }
  /// The values of a column, all rows before this one there.
  template <class Values>
  Values& values(std::string_view name) {
    auto [at, added] = columns_.try_emplace(std::string(name));
    Made& made = at->second;
    if (added) made.column = {std::string(name), Values(), {}};
    fill(made, rows_);
    if (made.rows == rows_) {
      made.column.missing.push_back(false);
      ++made.rows;
    }
    return std::get<Values>(made.column.values);
  }
  void add_text(std::string_view name, std::string_view cell) { values<TextColumn>(name).add(cell); }

  void take(JsonCursor& in, std::string_view name, Form form) {
    switch (form) {
      case Form::text: return add_text(name, read_cell(in));
      case Form::json: return add_text(name, cell_text(in.skip()));
      case Form::id: return add_text(name, read_id(in, key_));
      case Form::authored: return add_text(name, read_authored(in));
      case Form::count: return values<std::vector<std::int64_t>>(name).push_back(whole(in));
      case Form::number: return values<std::vector<double>>(name).push_back(read_canonical_number(in));
      case Form::truth: return values<std::vector<bool>>(name).push_back(in.read_bool());
      case Form::texts: {
        TextLists& lists = values<TextLists>(name);
        for (in.enter_array(); in.next_element();) lists.values.add(read_cell(in));
        return lists.ends.push_back(lists.values.ends.size());
      }
      case Form::wholes: {
        CountLists& lists = values<CountLists>(name);
        for (in.enter_array(); in.next_element();) lists.values.push_back(whole(in));
        return lists.ends.push_back(lists.values.size());
      }
      case Form::pairs: {
        CountListLists& lists = values<CountListLists>(name);
        for (in.enter_array(); in.next_element();) {
          for (in.enter_array(); in.next_element();) lists.values.values.push_back(whole(in));
          lists.values.ends.push_back(lists.values.values.size());
        }
        return lists.ends.push_back(lists.values.ends.size());
      }
      case Form::box: return take_box(in);
      case Form::flags:
        for (in.enter_object(); in.next_member();) {
          const std::string flag(in.key());
          if (!is_flag(flag)) return in.fail("expected flags that there are");
          values<std::vector<bool>>(flag).push_back(in.read_bool());
        }
        return;
      case Form::residue: return take_residue(in, false);
      case Form::own_residue: return take_residue(in, true);
    }
  }

  static std::int64_t whole(JsonCursor& in) {
    if (in.type() == JsonType::string) {  // digits that a double would not print
      const std::string text(in.read_string());
      const NumberText n = read_number(text);
      if (!n.fits_int64 || n.length != text.size()) in.fail("expected a whole number");
      return n.whole;
    }
    const NumberText n = in.read_number();
    if (!in.failed() && !n.fits_int64) in.fail("expected a whole number");
    return n.whole;
  }
  static bool is_flag(std::string_view word) {
    for (unsigned f = 0; f < flag_count; ++f)
      if (name(static_cast<Flag>(f)) == word) return true;
    return false;
  }
  void take_box(JsonCursor& in) {
    constexpr std::array<std::string_view, 4> sides = {"x", "y", "width", "height"};
    std::size_t side = 0;
    for (in.enter_array(); in.next_element(); ++side) {
      if (side == sides.size()) return in.fail("expected four numbers");
      values<std::vector<double>>(sides[side]).push_back(read_canonical_number(in));
    }
    if (!in.failed() && side != sides.size()) return in.fail("expected four numbers");
    add_text("box_origin", "stated");
  }
  /// JSON as it stands; a string for a text that is no JSON.
  static std::string read_own(JsonCursor& in) {
    if (in.type() != JsonType::string) return cell_text(in.skip());
    const std::string_view json = in.skip();
    JsonCursor inner(json);
    const std::string text(inner.read_string());
    return cell_text(canonical_json(text) ? json : std::string_view(text));
  }
  /// One object, or a list of several; the first is the record's own where it has a place for that.
  void take_residue(JsonCursor& in, bool own) {
    if (in.type() != JsonType::array) {
      if (own) return add_text("own", read_own(in));
      TextLists& lists = values<TextLists>("residue");
      lists.values.add(cell_text(in.skip()));
      return lists.ends.push_back(lists.values.ends.size());
    }
    in.enter_array();
    if (own && in.next_element()) add_text("own", read_own(in));
    TextLists& lists = values<TextLists>("residue");
    while (in.next_element()) lists.values.add(cell_text(in.skip()));
    lists.ends.push_back(lists.values.ends.size());
  }

  std::string_view table_, key_;
  std::map<std::string, Made> columns_;
  std::size_t rows_ = 0;
};

// The order of the records, which the form does not hold: it sorts by key.

/// "a" before "a-2" before "a-10".
bool natural_less(std::string_view a, std::string_view b) { return std::pair(a.size(), a) < std::pair(b.size(), b); }

/// The columns of a row that tell where it stands.
struct RowPlace {
  std::string_view row;
  std::string key, path, sample, split;
  std::uint32_t order = 0;
};

RowPlace place_of(const CanonicalRow& canonical, std::string_view key_column) {
  RowPlace place{.row = canonical.row};
  JsonCursor in(canonical.row);
  for (in.enter_object(); in.next_member();) {
    const bool is_key = in.key() == key_column;
    if (is_key)
      place.key = read_cell(in);
    else if (in.key() == "path")
      place.path = read_cell(in);
    else if (in.key() == "sample_id")
      place.sample = read_cell(in);
    else if (in.key() == "split_id")
      place.split = read_cell(in);
    else if (in.key() == "order") {
      const NumberText n = in.read_number();
      place.order = n.fits_int64 && n.whole >= 0 ? static_cast<std::uint32_t>(n.whole) : 0;
    } else
      in.skip();
  }
  return place;
}

std::vector<RowPlace> places_of(std::span<const CanonicalRow> rows, std::string_view table, std::string_view key) {
  std::vector<RowPlace> places;
  for (const CanonicalRow& row : rows)
    if (row.table == table) places.push_back(place_of(row, key));
  return places;
}

/// Sorts splits so that each sample that is called by its first split has that one first.
class SplitOrder {
 public:
  SplitOrder(std::vector<RowPlace>& splits, const std::vector<RowPlace>& samples,
             const std::vector<RowPlace>& memberships) {
    std::sort(splits.begin(), splits.end(), [](const RowPlace& a, const RowPlace& b) {
      return std::tuple(rank(a.key), a.key.size(), std::string_view(a.key)) <
             std::tuple(rank(b.key), b.key.size(), std::string_view(b.key));
    });
    std::map<std::string_view, std::set<std::string_view>> splits_of;
    for (const RowPlace& m : memberships) splits_of[m.sample].insert(m.split);
    for (const RowPlace& sample : samples) {
      if (sample.key.size() <= sample.path.size()) continue;
      const std::string_view rest = std::string_view(sample.key).substr(sample.path.size() + 1);
      const auto members = splits_of.find(sample.key);
      if (members == splits_of.end() || members->second.size() < 2) continue;
      // "train-2" is the second sample of "train" where both could be meant: "train" stands before "train-2".
      std::string_view first;
      for (const std::string_view split : members->second)
        if (rest.starts_with(split) && (first.empty() || split.size() < first.size())) first = split;
      for (const std::string_view split : members->second)
        if (!first.empty() && split != first) before_[split].insert(first);
    }
    std::vector<RowPlace> sorted;
    while (!splits.empty()) {
      const auto next = std::find_if(splits.begin(), splits.end(), [&](const RowPlace& s) {
        const auto found = before_.find(s.key);
        return found == before_.end() || std::none_of(splits.begin(), splits.end(), [&](const RowPlace& left) {
                 return found->second.contains(left.key);
               });
      });
      const auto taken = next == splits.end() ? splits.begin() : next;  // rows that contradict each other
      sorted.push_back(std::move(*taken));
      splits.erase(taken);
    }
    splits = std::move(sorted);
  }

 private:
  static int rank(std::string_view key) {
    const SplitRole role = split_role(key);
    return role == SplitRole::unspecified ? 5 : static_cast<int>(role);
  }
  std::map<std::string_view, std::set<std::string_view>> before_;
};

constexpr std::uint32_t last = 0xffffffffU;

/// Samples by their place in their first split.
void sort_samples(std::vector<RowPlace>& samples, const std::vector<RowPlace>& splits,
                  const std::vector<RowPlace>& memberships) {
  std::unordered_map<std::string_view, std::uint32_t> split_places;
  for (std::size_t s = 0; s < splits.size(); ++s) split_places.emplace(splits[s].key, static_cast<std::uint32_t>(s));
  std::unordered_map<std::string_view, std::pair<std::uint32_t, std::uint32_t>> first;
  for (const RowPlace& m : memberships) {
    const auto split = split_places.find(m.split);
    const std::pair place(split == split_places.end() ? last : split->second, m.order);
    const auto [at, added] = first.emplace(m.sample, place);
    if (!added) at->second = std::min(at->second, place);
  }
  const auto place = [&](const RowPlace& sample) {
    const auto found = first.find(sample.key);
    return found == first.end() ? std::pair(last, last) : found->second;
  };
  std::sort(samples.begin(), samples.end(), [&](const RowPlace& a, const RowPlace& b) {
    const auto x = place(a), y = place(b);
    return x != y ? x < y
                  : std::tuple(std::string_view(a.path), a.key.size(), std::string_view(a.key)) <
                        std::tuple(std::string_view(b.path), b.key.size(), std::string_view(b.key));
  });
}

/// Annotations by number where each number is there once (a document's), else by image and number (label files').
void sort_annotations(std::vector<RowPlace>& annotations, const std::vector<RowPlace>& samples) {
  std::unordered_map<std::string_view, std::uint32_t> sample_places;
  for (std::size_t s = 0; s < samples.size(); ++s) sample_places.emplace(samples[s].key, static_cast<std::uint32_t>(s));
  std::vector<std::uint32_t> numbers;
  for (const RowPlace& a : annotations) numbers.push_back(a.order);
  std::sort(numbers.begin(), numbers.end());
  const bool once = std::adjacent_find(numbers.begin(), numbers.end()) == numbers.end();
  std::vector<std::pair<std::uint32_t, std::size_t>> sorted;
  for (std::size_t i = 0; i < annotations.size(); ++i) {
    const auto sample = sample_places.find(annotations[i].sample);
    sorted.emplace_back(once ? 0 : sample == sample_places.end() ? last : sample->second, i);
  }
  std::sort(sorted.begin(), sorted.end(), [&](const auto& x, const auto& y) {
    const RowPlace &a = annotations[x.second], &b = annotations[y.second];
    if (x.first != y.first) return x.first < y.first;
    return a.order != b.order ? a.order < b.order : natural_less(a.key, b.key);
  });
  std::vector<RowPlace> out;
  out.reserve(annotations.size());
  for (const auto& entry : sorted) out.push_back(std::move(annotations[entry.second]));
  annotations = std::move(out);
}

Result<void> feed(PackageReader& reader, std::string_view table, const std::vector<RowPlace>& rows) {
  Shredder shredder(table);
  std::uint64_t in_piece = 0;
  for (const RowPlace& row : rows) {
    VETSET_DO(shredder.add(row.row, row.key));
    if (++in_piece < rows_of_piece) continue;
    VETSET_DO(reader.add(table, shredder.finish()));
    in_piece = 0;
  }
  return in_piece == 0 ? Result<void>() : reader.add(table, shredder.finish());
}

void sort_by_order(std::vector<RowPlace>& rows) {
  std::sort(rows.begin(), rows.end(), [](const RowPlace& a, const RowPlace& b) {
    return a.order != b.order ? a.order < b.order : natural_less(a.key, b.key);
  });
}

}  // namespace

Result<Dataset> dataset_of_rows(std::span<const CanonicalRow> rows) {
  const auto names = package_table_names();
  for (const CanonicalRow& row : rows)
    if (row.table == "files" || std::find(names.begin(), names.end(), row.table) == names.end())
      return Error{Code::malformed, "'" + std::string(row.table) + "' is no table of the canonical form"};
  const auto memberships = places_of(rows, "memberships", "");
  auto splits = places_of(rows, "splits", "split_id");
  auto samples = places_of(rows, "samples", "sample_id");
  for (RowPlace& split : splits) split.split = split.key;
  SplitOrder(splits, samples, memberships);
  sort_samples(samples, splits, memberships);
  auto licences = places_of(rows, "licences", "licence_id"), categories = places_of(rows, "categories", "category_id");
  sort_by_order(licences);
  sort_by_order(categories);
  auto tracks = places_of(rows, "tracks", "track_id");
  sort_by_order(tracks);

  PackageReader reader;
  VETSET_DO(feed(reader, "dataset", places_of(rows, "dataset", "id")));
  VETSET_DO(feed(reader, "categories", categories));
  VETSET_DO(feed(reader, "splits", splits));
  VETSET_DO(feed(reader, "licences", licences));
  VETSET_DO(feed(reader, "samples", samples));
  VETSET_DO(feed(reader, "memberships", memberships));
  {
    auto annotations = places_of(rows, "annotations", "ann_id");
    sort_annotations(annotations, samples);
    VETSET_DO(feed(reader, "annotations", annotations));
  }
  VETSET_DO(feed(reader, "tracks", tracks));
  VETSET_DO(feed(reader, "relations", places_of(rows, "relations", "")));
  VETSET_DO(feed(reader, "unread", places_of(rows, "unread", "")));
  return reader.finish();
}

Result<Dataset> dataset_of_canonical(std::string_view text) {
  std::vector<CanonicalRow> rows;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::size_t tab = text.substr(0, end).find('\t');
    if (tab == std::string_view::npos)
      return Error{Code::malformed, "expected a table, a tab and a row", "rows", static_cast<std::uint32_t>(line), 1};
    rows.push_back({text.substr(0, tab), text.substr(tab + 1, end - tab - 1)});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return dataset_of_rows(rows);
}

}  // namespace vetset
