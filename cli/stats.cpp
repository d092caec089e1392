// vetset stats: what a dataset holds, as charts in a terminal.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "cli/command.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/check/report/columns.h"
#include "vetset/check/words.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

struct StatsFlags {
  std::string src, from, images_dir;
  unsigned threads = 0;
  bool all = false, json = false;
};

/// Whether blocks and shades may be drawn: in a UTF-8 locale, unless all decoration is unwanted.
bool draws_blocks() {
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == '\0') continue;
    const std::string folded = fold(value);
    return folded.find("utf-8") != std::string::npos || folded.find("utf8") != std::string::npos;
  }
  return false;
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "-";
  const double share = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (part > 0 && share < 0.1) return "<0.1 %";
  const bool fine = share < 10 && part > 0;
  const double rounded = fine ? std::round(share * 10) / 10 : std::round(share);
  return measure(rounded) + " %";
}

using Lines = std::vector<std::string>;

class Charts {
 public:
  Charts(const Terminal& t, const Stats& s, bool all)
      : t_(t), s_(s), all_(all), blocks_(draws_blocks()), width_(std::clamp<std::size_t>(t.width(), 60, 120)) {}

  std::string text() const {
    std::string out;
    for (const Lines& lines : {splits(), classes()}) add(out, lines);
    const std::size_t half = (width_ - gap) / 2;
    const bool wide = width_ >= 90;
    const std::size_t room = wide ? half : width_;
    const Lines left[] = {objects(room), aspects(room), image_sizes(room)}, right[] = {heat(), box_sizes(room), {}};
    for (std::size_t i = 0; i < std::size(left); ++i) {
      if (wide && !left[i].empty() && !right[i].empty()) {
        add(out, beside(left[i], right[i], half));
        continue;
      }
      add(out, left[i]);
      add(out, right[i]);
    }
    return out;
  }

 private:
  static constexpr std::size_t gap = 4, most_rows = 20, most_columns = 4;

  static void add(std::string& out, const Lines& lines) {
    if (lines.empty()) return;
    out += '\n';
    for (const std::string& line : lines) {
      std::string_view text = line;
      while (text.ends_with(' ')) text.remove_suffix(1);
      (out += text) += '\n';
    }
  }

  /// Columns that a line takes on the screen: its colours take none.
  static std::size_t shown_width(std::string_view line) {
    std::string bare;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '\x1b') {
        i = line.find('m', i);
        continue;
      }
      bare += line[i];
    }
    return display_width(bare);
  }

  static Lines beside(const Lines& left, const Lines& right, std::size_t column) {
    Lines lines;
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
      std::string line = i < left.size() ? left[i] : std::string();
      if (i < right.size()) {
        const std::size_t used = shown_width(line);
        line += std::string(column + gap > used ? column + gap - used : 1, ' ') + right[i];
      }
      lines.push_back(std::move(line));
    }
    return lines;
  }

  std::string heading(std::string_view text, std::string_view aside = {}) const {
    return t_.ink(Ink::bold, text) + (aside.empty() ? "" : "  " + t_.ink(Ink::dim, aside));
  }

  std::string cut_name(std::string_view name, std::size_t columns) const {
    const std::string safe = printable(name);
    return to_left(cut_middle(safe, columns), columns);
  }

  /// A bar of `part` in `whole`, to an eighth of a column; what is there is never nothing.
  std::string bar(std::uint64_t part, std::uint64_t whole, std::size_t columns) const {
    if (whole == 0 || part == 0) return std::string(columns, ' ');
    const double length = static_cast<double>(columns) * static_cast<double>(part) / static_cast<double>(whole);
    std::string drawn;
    if (!blocks_) {
      drawn = std::string(std::max<std::size_t>(static_cast<std::size_t>(std::lround(length)), 1), '#');
    } else {
      static constexpr std::string_view eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
      const auto parts = std::max<std::size_t>(static_cast<std::size_t>(std::lround(length * 8)), 1);
      for (std::size_t i = 0; i < parts / 8; ++i) drawn += "█";
      drawn += eighths[parts % 8];
    }
    const std::size_t shown = display_width(drawn);
    return t_.ink(Ink::cyan, drawn) + std::string(columns > shown ? columns - shown : 0, ' ');
  }

  struct Row {
    std::string name;
    std::uint64_t count = 0;
  };
  /// Name, count, bar, share: one line each.
  Lines bars(std::string heading, const std::vector<Row>& rows, std::uint64_t whole, std::size_t width) const {
    Lines lines{std::move(heading)};
    std::size_t names = 0, counts = 0;
    std::uint64_t most = 0;
    for (const Row& row : rows) {
      names = std::max(names, display_width(row.name));
      counts = std::max(counts, grouped(row.count).size());
      most = std::max(most, row.count);
    }
    const std::size_t used = 2 + names + 2 + counts + 2 + 8;
    const std::size_t room = width > used + 8 ? width - used : 8;
    for (const Row& row : rows)
      lines.push_back("  " + to_left(row.name, names) + "  " + to_right(grouped(row.count), counts) + "  " +
                      bar(row.count, most, room) + t_.ink(Ink::dim, to_right(percent(row.count, whole), 8)));
    return lines;
  }

  Lines splits() const {
    if (s_.splits.empty()) return {};
    std::size_t names = 6;
    std::uint64_t most = 0;
    for (const SplitStats& split : s_.splits) {
      names = std::clamp(display_width(printable(split.name)), names, std::size_t{24});
      most = std::max(most, split.images);
    }
    const std::size_t used = 2 + names + 4 * 10 + 2 + 8;
    const std::size_t room = width_ > used + 8 ? width_ - used : 8;
    Lines lines{heading(to_left("SPLITS", names + 2)) +
                t_.ink(Ink::dim, to_right("images", 10) + to_right("empty", 10) + to_right("objects", 10) +
                                     to_right("classes", 10))};
    for (const SplitStats& split : s_.splits)
      lines.push_back("  " + cut_name(split.name.empty() ? "(no split)" : split.name, names) +
                      to_right(grouped(split.images), 10) + to_right(grouped(split.empty_images), 10) +
                      to_right(grouped(split.objects), 10) + to_right(grouped(split.classes), 10) + "  " +
                      bar(split.images, most, room) +
                      t_.ink(Ink::dim, to_right(percent(split.images, s_.counts.images), 8)));
    return lines;
  }

  Lines classes() const {
    if (s_.classes.empty()) return {};
    std::vector<const ClassStats*> order;
    for (const ClassStats& c : s_.classes) order.push_back(&c);
    std::stable_sort(order.begin(), order.end(),
                     [](const ClassStats* a, const ClassStats* b) { return a->objects > b->objects; });
    const std::size_t shown = all_ || order.size() <= most_rows ? order.size() : most_rows - 1;
    std::size_t names = 7;
    for (std::size_t i = 0; i < shown; ++i)
      names = std::clamp(display_width(printable(order[i]->name)), names, std::size_t{28});
    const bool with_splits = s_.splits.size() > 1 && s_.splits.size() <= most_columns;
    const std::size_t columns = with_splits ? s_.splits.size() * 9 : 0;
    const std::size_t used = 2 + names + 2 * 10 + 2 + 8 + columns;
    const std::size_t room = width_ > used + 8 ? width_ - used : 8;
    std::string head = to_right("objects", 10) + to_right("images", 10) + "  " + std::string(room + 8, ' ');
    if (with_splits)
      for (const SplitStats& split : s_.splits)
        head += to_right(cut(printable(split.name.empty() ? "(none)" : split.name), 8), 9);
    Lines lines{heading(to_left("CLASSES", names + 2)) + t_.ink(Ink::dim, head)};
    for (std::size_t i = 0; i < shown; ++i) {
      const ClassStats& c = *order[i];
      std::string line = "  " + cut_name(c.name, names) + to_right(grouped(c.objects), 10) +
                         to_right(grouped(c.images), 10) + "  " + bar(c.objects, order.front()->objects, room) +
                         t_.ink(Ink::dim, to_right(percent(c.objects, s_.counts.annotations), 8));
      if (with_splits)
        for (const std::uint64_t count : c.by_split)
          line += t_.ink(count == 0 && c.objects > 0 ? Ink::yellow : Ink::dim, to_right(grouped(count), 9));
      lines.push_back(std::move(line));
    }
    if (shown < order.size()) {
      std::uint64_t rest = 0;
      for (std::size_t i = shown; i < order.size(); ++i) rest += order[i]->objects;
      lines.push_back(t_.ink(Ink::dim, "  and " + counted(order.size() - shown, "class") + " with " +
                                           counted(rest, "object") + ": --all lists them"));
    }
    if (s_.unclassed > 0)
      lines.push_back(t_.ink(Ink::yellow, "  " + counted(s_.unclassed, "object") + " of no known class"));
    return lines;
  }

  Lines objects(std::size_t width) const {
    if (s_.objects_spread.count == 0) return {};
    // At most ten bins of equal width, and the images without objects by themselves.
    const std::size_t most = s_.objects_per_image.size() - 1;
    const std::size_t step = std::max<std::size_t>((most + 8) / 9, 1);
    const bool open_end = s_.objects_spread.most > static_cast<double>(most);
    std::vector<Row> rows{{"0", s_.objects_per_image[0]}};
    for (std::size_t begin = 1; begin <= most; begin += step) {
      const std::size_t end = std::min(begin + step - 1, most);
      Row row{begin == end ? std::to_string(begin) : std::to_string(begin) + "-" + std::to_string(end), 0};
      if (end == most && open_end) row.name = std::to_string(begin) + "+";
      for (std::size_t n = begin; n <= end; ++n) row.count += s_.objects_per_image[n];
      rows.push_back(std::move(row));
    }
    const Spread& spread = s_.objects_spread;
    return bars(heading("OBJECTS AN IMAGE", "median " + measure(spread.median) + ", mean " + measure(spread.mean) +
                                                ", most " + measure(spread.most)),
                rows, s_.counts.images, width);
  }

  Lines box_sizes(std::size_t width) const {
    const std::uint64_t boxes = s_.small + s_.medium + s_.large;
    if (boxes == 0) return {};
    Lines lines = bars(heading("BOX SIZES", "by area, as COCO parts them"),
                       {{"small   below 32x32", s_.small}, {"medium  below 96x96", s_.medium}, {"large", s_.large}},
                       boxes, width);
    lines.push_back(t_.ink(Ink::dim, "  side (root of area): median " + measure(s_.box_sides.median) + " px,"));
    lines.push_back(t_.ink(
        Ink::dim, "  half of them " + measure(s_.box_sides.lower) + " to " + measure(s_.box_sides.upper) + " px"));
    if (s_.without_box > 0)
      lines.push_back(t_.ink(Ink::dim, "  " + counted(s_.without_box, "object") + " without a box in pixels"));
    return lines;
  }

  Lines aspects(std::size_t width) const {
    std::uint64_t boxes = 0;
    std::vector<Row> rows;
    static constexpr std::string_view names[] = {"tall  below 1:4",  "      1:4 to 1:2", "      1:2 to 4:5", "square",
                                                 "      5:4 to 2:1", "      2:1 to 4:1", "wide  above 4:1"};
    for (std::size_t i = 0; i < s_.by_aspect.size(); ++i) {
      rows.push_back({std::string(names[i]), s_.by_aspect[i]});
      boxes += s_.by_aspect[i];
    }
    if (boxes == 0) return {};
    return bars(heading("BOX SHAPES", "width to height"), rows, boxes, width);
  }

  Lines image_sizes(std::size_t width) const {
    if (s_.image_sizes.empty()) return {};
    constexpr std::size_t most = 7;
    std::vector<Row> rows;
    std::uint64_t sized = 0, rest = 0;
    for (const auto& [size, images] : s_.image_sizes) {
      sized += images;
      if (rows.size() < (s_.image_sizes.size() > most ? most - 1 : most))
        rows.push_back({std::to_string(size.first) + "x" + std::to_string(size.second), images});
      else
        rest += images;
    }
    if (rest > 0) rows.push_back({grouped(s_.image_sizes.size() - rows.size()) + " others", rest});
    Lines lines = bars(heading("IMAGE SIZES", "median " + measure(s_.image_megapixels.median) + " megapixels"), rows,
                       sized, width);
    if (s_.unsized_images > 0)
      lines.push_back(t_.ink(Ink::dim, "  " + counted(s_.unsized_images, "image") + " of unknown size"));
    return lines;
  }

  Lines heat() const {
    std::uint64_t most = 0, all = 0;
    for (const auto& row : s_.heat)
      for (const std::uint64_t count : row) {
        most = std::max(most, count);
        all += count;
      }
    if (all == 0) return {};
    static constexpr std::string_view shades[] = {"  ", "░░", "▒▒", "▓▓", "██"},
                                      plain[] = {"  ", "..", "::", "**", "##"};
    Lines lines{heading("WHERE BOXES LIE", "centres over all images")};
    const std::string rule = blocks_ ? "│" : "|";
    for (const auto& row : s_.heat) {
      std::string cells;
      for (const std::uint64_t count : row) {
        // The square root tells weak cells apart.
        const double share = std::sqrt(static_cast<double>(count) / static_cast<double>(most));
        const std::size_t shade = count == 0 ? 0 : std::min<std::size_t>(1 + static_cast<std::size_t>(share * 4), 4);
        cells += (blocks_ ? shades : plain)[shade];
      }
      lines.push_back("  " + t_.ink(Ink::dim, rule) + t_.ink(Ink::cyan, cells) + t_.ink(Ink::dim, rule));
    }
    return lines;
  }

  static std::string counted(std::uint64_t count, std::string_view one) {
    return grouped(count) + " " + std::string(one) + (count == 1 ? "" : one.ends_with('s') ? "es" : "s");
  }

  const Terminal& t_;
  const Stats& s_;
  bool all_, blocks_;
  std::size_t width_;
};

int run_stats(Terminal& t, const StatsFlags& f) {
  OpenOptions opening{.from = f.from, .images_dir = f.images_dir, .probe_images = true, .common = {}};
  opening.common.threads = f.threads;
  opening.common.progress = t.progress();
  const auto source = open(f.src, opening);
  if (!source) return t.fail(source.error());
  const auto seen = stats(*source, opening.common);
  if (!seen) return t.fail(seen.error());
  if (f.json) {
    t.out(pretty_json(
              to_json(*seen, "vetset " + std::string(version()), printable(source->tree->name()), source->format->id)) +
          "\n");
    return Exit::yes;
  }
  const Counts& c = seen->counts;
  const auto class_count = counted(c.categories, "class", "classes");
  t.out(t.ink(Ink::bold, printable(f.src)) + "  " + std::string(source->format->title) +
        (draws_blocks() ? " · " : ", ") + counted(c.images, "image") + ", " + counted(c.annotations, "object") + ", " +
        class_count + ", " + counted(c.splits, "split") + "\n");
  t.out(Charts(t, *seen, f.all).text());
  return Exit::yes;
}

constexpr Example examples[] = {
    {"vetset stats street", "what is in there, in one screen"},
    {"vetset stats street --all", "every class"},
    {"vetset stats street --json", "for programs; schema in docs/schema/stats-v1.json"},
};

}  // namespace

extern const Command stats_command;
const Command stats_command{.name = "stats",
                            .summary = "show what a dataset holds: splits, classes, sizes, where boxes lie",
                            .about = {},
                            .examples = examples,
                            .first = false,
                            .define = [](Arguments& a) -> std::function<int(Terminal&)> {
                              auto f = std::make_shared<StatsFlags>();
                              a.positional("SRC", f->src, "a dataset's folder, an archive, or one annotation file")
                                  .flag("--all", f->all, "every class")
                                  .option("--images-dir", f->images_dir, "DIR", "where to look for images first")
                                  .option("--from", f->from, "FORMAT", "the format of SRC; found by itself if not said")
                                  .option("--threads", f->threads, "N",
                                          "threads; as many as the machine has if not said")
                                  .flag("--json", f->json, "print JSON");
                              return [f](Terminal& t) { return run_stats(t, *f); };
                            }};

}  // namespace vetset::cli
