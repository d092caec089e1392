#include "vetset/runtime/doctor/machine.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace vetset {
namespace {

using Flags = std::vector<std::string_view>;

/// Flags of /proc/cpuinfo that a level of the x86-64 psABI adds.
const std::array<Flags, 3>& level_flags() {
  static const std::array<Flags, 3> levels{{
      {"cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"},
      {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"},
      {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
  }};
  return levels;
}

struct NamedGpu {
  std::string_view name;
  std::uint32_t arch;
};
/// By parts of names, the first that fits: NVIDIA's list of compute capabilities (developer.nvidia.com/cuda-gpus).
constexpr std::array<NamedGpu, 40> named_gpus{{
    {"GB300", 103},  {"B300", 103},  {"GB200", 100},     {"B200", 100},  {"B100", 100},  {"RTX PRO", 120},
    {"RTX 50", 120}, {"GB10", 121},  {"Thor", 110},      {"GH200", 90},  {"H200", 90},   {"H100", 90},
    {"H800", 90},    {"H20", 90},    {"L40", 89},        {"L4", 89},     {"Ada", 89},    {"RTX 40", 89},
    {"Orin", 87},    {"A100", 80},   {"A800", 80},       {"A30", 80},    {"A40", 86},    {"A10", 86},
    {"A16", 86},     {"A2", 86},     {"RTX A", 86},      {"RTX 30", 86}, {"Xavier", 72}, {"T4", 75},
    {"RTX 20", 75},  {"GTX 16", 75}, {"Quadro RTX", 75}, {"V100", 70},   {"P100", 60},   {"P40", 61},
    {"P4", 61},      {"GTX 10", 61}, {"M60", 52},        {"K80", 37},
}};

}  // namespace

unsigned Machine::cpu_level() const {
  if (cpu_flags.empty() || (!arch.empty() && arch != "x86_64")) return 0;
  unsigned level = 1;
  for (const Flags& wanted : level_flags()) {
    if (!std::all_of(wanted.begin(), wanted.end(), [&](std::string_view f) { return has_flag(f); })) break;
    ++level;
  }
  return level;
}

std::string Machine::cpu_text() const {
  const unsigned level = cpu_level();
  return level == 0 ? arch : "x86-64-v" + std::to_string(level);
}

bool Machine::has_flag(std::string_view flag) const {
  return std::binary_search(cpu_flags.begin(), cpu_flags.end(), flag);
}

unsigned Machine::cpus_granted() const {
  unsigned granted = cpus_allowed > 0 ? cpus_allowed : cpus;
  if (cpu_quota > 0)
    granted = std::min(std::max(granted, 1U), std::max(1U, static_cast<unsigned>(std::floor(cpu_quota))));
  return granted;
}

std::string driver_text(const Version& driver) {
  std::string text = to_string(driver);
  if (driver.parts.size() == 3 && driver.parts[2] < 10) text.insert(text.rfind('.') + 1, "0");
  return text;
}

std::uint32_t gpu_arch(std::string_view name) {
  for (const NamedGpu& known : named_gpus)
    if (name.find(known.name) != std::string_view::npos) return known.arch;
  return 0;
}

}  // namespace vetset
