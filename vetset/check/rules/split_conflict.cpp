#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

/// Documents of one name are one split: train instances and train captions speak of the same images.
using SplitPair = std::pair<std::string_view, std::string_view>;

/// What the splits share: for each pair of names the images, in order. An image that a second record names under
/// another split counts for the record that comes later.
struct Overlaps {
  std::map<SplitPair, std::vector<ImageIndex>> shared;
  std::map<std::string_view, std::uint64_t> sizes;
};

/// Files on the disk that several records name.
std::unordered_set<std::string_view> repeated_files(const Dataset& d) {
  std::unordered_set<std::string_view> seen, repeated;
  seen.reserve(d.images.size());
  for (const Image& image : d.images)
    if (!image.media.empty() && !seen.insert(d.text(image.media)).second) repeated.insert(d.text(image.media));
  return repeated;
}

Overlaps find_overlaps(const Dataset& d) {
  Overlaps found;
  const Dataset::ImageSplits splits = d.image_splits();
  const std::unordered_set<std::string_view> repeated = repeated_files(d);
  std::unordered_map<std::string_view, std::set<std::string_view>> of_file;  // split names of the repeated ones
  for (std::size_t n = 0; n < d.images.size(); ++n) {
    const auto i = to_index<ImageIndex>(n);
    std::set<std::string_view> own;
    for (const SplitIndex s : splits.of(i))
      if (!d[s].name.empty()) own.insert(d[s].name);
    for (const std::string_view name : own) ++found.sizes[name];
    std::set<SplitPair> pairs;
    for (auto a = own.begin(); a != own.end(); ++a)
      for (auto b = std::next(a); b != own.end(); ++b) pairs.insert({*a, *b});
    if (const std::string_view media = d.text(d.images[n].media); repeated.contains(media)) {
      std::set<std::string_view>& before = of_file[media];
      for (const std::string_view a : before)
        for (const std::string_view b : own)
          if (a != b) pairs.insert(std::minmax(a, b));
      before.insert(own.begin(), own.end());
    }
    for (const SplitPair& pair : pairs) found.shared[pair].push_back(i);
  }
  return found;
}

void check_overlaps(const Dataset& d, const Report& report) {
  if (d.splits.size() < 2) return;
  const Overlaps found = find_overlaps(d);
  for (const auto& [pair, images] : found.shared) {
    const std::string both = quoted(pair.first) + " and " + quoted(pair.second);
    if (images.size() == std::min(found.sizes.at(pair.first), found.sizes.at(pair.second)) && images.size() > 1) {
      report(
          images.front(),
          "splits " + both + " share " + counted(images.size(), "image", "images") + ": one lies wholly in the other",
          "give each split images of its own");
      continue;
    }
    for (const ImageIndex i : images) report(i, "image is in two splits: " + both, "keep it in one of them");
  }
}

/// An image that one list names twice is trained on twice.
void check_repeats(const Dataset& d, const Report& report) {
  for (std::size_t s = 0; s < d.splits.size(); ++s) {
    if (d.splits[s].origin != SplitOrigin::list) continue;
    std::vector<std::uint32_t> images;
    for (const Membership& m : d.members(to_index<SplitIndex>(s)))
      images.push_back(static_cast<std::uint32_t>(m.image));
    std::sort(images.begin(), images.end());
    for (std::size_t k = 1; k < images.size(); ++k)
      if (images[k] == images[k - 1])
        report(ImageIndex{images[k]}, "split " + quoted(d.splits[s].name) + " lists this image twice",
               "drop one of the lines");
  }
}

void check_split_conflict(const Evidence& evidence, const Report& report) {
  check_overlaps(evidence.dataset, report);
  check_repeats(evidence.dataset, report);
}

}  // namespace

extern const Rule split_conflict{.code = "FMT418",
                                 .name = "split-conflict",
                                 .title = "splits share images, or name what is not there",
                                 .severity = Severity::error,
                                 .evidence = EvidenceClass::proof,
                                 .check = check_split_conflict};

}  // namespace vetset
