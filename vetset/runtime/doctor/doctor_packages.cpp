// What pip left: two packages that own one folder, placeholders, NumPy's two interfaces, libraries that break the
// promises of their wheel.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "vetset/base/shell.h"
#include "vetset/runtime/doctor/doctor_case.h"
#include "vetset/runtime/doctor/requirements.h"

namespace vetset {
namespace {

void check_two_runtimes(const DoctorCase& c, const PythonEnvironment& e) {
  c.look("two-runtimes");
  std::vector<const Distribution*> owners;
  for (const Distribution& d : e.packages) {
    if (!d.name.starts_with("onnxruntime") && !d.name.starts_with("ort-nightly")) continue;
    const std::vector<std::string> files = recorded_files(c.files, d);
    const auto at = std::lower_bound(files.begin(), files.end(), "onnxruntime/");
    if (at != files.end() && at->starts_with("onnxruntime/")) owners.push_back(&d);
  }
  if (owners.size() < 2) return;
  std::string names, keep = owners.back()->name;
  for (const Distribution* d : owners) {
    names += (names.empty() ? "" : " and ") + d->name + " " + d->version;
    if (d->name.find("gpu") != std::string::npos) keep = d->name;
  }
  const bool cuda = c.files.is_file(owners[0]->site + "/onnxruntime/capi/libonnxruntime_providers_cuda.so");
  std::string all;
  for (const Distribution* d : owners) all += " " + d->name;
  c.add(c.against("cuda"), "two-runtimes", owners[0]->site + "/onnxruntime",
        names + " own the same folder: what was installed last has overwritten the other" +
            (cuda ? ", and to remove either breaks what is left" : ", and no CUDA provider is left"),
        "pip uninstall -y" + all + " && pip install " + keep);
}

void check_placeholders(const DoctorCase& c, const PythonEnvironment& e) {
  c.look("placeholder");
  for (const Distribution& d : e.packages)
    if (const Placeholder* p = placeholder(d.name, d.version))
      c.add(DoctorGrade::degraded, "placeholder", d.folder,
            d.name + " " + d.version + " is a placeholder: no wheel of the real one fits here (it needs " +
                std::string(p->needs) + "), so pip took this",
            "pip uninstall -y " + d.name);
}

struct NumpyBorn {
  std::string_view package, from;
};
/// The first releases that are built for NumPy 2; what is older ends in "_ARRAY_API not found".
constexpr std::array numpy_born{
    NumpyBorn{"onnxruntime", "1.19"},   NumpyBorn{"onnxruntime-gpu", "1.19"},        NumpyBorn{"torch", "2.3"},
    NumpyBorn{"opencv-python", "4.10"}, NumpyBorn{"opencv-python-headless", "4.10"}, NumpyBorn{"pycocotools", "2.0.8"}};

void check_numpy(const DoctorCase& c, const PythonEnvironment& e) {
  c.look("numpy");
  const Distribution* numpy = e.find("numpy");
  if (numpy == nullptr || Version::of(numpy->version).major() < 2) return;
  for (const NumpyBorn& one : numpy_born)
    if (const Distribution* d = e.find(one.package); d != nullptr && Version::of(d->version) < Version::of(one.from))
      c.add(DoctorGrade::broken, "numpy", d->folder,
            d->name + " " + d->version + " is built for NumPy 1, and NumPy " + numpy->version + " is installed",
            "pip install 'numpy<2'");
}

/// "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64" promises glibc 2.17.
Version promised(const std::vector<std::string>& tags) {
  Version least;
  for (const std::string& tag : tags) {
    Version v;
    if (const std::size_t at = tag.find("manylinux_2_"); at != std::string::npos)
      v = Version{{2, Version::of(std::string_view(tag).substr(at + 12)).major()}};
    else if (tag.find("manylinux2014") != std::string::npos)
      v = Version::of("2.17");
    else if (tag.find("manylinux2010") != std::string::npos)
      v = Version::of("2.12");
    if (v && (!least || v < least)) least = v;
  }
  return least;
}

/// Symbols of Python that an abi3 module may use though they begin with an underscore.
bool stable_symbol(std::string_view symbol) {
  static constexpr std::array known{"_Py_NoneStruct",
                                    "_Py_TrueStruct",
                                    "_Py_FalseStruct",
                                    "_Py_EllipsisObject",
                                    "_Py_NotImplementedStruct",
                                    "_Py_Dealloc",
                                    "_Py_IncRef",
                                    "_Py_DecRef",
                                    "_Py_RefTotal",
                                    "_Py_NegativeRefcount",
                                    "_Py_SwappedOp",
                                    "_Py_CheckRecursiveCall",
                                    "_Py_BuildValue_SizeT",
                                    "_Py_VaBuildValue_SizeT",
                                    "_Py_HashSecret",
                                    "_Py_SetRefcnt"};
  if (std::find(known.begin(), known.end(), symbol) != known.end()) return true;
  return symbol.starts_with("_PyArg_") || symbol.starts_with("_PyObject_") || symbol.starts_with("_PyState_") ||
         symbol.starts_with("_PyErr_BadInternalCall") || symbol.starts_with("_PyWeakref_") ||
         symbol.starts_with("_PyUnicode_");
}

void check_promises(const DoctorCase& c, const PythonEnvironment& e) {
  for (const char* check : {"executable-stack", "wheel-glibc", "search-path", "abi3"}) c.look(check);
  std::set<std::string, std::less<>> told;
  const auto once = [&](std::string_view check, const std::string& package) {
    return told.insert(std::string(check) + package).second;
  };
  for (const std::string& path : c.libraries(e)) {
    const ElfFile* file = c.search.elf(path);
    if (file == nullptr) continue;
    const std::string package = c.package_at(path);
    if (file->executable_stack && once("executable-stack", package)) {
      const bool refused = c.machine.libc == "glibc" && c.machine.libc_version >= Version::of("2.41");
      c.add(refused ? DoctorGrade::broken : DoctorGrade::note, "executable-stack", path,
            package + " asks for an executable stack, which glibc 2.41 and newer refuse to load",
            "patchelf --clear-execstack " + shell_word(path));
    }
    Version most;
    for (const ElfVersions& one : file->wanted)
      if (const Version v = highest(one.names, "GLIBC_"); v && (!most || v > most)) most = v;
    const Distribution* owner = e.find(package);
    const Version promise = owner != nullptr ? promised(owner->tags) : Version{};
    if (promise && most > promise && once("wheel-glibc", package))
      c.add(DoctorGrade::note, "wheel-glibc", path,
            package + " promises to run from glibc " + to_string(promise) + " on, and needs " + to_string(most));
    std::vector<std::string> folders = file->runpath;
    folders.insert(folders.end(), file->rpath.begin(), file->rpath.end());
    for (const std::string& folder : folders)
      if ((folder.starts_with("/home/") || folder.starts_with("/tmp/") || folder.starts_with("/root/") ||
           folder.starts_with("/build")) &&
          !folder.starts_with(e.prefix) && once("search-path", package))
        c.add(DoctorGrade::note, "search-path", path,
              package + " looks for libraries in " + folder + ", where whoever may write there decides what is loaded",
              "patchelf --remove-rpath " + shell_word(path));
    if (path.find(".abi3.so") != std::string::npos) {
      const auto bytes = c.files.read(path);
      std::string found;
      if (bytes)
        each_elf_symbol(bytes->text(), [&](std::string_view name, bool defined) {
          if (!defined && name.starts_with("_Py") && !stable_symbol(name)) found = name;
          return found.empty();
        });
      if (!found.empty() && once("abi3", package))
        c.add(DoctorGrade::note, "abi3", path,
              package + " is marked abi3 and uses " + found + ", which is not in the stable interface");
    }
  }
}

}  // namespace

void check_packages(const DoctorCase& c) {
  for (const PythonEnvironment& e : c.report.environments) {
    check_two_runtimes(c, e);
    check_placeholders(c, e);
    check_numpy(c, e);
    check_promises(c, e);
  }
}

}  // namespace vetset
