#include "vetset/check/leaks.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "vetset/base/number.h"
#include "vetset/check/words.h"
#include "vetset/dataset/shown_path.h"
#include "vetset/dataset/split_names.h"

namespace vetset {
namespace {

int rank_of(std::string_view split) {
  switch (split_role(split)) {
    case SplitRole::train: return 0;
    case SplitRole::val: return 2;
    case SplitRole::test: return 3;
    case SplitRole::unspecified:
    case SplitRole::other: break;
  }
  return 1;
}

constexpr int no_rank = 4;

/// Images of each component, in dataset order; only of components that are wanted.
std::vector<std::vector<ImageIndex>> members(const Components& of, const std::vector<bool>& wanted) {
  std::vector<std::vector<ImageIndex>> images(of.sizes.size());
  for (std::size_t i = 0; i < of.of.size(); ++i)
    if (wanted[of.of[i]]) images[of.of[i]].push_back(to_index<ImageIndex>(i));
  return images;
}

/// A pair to show, and what it is chosen by: training against evaluation, no copy between, near, alike, early.
struct Shown {
  const Link* link = nullptr;
  ImageIndex first{}, second{};
  bool by_copy = false;
  int first_rank = no_rank, second_rank = no_rank;

  auto key() const {
    const bool train_and_evaluation = first_rank == 0 && second_rank >= 2;
    return std::tuple(!train_and_evaluation, by_copy, link->distance, -link->score, first, second);
  }
};

/// Copies of one image, the first in each set of splits.
using Copies = std::map<std::uint32_t, std::vector<ImageIndex>>;

class LeakFinder {
 public:
  LeakFinder(const Dataset& d, const Links& links, const SplitSets& splits, LinkKinds kinds, LinkKinds copies)
      : links_(links), splits_(splits), kinds_(kinds), closure_(components(links, d.images.size(), kinds | copies)) {
    if (copies != 0) copies_ = components(links, d.images.size(), copies);
  }

  std::vector<Leak> find() {
    std::vector<bool> linked(closure_.sizes.size());
    for (const Link& link : links_.links)
      if (counts(link)) linked[closure_.of[to_size(link.first)]] = true;
    std::vector<std::vector<ImageIndex>> images = members(closure_, linked);
    std::vector<Leak> leaks;
    std::vector<std::size_t> leak_of(closure_.sizes.size(), none_);
    std::vector<bool> of_copies(copies_.sizes.size());
    for (std::size_t c = 0; c < images.size(); ++c) {
      if (!crosses(images[c])) continue;
      leak_of[c] = leaks.size();
      if (!copies_.of.empty())
        for (const ImageIndex i : images[c]) of_copies[copies_.of[to_size(i)]] = true;
      leaks.push_back({.images = std::move(images[c])});
    }
    remember_copies(of_copies);
    std::vector<Shown> shown(leaks.size());
    for (const Link& link : links_.links) {
      const std::size_t leak = counts(link) ? leak_of[closure_.of[to_size(link.first)]] : none_;
      if (leak == none_) continue;
      ++leaks[leak].links;
      const Shown candidate = pair_of(link);
      if (candidate.link != nullptr && (shown[leak].link == nullptr || candidate.key() < shown[leak].key()))
        shown[leak] = candidate;
    }
    std::vector<Leak> whole;
    for (std::size_t n = 0; n < leaks.size(); ++n)
      if (shown[n].link != nullptr) whole.push_back(finished(std::move(leaks[n]), shown[n]));
    return whole;
  }

 private:
  static constexpr std::size_t none_ = static_cast<std::size_t>(-1);

  bool counts(const Link& link) const { return !link.cut && has(kinds_, link.kind); }

  bool crosses(const std::vector<ImageIndex>& images) const {
    return std::any_of(images.begin(), images.end(), [&](ImageIndex i) { return splits_.apart(images.front(), i); });
  }

  void remember_copies(const std::vector<bool>& wanted) {
    for (std::size_t i = 0; i < copies_.of.size(); ++i) {
      if (!wanted[copies_.of[i]] || copies_.sizes[copies_.of[i]] < 2) continue;
      std::vector<ImageIndex>& known = firsts_[copies_.of[i]];
      const auto image = to_index<ImageIndex>(i);
      if (std::none_of(known.begin(), known.end(),
                       [&](ImageIndex k) { return splits_.set_of(k) == splits_.set_of(image); }))
        known.push_back(image);
    }
  }

  /// The images of a link, or copies of them in two splits; no link where there are none.
  Shown pair_of(const Link& link) const {
    if (splits_.apart(link.first, link.second)) return ordered(link, link.first, link.second, false);
    Shown best;
    const std::vector<ImageIndex> first = copies_of(link.first), second = copies_of(link.second);
    for (const ImageIndex a : first)
      for (const ImageIndex b : second) {
        if (a == b || !splits_.apart(a, b)) continue;
        const Shown pair = ordered(link, a, b, true);
        if (best.link == nullptr || pair.key() < best.key()) best = pair;
      }
    return best;
  }

  std::vector<ImageIndex> copies_of(ImageIndex i) const {
    const auto found = copies_.of.empty() ? firsts_.end() : firsts_.find(copies_.of[to_size(i)]);
    return found == firsts_.end() ? std::vector<ImageIndex>{i} : found->second;
  }

  Shown ordered(const Link& link, ImageIndex a, ImageIndex b, bool by_copy) const {
    if (std::tuple(splits_.rank(b), b) < std::tuple(splits_.rank(a), a)) std::swap(a, b);
    return {.link = &link,
            .first = a,
            .second = b,
            .by_copy = by_copy,
            .first_rank = splits_.rank(a),
            .second_rank = splits_.rank(b)};
  }

  Leak finished(Leak leak, const Shown& shown) const {
    leak.link = shown.link;
    leak.first = shown.first;
    leak.second = shown.second;
    leak.by_copy = shown.by_copy;
    const auto pair = different_splits(splits_.of(shown.first), splits_.of(shown.second));
    leak.first_split = pair->first;
    leak.second_split = pair->second;
    std::map<std::string_view, std::uint64_t> counts;
    for (const ImageIndex i : leak.images)
      for (const std::string_view split : splits_.of(i)) ++counts[split];
    leak.splits.assign(counts.begin(), counts.end());
    return leak;
  }

  const Links& links_;
  const SplitSets& splits_;
  LinkKinds kinds_;
  Components closure_, copies_;
  Copies firsts_;
};

std::string splits_text(const Leak& leak) {
  std::string text;
  for (const auto& [split, count] : leak.splits)
    text += (text.empty() ? "" : ", ") + grouped(count) + " in " + quoted(split);
  return text;
}

bool is_placeholder(const Links& links, ImageIndex i) {
  const auto at = std::lower_bound(links.aside.begin(), links.aside.end(), i,
                                   [](const Aside& a, ImageIndex image) { return a.image < image; });
  return at != links.aside.end() && at->image == i && at->why == Aside::Why::placeholder;
}

/// How many of a leak's images are of its largest sequence; 0 where none is of any.
std::uint64_t of_one_sequence(const Leak& leak, const Components& sequences) {
  if (sequences.of.empty()) return 0;
  std::map<std::uint32_t, std::uint64_t> counts;
  std::uint64_t most = 0;
  for (const ImageIndex i : leak.images) most = std::max(most, ++counts[sequences.of[to_size(i)]]);
  return most > 1 ? most : 0;
}

std::string message_of(const Evidence& evidence, const Leak& leak, const LeakWords& words,
                       const Components& sequences) {
  const Dataset& d = evidence.dataset;
  std::string text = "in " + quoted(leak.first_split) + ", " + std::string(words.verb) + " " +
                     quoted(shown_path(d, leak.second)) + " in " + quoted(leak.second_split);
  if (std::string strength = strength_of(*evidence.links, *leak.link); !strength.empty()) text += " (" + strength + ")";
  if (leak.by_copy) text += ", one of them by a copy of it";
  if (leak.images.size() > 2)
    text += "; " + grouped(leak.images.size()) + " images hang together: " + splits_text(leak);
  if (const std::uint64_t frames = of_one_sequence(leak, sequences); frames * 2 > leak.images.size())
    text += "; " + (frames == leak.images.size() ? std::string("they") : grouped(frames) + " of them") +
            " are frames of one sequence (LEA308)";
  return text;
}

/// What the search for near-duplicates did not reach; empty where it saw all.
std::string not_reached(const NearSearch& near) {
  std::string text;
  const auto add = [&](std::uint64_t count, std::string_view why) {
    if (count > 0) text += (text.empty() ? "" : ", ") + grouped(count) + " " + std::string(why);
  };
  add(near.undecodable, "not decoded");
  add(near.flat, "flat");
  add(near.hubs, "alike to too many others");
  return text.empty() ? text
                      : counted(near.undecodable + near.flat + near.hubs, "image", "images") +
                            " were not searched for near-duplicates: " + text;
}

}  // namespace

SplitSets::SplitSets(const Dataset& d) {
  const SplitNames names(d);
  std::map<std::vector<std::string_view>, std::uint32_t> known;
  std::map<std::string_view, std::uint64_t> counts;
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    std::vector<std::string_view> set = names.of(to_index<ImageIndex>(i));
    for (const std::string_view name : set) ++counts[name];
    const auto [at, is_new] = known.emplace(set, static_cast<std::uint32_t>(sets_.size()));
    if (is_new) {
      int rank = no_rank;
      for (const std::string_view name : set) rank = std::min(rank, rank_of(name));
      ranks_.push_back(rank);
      sets_.push_back(std::move(set));
    }
    set_of_.push_back(at->second);
  }
  for (const auto& [name, count] : counts) {
    names_.push_back(name);
    has_evaluation_ = has_evaluation_ || rank_of(name) >= 2;
  }
  for (const auto& [name, count] : counts)
    if (is_evaluation(name)) evaluations_.emplace_back(name, count);
}

bool SplitSets::apart(ImageIndex a, ImageIndex b) const {
  if (set_of(a) == set_of(b) && of(a).size() < 2) return false;
  return different_splits(of(a), of(b)).has_value();
}

bool SplitSets::is_evaluation(std::string_view split) const {
  return has_evaluation_ ? rank_of(split) >= 2 : rank_of(split) != 0;
}

std::string_view SplitSets::evaluation_of(ImageIndex i) const {
  for (const std::string_view name : of(i))
    if (is_evaluation(name)) return name;
  return {};
}

void Touched::add(std::span<const ImageIndex> images) {
  ++groups_;
  for (const ImageIndex i : images)
    if (!splits_.evaluation_of(i).empty()) images_.insert(i);
}

void Touched::tell(const Report& report, std::uint64_t fewest) const {
  if (groups_ < fewest) return;
  std::map<std::string_view, std::uint64_t> touched;
  for (const ImageIndex i : images_) ++touched[splits_.evaluation_of(i)];
  std::string parts;
  std::uint64_t of = 0;
  for (const auto& [split, count] : splits_.evaluations()) {
    of += count;
    parts += (parts.empty() ? "" : ", ") + grouped(touched[split]) + " of " + grouped(count) + " in " + quoted(split);
  }
  std::string text = counted(groups_, "group across splits touches ", "groups across splits touch ") +
                     grouped(images_.size()) + " of " + counted(of, "evaluation image", "evaluation images");
  if (splits_.evaluations().size() > 1) text += ": " + parts;
  report.with(Severity::note, report.rule.evidence, {}, std::move(text));
}

std::vector<Leak> find_leaks(const Dataset& d, const Links& links, const SplitSets& splits, LinkKinds kinds,
                             LinkKinds copies) {
  if (!splits.several()) return {};
  return LeakFinder(d, links, splits, kinds, copies).find();
}

std::string strength_of(const Links& links, const Link& link) {
  if (link.kind == LinkKind::pixels) return {};
  if (link.kind == LinkKind::coefficients) return "the same JPEG coefficients";
  std::string text(links.text(link));
  if (link.kind == LinkKind::embedding) {
    text = "cosine ";
    append_fixed(text, static_cast<double>(link.score), 4);
    return text;
  }
  const auto add = [&](std::string part) { text += (text.empty() ? "" : ", ") + std::move(part); };
  if (link.distance != Link::no_distance)
    add(std::to_string(link.distance) + " of 256 bits differ" + (link.score != 0 ? "" : " in the fingerprint"));
  if (link.score != 0) add("correlation " + measure(static_cast<double>(link.score)));
  return text;
}

std::string share_of(const EmbeddingSearch& search) {
  const auto distance = [](double value) {
    std::string text;
    append_fixed(text, value, 4);
    return text;
  };
  const double share = 100 * static_cast<double>(search.below) / static_cast<double>(search.searched);
  return grouped(search.below) + " of " + counted(search.searched, "image", "images") + " outside training (" +
         measure(share) + " %) " + (search.below == 1 ? "is" : "are") + " nearer than " + distance(search.quantile) +
         " to one of training, as 1 % of training images are to each other; the median is " + distance(search.median) +
         ", inside training " + distance(search.null_median) + " (1 − cosine, " + quoted(search.name) + ")";
}

std::string near_not_searched(const Evidence& evidence) {
  return evidence.links != nullptr && evidence.links->near.tier == NearTier::none
             ? "needs a search for near-duplicates: --near basic, views or full"
             : "";
}

void report_leaks(const Evidence& evidence, const LeakWords& words, const Report& report) {
  if (evidence.links == nullptr) return;
  const Dataset& d = evidence.dataset;
  const Links& links = *evidence.links;
  const SplitSets splits(d);
  if (!splits.several()) return;
  std::vector<Leak> leaks = find_leaks(d, links, splits, words.kinds, words.copies);
  if (words.skip_placeholders)
    std::erase_if(leaks, [&](const Leak& leak) { return is_placeholder(links, leak.images.front()); });
  Components sequences;
  if (words.tells_of_sequences && !leaks.empty())
    sequences = components(links, d.images.size(), only(LinkKind::sequence) | LinkKind::burst);
  for (const Leak& leak : leaks)
    report(ImagePair{leak.first, leak.second}, message_of(evidence, leak, words, sequences), std::string(words.fix));
  Touched touched(splits);
  for (const Leak& leak : leaks) touched.add(leak.images);
  touched.tell(report, 1);
  if (!words.tells_what_was_searched) return;
  if (std::string text = not_reached(links.near); !text.empty())
    report.with(Severity::note, EvidenceClass::proof, {}, std::move(text),
                "mend or drop what cannot be decoded; look at the others");
}

}  // namespace vetset
