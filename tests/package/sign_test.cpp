#include <doctest/doctest.h>

#include "vetset/base/base64.h"
#include "vetset/package/sign.h"

using namespace vetset;

namespace {
Statement statement() {
  return {.subject_name = "vetset.json",
          .subject = sha256("manifest"),
          .predicate_type = std::string(package_predicate),
          .predicate = R"({"name":"street"})"};
}
}  // namespace

TEST_CASE("what a key signs, its public half verifies and no other") {
  const auto key = make_key("");
  const auto other = make_key("");
  REQUIRE(key);
  REQUIRE(other);
  const auto made = sign_statement(statement(), key->private_pem, "");
  REQUIRE(made);
  CHECK(made->hint == key->public_key.hint);
  const auto bundle = parse_bundle(made->json);
  REQUIRE(bundle);
  CHECK(bundle->statement.subject == sha256("manifest"));
  CHECK(bundle->statement.predicate == R"({"name":"street"})");
  CHECK(signed_by(*bundle, key->public_key));
  CHECK_FALSE(signed_by(*bundle, other->public_key));
}

TEST_CASE("one changed byte of the payload breaks the signature") {
  const auto key = make_key("");
  const auto made = sign_statement(statement(), key->private_pem, "");
  auto bundle = parse_bundle(made->json);
  REQUIRE(bundle);
  bundle->payload.back() ^= 1;
  CHECK_FALSE(signed_by(*bundle, key->public_key));
}

TEST_CASE("an encrypted key needs its passphrase") {
  const auto key = make_key("open sesame");
  REQUIRE(key);
  CHECK(key->private_pem.find("ENCRYPTED") != std::string::npos);
  CHECK(sign_statement(statement(), key->private_pem, "open sesame"));
  CHECK_FALSE(sign_statement(statement(), key->private_pem, "wrong"));
  CHECK_FALSE(sign_statement(statement(), key->private_pem, ""));
}

TEST_CASE("a public key is read back with the same hint; other text is no key") {
  const auto key = make_key("");
  const auto read = read_public_key(key->public_key.pem);
  REQUIRE(read);
  CHECK(read->hint == key->public_key.hint);
  CHECK(read->hint == sha256(key->public_key.pem).hex());
  CHECK_FALSE(read_public_key("no key"));
  CHECK_FALSE(read_public_key(key->private_pem));
}

TEST_CASE("what is no bundle of ours is refused with a code") {
  const auto code = [](std::string_view json) { return parse_bundle(json).error().message; };
  CHECK(code("{}").starts_with("E_ATTEST_FOREIGN"));
  CHECK(code(R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"})").starts_with("E_ATTEST_FOREIGN"));
  CHECK(
      code(
          R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":{"payloadType":"text/plain"}})")
          .starts_with("E_SIG"));
  CHECK_FALSE(parse_bundle("not json"));
}
