// What an ELF library or program says of itself: what it needs, where it looks for it, which versions of symbols it
// asks for and gives, what it exports, and which GPUs its embedded CUDA code is for. Nothing is loaded or executed.
// System V gABI; versions by the LSB; fat binaries as NVIDIA's toolkits 8 to 13 write them. 64 bit, little endian.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"

namespace vetset {

enum class ElfMachine : std::uint8_t { x86_64, aarch64, other };

/// Versions of symbols that one library must give: "libc.so.6" → "GLIBC_2.17", "GLIBC_2.28".
struct ElfVersions {
  std::string library;
  std::vector<std::string> names;
};

/// CUDA code of one kind for one architecture: native code for that one (and later ones of its major version), or PTX
/// that the driver compiles for it and all later ones.
struct GpuCode {
  std::uint32_t arch = 0;  // 86 is sm_86
  bool ptx = false;
  std::uint64_t count = 0;
  bool operator==(const GpuCode&) const = default;
};

struct ElfFile {
  ElfMachine machine = ElfMachine::other;
  std::uint32_t machine_number = 0;  // e_machine
  bool is_program = false;           // has an interpreter
  bool dynamic = false;
  std::string soname;
  std::vector<std::string> needed;          // in file order
  std::vector<std::string> rpath, runpath;  // cut at ':', $ORIGIN not replaced
  std::vector<ElfVersions> wanted;          // .gnu.version_r, in file order
  std::vector<std::string> given;           // .gnu.version_d, without the file's own name
  bool executable_stack = false;            // asked for by PT_GNU_STACK
  std::uint32_t isa_level = 0;              // that its note asks for: 1 to 4 as x86-64-v1 to v4; 0: not said
  std::vector<GpuCode> gpu;                 // sorted: native before PTX, by architecture
  bool gpu_cut_off = false;                 // the CUDA code does not end where it says
};

Result<ElfFile> read_elf(std::string_view bytes);
/// Calls back for each dynamic symbol by name: those that the file gives (`defined`), and those that it asks for.
/// Stops where that says false.
void each_elf_symbol(std::string_view bytes, const std::function<bool(std::string_view name, bool defined)>& take);
/// CUDA code in the bytes of a .nv_fatbin section. False where the bytes do not end as they say.
bool read_fatbin(std::string_view section, std::vector<GpuCode>& out);
/// Whether a GPU of that architecture (sm_86: 86) can run any of it.
bool runs_on(const std::vector<GpuCode>& code, std::uint32_t arch);
/// "sm_75, sm_80, PTX of sm_90".
std::string to_string(const std::vector<GpuCode>& code);

}  // namespace vetset
