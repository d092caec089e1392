// What was searched for beside links between whole images: what a camera writes into all of its images, one object in
// two splits, and pictures that a list of others' images names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vetset/dataset/dataset.h"

namespace vetset {

/// Lines that stand in the same place in all images of one source: a timestamp, a logo, a watermark.
struct Overlay {
  ImageIndex example{};                               // an image that has it
  std::string folder;                                 // of the source: images of one folder and size
  std::uint32_t images = 0;                           // of the source
  std::uint32_t compared = 0;                         // of those, so many were
  std::uint32_t x = 0, y = 0, width = 0, height = 0;  // in pixels of an image as it is shown
};
struct OverlaySearch {
  std::vector<Overlay> found;     // by example, then place
  std::uint64_t sources = 0;      // that were compared
  std::uint64_t fixed_views = 0;  // of those: the whole view stands still, so nothing tells an overlay from it
  std::uint64_t too_few = 0;      // sources with too few images that are no copies or frames of each other
};

/// Two objects of different splits that show the same pixels.
struct SharedObject {
  AnnotationIndex first{}, second{};  // the first in training, where one is
  std::uint16_t distance = 0;         // of 256 bits
  float correlation = 0;
};
struct ObjectSearch {
  struct Class {
    CategoryIndex category{};
    std::uint64_t objects = 0;  // that were compared
    std::uint64_t alike = 0;    // of those, so many have a twin in another image of their own split
    std::uint64_t pairs = 0;    // between splits
    bool tells = true;          // few enough are alike that one which is says something
  };
  std::vector<SharedObject> pairs;  // of classes that tell; by first, second
  std::vector<Class> classes;       // by category; those with objects
  std::uint64_t objects = 0, too_small = 0, not_seen = 0;
};

/// A picture of a list.
struct KnownMatch {
  enum class How : std::uint8_t { bytes, pixels, fingerprint };
  ImageIndex image{};
  std::uint32_t list = 0;  // in KnownSearch::lists
  std::string path;        // in that list
  How how = How::bytes;
  std::uint16_t distance = 0;  // of 256 bits; fingerprint
  std::uint8_t symmetry = 1;   // EXIF orientation that turns the listed picture into ours
};
struct KnownSearch {
  struct List {
    std::string name;                     // as the list calls itself
    std::string file;                     // base name
    std::string digest;                   // SHA-256 of the file
    std::uint64_t images = 0, found = 0;  // of the list; how many of them are here
  };
  std::vector<List> lists;
  std::vector<KnownMatch> matches;  // the nearest of each image and list, by image
  std::uint64_t not_searched = 0;   // images without fingerprint: not decoded, or flat
};

struct Compared {
  OverlaySearch overlays;
  std::optional<ObjectSearch> objects = {};  // where it was asked for
  std::optional<KnownSearch> known = {};     // where lists were given
};

}  // namespace vetset
