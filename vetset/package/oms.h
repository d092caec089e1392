// OpenSSF Model Signing (OMS v1.0): an in-toto statement that lists every file with its digest, the manifest among
// them, so that `model_signing verify key` checks the package by itself. Its subject is the digest of those digests.
// Source: ossf/model-signing-spec, and model_signing 1.1.1, whose habits decide where the two differ.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "vetset/package/manifest.h"
#include "vetset/package/sign.h"

namespace vetset {

inline constexpr std::string_view oms_predicate = "https://model_signing/signature/v1.0";

/// What model_signing leaves out of every model unless it is told otherwise: a repository's own files at the top. The
/// statement does not list them; the manifest, which it lists, does.
bool is_repository_file(std::string_view path);

/// The statement for the files of a manifest. `litter`: paths and folders that lie beside them, which model_signing
/// shall pass over.
Statement oms_statement(const Manifest& manifest, const Digest& package, std::span<const std::string> litter = {});

/// Where a statement and the manifest differ, with a code of level 3.
struct OmsProblem {
  std::string code, where = {}, expected = {}, actual = {}, words = {};
};
/// Holds a statement to the manifest: the same files with the same digests, and the manifest itself. What lies in the
/// attestation folder, and litter, may be listed or not.
std::optional<OmsProblem> check_oms(const Statement& statement, const Manifest& manifest, const Digest& package);

}  // namespace vetset
