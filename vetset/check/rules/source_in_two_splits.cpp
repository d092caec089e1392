#include <algorithm>
#include <array>
#include <vector>

#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/image_keys.h"
#include "vetset/dataset/shown_path.h"
#include "vetset/dataset/split_names.h"

namespace vetset {
namespace {

/// Keys under which records say where their image comes from: addresses, then numbers in a source's own catalogue.
constexpr std::array<std::string_view, 9> source_keys = {
    "coco_url", "flickr_url", "url", "image_url", "original_url", "source_url", "photo_id", "source_id", "original_id"};
constexpr std::size_t addresses = 6;

/// Ids and names of files repeat by chance; an address, or a long number of a catalogue, does not.
bool identifies(std::size_t key, std::string_view value) {
  if (key < addresses) return value.find("://") != std::string_view::npos;
  return value.size() >= 6 && value.find_first_of("0123456789") != std::string_view::npos;
}

struct Named {
  std::string_view value;
  ImageIndex image{};
};

/// Images that name one source, in dataset order.
void judge_group(const Dataset& d, const SplitNames& splits, std::string_view key, std::span<const Named> group,
                 Touched& touched, const Report& report) {
  constexpr std::size_t most = 8;  // what more share is the address of a film or of a whole collection
  if (group.size() < 2 || group.size() > most) return;
  const std::vector<std::string_view> first = splits.of(group.front().image);
  for (const Named& other : group.subspan(1)) {
    const auto pair = different_splits(first, splits.of(other.image));
    if (!pair) continue;
    report(ImagePair{group.front().image, other.image},
           "in " + quoted(pair->first) + ", has the " + std::string(key) + " of " + quoted(shown_path(d, other.image)) +
               " in " + quoted(pair->second) + ": " + quoted(group.front().value),
           "keep both in one split");
    std::vector<ImageIndex> images;
    for (const Named& named : group) images.push_back(named.image);
    touched.add(images);
    return;
  }
}

void check_source_in_two_splits(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  if (d.splits.size() < 2) return;
  const std::vector<std::vector<std::string>> values = image_values(d, source_keys);
  const SplitNames splits(d);
  const SplitSets sets(d);
  Touched touched(sets);
  std::vector<Named> named;
  for (std::size_t k = 0; k < source_keys.size(); ++k) {
    named.clear();
    for (std::size_t i = 0; i < values[k].size(); ++i)
      if (identifies(k, values[k][i])) named.push_back({values[k][i], to_index<ImageIndex>(i)});
    std::stable_sort(named.begin(), named.end(), [](const Named& a, const Named& b) { return a.value < b.value; });
    for (std::size_t begin = 0, end = 0; begin < named.size(); begin = end) {
      for (end = begin + 1; end < named.size() && named[end].value == named[begin].value;) ++end;
      judge_group(d, splits, source_keys[k], std::span(named).subspan(begin, end - begin), touched, report);
    }
  }
  touched.tell(report, 2);
}

}  // namespace

extern const Rule source_in_two_splits{.code = "LEA303",
                                       .name = "source-in-two-splits",
                                       .title = "images of two splits come from one source",
                                       .severity = Severity::warning,
                                       .evidence = EvidenceClass::proof,
                                       .check = check_source_in_two_splits};

}  // namespace vetset
