// The Open Inference Protocol v2 (KServe) without a transport: requests to tensors and tensors to responses, as JSON
// and with the binary tensor extension. REST and gRPC stand on it.
//
// Source: kserve/open-inference-protocol, specification/protocol/inference_rest.md; the binary extension:
// triton-inference-server/server, docs/protocol/extension_binary_data.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/runtime/tensor.h"

namespace vetset {

/// "FP32", "UINT8", "BYTES" …; empty for a type that the protocol has not.
std::string_view oip_name(ElementType type);
ElementType oip_type(std::string_view name);

struct OipLimits {
  std::uint64_t body = 64ULL << 20;     // bytes of a request
  std::uint64_t json = 1ULL << 20;      // bytes of its JSON, where binary tensors follow
  std::uint64_t elements = 1ULL << 28;  // of one tensor
  std::uint32_t inputs = 64;
};

struct OipInput {
  std::string name;
  ElementType type = ElementType::undefined;  // string: BYTES
  Tensor tensor = {};                         // of any type but string
  std::vector<std::string> texts = {};        // BYTES: one an element, length prefixes checked
  std::vector<std::int64_t> shape = {};
};
struct OipWanted {
  std::string name;
  bool binary = false;
};
struct OipRequest {
  std::string id = {};
  std::vector<OipInput> inputs = {};
  std::vector<OipWanted> outputs = {};  // empty: all, as `binary_outputs` says
  bool binary_outputs = false;
  std::uint64_t timeout_us = 0;  // parameter "timeout"; 0: none
};
/// `json_bytes`: of Inference-Header-Content-Length; nothing: the body is JSON alone. Errors say which tensor and what
/// was expected; nothing is read beyond `body`.
Result<OipRequest> parse_oip_request(std::string_view body, std::optional<std::uint64_t> json_bytes,
                                     const OipLimits& limits);
/// What does not fit the model's inputs: names, types, ranks, fixed lengths. Gives the tensors in the model's order.
Result<std::vector<Tensor>> oip_inputs(OipRequest& request, std::span<const TensorInfo> inputs);

struct OipOutput {
  std::string name;
  const Tensor* tensor = nullptr;
  bool binary = false;
};
struct OipResponse {
  std::string body = {};
  std::optional<std::uint64_t> json_bytes = {};  // where binary tensors follow
};
/// `parameters`: a JSON object, or empty.
OipResponse oip_response(std::string_view model, std::string_view version, std::string_view id,
                         std::span<const OipOutput> outputs, std::string_view parameters);

std::string oip_server_metadata();
std::string oip_model_metadata(std::string_view name, std::string_view version, std::string_view platform,
                               std::span<const TensorInfo> inputs, std::span<const TensorInfo> outputs);
/// What perf_analyzer asks before it begins (extension model_configuration). max_batch_size is 0: shapes are whole.
std::string oip_model_config(std::string_view name, std::string_view platform, std::span<const TensorInfo> inputs,
                             std::span<const TensorInfo> outputs);
/// {"error": "…"}
std::string oip_error(std::string_view message);

}  // namespace vetset
