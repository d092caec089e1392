// Level 3: whose word counts, for which day, in which role, and what a signature must be about.
#include <doctest/doctest.h>

#include <algorithm>

#include "vetset/base/base64.h"
#include "vetset/formats/format.h"
#include "vetset/package/listed_tree.h"
#include "vetset/package/oms.h"
#include "vetset/package/seal.h"
#include "vetset/package/verify.h"

using namespace vetset;

namespace {

using Trust = Verification::Verdict;

constexpr std::string_view labels =
    R"({"images":[{"id":1,"file_name":"a.jpg","width":10,"height":10}],"annotations":[],"categories":[{"id":1,"name":"car"}]})";
constexpr std::string_view attest = ".vetset/attest/";

/// Keys that live as long as the tests.
const KeyPair& key(std::size_t i) {
  static const std::vector<KeyPair> pairs = [] {
    std::vector<KeyPair> made;
    for (int k = 0; k < 4; ++k) made.push_back(*make_key(""));
    return made;
  }();
  return pairs.at(i);
}

struct Sealed {
  MemoryTree tree;
  Seal seal;
  Digest package;
};
Sealed sealed(const KeyPair& signer = key(0)) {
  Sealed s{.tree = MemoryTree{{"instances.json", std::string(labels)},
                              {"images/a.jpg", "pixels of a"},
                              {".gitignore", "runs"},
                              {"wandb/1/log", "x"},
                              {"labels.cache", "x"}}};
  const ListedTree listed(s.tree, sealed_paths(s.tree));
  const auto reading = find_format("coco")->read(listed, {.probe_images = false});
  REQUIRE(reading);
  auto seal = make_seal(listed, reading->dataset, "coco",
                        {.name = "street",
                         .version = "1.0.0",
                         .private_pem = signer.private_pem,
                         .writer = "vetset test",
                         .litter = litter_of(s.tree)},
                        Pool(1), {});
  REQUIRE(seal);
  s.seal = *std::move(seal);
  s.package = sha256(s.seal.manifest_json);
  REQUIRE(s.tree.write(manifest_path, s.seal.manifest_json));
  REQUIRE(write_signatures(s.seal, s.tree, attest));
  return s;
}

std::string path_of(std::string_view name) { return std::string(attest).append(name); }

/// Adds a statement of a kind about a package, signed by a key.
void say(Sealed& s, std::string_view file, const KeyPair& by, std::string_view type,
         std::string predicate = R"({"result":"PASSED"})") {
  const auto bundle = sign_statement({.subject_name = "vetset.json",
                                      .subject = s.package,
                                      .predicate_type = std::string(type),
                                      .predicate = std::move(predicate)},
                                     by.private_pem, "");
  REQUIRE(bundle);
  s.tree.replace(path_of(file), bundle->json);
}

Verification verified(const Sealed& s, const VerifyRequest& request) {
  auto v = verify_package(s.tree, request, Pool(1), {});
  REQUIRE(v);
  return *std::move(v);
}
Verification verified(const Sealed& s, const KeyPair& by = key(0)) { return verified(s, {.keys = {by.public_key}}); }

const VerifyLine* line(const Verification& v, std::string_view code) {
  const auto found = std::find_if(v.lines.begin(), v.lines.end(), [&](const VerifyLine& l) { return l.code == code; });
  return found == v.lines.end() ? nullptr : &*found;
}
bool says(const Verification& v, std::string_view code, std::string_view words = {}) {
  return std::any_of(v.lines.begin(), v.lines.end(),
                     [&](const VerifyLine& l) { return l.code == code && l.words.find(words) != std::string::npos; });
}

TrustPolicy policy() {
  return {.name = "acme",
          .keys = {{.key = key(0).public_key, .name = "release@acme", .roles = {"release"}},
                   {.key = key(1).public_key, .name = "second@acme", .roles = {"release"}},
                   {.key = key(2).public_key, .name = "audit@acme", .roles = {"auditor"}}}};
}
Verification held_to(const Sealed& s, const TrustPolicy& p, std::string today = "2026-06-15") {
  return verified(s, {.policy = &p, .today = std::move(today)});
}

}  // namespace

TEST_CASE("either signature alone verifies: the one about the manifest, the list of all files") {
  for (const std::string_view kept : {statement_name, oms_name}) {
    CAPTURE(kept);
    Sealed s = sealed();
    s.tree.remove(path_of(kept == oms_name ? statement_name : oms_name));
    const Verification v = verified(s);
    CHECK(v.verdict == Trust::verified);
    CHECK(v.signers == std::vector{key(0).public_key.hint});
    CHECK(says(v, "OK", kept == oms_name ? ": files" : ": package"));
  }
}

TEST_CASE("the list of files leaves out a repository's own, and names litter as not covered") {
  const Sealed s = sealed();
  const auto bundle = parse_bundle(s.seal.oms->json);
  REQUIRE(bundle);
  const std::string& predicate = bundle->statement.predicate;
  CHECK(predicate.find(R"("ignore_paths":[".gitignore",".vetset/attest","labels.cache","wandb"])") !=
        std::string::npos);
  CHECK(predicate.find(R"("name":".vetset/vetset.json")") != std::string::npos);
  CHECK(predicate.find(R"("name":".gitignore")") == std::string::npos);
  CHECK_FALSE(check_oms(bundle->statement, s.seal.manifest, s.package));
}

TEST_CASE("a million images in shards are signed in at most 60 kB") {
  Manifest m{.name = "road-signs", .version = "1.0.0", .form = Form::directory, .media = "shards"};
  for (int shard = 0; shard < 200; ++shard) {
    const Digest digest = sha256(std::to_string(shard));
    m.files.push_back({"media/m-" + digest.hex().substr(0, 16) + ".tar", 256U << 20, digest, Role::media});
  }
  for (const char* table : {"annotations", "categories", "dataset", "files", "licences", "memberships", "relations",
                            "samples", "splits", "tracks", "unread"})
    m.files.push_back({std::string("tables/") + table + ".parquet", 1U << 20, sha256(table), Role::table});
  std::sort(m.files.begin(), m.files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  const Digest package = sha256(to_json(m));
  const auto bundle = sign_statement(oms_statement(m, package), key(0).private_pem, "");
  REQUIRE(bundle);
  CHECK(bundle->json.size() <= 60'000);
  CHECK_FALSE(check_oms(parse_bundle(bundle->json)->statement, m, package));
}

TEST_CASE("a list of files that is not the manifest's is told by the file") {
  const Sealed s = sealed();
  const Statement good = parse_bundle(s.seal.oms->json)->statement;
  const auto after = [&](std::string_view from, std::string_view to) {
    Statement edited = good;
    const std::size_t at = edited.predicate.find(from);
    REQUIRE(at != std::string::npos);
    edited.predicate.replace(at, from.size(), to);
    return check_oms(edited, s.seal.manifest, s.package);
  };
  const auto code = [](const std::optional<OmsProblem>& p) { return p ? p->code + " " + p->where : std::string(); };
  CHECK(code(after(sha256("pixels of a").hex(), sha256("pixels of b").hex())) == "E_SIG_SUBJECT images/a.jpg");
  CHECK(code(after(s.package.hex(), sha256("").hex())) == "E_SIG_SUBJECT .vetset/vetset.json");
  CHECK(code(after("\"name\":\"images/a.jpg\"", "\"name\":\"images/z.jpg\"")) == "E_SIG_SUBJECT images/z.jpg");
  CHECK(code(after("\"name\":\"images/a.jpg\"", "\"name\":\"wandb/x\"")) == "E_SIG_SUBJECT images/a.jpg");
  CHECK(code(after("\"hash_type\":\"sha256\"", "\"hash_type\":\"blake3\"")) == "E_ALG ");
  CHECK(code(after("\"algorithm\":\"sha256\"", "\"algorithm\":\"md5\"")).starts_with("E_ALG "));
  CHECK(code(after("\"method\":\"files\"", "\"method\":\"shards\"")) == "E_PREDICATE ");
  CHECK(code(after("\"resources\":[", "\"resources\":7,\"x\":[")).starts_with("E_PREDICATE"));
  CHECK(code(after("\"resources\"", "\"others\"")).starts_with("E_PREDICATE"));
  Statement other = good;
  other.subject = sha256("another root");
  CHECK(code(check_oms(other, s.seal.manifest, s.package)) == "E_SIG_SUBJECT ");
}

TEST_CASE("a list of another package's files is not about this one, whoever signed it") {
  Sealed s = sealed();
  Manifest other = s.seal.manifest;
  other.files.pop_back();
  const auto bundle = sign_statement(oms_statement(other, s.package), key(0).private_pem, "");
  s.tree.replace(path_of("other.sig"), bundle->json);
  const Verification v = verified(s);
  CHECK(v.verdict == Trust::untrusted);
  REQUIRE(line(v, "E_SIG_SUBJECT") != nullptr);
  CHECK(line(v, "E_SIG_SUBJECT")->where == path_of("other.sig"));
}

TEST_CASE("statements of other kinds are taken, and are no signature of the package") {
  Sealed s = sealed();
  say(s, "audit.sigstore.json", key(1), "urn:vetset:attestation:audit:v1");
  const Verification both = verified(s, {.keys = {key(0).public_key, key(1).public_key}});
  CHECK(both.verdict != Trust::untrusted);  // what it says is another level's
  CHECK(both.signers == std::vector{key(0).public_key.hint});
  CHECK(says(both, "OK", ": audit"));
  const Verification auditor = verified(s, key(1));
  CHECK(auditor.verdict == Trust::untrusted);
  CHECK(auditor.signers.empty());
  s.tree.remove(path_of(statement_name));
  s.tree.remove(path_of(oms_name));
  CHECK(says(verified(s, key(1)), "E_UNSIGNED", "nobody signed the package"));
}

TEST_CASE("a statement of no known kind is refused") {
  Sealed s = sealed();
  say(s, "x.json", key(0), "urn:vetset:attestation:horoscope:v1");
  CHECK(says(verified(s), "E_PREDICATE"));
  CHECK(verified(s).verdict == Trust::untrusted);
}

TEST_CASE("another's signature beside a trusted one is told and changes no verdict") {
  Sealed s = sealed();
  say(s, "b.sigstore.json", key(1), package_predicate);
  const Verification v = verified(s);
  CHECK(v.verdict == Trust::verified);
  CHECK(says(v, "W_UNTRUSTED_KEY", "hint=" + key(1).public_key.hint.substr(0, 16)));
}

TEST_CASE("T28 two signatures in one bundle, none of them trusted") {
  Sealed s = sealed();
  s.tree.remove(path_of(oms_name));
  std::string json = s.seal.bundle->json;
  const std::size_t end = json.find("}]", json.find("\"sig\""));
  json.insert(end + 1, R"(,{"sig":"MAYCAQECAQE="})");
  s.tree.replace(path_of(statement_name), json);
  CHECK(says(verified(s, key(1)), "E_THRESHOLD", "0 of 1 trusted"));
  CHECK(verified(s, key(1)).verdict == Trust::untrusted);
  CHECK(verified(s).verdict == Trust::verified);  // one of the two is
}

TEST_CASE("cosign's form of a hint names the key as well as ours") {
  Sealed s = sealed();
  s.tree.remove(path_of(oms_name));
  std::string der;
  const std::string& pem = key(1).public_key.pem;
  std::string body;
  for (std::size_t at = pem.find('\n') + 1; pem[at] != '-'; ++at)
    if (pem[at] != '\n') body += pem[at];
  const Digest digest = sha256(*parse_base64(body));
  const std::string hint = base64({reinterpret_cast<const char*>(digest.bytes.data()), 32});
  std::string json = s.seal.bundle->json;
  json.replace(json.find(s.seal.bundle->hint), 64, hint);
  s.tree.replace(path_of(statement_name), json);
  CHECK(says(verified(s, key(1)), "E_SIG", "not valid"));  // it claims to be key 1's, and is key 0's
  CHECK(says(verified(s, key(2)), "E_UNTRUSTED_KEY"));
}

TEST_CASE("T29 a key counts on the days that the policy gives it, both ends included") {
  const Sealed s = sealed();
  TrustPolicy p = policy();
  p.keys[0].valid_from = "2026-01-01";
  p.keys[0].valid_until = "2026-12-31";
  CHECK(held_to(s, p, "2026-01-01").verdict == Trust::verified);
  CHECK(held_to(s, p, "2026-12-31").verdict == Trust::verified);
  CHECK(says(held_to(s, p, "2026-12-31"), "OK", "valid to 2026-12-31"));
  CHECK(says(held_to(s, p, "2025-12-31"), "E_KEY_EXPIRED", "valid from 2026-01-01"));
  CHECK(says(held_to(s, p, "2027-01-01"), "E_KEY_EXPIRED", "today is 2027-01-01"));
  CHECK(held_to(s, p, "2027-01-01").verdict == Trust::untrusted);
  CHECK(held_to(s, p, "").verdict == Trust::untrusted);  // nobody knows what day it is
}

TEST_CASE("T30 a revoked key and a revoked package") {
  const Sealed s = sealed();
  TrustPolicy p = policy();
  p.keys[0].revoked = true;
  CHECK(says(held_to(s, p), "E_REVOKED", "release@acme"));
  CHECK(held_to(s, p).verdict == Trust::untrusted);
  p.keys[0].revoked = false;
  CHECK(held_to(s, p).verdict == Trust::verified);
  p.revoked_packages = {s.package};
  CHECK(says(held_to(s, p), "E_REVOKED", "revokes this package"));
  CHECK(held_to(s, p).verdict == Trust::untrusted);
}

TEST_CASE("a revoked key's signature beside a good one is told and changes no verdict") {
  Sealed s = sealed();
  say(s, "b.sigstore.json", key(1), package_predicate);
  TrustPolicy p = policy();
  p.keys[0].revoked = true;
  const Verification v = held_to(s, p);
  CHECK(v.verdict == Trust::verified);
  CHECK(v.signers == std::vector{key(1).public_key.hint});
  CHECK(says(v, "W_REVOKED"));
}

TEST_CASE("A18 a threshold counts different keys of the role") {
  Sealed s = sealed();
  TrustPolicy p = policy();
  p.signatures = {{.role = "release", .count = 2}};
  CHECK(says(held_to(s, p), "E_THRESHOLD", "1 of 2 trusted, role=release"));
  CHECK(held_to(s, p).verdict == Trust::untrusted);
  say(s, "again.sigstore.json", key(0), package_predicate);  // the same key once more
  CHECK(says(held_to(s, p), "E_THRESHOLD", "1 of 2"));
  say(s, "audit.sigstore.json", key(2), package_predicate);  // a trusted key of another role
  CHECK(says(held_to(s, p), "E_THRESHOLD", "1 of 2"));
  say(s, "second.sigstore.json", key(1), "urn:vetset:attestation:audit:v1");  // the right key about something else
  CHECK(says(held_to(s, p), "E_THRESHOLD", "1 of 2"));
  say(s, "second.sigstore.json", key(1), package_predicate);
  const Verification v = held_to(s, p);
  CHECK(v.verdict == Trust::verified);
  CHECK(says(v, "OK", "2 of 2 trusted, role=release"));
}

TEST_CASE("a key of the policy in another spelling is the same key") {
  // The point of key 0, compressed: 02 or 03 and x, in the DER that goes before it.
  const std::string& pem = key(0).public_key.pem;
  std::string body;
  for (std::size_t at = pem.find('\n') + 1; pem[at] != '-'; ++at)
    if (pem[at] != '\n') body += pem[at];
  const std::string der = *parse_base64(body);
  REQUIRE(der.size() == 91);
  std::string small = std::string("\x30\x39", 2) + der.substr(2, 21) + std::string("\x03\x22\x00", 3);
  small += static_cast<char>(2 + (der.back() & 1));
  small += der.substr(27, 32);
  const auto read = read_public_key("-----BEGIN PUBLIC KEY-----\n" + base64(small) + "\n-----END PUBLIC KEY-----\n");
  REQUIRE(read);
  CHECK(read->hint == key(0).public_key.hint);
}

TEST_CASE("S8 what an attestation file must be, whoever trusts whom") {
  const auto code_of = [](std::string text) {
    Sealed s = sealed();
    s.tree.replace(path_of("x.json"), std::move(text));
    const Verification v = verified(s);
    CHECK(v.verdict != Trust::verified);
    for (const VerifyLine& l : v.lines)
      if (l.where == path_of("x.json")) return l.code;
    return std::string();
  };
  const std::string good = sealed().seal.bundle->json;
  const auto edited = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    REQUIRE(text.find(from) != std::string::npos);
    return text.replace(text.find(from), from.size(), to);
  };
  CHECK(code_of("") == "E_ATTEST_FOREIGN");
  CHECK(code_of("\xff") == "E_ATTEST_FOREIGN");
  CHECK(code_of("[]") == "E_ATTEST_FOREIGN");
  CHECK(code_of(std::string(100, '[')) == "E_ATTEST_FOREIGN");
  CHECK(code_of(good + "x") == "E_ATTEST_FOREIGN");
  CHECK(code_of(edited("{\"dsseEnvelope\"", "{\"mediaType\":\"\",\"dsseEnvelope\"")) == "E_ATTEST_FOREIGN");  // twice
  CHECK(code_of(edited("\"dsseEnvelope\"", "\"messageSignature\"")) == "E_ATTEST_FOREIGN");
  CHECK(code_of(edited("\"payload\":\"", "\"payload\":\"=")) == "E_SIG");
  CHECK(code_of(edited("\"sig\":\"", "\"sig\":\" ")) == "E_SIG");
  CHECK(code_of(edited("\"signatures\":[{", "\"signatures\":[],\"x\":[{")) == "E_SIG");
  std::string many = "\"signatures\":[";
  for (int i = 0; i < 64; ++i) many += R"({"sig":""},)";
  CHECK(code_of(edited("\"signatures\":[", many)) == "E_BUNDLE_LIMIT");
  CHECK(code_of(std::string((64U << 20) + 1, ' ')) == "E_BUNDLE_LIMIT");
}

TEST_CASE("what a payload must say, even where the signature is good") {
  const auto code_of = [](std::string_view payload) {
    Sealed s = sealed();
    const auto bundle = sign_payload(statement_payload, payload, key(0).private_pem, "");
    REQUIRE(bundle);
    s.tree.replace(path_of("x.json"), bundle->json);
    const Verification v = verified(s);
    CHECK(v.verdict == Trust::untrusted);
    for (const VerifyLine& l : v.lines)
      if (l.where == path_of("x.json")) return l.code;
    return std::string();
  };
  CHECK(code_of("") == "E_PREDICATE");
  CHECK(code_of("{}") == "E_PREDICATE");
  CHECK(code_of(R"({"_type":"https://in-toto.io/Statement/v1","predicate":{},"predicateType":"t","subject":[]})") ==
        "E_PREDICATE");
  CHECK(
      code_of(
          R"({"_type":"https://in-toto.io/Statement/v1","predicate":7,"predicateType":"t","subject":[{"digest":{"sha256":")" +
          sha256("").hex() + R"("}}]})") == "E_PREDICATE");
  CHECK(
      code_of(
          R"({"_type":"https://in-toto.io/Statement/v1","predicate":{},"predicateType":"t","subject":[{"digest":{"sha512":"00"}}]})") ==
      "E_ALG");
  CHECK(
      code_of(
          R"({"_type":"https://in-toto.io/Statement/v1","_type":"x","predicate":{},"predicateType":"t","subject":[]})") ==
      "E_PREDICATE");
}

TEST_CASE("whatever is cut from or changed in a bundle, nothing is verified by it") {
  Sealed s = sealed();
  s.tree.remove(path_of(oms_name));
  const std::string good = s.seal.bundle->json;
  for (std::size_t at = 0; at < good.size(); at += 7) {
    CAPTURE(at);
    std::string text = good;
    text[at] = static_cast<char>(text[at] ^ 1);
    s.tree.replace(path_of(statement_name), text);
    const bool signed_part = at < good.find("\"verificationMaterial\"");  // behind it stands the hint, a hint only
    if (signed_part) CHECK(verified(s).verdict != Trust::verified);
    s.tree.replace(path_of(statement_name), good.substr(0, at));
    CHECK(verified(s).verdict != Trust::verified);
  }
}
