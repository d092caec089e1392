// The nodes of an ONNX model's main graph, and what is in its weights: for `vetset model check`. Read on the wire, as
// onnx_file.h does, which tells all else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/result.h"

namespace vetset {

struct OnnxNode {
  std::string domain, op, name;
  std::vector<std::string> inputs, outputs;
  /// Attributes that are one number or one text; numbers as text.
  std::vector<std::pair<std::string, std::string>> attributes = {};

  /// Empty where absent.
  std::string_view attribute(std::string_view key) const;
};

/// A tensor of weights with values that are no numbers.
struct OnnxOddWeights {
  std::string name;
  std::uint64_t nan = 0, infinite = 0;
};

struct OnnxGraph {
  std::vector<OnnxNode> nodes;        // in file order
  std::vector<std::string> consumed;  // names that a node takes, inner graphs included; sorted, each once
  std::vector<std::string> given;     // what the graph gives
  std::vector<OnnxOddWeights> odd;    // of the weights inside the file

  /// The node that gives this value; null: none.
  const OnnxNode* giver(std::string_view value) const;
};

Result<OnnxGraph> read_onnx_graph(std::string_view bytes);

}  // namespace vetset
