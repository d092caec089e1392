// L5: claims derived again from the package itself, by the same code that anybody can run, and held against what is
// claimed.
#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/check/settings.h"
#include "vetset/package/attestation.h"
#include "vetset/package/levels.h"
#include "vetset/vetset.h"
#include "vetset/vetset_claims.h"

namespace vetset {
namespace {

/// A claim of the package, its evidence, and whose it is.
struct Claimed {
  std::string path, predicate, document, hint;
  Json json;  // the document
};

std::vector<std::string> words_of(const Json& list) {
  std::vector<std::string> words;
  for (const Json& word : list.elements()) words.emplace_back(word.text());
  return words;
}

std::vector<double> numbers_of(const Json& list) {
  std::vector<double> numbers;
  for (const Json& number : list.elements()) numbers.push_back(number.number());
  return numbers;
}

/// Of a claim only these members; or all but these.
enum class Only : std::uint8_t { these, others };
std::string part_of(std::string_view claim, std::initializer_list<std::string_view> members, Only only) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  JsonCursor cursor(claim);
  for (cursor.enter_object(); cursor.next_member();) {
    const std::string key(cursor.key());
    const std::string_view value = cursor.skip();
    const bool named = std::find(members.begin(), members.end(), key) != members.end();
    if (named == (only == Only::these)) out.key(key).raw(value);
  }
  out.end_object();
  return text;
}

std::string shown(const std::string& json) {
  constexpr std::size_t most = 80;
  if (json.size() <= most) return json;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(json[end]) & 0xC0U) == 0x80U) --end;
  return json.substr(0, end) + "…";
}

/// The audit's settings, as its document has them.
Result<CheckOptions> audit_options(const Json& document) {
  CheckOptions options;
  const Json& asked = document.at("asked");
  options.select = words_of(asked.at("select"));
  options.ignore = words_of(asked.at("ignore"));
  options.images = asked.at("images").boolean();
  options.pixels = asked.at("pixels").boolean();
  if (const auto tier = near_tier(asked.text_or("near", ""))) options.near = *tier;
  options.fail_on = std::nullopt;
  for (const Severity severity : {Severity::error, Severity::warning, Severity::note})
    if (name(severity) == asked.text_or("fail_on", "")) options.fail_on = severity;
  for (const auto& [key, value] : document.at("parameters").members()) {
    const Setting* setting = find_setting(key);
    if (setting == nullptr) return Error{Code::unsupported, "this vetset has no setting '" + key + "'"};
    VETSET_DO(set_from_text(options.settings, *setting, value.text()));
  }
  return options;
}

/// The search of splits, as its document has it; the radius is no longer calibrated.
SplitCheckOptions split_options(const Json& document) {
  SplitCheckOptions options{.group_by = words_of(document.at("group_by"))};
  const Json& search = document.at("check").at("search");
  if (const auto tier = near_tier(search.text_or("near", ""))) options.near = tier;
  if (options.near && *options.near != NearTier::none)
    options.radius = static_cast<unsigned>(search.at("radius").number());
  return options;
}

EvaluateOptions evaluate_options(const Json& record) {
  EvaluateOptions options{.split = std::string(record.at("truth").text_or("split", "")), .record = true};
  for (const IouType type : {IouType::bbox, IouType::segm, IouType::keypoints, IouType::boundary})
    if (name(type) == record.text_or("iou_type", "")) options.iou_type = type;
  for (const CocoMode mode : {CocoMode::strict, CocoMode::corrected})
    if (name(mode) == record.text_or("mode", "")) options.mode = mode;
  const Json& settings = record.at("settings");
  options.iou_thresholds = numbers_of(settings.at("iou_thresholds"));
  for (const double number : numbers_of(settings.at("max_detections")))
    options.max_detections.push_back(static_cast<std::uint32_t>(number));
  for (const Json& area : settings.at("areas").elements())
    options.areas.push_back({.name = std::string(area.text_or("name", "")),
                             .low = area.at("low").number(),
                             .high = area.at("high").number()});
  options.use_categories = settings.at("use_categories").boolean();
  if (options.iou_type == IouType::keypoints) options.sigmas = numbers_of(settings.at("sigmas"));
  const Json& matching = record.at("matching");
  options.match_images = matching.text_or("images", "auto");
  options.match_classes = matching.text_or("classes", "auto");
  for (const Json& pair : matching.at("renamed").elements())
    options.classes.emplace_back(pair.text_or("from", ""), pair.text_or("to", ""));
  return options;
}

class Rechecker {
 public:
  Rechecker(const OpenedPackage& package, const RecheckOptions& options, Verification& seen)
      : package_(package), options_(options), seen_(seen) {}

  /// Statements about this very package whose evidence is at hand.
  Result<void> read_claims(const Tree& tree) {
    VETSET_TRY(const std::vector<Attestation> all, read_attestations(tree, package_.manifest.form));
    for (const Attestation& a : all) {
      const Statement& s = a.bundle.statement;
      auto claim = parse_evidence(s.predicate);
      if (!claim || s.subject != package_.package_id || claim->dataset_id != package_.manifest.dataset_id.text())
        continue;  // level 4 speaks of these
      std::string document;
      if (claim->document) {
        document = *std::move(claim->document);
      } else if (const auto bytes = tree.read(claim->path, {.offset = 0, .size = evidence_limit})) {
        document = bytes->text();
      } else {
        continue;
      }
      auto json = Json::parse(document);
      if (!json) continue;
      claims_[std::string(kind_of(s.predicate_type))].push_back(
          {a.path, s.predicate, std::move(document), a.bundle.hint, *std::move(json)});
    }
    return {};
  }

  void run(std::string_view kind) {
    const auto found = claims_.find(kind);
    if (found == claims_.end()) {
      if (kind == "split") return look_for_leaks();
      return not_checked(kind, "the package has no such claim");
    }
    for (const Claimed& claim : found->second) {
      Result<void> done = {};
      if (kind == "audit") done = audit(claim);
      if (kind == "split") done = split(claim);
      if (kind == "conversion") done = conversion(claim);
      if (kind == "lineage") done = lineage(claim);
      if (kind == "evaluation") done = evaluation(claim);
      if (!done) not_checked(kind, to_string(done.error()));
    }
  }

 private:
  void not_checked(std::string_view kind, const std::string& why) {
    seen_.not_checked.push_back(std::string(kind) + ":v1 again: " + why);
  }
  void fail(VerifyLine line) {
    seen_.lines.push_back(std::move(line));
    seen_.verdict = Verification::Verdict::broken;
  }
  void good(std::string_view kind, const Claimed& claim, const std::string& found) {
    const std::string hint = claim.hint.empty() ? "" : ", claimed by key " + claim.hint.substr(0, 16) + "…";
    seen_.lines.push_back({.level = "L5",
                           .code = "OK",
                           .words = std::string(kind) + ":v1 found again: " + sentence_of(kind, found) + hint});
  }
  /// Holds what was found (of it `compared`) against the claim.
  void judge(std::string_view kind, const Claimed& claim, const std::string& found, const std::string& compared) {
    const std::vector<ClaimDifference> unlike = differences(claim.predicate, compared);
    if (unlike.empty()) return good(kind, claim, found);
    for (const ClaimDifference& d : unlike)
      fail({"L5", "E_CLAIM", claim.path, shown(d.claimed), shown(d.found),
            std::string(kind) + ":v1 says something else about '" + d.member + "' than was found now"});
  }

  Result<void> audit(const Claimed& claim) {
    VETSET_TRY(CheckOptions asked, audit_options(claim.json));
    asked.scan = options_.scan;
    VETSET_TRY(const std::string document, audit_document(package_.source, asked, options_.common));
    VETSET_TRY(const std::string found, claim_of("audit", document));
    judge("audit", claim, found, found);
    return {};
  }

  Result<void> split(const Claimed& claim) {
    SplitCheckOptions asked = split_options(claim.json);
    asked.scan = options_.scan;
    VETSET_TRY(const std::string document, split_document(package_.source, asked, nullptr, options_.common));
    VETSET_TRY(const std::string found, claim_of("split", document));
    const bool told = claim.json.at("check").find("holds") != nullptr && !claim.json.at("check").at("holds").boolean();
    VETSET_DO(tell_leaks(document, told));
    judge("split", claim, found, part_of(found, {"rule"}, Only::others));  // how they were made is no finding
    return {};
  }

  /// Nobody claims anything about the splits; whether they leak can be asked all the same.
  void look_for_leaks() {
    const auto found = [&]() -> Result<std::string> {
      VETSET_TRY(const std::string document,
                 split_document(package_.source, {.scan = options_.scan}, nullptr, options_.common));
      VETSET_DO(tell_leaks(document, false));
      return claim_of("split", document);
    }();
    if (!found) return not_checked("split", to_string(found.error()));
    seen_.lines.push_back({.level = "L5",
                           .code = "OK",
                           .words = "the package has no split:v1; looked now: " + sentence_of("split", *found)});
    if ((*Json::parse(*found)).at("result").text() != "PASSED") seen_.lines.pop_back();
  }

  /// One line a group of images that crosses splits; no error where the claim says so itself.
  Result<void> tell_leaks(const std::string& document, bool told) {
    VETSET_TRY(const Json json, Json::parse(document));
    for (std::string& what : seen_.not_checked)
      if (what == never_checked)
        what = "whether the labels are right, and near-duplicates that this search does not reach";
    const Json& check = json.at("check");
    const std::string radius(check.at("search").at("radius").text());
    for (const Json& cluster : check.at("clusters").at("first").elements()) {
      const Json& pair = cluster.at("example");
      const std::string_view kind = pair.text_or("kind", "");
      const Json& distance = pair.at("distance");
      const bool exact = kind == "bytes" || kind == "pixels";
      std::string how(exact ? "exact" : kind);
      if (!exact && distance.type() == JsonType::number) how += " d=" + std::string(distance.text()) + "≤" + radius;
      const Json &first = pair.at("first"), &second = pair.at("second");
      VerifyLine line{
          "L5",
          told ? "W_LEAK" : "E_LEAK",
          how + " " + std::string(first.text_or("path", "")) + "~" + std::string(second.text_or("path", "")),
          {},
          {},
          std::string(first.text_or("split", "")) + " and " + std::string(second.text_or("split", "")) +
              (told ? ", as claimed" : "")};
      if (told)
        seen_.lines.push_back(std::move(line));
      else
        fail(std::move(line));
    }
    return {};
  }

  Result<void> conversion(const Claimed& claim) {
    if (options_.source.empty()) {
      not_checked("conversion", "give what was converted with --source DIR");
      return {};
    }
    if (claim.json.find("steps") != nullptr) {
      not_checked("conversion", "steps were done before it (fix, transform …); lineage:v1 says what they changed");
      return {};
    }
    std::string accept;
    for (const Json& decision : claim.json.at("decisions").elements())
      accept += (accept.empty() ? "" : ",") + std::string(decision.text_or("decision", "")) + "=" +
                std::string(decision.text_or("policy", ""));
    VETSET_TRY(const Source source, open(options_.source, {.common = options_.common}));
    VETSET_TRY(const Conversion again, convert(source, {},
                                               {.to = std::string(claim.json.text_or("to", "")),
                                                .task = std::string(claim.json.text_or("task", "")),
                                                .accept = accept,
                                                .dry_run = true,
                                                .common = options_.common}));
    const std::string document = to_json(again.proof);
    VETSET_TRY(const std::string found, claim_of("conversion", document));
    VETSET_TRY(const Json now, Json::parse(document));
    const auto root = [](const Json& proof) { return std::string(proof.at("source").text_or("root", "")); };
    if (root(now) != root(claim.json))
      fail({"L5", "E_CLAIM", claim.path, root(claim.json), root(now),
            "conversion:v1 was made from other files than " + std::string(base_name(options_.source)) + " has"});
    judge("conversion", claim, found,
          part_of(found, {"counts", "loss", "fields_kept", "decisions", "verdict", "result"}, Only::these));
    return {};
  }

  Result<void> lineage(const Claimed& claim) {
    if (options_.earlier.empty()) {
      not_checked("lineage", "give the version that it came from with --earlier");
      return {};
    }
    VETSET_TRY(const std::string document, lineage_document(package_.source, options_.earlier, {}, options_.common));
    VETSET_TRY(const std::string found, claim_of("lineage", document));
    VETSET_TRY(const Json now, Json::parse(document));
    const auto parent = [](const Json& of) {
      const auto& parents = of.at("parents").elements();
      return parents.empty() ? std::string() : std::string(parents.front().text_or("labels_id", ""));
    };
    if (parent(now) != parent(claim.json))
      fail({"L5", "E_CLAIM", claim.path, parent(claim.json), parent(now), "lineage:v1 names another parent"});
    judge("lineage", claim, found, part_of(found, {"rows", "equal", "diff_digest"}, Only::these));
    return {};
  }

  Result<void> evaluation(const Claimed& claim) {
    if (options_.predictions.empty()) {
      not_checked("evaluation", "give the predictions with --predictions FILE");
      return {};
    }
    const Json& record = claim.json.at("record");
    EvaluateOptions asked = evaluate_options(record);
    asked.common = options_.common;
    VETSET_TRY(Predictions predictions,
               read_predictions(options_.predictions, {.common = options_.common}, &package_.source));
    VETSET_TRY(const Evaluation again, evaluate(package_.source, std::move(predictions), asked));
    VETSET_TRY(const std::string document, evaluation_document(again.record, {}));
    VETSET_TRY(const std::string found, claim_of("evaluation", document));
    judge("evaluation", claim, found,
          part_of(found, {"metric", "iou_type", "mode", "settings", "compared", "arrays", "figures"}, Only::these));
    return {};
  }

  const OpenedPackage& package_;
  const RecheckOptions& options_;
  Verification& seen_;
  std::map<std::string, std::vector<Claimed>, std::less<>> claims_;
};

}  // namespace

Result<void> recheck(const std::string& path, const RecheckOptions& options, Verification& seen) {
  VETSET_TRY(const std::vector<std::string_view> kinds, claim_kinds(options.claims));
  using enum Verification::Verdict;
  if (seen.verdict == broken || seen.verdict == unsupported) {
    if (!kinds.empty()) seen.not_checked.push_back("claims again: the package is not what its manifest says");
    return {};
  }
  VETSET_TRY(const OpenedPackage package, open_package(path, options.common));
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_tree(path, {.limits = options.common.limits}));
  Rechecker rechecker(package, options, seen);
  VETSET_DO(rechecker.read_claims(*tree));
  for (const std::string_view kind : kinds) rechecker.run(kind);
  return {};
}

}  // namespace vetset
