// A repair of boxes that were written by another convention than their format's.
#include "vetset/check/conventions.h"
#include "vetset/check/repair.h"

namespace vetset {
namespace {

/// All boxes of a document, or of all label files: also those that fit both ways, as one program wrote them all.
void read_as_they_fit(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  if (findings.empty()) return;
  const Dataset& d = evidence.dataset;
  for (const Misread& misread : misread_boxes(d))
    for (std::size_t k = 0; k < d.annotations.size(); ++k) {
      const Annotation& a = d.annotations[k];
      if (a.box_origin != Origin::stated || a.image == none<ImageIndex>) continue;
      const Image& image = d[a.image];
      if (image.width < 2 || image.height < 2 || document_of(d, image) != misread.file) continue;
      const Box box = reread(a.box, *misread.declared, *misread.fitting, image);
      if (!(box == a.box))
        bench.set_box(to_index<AnnotationIndex>(k), box, std::string("read as ") + misread.fitting->name);
    }
}

}  // namespace

extern const Repair fitting_convention{"FMT409", "fitting-convention",
                                       "read boxes by the convention that they fit, not by the format's", false,
                                       read_as_they_fit};

}  // namespace vetset
