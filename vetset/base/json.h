// JSON: read in slices of whole records with positions, never as one document; written with the shortest exact
// numbers; canonicalised by RFC 8785. Strict (RFC 8259), except that a reader may choose to hold NaN and ±Infinity,
// which Python's json writes: they are then reported.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/limits.h"
#include "vetset/base/number.h"
#include "vetset/base/result.h"
#include "vetset/base/tree.h"

namespace vetset {

enum class JsonType : std::uint8_t { null, boolean, number, string, array, object };

/// A key that an object already had, and where it stands again.
struct RepeatedKey {
  std::string key;
  std::size_t offset = 0;  // of its opening quote
};

/// Walks one JSON text from left to right without building anything. Errors are remembered: after the first one every
/// call gives a harmless value, and `error` says what and where; so a caller checks once per record, not per number.
/// Strings come as they are: bytes that are not UTF-8 pass, and an escaped lone surrogate ("\ud800") gives the three
/// bytes that UTF-8 would spend on it, which `invalid_utf8` finds.
///
///   JsonCursor c(text);
///   for (c.enter_object(); c.next_member();) {
///     if (c.key() == "id") id = c.read_number();
///     else residue.keep(c.key(), c.skip());
///   }
class JsonCursor {
 public:
  /// `text` must outlive the cursor. `depth` limits nesting.
  explicit JsonCursor(std::string_view text, std::uint32_t depth = Limits{}.depth);
  JsonCursor(JsonCursor&&) noexcept;
  JsonCursor& operator=(JsonCursor&&) noexcept;
  ~JsonCursor();

  JsonType type();   // of the value that comes next
  bool read_null();  // consumes null and says true; otherwise consumes nothing
  bool read_bool();
  NumberText read_number();        // NaN and ±Infinity: value set, length set, `odd_numbers` counted
  std::string_view read_string();  // unescaped; valid until the next call that reads or skips a string
  std::string_view skip();         // any value, checked in full; gives its bytes

  void enter_object();
  bool next_member();                            // false at the end of the object
  std::string_view key() const { return key_; }  // unescaped; valid until the next `next_member` at any depth
  std::string_view raw_member() const;  // from the opening quote of the open object's last key to where the cursor is
  void enter_array();
  bool next_element() {  // false at the end of the array
    // Nearly all of a large file is "12.5,13.5": past the comma and at most one space, without a call.
    if (at_ != end_ && *at_ == ',' && !levels_.back().first) [[likely]] {
      ++at_;
      if (at_ != end_ && *at_ == ' ') ++at_;
      return true;
    }
    return next_element_anywhere();
  }
  /// For text that is the inside of an array, as `JsonSlice` gives it: false at its end.
  bool next_record();
  /// Whether nothing but white space is left.
  bool at_end();

  std::string_view text() const { return {begin_, end_}; }                       // the whole text
  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }  // of the next byte to read
  /// Steps over one whole value of so many bytes, which stands next and which the caller has read by itself.
  void advance(std::size_t bytes) { at_ += bytes; }
  bool failed() const { return error_ != nullptr; }
  const char* error() const { return error_; }  // "expected ',' or ']'"; null: none
  std::size_t error_offset() const { return error_offset_; }
  std::string error_text() const;  // "expected ',' or ']', found '7'"
  std::uint32_t odd_numbers() const { return odd_numbers_; }
  std::size_t first_odd_offset() const { return first_odd_; }
  /// Keys that stood more than once in one object so far, in order, also inside what was skipped; usually none.
  const std::vector<RepeatedKey>& repeated_keys() const { return repeated_keys_; }
  /// For callers that expect more than JSON does, where the cursor is: "expected four numbers".
  void fail(const char* what);

 private:
  struct KeySet;
  /// An object or array that is open.
  struct Level {
    bool object = false;
    bool first = true;             // nothing read in it yet
    std::uint64_t seen = 0;        // one bit per key, by its hash
    std::size_t keys_begin = 0;    // its keys in keys_
    const char* key_at = nullptr;  // opening quote of its last key
    std::unique_ptr<KeySet> many;  // its keys, once they are many
  };
  struct Key {
    std::uint64_t hash = 0;
    const char* at = nullptr;  // opening quote
  };

  bool next_element_anywhere();
  void skip_space();
  bool stands(char opening, const char* expected);
  bool step(char closing, const char* expected);
  void open(bool object);
  void close();
  void literal(std::string_view word);
  void skip_scalar();
  std::string_view scan_string(std::string& scratch);
  bool unescape(std::string_view raw, std::string& out);
  void note_key(const char* key_at);
  bool already_held(Level& level, const Key& key);
  void fail_at(const char* at, const char* what);

  const char* begin_;
  const char* at_;
  const char* end_;
  std::string_view key_;
  std::string scratch_, key_scratch_;
  const char* error_ = nullptr;
  std::size_t error_offset_ = 0;
  std::uint32_t odd_numbers_ = 0;
  std::size_t first_odd_ = 0;
  std::uint32_t max_depth_;
  bool in_records_ = false;
  std::vector<Level> levels_;
  std::vector<Key> keys_;  // of all open objects
  std::vector<RepeatedKey> repeated_keys_;
};

/// Line and column (in bytes, both from 1) of an offset. Reads the file up to there, so only for what is reported.
struct LineColumn {
  std::uint32_t line = 0, column = 0;
};
LineColumn line_column(std::string_view text, std::size_t offset);
Result<LineColumn> line_column(const Tree& tree, std::string_view path, std::uint64_t offset);

/// A piece of a file: one whole value, or several whole records with their commas.
struct JsonSlice {
  Bytes bytes;  // owns what `text` shows
  std::string_view text;
  std::uint64_t offset = 0;        // of text[0] in the file
  std::string member;              // the top-level key it belongs to; empty in a top-level array
  bool records = false;            // records of an array (without its brackets), or one whole value
  std::uint64_t first_record = 0;  // number of records of this member before this slice
};

/// Cuts a file whose top level is an object (or an array) into slices, reading ahead no more than a slice. Members
/// whose value is an array are cut between records once they exceed `slice_bytes`; all others come whole.
/// A byte-order mark is skipped and counted.
class JsonSlicer {
 public:
  struct Options {
    std::size_t slice_bytes = 1 << 20;
    Limits limits = {};
  };
  static Result<JsonSlicer> open(const Tree& tree, std::string_view path, Options options);
  static Result<JsonSlicer> open(const Tree& tree, std::string_view path) { return open(tree, path, Options{}); }
  JsonSlicer(JsonSlicer&&) noexcept;
  JsonSlicer& operator=(JsonSlicer&&) noexcept;
  ~JsonSlicer();

  /// The next slice in file order; none at the end. An empty array gives one slice without text.
  /// Bytes that are not UTF-8 do not stop it: `bad_utf8` tells. Anything else that breaks JSON is an error with place.
  Result<std::optional<JsonSlice>> next();
  bool is_array() const;  // the top level is an array
  bool had_bom() const;
  std::optional<std::uint64_t> bad_utf8() const;              // offset of the first byte that is not UTF-8
  const std::vector<std::string>& duplicate_members() const;  // top-level keys seen more than once

 private:
  struct State;
  explicit JsonSlicer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Writing.
/// "a\"b" with the least escapes that RFC 8259 allows; bytes that are not UTF-8 go out as they are.
void append_json_string(std::string& out, std::string_view text);
/// A double as JSON; NaN and ±Infinity as Python's json spells them.
void append_json_number(std::string& out, double value, NumberStyle style = {});

/// Builds one JSON text without thinking about commas.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(double number);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(std::uint32_t number) { return value(std::uint64_t{number}); }
  JsonWriter& value(int number) { return value(std::int64_t{number}); }
  JsonWriter& value(bool yes);
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // one value that is JSON already

 private:
  void separate();
  std::string& out_;
  std::vector<std::uint8_t> used_;  // one per open object or array: whether it holds something
  bool after_key_ = false;
};

/// The canonical form of one JSON value (RFC 8785): keys sorted by UTF-16 code units, ECMAScript numbers, least
/// escapes, no white space. NaN, ±Infinity and −0 become {"$num":"NaN"|"Infinity"|"-Infinity"|"-0"}; integers
/// (spelled without point or exponent) that a double does not print digit by digit become strings; strings that are not
/// UTF-8 become {"$bytes":"<base64>"}, such keys "$bytes:<base64>". Text is not normalised. Of repeated keys the last
/// holds. The form is its own canonical form. `json` is expected to be valid (a cursor has seen it); what is not is an
/// error.
Result<std::string> canonical_json(std::string_view json);
/// The canonical form of what a JsonWriter wrote, which is JSON.
std::string canonical_written(std::string_view json);
/// Appends a canonical string or number.
void append_canonical_string(std::string& out, std::string_view text);
void append_canonical_number(std::string& out, double value);
/// An integer: its digits, in quotes where a double would not print them.
void append_canonical_integer(std::string& out, std::int64_t value);
/// Orders keys as RFC 8785 §3.2.3 does.
bool canonical_less(std::string_view a, std::string_view b);

/// A JSON text laid out with two spaces a level, for people.
std::string pretty_json(std::string_view json);

/// A small JSON value as a tree, for settings, manifests and reports. Not for data.
class Json {
 public:
  static Result<Json> parse(std::string_view text, const Limits& = {});
  JsonType type() const { return type_; }
  bool boolean() const { return boolean_; }
  double number() const { return number_; }
  std::string_view text() const { return text_; }  // of a string; of a number as written
  const std::vector<Json>& elements() const { return elements_; }
  const std::vector<std::pair<std::string, Json>>& members() const { return members_; }
  const Json* find(std::string_view key) const;  // the last of that key; null where absent or not an object
  const Json& at(std::string_view key) const;    // the same; a JSON null where absent or not an object
  std::string_view text_or(std::string_view key, std::string_view otherwise) const;

 private:
  static Json take(JsonCursor& in);

  JsonType type_ = JsonType::null;
  bool boolean_ = false;
  double number_ = 0;
  std::string text_;
  std::vector<Json> elements_;
  std::vector<std::pair<std::string, Json>> members_;
};

}  // namespace vetset
