// The element types of ONNX and how a value is written down.
#include <array>

#include "vetset/base/unicode.h"
#include "vetset/runtime/onnx_file.h"

namespace vetset {
namespace {

struct OnnxType {
  std::string_view name;
  std::uint32_t bits;
};
/// By number, as TensorProto.DataType of ONNX 1.20 has them.
constexpr std::array<OnnxType, 27> onnx_types{{
    {"", 0},
    {"float", 32},
    {"uint8", 8},
    {"int8", 8},
    {"uint16", 16},
    {"int16", 16},
    {"int32", 32},
    {"int64", 64},
    {"string", 0},
    {"bool", 8},
    {"float16", 16},
    {"double", 64},
    {"uint32", 32},
    {"uint64", 64},
    {"complex64", 64},
    {"complex128", 128},
    {"bfloat16", 16},
    {"float8e4m3fn", 8},
    {"float8e4m3fnuz", 8},
    {"float8e5m2", 8},
    {"float8e5m2fnuz", 8},
    {"uint4", 4},
    {"int4", 4},
    {"float4e2m1", 4},
    {"float8e8m0", 8},
    {"uint2", 2},
    {"int2", 2},
}};

const OnnxType* onnx_type(std::int32_t type) {
  if (type <= 0 || type >= static_cast<std::int32_t>(onnx_types.size())) return nullptr;
  return &onnx_types[static_cast<std::size_t>(type)];
}

}  // namespace

std::string onnx_type_name(std::int32_t type) {
  const OnnxType* known = onnx_type(type);
  return known != nullptr ? std::string(known->name) : "type " + std::to_string(type);
}

std::uint32_t onnx_type_bits(std::int32_t type) {
  const OnnxType* known = onnx_type(type);
  return known != nullptr ? known->bits : 0;
}

std::string to_string(const OnnxValue& value) {
  using Kind = OnnxValue::Kind;
  switch (value.kind) {
    case Kind::unknown: return "unknown";
    case Kind::sequence: return "sequence";
    case Kind::map: return "map";
    case Kind::optional: return "optional";
    case Kind::opaque: return "opaque";
    case Kind::tensor:
    case Kind::sparse: break;
  }
  std::string text = value.type == 0 ? "tensor" : onnx_type_name(value.type);
  if (value.kind == Kind::sparse) text = "sparse " + text;
  if (!value.has_shape) return text;
  text += '[';
  for (std::size_t i = 0; i < value.shape.size(); ++i) {
    const OnnxDimension& d = value.shape[i];
    if (i > 0) text += ',';
    text += d.size >= 0 ? std::to_string(d.size) : d.name.empty() ? "?" : printable(d.name);
  }
  return text + ']';
}

}  // namespace vetset
