#include "cli/explain_json.h"

#include "vetset/base/json.h"
#include "vetset/check/rule_page.h"
#include "vetset/check/settings.h"

namespace vetset::cli {
namespace {

void add_thresholds(JsonWriter& out, const Rule& rule, const CheckSettings& now) {
  out.key("thresholds").begin_array();
  for (const Setting& setting : settings()) {
    if (setting.rules.find(rule.code) == std::string_view::npos) continue;
    out.begin_object().key("name").value(setting.name).key("value").value(setting_text(now, setting));
    out.key("default").value(setting_text(CheckSettings{}, setting)).key("what").value(setting.what).end_object();
  }
  out.end_array();
}

void add_page(JsonWriter& out, std::string_view page) {
  out.key("page").begin_array();
  for (const PageSection& section : page_sections(page)) {
    out.begin_object().key("heading").value(section.heading).key("lines").begin_array();
    for (const std::string& line : section.lines) out.value(line);
    out.end_array().end_object();
  }
  out.end_array();
}

}  // namespace

std::string explained_json(const Rule* rule, std::string_view page, const CheckSettings& settings,
                           std::span<const std::string> findings) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-explain").value(1);
  if (rule != nullptr) {
    out.key("rule").begin_object().key("code").value(rule->code).key("revision").value(std::uint32_t{rule->revision});
    out.key("name").value(rule->name).key("title").value(rule->title);
    out.key("severity").value(name(rule->severity)).key("evidence").value(name(rule->evidence));
    add_thresholds(out, *rule, settings);
    add_page(out, page);
    out.end_object();
  }
  out.key("findings").begin_array();
  for (const std::string& finding : findings) out.raw(finding);
  out.end_array().end_object();
  return pretty_json(text);
}

}  // namespace vetset::cli
