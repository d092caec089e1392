// A dataset of pictures drawn by code, with what a scan would say of them.
#pragma once

#include <string>
#include <vector>

#include "tests/image/drawn.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"
#include "vetset/dataset/pixel_facts.h"
#include "vetset/image/fingerprint.h"

namespace vetset {

struct Pictures {
  Dataset d;
  MemoryTree tree;
  std::vector<Facts> facts;
  std::vector<PixelFacts> pixels;

  /// A PGM file; `comment` changes its bytes and not its samples.
  ImageIndex add(const std::string& path, const Plane& plane, const std::string& comment = {}) {
    std::string bytes = "P5\n" + (comment.empty() ? "" : "# " + comment + "\n") + std::to_string(plane.width) + " " +
                        std::to_string(plane.height) + "\n255\n";
    bytes.append(plane.samples.begin(), plane.samples.end());
    Image image{};
    image.path = image.media = d.add_text(path);
    d.images.push_back(image);
    Facts f{.status = Facts::Status::ok, .type = ImageType::pnm, .width = plane.width, .height = plane.height};
    f.has_digest = true;
    f.digest = sha256(bytes);
    f.bytes = bytes.size();
    facts.push_back(f);
    PixelFacts p{.status = DecodeStatus::ok, .width = plane.width, .height = plane.height, .channels = 1, .bits = 8};
    p.pixels = hash128({reinterpret_cast<const char*>(plane.samples.data()), plane.samples.size()});
    p.fingerprint = fingerprint_of(plane);
    std::vector<std::uint8_t> sorted = plane.samples;
    std::sort(sorted.begin(), sorted.end());
    constexpr int percentiles[] = {1, 5, 25, 50, 75, 95, 99};
    for (std::size_t k = 0; k < 7; ++k)
      p.quality.luma[k] = sorted[sorted.size() * static_cast<std::size_t>(percentiles[k]) / 100];
    p.quality.entropy = 7;
    pixels.push_back(p);
    REQUIRE(tree.write(path, bytes));
    return to_index<ImageIndex>(d.images.size() - 1);
  }
  std::size_t size() const { return d.images.size(); }
};

}  // namespace vetset
