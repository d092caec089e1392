// What all checks of the doctor look at, and where they write. For files of this folder only.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/runtime/doctor/doctor.h"
#include "vetset/runtime/elf_search.h"

namespace vetset {

struct DoctorCase {
  const DoctorOptions& options;
  const RootFiles& files;
  const LibrarySearch& search;
  const Machine& machine;
  DoctorReport& report;

  void look(std::string_view check) const { looked.insert(std::string(check)); }
  void add(DoctorGrade grade, std::string_view check, std::string_view subject, std::string cause,
           std::string cure = {}) const;
  /// Degraded, or broken where that provider must work.
  DoctorGrade against(std::string_view provider) const;
  /// Architectures to judge for; none: not known.
  std::vector<Gpu> gpus() const;
  /// All libraries in the environment, seen once.
  const std::vector<std::string>& libraries(const PythonEnvironment& environment) const;
  /// The environment that a file lies in; null: none.
  const PythonEnvironment* environment_of(std::string_view path) const;
  /// The package that a library belongs to, by the first folder of its path; the folder where none is known.
  std::string package_at(std::string_view path) const;
  /// Whether the system's own libraries are known, so that one which is not found is missing.
  bool system_known() const;
  /// "on this machine", "in that root".
  std::string_view here() const;
  /// Folders outside the search where a library of that name lies: wheels, toolkits.
  std::vector<std::string> elsewhere(std::string_view library) const;

  mutable std::set<std::string, std::less<>> looked = {};
  mutable std::map<std::string, std::vector<std::string>, std::less<>> libraries_ = {};
};

void check_runtimes(const DoctorCase& c);
void check_gpu(const DoctorCase& c);
void check_cuda_packages(const DoctorCase& c);
void check_machine(const DoctorCase& c);
void check_c_library(const DoctorCase& c);
void check_processor(const DoctorCase& c);
void check_packages(const DoctorCase& c);
void check_libraries(const DoctorCase& c);
Result<void> check_models(const DoctorCase& c);

}  // namespace vetset
