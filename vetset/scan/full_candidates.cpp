#include "vetset/scan/full_candidates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "vetset/scan/neighbours.h"

namespace vetset {
namespace {

constexpr std::uint32_t long_side = 512;
constexpr std::uint32_t most_owners = 128;  // a landmark with more near ones is a common one: grass, print, a logo

/// Two landmarks that look alike, of two images.
struct Sighting {
  std::uint32_t first = 0, second = 0;        // images
  std::uint32_t of_first = 0, of_second = 0;  // landmarks
};

/// How the second lies on the first, by one sighting: its own turn and scale, around its own place.
struct Vote {
  double x = 0, y = 0, to_x = 0, to_y = 0;  // of the second, of the first
  double scale = 1;
  int turn = 0;  // of 256
};

Vote vote_of(const Landmark& a, const Landmark& b, bool mirrored) {
  const int turn = mirrored ? 384 - b.turn : b.turn;
  return {.x = mirrored ? -static_cast<double>(b.x) : static_cast<double>(b.x),
          .y = static_cast<double>(b.y),
          .to_x = static_cast<double>(a.x),
          .to_y = static_cast<double>(a.y),
          .scale = static_cast<double>(a.scale) / b.scale,
          .turn = (a.turn - turn) & 255};
}

/// Cosine and sine of `turn` / 256 of a full turn, by Taylor's series around the nearest quarter: no library's.
std::array<double, 2> direction(int turn) {
  const int quarter = (turn + 32) / 64;
  const double t = (turn - quarter * 64) * 0.02454369260617026, s = t * t;
  const double sine = t * (1 - s / 6 * (1 - s / 20 * (1 - s / 42)));
  const double cosine = 1 - s / 2 * (1 - s / 12 * (1 - s / 30 * (1 - s / 56)));
  switch (quarter & 3) {
    case 0: return {cosine, sine};
    case 1: return {-sine, cosine};
    case 2: return {-cosine, -sine};
    default: return {sine, -cosine};
  }
}

/// How many of the votes agree with the one that most agree with. A landmark of the second counts once.
std::uint16_t agreeing(std::span<const Vote> votes) {
  constexpr int near_turn = 18;  // 25 degrees
  constexpr double near_scale = 1.45;
  constexpr double near_place = 0.12 * 65535;  // of the long side
  std::size_t most = 0;
  for (const Vote& v : votes) {
    const std::array<double, 2> d = direction(v.turn);
    std::vector<std::pair<double, double>> places;
    for (const Vote& w : votes) {
      const int apart = std::abs(((w.turn - v.turn + 128) & 255) - 128);
      const double ratio = w.scale / v.scale;
      if (apart > near_turn || ratio > near_scale || ratio * near_scale < 1) continue;
      // Sizes of patches say the scale roughly; so the farther off, the more a place may differ.
      const double dx = (w.x - v.x) * v.scale, dy = (w.y - v.y) * v.scale;
      const double off_x = v.to_x + d[0] * dx - d[1] * dy - w.to_x, off_y = v.to_y + d[1] * dx + d[0] * dy - w.to_y;
      const double reach = near_place + 0.35 * std::sqrt(dx * dx + dy * dy);
      if (off_x * off_x + off_y * off_y > reach * reach) continue;
      places.emplace_back(w.x, w.y);
    }
    std::sort(places.begin(), places.end());
    // One corner at two levels is one witness.
    std::size_t apart = 0;
    for (std::size_t k = 0; k < places.size(); ++k) {
      bool again = false;
      for (std::size_t j = 0; j < k && !again; ++j)
        again =
            std::abs(places[j].first - places[k].first) < 512 && std::abs(places[j].second - places[k].second) < 512;
      if (!again) ++apart;
    }
    most = std::max(most, apart);
  }
  return static_cast<std::uint16_t>(std::min<std::size_t>(most, 0xFFFF));
}

class FullCandidateSearch {
 public:
  FullCandidateSearch(std::span<const std::vector<Landmark>> images, const FullSearch& search, const Pool& pool,
                      const Progress& progress)
      : images_(images), search_(search), pool_(pool), progress_(progress) {
    for (std::uint32_t i = 0; i < images.size(); ++i)
      for (std::uint32_t k = 0; k < images[i].size(); ++k)
        owners_.push_back({i, k}), codes_.push_back(images[i][k].code);
    image_of_.reserve(owners_.size());
    for (const auto& owner : owners_) image_of_.push_back(owner.first);
  }

  Result<FullCandidates> find() && {
    VETSET_TRY(Neighbours near, near_pairs(codes_, search_.radius, pool_, progress_, {.degree = most_owners},
                                           {.left_owners = image_of_}));
    out_.common = near.hubs.size();
    vote(near, false);
    near = {};
    std::vector<Bits256> mirrored;
    mirrored.reserve(codes_.size());
    for (const auto& [image, k] : owners_) mirrored.push_back(images_[image][k].mirrored);
    VETSET_TRY(near, near_pairs(codes_, mirrored, search_.radius, pool_, progress_, {.degree = most_owners},
                                {.left_owners = image_of_, .right_owners = image_of_}));
    vote(near, true);
    keep_strongest();
    return std::move(out_);
  }

 private:
  void vote(const Neighbours& near, bool mirrored) {
    std::vector<Sighting> sightings;
    for (const NearPair& p : near.pairs) {
      const auto& [first, of_first] = owners_[p.first];
      const auto& [second, of_second] = owners_[p.second];
      // A mirrored pair is met from both sides; one is enough.
      if (first < second) sightings.push_back({first, second, of_first, of_second});
      if (first > second && !mirrored) sightings.push_back({second, first, of_second, of_first});
    }
    std::sort(sightings.begin(), sightings.end(), [](const Sighting& a, const Sighting& b) {
      return std::tuple(a.first, a.second, a.of_first, a.of_second) <
             std::tuple(b.first, b.second, b.of_first, b.of_second);
    });
    std::vector<std::pair<std::size_t, std::size_t>> runs;
    for (std::size_t begin = 0, end = 0; begin < sightings.size(); begin = end) {
      while (end < sightings.size() && sightings[end].first == sightings[begin].first &&
             sightings[end].second == sightings[begin].second)
        ++end;
      if (end - begin >= search_.votes) runs.emplace_back(begin, end);
    }
    std::vector<std::uint16_t> votes(runs.size());
    pool_.for_ranges(runs.size(), 64, [&](std::size_t from, std::size_t to) {
      std::vector<Vote> cast;
      for (std::size_t r = from; r < to; ++r) {
        cast.clear();
        for (std::size_t k = runs[r].first; k < std::min(runs[r].second, runs[r].first + 128); ++k) {
          const Sighting& m = sightings[k];
          cast.push_back(vote_of(images_[m.first][m.of_first], images_[m.second][m.of_second], mirrored));
        }
        votes[r] = agreeing(cast);
      }
    });
    for (std::size_t r = 0; r < runs.size(); ++r)
      if (votes[r] >= search_.votes)
        out_.pairs.push_back({.first = sightings[runs[r].first].first,
                              .second = sightings[runs[r].first].second,
                              .symmetry = static_cast<std::uint8_t>(mirrored ? 2 : 1),
                              .votes = votes[r]});
  }

  /// A pair is tried in its stronger symmetry, and stays where it is among the strongest of either image.
  void keep_strongest() {
    std::vector<FullCandidate>& all = out_.pairs;
    std::sort(all.begin(), all.end(), [](const FullCandidate& a, const FullCandidate& b) {
      return std::tuple(a.first, a.second, b.votes, a.symmetry) < std::tuple(b.first, b.second, a.votes, b.symmetry);
    });
    const auto same_pair = [](const FullCandidate& a, const FullCandidate& b) {
      return a.first == b.first && a.second == b.second;
    };
    all.erase(std::unique(all.begin(), all.end(), same_pair), all.end());
    std::stable_sort(all.begin(), all.end(),
                     [](const FullCandidate& a, const FullCandidate& b) { return a.votes > b.votes; });
    std::vector<std::uint32_t> degree(images_.size(), 0);
    std::erase_if(all, [&](const FullCandidate& c) {
      const bool wanted = degree[c.first] < search_.an_image || degree[c.second] < search_.an_image;
      ++degree[c.first], ++degree[c.second];
      return !wanted;
    });
    std::sort(all.begin(), all.end());
  }

  std::span<const std::vector<Landmark>> images_;
  const FullSearch& search_;
  const Pool& pool_;
  const Progress& progress_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> owners_;  // by code: image and landmark
  std::vector<std::uint32_t> image_of_;
  std::vector<Bits256> codes_;
  FullCandidates out_;
};

}  // namespace

std::vector<Landmark> landmarks_of(const Plane& luma) {
  std::vector<Landmark> landmarks;
  if (luma.empty()) return landmarks;
  const std::uint32_t longest = std::max(luma.width, luma.height);
  Plane smaller;
  if (longest > long_side) {
    const auto scaled = [&](std::uint32_t side) {
      return std::max(1u, static_cast<std::uint32_t>((std::uint64_t{side} * long_side + longest / 2) / longest));
    };
    smaller = resampled(luma, {0, 0, luma.width, luma.height}, scaled(luma.width), scaled(luma.height));
  }
  const Plane& plane = longest > long_side ? smaller : luma;
  const float unit = 65535.0F / static_cast<float>(std::max(plane.width, plane.height));
  for (const LocalFeature& f : local_features(plane, landmarks_an_image))
    landmarks.push_back({.code = f.descriptor,
                         .mirrored = f.mirrored,
                         .x = static_cast<std::uint16_t>(f.x * unit),
                         .y = static_cast<std::uint16_t>(f.y * unit),
                         .scale = static_cast<std::uint16_t>(f.scale * unit),
                         .turn = static_cast<std::uint8_t>(f.angle / 0.024543693F + 0.5F)});
  return landmarks;
}

Result<FullCandidates> full_candidates(std::span<const std::vector<Landmark>> images, const FullSearch& search,
                                       const Pool& pool, const Progress& progress) {
  return FullCandidateSearch(images, search, pool, progress).find();
}

}  // namespace vetset
