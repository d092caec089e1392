// Links that are proofs: equal bytes, equal samples, equal JPEG coefficients. A hash only proposes that samples are
// equal; they are compared before anyone says so.
#include <algorithm>
#include <set>

#include "vetset/dataset/repeated.h"
#include "vetset/image/fingerprint.h"
#include "vetset/scan/find_links.h"
#include "vetset/scan/links_by_name_grammar.h"
#include "vetset/scan/shown.h"

namespace vetset {
namespace {

using Class = std::vector<ImageIndex>;  // of equal images, in dataset order

/// Classes of at least two images with equal keys, in the order of their first images. `key` gives a pointer, null
/// where an image has none.
template <class Key>
std::vector<Class> classes_by(std::size_t images, const Key& key) {
  Class order;
  for (std::size_t i = 0; i < images; ++i)
    if (key(i) != nullptr) order.push_back(to_index<ImageIndex>(i));
  const auto less = [&](ImageIndex a, ImageIndex b) { return *key(to_size(a)) < *key(to_size(b)); };
  std::stable_sort(order.begin(), order.end(), less);
  std::vector<Class> classes;
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    for (end = begin + 1; end < order.size() && !less(order[begin], order[end]);) ++end;
    if (end - begin > 1)
      classes.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(begin),
                           order.begin() + static_cast<std::ptrdiff_t>(end));
  }
  std::sort(classes.begin(), classes.end());
  return classes;
}

bool same_samples(const Raster& a, const Raster& b) {
  return a.width == b.width && a.height == b.height && a.channels == b.channels && a.bits == b.bits &&
         a.samples == b.samples;
}

/// Images that stand for all of their bytes: the first of every class of equal files.
std::vector<ImageIndex> first_of_equal_bytes(std::size_t images, const std::vector<Class>& equal) {
  std::vector<ImageIndex> first(images);
  for (std::size_t i = 0; i < images; ++i) first[i] = to_index<ImageIndex>(i);
  for (const Class& c : equal)
    for (const ImageIndex i : c) first[to_size(i)] = c.front();
  return first;
}

/// Whether half of the image is one shade, or there is next to nothing to recognise: icons, "image not found".
bool says_little(const PixelFacts& p) {
  constexpr int one_shade = 4;         // of 255, between the quartiles of luma
  constexpr float little_entropy = 3;  // bits: IMG504's threshold
  return p.quality.luma[4] - p.quality.luma[2] <= one_shade || p.quality.entropy <= little_entropy ||
         p.fingerprint.texture < recognisable_texture;
}

/// How many names there are that nobody would give to copies of one picture.
std::size_t unrelated_names(const Dataset& d, const Class& images) {
  std::set<std::string> roots;
  for (const ImageIndex i : images) roots.insert(name_grammar(d.path(i)).root);
  return roots.size();
}

class DigestLinks {
 public:
  DigestLinks(const Dataset& d, const Tree& media, std::span<const Facts> facts, std::span<const PixelFacts> pixels,
              const Pool& pool, const Progress& progress)
      : d_(d), media_(media), facts_(facts), pixels_(pixels), pool_(pool), progress_(progress) {}

  Result<Links> find() {
    auto bytes = equal_files(facts_);
    std::sort(bytes.begin(), bytes.end());
    for (const Class& c : bytes)
      for (std::size_t k = 1; k < c.size(); ++k) link(c.front(), c[k], LinkKind::bytes);
    first_ = first_of_equal_bytes(facts_.size(), bytes);
    if (!pixels_.empty()) {
      VETSET_DO(by_pixels());
      by_coefficients();
      placeholders();
    }
    return std::move(out_);
  }

 private:
  void link(ImageIndex first, ImageIndex second, LinkKind kind) {
    out_.links.push_back(
        {.first = std::min(first, second), .second = std::max(first, second), .kind = kind, .distance = 0, .score = 1});
  }

  /// Each class of one hash becomes the classes that its samples make; in practice the same.
  Result<void> by_pixels() {
    proposed_ = classes_by(pixels_.size(), [&](std::size_t i) {
      return pixels_[i].status == DecodeStatus::ok ? &pixels_[i].pixels : nullptr;
    });
    std::vector<Class> distinct;  // of each, the images that differ in bytes
    for (const Class& c : proposed_) {
      Class files;
      for (const ImageIndex i : c)
        if (first_[to_size(i)] == i) files.push_back(i);
      if (files.size() > 1) distinct.push_back(std::move(files));
    }
    std::vector<std::vector<Class>> proved(distinct.size());
    constexpr std::size_t block = 256;
    for (std::size_t begin = 0; begin < distinct.size(); begin += block) {
      if (progress_.stopped()) return Error{Code::cancelled, "stopped while comparing equal pixels"};
      progress_.tell("comparing equal pixels", begin, distinct.size());
      pool_.for_each(std::min(block, distinct.size() - begin),
                     [&](std::size_t k) { proved[begin + k] = by_samples(distinct[begin + k]); });
    }
    shown_as_ = first_;
    for (const std::vector<Class>& classes : proved)
      for (const Class& c : classes)
        for (std::size_t k = 1; k < c.size(); ++k) {
          link(c.front(), c[k], LinkKind::pixels);
          shown_as_[to_size(c[k])] = c.front();
        }
    for (std::size_t i = 0; i < shown_as_.size(); ++i) shown_as_[i] = shown_as_[to_size(first_[i])];
    return {};
  }

  std::vector<Class> by_samples(const Class& files) const {
    std::vector<Class> classes;
    std::vector<Raster> rasters;  // of the first of each
    for (const ImageIndex i : files) {
      auto raster = shown_raster(d_, media_, facts_[to_size(i)], i);
      if (!raster) continue;
      std::size_t c = 0;
      while (c < classes.size() && !same_samples(rasters[c], *raster)) ++c;
      if (c == classes.size()) {
        classes.push_back({i});
        rasters.push_back(*std::move(raster));
      } else {
        classes[c].push_back(i);
      }
    }
    return classes;
  }

  /// What coefficients add: the same data shown otherwise, by another EXIF orientation.
  void by_coefficients() {
    for (const Class& c : classes_by(pixels_.size(), [&](std::size_t i) {
           return pixels_[i].coefficients ? &*pixels_[i].coefficients : nullptr;
         })) {
      std::set<ImageIndex> seen = {shown_as_[to_size(c.front())]};
      for (const ImageIndex i : c)
        if (seen.insert(shown_as_[to_size(i)]).second) link(c.front(), i, LinkKind::coefficients);
    }
  }

  void placeholders() {
    constexpr std::size_t least = 3;
    for (const Class& c : proposed_) {
      if (c.size() < least || !says_little(pixels_[to_size(c.front())]) || unrelated_names(d_, c) < least) continue;
      for (const ImageIndex i : c)
        out_.aside.push_back(
            {.image = i, .why = Aside::Why::placeholder, .degree = static_cast<std::uint32_t>(c.size())});
    }
  }

  const Dataset& d_;
  const Tree& media_;
  std::span<const Facts> facts_;
  std::span<const PixelFacts> pixels_;
  const Pool& pool_;
  const Progress& progress_;
  std::vector<ImageIndex> first_;     // by image: the first of its bytes
  std::vector<ImageIndex> shown_as_;  // by image: the first of its samples
  std::vector<Class> proposed_;       // of equal hashes of samples
  Links out_;
};

}  // namespace

Result<Links> links_by_digest(const Dataset& d, const Tree& media, std::span<const Facts> facts,
                              std::span<const PixelFacts> pixels, const Pool& pool, const Progress& progress) {
  return DigestLinks(d, media, facts, pixels, pool, progress).find();
}

}  // namespace vetset
