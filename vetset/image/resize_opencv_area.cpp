// INTER_AREA of cv2.resize where a picture shrinks: whole factors sum bytes, others weigh them in float, column after
// column, then row after row, in the library's order.
#include <cmath>

#include "vetset/image/resize_parts.h"

namespace vetset {
namespace {

struct Share {
  std::uint32_t from = 0, to = 0;
  float weight = 0;
};

/// Which old samples make up which new ones, and by how much.
std::vector<Share> shares_of(std::uint32_t from, std::uint32_t to) {
  const double scale = 1.0 / (static_cast<double>(to) / from);
  constexpr double least = 1e-3;
  std::vector<Share> shares;
  for (std::uint32_t i = 0; i < to; ++i) {
    const double begin = i * scale, end = begin + scale;
    const double cell = std::min(scale, from - begin);
    auto first = static_cast<std::int64_t>(std::ceil(begin));
    auto last = static_cast<std::int64_t>(std::floor(end));
    last = std::min(last, std::int64_t{from} - 1);
    first = std::min(first, last);
    const auto add = [&](std::int64_t at, double weight) {
      shares.push_back({static_cast<std::uint32_t>(at), i, static_cast<float>(weight)});
    };
    if (static_cast<double>(first) - begin > least) add(first - 1, (static_cast<double>(first) - begin) / cell);
    for (std::int64_t at = first; at < last; ++at) add(at, 1.0 / cell);
    const double rest = end - static_cast<double>(last);
    if (rest > least) add(last, std::min(std::min(rest, 1.0), cell) / cell);
  }
  return shares;
}

std::uint8_t rounded(float value) { return static_cast<std::uint8_t>(std::clamp(std::lrint(value), 0L, 255L)); }

void resize_by_whole(const Raster& from, std::uint32_t width, std::uint32_t height, const ByteRows& rows) {
  const std::size_t across = from.width / width, down = from.height / height, channels = from.channels;
  const float scale = 1.F / static_cast<float>(across * down);
  std::vector<std::uint8_t> row(width * channels);
  std::vector<std::uint32_t> sums(row.size());
  for (std::uint32_t y = 0; y < height; ++y) {
    std::fill(sums.begin(), sums.end(), 0U);
    for (std::size_t line = 0; line < down; ++line) {
      const std::uint8_t* at = from.samples.data() + (y * down + line) * from.row_bytes();
      for (std::size_t x = 0; x < width; ++x)
        for (std::size_t k = 0; k < across; ++k, at += channels)
          for (std::size_t c = 0; c < channels; ++c) sums[x * channels + c] += at[c];
    }
    const bool halves = across == 2 && down == 2;
    for (std::size_t i = 0; i < sums.size(); ++i)
      row[i] = halves ? static_cast<std::uint8_t>((sums[i] + 2) >> 2) : rounded(static_cast<float>(sums[i]) * scale);
    rows(y, row.data());
  }
}

}  // namespace

void resize_opencv_area(const Raster& from, std::uint32_t width, std::uint32_t height, const ByteRows& rows) {
  if (from.width % width == 0 && from.height % height == 0) return resize_by_whole(from, width, height, rows);
  const std::vector<Share> columns = shares_of(from.width, width), lines = shares_of(from.height, height);
  const std::size_t channels = from.channels;
  std::vector<float> line(width * channels), sum(width * channels);
  std::vector<std::uint8_t> row(width * channels);
  const auto finish = [&](std::uint32_t y) {
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = rounded(sum[i]);
    rows(y, row.data());
  };
  for (std::size_t j = 0; j < lines.size(); ++j) {
    const std::uint8_t* const at = from.samples.data() + lines[j].from * from.row_bytes();
    std::fill(line.begin(), line.end(), 0.F);
    for (const Share& share : columns)
      for (std::size_t c = 0; c < channels; ++c)
        line[share.to * channels + c] += static_cast<float>(at[share.from * channels + c]) * share.weight;
    const bool begins = j == 0 || lines[j].to != lines[j - 1].to;
    if (begins && j > 0) finish(lines[j - 1].to);
    for (std::size_t i = 0; i < sum.size(); ++i)
      sum[i] = begins ? lines[j].weight * line[i] : sum[i] + lines[j].weight * line[i];
  }
  finish(lines.back().to);
}

}  // namespace vetset
