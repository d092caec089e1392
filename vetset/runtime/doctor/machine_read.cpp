// A machine from its own files. What another machine's root does not hold (/proc, /sys are empty there) stays unknown.
#include <sys/utsname.h>

#include <algorithm>
#include <limits>
#include <set>

#include "vetset/base/number.h"
#include "vetset/runtime/doctor/machine.h"
#include "vetset/runtime/elf_search.h"

namespace vetset {
namespace {

/// The value of a line "name : value" or "name=value".
std::string_view value_of(std::string_view text, std::string_view name, char sign) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t at = line.find(sign);
    if (at != std::string_view::npos && trimmed(line.substr(0, at)) == name) return trimmed(line.substr(at + 1));
  }
  return {};
}

std::uint64_t whole(std::string_view text) {
  const NumberText n = read_loose_number(text);
  return n.fits_int64 && n.whole > 0 ? static_cast<std::uint64_t>(n.whole) : 0;
}

/// "0-3,8" names five processors.
unsigned counted_list(std::string_view list) {
  std::uint64_t count = 0;
  for (const std::string& range : parts(list, ',')) {
    const NumberText first = read_loose_number(range);
    if (!first.fits_int64 || first.whole < 0) continue;
    const std::size_t dash = range.find('-');
    const std::uint64_t from = whole(range),
                        to = dash == std::string::npos ? from : whole(std::string_view(range).substr(dash + 1));
    if (to >= from && to - from < 1 << 20) count += to - from + 1;
  }
  return static_cast<unsigned>(std::min<std::uint64_t>(count, 1 << 20));
}

void read_system(const RootFiles& files, Machine& m) {
  const std::string release = files.text("/etc/os-release");
  std::string_view pretty = value_of(release, "PRETTY_NAME", '=');
  if (pretty.size() >= 2 && pretty.front() == '"' && pretty.back() == '"') pretty = pretty.substr(1, pretty.size() - 2);
  m.system = pretty;
  const LibrarySearch search(files, {});
  for (const char* path : {"/lib/x86_64-linux-gnu/libc.so.6", "/lib64/libc.so.6", "/lib/aarch64-linux-gnu/libc.so.6",
                           "/usr/lib/libc.so.6", "/lib/libc.so.6"})
    if (const ElfFile* libc = search.elf(path)) {
      m.libc = "glibc";
      m.libc_version = highest(libc->given, "GLIBC_");
      m.arch = libc->machine == ElfMachine::x86_64 ? "x86_64" : libc->machine == ElfMachine::aarch64 ? "aarch64" : "";
      break;
    }
  if (m.libc.empty())
    for (const std::string& one : files.names("/lib"))
      if (one.starts_with("ld-musl-")) {
        m.libc = "musl";
        m.arch = one.substr(8, one.find('.') - 8);
      }
  for (const std::string& path : search.like("libstdc++.so.6"))
    if (const ElfFile* lib = search.elf(path)) {
      m.glibcxx = highest(lib->given, "GLIBCXX_");
      m.cxxabi = highest(lib->given, "CXXABI_");
      break;
    }
  utsname u = {};
  if (m.arch.empty() && files.is_here() && uname(&u) == 0) m.arch = u.machine;
}

/// Folders of this process's control group, from the innermost to the outermost, of one controller.
std::vector<std::string> group_folders(const RootFiles& files, std::string_view controller) {
  std::vector<std::string> folders;
  const auto climb = [&](const std::string& base, std::string path) {
    while (true) {
      folders.push_back(base + (path == "/" ? "" : path));
      if (path.size() <= 1) return;
      path.resize(path.rfind('/'));
      if (path.empty()) path = "/";
    }
  };
  const std::string groups = files.text("/proc/self/cgroup");
  for (const std::string& line : parts(groups, '\n')) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos || line[second + 1] != '/') continue;
    const std::string names = line.substr(first + 1, second - first - 1), path = line.substr(second + 1);
    if (names.empty()) climb("/sys/fs/cgroup", path);
    const std::vector<std::string> list = parts(names, ',');
    if (std::find(list.begin(), list.end(), controller) != list.end())
      climb("/sys/fs/cgroup/" + std::string(controller), path);
  }
  for (const std::string& base : {std::string("/sys/fs/cgroup"), "/sys/fs/cgroup/" + std::string(controller)})
    if (std::find(folders.begin(), folders.end(), base) == folders.end()) folders.push_back(base);
  return folders;
}

void read_processors(const RootFiles& files, Machine& m) {
  const std::string info = files.text("/proc/cpuinfo");
  m.cpu = value_of(info, "model name", ':');
  std::string_view flags = value_of(info, "flags", ':');
  if (flags.empty()) flags = value_of(info, "Features", ':');  // of aarch64
  m.cpu_flags = parts(flags, ' ');
  std::sort(m.cpu_flags.begin(), m.cpu_flags.end());
  m.cpus = counted_list(files.line("/sys/devices/system/cpu/online"));
  if (m.cpus == 0)
    for (const std::string& line : parts(info, '\n')) m.cpus += line.starts_with("processor") ? 1U : 0U;
  m.cpus_allowed = counted_list(value_of(files.text("/proc/self/status"), "Cpus_allowed_list", ':'));
  for (const std::string& folder : group_folders(files, "cpuset"))
    if (const unsigned set = counted_list(files.line(folder + "/cpuset.cpus.effective")); set > 0)
      m.cpus_allowed = m.cpus_allowed == 0 ? set : std::min(m.cpus_allowed, set);
  if (m.cpus_allowed > m.cpus && m.cpus > 0) m.cpus_allowed = m.cpus;
  const auto quota = [&](double of, double period) {
    if (of > 0 && period > 0 && (m.cpu_quota == 0 || of / period < m.cpu_quota)) m.cpu_quota = of / period;
  };
  for (const std::string& folder : group_folders(files, "cpu")) {
    const std::string max = files.line(folder + "/cpu.max");
    if (const std::size_t blank = max.find(' '); blank != std::string::npos && !max.starts_with("max"))
      quota(static_cast<double>(whole(max)), static_cast<double>(whole(std::string_view(max).substr(blank + 1))));
    quota(static_cast<double>(whole(files.line(folder + "/cpu.cfs_quota_us"))),
          static_cast<double>(whole(files.line(folder + "/cpu.cfs_period_us"))));
    const std::string stat = files.text(folder + "/cpu.stat");
    for (const std::string& line : parts(stat, '\n'))
      if (line.starts_with("nr_throttled "))
        m.throttled = std::max(m.throttled, whole(std::string_view(line).substr(13)));
  }
  for (const std::string& node : files.names("/sys/devices/system/node"))
    if (node.size() > 4 && node.starts_with("node") && node[4] >= '0' && node[4] <= '9') ++m.numa_nodes;
}

void read_memory(const RootFiles& files, Machine& m) {
  m.memory = whole(value_of(files.text("/proc/meminfo"), "MemTotal", ':')) * 1024;
  const auto limit = [&](std::uint64_t bytes) {
    if (bytes > 0 && bytes < std::uint64_t{1} << 60 && (m.memory_limit == 0 || bytes < m.memory_limit))
      m.memory_limit = bytes;
  };
  for (const std::string& folder : group_folders(files, "memory")) {
    limit(whole(files.line(folder + "/memory.max")));
    limit(whole(files.line(folder + "/memory.limit_in_bytes")));
  }
  if (m.memory > 0 && m.memory_limit >= m.memory) m.memory_limit = 0;
  for (const std::string& line : parts(files.text("/proc/self/mounts"), '\n')) {
    const std::vector<std::string> words = parts(line, ' ');
    if (words.size() < 4) continue;
    const std::vector<std::string> options = parts(words[3], ',');
    if (words[1] == "/") m.read_only = std::find(options.begin(), options.end(), "ro") != options.end();
    if (words[1] == "/dev/shm")
      for (const std::string& option : options)
        if (option.starts_with("size=")) {
          const char unit = option.back();
          m.shm = whole(std::string_view(option).substr(5)) * (unit == 'k'   ? 1U << 10
                                                               : unit == 'm' ? 1U << 20
                                                               : unit == 'g' ? 1U << 30
                                                                             : 1U);
        }
  }
  for (const std::string& line : parts(files.text("/proc/self/limits"), '\n'))
    if (line.starts_with("Max locked memory")) {
      const std::vector<std::string> words = parts(line, ' ');
      if (words.size() > 3)
        m.memlock = words[3] == "unlimited" ? std::numeric_limits<std::uint64_t>::max() : whole(words[3]);
    }
}

void read_gpus(const RootFiles& files, Machine& m) {
  m.driver = Version::of(files.line("/sys/module/nvidia/version"));
  if (!m.driver)
    for (const std::string& word : parts(files.line("/proc/driver/nvidia/version"), ' '))
      if (const Version v = Version::of(word); v.parts.size() >= 2 && v.major() >= 300) {
        m.driver = v;
        break;
      }
  for (const std::string& gpu : files.names("/proc/driver/nvidia/gpus")) {
    const std::string model(value_of(files.text("/proc/driver/nvidia/gpus/" + gpu + "/information"), "Model", ':'));
    m.gpus.push_back({model, gpu_arch(model)});
  }
  for (const std::string& device : files.names("/dev"))
    if (device.size() > 6 && device.starts_with("nvidia") && device[6] >= '0' && device[6] <= '9') m.gpu_devices = true;
}

void read_container(const RootFiles& files, Machine& m) {
  const auto set = [&](std::string_view name) { return m.environment.find(name) != m.environment.end(); };
  if (set("KUBERNETES_SERVICE_HOST"))
    m.container = "kubernetes";
  else if (files.is_file("/run/.containerenv"))
    m.container = "podman";
  else if (files.is_file("/.dockerenv"))
    m.container = "docker";
  m.seccomp = value_of(files.text("/proc/self/status"), "Seccomp", ':') == "2";
  m.ca_bundle = false;
  for (const char* path :
       {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
        "/etc/ssl/ca-bundle.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"})
    m.ca_bundle = m.ca_bundle || files.is_file(path);
}

}  // namespace

Machine read_machine(const RootFiles& files, const std::map<std::string, std::string, std::less<>>& environment) {
  Machine m;
  m.name = files.is_here() ? "this machine" : files.root();
  for (const char* name :
       {"LD_LIBRARY_PATH", "LD_PRELOAD", "NVIDIA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES", "CUDA_HOME",
        "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "KMP_AFFINITY", "GOMP_CPU_AFFINITY",
        "KUBERNETES_SERVICE_HOST", "VETSET_ORT_LIB", "VIRTUAL_ENV", "SSL_CERT_FILE"})
    if (const auto it = environment.find(name); it != environment.end()) m.environment.insert(*it);
  read_system(files, m);
  read_processors(files, m);
  read_memory(files, m);
  read_gpus(files, m);
  read_container(files, m);
  return m;
}

}  // namespace vetset
