// Images whose neighbours in an embedding are labelled otherwise (LBL121).
#include <algorithm>

#include "vetset/check/suspects.h"

namespace vetset {

void ask_neighbours(const SuspectSources& sources, Suspects& made) {
  const Dataset& d = sources.dataset;
  const NearestRows& near = *sources.neighbours;
  constexpr double most_of_own = 0.6;  // Encord Active's ratio: fewer of its own class make it suspect
  constexpr std::size_t fewest_votes = 5;
  const ImageClasses classes = image_classes(d);
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    if (classes.of(i).size() != 1) continue;
    const CategoryIndex given = classes.of(i).front();
    std::vector<CategoryIndex> votes;
    for (std::size_t k = 0; k < near.count; ++k) {
      const std::uint32_t other = near.of[i * near.count + k];
      if (other != NearestRows::none && classes.of(other).size() == 1) votes.push_back(classes.of(other).front());
    }
    if (votes.size() < fewest_votes) continue;
    ++made.looked_at;
    std::sort(votes.begin(), votes.end());
    CategoryIndex most = given;
    std::ptrdiff_t best = 0;
    for (auto at = votes.begin(); at != votes.end();) {
      const auto end = std::upper_bound(at, votes.end(), *at);
      if (*at != given && end - at > best) best = end - at, most = *at;
      at = end;
    }
    const double own =
        static_cast<double>(std::count(votes.begin(), votes.end(), given)) / static_cast<double>(votes.size());
    if (best == 0) continue;
    const double share = static_cast<double>(best) / static_cast<double>(votes.size());
    const auto image = to_index<ImageIndex>(i);
    const auto of_image = annotations.of(image);
    made.rows.push_back({.code = "LBL121",
                         .image = image,
                         .annotation = of_image.size() == 1 ? of_image.front() : none<AnnotationIndex>,
                         .score = 1 - own,
                         .proposed = most,
                         .confidence = share,
                         .given = given,
                         .flagged = own < most_of_own && share > own});
  }
}

}  // namespace vetset
