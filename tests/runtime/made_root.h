// A machine made up for one test: a root with a C library, a loader's cache, /proc and /sys, and Python packages.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/base/temporary.h"
#include "tests/runtime/elf_make.h"
#include "vetset/vetset_doctor.h"

namespace vetset::made {

inline const std::string site = "/usr/lib/python3.11/site-packages";
inline const std::string capi = site + "/onnxruntime/capi/";

class Root {
 public:
  /// Debian 12 with eight processors of the third level and 16 GB, nothing else.
  Root() {
    const std::string lib = "lib/x86_64-linux-gnu/";
    file("etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
    file("etc/ssl/certs/ca-certificates.crt", "-----BEGIN CERTIFICATE-----\n");
    library(lib + "libc.so.6", {.soname = "libc.so.6", .given = {"GLIBC_2.2.5", "GLIBC_2.28", "GLIBC_2.36"}});
    library(lib + "libstdc++.so.6",
            {.soname = "libstdc++.so.6", .given = {"GLIBCXX_3.4", "GLIBCXX_3.4.30", "CXXABI_1.3.13"}});
    file("proc/meminfo", "MemTotal:       16384000 kB\n");
    file("proc/self/cgroup", "0::/\n");
    processors(8, level_3);
  }

  const std::string& path() const { return folder_.path(); }
  void file(const std::string& name, const std::string& text) { folder_.write(name, text); }
  void library(const std::string& name, const Library& made) { folder_.write(name, elf(made)); }
  void link(const std::string& name, const std::string& to) {
    std::filesystem::create_directories(std::filesystem::path(folder_ / name).parent_path());
    std::filesystem::create_symlink(to, folder_ / name);
  }

  static constexpr const char* level_1 = "fpu sse sse2 cx16 lahf_lm";
  static constexpr const char* level_2 = "fpu sse sse2 cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3";
  static constexpr const char* level_3 =
      "fpu sse sse2 cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3 avx avx2 bmi1 bmi2 f16c fma abm movbe xsave";
  void processors(unsigned count, const std::string& flags, const std::string& allowed = {}) {
    file("sys/devices/system/cpu/online", "0-" + std::to_string(count - 1) + "\n");
    file("proc/cpuinfo", "model name\t: Made up\nflags\t\t: " + flags + "\n");
    file("proc/self/status",
         "Cpus_allowed_list:\t" + (allowed.empty() ? "0-" + std::to_string(count - 1) : allowed) + "\nSeccomp:\t0\n");
  }

  /// What pip leaves of a package.
  void package(const std::string& name, const std::string& version, const std::vector<std::string>& files = {},
               const std::string& tag = "cp311-cp311-manylinux_2_28_x86_64") {
    const std::string info = site.substr(1) + "/" + name + "-" + version + ".dist-info/";
    file(info + "METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n\n");
    file(info + "WHEEL", "Wheel-Version: 1.0\nTag: " + tag + "\n");
    std::string record;
    for (const std::string& one : files) record += one + ",sha256=x,1\n";
    file(info + "RECORD", record);
  }

  /// onnxruntime of PyPI for the processor.
  void runtime(const std::string& version, const Library& made = {}) {
    Library lib = made;
    lib.soname = "libonnxruntime.so.1";
    lib.needed.push_back("libc.so.6");
    if (lib.wanted.empty()) lib.wanted = {{"libc.so.6", {"GLIBC_2.28"}}};
    library(capi.substr(1) + "libonnxruntime.so." + version, lib);
    package("onnxruntime", version, {"onnxruntime/__init__.py"});
  }
  /// onnxruntime-gpu with a CUDA provider that needs those libraries.
  void gpu_runtime(const std::string& version, const std::vector<std::string>& needed,
                   const std::string& code = default_code()) {
    library(capi.substr(1) + "libonnxruntime.so." + version,
            {.soname = "libonnxruntime.so.1", .needed = {"libc.so.6"}});
    Library provider{.needed = needed, .fatbin = code};
    provider.needed.push_back("libc.so.6");
    library(capi.substr(1) + "libonnxruntime_providers_cuda.so", provider);
    package("onnxruntime-gpu", version, {"onnxruntime/__init__.py"});
  }
  static std::string default_code() { return fatbin({{{75, false}, {80, false}, {86, false}, {90, false}}}); }

  /// A library of the system's.
  void system(const std::string& name, const std::string& version = {}) {
    const std::string lib = "lib/x86_64-linux-gnu/";
    library(lib + name + version, {.soname = name});
    if (!version.empty()) link(lib + name, name + version);
  }
  /// A library of a wheel nvidia-*: where only who knows looks.
  void wheel(const std::string& part, const std::string& name) {
    library(site.substr(1) + "/nvidia/" + part + "/lib/" + name, {.soname = name});
  }
  void cuda_12_of_system() {
    for (const char* name : {"libcublasLt.so.12", "libcublas.so.12", "libcudart.so.12"}) system(name);
    system("libcudnn.so.9", ".1.0");
    system("libcuda.so.1", ".560.35.03");
  }
  void driver(const std::string& version, const std::string& gpu) {
    file("proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  " + version + "  Mon\n");
    file("proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: \t\t " + gpu + "\nIRQ: 5\n");
  }

  DoctorReport examined(DoctorRequest request = {}) const {
    request.root = path();
    auto report = doctor(request);
    REQUIRE_MESSAGE(report, (report ? std::string() : to_string(report.error())));
    return *std::move(report);
  }

 private:
  vetset::testing::TemporaryFolder folder_;
};

inline const std::vector<std::string> cuda_12_needs{"libcublasLt.so.12", "libcublas.so.12", "libcudart.so.12",
                                                    "libcudnn.so.9"};

/// Lines of one check as "degraded: cause | cure"; the root's own path is cut out.
inline std::string told(const DoctorReport& report, std::string_view check) {
  std::string text;
  for (const DoctorLine& line : report.lines)
    if (line.check == check)
      text += (text.empty() ? "" : "\n") + std::string(name(line.grade)) + ": " + line.cause + " | " + line.cure;
  return text;
}
/// All lines but notes.
inline std::string complaints(const DoctorReport& report) {
  std::string text;
  for (const DoctorLine& line : report.lines)
    if (line.grade != DoctorGrade::note) text += line.check + ": " + line.cause + "\n";
  return text;
}

}  // namespace vetset::made
