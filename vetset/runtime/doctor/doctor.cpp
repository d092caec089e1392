#include "vetset/runtime/doctor/doctor.h"

#include <algorithm>
#include <array>

#include "vetset/base/unicode.h"
#include "vetset/runtime/doctor/doctor_case.h"

namespace vetset {

std::string_view name(DoctorGrade grade) {
  constexpr std::array names{"fine", "note", "degraded", "broken"};
  return names[static_cast<std::size_t>(grade)];
}

void DoctorCase::add(DoctorGrade grade, std::string_view check, std::string_view subject, std::string cause,
                     std::string cure) const {
  look(check);
  report.lines.push_back({grade, std::string(check), std::string(subject), std::move(cause), std::move(cure)});
}

DoctorGrade DoctorCase::against(std::string_view provider) const {
  const auto& wanted = options.providers;
  return std::find(wanted.begin(), wanted.end(), provider) != wanted.end() ? DoctorGrade::broken
                                                                           : DoctorGrade::degraded;
}

std::vector<Gpu> DoctorCase::gpus() const {
  if (options.target_gpu != 0) return {{"--target", options.target_gpu}};
  return machine.gpus;
}

const std::vector<std::string>& DoctorCase::libraries(const PythonEnvironment& environment) const {
  const auto known = libraries_.find(environment.prefix);
  if (known != libraries_.end()) return known->second;
  std::vector<std::string> all;
  for (const std::string& site : environment.sites)
    for (std::string& path : libraries_below(files, site)) all.push_back(std::move(path));
  return libraries_.emplace(environment.prefix, std::move(all)).first->second;
}

const PythonEnvironment* DoctorCase::environment_of(std::string_view path) const {
  for (const PythonEnvironment& e : report.environments)
    for (const std::string& site : e.sites)
      if (path.starts_with(site + '/')) return &e;
  return nullptr;
}

std::string DoctorCase::package_at(std::string_view path) const {
  const PythonEnvironment* environment = environment_of(path);
  if (environment == nullptr) return std::string(path);
  for (const std::string& site : environment->sites) {
    if (!path.starts_with(site + '/')) continue;
    const std::string_view inside = path.substr(site.size() + 1);
    std::string_view top = inside.substr(0, inside.find('/'));
    if (top.ends_with(".libs")) top.remove_suffix(5);
    if (top == inside) top = top.substr(0, top.find('.'));
    const std::string wanted = distribution_name(top);
    const Distribution* best = nullptr;  // of several that begin so ("onnxruntime", "onnxruntime-gpu") the last
    for (const Distribution& d : environment->packages)
      if (d.name == wanted || d.name.starts_with(wanted + "-")) best = best == nullptr || d.name == wanted ? &d : best;
    return best != nullptr ? best->name : std::string(top);
  }
  return std::string(path);
}

bool DoctorCase::system_known() const { return options.target ? machine.libraries.has_value() : !machine.libc.empty(); }

std::string_view DoctorCase::here() const {
  return options.target ? "on that machine" : files.is_here() ? "on this machine" : "in that root";
}

std::vector<std::string> DoctorCase::elsewhere(std::string_view library) const {
  std::vector<std::string> all;
  const auto look_in = [&](const std::string& folder) {
    for (const std::string& file : files.names(folder))
      if (library.ends_with('.') ? file.starts_with(library) : file == library) all.push_back(folder + '/' + file);
  };
  for (const PythonEnvironment& e : report.environments)
    for (const std::string& site : e.sites) {
      for (const std::string& one : files.names(site + "/nvidia")) look_in(site + "/nvidia/" + one + "/lib");
      for (const char* folder : {"/tensorrt_libs", "/torch/lib", "/openvino/libs"}) look_in(site + folder);
    }
  if (options.target) return all;  // toolkits of this machine are not on that one
  for (const std::string& one : files.names("/usr/local"))
    if (one.starts_with("cuda")) {
      look_in("/usr/local/" + one + "/lib64");
      for (const std::string& target : files.names("/usr/local/" + one + "/targets"))
        look_in("/usr/local/" + one + "/targets/" + target + "/lib");
    }
  for (const char* folder : {"/opt/tensorrt/lib", "/usr/local/TensorRT/lib", "/opt/intel/openvino/runtime/lib/intel64"})
    look_in(folder);
  return all;
}

Result<DoctorReport> examine(const DoctorOptions& options) {
  const RootFiles files(options.root.empty() ? "/" : options.root);
  if (!files.is_folder("/")) return Error{Code::not_found, "there is no such folder", options.root};
  DoctorReport report;
  if (options.target) {
    report.machine = *options.target;
  } else {
    report.machine = read_machine(files, options.environment);
    if (files.is_here()) ask_driver(report.machine);
  }
  for (const std::string& site : options.sites) {
    PythonEnvironment one = python_site(files, site);
    if (one.sites.empty()) return Error{Code::not_found, "there is no such folder of Python packages", site};
    report.environments.push_back(std::move(one));
  }
  if (options.sites.empty()) report.environments = python_environments(files, options.environment);
  const auto path = options.environment.find("LD_LIBRARY_PATH");
  const LibrarySearch search(files,
                             path != options.environment.end() ? parts(path->second, ':') : std::vector<std::string>());
  const Machine machine = report.machine;
  const DoctorCase c{.options = options, .files = files, .search = search, .machine = machine, .report = report};
  check_runtimes(c);
  check_gpu(c);
  check_cuda_packages(c);
  check_machine(c);
  check_c_library(c);
  check_processor(c);
  check_packages(c);
  check_libraries(c);
  VETSET_DO(check_models(c));
  std::stable_sort(report.lines.begin(), report.lines.end(),
                   [](const DoctorLine& a, const DoctorLine& b) { return a.grade > b.grade; });
  report.looked.assign(c.looked.begin(), c.looked.end());
  for (const DoctorLine& line : report.lines)
    if (line.grade > DoctorGrade::note) report.grade = std::max(report.grade, line.grade);
  return report;
}

}  // namespace vetset
