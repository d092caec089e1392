// What a check searches beside links between whole images, each where a rule asks for it.
#pragma once

#include "vetset/dataset/compared.h"
#include "vetset/scan/known_images.h"
#include "vetset/vetset.h"

namespace vetset {

/// Lists that a user names; each is read whole, so that a broken one is told before images are looked at.
Result<std::vector<KnownImages>> read_known(const std::vector<std::string>& files);
/// Whether a list says something by PDQ alone.
bool needs_pdq(std::span<const KnownImages> lists);

struct PictureSearch {
  bool overlays = true;                     // IMG509
  bool objects = false;                     // LEA313
  std::span<const KnownImages> known = {};  // LEA317
  Common common = {};
};
Result<Compared> compare_pictures(const Source& source, const Scan& scan, const Links& links,
                                  const PictureSearch& options);

}  // namespace vetset
