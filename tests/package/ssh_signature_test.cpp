// Keys, signatures and lists were made by ssh-keygen of OpenSSH 9.2; tests/judges/signature_judge.py makes fresh ones.
#include "vetset/package/ssh_signature.h"

#include <doctest/doctest.h>

#include "vetset/base/base64.h"
#include "vetset/package/allowed_signers.h"

using namespace vetset;

namespace {

constexpr std::string_view message = "the manifest\n";
constexpr std::string_view by_ed25519 =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg8dkZ95lPsRkTXWyFJ8sdx6ONsK\n"
    "YpjFT9lBKcOqxRXjcAAAARdmV0c2V0LnBhY2thZ2VAdjEAAAAAAAAABnNoYTUxMgAAAFMA\n"
    "AAALc3NoLWVkMjU1MTkAAABA3IJQhbwmixOdSO3WqobI6H11QWwyLIWf2V85FlzmPyhX3n\n"
    "df4xOA9Zj+/ZoTiHzmnItoKRDBMbm9/N8y+KavAw==\n"
    "-----END SSH SIGNATURE-----\n";
constexpr std::string_view by_p256 =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE\n"
    "EECVeZ+hExMpmRaVcs+GSMkoPmSzh5aSII/lMAwfAYg3GmPfTtWp4QhxghM4NI0vUa5ZV5\n"
    "c48R1WwBnN0S7Yn7mgAAABF2ZXRzZXQucGFja2FnZUB2MQAAAAAAAAAGc2hhNTEyAAAAYw\n"
    "AAABNlY2RzYS1zaGEyLW5pc3RwMjU2AAAASAAAACAHUM081ixVqh9An/Umh2CRlTIA/815\n"
    "e2G3SyWW1c4BWgAAACBibttLJm0cAbYRmd8wJHVpljcDFxbHu5l0GinZgTS+6g==\n"
    "-----END SSH SIGNATURE-----\n";
constexpr std::string_view by_p384 =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAAIgAAAATZWNkc2Etc2hhMi1uaXN0cDM4NAAAAAhuaXN0cDM4NAAAAG\n"
    "EEnfctZ8qKHk13bY3DR3hJ/+SltiI8AI76zNPBab/6g7c1qdSFQVp8BQxOZAp7KD3mpRaM\n"
    "DdzQzCSHLmiFJpOEbG7a5/kIHuyPppw2KIFopIfvmc3skcmtsjfeinTGbWp7AAAAEXZldH\n"
    "NldC5wYWNrYWdlQHYxAAAAAAAAAAZzaGE1MTIAAACEAAAAE2VjZHNhLXNoYTItbmlzdHAz\n"
    "ODQAAABpAAAAMQDek5oj9K4TSJU9K4tvL0S/7Wf7II6PnfmVQX7IyEJ50EnvzeNEDbH269\n"
    "K7to7reIEAAAAwDXdYSnVFDxESH8VlD8TKWVYe45rvUS7rBNvcRI+6iSNlzMP9wEUgLHXw\n"
    "fc32FfSh\n"
    "-----END SSH SIGNATURE-----\n";
constexpr std::string_view by_rsa =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAARcAAAAHc3NoLXJzYQAAAAMBAAEAAAEBAMqUqf2X+V9d/7yrNCzSF2\n"
    "fovAAMw+qzSEteIi78+39nrn7TM19i4ubSgdUvOd+ljQYB/ovMch4no1r7SKjZLAGV8zq6\n"
    "VHXULK/Bc0Gx6wfWrClBHIYJJX7iCqimuTuhkwh7VDHd8vD3QbKrls0epyr3iAOW+RJCPW\n"
    "n8RphjeU6ZTe5mCBWp9niK1nkryDV8gfvNlNklvFBPVDzaDSvVa/Mlk9Ci6i+bQzwui9+U\n"
    "1jyxWhWbJ4ybf0u4XlHheEExWX/Iyo4LUHyg6IbOAUoinzN5QpW02yT4CM5l29x3QcBNbi\n"
    "FOVzPjwgJwsWpj1puMkMHjTYD4azApJGJBv8iLi/kAAAARdmV0c2V0LnBhY2thZ2VAdjEA\n"
    "AAAAAAAABnNoYTUxMgAAARQAAAAMcnNhLXNoYTItNTEyAAABAGJQT+oGr/wqE7ZQIGLkDK\n"
    "QNXgO/p6o+g2ixLCyL2E8flWMv5ALbxnlf0yn8TBIb/n4a2J8B6GEipVM4nllgo4v0ISQC\n"
    "8oL2YPnjtiJev3WO15ZMZDyc9g91QvMZcWe7PbpjIyuNy9U3trFlaYnT2AB4xSMHWkt6Ih\n"
    "oorIICf74GEUOD9kcwDKmpOrlKQez0MDBWRFY1b23FpghakRmNVj/RrNdGoOi8zyAWsMnQ\n"
    "TwMWZrlWVRq8doeHBZSlQwi8iLhYRtbJNl96tJ++J/euzLeMTbmNQbcw4798LTbO0IgoMI\n"
    "/pJEEXN6/3G1HolEhSicB5fAzOHyFYxg/TgFXjZ/4=\n"
    "-----END SSH SIGNATURE-----\n";
constexpr std::string_view for_files =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg8dkZ95lPsRkTXWyFJ8sdx6ONsK\n"
    "YpjFT9lBKcOqxRXjcAAAAEZmlsZQAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQyNTUx\n"
    "OQAAAECnjsJZ0ZwN9wkLiYqJaBLemTzQ0lQlNpBvrnFDbxp/st9Y2UQ0X1jLLLSLyNdOXh\n"
    "Dk3GPMRna/s5gJDPbu0tQO\n"
    "-----END SSH SIGNATURE-----\n";

const std::string ed25519 =
    "ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIPHZGfeZT7EZE11shSfLHcejjbCmKYxU/ZQSnDqsUV43";
const std::string p256 =
    "ecdsa-sha2-nistp256 "
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBAlXmfoRMTKZkWlXLPhkjJKD5ks4eWkiCP5TAMHwGINx"
    "pj307VqeEIcYITODSNL1GuWVeXOPEdVsAZzdEu2J+5o=";
const std::string p384 =
    "ecdsa-sha2-nistp384 "
    "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBJ33LWfKih5Nd22Nw0d4Sf/kpbYiPACO+szTwWm/+oO3"
    "NanUhUFafAUMTmQKeyg95qUWjA3c0Mwkhy5ohSaThGxu2uf5CB7sj6acNiiBaKSH75nN7JHJrbI33op0xm1qew==";

constexpr std::string_view revokes_ed25519 =
    "U1NIS1JMCgAAAAABAAAAAAAAAAAAAAAAawQalAAAAAAAAAAAAAAAAAAAAAACAAAANwAAADMAAAALc3NoLWVkMjU1MTkAAAAg"
    "8dkZ95lPsRkTXWyFJ8sdx6ONsKYpjFT9lBKcOqxRXjc=";
constexpr std::string_view revokes_p384_by_sha1 =
    "U1NIS1JMCgAAAAABAAAAAAAAAAAAAAAAawQa3QAAAAAAAAAAAAAAAAAAAAADAAAAGAAAABRX0Bh0JFvuPCb5HxI0m0WVPQ3n"
    "pQ==";
constexpr std::string_view revokes_p256_by_sha256 =
    "U1NIS1JMCgAAAAABAAAAAAAAAAAAAAAAawQa3QAAAAAAAAAAAAAAAAAAAAAFAAAAJAAAACB5FiTIFpEDXuyTV1l77LXtEhsQ"
    "LsMCBdke6mWe4S7P0Q==";

std::vector<AllowedSigner> signers_of(const std::string& text) {
  auto signers = parse_allowed_signers(text);
  REQUIRE_MESSAGE(signers, (signers ? "" : to_string(signers.error())));
  return *std::move(signers);
}

std::string refusal_of(const std::string& text) {
  const auto signers = parse_allowed_signers(text);
  REQUIRE(!signers);
  return to_string(signers.error());
}

}  // namespace

TEST_CASE("signatures of every kind of SSH key are valid for their message, and for no other") {
  for (const std::string_view armored : {by_ed25519, by_p256, by_p384, by_rsa}) {
    const auto signature = parse_ssh_signature(armored);
    REQUIRE_MESSAGE(signature, (signature ? "" : to_string(signature.error())));
    CAPTURE(signature->key.type);
    CHECK(signature->name_space == ssh_namespace);
    CHECK(is_valid(*signature, message));
    CHECK(!is_valid(*signature, "the manifest"));
    SshSignature changed = *signature;
    changed.value.back() = static_cast<char>(changed.value.back() ^ 1);
    CHECK(!is_valid(changed, message));
    changed = *signature;
    changed.name_space = "file";
    CHECK(!is_valid(changed, message));
    changed = *signature;
    changed.algorithm = "ssh-rsa";  // SHA-1, and the algorithm of no other key
    CHECK(!is_valid(changed, message));
  }
}

TEST_CASE("a signature for something else says so, and a key has the fingerprint that ssh-keygen prints") {
  const auto signature = parse_ssh_signature(for_files);
  REQUIRE(signature);
  CHECK(signature->name_space == "file");
  CHECK(is_valid(*signature, message));
  CHECK(signature->key.fingerprint == "SHA256:akN1OGhdAAqE9/FbRouez+VDkfHbF7a8Tagc5ph8cWM");
}

TEST_CASE("what is no SSH signature is refused by name, wherever it breaks") {
  CHECK(to_string(parse_ssh_signature("hello").error())
            .find("E_ATTEST_FOREIGN is no SSH signature: expected its lines") == 0);
  CHECK(to_string(parse_ssh_signature(std::string(70'000, 'x')).error()).find("E_BUNDLE_LIMIT") == 0);
  const std::string whole(by_ed25519);
  const std::size_t body = whole.find('\n') + 1, end = whole.find("-----END");
  std::string text = whole.substr(body, end - body);
  std::erase(text, '\n');
  const std::string blob = *parse_base64(text);
  for (std::size_t size = 0; size < blob.size(); ++size) {
    const auto cut = parse_ssh_signature("-----BEGIN SSH SIGNATURE-----\n" + base64(blob.substr(0, size)) +
                                         "\n-----END SSH SIGNATURE-----\n");
    CHECK(!cut);
  }
  const auto longer =
      parse_ssh_signature("-----BEGIN SSH SIGNATURE-----\n" + base64(blob + "x") + "\n-----END SSH SIGNATURE-----\n");
  CHECK(!longer);
}

TEST_CASE("allowed signers have names, days and uses") {
  const std::vector<AllowedSigner> signers = signers_of(
      "# ours\n"
      "release@acme namespaces=\"vetset.*\",valid-after=\"20260101\",valid-before=\"20280101\" " +
      ed25519 +
      " a comment\n"
      "\n"
      "ana,bo valid-after=\"20260101120000Z\",valid-before=\"202801011200\" " +
      p256 +
      "\n"
      "git namespaces=\"git,!vetset.package@v1\" " +
      p384 + "\n");
  REQUIRE(signers.size() == 2);
  CHECK(signers[0].principals == "release@acme");
  CHECK(signers[0].valid_from == "2026-01-01");
  CHECK(signers[0].valid_until == "2027-12-31");
  CHECK(signers[1].principals == "ana,bo");
  CHECK(signers[1].valid_from == "2026-01-02");
  CHECK(signers[1].valid_until == "2027-12-31");
  CHECK(signers[0].key.fingerprint == parse_ssh_signature(by_ed25519)->key.fingerprint);
}

TEST_CASE("a wrong line of allowed signers is named") {
  CHECK(refusal_of("ana " + ed25519 + "\nbo ssh-ed25519 AAAA\n").find("2: ") != std::string::npos);
  CHECK(refusal_of("ana cert-authority " + ed25519).find("certificates are not read") != std::string::npos);
  CHECK(refusal_of("ana valid-after=\"20261301\" " + ed25519).find("expected a time such as") != std::string::npos);
  CHECK(refusal_of("ana no-such-option " + ed25519).find("found 'no-such-option'") != std::string::npos);
  CHECK(refusal_of("ana ssh-rsa " + ed25519.substr(12)).find("and is ssh-ed25519") != std::string::npos);
  CHECK(refusal_of("ana ssh-dss AAAA").find("expected a key of type") != std::string::npos);
  CHECK(refusal_of("ana namespaces=\"git\" " + ed25519).find("names no key that may sign packages") !=
        std::string::npos);
  CHECK(refusal_of("").find("names no key") != std::string::npos);
}

TEST_CASE("lists revoke keys whole, by SHA-256, by SHA-1 and as lines") {
  const std::string all = "a " + ed25519 + "\nb " + p256 + "\nc " + p384 + "\n";
  const auto revoked_by = [&](const std::string& list) {
    std::vector<AllowedSigner> signers = signers_of(all);
    const auto done = revoke(signers, list);
    REQUIRE_MESSAGE(done, (done ? "" : to_string(done.error())));
    return std::vector<bool>{signers[0].revoked, signers[1].revoked, signers[2].revoked};
  };
  CHECK(revoked_by(*parse_base64(revokes_ed25519)) == std::vector<bool>{true, false, false});
  CHECK(revoked_by(*parse_base64(revokes_p256_by_sha256)) == std::vector<bool>{false, true, false});
  CHECK(revoked_by(*parse_base64(revokes_p384_by_sha1)) == std::vector<bool>{false, false, true});
  CHECK(revoked_by(p256 + "\n# gone\n" + ed25519 + "\n") == std::vector<bool>{true, true, false});

  std::vector<AllowedSigner> signers = signers_of(all);
  const std::string whole = *parse_base64(revokes_ed25519);
  for (std::size_t size = 9; size < whole.size(); ++size)
    if (size != 44) CHECK(!revoke(signers, whole.substr(0, size)));  // 44: its header alone, an empty list
  CHECK(!revoke(signers, "not a key\n"));
}
