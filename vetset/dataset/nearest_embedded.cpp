#include "vetset/dataset/nearest_embedded.h"

#include <algorithm>

#include "vetset/dataset/embedding_distances.h"

namespace vetset {
namespace {

constexpr std::size_t block = 32;               // queries that a piece of work holds on to
constexpr std::size_t cached_bytes = 1U << 17;  // of rows that all of them meet before the next
constexpr std::size_t blocks_a_round = 64;      // between two words of progress, which come from one thread

/// The nearest so far, sorted.
class Nearest {
 public:
  explicit Nearest(std::size_t most) : most_(most) { near_.reserve(most + 1); }
  void offer(float distance, std::uint32_t image) {
    if (near_.size() == most_ && distance >= near_.back().distance) return;  // images come in order: the first stays
    const auto at = std::upper_bound(near_.begin(), near_.end(), distance,
                                     [](float d, const One& one) { return d < one.distance; });
    near_.insert(at, {distance, image});
    if (near_.size() > most_) near_.pop_back();
  }
  void write(std::uint32_t* out) const {
    for (const One& one : near_) *out++ = one.image;
  }

 private:
  struct One {
    float distance;
    std::uint32_t image;
  };
  std::size_t most_;
  std::vector<One> near_;
};

}  // namespace

Result<std::vector<std::uint32_t>> nearest_embedded(const Embeddings& e, std::size_t count, const Pool& pool,
                                                    const Progress& progress) {
  std::vector<std::uint32_t> nearest(e.known.size() * count, no_neighbour);
  std::vector<ImageIndex> known;
  for (std::size_t i = 0; i < e.known.size(); ++i)
    if (e.known[i]) known.push_back(to_index<ImageIndex>(i));
  const std::size_t blocks = (known.size() + block - 1) / block;
  const std::size_t tile = std::clamp<std::size_t>(cached_bytes / (e.dimension * sizeof(float) + 1), 8, 4096);
  constexpr std::string_view telling = "looking for neighbours";
  for (std::size_t first = 0; first < blocks && count > 0; first += blocks_a_round) {
    const std::size_t last = std::min(blocks, first + blocks_a_round);
    pool.for_each(last - first, [&](std::size_t k) {
      if (progress.stopped()) return;
      const std::size_t begin = (first + k) * block, end = std::min(known.size(), begin + block);
      std::vector<Nearest> near(end - begin, Nearest(count));
      std::vector<float> distances(tile);
      for (std::size_t at = 0; at < known.size(); at += tile) {
        const std::span<const ImageIndex> others = std::span(known).subspan(at, std::min(tile, known.size() - at));
        for (std::size_t q = begin; q < end; ++q) {
          cosine_distances(e, known[q], others, distances);
          for (std::size_t o = 0; o < others.size(); ++o)
            if (at + o != q) near[q - begin].offer(distances[o], static_cast<std::uint32_t>(to_size(others[o])));
        }
      }
      for (std::size_t q = begin; q < end; ++q) near[q - begin].write(&nearest[to_size(known[q]) * count]);
    });
    if (progress.stopped()) return Error{Code::cancelled, "stopped while looking for neighbours"};
    progress.tell(telling, std::min(known.size(), last * block), known.size());
  }
  return nearest;
}

}  // namespace vetset
