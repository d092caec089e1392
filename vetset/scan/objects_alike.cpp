#include "vetset/scan/objects_alike.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "vetset/dataset/split_names.h"
#include "vetset/image/fingerprint.h"
#include "vetset/scan/links_by_fingerprint.h"
#include "vetset/scan/neighbours.h"
#include "vetset/scan/shown.h"

namespace vetset {
namespace {

constexpr double least_side = 48;    // pixels
constexpr double whole_image = 0.8;  // of its area: the rules of whole images look at that
constexpr unsigned radius = 47;
constexpr float least_correlation = 0.9F;  // crops of one thing in other surroundings agree pixel by pixel
constexpr std::uint32_t most_neighbours = 2000;
constexpr std::size_t images_at_once = 256;
constexpr std::uint64_t alike_at_most = 20;  // one in so many: of a class with more, being alike says nothing

/// A box in pixels of the image as it is shown, cut to the image; empty where it is too small or no part of one.
Region region_of(const Image& image, const Box& box, std::uint32_t width, std::uint32_t height) {
  const double across = image.width == 0 ? 1 : static_cast<double>(width) / image.width;
  const double down = image.height == 0 ? 1 : static_cast<double>(height) / image.height;
  const auto clamped = [](double value, std::uint32_t most) {
    return std::isfinite(value) ? std::clamp(std::round(value), 0.0, static_cast<double>(most)) : 0.0;
  };
  const double left = clamped(std::min(box.x, box.x + box.width) * across, width);
  const double right = clamped(std::max(box.x, box.x + box.width) * across, width);
  const double top = clamped(std::min(box.y, box.y + box.height) * down, height);
  const double bottom = clamped(std::max(box.y, box.y + box.height) * down, height);
  if (right - left < least_side || bottom - top < least_side) return {};
  return {static_cast<std::uint32_t>(left), static_cast<std::uint32_t>(top), static_cast<std::uint32_t>(right - left),
          static_cast<std::uint32_t>(bottom - top)};
}

class ObjectFinder {
 public:
  ObjectFinder(const Dataset& d, const Tree& media, std::span<const Facts> facts, std::span<const PixelFacts> pixels,
               const Links& links, const Pool& pool, const Progress& progress)
      : d_(d),
        media_(media),
        facts_(facts),
        pixels_(pixels),
        groups_(components(links, d.images.size())),
        names_(d),
        pool_(pool),
        progress_(progress) {}

  Result<ObjectSearch> run() && {
    choose();
    VETSET_DO(take_codes());
    VETSET_TRY(const Confirmations confirmed, confirmed_pairs());
    judge(confirmed);
    return std::move(out_);
  }

 private:
  static constexpr std::string_view telling = "looking at objects";

  struct Object {
    std::uint32_t annotation = 0, image = 0;
    Region region;
  };

  /// Objects that are large enough, by image.
  void choose() {
    const Dataset::ImageAnnotations annotations = d_.image_annotations();
    for (std::uint32_t i = 0; i < pixels_.size(); ++i) {
      const PixelFacts& p = pixels_[i];
      for (const AnnotationIndex a : annotations.of(to_index<ImageIndex>(i))) {
        if (d_[a].box_origin == Origin::none || d_[a].category == none<CategoryIndex>) continue;
        // Labels of a turned image may be of the frame as it is stored, and then a crop would show something else.
        if (!p.decoded() || facts_[i].orientation > 1) {
          ++out_.not_seen;
          continue;
        }
        const Region region = region_of(d_.images[i], d_[a].box, p.width, p.height);
        const double area = static_cast<double>(region.width) * region.height;
        if (region.width == 0 || area > whole_image * p.width * p.height) {
          out_.too_small += region.width == 0 ? 1U : 0U;
          continue;
        }
        objects_.push_back({static_cast<std::uint32_t>(a), i, region});
      }
    }
  }

  std::optional<Plane> crop_of(const std::optional<Plane>& luma, const Object& object) const {
    const PixelFacts& p = pixels_[object.image];
    if (!luma || luma->width != p.width || luma->height != p.height) return {};
    return resampled(*luma, object.region, object.region.width, object.region.height);
  }
  std::optional<Plane> luma_of_image(std::uint32_t image) const {
    return shown_luma(d_, media_, facts_[image], to_index<ImageIndex>(image));
  }

  /// The fingerprint of each; what has too little to recognise is left out.
  Result<void> take_codes() {
    struct Span {
      std::size_t begin = 0, end = 0;
    };
    std::vector<Span> images;
    for (std::size_t k = 0; k < objects_.size(); ++k) {
      if (k == 0 || objects_[k].image != objects_[k - 1].image) images.push_back({k, k});
      images.back().end = k + 1;
    }
    std::vector<Bits256> codes(objects_.size());
    std::vector<std::uint8_t> seen(objects_.size());
    for (std::size_t first = 0; first < images.size(); first += images_at_once) {
      if (progress_.stopped()) return Error{Code::cancelled, "stopped while " + std::string(telling)};
      progress_.tell(telling, first, images.size());
      pool_.for_each(std::min(images_at_once, images.size() - first), [&](std::size_t n) {
        const Span span = images[first + n];
        const std::optional<Plane> luma = luma_of_image(objects_[span.begin].image);
        for (std::size_t k = span.begin; k < span.end; ++k) {
          const std::optional<Plane> crop = crop_of(luma, objects_[k]);
          if (!crop) continue;
          const Fingerprint print = fingerprint_of(*crop);
          codes[k] = print.views[0];
          seen[k] = print.texture >= recognisable_texture ? 1 : 0;
        }
      });
    }
    progress_.tell(telling, images.size(), images.size());
    std::size_t kept = 0;
    for (std::size_t k = 0; k < objects_.size(); ++k) {
      if (seen[k] == 0) continue;
      objects_[kept] = objects_[k];
      codes_.push_back(codes[k]);
      ++kept;
    }
    out_.not_seen += objects_.size() - kept;
    objects_.resize(kept);
    out_.objects = kept;
    return {};
  }

  CategoryIndex category(std::uint32_t object) const { return d_.annotations[objects_[object].annotation].category; }

  Result<Confirmations> confirmed_pairs() const {
    const NeighbourFilter filter{.skip = [&](std::uint32_t a, std::uint32_t b) {
      const std::uint32_t first = objects_[a].image, second = objects_[b].image;
      return category(a) != category(b) || groups_.of[first] == groups_.of[second];
    }};
    VETSET_TRY(const Neighbours near,
               near_pairs(codes_, radius, pool_, progress_, {.degree = most_neighbours}, filter));
    std::vector<Meeting> meetings;
    for (const NearPair& pair : near.pairs) meetings.push_back({pair.first, pair.second, pair.distance, {}, 0});
    Subjects subjects(objects_.size());
    for (std::uint32_t k = 0; k < subjects.size(); ++k) subjects[k] = k;
    const Confirmation confirmation{.portrait = [&](std::uint32_t object) -> std::optional<PixelPortrait> {
                                      const auto crop =
                                          crop_of(luma_of_image(objects_[object].image), objects_[object]);
                                      if (!crop || crop->empty()) return {};
                                      return portrait_of(*crop, false);
                                    },
                                    .confirm = [](const PixelPortrait& first, const PixelPortrait& second,
                                                  const Meeting& m) { return confirm(first, second, m.how); }};
    return confirm_meetings(meetings, subjects, confirmation, {}, pool_, progress_);
  }

  void judge(const Confirmations& confirmed) {
    std::vector<ObjectSearch::Class> classes(d_.categories.size());
    for (std::uint32_t k = 0; k < objects_.size(); ++k) ++classes[to_size(category(k))].objects;
    std::vector<std::uint8_t> twin(objects_.size());
    std::vector<SharedObject> pairs;
    for (const Confirmed& c : confirmed.links) {
      if (c.match.correlation < least_correlation) continue;
      std::uint32_t a = c.meeting.first, b = c.meeting.second;
      const auto of_a = names_.of(to_index<ImageIndex>(objects_[a].image));
      const auto of_b = names_.of(to_index<ImageIndex>(objects_[b].image));
      const auto apart = different_splits(of_a, of_b);
      if (!apart) {
        twin[a] = twin[b] = 1;
        continue;
      }
      if (split_role(apart->second) == SplitRole::train) std::swap(a, b);
      pairs.push_back({.first = to_index<AnnotationIndex>(objects_[a].annotation),
                       .second = to_index<AnnotationIndex>(objects_[b].annotation),
                       .distance = c.meeting.distance,
                       .correlation = c.match.correlation});
      ++classes[to_size(category(a))].pairs;
    }
    for (std::uint32_t k = 0; k < objects_.size(); ++k) classes[to_size(category(k))].alike += twin[k];
    for (std::size_t c = 0; c < classes.size(); ++c) {
      classes[c].category = to_index<CategoryIndex>(c);
      classes[c].tells = classes[c].alike * alike_at_most <= classes[c].objects;
      if (classes[c].objects > 0) out_.classes.push_back(classes[c]);
    }
    std::erase_if(pairs, [&](const SharedObject& pair) { return !classes[to_size(d_[pair.first].category)].tells; });
    std::sort(pairs.begin(), pairs.end(), [](const SharedObject& x, const SharedObject& y) {
      return std::tuple(x.first, x.second) < std::tuple(y.first, y.second);
    });
    out_.pairs = std::move(pairs);
  }

  const Dataset& d_;
  const Tree& media_;
  std::span<const Facts> facts_;
  std::span<const PixelFacts> pixels_;
  Components groups_;
  SplitNames names_;
  const Pool& pool_;
  const Progress& progress_;
  std::vector<Object> objects_;
  std::vector<Bits256> codes_;
  ObjectSearch out_;
};

}  // namespace

Result<ObjectSearch> find_shared_objects(const Dataset& d, const Tree& media, std::span<const Facts> facts,
                                         std::span<const PixelFacts> pixels, const Links& links, const Pool& pool,
                                         const Progress& progress) {
  return ObjectFinder(d, media, facts, pixels, links, pool, progress).run();
}

}  // namespace vetset
