// A model with its contract: image bytes in, answers out.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/runtime/model_spec.h"
#include "vetset/runtime/postprocess.h"
#include "vetset/runtime/preprocess.h"
#include "vetset/runtime/runtime.h"

namespace vetset {

/// Its functions may be called from several threads at once.
class Model {
 public:
  /// Refuses a file whose digest is not the contract's, a model with other than one input, and inputs and heads that
  /// the contract cannot serve.
  static Result<std::shared_ptr<const Model>> open(const std::string& file, ModelSpec spec,
                                                   const RuntimeOptions& runtime = {},
                                                   const SessionOptions& session = {});

  const ModelSpec& spec() const { return spec_; }
  const std::string& spec_digest() const { return spec_digest_; }  // "sha256:…"
  const std::string& sha256() const { return sha256_; }            // of the file, hex
  const Session& session() const { return *session_; }
  const Runtime& runtime() const { return *runtime_; }
  const std::string& file() const { return file_; }
  /// The longest batch that one run takes; 0: any.
  std::uint32_t most_images() const { return most_images_; }

  /// Of one image, as encoded bytes or as pixels (P0).
  Result<ModelAnswer> answer(std::string_view image) const;
  Result<ModelAnswer> answer(const Raster& pixels) const;
  /// Of several images in one run. Their inputs must be of one size (`Placement::input_width`, `input_height`).
  Result<std::vector<ModelAnswer>> answer(std::span<const Raster> pixels, std::span<const Placement> placements) const;
  /// Raw outputs that the head needs, for parity and for those who decode themselves.
  Result<std::vector<Tensor>> run(const Tensor& input) const;
  /// From those outputs on.
  Result<ModelAnswer> answer_of(std::span<const Tensor> outputs, std::size_t index, const Placement& placement) const;

 private:
  Model() = default;
  std::string file_, sha256_, spec_digest_;
  ModelSpec spec_;
  std::shared_ptr<Runtime> runtime_;
  std::shared_ptr<const Session> session_;
  std::vector<std::size_t> outputs_;  // of the session's, in the head's order
  std::uint32_t most_images_ = 0;
};

}  // namespace vetset
