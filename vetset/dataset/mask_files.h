// Masks that lie beside images as pictures of their own: which they are, and what their headers say.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"
#include "vetset/dataset/pixel_facts.h"

namespace vetset {

/// The colours of a mask's pixels: values where it has one channel, else 0xRRGGBB.
struct MaskColours {
  struct Use {
    std::uint32_t colour = 0;
    std::uint64_t pixels = 0;
  };
  static constexpr std::size_t most = 512;  // counting ends beyond
  DecodeStatus status = DecodeStatus::not_decoded;
  std::string reason = {};     // for any status but ok
  bool values = false;         // one channel, no palette
  bool more = false;           // than `most`
  std::vector<Use> uses = {};  // by colour
};

/// The classes that a list beside the masks gives a colour.
struct MaskClasses {
  std::string list = {};                    // its path
  std::uint32_t count = 0;                  // of names
  std::vector<std::uint32_t> colours = {};  // 0xRRGGBB
};

struct MaskFile {
  ImageIndex image{};
  std::string path;         // in the tree
  Facts facts = {};         // status absent: not looked at, or not there
  bool of_objects = false;  // its colours stand for objects, not for classes
  MaskColours colours = {};
  std::shared_ptr<const MaskClasses> classes = {};  // null: no list
};

/// The mask files that images name in their attributes, by image; headers are not read here.
std::vector<MaskFile> mask_files(const Dataset& d);

}  // namespace vetset
