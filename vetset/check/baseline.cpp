#include "vetset/check/baseline.h"

#include <algorithm>
#include <tuple>

#include "vetset/base/json.h"

namespace vetset {
namespace {

Error malformed(std::string what) {
  return {Code::malformed, std::move(what) + "; 'vetset check --write-baseline' makes one"};
}

void add_text(JsonWriter& out, std::string_view key, std::string_view text) {
  if (!text.empty()) out.key(key).value(text);
}

}  // namespace

std::string to_json(const Baseline& baseline, std::string_view program) {
  std::vector<BaselineEntry> sorted = baseline.findings;
  std::sort(sorted.begin(), sorted.end(), [](const BaselineEntry& a, const BaselineEntry& b) {
    return std::tie(a.code, a.image, a.fingerprint) < std::tie(b.code, b.image, b.fingerprint);
  });
  std::string text = "{\n  \"vetset-baseline\": " + std::to_string(Baseline::version) + ",\n  \"program\": ";
  append_json_string(text, program);
  text += ",\n  \"beyond\": ";
  std::string beyond;
  JsonWriter counts(beyond);
  counts.begin_object();
  for (const auto& [code, count] : baseline.beyond) counts.key(code).value(count);
  counts.end_object();
  text += beyond + ",\n  \"findings\": [";
  for (const BaselineEntry& entry : sorted) {
    text += &entry == &sorted.front() ? "\n    " : ",\n    ";
    std::string line;
    JsonWriter out(line);
    out.begin_object().key("code").value(entry.code);
    add_text(out, "image", entry.image);
    if (!entry.annotation.empty()) out.key("annotation").raw(entry.annotation);
    out.key("fingerprint").value(entry.fingerprint).end_object();
    text += line;
  }
  return text + (sorted.empty() ? "]\n}\n" : "\n  ]\n}\n");
}

Result<Baseline> parse_baseline(std::string_view text) {
  auto parsed = Json::parse(text);
  if (!parsed) return malformed("expected a baseline, found no JSON: " + parsed.error().message);
  const Json* version = parsed->find("vetset-baseline");
  const Json* findings = parsed->find("findings");
  if (version == nullptr || version->type() != JsonType::number)
    return malformed("expected a baseline, found no \"vetset-baseline\" in it");
  if (version->number() != Baseline::version)
    return Error{Code::unsupported, "is a baseline of version " + std::string(version->text()) +
                                        "; this vetset reads version " + std::to_string(Baseline::version)};
  if (findings == nullptr || findings->type() != JsonType::array) return malformed("expected a list \"findings\"");
  Baseline baseline;
  for (const Json& finding : findings->elements()) {
    BaselineEntry entry{std::string(finding.text_or("code", "")),
                        std::string(finding.text_or("fingerprint", "")),
                        std::string(finding.text_or("image", "")),
                        {}};
    if (entry.code.empty() || entry.fingerprint.empty())
      return malformed("finding " + std::to_string(baseline.findings.size() + 1) +
                       " has no \"code\" or no \"fingerprint\"");
    if (const Json* id = finding.find("annotation")) {
      if (id->type() == JsonType::string) append_json_string(entry.annotation, id->text());
      if (id->type() == JsonType::number) entry.annotation = id->text();
    }
    baseline.findings.push_back(std::move(entry));
  }
  if (const Json* beyond = parsed->find("beyond"))
    for (const auto& [code, count] : beyond->members())
      if (count.type() == JsonType::number && count.number() >= 0)
        baseline.beyond.emplace_back(code, static_cast<std::uint64_t>(count.number()));
  return baseline;
}

}  // namespace vetset
