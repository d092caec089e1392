// PDQ against hashes that pdqhash 0.2.8 gave for the same samples; tests/judges/pdq_judge.py compares many more.
#include <doctest/doctest.h>

#include "drawn.h"
#include "vetset/image/fingerprint.h"

using namespace vetset;

namespace {

/// Three pictures drawn from consecutive seeds, as red, green and blue.
Raster coloured(std::uint32_t width, std::uint32_t height) {
  const Plane red = drawn(width, width, height), green = drawn(width + 1, width, height),
              blue = drawn(width + 2, width, height);
  Raster raster{width, height, 3, 8, {}};
  for (std::size_t i = 0; i < red.samples.size(); ++i)
    raster.samples.insert(raster.samples.end(), {red.samples[i], green.samples[i], blue.samples[i]});
  return raster;
}

/// The same samples in another form: 16 bits, or an alpha channel behind.
Raster rewritten(const Raster& raster, std::uint8_t channels, std::uint8_t bits) {
  Raster result{raster.width, raster.height, channels, bits, {}};
  for (std::size_t i = 0; i < raster.samples.size(); i += raster.channels)
    for (std::size_t c = 0; c < channels; ++c) {
      if (bits == 16) result.samples.push_back(static_cast<std::uint8_t>(i * 31));
      result.samples.push_back(c < raster.channels ? raster.samples[i + c] : std::uint8_t{255});
    }
  return result;
}

struct Known {
  std::uint32_t width, height;
  const char* colour;
  unsigned colour_quality;
  const char* grey;  // of the red channel alone
  unsigned grey_quality;
};
constexpr Known known[] = {
    {500, 375, "230772095f7822be696f84be536c5520e38a7f463deca5f832aa77408e525975", 50,
     "238f9be4bddc2a3f4d27856e93e09e24e38c774c7d26a4acbe8e770440785858", 94},
    {64, 64, "8fd93e8b5aa7572221e9f3a0eec3a44afbf1c1b94a0a63f42336d70626322a53", 52,
     "c6da2d835a06f666340ba3e420679cdbf7c2e378c85a07782272e346a98e5f3b", 91},
    {131, 97, "bd5d5e9bb6a03350bf626358e5b3b4b35d4b2a697825bcb91dc17c536a2180a0", 48,
     "5dc5bc99b23a5270bd207a74c31b9891dd6343336ec43461d3157f516b65b9a4", 87},
    {1200, 40, "629205fafb9bfe2d6c6854ed250bb463229231db6b8d87e718d68393f7264850", 53,
     "deb09cf8fd19b62b744c743f3703b67822102203e1c52f93453498faf7d72853", 89},
    {5, 5, "e4d995a51b266b5a318c9e2764d961d8ce7394a5e4d995a51b266b5a318c9e27", 38,
     "64d993e09b266c1f6c5bcb7264d9348d932493e064d983e09b266c1f6cdbcb72", 69},
};

}  // namespace

TEST_CASE("PDQ hashes are the reference's to the bit") {
  for (const Known& k : known) {
    CAPTURE(k.width);
    const Raster colour = coloured(k.width, k.height);
    const Pdq pdq = pdq_of(colour);
    CHECK(pdq_hex(pdq.bits) == k.colour);
    CHECK(pdq.quality == k.colour_quality);

    const Pdq grey = pdq_of(rewritten(colour, 1, 8));
    CHECK(pdq_hex(grey.bits) == k.grey);
    CHECK(grey.quality == k.grey_quality);
  }
}

TEST_CASE("PDQ does not depend on how the same samples are stored") {
  const Raster colour = coloured(150, 110);
  const Bits256 bits = pdq_of(colour).bits;
  CHECK(pdq_of(rewritten(colour, 3, 16)).bits == bits);
  CHECK(pdq_of(rewritten(colour, 4, 8)).bits == bits);
  CHECK(pdq_of(rewritten(colour, 4, 16)).bits == bits);
  const Raster grey = rewritten(colour, 1, 8);
  CHECK(pdq_of(rewritten(grey, 2, 16)).bits == pdq_of(grey).bits);
}

TEST_CASE("too small a picture has no PDQ hash, and a flat one no quality") {
  CHECK(pdq_of(coloured(4, 100)).bits == Bits256{});
  CHECK(pdq_of(coloured(4, 100)).quality == 0);
  CHECK(pdq_of(Raster{}).quality == 0);
  CHECK(pdq_of(grey_raster(flat(100, 100, 7))).quality == 0);
}
