// How the datasets of torchvision 0.14.1 read a tree, one class a format. For the consumers of this folder only.
#pragma once

#include <string>
#include <string_view>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/base/tree.h"
#include "vetset/check/consumer.h"
#include "vetset/dataset/facts.h"

namespace vetset::torchvision_parts {

Result<void> view_coco(const Tree& tree, const Pool& pool, const Progress& progress, ConsumerView& view);
Result<void> view_voc(const Tree& tree, const Pool& pool, const Progress& progress, ConsumerView& view);
Result<void> view_folders(const Tree& tree, const Pool& pool, const Progress& progress, ConsumerView& view);

/// Why Pillow cannot open an image; empty: it can, as far as header and end tell.
std::string image_fault(const Facts& facts);

}  // namespace vetset::torchvision_parts
