// Signatures: an in-toto Statement v1 in a DSSE envelope, in a Sigstore bundle (v0.3), by an ECDSA P-256 key. cosign
// verifies it offline: `cosign verify-blob-attestation --key K --type urn:vetset:attestation:package:v1`. P-384 keys
// verify, too. Sources: in-toto/attestation spec/v1, secure-systems-lab/dsse protocol.md, sigstore/protobuf-specs
// bundle v0.3.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/base/result.h"

namespace vetset {

inline constexpr std::string_view package_predicate = "urn:vetset:attestation:package:v1";
inline constexpr std::string_view statement_payload = "application/vnd.in-toto+json";

/// A public key: PEM (SubjectPublicKeyInfo, named curve, whole point), so that a key has one spelling, and its hint,
/// the SHA-256 of that text in hex.
struct PublicKey {
  std::string pem, hint;
  std::string_view curve = "P-256";  // or "P-384"
};
Result<PublicKey> read_public_key(std::string_view pem);

struct KeyPair {
  std::string private_pem;  // PKCS#8, encrypted (AES-256-CBC, PBKDF2) where there is a passphrase
  PublicKey public_key;
};
Result<KeyPair> make_key(std::string_view passphrase);

/// What a PEM file of a key is. An encrypted private key tells its public half only to its passphrase.
struct KeyFacts {
  bool is_private = false, encrypted = false;
  PublicKey public_key = {};  // empty where it needs a passphrase and none was given
};
Result<KeyFacts> read_key(std::string_view pem, std::string_view passphrase);

/// An ECDSA signature (DER) over SHA-256 of the bytes, and the public half of the key that made it.
struct Signature {
  std::string der;
  PublicKey by;
};
Result<Signature> sign_bytes(std::string_view bytes, std::string_view private_pem, std::string_view passphrase);

/// What a bundle says, before it is trusted.
struct Statement {
  std::string subject_name;
  Digest subject;
  std::string predicate_type;
  std::string predicate;  // canonical JSON where the type is one of ours
};

/// A signed bundle: its bytes, and the hint of the key.
struct SignedBundle {
  std::string json, hint;
};
Result<SignedBundle> sign_statement(const Statement& statement, std::string_view private_pem,
                                    std::string_view passphrase);
Result<SignedBundle> sign_payload(std::string_view type, std::string_view payload, std::string_view private_pem,
                                  std::string_view passphrase);

/// A bundle's envelope: what was signed, as bytes, and by whom it says.
struct Envelope {
  std::string payload, payload_type;
  std::vector<std::string> signatures;  // DER
  std::string hint;                     // selects a key, proves nothing; vetset's and model_signing's, or cosign's form
  bool by_certificate = false;          // "keyless": no key of ours can say anything about it
};
/// A bundle taken apart. The statement is parsed from the very bytes that are signed.
struct Bundle : Envelope {
  Statement statement;
};
/// Both fail on what is no bundle of ours, with an E_-code as the message's first word.
Result<Envelope> parse_envelope(std::string_view json);
Result<Bundle> parse_bundle(std::string_view json);
Result<Statement> parse_statement(const Envelope& envelope);

/// Whether one of the envelope's signatures is this key's.
bool signed_by(const Envelope& envelope, const PublicKey& key);
/// The places in `keys` of those that signed.
std::vector<std::size_t> signers_of(const Envelope& envelope, std::span<const PublicKey> keys);
/// Whether the envelope's hint is this key's, in either form.
bool hints_at(const Envelope& envelope, const PublicKey& key);

}  // namespace vetset
