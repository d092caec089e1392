// The parts of COCO results: a list of predictions that names images and categories by the ids of its ground truth. For
// files of this folder only.
#pragma once

#include "vetset/formats/coco/coco.h"

namespace vetset::coco_results_parts {

/// The split that a results document's path tells of: "instances_val2017_results.json" → "val2017".
CocoSplitName split_of(std::string_view document);
/// Whether records are written as they were read.
inline bool is_as_read(const Dataset& d, const WriteOptions& options) {
  return d.format == "coco-results" && options.task.empty();
}
/// Whether an annotation can be a result of the task: one of a category on an image, with what the task is about.
bool has_record(const Dataset& d, AnnotationIndex i, std::string_view task);
/// Whether it is written, after all decisions.
bool is_written(const Dataset& d, AnnotationIndex i, const WriteOptions& options);
/// "42" for 42, "a7" for "a7": what a record is called that is known by its id alone.
std::string id_text(const Dataset& d, const Ids& ids, std::size_t i);
/// The order of categories that are known by ids alone: numbers first, by value.
bool id_less(const Dataset& d, const Ids& ids, std::size_t a, std::size_t b);

Detection detect_results(const Tree& tree);
Result<Reading> read_results(const Tree& tree, const ReadOptions& options);
Result<Emission> write_results(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options);
std::span<const Carry> results_carries();
std::span<const Carry> results_carries_for(const WriteOptions& options);

}  // namespace vetset::coco_results_parts
