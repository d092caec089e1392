// A contact sheet as one PNG: a band a cluster, training left, evaluation right.
#include <algorithm>

#include "vetset/image/encode.h"
#include "vetset/scan/sheet_thumbs.h"

namespace vetset {
namespace {

constexpr Colour paper{255, 255, 255}, ink{28, 31, 36}, soft{91, 100, 112}, rule{217, 221, 227}, leak{179, 38, 30};
constexpr std::int64_t gap = 12, caption = glyph_height + 7, heading = 2 * glyph_height + 10;
constexpr std::int64_t cell_width = thumb_width + gap, cell_height = thumb_height + caption + gap;
constexpr std::int64_t columns = 2;  // of a side
constexpr std::int64_t side_width = columns * cell_width, sheet_width = 2 * side_width + 3 * gap;
constexpr std::size_t most_lines = 3;         // of evidence
constexpr std::int64_t most_height = 30'000;  // pixels; what does not fit is told

std::int64_t rows_of(std::size_t left, std::size_t right) {
  const auto rows = [](std::size_t images, std::int64_t across) {
    return (static_cast<std::int64_t>(images) + across - 1) / across;
  };
  return right == 0 ? rows(left, 2 * columns) : std::max(rows(left, columns), rows(right, columns));
}

std::int64_t band_height(const SheetCluster& c) {
  const auto lines = static_cast<std::int64_t>(std::min(c.evidence.size(), most_lines));
  return gap + heading + lines * (glyph_height + 4) + gap + glyph_height + 4 +
         rows_of(c.left.size(), c.right.size()) * cell_height + gap;
}

/// Cut in the middle, so that both the folder and the name can be read.
std::string fitted(std::string_view text, std::int64_t width, std::int64_t zoom = 1) {
  const auto room = static_cast<std::size_t>(width / (glyph_width * zoom));
  if (text.size() <= room) return std::string(text);
  const std::size_t head = (room - 2) / 3, tail = room - 2 - head;
  return std::string(text.substr(0, head)) + ".." + std::string(text.substr(text.size() - tail));
}

void draw_thumb(Raster& on, const Thumb& thumb, std::int64_t x, std::int64_t y) {
  Raster picture = thumb.rgb;
  for (const SheetBox& box : thumb.boxes)
    outline(picture, static_cast<std::int64_t>(box.x), static_cast<std::int64_t>(box.y),
            std::max<std::int64_t>(3, static_cast<std::int64_t>(box.width)),
            std::max<std::int64_t>(3, static_cast<std::int64_t>(box.height)), 2, box.colour);
  paste(on, picture, x + (thumb_width - picture.width) / 2, y + (thumb_height - picture.height) / 2);
  write_text(on, x, y + thumb_height + 4, fitted(thumb.path, thumb_width), soft);
}

void draw_side(Raster& on, std::span<const Thumb> thumbs, std::string_view name, std::size_t more, std::int64_t x,
               std::int64_t y, std::int64_t across) {
  std::string title(name.empty() ? "in no split" : name);
  if (more > 0) title += " (and " + std::to_string(more) + " more)";
  write_text(on, x, y, fitted(title, across * cell_width), ink);
  for (std::size_t k = 0; k < thumbs.size(); ++k)
    draw_thumb(on, thumbs[k], x + static_cast<std::int64_t>(k) % across * cell_width,
               y + glyph_height + 4 + static_cast<std::int64_t>(k) / across * cell_height);
}

void draw_band(Raster& on, const SheetCluster& c, const std::vector<Thumb>& thumbs, std::size_t number,
               std::int64_t y) {
  fill(on, 0, y, sheet_width, 1, rule);
  y += gap;
  const std::size_t images = c.left.size() + c.right.size() + c.more_left + c.more_right;
  std::string title = std::to_string(number) + ". " + c.title + ", " + std::to_string(images) + " images";
  if (c.leak()) title += " across " + c.left_splits + " and " + c.right_splits;
  write_text(on, gap, y, fitted(title, sheet_width - 2 * gap, 2), c.leak() ? leak : ink, 2);
  y += heading;
  for (std::size_t k = 0; k < std::min(c.evidence.size(), most_lines); ++k, y += glyph_height + 4)
    write_text(on, gap, y, fitted(c.evidence[k], sheet_width - 2 * gap), soft);
  y += gap;
  const std::span<const Thumb> all(thumbs);
  draw_side(on, all.first(c.left.size()), c.left_splits, c.more_left, gap, y, c.leak() ? columns : 2 * columns);
  if (c.leak())
    draw_side(on, all.subspan(c.left.size()), c.right_splits, c.more_right, side_width + 2 * gap, y, columns);
}

}  // namespace

Result<std::string> sheet_png(const Sheet& sheet, const Dataset& d, const Tree& media, const Pool& pool,
                              const Progress& progress) {
  constexpr std::int64_t top = gap + 2 * glyph_height + 8 + glyph_height + gap;
  std::int64_t height = top;
  std::size_t fitting = 0;
  while (fitting < sheet.clusters.size() && height + band_height(sheet.clusters[fitting]) <= most_height)
    height += band_height(sheet.clusters[fitting++]);
  const std::size_t more = sheet.more + sheet.clusters.size() - fitting;
  if (more > 0) height += 2 * gap + glyph_height;

  Raster on = canvas(static_cast<std::uint32_t>(sheet_width), static_cast<std::uint32_t>(height), paper);
  write_text(on, gap, gap, fitted(sheet.title, sheet_width - 2 * gap, 2), ink, 2);
  write_text(on, gap, gap + 2 * glyph_height + 8, fitted(summary_of(sheet), sheet_width - 2 * gap), soft);
  const ThumbMaker maker(d, media, pool);
  std::int64_t y = top;
  for (std::size_t k = 0; k < fitting; ++k) {
    if (progress.stopped()) return Error{Code::cancelled, "stopped while drawing"};
    progress.tell("drawing", k, fitting);
    draw_band(on, sheet.clusters[k], maker.of(sheet.clusters[k]), k + 1, y);
    y += band_height(sheet.clusters[k]);
  }
  if (more > 0) write_text(on, gap, y + gap, "and " + std::to_string(more) + " clusters more", soft);
  return encode_png(on);
}

}  // namespace vetset
