#include <algorithm>
#include <set>

#include "vetset/base/json.h"
#include "vetset/base/json_scan.h"
#include "vetset/base/unicode.h"

namespace vetset {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// The closing quote of the string that opens at `open`; null where it lies beyond the end.
const char* closing_quote(const char* open, const char* end) {
  for (const char* at = open + 1;;) {
    at = find_string_stop(at, end);
    if (at == end || *at == '"') return at == end ? nullptr : at;
    at += *at == '\\' ? 2 : 1;
    if (at >= end) return nullptr;
  }
}

/// Commas in what stands between records, outside of strings.
std::uint64_t count_commas(const char* at, const char* end) {
  std::uint64_t commas = 0;
  for (; at < end; ++at) {
    if (*at == ',') ++commas;
    if (*at != '"') continue;
    const char* const quote = closing_quote(at, end);
    if (quote == nullptr) break;
    at = quote;
  }
  return commas;
}

/// Bytes at the end of `text` that begin a code point without finishing it.
std::size_t unfinished_tail(std::string_view text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const std::size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? back : 0;
  }
  return 0;
}

bool looks_like_utf16(std::string_view text) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) return true;
  return text.size() >= 2 && (text[0] == '\0' || text[1] == '\0');
}

}  // namespace

/// The file is seen through a window that starts no later than what is still to be handed out.
struct JsonSlicer::State {
  enum class Phase : std::uint8_t { first_member, after_value, first_record, after_records, end };

  const Tree* tree = nullptr;
  std::string path;
  Options options;
  std::uint64_t file_size = 0;

  Bytes window;
  std::uint64_t window_offset = 0;  // of the window in the file
  std::size_t at = 0;               // in the window: all before has been handed out
  std::uint64_t checked = 0;        // in the file: all before has been checked to be UTF-8

  Phase phase = Phase::first_member;
  bool array = false;
  bool bom = false;
  std::optional<std::uint64_t> bad_utf8;
  std::string member;
  std::uint64_t records = 0;  // of the member, handed out
  std::set<std::string, std::less<>> members;
  std::vector<std::string> duplicates;

  const char* begin() const { return window.data() + at; }
  const char* end() const { return window.data() + window.size(); }

  Error error(Code code, std::string message, std::uint64_t offset) {
    phase = Phase::end;
    Error e{code, std::move(message), path};
    if (const auto place = line_column(*tree, path, offset)) {
      e.line = place->line;
      e.column = place->column;
    }
    return e;
  }

  /// What was expected at `at`, and what stands there.
  Error unexpected(const char* expected) {
    JsonCursor cursor({begin(), end()});
    cursor.fail(expected);
    std::string text = cursor.error_text();
    if (at == window.size()) text += " of the file";
    return error(Code::malformed, std::move(text), window_offset + at);
  }

  Error cut_off(char closing) {
    std::string text = "expected '";
    text += closing;
    text += '\'';
    if (!array) text += " at the end of \"" + member + '"';
    return error(Code::malformed, text + ", found the end of the file", file_size);
  }

  Error too_long(const char* what, std::uint64_t limit) {
    std::string text = what;
    if (!member.empty()) text += " in \"" + member + '"';
    return error(Code::limit, text + " has more than the " + std::to_string(limit) + " bytes that are read at once",
                 window_offset + at);
  }

  /// Reads on; false at the end of the file. What has not been handed out moves to the front of the window.
  Result<bool> more() {
    const std::uint64_t read_to = window_offset + window.size();
    if (read_to >= file_size) return false;
    const std::size_t carried = window.size() - at;
    const std::uint64_t wanted = std::max<std::uint64_t>(std::uint64_t{options.slice_bytes} * 4, carried);
    VETSET_TRY(Bytes read, tree->read(path, {.offset = read_to, .size = std::min(wanted, file_size - read_to)}));
    if (read.size() == 0) return error(Code::io, "the file became shorter while it was read", read_to);
    window_offset += at;
    if (carried == 0) {
      window = std::move(read);
    } else {
      char* joined = nullptr;
      Bytes both = Bytes::make(carried + read.size(), joined);
      std::copy_n(begin(), carried, joined);
      std::copy_n(read.data(), read.size(), joined + carried);
      window = std::move(both);
    }
    at = 0;
    check_utf8();
    return true;
  }

  void check_utf8() {
    if (bad_utf8) return;
    // What was handed out ends in a structural character, so the unchecked tail of a window is never before it.
    VETSET_ASSERT(checked >= window_offset, "the window still holds what has not been checked");
    std::string_view text = window.text().substr(static_cast<std::size_t>(checked - window_offset));
    if (window_offset + window.size() < file_size) text.remove_suffix(unfinished_tail(text));
    if (const auto bad = invalid_utf8(text)) bad_utf8 = checked + *bad;
    checked += text.size();
  }

  /// The next character that is not white space, left where it is; −1 at the end of the file.
  Result<int> peek() {
    for (;;) {
      while (at < window.size() && is_space(*begin())) ++at;
      if (at < window.size()) return static_cast<unsigned char>(*begin());
      VETSET_TRY(const bool read, more());
      if (!read) return -1;
    }
  }

  Result<void> start() {
    VETSET_TRY(file_size, tree->size(path));
    VETSET_DO(more());
    if (looks_like_utf16(window.text())) {
      return error(Code::malformed, "expected UTF-8, found what looks like UTF-16 (save it as UTF-8)", 0);
    }
    constexpr std::string_view mark = "\xef\xbb\xbf";
    bom = window.text().starts_with(mark);
    if (bom) at = mark.size();
    VETSET_TRY(const int c, peek());
    if (c < 0) return error(Code::malformed, "expected JSON, found an empty file", 0);
    if (c != '{' && c != '[') return unexpected("expected '{' or '['");
    array = c == '[';
    phase = array ? Phase::first_record : Phase::first_member;
    ++at;
    return {};
  }

  JsonSlice slice(std::size_t length, bool of_records) const {
    return {.bytes = window,
            .text = {begin(), length},
            .offset = window_offset + at,
            .member = member,
            .records = of_records,
            .first_record = of_records ? records : 0};
  }

  /// Reads the key and its colon; `at` is at the value then.
  Result<void> take_key() {
    VETSET_TRY(const int c, peek());
    if (c != '"') return unexpected("expected a key in double quotes");
    while (closing_quote(begin(), end()) == nullptr) {
      if (window.size() - at > options.limits.value_bytes) return too_long("a key", options.limits.value_bytes);
      VETSET_TRY(const bool read, more());
      if (!read)
        return error(Code::malformed, "expected '\"' at the end of a key, found the end of the file", file_size);
    }
    JsonCursor cursor({begin(), end()});
    member = cursor.read_string();
    if (cursor.failed()) return error(Code::malformed, cursor.error_text(), window_offset + at + cursor.error_offset());
    if (!members.insert(member).second && std::find(duplicates.begin(), duplicates.end(), member) == duplicates.end()) {
      duplicates.push_back(member);
    }
    at += cursor.offset();
    records = 0;
    VETSET_TRY(const int colon, peek());
    if (colon != ':') return unexpected("expected ':' after a key");
    ++at;
    return {};
  }

  /// A value that is not an array, whole.
  Result<std::optional<JsonSlice>> take_value(int first) {
    constexpr std::string_view begins_scalar = "-0123456789tfnNI";
    const bool scalar = begins_scalar.find(static_cast<char>(first)) != std::string_view::npos;
    if (first < 0 || (first != '{' && first != '"' && !scalar)) return unexpected("expected a value");
    std::size_t done = 0;  // from `at`
    std::size_t depth = 0;
    for (;;) {
      const char* const from = begin() + done;
      const char* stop = scalar ? std::find_if(from, end(), [](char c) { return is_space(c) || c == ',' || c == '}'; })
                                : find_structure(from, end());
      const bool opens_string = !scalar && stop != end() && *stop == '"';
      const char* const quote = opens_string ? closing_quote(stop, end()) : nullptr;
      done = static_cast<std::size_t>(stop - begin());
      if (stop == end() || (opens_string && quote == nullptr)) {
        if (window.size() - at > options.limits.value_bytes) return too_long("a value", options.limits.value_bytes);
        VETSET_TRY(const bool read, more());
        if (!read) return cut_off(scalar || depth > 0 ? '}' : '"');
        continue;
      }
      if (scalar) break;
      if (opens_string) {
        done = static_cast<std::size_t>(quote - begin());
      } else if (*stop == '{' || *stop == '[') {
        ++depth;
      } else if (*stop == '}' || *stop == ']') {
        --depth;
      }
      ++done;
      if (depth == 0) break;
    }
    std::optional<JsonSlice> whole = slice(done, false);
    at += done;
    phase = Phase::after_value;
    return whole;
  }

  /// Records up to the first that ends beyond `slice_bytes`, or to the end of the array.
  Result<std::optional<JsonSlice>> take_records() {
    std::size_t done = 0;   // all from `at`
    std::size_t gap = 0;    // begin of what stands before the next record
    std::size_t whole = 0;  // end of the last whole record
    std::size_t depth = 0;
    std::uint64_t commas = 0;
    const auto hand_out = [&](std::size_t length, std::uint64_t count, Phase then) {
      std::optional<JsonSlice> piece = slice(length, true);
      records += count;
      at += length;
      phase = then;
      return piece;
    };
    for (;;) {
      const char* const stop = find_structure(begin() + done, end());
      const bool opens_string = stop != end() && *stop == '"';
      const char* const quote = opens_string ? closing_quote(stop, end()) : nullptr;
      done = static_cast<std::size_t>(stop - begin());
      if (stop == end() || (opens_string && quote == nullptr)) {
        const bool too_much = window.size() - at - whole > options.limits.record_bytes;
        if (too_much && whole == 0) return too_long("a record", options.limits.record_bytes);
        if (too_much) return hand_out(whole, commas + 1, Phase::after_records);
        VETSET_TRY(const bool read, more());
        if (read) continue;
        if (whole > 0) return hand_out(whole, commas + 1, Phase::after_records);
        return cut_off(']');
      }
      if (opens_string) {
        done = static_cast<std::size_t>(quote - begin()) + 1;
        continue;
      }
      ++done;
      if (*stop == '{' || *stop == '[') {
        if (depth++ == 0) commas += count_commas(begin() + gap, stop);
      } else if (*stop == '}' || *stop == ']') {
        if (depth == 0) {
          std::size_t length = done - 1;
          if (*stop != ']') {
            at += length;
            return unexpected("expected ',' or ']'");
          }
          while (length > 0 && is_space(begin()[length - 1])) --length;
          commas += count_commas(begin() + gap, stop);
          return hand_out(length, length == 0 ? 0 : commas + 1, Phase::after_records);
        }
        if (--depth > 0) continue;
        whole = gap = done;
        if (whole >= options.slice_bytes) return hand_out(whole, commas + 1, Phase::after_records);
      }
    }
  }

  Result<std::optional<JsonSlice>> next() {
    if (phase == Phase::after_records) {
      VETSET_TRY(const int c, peek());
      if (c < 0) return cut_off(']');
      if (c != ',' && c != ']') return unexpected("expected ',' or ']'");
      ++at;
      if (c == ',') {
        VETSET_TRY(const int record, peek());
        if (record < 0) return cut_off(']');
        if (record == ']') return unexpected("expected a value after ','");
        return take_records();
      }
      if (!array) {
        phase = Phase::after_value;
      } else {
        VETSET_DO(expect_end());
      }
    }
    if (phase == Phase::first_record) {
      VETSET_DO(peek());
      return take_records();
    }
    if (phase == Phase::end) return std::optional<JsonSlice>();
    VETSET_TRY(const int c, peek());
    if (c == '}') {
      ++at;
      VETSET_DO(expect_end());
      return std::optional<JsonSlice>();
    }
    if (phase == Phase::after_value) {
      if (c != ',') return unexpected("expected ',' or '}'");
      ++at;
    }
    VETSET_DO(take_key());
    VETSET_TRY(const int first, peek());
    if (first != '[') return take_value(first);
    ++at;
    VETSET_DO(peek());
    return take_records();
  }

  Result<void> expect_end() {
    VETSET_TRY(const int c, peek());
    if (c >= 0) return unexpected("expected the end of the file");
    phase = Phase::end;
    return {};
  }
};

JsonSlicer::JsonSlicer(std::unique_ptr<State> state) : state_(std::move(state)) {}
JsonSlicer::JsonSlicer(JsonSlicer&&) noexcept = default;
JsonSlicer& JsonSlicer::operator=(JsonSlicer&&) noexcept = default;
JsonSlicer::~JsonSlicer() = default;

Result<JsonSlicer> JsonSlicer::open(const Tree& tree, std::string_view path, Options options) {
  auto state = std::make_unique<State>();
  state->tree = &tree;
  state->path = path;
  state->options = options;
  VETSET_DO(state->start());
  return JsonSlicer(std::move(state));
}

Result<std::optional<JsonSlice>> JsonSlicer::next() { return state_->next(); }
bool JsonSlicer::is_array() const { return state_->array; }
bool JsonSlicer::had_bom() const { return state_->bom; }
std::optional<std::uint64_t> JsonSlicer::bad_utf8() const { return state_->bad_utf8; }
const std::vector<std::string>& JsonSlicer::duplicate_members() const { return state_->duplicates; }

}  // namespace vetset
