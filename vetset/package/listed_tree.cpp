#include "vetset/package/listed_tree.h"

#include <algorithm>
#include <optional>

#include "vetset/package/shard_members.h"

namespace vetset {
namespace {

/// Hashes a file in pieces, so that a large shard does not have to fit in memory.
MeasuredFile measure(const Tree& tree, std::string_view path, ShardMembers::Shard* shard) {
  MeasuredFile file;
  Sha256 hash;
  std::optional<MemberWatch> members;
  if (shard != nullptr) members.emplace(*shard);
  const auto seen = tree.read_through(path, [&](std::string_view piece) {
    hash.add(piece);
    if (members) members->add(piece);
  });
  if (!seen) {
    file.trouble = to_string(seen.error());
    return file;
  }
  if (members) members->finish();
  file.size = seen->size;
  file.links = seen->links;
  file.changed = seen->changed;
  file.digest = hash.finish();
  return file;
}

}  // namespace

std::vector<MeasuredFile> measure_files(const Tree& tree, std::span<const std::string_view> paths, const Pool& pool,
                                        const Progress& progress, std::string_view what, ShardMembers* members) {
  std::vector<MeasuredFile> files(paths.size());
  constexpr std::size_t batch = 256;
  for (std::size_t begin = 0; begin < paths.size() && !progress.stopped(); begin += batch) {
    const std::size_t count = std::min(batch, paths.size() - begin);
    pool.for_each(count, [&](std::size_t i) {
      const std::string_view path = paths[begin + i];
      files[begin + i] = measure(tree, path, members == nullptr ? nullptr : members->find(path));
    });
    progress.tell(what, begin + count, paths.size());
  }
  return files;
}

}  // namespace vetset
