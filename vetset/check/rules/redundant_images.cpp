#include <algorithm>
#include <cmath>
#include <vector>

#include "vetset/check/embedded.h"
#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/embedding_distances.h"
#include "vetset/dataset/links.h"

namespace vetset {
namespace {

constexpr double redundant = 0.3;
constexpr std::size_t most_scored = 1000;  // images whose Vendi score is computed

/// What shows one picture again. Frames of a sequence and bursts may differ in what matters.
constexpr LinkKinds near_copies =
    copy_kinds | LinkKind::near | LinkKind::flipped | LinkKind::cropped | LinkKind::augmented;

std::string not_run_redundant_images(const Evidence& evidence) {
  return evidence.links == nullptr && evidence.embeddings == nullptr ? "needs --pixels or --embeddings" : "";
}

void tell_of_copies(const Evidence& evidence, const Report& report) {
  const std::size_t images = evidence.dataset.images.size();
  const Components parts = components(*evidence.links, images, near_copies);
  if (images == 0) return;
  const double share = 1 - static_cast<double>(parts.sizes.size()) / static_cast<double>(images);
  if (share <= redundant) return;
  const auto largest = std::max_element(parts.sizes.begin(), parts.sizes.end());
  const auto number = static_cast<std::uint32_t>(largest - parts.sizes.begin());
  const auto first = std::find(parts.of.begin(), parts.of.end(), number) - parts.of.begin();
  report.scored(share, to_index<ImageIndex>(static_cast<std::size_t>(first)),
                counted(images, "image", "images") + " show " + counted(parts.sizes.size(), "picture", "pictures") +
                    ": " + in_percent(share) + " repeat another one nearly; this one is there " + grouped(*largest) +
                    " times",
                "keep some of each, or weigh an image by one over the size of its group");
}

/// Which of a sample of images are worth how many; a number to compare with that of another version, no verdict.
void tell_of_diversity(const Evidence& evidence, const Report& report) {
  IndependentGroups each;
  each.count = static_cast<std::uint32_t>(evidence.dataset.images.size());
  for (std::uint32_t i = 0; i < each.count; ++i) each.of.push_back(i);
  const std::vector<ImageIndex> images = embedded_images(evidence, each, most_scored);
  if (images.size() < 2) return;
  const double score = vendi_score(*evidence.embeddings, images);
  const auto known = static_cast<std::uint64_t>(
      std::count(evidence.embeddings->known.begin(), evidence.embeddings->known.end(), true));
  report.with(Severity::note, EvidenceClass::hint, {},
              (images.size() < known ? "a sample of " : "") + counted(images.size(), "image", "images") + " is worth " +
                  measure(std::round(score * 10) / 10) + " that have nothing in common (Vendi score, " +
                  in_percent(score / static_cast<double>(images.size())) + ") in " +
                  embedding_name(*evidence.embeddings) + "; it says something beside that of another set alone");
}

void check_redundant_images(const Evidence& evidence, const Report& report) {
  if (evidence.links != nullptr) tell_of_copies(evidence, report);
  if (evidence.embeddings != nullptr) tell_of_diversity(evidence, report);
}

}  // namespace

extern const Rule redundant_images{.code = "COV210",
                                   .name = "redundant-images",
                                   .title = "many images show what another one shows",
                                   .severity = Severity::note,
                                   .evidence = EvidenceClass::calibrated,
                                   .check = check_redundant_images,
                                   .not_run = not_run_redundant_images};

}  // namespace vetset
