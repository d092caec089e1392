// Decodes each file named on standard input: a line of what was found, then the samples as they are, for
// decode_judge.py and for timing (`--luma`, `--coefficients`, `--quiet`: no samples).
#include <cstdio>
#include <cstring>
#include <string>

#include "vetset/base/tree.h"
#include "vetset/image/decode.h"

int main(int count, char** arguments) {
  vetset::DecodeOptions options;
  bool quiet = false;
  for (int i = 1; i < count; ++i) {
    options.luma_only = options.luma_only || std::strcmp(arguments[i], "--luma") == 0;
    options.coefficients = options.coefficients || std::strcmp(arguments[i], "--coefficients") == 0;
    quiet = quiet || std::strcmp(arguments[i], "--quiet") == 0;
  }
  char line[4096];
  while (std::fgets(line, sizeof line, stdin) != nullptr) {
    std::string path(line);
    while (!path.empty() && path.back() == '\n') path.pop_back();
    const auto tree = vetset::open_folder(std::string(vetset::folder_of(path)));
    if (!tree) continue;
    const auto bytes = (*tree)->read(vetset::base_name(path));
    if (!bytes) continue;
    const vetset::Decoded d = vetset::decode_image(*bytes, options);
    constexpr const char* status[] = {"not_decoded", "ok", "partial", "broken", "refused", "unsupported"};
    std::printf("%s\t%s\t%s\t%u\t%u\t%u\t%u\t%u\t%u\t%s\t%s\n", path.c_str(), status[static_cast<int>(d.status)],
                std::string(name(d.type)).c_str(), d.raster.width, d.raster.height, d.raster.channels, d.raster.bits,
                d.frames, d.jpeg_quality, d.has_coefficients ? d.coefficients.hex().c_str() : "-", d.reason.c_str());
    if (!quiet) std::fwrite(d.raster.samples.data(), 1, d.raster.samples.size(), stdout);
  }
}
