// Looks at the pixels of images whose fingerprints met, group by group and nearest pairs first, so that what is read
// once serves many pairs, and what is tied together already need not be looked at.
#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "vetset/base/union_find.h"
#include "vetset/scan/links_by_fingerprint.h"

namespace vetset {
namespace {

constexpr std::size_t pairs_a_block = 256;
constexpr std::size_t portraits_held = 2 * pairs_a_block;
constexpr std::uint32_t hopeless_after = 64;  // rejected pairs of an image, unless an eighth of them is confirmed
constexpr const char* telling = "confirming near-duplicates";

/// A pair and its hypotheses.
struct Pair {
  std::uint32_t first = 0, second = 0;
  std::uint32_t group = 0;
  std::uint16_t distance = 0;
  std::uint32_t begin = 0, end = 0;  // of the meetings
};

/// Portraits of subjects, the longest unused given up first.
class Gallery {
 public:
  Gallery(const Subjects& subjects, const Confirmation& confirmation)
      : subjects_(subjects),
        confirmation_(confirmation),
        frames_(std::min(portraits_held, subjects.size())),
        place_(subjects.size(), nowhere) {}

  /// Makes those of all these subjects ready; at most `portraits_held`, each once.
  void load(const std::vector<std::uint32_t>& wanted, const Pool& pool) {
    ++now_;
    std::vector<std::uint32_t> missing;
    for (const std::uint32_t s : wanted) {
      if (place_[s] == nowhere)
        missing.push_back(s);
      else
        frames_[place_[s]].used = now_;
    }
    std::vector<std::uint32_t> places = room_for(missing.size());
    pool.for_each(missing.size(),
                  [&](std::size_t k) { frames_[places[k]].portrait = confirmation_.portrait(subjects_[missing[k]]); });
    for (std::size_t k = 0; k < missing.size(); ++k) {
      Frame& frame = frames_[places[k]];
      frame.subject = missing[k];
      frame.used = now_;
      place_[missing[k]] = places[k];
      if (!frame.portrait) unread_.push_back(missing[k]);
    }
  }
  const std::optional<PixelPortrait>& of(std::uint32_t subject) const { return frames_[place_[subject]].portrait; }

  std::uint64_t unread() {
    std::sort(unread_.begin(), unread_.end());
    return static_cast<std::uint64_t>(std::unique(unread_.begin(), unread_.end()) - unread_.begin());
  }

 private:
  static constexpr std::uint32_t nowhere = ~std::uint32_t{0};
  struct Frame {
    std::optional<PixelPortrait> portrait;
    std::uint32_t subject = nowhere;
    std::uint64_t used = 0;
  };

  std::vector<std::uint32_t> room_for(std::size_t count) {
    std::vector<std::uint32_t> places(frames_.size());
    std::iota(places.begin(), places.end(), 0U);
    std::stable_sort(places.begin(), places.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return frames_[a].used < frames_[b].used; });
    places.resize(count);
    for (const std::uint32_t p : places)
      if (frames_[p].subject != nowhere) place_[frames_[p].subject] = nowhere;
    return places;
  }

  const Subjects& subjects_;
  const Confirmation& confirmation_;
  std::vector<Frame> frames_;
  std::vector<std::uint32_t> place_;  // by subject: of its frame
  std::vector<std::uint32_t> unread_;
  std::uint64_t now_ = 0;
};

std::vector<Pair> pairs_of(std::span<const Meeting> meetings, std::size_t subjects, bool by_group) {
  std::vector<Pair> pairs;
  UnionFind groups(subjects);
  for (std::uint32_t begin = 0, end = 0; begin < meetings.size(); begin = end) {
    const Meeting& m = meetings[begin];
    Pair pair{m.first, m.second, 0, m.distance, begin, begin};
    while (end < meetings.size() && meetings[end].first == m.first && meetings[end].second == m.second)
      pair.distance = std::min(pair.distance, meetings[end++].distance);
    pair.end = end;
    pairs.push_back(pair);
    groups.join(m.first, m.second);
  }
  for (Pair& pair : pairs) pair.group = by_group ? groups.root(pair.first) : 0;
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
    return std::tuple(a.group, a.distance, a.first, a.second) < std::tuple(b.group, b.distance, b.first, b.second);
  });
  return pairs;
}

class Confirm {
 public:
  Confirm(std::span<const Meeting> meetings, const Subjects& subjects, const Confirmation& confirmation,
          const ConfirmLimits& limits, const Pool& pool, const Progress& progress)
      : meetings_(meetings),
        confirmation_(confirmation),
        limits_(limits),
        pool_(pool),
        progress_(progress),
        gallery_(subjects, confirmation),
        tied_(subjects.size()),
        counts_(subjects.size()) {}

  Result<Confirmations> run() && {
    const std::vector<Pair> pairs = pairs_of(meetings_, counts_.size(), limits_.pairs == ConfirmLimits{}.pairs);
    out_.pairs = pairs.size();
    for (std::size_t begin = 0; begin < pairs.size(); begin += pairs_a_block) {
      if (progress_.stopped()) return Error{Code::cancelled, std::string("stopped while ") + telling};
      progress_.tell(telling, begin, pairs.size());
      if (asked_ >= limits_.pairs) break;
      run_block(std::span(pairs).subspan(begin, std::min(pairs_a_block, pairs.size() - begin)));
    }
    progress_.tell(telling, pairs.size(), pairs.size());
    for (std::uint32_t s = 0; s < counts_.size(); ++s)
      if (hopeless(s)) out_.hubs.emplace_back(s, counts_[s].met);
    out_.unread = gallery_.unread();
    std::sort(out_.links.begin(), out_.links.end(), [](const Confirmed& a, const Confirmed& b) {
      return std::tuple(a.meeting.first, a.meeting.second) < std::tuple(b.meeting.first, b.meeting.second);
    });
    return std::move(out_);
  }

 private:
  struct Counts {
    std::uint32_t met = 0, confirmed = 0, rejected = 0;
  };
  bool hopeless(std::uint32_t s) const {
    return counts_[s].rejected >= hopeless_after && counts_[s].rejected > 8 * counts_[s].confirmed;
  }

  /// What is left out is decided before the block begins, so the outcome does not depend on threads.
  void run_block(std::span<const Pair> block) {
    std::vector<Pair> asked;
    std::vector<std::uint32_t> wanted;
    for (const Pair& pair : block) {
      ++counts_[pair.first].met, ++counts_[pair.second].met;
      if (hopeless(pair.first) || hopeless(pair.second)) continue;
      if (counts_[pair.first].confirmed >= limits_.enough_links &&
          counts_[pair.second].confirmed >= limits_.enough_links && tied_.together(pair.first, pair.second)) {
        ++out_.implied;
        continue;
      }
      asked.push_back(pair);
      wanted.push_back(pair.first);
      wanted.push_back(pair.second);
    }
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    gallery_.load(wanted, pool_);
    asked_ += asked.size();
    std::vector<std::optional<Confirmed>> answers(asked.size());
    pool_.for_each(asked.size(), [&](std::size_t k) { answers[k] = ask(asked[k]); });
    for (std::size_t k = 0; k < asked.size(); ++k) take(asked[k], std::move(answers[k]));
  }

  std::optional<Confirmed> ask(const Pair& pair) const {
    const auto &first = gallery_.of(pair.first), &second = gallery_.of(pair.second);
    if (!first || !second) return {};
    for (const Meeting& m : meetings_.subspan(pair.begin, pair.end - pair.begin))
      if (const auto match = confirmation_.confirm(*first, *second, m)) return Confirmed{m, *match};
    return {};
  }

  void take(const Pair& pair, std::optional<Confirmed> answer) {
    Counts &first = counts_[pair.first], &second = counts_[pair.second];
    if (!answer) {
      ++out_.rejected, ++first.rejected, ++second.rejected;
      return;
    }
    ++first.confirmed, ++second.confirmed;
    tied_.join(pair.first, pair.second);
    out_.links.push_back(*std::move(answer));
  }

  std::span<const Meeting> meetings_;
  const Confirmation& confirmation_;
  const ConfirmLimits& limits_;
  const Pool& pool_;
  const Progress& progress_;
  Gallery gallery_;
  UnionFind tied_;
  std::vector<Counts> counts_;
  std::uint64_t asked_ = 0;
  Confirmations out_;
};

}  // namespace

Result<Confirmations> confirm_meetings(std::span<const Meeting> meetings, const Subjects& subjects,
                                       const Confirmation& confirmation, const ConfirmLimits& limits, const Pool& pool,
                                       const Progress& progress) {
  return Confirm(meetings, subjects, confirmation, limits, pool, progress).run();
}

}  // namespace vetset
