// What a model said of each image so far, a line an image: a run that was killed goes on behind the last whole line.
//
// The first line says what the run is of (model, contract, images, runtime); a journal of another run is not continued.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/fs.h"
#include "vetset/base/result.h"

namespace vetset {

/// One object, or one class, that was found.
struct Found {
  std::uint32_t label = 0;  // position in the contract's classes
  float score = 0;
  std::array<float, 4> box = {};      // corners; with an angle: centre, width, height. Pixels of the image
  float angle = 0;                    // radians
  std::vector<float> keypoints = {};  // x, y, visibility each
  std::string mask = {};              // COCO's compressed string, of the image's whole frame
};

/// A line.
struct Inferred {
  std::uint32_t image = 0;              // in the dataset
  std::uint32_t width = 0, height = 0;  // as it was shown to the model; 0 where there was a problem
  std::string sha256 = {};              // of the image's bytes, hex; empty where they could not be read
  std::string problem = {};             // why there is no answer
  std::vector<Found> found = {};
  std::vector<float> embedding = {};
};
/// The shortest decimal that reads back as the same float.
void append_float(std::string& out, float value);
std::string to_line(const Inferred& inferred);
Result<Inferred> parse_line(std::string_view line);

/// The file of a run.
class Journal {
 public:
  /// Opens or begins it. `header`: JSON without line ends that says what the run is of. A torn last line is cut off.
  static Result<Journal> open(const std::string& path, const std::string& header);

  const std::string& path() const { return path_; }
  std::uint64_t lines() const { return lines_; }  // whole ones, without the header
  Result<void> add(const Inferred& inferred);

  /// All lines, in order.
  static Result<void> read(const std::string& path, const std::function<Result<void>(Inferred&&)>& line);

 private:
  std::string path_;
  Fd file_;
  std::uint64_t lines_ = 0;
};

}  // namespace vetset
