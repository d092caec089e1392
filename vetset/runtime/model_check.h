// What is worth knowing of an exported model before it is served: one line of cause and one of cure each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/runtime/onnx_file.h"
#include "vetset/runtime/onnx_graph.h"

namespace vetset {

enum class ModelGrade : std::uint8_t { note, warning, error };
std::string_view name(ModelGrade);

struct ModelFault {
  std::string name;  // "weights-not-finite"
  ModelGrade grade = ModelGrade::note;
  std::string cause;      // "the weights 'fc.w' hold 3 NaN"
  std::string cure = {};  // "train or export again: …"; empty: nothing is to be done
};

/// By falling grade, then in the order in which they are looked for.
std::vector<ModelFault> check_model(const OnnxFile& file, const OnnxGraph& graph);

/// "float32", "float16", "int8, float32": of the weights, the most bytes first, and "quantized" where nodes say so.
std::string precision_of(const OnnxFile& file);

}  // namespace vetset
