#include "vetset/runtime/tensor.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "vetset/base/result.h"

namespace vetset {
namespace {

struct ElementName {
  ElementType type;
  std::string_view name;
  std::size_t bytes;
};
constexpr ElementName element_names[] = {
    {ElementType::undefined, "undefined", 0}, {ElementType::float32, "float32", 4},
    {ElementType::uint8, "uint8", 1},         {ElementType::int8, "int8", 1},
    {ElementType::uint16, "uint16", 2},       {ElementType::int16, "int16", 2},
    {ElementType::int32, "int32", 4},         {ElementType::int64, "int64", 8},
    {ElementType::string, "string", 0},       {ElementType::boolean, "bool", 1},
    {ElementType::float16, "float16", 2},     {ElementType::float64, "float64", 8},
    {ElementType::uint32, "uint32", 4},       {ElementType::uint64, "uint64", 8},
    {ElementType::bfloat16, "bfloat16", 2},
};
constexpr std::size_t alignment = 64;

}  // namespace

std::string to_string(ElementType type) {
  for (const ElementName& known : element_names)
    if (known.type == type) return std::string(known.name);
  return "type " + std::to_string(static_cast<unsigned>(type));
}

ElementType element_type_of(std::string_view name) {
  // ONNX says "float" and "double" where NumPy says the width.
  if (name == "float") return ElementType::float32;
  if (name == "double") return ElementType::float64;
  for (const ElementName& known : element_names)
    if (known.name == name) return known.type;
  return ElementType::undefined;
}

std::size_t bytes_of(ElementType type) {
  for (const ElementName& known : element_names)
    if (known.type == type) return known.bytes;
  return 0;
}

Tensor Tensor::zeros(ElementType type, std::vector<std::int64_t> shape) {
  const std::int64_t elements = elements_of(shape);
  VETSET_ASSERT(elements >= 0 && bytes_of(type) > 0, "the caller checked the shape and asks for numbers");
  const std::size_t bytes = static_cast<std::size_t>(elements) * bytes_of(type);
  const std::size_t room = (bytes + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, room == 0 ? alignment : room);
  if (memory == nullptr) throw std::bad_alloc();
  std::memset(memory, 0, room == 0 ? alignment : room);
  Tensor t = view(type, std::move(shape), {static_cast<std::byte*>(memory), bytes});
  t.owner_ = std::shared_ptr<const void>(memory, [](void* owned) { std::free(owned); });
  return t;
}

Tensor Tensor::view(ElementType type, std::vector<std::int64_t> shape, std::span<std::byte> bytes) {
  Tensor t;
  t.type_ = type;
  t.elements_ = static_cast<std::size_t>(std::max<std::int64_t>(elements_of(shape), 0));
  t.shape_ = std::move(shape);
  t.bytes_ = bytes;
  return t;
}

std::int64_t elements_of(std::span<const std::int64_t> shape) {
  std::int64_t product = 1;
  bool empty = false;
  for (const std::int64_t length : shape) {
    if (length < 0) return -1;
    if (length == 0) {
      empty = true;
      continue;
    }
    if (product > std::numeric_limits<std::int64_t>::max() / 16 / length) return -1;  // 16: no element is wider
    product *= length;
  }
  return empty ? 0 : product;
}

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text;
  for (const std::int64_t length : shape)
    text += (text.empty() ? "" : "x") + (length < 0 ? "?" : std::to_string(length));
  return text.empty() ? "scalar" : text;
}

std::string to_string(const TensorInfo& info) {
  if (!info.has_shape) return "any shape";
  if (info.shape.empty()) return "scalar";
  std::string text;
  for (std::size_t i = 0; i < info.shape.size(); ++i) {
    const bool named = i < info.axes.size() && !info.axes[i].empty();
    if (i > 0) text += 'x';
    text += info.shape[i] >= 0 ? std::to_string(info.shape[i]) : named ? info.axes[i] : "?";
  }
  return text;
}

float float_of_half(std::uint16_t h) {
  const std::uint32_t sign = (h & 0x8000U) << 16, exponent = (h >> 10) & 31U, fraction = h & 1023U;
  if (exponent == 0) {  // zero and the smallest
    const float value = std::ldexp(static_cast<float>(fraction), -24);
    return sign ? -value : value;
  }
  const std::uint32_t bits = sign | (exponent == 31 ? 0x7f800000U : (exponent + 112) << 23) | fraction << 13;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace vetset
