#include "vetset/package/evidence.h"

#include <algorithm>
#include <map>

#include "vetset/base/json.h"

namespace vetset {
namespace {

constexpr std::string_view kinds[] = {"audit", "conversion", "split", "lineage", "evaluation"};

struct About {
  std::string_view kind;
  std::vector<std::string_view> recheck, does_not_say;
};

const About& about_kind(std::string_view kind) {
  static const About all[] = {
      {"audit",
       {"vetset verify PACKAGE --recheck audit", "vetset check PACKAGE --json"},
       {"that the labels are right: an absence of findings is no absence of errors",
        "anything of what the listed checks do not look at"}},
      {"conversion",
       {"vetset verify PACKAGE --recheck conversion --source SOURCE", "vetset convert SOURCE --to FORMAT --dry-run"},
       {"that the source was right", "anything of losses in conversions before this one"}},
      {"split",
       {"vetset verify PACKAGE --recheck split", "vetset split PACKAGE --check"},
       {"that no scene, object or person is in two splits: what the detector and its radius do not reach was not found",
        "that keys which nobody named (patient, place, device) are kept apart"}},
      {"lineage",
       {"vetset verify PACKAGE --recheck lineage --earlier EARLIER", "vetset diff EARLIER PACKAGE"},
       {"that the changes are right, or who made them"}},
      {"evaluation",
       {"vetset verify PACKAGE --recheck evaluation --predictions FILE"},
       {"that the model gave these predictions: it was not run again",
        "how it does on other data, or that it has not seen these images in training"}},
  };
  for (const About& about : all)
    if (about.kind == kind) return about;
  return all[0];
}

/// The members of an object as they stand in its text.
std::map<std::string, std::string> members_of(std::string_view object) {
  std::map<std::string, std::string> members;
  JsonCursor cursor(object);
  for (cursor.enter_object(); cursor.next_member();) {
    std::string key(cursor.key());
    members[std::move(key)] = cursor.skip();
  }
  return members;
}

}  // namespace

std::span<const std::string_view> evidence_kinds() { return kinds; }

bool is_evidence_kind(std::string_view kind) {
  return std::find(std::begin(kinds), std::end(kinds), kind) != std::end(kinds);
}

std::string evidence_path(std::string_view kind) { return "evidence/" + std::string(kind) + ".json"; }

Result<std::string> evidence_predicate(std::string_view kind, std::string_view document, const EvidenceAbout& about) {
  VETSET_TRY(const std::string claim, claim_of(kind, document));
  const About& known = about_kind(kind);
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  for (const auto& [key, value] : members_of(claim)) out.key(key).raw(value);
  out.key("program").value(about.program);
  out.key("dataset_id").value(about.dataset_id.text()).key("labels_id").value(about.labels_id.text());
  out.key("evidence").begin_object().key("sha256").value(sha256(document).hex());
  out.key("size").value(std::uint64_t{document.size()});
  if (about.path.empty())
    out.key("text").value(document);
  else
    out.key("path").value(about.path);
  out.end_object().key("recheck").begin_array();
  for (const std::string_view command : known.recheck) out.value(command);
  out.end_array().key("does_not_say").begin_array();
  for (const std::string_view limit : known.does_not_say) out.value(limit);
  out.end_array().end_object();
  return canonical_written(text);
}

Result<EvidenceClaim> parse_evidence(std::string_view predicate) {
  VETSET_TRY(const Json json, Json::parse(predicate));
  const Json* evidence = json.find("evidence");
  if (evidence == nullptr || evidence->type() != JsonType::object)
    return Error{Code::malformed, "expected an object 'evidence' in the predicate"};
  EvidenceClaim claim{.result = std::string(json.text_or("result", "")),
                      .dataset_id = std::string(json.text_or("dataset_id", "")),
                      .labels_id = std::string(json.text_or("labels_id", "")),
                      .path = std::string(evidence->text_or("path", "")),
                      .digest = {},
                      .document = {}};
  auto digest = parse_digest(evidence->text_or("sha256", ""));
  if (!digest) return Error{Code::malformed, "expected the evidence's sha256 in the predicate"};
  claim.digest = *digest;
  if (const Json* text = evidence->find("text"); text != nullptr && text->type() == JsonType::string)
    claim.document = std::string(text->text());
  if (claim.path.empty() == !claim.document.has_value())
    return Error{Code::malformed, "expected either a path or the text of the evidence in the predicate"};
  if (const Json* truth = json.find("truth"); truth != nullptr && truth->find("labels_id") != nullptr)
    claim.truth_of = std::string(truth->text_or("labels_id", ""));
  return claim;
}

std::vector<ClaimDifference> differences(std::string_view predicate, std::string_view found) {
  const auto claimed = members_of(predicate);
  std::vector<ClaimDifference> unlike;
  for (const auto& [member, value] : members_of(found)) {
    const auto said = claimed.find(member);
    if (said == claimed.end() || said->second != value)
      unlike.push_back({member, said == claimed.end() ? std::string() : said->second, value});
  }
  return unlike;
}

std::string words_of(std::string_view kind, const EvidenceClaim& claim) {
  return std::string(kind) + ":v1" + (claim.result.empty() ? "" : " " + claim.result);
}

}  // namespace vetset
