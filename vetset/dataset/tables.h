// The columns of a dataset as tables, for those who think in data frames. Names and values are those of Dataset; what a
// source did not say is missing, and a column that no row has a value for is not there.
#pragma once

#include "vetset/base/parquet.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

// All look at `d` when their rows are asked for: it must stay.
TableRows image_table(const Dataset& d);       // id path media width height state licence splits
TableRows annotation_table(const Dataset& d);  // id image image_path category category_name kind x y width height …
TableRows category_table(const Dataset& d);    // id name supercategory keypoints
TableRows split_table(const Dataset& d);       // name role images
TableRows membership_table(const Dataset& d);  // split image order

/// One text of each image or annotation, as a table of one column.
TableRows text_table(std::string name, std::uint64_t count, std::function<std::string_view(std::uint64_t)> text);

}  // namespace vetset
