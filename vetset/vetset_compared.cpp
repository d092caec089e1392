#include "vetset/vetset_compared.h"

#include "vetset/scan/objects_alike.h"
#include "vetset/scan/overlays.h"
#include "vetset/vetset_given.h"

namespace vetset {

Result<std::vector<KnownImages>> read_known(const std::vector<std::string>& files) {
  std::vector<KnownImages> lists;
  for (const std::string& file : files) {
    VETSET_TRY(const Bytes bytes, read_given(file));
    VETSET_TRY(KnownImages list, parse_known_images(file, bytes));
    lists.push_back(std::move(list));
  }
  return lists;
}

bool needs_pdq(std::span<const KnownImages> lists) {
  for (const KnownImages& list : lists)
    for (const KnownImage& image : list.images)
      if (image.pdq && image.fingerprints.empty()) return true;
  return false;
}

Result<Compared> compare_pictures(const Source& source, const Scan& scan, const Links& links,
                                  const PictureSearch& options) {
  const Dataset& d = source.dataset;
  const Pool pool(options.common.threads);
  const Progress& progress = options.common.progress;
  Compared out;
  if (options.overlays) {
    VETSET_TRY(out.overlays, find_overlays(d, source.media(), scan.facts, scan.pixels, links, pool, progress));
  }
  if (options.objects) {
    VETSET_TRY(out.objects, find_shared_objects(d, source.media(), scan.facts, scan.pixels, links, pool, progress));
  }
  if (!options.known.empty()) {
    VETSET_TRY(out.known, find_known_images(d, scan.facts, scan.pixels, options.known, pool, progress));
  }
  return out;
}

}  // namespace vetset
