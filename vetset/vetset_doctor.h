// What stands in the way of a model on a machine: this one, another's root, or one that is merely described. Part of
// the façade, included by itself: it knows no datasets.
#pragma once

#include <string>
#include <vector>

#include "vetset/runtime/doctor/doctor.h"

namespace vetset {

struct DoctorRequest {
  std::string root = {};                    // another machine's root; empty: this machine
  std::string target = {};                  // a profile's file (docs/schema/machine-v1.json), or "sm_120"; empty: none
  std::vector<std::string> models = {};     // ONNX files and TensorRT engines
  std::vector<std::string> sites = {};      // Python environments or folders of packages; empty: found
  std::vector<std::string> providers = {};  // that must work: "cuda", "tensorrt", "openvino"
  std::vector<std::string> environment = {};  // "NAME=VALUE": beside the process's own variables, or those of the root
};
/// Looks at files only: starts nothing, loads no runtime. An error only where what was named cannot be read.
Result<DoctorReport> doctor(const DoctorRequest& request = {});
/// What it found, by docs/schema/doctor-v1.json.
std::string to_json(const DoctorReport& report);

}  // namespace vetset
