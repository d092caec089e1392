// What a journal holds, as others take it: a list of COCO results, rows of embeddings, or a dataset of predictions that
// any format writes.
#pragma once

#include <string>
#include <string_view>

#include "vetset/base/result.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/dataset.h"
#include "vetset/runtime/model_spec.h"

namespace vetset {

/// Which class of the dataset a label of the contract is: by name, else none.
std::vector<CategoryIndex> classes_of(const Dataset& d, const ModelSpec& spec);

/// `name` in `out`: a list as pycocotools' loadRes takes it. Images and classes go by the dataset's ids; where it has
/// none, images by path and classes by the contract's id. Rotated boxes become outlines. Held: one line at a time.
Result<void> write_results(const Dataset& d, const ModelSpec& spec, const std::string& journal, TreeWriter& out,
                           std::string_view name);
/// "embeddings.npy", a row of float32 an image, and "embeddings.txt", its path a line.
Result<void> write_embeddings(const Dataset& d, const std::string& journal, TreeWriter& out);

/// The dataset's images with what the model found in place of its labels: objects with scores, in a layer named after
/// the model. Classes that it lacks come behind its own.
Result<Dataset> predicted_dataset(Dataset d, const ModelSpec& spec, const std::string& journal);

}  // namespace vetset
