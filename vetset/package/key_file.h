// Keys as the files that people keep them in.
#pragma once

#include <string>

#include "vetset/base/result.h"

namespace vetset {

/// A small file of the user's own: a key.
Result<std::string> read_key_file(const std::string& path);
/// A private key that others can read is no secret, and an error.
Result<std::string> read_private_key(const std::string& path);

}  // namespace vetset
