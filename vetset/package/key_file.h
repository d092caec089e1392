// Keys as the files that people keep them in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/package/sign.h"

namespace vetset {

/// A small file of the user's own: a key, a policy.
Result<std::string> read_key_file(const std::string& path, std::uint64_t limit = 64 * 1024);
/// A private key that others can read is no secret, and an error.
Result<std::string> read_private_key(const std::string& path);
/// Public keys, of a file each.
Result<std::vector<PublicKey>> read_public_keys(const std::vector<std::string>& paths);

}  // namespace vetset
