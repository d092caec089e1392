// The fuzz target of what runtimes bring: models (ONNX), libraries (ELF, with CUDA code in them), the loader's cache,
// and profiles of machines. A first byte says which. What is read stays within its bytes, says the same twice, and a
// profile comes back as it was written.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "vetset/runtime/doctor/machine.h"
#include "vetset/runtime/elf_search.h"
#include "vetset/runtime/onnx_file.h"

namespace vetset {
namespace {

void hold(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

void read_model(std::string_view bytes) {
  Limits limits;
  limits.depth = 16;
  limits.value_bytes = 1 << 16;
  const auto read = read_onnx(bytes, limits);
  if (!read) return hold(read.error().code != Code::defect, "a model that is our defect");
  hold(read->file_bytes == bytes.size(), "a model of another size");
  std::uint64_t nodes = 0;
  for (const OnnxOperator& op : read->operators) nodes += op.count;
  hold(nodes == read->nodes, "operators that do not make the nodes");
  for (const OnnxValue& value : read->inputs) hold(!to_string(value).empty(), "an input without words");
}

void read_library(std::string_view bytes) {
  const auto read = read_elf(bytes);
  each_elf_symbol(bytes, [](std::string_view name, bool) { return name.size() < 4096; });
  if (!read) return;
  for (const GpuCode& code : read->gpu)
    hold(code.count > 0 && runs_on(read->gpu, code.arch), "GPU code that runs on no GPU");
}

void read_machine_profile(std::string_view bytes) {
  const auto read = parse_profile(bytes, "fuzz.json");
  if (!read) return;
  const std::string written = to_profile(*read);
  const auto again = parse_profile(written, "fuzz.json");
  hold(again && to_profile(*again) == written, "a profile does not come back as it was written");
}

}  // namespace
}  // namespace vetset

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // A copy of its own, so that a step beyond its end is seen.
  const std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  std::vector<vetset::GpuCode> code;
  switch (data[0] % 5) {
    case 0: vetset::read_model(bytes); break;
    case 1: vetset::read_library(bytes); break;
    case 2: (void)vetset::read_ld_cache(bytes); break;
    case 3: vetset::read_fatbin(bytes, code); break;
    default: vetset::read_machine_profile(bytes);
  }
  return 0;
}
