// What each kind of evidence comes to: the members of its claim, taken from the document alone.
#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/package/evidence.h"

namespace vetset {
namespace {

constexpr std::size_t shown_findings = 10, shown_pairs = 100, shown_files = 100;

/// A value as it is, but for numbers that are not whole: those become their own text, exactly.
void write_exact(JsonWriter& out, const Json& value) {
  switch (value.type()) {
    case JsonType::null: out.null(); return;
    case JsonType::boolean: out.value(value.boolean()); return;
    case JsonType::string: out.value(value.text()); return;
    case JsonType::number: {
      const NumberText number = read_number(value.text());
      if (number.integer && number.fits_int64 && number.whole <= 9007199254740991 && number.whole >= -9007199254740991)
        out.value(number.whole);
      else
        out.value(value.text());
      return;
    }
    case JsonType::array:
      out.begin_array();
      for (const Json& element : value.elements()) write_exact(out, element);
      out.end_array();
      return;
    case JsonType::object:
      out.begin_object();
      for (const auto& [key, member] : value.members()) write_exact((out.key(key), out), member);
      out.end_object();
      return;
  }
}

std::uint64_t whole(const Json& object, std::string_view key) {
  const Json& value = object.at(key);
  return value.type() == JsonType::number && value.number() > 0 ? static_cast<std::uint64_t>(value.number()) : 0;
}

/// Members of an object under their own names; what it has not is null.
void copy(JsonWriter& out, const Json& object, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) write_exact((out.key(key), out), object.at(key));
}

Error unlike(std::string_view kind, std::string_view member) {
  return {Code::malformed, "expected evidence of kind " + std::string(kind) + ": no '" + std::string(member) +
                               "' of a version that this vetset knows"};
}

bool is_version_1(const Json& document, std::string_view member) {
  const Json* version = document.find(member);
  return version != nullptr && version->type() == JsonType::number && version->text() == "1";
}

std::string_view passed(bool yes) { return yes ? "PASSED" : "FAILED"; }

Result<void> write_audit(JsonWriter& out, const Json& document) {
  const Json& check = document.at("check");
  if (!is_version_1(document, "vetset-audit")) return unlike("audit", "vetset-audit");
  if (!is_version_1(check, "vetset-check")) return unlike("audit", "vetset-check");
  copy(out, document, {"asked", "parameters"});
  out.key("checks").begin_array();
  for (const Json& rule : check.at("rules").elements()) {
    if (rule.find("not_run") != nullptr) continue;
    out.begin_object();
    copy(out, rule, {"code", "count", "revision", "severity"});
    out.end_object();
  }
  out.end_array().key("not_run").begin_array();
  for (const Json& rule : check.at("rules").elements()) {
    if (rule.find("not_run") == nullptr) continue;
    out.begin_object();
    copy(out, rule, {"code", "not_run"});
    out.end_object();
  }
  out.end_array();
  copy(out, check, {"counts", "totals", "gate"});
  const auto& findings = check.at("findings").elements();
  out.key("findings").begin_object();
  copy(out, document, {"count", "root"});
  out.key("sample").begin_array();
  for (std::size_t i = 0; i < std::min(findings.size(), shown_findings); ++i) {
    out.begin_object();
    copy(out, findings[i], {"code", "severity", "image", "message", "fingerprint"});
    out.end_object();
  }
  out.end_array().end_object();
  out.key("result").value(passed(!check.at("gate").at("failed").boolean()));
  return {};
}

void write_pair(JsonWriter& out, const Json& cluster) {
  const Json& pair = cluster.at("example");
  out.begin_object().key("first").value(pair.at("first").text_or("path", ""));
  out.key("second").value(pair.at("second").text_or("path", ""));
  copy(out, pair, {"kind", "distance"});
  write_exact((out.key("images"), out), cluster.at("images"));
  out.end_object();
}

Result<void> write_split(JsonWriter& out, const Json& document) {
  const Json& check = document.at("check");
  if (!is_version_1(document, "vetset-split-evidence")) return unlike("split", "vetset-split-evidence");
  if (!is_version_1(check, "vetset-split-check")) return unlike("split", "vetset-split-check");
  copy(out, document, {"rule", "group_by", "groups"});
  out.key("splits").begin_array();
  for (const Json& split : check.at("splits").elements()) {
    out.begin_object();
    copy(out, split, {"name", "images"});
    out.end_object();
  }
  out.end_array();
  copy(out, check, {"images_in_no_split", "crossing", "crossing_cuts"});
  const Json& search = check.at("search");
  const std::uint64_t images = whole(search, "images");
  out.key("detector");
  if (search.text_or("near", "none") == "none") {
    out.null();
  } else {
    out.begin_object().key("id").value("LEA304").key("version");
    out.value(std::string(search.at("fingerprint").text()) + "." + std::string(search.at("confirmation").text()));
    copy(out, search, {"near", "radius", "images"});
    out.end_object();
  }
  out.key("compared_pairs").value(images < 2 ? std::uint64_t{0} : images * (images - 1) / 2);
  copy(out, search, {"links", "root", "set_aside", "images_without_file"});
  const Json& clusters = check.at("clusters");
  out.key("crossing_groups").begin_object();
  copy(out, clusters, {"count"});
  const auto& listed = clusters.at("first").elements();
  out.key("first").begin_array();
  for (std::size_t i = 0; i < std::min(listed.size(), shown_pairs); ++i) write_pair(out, listed[i]);
  out.end_array().end_object();
  out.key("result").value(passed(whole(clusters, "count") == 0));
  return {};
}

void write_side(JsonWriter& out, const Json& side) {
  out.begin_object();
  copy(out, side, {"name", "count", "bytes", "root"});
  if (const Json* files = side.find("files"); files != nullptr && files->elements().size() <= shown_files)
    write_exact((out.key("files"), out), *files);
  out.end_object();
}

Result<void> write_conversion(JsonWriter& out, const Json& proof) {
  if (!is_version_1(proof, "vetset-proof")) return unlike("conversion", "vetset-proof");
  const std::string_view verdict = proof.text_or("verdict", "");
  out.key("converter").begin_object();
  copy(out, proof, {"program", "from", "to", "task", "judge"});
  out.end_object().key("source");
  write_side(out, proof.at("source"));
  out.key("target");
  write_side(out, proof.at("target"));
  out.key("counts").begin_object();
  copy(out, proof, {"before", "after"});
  out.end_object();
  std::uint64_t kept = 0;
  out.key("loss").begin_array();
  for (const Json& line : proof.at("lines").elements()) {
    if (line.text_or("outcome", "") == "kept") {
      ++kept;
      continue;
    }
    out.begin_object().key("class").value(line.text_or("field", ""));
    copy(out, line, {"verb", "outcome", "declared", "count", "of", "largest", "bound", "unit"});
    out.end_object();
  }
  out.end_array().key("fields_kept").value(kept).key("decisions").begin_array();
  for (const Json& decision : proof.at("decisions").elements()) {
    out.begin_object();
    copy(out, decision, {"decision", "policy", "count"});
    out.end_object();
  }
  out.end_array().key("renamed").value(std::uint64_t{proof.at("names").elements().size()});
  out.key("steps");
  if (const Json* steps = proof.find("steps"))
    write_exact(out, *steps);
  else
    out.begin_array().end_array();
  out.key("verdict").value(verdict).key("result").value(passed(verdict == "exact" || verdict == "declared"));
  return {};
}

Result<void> write_lineage(JsonWriter& out, const Json& document) {
  const Json& diff = document.at("diff");
  if (!is_version_1(document, "vetset-lineage")) return unlike("lineage", "vetset-lineage");
  if (!is_version_1(diff, "vetset-diff")) return unlike("lineage", "vetset-diff");
  copy(out, document, {"parents", "operations", "diff_digest"});
  out.key("rows").begin_object();
  copy(out, diff, {"images", "objects"});
  out.key("classes").begin_array();
  for (const Json& change : diff.at("classes").elements()) {
    out.begin_object();
    copy(out, change, {"name", "what", "before", "after", "added", "removed", "changed"});
    out.end_object();
  }
  out.end_array();
  copy(out, diff, {"fields"});
  out.end_object();
  copy(out, diff, {"equal"});
  return {};
}

Result<void> write_evaluation(JsonWriter& out, const Json& document) {
  const Json& record = document.at("record");
  if (!is_version_1(document, "vetset-evaluation-evidence")) return unlike("evaluation", "vetset-evaluation-evidence");
  if (!is_version_1(record, "vetset-evaluation")) return unlike("evaluation", "vetset-evaluation");
  copy(out, document, {"model"});
  copy(out, record, {"metric", "iou_type", "mode", "settings", "truth", "compared", "arrays", "quirks"});
  out.key("evaluator").value(record.text_or("program", ""));
  const Json& predictions = record.at("predictions");
  out.key("predictions").begin_object();
  copy(out, predictions, {"format", "count", "bytes", "root", "records", "left_out"});
  out.end_object().key("matching").begin_object();
  copy(out, record.at("matching"), {"images", "classes", "renamed"});
  out.end_object().key("figures");
  write_exact(out, record.at("lines"));
  return {};
}

}  // namespace

Result<std::string> claim_of(std::string_view kind, std::string_view document) {
  VETSET_TRY(const Json json, Json::parse(document));
  if (json.type() != JsonType::object) return Error{Code::malformed, "expected an object as evidence"};
  using Write = Result<void> (*)(JsonWriter&, const Json&);
  static constexpr std::pair<std::string_view, Write> writers[] = {{"audit", write_audit},
                                                                   {"conversion", write_conversion},
                                                                   {"split", write_split},
                                                                   {"lineage", write_lineage},
                                                                   {"evaluation", write_evaluation}};
  for (const auto& [name, write] : writers) {
    if (name != kind) continue;
    std::string text;
    JsonWriter out(text);
    out.begin_object();
    VETSET_DO(write(out, json));
    out.end_object();
    return canonical_json(text);
  }
  return Error{Code::usage, "no kind of evidence is called '" + std::string(kind) +
                                "', expected audit, conversion, split, lineage or evaluation"};
}

}  // namespace vetset
