// What is said about exported models: what one is, what is wrong with it, and the contract that it needs to be run.
// Part of the façade.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/runtime/model_check.h"
#include "vetset/runtime/model_guess.h"
#include "vetset/runtime/onnx_file.h"
#include "vetset/runtime/runtime.h"
#include "vetset/vetset_datasets.h"

namespace vetset {

/// What a model's file says of itself. Needs no runtime.
struct ModelReport {
  std::string path, sha256;  // hex
  OnnxFile file;
  ModelGuess guess;
  std::string task;               // "detect"; empty: not known
  std::uint64_t parameters = 0;   // numbers in the weights
  std::string precision;          // "float32"
  std::vector<ContractGap> gaps;  // what a contract would lack
};
Result<ModelReport> inspect_model(const std::string& path, const Common& common = {});

struct ModelCheckOptions {
  RuntimeOptions runtime = {};
  SessionOptions session = {};
  Common common = {};
};
struct ModelCheckReport {
  ModelReport model;
  std::vector<ModelFault> faults;           // by falling grade
  std::string runtime;                      // "ONNX Runtime 1.32.0"; empty: none was found
  std::string no_runtime = {};              // why not
  std::vector<std::string> providers = {};  // that run its nodes; empty: it was not opened
};
/// Looks at the file, and opens it in the runtime where there is one. A named runtime that cannot be had is an error.
Result<ModelCheckReport> check_model_file(const std::string& path, const ModelCheckOptions& options = {});

struct ModelSpecOptions {
  std::string preset = {};        // empty: as the file looks
  std::string from_package = {};  // a package or a dataset: classes, and of a package its identity
  std::string classes = {};       // a file of names, one a line; not together with a package
  std::string name = {};          // of the contract; empty: the file's without its ending
  Common common = {};
};
struct ModelSpecReport {
  ModelReport model;
  BuiltSpec built;
  std::string yaml, digest;
};
Result<ModelSpecReport> spec_of_model(const std::string& path, const ModelSpecOptions& options = {});

}  // namespace vetset
