// The predictions of one class in the order in which they are counted, and where those of each image stand in it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vetset/evaluate/plan.h"

namespace vetset {

/// One stable sort by falling score serves all: within one image it is the order in which predictions are matched, and
/// what is behind an image's largest limit is left out. Equal scores stay in the order of images, then of the list.
class CocoRanking {
 public:
  struct Tile {
    std::uint32_t first = 0, count = 0;         // of `by_tile`
    std::uint32_t first_truth = 0, truths = 0;  // of the class's objects
  };

  void assign(std::span<const CocoEntry> predictions, std::span<const CocoEntry> truth,
              std::span<const std::uint32_t> limits);

  std::size_t size() const { return entry_.size(); }
  std::uint32_t entry(std::size_t place) const { return entry_[place]; }  // which of the class's predictions
  /// The first limit under which each place counts.
  std::span<const std::uint8_t> levels() const { return level_; }
  /// Images that have both predictions and objects, in their order.
  std::span<const Tile> tiles() const { return tiles_; }
  /// Places of an image's predictions, by falling score.
  std::span<const std::uint32_t> places(const Tile& tile) const {
    return std::span<const std::uint32_t>(by_tile_).subspan(tile.first, tile.count);
  }

 private:
  struct Key {
    std::uint64_t key;
    std::uint32_t entry, tile;
  };
  void sort();
  void find_tiles(std::span<const CocoEntry> predictions, std::span<const CocoEntry> truth);

  std::vector<Key> keys_, spare_;
  std::vector<std::uint32_t> entry_, by_tile_;
  std::vector<std::uint8_t> level_;
  std::vector<Tile> tiles_;  // all that have predictions, until those without objects are taken out
};

/// Ascending where scores fall; what is not a number is last, and both zeros are one.
std::uint64_t falling_key(double score);

}  // namespace vetset
