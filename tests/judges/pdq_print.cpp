// Reads pictures from standard input, each as "width height channels\n" and its samples, and prints the PDQ hash and
// quality of each, for pdq_judge.py.
#include <cstdio>

#include "vetset/image/fingerprint.h"

int main() {
  unsigned width = 0, height = 0, channels = 0;
  while (std::scanf("%u %u %u", &width, &height, &channels) == 3 && std::getchar() == '\n') {
    vetset::Raster raster{width, height, static_cast<std::uint8_t>(channels), 8, {}};
    raster.samples.resize(raster.row_bytes() * height);
    if (std::fread(raster.samples.data(), 1, raster.samples.size(), stdin) != raster.samples.size()) return 1;
    const vetset::Pdq pdq = vetset::pdq_of(raster);
    std::printf("%s %u\n", vetset::pdq_hex(pdq.bits).c_str(), unsigned{pdq.quality});
  }
}
