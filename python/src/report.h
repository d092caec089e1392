// A check and the dataset it is of; its findings keep both alive.
#pragma once

#include <memory>
#include <vector>

#include "python/src/dataset.h"

namespace vetset::python {

struct Checked {
  Shared source;
  std::string path;  // as it was opened; empty: of several datasets
  CheckReport report;
  std::vector<Place> places;  // of findings
};
using SharedCheck = std::shared_ptr<const Checked>;

struct PyReport {
  SharedCheck check;
  nb::object findings;  // made when first asked for
  const CheckReport& report() const { return check->report; }
};

}  // namespace vetset::python
