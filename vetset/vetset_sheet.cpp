// Contact sheets: what links join, as pictures.
#include "vetset/base/publish.h"
#include "vetset/vetset.h"

namespace vetset {

Result<std::string> write_sheet(const Source& source, const Links& links, const std::string& path,
                                const SheetOptions& options, const Common& common) {
  VETSET_TRY(const SheetFormat format, sheet_format(path));
  const Sheet sheet = sheet_of(source.dataset, links, "Images that belong together", options);
  const Pool pool(common.threads);
  VETSET_TRY(const std::string bytes, format == SheetFormat::html
                                          ? sheet_html(sheet, source.dataset, source.media(), pool, common.progress)
                                          : sheet_png(sheet, source.dataset, source.media(), pool, common.progress));
  VETSET_DO(write_file_atomically(path, bytes));
  return summary_of(sheet);
}

}  // namespace vetset
