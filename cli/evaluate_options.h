// The settings of an evaluation as they are typed: "0.5:0.95:0.05", "small=0:1024,large=9216:inf", "bbox,segm".
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vetset/vetset.h"

namespace vetset::cli {

/// Numbers one by one ("0.5,0.75"), or from, to and step ("0.5:0.95:0.05").
Result<std::vector<double>> thresholds_of(const std::vector<std::string>& words);
Result<std::vector<double>> numbers_of(const std::string& flag, const std::vector<std::string>& words);
Result<std::vector<std::uint32_t>> limits_of(const std::vector<std::string>& words);
Result<std::vector<CocoAreaRange>> areas_of(const std::vector<std::string>& words);
Result<std::vector<std::pair<std::string, std::string>>> renamed_of(const std::vector<std::string>& words);
Result<std::vector<IouType>> types_of(const std::vector<std::string>& words);

}  // namespace vetset::cli
