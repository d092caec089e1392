// What an ONNX file says of itself, without a runtime: the protobuf messages of onnx.proto3 are walked on the wire,
// weights are stepped over. Serves `vetset model inspect` and `vetset doctor`. A file that ends early, contradicts
// itself or was made to exhaust the machine is refused, with the byte where it went wrong.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/limits.h"
#include "vetset/base/result.h"
#include "vetset/base/tree.h"

namespace vetset {

/// "float", "uint8", "bfloat16", as TensorProto.DataType names them, in lower case; "type 99" where there is no name.
std::string onnx_type_name(std::int32_t type);
/// Bits that one element takes; 0 for strings and types without a name.
std::uint32_t onnx_type_bits(std::int32_t type);

/// One dimension: a size, or open, with the name that the model gives it ("batch", or nothing).
struct OnnxDimension {
  std::int64_t size = -1;  // -1: open
  std::string name = {};
};

/// What the graph takes or gives.
struct OnnxValue {
  enum class Kind : std::uint8_t { unknown, tensor, sparse, sequence, map, optional, opaque };
  std::string name;
  Kind kind = Kind::unknown;
  std::int32_t type = 0;   // of the elements of a tensor; 0: not said
  bool has_shape = false;  // a shape without dimensions is a scalar; no shape says nothing
  std::vector<OnnxDimension> shape = {};
};

/// "float[batch,3,640,640]", "int64[]", "float[?,84]", "sequence".
std::string to_string(const OnnxValue&);

struct OnnxOpset {
  std::string domain;  // "" is ONNX itself
  std::int64_t version = 0;
};

/// How often an operator is used, in the graph, in the graphs inside it and in functions.
struct OnnxOperator {
  std::string domain;  // "" is ONNX itself, also where the node says "ai.onnx"
  std::string name;
  std::uint64_t count = 0;
};

/// A tensor of weights.
struct OnnxInitialiser {
  std::string name;
  std::int32_t type = 0;
  std::vector<std::int64_t> shape = {};
  std::uint64_t bytes = 0;  // that its elements take; 0 for strings
  bool external = false;
};

/// A file beside the model that holds weights, and how far into it the model reaches.
struct OnnxExternal {
  std::string path;  // as the model names it, from its own folder
  std::uint64_t tensors = 0;
  std::uint64_t end = 0;  // the last byte that a tensor needs, from the beginning of the file
  std::string problem =
      {};  // "leaves the model's folder", "is missing", "has 12 bytes, the model needs 4096"; or nothing
};

struct OnnxFunction {
  std::string domain, name;
};

struct OnnxFile {
  std::int64_t ir_version = 0;
  std::string producer, producer_version;
  std::string domain;  // of the model
  std::int64_t model_version = 0;
  std::string graph_name;
  std::vector<OnnxOpset> opsets;                              // in file order
  std::vector<std::pair<std::string, std::string>> metadata;  // metadata_props, in file order
  std::vector<OnnxValue> inputs;                              // without those that an initialiser gives a default
  std::vector<OnnxValue> outputs;
  std::vector<OnnxOperator> operators;        // sorted by domain, then name
  std::vector<OnnxFunction> functions;        // the model's own, in file order
  std::vector<OnnxInitialiser> initialisers;  // of the main graph, in file order
  std::vector<OnnxExternal> external;         // sorted by path
  std::uint64_t nodes = 0;
  std::uint64_t weight_bytes = 0;  // of all tensors of weights, those of inner graphs and constants too
  std::uint64_t file_bytes = 0;

  /// The version of ONNX's own operators that the model asks for; 0 where it names none.
  std::int64_t opset() const;
  /// The value of a key of `metadata`; empty where absent.
  std::string_view meta(std::string_view key) const;
};

/// Reads a model from its bytes. Problems of external files are those of their names alone.
Result<OnnxFile> read_onnx(std::string_view bytes, const Limits& limits = {});
/// Reads a model in a tree, and looks whether the files of weights beside it are there and long enough.
Result<OnnxFile> read_onnx(const Tree& tree, std::string_view path, const Limits& limits = {});
/// The same for a file on the disk.
Result<OnnxFile> read_onnx_file(const std::string& path, const Limits& limits = {});

}  // namespace vetset
