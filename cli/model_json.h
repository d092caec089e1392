// What `vetset model … --json` prints. Schemas: docs/schema/model-inspect-v1.json, model-check-v1.json,
// model-spec-v1.json.
#pragma once

#include <string>

#include "vetset/vetset_model.h"

namespace vetset::cli {

std::string inspected_json(const ModelReport& report);
std::string checked_json(const ModelCheckReport& report);
std::string specified_json(const ModelSpecReport& report);

}  // namespace vetset::cli
