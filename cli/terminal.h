// The two streams a command speaks on: results on stdout, progress and errors on stderr. Colours only where a terminal
// wants them (NO_COLOR, TERM, --color), a progress line only where stderr is a terminal.
#pragma once

#include <string>
#include <string_view>

#include "vetset/base/progress.h"
#include "vetset/base/result.h"

namespace vetset::cli {

enum class Ink { plain, bold, dim, red, green, yellow, cyan };

class Terminal {
 public:
  enum class Color { automatic, always, never };
  explicit Terminal(Color color = Color::automatic, bool quiet = false);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// A result, as it is. Ends in '\n'. A reader that went away ends the program quietly.
  void out(std::string_view text);
  /// A line for people on stderr.
  void say(std::string_view line);
  /// "vetset: labels/a.txt:3: …" on stderr, and the exit status that the error stands for.
  int fail(const Error& error);

  /// Text in a colour where stdout has colours.
  std::string ink(Ink ink, std::string_view text) const;
  bool color() const { return color_out_; }
  std::size_t width() const { return width_; }    // columns of stdout; 100 where it is no terminal
  std::size_t height() const { return height_; }  // lines of stdout; 40 where it is no terminal

  /// For long work: draws a line on stderr after half a second, and stops at Ctrl-C.
  Progress progress();

 private:
  void clear_progress();
  bool color_out_ = false, color_err_ = false, bar_ = false, bar_shown_ = false;
  std::size_t width_ = 100, height_ = 40;
  double started_ = 0, drawn_ = 0;
};

/// "1,234,567".
std::string with_commas(std::uint64_t count);
/// "12.3 MB".
std::string byte_size(std::uint64_t bytes);
/// "1 image", "2 images".
std::string counted(std::uint64_t count, std::string_view one, std::string_view many = {});
/// Text filled up with blanks to a width in columns.
std::string padded(std::string_view text, std::size_t width);
/// Text broken at blanks (or at " · ") into lines of at most `width` columns, the first of which begins at column
/// `indent` and the others are indented by as much. Ends in '\n'.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width);
/// A path as it must be typed in a shell.
std::string shell_word(std::string_view text);

}  // namespace vetset::cli
