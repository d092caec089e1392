// Size, type and orientation of an image from its first bytes, and whether its end is there. Nothing is decoded.
#pragma once

#include <string_view>

#include "vetset/base/tree.h"
#include "vetset/dataset/facts.h"

namespace vetset {

/// Reads what the header of JPEG, PNG, GIF, BMP, WebP, TIFF, AVIF/HEIC, JPEG 2000 or PNM says. `bytes` may be the
/// beginning of the file only; `Status::broken` then also means "more is needed" (`needs` says how much).
Facts probe_header(std::string_view bytes, std::uint64_t* needs = nullptr);

/// The same for a file of a tree: reads 64 KiB, and more only where the header asks for it; then the last bytes to see
/// whether the image is whole (`tail`).
struct ProbeOptions {
  bool tail = true;
};
Facts probe_image(const Tree& tree, std::string_view path, ProbeOptions options = {});

/// The same of a file whose bytes are all at hand, with its tail; and what its EXIF says, where `capture` is given.
struct Capture;
Facts probe_bytes(const Bytes& bytes, Capture* capture = nullptr);

/// Whether a path's extension is one of those that datasets use for images (the list of Ultralytics and torchvision
/// together, any case).
bool has_image_extension(std::string_view path);

}  // namespace vetset
