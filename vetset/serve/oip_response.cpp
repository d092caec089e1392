// Responses and descriptions of the Open Inference Protocol.
#include <charconv>
#include <cmath>
#include <cstring>

#include "vetset/base/json.h"
#include "vetset/serve/oip.h"

namespace vetset {
namespace {

template <class T>
void append_values(std::string& out, const Tensor& tensor) {
  char text[40];
  bool first = true;
  for (const T v : tensor.values<T>()) {
    if (!std::exchange(first, false)) out += ',';
    if constexpr (std::is_same_v<T, bool>) {
      out += v ? "true" : "false";
    } else {
      if constexpr (std::is_floating_point_v<T>) {
        if (!std::isfinite(v)) {  // as Python's json and Triton write them
          out += std::isnan(v) ? "NaN" : v > 0 ? "Infinity" : "-Infinity";
          continue;
        }
      }
      out.append(text, std::to_chars(text, text + sizeof text, v).ptr);
    }
  }
}

void append_data(std::string& out, const Tensor& t) {
  switch (t.type()) {
    case ElementType::boolean: append_values<bool>(out, t); break;
    case ElementType::uint8: append_values<std::uint8_t>(out, t); break;
    case ElementType::uint16: append_values<std::uint16_t>(out, t); break;
    case ElementType::uint32: append_values<std::uint32_t>(out, t); break;
    case ElementType::uint64: append_values<std::uint64_t>(out, t); break;
    case ElementType::int8: append_values<std::int8_t>(out, t); break;
    case ElementType::int16: append_values<std::int16_t>(out, t); break;
    case ElementType::int32: append_values<std::int32_t>(out, t); break;
    case ElementType::int64: append_values<std::int64_t>(out, t); break;
    case ElementType::float32: append_values<float>(out, t); break;
    case ElementType::float64: append_values<double>(out, t); break;
    default: break;
  }
}

void describe(JsonWriter& w, std::string_view key, std::span<const TensorInfo> tensors) {
  w.key(key).begin_array();
  for (const TensorInfo& t : tensors) {
    w.begin_object().key("name").value(t.name).key("datatype").value(oip_name(t.type)).key("shape").begin_array();
    for (const std::int64_t length : t.shape) w.value(length);
    w.end_array().end_object();
  }
  w.end_array();
}

}  // namespace

OipResponse oip_response(std::string_view model, std::string_view version, std::string_view id,
                         std::span<const OipOutput> outputs, std::string_view parameters) {
  OipResponse response;
  std::string& out = response.body;
  out = "{\"model_name\":";
  append_json_string(out, model);
  out += ",\"model_version\":";
  append_json_string(out, version);
  if (!id.empty()) {
    out += ",\"id\":";
    append_json_string(out, id);
  }
  if (!parameters.empty()) out += ",\"parameters\":" + std::string(parameters);
  out += ",\"outputs\":[";
  std::size_t binary = 0;
  for (const OipOutput& o : outputs) {
    if (&o != outputs.data()) out += ',';
    out += "{\"name\":";
    append_json_string(out, o.name);
    out += ",\"datatype\":\"" + std::string(oip_name(o.tensor->type())) + "\",\"shape\":[";
    for (std::size_t k = 0; k < o.tensor->shape().size(); ++k)
      out += (k ? "," : "") + std::to_string(o.tensor->shape()[k]);
    // JSON has no half floats: they go as bytes whatever was asked for.
    if (o.binary || o.tensor->type() == ElementType::float16) {
      out += "],\"parameters\":{\"binary_data_size\":" + std::to_string(o.tensor->bytes().size()) + "}}";
      binary += o.tensor->bytes().size();
      response.json_bytes = 0;
    } else {
      out += "],\"data\":[";
      append_data(out, *o.tensor);
      out += "]}";
    }
  }
  out += "]}";
  if (!response.json_bytes) return response;
  response.json_bytes = out.size();
  out.reserve(out.size() + binary);
  for (const OipOutput& o : outputs)
    if (o.binary || o.tensor->type() == ElementType::float16)
      out.append(reinterpret_cast<const char*>(o.tensor->bytes().data()), o.tensor->bytes().size());
  return response;
}

std::string oip_server_metadata() {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("name").value("vetset").key("version").value(VETSET_VERSION).key("extensions").begin_array();
  for (const char* extension : {"binary_tensor_data", "model_configuration", "model_repository", "statistics"})
    w.value(extension);
  w.end_array().end_object();
  return out;
}

std::string oip_model_metadata(std::string_view name, std::string_view version, std::string_view platform,
                               std::span<const TensorInfo> inputs, std::span<const TensorInfo> outputs) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("name").value(name).key("versions").begin_array().value(version).end_array();
  w.key("platform").value(platform);
  describe(w, "inputs", inputs);
  describe(w, "outputs", outputs);
  w.end_object();
  return out;
}

std::string oip_model_config(std::string_view name, std::string_view platform, std::span<const TensorInfo> inputs,
                             std::span<const TensorInfo> outputs) {
  std::string out;
  JsonWriter w(out);
  const auto tensors = [&](std::string_view key, std::span<const TensorInfo> list) {
    w.key(key).begin_array();
    for (const TensorInfo& t : list) {
      w.begin_object()
          .key("name")
          .value(t.name)
          .key("data_type")
          .value("TYPE_" + std::string(oip_name(t.type) == "BYTES" ? "STRING" : oip_name(t.type)));
      w.key("dims").begin_array();
      for (const std::int64_t length : t.shape) w.value(length);
      w.end_array().end_object();
    }
    w.end_array();
  };
  w.begin_object().key("name").value(name).key("platform").value(platform).key("backend").value("onnxruntime");
  w.key("max_batch_size").value(0);
  tensors("input", inputs);
  tensors("output", outputs);
  w.end_object();
  return out;
}

std::string oip_error(std::string_view message) {
  std::string out = "{\"error\":";
  append_json_string(out, message);
  return out + '}';
}

}  // namespace vetset
