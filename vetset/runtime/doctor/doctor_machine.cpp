// The machine itself: processors that threads may have, memory, the C library's version, the processor's instructions.
#include <algorithm>
#include <array>

#include "vetset/base/number.h"
#include "vetset/base/shell.h"
#include "vetset/runtime/doctor/doctor_case.h"
#include "vetset/runtime/doctor/requirements.h"

namespace vetset {
namespace {

std::string processors(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " processor" : " processors");
}

std::string megabytes(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MB"; }

/// The number that a variable like OMP_NUM_THREADS holds; 0: none.
std::uint32_t threads_of(const DoctorCase& c, std::string_view name) {
  const auto it = c.machine.environment.find(name);
  return it == c.machine.environment.end() ? 0 : Version::of(it->second).major();
}

void check_threads(const DoctorCase& c) {
  c.look("cpu-quota");
  c.look("cpu-set");
  const Machine& m = c.machine;
  const unsigned granted = m.cpus_granted(), seen = m.cpus_allowed > 0 ? m.cpus_allowed : m.cpus;
  const std::string number = std::to_string(granted);
  if (m.cpu_quota > 0 && granted < seen) {
    const std::uint32_t set = threads_of(c, "OMP_NUM_THREADS");
    if (set == 0 || set > granted) {
      std::string quota;
      append_fixed(quota, m.cpu_quota, 1);
      c.add(DoctorGrade::degraded, "cpu-quota", "cgroup",
            "the control group grants " + quota + " processors, and programs count " + std::to_string(seen) +
                ": their threads are stopped in turn" +
                (m.throttled > 0 ? " (" + std::to_string(m.throttled) + " times so far)" : ""),
            "export OMP_NUM_THREADS=" + number + " MKL_NUM_THREADS=" + number + " OPENBLAS_NUM_THREADS=" + number);
    }
  }
  if (m.cpus_allowed > 0 && m.cpus_allowed < m.cpus && !c.report.runtimes.empty())
    c.add(DoctorGrade::degraded, "cpu-set", "affinity",
          "only " + processors(m.cpus_allowed) + " of " + std::to_string(m.cpus) +
              " may be used: ONNX Runtime by default ties a thread to each, which fails or crashes for the others",
          "session_options.intra_op_num_threads = " + number);
}

void check_memory(const DoctorCase& c) {
  c.look("memory");
  const Machine& m = c.machine;
  const bool torch = std::any_of(c.report.environments.begin(), c.report.environments.end(),
                                 [](const PythonEnvironment& e) { return e.find("torch") != nullptr; });
  if (torch && m.shm > 0 && m.shm <= 64ULL << 20)
    c.add(DoctorGrade::degraded, "shared-memory", "/dev/shm",
          "/dev/shm has " + megabytes(m.shm) + ": loaders of PyTorch with workers end in 'bus error'",
          "docker run --shm-size=2g …");
  if (m.memory_limit > 0 && m.memory_limit < 512ULL << 20)
    c.add(DoctorGrade::degraded, "memory-limit", "cgroup",
          "the control group grants " + megabytes(m.memory_limit) + " of memory", "docker run --memory=2g …");
}

struct Edition {
  std::string_view glibc, image;
};
/// Images whose glibc is at least so new, the oldest first.
constexpr std::array editions{Edition{"2.17", "almalinux:8"},  Edition{"2.28", "debian:11"},
                              Edition{"2.31", "debian:11"},    Edition{"2.34", "ubuntu:22.04"},
                              Edition{"2.35", "ubuntu:22.04"}, Edition{"2.36", "debian:12"},
                              Edition{"2.39", "ubuntu:24.04"}, Edition{"2.41", "debian:13"}};

std::string image_for(const Version& glibc) {
  for (const Edition& one : editions)
    if (Version::of(one.glibc) >= glibc) return "FROM " + std::string(one.image);
  return {};
}

/// A library's own demand: the highest version of that prefix that it asks of anyone.
Version demanded(const ElfFile& file, std::string_view prefix) {
  Version best;
  for (const ElfVersions& one : file.wanted)
    if (const Version v = highest(one.names, prefix); v && (!best || v > best)) best = v;
  return best;
}

/// The most that libraries of one package demand, told once a package.
struct Demand {
  std::string package, file;
  Version glibc = {}, glibcxx = {}, cxxabi = {};
  bool runtime = false;
};

std::vector<Demand> demands(const DoctorCase& c) {
  std::vector<Demand> all;
  const auto take = [&](const std::string& path, bool runtime) {
    const ElfFile* file = c.search.elf(path);
    if (file == nullptr) return;
    const std::string package = c.package_at(path);
    auto it = std::find_if(all.begin(), all.end(), [&](const Demand& d) { return d.package == package; });
    if (it == all.end()) it = all.insert(all.end(), Demand{package, path, {}, {}, {}, runtime});
    it->runtime = it->runtime || runtime;
    const auto raise = [&](Version& to, std::string_view prefix) {
      if (const Version v = demanded(*file, prefix); v && (!to || v > to)) {
        to = v;
        it->file = path;
      }
    };
    raise(it->cxxabi, "CXXABI_");
    raise(it->glibcxx, "GLIBCXX_");
    raise(it->glibc, "GLIBC_");
  };
  for (const RuntimeFound& r : c.report.runtimes) {
    take(r.library, true);
    for (const ProviderState& p : r.providers)
      if (!p.file.empty()) take(p.file, true);
  }
  for (const PythonEnvironment& e : c.report.environments)
    for (const std::string& path : c.libraries(e)) take(path, false);
  return all;
}

}  // namespace

void check_machine(const DoctorCase& c) {
  check_threads(c);
  check_memory(c);
  c.look("certificates");
  if (!c.machine.ca_bundle && c.machine.environment.find("SSL_CERT_FILE") == c.machine.environment.end() &&
      !c.machine.container.empty())
    c.add(DoctorGrade::note, "certificates", "/etc/ssl",
          "there is no list of certificates: nothing can be fetched over TLS", "apt-get install ca-certificates");
}

void check_c_library(const DoctorCase& c) {
  c.look("glibc");
  c.look("libstdcxx");
  const Machine& m = c.machine;
  for (const Demand& d : demands(c)) {
    const DoctorGrade grade = d.runtime ? DoctorGrade::broken : DoctorGrade::degraded;
    if (m.libc == "musl" && d.glibc) {
      c.add(grade, "glibc", d.file, d.package + " is built for glibc, and this system has musl", "FROM debian:12");
      continue;
    }
    if (m.libc_version && d.glibc > m.libc_version) {
      c.add(grade, "glibc", d.file,
            d.package + " needs glibc " + to_string(d.glibc) + " (" + std::string(base_name(d.file)) +
                "), and this system has " + to_string(m.libc_version),
            image_for(d.glibc));
      continue;
    }
    const bool cxx = m.glibcxx && d.glibcxx > m.glibcxx, abi = m.cxxabi && d.cxxabi > m.cxxabi;
    if (cxx || abi)
      c.add(grade, "libstdcxx", d.file,
            d.package + " needs " + (cxx ? "GLIBCXX_" + to_string(d.glibcxx) : "CXXABI_" + to_string(d.cxxabi)) +
                ", and libstdc++ here goes up to " + to_string(cxx ? m.glibcxx : m.cxxabi),
            "conda install -c conda-forge libstdcxx-ng");
  }
}

void check_processor(const DoctorCase& c) {
  c.look("processor");
  const Machine& m = c.machine;
  const unsigned level = m.cpu_level();
  if (level == 0) return;
  for (const PythonEnvironment& e : c.report.environments) {
    for (const Distribution& d : e.packages)
      for (const ProcessorNeeds& needs : processor_needs(d.name, Version::of(d.version)))
        if (!m.has_flag(needs.flag))
          c.add(DoctorGrade::broken, "processor", d.folder,
                d.name + " " + d.version + " uses " + std::string(needs.flag) +
                    ", which this processor or its hypervisor does not have: illegal instruction",
                std::string(needs.cure));
    std::string told;
    for (const std::string& path : c.libraries(e)) {
      const ElfFile* file = c.search.elf(path);
      if (file == nullptr || file->isa_level <= level || told == c.package_at(path)) continue;
      told = c.package_at(path);
      c.add(DoctorGrade::broken, "processor", path,
            told + " is built for x86-64-v" + std::to_string(file->isa_level) + ", and this processor is " +
                m.cpu_text() + ": illegal instruction",
            "pip install --no-binary=" + shell_word(told) + " " + shell_word(told));
    }
  }
  if (level < 2)
    c.add(DoctorGrade::broken, "processor", "vetset",
          "vetset itself is built for x86-64-v2, and this processor is " + m.cpu_text());
  else if (level < 3 && !c.report.runtimes.empty())
    c.add(DoctorGrade::note, "processor", m.cpu,
          "without AVX2, ONNX Runtime takes its kernels for SSE: several times slower");
}

}  // namespace vetset
