#include "vetset/scan/scan_summary.h"

#include <algorithm>
#include <map>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/image/fingerprint.h"

namespace vetset {
namespace {

using Tally = std::map<std::string, std::uint64_t>;

std::vector<std::pair<std::string, std::uint64_t>> by_frequency(const Tally& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

/// Make and model as one name: models often begin with the make.
std::string camera_of(const Capture& capture) {
  if (capture.model.starts_with(capture.make)) return capture.model;
  return capture.model.empty() ? capture.make : capture.make + " " + capture.model;
}

/// Whether a uniform border takes a twentieth of the picture's width or height.
bool has_wide_border(const PixelFacts& p) {
  const auto& [left, top, right, bottom] = p.quality.borders;
  return 20U * std::max(left, right) >= p.width || 20U * std::max(top, bottom) >= p.height;
}

std::uint64_t distinct(auto values) {
  std::sort(values.begin(), values.end());
  return static_cast<std::uint64_t>(std::unique(values.begin(), values.end()) - values.begin());
}

std::vector<ScanSummary::Problem> problems_of(const Scan& scan) {
  std::map<std::pair<DecodeStatus, std::string>, std::vector<ImageIndex>> found;
  for (std::size_t i = 0; i < scan.pixels.size(); ++i) {
    const PixelFacts& p = scan.pixels[i];
    if (p.status != DecodeStatus::ok) found[{p.status, p.reason}].push_back(to_index<ImageIndex>(i));
  }
  std::vector<ScanSummary::Problem> problems;
  for (auto& [key, images] : found) problems.push_back({std::string(name(key.first)), key.second, std::move(images)});
  std::stable_sort(problems.begin(), problems.end(),
                   [](const auto& a, const auto& b) { return a.images.size() > b.images.size(); });
  return problems;
}

void add_counts(JsonWriter& out, std::string_view key,
                const std::vector<std::pair<std::string, std::uint64_t>>& counts) {
  out.key(key).begin_array();
  for (const auto& [name, count] : counts)
    out.begin_object().key("name").value(name).key("images").value(count).end_object();
  out.end_array();
}

void add_spread(JsonWriter& out, std::string_view key, const Spread& spread) {
  out.key(key).begin_object().key("count").value(spread.count);
  if (spread.count > 0) {
    out.key("least").value(spread.least).key("lower").value(spread.lower).key("median").value(spread.median);
    out.key("upper").value(spread.upper).key("most").value(spread.most).key("mean").value(spread.mean);
  }
  out.end_object();
}

}  // namespace

ScanSummary summary_of(const Dataset& d, const Scan& scan) {
  ScanSummary s{.images = d.images.size()};
  Tally types, cameras;
  std::map<DecodeStatus, std::uint64_t> statuses;
  std::vector<Digest> files;
  std::vector<Hash128> pictures;
  std::vector<double> megapixels, sharpness, brightness, contrast, noise, jpeg_quality;
  for (std::size_t i = 0; i < scan.facts.size(); ++i) {
    const Facts& f = scan.facts[i];
    const PixelFacts& p = scan.pixels[i];
    ++statuses[p.status];
    if (!f.has_digest) {
      ++s.absent;
      continue;
    }
    s.bytes += f.bytes;
    ++types[std::string(name(f.type))];
    files.push_back(f.digest);
    s.with_time += p.capture.time_ms ? 1U : 0U;
    s.with_place += p.capture.latitude ? 1U : 0U;
    if (const std::string camera = camera_of(p.capture); !camera.empty()) {
      ++s.with_camera;
      ++cameras[camera];
    }
    s.turned += f.orientation > 1 ? 1U : 0U;
    if (!p.capture.dropped.empty()) ++s.dropped;
    if (!p.decoded()) continue;
    pictures.push_back(p.pixels);
    s.grey += p.quality.coloured == 0 ? 1U : 0U;
    s.transparent += p.channels == 2 || p.channels == 4 ? 1U : 0U;
    s.deep += p.bits > 8 ? 1U : 0U;
    s.animated += p.frames > 1 ? 1U : 0U;
    s.bordered += has_wide_border(p) ? 1U : 0U;
    s.flat += p.fingerprint.texture < recognisable_texture ? 1U : 0U;
    megapixels.push_back(static_cast<double>(p.width) * static_cast<double>(p.height) / 1e6);
    sharpness.push_back(p.quality.sharpness);
    brightness.push_back(p.quality.luma[3]);
    contrast.push_back(p.quality.contrast);
    noise.push_back(p.quality.noise);
    if (p.quality.jpeg_quality > 0) jpeg_quality.push_back(p.quality.jpeg_quality);
  }
  s.types = by_frequency(types);
  s.cameras = by_frequency(cameras);
  for (const auto& [status, count] : statuses) s.statuses.emplace_back(name(status), count);
  s.problems = problems_of(scan);
  s.distinct_bytes = distinct(std::move(files));
  s.distinct_pixels = distinct(std::move(pictures));
  s.megapixels = spread_of(std::move(megapixels));
  s.sharpness = spread_of(std::move(sharpness));
  s.brightness = spread_of(std::move(brightness));
  s.contrast = spread_of(std::move(contrast));
  s.noise = spread_of(std::move(noise));
  s.jpeg_quality = spread_of(std::move(jpeg_quality));
  return s;
}

std::string to_json(const ScanSummary& s, const Dataset& d, const Scan& scan, std::string_view program,
                    std::string_view source) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-scan").value(1).key("program").value(program).key("source").value(source);
  out.key("images").value(s.images).key("absent").value(s.absent).key("bytes").value(s.bytes);
  out.key("distinct_bytes").value(s.distinct_bytes).key("distinct_pixels").value(s.distinct_pixels);
  add_counts(out, "types", s.types);
  add_counts(out, "statuses", s.statuses);
  out.key("problems").begin_array();
  for (const ScanSummary::Problem& problem : s.problems) {
    out.begin_object().key("status").value(problem.status).key("reason").value(printable(problem.reason));
    out.key("images").begin_array();
    for (const ImageIndex image : problem.images) out.value(printable(d.path(image)));
    out.end_array().end_object();
  }
  out.end_array().key("exif").begin_object().key("time").value(s.with_time).key("place").value(s.with_place);
  out.key("camera").value(s.with_camera).key("turned").value(s.turned).key("dropped").value(s.dropped);
  add_counts(out, "cameras", s.cameras);
  out.end_object().key("pictures").begin_object().key("grey").value(s.grey).key("transparent").value(s.transparent);
  out.key("deep").value(s.deep).key("animated").value(s.animated).key("bordered").value(s.bordered);
  out.key("flat").value(s.flat).end_object();
  add_spread(out, "megapixels", s.megapixels);
  add_spread(out, "sharpness", s.sharpness);
  add_spread(out, "brightness", s.brightness);
  add_spread(out, "contrast", s.contrast);
  add_spread(out, "noise", s.noise);
  add_spread(out, "jpeg_quality", s.jpeg_quality);
  out.key("read").value(scan.read).key("decoded").value(scan.decoded).key("remembered").value(scan.remembered);
  out.key("notes").begin_array();
  for (const std::string& note : scan.notes) out.value(printable(note));
  out.end_array().end_object();
  return canonical_written(text);
}

}  // namespace vetset
