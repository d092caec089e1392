// What coverage costs: coverage tuples ROWS FACTORS LEVELS STRENGTH counts every combination of that many of the
// factors; coverage neighbours IMAGES DIMENSION THREADS finds ten neighbours of each of so many random vectors. Prints
// what it found and the CPU seconds of that alone.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include "vetset/base/random.h"
#include "vetset/check/contract_tuples.h"
#include "vetset/dataset/nearest_embedded.h"

using namespace vetset;

namespace {

double seconds_since(std::clock_t begin) { return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC; }

int tuples(std::size_t rows, std::size_t factors, std::size_t levels, unsigned strength) {
  Random random(1);
  std::vector<std::vector<std::uint16_t>> values(factors, std::vector<std::uint16_t>(rows));
  for (auto& column : values)  // one in twenty is not known; low levels are common, high ones rare
    for (auto& level : column)
      level = static_cast<std::uint16_t>(
          random.once_in(20) ? levels : random.below(random.below(static_cast<std::uint32_t>(levels)) + 1));
  const std::clock_t begin = std::clock();
  std::uint64_t valid = 0, covered = 0;
  for_each_choice(factors, strength, [&](std::span<const std::size_t> chosen) {
    std::vector<TupleColumn> columns;
    for (const std::size_t k : chosen) columns.push_back({values[k], levels});
    const std::vector<std::uint32_t> counts = count_tuples(columns, {});
    for_each_tuple(columns, [&](std::span<const std::uint16_t>, std::size_t slot) {
      ++valid;
      covered += counts[slot] > 0;
    });
  });
  std::printf("%llu %llu %.3f\n", static_cast<unsigned long long>(covered), static_cast<unsigned long long>(valid),
              seconds_since(begin));
  return 0;
}

int neighbours(std::size_t images, std::size_t dimension, unsigned threads) {
  Random random(1);
  Embeddings e{.dimension = dimension};
  e.known.assign(images, true);
  for (std::size_t k = 0; k < images * dimension; ++k) e.values.push_back(static_cast<float>(random.unit() - 0.5));
  const std::clock_t begin = std::clock();
  const auto found = nearest_embedded(e, 10, Pool(threads));
  if (!found) return 1;
  const double seconds = seconds_since(begin), pairs = static_cast<double>(images) * static_cast<double>(images);
  std::printf("%u %.1f %.3f\n", found->front(), pairs / seconds / 1e6, seconds);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int k) { return std::strtoull(argv[k], nullptr, 10); };
  if (argc == 6 && std::string_view(argv[1]) == "tuples")
    return tuples(number(2), number(3), number(4), static_cast<unsigned>(number(5)));
  if (argc == 5 && std::string_view(argv[1]) == "neighbours")
    return neighbours(number(2), number(3), static_cast<unsigned>(number(4)));
  return 2;
}
