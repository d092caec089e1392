#include "vetset/package/evidence.h"

#include <doctest/doctest.h>

#include "vetset/base/json.h"
#include "vetset/package/attestation.h"
#include "vetset/package/levels.h"

using namespace vetset;

namespace {

/// The smallest documents of two kinds that a claim follows from.
std::string audit(bool failed) {
  return std::string(
             R"({"asked":{},"check":{"counts":{"images":2},"findings":[],"gate":{"fail_on":"error","failed":)") +
         (failed ? "true" : "false") +
         R"(},"rules":[{"code":"LBL101","count":3,"revision":1,"severity":"error"},)"
         R"({"code":"IMG501","count":0,"not_run":"needs pixels","revision":1,"severity":"note"}],)"
         R"("totals":{"errors":3},"vetset-check":1},"count":3,"parameters":{"drift-px":"0.5"},"root":"sha256:00",)"
         R"("vetset-audit":1})";
}
std::string evaluation(std::string_view value) {
  return R"({"model":null,"record":{"lines":[{"metric":"AP","value":)" + std::string(value) +
         R"(}],"vetset-evaluation":1},"vetset-evaluation-evidence":1})";
}

Manifest manifest() {
  Manifest m;
  m.form = Form::directory;
  m.dataset_id = sha256("data");
  m.labels_id = sha256("labels");
  return m;
}

EvidenceAbout about(const Manifest& m, std::string path = {}) {
  return {.program = "vetset test", .dataset_id = m.dataset_id, .labels_id = m.labels_id, .path = std::move(path)};
}

/// What level 4 says of one statement.
Verification level4(const Manifest& m, std::string kind, std::string predicate, const Digest& subject,
                    const MemoryTree& tree = {}) {
  Attestation a{.path = "attest/x.sigstore.json", .bundle = {}, .signers = {std::string(64, 'a')}};
  a.bundle.statement = {.subject_name = "vetset.json",
                        .subject = subject,
                        .predicate_type = predicate_of(kind),
                        .predicate = std::move(predicate)};
  const VerifyRequest request;
  const Pool pool(1);
  const Progress progress;
  Ledger out;
  check_policy({tree, m, sha256("manifest"), request, pool, progress}, {a}, out);
  return std::move(out.v);
}

}  // namespace

TEST_CASE("a claim says of an audit what ran, what was found and whether it passed") {
  const auto claim = claim_of("audit", audit(false));
  REQUIRE(claim);
  const auto json = Json::parse(*claim);
  REQUIRE(json);
  CHECK(json->text_or("result", "") == "PASSED");
  REQUIRE(json->find("checks")->elements().size() == 1);
  CHECK(json->find("checks")->elements()[0].text_or("code", "") == "LBL101");
  REQUIRE(json->find("not_run")->elements().size() == 1);
  CHECK(Json::parse(*claim_of("audit", audit(true)))->text_or("result", "") == "FAILED");
  CHECK(*canonical_json(*claim) == *claim);
}

TEST_CASE("figures are text that reads back as the same double, whole numbers are numbers") {
  const auto claim = claim_of("evaluation", evaluation("0.30000000000000004"));
  REQUIRE(claim);
  CHECK(claim->find(R"("value":"0.30000000000000004")") != std::string::npos);
  CHECK(claim_of("evaluation", evaluation("1"))->find(R"("value":1)") != std::string::npos);
  CHECK(claim_of("evaluation", evaluation("9007199254740993"))->find(R"("value":"9007199254740993")") !=
        std::string::npos);
}

TEST_CASE("a document of another kind or of a later version is no evidence") {
  CHECK_FALSE(claim_of("split", audit(false)));
  CHECK_FALSE(claim_of("magic", audit(false)));
  CHECK_FALSE(claim_of("audit", "[]"));
  CHECK_FALSE(claim_of("audit", "no JSON"));
  std::string later = audit(false);
  later.replace(later.find(R"("vetset-audit":1)"), 16, R"("vetset-audit":2)");
  CHECK_FALSE(claim_of("audit", later));
}

TEST_CASE("a predicate holds the document or its path, and its digest") {
  const Manifest m = manifest();
  const std::string document = audit(false);
  const auto inside = parse_evidence(*evidence_predicate("audit", document, about(m)));
  REQUIRE(inside);
  CHECK(inside->document == document);
  CHECK(inside->digest == sha256(document));
  CHECK(inside->dataset_id == m.dataset_id.text());
  const auto listed = parse_evidence(*evidence_predicate("audit", document, about(m, "evidence/audit.json")));
  REQUIRE(listed);
  CHECK(listed->path == "evidence/audit.json");
  CHECK_FALSE(listed->document);
  CHECK_FALSE(parse_evidence("{}"));
  CHECK_FALSE(parse_evidence(R"({"evidence":{"sha256":"00"}})"));
}

TEST_CASE("level 4 believes a claim that its evidence bears out") {
  const Manifest m = manifest();
  const Verification v = level4(m, "audit", *evidence_predicate("audit", audit(false), about(m)), sha256("manifest"));
  REQUIRE(v.lines.size() == 1);
  CHECK(v.lines[0].code == "OK");
  CHECK(v.lines[0].words.find("audit:v1 PASSED by key aaaa") == 0);
}

TEST_CASE("level 4 catches a result that the evidence does not have") {
  const Manifest m = manifest();
  std::string predicate = *evidence_predicate("audit", audit(true), about(m));
  predicate.replace(predicate.find("FAILED"), 6, "PASSED");
  const Verification v = level4(m, "audit", predicate, sha256("manifest"));
  REQUIRE(v.lines.size() == 1);
  CHECK(v.lines[0].code == "E_EVIDENCE_MISMATCH");
  CHECK(v.lines[0].expected == "\"PASSED\"");
  CHECK(v.lines[0].actual == "\"FAILED\"");
}

TEST_CASE("level 4 catches evidence that is not listed, or is another file") {
  Manifest m = manifest();
  const std::string document = audit(false);
  const std::string predicate = *evidence_predicate("audit", document, about(m, "evidence/audit.json"));
  CHECK(level4(m, "audit", predicate, sha256("manifest")).lines.at(0).code == "E_EVIDENCE_MISMATCH");
  m.files = {{"evidence/audit.json", 5, sha256("other"), Role::evidence}};
  CHECK(level4(m, "audit", predicate, sha256("manifest")).lines.at(0).code == "E_EVIDENCE_MISMATCH");
  m.files[0].digest = sha256(document);
  const MemoryTree tree{{"evidence/audit.json", document}};
  CHECK(level4(m, "audit", predicate, sha256("manifest"), tree).lines.at(0).code == "OK");
}

TEST_CASE("a claim about other data, other labels or another package is stale") {
  const Manifest m = manifest();
  Manifest older = m;
  older.dataset_id = sha256("older");
  const auto code = [&](const std::string& kind, const std::string& predicate, const Digest& subject) {
    return level4(m, kind, predicate, subject).lines.at(0).code;
  };
  CHECK(code("audit", *evidence_predicate("audit", audit(false), about(older)), sha256("manifest")) == "E_CLAIM_STALE");
  CHECK(code("audit", *evidence_predicate("audit", audit(false), about(m)), sha256("older")) == "E_CLAIM_STALE");
  std::string record = evaluation("1");
  record.insert(record.find(R"("vetset-evaluation")"), R"("truth":{"labels_id":"sha256:11"},)");
  CHECK(code("evaluation", *evidence_predicate("evaluation", record, about(m)), sha256("manifest")) == "E_CLAIM_STALE");
}

TEST_CASE("bytes that are no predicate of evidence are an error with a place, not a crash") {
  const Manifest m = manifest();
  for (const std::string& predicate : {std::string("{}"), std::string("[]"), std::string("7"),
                                       std::string(R"({"evidence":{"path":"x","sha256":"zz"}})")}) {
    CAPTURE(predicate);
    CHECK(level4(m, "audit", predicate, sha256("manifest")).lines.at(0).code == "E_PREDICATE");
  }
}

TEST_CASE("statements of ours are read from the folder, and nothing else is") {
  const auto key = make_key("");
  REQUIRE(key);
  const auto made = sign_statement({.subject_name = "vetset.json",
                                    .subject = sha256("manifest"),
                                    .predicate_type = predicate_of("audit"),
                                    .predicate = "{}"},
                                   key->private_pem, "");
  REQUIRE(made);
  const MemoryTree tree{
      {"attest/a.sigstore.json", made->json}, {"attest/b.txt", "hello"}, {"tables/x.parquet", "PAR1"}};
  const auto found = read_attestations(tree, Form::directory);
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK((*found)[0].path == "attest/a.sigstore.json");
  CHECK(kind_of((*found)[0].bundle.statement.predicate_type) == "audit");
  CHECK(read_attestations(tree, Form::sealed)->empty());
}
