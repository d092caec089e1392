// The infer verb of the façade: a model with its contract over a dataset, and what is written of it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "vetset/infer/infer.h"
#include "vetset/vetset.h"

namespace vetset {

/// Which model, and which contract: of a file; else the one beside the model (best.onnx: best.yaml, model.yaml); else
/// what the model's file says of itself, with the steps of a preset.
struct ModelChoice {
  std::string model = {};   // .onnx
  std::string spec = {};    // model.yaml
  std::string preset = {};  // "ultralytics/detect"
  RuntimeOptions runtime = {};
  SessionOptions session = {};
};
struct OpenedModel {
  std::shared_ptr<const Model> model;
  std::vector<std::string> notes = {};  // what was guessed
};
Result<OpenedModel> open_model(const ModelChoice& choice);

/// A dataset; where no format is found, the images of a folder or archive, without labels.
Result<Source> open_images(const std::string& path, const OpenOptions& options = {});

struct InferRequest {
  std::uint32_t shard = 0, shards = 1, batch = 1;
  std::string journal = {};  // continued where it is of the same run
  Common common = {};
};
Result<InferReport> infer(const Source& source, const Model& model, const InferRequest& request);

/// docs/schema/inference-v1.json: which model, contract, runtime and images, and what came of it.
std::string inference_record(const Source& source, const Model& model, const InferRequest& request,
                             const InferReport& report);

/// A folder with results.json (COCO results), or embeddings.npy and embeddings.txt; and "<target>.inference.json"
/// beside it. They appear together or not at all; the journal is removed.
struct InferredFiles {
  std::vector<std::string> files;  // below the target
  std::string record;              // its path
};
Result<InferredFiles> write_inferred(const Source& source, const Model& model, const InferRequest& request,
                                     const InferReport& report, const std::string& target, bool overwrite);

}  // namespace vetset
