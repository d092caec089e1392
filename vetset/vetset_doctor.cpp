#include "vetset/vetset_doctor.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "vetset/base/json.h"

namespace vetset {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

Result<void> set_variable(Variables& to, const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    return Error{Code::usage, "expected a variable as NAME=VALUE, found '" + text + "'"};
  to[text.substr(0, equals)] = text.substr(equals + 1);
  return {};
}

Result<void> set_target(DoctorOptions& options, const std::string& target) {
  if (target.empty()) return {};
  if (target.starts_with("sm_")) {
    options.target_gpu = Version::of(std::string_view(target).substr(3)).major();
    if (options.target_gpu < 30 || options.target_gpu > 999)
      return Error{Code::usage, "expected an architecture like sm_86, found '" + target + "'"};
    return {};
  }
  VETSET_TRY(const auto tree, open_file(target));
  VETSET_TRY(const Bytes bytes, tree->read(base_name(target)));
  VETSET_TRY(options.target, parse_profile(bytes.text(), target));
  for (const auto& [name, value] : options.target->environment) options.environment[name] = value;
  return {};
}

void write_machine(JsonWriter& w, const Machine& m) {
  w.key("machine").raw(to_profile(m));
  w.key("granted")
      .begin_object()
      .key("processors")
      .value(m.cpus_granted())
      .key("processor_level")
      .value(m.cpu_text())
      .end_object();
}

void write_runtime(JsonWriter& w, const RuntimeFound& r) {
  w.begin_object().key("library").value(r.library).key("package").value(r.package).key("version").value(
      to_string(r.version));
  w.key("cuda").value(r.cuda).key("cudnn").value(r.cudnn).key("providers").begin_array();
  for (const ProviderState& p : r.providers)
    w.begin_object()
        .key("name")
        .value(p.name)
        .key("library")
        .value(p.file)
        .key("loads")
        .value(p.loads)
        .key("gpu_code")
        .value(p.gpu)
        .end_object();
  w.end_array().end_object();
}

}  // namespace

Result<DoctorReport> doctor(const DoctorRequest& request) {
  DoctorOptions options;
  options.root = request.root;
  options.sites = request.sites;
  if (request.root.empty())  // those of another root are named as they are there
    for (std::string& site : options.sites) site = std::filesystem::absolute(site).lexically_normal().string();
  options.models = request.models;
  options.providers = request.providers;
  static constexpr std::array known{"cpu", "cuda", "tensorrt", "openvino", "rocm", "migraphx"};
  for (const std::string& one : request.providers)
    if (std::find(known.begin(), known.end(), one) == known.end())
      return Error{Code::usage,
                   "expected cpu, cuda, tensorrt, openvino, rocm or migraphx as provider, found '" + one + "'"};
  if (request.root.empty())
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable)
      if (const std::string text = *variable; text.find('=') != std::string::npos && text.front() != '=')
        VETSET_DO(set_variable(options.environment, text));
  VETSET_DO(set_target(options, request.target));
  for (const std::string& text : request.environment) VETSET_DO(set_variable(options.environment, text));
  return examine(options);
}

std::string to_json(const DoctorReport& report) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("vetset_doctor").value(1).key("grade").value(name(report.grade));
  write_machine(w, report.machine);
  w.key("environments").begin_array();
  for (const PythonEnvironment& e : report.environments)
    w.begin_object().key("prefix").value(e.prefix).key("packages").value(std::uint64_t{e.packages.size()}).end_object();
  w.end_array().key("runtimes").begin_array();
  for (const RuntimeFound& r : report.runtimes) write_runtime(w, r);
  w.end_array().key("lines").begin_array();
  for (const DoctorLine& line : report.lines)
    w.begin_object()
        .key("grade")
        .value(name(line.grade))
        .key("check")
        .value(line.check)
        .key("subject")
        .value(line.subject)
        .key("cause")
        .value(line.cause)
        .key("cure")
        .value(line.cure)
        .end_object();
  w.end_array().key("looked").begin_array();
  for (const std::string& check : report.looked) w.value(check);
  w.end_array().end_object();
  return pretty_json(out) + '\n';
}

}  // namespace vetset
