#include "vetset/evaluate/ranking.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

namespace vetset {
namespace {

constexpr unsigned digit_bits = 11, digits = 6;  // 66 bits
constexpr std::size_t digit_values = std::size_t{1} << digit_bits;
constexpr std::size_t worth_freeing = std::size_t{1} << 15;
constexpr std::size_t few = 512;  // below, comparing is faster than counting

std::size_t digit(std::uint64_t key, unsigned d) { return key >> (d * digit_bits) & (digit_values - 1); }

}  // namespace

std::uint64_t falling_key(double score) {
  if (score != score) return std::numeric_limits<std::uint64_t>::max();
  const double rising = score == 0 ? 0.0 : -score;
  const auto bits = std::bit_cast<std::uint64_t>(rising);
  constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

void CocoRanking::sort() {
  if (keys_.size() < few) {
    std::sort(keys_.begin(), keys_.end(),
              [](const Key& a, const Key& b) { return a.key != b.key ? a.key < b.key : a.entry < b.entry; });
    return;
  }
  std::array<std::array<std::uint32_t, digit_values>, digits> counts{};
  for (const Key& k : keys_)
    for (unsigned d = 0; d < digits; ++d) ++counts[d][digit(k.key, d)];
  spare_.resize(keys_.size());
  for (unsigned d = 0; d < digits; ++d) {
    std::array<std::uint32_t, digit_values>& place = counts[d];
    if (place[digit(keys_[0].key, d)] == keys_.size()) continue;  // all have the same
    std::uint32_t before = 0;
    for (std::uint32_t& p : place) before += std::exchange(p, before);
    for (const Key& k : keys_) spare_[place[digit(k.key, d)]++] = k;
    keys_.swap(spare_);
  }
}

void CocoRanking::find_tiles(std::span<const CocoEntry> predictions, std::span<const CocoEntry> truth) {
  tiles_.clear();
  keys_.clear();
  keys_.reserve(predictions.size());
  std::size_t object = 0;
  for (std::size_t begin = 0; begin < predictions.size();) {
    const std::size_t count = run_of_image(predictions.subspan(begin));
    const std::uint32_t image = predictions[begin].image;
    while (object < truth.size() && truth[object].image < image) ++object;
    Tile tile{.first = static_cast<std::uint32_t>(begin), .first_truth = static_cast<std::uint32_t>(object)};
    if (object < truth.size() && truth[object].image == image)
      tile.truths = static_cast<std::uint32_t>(run_of_image(truth.subspan(object)));
    for (std::size_t i = begin; i < begin + count; ++i)
      keys_.push_back({falling_key(predictions[i].score), static_cast<std::uint32_t>(i),
                       static_cast<std::uint32_t>(tiles_.size())});
    tiles_.push_back(tile);
    begin += count;
  }
}

void CocoRanking::assign(std::span<const CocoEntry> predictions, std::span<const CocoEntry> truth,
                         std::span<const std::uint32_t> limits) {
  find_tiles(predictions, truth);
  sort();
  entry_.clear();
  level_.clear();
  entry_.reserve(predictions.size());
  level_.reserve(predictions.size());
  by_tile_.resize(predictions.size());
  for (const Key& k : keys_) {
    Tile& tile = tiles_[k.tile];
    if (tile.count >= limits.back()) continue;
    const auto level = std::upper_bound(limits.begin(), limits.end(), tile.count) - limits.begin();
    by_tile_[tile.first + tile.count++] = static_cast<std::uint32_t>(entry_.size());
    entry_.push_back(k.entry);
    level_.push_back(static_cast<std::uint8_t>(level));
  }
  if (keys_.size() > worth_freeing) {  // twice the memory of all else here
    keys_ = {};
    spare_ = {};
  }
  std::erase_if(tiles_, [](const Tile& tile) { return tile.truths == 0 || tile.count == 0; });
}

}  // namespace vetset
