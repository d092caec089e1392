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

TEST_CASE("bytes that come in pieces hash as the whole") {
  std::string text(5000, 'x');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i % 251);
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{7}, std::size_t{64}, std::size_t{999}, std::size_t{5000}}) {
    CAPTURE(piece);
    vetset::Hasher128 hasher;
    for (std::size_t at = 0; at < text.size(); at += piece) hasher.add(std::string_view(text).substr(at, piece));
    CHECK(hasher.finish() == hash128(text));
  }
}
