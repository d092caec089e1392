// Prints what confident learning and the scores of boxes come to, for judges and measurements.
//   label_scores_print classes VALUES LABELS WIDTH [quiet]   float32 by row, uint32 a row; tells the CPU seconds on
//   stderr label_scores_print boxes < LINES                         "image", "g x y w h class region", "p x y w h class
//   confidence"
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "vetset/check/confident.h"
#include "vetset/check/object_doubts.h"

using namespace vetset;

namespace {

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

template <class Value>
std::vector<Value> read_all(const char* path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  std::vector<Value> values(static_cast<std::size_t>(in.tellg()) / sizeof(Value));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(Value)));
  return values;
}

int print_classes(const char* values_path, const char* labels_path, std::size_t width, bool quiet) {
  const auto values = read_all<float>(values_path);
  const auto labels = read_all<std::uint32_t>(labels_path);
  const double begin = cpu_seconds();
  const ConfidentLearning learnt = learn_confidently({.values = values, .width = width, .label = labels}, Pool(1));
  std::fprintf(stderr, "%.6f\n", cpu_seconds() - begin);
  if (quiet) return 0;
  std::printf("thresholds");
  for (const double t : learnt.thresholds) std::printf(" %.12g", t);
  std::printf("\ncounts");
  for (const std::uint64_t n : learnt.counts) std::printf(" %llu", static_cast<unsigned long long>(n));
  std::printf("\njoint");
  for (const double n : learnt.joint) std::printf(" %.12g", n);
  std::printf("\n");
  for (const LabelDoubt& d : learnt.doubts)
    std::printf("%.9g %.9g %u %d %.12g\n", double{d.given}, double{d.other}, d.proposed, d.flagged ? 1 : 0, d.score);
  return 0;
}

void print_image(std::span<const GivenBox> given, std::span<const DetectedBox> detected, double& seconds) {
  ObjectDoubts doubts;
  const double begin = cpu_seconds();
  doubt_objects(given, detected, doubts);
  seconds += cpu_seconds() - begin;
  std::printf("overlooked");
  for (const double s : doubts.overlooked) std::printf(" %.12g", s);
  std::printf("\nswapped");
  for (const Doubt& d : doubts.swapped) std::printf(" %.12g", d.score);
  std::printf("\nmisplaced");
  for (const Doubt& d : doubts.misplaced) std::printf(" %.12g", d.score);
  std::printf("\nspurious");
  for (const double s : doubts.spurious) std::printf(" %.12g", s);
  std::printf("\n");
}

int print_boxes() {
  std::vector<GivenBox> given;
  std::vector<DetectedBox> detected;
  char line[512];
  bool any = false;
  double seconds = 0;
  while (std::fgets(line, sizeof line, stdin) != nullptr) {
    double x = 0, y = 0, w = 0, h = 0, last = 0;
    unsigned category = 0;
    if (line[0] == 'i') {
      if (any) print_image(given, detected, seconds);
      any = true;
      given.clear(), detected.clear();
    } else if (std::sscanf(line + 1, "%lf %lf %lf %lf %u %lf", &x, &y, &w, &h, &category, &last) == 6) {
      if (line[0] == 'g') given.push_back({{x, y, w, h}, category, last != 0});
      if (line[0] == 'p') detected.push_back({{x, y, w, h}, category, last});
    }
  }
  if (any) print_image(given, detected, seconds);
  std::fprintf(stderr, "%.6f\n", seconds);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc >= 5 && std::strcmp(argv[1], "classes") == 0)
    return print_classes(argv[2], argv[3], std::strtoull(argv[4], nullptr, 10), argc > 5);
  if (argc == 2 && std::strcmp(argv[1], "boxes") == 0) return print_boxes();
  std::fprintf(stderr, "usage: label_scores_print classes VALUES LABELS WIDTH [quiet] | boxes < LINES\n");
  return 2;
}
