#include "vetset/package/trust_policy.h"

#include <algorithm>
#include <cmath>

#include "vetset/base/day.h"
#include "vetset/base/unicode.h"
#include "vetset/package/plain_json.h"

namespace vetset {
namespace {

constexpr std::size_t policy_limit = 4U << 20;  // bytes
constexpr std::size_t key_limit = 4096;
constexpr std::string_view version = "1";

Error wrong(const std::string& where, std::string_view expected) {
  return {Code::malformed, where + ": expected " + std::string(expected)};
}

/// The members of one object: each is asked for once, and what was never asked for is an error.
class Members {
 public:
  Members(const Json& object, std::string where) : object_(object), where_(std::move(where)) {}

  std::string place(std::string_view key) const {
    return where_.empty() ? printable(key) : where_ + "." + printable(key);
  }
  const Json* find(std::string_view key) {
    known_.push_back(key);
    return object_.find(key);
  }
  Result<std::string> text(std::string_view key, bool required = false) {
    const Json* value = find(key);
    if (value == nullptr && !required) return std::string();
    if (value == nullptr || value->type() != JsonType::string || (required && value->text().empty()))
      return wrong(place(key), "a text");
    return std::string(value->text());
  }
  Result<std::string> day(std::string_view key) {
    VETSET_TRY(std::string text, this->text(key));
    if (!text.empty() && !is_date(text))
      return wrong(place(key), "a day like 2027-03-31, found '" + printable(text) + "'");
    return text;
  }
  Result<std::uint64_t> count(std::string_view key) {
    const Json* value = find(key);
    if (value == nullptr) return std::uint64_t{1};
    const double number = value->type() == JsonType::number ? value->number() : 0;
    if (!(number >= 1 && number <= 9007199254740991.0) || std::floor(number) != number)
      return wrong(place(key), "a whole number from 1");
    return static_cast<std::uint64_t>(number);
  }
  Result<bool> flag(std::string_view key) {
    const Json* value = find(key);
    if (value != nullptr && value->type() != JsonType::boolean) return wrong(place(key), "true or false");
    return value != nullptr && value->boolean();
  }
  Result<std::vector<std::string>> texts(std::string_view key) {
    std::vector<std::string> all;
    VETSET_DO(each(key, [&](const Json& value, const std::string& where) -> Result<void> {
      if (value.type() != JsonType::string || value.text().empty()) return wrong(where, "a text");
      all.emplace_back(value.text());
      return {};
    }));
    return all;
  }
  /// Goes through a list; one that is not there is empty.
  template <class Take>
  Result<void> each(std::string_view key, const Take& take) {
    const Json* list = find(key);
    if (list == nullptr) return {};
    if (list->type() != JsonType::array) return wrong(place(key), "a list");
    for (std::size_t i = 0; i < list->elements().size(); ++i)
      VETSET_DO(take(list->elements()[i], place(key) + "[" + std::to_string(i) + "]"));
    return {};
  }
  Result<void> no_others() const {
    for (const auto& [key, value] : object_.members())
      if (std::find(known_.begin(), known_.end(), key) == known_.end())
        return Error{Code::malformed, place(key) + ": no policy of version 1 has this member"};
    return {};
  }

 private:
  const Json& object_;
  std::string where_;
  std::vector<std::string_view> known_;
};

Result<TrustedKey> key_of(const Json& json, const std::string& where) {
  if (json.type() != JsonType::object) return wrong(where, "an object");
  Members in(json, where);
  TrustedKey k;
  VETSET_TRY(k.name, in.text("name", true));
  VETSET_TRY(const std::string pem, in.text("pem", true));
  auto key = read_public_key(pem);
  if (!key) return Error{key.error().code, in.place("pem") + ": " + key.error().message};
  k.key = *std::move(key);
  VETSET_TRY(const std::string hint, in.text("hint"));
  if (!hint.empty() && hint != k.key.hint) return wrong(in.place("hint"), k.key.hint + ", which is the key's");
  VETSET_TRY(k.roles, in.texts("roles"));
  VETSET_TRY(k.valid_from, in.day("valid_from"));
  VETSET_TRY(k.valid_until, in.day("valid_until"));
  if (!k.valid_from.empty() && !k.valid_until.empty() && k.valid_until < k.valid_from)
    return wrong(in.place("valid_until"), "a day not before " + k.valid_from);
  VETSET_TRY(k.revoked, in.flag("revoked"));
  VETSET_DO(in.no_others());
  return k;
}

std::size_t keys_with(const TrustPolicy& p, std::string_view role) {
  return static_cast<std::size_t>(
      std::count_if(p.keys.begin(), p.keys.end(), [&](const TrustedKey& k) { return k.has_role(role); }));
}

Result<void> take_keys(Members& in, TrustPolicy& p) {
  return in.each("keys", [&](const Json& value, const std::string& where) -> Result<void> {
    if (p.keys.size() == key_limit) return wrong("keys", "at most " + std::to_string(key_limit));
    VETSET_TRY(TrustedKey key, key_of(value, where));
    for (const TrustedKey& other : p.keys) {
      if (other.name == key.name) return Error{Code::malformed, where + ".name: another key has this name"};
      if (other.key.hint == key.key.hint)
        return Error{Code::malformed, where + ".pem: is the key of '" + printable(other.name) + "', too"};
    }
    p.keys.push_back(std::move(key));
    return {};
  });
}

Result<void> take_signatures(Members& in, TrustPolicy& p) {
  return in.each("signatures", [&](const Json& value, const std::string& where) -> Result<void> {
    if (value.type() != JsonType::object) return wrong(where, "an object");
    Members one(value, where);
    RequiredSignatures required;
    VETSET_TRY(required.role, one.text("role"));
    VETSET_TRY(const std::uint64_t count, one.count("count"));
    VETSET_DO(one.no_others());
    const std::size_t keys = keys_with(p, required.role);
    if (count > keys)
      return Error{Code::malformed, where + ": asks for " + std::to_string(count) + " keys" +
                                        (required.role.empty() ? "" : " of role '" + printable(required.role) + "'") +
                                        ", and the policy has " + std::to_string(keys)};
    required.count = static_cast<unsigned>(count);
    p.signatures.push_back(std::move(required));
    return {};
  });
}

Result<void> take_evidence(Members& in, TrustPolicy& p) {
  return in.each("evidence", [&](const Json& value, const std::string& where) -> Result<void> {
    if (value.type() != JsonType::object) return wrong(where, "an object");
    Members one(value, where);
    RequiredEvidence required;
    VETSET_TRY(required.kind, one.text("kind", true));
    VETSET_TRY(required.role, one.text("role"));
    VETSET_TRY(required.result, one.text("result"));
    VETSET_DO(one.no_others());
    if (keys_with(p, required.role) == 0)
      return Error{Code::malformed,
                   where + ".role: no key of the policy has the role '" + printable(required.role) + "'"};
    p.evidence.push_back(std::move(required));
    return {};
  });
}

}  // namespace

bool TrustedKey::has_role(std::string_view role) const {
  return role.empty() || std::find(roles.begin(), roles.end(), role) != roles.end();
}

const TrustedKey* TrustPolicy::find(std::string_view hint) const {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const TrustedKey& k) { return k.key.hint == hint; });
  return found == keys.end() ? nullptr : &*found;
}

Result<TrustPolicy> parse_trust_policy(std::string_view text) {
  if (text.size() > policy_limit) return Error{Code::limit, "expected a policy of at most 4 MiB"};
  VETSET_TRY(const Json json, parse_plain_json(text));
  if (json.type() != JsonType::object || json.find("vetset_trust") == nullptr)
    return Error{Code::malformed, "is no trust policy: expected an object with the member 'vetset_trust'"};
  Members in(json, "");
  VETSET_TRY(const std::string of, in.text("vetset_trust"));
  if (of != version) return Error{Code::unsupported, "vetset_trust: expected \"1\", found \"" + printable(of) + "\""};
  TrustPolicy p;
  VETSET_TRY(p.name, in.text("name", true));
  VETSET_TRY(p.version, in.count("version"));
  VETSET_DO(take_keys(in, p));
  if (p.keys.empty()) return wrong("keys", "a key at least: a policy that trusts nobody refuses everything");
  VETSET_DO(take_signatures(in, p));
  VETSET_DO(take_evidence(in, p));
  VETSET_DO(in.each("revoked_packages", [&](const Json& value, const std::string& where) -> Result<void> {
    const auto id = parse_digest(value.type() == JsonType::string ? value.text() : "");
    if (!id) return wrong(where, "a package_id: sha256: and 64 hexadecimal digits");
    p.revoked_packages.push_back(*id);
    return {};
  }));
  VETSET_TRY(p.licences, in.texts("licences"));
  VETSET_DO(in.no_others());
  return p;
}

std::string to_json(const TrustPolicy& p) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("evidence").begin_array();
  for (const RequiredEvidence& e : p.evidence)
    w.begin_object().key("kind").value(e.kind).key("result").value(e.result).key("role").value(e.role).end_object();
  w.end_array().key("keys").begin_array();
  for (const TrustedKey& k : p.keys) {
    w.begin_object().key("hint").value(k.key.hint).key("name").value(k.name).key("pem").value(k.key.pem);
    w.key("revoked").value(k.revoked).key("roles").begin_array();
    for (const std::string& role : k.roles) w.value(role);
    w.end_array().key("valid_from").value(k.valid_from).key("valid_until").value(k.valid_until).end_object();
  }
  w.end_array().key("licences").begin_array();
  for (const std::string& licence : p.licences) w.value(licence);
  w.end_array().key("name").value(p.name).key("revoked_packages").begin_array();
  for (const Digest& id : p.revoked_packages) w.value(id.text());
  w.end_array().key("signatures").begin_array();
  for (const RequiredSignatures& s : p.signatures)
    w.begin_object().key("count").value(std::uint64_t{s.count}).key("role").value(s.role).end_object();
  w.end_array().key("version").value(p.version).key("vetset_trust").value(version).end_object();
  return out;
}

Result<SignedBundle> sign_trust_policy(const TrustPolicy& policy, std::string_view private_pem,
                                       std::string_view passphrase) {
  return sign_payload(trust_payload, to_json(policy), private_pem, passphrase);
}

Result<TrustPolicy> open_trust_policy(std::string_view bundle, std::span<const PublicKey> keys) {
  const auto envelope = parse_envelope(bundle);
  if (!envelope) {
    const auto unsigned_one = parse_trust_policy(bundle);
    if (unsigned_one || unsigned_one.error().message.find("is no trust policy") == std::string::npos)
      return Error{Code::untrusted, "is a trust policy that nobody signed; 'vetset trust sign' signs it"};
    return Error{Code::malformed, "is no signed trust policy"};
  }
  if (envelope->payload_type != trust_payload)
    return Error{Code::malformed,
                 "is signed, but is no trust policy: its type is '" + printable(envelope->payload_type) + "'"};
  if (signers_of(*envelope, keys).empty())
    return Error{Code::untrusted, "is not signed by the key that was given for it"};
  return parse_trust_policy(envelope->payload);
}

}  // namespace vetset
