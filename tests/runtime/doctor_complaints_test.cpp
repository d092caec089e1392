// Twenty complaints that people filed with runtimes, servers and wheels, each as a made-up machine: the doctor must
// name the cause and the cure, before anybody tries. The numbers are those of the list in docs/commands/doctor.md.
#include <doctest/doctest.h>

#include <string>

#include "tests/runtime/made_root.h"
#include "tests/runtime/proto_make.h"

using namespace vetset;
using namespace vetset::made;

namespace {

const std::string cuda_head = "the CUDA provider of onnxruntime-gpu ";
const std::string cannot = " is listed as available, and cannot load: ";

/// A model beside the root, as people have it.
struct ModelFile {
  vetset::testing::TemporaryFolder folder;
  std::string path;
  ModelFile(const std::string& name, const std::string& bytes) : path(folder / name) { folder.write(name, bytes); }
};

std::string engine(std::initializer_list<char> version) {
  std::string bytes = "ftrt" + std::string(20, '\0');
  bytes.append(version);
  return bytes + std::string(64, 'e');
}

}  // namespace

TEST_CASE("doctor 1: a wheel built for CUDA 11 on a machine with CUDA 12") {
  Root root;
  root.gpu_runtime("1.18.0", {"libcublasLt.so.11", "libcublas.so.11", "libcudnn.so.8", "libcudart.so.11.0"});
  root.cuda_12_of_system();
  const DoctorReport report = root.examined();
  CHECK(told(report, "cuda-major") ==
        "degraded: " + cuda_head + "1.18.0" + cannot +
            "it is built for CUDA 11 (libcublasLt.so.11), and here is CUDA 12 (libcublasLt.so.12) | pip install "
            "'onnxruntime-gpu>=1.19,<1.27'");
  CHECK(report.grade == DoctorGrade::degraded);
  CHECK(root.examined({.providers = {"cuda"}}).grade == DoctorGrade::broken);
}

TEST_CASE("doctor 2: libraries of CUDA that pip installed where the loader does not look") {
  Root root;
  root.gpu_runtime("1.20.0", cuda_12_needs);
  root.wheel("cublas", "libcublasLt.so.12");
  root.wheel("cublas", "libcublas.so.12");
  root.wheel("cuda_runtime", "libcudart.so.12");
  root.wheel("cudnn", "libcudnn.so.9");
  const DoctorReport report = root.examined();
  const std::string nvidia = site + "/nvidia/";
  CHECK(told(report, "library-not-searched") ==
        "degraded: " + cuda_head + "1.20.0" + cannot + "libcublasLt.so.12 (and 3 more) is installed in " + nvidia +
            "cublas/lib, where the loader does not look | export LD_LIBRARY_PATH=" + nvidia + "cublas/lib:" + nvidia +
            "cuda_runtime/lib:" + nvidia + "cudnn/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}");
  // The cure cures.
  CHECK(complaints(root.examined({.environment = {"LD_LIBRARY_PATH=" + nvidia + "cublas/lib:" + nvidia +
                                                  "cuda_runtime/lib:" + nvidia + "cudnn/lib"}})) == "");
}

TEST_CASE("doctor 3: CUDA 13 is installed, and the binary wants 12") {
  Root root;
  root.gpu_runtime("1.22.0", cuda_12_needs);
  root.library("usr/local/cuda-13.0/targets/x86_64-linux/lib/libcublasLt.so.13", {.soname = "libcublasLt.so.13"});
  root.system("libcudnn.so.9", ".12.0");
  CHECK(told(root.examined(), "cuda-major") ==
        "degraded: " + cuda_head + "1.22.0" + cannot +
            "it is built for CUDA 12 (libcublasLt.so.12), and here is CUDA 13 (libcublasLt.so.13) | pip install "
            "'onnxruntime-gpu>=1.27'");
}

TEST_CASE("doctor 4: cuBLAS far ahead of the CUDA runtime beside it") {
  Root root;
  root.gpu_runtime("1.30.0", {"libcublasLt.so.13", "libcublas.so.13", "libcudart.so.13"});
  for (const char* name : {"libcublasLt.so.13", "libcublas.so.13", "libcudart.so.13", "libcudnn.so.9"})
    root.system(name);
  root.package("nvidia-cublas", "13.8.0.4");
  root.package("nvidia-cuda-runtime", "13.0.96");
  CHECK(told(root.examined(), "cuda-mixed") ==
        "degraded: nvidia-cublas 13.8.0.4 stands beside nvidia-cuda-runtime 13.0.96: such pairs have failed to load, "
        "without a "
        "word and on the processor | pip install 'nvidia-cublas>=13.0,<13.2'");
  Root tested;  // the pair that the runtime was built with
  tested.gpu_runtime("1.30.0", {"libcublasLt.so.13", "libcublas.so.13", "libcudart.so.13"});
  for (const char* name : {"libcublasLt.so.13", "libcublas.so.13", "libcudart.so.13", "libcudnn.so.9"})
    tested.system(name);
  tested.package("nvidia-cublas", "13.1.1.3");
  tested.package("nvidia-cuda-runtime", "13.0.96");
  CHECK(complaints(tested.examined()) == "");
}

TEST_CASE("doctor 5: the runtime moved to cuDNN 9, the machine did not") {
  Root root;
  root.gpu_runtime("1.19.0", cuda_12_needs);
  for (const char* name : {"libcublasLt.so.12", "libcublas.so.12", "libcudart.so.12"}) root.system(name);
  root.system("libcudnn.so.8", ".9.7");
  CHECK(told(root.examined(), "cudnn-major") == "degraded: " + cuda_head + "1.19.0" + cannot +
                                                    "it is built for cuDNN 9, and here is cuDNN 8 | pip install "
                                                    "nvidia-cudnn-cu12");
}

TEST_CASE("doctor 6: onnxruntime and onnxruntime-gpu in one environment") {
  Root root;
  root.runtime("1.20.0");
  root.package("onnxruntime-gpu", "1.20.0",
               {"onnxruntime/__init__.py", "onnxruntime/capi/libonnxruntime_providers_cuda.so"});
  CHECK(told(root.examined(), "two-runtimes") ==
        "degraded: onnxruntime 1.20.0 and onnxruntime-gpu 1.20.0 own the same folder: what was installed last has "
        "overwritten "
        "the other, and no CUDA provider is left | pip uninstall -y onnxruntime onnxruntime-gpu && pip install "
        "onnxruntime-gpu");
}

TEST_CASE("doctor 7: a provider that is available and cannot load, for a library of a library") {
  Root root;
  root.gpu_runtime("1.20.0", cuda_12_needs);
  root.cuda_12_of_system();
  root.library("lib/x86_64-linux-gnu/libcudnn.so.9.1.0", {.soname = "libcudnn.so.9", .needed = {"libnvrtc.so.12"}});
  CHECK(told(root.examined(), "library-missing") == "degraded: " + cuda_head + "1.20.0" + cannot +
                                                        "libnvrtc.so.12 is nowhere in that root, asked for by "
                                                        "libcudnn.so.9.1.0 | pip install nvidia-cuda-nvrtc-cu12");
}

TEST_CASE("doctor 8: torch's cuDNN and the loader's are two, and who is imported first decides") {
  Root root;
  root.gpu_runtime("1.20.0", cuda_12_needs);
  root.cuda_12_of_system();
  root.wheel("cudnn", "libcudnn.so.9");
  root.package("torch", "2.6.0");
  root.package("nvidia-cudnn-cu12", "9.5.1.17");
  root.package("nvidia-cuda-runtime-cu12", "12.4.127");
  CHECK(told(root.examined(), "two-cudnns") ==
        "degraded: torch loads cuDNN 9.5.1.17 from its wheel, the loader finds 9.1.0 in /lib/x86_64-linux-gnu: "
        "whichever of "
        "torch and onnxruntime is imported first decides for both | export LD_LIBRARY_PATH=" +
            site + "/nvidia/cudnn/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}");
  root.package("nvidia-cuda-runtime-cu12", "12.4.127");
  Root majors;
  majors.gpu_runtime("1.20.0", cuda_12_needs);
  majors.cuda_12_of_system();
  majors.package("torch", "2.3.1+cu118");
  CHECK(told(majors.examined(), "two-cudas") ==
        "degraded: torch 2.3.1+cu118 brings CUDA 11, and onnxruntime-gpu is built for CUDA 12: in one process only one "
        "of them "
        "works | pip install 'onnxruntime-gpu>=1.7,<1.19'");
}

TEST_CASE("doctor 9: a cpuset smaller than the machine") {
  Root root;
  root.runtime("1.20.0");
  root.processors(64, Root::level_3, "8-11");
  CHECK(told(root.examined(), "cpu-set") ==
        "degraded: only 4 processors of 64 may be used: ONNX Runtime by default ties a thread to each, which fails or "
        "crashes "
        "for the others | session_options.intra_op_num_threads = 4");
}

TEST_CASE("doctor 10: a quota of processors that programs do not see") {
  Root root;
  root.processors(64, Root::level_3);
  root.file("sys/fs/cgroup/cpu.max", "250000 100000\n");
  root.file("sys/fs/cgroup/cpu.stat", "usage_usec 5\nnr_throttled 731\n");
  const std::string line =
      "degraded: the control group grants 2.5 processors, and programs count 64: their threads are stopped in turn "
      "(731 times so "
      "far) | export OMP_NUM_THREADS=2 MKL_NUM_THREADS=2 OPENBLAS_NUM_THREADS=2";
  CHECK(told(root.examined(), "cpu-quota") == line);
  CHECK(complaints(root.examined({.environment = {"OMP_NUM_THREADS=2"}})) == "");
  Root older;  // version 1 of control groups, in a group of its own
  older.processors(64, Root::level_3);
  older.file("proc/self/cgroup", "4:cpu,cpuacct:/docker/abc\n");
  older.file("sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us", "250000\n");
  older.file("sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us", "100000\n");
  older.file("sys/fs/cgroup/cpu/docker/abc/cpu.stat", "nr_throttled 731\n");
  CHECK(told(older.examined(), "cpu-quota") == line);
}

TEST_CASE("doctor 11: no kernel image for the GPU") {
  Root root;
  root.gpu_runtime("1.20.0", cuda_12_needs);
  root.cuda_12_of_system();
  root.driver("570.86.10", "NVIDIA GeForce RTX 5090");
  const std::string end =
      ": it holds sm_75, sm_80, sm_86, sm_90, so the first operator ends in cudaErrorNoKernelImageForDevice | pip "
      "install ";
  CHECK(told(root.examined(), "gpu-architecture") ==
        "broken: no code for NVIDIA GeForce RTX 5090 (sm_120)" + end + "-U onnxruntime-gpu");
  CHECK(told(root.examined({.target = "sm_61"}), "gpu-architecture") ==
        "broken: no code for sm_61" + end + "'onnxruntime-gpu<1.27'");
  CHECK(told(root.examined({.target = "sm_89"}), "gpu-architecture") == "");
}

TEST_CASE("doctor 12: a TensorRT engine of another version or another GPU") {
  Root root;
  root.system("libnvinfer.so.10", ".3.0");
  root.driver("560.35.03", "NVIDIA A100-SXM4-40GB");
  const ModelFile old("best.engine", engine({8, 6, 1, 6}));
  CHECK(told(root.examined({.models = {old.path}}), "engine") ==
        "broken: the engine was built by TensorRT 8.6.1, and here is 10.3.0: an engine fits one version only | trtexec "
        "--onnx=model.onnx --saveEngine=" +
            old.path);
  const ModelFile other("TensorrtExecutionProvider_TRTKernel_graph_0_0_sm89.engine", engine({10, 3, 0, 26}));
  CHECK(
      told(root.examined({.models = {other.path}}), "engine")
          .find("broken: the engine was built for sm_89, and the GPU is sm_80: an engine fits one kind of GPU only") ==
      0);
  // As Ultralytics exports it: a JSON text before the plan.
  const std::string json = "{\"stride\": 32}";
  const ModelFile exported("yolo.engine",
                           bytes_of(static_cast<std::uint32_t>(json.size())) + json + engine({10, 3, 0, 26}));
  CHECK(told(root.examined({.models = {exported.path}}), "engine") == "");
}

TEST_CASE("doctor 13: a driver too old for the container's CUDA") {
  Root root;
  root.gpu_runtime("1.20.0", cuda_12_needs);
  root.cuda_12_of_system();
  root.driver("470.223.02", "Tesla T4");
  CHECK(told(root.examined(), "driver-too-old") ==
        "degraded: the NVIDIA driver 470.223.02 is too old for CUDA 12 of onnxruntime-gpu, which needs 525.60.13 or "
        "newer | pip "
        "install 'onnxruntime-gpu>=1.7,<1.19'");
}

TEST_CASE("doctor 14: a model of an IR version that the runtime does not read") {
  Root root;
  root.runtime("1.20.1");
  const ModelFile model("best.onnx", made::model(11, 21, part(1, node("Relu")) + part(2, "g")));
  const std::string line = told(root.examined({.models = {model.path}}), "model-version");
  CHECK(line.find("broken: the model is of IR version 11, and ONNX Runtime 1.20.1 reads up to 10 | python -c \"import "
                  "onnx; m = "
                  "onnx.load('") == 0);
  CHECK(line.find("m.ir_version = 10; onnx.save(m, '") != std::string::npos);
  const ModelFile newer("newer.onnx", made::model(10, 23, part(1, node("Relu")) + part(2, "g")));
  CHECK(told(root.examined({.models = {newer.path}}), "model-version") ==
        "broken: the model is of opset 23, and ONNX Runtime 1.20.1 reads up to 21 | pip install 'onnxruntime>=1.23'");
  const ModelFile fits("fits.onnx", made::model(10, 21, part(1, node("Relu")) + part(2, "g")));
  CHECK(complaints(root.examined({.models = {fits.path}})) == "");
}

TEST_CASE("doctor 15: a C or C++ library older than a wheel asks for") {
  Root root;
  root.runtime("1.32.0", {.wanted = {{"libc.so.6", {"GLIBC_2.2.5", "GLIBC_2.38"}}}});
  CHECK(
      told(root.examined(), "glibc") ==
      "broken: onnxruntime needs glibc 2.38 (libonnxruntime.so.1.32.0), and this system has 2.36 | FROM ubuntu:24.04");
  Root cxx;
  cxx.runtime("1.32.0", {.wanted = {{"libstdc++.so.6", {"GLIBCXX_3.4.32"}}}});
  CHECK(told(cxx.examined(), "libstdcxx") ==
        "broken: onnxruntime needs GLIBCXX_3.4.32, and libstdc++ here goes up to 3.4.30 | conda install -c conda-forge "
        "libstdcxx-ng");
}

TEST_CASE("doctor 16: instructions that the processor does not have") {
  Root root;
  root.processors(4, Root::level_2);
  root.package("tensorflow", "2.4.0", {}, "cp311-cp311-manylinux2010_x86_64");
  CHECK(told(root.examined(), "processor") ==
        "broken: tensorflow 2.4.0 uses avx, which this processor or its hypervisor does not have: illegal instruction "
        "| conda "
        "install -c conda-forge tensorflow-cpu");
  Root built;
  built.processors(4, Root::level_2);
  built.package("fast", "1.0");
  built.library(site.substr(1) + "/fast/core.so", {.isa_level = 3});
  CHECK(told(built.examined(), "processor") ==
        "broken: fast is built for x86-64-v3, and this processor is x86-64-v2: illegal instruction | pip install "
        "--no-binary=fast fast");
}

TEST_CASE("doctor 17: protobuf twice in one process") {
  Root root;
  const std::string pool = "_ZN6google8protobuf14DescriptorPool14generated_poolEv";
  root.package("alpha", "1.0");
  root.package("beta", "1.0");
  root.library(site.substr(1) + "/alpha/liba.so", {.exports = {pool}});
  root.library(site.substr(1) + "/beta/libb.so", {.exports = {pool}});
  CHECK(told(root.examined(), "protobuf-twice") ==
        "degraded: alpha (liba.so) and beta (libb.so) each export their own protobuf: in one process the second one "
        "crashes or "
        "reads with the first one's code | pip install -U beta");
  root.library(site.substr(1) + "/beta/libb.so", {.imports = {pool}});
  CHECK(told(root.examined(), "protobuf-twice") == "");
}

TEST_CASE("doctor 18: LD_LIBRARY_PATH before RUNPATH") {
  Root root;
  root.runtime("1.20.0", {.needed = {"libfoo.so.1"}, .runpath = "$ORIGIN"});
  root.library(capi.substr(1) + "libfoo.so.1", {.soname = "libfoo.so.1"});
  root.library("opt/old/libfoo.so.1", {.soname = "libfoo.so.1"});
  CHECK(complaints(root.examined()) == "");
  CHECK(told(root.examined({.environment = {"LD_LIBRARY_PATH=/opt/old"}}), "library-shadowed") ==
        "degraded: LD_LIBRARY_PATH puts /opt/old/libfoo.so.1 in the place of " + capi +
            "libfoo.so.1 (by RUNPATH), which libonnxruntime.so.1.20.0 would take | unset LD_LIBRARY_PATH");
}

TEST_CASE("doctor 19: a placeholder in the place of a package whose wheels do not fit") {
  Root root;
  root.package("perf-analyzer", "0.1.0", {"perf_analyzer/__init__.py"}, "py3-none-any");
  CHECK(told(root.examined(), "placeholder") ==
        "degraded: perf-analyzer 0.1.0 is a placeholder: no wheel of the real one fits here (it needs glibc 2.38 or "
        "newer), so "
        "pip took this | pip uninstall -y perf-analyzer");
}

TEST_CASE("doctor 20: a package's native dependency that the system does not have") {
  Root root;
  root.package("spdl-io", "0.1.7");
  root.library(site.substr(1) + "/spdl/io/lib/_spdl_ffmpeg8.so", {.needed = {"libavutil.so.61", "libc.so.6"}});
  CHECK(told(root.examined(), "library-missing") ==
        "degraded: spdl-io has parts that cannot be loaded: _spdl_ffmpeg8.so needs libavutil.so.61, which is nowhere "
        "in that "
        "root | apt-get install ffmpeg");
}
