#include <algorithm>
#include <cmath>
#include <vector>

#include "vetset/check/embedded.h"
#include "vetset/check/rule.h"
#include "vetset/check/standouts.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

constexpr std::uint64_t fewest = 100;
constexpr std::size_t neighbours = 10;
constexpr double whiskers = 1.7;        // interquartile ranges beyond the third quartile
constexpr double least_effect = 1.5;    // over the third quartile
constexpr double most_products = 2e10;  // of numbers: what is beyond is compared with fewer references

std::string not_run_embedding_outlier(const Evidence& evidence) { return needs_embedded(evidence, fewest); }

void check_embedding_outlier(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const Embeddings& e = *evidence.embeddings;
  const IndependentGroups groups = independent_groups(evidence);
  std::vector<ImageIndex> images;
  for (std::size_t i = 0; i < d.images.size(); ++i)
    if (e.known[i]) images.push_back(to_index<ImageIndex>(i));
  const double affordable = most_products / (static_cast<double>(images.size()) * static_cast<double>(e.dimension));
  const auto most = static_cast<std::size_t>(std::clamp(affordable, 256.0, static_cast<double>(most_references)));
  const std::vector<ImageIndex> references = embedded_images(evidence, groups, most);
  const std::vector<double> means = mean_distances(e, groups, images, references, neighbours);
  std::vector<double> sorted;
  for (const double mean : means)
    if (!std::isnan(mean)) sorted.push_back(mean);
  if (sorted.size() < fewest) return;
  std::sort(sorted.begin(), sorted.end());
  const double lower = quantile_of(sorted, 0.25), upper = quantile_of(sorted, 0.75);
  const double limit = std::max(upper + whiskers * (upper - lower), least_effect * upper);
  std::vector<Standout> found;
  for (std::size_t k = 0; k < images.size(); ++k)
    if (means[k] > limit + 1e-6)
      found.push_back({images[k], means[k],
                       "is " + distance_text(means[k]) + " from its " + std::to_string(neighbours) +
                           " nearest ones (mean of 1 - cosine); half of all are within " +
                           distance_text(quantile_of(sorted, 0.5)) + ", the limit is " + distance_text(limit)});
  report_standouts(d, std::move(found), images.size(),
                   {.kind = "far from all others in the embedding", .fix = "look at it: a stray, or rare and wanted"},
                   report);
}

}  // namespace

extern const Rule embedding_outlier{.code = "COV218",
                                    .name = "embedding-outlier",
                                    .title = "an image is far from all others in an embedding",
                                    .severity = Severity::note,
                                    .evidence = EvidenceClass::hint,
                                    .needs = Needs::embeddings,
                                    .check = check_embedding_outlier,
                                    .not_run = not_run_embedding_outlier};

}  // namespace vetset
