// What links of some kinds tie together across splits: clusters, never pairs of pairs, each with its strongest pair and
// with how many evaluation images it touches. For the rules of leakage.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/links.h"

namespace vetset {

/// Which splits each image is in, as numbers that compare quickly.
class SplitSets {
 public:
  explicit SplitSets(const Dataset& d);
  /// Names of splits, sorted; empty: in none. Views into the dataset.
  const std::vector<std::string_view>& of(ImageIndex i) const { return sets_[set_of_[to_size(i)]]; }
  std::uint32_t set_of(ImageIndex i) const { return set_of_[to_size(i)]; }
  std::size_t size() const { return sets_.size(); }
  /// Whether two images lie in two splits.
  bool apart(ImageIndex a, ImageIndex b) const;
  /// Splits that are evaluated on: those called val or test; where none is, all but those called train.
  bool is_evaluation(std::string_view split) const;
  /// The first split of an image that is evaluated on; empty: it has none.
  std::string_view evaluation_of(ImageIndex i) const;
  /// 0 train, 1 any other, 2 val, 3 test; of an image's first split by that order.
  int rank(ImageIndex i) const { return ranks_[set_of_[to_size(i)]]; }
  /// How many images of evaluation splits there are, by split, in the order of names.
  const std::vector<std::pair<std::string_view, std::uint64_t>>& evaluations() const { return evaluations_; }
  bool several() const { return names_.size() > 1; }

 private:
  std::vector<std::uint32_t> set_of_;
  std::vector<std::vector<std::string_view>> sets_;
  std::vector<int> ranks_;
  std::vector<std::string_view> names_;
  std::vector<std::pair<std::string_view, std::uint64_t>> evaluations_;
  bool has_evaluation_ = false;
};

/// Counts what leaks touch: each evaluation image once, in however many groups it is.
class Touched {
 public:
  explicit Touched(const SplitSets& splits) : splits_(splits) {}
  void add(std::span<const ImageIndex> images);
  /// Reports the sum as a note, where there are at least so many groups.
  void tell(const Report& report, std::uint64_t fewest) const;

 private:
  const SplitSets& splits_;
  std::uint64_t groups_ = 0;
  std::set<ImageIndex> images_;
};

/// Images that links tie together and that lie in more than one split.
struct Leak {
  std::vector<ImageIndex> images;                                  // in dataset order
  std::vector<std::pair<std::string_view, std::uint64_t>> splits;  // how many of them in which, by name
  const Link* link = nullptr;                                      // the strongest that crosses
  ImageIndex first{}, second{};                                    // what it shows; the one nearer to training first
  std::string_view first_split, second_split;
  bool by_copy = false;     // one of the two is a copy of what the link names
  std::uint64_t links = 0;  // of the kinds, in this cluster
};

/// Clusters that links of `kinds`, and copies of the same image (`copies`), make across splits; each holds at least one
/// link of `kinds`. By first image. Cut links make none.
std::vector<Leak> find_leaks(const Dataset& d, const Links& links, const SplitSets& splits, LinkKinds kinds,
                             LinkKinds copies);

/// What a rule of leakage says beside what all say alike.
struct LeakWords {
  LinkKinds kinds = 0, copies = 0;
  std::string_view verb;                 // "is a near-duplicate of"
  std::string_view fix;                  // "keep both in one split"
  bool skip_placeholders = false;        // clusters of what nothing can be recognised in: IMG510 tells of them
  bool tells_of_sequences = false;       // whether to say that a sequence explains the cluster
  bool tells_what_was_searched = false;  // what fingerprints did not reach is told, too
};
/// Reports one finding a cluster and, where there is any, how many evaluation images they touch.
void report_leaks(const Evidence& evidence, const LeakWords& words, const Report& report);

/// How near two images of a link are: "9 of 256 bits differ, correlation 0.97"; empty where nothing was measured.
std::string strength_of(const Links& links, const Link& link);

constexpr LinkKinds only(LinkKind kind) { return 1U << static_cast<unsigned>(kind); }
/// Links between copies of one image: one pixel hash, however they are stored.
inline constexpr LinkKinds copy_kinds = only(LinkKind::bytes) | LinkKind::pixels | LinkKind::coefficients;

/// "7 of 30 images outside training (23.33 %) are nearer than 0.0121 to one of training, as 1 % of training images …"
std::string share_of(const EmbeddingSearch& search);

/// Why a rule of links cannot run although links were looked for; "" where it can.
std::string near_not_searched(const Evidence& evidence);

}  // namespace vetset
