#include "vetset/package/listed_tree.h"

#include <algorithm>

namespace vetset {
namespace {

/// Hashes a file in pieces, so that a large shard does not have to fit in memory.
MeasuredFile measure(const Tree& tree, std::string_view path) {
  constexpr std::uint64_t piece = 8U << 20;
  MeasuredFile file;
  Sha256 hash;
  for (;;) {
    const auto bytes = tree.read(path, {.offset = file.size, .size = piece});
    if (!bytes) {
      file.trouble = to_string(bytes.error());
      return file;
    }
    hash.add(*bytes);
    file.size += bytes->size();
    if (bytes->size() < piece) break;
  }
  file.digest = hash.finish();
  return file;
}

}  // namespace

std::vector<MeasuredFile> measure_files(const Tree& tree, std::span<const std::string_view> paths, const Pool& pool,
                                        const Progress& progress, std::string_view what) {
  std::vector<MeasuredFile> files(paths.size());
  constexpr std::size_t batch = 256;
  for (std::size_t begin = 0; begin < paths.size() && !progress.stopped(); begin += batch) {
    const std::size_t count = std::min(batch, paths.size() - begin);
    pool.for_each(count, [&](std::size_t i) { files[begin + i] = measure(tree, paths[begin + i]); });
    progress.tell(what, begin + count, paths.size());
  }
  return files;
}

}  // namespace vetset
