// The record of an evaluation: which figures belong to which data. Canonical JSON without time, machine or place.
// Schema: docs/schema/evaluation-v1.json.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vetset/dataset/statement.h"
#include "vetset/evaluate/coco.h"
#include "vetset/evaluate/leak_price.h"

namespace vetset {

struct EvaluationRecord {
  static constexpr int version = 1;
  struct Names {
    std::string name;
    std::uint64_t rows = 0;
    std::string where = {};
  };
  std::string program;  // "vetset 0.1.0"

  std::string truth_name, truth_format, split;  // base name, never a path of a machine; empty split: all
  std::string labels_id, dataset_id;            // empty dataset_id: not asked for, or images are missing
  Counts truth;                                 // of all splits

  std::string predictions_format;
  std::vector<FileDigest> files;
  std::uint64_t records = 0, left_out = 0;  // in the files; of them, how many could not be used

  std::string images_by, classes_by;
  std::vector<std::pair<std::string, std::string>> renamed = {};
  std::vector<Names> unknown_images = {}, unknown_classes = {};
  std::uint64_t images_without_predictions = 0;
  std::vector<std::string> classes_without_predictions = {};

  std::vector<std::string> classes = {}, class_ids = {};  // in the order of the arrays; ids as JSON, empty: none
};
/// Names beyond `listed` are counted alone. `leaks` may be null.
std::string to_json(const EvaluationRecord& record, const CocoResult& result, const LeakPrice* leaks = nullptr);

}  // namespace vetset
