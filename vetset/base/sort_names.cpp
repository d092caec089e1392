#include "vetset/base/sort_names.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "vetset/base/sort_runs.h"

namespace vetset {
namespace {

constexpr std::size_t few = 64;       // are sorted by looking at them
constexpr std::size_t key_size = 16;  // of most names all: "000000123456.jpg"

/// The first bytes behind the prefix as numbers that compare as they do.
struct Keyed {
  std::array<std::uint64_t, 2> key;
  std::string_view path;
};

std::array<std::uint64_t, 2> key_of(std::string_view name) {
  std::array<std::uint64_t, 2> key{};
  for (std::size_t i = 0; i < std::min(name.size(), key_size); ++i)
    key[i / 8] |= std::uint64_t{static_cast<unsigned char>(name[i])} << (56 - 8 * (i % 8));
  return key;
}

/// Whether they lie in few runs that rise or fall, which `sort_runs` joins with less ado.
bool in_runs(std::span<const std::string_view> paths) {
  constexpr std::size_t most_turns = 32;
  std::size_t turns = 0;
  bool falls = false;
  for (std::size_t i = 1; i < paths.size() && turns <= most_turns; ++i) {
    const bool down = paths[i] < paths[i - 1];
    turns += down != falls ? 1U : 0U;
    falls = down;
  }
  return turns <= most_turns;
}

}  // namespace

void sort_names(std::span<std::string_view> paths, std::size_t prefix) {
  if (paths.size() < few || in_runs(paths)) return sort_runs(paths.begin(), paths.end(), std::less<>());
  std::vector<Keyed> keyed;
  keyed.reserve(paths.size());
  for (const std::string_view path : paths) keyed.push_back({key_of(path.substr(prefix)), path});
  std::sort(keyed.begin(), keyed.end(), [](const Keyed& a, const Keyed& b) {
    if (a.key != b.key) return a.key < b.key;
    return a.path < b.path;
  });
  for (std::size_t i = 0; i < paths.size(); ++i) paths[i] = keyed[i].path;
}

}  // namespace vetset
