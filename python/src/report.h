// A check and the dataset it is of; its findings keep both alive.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "python/src/dataset.h"

namespace vetset::python {

struct Checked {
  Shared source;
  std::string path;  // as it was opened; empty: of several datasets
  CheckReport report;
  std::vector<Place> places;  // of findings
  CheckSettings settings = {};
  std::vector<std::string> notes = {};  // what could not be held against an earlier dataset
};
using SharedCheck = std::shared_ptr<const Checked>;

struct PyReport {
  SharedCheck check;
  nb::object findings;  // made when first asked for
  const CheckReport& report() const { return check->report; }
};

/// What rows a finding is about; nothing where it is about none. Of a pair: the second one, as it is the one to blame.
struct FoundRows {
  std::optional<std::uint32_t> image, annotation, category;
};
FoundRows row_of(const Finding& finding, const Dataset& d);

/// Findings as a table, all of them or those that are chosen: a row a finding, or a row a place.
Frame findings_table(const SharedCheck& check, std::optional<std::vector<std::uint32_t>> chosen, bool by_place);

}  // namespace vetset::python
