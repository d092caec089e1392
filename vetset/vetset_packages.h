// What is done with packages and sealed folders: made, verified, signed, said things about, handed over. The other half
// of the façade; include vetset.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/package/verify.h"
#include "vetset/vetset_datasets.h"

namespace vetset {

/// How claims about a package are found out, each kind by what it needs.
struct ClaimOptions {
  CheckOptions audit = {};              // select, ignore, images, pixels, near, scan, fail_on, settings are heeded
  SplitCheckOptions split = {};         // lock, group_by, near, radius, scan are heeded
  std::string proof = {};               // conversion: the proof's file; `pack` has its own
  std::string earlier = {};             // lineage: the dataset or package that this one came from
  std::vector<std::string> steps = {};  // lineage: documents of what was done to it (fix, split, transform, dedup …)
  std::string record = {};              // evaluation: what `vetset evaluate -o` wrote
  std::string model = {};               // evaluation: the model's file, for its digest
};
/// A claim that was made: of which kind, what it came to, and where it is.
struct ClaimMade {
  std::string kind, result;            // "audit", "PASSED"; no result: the kind has none
  std::string document = {};           // path of the evidence in the package; empty: inside the statement
  std::string statement = {};          // path of the signed statement; empty: not signed
  std::uint64_t bytes = 0;             // of the evidence
  std::vector<std::string> says = {};  // a sentence or two
};

/// Makes the folder that people train on the package itself: `.vetset/` gets the manifest of every file, the identities
/// and, with a key, a signature. Nothing else is touched. Sealing again replaces the seal.
struct SealOptions {
  std::string key = {};                    // PEM file of a P-256 private key; empty: not signed
  std::string passphrase = {};             // of an encrypted key
  std::string name = {}, version = {};     // of the package; empty: the folder's name, "0.1.0"
  std::string from = {};                   // format id; empty: detect
  bool tables = true;                      // the labels as Parquet too, and as authored, so that `restore` has them
  std::vector<std::string> parents = {};   // packages and sealed folders that this one was made from
  std::optional<std::int64_t> epoch = {};  // seconds since 1970 that the manifest states; nothing: it states no time
  std::string answers = {};                // card.toml: what only people know; goes into `.vetset/`
  /// Kinds of evidence that are made and listed: "audit", "split", "lineage". With a key each is signed.
  std::vector<std::string> evidence = {};
  ClaimOptions claims = {};
  Common common = {};
};
struct SealReport {
  std::string package_id, dataset_id, labels_id;  // "sha256:…"
  std::uint64_t files = 0, bytes = 0;             // of the dataset
  std::uint64_t added = 0, added_bytes = 0;       // that the seal adds to them and lists: tables, metadata
  std::string format = {};
  Counts counts = {};
  std::string key_hint = {};  // SHA-256 of the public key; empty: not signed
  std::vector<ClaimMade> claims = {};
  std::vector<std::string> warnings = {};
};
Result<SealReport> seal(const std::string& folder, const SealOptions& options = {});

/// Puts a sealed folder back as it was sealed: label files from the seal's own tables, all else by its digest from
/// packages and copies. Files are replaced one by one, each whole or not at all; nothing that the seal does not list is
/// touched, but for what known trainers left behind, if asked.
struct RestoreOptions {
  std::vector<std::string> from = {};  // folders, archives, packages, sealed folders; asked in this order
  bool dry_run = false;                // says what would be done
  bool clean = false;                  // removes what known tools left behind
  Common common = {};
};
/// A file that is not as sealed.
struct RestoredFile {
  std::string path, what;    // "missing", "changed", "no file"
  std::string source = {};   // where it was found: "its tables", "the folder itself", a path of `from`; empty: nowhere
  std::string sha256 = {};   // that it should have
  std::string trouble = {};  // why it was not put back; empty: it was, or would be
};
struct RestoreReport {
  std::string package_id, name, version;
  std::uint64_t files = 0, as_sealed = 0, put_back = 0;          // listed; of these already right; put back
  std::vector<RestoredFile> changed;                             // by path
  std::vector<std::string> extra = {};                           // what the seal does not list; left alone
  std::vector<std::pair<std::string, std::string>> litter = {};  // path, maker; removed where that was asked
  bool whole = false;                                            // now all is as sealed, and nothing is beside it
};
Result<RestoreReport> restore(const std::string& folder, const RestoreOptions& options = {});

/// Makes a package: the labels as Parquet tables, the images as files or shards, a manifest of every file, and with a
/// key a signature. Written, read back and proved as any conversion is.
struct PackOptions {
  std::string layout = "auto";  // "files", "shards", "external" (labels only); "auto": shards from 10,000 images on
  bool single_file = false;     // one uncompressed tar, the manifest first
  std::string key = {}, passphrase = {};  // as SealOptions
  std::string name = {}, version = {};
  std::vector<std::string> parents = {};  // as SealOptions
  std::optional<std::int64_t> epoch = {};
  bool overwrite = false;
  /// Kinds of evidence that are made and listed: "audit", "split", "conversion", "lineage". With a key each is signed.
  std::vector<std::string> evidence = {};
  ClaimOptions claims = {};
  std::string answers = {};  // card.toml: what only people know; goes into the package
  Common common = {};
};
struct Packed {
  Conversion conversion;  // with the proof; nothing was published where its verdict is `undeclared`
  SealReport seal;
  std::string layout;  // that was chosen
};
Result<Packed> pack(const Source& source, const std::string& target, const PackOptions& options = {});
/// The format that a package was made from, which `convert` of it writes back as it was: label files to the byte where
/// they are text. An error where the source is no package, or was made from no format.
Result<std::string> packed_format(const Source& package);

struct VerifyOptions {
  std::vector<std::string> keys = {};         // PEM files of public keys that are trusted
  std::string policy = {};                    // a signed trust policy, whose keys are trusted (docs/guide/trust.md)
  std::vector<std::string> policy_keys = {};  // PEM files of the keys that may have signed the policy
  std::string allowed_signers = {};           // a file of ssh-keygen's: whose SSH signatures are trusted
  std::string revoked_keys = {};              // with it: a revocation list of ssh-keygen's, or public keys a line
  std::string today = {};                     // "2026-11-22"; empty: the machine's
  std::vector<std::string> only = {};         // as VerifyRequest
  double share = 1;                           // as VerifyRequest
  bool strict = false;                        // hard links, image bombs and bytes behind images are errors
  std::string against = {};                   // an earlier copy or version: tells which records differ
  Common common = {};
};
/// A sealed folder or a package. No key: at best INTACT. Fails only where it cannot be looked at.
Result<Verification> verify(const std::string& path, const VerifyOptions& options = {});

/// What data tell of people and places without being asked: metadata of image files (EXIF, XMP, IPTC, comments), and
/// names, paths and addresses in what the labels say. Looks at no pixels.
struct PrivacyOptions {
  bool images = true;  // look into the image files
  Common common = {};
};
struct PrivateThing {
  std::string_view kind;  // "place", "device", "person", "thumbnail", "address", "user path"
  std::string file;       // that it stands in, in the tree; empty: in the labels
  std::string where;      // "EXIF GPSLatitude", "annotation residue \"annotator\""
  std::string value;      // as it stands there, cut where long
  std::uint64_t count = 1;
  bool removable = false;  // by `strip_metadata`
};
struct PrivacyReport {
  std::vector<PrivateThing> things;  // by kind, file, where
  struct Kind {
    std::string_view kind;
    std::uint64_t count = 0, files = 0;
  };
  std::vector<Kind> kinds;  // those found, in their order
  std::uint64_t images = 0, looked_at = 0;
  std::vector<std::string> not_looked_at;  // why, a line each: image types that are not known, faces
};
Result<PrivacyReport> privacy(const Source& source, const PrivacyOptions& options = {});

/// Writes the source's files to a new folder: of JPEG, PNG and WebP images without metadata, but for colour profiles
/// and orientation; pixels, as they are stored, stay to the byte. All else is copied.
struct StripOptions {
  bool overwrite = false, dry_run = false;
  Common common = {};
};
struct StrippedFile {
  std::string path;
  std::vector<std::string> parts;       // "APP1 EXIF, 4,182 bytes"
  std::uint64_t before = 0, after = 0;  // bytes
  std::string sha256_before, sha256_after;
  std::string picture;  // SHA-256 of what codes the pixels, equal before and after
};
struct StripReport {
  std::vector<StrippedFile> files;  // that changed, by path
  std::uint64_t images = 0, copied = 0, removed_bytes = 0;
  std::vector<std::string> left;  // image files that could not be taken apart, and why
  std::string document;           // strip-v1.json
};
Result<StripReport> strip_metadata(const Source& source, const std::string& target, const StripOptions& options = {});
/// The same for what is converted or packed next: the source shows its images without their metadata from here on, and
/// has a step that names and counts what went, which stands in the proof, with `StripReport::document` beside it.
Result<StripReport> strip_in_place(Source& source, const Common& common = {});

/// The receiver's side: verifies what was sent, runs the receiver's own checks and contract on it, and answers.
struct ReceiveOptions {
  VerifyOptions verify = {};
  CheckOptions check = {};      // `contract` is the receiver's
  bool integrity_only = false;  // a package that is whole and signed by nobody who is trusted is no defect
  std::string sign_with = {}, passphrase = {};  // a P-256 private key: an accepted package gets a counter-signature
  Common common = {};
};
struct Defect {
  std::string_view kind;  // "package", "signature", "finding", "contract"
  std::string code, where, what;
  Severity severity = Severity::error;
};
struct Received {
  Verification verification;
  std::optional<CheckReport> report;  // nothing where the package is not what it says
  std::vector<Defect> defects;        // those that it is not accepted for come first
  bool accepted = false;
  std::string document;   // receipt-v1.json
  std::string statement;  // signed bundle of the receipt; empty: not signed, or not accepted
  std::string key_hint;   // of the key that signed it
};
Result<Received> receive(const std::string& path, const ReceiveOptions& options = {});
/// Whether a counter-signature is of this package and by one of these keys; gives the receipt.
Result<std::string> read_receipt(const std::string& bundle, const std::string& package,
                                 const std::vector<std::string>& keys, const Common& common = {});

/// Adds signed statements to a package or a sealed folder, each with its evidence inside (at most 1 MiB): kinds
/// "audit", "conversion", "split", "lineage", "evaluation". Nothing that the manifest lists is touched.
struct AttestOptions {
  std::vector<std::string> claims = {};
  ClaimOptions about = {};
  std::string key = {}, passphrase = {};  // as SealOptions; claims need one
  std::string ssh_signature = {};         // of the manifest, as `ssh-keygen -Y sign -n vetset.package@v1` made it
  Common common = {};
};
struct Attested {
  std::string package_id, dataset_id, key_hint;
  std::vector<ClaimMade> claims;
  std::string ssh_signature = {}, ssh_fingerprint = {};  // where it was put, and whose it is; empty: none was given
};
Result<Attested> attest(const std::string& path, const AttestOptions& options);

/// L5: derives claims again from the package itself and holds them against what is claimed; adds lines to `seen`, what
/// was not possible to `not_checked`, and turns the verdict where a claim does not hold.
struct RecheckOptions {
  std::vector<std::string> claims = {};  // kinds
  std::string source = {};               // conversion: what was converted
  std::string earlier = {};              // lineage: the parent
  std::string predictions = {};          // evaluation
  ScanRequest scan = {};                 // its `common` is not read
  Common common = {};
};
Result<void> recheck(const std::string& path, const RecheckOptions& options, Verification& seen);

/// Writes a new P-256 key pair: `path` (private, mode 0600, encrypted where a passphrase is given) and `path`.pub.
struct NewKey {
  std::string private_path, public_path, hint;
};
Result<NewKey> new_key(const std::string& path, const std::string& passphrase = {});
/// What a key file holds. A private key that others can read is an error.
Result<KeyFacts> show_key(const std::string& path, const std::string& passphrase = {});

/// Writes a first trust policy to a new file: these public keys (PEM files) with a role each. One signature by a key of
/// the first role is required.
struct PolicyKey {
  std::string role, path;
};
Result<TrustPolicy> new_policy(const std::string& path, const std::string& name, const std::vector<PolicyKey>& keys);
/// A trust policy as a file holds it.
struct PolicyFile {
  TrustPolicy policy;
  std::string key_hint;  // of the key that signed it, as checked or as it says; empty: not signed
  bool checked = false;  // that key was given, and the signature is its
};
struct SignPolicyOptions {
  std::string key = {}, passphrase = {};  // as SealOptions
  bool overwrite = false;
};
/// Signs the policy that a JSON file holds, into another file, for `verify`.
Result<PolicyFile> sign_policy(const std::string& path, const std::string& target, const SignPolicyOptions& options);
/// A signed policy that one of these keys signed, else an error; without keys what a file says, unchecked.
Result<PolicyFile> read_policy(const std::string& path, const std::vector<std::string>& keys = {});

/// What people should know of a dataset or a package: what is in it, how it was checked, whose it is, what is missing.
struct CardOptions {
  std::string as = "markdown";  // or "html", "json", "croissant", "cyclonedx", "spdx"
  bool annex_iv = false;        // by the headings of the EU's AI Act; a page
  std::string answers = {};     // card.toml, what only people know; empty: that of the package, or none
  bool check = true;            // ask the rules that need labels alone
  std::string today = {};       // of documents that state when they were made (SPDX); empty: the clock's, in UTC
  Common common = {};
};
/// `path` is what commands in it call the source.
Result<std::string> card(const Source& source, const std::string& path, const CardOptions& options = {});
/// The questions that only people can answer, as a file to fill in.
std::string card_questions();

}  // namespace vetset
