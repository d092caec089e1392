// Level 3: every file in the attestation folder is a bundle about this very manifest, and keys that are trusted signed
// the package: its manifest, or the list of all its files.
#include <algorithm>

#include "vetset/base/unicode.h"
#include "vetset/package/evidence.h"
#include "vetset/package/levels.h"
#include "vetset/package/oms.h"
#include "vetset/package/ssh_signature.h"

namespace vetset {
namespace {

/// A key that is trusted, and what the policy says of it, if it is the policy's.
struct Trusted {
  const PublicKey* key = nullptr;
  const TrustedKey* of_policy = nullptr;
};

/// The beginning of a hint, as people compare it. A hint is anybody's text.
std::string short_hint(std::string_view hint) {
  if (hint.empty()) return "(none)";
  return invalid_utf8(hint.substr(0, 16)) ? printable(hint) : std::string(hint.substr(0, 16)) + "…";
}

std::string words_of(const Trusted& t) {
  std::string words = "key=" + short_hint(t.key->hint);
  if (t.of_policy != nullptr) words += " \"" + t.of_policy->name + "\"";
  words += " (" + std::string(t.key->curve);
  if (t.of_policy != nullptr && !t.of_policy->valid_until.empty()) words += ", valid to " + t.of_policy->valid_until;
  return words + ")";
}

/// What stands against a signature that is a trusted key's. Where the package is signed well enough without it, it is
/// told and changes no verdict.
struct Complaint {
  std::string code, where, words;  // "UNTRUSTED_KEY"
};

class Level3 {
 public:
  Level3(const Subject& subject, Ledger& out) : subject_(subject), out_(out) {
    for (const PublicKey& k : subject.request.keys) trust({.key = &k});
    if (subject.request.policy != nullptr)
      for (const TrustedKey& k : subject.request.policy->keys) trust({.key = &k.key, .of_policy = &k});
    first_ssh_ = trusted_.size();
    for (const AllowedSigner& s : subject.request.ssh_signers)
      ssh_keys_.push_back({.key = {.pem = {}, .hint = s.key.fingerprint, .curve = s.key.type},
                           .name = s.principals,
                           .roles = {},
                           .valid_from = s.valid_from,
                           .valid_until = s.valid_until,
                           .revoked = s.revoked});
    for (const TrustedKey& k : ssh_keys_) trust({.key = &k.key, .of_policy = &k});
    signed_.resize(trusted_.size());
  }

  std::vector<Attestation> check() {
    for (const std::string_view path : subject_.tree.list(paths_of(subject_.manifest.form).attestations)) {
      const auto bytes = subject_.tree.read(path);
      if (!bytes)
        out_.error({"L3", "E_READ", std::string(path), {}, {}, to_string(bytes.error())});
      else if (path.ends_with(ssh_suffix))
        take_ssh(path, *bytes);
      else
        take(path, *bytes);
    }
    if (has_trust())
      conclude();
    else
      out_.v.not_checked.push_back(statements_ == 0 ? "who made it: there is no signature"
                                                    : "who made it: signed by key " + hints_ + " (give it with " +
                                                          (only_ssh_ ? "--allowed-signers)" : "--key)"));
    return std::move(attestations_);
  }

 private:
  void trust(const Trusted& t) {
    trusted_.push_back(t);
    keys_.push_back(*t.key);
  }
  bool has_trust() const { return !trusted_.empty() || subject_.request.policy != nullptr; }

  /// An error of parse_envelope or parse_statement, whose first word is its code.
  void refuse(std::string_view path, const Error& error) {
    const std::size_t space = std::min(error.message.find(' '), error.message.size());
    const std::string code = error.message.substr(0, space);
    VerifyLine line{"L3", code, std::string(path),
                    {},   {},   error.message.substr(std::min(space + 1, error.message.size()))};
    if (code == "E_ATTEST_FOREIGN" || code == "E_BUNDLE_LIMIT")
      out_.error(std::move(line));
    else
      out_.distrust(std::move(line));
  }

  void take(std::string_view path, std::string_view bytes) {
    auto envelope = parse_envelope(bytes);
    if (!envelope) return refuse(path, envelope.error());
    const std::vector<std::size_t> signers = signers_of(*envelope, keys_);  // before anything in it is believed
    auto statement = parse_statement(*envelope);
    if (!statement) return refuse(path, statement.error());
    const std::string_view kind = kind_about_this(path, *statement);
    if (kind.empty()) return;
    const bool about_all = kind == "package" || kind == "files";
    if (about_all) {
      const std::string hint = short_hint(envelope->hint);
      if (hints_.find(hint) == std::string::npos) hints_ += (hints_.empty() ? "" : ", ") + hint;
      ++statements_;
      only_ssh_ = false;
    }
    Attestation a{.path = std::string(path), .bundle = {std::move(*envelope), std::move(*statement)}};
    if (has_trust()) judge(path, kind, about_all, signers, a);
    if (kind != "files") attestations_.push_back(std::move(a));
  }

  /// A signature of the manifest itself. What it was made for and of says nothing else.
  void take_ssh(std::string_view path, std::string_view bytes) {
    const auto signature = parse_ssh_signature(bytes);
    if (!signature) return refuse(path, signature.error());
    if (signature->name_space != ssh_namespace) {
      out_.distrust({"L3", "E_PREDICATE", std::string(path), std::string(ssh_namespace), signature->name_space,
                     "it was made for something else"});
      return;
    }
    const auto manifest = subject_.tree.read(paths_of(subject_.manifest.form).manifest);
    if (!manifest || !is_valid(*signature, *manifest)) {
      out_.distrust({"L3", "E_SIG", std::string(path), {}, {}, "it is no signature of this manifest"});
      return;
    }
    const std::string hint = short_hint(signature->key.fingerprint);
    if (hints_.find(hint) == std::string::npos) hints_ += (hints_.empty() ? "" : ", ") + hint;
    only_ssh_ = statements_ == 0 || only_ssh_;  // until another one says otherwise
    ++statements_;
    if (!has_trust()) return;
    std::vector<std::size_t> signers;
    for (std::size_t i = first_ssh_; i < trusted_.size(); ++i)
      if (trusted_[i].key->hint == signature->key.fingerprint) signers.push_back(i);
    credit(path, "ssh", true, signers);
    if (signers.empty())
      complaints_.push_back({"UNTRUSTED_KEY", std::string(path),
                             signature->key.fingerprint + ", which is not one of the allowed signers"});
  }

  /// "package", "files" (a list of them all), "audit" …; empty, and told, where it is something else or about something
  /// else.
  std::string_view kind_about_this(std::string_view path, const Statement& s) {
    if (s.predicate_type == oms_predicate) {
      auto problem = check_oms(s, subject_.manifest, subject_.package);
      if (!problem) return "files";
      out_.distrust({"L3", problem->code, std::string(path), problem->expected, problem->actual,
                     problem->where.empty() ? problem->words : problem->where + ": " + problem->words});
      return {};
    }
    // Evidence about another manifest is stale: level 4 says so.
    if (const std::string_view kind = kind_of(s.predicate_type); is_evidence_kind(kind)) return kind;
    if (s.subject != subject_.package) {
      out_.distrust({"L3", "E_SIG_SUBJECT", std::string(path), s.subject.text(), subject_.package.text(),
                     "the manifest is not the one that was signed"});
      return {};
    }
    if (s.predicate_type == package_predicate) return "package";
    out_.distrust({"L3", "E_PREDICATE", std::string(path), std::string(package_predicate), s.predicate_type, {}});
    return {};
  }

  /// Notes what trusted keys signed; gives the hints of those that count today.
  std::vector<std::string> credit(std::string_view path, std::string_view kind, bool about_all,
                                  const std::vector<std::size_t>& signers) {
    std::vector<std::string> counted;
    for (const std::size_t i : signers) {
      const Trusted& t = trusted_[i];
      if (std::string code = why_not(t); !code.empty()) {
        complaints_.push_back({std::move(code), std::string(path), words_of(t) + why_words(t)});
        continue;
      }
      counted.push_back(t.key->hint);
      Said& said = signed_[i];
      said.package = said.package || about_all;
      if (said.kinds.find(std::string(kind)) == std::string::npos)
        said.kinds += (said.kinds.empty() ? "" : ", ") + std::string(kind);
    }
    return counted;
  }

  /// Whose word it is.
  void judge(std::string_view path, std::string_view kind, bool about_all, const std::vector<std::size_t>& signers,
             Attestation& a) {
    a.signers = credit(path, kind, about_all, signers);
    std::sort(a.signers.begin(), a.signers.end());
    a.signers.erase(std::unique(a.signers.begin(), a.signers.end()), a.signers.end());
    if (!signers.empty()) return;
    const Envelope& envelope = a.bundle;
    const bool claimed =
        std::any_of(keys_.begin(), keys_.end(), [&](const PublicKey& k) { return hints_at(envelope, k); });
    if (claimed) {
      out_.distrust({"L3", "E_SIG", std::string(path), {}, {}, "the signature is not valid"});
      return;
    }
    if (envelope.signatures.size() > 1) {
      complaints_.push_back({"THRESHOLD", std::string(path),
                             "0 of 1 trusted: none of its " + std::to_string(envelope.signatures.size()) +
                                 " signatures is by a key that is trusted"});
      return;
    }
    complaints_.push_back({"UNTRUSTED_KEY", std::string(path),
                           envelope.by_certificate
                               ? "signed with a certificate, not with a key: cosign can check it"
                               : "hint=" + short_hint(envelope.hint) + ", which is not one of the trusted keys"});
  }

  std::string why_not(const Trusted& t) const {
    if (t.of_policy == nullptr) return {};
    if (t.of_policy->revoked) return "REVOKED";
    const bool bounded = !t.of_policy->valid_from.empty() || !t.of_policy->valid_until.empty();
    const std::string& today = subject_.request.today;
    if (!bounded) return {};
    if (today.empty() || today < t.of_policy->valid_from) return "KEY_EXPIRED";
    return !t.of_policy->valid_until.empty() && t.of_policy->valid_until < today ? "KEY_EXPIRED" : "";
  }
  std::string why_words(const Trusted& t) const {
    if (t.of_policy->revoked) return " is revoked";
    const std::string& today = subject_.request.today;
    if (today.empty()) return ", and it is not known what day it is";
    return (today < t.of_policy->valid_from ? " is valid from " + t.of_policy->valid_from : "") + ", today is " + today;
  }

  /// Whether those who must have signed did, and what that makes of the complaints.
  void conclude() {
    const TrustPolicy* const policy = subject_.request.policy;
    for (std::size_t i = 0; i < trusted_.size(); ++i) {
      if (signed_[i].kinds.empty()) continue;
      if (signed_[i].package) out_.v.signers.push_back(trusted_[i].key->hint);
      out_.ok("L3", words_of(trusted_[i]) + ": " + signed_[i].kinds);
    }
    std::vector<std::string>& signers = out_.v.signers;
    std::sort(signers.begin(), signers.end());
    signers.erase(std::unique(signers.begin(), signers.end()), signers.end());

    bool enough = !signers.empty();
    if (policy != nullptr)
      for (const RequiredSignatures& required : policy->signatures) enough = count(required) && enough;
    for (Complaint& c : complaints_) {
      VerifyLine line{"L3", (enough ? "W_" : "E_") + c.code, std::move(c.where), {}, {}, std::move(c.words)};
      if (enough)
        out_.warn(std::move(line));
      else
        out_.distrust(std::move(line));
    }
    if (statements_ == 0)
      out_.distrust({"L3",
                     "E_UNSIGNED",
                     {},
                     {},
                     {},
                     attestations_.empty() ? "a key was given and there is no signature"
                                           : "there are statements about the package, and nobody signed the package"});
    else if (!enough)
      out_.untrusted = true;
    if (policy != nullptr && std::find(policy->revoked_packages.begin(), policy->revoked_packages.end(),
                                       subject_.package) != policy->revoked_packages.end())
      out_.distrust({"L3",
                     "E_REVOKED",
                     std::string(paths_of(subject_.manifest.form).manifest),
                     {},
                     {},
                     "the policy revokes this package"});
  }

  /// Whether so many different keys of a role signed the package.
  bool count(const RequiredSignatures& required) {
    std::vector<std::string_view> by;
    for (std::size_t i = 0; i < trusted_.size(); ++i)
      if (signed_[i].package && trusted_[i].of_policy != nullptr && trusted_[i].of_policy->has_role(required.role))
        by.push_back(trusted_[i].key->hint);
    const std::string counted = std::to_string(by.size()) + " of " + std::to_string(required.count) + " trusted" +
                                (required.role.empty() ? "" : ", role=" + required.role);
    if (by.size() >= required.count) {
      out_.ok("L3", counted);
      return true;
    }
    if (statements_ != 0) out_.distrust({"L3", "E_THRESHOLD", {}, {}, {}, counted});
    return false;
  }

  /// What a trusted key signed.
  struct Said {
    bool package = false;
    std::string kinds;  // "package, files"
  };

  const Subject& subject_;
  Ledger& out_;
  std::vector<TrustedKey> ssh_keys_;  // the allowed signers, as keys of a policy are
  std::vector<Trusted> trusted_;
  std::size_t first_ssh_ = 0;    // of trusted_: from there on those of ssh_keys_
  std::vector<PublicKey> keys_;  // of trusted_, side by side
  std::vector<Said> signed_;     // by trusted_
  std::vector<Complaint> complaints_;
  std::vector<Attestation> attestations_;
  std::size_t statements_ = 0;  // about the package as a whole
  std::string hints_;           // of those
  bool only_ssh_ = false;       // of those: by SSH keys alone
};

}  // namespace

std::vector<Attestation> check_signatures(const Subject& subject, Ledger& out) { return Level3(subject, out).check(); }

}  // namespace vetset
