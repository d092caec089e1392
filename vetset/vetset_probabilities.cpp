// Probabilities that a user names: NumPy files, with lists that say whose rows and which classes they are, or a Parquet
// table that says it itself.
#include <algorithm>
#include <map>

#include "vetset/base/npy.h"
#include "vetset/vetset.h"
#include "vetset/vetset_given.h"

namespace vetset {
namespace {

/// The numbers, and what keeps them.
struct HeldTable {
  NpyTable table;
  Bytes bytes;
};

const std::vector<std::string>& value_columns() {
  static const std::vector<std::string> names = {"probabilities", "pred_probs", "probs"};
  return names;
}
const std::vector<std::string>& id_columns() {
  static const std::vector<std::string> names = {"annotation_id", "annotation"};
  return names;
}

/// The one array of an .npz, which is a zip of .npy files.
Result<Bytes> only_array(const std::string& path) {
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_tree(path));
  const auto members = tree->list();
  if (members.size() != 1) {
    std::string list;
    for (const std::string_view member : members) list += (list.empty() ? "" : ", ") + std::string(member);
    return Error{
        Code::malformed,
        "holds " + std::to_string(members.size()) + " arrays (" + list + "), expected the one of probabilities", path};
  }
  return tree->read(members.front());
}

Result<void> take_numpy(const std::string& path, bool archive, ProbabilityRows& rows) {
  auto held = std::make_shared<HeldTable>();
  VETSET_TRY(held->bytes, archive ? only_array(path) : read_given(path));
  auto floats = view_npy(held->bytes);
  if (!floats) return std::move(floats).error().in(path);
  rows.digest = sha256(held->bytes);
  if (floats->values.data() != nullptr) {
    rows.values = floats->values;
  } else {
    auto table = parse_npy(held->bytes);
    if (!table) return std::move(table).error().in(path);
    held->table = *std::move(table);
    held->bytes = {};
    rows.values = held->table.values;
  }
  rows.rows = floats->rows;
  rows.width = floats->columns;
  rows.owner = std::move(held);
  return {};
}

Result<void> take_piece(const Table& table, const std::string& path, ProbabilityRows& rows,
                        std::vector<float>& values) {
  const TableColumn* valued = column_called<NumberLists>(table, value_columns());
  const TableColumn* named = column_called<TextColumn>(table, path_columns());
  const TableColumn* numbered = column_called<std::vector<std::int64_t>>(table, id_columns());
  if (valued == nullptr)
    return Error{Code::malformed, "has no column of lists of floats called one of " + words_of(value_columns()), path};
  if (named == nullptr && numbered == nullptr)
    return Error{Code::malformed,
                 "has no column of texts called one of " + words_of(path_columns()) +
                     ", nor one of whole numbers called one of " + words_of(id_columns()),
                 path};
  const TableColumn* fold_text = column_called<TextColumn>(table, {"fold"});
  const TableColumn* fold_number = column_called<std::vector<std::int64_t>>(table, {"fold"});
  const auto& lists = std::get<NumberLists>(valued->values);
  for (std::size_t k = 0; k < lists.ends.size(); ++k) {
    const std::size_t begin = k == 0 ? 0 : lists.ends[k - 1], length = lists.ends[k] - begin;
    if (rows.rows == 0) rows.width = length;
    if (length != rows.width)
      return Error{Code::malformed,
                   "row " + std::to_string(rows.rows) + " has " + std::to_string(length) + " numbers, expected " +
                       std::to_string(rows.width) + " as in row 0",
                   path};
    for (std::size_t n = begin; n < lists.ends[k]; ++n) values.push_back(narrowed(lists.values[n]));
    if (numbered != nullptr) {
      rows.ids.push_back(std::get<std::vector<std::int64_t>>(numbered->values)[k]);
    } else {
      rows.paths.emplace_back(text_at(std::get<TextColumn>(named->values), k));
    }
    if (fold_text != nullptr) rows.folds.emplace_back(text_at(std::get<TextColumn>(fold_text->values), k));
    if (fold_number != nullptr)
      rows.folds.push_back(std::to_string(std::get<std::vector<std::int64_t>>(fold_number->values)[k]));
    ++rows.rows;
  }
  return {};
}

Result<void> take_parquet(const std::string& path, ProbabilityRows& rows) {
  VETSET_TRY(const Bytes bytes, read_given(path));
  VETSET_TRY(const ParquetModule* module, parquet_module());
  rows.digest = sha256(bytes);
  std::vector<std::string> columns = path_columns();
  columns.insert(columns.end(), value_columns().begin(), value_columns().end());
  columns.insert(columns.end(), id_columns().begin(), id_columns().end());
  columns.emplace_back("fold");
  auto values = std::make_shared<std::vector<float>>();
  auto read = module->read(bytes, columns, [&](const Table& table) { return take_piece(table, path, rows, *values); });
  if (!read) return std::move(read).error().in(path);
  rows.values = *values;
  rows.owner = std::move(values);
  return {};
}

/// A class a line; a .csv may have a heading and other columns behind it.
Result<std::vector<std::string>> classes_in(const std::string& file, std::size_t width) {
  VETSET_TRY(const Bytes text, read_given(file));
  std::vector<std::string> names;
  if (!is_csv(file)) {
    names = lines_of(text);
  } else {
    VETSET_TRY(std::vector<std::vector<std::string>> table, csv_rows(file, text));
    for (std::vector<std::string>& row : table) names.push_back(row.empty() ? std::string() : std::move(row.front()));
    if (names.size() == width + 1) names.erase(names.begin());
  }
  while (!names.empty() && names.back().empty()) names.pop_back();
  return names;
}

}  // namespace

Result<std::vector<std::string>> read_folds(const std::string& file, std::span<const std::string> paths,
                                            std::size_t rows) {
  VETSET_TRY(const Bytes text, read_given(file));
  if (!is_csv(file)) {
    std::vector<std::string> folds = lines_of(text);
    while (folds.size() > rows && folds.back().empty()) folds.pop_back();
    return folds;
  }
  VETSET_TRY(const std::vector<std::vector<std::string>> table, csv_rows(file, text));
  const bool named = !table.empty() && table.front().size() > 1;
  std::vector<std::string> folds;
  if (!named) {
    for (const auto& row : table) folds.push_back(row.empty() ? std::string() : row.front());
    if (folds.size() == rows + 1) folds.erase(folds.begin());
    return folds;
  }
  if (paths.empty())
    return Error{Code::usage, "names images, and the rows do not: give a fold a line, in the order of the rows", file};
  std::map<std::string_view, std::string_view> of;
  for (const auto& row : table)
    if (row.size() > 1) of[row[0]] = row[1];
  for (const std::string& path : paths) {
    const auto found = of.find(path);
    if (found == of.end())
      return Error{Code::malformed, "has no fold of '" + path + "', expected one for every row", file};
    folds.emplace_back(found->second);
  }
  return folds;
}

Result<Probabilities> read_probabilities(const Source& source, const std::string& path, const ProbabilityFiles& files) {
  ProbabilityRows rows{.name = std::string(base_name(path))};
  rows.out_of_fold = files.out_of_fold;
  const std::string_view extension = extension_of(path);
  if (extension == "parquet") {
    if (!files.paths.empty())
      return Error{Code::usage, "a Parquet table names its images itself; leave the list of paths out", path};
    VETSET_DO(take_parquet(path, rows));
  } else if (extension == "npy" || extension == "npz") {
    VETSET_DO(take_numpy(path, extension == "npz", rows));
    rows.names = files.paths.empty() ? paths_beside(path) : files.paths;
    if (!rows.names.empty()) {
      VETSET_TRY(rows.paths, paths_in(rows.names, source.dataset, rows.rows));
    }
  } else {
    return Error{Code::usage, "expected probabilities as .npy or .npz (NumPy) or .parquet, found '" +
                                  std::string(base_name(path)) + "'"};
  }
  if (!files.classes.empty()) {
    rows.classes = files.classes;
    VETSET_TRY(rows.columns, classes_in(files.classes, rows.width));
  }
  if (!files.folds.empty()) {
    rows.fold_name = files.folds;
    VETSET_TRY(rows.folds, read_folds(files.folds, rows.paths, rows.rows));
  }
  return probabilities_of(source.dataset, rows, Pool(files.common.threads));
}

}  // namespace vetset
