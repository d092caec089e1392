// Licences by their SPDX ids, from the names and links that datasets give them. Only what is sure: a licence that is
// not known here keeps the name it was given.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vetset/dataset/dataset.h"
#include "vetset/package/questionnaire.h"

namespace vetset {

/// "CC-BY-4.0" of "CC BY 4.0" or of http://creativecommons.org/licenses/by/4.0/; empty where it is not sure.
std::string spdx_id(std::string_view name, std::string_view url);

/// A licence that the dataset names, and how many images say that they are under it.
struct NamedLicence {
  std::string name, url, spdx;  // any may be empty
  std::uint64_t images = 0;
};
/// Equal ones once, in the dataset's order. Also what an export says of itself (the `roboflow` part of a data.yaml).
std::vector<NamedLicence> licences_of(const Dataset& d);

/// The manifest's `rights`: licence, personal data, legal basis, allowed uses, as canonical JSON; empty where nothing
/// is said of any.
std::string rights_json(const Dataset& d, const Answers& answers);

}  // namespace vetset
