// model.yaml to a contract. Unknown keys, repeated keys and values out of range are errors with their place.
#include <algorithm>
#include <cmath>
#include <set>

#include "vetset/base/digest.h"
#include "vetset/base/nearest.h"
#include "vetset/base/number.h"
#include "vetset/base/unicode.h"
#include "vetset/base/yaml.h"
#include "vetset/runtime/model_fields.h"

namespace vetset {
namespace {

constexpr std::uint64_t most_side = 1U << 16;
constexpr std::size_t most_classes = 1U << 20;

bool is_utf8(std::string_view text) { return !invalid_utf8(text); }

class Reader {
 public:
  Reader(const Yaml& document, std::string_view file) : here_(&document), file_(file) {}

  Result<void> finish() {
    check_keys(*here_);
    if (error_) return *std::move(error_);
    return {};
  }

  void text(std::string_view key, std::string& to, std::string_view) {
    if (const Yaml* v = take(key)) {
      if (v->type != Yaml::Type::scalar) return fail(*v, key, "a text");
      if (!is_utf8(v->text)) return fail(*v, key, "a text in UTF-8");
      to = v->text;
    }
  }

  template <class E, std::size_t N>
  void choice(std::string_view key, E& to, const std::array<std::string_view, N>& words, std::string_view) {
    const Yaml* v = take(key);
    if (!v) return;
    if (v->type == Yaml::Type::scalar)
      for (std::size_t i = 0; i < N; ++i)
        if (v->text == words[i]) {
          to = static_cast<E>(i);
          return;
        }
    std::string expected = "one of";
    for (std::string_view w : words) expected += (expected == "one of" ? " " : ", ") + std::string(w);
    fail(*v, key, expected);
  }

  void flag(std::string_view key, bool& to, std::string_view) {
    const Yaml* v = take(key);
    if (!v) return;
    if (v->python_type() != "bool") return fail(*v, key, "true or false");
    to = v->text == "true" || v->text == "True" || v->text == "TRUE" || v->text == "yes" || v->text == "Yes" ||
         v->text == "YES" || v->text == "on" || v->text == "On" || v->text == "ON";
  }

  template <class Int>
  void whole(std::string_view key, Int& to, std::string_view) {
    if (const Yaml* v = take(key)) {
      const std::uint64_t most = key == "max_pixels"                          ? 1ULL << 32
                                 : key == "candidates" || key == "detections" ? 1ULL << 24
                                                                              : most_side;
      const NumberText n = number_of(*v);
      if (!n.fits_int64 || n.whole < 0 || static_cast<std::uint64_t>(n.whole) > most)
        return fail(*v, key, "a whole number from 0 to " + std::to_string(most));
      to = static_cast<Int>(n.whole);
    }
  }

  void number(std::string_view key, double& to, std::string_view) {
    if (const Yaml* v = take(key)) {
      const NumberText n = number_of(*v);
      if (n.length == 0 || !std::isfinite(n.value)) return fail(*v, key, "a number");
      to = n.value;
    }
  }

  void numbers(std::string_view key, std::array<double, 3>& to, std::string_view) {
    const Yaml* v = take(key);
    if (!v) return;
    if (v->type != Yaml::Type::sequence || (v->items.size() != 3 && v->items.size() != 1))
      return fail(*v, key, "a list of three numbers");
    for (std::size_t i = 0; i < 3; ++i) {
      const Yaml& item = v->items[v->items.size() == 1 ? 0 : i];
      const NumberText n = number_of(item);
      if (n.length == 0 || !std::isfinite(n.value)) return fail(item, key, "a number");
      to[i] = n.value;
    }
  }

  void bytes(std::string_view key, std::array<std::uint8_t, 3>& to, std::string_view) {
    const Yaml* v = take(key);
    if (!v) return;
    if (v->type != Yaml::Type::sequence || v->items.size() != 3) return fail(*v, key, "three values from 0 to 255");
    for (std::size_t i = 0; i < 3; ++i) {
      const NumberText n = number_of(v->items[i]);
      if (!n.fits_int64 || n.whole < 0 || n.whole > 255) return fail(v->items[i], key, "a value from 0 to 255");
      to[i] = static_cast<std::uint8_t>(n.whole);
    }
  }

  void type(std::string_view key, ElementType& to, std::string_view) {
    const Yaml* v = take(key);
    if (!v) return;
    const ElementType t = v->type == Yaml::Type::scalar ? element_type_of(v->text) : ElementType::undefined;
    if (t != ElementType::float32 && t != ElementType::float16 && t != ElementType::uint8 && t != ElementType::int8)
      return fail(*v, key, "float32, float16, uint8 or int8");
    to = t;
  }

  void names(std::string_view key, std::vector<std::string>& to, std::string_view) {
    const Yaml* v = take(key);
    if (!v || v->is_null()) return;
    if (v->type != Yaml::Type::sequence) return fail(*v, key, "a list of names");
    to.clear();
    for (const Yaml& item : v->items) {
      if (item.type != Yaml::Type::scalar || !is_utf8(item.text)) return fail(item, key, "a name");
      to.push_back(item.text);
    }
  }

  void classes(std::string_view key, std::vector<ModelClass>& to, std::string_view) {
    const Yaml* v = take(key);
    if (!v || v->is_null()) return;
    if (v->type != Yaml::Type::sequence || v->items.size() > most_classes)
      return fail(*v, key, "a list of names, or of {id, name}");
    to.clear();
    std::set<std::int64_t> ids;
    for (const Yaml& item : v->items) {
      ModelClass c{.id = static_cast<std::int64_t>(to.size())};
      if (item.type == Yaml::Type::scalar) {
        c.name = item.text;
      } else {
        const Yaml* id = item.find("id");
        const Yaml* name = item.find("name");
        if (item.type != Yaml::Type::mapping || !id || !name || item.entries.size() != 2 ||
            name->type != Yaml::Type::scalar || !number_of(*id).fits_int64)
          return fail(item, key, "a name, or {id: 1, name: dog}");
        c.id = number_of(*id).whole;
        c.name = name->text;
      }
      if (!is_utf8(c.name)) return fail(item, key, "a name in UTF-8");
      if (!ids.insert(c.id).second) return fail(item, key, "an id of its own for each class");
      to.push_back(std::move(c));
    }
  }

  void pairs(std::string_view key, std::vector<std::pair<std::string, std::string>>& to, std::string_view) {
    const Yaml* v = take(key);
    if (!v || v->is_null()) return;
    if (v->type != Yaml::Type::mapping) return fail(*v, key, "names and versions");
    to.clear();
    for (const auto& [name, version] : v->entries) {
      if (name.type != Yaml::Type::scalar || version.type != Yaml::Type::scalar || !is_utf8(name.text) ||
          !is_utf8(version.text))
        return fail(version, key, "a version");
      to.emplace_back(name.text, version.text);
    }
    std::sort(to.begin(), to.end());
  }

  template <class Walk>
  void section(std::string_view key, std::string_view, const Walk& walk_section) {
    const Yaml* v = take(key);
    static const Yaml empty;
    if (v && v->type != Yaml::Type::mapping && !v->is_null()) return fail(*v, key, "keys and values");
    const Yaml* outer = here_;
    const std::vector<std::string> outer_known = std::exchange(known_, {});
    here_ = v ? v : &empty;
    section_ = key;
    walk_section();
    check_keys(*here_);
    here_ = outer;
    known_ = outer_known;
    section_ = {};
  }

  void fail(const Yaml& at, std::string_view key, const std::string& expected) {
    if (error_) return;
    const std::string found = at.type == Yaml::Type::scalar     ? "'" + at.text.substr(0, 80) + "'"
                              : at.type == Yaml::Type::sequence ? "a list of " + std::to_string(at.items.size())
                              : at.type == Yaml::Type::mapping  ? std::string("keys and values")
                                                                : std::string("nothing");
    error_ = Error{Code::malformed, path(key) + " is " + found + "; expected " + expected, std::string(file_), at.line,
                   at.column};
  }

 private:
  std::string path(std::string_view key) const {
    return section_.empty() ? std::string(key) : std::string(section_) + "." + std::string(key);
  }
  static NumberText number_of(const Yaml& v) {
    if (v.type != Yaml::Type::scalar || v.quoted) return {};
    const NumberText n = read_number(v.text);
    return n.length == v.text.size() ? n : NumberText{};
  }
  const Yaml* take(std::string_view key) {
    known_.emplace_back(key);
    return here_->find(key);
  }
  void check_keys(const Yaml& mapping) {
    std::set<std::string_view> seen;
    for (const auto& [key, value] : mapping.entries) {
      if (error_) return;
      const bool is_known = std::find(known_.begin(), known_.end(), key.text) != known_.end();
      if (is_known && seen.insert(key.text).second) continue;
      error_ = Error{Code::malformed,
                     is_known ? path(key.text) + " is said twice"
                              : "unknown key '" + path(key.text) + "'" + did_you_mean(key.text, known_),
                     std::string(file_), key.line, key.column};
    }
  }

  const Yaml* here_;
  std::string_view file_, section_ = {};
  std::vector<std::string> known_ = {};
  std::optional<Error> error_ = {};
};

/// What single fields cannot say.
Result<void> agree(const ModelSpec& s, std::string_view file) {
  const auto wrong = [&](const std::string& message) { return Error{Code::malformed, message, std::string(file)}; };
  using Fit = ResizeSpec::Fit;
  const ResizeSpec& r = s.resize;
  if ((r.fit == Fit::stretch || r.fit == Fit::letterbox) && (r.width == 0 || r.height == 0))
    return wrong("resize.fit is " + std::string(fit_words[static_cast<std::size_t>(r.fit)]) +
                 ", which needs resize.width and resize.height; they are " + std::to_string(r.width) + " and " +
                 std::to_string(r.height));
  if ((r.fit == Fit::short_side || r.fit == Fit::long_side) && r.short_side == 0)
    return wrong("resize.short_side is 0; resize.fit needs it");
  if ((r.crop_width == 0) != (r.crop_height == 0))
    return wrong("resize.crop_width and resize.crop_height come together");
  if (r.antialias && r.arithmetic != ResizeSpec::Arithmetic::torch &&
      r.arithmetic != ResizeSpec::Arithmetic::torch_float)
    return wrong("resize.antialias belongs to the arithmetics torch and torch_float");
  if (s.input.channels != 1 && s.input.channels != 3)
    return wrong("input.channels is " + std::to_string(s.input.channels) + "; expected 1 or 3");
  if ((s.input.channels == 1) != (s.input.colour == InputSpec::Colour::grey))
    return wrong("input.colour grey goes with one channel, rgb and bgr with three");
  if (!(s.input.scale > 0)) return wrong("input.scale is not above 0");
  for (double d : s.input.deviation)
    if (d == 0) return wrong("input.std holds a 0");
  const auto share = [&](const char* key, double v) -> Result<void> {
    if (v >= 0 && v <= 1) return {};
    std::string text;
    append_number(text, v);
    return wrong(std::string(key) + " is " + text + "; expected 0 to 1");
  };
  VETSET_DO(share("post.score_threshold", s.post.score_threshold));
  VETSET_DO(share("post.iou_threshold", s.post.iou_threshold));
  VETSET_DO(share("post.mask_threshold", s.post.mask_threshold));
  if (!(s.post.soft_sigma > 0)) return wrong("post.soft_sigma is not above 0");
  if (s.head.keypoint_values != 2 && s.head.keypoint_values != 3)
    return wrong("head.keypoint_values is " + std::to_string(s.head.keypoint_values) + "; expected 2 or 3");
  if (!s.model_sha256.empty() && !parse_digest(s.model_sha256))
    return wrong("model_sha256 is '" + s.model_sha256.substr(0, 80) +
                 "'; expected 64 hexadecimal digits in lower case");
  return {};
}

}  // namespace

Result<ModelSpec> parse_model_spec(std::string_view yaml, std::string_view file) {
  Result<Yaml> document = parse_yaml(yaml);
  if (!document) return std::move(document).error().in(file);
  if (document->type != Yaml::Type::mapping)
    return Error{Code::malformed, "expected the keys and values of a model's contract", std::string(file), 1, 1};
  const Yaml* version = document->find("version");
  if (!version || version->text != "1")
    return Error{Code::unsupported,
                 version ? "version is '" + version->text.substr(0, 20) + "'; this program reads version 1"
                         : std::string("version is missing; a contract begins with 'version: 1'"),
                 std::string(file), version ? version->line : 1, version ? version->column : 1};
  ModelSpec spec;
  Reader reader(*document, file);
  std::uint32_t number = 1;
  reader.whole("version", number, "");
  walk(reader, spec);
  VETSET_DO(reader.finish());
  VETSET_DO(agree(spec, file));
  return spec;
}

}  // namespace vetset
