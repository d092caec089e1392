// What a machine is, as far as a model cares: processor, memory, GPU and driver, C library, container. Read from its
// files (/proc, /sys), or from a profile that describes a machine that is not here (docs/schema/machine-v1.json).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/runtime/doctor/root_files.h"
#include "vetset/runtime/doctor/version.h"

namespace vetset {

struct Gpu {
  std::string name;
  std::uint32_t arch = 0;  // 86 is sm_86; 0: not known
};

struct Machine {
  std::string name;    // "this machine", the root's path, or as the profile says
  std::string arch;    // "x86_64", "aarch64"; empty: not known
  std::string system;  // "Debian GNU/Linux 12 (bookworm)"

  std::string libc;  // "glibc", "musl"; empty: not known
  Version libc_version = {};
  Version glibcxx = {}, cxxabi = {};  // the highest that its libstdc++ gives: 3.4.30, 1.3.13; empty: not known

  std::string cpu;                     // model
  std::vector<std::string> cpu_flags;  // as /proc/cpuinfo has them, sorted; those that the system lets one use
  unsigned cpus = 0;                   // online; 0: not known
  unsigned cpus_allowed = 0;           // by affinity and cpuset
  double cpu_quota = 0;                // of the cgroup, in processors; 0: none
  std::uint64_t throttled = 0;         // periods in which the quota ran out
  unsigned numa_nodes = 0;

  std::uint64_t memory = 0, memory_limit = 0;  // bytes; no limit: 0
  std::uint64_t shm = 0;                       // of /dev/shm; 0: not known
  std::uint64_t memlock = 0;                   // bytes that may be locked; ~0: all

  Version driver = {};                                          // of NVIDIA; empty: none
  std::vector<Gpu> gpus;                                        // as far as they are known
  bool gpu_devices = false;                                     // /dev/nvidia0 and the like are there
  std::string container;                                        // "docker", "podman", "kubernetes", …; empty: none seen
  bool read_only = false;                                       // its root
  bool seccomp = false;                                         // a filter of system calls is on
  bool ca_bundle = true;                                        // certificates that TLS trusts are where programs look
  std::map<std::string, std::string, std::less<>> environment;  // variables that matter here

  /// Names of libraries that the machine has beyond its system (profiles only); nothing: not said.
  std::optional<std::vector<std::string>> libraries;

  /// Level 1 to 4 of x86-64 (psABI) that the processor has; 0: not known or no x86.
  unsigned cpu_level() const;
  /// "x86-64-v3", "aarch64", "".
  std::string cpu_text() const;
  bool has_flag(std::string_view flag) const;
  /// Processors that threads may use without being throttled; 0: not known.
  unsigned cpus_granted() const;
};

/// The machine that those files belong to. `environment`: its variables.
Machine read_machine(const RootFiles& files, const std::map<std::string, std::string, std::less<>>& environment);
/// GPUs and their architectures from the driver's management library, of this machine only.
void ask_driver(Machine& machine);
/// A driver's version as NVIDIA writes it: "535.104.05".
std::string driver_text(const Version& driver);
/// A GPU's architecture by its name ("NVIDIA A10G": 86); 0: not known.
std::uint32_t gpu_arch(std::string_view name);

/// A profile: what `vetset doctor --describe` wrote, or a person. Fields that are not said are not known.
Result<Machine> parse_profile(std::string_view json, std::string_view file);
std::string to_profile(const Machine& machine);

}  // namespace vetset
