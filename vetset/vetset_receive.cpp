// receive: the receiver's side of a hand-over. Is it what was sent, by whom, and is it good enough for us; the answer
// is a counter-signature or a list of defects.
#include <algorithm>

#include "vetset/base/day.h"
#include "vetset/base/json.h"
#include "vetset/check/about.h"
#include "vetset/dataset/contract.h"
#include "vetset/package/attestation.h"
#include "vetset/package/key_file.h"
#include "vetset/package/sign.h"
#include "vetset/vetset.h"
#include "vetset/vetset_claims.h"
#include "vetset/vetset_reported.h"

namespace vetset {
namespace {

using Verdict = Verification::Verdict;

constexpr std::string_view receipt_kind = "receipt";
constexpr std::size_t most_of_a_rule = 20;  // places of one rule that a list of defects names

/// Whether what was sent can be looked at further: it is what its manifest says.
bool is_whole(Verdict verdict) { return verdict != Verdict::broken && verdict != Verdict::unsupported; }

/// What a receiver does not take of a verification.
void add_package_defects(const Verification& seen, bool integrity_only, std::vector<Defect>& defects) {
  for (const VerifyLine& line : seen.lines) {
    if (!line.code.starts_with("E_")) continue;
    const bool of_trust = line.level == "L3" || line.level == "L4";
    if (of_trust && integrity_only) continue;
    std::string what = line.words;
    if (!line.expected.empty()) what += (what.empty() ? "" : "; ") + std::string("expected ") + line.expected;
    if (!line.actual.empty()) what += (what.empty() ? "" : ", ") + std::string("found ") + line.actual;
    defects.push_back(
        {.kind = of_trust ? "signature" : "package", .code = line.code, .where = line.where, .what = what});
  }
  const bool trusted = seen.verdict == Verdict::verified || integrity_only;
  if (!is_whole(seen.verdict) || trusted || !defects.empty()) return;
  defects.push_back({.kind = "signature",
                     .code = std::string(name(seen.verdict)),
                     .where = {},
                     .what = "no signature on it is by a key that is trusted here"});
}

/// Findings that the gate does not let through, the gravest first, a few places of each rule.
void add_findings(const Source& source, const CheckReport& report, const CheckOptions& asked,
                  std::vector<Defect>& defects) {
  if (!asked.fail_on) return;
  std::vector<std::pair<std::string_view, std::uint64_t>> seen;
  for (const Finding& finding : report.findings) {
    if (finding.severity < *asked.fail_on) continue;
    if (seen.empty() || seen.back().first != finding.code) seen.emplace_back(finding.code, 0);
    if (++seen.back().second > most_of_a_rule) continue;
    const Place place = place_of(source, finding);
    std::string where = place.file;
    if (place.line != 0) where += ":" + std::to_string(place.line);
    const bool of_contract = finding.code.starts_with("COV2") && std::holds_alternative<std::monostate>(finding.where);
    defects.push_back({.kind = of_contract ? "contract" : "finding",
                       .code = std::string(finding.code),
                       .where = std::move(where),
                       .what = finding.message,
                       .severity = finding.severity});
  }
  for (const auto& [code, count] : seen)
    if (count > most_of_a_rule)
      defects.push_back({.kind = "finding",
                         .code = std::string(code),
                         .where = {},
                         .what = "and " + std::to_string(count - most_of_a_rule) + " more of it"});
}

void write_checked(JsonWriter& out, const CheckReport& report, const std::string& contract_digest) {
  std::uint64_t ran = 0;
  for (const RuleResult& rule : report.rules) ran += rule.not_run.empty();
  out.key("check").begin_object().key("rules").value(ran);
  out.key("fail_on").value(report.fail_on ? name(*report.fail_on) : "never");
  out.key("errors").value(report.errors).key("warnings").value(report.warnings).key("notes").value(report.notes);
  out.key("waived").value(report.waived);
  if (const std::vector<std::string> missing = own_not_run(report); !missing.empty()) {
    out.key("not_run").begin_array();
    for (const std::string& why : missing) out.value(why);
    out.end_array();
  }
  out.end_object();
  if (!report.contract) return;
  const ContractReport& clauses = report.contract->report;
  out.key("contract").begin_object();
  if (!contract_digest.empty()) out.key("sha256").value(contract_digest);
  out.key("passed").value(clauses.passed).key("failed").value(clauses.failed);
  out.key("undecided").value(clauses.undecided).key("waived").value(clauses.waived).end_object();
}

std::string document_of(const Received& r, const std::string& contract_digest, const std::string& day) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-receipt").value(1).key("program").value("vetset " + std::string(version()));
  out.key("on").value(day).key("result").value(r.accepted ? "ACCEPTED" : "REFUSED");
  const Verification& v = r.verification;
  out.key("package").begin_object().key("name").value(v.name).key("version").value(v.version);
  out.key("package_id").value(v.package_id).key("dataset_id").value(v.dataset_id);
  out.key("labels_id").value(v.labels_id).end_object();
  out.key("verification").begin_object().key("verdict").value(name(v.verdict)).key("signers").begin_array();
  for (const std::string& signer : v.signers) out.value(signer);
  out.end_array().end_object();
  if (r.report) write_checked(out, *r.report, contract_digest);
  out.key("defects").begin_array();
  for (const Defect& defect : r.defects) {
    out.begin_object().key("kind").value(defect.kind).key("code").value(defect.code);
    if (!defect.where.empty()) out.key("where").value(defect.where);
    out.key("severity").value(name(defect.severity)).key("what").value(defect.what).end_object();
  }
  out.end_array().end_object();
  return canonical_written(text);
}

}  // namespace

Result<Received> receive(const std::string& path, const ReceiveOptions& options) {
  VerifyOptions asked = options.verify;
  if (asked.today.empty()) asked.today = today();
  asked.common = options.common;
  std::string private_pem, contract_digest;
  if (!options.sign_with.empty()) {
    VETSET_TRY(private_pem, read_private_key(options.sign_with));
  }
  CheckOptions checking = options.check;
  checking.common = options.common;
  if (checking.settings.today.empty()) checking.settings.today = asked.today;
  if (!checking.contract.empty()) {
    VETSET_TRY(const std::unique_ptr<Tree> file, open_file(checking.contract));
    VETSET_TRY(const Bytes bytes, file->read(file->list().front()));
    contract_digest = sha256(bytes).hex();
  }

  Received received;
  VETSET_TRY(received.verification, verify(path, asked));
  add_package_defects(received.verification, options.integrity_only, received.defects);
  if (is_whole(received.verification.verdict)) {
    VETSET_TRY(const OpenedPackage package, open_package(path, options.common));
    VETSET_TRY(received.report, check(package.source, checking));
    add_findings(package.source, *received.report, checking, received.defects);
    if (received.report->contract && received.report->contract->report.undecided > 0)
      received.defects.push_back(
          {.kind = "contract",
           .code = "undecided",
           .where = checking.contract,
           .what = std::to_string(received.report->contract->report.undecided) +
                   " clauses of the contract could not be decided: 'vetset contract check' tells which and why",
           .severity = Severity::warning});
  }
  received.accepted = std::none_of(received.defects.begin(), received.defects.end(), [&](const Defect& defect) {
    return defect.kind == "package" || defect.kind == "signature" || defect.code != "undecided";
  });
  received.document = document_of(received, contract_digest, asked.today);
  if (private_pem.empty() || !received.accepted) return received;
  VETSET_TRY(const Digest subject, parse_digest(received.verification.package_id));
  VETSET_TRY(SignedBundle bundle, sign_statement({.subject_name = "vetset.json",
                                                  .subject = subject,
                                                  .predicate_type = predicate_of(receipt_kind),
                                                  .predicate = received.document},
                                                 private_pem, options.passphrase));
  received.statement = std::move(bundle.json);
  received.key_hint = std::move(bundle.hint);
  return received;
}

Result<std::string> read_receipt(const std::string& bundle, const std::string& package,
                                 const std::vector<std::string>& keys, const Common& common) {
  if (keys.empty()) return Error{Code::usage, "a receipt is somebody's: say whose with --key FILE"};
  VETSET_TRY(const std::vector<PublicKey> known, read_public_keys(keys));
  VETSET_TRY(const std::unique_ptr<Tree> file, open_file(bundle));
  VETSET_TRY(const Bytes bytes, file->read(file->list().front()));
  auto parsed = parse_bundle(bytes);
  if (!parsed) return std::move(parsed).error().in(bundle);
  if (parsed->statement.predicate_type != predicate_of(receipt_kind))
    return Error{Code::malformed,
                 "expected a receipt (" + predicate_of(receipt_kind) + "), found " + parsed->statement.predicate_type,
                 bundle};
  if (signers_of(*parsed, known).empty())
    return Error{Code::untrusted, "is not signed by a key that was given", bundle};
  VETSET_TRY(const Verification seen, verify(package, {.common = common}));
  if (!is_whole(seen.verdict)) return Error{Code::untrusted, "is not what its manifest says", package};
  if (seen.package_id != parsed->statement.subject.text())
    return Error{Code::untrusted,
                 "is of another package: expected " + seen.package_id + ", found " + parsed->statement.subject.text(),
                 bundle};
  return parsed->statement.predicate;
}

}  // namespace vetset
