// The pass over the pixels: a file is read once, hashed, probed, decoded once, turned upright and measured.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "vetset/image/decode.h"
#include "vetset/image/fingerprint.h"
#include "vetset/image/probe.h"
#include "vetset/image/quality.h"
#include "vetset/scan/scan.h"
#include "vetset/scan/store.h"

namespace vetset {
namespace {

/// What is measured and is no fingerprint: headers, EXIF, quality, hashes of pixels. Another number: what stores
/// remember is measured again.
constexpr int measuring_revision = 2;

/// Images done between two looks at the clock, and two transactions of the store. Fixed, so that what is counted does
/// not depend on threads.
constexpr std::size_t block = 256;

std::string little_endian(std::uint32_t number) {
  std::string bytes;
  for (unsigned i = 0; i < 4; ++i) bytes += static_cast<char>(number >> (8 * i) & 255U);
  return bytes;
}

Hash128 hash_of(const Raster& raster) {
  Hasher128 hasher;
  hasher.add(little_endian(raster.width) + little_endian(raster.height) + static_cast<char>(raster.channels) +
             static_cast<char>(raster.bits));
  hasher.add({reinterpret_cast<const char*>(raster.samples.data()), raster.samples.size()});
  return hasher.finish();
}

void measure_pixels(Raster raster, std::uint8_t jpeg_quality, bool with_pdq, PixelFacts& pixels) {
  pixels.width = raster.width;
  pixels.height = raster.height;
  pixels.channels = raster.channels;
  pixels.bits = raster.bits;
  pixels.pixels = hash_of(raster);
  if (with_pdq) {
    const Pdq pdq = pdq_of(raster);
    pixels.pdq = pdq.bits;
    pixels.pdq_quality = pdq.quality;
  }
  const Plane luma = luma_of(raster);
  pixels.fingerprint = fingerprint_of(luma);
  pixels.quality = quality_of(raster, luma, jpeg_quality);
}

/// Everything that the bytes of one file say.
Measured measure(const Bytes& bytes, const Digest& digest, const PixelScanOptions& options) {
  Measured measured;
  Facts& facts = measured.facts;
  PixelFacts& pixels = measured.pixels;
  facts = probe_bytes(bytes, &pixels.capture);
  facts.has_digest = true;
  facts.digest = digest;
  Decoded decoded = decode_image(bytes, {.pixels = options.pixels, .coefficients = true});
  pixels.status = decoded.status;
  pixels.reason = std::move(decoded.reason);
  pixels.palette = decoded.palette;
  pixels.cmyk = decoded.cmyk;
  pixels.progressive = decoded.progressive;
  pixels.frames = decoded.frames;
  if (decoded.has_coefficients) pixels.coefficients = decoded.coefficients;
  if (!pixels.decoded() || decoded.raster.empty()) return measured;
  measure_pixels(oriented(std::move(decoded.raster), facts.orientation), decoded.jpeg_quality, options.pdq, pixels);
  return measured;
}

class PixelScan {
 public:
  PixelScan(const Dataset& d, const Tree& tree, const Pool& pool, const Progress& progress,
            const PixelScanOptions& options)
      : d_(d), tree_(tree), pool_(pool), progress_(progress), options_(options) {
    scan_.facts.resize(d.images.size());
    scan_.pixels.resize(d.images.size());
  }

  Result<Scan> run() {
    part_by_size();
    VETSET_DO(all_of(first_));
    VETSET_DO(all_of(later_));
    progress_.tell(what, d_.images.size(), d_.images.size());
    return std::move(scan_);
  }

 private:
  static constexpr std::string_view what = "looking at pixels";

  /// What one image cost, and what the store should keep of it.
  struct Outcome {
    bool read = false, decoded = false, remembered = false;
    std::optional<FileStamp> stamp = {};
  };

  std::string_view path(std::size_t image) const { return d_.text(d_.images[image].media); }

  /// Images of a size that an earlier one has may be its copies: they come after it.
  void part_by_size() {
    const std::size_t count = d_.images.size();
    std::vector<std::pair<std::uint64_t, std::size_t>> sizes(count);
    pool_.for_ranges(count, block, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const auto bytes = path(i).empty() ? Result<std::uint64_t>(std::uint64_t{0}) : tree_.size(path(i));
        sizes[i] = {bytes ? *bytes : 0, i};
      }
    });
    std::sort(sizes.begin(), sizes.end());
    shares_size_.assign(count, false);
    for (std::size_t k = 0; k < count; ++k) {
      const auto [bytes, image] = sizes[k];
      const bool like_before = k > 0 && sizes[k - 1].first == bytes && bytes > 0;
      const bool like_after = k + 1 < count && sizes[k + 1].first == bytes && bytes > 0;
      shares_size_[image] = like_before || like_after;
      (like_before ? later_ : first_).push_back(image);
    }
    std::sort(first_.begin(), first_.end());
    std::sort(later_.begin(), later_.end());
  }

  Result<void> all_of(const std::vector<std::size_t>& images) {
    for (std::size_t begin = 0; begin < images.size(); begin += block) {
      if (progress_.stopped()) return Error{Code::cancelled, "stopped while " + std::string(what)};
      progress_.tell(what, done_, d_.images.size());
      const std::size_t count = std::min(block, images.size() - begin);
      std::vector<Outcome> outcomes(count);
      pool_.for_each(count, [&](std::size_t k) { outcomes[k] = look_at(images[begin + k]); });
      for (std::size_t k = 0; k < count; ++k) account(images[begin + k], outcomes[k]);
      if (options_.store != nullptr) options_.store->keep(entries_);
      entries_.clear();
      done_ += count;
    }
    return {};
  }

  void take(std::size_t image, Measured measured) {
    scan_.facts[image] = std::move(measured.facts);
    scan_.pixels[image] = std::move(measured.pixels);
  }

  /// Takes what was measured before, if it says as much as is asked for now.
  bool take_remembered(std::size_t image, std::optional<Measured> found) {
    if (!found || (options_.pdq && found->pixels.decoded() && !found->pixels.pdq)) return false;
    if (!options_.pdq) {
      found->pixels.pdq.reset();
      found->pixels.pdq_quality = 0;
    }
    take(image, *std::move(found));
    return true;
  }

  Outcome look_at(std::size_t image) {
    Outcome outcome;
    if (path(image).empty()) {
      scan_.pixels[image].reason = "no file was found for it";
      return outcome;
    }
    FactsStore* const store = options_.store;
    if (store != nullptr) {
      outcome.stamp = stamp_of(tree_, path(image));
      if (outcome.stamp && !options_.rehash && take_remembered(image, store->find(*outcome.stamp))) {
        outcome.stamp.reset();  // it is kept already
        outcome.remembered = true;
        return outcome;
      }
    }
    const Result<Bytes> bytes = tree_.read(path(image));
    Facts& facts = scan_.facts[image];
    if (!bytes) {
      facts.status = bytes.error().code == Code::not_found ? Facts::Status::absent : Facts::Status::unreadable;
      facts.reason = scan_.pixels[image].reason = bytes.error().message;
      outcome.stamp.reset();
      return outcome;
    }
    outcome.read = true;
    const Digest digest = sha256(*bytes);
    if (const auto equal = seen_.find(digest); equal != seen_.end()) {
      facts = scan_.facts[equal->second];
      scan_.pixels[image] = scan_.pixels[equal->second];
    } else if (store != nullptr && take_remembered(image, store->find(digest))) {
      outcome.remembered = true;
    } else {
      outcome.decoded = true;
      take(image, measure(*bytes, digest, options_));
    }
    return outcome;
  }

  void account(std::size_t image, const Outcome& outcome) {
    const Facts& facts = scan_.facts[image];
    scan_.read += outcome.read ? 1U : 0U;
    scan_.decoded += outcome.decoded ? 1U : 0U;
    scan_.remembered += outcome.remembered ? 1U : 0U;
    if (shares_size_[image] && facts.has_digest) seen_.emplace(facts.digest, image);
    if (outcome.decoded || (outcome.read && outcome.stamp))
      entries_.push_back({outcome.stamp, &facts, &scan_.pixels[image], !outcome.decoded});
  }

  const Dataset& d_;
  const Tree& tree_;
  const Pool& pool_;
  const Progress& progress_;
  const PixelScanOptions& options_;
  Scan scan_;
  std::vector<std::size_t> first_, later_;  // images: the first of its size, and those that may be copies
  std::vector<bool> shares_size_;
  std::map<Digest, std::size_t> seen_;  // images that others may be copies of; not changed while a block is done
  std::vector<FactsStore::Entry> entries_;
  std::size_t done_ = 0;
};

}  // namespace

std::string scan_recipe(const PixelScanOptions& options) {
  std::string recipe = "measuring " + std::to_string(measuring_revision) + ", fingerprint " +
                       std::to_string(Fingerprint::revision) + ", pixels " + std::to_string(options.pixels);
  for (const Decoder& decoder : decoders())
    recipe += ", " + std::string(name(decoder.type)) + " " + (decoder.library.empty() ? "-" : decoder.library);
  return recipe;
}

Result<Scan> scan_pixels(const Dataset& dataset, const Tree& tree, const Pool& pool, const Progress& progress,
                         const PixelScanOptions& options) {
  return PixelScan(dataset, tree, pool, progress, options).run();
}

}  // namespace vetset
