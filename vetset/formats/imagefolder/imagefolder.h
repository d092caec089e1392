// The parts of class folders: an image belongs to the class whose folder it lies in, and folders above that may name
// splits. For files of this folder only.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/dataset/dataset.h"
#include "vetset/formats/format.h"
#include "vetset/formats/names.h"

namespace vetset::imagefolder_parts {

/// Paths of images that have a place in the folders and are not there, one a line.
inline constexpr std::string_view list_name = "images-elsewhere.txt";
/// A JSON object: names of classes that cannot be names of folders, by their folder.
inline constexpr std::string_view names_name = "class-names.json";

/// Which folders name classes: the first level below `home`, or the second where the first one names splits.
struct Levels {
  std::string home;  // "" or "a/b/"
  bool splits = false;
};
/// Finds the levels from the paths of all images, sorted.
Levels find_levels(std::span<const std::string_view> images);

/// What the place of an image says.
struct Spot {
  std::string_view split;   // empty: none
  std::string_view folder;  // of its class, from the root: "train/cat"; empty: it lies beside the class folders
  std::string_view name;    // of that folder: "cat"
};
Spot spot_of(std::string_view image, const Levels& levels);

/// Train, val or test where that is what a folder's whole name says ("Training", "valid"); else `other`.
SplitRole role_of_folder(std::string_view name);

/// Where one copy of an image goes.
struct Target {
  ImageIndex image{};
  SplitIndex split = none<SplitIndex>;
  CategoryIndex category = none<CategoryIndex>;  // none: beside the class folders
  std::string path;
  std::string folder;  // of its class
};
struct Plan {
  std::vector<Target> targets;       // sorted by path
  std::vector<std::string> folders;  // by category, the last part only; empty: it has no image
  std::vector<std::string> splits;   // by split; empty: it has no image
};
/// Nothing where no arrangement would be read again as it was meant.
std::optional<Plan> plan_folders(const Dataset& d, const WriteOptions& options);

/// Whether an annotation is the class of a whole image.
bool is_tag(const Annotation& a);
/// Whether an annotation gives its image a class under these policies, several classes left aside. What is not decided
/// yet is taken as most people choose.
bool gives_class(const Annotation& a, const Policies& policies);
/// Marks the annotations of images that have several classes; empty where no image has.
std::vector<bool> of_several_classes(const Dataset& d, const WriteOptions& options);

Detection detect_imagefolder(const Tree& tree);
Result<Reading> read_imagefolder(const Tree& tree, const ReadOptions& options);
Result<Emission> write_imagefolder(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options);
std::optional<std::string> refuses_imagefolder(const Dataset& d, const WriteOptions& options);

}  // namespace vetset::imagefolder_parts
