#include "vetset/check/report/json.h"

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"

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

/// Text that JSON can hold: what is not UTF-8 is spelled out.
std::string json_text(std::string_view text) { return invalid_utf8(text) ? printable(text) : std::string(text); }

/// Members that say nothing are left out.
void add_text(JsonWriter& out, std::string_view key, std::string_view text) {
  if (!text.empty()) out.key(key).value(json_text(text));
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
  out.key("message").value(json_text(f.message));
  if (f.score) out.key("score").value(*f.score);
  add_text(out, "fix", f.fix);
  out.key("fingerprint").value(shown.fingerprint).end_object();
}

void add_rule(JsonWriter& out, const ReportedRule& shown) {
  const Rule& rule = *shown.rule;
  out.begin_object().key("code").value(rule.code).key("revision").value(std::uint32_t{rule.revision});
  out.key("name").value(rule.name).key("title").value(rule.title);
  out.key("severity").value(vetset::name(shown.severity)).key("evidence").value(vetset::name(rule.evidence));
  add_text(out, "not_run", shown.not_run);
  out.key("count").value(shown.count).end_object();
}

void add_consumer(JsonWriter& out, const ConsumerView& view) {
  out.begin_object().key("consumer").value(view.consumer).key("line").value(json_text(view.line()));
  add_text(out, "task", view.task);
  add_text(out, "refused", view.refused);
  out.key("images").value(view.images).key("images_read").value(view.images_read);
  out.key("objects").value(view.objects).key("objects_read").value(view.objects_read);
  out.key("backgrounds").value(view.backgrounds).key("effects").begin_array();
  for (const Effect& effect : view.effects) {
    out.begin_object().key("kind").value(name(effect.kind)).key("file").value(json_text(effect.file));
    if (effect.line != 0) out.key("line").value(effect.line);
    out.key("objects").value(effect.objects).key("what").value(json_text(effect.what)).end_object();
  }
  out.end_array().end_object();
}

void add_known(JsonWriter& out, const Reported& report) {
  out.key("gate").begin_object().key("fail_on");
  out.value(report.fail_on ? vetset::name(*report.fail_on) : "never").key("failed").value(report.failed).end_object();
  out.key("taken_out").begin_object().key("by_path").value(report.by_path).key("waived").value(report.waived);
  out.key("in_baseline").value(report.in_baseline).end_object();
  if (!report.waivers.empty()) {
    out.key("waivers").begin_array();
    for (const WaiverResult& result : report.waivers) {
      const Waiver& w = result.waiver;
      out.begin_object().key("rule").value(json_text(w.rule));
      add_text(out, "path", w.path);
      add_text(out, "annotation", w.annotation);
      add_text(out, "reason", w.reason);
      add_text(out, "by", w.by);
      add_text(out, "until", w.until);
      add_text(out, "origin", w.origin);
      out.key("count").value(result.count).key("expired").value(result.expired).end_object();
    }
    out.end_array();
  }
  add_text(out, "since", report.since);
  if (!report.has_baseline) return;
  out.key("gone").begin_array();
  for (const BaselineEntry& entry : report.gone) {
    out.begin_object().key("code").value(json_text(entry.code));
    add_text(out, "image", entry.image);
    if (!entry.annotation.empty()) out.key("annotation").raw(entry.annotation);
    out.key("fingerprint").value(json_text(entry.fingerprint)).end_object();
  }
  out.end_array();
}

std::string canonical(const std::string& text) {
  Result<std::string> canonical = canonical_json(text);
  VETSET_ASSERT(canonical, "what JsonWriter wrote is JSON");
  return *std::move(canonical);
}

}  // namespace

std::string finding_json(const ReportedFinding& finding) {
  std::string text;
  JsonWriter out(text);
  add_finding(out, finding);
  return canonical(text);
}

std::string json_report(const Reported& report) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-check").value(1).key("program").value(report.program);
  out.key("source").value(json_text(report.source)).key("format").value(report.format);
  add_text(out, "dialect", report.dialect);
  out.key("counts").begin_object();
  out.key("images").value(report.counts.images).key("annotations").value(report.counts.annotations);
  out.key("categories").value(report.counts.categories).key("splits").value(report.counts.splits).end_object();
  out.key("totals").begin_object().key("errors").value(report.errors);
  out.key("warnings").value(report.warnings).key("notes").value(report.notes_found).end_object();
  add_known(out, report);
  out.key("rules").begin_array();
  for (const ReportedRule& rule : report.rules) add_rule(out, rule);
  out.end_array().key("findings").begin_array();
  for (const ReportedFinding& finding : report.findings) add_finding(out, finding);
  out.end_array().key("consumers").begin_array();
  for (const ConsumerView& view : report.consumers) add_consumer(out, view);
  out.end_array().key("reading").begin_array();
  for (const std::string& note : report.notes) out.value(json_text(note));
  out.end_array().end_object();
  return canonical(text);
}

}  // namespace vetset
