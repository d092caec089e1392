// Neighbours in embeddings, tile by tile, against a plain sort of all distances.
#include "vetset/dataset/nearest_embedded.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "vetset/base/random.h"
#include "vetset/dataset/embedding_distances.h"

using namespace vetset;

TEST_CASE("neighbours are those of a plain sort, with any number of threads") {
  for (const std::size_t images : {0UL, 1UL, 3UL, 31UL, 333UL}) {
    for (const std::size_t dimension : {3UL, 40UL, 20'000UL}) {
      if (dimension == 20'000 && images > 40) continue;  // tiles of the least size
      CAPTURE(images);
      CAPTURE(dimension);
      Random random(images * 7 + dimension);
      Embeddings e{.dimension = dimension};
      for (std::size_t i = 0; i < images; ++i) {
        e.known.push_back(!random.once_in(10));
        const bool repeats = i > 0 && random.once_in(5);  // equal rows are equally near
        for (std::size_t k = 0; k < dimension; ++k)
          e.values.push_back(repeats ? e.values[(i - 1) * dimension + k] : static_cast<float>(random.unit() - 0.5));
      }
      std::vector<ImageIndex> known;
      for (std::size_t i = 0; i < images; ++i)
        if (e.known[i]) known.push_back(to_index<ImageIndex>(i));
      const auto one = nearest_embedded(e, 5, Pool(1)), three = nearest_embedded(e, 5, Pool(3));
      REQUIRE(one);
      REQUIRE(three);
      CHECK(*one == *three);
      std::vector<std::uint32_t> expected(images * 5, no_neighbour);
      for (const ImageIndex i : known) {
        std::vector<float> distances(known.size());
        cosine_distances(e, i, known, distances);
        std::vector<std::size_t> order;
        for (std::size_t k = 0; k < known.size(); ++k)
          if (known[k] != i) order.push_back(k);
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return distances[a] < distances[b]; });
        for (std::size_t k = 0; k < std::min<std::size_t>(5, order.size()); ++k)
          expected[to_size(i) * 5 + k] = static_cast<std::uint32_t>(to_size(known[order[k]]));
      }
      CHECK(*one == expected);
    }
  }
}

TEST_CASE("a search for neighbours can be stopped") {
  Embeddings e{.dimension = 2, .values = {1, 0, 0, 1}, .known = {true, true}};
  const std::atomic<bool> stop = true;
  const auto found = nearest_embedded(e, 1, Pool(1), {.report = {}, .stop = &stop});
  REQUIRE_FALSE(found);
  CHECK(found.error().code == Code::cancelled);
}
