// What a finding is about: its records by name, the place as far as the dataset knows it, and the fingerprint that
// stays the same while lines and messages change.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "vetset/dataset/finding.h"

namespace vetset {

struct About {
  std::string image = {};       // path of the image it concerns, as its record spells it
  std::string other = {};       // of the second one, in a pair
  std::string annotation = {};  // id as JSON; empty where it has none
  std::string category = {};    // name of the class it concerns
  std::string identity = {};    // what stands for the records, whatever happens to the files around them
};
About about(const Dataset& d, const Finding& finding);

/// The place as the dataset knows it: with an offset perhaps, and without a line that nobody has counted yet.
Place rough_place(const Dataset& d, const Finding& finding);

/// How much of a fingerprint people are shown, as the finding's id; any beginning that is one finding's own will do.
inline constexpr std::size_t finding_id_size = 10;

/// Gives findings their fingerprints, one after another: made of code and identity, and of how many like it came before
/// ("-2" for the second).
class Fingerprints {
 public:
  std::string next(std::string_view code, std::string_view identity);

 private:
  std::map<std::string, std::uint64_t> seen_;
};

}  // namespace vetset
