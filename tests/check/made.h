// Datasets made by hand for the tests of rules: small, and whole enough for every rule to look at.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"
#include "vetset/dataset/links.h"
#include "vetset/dataset/mask_files.h"
#include "vetset/dataset/pixel_facts.h"

namespace vetset::test {

/// A dataset in the making, with the facts of its images beside it.
struct Made {
  Dataset d;
  std::vector<Facts> facts;
  std::vector<std::string> files;
  std::vector<Finding> reading;
  CheckSettings settings = {};
  const Groups* groups = nullptr;
  const Previous* previous = nullptr;
  const Proof* proof = nullptr;
  std::vector<MaskFile> masks = {};
  std::vector<PixelFacts> pixels = {};
  const Dataset* earlier = nullptr;
  Links links = {};
  bool has_links = false;  // whether links were searched

  /// An image of that size, whose file is there and is what it says; 100 by 80 where nothing is said.
  ImageIndex image(std::string_view path, std::uint32_t width = 100, std::uint32_t height = 80) {
    const auto i = to_index<ImageIndex>(d.images.size());
    const Text text = d.add_text(path);
    d.images.push_back(
        {.path = text, .media = text, .width = width, .height = height, .size_origin = SizeOrigin::stated});
    facts.push_back(
        {.status = Facts::Status::ok, .type = ImageType::jpeg, .width = width, .height = height, .bytes = 1000});
    files.emplace_back(path);
    return i;
  }
  CategoryIndex category(std::string name) {
    d.categories.push_back({.name = std::move(name)});
    return to_index<CategoryIndex>(d.categories.size() - 1);
  }
  AnnotationIndex box(ImageIndex image, CategoryIndex category, Box b) {
    d.annotations.push_back(
        {.box = b, .image = image, .category = category, .kind = Kind::box, .box_origin = Origin::stated});
    return to_index<AnnotationIndex>(d.annotations.size() - 1);
  }
  /// An annotation with a polygon and no stated box.
  AnnotationIndex polygon(ImageIndex image, CategoryIndex category, std::vector<double> points) {
    d.annotations.push_back({.image = image, .category = category, .kind = Kind::polygon});
    const auto i = to_index<AnnotationIndex>(d.annotations.size() - 1);
    add_polygon(i, std::move(points));
    return i;
  }
  void add_polygon(AnnotationIndex i, std::vector<double> points) {
    const std::size_t begin = d.coordinates.size();
    d.coordinates.append(points);
    d.rings.push_back({.begin = begin, .count = static_cast<std::uint32_t>(points.size())});
    chain(i, {.begin = d.rings.size() - 1, .count = 1, .kind = ShapeKind::polygon});
  }
  void add_mask(AnnotationIndex i, std::uint32_t height, std::uint32_t width, std::vector<std::uint32_t> counts) {
    d.masks.push_back(
        {.begin = d.runs.size(), .count = static_cast<std::uint32_t>(counts.size()), .height = height, .width = width});
    d.runs.append(counts);
    chain(i, {.begin = d.masks.size() - 1, .count = 1, .kind = ShapeKind::mask});
  }
  void add_keypoints(AnnotationIndex i, std::vector<double> numbers) {
    const std::size_t begin = d.coordinates.size();
    d.coordinates.append(numbers);
    chain(i, {.begin = begin, .count = static_cast<std::uint32_t>(numbers.size()), .kind = ShapeKind::keypoints});
  }
  SplitIndex split(std::string name, std::vector<ImageIndex> images, SplitOrigin origin = SplitOrigin::folder) {
    const auto s = to_index<SplitIndex>(d.splits.size());
    d.splits.push_back({.name = std::move(name), .origin = origin});
    std::uint32_t order = 0;
    for (const ImageIndex i : images) d.memberships.push_back({s, i, order++});
    return s;
  }
  FileIndex file(std::string_view path) {
    d.files.push_back({.path = d.add_text(path)});
    return to_index<FileIndex>(d.files.size() - 1);
  }

  /// Gives the file of an image a digest; equal bytes for equal words.
  void digest(ImageIndex i, std::string_view word) {
    facts[to_size(i)].digest = sha256(word);
    facts[to_size(i)].has_digest = true;
  }
  /// What decoding an image gave: a sharp coloured photograph of its size, unlike any other. Facts of pixels are then
  /// there for all images so far.
  PixelFacts& decoded(ImageIndex i) {
    while (pixels.size() < d.images.size()) {
      const std::size_t n = pixels.size();
      PixelFacts p{.status = DecodeStatus::ok,
                   .width = facts[n].shown_width(),
                   .height = facts[n].shown_height(),
                   .channels = 3,
                   .bits = 8,
                   .frames = 1,
                   .pixels = {1, n + 1}};
      p.quality = {.sharpness = 1000,
                   .edge_width = 2,
                   .luma = {5, 20, 70, 120, 170, 220, 250},
                   .contrast = 60,
                   .saturation = 0.3F,
                   .entropy = 7.5F,
                   .coloured = 0.9F,
                   .noise = 2,
                   .blockiness = 1,
                   .upper_band = 0.02F,
                   .jpeg_quality = 92};
      pixels.push_back(p);
    }
    return pixels[to_size(i)];
  }
  /// Ties two images together, the first one first. Links are then searched.
  Link& link(ImageIndex first, ImageIndex second, LinkKind kind, std::uint16_t distance = Link::no_distance,
             float score = 0) {
    has_links = true;
    if (links.near.tier == NearTier::none) links.near.tier = NearTier::views;
    if (!links.embedding)
      links.embedding = {.name = "e.npy", .references = 200, .null = 200, .searched = 4, .below = 1, .quantile = 0.1};
    links.links.push_back({.first = first, .second = second, .kind = kind, .distance = distance, .score = score});
    return links.links.back();
  }

  /// An attribute of an image, as JSON. To be called in the order of images.
  void attribute(ImageIndex i, std::string_view key, std::string_view json) {
    d.attributes.push_back({Owner::image, static_cast<std::uint32_t>(to_size(i)), d.add_text(key), d.add_text(json)});
  }

  /// What one rule finds.
  std::vector<Finding> found_by(std::string_view code) const {
    REQUIRE_FALSE(d.inconsistency());
    const Rule* rule = find_rule(code);
    REQUIRE(rule != nullptr);
    std::vector<std::string_view> listing(files.begin(), files.end());
    std::sort(listing.begin(), listing.end());
    const Evidence evidence{.dataset = d,
                            .files = listing,
                            .reading = reading,
                            .facts = facts,
                            .settings = settings,
                            .groups = groups,
                            .previous = previous,
                            .proof = proof,
                            .masks = masks,
                            .pixels = pixels,
                            .links = has_links ? &links : nullptr,
                            .earlier = earlier,
                            .earlier_name = "v1",
                            .hints = has_links ? &links : nullptr};
    if (rule->not_run != nullptr) REQUIRE(rule->not_run(evidence) == "");
    std::vector<Finding> found;
    const std::function<void(Finding)> add = [&](Finding f) { found.push_back(std::move(f)); };
    rule->check(evidence, Report{*rule, add});
    return found;
  }

 private:
  void chain(AnnotationIndex i, Shape shape) {
    const auto s = to_index<ShapeIndex>(d.shapes.size());
    d.shapes.push_back(shape);
    ShapeIndex* last = &d.annotations[to_size(i)].shape;
    while (*last != none<ShapeIndex>) last = &d.shapes[to_size(*last)].next;
    *last = s;
  }
};

template <class Index>
Index at(const Finding& f) {
  const Index* index = std::get_if<Index>(&f.where);
  REQUIRE(index != nullptr);
  return *index;
}

inline bool mentions(const Finding& f, std::string_view text) { return f.message.find(text) != std::string::npos; }

}  // namespace vetset::test
