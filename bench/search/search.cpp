// One exact search among random codes, a tenth of which have a near copy: search COUNT RADIUS THREADS KERNEL.
// Prints the pairs, the hubs, and the CPU seconds of the search alone.
#include <ctime>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "vetset/base/random.h"
#include "vetset/scan/neighbours_engine.h"

using namespace vetset;

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const std::size_t count = std::strtoull(argv[1], nullptr, 10);
  const auto radius = static_cast<unsigned>(std::atoi(argv[2])), threads = static_cast<unsigned>(std::atoi(argv[3]));
  Random random(1);
  std::vector<Bits256> codes(count);
  for (Bits256& code : codes)
    for (auto& word : code.words) word = random.bits();
  for (std::size_t i = 0; i < count / 10; ++i) {
    Bits256 copy = codes[i];
    for (std::size_t k = 0; k < i % 50; ++k) {
      const std::uint32_t bit = random.below(256);
      copy.words[bit / 64] ^= std::uint64_t{1} << (bit % 64);
    }
    codes[count - 1 - i] = copy;
  }
  for (const JoinKernel& kernel : join_kernels()) {
    if (kernel.name != std::string_view(argv[4])) continue;
    const std::clock_t begin = std::clock();
    const auto found = near_pairs_by(codes, nullptr, radius, Pool(threads), {}, {}, {}, {.kernel = &kernel});
    if (!found) return 1;
    std::printf("%zu %zu %.3f\n", found->pairs.size(), found->hubs.size(),
                static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
    return 0;
  }
  return 3;  // this processor has no such kernel
}
