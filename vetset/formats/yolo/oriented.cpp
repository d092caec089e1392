// Nine numbers are an oriented box or an outline of four points, and the row does not say which. What else there is to
// go by, and how a writer states it, so that nobody has to ask again.
#include <algorithm>

#include "vetset/formats/yolo/yolo.h"

namespace vetset::yolo_parts {
namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Whether two words in a path or name tell of oriented boxes: "obb", "dota" of "dota8.yaml".
bool tells_oriented(std::string_view name) {
  std::string lower(name);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return lower.find("obb") != std::string::npos || lower.find("dota") != std::string::npos;
}

std::string counted_rows(std::uint64_t rows) {
  return rows == 1 ? std::string("the one row has") : "all " + std::to_string(rows) + " rows have";
}

/// The value of `task:` among lines of YAML; empty: it is not there.
std::string_view task_of_lines(std::string_view lines) {
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    std::string_view line = lines.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with("task:")) continue;
    line.remove_prefix(5);
    while (!line.empty() && (is_blank(line.front()) || line.front() == '"' || line.front() == '\''))
      line.remove_prefix(1);
    while (!line.empty() && (is_blank(line.back()) || line.back() == '"' || line.back() == '\'')) line.remove_suffix(1);
    return line;
  }
  return {};
}

}  // namespace

bool NineRows::add(std::string_view line) {
  const char* at = line.data();
  const char* const end = at + line.size();
  double numbers[9];
  std::size_t count = 0;
  for (;; ++count) {
    while (at != end && is_blank(*at)) ++at;
    if (at == end) break;
    const NumberText n = read_loose_number({at, static_cast<std::size_t>(end - at)});
    if (n.length == 0 || (at + n.length != end && !is_blank(at[n.length]))) return true;  // no row, and no evidence
    if (count == 9) return all = false;
    numbers[count] = n.value;
    at += n.length;
  }
  if (count == 0) return true;
  if (count != 9) return all = false;
  ++rows;
  Corners corners{};
  std::copy(numbers + 1, numbers + 9, corners.begin());
  const CornerForm form = corner_form(corners);
  if (form == CornerForm::other) ++others;
  if (form == CornerForm::turned) ++turned;
  return true;
}

RowForm form_of_rows(const Tree& tree, const DataYaml& yaml, std::string_view dialect,
                     std::span<const std::string_view> labels) {
  if (dialect == "obb") return {.oriented = true, .evidence = "rows are read as oriented boxes, as was asked for"};
  if (!dialect.empty()) return {};
  if (yaml.task == "obb") return {.oriented = true, .evidence = yaml.file + " says task: obb"};
  if (yaml.task || yaml.points) return {};
  NineRows seen;
  for (const std::string_view path : labels) {
    if (path.empty()) continue;
    const Result<Bytes> bytes = tree.read(path);
    if (!bytes) continue;
    std::string_view text = *bytes;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t next = std::min(text.find('\n', at), text.size());
      if (!seen.add(text.substr(at, next - at))) return {};
      at = next + 1;
    }
  }
  if (seen.rows == 0) return {};
  const std::string rows = counted_rows(seen.rows) + " nine numbers";
  const std::string_view path = yaml.path ? std::string_view(*yaml.path) : std::string_view();
  for (const std::string_view name : {std::string_view(yaml.file), path})
    if (tells_oriented(base_name(name)))
      return {.oriented = true, .evidence = rows + ", and " + std::string(name) + " tells of oriented boxes"};
  if (seen.tells_oriented())
    return {.oriented = true,
            .evidence = rows + " that make a parallelogram, " + std::to_string(seen.turned) + " of them turned"};
  return {.ambiguous = true, .evidence = rows + ": oriented boxes, or outlines of four points"};
}

std::string_view stated_task(const Dataset& d, Task task) {
  if (task == Task::obb || task == Task::segment) return name(task);
  const std::string_view stated = d.format == "yolo" ? task_of_lines(d.residue) : std::string_view();
  if (task != Task::as_read) return stated == name(task) ? stated : std::string_view();
  const auto is = [](Kind kind) { return [kind](const Annotation& a) { return a.kind == kind; }; };
  if (std::any_of(d.annotations.begin(), d.annotations.end(), is(Kind::quad))) return name(Task::obb);
  if (!std::all_of(d.annotations.begin(), d.annotations.end(), is(Kind::polygon)) || d.annotations.empty())
    return stated;
  if (stated == name(Task::obb)) return name(Task::segment);
  if (!stated.empty()) return stated;
  // Outlines that its own reader would take for oriented boxes the next time.
  NineRows seen;
  for (std::size_t i = 0; i < d.annotations.size() && seen.all; ++i)
    seen.add(d.authored_text(to_index<AnnotationIndex>(i)));
  const bool named = !d.files.empty() && tells_oriented(base_name(d.path(FileIndex{})));
  return seen.all && seen.rows > 0 && (named || seen.tells_oriented()) ? name(Task::segment) : std::string_view();
}

std::string residue_with_task(const Dataset& d, Task task) {
  const std::string_view wanted = stated_task(d, task);
  const std::string_view residue = d.format == "yolo" ? std::string_view(d.residue) : std::string_view();
  if (task_of_lines(residue) == wanted) return std::string(residue);
  std::string out;
  if (!wanted.empty()) out = "task: " + std::string(wanted) + "\n";
  for (std::size_t at = 0; at < residue.size();) {
    const std::size_t end = std::min(residue.find('\n', at), residue.size() - 1) + 1;
    const std::string_view line = residue.substr(at, end - at);
    at = end;
    if (!line.starts_with("task:")) out += line;
  }
  return out;
}

std::optional<Corners> corners_for(const Dataset& d, const Annotation& a) {
  const std::optional<Corners> corners = four_corners(d, a);
  return corners && std::all_of(corners->begin(), corners->end(), fits_row) ? corners : std::nullopt;
}

}  // namespace vetset::yolo_parts
