#include "vetset/scan/scan.h"

#include <algorithm>
#include <unordered_map>

#include "vetset/image/probe.h"

namespace vetset {
namespace {

/// Images are done in blocks, so that progress is told and a stop is seen in between.
constexpr std::size_t block = 2048;

Result<void> in_blocks(std::string_view what, std::size_t count, const Pool& pool, const Progress& progress,
                       const std::function<void(std::size_t)>& work) {
  for (std::size_t begin = 0; begin < count; begin += block) {
    if (progress.stopped()) return Error{Code::cancelled, "stopped while " + std::string(what)};
    progress.tell(what, begin, count);
    pool.for_each(std::min(block, count - begin), [&](std::size_t i) { work(begin + i); });
  }
  progress.tell(what, count, count);
  return {};
}

/// A few bytes that tell files of one size apart without reading them: their end, where compressed images differ.
struct Ending {
  std::uint64_t bytes = 0;
  Digest digest;
  auto operator<=>(const Ending&) const = default;
};

Ending ending_of(const Tree& tree, std::string_view path, std::uint64_t bytes) {
  constexpr std::uint64_t tail = 512;
  const auto end = tree.read(path, {.offset = bytes > tail ? bytes - tail : 0, .size = tail});
  return {bytes, end ? sha256(*end) : Digest{}};
}

/// The images whose size and ending another image has too; only they can be equal files.
Result<std::vector<std::size_t>> possible_copies(const Dataset& d, const Tree& tree, const std::vector<Facts>& facts,
                                                 const Pool& pool, const Progress& progress) {
  std::unordered_map<std::uint64_t, std::uint32_t> of_size;
  for (const Facts& f : facts)
    if (f.bytes != 0) ++of_size[f.bytes];
  std::vector<std::size_t> same_size;
  for (std::size_t i = 0; i < facts.size(); ++i)
    if (facts[i].bytes != 0 && of_size[facts[i].bytes] > 1) same_size.push_back(i);

  std::vector<Ending> endings(same_size.size());
  VETSET_DO(in_blocks("comparing files", same_size.size(), pool, progress, [&](std::size_t k) {
    endings[k] = ending_of(tree, d.text(d.images[same_size[k]].media), facts[same_size[k]].bytes);
  }));
  std::vector<Ending> sorted = endings;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::size_t> copies;
  for (std::size_t k = 0; k < same_size.size(); ++k) {
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), endings[k]);
    if (last - first > 1) copies.push_back(same_size[k]);
  }
  return copies;
}

Result<void> read_headers(const Dataset& d, const Tree& tree, std::vector<Facts>& facts, const Pool& pool,
                          const Progress& progress, const ScanOptions& options) {
  return in_blocks("reading images", facts.size(), pool, progress, [&](std::size_t i) {
    const std::string_view media = d.text(d.images[i].media);
    if (media.empty()) return;
    if (options.headers) {
      facts[i] = probe_image(tree, media, {.tail = options.tail});
    } else if (const auto bytes = tree.size(media)) {
      facts[i].bytes = *bytes;
    }
  });
}

}  // namespace

Result<std::vector<Facts>> scan(const Dataset& dataset, const Tree& tree, const Pool& pool, const Progress& progress,
                                const ScanOptions& options) {
  std::vector<Facts> facts(dataset.images.size());
  VETSET_DO(read_headers(dataset, tree, facts, pool, progress, options));
  if (options.digests == Digests::none) return facts;

  std::vector<std::size_t> chosen;
  if (options.digests == Digests::all) {
    for (std::size_t i = 0; i < facts.size(); ++i)
      if (!dataset.images[i].media.empty()) chosen.push_back(i);
  } else {
    VETSET_TRY(chosen, possible_copies(dataset, tree, facts, pool, progress));
  }
  VETSET_DO(in_blocks("comparing files", chosen.size(), pool, progress, [&](std::size_t k) {
    const auto bytes = tree.read(dataset.text(dataset.images[chosen[k]].media));
    if (!bytes) return;  // the header's status says so already
    facts[chosen[k]].digest = sha256(*bytes);
    facts[chosen[k]].has_digest = true;
  }));
  return facts;
}

}  // namespace vetset
