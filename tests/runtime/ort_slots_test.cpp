// Every slot of our table of ONNX Runtime's functions is the official header's, where this machine has that header
// (Debian: libonnxruntime-dev).
#include <doctest/doctest.h>

#include <cstddef>

#include "vetset/runtime/ort_api.h"
#include "vetset/runtime/tensor.h"

#if __has_include(<onnxruntime_c_api.h>)
#include <onnxruntime_c_api.h>
#define VETSET_OFFICIAL_HEADER 1
#endif

namespace vetset::ort {
namespace {

#ifdef VETSET_OFFICIAL_HEADER
#define VETSET_ORT(slot, name, result, arguments) \
  static_assert(offsetof(OrtApi, name) == slot * sizeof(void*), #name " stands at another slot");
#if ORT_API_VERSION >= 24
#define VETSET_ORT_24(slot, name, result, arguments) VETSET_ORT(slot, name, result, arguments)
#else
#define VETSET_ORT_24(slot, name, result, arguments)
#endif
#include "vetset/runtime/ort_api.def"
#undef VETSET_ORT
#undef VETSET_ORT_24
static_assert(ONNX_TYPE_TENSOR == type_tensor && OrtArenaAllocator == arena_allocator &&
              OrtMemTypeDefault == default_memory && ORT_LOGGING_LEVEL_WARNING == log_warning &&
              ORT_INVALID_ARGUMENT == invalid_argument && ORT_NO_SUCHFILE == no_such_file &&
              ORT_INVALID_PROTOBUF == invalid_protobuf && ORT_NOT_IMPLEMENTED == not_implemented &&
              ORT_INVALID_GRAPH == invalid_graph);
static_assert(ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 == static_cast<int>(ElementType::bfloat16) &&
              ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 == static_cast<int>(ElementType::float16) &&
              ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 == static_cast<int>(ElementType::uint64));
#endif

/// A table whose functions are told apart by their address: slot n holds n + 1.
TEST_CASE("functions of ONNX Runtime are taken from the slots of the official header") {
#ifndef VETSET_OFFICIAL_HEADER
  MESSAGE("skipped 1: onnxruntime_c_api.h");
#endif
  void* table[512];
  for (std::size_t i = 0; i < 512; ++i) table[i] = reinterpret_cast<void*>(i + 1);
  const Api api = api_of(table, 24);
  CHECK(reinterpret_cast<std::size_t>(api.Run) == 10);
  CHECK(reinterpret_cast<std::size_t>(api.RunWithBinding) == Api::slot_of_RunWithBinding + 1);
  CHECK(reinterpret_cast<std::size_t>(api.Session_GetEpGraphAssignmentInfo) == 408);
  CHECK(!api_of(table, 23).Session_GetEpGraphAssignmentInfo);  // an older table ends before it
}

TEST_CASE("what the runtime says is told without the places in its sources") {
  CHECK(
      plain_words("/onnxruntime_src/onnxruntime/core/graph/model.cc:180 onnxruntime::Model::Model(onnx::ModelProto&&, "
                  "const PathString&, const logging::Logger&) Unsupported model IR version: 99, max supported IR "
                  "version: 13\n") == "Unsupported model IR version: 99, max supported IR version: 13");
  CHECK(plain_words("no place here.") == "no place here");
  CHECK(plain_words("half of a signature /a/b/c.cc:12 onnxruntime::X::Y(int") ==
        "half of a signature onnxruntime::X::Y(int");
  CHECK(plain_words("cuda: [ONNXRuntimeError] : 1 : FAIL : Failed to load it") == "cuda: Failed to load it");
  CHECK(plain_words("[ONNXRuntimeError] : 1") == "[ONNXRuntimeError] : 1");
  CHECK(plain_words("") == "");
}

}  // namespace
}  // namespace vetset::ort
