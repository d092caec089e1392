// Factors of the image file: pixels, header, where it lies and where it came from.
#include <algorithm>

#include "vetset/base/tree.h"
#include "vetset/dataset/factor_values.h"
#include "vetset/dataset/image_keys.h"
#include "vetset/dataset/split_names.h"

namespace vetset {
namespace {

using From = const FactorSources&;
using Rest = std::string_view;

// Of images.

struct Size {
  double width = 0, height = 0;
};
/// As a viewer shows it: measured, else as stated; zeros where neither is.
Size size_of(From from, std::size_t i) {
  if (i < from.facts.size() && from.facts[i].width > 0 && from.facts[i].height > 0)
    return {static_cast<double>(from.facts[i].shown_width()), static_cast<double>(from.facts[i].shown_height())};
  if (i < from.pixels.size() && from.pixels[i].decoded())
    return {static_cast<double>(from.pixels[i].width), static_cast<double>(from.pixels[i].height)};
  const Image& image = from.dataset.images[i];
  return {static_cast<double>(image.width), static_cast<double>(image.height)};
}

template <double (*number)(Size)>
void take_size(From from, Rest, Factor& f) {
  for (std::size_t i = 0; i < f.numbers.size(); ++i)
    if (const Size s = size_of(from, i); s.width > 0 && s.height > 0) f.numbers[i] = number(s);
}

void take_orientation(From from, Rest, Factor& f) {
  f.names = {"landscape", "portrait", "square"};
  for (std::size_t i = 0; i < f.levels.size(); ++i)
    if (const Size s = size_of(from, i); s.width > 0 && s.height > 0)
      f.levels[i] = s.width > s.height ? 0 : s.width < s.height ? 1 : 2;
}

template <double (*number)(const Quality&)>
void take_quality(From from, Rest, Factor& f) {
  for (std::size_t i = 0; i < f.numbers.size() && i < from.pixels.size(); ++i)
    if (from.pixels[i].decoded()) f.numbers[i] = number(from.pixels[i].quality);
}

void take_edge_width(From from, Rest, Factor& f) {
  for (std::size_t i = 0; i < f.numbers.size() && i < from.pixels.size(); ++i)
    if (from.pixels[i].decoded() && from.pixels[i].quality.edge_width > 0)
      f.numbers[i] = static_cast<double>(from.pixels[i].quality.edge_width);
}

void take_jpeg_quality(From from, Rest, Factor& f) {
  for (std::size_t i = 0; i < f.numbers.size() && i < from.pixels.size(); ++i)
    if (from.pixels[i].quality.jpeg_quality > 0) f.numbers[i] = from.pixels[i].quality.jpeg_quality;
}

/// The share of images that are less sharp, as IMG501 ranks them.
void take_sharpness_rank(From from, Rest, Factor& f) {
  std::vector<double> all;
  for (const PixelFacts& p : from.pixels)
    if (p.decoded() && p.quality.edge_width > 0) all.push_back(static_cast<double>(p.quality.sharpness));
  std::sort(all.begin(), all.end());
  for (std::size_t i = 0; i < f.numbers.size() && i < from.pixels.size(); ++i) {
    const PixelFacts& p = from.pixels[i];
    if (!p.decoded() || !(p.quality.edge_width > 0)) continue;
    const auto below = std::lower_bound(all.begin(), all.end(), static_cast<double>(p.quality.sharpness)) - all.begin();
    f.numbers[i] = static_cast<double>(below) / static_cast<double>(all.size());
  }
}

// What one path says.

bool is_url(std::string_view text) { return text.starts_with("http://") || text.starts_with("https://"); }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string host_of(std::string_view url) {
  std::string_view rest = url.substr(url.find("//") + 2);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  return lower(rest.substr(0, rest.find(':')));
}

/// Of its path, else of the first key of its record that holds an address.
void take_host(From from, Rest, Factor& f) {
  constexpr std::string_view keys[] = {"url", "source_url", "flickr_url", "original_url", "coco_url", "image_url"};
  const Dataset& d = from.dataset;
  const auto stated = image_values(d, keys);
  std::vector<std::string> texts(f.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (const std::string_view path = d.text(d.images[i].path); is_url(path)) texts[i] = host_of(path);
    for (const auto& values : stated)
      if (texts[i].empty() && is_url(values[i])) texts[i] = host_of(values[i]);
  }
  set_levels(f, std::vector<std::string_view>(texts.begin(), texts.end()));
}

void take_folder(From from, Rest, Factor& f) {
  std::vector<std::string_view> texts(f.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Image& image = from.dataset.images[i];
    const std::string_view folder = folder_of(from.dataset.text(image.media.empty() ? image.path : image.media));
    texts[i] = folder.empty() ? std::string_view(".") : folder;
  }
  set_levels(f, texts);
}

void take_suffix(From from, Rest, Factor& f) {
  std::vector<std::string> texts(f.size());
  for (std::size_t i = 0; i < texts.size(); ++i)
    texts[i] = lower(extension_of(from.dataset.path(to_index<ImageIndex>(i))));
  set_levels(f, std::vector<std::string_view>(texts.begin(), texts.end()));
}

void take_split(From from, Rest, Factor& f) {
  const SplitNames names(from.dataset);
  std::vector<std::string_view> texts(f.size());
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (const auto of = names.of(to_index<ImageIndex>(i)); !of.empty()) texts[i] = of.front();
  set_levels(f, texts);
}

using Q = const Quality&;
template <std::size_t k>
double luma(Q q) {
  return q.luma[k] / 255.0;
}

constexpr FactorOf image = FactorOf::image;
constexpr bool number = true, levels = false;

constexpr FactorSource sources[] = {
    {{"pixel.luma_p1", image, number, "of white", "brightness that 1 % of the pixels stay below", true},
     take_quality<luma<0>>},
    {{"pixel.luma_p5", image, number, "of white", "brightness that 5 % of the pixels stay below", true},
     take_quality<luma<1>>},
    {{"pixel.luma_p25", image, number, "of white", "brightness that a quarter of the pixels stays below", true},
     take_quality<luma<2>>},
    {{"pixel.luma_p50", image, number, "of white", "brightness: the median of the pixels", true},
     take_quality<luma<3>>},
    {{"pixel.luma_p75", image, number, "of white", "brightness that three quarters stay below", true},
     take_quality<luma<4>>},
    {{"pixel.luma_p95", image, number, "of white", "brightness that 95 % of the pixels stay below", true},
     take_quality<luma<5>>},
    {{"pixel.luma_p99", image, number, "of white", "brightness that 99 % of the pixels stay below", true},
     take_quality<luma<6>>},
    {{"pixel.contrast", image, number, "of 255", "standard deviation of brightness", true},
     take_quality<[](Q q) { return static_cast<double>(q.contrast); }>},
    {{"pixel.saturation", image, number, "", "mean saturation, 0 grey to 1", true},
     take_quality<[](Q q) { return static_cast<double>(q.saturation); }>},
    {{"pixel.entropy", image, number, "bits", "of the histogram of brightness", true},
     take_quality<[](Q q) { return static_cast<double>(q.entropy); }>},
    {{"pixel.sharpness", image, number, "", "variance of the Laplacian, longer side at 512", true},
     take_quality<[](Q q) { return static_cast<double>(q.sharpness); }>},
    {{"pixel.edge_width", image, number, "pixels of 512", "median width of strong edges", true}, take_edge_width},
    {{"pixel.noise", image, number, "of 255", "standard deviation of noise", true},
     take_quality<[](Q q) { return static_cast<double>(q.noise); }>},
    {{"pixel.blockiness", image, number, "", "steps at borders of 8x8 blocks over steps inside", true},
     take_quality<[](Q q) { return static_cast<double>(q.blockiness); }>},
    {{"pixel.upper_band", image, number, "", "share of fine detail, 0 to 1", true},
     take_quality<[](Q q) { return static_cast<double>(q.upper_band); }>},
    {{"pixel.coloured", image, number, "", "share of pixels that are not grey", true},
     take_quality<[](Q q) { return static_cast<double>(q.coloured); }>},
    {{"img501.rank", image, number, "", "share of the images that are less sharp", true}, take_sharpness_rank},
    {{"header.jpeg_quality", image, number, "1 to 100", "of a JPEG, by its tables", true}, take_jpeg_quality},
    {{"header.megapixels", image, number, "million pixels", "width times height"},
     take_size<[](Size s) { return s.width * s.height / 1e6; }>},
    {{"header.aspect", image, number, "", "width over height"}, take_size<[](Size s) { return s.width / s.height; }>},
    {{"header.orientation", image, levels, "", "landscape, portrait, square"}, take_orientation},
    {{"split", image, levels, "", "the split it is in; the first by name of several"}, take_split},
    {{"folder", image, levels, "", "the folder it lies in"}, take_folder},
    {{"suffix", image, levels, "", "ending of its name, in lower case"}, take_suffix},
    {{"host", image, levels, "", "the host of the address it was taken from"}, take_host},
};

}  // namespace

std::span<const FactorSource> factors_of_files() { return sources; }

}  // namespace vetset
