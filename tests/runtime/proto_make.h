// Writes protobuf messages for tests, field by field.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vetset::made {

inline std::string varint(std::uint64_t value) {
  std::string out;
  for (; value > 127; value >>= 7U) out += static_cast<char>((value & 127U) | 128U);
  out += static_cast<char>(value);
  return out;
}
inline std::string number(std::uint32_t field, std::uint64_t value) { return varint(field << 3U) + varint(value); }
inline std::string part(std::uint32_t field, std::string_view bytes) {
  return varint(field << 3U | 2U) + varint(bytes.size()) + std::string(bytes);
}

/// "float[batch,3]" as ValueInfoProto: a negative dimension is open.
inline std::string value_info(std::string_view name, std::uint32_t type, std::string_view dims) {
  return part(1, name) + part(2, part(1, number(1, type) + part(2, dims)));
}
inline std::string fixed(std::uint64_t size) { return part(1, number(1, size)); }
inline std::string open(std::string_view name) { return part(1, name.empty() ? std::string() : part(2, name)); }
inline std::string node(std::string_view op, std::string_view domain = {}) {
  return part(4, op) + (domain.empty() ? std::string() : part(7, domain));
}
/// A TensorProto with its bytes.
inline std::string tensor(std::string_view name, std::uint32_t type, std::uint64_t size, std::string_view raw) {
  return number(1, size) + number(2, type) + part(8, name) + part(9, raw);
}
inline std::string outside(std::string_view name, std::uint64_t floats, std::string_view path,
                           std::string_view offset) {
  return number(1, floats) + number(2, 1) + part(8, name) + part(13, part(1, "location") + part(2, path)) +
         part(13, part(1, "offset") + part(2, offset)) + number(14, 1);
}
/// A ModelProto of that IR version and opset around a graph.
inline std::string model(std::uint64_t ir, std::uint64_t opset, std::string_view graph, std::string_view more = {}) {
  return number(1, ir) + part(2, "made") + part(8, part(1, "") + number(2, opset)) + std::string(more) + part(7, graph);
}

}  // namespace vetset::made
