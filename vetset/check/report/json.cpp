#include "vetset/check/report/json.h"

#include "vetset/base/json.h"

namespace vetset {
namespace {

std::string_view name(Effect::Kind kind) {
  switch (kind) {
    case Effect::Kind::image_dropped: return "image_dropped";
    case Effect::Kind::object_dropped: return "object_dropped";
    case Effect::Kind::object_changed: return "object_changed";
    case Effect::Kind::file_rewritten: return "file_rewritten";
    case Effect::Kind::refused: break;
  }
  return "refused";
}

/// Members that say nothing are left out.
void add_text(JsonWriter& out, std::string_view key, std::string_view text) {
  if (!text.empty()) out.key(key).value(text);
}

void add_finding(JsonWriter& out, const ReportedFinding& shown) {
  const Finding& f = *shown.finding;
  out.begin_object().key("code").value(f.code).key("revision").value(std::uint32_t{f.revision});
  add_text(out, "rule", shown.rule);
  out.key("severity").value(vetset::name(f.severity)).key("evidence").value(vetset::name(f.evidence));
  add_text(out, "file", shown.place.file);
  if (shown.place.line != 0) out.key("line").value(shown.place.line);
  if (shown.place.column != 0) out.key("column").value(shown.place.column);
  add_text(out, "image", shown.image);
  add_text(out, "other_image", shown.other);
  if (!shown.annotation.empty()) out.key("annotation").raw(shown.annotation);
  add_text(out, "class", shown.category);
  out.key("message").value(f.message);
  if (f.score) out.key("score").value(*f.score);
  add_text(out, "fix", f.fix);
  out.key("fingerprint").value(shown.fingerprint).end_object();
}

void add_rule(JsonWriter& out, const ReportedRule& shown) {
  const Rule& rule = *shown.rule;
  out.begin_object().key("code").value(rule.code).key("revision").value(std::uint32_t{rule.revision});
  out.key("name").value(rule.name).key("title").value(rule.title);
  out.key("severity").value(vetset::name(rule.severity)).key("evidence").value(vetset::name(rule.evidence));
  add_text(out, "not_run", shown.not_run);
  out.key("count").value(shown.count).end_object();
}

void add_consumer(JsonWriter& out, const ConsumerView& view) {
  out.begin_object().key("consumer").value(view.consumer).key("line").value(view.line());
  add_text(out, "task", view.task);
  add_text(out, "refused", view.refused);
  out.key("images").value(view.images).key("images_read").value(view.images_read);
  out.key("objects").value(view.objects).key("objects_read").value(view.objects_read);
  out.key("backgrounds").value(view.backgrounds).key("effects").begin_array();
  for (const Effect& effect : view.effects) {
    out.begin_object().key("kind").value(name(effect.kind)).key("file").value(effect.file);
    if (effect.line != 0) out.key("line").value(effect.line);
    out.key("objects").value(effect.objects).key("what").value(effect.what).end_object();
  }
  out.end_array().end_object();
}

}  // namespace

std::string json_report(const Reported& report) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-check").value(1).key("program").value(report.program);
  out.key("source").value(report.source).key("format").value(report.format);
  add_text(out, "dialect", report.dialect);
  out.key("counts").begin_object();
  out.key("images").value(report.counts.images).key("annotations").value(report.counts.annotations);
  out.key("categories").value(report.counts.categories).key("splits").value(report.counts.splits).end_object();
  out.key("totals").begin_object().key("errors").value(report.errors);
  out.key("warnings").value(report.warnings).key("notes").value(report.notes_found).end_object();
  out.key("rules").begin_array();
  for (const ReportedRule& rule : report.rules) add_rule(out, rule);
  out.end_array().key("findings").begin_array();
  for (const ReportedFinding& finding : report.findings) add_finding(out, finding);
  out.end_array().key("consumers").begin_array();
  for (const ConsumerView& view : report.consumers) add_consumer(out, view);
  out.end_array().key("reading").begin_array();
  for (const std::string& note : report.notes) out.value(note);
  out.end_array().end_object();
  const Result<std::string> canonical = canonical_json(text);
  VETSET_ASSERT(canonical, "what JsonWriter wrote is JSON");
  return *canonical;
}

}  // namespace vetset
