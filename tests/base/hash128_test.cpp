// XXH3-128 against digests that the Python package xxhash gave.
#include "vetset/base/hash128.h"

#include <doctest/doctest.h>

using vetset::Hash128;
using vetset::hash128;

TEST_CASE("a hash of 128 bits is XXH3's, written as xxHash writes it") {
  std::string thousand;
  for (unsigned i = 0; i < 1000; ++i) thousand += static_cast<char>(i * 7 & 255);
  CHECK(hash128("").hex() == "99aa06d3014798d86001c324468d497f");
  CHECK(hash128("a").hex() == "a96faf705af16834e6c632b61e964e1f");
  CHECK(hash128("vetset").text() == "xxh3:822d1247f7c1919102d9686a71120abf");
  CHECK(hash128(thousand).hex() == "abee229cdadad76d10ad30264426c830");
}

TEST_CASE("bytes that come in pieces hash as the whole, on every processor") {
  std::string text(5000, 'x');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i % 251);
  for (const vetset::Hash128Kernel& kernel : vetset::hash128_kernels())
    for (const std::size_t size : {0u, 1u, 200u, 241u, 1000u, 5000u})
      for (const std::size_t piece : {1u, 7u, 64u, 257u, 999u, 5000u}) {
        CAPTURE(kernel.name);
        CAPTURE(size);
        CAPTURE(piece);
        const std::string_view whole = std::string_view(text).substr(0, size);
        vetset::Hasher128 hasher(kernel);
        for (std::size_t at = 0; at < whole.size(); at += piece) hasher.add(whole.substr(at, piece));
        CHECK(hasher.finish() == hash128(whole));
      }
}
