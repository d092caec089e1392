// NumPy's files: what is read, and what a file may not do to us.
#include "vetset/base/npy.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>

#include "vetset/base/random.h"

using namespace vetset;

namespace {

std::string little(std::uint64_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t k = 0; k < bytes; ++k) text += static_cast<char>(value >> 8 * k & 0xFF);
  return text;
}

/// A file of that header, as NumPy lays it out.
std::string npy(const std::string& header, const std::string& data, char version = 1) {
  return std::string("\x93NUMPY") + version + '\0' + little(header.size(), version == 1 ? 2 : 4) + header + data;
}
std::string header_of(const std::string& type, const std::string& shape, const std::string& fortran = "False") {
  return "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }   \n";
}
std::string floats(std::initializer_list<float> values) {
  std::string data;
  for (const float v : values) data += little(std::bit_cast<std::uint32_t>(v), 4);
  return data;
}

std::string fault(const std::string& file) {
  const auto table = parse_npy(file);
  return table ? "none" : table.error().message;
}
bool mentions(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("floats of every width, version and order are read by row") {
  const std::vector<float> expected = {1, 2, -3, 4.5F, 0, 6};
  for (const char version : {'\1', '\2', '\3'}) {
    CAPTURE(static_cast<int>(version));
    const auto by_row = parse_npy(npy(header_of("<f4", "(2, 3)"), floats({1, 2, -3, 4.5F, 0, 6}), version));
    REQUIRE(by_row);
    CHECK(by_row->rows == 2);
    CHECK(by_row->columns == 3);
    CHECK(by_row->values == expected);
    const auto by_column = parse_npy(npy(header_of("<f4", "(2, 3)", "True"), floats({1, 4.5F, 2, 0, -3, 6}), version));
    REQUIRE(by_column);
    CHECK(by_column->values == expected);
  }
  std::string doubles, halves;
  for (const double v : {1.0, 2.0, -3.0, 4.5, 0.0, 6.0}) doubles += little(std::bit_cast<std::uint64_t>(v), 8);
  for (const unsigned v : {0x3C00U, 0x4000U, 0xC200U, 0x4480U, 0U, 0x4600U}) halves += little(v, 2);
  CHECK(parse_npy(npy(header_of("<f8", "(2, 3)"), doubles))->values == expected);
  CHECK(parse_npy(npy(header_of("<f2", "(2, 3)"), halves))->values == expected);
}

TEST_CASE("aligned floats by row are looked at where they lie; all others are left to be made") {
  const std::vector<float> expected = {1, 2, -3, 4.5F, 0, 6};
  const std::string data = floats({1, 2, -3, 4.5F, 0, 6});
  for (const bool fortran : {false, true}) {
    std::string header = header_of("<f4", "(2, 3)", fortran ? "True" : "False");
    while ((10 + header.size()) % 4 != 0) header.insert(header.size() - 1, " ");
    const std::string file = npy(header, data);
    const auto view = view_npy(file);
    REQUIRE(view);
    CHECK(view->rows == 2);
    CHECK(view->columns == 3);
    CHECK(view->values.empty() == fortran);
    if (!fortran) CHECK(std::equal(expected.begin(), expected.end(), view->values.begin(), view->values.end()));
    if (!fortran)
      CHECK(static_cast<const void*>(view->values.data()) ==
            static_cast<const void*>(file.data() + 10 + header.size()));
    const std::string shifted = npy(" " + header, data);  // lies at no place where a float may lie
    REQUIRE(view_npy(shifted));
    CHECK(view_npy(shifted)->values.empty());
  }
  CHECK_FALSE(view_npy(npy(header_of("<f4", "(2, 3)"), data.substr(1))));
}

TEST_CASE("the smallest, the largest and the odd halves are themselves") {
  const std::string data = little(1, 2) + little(0x7BFF, 2) + little(0xFC00, 2) + little(0x7E00, 2) + little(0x8001, 2);
  const auto table = parse_npy(npy(header_of("<f2", "(1, 5)"), data));
  REQUIRE(table);
  CHECK(table->values[0] == 0x1p-24F);
  CHECK(table->values[1] == 65504);
  CHECK(table->values[2] == -INFINITY);
  CHECK(std::isnan(table->values[3]));
  CHECK(table->values[4] == -0x1p-24F);
}

TEST_CASE("a double that no float holds is an infinity, for others to refuse") {
  const auto table = parse_npy(npy(header_of("<f8", "(1, 2)"), little(std::bit_cast<std::uint64_t>(1e300), 8) +
                                                                   little(std::bit_cast<std::uint64_t>(-1e39), 8)));
  REQUIRE(table);
  CHECK(table->values[0] == INFINITY);
  CHECK(table->values[1] == -INFINITY);
}

TEST_CASE("headers as other writers lay them out are read: other quotes, other order, Python 2's numbers") {
  CHECK(parse_npy(npy("{\"shape\":(1L,1L),\"fortran_order\":False,\"descr\":\"<f4\"}", floats({7})))->values[0] == 7);
}

TEST_CASE("what is no table of little-endian floats is refused with what it is") {
  CHECK(mentions(fault("PK\3\4"), "is no .npy file"));
  CHECK(mentions(fault(npy(header_of(">f4", "(1, 1)"), floats({1}))), "of type '>f4', expected little-endian floats"));
  CHECK(mentions(fault(npy(header_of("<i8", "(1, 1)"), little(1, 8))), "of type '<i8'"));
  CHECK(mentions(fault(npy(header_of("|O", "(1, 1)"), "\x80\x04.")), "Python objects"));
  CHECK(mentions(fault(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", floats({1}))),
                 "structures"));
  CHECK(mentions(fault(npy(header_of("<f4", "(4,)"), floats({1, 2, 3, 4}))), "has 1 dimension, expected 2"));
  CHECK(mentions(fault(npy(header_of("<f4", "()"), floats({1}))), "has 0 dimensions"));
  CHECK(mentions(fault(npy(header_of("<f4", "(1, 1)"), floats({1}), '\4')), "version 4"));
}

TEST_CASE("a header that lies about its array costs nothing and is refused") {
  const std::string four = floats({1, 2, 3, 4});
  CHECK(mentions(fault(npy(header_of("<f4", "(2, 3)"), four)), "holds 16 bytes of numbers, expected 2 rows of 3"));
  CHECK(mentions(fault(npy(header_of("<f4", "(1, 3)"), four)), "holds 16 bytes"));
  CHECK(mentions(fault(npy(header_of("<f4", "(4294967296, 4294967296)"), four)), "holds 16 bytes"));
  CHECK(mentions(fault(npy(header_of("<f4", "(281474976710656, 65536)"), "")), "holds 0 bytes"));
  CHECK(mentions(fault(npy(header_of("<f4", "(99999999999999999999999, 1)"), four)), "larger than 2^48"));
  CHECK(mentions(fault(npy(header_of("<f4", "(-2, -2)"), four)), "expected a whole number"));
  const auto empty = parse_npy(npy(header_of("<f4", "(281474976710656, 0)"), ""));
  REQUIRE(empty);
  CHECK(empty->values.empty());
  const std::string deep = "(" + std::string(100'000, '(') + ")";
  CHECK(mentions(fault(npy(header_of("<f4", deep.substr(0, 60'000)), four)), "expected a whole number"));
  std::string long_header = npy(header_of("<f4", "(2, 2)"), four, 2);
  long_header[10] = '\x7F';  // claims 8 MB more
  CHECK(mentions(fault(long_header), "has a header of"));
  CHECK(mentions(fault(npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)}", four)),
                 "says 'descr'"));
  CHECK(mentions(fault(npy("{'descr': '<f4'}", four)), "lacks one of"));
}

TEST_CASE("no prefix and no changed byte of a file does harm") {
  const std::string whole = npy(header_of("<f4", "(2, 2)"), floats({1, 2, 3, 4}));
  REQUIRE(parse_npy(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) CHECK_FALSE(parse_npy(whole.substr(0, length)));
  Random random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string changed = whole;
    for (int k = 0; k < 3; ++k)
      changed[random.below(static_cast<std::uint32_t>(changed.size()))] = static_cast<char>(random.below(256));
    const auto table = parse_npy(changed);
    if (table) CHECK(table->values.size() == table->rows * table->columns);
  }
}
