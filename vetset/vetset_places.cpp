// Where a finding stands, for people: file, line and column. Datasets keep offsets only; lines are counted here, for
// what is shown.
#include <algorithm>
#include <cstring>
#include <map>

#include "vetset/check/about.h"
#include "vetset/vetset.h"

namespace vetset {
namespace {

/// Counts the lines of a text that comes in pieces.
class LineCounter {
 public:
  explicit LineCounter(Columns columns) : columns_(columns) {}
  /// Takes the text up to `offset`, which lies in the piece.
  void advance(std::string_view piece, std::uint64_t piece_begin, std::uint64_t offset) {
    while (at_ < offset) {
      const char* from = piece.data() + (at_ - piece_begin);
      const auto* found = static_cast<const char*>(std::memchr(from, '\n', offset - at_));
      if (found == nullptr) {
        if (columns_ == Columns::characters) inner_bytes_ += inner_bytes({from, offset - at_});
        break;
      }
      ++line_;
      inner_bytes_ = 0;
      line_begin_ = at_ = piece_begin + static_cast<std::uint64_t>(found - piece.data()) + 1;
    }
    at_ = offset;
  }
  std::uint32_t line() const { return line_; }
  std::uint32_t column() const { return static_cast<std::uint32_t>(at_ - line_begin_ - inner_bytes_ + 1); }

 private:
  /// Bytes of UTF-8 that begin no character.
  static std::uint64_t inner_bytes(std::string_view text) {
    return static_cast<std::uint64_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }));
  }

  Columns columns_;
  std::uint64_t at_ = 0, line_begin_ = 0, inner_bytes_ = 0;  // the last: in the line so far
  std::uint32_t line_ = 1;
};

/// Lines and columns of several offsets of one file, in one reading.
void find_lines(const Tree& tree, const std::string& file, std::vector<Place*> places, Columns columns) {
  constexpr std::uint64_t slice = 8U << 20;
  std::sort(places.begin(), places.end(), [](const Place* a, const Place* b) { return *a->offset < *b->offset; });
  LineCounter lines(columns);
  auto place = places.begin();
  for (std::uint64_t begin = 0; place != places.end();) {
    const auto bytes = tree.read(file, {.offset = begin, .size = slice});
    if (!bytes || bytes->size() == 0) return;  // the file has changed: the offset is all there is
    const std::uint64_t end = begin + bytes->size();
    for (; place != places.end() && *(*place)->offset < end; ++place) {
      lines.advance(*bytes, begin, *(*place)->offset);
      (*place)->line = lines.line();
      (*place)->column = lines.column();
    }
    if (place != places.end()) lines.advance(*bytes, begin, end);
    begin = end;
  }
}

}  // namespace

std::vector<Place> places_of(const Source& source, std::span<const Finding> findings, Columns columns) {
  std::vector<Place> places;
  places.reserve(findings.size());
  std::map<std::string, std::vector<Place*>> without_line;
  for (const Finding& finding : findings) {
    Place& place = places.emplace_back(rough_place(source.dataset, finding));
    if (place.line == 0 && place.offset) without_line[place.file].push_back(&place);
  }
  for (auto& [file, of_file] : without_line) find_lines(*source.tree, file, std::move(of_file), columns);
  return places;
}

Place place_of(const Source& source, const Finding& finding) {
  return std::move(places_of(source, std::span(&finding, 1)).front());
}

}  // namespace vetset
