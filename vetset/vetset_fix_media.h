// What fix does to image files: tried once, told by digests, and made again whenever a file is read.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "vetset/base/digest.h"
#include "vetset/vetset.h"

namespace vetset {

class MediaWork {
 public:
  /// Whether a file of the source can be changed so; tried at the first call.
  bool possible(const Source& source, std::string_view path, MediaChange change);
  /// Notes with each edit of a file what its bytes were and are (docs/schema/fix-v1.json).
  void tell(const Dataset& before, std::vector<Edit>& edits, std::span<const Workbench::Edit> made) const;
  /// Lets the source show the files as these edits leave them; `before` is the dataset that they are of.
  void carry_out(Source& source, const Dataset& before, std::span<const Workbench::Edit> made) const;

 private:
  struct Outcome {
    bool possible = false;
    std::uint64_t bytes_before = 0, bytes_after = 0;
    Digest before, after;
  };
  const Outcome& outcome(std::string_view path, MediaChange change) const;

  std::map<std::pair<std::string, MediaChange>, Outcome> outcomes_;
};

}  // namespace vetset
