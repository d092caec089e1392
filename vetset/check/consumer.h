// What a trainer will see: object by object what one release of a loader reads, changes, or drops in silence. A
// consumer imitates the loader from the files themselves, not through our readers, and is held to the real loader in
// the tests.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/base/tree.h"

namespace vetset {

/// What happened to one image or object on its way into the trainer.
struct Effect {
  enum class Kind : std::uint8_t { image_dropped, object_dropped, object_changed, file_rewritten, refused };
  Kind kind{};
  std::string file;           // label or image file in the tree
  std::uint32_t line = 0;     // of the label file, from 1; 0: the whole image
  std::uint64_t objects = 0;  // that it concerns
  std::string what;           // "4 rows have 5 columns and 1 has 9: the whole image is dropped"
};

struct ConsumerView {
  std::string consumer;                         // "Ultralytics 8.4.190"
  std::string task;                             // "detect"
  std::string refused = {};                     // why it would not start at all; empty: it starts
  std::uint64_t images = 0, images_read = 0;    // that stand in the splits it opens; that reach training
  std::uint64_t objects = 0, objects_read = 0;  // rows in their label files; that reach training
  std::uint64_t backgrounds = 0;                // images it reads without any object
  std::vector<Effect> effects;                  // in the order of files
  /// "Ultralytics 8.4.190 reads 251/253 images, 363/367 objects"
  std::string line() const;
  /// Whether everything reaches training, as it stands.
  bool whole() const { return refused.empty() && effects.empty() && images == images_read && objects == objects_read; }
};

struct Consumer {
  std::string_view id;       // "ultralytics"
  std::string_view release;  // "8.4.190"
  /// Whether this tree, read as `format`, is what it takes.
  bool (*takes)(std::string_view format);
  Result<ConsumerView> (*view)(const Tree& tree, const Pool& pool, const Progress& progress);
};
std::span<const Consumer* const> consumers();

}  // namespace vetset
