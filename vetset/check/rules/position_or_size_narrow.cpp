#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

constexpr std::size_t cells = 8;        // a side
constexpr std::uint64_t fewest = 100;   // boxes of a class that are judged
constexpr double narrow_entropy = 0.5;  // of that of boxes all over the image
constexpr double narrow_sides = 1.25;   // the largest side of the middle 90 % over the smallest
constexpr std::size_t told_one_by_one = 5;

struct Prior {
  std::array<std::uint32_t, cells * cells> centres{};
  std::vector<float> sides;  // square root of a box's share of its image
};

double entropy_share(const Prior& prior) {
  double entropy = 0;
  const auto all = static_cast<double>(prior.sides.size());
  for (const std::uint32_t count : prior.centres)
    if (count > 0) entropy -= count / all * std::log(count / all);
  return entropy / std::log(static_cast<double>(cells * cells));
}

std::size_t cell_of(double centre, double side) {
  return static_cast<std::size_t>(std::clamp(centre / side * cells, 0.0, static_cast<double>(cells - 1)));
}

struct Narrow {
  CategoryIndex category{};
  double score = 0;
  std::string message;
};

void tell(std::vector<Narrow> found, std::uint64_t judged, std::string_view what, std::string_view fix,
          const Report& report) {
  if (found.size() <= told_one_by_one || found.size() * 2 < judged) {
    for (Narrow& one : found) report.scored(one.score, one.category, std::move(one.message), std::string(fix));
    return;
  }
  const Narrow& worst =
      *std::max_element(found.begin(), found.end(), [](const Narrow& a, const Narrow& b) { return a.score < b.score; });
  report.scored(worst.score, worst.category,
                grouped(found.size()) + " of " + counted(judged, "class", "classes") + " " + std::string(what) +
                    "; most of all, " + worst.message,
                std::string(fix));
}

void check_position_or_size_narrow(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  std::vector<Prior> priors(d.categories.size());
  for (const Annotation& a : d.annotations) {
    if (a.image == none<ImageIndex> || a.category == none<CategoryIndex> || a.flags.is(Flag::crowd)) continue;
    if (a.box_origin != Origin::stated && a.box_origin != Origin::derived) continue;
    const double width = d[a.image].width, height = d[a.image].height;
    if (width == 0 || height == 0 || !(a.box.width > 0) || !(a.box.height > 0)) continue;
    Prior& prior = priors[to_size(a.category)];
    ++prior.centres[cell_of(a.box.y + a.box.height / 2, height) * cells + cell_of(a.box.x + a.box.width / 2, width)];
    prior.sides.push_back(static_cast<float>(std::sqrt(a.box.width * a.box.height / (width * height))));
  }
  std::vector<Narrow> places, sizes;
  std::uint64_t judged = 0;
  for (std::size_t c = 0; c < priors.size(); ++c) {
    Prior& prior = priors[c];
    if (prior.sides.size() < fewest) continue;
    ++judged;
    const auto category = to_index<CategoryIndex>(c);
    const std::string who = quoted(d.categories[c].name) + " (" + counted(prior.sides.size(), "box", "boxes") + ")";
    if (const double share = entropy_share(prior); share < narrow_entropy) {
      std::array<std::uint32_t, cells * cells> sorted = prior.centres;
      std::sort(sorted.rbegin(), sorted.rend());
      std::size_t used = 0;
      for (double sum = 0; used < sorted.size() && sum < 0.9 * static_cast<double>(prior.sides.size()); ++used)
        sum += sorted[used];
      places.push_back({category, 1 - share,
                        who + " is nearly always in one place: 90 % of the centres are in " + grouped(used) +
                            " of 64 cells of the image (entropy " + measure(share) + " of that of boxes all over it)"});
    }
    const auto at = [&](double q) {
      const auto place =
          prior.sides.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(prior.sides.size() - 1));
      std::nth_element(prior.sides.begin(), place, prior.sides.end());
      return static_cast<double>(*place);
    };
    const double low = at(0.05), high = at(0.95);
    if (high < narrow_sides * low)
      sizes.push_back({category, low / high,
                       who + " is nearly always of one size: 90 % have a side (root of area) of " + in_percent(low) +
                           " to " + in_percent(high) + " of the image's"});
  }
  tell(std::move(places), judged, "are nearly always in one place",
       "collect other views, or shift and crop while training", report);
  tell(std::move(sizes), judged, "are nearly always of one size", "collect other distances, or scale while training",
       report);
}

}  // namespace

// A camera that never moves makes it so on purpose: a note.
extern const Rule position_or_size_narrow{.code = "COV209",
                                          .name = "position-or-size-narrow",
                                          .title = "boxes of a class are nearly always in one place, or of one size",
                                          .severity = Severity::note,
                                          .evidence = EvidenceClass::hint,
                                          .check = check_position_or_size_narrow};

}  // namespace vetset
