// Level 4: does what was said about the package hold together, and does it satisfy the receiver.
#include <algorithm>
#include <map>

#include "vetset/formats/format.h"
#include "vetset/package/evidence.h"
#include "vetset/package/levels.h"
#include "vetset/package/licence_names.h"
#include "vetset/package/listed_tree.h"

namespace vetset {
namespace {

/// A claim that was read, and whose it is.
struct Said {
  std::string_view kind;
  const Attestation* attestation = nullptr;
  EvidenceClaim claim;
};

class Level4 {
 public:
  Level4(const Subject& subject, Ledger& out) : subject_(subject), out_(out) {}

  void take(const Attestation& a) {
    const std::string_view kind = kind_of(a.bundle.statement.predicate_type);
    if (!is_evidence_kind(kind)) return;
    auto claim = parse_evidence(a.bundle.statement.predicate);
    if (!claim) {
      out_.refuse({"L4", "E_PREDICATE", a.path, {}, {}, claim.error().message});
      return;
    }
    Said said{kind, &a, *std::move(claim)};
    if (is_stale(said) || !agrees(said)) return;
    tell(said);
    said_.push_back(std::move(said));
  }

  void require(const RequiredEvidence& wanted) {
    const TrustPolicy& policy = *subject_.request.policy;
    const std::string type = predicate_of(wanted.kind);
    const Said* of_role = nullptr;
    bool there = false;
    for (const Said& said : said_) {
      if (said.kind != wanted.kind) continue;
      there = true;
      const auto& signers = said.attestation->signers;
      const bool by_role = std::any_of(signers.begin(), signers.end(), [&](const std::string& hint) {
        const TrustedKey* key = policy.find(hint);
        return wanted.role.empty() || (key != nullptr && key->has_role(wanted.role));
      });
      if (!by_role) continue;
      of_role = &said;
      if (wanted.result.empty() || said.claim.result == wanted.result) return;  // as wanted
    }
    if (of_role == nullptr) {
      const std::string whose =
          wanted.role.empty() ? "a key that it trusts" : "a key of the role '" + wanted.role + "'";
      out_.refuse(
          {"L4",
           "E_ATTEST_MISSING",
           {},
           type,
           {},
           there ? "there is one, and none is signed by " + whose : "the policy asks for it, signed by " + whose});
      return;
    }
    out_.refuse({"L4", "E_RESULT", of_role->attestation->path, wanted.result, of_role->claim.result,
                 std::string(of_role->kind) + ":v1 has another result than the policy asks for"});
  }

  /// Every image's licence is one of those that the policy allows.
  void check_licences(const std::vector<std::string>& allowed) {
    const auto& [tree, m, package, request, pool, progress] = subject_;
    std::vector<std::string_view> listed;
    for (const ManifestFile& f : m.files)
      if (tree.contains(f.path)) listed.push_back(f.path);
    const Format* format = find_format(m.format);
    if (format == nullptr) {
      out_.v.not_checked.push_back("licences: this vetset does not read the format '" + m.format + "'");
      return;
    }
    const ListedTree files(tree, listed);
    const auto reading = format->read(
        files,
        {.only = {}, .images = nullptr, .limits = {}, .pool = pool, .progress = progress, .probe_images = false});
    if (!reading) {
      out_.v.not_checked.push_back("licences: the labels cannot be read");
      return;
    }
    std::uint64_t said = 0;
    bool good = true;
    for (const NamedLicence& licence : licences_of(reading->dataset)) {
      said += licence.images;
      if (std::find(allowed.begin(), allowed.end(), licence.spdx) != allowed.end() && !licence.spdx.empty()) continue;
      good = false;
      const std::string name = !licence.spdx.empty() ? licence.spdx : licence.name.empty() ? licence.url : licence.name;
      out_.refuse({"L4",
                   "E_LICENSE",
                   name,
                   {},
                   {},
                   std::to_string(licence.images) + " images are under it, and the policy does not allow it"});
    }
    const std::uint64_t images = reading->dataset.images.size();
    if (said < images) {
      good = false;
      out_.refuse({"L4",
                   "E_LICENSE",
                   {},
                   {},
                   {},
                   std::to_string(images - said) + " of " + std::to_string(images) +
                       " images say no licence, and the policy allows only some"});
    }
    if (good) out_.ok("L4", "licences of " + std::to_string(images) + " images are allowed");
  }

 private:
  bool is_stale(const Said& said) {
    const Manifest& m = subject_.manifest;
    const auto refuse = [&](std::string expected, std::string actual, std::string_view what) {
      out_.refuse({"L4", "E_CLAIM_STALE", said.attestation->path, std::move(expected), std::move(actual),
                   std::string(said.kind) + ":v1 is about " + std::string(what)});
      return true;
    };
    if (said.claim.dataset_id != m.dataset_id.text())
      return refuse(m.dataset_id.text(), said.claim.dataset_id, "another version of the data");
    if (said.claim.truth_of && *said.claim.truth_of != m.labels_id.text())
      return refuse(m.labels_id.text(), *said.claim.truth_of, "figures on other labels");
    const Digest& about = said.attestation->bundle.statement.subject;
    if (about != subject_.package)
      return refuse(subject_.package.text(), about.text(), "another package of the same data");
    return false;
  }

  /// The evidence is there, is the one that the claim means, and says what the claim says.
  bool agrees(const Said& said) {
    const EvidenceClaim& claim = said.claim;
    const auto refuse = [&](std::string where, std::string expected, std::string actual, std::string words) {
      out_.refuse({"L4", "E_EVIDENCE_MISMATCH", std::move(where), std::move(expected), std::move(actual),
                   std::string(said.kind) + ":v1: " + words});
      return false;
    };
    std::string document;
    if (claim.document) {
      document = *claim.document;
    } else {
      const auto& files = subject_.manifest.files;
      const auto file =
          std::find_if(files.begin(), files.end(), [&](const ManifestFile& f) { return f.path == claim.path; });
      if (file == files.end()) return refuse(claim.path, {}, {}, "the package does not list its evidence");
      if (file->digest != claim.digest)
        return refuse(claim.path, claim.digest.text(), file->digest.text(),
                      "the package lists another file as its evidence");
      if (file->size > evidence_limit) return refuse(claim.path, {}, {}, "its evidence has more than 64 MiB");
      const auto bytes = subject_.tree.read(claim.path, {.offset = 0, .size = evidence_limit});
      if (!bytes) return refuse(claim.path, {}, {}, to_string(bytes.error()));
      document = bytes->text();
    }
    const std::string& path = claim.path.empty() ? said.attestation->path : claim.path;
    if (const Digest found = sha256(document); found != claim.digest)
      return refuse(path, claim.digest.text(), found.text(), "its evidence has another digest");
    const auto found = claim_of(said.kind, document);
    if (!found) return refuse(path, {}, {}, found.error().message);
    const auto unlike = differences(said.attestation->bundle.statement.predicate, *found);
    for (const ClaimDifference& d : unlike)
      if (d.member == "result")
        return refuse(path, d.claimed, d.found, "it claims a result that its evidence does not have");
    if (!unlike.empty())
      return refuse(path, {}, {}, "its evidence says something else about '" + unlike.front().member + "'");
    return true;
  }

  void tell(const Said& said) {
    const Attestation& a = *said.attestation;
    const std::string words = words_of(said.kind, said.claim);
    if (a.signers.empty()) {
      const std::string hint = a.bundle.hint.empty() ? "(none)" : a.bundle.hint.substr(0, 16) + "…";
      const bool asked = subject_.request.policy != nullptr || !subject_.request.keys.empty();
      out_.v.not_checked.push_back(words + ", says key " + hint +
                                   (asked ? ", which is none of those trusted" : " (give it with --key)"));
      return;
    }
    std::string by;
    for (const std::string& hint : a.signers) {
      by += (by.empty() ? "" : ", ") + hint.substr(0, 16) + "…";
      const TrustPolicy* policy = subject_.request.policy;
      if (const TrustedKey* key = policy == nullptr ? nullptr : policy->find(hint)) by += " \"" + key->name + "\"";
    }
    if (said.claim.result == "FAILED")  // the statement is good, and says that what it is about is not
      out_.warn({"L3", "W_FAILED", a.path, {}, {}, words + " by key " + by});
    else
      out_.ok("L3", words + " by key " + by);
  }

  const Subject& subject_;
  Ledger& out_;
  std::vector<Said> said_;  // that hold together
};

}  // namespace

void check_policy(const Subject& subject, const std::vector<Attestation>& attestations, Ledger& out) {
  Level4 level(subject, out);
  for (const Attestation& a : attestations) level.take(a);
  const TrustPolicy* const policy = subject.request.policy;
  if (policy == nullptr) return;
  for (const RequiredEvidence& wanted : policy->evidence) level.require(wanted);
  if (!policy->licences.empty()) level.check_licences(policy->licences);
}

}  // namespace vetset
