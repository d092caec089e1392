#include "vetset/check/report/sarif.h"

#include <cmath>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/check/rule_page.h"
#include "vetset/check/select.h"

namespace vetset {
namespace {

/// Text that JSON can hold, and that no viewer takes for orders to a terminal.
std::string safe(std::string_view text) { return printable(text); }

/// A path as a relative URI (RFC 3986): all that is not unreserved is percent-encoded.
std::string uri_of(std::string_view path) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', hex[byte >> 4U], hex[byte & 15U]};
  }
  return out;
}

std::string_view level_of(Severity severity) { return name(severity); }

/// How far GitHub and others may trust a rule.
std::string_view precision_of(EvidenceClass evidence) {
  switch (evidence) {
    case EvidenceClass::proof: return "very-high";
    case EvidenceClass::calibrated: return "high";
    case EvidenceClass::hint: break;
  }
  return "medium";
}

class SarifWriter {
 public:
  explicit SarifWriter(const Reported& report) : report_(report), out_(text_) {}

  std::string write() {
    out_.begin_object();
    out_.key("$schema").value(
        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json");
    out_.key("version").value("2.1.0").key("runs").begin_array().begin_object();
    add_tool();
    out_.key("columnKind").value("unicodeCodePoints").key("results").begin_array();
    for (const ReportedFinding& f : report_.findings) add_finding(f);
    if (report_.one_consumer)
      for (const ConsumerView& view : report_.consumers) add_effects(view);
    out_.end_array().end_object().end_array().end_object();
    return pretty_json(text_) + "\n";
  }

 private:
  void add_text(std::string_view key, std::string_view text) {
    out_.key(key).begin_object().key("text").value(safe(text)).end_object();
  }

  void add_tool() {
    const std::size_t blank = report_.program.find(' ');
    const std::string_view program = report_.program;
    out_.key("tool").begin_object().key("driver").begin_object();
    out_.key("name").value(program.substr(0, blank)).key("version").value(program.substr(blank + 1));
    out_.key("semanticVersion").value(program.substr(blank + 1)).key("rules").begin_array();
    for (const ReportedRule& rule : report_.rules) add_rule(rule);
    if (report_.one_consumer)
      for (const ConsumerView& view : report_.consumers) {
        out_.begin_object().key("id").value(safe(view.consumer));
        add_text("shortDescription", "what this trainer does not read as it stands");
        out_.end_object();
      }
    out_.end_array().end_object().end_object();
  }

  void add_rule(const ReportedRule& shown) {
    const Rule& rule = *shown.rule;
    out_.begin_object().key("id").value(rule.code).key("name").value(rule.name);
    add_text("shortDescription", rule.title);
    const std::string_view page = page_of(shown);
    std::string what, help;
    for (const PageSection& section : page_sections(page)) {
      if (section.heading == "Example") continue;
      std::string said;
      for (const std::string& line : section.lines) said += (said.empty() ? "" : "\n") + line;
      if (section.heading == "What") what = said;
      help += (help.empty() ? "" : "\n\n") + section.heading + ": " + said;
    }
    if (!what.empty()) add_text("fullDescription", what);
    if (!help.empty()) out_.key("help").begin_object().key("text").value(help).key("markdown").value(page).end_object();
    out_.key("defaultConfiguration").begin_object();
    if (shown.not_run == not_selected) out_.key("enabled").value(false);
    out_.key("level").value(level_of(shown.severity)).end_object();
    out_.key("properties").begin_object().key("precision").value(precision_of(rule.evidence));
    out_.key("problem.severity").value(rule.severity == Severity::note ? "recommendation" : name(rule.severity));
    out_.key("tags").begin_array().value("dataset").value(family_of(rule.code)).end_array();
    out_.end_object().end_object();
  }

  void add_location(std::string_view file, std::uint32_t line, std::uint32_t column) {
    out_.key("physicalLocation").begin_object().key("artifactLocation").begin_object();
    out_.key("uri").value(uri_of(report_.prefix + std::string(file))).key("uriBaseId").value("%SRCROOT%").end_object();
    if (line != 0) {
      out_.key("region").begin_object().key("startLine").value(line);
      if (column != 0) out_.key("startColumn").value(column);
      out_.end_object();
    }
    out_.end_object();
  }

  /// Where it is, and what of the dataset it is.
  void add_locations(const ReportedFinding& f) {
    const bool has_record = !f.image.empty() || !f.category.empty();
    if (f.place.file.empty() && !has_record) return;
    out_.key("locations").begin_array().begin_object();
    if (!f.place.file.empty()) add_location(f.place.file, f.place.line, f.place.column);
    if (has_record) {
      out_.key("logicalLocations").begin_array().begin_object();
      const std::string name = safe(f.image.empty() ? f.category : f.image);
      if (f.annotation.empty()) {
        out_.key("name").value(name).key("kind").value(f.image.empty() ? "class" : "image");
      } else {
        out_.key("name").value("annotation " + safe(f.annotation)).key("kind").value("annotation");
        out_.key("fullyQualifiedName").value(name + "#" + safe(f.annotation));
      }
      out_.end_object().end_array();
    }
    out_.end_object().end_array();
    if (f.other.empty()) return;
    out_.key("relatedLocations").begin_array().begin_object();
    add_location(f.other, 0, 0);
    add_text("message", "the other image");
    out_.end_object().end_array();
  }

  void add_finding(const ReportedFinding& f) {
    const Finding& finding = *f.finding;
    out_.begin_object().key("ruleId").value(finding.code);
    for (std::size_t i = 0; i < report_.rules.size(); ++i)
      if (report_.rules[i].rule->code == finding.code) out_.key("ruleIndex").value(std::uint64_t{i});
    out_.key("level").value(level_of(finding.severity));
    add_text("message", finding.fix.empty() ? finding.message : finding.message + "; to mend it: " + finding.fix);
    add_locations(f);
    out_.key("partialFingerprints").begin_object().key("vetset/v1").value(f.fingerprint).end_object();
    out_.key("properties").begin_object().key("evidence").value(name(finding.evidence));
    out_.key("revision").value(std::uint32_t{finding.revision});
    if (finding.score && std::isfinite(*finding.score)) out_.key("score").value(*finding.score);
    out_.end_object().end_object();
  }

  void add_effects(const ConsumerView& view) {
    if (!view.refused.empty()) {
      out_.begin_object().key("ruleId").value(safe(view.consumer)).key("level").value("error");
      add_text("message", view.line());
      out_.end_object();
    }
    for (const Effect& effect : view.effects) {
      out_.begin_object().key("ruleId").value(safe(view.consumer)).key("level").value("error");
      add_text("message", effect.what);
      if (!effect.file.empty()) {
        out_.key("locations").begin_array().begin_object();
        add_location(effect.file, effect.line, 0);
        out_.end_object().end_array();
      }
      out_.end_object();
    }
  }

  const Reported& report_;
  std::string text_;
  JsonWriter out_;
};

}  // namespace

std::string sarif_report(const Reported& report) { return SarifWriter(report).write(); }

}  // namespace vetset
