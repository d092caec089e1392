// A COCO document as Python's json and pycocotools' index see it: keys of dictionaries instead of indices, the last of
// two equal ones in force. For the consumers of this folder only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/base/tree.h"
#include "vetset/check/consumer.h"

namespace vetset::coco_parts {

/// A JSON value as a key of a Python dictionary: 1, 1.0 and true are one key, "1" is another.
struct Key {
  enum class Kind : std::uint8_t { absent, number, fraction, text, null, unhashable };
  Kind kind = Kind::absent;  // a truth value is a fraction: equal to 1 or 0, and of another type
  std::string value;         // equal for equal keys; whole fractions as whole numbers
  bool operator==(const Key& other) const {
    const auto family = [](Kind k) { return k == Kind::fraction ? Kind::number : k; };
    return family(kind) == family(other.kind) && value == other.value;
  }
};
struct KeyHash {
  std::size_t operator()(const Key& key) const { return std::hash<std::string>()(key.value); }
};

/// What becomes of a segmentation when a mask is asked for.
enum class Segmentation : std::uint8_t { absent, usual, empty_list, flat_list, null, odd };

struct AnnotationRecord {
  Key id, image, category;
  bool area = false, crowd = false, box = false;
  Segmentation segmentation = Segmentation::absent;
  std::uint64_t offset = 0;
};
struct ImageRecord {
  Key id;
  std::string file_name;
  bool named = false, sized = false;
  std::uint64_t offset = 0;
};

struct Document {
  std::string path;
  std::string refused;  // why COCO() raises; empty: it does not
  bool has_images = false, has_annotations = false, has_categories = false;
  std::vector<AnnotationRecord> annotations;
  std::vector<ImageRecord> images;
  std::vector<Key> categories;
  std::unordered_map<Key, std::size_t, KeyHash> image_of, annotation_of,
      category_of;  // the last of each key, which is spelled as the first was
};

/// The documents of a tree that have images and annotations, or that break off; by path.
Result<std::vector<Document>> read_documents(const Tree& tree, const Progress& progress);

/// Whether Python can sort these keys: not where numbers and texts are among them.
bool sorts(const std::unordered_map<Key, std::size_t, KeyHash>& keys);

/// One kind of effect on many records: how many, and where the first of them stands.
class Tally {
 public:
  void add(std::uint64_t offset) {
    if (count_++ == 0) first_ = offset;
  }
  std::uint64_t count() const { return count_; }
  /// The effect, where there was any, with the line of the first record.
  void tell(const Tree& tree, const Document& document, Effect::Kind kind, std::string what, ConsumerView& view) const;

 private:
  std::uint64_t count_ = 0, first_ = 0;
};

/// "7 annotations", "1 annotation".
std::string many(std::uint64_t count, std::string_view noun);

}  // namespace vetset::coco_parts
