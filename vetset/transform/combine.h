// Several datasets as one: classes by name, splits by name, paths and ids that do not meet; and images that several of
// them hold. What is decided here is told record by record in the step's document.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/base/result.h"
#include "vetset/dataset/statement.h"
#include "vetset/dataset/unite.h"

namespace vetset {

/// One line of a class map: what a class is called in the union.
struct ClassMapLine {
  std::string source = {};  // its dataset by name; empty: in all of them
  std::string from, to;
  std::string place = {};  // "map.txt:3", for messages
};
/// Lines "old=new"; "# …" is a comment, "[name]" begins the lines of one dataset.
Result<std::vector<ClassMapLine>> parse_class_map(std::string_view text, std::string_view file);

struct CombineInput {
  std::string name;  // unique, one folder's name
  Dataset dataset;
  std::vector<std::string> media_paths;  // of its images in the tree of all; empty: nowhere
};
struct CombineRules {
  std::vector<ClassMapLine> map = {};
  bool split_from_source = false;  // every dataset becomes one split of its name
};

struct CombineReport {
  struct Source {
    std::string name, format;
    Counts counts;
    IdPlan image_ids, annotation_ids;
  };
  struct Class {
    std::string name;
    std::vector<std::pair<std::size_t, std::string>> from;  // source, and its name there
    std::uint64_t objects = 0;
  };
  std::vector<Source> sources;
  std::vector<Class> classes;
  std::vector<std::pair<std::string, std::string>> alike;  // class names that differ in case or spaces alone
  std::uint64_t shared_paths = 0;                          // names that several datasets have; then all go below theirs
  std::string first_shared = {};
  std::vector<std::string> lost = {};  // what the union has no place for
  struct Copy {
    std::string first, copy;  // paths in the union
    bool equal = false;       // the same labels
  };
  std::vector<Copy> copies = {};  // files of the same bytes
  std::uint64_t dropped = 0;      // of them
  Counts after;
};
struct Combined {
  United united;
  CombineReport report;
};
Result<Combined> combined(std::vector<CombineInput> inputs, const CombineRules& rules);

/// An image and a later one of the same bytes, and whether their labels are equal: boxes and outlines within 0.01 px,
/// in any order.
struct ImageCopy {
  ImageIndex first{}, copy{};
  bool equal = false;
};
/// `digests`: by image, where they are known.
std::vector<ImageCopy> equal_images(const Dataset& d, const std::vector<std::optional<Digest>>& digests);

/// The step's document, combine-v1.json.
std::string combine_document(const CombineReport& report, std::string_view program);

}  // namespace vetset
