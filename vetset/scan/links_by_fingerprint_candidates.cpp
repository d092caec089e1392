// Which images' fingerprints meet: joins of whole frames in every symmetry, then of parts with parts.
#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>

#include "vetset/image/fingerprint.h"
#include "vetset/scan/links_by_fingerprint.h"
#include "vetset/scan/neighbours.h"

namespace vetset {
namespace {

constexpr std::size_t whole_views = 2;
constexpr std::array<std::uint8_t, 3> flips = {2, 3, 4};  // symmetries that only negate bits
constexpr std::size_t tries = 3;                          // hypotheses a pair

/// Fingerprints of some views of all subjects. Upright ones are looked at where they are kept, by a number that says
/// whose it is: 20 views an image are most of what a search takes, so nothing more is noted of each.
class Codes {
 public:
  Codes(std::span<const PixelFacts> pixels, const Subjects& subjects, std::size_t views, std::uint8_t symmetry) {
    if (pixels.empty()) return;
    rows_ = {pixels.front().fingerprint.views.data(), sizeof(PixelFacts), views_a_row};
    const auto each = [&](const auto& use) {
      for (const std::uint32_t image : subjects)
        for (std::uint32_t v = 0; v < views; ++v)
          if (v != 1 || pixels[image].fingerprint.has_borders)  // otherwise view 1 is the same as view 0
            use(image * views_a_row + v);
    };
    std::size_t count = 0;
    each([&](std::uint32_t) { ++count; });
    numbers_.reserve(count);
    each([&](std::uint32_t number) { numbers_.push_back(number); });
    if (symmetry == 1) return;
    turned_.reserve(count);
    for (const std::uint32_t number : numbers_) turned_.push_back(turned(rows_[number], symmetry));
  }

  CodeList list() const { return turned_.empty() ? CodeList(rows_, numbers_) : CodeList(turned_); }
  std::uint32_t size() const { return static_cast<std::uint32_t>(numbers_.size()); }
  std::uint32_t image(std::uint32_t code) const { return numbers_[code] / views_a_row; }
  std::uint8_t view(std::uint32_t code) const { return static_cast<std::uint8_t>(numbers_[code] % views_a_row); }

 private:
  static constexpr std::uint32_t views_a_row = Fingerprint::view_count;

  CodeRows rows_;
  std::vector<std::uint32_t> numbers_;  // upright
  std::vector<Bits256> turned_;         // otherwise
};

std::uint64_t pair_key(std::uint32_t a, std::uint32_t b) {
  return std::uint64_t{std::min(a, b)} << 32 | std::max(a, b);
}

class Meet {
 public:
  Meet(std::span<const PixelFacts> pixels, const Subjects& subjects, unsigned radius, const Pool& pool,
       const Progress& progress)
      : pixels_(pixels), subjects_(subjects), place_(pixels.size()), radius_(radius), pool_(pool), progress_(progress) {
    for (std::uint32_t s = 0; s < subjects.size(); ++s) place_[subjects[s]] = s;
  }

  Result<Meetings> run(NearTier tier) && {
    VETSET_DO(join_whole());
    keep_likeliest();
    if (tier != NearTier::basic) {
      for (const Meeting& m : out_.all)
        if (known_.empty() || known_.back() != pair_key(m.first, m.second))
          known_.push_back(pair_key(m.first, m.second));
      VETSET_DO(join_parts());
      keep_likeliest();
    }
    settle_hubs();
    std::sort(common_parts_.begin(), common_parts_.end());
    out_.common_parts =
        static_cast<std::uint64_t>(std::unique(common_parts_.begin(), common_parts_.end()) - common_parts_.begin());
    return std::move(out_);
  }

 private:
  Result<void> join_whole() {
    const Codes codes = all_codes(whole_views, 1);
    VETSET_DO(join_self(codes, 1));
    for (const std::uint8_t flip : flips) VETSET_DO(join_self(codes, flip));
    // A turn by 270° of one is a turn by 90° of the other.
    for (std::uint8_t symmetry = 5; symmetry <= 7; ++symmetry)
      VETSET_DO(join(codes, all_codes(whole_views, symmetry), symmetry));
    return {};
  }

  Result<void> join_parts() {
    const Codes codes = all_codes(Fingerprint::view_count, 1);
    VETSET_DO(join_self(codes, 1));
    return join_self(codes, 2);
  }

  Codes all_codes(std::size_t views, std::uint8_t symmetry) const { return {pixels_, subjects_, views, symmetry}; }

  std::uint32_t subject(const Codes& codes, std::uint32_t code) const { return place_[codes.image(code)]; }

  bool is_known(const Codes& left, std::uint32_t a, const Codes& right, std::uint32_t b) const {
    return !known_.empty() &&
           std::binary_search(known_.begin(), known_.end(), pair_key(subject(left, a), subject(right, b)));
  }

  /// Of one picture there may be this many copies or frames before it counts as a hub.
  NeighbourLimits limits() const {
    const auto n = static_cast<std::uint32_t>(subjects_.size());
    return {.degree = std::max(2000u, n / 1000)};
  }

  /// A symmetry that only negates bits, or none (1).
  Result<void> join_self(const Codes& codes, std::uint8_t symmetry) {
    const NeighbourFilter filter{.skip = [&](std::uint32_t a, std::uint32_t b) {
      return codes.image(a) == codes.image(b) || is_known(codes, a, codes, b);
    }};
    VETSET_TRY(const Neighbours found,
               flipped_pairs(codes.list(), turned({}, symmetry), radius_, pool_, progress_, limits(), filter));
    for (const NearPair& pair : found.pairs) add(codes, pair.first, codes, pair.second, pair.distance, symmetry);
    for (const auto& [code, met] : found.hubs) add_hub(codes, code, met);
    return {};
  }

  Result<void> join(const Codes& left, const Codes& right, std::uint8_t symmetry) {
    const bool once = inverse(symmetry) == symmetry;  // then each pair comes in both orders
    const NeighbourFilter filter{.skip = [&](std::uint32_t a, std::uint32_t b) {
      const std::uint32_t x = subject(left, a), y = subject(right, b);
      return x == y || (once && x > y) || is_known(left, a, right, b);
    }};
    VETSET_TRY(const Neighbours found,
               near_pairs(left.list(), right.list(), radius_, pool_, progress_, limits(), filter));
    for (const NearPair& pair : found.pairs) add(left, pair.first, right, pair.second, pair.distance, symmetry);
    const std::uint32_t lefts = left.size();
    for (const auto& [code, met] : found.hubs)
      add_hub(code < lefts ? left : right, code < lefts ? code : code - lefts, met);
    return {};
  }

  void add_hub(const Codes& codes, std::uint32_t code, std::uint32_t met) {
    if (codes.view(code) < whole_views)
      out_.hubs.emplace_back(subject(codes, code), met);
    else
      common_parts_.emplace_back(subject(codes, code), codes.view(code));
  }

  /// `symmetry` turns b into a.
  void add(const Codes& left, std::uint32_t a, const Codes& right, std::uint32_t b, std::uint16_t distance,
           std::uint8_t symmetry) {
    const std::uint32_t x = subject(left, a), y = subject(right, b);
    if (x < y)
      out_.all.push_back({x, y, distance, {symmetry, left.view(a), right.view(b)}});
    else
      out_.all.push_back({y, x, distance, {inverse(symmetry), right.view(b), left.view(a)}});
  }

  /// Bits that a plainer explanation of a meeting is worth.
  static unsigned rank(const Meeting& m) {
    const bool whole = m.how.first_view < whole_views && m.how.second_view < whole_views;
    return m.distance + (whole ? 0u : 8u) + (m.how.symmetry == 1 ? 0u : 4u);
  }

  void keep_likeliest() {
    std::vector<Meeting>& all = out_.all;
    const auto order = [](const Meeting& m) {
      return std::tuple(m.first, m.second, rank(m), m.how.symmetry, m.how.first_view, m.how.second_view);
    };
    std::sort(all.begin(), all.end(), [&](const Meeting& a, const Meeting& b) { return order(a) < order(b); });
    std::size_t kept = 0;
    for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
      while (end < all.size() && all[end].first == all[begin].first && all[end].second == all[begin].second) ++end;
      for (std::size_t k = begin; k < std::min(end, begin + tries); ++k) all[kept++] = all[k];
    }
    all.resize(kept);
  }

  /// By subject, each once.
  void settle_hubs() {
    auto& hubs = out_.hubs;
    std::sort(hubs.begin(), hubs.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first : a.second > b.second;
    });
    hubs.erase(std::unique(hubs.begin(), hubs.end(), [](const auto& a, const auto& b) { return a.first == b.first; }),
               hubs.end());
  }

  std::span<const PixelFacts> pixels_;
  const Subjects& subjects_;
  std::vector<std::uint32_t> place_;  // by image: among the subjects
  unsigned radius_;
  const Pool& pool_;
  const Progress& progress_;
  std::vector<std::uint64_t> known_;  // sorted: pairs that whole frames met
  std::vector<std::pair<std::uint32_t, std::uint8_t>> common_parts_;
  Meetings out_;
};

}  // namespace

Result<Meetings> meetings_of(std::span<const PixelFacts> pixels, const Subjects& subjects, NearTier tier,
                             unsigned radius, const Pool& pool, const Progress& progress) {
  return Meet(pixels, subjects, radius, pool, progress).run(tier);
}

}  // namespace vetset
