// scan: one pass over the pixels of a source, with the store that remembers it; links: what ties its images together.
#include "vetset/scan/store.h"
#include "vetset/vetset.h"
#include "vetset/vetset_linked.h"

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
  VETSET_TRY(const Groups groups, groups_called(source.dataset, options.group_by, options.common.limits));
  return links_of(source, scan, groups, options.settings, options.common);
}

}  // namespace vetset
