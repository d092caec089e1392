// ONNX Runtime's C interface, declared by ourselves: a table of functions that only ever grows, so that one build of
// vetset runs with every release from API version 17 on, and starts without any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "vetset/base/result.h"

namespace vetset::ort {

// Handles; what is behind them is the runtime's.
struct Status;
struct Env;
struct Options;
struct OrtSession;
struct Allocator;
struct MemoryInfo;
struct Value;
struct TypeInfo;
struct ShapeInfo;
struct Threading;
struct Binding;
struct ArenaCfg;
struct CudaOptions;
struct TensorRTOptions;
struct AssignedSubgraph;
using LogFunction = void (*)(void* param, int severity, const char* category, const char* logid, const char* where,
                             const char* message);

// Of the official header's enums.
constexpr int log_warning = 2;
constexpr int arena_allocator = 1, default_memory = 0;
constexpr int type_tensor = 1;
constexpr int invalid_argument = 2, no_such_file = 3, invalid_protobuf = 7, not_implemented = 9, invalid_graph = 10,
              not_found = 14;

constexpr unsigned newest_api = 24, oldest_api = 17;

/// The functions, each at its slot of the runtime's own table.
struct Api {
#define VETSET_ORT(slot, name, result, arguments) \
  result(*name) arguments;                        \
  static constexpr std::size_t slot_of_##name = slot;
#define VETSET_ORT_24(slot, name, result, arguments) VETSET_ORT(slot, name, result, arguments)
#include "vetset/runtime/ort_api.def"
#undef VETSET_ORT
#undef VETSET_ORT_24
};

/// Fills it from a table of `version`.
Api api_of(void* const* table, unsigned version);

/// The runtime's words, with the names of its own source files taken out.
std::string plain_words(std::string_view message);

/// What a call said: nothing, or an Error "<before>: <the runtime's words>". Frees the status.
Result<void> outcome(const Api& api, Status* status, std::string_view before);

/// A handle with its release: `Held<Value> v(value, api.ReleaseValue)`.
template <class T>
using Held = std::unique_ptr<T, void (*)(T*)>;
template <class T>
Held<T> held(T* handle, void (*release)(T*)) {
  return Held<T>(handle, release);
}

}  // namespace vetset::ort
