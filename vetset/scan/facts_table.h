// The facts of a scan as a table, a row an image: for data frames, Parquet, CSV and JSON lines. The columns are those
// of Facts and PixelFacts, with their units; what was not measured or not stated is missing.
#pragma once

#include <span>

#include "vetset/base/parquet.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"
#include "vetset/dataset/pixel_facts.h"

namespace vetset {

/// One fact an image each. All are looked at when rows are asked for: they must stay.
TableRows facts_table(const Dataset& d, std::span<const Facts> facts, std::span<const PixelFacts> pixels);

}  // namespace vetset
