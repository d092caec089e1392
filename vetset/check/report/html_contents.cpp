// What the dataset holds, in the HTML report: splits, classes, sizes, coverage, a contract's clauses. Charts are
// vectors whose numbers stand beside them as text.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "vetset/base/number.h"
#include "vetset/check/report/html_parts.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

constexpr std::size_t most_classes = 60, most_splits = 12;

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string split_name(std::string_view name) { return name.empty() ? "in no split" : data_html(name, 60); }

std::string table_open(std::string_view label, std::string_view kind = {}) {
  return "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + std::string(label) +
         "\"><table aria-label=\"" + std::string(label) + "\"" +
         (kind.empty() ? "" : " class=\"" + std::string(kind) + "\"") + "><thead><tr>";
}

std::string head_cell(std::string_view html, bool number = false) {
  return std::string(number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">") + std::string(html) + "</th>";
}

std::string number_cell(std::uint64_t number) { return "<td class=\"n\">" + grouped(number) + "</td>"; }

std::string splits_panel(const Stats& stats) {
  if (stats.splits.empty()) return {};
  std::string out = "<div class=\"panel\"><h3>Splits</h3>" + table_open("splits") + head_cell("Split") +
                    head_cell("Images", true) + head_cell("Share of images") + head_cell("Without objects", true) +
                    head_cell("Objects", true) + head_cell("Classes", true) + "</tr></thead><tbody>\n";
  for (const SplitStats& split : stats.splits)
    out += "<tr><th scope=\"row\">" + split_name(split.name) + "</th>" + number_cell(split.images) +
           "<td class=\"bars\">" + bar_html(share(split.images, stats.counts.images)) + "<small>" +
           data_html(percent_of(split.images, stats.counts.images)) + "</small></td>" +
           number_cell(split.empty_images) + number_cell(split.objects) + number_cell(split.classes) + "</tr>\n";
  return out + "</tbody></table></div></div>\n";
}

std::string classes_panel(const Stats& stats) {
  if (stats.classes.empty()) return {};
  std::vector<std::size_t> order(stats.classes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return stats.classes[a].objects > stats.classes[b].objects; });
  const std::uint64_t most = stats.classes[order.front()].objects;
  const std::size_t splits = std::min(stats.splits.size(), most_splits);
  std::string out =
      "<div class=\"panel\"><h3>Classes</h3><p class=\"soft\">Objects of each class, and their share of all "
      "objects of a split.</p>" +
      table_open("classes") + head_cell("Class") + head_cell("Objects", true) + head_cell("") +
      head_cell("Images", true);
  for (std::size_t s = 0; s < splits; ++s) out += head_cell(split_name(stats.splits[s].name));
  out += "</tr></thead><tbody>\n";
  for (std::size_t k = 0; k < order.size() && k < most_classes; ++k) {
    const ClassStats& c = stats.classes[order[k]];
    out += "<tr><th scope=\"row\">" + data_html(c.name, 80) + "</th>" + number_cell(c.objects) + "<td class=\"bars\">" +
           bar_html(share(c.objects, most)) + "</td>" + number_cell(c.images);
    for (std::size_t s = 0; s < splits; ++s) {
      const std::uint64_t objects = s < c.by_split.size() ? c.by_split[s] : 0;
      out += "<td class=\"withbar\">" + grouped(objects) + " <small>" +
             data_html(percent_of(objects, stats.splits[s].objects)) + "</small>" +
             bar_html(share(objects, stats.splits[s].objects)) + "</td>";
    }
    out += "</tr>\n";
  }
  out += "</tbody></table></div>";
  if (order.size() > most_classes)
    out +=
        "<p class=\"soft\">and " + counted(order.size() - most_classes, "class", "classes") + " with fewer objects</p>";
  return out + "</div>\n";
}

/// Bars of one split; the axis is the same for all.
std::string size_chart(const SizesOfSplit& sizes, double highest) {
  constexpr double width = 300, height = 96, base = 80;
  const double step = width / static_cast<double>(sizes.boxes.size());
  const auto text_of = [](double number) {
    std::string text;
    append_fixed(text, number, 1);
    return text;
  };
  std::string bars, told;
  for (std::size_t k = 0; k < sizes.boxes.size(); ++k) {
    const double part = share(sizes.boxes[k], sizes.all);
    const double tall = highest == 0 ? 0 : part / highest * (base - 4);
    const std::string range = k == 0                             ? "under 4"
                              : k == SizesOfSplit::bounds.size() ? "1024 and more"
                                                                 : std::to_string(SizesOfSplit::bounds[k - 1]) +
                                                                       " to " + std::to_string(SizesOfSplit::bounds[k]);
    const std::string words = range + " px: " + percent_of(sizes.boxes[k], sizes.all);
    if (sizes.boxes[k] > 0) told += (told.empty() ? "" : "; ") + words;
    const double x = static_cast<double>(k) * step + 2;
    bars += "<rect x=\"" + text_of(x) + "\" y=\"" + text_of(base - tall) + "\" width=\"" + text_of(step - 4) +
            "\" height=\"" + text_of(tall) + "\" rx=\"2\"><title>" + data_html(words) + "</title></rect>";
    if (k < SizesOfSplit::bounds.size())
      bars +=
          "<text x=\"" + text_of(x + step - 2) + "\" y=\"93\">" + std::to_string(SizesOfSplit::bounds[k]) + "</text>";
  }
  return "<div class=\"chart\"><h4>" + split_name(sizes.split) + " <small>" + counted(sizes.all, "box", "boxes") +
         "</small></h4><svg viewBox=\"0 0 " + text_of(width) + " " + text_of(height) + "\" role=\"img\" aria-label=\"" +
         data_html("sizes of boxes: " + told, 600) + "\">" + "<line x1=\"0\" y1=\"80.5\" x2=\"300\" y2=\"80.5\"/>" +
         bars + "</svg></div>\n";
}

std::string sizes_panel(const Portrait& portrait) {
  if (portrait.sizes.empty()) return {};
  double highest = 0;
  for (const SizesOfSplit& sizes : portrait.sizes)
    for (const std::uint64_t boxes : sizes.boxes) highest = std::max(highest, share(boxes, sizes.all));
  std::string out =
      "<div class=\"panel\"><h3>Sizes of boxes</h3><p class=\"soft\">The side of a box (square root of its "
      "area) in pixels of its image; how large a share of the split's boxes.</p><div class=\"charts\">\n";
  for (std::size_t s = 0; s < portrait.sizes.size() && s < most_splits; ++s)
    out += size_chart(portrait.sizes[s], highest);
  return out + "</div></div>\n";
}

std::string heat_panel(const Stats& stats) {
  std::uint64_t most = 0, all = 0;
  for (const auto& row : stats.heat)
    for (const std::uint64_t count : row) most = std::max(most, count), all += count;
  if (most == 0) return {};
  std::string cells;
  for (std::size_t y = 0; y < Stats::cells; ++y)
    for (std::size_t x = 0; x < Stats::cells; ++x) {
      std::string opacity;
      append_fixed(opacity, 0.04 + 0.96 * share(stats.heat[y][x], most), 3);
      cells += "<rect x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) +
               "\" width=\"1\" height=\"1\" fill-opacity=\"" + opacity + "\"><title>" +
               counted(stats.heat[y][x], "box", "boxes") + "</title></rect>";
    }
  return "<div class=\"panel\"><h3>Where boxes lie</h3><p class=\"soft\">Their centres, over the area of the "
         "image.</p><div class=\"chart\"><svg class=\"heatmap\" viewBox=\"0 0 8 8\" role=\"img\" aria-label=\"" +
         data_html("centres of " + counted(all, "box", "boxes") + " over the area of the image, at most " +
                   percent_of(most, all) + " in one of 64 cells") +
         "\">" + cells + "</svg></div></div>\n";
}

std::string numbers_panel(const Stats& stats) {
  std::string rows;
  const auto add = [&](std::string_view what, const std::string& value) {
    rows += "<tr><th scope=\"row\">" + std::string(what) + "</th><td class=\"n\">" + value + "</td></tr>\n";
  };
  const auto spread = [](const Spread& s) {
    return measure(s.median) + " <small>" + measure(s.least) + " to " + measure(s.most) + "</small>";
  };
  if (stats.objects_spread.count > 0) add("Objects an image: median, range", spread(stats.objects_spread));
  if (stats.box_sides.count > 0) add("Side of a box in pixels: median, range", spread(stats.box_sides));
  if (const std::uint64_t boxes = stats.small + stats.medium + stats.large; boxes > 0)
    add("Small, medium, large boxes, as COCO parts them",
        data_html(percent_of(stats.small, boxes) + " · " + percent_of(stats.medium, boxes) + " · " +
                  percent_of(stats.large, boxes)));
  for (std::size_t k = 0; k < stats.image_sizes.size() && k < 3; ++k) {
    const auto& [size, images] = stats.image_sizes[k];
    add("Images of " + std::to_string(size.first) + " × " + std::to_string(size.second), grouped(images));
  }
  if (stats.image_sizes.size() > 3) add("Other sizes of images", grouped(stats.image_sizes.size() - 3));
  if (stats.unsized_images > 0) add("Images without a known size", grouped(stats.unsized_images));
  for (const auto& [kind, count] : stats.kinds)
    if (stats.kinds.size() > 1) add("Objects that are: " + data_html(kind, 40), grouped(count));
  if (stats.without_box > 0) add("Objects without a box", grouped(stats.without_box));
  if (rows.empty()) return {};
  return "<div class=\"panel\"><h3>In numbers</h3><div class=\"scroll\"><table aria-label=\"in numbers\"><tbody>\n" +
         rows + "</tbody></table></div></div>\n";
}

/// How full a cell is, of the fullest in its grid: 0 empty, then 1 to 5, on a scale of logarithms.
int heat_of(std::uint64_t count, std::uint64_t most) {
  if (count == 0) return 0;
  if (most <= 1) return 5;
  return 1 + static_cast<int>(
                 std::lround(4 * std::log1p(static_cast<double>(count)) / std::log1p(static_cast<double>(most))));
}

std::string grid_panel(const CountGrid& grid) {
  std::uint64_t most = 0, holes = 0;
  for (const auto& row : grid.counts)
    for (const std::uint64_t count : row) most = std::max(most, count), holes += count == 0 ? 1U : 0U;
  std::string out =
      "<div class=\"panel\"><h3>" + data_html(grid.title) + "</h3><p class=\"soft\">" + data_html(grid.note);
  out += " " + (holes == 0 ? std::string("No cell is empty.") : counted(holes, "cell is", "cells are") + " empty.") +
         "</p>" + table_open(grid.title, "grid") + head_cell(data_html(grid.rows_are));
  for (const std::string& column : grid.columns) out += head_cell(data_html(column));
  out += "</tr></thead><tbody>\n";
  for (std::size_t r = 0; r < grid.rows.size(); ++r) {
    out += "<tr><th scope=\"row\">" + data_html(grid.rows[r], 80) + "</th>";
    for (const std::uint64_t count : grid.counts[r])
      out += "<td class=\"h" + std::to_string(heat_of(count, most)) + "\">" + grouped(count) + "</td>";
    out += "</tr>\n";
  }
  out += "</tbody></table></div>";
  if (grid.more > 0) out += "<p class=\"soft\">and " + counted(grid.more, "row", "rows") + " with fewer</p>";
  return out + "</div>\n";
}

std::string clauses_panel(const HtmlDocument& doc) {
  if (doc.clauses.empty()) return {};
  std::string out = "<div class=\"panel\"><h3>The contract</h3>" + table_open("clauses of the contract") +
                    head_cell("Clause") + head_cell("Result") + head_cell("Measured") + head_cell("Limit") +
                    "</tr></thead><tbody>\n";
  for (const ReportClause& clause : doc.clauses) {
    const std::string_view kind = clause.result != "fail" && clause.result != "undecided" ? "note"
                                  : clause.result == "fail"                               ? "error"
                                                                                          : "warning";
    out += "<tr><th scope=\"row\">" + data_html(clause.name, 200) + "</th><td><span class=\"pill " + std::string(kind) +
           "\">" + data_html(clause.result) + "</span></td><td>" + data_html(clause.measured, 200) + "</td><td>" +
           data_html(clause.limit, 200) + "</td></tr>\n";
  }
  out += "</tbody></table></div>";
  if (!doc.collect.empty()) {
    out += "<h4>What to collect next</h4><ol class=\"places\">\n";
    for (std::size_t k = 0; k < doc.collect.size() && k < 30; ++k)
      out += "<li>" + data_html(doc.collect[k]) + "</li>\n";
    out += "</ol>";
  }
  return out + "</div>\n";
}

}  // namespace

std::string contents_section(const HtmlDocument& doc) {
  std::string out = splits_panel(doc.stats) + classes_panel(doc.stats) + sizes_panel(doc.portrait);
  const std::string numbers = numbers_panel(doc.stats), heat = heat_panel(doc.stats);
  if (!numbers.empty() && !heat.empty()) return out + "<div class=\"two\">\n" + numbers + heat + "</div>\n";
  return out + numbers + heat;
}

std::string coverage_section(const HtmlDocument& doc) {
  std::string out = clauses_panel(doc);
  for (const CountGrid& grid : doc.portrait.grids) out += grid_panel(grid);
  return out;
}

}  // namespace vetset
