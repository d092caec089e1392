// What the tests of labelling tools' formats share: a small picture, and reading and writing by the format's id.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "vetset/base/tree.h"
#include "vetset/convert/convert.h"
#include "vetset/formats/format.h"

namespace vetset {

/// 200 by 100 pixels, as far as its header says.
inline const std::string png(
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\xc8\0\0\0\x64\x08\2\0\0\0\0\0\0\0\0\0\0\0IEND\xae\x42\x60\x82", 45);

inline Reading read_as(std::string_view format, const Tree& tree, const ReadOptions& options = {}) {
  auto reading = find_format(format)->read(tree, options);
  if (!reading) FAIL(to_string(reading.error()));
  const auto fault = reading->dataset.inconsistency();
  INFO(fault.value_or(""));
  CHECK_FALSE(fault);
  return *std::move(reading);
}
inline std::uint64_t count(const Reading& r, std::string_view code) {
  for (const auto& [known, n] : r.findings.counts())
    if (known == code) return n;
  return 0;
}
inline MemoryTree rewritten_as(std::string_view format, const Dataset& d, const Tree& media) {
  MemoryTree out;
  const auto proof = write_proved(d, media, *find_format(format), out, out, {});
  if (!proof) FAIL(to_string(proof.error()));
  CHECK_FALSE(proof->undeclared());
  return out;
}

}  // namespace vetset
