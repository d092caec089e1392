#include <algorithm>

#include "vetset/base/json.h"

namespace vetset {

Json Json::take(JsonCursor& in) {
  Json value;
  value.type_ = in.type();
  switch (value.type_) {
    case JsonType::null: in.read_null(); break;
    case JsonType::boolean: value.boolean_ = in.read_bool(); break;
    case JsonType::string: value.text_ = in.read_string(); break;
    case JsonType::number: {
      const std::size_t begin = in.offset();
      const NumberText n = in.read_number();
      value.number_ = n.value;
      value.text_ = in.text().substr(begin, n.length);
      break;
    }
    case JsonType::array:
      for (in.enter_array(); in.next_element();) value.elements_.push_back(take(in));
      break;
    case JsonType::object:
      for (in.enter_object(); in.next_member();) {
        std::string key(in.key());
        value.members_.emplace_back(std::move(key), take(in));
      }
  }
  return value;
}

Result<Json> Json::parse(std::string_view text, const Limits& limits) {
  constexpr std::string_view bom = "\xef\xbb\xbf";
  if (text.size() > limits.value_bytes) {
    return Error{Code::limit, "found " + std::to_string(text.size()) + " bytes of JSON, expected at most " +
                                  std::to_string(limits.value_bytes)};
  }
  if (text.starts_with(bom)) text.remove_prefix(bom.size());
  JsonCursor in(text, limits.depth);
  Json value = take(in);
  if (in.at_end()) return value;
  in.fail("expected the end of the value");
  const LineColumn place = line_column(text, in.error_offset());
  return Error{Code::malformed, in.error_text(), {}, place.line, place.column};
}

const Json* Json::find(std::string_view key) const {
  const auto member = std::find_if(members_.rbegin(), members_.rend(), [&](const auto& m) { return m.first == key; });
  return member == members_.rend() ? nullptr : &member->second;
}

const Json& Json::at(std::string_view key) const {
  static const Json nothing;
  const Json* const member = find(key);
  return member == nullptr ? nothing : *member;
}

std::string_view Json::text_or(std::string_view key, std::string_view otherwise) const {
  const Json* const value = find(key);
  return value != nullptr && value->type() == JsonType::string ? value->text() : otherwise;
}

}  // namespace vetset
