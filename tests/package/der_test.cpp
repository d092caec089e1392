// S18: a signature is one text of bytes, and a public key a point of its curve.
#include <doctest/doctest.h>

#include "vetset/base/base64.h"
#include "vetset/package/sign.h"

using namespace vetset;

namespace {

/// A bundle whose signature is replaced.
std::string with_signature(const SignedBundle& bundle, std::string_view old_signature, std::string_view signature) {
  std::string json = bundle.json;
  const std::size_t at = json.find(old_signature);
  REQUIRE(at != std::string::npos);
  return json.replace(at, old_signature.size(), base64(signature));
}

bool verifies(const std::string& json, const PublicKey& key) {
  const auto envelope = parse_envelope(json);
  return envelope && !signers_of(*envelope, std::vector{key}).empty();
}

}  // namespace

TEST_CASE("S18 a signature is strict DER: other spellings of the same two numbers are none") {
  const auto key = make_key("");
  REQUIRE(key);
  const auto bundle = sign_statement({.subject_name = "vetset.json",
                                      .subject = sha256("manifest"),
                                      .predicate_type = std::string(package_predicate),
                                      .predicate = "{}"},
                                     key->private_pem, "");
  REQUIRE(bundle);
  const std::size_t begin = bundle->json.find("\"sig\":\"") + 7;
  const std::string encoded = bundle->json.substr(begin, bundle->json.find('"', begin) - begin);
  const auto bytes = parse_base64(encoded);
  REQUIRE(bytes);
  const std::string der = *bytes;
  REQUIRE(der.size() == 2 + static_cast<unsigned char>(der[1]));  // SEQUENCE, its length in one byte
  CHECK(verifies(with_signature(*bundle, encoded, der), key->public_key));

  std::string behind = der + '\0';
  std::string long_form = der;
  long_form.insert(1, 1, '\x81');
  std::string padded = der;  // a zero before the first number
  padded.insert(4, 1, '\0');
  padded[3] = static_cast<char>(padded[3] + 1);
  padded[1] = static_cast<char>(padded[1] + 1);
  std::string endless = der;
  endless[1] = '\x80';
  endless += std::string(2, '\0');
  for (const std::string& other : {behind, long_form, padded, endless, der.substr(0, der.size() - 1), std::string()}) {
    CAPTURE(other.size());
    CHECK_FALSE(verifies(with_signature(*bundle, encoded, other), key->public_key));
  }
}

TEST_CASE("S18 a public key that is no point of its curve is refused") {
  const auto key = make_key("");
  REQUIRE(key);
  const std::string& pem = key->public_key.pem;
  const std::size_t begin = pem.find('\n') + 1;
  std::string text;
  for (const char c : pem.substr(begin, pem.find("-----END") - begin))
    if (c != '\n') text += c;
  const auto spki = parse_base64(text);
  REQUIRE(spki);
  const auto as_pem = [](const std::string& bytes) {
    return "-----BEGIN PUBLIC KEY-----\n" + base64(bytes) + "\n-----END PUBLIC KEY-----\n";
  };
  CHECK(read_public_key(as_pem(*spki)));
  std::string off_curve = *spki;
  off_curve.back() = static_cast<char>(off_curve.back() ^ 1);
  CHECK_FALSE(read_public_key(as_pem(off_curve)));
  std::string nowhere = *spki;
  for (std::size_t i = nowhere.size() - 64; i < nowhere.size(); ++i) nowhere[i] = '\0';
  CHECK_FALSE(read_public_key(as_pem(nowhere)));
}
