// A model over the images of a dataset: in order, in bounded memory, and where it was killed it goes on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/dataset.h"
#include "vetset/infer/journal.h"
#include "vetset/runtime/model.h"

namespace vetset {

struct InferOptions {
  std::uint32_t shard = 0, shards = 1;  // images shard, shard + shards, …
  std::uint32_t batch = 1;              // images a run of the model
  std::string journal = {};             // its file; continued where it is of the same run
  Pool pool = Pool(1);
  Progress progress = {};
};

struct InferReport {
  std::uint64_t images = 0;                      // of this shard
  std::uint64_t continued = 0;                   // that an earlier run had done
  std::uint64_t found = 0;                       // objects or classes
  std::uint64_t problems = 0;                    // images without an answer
  std::vector<std::string> first_problems = {};  // "a.jpg: is cut off", some
  std::string images_digest = {};                // over the paths and the bytes of the images, in order
};

/// What the journal's first line says.
std::string journal_header(const Dataset& d, const Model& model, const InferOptions& options);

/// Every image of the shard has a line in the journal afterwards. An image that cannot be read is a problem of its
/// line; what the model itself refuses ends the run.
Result<InferReport> infer(const Dataset& d, const Tree& media, const Model& model, const InferOptions& options);

}  // namespace vetset
