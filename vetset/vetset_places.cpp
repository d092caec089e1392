// Where a finding stands, for people: file, line and column. Datasets keep offsets only; lines are counted here, for
// what is shown.
#include <algorithm>
#include <cstring>
#include <map>

#include "vetset/vetset.h"

namespace vetset {
namespace {

/// The document that names the classes, as far as files are known.
std::string class_file(const Dataset& d) {
  for (const File& file : d.files) {
    const std::string_view extension = extension_of(d.text(file.path));
    if (extension == "yaml" || extension == "yml" || extension == "json") return std::string(d.text(file.path));
  }
  return {};
}

Place at_position(const Dataset& d, const Column<Position>& positions, std::size_t i, std::string_view otherwise) {
  if (positions.empty() || !positions[i].known()) return {.file = std::string(otherwise)};
  return {.file = std::string(d.path(positions[i].file())), .offset = positions[i].offset()};
}

Place of_annotation(const Dataset& d, AnnotationIndex i) {
  const ImageIndex image = d[i].image;
  return at_position(d, d.annotation_positions, to_size(i), image == none<ImageIndex> ? "" : d.path(image));
}

/// An image is its file; one that is not there is its record, or the label file that speaks of it.
Place of_image(const Dataset& d, ImageIndex i) {
  if (!d[i].media.empty()) return {.file = std::string(d.text(d[i].media))};
  const std::string_view label = d[i].file == none<FileIndex> ? d.path(i) : d.path(d[i].file);
  return at_position(d, d.image_positions, to_size(i), label);
}

/// The place as the dataset knows it, with an offset and perhaps without a line.
Place rough_place(const Source& source, const Finding& finding) {
  const Dataset& d = source.dataset;
  if (const auto* place = std::get_if<Place>(&finding.where)) return *place;
  if (const auto* i = std::get_if<ImageIndex>(&finding.where)) return of_image(d, *i);
  if (const auto* pair = std::get_if<ImagePair>(&finding.where)) return of_image(d, pair->first);
  if (const auto* a = std::get_if<AnnotationIndex>(&finding.where)) return of_annotation(d, *a);
  if (const auto* pair = std::get_if<AnnotationPair>(&finding.where)) return of_annotation(d, pair->second);
  if (std::holds_alternative<CategoryIndex>(finding.where)) return {.file = class_file(d)};
  return {};
}

/// Counts the lines of a text that comes in pieces.
class LineCounter {
 public:
  /// Takes the text up to `offset`, which lies in the piece.
  void advance(std::string_view piece, std::uint64_t piece_begin, std::uint64_t offset) {
    while (at_ < offset) {
      const char* from = piece.data() + (at_ - piece_begin);
      const auto* found = static_cast<const char*>(std::memchr(from, '\n', offset - at_));
      if (found == nullptr) break;
      ++line_;
      line_begin_ = at_ = piece_begin + static_cast<std::uint64_t>(found - piece.data()) + 1;
    }
    at_ = offset;
  }
  std::uint32_t line() const { return line_; }
  std::uint32_t column() const { return static_cast<std::uint32_t>(at_ - line_begin_ + 1); }

 private:
  std::uint64_t at_ = 0, line_begin_ = 0;
  std::uint32_t line_ = 1;
};

/// Lines and columns of several offsets of one file, in one reading.
void find_lines(const Tree& tree, const std::string& file, std::vector<Place*> places) {
  constexpr std::uint64_t slice = 8U << 20;
  std::sort(places.begin(), places.end(), [](const Place* a, const Place* b) { return *a->offset < *b->offset; });
  LineCounter lines;
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

std::vector<Place> places_of(const Source& source, std::span<const Finding> findings) {
  std::vector<Place> places;
  places.reserve(findings.size());
  std::map<std::string, std::vector<Place*>> without_line;
  for (const Finding& finding : findings) {
    Place& place = places.emplace_back(rough_place(source, finding));
    if (place.line == 0 && place.offset) without_line[place.file].push_back(&place);
  }
  for (auto& [file, of_file] : without_line) find_lines(*source.tree, file, std::move(of_file));
  return places;
}

Place place_of(const Source& source, const Finding& finding) {
  return std::move(places_of(source, std::span(&finding, 1)).front());
}

}  // namespace vetset
