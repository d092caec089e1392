// The levels of a verification, each in a file of its own: what they add to, and what one leaves for the next.
// docs/package-format.md has the levels and their codes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/tree.h"
#include "vetset/package/attestation.h"
#include "vetset/package/manifest.h"
#include "vetset/package/shard_members.h"
#include "vetset/package/verify.h"

namespace vetset {

/// What no verification says anything of.
inline constexpr std::string_view never_checked =
    "whether the labels are right, and whether near-duplicates cross the splits";

/// What every level adds to.
struct Ledger {
  Verification v;
  bool broken = false, untrusted = false, against_policy = false;
  bool partial = false;  // some files were not looked at, because that was asked for
  ShardMembers members;  // planned before level 1, held to their digests there, told at level 2

  void ok(std::string level, std::string words) {
    v.lines.push_back({.level = std::move(level), .code = "OK", .words = std::move(words)});
  }
  void error(VerifyLine line) {
    broken = true;
    v.lines.push_back(std::move(line));
  }
  void warn(VerifyLine line) { v.lines.push_back(std::move(line)); }
  void distrust(VerifyLine line) {
    untrusted = true;
    v.lines.push_back(std::move(line));
  }
  void refuse(VerifyLine line) {
    against_policy = true;
    v.lines.push_back(std::move(line));
  }
};

/// What every level looks at.
struct Subject {
  const Tree& tree;
  const Manifest& manifest;
  Digest package;  // SHA-256 of the manifest's bytes
  const VerifyRequest& request;
  const Pool& pool;
  const Progress& progress;
};

struct FileSets {
  std::vector<std::string_view> listed;   // of the manifest that are there
  std::vector<std::size_t> listed_index;  // their numbers in the manifest
  std::vector<const ManifestFile*> missing;
  std::vector<std::string_view> extra;  // unlisted, by no known tool
};

/// L0 (verify_files.cpp): the set of files is the manifest's, and their sizes are.
FileSets compare_file_sets(const Subject& subject, Ledger& out);
/// L1 (verify_files.cpp): digests. A missing file whose bytes stand under another name was renamed; two that changed
/// places were swapped.
void compare_digests(const Subject& subject, const FileSets& sets, Ledger& out);
/// L1 (verify_files.cpp), where it is asked for: images whose headers ask for too much, or that bytes follow.
void check_images(const Subject& subject, const FileSets& sets, Ledger& out);
/// Before L1 (verify_tables.cpp): where the images of samples lie in shards, so that level 1 reads each shard once for
/// both levels.
void plan_members(const Subject& subject, const FileSets& sets, Ledger& out);
/// L2 (verify_tables.cpp): the labels, read again from the listed files alone, have the identity that the manifest
/// states.
void compare_identity(const Subject& subject, const FileSets& sets, Ledger& out);
/// L2 (verify_metadata.cpp): Croissant metadata speaks of the files that the manifest lists. A warning where not.
void compare_metadata(const Subject& subject, const FileSets& sets, Ledger& out);
/// L3 (verify_trust.cpp): every attestation is a bundle about this very manifest, and trusted keys signed it. Gives the
/// attestations with the trusted keys that signed them. Of evidence (kinds other than "package") also what no trusted
/// key signed, without signers, and what is about another manifest: level 4 speaks of these.
std::vector<Attestation> check_signatures(const Subject& subject, Ledger& out);
/// L4 (verify_policy.cpp): what the policy wants to be there is there, signed by whom it wants, and says what it wants.
void check_policy(const Subject& subject, const std::vector<Attestation>& attestations, Ledger& out);

}  // namespace vetset
