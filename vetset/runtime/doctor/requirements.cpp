#include "vetset/runtime/doctor/requirements.h"

#include <algorithm>
#include <array>

namespace vetset {

const std::string_view requirements_edition = "2026-11";

namespace {

/// onnxruntime.ai/docs/execution-providers (CUDA, TensorRT: "Requirements"), and the wheels' own metadata: 1.31.1 says
/// cuda_version 13.0 and asks for libcublas.so.13.
constexpr std::array gpu_runtimes{
    GpuRuntimeNeeds{"1.27", 13, 9, 10}, GpuRuntimeNeeds{"1.19", 12, 9, 10}, GpuRuntimeNeeds{"1.18", 11, 8, 10},
    GpuRuntimeNeeds{"1.7", 11, 8, 8},   GpuRuntimeNeeds{"1.5", 10, 8, 7},
};

/// From 1.19 on measured: each release of onnxruntime on PyPI was given one operator under rising versions. Before:
/// onnxruntime's docs/Versioning.md.
constexpr std::array onnx_readers{
    OnnxLimits{"1.32", 14, 28}, OnnxLimits{"1.25", 13, 26}, OnnxLimits{"1.24", 13, 25}, OnnxLimits{"1.23", 11, 23},
    OnnxLimits{"1.21", 10, 22}, OnnxLimits{"1.18", 10, 21}, OnnxLimits{"1.17", 9, 20},  OnnxLimits{"1.15", 9, 19},
    OnnxLimits{"1.14", 8, 18},  OnnxLimits{"1.12", 8, 17},  OnnxLimits{"1.11", 8, 16},
};

/// docs.nvidia.com/deploy/cuda-compatibility, table 1 (minor-version compatibility), and the toolkits' release notes.
struct DriverNeeds {
  unsigned cuda;
  std::string_view driver;
};
constexpr std::array drivers{DriverNeeds{13, "580"}, DriverNeeds{12, "525.60.13"}, DriverNeeds{11, "450.80.02"},
                             DriverNeeds{10, "410.48"}};

/// Libraries of CUDA by the number in their names, which is not always that of CUDA; from the wheels nvidia-*.
struct CudaLibrary {
  std::string_view library;
  unsigned cuda;  // 0: the same name in several
  std::string_view package, debian;
};
constexpr std::array cuda_libraries{
    CudaLibrary{"libcublas.so.13", 13, "nvidia-cublas", "libcublas-13-0"},
    CudaLibrary{"libcublasLt.so.13", 13, "nvidia-cublas", "libcublas-13-0"},
    CudaLibrary{"libcudart.so.13", 13, "nvidia-cuda-runtime", "cuda-cudart-13-0"},
    CudaLibrary{"libnvrtc.so.13", 13, "nvidia-cuda-nvrtc", "cuda-nvrtc-13-0"},
    CudaLibrary{"libcufft.so.12", 13, "nvidia-cufft", "libcufft-13-0"},
    CudaLibrary{"libcusolver.so.12", 13, "nvidia-cusolver", "libcusolver-13-0"},
    CudaLibrary{"libnvJitLink.so.13", 13, "nvidia-nvjitlink", "libnvjitlink-13-0"},
    CudaLibrary{"libcublas.so.12", 12, "nvidia-cublas-cu12", "libcublas-12-6"},
    CudaLibrary{"libcublasLt.so.12", 12, "nvidia-cublas-cu12", "libcublas-12-6"},
    CudaLibrary{"libcudart.so.12", 12, "nvidia-cuda-runtime-cu12", "cuda-cudart-12-6"},
    CudaLibrary{"libnvrtc.so.12", 12, "nvidia-cuda-nvrtc-cu12", "cuda-nvrtc-12-6"},
    CudaLibrary{"libcufft.so.11", 12, "nvidia-cufft-cu12", "libcufft-12-6"},
    CudaLibrary{"libnvJitLink.so.12", 12, "nvidia-nvjitlink-cu12", "libnvjitlink-12-6"},
    CudaLibrary{"libcublas.so.11", 11, "nvidia-cublas-cu11", "libcublas-11-8"},
    CudaLibrary{"libcublasLt.so.11", 11, "nvidia-cublas-cu11", "libcublas-11-8"},
    CudaLibrary{"libcudart.so.11.0", 11, "nvidia-cuda-runtime-cu11", "cuda-cudart-11-8"},
    CudaLibrary{"libnvrtc.so.11.2", 11, "nvidia-cuda-nvrtc-cu11", "cuda-nvrtc-11-8"},
    CudaLibrary{"libcufft.so.10", 11, "nvidia-cufft-cu11", "libcufft-11-8"},
    CudaLibrary{"libcurand.so.10", 0, "nvidia-curand", ""},
    CudaLibrary{"libcusparse.so.12", 0, "nvidia-cusparse", ""},
    CudaLibrary{"libcusolver.so.11", 0, "nvidia-cusolver", ""},
    CudaLibrary{"libcudnn.so.9", 0, "nvidia-cudnn", ""},
    CudaLibrary{"libcudnn.so.8", 0, "nvidia-cudnn", ""},
    CudaLibrary{"libnvinfer.so.10", 0, "tensorrt", ""},
    CudaLibrary{"libnvinfer_plugin.so.10", 0, "tensorrt", ""},
    CudaLibrary{"libnvonnxparser.so.10", 0, "tensorrt", ""},
    CudaLibrary{"libnvinfer.so.8", 0, "tensorrt==8.6.1", ""},
    CudaLibrary{"libnvinfer_plugin.so.8", 0, "tensorrt==8.6.1", ""},
    CudaLibrary{"libnvonnxparser.so.8", 0, "tensorrt==8.6.1", ""},
};

/// Other libraries that wheels leave to the system, by the beginning of their names; Debian's packages.
struct SystemLibrary {
  std::string_view library, debian;
};
constexpr std::array system_libraries{
    SystemLibrary{"libavutil.so", "ffmpeg"},
    SystemLibrary{"libavcodec.so", "ffmpeg"},
    SystemLibrary{"libavformat.so", "ffmpeg"},
    SystemLibrary{"libavfilter.so", "ffmpeg"},
    SystemLibrary{"libavdevice.so", "ffmpeg"},
    SystemLibrary{"libswscale.so", "ffmpeg"},
    SystemLibrary{"libswresample.so", "ffmpeg"},
    SystemLibrary{"libGL.so", "libgl1"},
    SystemLibrary{"libglib-2.0.so", "libglib2.0-0"},
    SystemLibrary{"libgthread-2.0.so", "libglib2.0-0"},
    SystemLibrary{"libgomp.so", "libgomp1"},
    SystemLibrary{"libstdc++.so", "libstdc++6"},
    SystemLibrary{"libgcc_s.so", "libgcc-s1"},
    SystemLibrary{"libopenblas.so", "libopenblas0"},
    SystemLibrary{"libX11.so", "libx11-6"},
    SystemLibrary{"libXext.so", "libxext6"},
    SystemLibrary{"libSM.so", "libsm6"},
    SystemLibrary{"libICE.so", "libice6"},
    SystemLibrary{"libtbb.so", "libtbb12"},
    SystemLibrary{"libnuma.so", "libnuma1"},
    SystemLibrary{"libsndfile.so", "libsndfile1"},
    SystemLibrary{"libturbojpeg.so", "libturbojpeg0"},
    SystemLibrary{"libz.so", "zlib1g"},
};

constexpr std::array placeholders{
    Placeholder{"perf-analyzer", "0.1.0", "glibc 2.38 or newer"},
};

/// Of the packages' own release notes: TensorFlow 1.6 ("prebuilt binaries use AVX instructions"), polars, NumPy 2.4.
constexpr std::array processors{
    ProcessorNeeds{"tensorflow", "1.6", "avx", "conda install -c conda-forge tensorflow-cpu"},
    ProcessorNeeds{"tensorflow-cpu", "1.6", "avx", "conda install -c conda-forge tensorflow-cpu"},
    ProcessorNeeds{"openvino", "2019", "sse4_2", "pip uninstall openvino"},
    ProcessorNeeds{"polars", "0.18", "avx2", "pip install polars-lts-cpu"},
    ProcessorNeeds{"numpy", "2.4", "sse4_2", "pip install 'numpy<2.4'"},
};

bool named(std::string_view library, std::string_view known) {
  return library == known || (library.starts_with(known) && library[known.size()] == '.');
}

}  // namespace

const GpuRuntimeNeeds* gpu_runtime_needs(const Version& runtime) {
  for (const GpuRuntimeNeeds& one : gpu_runtimes)
    if (runtime >= Version::of(one.from)) return &one;
  return nullptr;
}

std::string runtime_for_cuda(unsigned cuda) {
  for (std::size_t i = 0; i < gpu_runtimes.size(); ++i) {
    if (gpu_runtimes[i].cuda != cuda) continue;
    std::size_t oldest = i;
    while (oldest + 1 < gpu_runtimes.size() && gpu_runtimes[oldest + 1].cuda == cuda) ++oldest;
    std::string text = "onnxruntime-gpu>=" + std::string(gpu_runtimes[oldest].from);
    if (i > 0) text += ",<" + std::string(gpu_runtimes[i - 1].from);
    return text;
  }
  return {};
}

const OnnxLimits* onnx_limits(const Version& runtime) {
  for (const OnnxLimits& one : onnx_readers)
    if (runtime >= Version::of(one.from)) return &one;
  return nullptr;
}

std::string runtime_for_model(std::int64_t ir, std::int64_t opset) {
  std::string best;
  for (const OnnxLimits& one : onnx_readers)
    if (one.ir >= ir && one.opset >= opset) best = one.from;
  return best;
}

Version driver_for_cuda(unsigned cuda) {
  for (const DriverNeeds& one : drivers)
    if (one.cuda == cuda) return Version::of(one.driver);
  return {};
}

unsigned cuda_of_driver(const Version& driver) {
  for (const DriverNeeds& one : drivers)
    if (driver >= Version::of(one.driver)) return one.cuda;
  return 0;
}

std::string package_of_library(std::string_view library, unsigned cuda) {
  for (const CudaLibrary& one : cuda_libraries)
    if (named(library, one.library)) {
      std::string package(one.package);
      if (one.cuda != 0) return package;
      // One name in several versions of CUDA: the package tells them apart, from 13 on only where it must.
      const bool must = package == "nvidia-cudnn" || package == "tensorrt";
      if (package.find("==") == std::string::npos && cuda != 0 && (cuda < 13 || must))
        package += "-cu" + std::to_string(cuda);
      if (library.starts_with("libcudnn.so.8")) package += "<9";
      return package;
    }
  return {};
}

std::string system_package_of_library(std::string_view library) {
  for (const SystemLibrary& one : system_libraries)
    if (library.starts_with(one.library)) return std::string(one.debian);
  for (const CudaLibrary& one : cuda_libraries)
    if (named(library, one.library)) return std::string(one.debian);
  return {};
}

unsigned cuda_of_library(std::string_view library) {
  for (const CudaLibrary& one : cuda_libraries)
    if (named(library, one.library)) return one.cuda;
  return 0;
}

const Placeholder* placeholder(std::string_view package, std::string_view version) {
  for (const Placeholder& one : placeholders)
    if (one.package == package && one.version == version) return &one;
  // NVIDIA's packages whose real wheels are elsewhere.
  static constexpr Placeholder nvidia{"nvidia-*", "0.0.1.dev*", "NVIDIA's own package index"};
  return package.starts_with("nvidia-") && version.starts_with("0.0.1.dev") ? &nvidia : nullptr;
}

std::vector<ProcessorNeeds> processor_needs(std::string_view package, const Version& version) {
  std::vector<ProcessorNeeds> all;
  for (const ProcessorNeeds& one : processors)
    if (one.package == package && version >= Version::of(one.from)) all.push_back(one);
  return all;
}

}  // namespace vetset
