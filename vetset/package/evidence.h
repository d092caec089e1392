// Evidence: a document that says what was found out about a package (its audit, its splits, the conversion that made
// it, what changed since an earlier version, an evaluation on it), and the claim that sums it up, which is signed. A
// claim follows from its document, so whoever has both can tell whether they agree. docs/guide/claims.md.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/base/result.h"

namespace vetset {

/// "audit", "conversion", "split", "lineage", "evaluation".
std::span<const std::string_view> evidence_kinds();
bool is_evidence_kind(std::string_view kind);
/// Where a package keeps the document of a kind: "evidence/audit.json".
std::string evidence_path(std::string_view kind);
/// The most bytes of a document that travels inside its statement.
inline constexpr std::size_t inline_evidence = 1U << 20;
/// The most bytes of one that is read.
inline constexpr std::size_t evidence_limit = 64U << 20;

/// What a document of a kind says, as members of a predicate: a canonical JSON object in which numbers are whole or
/// text. An error where it is no such document.
Result<std::string> claim_of(std::string_view kind, std::string_view document);

/// What a claim is about, and where its document is.
struct EvidenceAbout {
  std::string program;  // "vetset 0.1.0"
  Digest dataset_id, labels_id;
  std::string path = {};  // of the document in the package; empty: it travels inside
};
/// The predicate: the claim, what it is about, the document's digest, how to check it again, what it does not say.
/// Schemas: docs/schema/attestation-<kind>-v1.json.
Result<std::string> evidence_predicate(std::string_view kind, std::string_view document, const EvidenceAbout& about);

/// A predicate taken apart.
struct EvidenceClaim {
  std::string result;                        // "PASSED", "FAILED"; empty: the kind has none
  std::string dataset_id, labels_id;         // "sha256:…"
  std::string path;                          // of the document in the package; empty: it is inside
  Digest digest;                             // of the document
  std::optional<std::string> document;       // where it is inside
  std::optional<std::string> truth_of = {};  // evaluation: labels_id of the data that was evaluated on
};
Result<EvidenceClaim> parse_evidence(std::string_view predicate);

/// A member of `found` (a claim, or some members of one) that a predicate says otherwise, or not at all.
struct ClaimDifference {
  std::string member, claimed, found;  // JSON; `claimed` empty: not said
};
std::vector<ClaimDifference> differences(std::string_view predicate, std::string_view found);

/// "audit:v1 PASSED"
std::string words_of(std::string_view kind, const EvidenceClaim& claim);

}  // namespace vetset
