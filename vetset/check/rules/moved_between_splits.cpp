#include <algorithm>
#include <map>
#include <unordered_map>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/facts.h"
#include "vetset/dataset/previous.h"
#include "vetset/dataset/split_names.h"

namespace vetset {
namespace {

std::string not_run_moved_between_splits(const Evidence& evidence) {
  return evidence.previous == nullptr ? "needs an earlier split" : "";
}

bool is_known_by_bytes(const Evidence& evidence) {
  const auto& images = evidence.previous->images;
  return std::any_of(images.begin(), images.end(), [](const Previous::Image& i) { return i.digest.has_value(); });
}

/// The earlier record of an image: of its bytes where both are known, else of its path.
class Earlier {
 public:
  explicit Earlier(const Previous& previous) {
    for (const Previous::Image& image : previous.images) {
      if (image.digest) by_digest_.emplace(*image.digest, &image);
      by_path_.emplace(image.path, &image);
    }
  }
  const Previous::Image* find(std::string_view path, const Facts* facts) const {
    if (facts != nullptr && facts->has_digest)
      if (const auto same = by_digest_.find(facts->digest); same != by_digest_.end()) return same->second;
    const auto named = by_path_.find(path);
    if (named == by_path_.end()) return nullptr;
    // Another file has taken the name.
    if (facts != nullptr && facts->has_digest && named->second->digest) return nullptr;
    return named->second;
  }

 private:
  std::map<Digest, const Previous::Image*> by_digest_;
  std::unordered_map<std::string_view, const Previous::Image*> by_path_;
};

void check_moved_between_splits(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const Earlier earlier(*evidence.previous);
  const SplitNames splits(d);
  for (std::size_t n = 0; n < d.images.size(); ++n) {
    const auto i = to_index<ImageIndex>(n);
    const Previous::Image* before = earlier.find(d.path(i), evidence.facts.empty() ? nullptr : &evidence.facts[n]);
    const std::vector<std::string_view> now = splits.of(i);
    if (before == nullptr || now.empty() || std::find(now.begin(), now.end(), before->split) != now.end()) continue;
    report(i,
           "is in " + quoted(now.front()) + "; " + quoted(evidence.previous->name) +
               (before->split.empty() ? " kept it out" : " had it in " + quoted(before->split)),
           "put it back, or start a new version of the dataset");
  }
}

}  // namespace

extern const Rule moved_between_splits{.code = "LEA318",
                                       .name = "moved-between-splits",
                                       .title = "an image is in another split than before",
                                       .severity = Severity::warning,
                                       .evidence = EvidenceClass::proof,
                                       .check = check_moved_between_splits,
                                       .not_run = not_run_moved_between_splits,
                                       .every_digest = is_known_by_bytes};

}  // namespace vetset
