// Whose SSH signatures count: OpenSSH's own files, for those who manage such keys already. `allowed_signers` names keys
// and when they count (ssh-keygen(1), ALLOWED SIGNERS); a key revocation list, binary (PROTOCOL.krl) or of public keys
// a line, names those that count no more.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/package/ssh_signature.h"

namespace vetset {

struct AllowedSigner {
  SshKey key;
  std::string principals;                         // as the line says: "release@acme"
  std::string valid_from = {}, valid_until = {};  // days, both inclusive; empty: no bound
  bool revoked = false;
};

/// Keys that may sign packages, in the order of their lines. Days are strict: a bound within a day leaves that day out.
/// Lines for other namespaces are passed over; a certificate authority is an error, as certificates are not read here.
Result<std::vector<AllowedSigner>> parse_allowed_signers(std::string_view text);

/// Marks the keys that a list revokes.
Result<void> revoke(std::vector<AllowedSigner>& signers, std::string_view list);

}  // namespace vetset
