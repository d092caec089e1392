#include "vetset/package/verify.h"

#include <algorithm>

#include "vetset/package/levels.h"

namespace vetset {

namespace {

/// Whether a path, or a folder ending in '/', is one of the manifest's.
bool names_a_file(const Manifest& m, std::string_view wanted) {
  const auto at = std::lower_bound(m.files.begin(), m.files.end(), wanted,
                                   [](const ManifestFile& f, std::string_view path) { return f.path < path; });
  if (at == m.files.end()) return false;
  return at->path == wanted || (wanted.ends_with('/') && std::string_view(at->path).starts_with(wanted));
}

}  // namespace

std::string_view name(Verification::Verdict verdict) {
  switch (verdict) {
    case Verification::Verdict::intact: return "INTACT";
    case Verification::Verdict::verified: return "VERIFIED";
    case Verification::Verdict::broken: return "BROKEN";
    case Verification::Verdict::untrusted: return "UNTRUSTED";
    case Verification::Verdict::against_policy: return "AGAINST POLICY";
    case Verification::Verdict::partial: return "PARTIAL";
    case Verification::Verdict::unsupported: return "UNSUPPORTED";
  }
  return "BROKEN";
}

Result<Verification> verify_package(const Tree& tree, const VerifyRequest& request, const Pool& pool,
                                    const Progress& progress) {
  const std::optional<FoundManifest> found = find_manifest(tree);
  if (!found)
    return Error{Code::not_found, "found no seal (" + std::string(manifest_path) + "); 'vetset seal' makes one",
                 std::string(tree.name())};
  Ledger out;
  if (const auto* problem = std::get_if<ManifestProblem>(&found->parsed)) {
    out.error({"L0",
               problem->code,
               problem->where.empty() ? std::string(found->path) : problem->where,
               {},
               {},
               problem->words});
    const bool unsupported = problem->code == "E_VERSION" || problem->code == "E_CRITICAL";
    out.v.verdict = unsupported ? Verification::Verdict::unsupported : Verification::Verdict::broken;
    out.v.not_checked.push_back("files, labels and signature: the manifest cannot be relied on");
    return std::move(out.v);
  }
  const Manifest& m = std::get<Manifest>(found->parsed);
  const Digest& package = found->package_id;
  out.v.name = m.name;
  out.v.version = m.version;
  out.v.package_id = package.text();

  for (const std::string& wanted : request.only)
    if (!names_a_file(m, wanted))
      return Error{Code::not_found, "the manifest lists no such file" + std::string(wanted.ends_with('/') ? "s" : ""),
                   wanted};

  const Subject subject{tree, m, package, request, pool, progress};
  const FileSets sets = compare_file_sets(subject, out);
  plan_members(subject, sets, out);
  compare_digests(subject, sets, out);
  if (progress.stopped()) return Error{Code::cancelled, "stopped"};
  if (out.partial) {
    out.v.not_checked.push_back(
        "the other files, and whether the labels say what was sealed: only a part was asked for");
  } else {
    check_images(subject, sets, out);
    compare_identity(subject, sets, out);
    compare_metadata(subject, sets, out);
  }
  const std::vector<Attestation> attestations = check_signatures(subject, out);
  check_policy(subject, attestations, out);
  out.v.not_checked.emplace_back(never_checked);
  std::stable_sort(out.v.lines.begin(), out.v.lines.end(),
                   [](const VerifyLine& a, const VerifyLine& b) { return a.level < b.level; });

  using enum Verification::Verdict;
  out.v.verdict = out.broken               ? broken
                  : out.untrusted          ? untrusted
                  : out.against_policy     ? against_policy
                  : out.partial            ? partial
                  : !out.v.signers.empty() ? verified
                                           : intact;
  return std::move(out.v);
}

}  // namespace vetset
