// Lists of results on their way into `Predictions`: pieces of whole records, read on any thread and joined in order.
// For predict*.cpp alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vetset/formats/coco/coco.h"

namespace vetset::coco_results_parts {

/// The rows of one piece of a list. Names of images and classes wait as they were written.
struct PredictedPiece {
  /// An id that is no integer of 64 bits, as JSON.
  struct Token {
    std::uint32_t row = 0;
    std::string json;
  };
  /// `file_name` of a row, in the piece's text.
  struct Name {
    std::uint32_t begin = 0, size = 0;
  };

  Instances rows;                           // without image and category
  Column<std::int64_t> images, categories;  // ids; Ids::odd: the next of the tokens
  std::vector<Token> image_tokens, category_tokens;
  Column<std::uint32_t> begins;  // of each row's record, in the text
  Column<Name> names;            // empty: no row has one
  std::vector<PredictedOutline> outlines;
  std::vector<CocoNote> notes;  // `record` is not used; offsets count from the text's begin
  std::uint64_t records = 0;
  std::uint8_t first_said = 0;         // of the first record
  std::size_t end = 0;                 // of what was read of the text
  bool comma = false, closed = false;  // what stands after the last record: a comma, or the end of the list
  bool broken = false;                 // it is no JSON from `end` on
  std::string what = {};               // then: "expected ',' or '}', found '7'"
};

/// Reads records, each with a comma after it or not, from the begin of `text` up to its end or to ']'. The text must be
/// followed by `Bytes::padding` bytes.
PredictedPiece read_predicted_records(std::string_view text, const Limits& limits);

/// What one record says, whichever way it was read. A record is taken whole or not at all.
struct PredictedRecord {
  static constexpr std::uint32_t seen_image = 1, seen_category = 2, seen_score = 4, seen_box = 8, seen_shape = 16,
                                 seen_points = 32, seen_name = 64;
  std::uint32_t seen = 0;  // keys that were there, with a value that says something
  std::int64_t image = Ids::absent, category = Ids::absent;
  std::string image_token, category_token;
  Box box;
  double score = 0;
  MaskText mask;                // its text stands at the end of the column
  std::uint32_t outline = 0;    // bytes of JSON at the end of the column, in place of a mask
  std::size_t first_point = 0;  // its keypoints stand at the end of their column
  PredictedPiece::Name name;
};

/// Reads one record by the rules of JSON, however it is spelled. Says what keeps it from being used, if anything does.
struct PredictedFault {
  std::string_view code;
  std::string what;
};
std::optional<PredictedFault> read_predicted_record(JsonCursor& in, std::string_view text, PredictedPiece& piece,
                                                    PredictedRecord& record, const Limits& limits);

/// Reads the lists of results of a tree (Format::predict).
Result<Predictions> predict_results(const Tree& tree, const ReadOptions& options);

}  // namespace vetset::coco_results_parts
