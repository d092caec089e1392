// What goes with what: ONNX Runtime, CUDA, cuDNN, TensorRT, driver, ONNX. One table a question, each with its source;
// `requirements_edition` says when they were last looked over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/runtime/doctor/version.h"

namespace vetset {

extern const std::string_view requirements_edition;

/// What onnxruntime-gpu of PyPI is built for, from a version on.
struct GpuRuntimeNeeds {
  std::string_view from;
  unsigned cuda, cudnn, tensorrt;  // major versions
};
/// For a version of onnxruntime-gpu; null before 1.5.
const GpuRuntimeNeeds* gpu_runtime_needs(const Version& runtime);
/// A requirement for pip that gives a runtime for a major version of CUDA: "onnxruntime-gpu>=1.19,<1.27"; empty: none.
std::string runtime_for_cuda(unsigned cuda);

/// The newest ONNX that a runtime reads. A runtime newer than the table is taken for its last line.
struct OnnxLimits {
  std::string_view from;
  std::int64_t ir, opset;
};
const OnnxLimits* onnx_limits(const Version& runtime);
/// The first runtime that reads models of that IR version and opset; empty: none known.
std::string runtime_for_model(std::int64_t ir, std::int64_t opset);

/// The oldest driver for programs of a major version of CUDA (Linux); empty: not known.
Version driver_for_cuda(unsigned cuda);
/// The newest major version of CUDA that a driver runs; 0: none known.
unsigned cuda_of_driver(const Version& driver);

/// Which package of PyPI has a library: "libcublasLt.so.12" → "nvidia-cublas-cu12"; empty: not known. `cuda`: the
/// version that asks, for libraries whose names are the same in several.
std::string package_of_library(std::string_view library, unsigned cuda);
/// Which package of Debian has it; empty: not known.
std::string system_package_of_library(std::string_view library);
/// The version of CUDA that a library's name stands for: "libcublas.so.12" → 12; 0: its name tells nothing of CUDA.
unsigned cuda_of_library(std::string_view library);

/// Versions of packages on PyPI that hold nothing but a word that another is meant, which pip takes where none of the
/// real ones fits the system.
struct Placeholder {
  std::string_view package, version, needs;
};
const Placeholder* placeholder(std::string_view package, std::string_view version);

/// What a package's compiled code asks of an x86 processor beyond the first level.
struct ProcessorNeeds {
  std::string_view package, from, flag, cure;
};
std::vector<ProcessorNeeds> processor_needs(std::string_view package, const Version& version);

}  // namespace vetset
