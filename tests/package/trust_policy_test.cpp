// Trust policies: what they may say, and that an unsigned one is no policy.
#include <doctest/doctest.h>

#include "vetset/base/json.h"
#include "vetset/package/trust_policy.h"

using namespace vetset;

namespace {

const KeyPair& root() {
  static const KeyPair pair = *make_key("");
  return pair;
}
const KeyPair& release() {
  static const KeyPair pair = *make_key("");
  return pair;
}

std::string text_of(std::string_view json) {
  std::string out;
  append_json_string(out, json);
  return out;
}

/// A policy with some members replaced or added.
std::string written(std::string_view keys = {}, std::string_view more = {}) {
  const std::string one =
      R"({"name":"release@acme","pem":)" + text_of(release().public_key.pem) + R"(,"roles":["release"]})";
  return R"({"vetset_trust":"1","name":"acme","version":3,"keys":[)" + (keys.empty() ? one : std::string(keys)) + "]" +
         std::string(more) + "}";
}
std::string key_with(std::string_view members) {
  return R"({"name":"k","pem":)" + text_of(release().public_key.pem) + std::string(members) + "}";
}
std::string message(const std::string& json) {
  const auto p = parse_trust_policy(json);
  return p ? "" : to_string(p.error());
}
bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a policy is read as it is written, and written as it is read") {
  const auto p = parse_trust_policy(written({}, R"(,"signatures":[{"role":"release","count":1}],
    "evidence":[{"kind":"audit","role":"release","result":"PASSED"}],"licences":["CC-BY-4.0"],"revoked_packages":["sha256:)" +
                                                    sha256("").hex() + R"("])"));
  REQUIRE(p);
  CHECK(p->name == "acme");
  CHECK(p->version == 3);
  REQUIRE(p->keys.size() == 1);
  CHECK(p->keys[0].key.hint == release().public_key.hint);
  CHECK(p->find(release().public_key.hint) == &p->keys[0]);
  CHECK(p->find("none") == nullptr);
  CHECK(p->keys[0].has_role("release"));
  CHECK(p->keys[0].has_role(""));
  CHECK_FALSE(p->keys[0].has_role("auditor"));
  CHECK(p->signatures.at(0).count == 1);
  CHECK(p->evidence.at(0).result == "PASSED");
  CHECK(p->licences == std::vector<std::string>{"CC-BY-4.0"});
  CHECK(p->revoked_packages == std::vector{sha256("")});
  const std::string text = to_json(*p);
  CHECK(canonical_json(text).operator*() == text);
  const auto again = parse_trust_policy(text);
  REQUIRE(again);
  CHECK(to_json(*again) == text);
}

TEST_CASE("a policy's mistakes are named by their place") {
  CHECK(has(message("{}"), "is no trust policy"));
  CHECK(has(message("[]"), "is no trust policy"));
  CHECK(has(message(R"({"vetset_trust":"2","name":"a","keys":[]})"), "vetset_trust: expected \"1\""));
  CHECK(has(message(R"({"vetset_trust":"1","name":"a","keys":[]})"), "keys: expected a key at least"));
  CHECK(has(message(R"({"vetset_trust":"1","keys":[]})"), "name: expected a text"));
  CHECK(has(message(written("7")), "keys[0]: expected an object"));
  CHECK(has(message(written(R"({"name":"k","pem":"no key"})")), "keys[0].pem: expected a public key"));
  CHECK(has(message(written(key_with(R"(,"valid_until":"2026-02-30")"))), "keys[0].valid_until: expected a day"));
  CHECK(has(message(written(key_with(R"(,"valid_from":"2027-01-01","valid_until":"2026-01-01")"))),
            "expected a day not before 2027-01-01"));
  CHECK(has(message(written(key_with(R"(,"revoked":"yes")"))), "keys[0].revoked: expected true or false"));
  CHECK(has(message(written(key_with(R"(,"roles":[""])"))), "keys[0].roles[0]: expected a text"));
  CHECK(has(message(written(key_with(R"(,"hint":"00")"))), "keys[0].hint: expected " + release().public_key.hint));
  CHECK(has(message(written(key_with("") + "," + key_with(""))), "keys[1].name: another key has this name"));
  CHECK(has(message(written({}, R"(,"signatures":[{"role":"auditor"}])")),
            "signatures[0]: asks for 1 keys of role 'auditor', and the policy has 0"));
  CHECK(has(message(written({}, R"(,"signatures":[{"role":"release","count":0}])")), "expected a whole number from 1"));
  CHECK(has(message(written({}, R"(,"signatures":[{"role":"release","count":1.5}])")), "expected a whole number"));
  CHECK(has(message(written({}, R"(,"evidence":[{"kind":"audit","role":"auditor"}])")), "no key of the policy has"));
  CHECK(has(message(written({}, R"(,"evidence":[{"role":"release"}])")), "evidence[0].kind: expected a text"));
  CHECK(has(message(written({}, R"(,"revoked_packages":["sha256:1"])")), "revoked_packages[0]: expected a package_id"));
}

TEST_CASE("a rule that this version does not know is refused, not passed over") {
  CHECK(has(message(written({}, R"(,"treshold":2)")), "treshold: no policy of version 1 has this member"));
  CHECK(has(message(written(key_with(R"(,"expires":"2026-01-01")"))), "keys[0].expires: no policy"));
}

TEST_CASE("hostile policies are errors: keys twice, bad bytes, depth, cut off anywhere") {
  CHECK(has(message(written({}, R"(,"name":"other")")), "stands twice"));
  CHECK(has(message("\"\xff\""), "UTF-8"));
  CHECK_FALSE(message(std::string(100000, '[')).empty());
  CHECK_FALSE(message(written() + "x").empty());
  CHECK_FALSE(message(written({}, R"(,"version":NaN)")).empty());
  CHECK_FALSE(message(written({}, R"(,"licences":[1e999])")).empty());
  CHECK(has(message(std::string((4U << 20) + 1, ' ')), "4 MiB"));
  const std::string whole = written();
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(message(whole.substr(0, size)).empty());
}

TEST_CASE("a policy counts where its key signed it, and not otherwise") {
  const TrustPolicy p = *parse_trust_policy(written());
  const auto bundle = sign_trust_policy(p, root().private_pem, "");
  REQUIRE(bundle);
  const PublicKey roots[] = {root().public_key};
  const auto opened = open_trust_policy(bundle->json, roots);
  REQUIRE(opened);
  CHECK(to_json(*opened) == to_json(p));

  const PublicKey others[] = {release().public_key};
  CHECK(open_trust_policy(bundle->json, others).error().code == Code::untrusted);
  CHECK(open_trust_policy(bundle->json, {}).error().code == Code::untrusted);
  const auto bare = open_trust_policy(written(), roots);
  REQUIRE_FALSE(bare);
  CHECK(bare.error().code == Code::untrusted);
  CHECK(has(bare.error().message, "nobody signed"));
  CHECK(has(open_trust_policy("{}", roots).error().message, "is no signed trust policy"));

  // A statement about a package, by the same key, is no policy.
  const auto statement = sign_payload(statement_payload, to_json(p), root().private_pem, "");
  CHECK(has(open_trust_policy(statement->json, roots).error().message, "is no trust policy"));
  // And a policy's bytes under another type are not what was signed.
  std::string renamed = statement->json;
  renamed.replace(renamed.find(statement_payload), statement_payload.size(), trust_payload);
  CHECK(open_trust_policy(renamed, roots).error().code == Code::untrusted);
}
