#include "vetset/check/standouts.h"

#include <algorithm>

#include "vetset/check/words.h"

namespace vetset {

void report_standouts(const Dataset& d, std::vector<Standout> found, std::uint64_t looked_at,
                      const StandoutWords& words, const Report& report) {
  constexpr std::size_t few = 10, share = 10;
  const std::string_view which = words.which.empty() ? "images" : words.which;
  if (found.size() > few && found.size() * share > looked_at) {
    const Standout& worst = *std::max_element(found.begin(), found.end(), [](const Standout& a, const Standout& b) {
      return a.score < b.score || (a.score == b.score && b.image < a.image);
    });
    report({}, grouped(found.size()) + " of " + grouped(looked_at) + " " + std::string(which) + " are " +
                   std::string(words.kind) + ", so they are not told one by one; the worst, " +
                   quoted(d.path(worst.image)) + ", " + worst.message);
    return;
  }
  for (Standout& one : found) report.scored(one.score, one.image, std::move(one.message), std::string(words.fix));
}

std::uint64_t for_each_decoded(const Evidence& evidence,
                               const std::function<void(ImageIndex, const PixelFacts&)>& judge) {
  std::uint64_t decoded = 0;
  for (std::size_t n = 0; n < evidence.pixels.size(); ++n) {
    if (!evidence.pixels[n].decoded()) continue;
    ++decoded;
    judge(to_index<ImageIndex>(n), evidence.pixels[n]);
  }
  return decoded;
}

double median_of(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string of_white(double luma) { return measure(luma) + " of 255"; }

}  // namespace vetset
