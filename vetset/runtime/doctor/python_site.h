// The packages of a Python environment, from the folders that pip leaves (*.dist-info). No Python is started.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/runtime/doctor/root_files.h"
#include "vetset/runtime/doctor/version.h"

namespace vetset {

struct Distribution {
  std::string name;               // as packages are compared: lower case, '-' for runs of "-_."
  std::string version;            // as written
  std::string site;               // the folder it lies in
  std::string folder;             // of its metadata
  std::vector<std::string> tags;  // of its wheel: "cp311-cp311-manylinux_2_28_x86_64"
};

struct PythonEnvironment {
  std::string prefix;                  // "/opt/venv"
  std::vector<std::string> sites;      // its folders of packages
  std::vector<Distribution> packages;  // sorted by name, then folder

  const Distribution* find(std::string_view name) const;
};

/// Environments of a machine: those that its variables name, the one of PATH, and those in usual places. Each once.
std::vector<PythonEnvironment> python_environments(const RootFiles& files,
                                                   const std::map<std::string, std::string, std::less<>>& environment);
/// One folder of packages, named by the user.
PythonEnvironment python_site(const RootFiles& files, const std::string& folder);

/// Files that a distribution says are its own (RECORD), below its site; sorted.
std::vector<std::string> recorded_files(const RootFiles& files, const Distribution& package);
/// Libraries (names with ".so") below a folder of a site, as whole paths, sorted.
std::vector<std::string> libraries_below(const RootFiles& files, const std::string& folder);
/// "Foo_Bar.baz" → "foo-bar-baz".
std::string distribution_name(std::string_view name);

}  // namespace vetset
