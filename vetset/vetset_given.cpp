#include "vetset/vetset_given.h"

#include <algorithm>
#include <filesystem>

#include "vetset/base/csv.h"
#include "vetset/dataset/image_names.h"

namespace vetset {
namespace {

bool is_file(const std::string& path) {
  std::error_code failed;
  return std::filesystem::is_regular_file(path, failed) && !failed;
}

}  // namespace

Result<Bytes> read_given(const std::string& path) {
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_file(path));
  auto bytes = tree->read(tree->list().front());
  if (!bytes) return std::move(bytes).error().in(path);
  return bytes;
}

std::string paths_beside(const std::string& path) {
  const std::string stem = path.substr(0, path.size() - extension_of(path).size());
  for (const char* extension : {"txt", "csv"})
    if (is_file(stem + extension)) return stem + extension;
  return {};
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool is_csv(const std::string& file) { return extension_of(file) == "csv" || extension_of(file) == "CSV"; }

Result<std::vector<std::vector<std::string>>> csv_rows(const std::string& file, std::string_view text) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row;
  for (CsvReader reader(text); reader.next(row);) {
    if (reader.broken()) return Error{Code::malformed, "a quote is opened and not closed", file, reader.line()};
    rows.push_back(std::move(row));
    row.clear();
  }
  return rows;
}

Result<std::vector<std::string>> paths_in(const std::string& file, const Dataset& d, std::size_t rows) {
  VETSET_TRY(const Bytes text, read_given(file));
  if (!is_csv(file)) return lines_of(text);
  VETSET_TRY(std::vector<std::vector<std::string>> table, csv_rows(file, text));
  std::vector<std::string> paths;
  for (std::vector<std::string>& row : table) paths.push_back(row.empty() ? std::string() : std::move(row.front()));
  if (paths.size() == rows + 1 && ImageNames(d).find(paths.front()).images.empty()) paths.erase(paths.begin());
  return paths;
}

const std::vector<std::string>& path_columns() {
  static const std::vector<std::string> names = {"path", "image", "image_path", "file_name", "filename", "file"};
  return names;
}

std::string words_of(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace vetset
