// Prints what the probe says of each file named on standard input, for probe_judge.py.
#include <cstdio>
#include <string>

#include "vetset/image/probe.h"

int main() {
  char line[4096];
  while (std::fgets(line, sizeof line, stdin) != nullptr) {
    std::string path(line);
    while (!path.empty() && path.back() == '\n') path.pop_back();
    const auto tree = vetset::open_folder(std::string(vetset::folder_of(path)));
    if (!tree) continue;
    const vetset::Facts f = vetset::probe_image(**tree, vetset::base_name(path));
    constexpr const char* status[] = {"absent", "unreadable", "not_image", "broken", "truncated", "ok"};
    std::printf("%s\t%s\t%u\t%u\t%u\t%s\n", path.c_str(), std::string(name(f.type)).c_str(), f.width, f.height,
                f.orientation, status[static_cast<int>(f.status)]);
  }
}
