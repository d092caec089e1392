// Secrets come from a prompt or a file descriptor, never from the command line.
#pragma once

#include <string>

#include "vetset/base/result.h"

namespace vetset::cli {

/// The passphrase of an encrypted key file: empty where the key is not encrypted, from `fd` where one is given, else
/// asked for on the terminal.
Result<std::string> passphrase_for(const std::string& key_path, int fd);
/// A new one, asked for twice; empty where `fd` is −1 and there is no terminal.
Result<std::string> new_passphrase(int fd);

}  // namespace vetset::cli
