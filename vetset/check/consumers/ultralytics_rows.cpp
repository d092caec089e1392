// One label file as Ultralytics verifies it: in single precision, all or nothing.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "vetset/base/number.h"
#include "vetset/base/unicode.h"
#include "vetset/check/consumers/ultralytics.h"

namespace vetset::ultralytics_parts {
namespace {

/// Length of the white space that Python's str.split knows at the start of the text; 0: none. `breaks`: a line ends.
std::size_t blank(std::string_view t, bool& breaks) {
  const auto c = static_cast<unsigned char>(t[0]);
  breaks = (c >= 0x0a && c <= 0x0d) || (c >= 0x1c && c <= 0x1e);
  if (c == ' ' || (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x1f)) return 1;
  if (c < 0x80) return 0;
  const std::string_view two = t.substr(0, 2), three = t.substr(0, 3);
  breaks = two == "\xc2\x85" || three == "\xe2\x80\xa8" || three == "\xe2\x80\xa9";
  if (two == "\xc2\x85" || two == "\xc2\xa0") return 2;
  if (three == "\xe1\x9a\x80" || three == "\xe2\x81\x9f" || three == "\xe3\x80\x80" || three == "\xe2\x80\xaf" ||
      breaks)
    return 3;
  if (three.size() == 3 && three.starts_with("\xe2\x80") && static_cast<unsigned char>(three[2]) <= 0x8a &&
      static_cast<unsigned char>(three[2]) >= 0x80)
    return 3;
  return 0;
}

struct Row {
  std::vector<std::string_view> words;
  std::uint32_t line = 0;
};

std::vector<Row> rows_of(std::string_view text) {
  std::vector<Row> rows;
  Row row{.words = {}, .line = 1};
  std::uint32_t line = 1;
  std::size_t begin = 0;
  const auto end_word = [&](std::size_t end) {
    if (end > begin) row.words.push_back(text.substr(begin, end - begin));
  };
  const auto end_row = [&] {
    row.line = line;
    if (!row.words.empty()) rows.push_back(std::move(row));
    row = {};
  };
  for (std::size_t i = 0; i < text.size();) {
    bool breaks = false;
    const std::size_t size = blank(text.substr(i), breaks);
    if (size == 0) {
      ++i;
      continue;
    }
    end_word(i);
    if (breaks) end_row();
    if (text[i] == '\n') ++line;
    i += size;
    begin = i;
  }
  end_word(text.size());
  end_row();
  return rows;
}

/// float() of Python, rounded to single precision; nothing where it raises.
std::optional<float> python_float(std::string_view word) {
  std::string plain;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const auto digit = [&](std::size_t k) { return k < word.size() && word[k] >= '0' && word[k] <= '9'; };
    if (word[i] != '_')
      plain += word[i];
    else if (i == 0 || !digit(i - 1) || !digit(i + 1))
      return std::nullopt;
  }
  std::string lower = plain;
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  const bool minus = lower.starts_with('-');
  const std::string_view name = std::string_view(lower).substr(minus || lower.starts_with('+') ? 1 : 0);
  if (name == "nan") return std::numeric_limits<float>::quiet_NaN();
  if (name == "inf" || name == "infinity")
    return minus ? -std::numeric_limits<float>::infinity() : std::numeric_limits<float>::infinity();
  const NumberText n = read_loose_number(plain);
  if (n.length == 0 || n.length != plain.size()) return std::nullopt;
  if (std::abs(n.value) > static_cast<double>(std::numeric_limits<float>::max()) * (1 + 0x1p-25))
    return n.value < 0 ? -std::numeric_limits<float>::infinity() : std::numeric_limits<float>::infinity();
  return static_cast<float>(n.value);
}

using Numbers = std::vector<float>;

/// Class and box of an outline, in single precision.
Numbers box_of(const Numbers& row) {
  float left = row[1], top = row[2], right = row[1], bottom = row[2];
  for (std::size_t i = 1; i < row.size(); ++i) {
    float& low = i % 2 == 1 ? left : top;
    float& high = i % 2 == 1 ? right : bottom;
    if (std::isnan(row[i]) || std::isnan(low)) low = high = std::numeric_limits<float>::quiet_NaN();
    low = std::min(low, row[i]);
    high = std::max(high, row[i]);
  }
  return {row[0], (left + right) / 2, (top + bottom) / 2, right - left, bottom - top};
}

class Verifier {
 public:
  Verifier(const Setup& setup, LabelView& view) : setup_(setup), view_(view) {}

  void verify(std::vector<Row> rows) {
    const bool pose = setup_.points > 0;
    view_.objects = rows.size();
    if (rows.empty()) return;
    std::size_t outlines = 0, boxes = 0;
    for (const Row& r : rows) {
      outlines += r.words.size() > 6 ? 1U : 0U;
      boxes += r.words.size() == 5 ? 1U : 0U;
    }
    view_.as_segments = outlines > 0 && !pose;
    view_.has_boxes = boxes > 0;
    if (view_.as_segments && boxes > 0)
      return drop(0, std::to_string(boxes) + (boxes == 1 ? " row is a box and " : " rows are boxes and ") +
                         std::to_string(outlines) + (outlines == 1 ? " is an outline" : " are outlines"));
    std::vector<Numbers> numbers;
    for (const Row& r : rows) {
      Numbers values;
      for (const std::string_view word : r.words) {
        const auto value = python_float(word);
        if (!value) return drop(r.line, "'" + printable(word.substr(0, 40)) + "' is no number");
        values.push_back(*value);
      }
      numbers.push_back(std::move(values));
    }
    const std::size_t columns = pose ? 5 + std::size_t{setup_.points} * setup_.numbers : 5;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::size_t count = numbers[i].size();
      if (view_.as_segments ? count % 2 == 0 || count < 3 : count != columns)
        return drop(rows[i].line,
                    "a row has " + std::to_string(count) + (count == 1 ? " number" : " numbers") +
                        (view_.as_segments ? ", which are no points" : ", expected " + std::to_string(columns)));
    }
    if (std::all_of(numbers.begin(), numbers.end(), [](const Numbers& row) { return row.size() == 9; }))
      for (const Numbers& row : numbers) std::copy(row.begin() + 1, row.end(), view_.corners.emplace_back().begin());
    std::vector<Numbers> labels = numbers;
    if (view_.as_segments)
      for (Numbers& row : labels) row = box_of(row);
    check_ranges(rows, labels, pose);
    if (view_.dropped.empty())
      view_.read = distinct(view_.as_segments ? same_boxes(labels) ? numbers : labels : labels, view_.as_segments);
  }

 private:
  void drop(std::uint32_t line, std::string why) {
    view_.line = line;
    view_.dropped = std::move(why);
  }
  static std::string shown(float value) {
    if (!std::isfinite(value)) return std::isnan(value) ? "nan" : "infinity";
    std::string text;
    append_number(text, static_cast<double>(value));
    return text.substr(0, 9);
  }

  void check_ranges(const std::vector<Row>& rows, const std::vector<Numbers>& labels, bool pose) {
    float least = std::numeric_limits<float>::infinity(), least_side = least;
    std::size_t where_least = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      for (std::size_t k = pose ? 5 : 1; k < labels[i].size(); ++k) {
        if (pose && (k - 5) % setup_.numbers == 2) continue;
        if (!(static_cast<double>(labels[i][k]) <= 1.01))
          return drop(rows[i].line, shown(labels[i][k]) + " lies beyond the image");
      }
      for (std::size_t k = 0; k < labels[i].size(); ++k) {
        if (std::isnan(labels[i][k])) return drop(rows[i].line, "nan is no coordinate");
        if (labels[i][k] < least) least = labels[i][k], where_least = i;
        if (k == 3 || k == 4) least_side = std::min(least_side, labels[i][k]);
      }
    }
    if (!(least >= 0 || (static_cast<double>(least) >= -0.01 && least_side >= 0)))
      return drop(rows[where_least].line, shown(least) + " is negative");
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (!std::isfinite(labels[i][0]) || labels[i][0] != std::floor(labels[i][0]))
        return drop(rows[i].line, "class " + shown(labels[i][0]) + " is not a whole number");
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (static_cast<double>(labels[i][0]) >= static_cast<double>(setup_.classes))
        return drop(rows[i].line, "class " + shown(labels[i][0]) + " is none of the " + std::to_string(setup_.classes));
  }

  static bool same_boxes(const std::vector<Numbers>& labels) { return distinct(labels, false) < labels.size(); }

  /// Number of rows that differ: as numbers, or bit by bit.
  static std::uint64_t distinct(std::vector<Numbers> rows, bool bits) {
    const auto less = [&](const Numbers& a, const Numbers& b) {
      return bits ? std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                                 [](float x, float y) {
                                                   return std::bit_cast<std::uint32_t>(x) <
                                                          std::bit_cast<std::uint32_t>(y);
                                                 })
                  : a < b;
    };
    std::sort(rows.begin(), rows.end(), less);
    const auto same = [&](const Numbers& a, const Numbers& b) { return !less(a, b) && !less(b, a); };
    return static_cast<std::uint64_t>(std::unique(rows.begin(), rows.end(), same) - rows.begin());
  }

  const Setup& setup_;
  LabelView& view_;
};

}  // namespace

LabelView read_label(std::string_view bytes, const Setup& setup) {
  LabelView view;
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  const std::vector<Row> rows = rows_of(bytes);
  if (const auto bad = invalid_utf8(bytes)) {
    view.objects = rows.size();
    view.line =
        static_cast<std::uint32_t>(std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*bad), '\n')) +
        1;
    view.dropped = "the label file is not UTF-8";
    return view;
  }
  Verifier(setup, view).verify(rows);
  return view;
}

}  // namespace vetset::ultralytics_parts
