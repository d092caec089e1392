// scan: one pass over the pixels of a source, with the store that remembers it; links: what ties its images together.
#include "vetset/scan/store.h"
#include "vetset/vetset.h"
#include "vetset/vetset_evidence.h"

namespace vetset {

Result<Scan> scan(const Source& source, const ScanRequest& request) {
  PixelScanOptions options{.pdq = request.pdq, .rehash = request.rehash};
  const Pool pool(request.common.threads);
  std::unique_ptr<FactsStore> store;
  if (request.cache) {
    const bool ours = request.cache_path.empty();
    store = std::make_unique<FactsStore>(ours ? FactsStore::default_path() : request.cache_path, scan_recipe(options),
                                         ours);
    options.store = store.get();
  }
  VETSET_TRY(Scan scan, scan_pixels(source.dataset, source.media(), pool, request.common.progress, options));
  if (store) scan.notes = store->notes();
  return scan;
}

Result<Links> links(const Source& source, const Scan& scan, const LinkOptions& options) {
  VETSET_TRY(const Groups groups, groups_by(source, options.group_by));
  const Pool pool(options.common.threads);
  return find_links(source.dataset, source.media(), scan.facts, scan.pixels, groups.keys.empty() ? nullptr : &groups,
                    options.settings, pool, options.common.progress);
}

}  // namespace vetset
