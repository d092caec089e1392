// Records of results as programs write them: plain keys, plain numbers, one shape. Half a million of them come in one
// file, so they are read here in one go; whatever is spelled otherwise is read again by read_predicted_record.
#include <algorithm>
#include <cmath>

#include "vetset/base/json_scan.h"
#include "vetset/base/number_scan.h"
#include "vetset/formats/coco/predict.h"

namespace vetset::coco_results_parts {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

const char* skip_space(const char* at) {
  while (is_space(*at)) ++at;
  return at;
}

/// Past the key and its colon; null where another key stands there. `key` is without its opening quote.
template <std::size_t N>
const char* past_key(const char* at, const char (&key)[N]) {
  constexpr std::size_t length = N - 1;
  static_assert(length <= Bytes::padding);
  if (std::memcmp(at, key, length) != 0) return nullptr;
  at = skip_space(at + length);
  return *at == ':' ? skip_space(at + 1) : nullptr;
}

class FastReader {
 public:
  FastReader(std::string_view text, const Limits& limits)
      : begin_(text.data()), end_(text.data() + text.size()), limits_(limits) {
    constexpr std::size_t least_record = 90;
    const std::size_t likely = text.size() / least_record + 8;
    Instances& rows = piece_.rows;
    rows.box.reserve(likely);
    rows.score.reserve(likely);
    rows.said.reserve(likely);
    piece_.images.reserve(likely);
    piece_.categories.reserve(likely);
    piece_.begins.reserve(likely);
  }

  PredictedPiece read() {
    // White space may go on behind the text.
    const auto next = [this](const char* from) { return std::min(skip_space(from), end_); };
    const char* at = next(begin_);
    while (at != end_ && *at != ']') {
      const char* const past = take(at);
      if (past == nullptr) return std::move(piece_);
      at = next(past);
      piece_.comma = at != end_ && *at == ',';
      if (!piece_.comma) break;
      at = next(at + 1);
    }
    piece_.closed = !piece_.comma && at != end_ && *at == ']';
    if (piece_.closed) ++at;
    piece_.end = static_cast<std::size_t>(at - begin_);
    return std::move(piece_);
  }

 private:
  /// One record from its first byte on; past it. Null where the text stops to be JSON.
  const char* take(const char* const from) {
    const std::size_t text_before = piece_.rows.mask_text.size();
    const std::size_t points_before = piece_.rows.keypoints.size();
    const auto begin = static_cast<std::uint32_t>(from - begin_);
    ++piece_.records;
    record_.seen = 0;
    record_.mask = {};
    record_.outline = 0;
    record_.first_point = points_before;
    const char* past = *from == '{' ? fast(from + 1) : nullptr;
    std::optional<PredictedFault> fault;
    if (past == nullptr || past > end_ || !is_complete()) {
      piece_.rows.mask_text.resize(text_before);
      piece_.rows.keypoints.resize(points_before);
      record_ = {};
      record_.first_point = points_before;
      JsonCursor in({from, end_}, limits_.depth);
      fault = read_predicted_record(in, {begin_, end_}, piece_, record_, limits_);
      if (in.failed()) {
        piece_.broken = true;
        piece_.end = begin + in.error_offset();
        piece_.what = in.error_text();
        return nullptr;
      }
      past = from + in.offset();
    }
    if (!fault && record_.first_point != piece_.rows.keypoints.size()) fault = check_points();
    if (piece_.records == 1) piece_.first_said = said();
    if (fault) {
      const Severity severity = Severity::error;
      piece_.notes.push_back({.code = fault->code, .severity = severity, .offset = begin, .message = fault->what});
      piece_.rows.mask_text.resize(text_before);
      piece_.rows.keypoints.resize(points_before);
      return past;
    }
    keep(begin);
    return past;
  }

  bool is_complete() const {
    constexpr std::uint32_t needed =
        PredictedRecord::seen_image | PredictedRecord::seen_category | PredictedRecord::seen_score;
    constexpr std::uint32_t shapes =
        PredictedRecord::seen_box | PredictedRecord::seen_shape | PredictedRecord::seen_points;
    return (record_.seen & needed) == needed && (record_.seen & shapes) != 0;
  }

  std::uint8_t said() const {
    unsigned bits = 0;
    const auto add = [&](std::uint32_t seen, Said bit) {
      if ((record_.seen & seen) != 0) bits |= static_cast<unsigned>(bit);
    };
    add(PredictedRecord::seen_box, Said::box);
    add(PredictedRecord::seen_shape, Said::mask);
    add(PredictedRecord::seen_points, Said::keypoints);
    add(PredictedRecord::seen_score, Said::score);
    return static_cast<std::uint8_t>(bits);
  }

  /// The rows of a column have as many points as the first of them.
  std::optional<PredictedFault> check_points() {
    const std::size_t numbers = piece_.rows.keypoints.size() - record_.first_point;
    if (numbers % 3 != 0)
      return PredictedFault{"FMT414", "keypoints have " + std::to_string(numbers) + " numbers, expected three a point"};
    if (piece_.rows.points == 0) {
      piece_.rows.points = static_cast<std::uint32_t>(numbers / 3);
      // Rows before the first with points have none.
      piece_.rows.keypoints.resize(numbers * (piece_.begins.size() + 1), 0.0);
      std::rotate(piece_.rows.keypoints.begin(), piece_.rows.keypoints.begin() + numbers, piece_.rows.keypoints.end());
    }
    if (numbers == 3 * std::size_t{piece_.rows.points}) return {};
    return PredictedFault{"FMT414", "there are " + std::to_string(numbers / 3) + " keypoints, expected " +
                                        std::to_string(piece_.rows.points) + " as in the records before"};
  }

  void keep(std::uint32_t begin) {
    Instances& rows = piece_.rows;
    const auto row = static_cast<std::uint32_t>(piece_.begins.size());
    piece_.begins.push_back(begin);
    piece_.images.push_back(record_.image);
    piece_.categories.push_back(record_.category);
    if (record_.image == Ids::odd) piece_.image_tokens.push_back({row, record_.image_token});
    if (record_.category == Ids::odd) piece_.category_tokens.push_back({row, record_.category_token});
    rows.box.push_back((record_.seen & PredictedRecord::seen_box) != 0 ? record_.box : Box{});
    rows.score.push_back(record_.score);
    rows.said.push_back(said());
    if ((record_.seen & PredictedRecord::seen_shape) != 0) {
      if (record_.outline > 0) {
        const std::uint64_t at = rows.mask_text.size() - record_.outline;
        piece_.outlines.push_back({.row = row, .begin = at, .size = record_.outline});
      } else {
        if (rows.mask.empty()) rows.mask.reserve(piece_.begins.size() + 64);
        rows.mask.resize(row);
        rows.mask.push_back(record_.mask);
      }
    }
    if (!rows.mask.empty()) rows.mask.resize(row + 1);
    if (rows.points > 0) rows.keypoints.resize((row + std::size_t{1}) * 3 * rows.points, 0.0);
    if ((record_.seen & PredictedRecord::seen_name) != 0) {
      piece_.names.resize(row);
      piece_.names.push_back(record_.name);
    }
    if (!std::isfinite(record_.score)) [[unlikely]]
      piece_.notes.push_back(
          {.code = "FMT408",
           .severity = Severity::warning,
           .offset = begin,
           .message = std::isnan(record_.score) ? "the score is not a number (NaN)" : "the score is infinite"});
  }

  // The usual spelling. Each takes the first byte of what it reads and gives the byte past it, or null.

  const char* fast(const char* at) {
    for (at = skip_space(at);; at = skip_space(at + 1)) {
      if (*at != '"') return nullptr;
      const std::uint32_t before = record_.seen;
      at = member(at + 1);
      if (at == nullptr || (twice_ && record_.seen == before)) return nullptr;
      at = skip_space(at);
      if (*at == '}') return at + 1;
      if (*at != ',') return nullptr;
    }
  }

  const char* member(const char* const key) {
    twice_ = true;
    switch (*key) {
      case 'i':
        if (const char* at = past_key(key, "image_id\""))
          return seen(PredictedRecord::seen_image, scan_whole(at, record_.image));
        break;
      case 'c':
        if (const char* at = past_key(key, "category_id\""))
          return seen(PredictedRecord::seen_category, scan_whole(at, record_.category));
        break;
      case 'b':
        if (const char* at = past_key(key, "bbox\"")) return seen(PredictedRecord::seen_box, box(at));
        break;
      case 's':
        if (const char* at = past_key(key, "score\""))
          return seen(PredictedRecord::seen_score, scan_number(at, end_, record_.score));
        if (const char* at = past_key(key, "segmentation\"")) return seen(PredictedRecord::seen_shape, mask(at));
        break;
      case 'k':
        if (const char* at = past_key(key, "keypoints\"")) return seen(PredictedRecord::seen_points, points(at));
        break;
      case 'f':
        if (const char* at = past_key(key, "file_name\"")) return seen(PredictedRecord::seen_name, file_name(at));
        break;
      default: break;
    }
    twice_ = false;
    return other(key);
  }

  const char* seen(std::uint32_t key, const char* past) {
    record_.seen |= key;
    return past;
  }

  const char* box(const char* at) {
    if (*at != '[') return nullptr;
    at = skip_space(at + 1);
    double* const numbers[] = {&record_.box.x, &record_.box.y, &record_.box.width, &record_.box.height};
    for (std::size_t i = 0; i < 4; ++i) {
      at = scan_number(at, end_, *numbers[i]);
      if (at == nullptr) return nullptr;
      at = skip_space(at);
      if (*at != (i < 3 ? ',' : ']')) return nullptr;
      ++at;
      if (i < 3) at = skip_space(at);
    }
    return at;
  }

  const char* points(const char* at) {
    if (*at != '[') return nullptr;
    at = skip_space(at + 1);
    for (;;) {
      double value = 0;
      at = scan_number(at, end_, value);
      if (at == nullptr) return nullptr;
      piece_.rows.keypoints.push_back(value);
      at = skip_space(at);
      if (*at == ']') return at + 1;
      if (*at != ',') return nullptr;
      at = skip_space(at + 1);
    }
  }

  /// {"size": [h, w], "counts": "…"} in either order.
  const char* mask(const char* at) {
    if (*at != '{') return nullptr;
    bool sized = false, counted = false;
    for (at = skip_space(at + 1);; at = skip_space(at + 1)) {
      if (*at != '"') return nullptr;
      if (const char* value = past_key(at + 1, "size\""); value != nullptr && !sized) {
        at = size(value);
        sized = true;
      } else if (value = past_key(at + 1, "counts\""); value != nullptr && !counted) {
        at = counts(value);
        counted = true;
      } else {
        return nullptr;
      }
      if (at == nullptr) return nullptr;
      at = skip_space(at);
      if (*at == '}') return sized && counted ? at + 1 : nullptr;
      if (*at != ',') return nullptr;
    }
  }

  const char* size(const char* at) {
    if (*at != '[') return nullptr;
    std::int64_t height = 0, width = 0;
    at = scan_whole(skip_space(at + 1), height);
    if (at == nullptr || *(at = skip_space(at)) != ',') return nullptr;
    at = scan_whole(skip_space(at + 1), width);
    if (at == nullptr || *(at = skip_space(at)) != ']') return nullptr;
    constexpr std::int64_t most = 0xffffffff;
    if (height < 0 || height > most || width < 0 || width > most) return nullptr;
    if (static_cast<std::uint64_t>(height) * static_cast<std::uint64_t>(width) > limits_.mask_pixels) return nullptr;
    record_.mask.height = static_cast<std::uint32_t>(height);
    record_.mask.width = static_cast<std::uint32_t>(width);
    return at + 1;
  }

  /// A string whose only escape is that of the backslash, unescaped onto the end of the column.
  const char* counts(const char* at) {
    if (*at != '"') return nullptr;
    Column<char>& text = piece_.rows.mask_text;
    const std::size_t before = text.size();
    const char* from = ++at;
    for (;;) {
      at = find_string_stop(at, end_);
      if (at == end_ || static_cast<unsigned char>(*at) < 0x20) return nullptr;
      if (*at == '"') break;
      if (at[1] != '\\') return nullptr;
      text.append({from, at + 1});
      from = at += 2;
    }
    text.append({from, at});
    if (text.size() - before > 0xffffffffU) return nullptr;
    record_.mask.begin = before;
    record_.mask.size = static_cast<std::uint32_t>(text.size() - before);
    return at + 1;
  }

  /// A string without escapes.
  const char* plain_string(const char* at) const {
    if (*at != '"') return nullptr;
    at = find_string_stop(at + 1, end_);
    return at != end_ && *at == '"' ? at + 1 : nullptr;
  }

  const char* file_name(const char* at) {
    const char* const past = plain_string(at);
    if (past == nullptr) return nullptr;
    record_.name = {static_cast<std::uint32_t>(at + 1 - begin_), static_cast<std::uint32_t>(past - at - 2)};
    return past;
  }

  /// A key that predictions do not have, with a number or a plain string.
  const char* other(const char* const key) const {
    const char* at = plain_string(key - 1);
    if (at == nullptr || *(at = skip_space(at)) != ':') return nullptr;
    at = skip_space(at + 1);
    double value = 0;
    return *at == '"' ? plain_string(at) : scan_number(at, end_, value);
  }

  const char* const begin_;
  const char* const end_;
  const Limits& limits_;
  PredictedPiece piece_;
  PredictedRecord record_;
  bool twice_ = false;  // the key read last is one that a record has once
};

}  // namespace

PredictedPiece read_predicted_records(std::string_view text, const Limits& limits) {
  return FastReader(text, limits).read();
}

}  // namespace vetset::coco_results_parts
