// The doctor on machines that are well, on machines that are described, and on what is made to mislead it.
#include <doctest/doctest.h>

#include "tests/runtime/made_root.h"
#include "tests/runtime/proto_make.h"
#include "vetset/base/json.h"
#include "vetset/runtime/doctor/requirements.h"

using namespace vetset;
using namespace vetset::made;

TEST_CASE("a machine that is well has no complaint") {
  Root root;
  CHECK(complaints(root.examined()) == "");
  root.gpu_runtime("1.20.0", cuda_12_needs);
  root.cuda_12_of_system();
  root.driver("560.35.03", "NVIDIA A100-SXM4-40GB");
  root.package("numpy", "2.1.0");
  root.package("torch", "2.6.0");
  root.package("nvidia-cuda-runtime-cu12", "12.4.127");
  const DoctorReport report = root.examined({.providers = {"cuda"}});
  CHECK(complaints(report) == "");
  CHECK(report.grade == DoctorGrade::fine);
  REQUIRE(report.runtimes.size() == 1);
  CHECK(report.runtimes[0].package == "onnxruntime-gpu");
  CHECK(report.runtimes[0].cuda == 12);
  CHECK(report.runtimes[0].cudnn == 9);
  REQUIRE(report.runtimes[0].providers.size() == 2);
  CHECK(report.runtimes[0].providers[1].loads);
  CHECK(report.looked.size() >= 20);
}

TEST_CASE("a machine is read from its files") {
  Root root;
  root.processors(16, Root::level_3, "0-3,8");
  root.file("sys/fs/cgroup/memory.max", "1073741824\n");
  root.file("proc/self/mounts", "overlay / overlay ro,relatime 0 0\nshm /dev/shm tmpfs rw,size=65536k 0 0\n");
  root.driver("535.104.05", "NVIDIA L4");
  const Machine m = root.examined().machine;
  CHECK(m.system == "Debian GNU/Linux 12 (bookworm)");
  CHECK(m.libc == "glibc");
  CHECK(m.libc_version == Version::of("2.36"));
  CHECK(m.glibcxx == Version::of("3.4.30"));
  CHECK(m.cpu_text() == "x86-64-v3");
  CHECK(m.cpus == 16);
  CHECK(m.cpus_granted() == 5);
  CHECK(m.memory_limit == 1ULL << 30);
  CHECK(m.shm == 64ULL << 20);
  CHECK(m.read_only);
  CHECK(m.driver == Version::of("535.104.5"));
  REQUIRE(m.gpus.size() == 1);
  CHECK(m.gpus[0].arch == 89);
}

TEST_CASE("a machine that is described is judged without being here") {
  Root root;
  root.runtime("1.32.0", {.wanted = {{"libc.so.6", {"GLIBC_2.28"}}}});
  vetset::testing::TemporaryFolder folder;
  const auto judged = [&](const std::string& profile) {
    folder.write("edge.json", profile);
    return root.examined({.target = folder / "edge.json"});
  };
  CHECK(complaints(judged(R"({"vetset_machine": 1, "arch": "x86_64", "libc": {"version": "2.31"}})")) == "");
  const DoctorReport old = judged(
      R"({"vetset_machine": 1, "name": "old box", "libc": {"version": "2.27"}, "cpu": {"online": 8, "quota": 1.5}})");
  CHECK(told(old, "glibc").find("broken: onnxruntime needs glibc 2.28") == 0);
  CHECK(told(old, "cpu-quota").find("degraded: the control group grants 1.5 processors, and programs count 8") == 0);
  CHECK(old.machine.name == "old box");
  const DoctorReport musl = judged(R"({"vetset_machine": 1, "libc": {"kind": "musl", "version": "1.2.4"}})");
  CHECK(told(musl, "glibc") == "broken: onnxruntime is built for glibc, and this system has musl | FROM debian:12");

  Root gpu;  // the wheels are here, the machine is not: its own libraries are those that the profile names
  gpu.gpu_runtime("1.20.0", cuda_12_needs);
  gpu.cuda_12_of_system();
  folder.write("gpu.json", R"({"vetset_machine": 1, "libc": {"version": "2.36"},
    "gpu": {"driver": "535.54.03", "devices": [{"name": "NVIDIA GeForce RTX 5090"}, {"arch": "8.9"}]},
    "libraries": ["libc.so.6", "libcublas.so.12", "libcublasLt.so.12", "libcudart.so.12"]})");
  const DoctorReport report = gpu.examined({.target = folder / "gpu.json"});
  CHECK(told(report, "gpu-architecture").find("broken: no code for NVIDIA GeForce RTX 5090 (sm_120)") == 0);
}

TEST_CASE("a profile says what is wrong with it") {
  const auto fault = [](const char* text) {
    const auto read = parse_profile(text, "edge.json");
    return read ? std::string("none") : to_string(read.error());
  };
  CHECK(fault("{}") == "edge.json: expected \"vetset_machine\": 1, the form of a machine's profile");
  CHECK(fault(R"({"vetset_machine": 1, "cpus": 4})") == "edge.json: 'cpus' is no field of a machine's profile");
  CHECK(fault(R"({"vetset_machine": 1, "cpu": {"online": -4}})") ==
        "edge.json: expected a whole number from 0 as 'cpu.online'");
  CHECK(fault(R"({"vetset_machine": 1, "libc": {"version": 2.36}})") ==
        "edge.json: expected a version in quotes as 'libc.version'");
  CHECK(fault(R"({"vetset_machine": 1, "gpu": {"devices": [{"name": "Voodoo"}]}})") ==
        "edge.json: expected an architecture like \"sm_86\" as 'gpu.devices.arch'");
  CHECK(fault(R"({"vetset_machine": 1, "gpu": {"devices": [{"arch": "sm_1234567"}]}})") ==
        "edge.json: expected an architecture like \"sm_86\" as 'gpu.devices.arch'");
  CHECK(fault("[") != "none");
  CHECK(fault("{\"vetset_machine\": 1}") == "none");
}

TEST_CASE("what a machine says of itself comes back from its profile") {
  Root root;
  root.processors(16, Root::level_3, "0-3");
  root.file("sys/fs/cgroup/cpu.max", "150000 100000\n");
  root.driver("535.104.05", "NVIDIA L4");
  const Machine m = root.examined().machine;
  const auto back = parse_profile(to_profile(m), "made.json");
  REQUIRE(back);
  CHECK(to_profile(*back) == to_profile(m));
  CHECK(back->cpus_granted() == 1);
}

TEST_CASE("damaged files of a machine are no failure of the doctor") {
  Root root;
  root.gpu_runtime("1.20.0", cuda_12_needs);
  root.file("etc/ld.so.cache", "glibc-ld.so.cache1.1 and no more");
  root.file("proc/cpuinfo", std::string(100, '\xff'));
  root.file("proc/self/cgroup", "0::\n:::\n9999:a");
  root.file("sys/devices/system/cpu/online", "5-1,-,99999999999999999999");
  root.file(capi.substr(1) + "libonnxruntime_providers_tensorrt.so",
            "\x7f"
            "ELF and no more");
  root.file(site.substr(1) + "/bad-1.0.dist-info/METADATA", std::string(1000, ':'));
  root.link("usr/lib/python3.11/site-packages/loop", "loop");
  const DoctorReport report = root.examined();
  CHECK(told(report, "loader-cache") == "degraded: the loader's cache is cut off inside its head | ldconfig");
  CHECK(report.machine.cpus == 0);
  CHECK(Json::parse(to_json(report)));
}

TEST_CASE("what cannot be looked at is an error, not a verdict") {
  CHECK(doctor({.root = "/no/such/root"}).error().code == Code::not_found);
  const Root root;
  CHECK(doctor({.root = root.path(), .models = {"/no/such/model.onnx"}}).error().code == Code::not_found);
  CHECK(doctor({.root = root.path(), .target = "sm_x"}).error().code == Code::usage);
  CHECK(doctor({.root = root.path(), .providers = {"gpu"}}).error().code == Code::usage);
  CHECK(doctor({.root = root.path(), .environment = {"LD_LIBRARY_PATH"}}).error().code == Code::usage);
}

TEST_CASE("of a wheel alone, in a folder without a system, only what no system has is missed") {
  vetset::testing::TemporaryFolder folder;
  const std::string lib = "usr/lib/python3.11/site-packages/onnxruntime/capi/";
  folder.write(lib + "libonnxruntime.so.1.31.1", elf({.needed = {"libc.so.6"}}));
  folder.write(lib + "libonnxruntime_providers_cuda.so",
               elf({.needed = {"libcublasLt.so.13", "libcudart.so.13", "libc.so.6"}}));
  folder.write(site.substr(1) + "/onnxruntime_gpu-1.31.1.dist-info/METADATA",
               "Name: onnxruntime-gpu\nVersion: 1.31.1\n\n");
  const auto report = doctor({.root = folder.path()});
  REQUIRE(report);
  CHECK(told(*report, "library-missing") ==
        "degraded: the CUDA provider of onnxruntime-gpu 1.31.1 is listed as available, and cannot load: "
        "libcublasLt.so.13 "
        "(and 2 "
        "more) is nowhere in that root | pip install nvidia-cublas nvidia-cuda-runtime nvidia-cudnn-cu13");
}

TEST_CASE("a provider that must work and is not there is broken") {
  Root root;
  CHECK(told(root.examined({.providers = {"cuda"}}), "runtime-absent") ==
        "broken: no ONNX Runtime was found | pip install onnxruntime");
  root.runtime("1.32.0");
  CHECK(told(root.examined({.providers = {"cuda"}}), "provider-absent") ==
        "broken: this ONNX Runtime has no provider 'cuda' | pip uninstall -y onnxruntime && pip install "
        "'onnxruntime-gpu[cuda,cudnn]'");
}

TEST_CASE("models are held to what they need") {
  Root root;
  root.runtime("1.32.0");
  vetset::testing::TemporaryFolder folder;
  const auto told_of = [&](const std::string& bytes, const char* check) {
    folder.write("m.onnx", bytes);
    return told(root.examined({.models = {folder / "m.onnx"}}), check);
  };
  CHECK(told_of(made::model(8, 17, part(1, node("MyOp", "acme.ops"))), "model-operators") ==
        "broken: the model uses acme.ops.MyOp, which ONNX Runtime does not have by itself | "
        "session_options.register_custom_ops_library('…')");
  CHECK(told_of(made::model(8, 17, part(1, node("BiasGelu", "com.microsoft"))), "model-operators") == "");
  CHECK(told_of(made::model(8, 17, part(5, outside("w", 4, "w.bin", "0"))), "model-weights") ==
        "broken: the file of weights 'w.bin' is missing | ");
  CHECK(told_of("PK\x03\x04", "model-readable").find("broken: the model cannot be read: expected an ONNX model") == 0);
}

TEST_CASE("an executable stack is refused from glibc 2.41 on, and noted before") {
  Root root;
  root.package("odd", "1.0");
  root.library(site.substr(1) + "/odd/odd.so", {.executable_stack = true});
  CHECK(told(root.examined(), "executable-stack").find("note: odd asks for an executable stack") == 0);
  root.library("lib/x86_64-linux-gnu/libc.so.6", {.soname = "libc.so.6", .given = {"GLIBC_2.41"}});
  CHECK(told(root.examined(), "executable-stack").find("broken: ") == 0);
}

TEST_CASE("tables of requirements agree with each other") {
  CHECK(runtime_for_cuda(13) == "onnxruntime-gpu>=1.27");
  CHECK(runtime_for_cuda(12) == "onnxruntime-gpu>=1.19,<1.27");
  CHECK(runtime_for_cuda(9) == "");
  CHECK(cuda_of_driver(Version::of("535.104.05")) == 12);
  CHECK(driver_for_cuda(12) <= Version::of("525.60.13"));
  CHECK(runtime_for_model(10, 21) == "1.18");
  CHECK(runtime_for_model(99, 21) == "");
  CHECK(package_of_library("libcudnn.so.9", 13) == "nvidia-cudnn-cu13");
  CHECK(package_of_library("libcurand.so.10", 13) == "nvidia-curand");
  CHECK(package_of_library("libcurand.so.10", 12) == "nvidia-curand-cu12");
}
