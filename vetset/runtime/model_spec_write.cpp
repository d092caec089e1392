// A contract as model.yaml, and in its canonical form.
#include "vetset/base/digest.h"
#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/base/yaml.h"
#include "vetset/runtime/model_fields.h"

namespace vetset {
namespace {

template <class Numbers>
std::string listed(const Numbers& values) {
  std::string out = "[";
  for (const auto v : values) {
    if (out.size() > 1) out += ", ";
    append_number(out, static_cast<double>(v));
  }
  return out + "]";
}

class YamlText {
 public:
  std::string out = "# What happens before and after the network. See docs/guide/models.md.\nversion: 1\n";

  void text(std::string_view key, const std::string& v, std::string_view note) {
    std::string scalar;
    append_yaml_string(scalar, v);
    line(key, scalar, note);
  }
  template <class E, std::size_t N>
  void choice(std::string_view key, E v, const std::array<std::string_view, N>& words, std::string_view note) {
    std::string all = note.empty() ? "" : std::string(note) + "; ";
    for (std::string_view w : words) all += (w == words[0] ? "" : ", ") + std::string(w);
    line(key, std::string(words[static_cast<std::size_t>(v)]), all);
  }
  void flag(std::string_view key, bool v, std::string_view note) { line(key, v ? "true" : "false", note); }
  void whole(std::string_view key, std::uint64_t v, std::string_view note) { line(key, std::to_string(v), note); }
  void number(std::string_view key, double v, std::string_view note) {
    std::string t;
    append_number(t, v);
    line(key, t, note);
  }
  void numbers(std::string_view key, const std::array<double, 3>& v, std::string_view note) {
    line(key, listed(v), note);
  }
  void bytes(std::string_view key, const std::array<std::uint8_t, 3>& v, std::string_view note) {
    line(key, listed(v), note);
  }
  void type(std::string_view key, ElementType v, std::string_view note) { line(key, to_string(v), note); }
  void names(std::string_view key, const std::vector<std::string>& v, std::string_view note) {
    std::string list = "[";
    for (const std::string& n : v) {
      if (list.size() > 1) list += ", ";
      append_yaml_string(list, n);
    }
    line(key, list + "]", note);
  }
  void classes(std::string_view key, const std::vector<ModelClass>& v, std::string_view note) {
    line(key, v.empty() ? "[]" : "", note);
    bool counted = true;
    for (std::size_t i = 0; i < v.size(); ++i) counted = counted && v[i].id == static_cast<std::int64_t>(i);
    for (const ModelClass& c : v) {
      out += counted ? "  - " : "  - {id: " + std::to_string(c.id) + ", name: ";
      append_yaml_string(out, c.name);
      out += counted ? "\n" : "}\n";
    }
  }
  void pairs(std::string_view key, const std::vector<std::pair<std::string, std::string>>& v, std::string_view note) {
    line(key, v.empty() ? "{}" : "", note);
    for (const auto& [name, version] : v) {
      out += "  ";
      append_yaml_string(out, name);
      out += ": ";
      append_yaml_string(out, version);
      out += "\n";
    }
  }
  template <class Walk>
  void section(std::string_view key, std::string_view note, const Walk& walk_section) {
    line(key, "", note);
    indent_ = "  ";
    walk_section();
    indent_ = {};
  }

 private:
  void line(std::string_view key, const std::string& value, std::string_view note) {
    std::string text = std::string(indent_) + std::string(key) + ":";
    if (!value.empty()) text += " " + value;
    if (!note.empty()) {
      if (text.size() < 34) text.resize(34, ' ');
      text += "  # " + std::string(note);
    }
    out += text + "\n";
  }
  std::string_view indent_ = {};
};

class JsonForm {
 public:
  explicit JsonForm(JsonWriter& w) : w_(w) {}
  void text(std::string_view key, const std::string& v, std::string_view) { w_.key(key).value(v); }
  template <class E, std::size_t N>
  void choice(std::string_view key, E v, const std::array<std::string_view, N>& words, std::string_view) {
    w_.key(key).value(words[static_cast<std::size_t>(v)]);
  }
  void flag(std::string_view key, bool v, std::string_view) { w_.key(key).value(v); }
  void whole(std::string_view key, std::uint64_t v, std::string_view) { w_.key(key).value(v); }
  void number(std::string_view key, double v, std::string_view) { w_.key(key).value(v); }
  void numbers(std::string_view key, const std::array<double, 3>& v, std::string_view) { list(key, v); }
  void bytes(std::string_view key, const std::array<std::uint8_t, 3>& v, std::string_view) { list(key, v); }
  void type(std::string_view key, ElementType v, std::string_view) { w_.key(key).value(to_string(v)); }
  void names(std::string_view key, const std::vector<std::string>& v, std::string_view) {
    w_.key(key).begin_array();
    for (const std::string& n : v) w_.value(n);
    w_.end_array();
  }
  void classes(std::string_view key, const std::vector<ModelClass>& v, std::string_view) {
    w_.key(key).begin_array();
    for (const ModelClass& c : v) w_.begin_object().key("id").value(c.id).key("name").value(c.name).end_object();
    w_.end_array();
  }
  void pairs(std::string_view key, const std::vector<std::pair<std::string, std::string>>& v, std::string_view) {
    w_.key(key).begin_object();
    for (const auto& [name, version] : v) w_.key(name).value(version);
    w_.end_object();
  }
  template <class Walk>
  void section(std::string_view key, std::string_view, const Walk& walk_section) {
    w_.key(key).begin_object();
    walk_section();
    w_.end_object();
  }

 private:
  template <class Numbers>
  void list(std::string_view key, const Numbers& values) {
    w_.key(key).begin_array();
    for (const auto v : values) w_.value(static_cast<double>(v));
    w_.end_array();
  }
  JsonWriter& w_;
};

}  // namespace

std::string to_yaml(const ModelSpec& spec) {
  YamlText text;
  walk(text, spec);
  return std::move(text.out);
}

std::string canonical_json(const ModelSpec& spec) {
  std::string out;
  JsonWriter w(out);
  JsonForm form(w);
  w.begin_object().key("version").value(1);
  walk(form, spec);
  w.end_object();
  return canonical_written(out);
}

std::string digest(const ModelSpec& spec) { return sha256(canonical_json(spec)).text(); }

}  // namespace vetset
