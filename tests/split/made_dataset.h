// Small datasets for splits: every image with an object and the digest of bytes that a test names.
#pragma once

#include <string>
#include <vector>

#include "vetset/split/split.h"

namespace vetset {

/// Images "0.jpg" …, every one with an object, and facts that say which files are equal.
struct Made {
  Dataset d;
  std::vector<Facts> facts;

  void add(const std::string& path, const std::string& bytes, std::uint32_t category) {
    while (d.categories.size() <= category) d.categories.push_back({.name = "c" + std::to_string(d.categories.size())});
    Image image{};
    image.path = image.media = d.add_text(path);
    d.images.push_back(image);
    Annotation a;
    a.image = to_index<ImageIndex>(d.images.size() - 1);
    a.category = to_index<CategoryIndex>(category);
    d.annotations.push_back(a);
    Facts f;
    f.has_digest = true;
    f.digest = sha256(bytes);
    facts.push_back(f);
  }
};

inline Made made(std::size_t images) {
  Made m;
  for (std::size_t i = 0; i < images; ++i)
    m.add("clip_" + std::to_string(i / 4) + "/f_" + std::to_string(i) + ".jpg", "bytes " + std::to_string(i),
          static_cast<std::uint32_t>(i % 3));
  return m;
}

inline SplitSettings usual() { return {.names = {"train", "val", "test"}, .ratios = {80, 10, 10}}; }

}  // namespace vetset
