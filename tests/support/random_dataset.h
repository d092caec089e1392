// Datasets of every shape, column and state, made from a seed and the same on every machine: what laws are tested on.
#pragma once

#include <cstdint>

#include "vetset/dataset/dataset.h"

namespace vetset {

struct RandomOptions {
  enum class Style : std::uint8_t {
    everything,  // all that the model holds, faults of authors included
    plain,       // what an export for detection has: images with sizes, integer ids, whole boxes
    coco,  // what a COCO document can say: documents as splits, polygons, masks, keypoints, captions, unknown keys
    yolo,  // what a YOLO folder can say: a label file an image, rows of fractions as authored
    tags,  // what folders of classes can say: images in folders, each with a class, rarely with several or none
  };
  Style style = Style::everything;
  std::uint32_t images = 8;       // at most
  std::uint32_t annotations = 6;  // an image, at most
};

/// Always consistent (Dataset::inconsistency finds nothing).
Dataset random_dataset(std::uint64_t seed, RandomOptions options = {});

}  // namespace vetset
