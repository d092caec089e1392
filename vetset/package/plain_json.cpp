#include "vetset/package/plain_json.h"

#include "vetset/base/unicode.h"

namespace vetset {

Result<void> check_plain_json(std::string_view text) {
  if (const auto bad = invalid_utf8(text))
    return Error{Code::malformed, "expected UTF-8, found another byte at offset " + std::to_string(*bad)};
  JsonCursor cursor(text, plain_depth);
  cursor.skip();
  const auto error_at = [&](std::size_t offset, std::string what) {
    const LineColumn at = line_column(text, offset);
    return Error{Code::malformed, std::move(what), {}, at.line, at.column};
  };
  if (!cursor.failed() && !cursor.at_end() && !cursor.failed()) cursor.fail("expected nothing behind the value");
  if (cursor.failed()) return error_at(cursor.error_offset(), cursor.error_text());
  if (cursor.odd_numbers() != 0) return error_at(cursor.first_odd_offset(), "expected a number of JSON");
  if (cursor.repeated_keys().empty()) return {};
  const RepeatedKey& again = cursor.repeated_keys().front();
  return error_at(again.offset, "the key '" + printable(again.key) + "' stands twice in one object");
}

Result<Json> parse_plain_json(std::string_view text) {
  VETSET_DO(check_plain_json(text));
  return Json::parse(text, {.depth = plain_depth});
}

}  // namespace vetset
