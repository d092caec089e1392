// Signatures that ssh-keygen makes (`ssh-keygen -Y sign -n vetset.package@v1`), for those whose keys are SSH keys: read
// and verified, never made here. Source: OpenSSH's PROTOCOL.sshsig, RFC 4253 §6.6 (key and signature encodings), RFC
// 5656, RFC 8332, RFC 8709.
#pragma once

#include <string>
#include <string_view>

#include "vetset/base/result.h"

namespace vetset {

/// What a signature of a package must have been made for, so that none that was made for something else counts.
inline constexpr std::string_view ssh_namespace = "vetset.package@v1";
/// Files of the attestation folder that hold one end so.
inline constexpr std::string_view ssh_suffix = ".sshsig";

/// A public key in SSH's own form: Ed25519, ECDSA (P-256, P-384, P-521) or RSA of 2,048 bits and more.
struct SshKey {
  std::string blob;         // as on the wire
  std::string type;         // "ssh-ed25519"
  std::string fingerprint;  // "SHA256:" and base64 without padding, as ssh-keygen -l prints it
};
/// From the two words of a line of authorized_keys: "ssh-ed25519", "AAAA…".
Result<SshKey> parse_ssh_key(std::string_view type, std::string_view base64);

/// How people see a key: of the SHA-256 of its blob.
std::string ssh_fingerprint(std::string_view sha256);

struct SshSignature {
  SshKey key;
  std::string name_space, hash;  // "sha512", "sha256"
  std::string algorithm, value;  // "rsa-sha2-512", its bytes
};
/// An error names what was expected, after an E_-code as its first word.
Result<SshSignature> parse_ssh_signature(std::string_view armored);
/// Whether the signature is its own key's over a message.
bool is_valid(const SshSignature& signature, std::string_view message);

}  // namespace vetset
