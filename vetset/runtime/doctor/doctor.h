// Says why a machine will not run a model, or will run it slowly, before anybody tries: one line of cause and one of
// cure each. Looks at files only; works for another machine's root, and for a machine that is merely described.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/runtime/doctor/machine.h"
#include "vetset/runtime/doctor/python_site.h"

namespace vetset {

enum class DoctorGrade : std::uint8_t { fine, note, degraded, broken };
std::string_view name(DoctorGrade);

/// Something that is wrong, or worth knowing.
struct DoctorLine {
  DoctorGrade grade = DoctorGrade::note;
  std::string check;    // "library-missing"; the same from release to release
  std::string subject;  // a file, a package, a provider
  std::string cause;    // one sentence
  std::string cure;     // one command or one line of code; empty: nothing is to be done
};

/// An execution provider of a runtime that was found.
struct ProviderState {
  std::string name;  // "cpu", "cuda", "tensorrt", "openvino"
  std::string file;  // its library; empty: built in
  bool loads = true;
  std::string gpu;  // architectures that its code is for: "sm_75, sm_80"; empty: none found
};

/// A library of ONNX Runtime that was found.
struct RuntimeFound {
  std::string library;  // its file
  std::string package;  // "onnxruntime-gpu"; empty: of no package
  Version version = {};
  unsigned cuda = 0, cudnn = 0;  // major versions that it is built for; 0: none
  std::vector<ProviderState> providers;
};

struct DoctorOptions {
  std::string root = {};                                             // of another machine; empty: this one
  std::map<std::string, std::string, std::less<>> environment = {};  // its variables
  std::vector<std::string> sites = {};      // folders of Python packages or environments; empty: found
  std::optional<Machine> target = {};       // a machine to judge for in place of the root's own
  std::uint32_t target_gpu = 0;             // 120 for sm_120; 0: those that the machine has
  std::vector<std::string> models = {};     // ONNX files and TensorRT engines, on this machine's disk
  std::vector<std::string> providers = {};  // that must work: what stands against them is broken, not degraded
};

struct DoctorReport {
  Machine machine;
  std::vector<PythonEnvironment> environments;
  std::vector<RuntimeFound> runtimes;
  std::vector<DoctorLine> lines;          // the worst first
  std::vector<std::string> looked;        // checks that were made, sorted
  DoctorGrade grade = DoctorGrade::fine;  // the worst of the lines, notes left out
};

/// An error only where a root or a model cannot be read at all.
Result<DoctorReport> examine(const DoctorOptions& options);

}  // namespace vetset
