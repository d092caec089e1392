// Rows of label files as annotations. Nothing is repaired: a row is held as it says it, or kept unread with a finding.
#include <algorithm>
#include <cmath>

#include "vetset/formats/yolo/yolo.h"

namespace vetset::yolo_parts {
namespace {

struct Token {
  std::string_view text;
  double value = 0;
  bool number = false;
  bool integer = false;
};

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// The words of a line; `tokens` is reused from line to line.
void split_line(std::string_view line, std::vector<Token>& tokens) {
  tokens.clear();
  const char* at = line.data();
  const char* const end = at + line.size();
  for (;;) {
    while (at != end && is_blank(*at)) ++at;
    if (at == end) return;
    const NumberText n = read_loose_number({at, static_cast<std::size_t>(end - at)});
    const char* stop = at + n.length;
    if (n.length > 0 && (stop == end || is_blank(*stop))) {
      tokens.push_back({{at, n.length}, n.value, true, n.integer});
    } else {
      while (stop != end && !is_blank(*stop)) ++stop;
      tokens.push_back({{at, static_cast<std::size_t>(stop - at)}});
    }
    at = stop;
  }
}

/// Reads the rows of one file into a part.
class RowReader {
 public:
  RowReader(const LabelFile& label, const RowRules& rules, Dataset& part, Findings& findings)
      : label_(label), rules_(rules), part_(part), findings_(findings) {}

  LabelCounts read(File& file) {
    std::string_view text = label_.bytes;
    file.bom = text.starts_with("\xef\xbb\xbf");
    const std::size_t skipped = file.bom ? 3 : 0;
    if (rules_.keep_rows) file.bytes = part_.add_text(text);
    text_begin_ = file.bytes.begin;
    file.final_newline = text.size() == skipped || text.back() == '\n';
    file.crlf = all_crlf(text);
    std::uint32_t line_number = 0;
    for (std::size_t at = skipped; at < text.size(); ++line_number) {
      const std::size_t next = std::min(text.find('\n', at), text.size());
      const std::size_t end = next < text.size() && file.crlf ? next - 1 : next;
      read_line(text.substr(at, end - at), at, line_number);
      at = next + 1;
    }
    report_kinds();
    return counts_;
  }

 private:
  static bool all_crlf(std::string_view text) {
    std::size_t at = text.find('\n');
    if (at == std::string_view::npos) return false;
    for (; at != std::string_view::npos; at = text.find('\n', at + 1))
      if (at == 0 || text[at - 1] != '\r') return false;
    return true;
  }

  /// A piece of the file as text of the part.
  Text slice(std::string_view within) const {
    if (!rules_.keep_rows) return part_.add_text(within);
    return {text_begin_ + static_cast<std::uint64_t>(within.data() - label_.bytes.data()),
            static_cast<std::uint32_t>(within.size())};
  }

  void report(std::string_view code, std::string_view at, std::string message, Severity severity = Severity::error) {
    findings_.add({.code = code,
                   .severity = severity,
                   .where = vetset::Place{.file = std::string(label_.path),
                                          .offset = static_cast<std::uint64_t>(at.data() - label_.bytes.data()),
                                          .line = line_ + 1,
                                          .column = static_cast<std::uint32_t>(at.data() - line_begin_) + 1},
                   .message = std::move(message)});
  }

  void read_line(std::string_view line, std::size_t offset, std::uint32_t number) {
    line_ = number;
    line_begin_ = line.data();
    split_line(line, tokens_);
    std::string_view ended = line;
    if (ended.ends_with('\r')) ended.remove_suffix(1);
    if (ended.find('\r') != std::string_view::npos && !tokens_.empty())
      return unread(line, tokens_[0].text, "has carriage returns without line feeds within a row");
    if (tokens_.empty()) return unread(line, {}, {});
    for (const Token& t : tokens_)
      if (!t.number)
        return unread(line, t.text, "found '" + std::string(t.text.substr(0, 40)) + "', expected a number");
    const std::size_t count = tokens_.size();
    if (rules_.oriented && count == 9) return quad(line, offset);
    if (rules_.points && count == 5 + std::size_t{rules_.points->count} * rules_.points->numbers)
      return pose(line, offset);
    if (count == 5 || count == 6) return box(line, offset);
    if (count >= 7 && count % 2 == 1) return polygon(line, offset);
    unread(line, tokens_[0].text,
           "found " + std::to_string(count) + (count == 1 ? " number" : " numbers") +
               ", expected a class and four numbers of a box, or at least three points");
  }

  void unread(std::string_view line, std::string_view at, std::string why) {
    part_.unread.push_back({.file = label_.file, .order = line_, .text = slice(line)});
    if (why.empty()) return;
    ++counts_.unread;
    report("FMT401", at, std::move(why));
  }

  Annotation& add(std::string_view line, std::size_t offset, Kind kind) {
    const auto index = to_index<AnnotationIndex>(part_.annotations.size());
    part_.annotations.push_back({.image = label_.image, .kind = kind, .order = line_});
    part_.annotation_positions.push_back(Position::at(label_.file, offset));
    if (rules_.keep_rows) part_.authored.push_back(slice(line));
    ++counts_.records;
    Annotation& a = part_.annotations.back();
    read_class(a, index);
    return a;
  }

  void read_class(Annotation& a, AnnotationIndex index) {
    const Token& t = tokens_[0];
    const bool whole = t.value == std::floor(t.value) && std::abs(t.value) < 1e9;
    if (!whole)
      report("FMT422", t.text, "class " + std::string(t.text) + " is not a whole number");
    else if (!t.integer)
      report("FMT422", t.text, "class " + std::string(t.text) + " is not written as a whole number", Severity::warning);
    if (whole && t.value >= 0) a.category = category_of(static_cast<std::int64_t>(t.value));
    if (a.category != none<CategoryIndex>) return;
    part_.dangling.push_back({.annotation = index, .target = Owner::category, .json = class_json(t)});
    if (whole)
      report("FMT402", t.text,
             "class " + std::string(t.text) + " is none of the " + std::to_string(rules_.category_count) +
                 " classes that are named");
  }
  CategoryIndex category_of(std::int64_t number) const {
    if (rules_.classes.empty())
      return static_cast<std::size_t>(number) < rules_.category_count
                 ? to_index<CategoryIndex>(static_cast<std::size_t>(number))
                 : none<CategoryIndex>;
    const auto found = std::find(rules_.classes.begin(), rules_.classes.end(), number);
    return found == rules_.classes.end()
               ? none<CategoryIndex>
               : to_index<CategoryIndex>(static_cast<std::size_t>(found - rules_.classes.begin()));
  }
  /// The class as a JSON number; its own text where that is one.
  Text class_json(const Token& t) {
    if (read_number(t.text).length == t.text.size()) return slice(t.text);
    std::string json;
    append_number(json, t.value);
    return part_.add_text(json);
  }

  bool placed() const { return label_.width > 0 && label_.height > 0; }

  void place_box(Annotation& a) {
    if (!placed()) {
      a.box_origin = Origin::unplaced;
      return;
    }
    const double w = label_.width, h = label_.height;
    const double width = tokens_[3].value * w, height = tokens_[4].value * h;
    a.box = {tokens_[1].value * w - width / 2, tokens_[2].value * h - height / 2, width, height};
    a.box_origin = Origin::stated;
  }

  void box(std::string_view line, std::size_t offset) {
    Annotation& a = add(line, offset, Kind::box);
    place_box(a);
    ++counts_.boxes;
    if (tokens_.size() == 5) return;
    const Token& sixth = tokens_[5];
    if (counts_.sixth++ == 0) sixth_at_ = sixth.text, sixth_line_ = line_, sixth_begin_ = line_begin_;
    const std::size_t index = part_.annotations.size() - 1;
    if (!sixth.integer && sixth.value >= 0 && sixth.value <= 1) {
      part_.scores.resize(index, unstated());
      part_.scores.push_back(sixth.value);
    } else if (read_number(sixth.text).length == sixth.text.size()) {
      part_.track_ids.resize(index);
      part_.track_ids.push_back(slice(sixth.text));
    }
  }

  void polygon(std::string_view line, std::size_t offset) {
    Annotation& a = add(line, offset, Kind::polygon);
    ++counts_.polygons;
    const auto points = place_points(a);
    if (!points) return;
    a.shape = to_index<ShapeIndex>(part_.shapes.size());
    part_.shapes.push_back({.begin = part_.rings.size(), .count = 1, .kind = ShapeKind::polygon});
    part_.rings.push_back({.begin = points->begin, .count = points->count});
  }

  void quad(std::string_view line, std::size_t offset) {
    Annotation& a = add(line, offset, Kind::quad);
    ++counts_.quads;
    const auto points = place_points(a);
    if (!points) return;
    a.shape = to_index<ShapeIndex>(part_.shapes.size());
    part_.shapes.push_back({.begin = points->begin, .count = points->count, .kind = ShapeKind::numbers});
  }

  /// The points of a row among the coordinates, and the box around them; nothing where the image's size is not known.
  struct Points {
    std::size_t begin;
    std::uint32_t count;
  };
  std::optional<Points> place_points(Annotation& a) {
    if (!placed()) {
      a.box_origin = Origin::unplaced;
      return std::nullopt;
    }
    const std::size_t begin = part_.coordinates.size();
    for (std::size_t i = 1; i < tokens_.size(); ++i)
      part_.coordinates.push_back(tokens_[i].value * (i % 2 == 1 ? label_.width : label_.height));
    const auto count = static_cast<std::uint32_t>(tokens_.size() - 1);
    if (const auto around = envelope(part_.coordinates.slice(begin, count))) {
      a.box = *around;
      a.box_origin = Origin::derived;
    }
    return Points{begin, count};
  }

  void pose(std::string_view line, std::size_t offset) {
    Annotation& a = add(line, offset, Kind::keypoints);
    place_box(a);
    ++counts_.poses;
    if (!placed()) return;
    const bool two = rules_.points->numbers == 2;
    a.shape = to_index<ShapeIndex>(part_.shapes.size());
    part_.shapes.push_back({.begin = part_.coordinates.size(),
                            .count = static_cast<std::uint32_t>(tokens_.size() - 5),
                            .kind = ShapeKind::keypoints,
                            .two = two});
    for (std::size_t i = 5; i < tokens_.size(); ++i) {
      const std::size_t slot = (i - 5) % rules_.points->numbers;
      part_.coordinates.push_back(tokens_[i].value * (slot == 0 ? label_.width : slot == 1 ? label_.height : 1.0));
    }
  }

  /// Rows of several kinds, which trainers refuse or read as something else.
  void report_kinds() {
    line_ = 0;
    line_begin_ = label_.bytes.data();
    const std::string_view start = label_.bytes.substr(0, 0);
    const auto rows = [](std::uint32_t n, std::string_view what) {
      return std::to_string(n) + (n == 1 ? " row is a " : " rows are ") + std::string(what);
    };
    if (rules_.points && !rules_.oriented && (counts_.boxes > 0 || counts_.polygons > 0))
      report("FMT422", start,
             std::to_string(counts_.boxes + counts_.polygons) + " rows have other than the " +
                 std::to_string(5 + rules_.points->count * rules_.points->numbers) +
                 " columns that kpt_shape asks for");
    else if (rules_.oriented && (counts_.boxes > 0 || counts_.polygons > 0))
      report("FMT422", start,
             rows(counts_.boxes + counts_.polygons,
                  counts_.boxes + counts_.polygons == 1 ? "no oriented box" : "no oriented boxes") +
                 ", expected nine numbers in each: " +
                 (counts_.boxes > 0 ? "trainers refuse the dataset" : "trainers learn another box"));
    else if (counts_.boxes > 0 && counts_.polygons > 0)
      report("FMT422", start,
             rows(counts_.boxes, counts_.boxes == 1 ? "box" : "boxes") + " and " +
                 rows(counts_.polygons, counts_.polygons == 1 ? "polygon" : "polygons") +
                 ": trainers drop the whole image or learn other boxes");
    if (counts_.sixth > 0) {
      line_ = sixth_line_;
      line_begin_ = sixth_begin_;
      report("FMT422", sixth_at_,
             std::to_string(counts_.sixth) + (counts_.sixth == 1 ? " row has" : " rows have") +
                 " a sixth number, expected 5: Ultralytics drops the whole image");
    }
  }

  const LabelFile& label_;
  const RowRules& rules_;
  Dataset& part_;
  Findings& findings_;
  std::vector<Token> tokens_;
  LabelCounts counts_;
  std::uint64_t text_begin_ = 0;
  std::uint32_t line_ = 0, sixth_line_ = 0;
  const char* line_begin_ = nullptr;
  const char* sixth_begin_ = nullptr;
  std::string_view sixth_at_;
};

}  // namespace

LabelCounts read_rows(const LabelFile& label, const RowRules& rules, Dataset& part, File& file, Findings& findings) {
  const std::size_t before = part.annotations.size();
  const LabelCounts counts = RowReader(label, rules, part, findings).read(file);
  // Dense columns that only some rows have are as long as the rows.
  if (!part.scores.empty()) part.scores.resize(part.annotations.size(), unstated());
  if (!part.track_ids.empty()) part.track_ids.resize(part.annotations.size());
  VETSET_ASSERT(part.annotations.size() == before + counts.records, "each record is one annotation");
  return counts;
}

}  // namespace vetset::yolo_parts
