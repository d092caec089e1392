// What a review queue hands to a labelling tool, and what came back: the images that have something to look at, with
// their labels and the proposals, each with a key by which the tool's export is joined again.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/dataset/queue.h"

namespace vetset {

/// Attributes that travel with what is handed over. The mark is "open", and people make it "right" or "wrong".
inline constexpr std::string_view key_attribute = "vetset_key", mark_attribute = "vetset_review",
                                  why_attribute = "vetset_why", proposal_attribute = "vetset_proposes";

/// Where an item of a queue is in the dataset.
struct ItemPlace {
  ImageIndex image = none<ImageIndex>;
  AnnotationIndex annotation = none<AnnotationIndex>;  // none: a proposal, or the whole image
};
struct Handed {
  static constexpr std::size_t no_item = ~std::size_t{0};
  struct Record {
    AnnotationIndex source = none<AnnotationIndex>;  // none: a proposal
    std::size_t item = no_item;
    std::string key;
  };
  Dataset dataset;
  std::vector<Record> records;           // by annotation of `dataset`
  std::vector<std::size_t> image_items;  // items that are about a whole image
  std::vector<ImageIndex> images;        // by image of `dataset`: which of the source
};
/// `places` by item; `keys` by annotation of `d`, of those on images that are handed over. What is proposed anew is a
/// box behind the others; all else stays as it is.
Handed hand_over(const Dataset& d, const Queue& queue, std::span<const ItemPlace> places,
                 std::span<const std::string> keys);

/// What became of an item.
enum class Told : std::uint8_t {
  untouched,  // as it was handed over, without a mark: nobody may have looked
  confirmed,  // looked at, and right; of a proposal: there is nothing
  changed,    // another class, another place
  removed,    // no object
  added,      // the proposal is an object
  wrong,      // marked as wrong, and not mended
  conflict,   // what came back cannot be taken: `why` says it
};
std::string_view name(Told);

/// One thing that people changed, in the queue or beside it.
struct TakenChange {
  Told what = Told::changed;                         // changed, removed, added
  std::size_t item = Handed::no_item;                // none: nobody asked about it
  AnnotationIndex source = none<AnnotationIndex>;    // of the dataset that was queued; none: added
  AnnotationIndex returned = none<AnnotationIndex>;  // of the export; none: removed
  ImageIndex image = none<ImageIndex>;               // of the dataset that was queued
  CategoryIndex category = none<CategoryIndex>;      // that it has now
  bool reclassed = false, moved = false, reshaped = false;
  std::vector<AnnotationIndex> parts = {};  // of the export, where tools draw an object part by part; `returned` too
};
struct ItemTold {
  Told told = Told::untouched;
  std::string why = {};  // of a conflict, and of what did not come back
};
/// What came back and is not taken: where, and why.
struct NotTaken {
  std::string where, why;
};
struct TakenBack {
  std::vector<ItemTold> items;             // by item of the queue
  std::vector<TakenChange> changes;        // by image and record
  std::vector<NotTaken> not_taken;         // beside the items
  std::uint64_t images_missing = 0;        // that were handed over and are not in the export
  std::uint64_t by_key = 0, by_place = 0;  // records that were found again
};
struct TakeBackOptions {
  bool all_looked_at = false;  // what is as it was, was looked at all the same
  double tolerance_px = 0.5;   // tools round
};
/// `exported`: what the tool gave back, as its reader has it. `d` is the dataset that was queued.
TakenBack take_answers(const Dataset& d, const Queue& queue, const Handed& handed, const Dataset& exported,
                       const TakeBackOptions& options);

}  // namespace vetset
