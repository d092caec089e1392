// Tensors as an exported model takes and gives them: a type, a shape, bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vetset {

/// Numbered as TensorProto.DataType of ONNX (onnx.proto), which ONNX Runtime shares.
enum class ElementType : std::uint8_t {
  undefined = 0,
  float32 = 1,
  uint8 = 2,
  int8 = 3,
  uint16 = 4,
  int16 = 5,
  int32 = 6,
  int64 = 7,
  string = 8,
  boolean = 9,
  float16 = 10,
  float64 = 11,
  uint32 = 12,
  uint64 = 13,
  bfloat16 = 16,
};
/// "float32"; of a number that is none of the above "type 17".
std::string to_string(ElementType type);
/// Of NumPy's and ONNX's names, "float32"; undefined for others.
ElementType element_type_of(std::string_view name);
/// Bytes an element; 0 for strings and what has no fixed size.
std::size_t bytes_of(ElementType type);

/// One input or output of a model.
struct TensorInfo {
  std::string name = {};
  ElementType type = ElementType::undefined;
  bool has_shape = true;                 // false: any rank
  std::vector<std::int64_t> shape = {};  // -1: any length
  std::vector<std::string> axes = {};    // the names of the free ones ("batch"), by axis; empty where fixed or unnamed
};

/// Row-major values. Owns its bytes, aligned to 64, or views bytes that somebody else keeps.
class Tensor {
 public:
  Tensor() = default;
  /// Zeros. The shape's product must have been checked (`elements_of`).
  static Tensor zeros(ElementType type, std::vector<std::int64_t> shape);
  /// A view: `bytes` must outlive the tensor and be aligned to its elements.
  static Tensor view(ElementType type, std::vector<std::int64_t> shape, std::span<std::byte> bytes);

  ElementType type() const { return type_; }
  const std::vector<std::int64_t>& shape() const { return shape_; }
  std::size_t elements() const { return elements_; }
  std::span<std::byte> bytes() { return bytes_; }
  std::span<const std::byte> bytes() const { return bytes_; }
  /// The values, where the element type is T's.
  template <class T>
  std::span<T> values() {
    return {reinterpret_cast<T*>(bytes_.data()), bytes_.size() / sizeof(T)};
  }
  template <class T>
  std::span<const T> values() const {
    return {reinterpret_cast<const T*>(bytes_.data()), bytes_.size() / sizeof(T)};
  }
  /// Whoever must stay alive while a view is used (a runtime's own output buffer).
  void keep(std::shared_ptr<const void> owner) { owner_ = std::move(owner); }

 private:
  ElementType type_ = ElementType::undefined;
  std::vector<std::int64_t> shape_;
  std::size_t elements_ = 0;
  std::span<std::byte> bytes_;
  std::shared_ptr<const void> owner_;
};

/// The product of a shape, where it has no free length and does not overflow; else -1.
std::int64_t elements_of(std::span<const std::int64_t> shape);
/// "1x3x640x640"; free lengths by name or "?".
std::string to_string(const TensorInfo& info);
std::string shape_text(std::span<const std::int64_t> shape);
/// IEEE 754's binary16.
float float_of_half(std::uint16_t bits);

}  // namespace vetset
