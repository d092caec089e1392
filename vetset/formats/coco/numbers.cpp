// Numbers of COCO documents: lists read in one go, and how a document spells them. Forty million of them stand in a
// large document, so what is common (a few digits, a point, a few digits) is read here, and the rest by base.
#include <algorithm>

#include "vetset/formats/coco/coco.h"

namespace vetset {
namespace {

constexpr double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

const char* skip_space(const char* at, const char* end) {
  while (at != end && is_space(*at)) ++at;
  return at;
}

bool spelled_so(std::string_view text, double value, NumberStyle style) {
  std::string again;
  append_json_number(again, value, style);
  return again == text;
}

/// The value of a number, and whether the style spells it like this; null where there is no number.
inline const char* scan_number(const char* const begin, const char* end, NumberStyle style, double& value,
                               bool& usual) {
  const char* at = begin;
  const bool negative = at != end && *at == '-';
  if (negative) ++at;
  const char* const first = at;
  std::uint64_t digits = 0;
  while (at != end && is_digit(*at)) digits = digits * 10 + static_cast<unsigned>(*at++ - '0');
  const auto before = static_cast<std::size_t>(at - first);
  std::size_t after = 0;
  const bool point = at != end && *at == '.';
  if (point) {
    const char* const fraction = ++at;
    while (at != end && is_digit(*at)) digits = digits * 10 + static_cast<unsigned>(*at++ - '0');
    after = static_cast<std::size_t>(at - fraction);
  }
  const bool tiny = before > 0 && *first == '0' && (before > 1 || after > 6);
  const bool plain =
      before > 0 && before + after <= 15 && !tiny && point == (after > 0) && (at == end || (*at | 0x20) != 'e');
  if (!plain) [[unlikely]] {
    const NumberText n = read_number({begin, end});
    if (n.length == 0) return nullptr;
    value = n.value;
    usual = spelled_so({begin, n.length}, n.value, style);
    return begin + n.length;
  }
  const double size = static_cast<double>(digits) / powers[after];
  value = negative ? -size : size;
  usual = after == style.decimals || (!style.fixed && after > style.decimals && at[-1] != '0');
  return at;
}

}  // namespace

const char* CocoNumbers::read_one(const char* at, const char* end, double& value) {
  bool usual = true;
  const char* const done = scan_number(at, end, style, value, usual);
  if (done != nullptr && !usual) odd.push_back({slot, {at, done}});
  ++slot;
  return done;
}

const char* CocoNumbers::read_list(const char* at, const char* end, Column<double>& out) {
  if (at == end || *at != '[') return nullptr;
  at = skip_space(at + 1, end);
  if (at != end && *at == ']') return at + 1;
  for (;;) {
    double value = 0;
    bool usual = true;
    const char* const done = scan_number(at, end, style, value, usual);
    if (done == nullptr) return nullptr;
    if (!usual) [[unlikely]]
      odd.push_back({slot, {at, done}});
    ++slot;
    out.push_back(value);
    at = skip_space(done, end);
    if (at == end) return nullptr;
    if (*at == ']') return at + 1;
    if (*at != ',') return nullptr;
    at = skip_space(at + 1, end);
  }
}

void CocoStyleVote::count(std::string_view number) {
  const NumberText n = read_number(number);
  if (n.length == 0) return;
  const auto follows = [&](NumberStyle style) { return spelled_so(number.substr(0, n.length), n.value, style); };
  shortest_ += follows({}) ? 1U : 0U;
  with_point_ += follows({.decimals = 1}) ? 1U : 0U;
  const bool plain = number.substr(0, n.length).find_first_of("eE") == std::string_view::npos;
  if (!plain || n.decimals == 0 || n.decimals >= fixed_.size()) return;
  fixed_[n.decimals] += 1;
  at_least_[n.decimals] += 1;
  for (std::size_t k = 2; n.shortest && k < n.decimals; ++k) at_least_[k] += 1;
}

NumberStyle CocoStyleVote::winner() const {
  const auto fixed = std::max_element(fixed_.begin(), fixed_.end());
  const auto least = std::max_element(at_least_.begin(), at_least_.end());
  const auto decimals = [](const auto& votes, auto at) { return static_cast<std::uint8_t>(at - votes.begin()); };
  const std::uint64_t usual = std::max(shortest_, with_point_);
  if (*least > usual && *least > *fixed) return {.decimals = decimals(at_least_, least)};
  if (*fixed > usual) return {.decimals = decimals(fixed_, fixed), .fixed = true};
  if (with_point_ > shortest_) return {.decimals = 1};
  return {};
}

void CocoStyleSample::take(std::string_view slice_text, std::size_t most) {
  JsonCursor in(slice_text);
  const auto vote = [&](StyledField field) -> CocoStyleVote& { return votes[static_cast<std::size_t>(field)]; };
  const auto count_all = [&](CocoStyleVote& numbers, std::string_view json) {
    for (std::size_t at = 0; at < json.size();) {
      if (json[at] != '-' && !is_digit(json[at])) {
        ++at;
        continue;
      }
      const std::uint32_t length = read_number(json.substr(at)).length;
      numbers.count(json.substr(at, length));
      at += std::max(length, 1U);
    }
  };
  while (records < most && in.next_record()) {
    ++records;
    if (in.type() != JsonType::object) {
      in.skip();
      continue;
    }
    for (in.enter_object(); in.next_member();) {
      const CocoKey key = coco_key(in.key());
      const JsonType type = in.type();
      const std::string_view json = in.skip();
      if (type == JsonType::array && key == CocoKey::segmentation) count_all(vote(StyledField::coordinates), json);
      if (type == JsonType::array && key == CocoKey::bbox) count_all(vote(StyledField::box), json);
      if (type == JsonType::array && key == CocoKey::keypoints) count_all(vote(StyledField::keypoints), json);
      if (type == JsonType::number && key == CocoKey::area) vote(StyledField::area).count(json);
      if (type == JsonType::number && key == CocoKey::score) vote(StyledField::score).count(json);
    }
  }
}

CocoStyles CocoStyleSample::styles() const {
  CocoStyles chosen{};
  for (std::size_t i = 0; i < chosen.size(); ++i) chosen[i] = votes[i].winner();
  return chosen;
}

std::optional<std::int64_t> coco_integer(std::string_view json) {
  const NumberText n = read_number(json);
  if (n.length == 0 || n.length != json.size()) return {};
  if (n.integer) return n.fits_int64 ? std::optional(n.whole) : std::nullopt;
  constexpr double exact = 9007199254740992.0;  // 2^53
  if (!(n.value >= -exact && n.value <= exact)) return {};
  const auto whole = static_cast<std::int64_t>(n.value);
  if (static_cast<double>(whole) != n.value) return {};
  return whole;
}

}  // namespace vetset
