// The files of a machine: this one's, or another's below a folder (a mounted image, an unpacked container). Links are
// followed inside that folder only: an absolute one begins at it, and none leaves it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/base/tree.h"

namespace vetset {

class RootFiles {
 public:
  /// "/" or empty: this machine.
  explicit RootFiles(std::string root = "/");

  bool is_here() const { return root_.empty(); }
  const std::string& root() const { return root_; }  // without a final '/'; empty: this machine

  /// The path behind all links, as the machine itself names it; nothing where there is none.
  std::optional<std::string> real(std::string_view path) const;
  bool is_file(std::string_view path) const;
  bool is_folder(std::string_view path) const;
  /// Names in a folder, sorted; none where it cannot be read.
  std::vector<std::string> names(std::string_view folder) const;
  /// A small text, also of /proc and /sys, whose sizes are not known before: at most 1 MB of it; empty where there is
  /// none.
  std::string text(std::string_view path) const;
  /// Its first line, without blanks at either end.
  std::string line(std::string_view path) const;
  /// A whole file, mapped.
  Result<Bytes> read(std::string_view path) const;

 private:
  std::string root_;
};

/// The text without blanks and line ends around it.
std::string_view trimmed(std::string_view text);
/// Parts between signs; empty ones are left out.
std::vector<std::string> parts(std::string_view text, char sign);

}  // namespace vetset
