// How many threads a runtime gets: never more than the process may run at once.
#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <string>
#include <thread>

#include "vetset/runtime/ort_library.h"

namespace vetset::ort {
namespace {

/// The first line of a small file; empty where there is none.
std::string first_line(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

/// A whole number; 0 for what is none.
double whole(const std::string& text) {
  long long n = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), n);
  return read.ec == std::errc() ? static_cast<double>(n) : 0;
}

/// "200000 100000" → 2; infinity for "max" or what is not understood.
double quota_of(const std::string& line) {
  const std::size_t blank = line.find(' ');
  if (blank == std::string::npos || line.starts_with("max")) return HUGE_VAL;
  const double quota = whole(line.substr(0, blank)), period = whole(line.substr(blank + 1));
  return quota > 0 && period > 0 ? quota / period : HUGE_VAL;
}

/// The least quota from this process's own group up to the root, in processors.
double cgroup_quota() {
  double least = HUGE_VAL;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    std::string group = line.substr(second + 1);
    for (;;) {
      if (group == "/") group.clear();
      if (controllers.empty()) least = std::min(least, quota_of(first_line("/sys/fs/cgroup" + group + "/cpu.max")));
      if (controllers.find("cpu") != std::string::npos) {
        const std::string folder = "/sys/fs/cgroup/cpu" + group;
        least = std::min(least, quota_of(first_line(folder + "/cpu.cfs_quota_us") + " " +
                                         first_line(folder + "/cpu.cfs_period_us")));
      }
      if (group.empty()) break;
      group.resize(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
    }
  }
  return least;
}

}  // namespace

unsigned granted_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  unsigned processors = std::max(1U, std::thread::hardware_concurrency());
  if (sched_getaffinity(0, sizeof set, &set) == 0) processors = std::max(1U, static_cast<unsigned>(CPU_COUNT(&set)));
  const double quota = cgroup_quota();
  // A quota of 1.5 processors feeds one thread; a second one would be stopped half of the time.
  if (quota < processors) processors = std::max(1U, static_cast<unsigned>(std::floor(quota)));
  return processors;
}

}  // namespace vetset::ort
