// Signatures: an in-toto Statement v1 over the manifest, in a DSSE envelope, in a Sigstore bundle (v0.3), by an ECDSA
// P-256 key. cosign verifies it offline: `cosign verify-blob-attestation --key K --type
// urn:vetset:attestation:package:v1`. Sources: in-toto/attestation spec/v1, secure-systems-lab/dsse protocol.md,
// sigstore/protobuf-specs bundle v0.3.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/base/result.h"

namespace vetset {

inline constexpr std::string_view package_predicate = "urn:vetset:attestation:package:v1";

/// A public key: PEM (SubjectPublicKeyInfo) and its hint, the SHA-256 of the PEM text in hex.
struct PublicKey {
  std::string pem, hint;
};
Result<PublicKey> read_public_key(std::string_view pem);

struct KeyPair {
  std::string private_pem;  // PKCS#8, encrypted (AES-256-CBC, PBKDF2) where there is a passphrase
  PublicKey public_key;
};
Result<KeyPair> make_key(std::string_view passphrase);

/// What a bundle says, before it is trusted.
struct Statement {
  std::string subject_name;
  Digest subject;
  std::string predicate_type;
  std::string predicate;  // canonical JSON
};

/// A signed bundle: its bytes, and the hint of the key.
struct SignedBundle {
  std::string json, hint;
};
Result<SignedBundle> sign_statement(const Statement& statement, std::string_view private_pem,
                                    std::string_view passphrase);

/// A bundle taken apart. The statement is parsed from the very bytes that are signed.
struct Bundle {
  std::string payload, payload_type;
  std::vector<std::string> signatures;  // DER
  std::string hint;
  Statement statement;
};
/// Fails on what is no bundle of ours, with E_-codes in the message's first word.
Result<Bundle> parse_bundle(std::string_view json);
/// Whether one of the bundle's signatures is this key's.
bool signed_by(const Bundle& bundle, const PublicKey& key);

}  // namespace vetset
